from partner_compliance.documents import glyphs
from partner_compliance.documents.glyphs import missing, pdftext, printable

KATSU = "葛\U000e0100"  # the variant of 葛飾, not the default shape


def test_all_fonts_are_shipped():
    assert glyphs.missing_fonts() == []


def test_names_of_people_have_glyphs():
    assert missing("髙橋﨑子 𠮷野家 渡邉瀨奈 辻󠄁 福 Nakamura É ㈱①") == set()


def test_a_variant_has_its_own_shape_and_a_way_back():
    shape = printable(KATSU)

    assert len(shape) == 1
    assert shape != "葛"
    assert glyphs.variant_sequences()[ord(shape)] == KATSU


def test_a_selector_without_a_shape_of_its_own_is_dropped():
    assert printable("葛\U000e01ee城\ufe0f") == "葛城"


def test_a_missing_ivs_table_costs_the_shape_only(monkeypatch):
    monkeypatch.setattr(glyphs, "variants", dict)

    assert printable(KATSU) == "葛"


def test_a_character_that_no_font_has_is_shown_as_geta():
    assert printable("はい😀☑") == "はい〓〓"
    assert missing("はい😀☑") == {"😀", "☑"}


def test_private_characters_in_a_text_are_not_taken_for_our_variants():
    assert printable("a\U000f0001\ue000") == "a〓〓"


def test_order_marks_become_visible():
    assert printable("山田\u202e太郎\u2066") == "山田[U+202E]太郎[U+2066]"


def test_controls_and_halves_of_characters_vanish():
    assert printable("a\x00b\x1bc\ud800d\u200b\ufeff") == "abcd"


def test_line_ends_of_every_kind_are_lines():
    assert printable("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_split_kana_are_composed_and_compatibility_kanji_are_kept():
    assert printable("か\u3099") == "が"
    assert printable("\ufa1b") == "\ufa1b"


def test_the_filter_escapes_and_keeps_lines_and_wide_spaces():
    assert pdftext("<b>&") == "&lt;b&gt;&amp;"
    assert pdftext("山田　花子") == "山田\xa0\xa0花子"
    assert pdftext("一\n\n<二>") == "<div>一</div><div>\xa0</div><div>&lt;二&gt;</div>"
    assert pdftext(None) == ""
