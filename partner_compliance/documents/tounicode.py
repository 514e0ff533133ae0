"""Text that is copied from a PDF, or searched for in it, must be the text that was written.

reportlab 5.1 writes 𠮷 (U+20BB7) into a font's ToUnicode table as `<20BB7>`, which every reader takes for "₻": the
table wants UTF-16. The private code points of our kanji variants mean nothing outside our fonts either: they are
written as kanji + selector.
"""

from collections.abc import Sequence
from threading import Lock

from partner_compliance.documents import glyphs

_AT_MOST = 100  # entries of one block, says the PDF specification (9.10.3)
_lock = Lock()


def apply() -> None:
    """Put our table in the place of reportlab's; a second call changes nothing."""
    from reportlab.pdfbase import ttfonts  # noqa: PLC0415 - heavy, and most processes never need it

    with _lock:
        if ttfonts.makeToUnicodeCMap is not to_unicode_map:
            if not callable(ttfonts.makeToUnicodeCMap):
                raise RuntimeError("this reportlab makes its ToUnicode tables in another way")
            ttfonts.makeToUnicodeCMap = to_unicode_map


def to_unicode_map(font: str, subset: Sequence[int]) -> str:
    """The table from the codes 0, 1, … of a font's subset to the characters they stand for."""
    entries = [f"<{code:02X}> <{_utf16(character)}>" for code, character in enumerate(subset)]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo",
        f"<< /Registry ({font})",
        f"/Ordering ({font})",
        "/Supplement 0",
        ">> def",
        f"/CMapName /{font} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        f"<00> <{len(subset) - 1:02X}>",
        "endcodespacerange",
    ]
    for start in range(0, len(entries), _AT_MOST):
        block = entries[start : start + _AT_MOST]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


def _utf16(character: int) -> str:
    text = glyphs.variant_sequences().get(character) or chr(character)
    return text.encode("utf-16-be").hex().upper()
