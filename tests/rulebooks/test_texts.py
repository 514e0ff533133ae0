"""Articles as text: paragraphs and items, never HTML; names and placeholders; what changed where."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from partner_compliance.errors import WrongEntry
from partner_compliance.library.rules import article_label
from partner_compliance.library.shelf import Library
from partner_compliance.rulebooks import lineage, texts
from tests.rulebooks.conftest import ANSWERS, FRIDAY


def words(text: str) -> str:
    """Everything that a reader sees of a text."""
    return "\n".join(
        "".join(run.text for run in line) for block in texts.blocks(text) for line in (*block.lines, *block.items)
    )


def test_paragraphs_are_numbered_from_the_second_and_items_belong_to_theirs() -> None:
    first, second = texts.blocks("次のことを守る。\n- **鍵**をかける\n- 数える\n\n二つ目の項。")
    assert (first.number, second.number) == (None, 2)
    assert [[(run.text, run.is_strong) for run in item] for item in first.items] == [
        [("鍵", True), ("をかける", False)], [("数える", False)],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))", "{{7*7}}", "${7*7}",
        "![x](http://127.0.0.1/x)", "<style>@import 'http://x'</style>", "<a href=data:text/html,x>x</a>", "%s",
        "&lt;b&gt;",
        "# 見出し", "> 引用", "`code`", "| a | b |\n|---|---|", "葛󠄀城 𠮷田", "http://example.com",
        "<pdf:font src=/etc/passwd>",
    ],
)  # fmt: skip
def test_whatever_is_no_list_stays_as_it_was_written(hostile: str) -> None:
    assert words(hostile) == hostile


@pytest.mark.parametrize(
    "deep", ["[" * 20_000, "- " * 1500, "> " * 1990, "*" * 3999, "1. " * 1300, "- a\n  - b", "+ * - x", "_" * 3999]
)
def test_texts_that_would_take_long_are_refused_or_read_at_once(deep: str) -> None:
    started = time.perf_counter()
    with suppress(WrongEntry):
        texts.require_text(deep)
        texts.blocks(deep)
    assert time.perf_counter() - started < 1


def test_a_number_is_an_articles_or_an_annexs_and_sorts() -> None:
    numbers = ["1", "2", "12", "12-2", "12-3", "13", "25", "別表1", "別表2", "別紙1"]
    assert sorted(numbers, key=texts.position_of) == numbers
    for wrong in ("", "0", "12の2", "-1", "1e3", "１２", "別表", "12-", "9999"):
        with pytest.raises(WrongEntry):
            texts.position_of(wrong)
    assert [article_label(each) for each in ("12-2", "7", "別紙1")] == ["第12条の2", "第7条", "別紙1"]


def test_open_places_are_found() -> None:
    assert texts.open_marks("窓口は【要記入：電話】、{window}。【要記入：電話】") == ["【要記入：電話】", "{window}"]
    assert texts.open_marks("【重要】は、かまわない。{ }も。") == []


# --- three texts

UNITS = some.sampled_from(["一つ目。", "二つ目。", "三つ目。", "四つ目。", "五つ目。\n\n"])
SENTENCES = some.lists(UNITS, max_size=6).map(lambda found: "".join(found).strip())


@given(SENTENCES, SENTENCES)
def test_who_changed_nothing_gets_the_new_text_and_who_sees_no_change_keeps_the_own(base: str, other: str) -> None:
    assert lineage.merge(base, base, other) == lineage.Merged(other, has_conflicts=False)
    merged = lineage.merge(base, other, base)
    assert "".join(merged.text.split()) == "".join(other.split())
    assert not merged.has_conflicts


@given(SENTENCES, SENTENCES, some.integers(0, 6))
def test_what_was_written_here_is_never_lost(base: str, new: str, at: int) -> None:
    mark = "ここで加えた文。"
    units = [each for each in base.replace("。", "。\0").split("\0") if each]
    own = "".join([*units[:at], mark, *units[at:]])
    merged = lineage.merge(base, own, new)
    assert mark in merged.text
    if merged.has_conflicts:
        assert texts.open_marks(merged.text)  # so that nobody adopts it unseen


def test_both_changed_the_same_words() -> None:
    merged = lineage.merge("鍵をかける。毎月見る。", "鍵を二重にかける。毎月見る。", "鍵をかけて数える。毎月見る。")
    assert merged.has_conflicts
    assert "鍵を二重にかける。" in merged.text
    assert "鍵をかけて数える。" in merged.text
    assert merged.text.count("毎月見る。") == 1


def test_differences_are_told_in_order() -> None:
    told = lineage.differences("鍵をかける、数える。", "鍵をかける、二度数える。")
    assert told == [("same", "鍵をかける、"), ("removed", "数える。"), ("added", "二度数える。")]


# --- names

NAMES = (
    some.text(some.sampled_from("あいう会長室鍵2 "), min_size=2, max_size=8).map(str.strip).filter(lambda x: len(x) > 1)
)


@given(
    NAMES, NAMES, NAMES, some.lists(some.sampled_from(["A", "B", "C", "当会", "は、", "を守る。", "室"]), max_size=12)
)
def test_names_give_way_to_placeholders_and_come_back(
    library: Library, organization: str, officer: str, storage: str, parts: list[str]
) -> None:
    """For the same organization the way there and back changes nothing, whatever its names are."""
    wizard = library.wizard_for(FRIDAY)
    answers = ANSWERS | {"organization": organization, "officer": officer, "storage": storage}
    text = "".join({"A": organization, "B": officer, "C": storage}.get(each, each) for each in parts)
    template = lineage.as_template(text, wizard, answers)
    assert lineage.filled(template, wizard, answers) == text


def test_another_organizations_names_take_the_places(library: Library) -> None:
    wizard = library.wizard_for(FRIDAY)
    template = lineage.as_template("こども食堂 ひなた（当会）の世話人は、副代表と話す。", wizard, ANSWERS)
    assert template == "{organization}（{we}）の{officer}は、{deputy}と話す。"
    other = ANSWERS | {"organization": "NPO法人 そよかぜ", "we": "corporation", "officer": "事務局長", "deputy": "理事"}
    assert lineage.filled(template, wizard, other) == "NPO法人 そよかぜ（当法人）の事務局長は、理事と話す。"
    # A name that looks like a placeholder is no placeholder.
    assert lineage.filled("{organization}", wizard, ANSWERS | {"organization": "officer"}) == "officer"
