"""What the rooms may ask a check sheet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from partner_compliance.library.checklists import Answer, Audience, Checklist, ruby
from partner_compliance.library.shelf import read_library
from partner_compliance.library.yaml_lines import load
from tests.library.shelves import SHEET

CONTENT = load(SHEET.encode()).value
CHECKLIST = Checklist.model_validate(CONTENT)


def test_answers_speak_japanese():
    assert [(str(answer), answer.label) for answer in Answer] == [
        ("ok", "適正"),
        ("not_ok", "要改善"),
        ("not_applicable", "該当なし"),
        ("unsure", "わからない"),
    ]


def test_items_keep_the_order_of_the_file():
    assert list(CHECKLIST.items) == ["1-1", "1-2", "1-3", "2-1"]
    assert CHECKLIST.items["1-3"].subject == "机"


def test_the_heads_sections_are_for_heads_only():
    assert list(CHECKLIST.items_for(head=False)) == ["1-1", "1-2", "1-3"]
    assert list(CHECKLIST.items_for(head=True)) == ["1-1", "1-2", "1-3", "2-1"]
    assert [section.audience for section in CHECKLIST.sections_for(head=False)] == [Audience.EVERYONE]
    assert len(CHECKLIST.sections_for(head=True)) == 2


AUDIENCES = st.lists(st.sampled_from(["everyone", "center_head"]), min_size=1, max_size=9)


@given(audiences=AUDIENCES.filter(lambda audiences: "everyone" in audiences))
@settings(deadline=None)
def test_what_everyone_answers_is_part_of_what_heads_answer(audiences):
    item = CONTENT["sections"][0]["items"][0]
    sections = [
        {
            "number": number,
            "title": "点検",
            "audience": audience,
            "items": [item | {"number": f"{number}-1", "key": f"key-{number}"}],
        }
        for number, audience in enumerate(audiences, start=1)
    ]
    switch = CONTENT["no_take_out"] | {"items": ["1-1"]}
    checklist = Checklist.model_validate(CONTENT | {"sections": sections, "no_take_out": switch})

    assert checklist.items_for(head=False).items() <= checklist.items_for(head=True).items()
    assert checklist.items_for(head=True) == checklist.items


def test_a_note_is_asked_where_the_content_says_so():
    by_default = CHECKLIST.items["1-1"]
    assert [answer for answer in Answer if by_default.requires_note(answer)] == [Answer.NOT_OK, Answer.UNSURE]
    assert [answer for answer in Answer if CHECKLIST.items["1-2"].requires_note(answer)] == [Answer.NOT_OK]


def test_the_names_are_filled_in():
    assert CHECKLIST.items["1-2"].wording("みどりの会", "個人情報保護規程") == (
        "みどりの会の「個人情報保護規程」どおりに運びました。"
    )
    assert CHECKLIST.items["1-1"].wording("みどりの会", "規程") == "書類を持ち出しませんでした。"


@settings(deadline=None)
@given(organization=st.text(), rule=st.text())
def test_names_are_filled_in_as_they_are(organization, rule):
    expected = organization + "の「" + rule + "」どおりに運びました。"

    assert CHECKLIST.items["1-2"].wording(organization, rule) == expected
    assert CHECKLIST.items["1-2"].paper_wording(organization, rule) == expected


@pytest.mark.parametrize("name", ["{rule}", "{0}", "{organization}", "{rule.__class__}", r"\1", r"\g<0>", "%s", "{"])
def test_a_name_that_looks_like_a_placeholder_stays_a_name(name):
    assert CHECKLIST.items["1-2"].wording(name, "規程") == name + "の「規程」どおりに運びました。"


def test_paper_has_its_own_wording_where_the_text_is_long():
    item = CHECKLIST.items["1-1"].model_copy(update={"paper_text": "「{rule}」を守った。"})

    assert item.paper_wording("会", "規程") == "「規程」を守った。"
    assert item.wording("会", "規程") == "書類を持ち出しませんでした。"


def test_a_checklist_cannot_be_changed_or_built_broken():
    with pytest.raises(ValidationError):
        CHECKLIST.title = "別の題"
    content = CONTENT | {"no_take_out": CONTENT["no_take_out"] | {"items": ["1-9"]}}
    with pytest.raises(ValidationError, match="'1-9' の項目がありません"):
        Checklist.model_validate(content)


def test_a_checklist_can_be_kept_in_a_set():
    assert len({CHECKLIST, CHECKLIST.as_published()}) == 2
    assert hash(CHECKLIST) == hash(CHECKLIST.model_copy())


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ("", []),
        ("かばん", [("かばん", None)]),
        ("電車と車", [("電車", "でんしゃ"), ("と", None), ("車", "くるま")]),
        ("車電車車", [("車", "くるま"), ("電車", "でんしゃ"), ("車", "くるま")]),
        ("a.b", [("a.b", None)]),
    ],
)
def test_furigana_goes_to_the_longest_word(text, chunks):
    assert ruby(text, {"車": "くるま", "電車": "でんしゃ"}) == chunks


def test_without_readings_a_text_stays_whole():
    assert ruby("電車", {}) == [("電車", None)]


@settings(deadline=None)
@given(text=st.text(alphabet="電車くる.*"), words=st.sets(st.text(alphabet="電車.*", min_size=1, max_size=3)))
def test_furigana_never_changes_the_text(text, words):
    readings = dict.fromkeys(words, "よみ")
    chunks = ruby(text, readings)

    assert "".join(chunk for chunk, _ in chunks) == text
    assert all(chunk in readings for chunk, reading in chunks if reading)


def test_filled_in_names_get_no_guessed_reading():
    checklist = CHECKLIST.model_copy(update={"readings": {"運": "はこ", "森": "もり"}})

    assert checklist.wording_with_readings(checklist.items["1-2"], "森の会", "規程") == [
        ("森の会の「規程」どおりに", None),
        ("運", "はこ"),
        ("びました。", None),
    ]


def test_published_is_a_mark_of_the_shelf_not_of_the_file(shelf):
    shelf.put(SHEET, publish=True)

    assert read_library(shelf.root).checklist("take-out", "2030").published
    assert not CHECKLIST.published
    assert CHECKLIST.as_published().published
