"""The content that we ship."""

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest

from partner_compliance.library.check import check
from partner_compliance.library.checklists import PAPER_LIMIT, Answer, Audience, Polarity, ruby
from partner_compliance.library.shelf import read_library

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def take_out():
    return read_library(ROOT).checklist("take-out", "2026")


def texts(checklist):
    yield checklist.title
    yield from (checklist.no_take_out.label, checklist.no_take_out.help)
    for section in checklist.sections:
        yield section.title
    for item in checklist.items.values():
        yield from (item.subject, item.text, item.good, item.guidance)


def test_our_own_shelf_is_whole():
    assert check(ROOT) == []


def test_the_check_sheet_is_published_for_all_past_months(take_out):
    assert take_out.published
    library = read_library(ROOT)
    assert [library.edition_for("take-out", month).edition for month in ("2020-04", "2026-04")] == ["2026", "2026"]


def test_published_is_what_sha256sum_writes():
    for line in (ROOT / "checklists/PUBLISHED").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((ROOT / "checklists" / name).read_bytes()).hexdigest() == digest


def test_seventeen_items_in_five_sections(take_out):
    assert [len(section.items) for section in take_out.sections] == [10, 2, 1, 1, 3]
    assert [section.audience for section in take_out.sections] == [Audience.EVERYONE] * 4 + [Audience.CENTER_HEAD]
    assert len(take_out.items_for(head=False)) == 14
    assert len(take_out.items_for(head=True)) == 17


def test_the_six_items_that_the_original_asks_in_the_negative(take_out):
    negative = [n for n, item in take_out.items.items() if item.polarity is Polarity.NEGATIVE_IN_ORIGINAL]
    assert negative == ["1-5", "1-6", "1-7", "1-8", "1-9", "2-1"]


def test_a_month_without_take_out_answers_nine_items(take_out):
    assert list(take_out.no_take_out.items) == [f"1-{number}" for number in range(2, 11)]


def test_every_item_is_a_statement_and_says_what_good_means(take_out):
    for item in take_out.items.values():
        assert re.search(r"(ました|でした)。\Z", item.text), item.number
        assert not re.search(r"[かか][？?。]\Z|ますか|ないか。", item.text), item.number
        assert item.good
        assert item.guidance
        assert len(item.text) <= PAPER_LIMIT
        assert item.requires_note(Answer.NOT_OK)
        assert item.requires_note(Answer.UNSURE)
        assert not item.requires_note(Answer.OK)


def test_only_the_item_on_the_rule_has_names_to_fill_in(take_out):
    assert [number for number, item in take_out.items.items() if "{" in item.text] == ["4-1"]
    assert take_out.items["4-1"].wording("みどりの会", take_out.default_rule) == (
        "みどりの会の個人情報保護方針と「個人情報保護規程」を守り、決まりどおりに仕事をしました。"
    )


@pytest.mark.parametrize(
    ("number", "facts"),
    [
        ("1-2", ["台帳", "許可"]),
        ("1-3", ["なくした", "台帳", "照らし合わせ"]),
        ("1-4", ["混ぜず", "丈夫なかばん", "口を閉め", "身につけて"]),
        ("1-5", ["車の中", "鍵をかけていても", "網棚"]),
        ("1-6", ["寄り道", "道順"]),
        ("1-8", ["コピー", "写真", "スキャン"]),
        ("1-9", ["貸さ", "転送"]),
        ("1-10", ["盗難", "紛失"]),
        ("4-1", ["方針", "{rule}"]),
        ("5-2", ["パスワード", "出入り", "鍵", "災害"]),
        ("5-3", ["漏れ", "なくし", "盗まれ"]),
    ],
)
def test_items_that_hold_several_facts_keep_them_all(take_out, number, facts):
    assert [fact for fact in facts if fact not in take_out.items[number].text] == []


def test_every_kanji_can_have_furigana(take_out):
    bare = Counter(
        character
        for text in texts(take_out)
        for chunk, reading in ruby(text, take_out.readings)
        if reading is None
        for character in re.findall(r"[一-鿿々]", chunk)
    )
    assert not bare
