from partner_compliance.documents import glyphs, tounicode
from partner_compliance.documents.tounicode import to_unicode_map


def test_characters_beyond_the_first_plane_are_written_as_utf_16():
    assert "<01> <D842DFB7>" in to_unicode_map("F", [0, ord("𠮷")])


def test_a_variant_is_written_as_kanji_and_selector():
    sequence = "葛\U000e0100"

    assert f"<00> <{sequence.encode('utf-16-be').hex().upper()}>" in to_unicode_map(
        "F", [ord(glyphs.printable(sequence))]
    )


def test_blocks_are_as_short_as_the_specification_asks():
    table = to_unicode_map("F", range(256))

    assert [line for line in table.splitlines() if line.endswith("beginbfchar")] == [
        "100 beginbfchar",
        "100 beginbfchar",
        "56 beginbfchar",
    ]
    assert "<00> <FF>" in table


def test_it_is_put_in_place_once():
    from reportlab.pdfbase import ttfonts

    tounicode.apply()
    tounicode.apply()

    assert ttfonts.makeToUnicodeCMap is to_unicode_map
