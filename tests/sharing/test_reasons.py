"""Why what leaves the centers of a municipality's partners: numbers that tell about nobody."""

import re
from datetime import timedelta
from html import unescape

import pytest

from partner_compliance.takeouts import statistics
from partner_compliance.takeouts.words import Medium, Protection, Reason
from tests.factories import a_municipality, an_engagement, an_officer_of, signed_in
from tests.sheets.conftest import house as house_of_sheets
from tests.takeouts.conftest import ledger as ledger_of_take_outs

pytestmark = pytest.mark.both_engines

house = house_of_sheets
ledger = ledger_of_take_outs
TAGS = re.compile(r"<[^>]+>")
STICK = {"medium": Medium.STICK, "reason": Reason.NO_NETWORK, "protections": frozenset({Protection.ENCRYPTED})}


def rows_of(page):
    table = page.text.split('id="reasons-map"')[1].split("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.S)
    return [
        [unescape(TAGS.sub("", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in rows
    ]


@pytest.fixture
def city(ledger):
    made = a_municipality(ledger.house.session)
    an_engagement(ledger.house.session, made, ledger.house.organization)
    return made


@pytest.fixture
def page_of(app, ledger):
    def page(municipality):
        officer = an_officer_of(ledger.house.session, municipality)
        ledger.house.session.commit()
        client = signed_in(app, officer, now=ledger.now)
        return client.get(f"/municipalities/{municipality.id}/take-outs/reasons")

    return page


def test_reasons_and_media_are_counted_and_small_counts_are_ranges(ledger, city, page_of):
    for _ in range(4):
        ledger.out()
    ledger.out(reason=Reason.MEETING)
    for _ in range(2):
        ledger.out(**STICK)
    ledger.ask(reason=Reason.EVENT)  # has not left
    assert rows_of(page_of(city)) == [
        ["理由", "紙の書類", "パソコン", "スマートフォン・タブレット", "USBメモリーなどの媒体", "鍵・その他", "合計"],
        ["活動場所に通信環境がない", "0", "0", "0", "1〜2", "0", "1〜2"],
        ["家庭訪問・同行で使う", "4", "0", "0", "0", "0", "4"],
        ["会議・ケース検討に持っていく", "1〜2", "0", "0", "0", "0", "1〜2"],
        ["合計", "5〜6", "0", "0", "1〜2", "0", "6〜8"],
    ]


def test_one_and_two_look_the_same(ledger, city, page_of):
    ledger.out(reason=Reason.MEETING)
    once = page_of(city).text.split("<main")[1]
    ledger.out(reason=Reason.MEETING)
    assert page_of(city).text.split("<main")[1] == once
    ledger.out(reason=Reason.MEETING)
    assert page_of(city).text.split("<main")[1] != once


def test_nobody_and_nothing_said_crosses(ledger, city, page_of):
    for _ in range(3):
        ledger.out(description="カナリア記録", purpose="カナリアのため", destination="カナリア町")
    page = page_of(city).text
    for words in ("カナリア", "南 花子", "東 京子", "はまかぜ", "訪問先"):
        assert words not in page


def test_only_todays_partners_and_twelve_months_count(ledger, city, page_of):
    session, organization = ledger.house.session, ledger.house.organization
    for _ in range(3):
        ledger.out()
    today = ledger.now.date()
    for name, terms in {
        "きのうまで": {"ends_on": today - timedelta(days=1)},
        "あすから": {"starts_on": today + timedelta(days=1)},
    }.items():
        other = a_municipality(session, name)
        an_engagement(session, other, organization, **terms)
        assert "持ち出しの記録はありません" in page_of(other).text
    assert rows_of(page_of(city))[-1][-1] == "3"
    assert statistics.reasons_by_medium(session, [organization.id], today=today.replace(year=2027, month=10))
    assert not statistics.reasons_by_medium(session, [organization.id], today=today.replace(year=2027, month=11))


@pytest.mark.parametrize(
    ("counts", "said"),
    [([], "0"), ([0, 0], "0"), ([3, 4], "7"), ([1], "1〜2"), ([2], "1〜2"), ([5, 1], "6〜7"), ([5, 1, 2, 0], "7〜9")],
)
def test_a_sum_gives_no_small_count_away(counts, said):
    assert statistics.few_together(counts) == said
