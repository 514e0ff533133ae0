"""Makes the three fonts that every PDF is printed with, and the table of kanji variants.

    python tools/make_fonts.py FOLDER

FOLDER holds, at any depth, the originals as their makers publish them (the npm packages
@expo-google-fonts/biz-udpgothic 0.4.2 and @expo-google-fonts/noto-sans-jp 0.4.3 have them):

    BIZUDPGothic_400Regular.ttf   BIZUDPGothic_700Bold.ttf   NotoSansJP_400Regular.ttf

What is made, in partner_compliance/documents/fonts/, the same to the last byte each time:

* BIZUDPGothic-Regular.ttf, BIZUDPGothic-Bold.ttf: the originals, plus one private code point for each
  kanji variant (a kanji followed by a variation selector, as in many family names: 葛󠄀 or 辻󠄁). The PDF
  writer knows nothing of variation selectors, but it can print a code point.
* ivs.json: {kanji + selector: private code point}. A sequence that is not listed shows the kanji's usual
  shape, so its selector is simply left out.
* NotoSansJP-Fallback.ttf: Noto Sans JP, cut down to the characters that BIZ UDPGothic lacks (𠮷, 你 …).

All outlines are TrueType, as the PDF writer requires. The OFL allows the changes: BIZ UDPGothic reserves no
name, Noto Sans JP reserves "Source", which is not used.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

OUT = Path(__file__).parent.parent / "partner_compliance" / "documents" / "fonts"
FIRST_PRIVATE = 0xF0000  # plane 15, where no text of ours has anything else
VERSION, UNIQUE_NAME, FAMILY, FULL_NAME, POSTSCRIPT_NAME = 5, 3, 1, 4, 6


def main(originals: Path) -> None:
    regular = read(originals, "BIZUDPGothic_400Regular.ttf")
    bold = read(originals, "BIZUDPGothic_700Bold.ttf")
    lacking = read(originals, "NotoSansJP_400Regular.ttf")

    sequences = sorted(variants(regular))
    if sequences != sorted(variants(bold)):
        sys.exit("The two weights of BIZ UDPGothic differ in their variation sequences.")
    private = {sequence: FIRST_PRIVATE + number for number, sequence in enumerate(sequences)}

    known = set(regular.getBestCmap())
    write_variants(regular, private, "BIZUDPGothic-Regular.ttf")
    write_variants(bold, private, "BIZUDPGothic-Bold.ttf")
    table = {chr(kanji) + chr(selector): chr(code) for (kanji, selector), code in private.items()}
    (OUT / "ivs.json").write_text(json.dumps(table, indent=0) + "\n", encoding="ascii")
    write_fallback(lacking, known, "NotoSansJP-Fallback.ttf")

    print(f"{len(table)} variants, {len(lacking.getBestCmap())} characters in the fallback")
    for file in sorted(OUT.iterdir()):
        print(f"{file.stat().st_size:>10,}  {file.name}")


def read(folder: Path, name: str) -> TTFont:
    found = sorted(folder.rglob(name))
    if not found:
        sys.exit(f"{name} is not below {folder}.")
    return TTFont(found[0], recalcTimestamp=False)


def variants(font: TTFont) -> Iterator[tuple[int, int]]:
    """Each (kanji, selector) whose shape differs from the kanji alone."""
    return ((kanji, selector) for kanji, selector, _ in variant_glyphs(font))


def variant_glyphs(font: TTFont) -> Iterator[tuple[int, int, str]]:
    for table in font["cmap"].tables:
        if table.format == 14:
            for selector, pairs in table.uvsDict.items():
                yield from ((kanji, selector, glyph) for kanji, glyph in pairs if glyph is not None)


def write_variants(font: TTFont, private: dict[tuple[int, int], int], name: str) -> None:
    glyphs = {private[kanji, selector]: glyph for kanji, selector, glyph in variant_glyphs(font)}
    for table in font["cmap"].tables:
        if table.format == 12:
            table.cmap.update(glyphs)
    amend(font, VERSION, "; private code points added for variation sequences")
    font.save(OUT / name)


def write_fallback(font: TTFont, known: set[int], name: str) -> None:
    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, name_IDs=["*"], recalc_timestamp=False
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx"]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=set(font.getBestCmap()) - known)
    cut.subset(font)
    amend(font, VERSION, "; subset to the characters that BIZ UDPGothic lacks")
    for record in (FAMILY, FULL_NAME, UNIQUE_NAME):
        amend(font, record, " Fallback")
    amend(font, POSTSCRIPT_NAME, "-Fallback")
    font.save(OUT / name)


def amend(font: TTFont, record: int, addition: str) -> None:
    for entry in font["name"].names:
        if entry.nameID == record:
            entry.string = entry.toUnicode() + addition


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
