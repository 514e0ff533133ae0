"""What the shipped fonts can print, and how a text is prepared so that nothing in it vanishes from paper."""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

FONTS = Path(__file__).parent / "fonts"
REGULAR = "BIZUDPGothic-Regular.ttf"
BOLD = "BIZUDPGothic-Bold.ttf"
FALLBACK = "NotoSansJP-Fallback.ttf"
FONT_FILES = (REGULAR, BOLD, FALLBACK)

#: Printed in place of a character that no font has; typesetters call it geta.
GETA = "〓"

_NBSP = "\N{NO-BREAK SPACE}"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_SELECTED = re.compile(f"(.)([{_SELECTORS}])", re.DOTALL)
_LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
#: Controls, and marks without a shape: soft hyphen, zero-width ones, byte order mark, tags, halves of surrogate pairs.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200d\u2060-\u2064\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
    "\ud800-\udfff]"
)
#: Characters that make a reader see another order than the one written.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: か + combining ゛ (file names of macOS), e + combining acute: composed, so that the fonts have them. Whole texts are
#: not normalized: that would turn 福 (U+FA1B) of somebody's name into another character.
_COMBINING = re.compile("[^\u0300-\u036f\u3099\u309a][\u0300-\u036f\u3099\u309a]+")


def missing_fonts() -> list[str]:
    """The font files without which no PDF can be made."""
    return [name for name in FONT_FILES if not (FONTS / name).is_file()]


@cache
def variants() -> dict[str, str]:
    """Kanji + variation selector → the private character under which our fonts hold that shape."""
    path = FONTS / "ivs.json"
    if not path.is_file():
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def variant_sequences() -> dict[int, str]:
    """The way back: private code point → kanji + selector, for copying and searching in the PDF."""
    return {ord(private): sequence for sequence, private in variants().items()}


def missing(text: str) -> set[str]:
    """The characters of a text that will be printed as 〓, so that a form can warn about them."""
    return {char for char in _SELECTOR.sub("", tidy(text)) if not _has_shape(char)}


def printable(text: str) -> str:
    """A text as the fonts can print it: variants chosen, order marks made visible, unknown characters as 〓.

    Line ends become `\n`. Private characters in the text itself mean nothing to a reader, so they count as unknown.
    """
    kept = "".join(char if _has_shape(char) or _SELECTOR.match(char) else GETA for char in tidy(text))
    return _SELECTOR.sub("", _SELECTED.sub(lambda found: variants().get(found[0], found[1]), kept))


def pdftext(value: object) -> Markup:
    """Escape a value for a PDF template; the filter `pdftext`.

    The layout engine collapses U+3000 and, where Japanese wraps, swallows line breaks: spaces become unbreakable ones,
    lines become blocks.
    """
    lines = [_spaced(line) for line in printable("" if value is None else str(value)).split("\n")]
    if len(lines) == 1:
        return escape(lines[0])
    return Markup().join(Markup("<div>{}</div>").format(line or _NBSP) for line in lines)


@cache
def faces() -> tuple[Any, Any, Any]:
    """Regular, bold and fallback font, read and parsed once in a process."""
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - heavy, and most processes never need it

    regular, bold, fallback = (TTFont(Path(name).stem, str(FONTS / name)) for name in FONT_FILES)
    return regular, bold, fallback


@cache
def coverage() -> frozenset[int]:
    """The code points that print in both weights."""
    regular, bold, fallback = (frozenset(font.face.charToGlyph) for font in faces())
    return (regular & bold) | fallback


def _has_shape(char: str) -> bool:
    if char in "\t\n":
        return True
    return ord(char) in coverage() and ord(char) not in variant_sequences()


def tidy(text: str) -> str:
    """A text without invisible characters, its line ends as `\n`, order marks visible; for titles and bookmarks."""
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    text = _BIDI.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    return _COMBINING.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)


def _spaced(line: str) -> str:
    """Spaces that must survive HTML's collapsing: wide ones, tabs, runs, indents."""
    line = line.replace("\t", "    ").replace("\N{IDEOGRAPHIC SPACE}", _NBSP * 2)
    return re.sub("^ | (?= )", _NBSP, line)
