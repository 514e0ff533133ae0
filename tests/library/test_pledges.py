"""Wordings of pledges and the law beside them: what a file may say, and what is signed on which day."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from partner_compliance.config import PROJECT
from partner_compliance.engagements.words import CouncilCategory
from partner_compliance.library.check import check
from partner_compliance.library.pledges import BASES, CATEGORIES, OWN_BUSINESS, Audience, Occasion
from partner_compliance.library.shelf import Library, UnknownEdition, read_library
from partner_compliance.organizations.models import EngagementBasis
from tests.library.shelves import LAWS, PLEDGE, SHEET, Shelf

NAMES = {
    "organization": "NPO法人 はまかぜ",
    "municipality": "嵐山町",
    "engagement": "見守り訪問",
    "council": "要保護児童対策地域協議会",
    "year": "令和8年度",
}


@pytest.fixture(scope="module")
def real() -> Library:
    return read_library(PROJECT)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.put(SHEET, publish=True)
    return made


def said(shelf: Shelf) -> list[str]:
    return [str(problem) for problem in check(shelf.root)]


def test_a_sound_shelf_has_no_problems(shelf: Shelf) -> None:
    assert said(shelf) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("{organization}の活動", "{organisation}の活動", 8, "{organisation} は、この機会の文面では使えません"),
        ("{organization}の活動", "{municipality}の活動", 8, "{municipality} は、この機会の文面では使えません"),
        ("{organization}の活動", "{organizationの活動", 8, "対になっていません"),
        ("key: returning", "key: secrecy", 11, "'secrecy' が二度使われています"),
        ("occasions: [joining]", "occasions: [party]", 4, "次のどれかを書いてください"),
        ('valid_from: "2030-04-01"', "valid_from: 来月", 6, "日付は"),
        ("key: joining", "key: annual", 1, "フォルダー名は 'joining' です"),
        ("law: basis", "law: 条例", 15, "次のどれかを書いてください"),
        ("closing: 以上を守ります。", "", 1, "'closing' がありません"),
        (
            "source: 試験",
            "change: {kind: material, reason: 変えました}\nsource: 試験",
            7,
            "sign_again_days に何日以内か",
        ),
        (
            "source: 試験",
            "change: {kind: minor, reason: 誤字, sign_again_days: 30}\nsource: 試験",
            7,
            "sign_again_days は書きません",
        ),
        ("source: 試験", "change: {kind: material, reason: 変, sign_again_days: 500}\nsource: 試験", 7, "180 以下"),
        ("law: basis", "law: basis\nreadings: {鎌倉: かまくら}", 16, "どこにも出てきません"),
    ],
)
def test_each_mistake_in_a_wording_is_named_with_its_line(
    shelf: Shelf, old: str, new: str, line: int, message: str
) -> None:
    assert PLEDGE.count(old) == 1
    shelf.put_pledge(PLEDGE.replace(old, new))
    found = said(shelf)
    assert any(each.startswith(f"pledges/joining/2030.yaml:{line}:") and message in each for each in found), found


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[own-business]", "[charity]", 10, "知らない根拠 'charity'"),
        ("council_category: corporation", "council_category: club", 29, "使えるのは: organ, corporation, person"),
        ('"2025-06-01"', '"2025-07-01"', 20, "次の日から始めてください"),
        ("key: entrusted", "key: own", 13, "'own' が二度使われています"),
    ],
)
def test_each_mistake_in_the_law_is_named_with_its_line(
    shelf: Shelf, old: str, new: str, line: int, message: str
) -> None:
    assert LAWS.count(old) == 1
    shelf.put_pledge(LAWS.replace(old, new), "laws/2030.yaml")
    found = said(shelf)
    assert any(each.startswith(f"pledges/laws/2030.yaml:{line}:") and message in each for each in found), found


def test_a_published_wording_is_frozen_and_two_editions_do_not_begin_on_one_day(shelf: Shelf) -> None:
    shelf.put_pledge(PLEDGE, publish=True)
    assert said(shelf) == []
    shelf.put_pledge(PLEDGE.replace("秘密を守ります", "ひみつを守ります"))
    assert any("公開済みの版の中身が変わっています" in each for each in said(shelf))
    shelf.put_pledge(PLEDGE)
    shelf.put_pledge(PLEDGE.replace('edition: "2030"', 'edition: "2031"'), "joining/2031.yaml")
    assert any("と同じです" in each and "joining/2031.yaml" in each for each in said(shelf))


def test_a_draft_is_signed_by_nobody_and_the_newest_published_edition_is(shelf: Shelf) -> None:
    later = PLEDGE.replace('edition: "2030"', 'edition: "2031"').replace('"2030-04-01"', '"2031-04-01"')
    shelf.put_pledge(PLEDGE, publish=True)
    shelf.put_pledge(later, "joining/2031.yaml")
    library = read_library(shelf.root)
    assert library.wording_for(Occasion.JOINING, date(2032, 1, 1)).edition == "2030"
    shelf.put_pledge(later, "joining/2031.yaml", publish=True)
    library = read_library(shelf.root)
    assert library.wording_for(Occasion.JOINING, date(2031, 3, 31)).edition == "2030"
    assert library.wording_for(Occasion.JOINING, date(2031, 4, 1)).edition == "2031"
    with pytest.raises(UnknownEdition):
        library.wording_for(Occasion.JOINING, date(2030, 3, 31))
    assert [each.edition for each in library.editions_of("joining", date(2031, 4, 1))] == ["2030", "2031"]


# --- what the shelf really holds --------------------------------------------------------------------------------


def test_the_words_of_the_rooms_above_are_those_of_the_shelf() -> None:
    assert set(BASES) == {OWN_BUSINESS, *EngagementBasis}
    assert set(CATEGORIES) == set(CouncilCategory)


@pytest.mark.parametrize("occasion", list(Occasion))
@pytest.mark.parametrize("is_volunteer", [False, True])
def test_every_occasion_has_a_wording_that_can_be_filled(real: Library, occasion: Occasion, is_volunteer: bool) -> None:
    for day in (date(2026, 4, 1), date(2030, 1, 1)):
        wording = real.wording_for(occasion, day, is_volunteer=is_volunteer)
        text = wording.text({name: NAMES[name] for name in occasion.placeholders}, own=["追加の約束"], law=["法律"])
        whole = "".join((text.title, text.opening, *text.paragraphs, text.afterwards, text.closing))
        assert "{" not in whole
        assert text.own == ("追加の約束",)
        assert any(word in text.afterwards for word in ("後も", "ずっと")), "the duty outlasts the work"
        if occasion is not Occasion.CASE_MEETING:
            assert NAMES["organization"] in whole


def test_volunteers_read_a_shorter_text_with_furigana(real: Library) -> None:
    day = date(2026, 11, 1)
    for occasion in (Occasion.JOINING, Occasion.ANNUAL):
        plain, usual = (real.wording_for(occasion, day, is_volunteer=each) for each in (True, False))
        assert plain.audience is Audience.VOLUNTEERS
        assert plain.plain
        assert plain.readings
        assert len(plain.paragraphs) <= 9
        assert len(plain.paragraphs) < len(usual.paragraphs)
        assert all(len(each.text) <= 60 for each in plain.paragraphs)
    assert real.wording_for(Occasion.LEAVING, day, is_volunteer=True).audience is Audience.EVERYONE


def test_texts_differ_in_their_digest_and_only_then(real: Library) -> None:
    wording = real.wording_for(Occasion.JOINING, date(2026, 4, 1))
    one, same = (wording.text({"organization": "A"}, law=["x"]) for _ in range(2))
    assert one.digest == same.digest
    assert one.digest != wording.text({"organization": "B"}, law=["x"]).digest
    assert one.digest != wording.text({"organization": "A"}, law=["y"]).digest
    assert one.digest != wording.text({"organization": "A"}, law=["x"], own=["z"]).digest
    with pytest.raises(KeyError):
        wording.text({})


def references(library: Library, *bases: str, on: date = date(2026, 11, 1), categories: tuple[str, ...] = ()) -> str:
    return "\n".join(library.law_for(on).references(bases, on, categories=categories))


def test_the_law_follows_from_the_basis(real: Library) -> None:
    """DOMAIN §4a, §4c: 個情法66・67・176・180 bite for entrusted work alone; 児福法25条の5 by the member's category."""
    entrusted = references(real, "outsourcing")
    assert all(f"個人情報保護法 第{number}条" in entrusted for number in (66, 67, 176, 180))
    assert references(real, "designated_manager") == references(real, "subcontract") == entrusted
    for basis in ("subsidy", "agreement", "consent_only", "other", "unrecorded"):
        assert references(real, basis) == ""
    council = references(real, "council_member", categories=("corporation",))
    assert "第25条の5第2号" in council
    assert "第61条の3" in council
    assert "第1号" not in council
    assert "第3号" not in council
    assert "個人情報保護法" not in council
    own = references(real, OWN_BUSINESS)
    assert "児童虐待防止法 第5条第3項" in own
    assert "第23条" in own
    assert "罰金" not in own
    both = references(real, "outsourcing", "council_member", categories=("person", "corporation"))
    assert "第66条" in both
    assert "第25条の5第2号" in both
    assert "第25条の5第3号" in both


def test_penalties_are_worded_as_on_the_day(real: Library) -> None:
    """懲役 became 拘禁刑 on 2025-06-01 (令和4年法律第68号)."""
    for bases, categories in ((("outsourcing",), ()), (("council_member",), ("organ",))):
        before = references(real, *bases, on=date(2025, 5, 31), categories=categories)
        after = references(real, *bases, on=date(2025, 6, 1), categories=categories)
        assert "懲役" in before
        assert "拘禁刑" not in before
        assert "拘禁刑" in after
        assert "懲役" not in after


def test_the_national_law_covers_entrusted_work_since_april_2023(real: Library) -> None:
    day = date(2023, 4, 1)
    assert "第66条" in references(real, "outsourcing", on=day)
    assert references(real, "outsourcing", on=day - timedelta(days=1)) == ""
