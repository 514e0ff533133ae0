"""The list of partners with their levels: of today or not at all, by name, picked by level and never ranked."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import select

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.readiness import standing
from partner_compliance.readiness.queries import assessment_of
from partner_compliance.readiness.standing import ReadinessStanding
from partner_compliance.scheduler import tick
from partner_compliance.sharing import levels
from tests.factories import a_center, a_municipality, an_engagement, an_officer_of, an_organization, signed_in, someone
from tests.readiness.conftest import house as house_of_sheets
from tests.readiness.conftest import ladder as ladder_of_readiness
from tests.test_query_counts import statements

pytestmark = pytest.mark.both_engines

house = house_of_sheets
ladder = ladder_of_readiness
DAY = timedelta(days=1)
TAGS = re.compile(r"<[^>]+>")


def words(page):
    return re.sub(r"\s+", "", unescape(TAGS.sub(" ", page.text.split("<main", 1)[1].split("</main", 1)[0])))


def cells_of(page):
    """{name: texts of the cells about its level: level, last day, what is missing}."""
    table = page.text.split('id="partners"')[1].split("</table>")[0].split("<tbody>")[1]
    found = {}
    for row in re.findall(r"<tr.*?</tr>", table, re.S):
        cells = [
            re.sub(r"\s+", "", unescape(TAGS.sub(" ", cell))) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        found[cells[0].removesuffix("課題あり")] = cells[1:4]
    return found


@pytest.fixture
def city(ladder):
    """A municipality whose partner, the house, has reached the first level on 27 November; it ends on 25 February."""
    made = a_municipality(ladder.house.session)
    ladder.first_level(made)
    return made


@pytest.fixture
def room(ladder, city, app):
    """Opens the list of partners, or a page below it, at the clock's moment."""
    officer = an_officer_of(ladder.house.session, city)

    def opened(path="", method="get", **query):
        ladder.house.session.commit()
        client = signed_in(app, officer, now=ladder.time.moment)
        ask = client.get if method == "get" else client.post
        return ask(f"/municipalities/{city.id}/partners{path}", query_string=query)

    return opened


def rows(session):
    session.rollback()
    return {each.organization_id: each for each in session.scalars(select(ReadinessStanding))}


# --- what a row says --------------------------------------------------------------------------------------------


def test_a_row_says_the_level_its_end_what_is_missing_and_when_it_was_counted(ladder, city, room):
    found = cells_of(room())["NPO法人はまかぜ"]
    assert found[0].startswith("段階1体制登録9時0分現在")
    assert found[1] == "令和9年2月25日"
    assert found[2] == "2a二つの規程2b毎年の誓約2c活動の前の誓約ほか2件"
    live = assessment_of(ladder.house.session, ladder.library, ladder.today, ladder.id)
    assert (live.level, live.holds_until, live.missing) == (1, date(2027, 2, 25), ["2a", "2b", "2c", "2d", "2e"])


def test_the_trend_is_that_of_the_ends_of_three_months(ladder, city, room):
    assert "8月末から上がった（0→0→0→1）" in cells_of(room())["NPO法人はまかぜ"][0]
    ladder.go(2027, 2, 26)  # the roster's confirmation has lapsed
    assert "11月末から下がった（1→1→1→0）" in cells_of(room())["NPO法人はまかぜ"][0]
    ladder.confirm()
    ladder.go(2027, 2, 27)
    assert "11月末から変わらない" in cells_of(room())["NPO法人はまかぜ"][0]
    ladder.go(2027, 3, 1)
    assert "12月末から変わらない" in cells_of(room())["NPO法人はまかぜ"][0]


def test_a_level_of_yesterday_is_never_shown(ladder, city, room):
    ladder.go(2027, 2, 25, 23)
    assert cells_of(room())["NPO法人はまかぜ"][:2] == ["段階1体制登録23時0分現在11月末から変わらない", "令和9年2月25日"]
    ladder.time.tokyo(2027, 2, 26, 0, 5)
    found = cells_of(room())["NPO法人はまかぜ"]
    assert found[0].startswith("段階0未登録0時5分現在")
    assert found[1] == "－"
    assert "1b従事者名簿の確認" in found[2]


def test_what_was_counted_since_midnight_is_read_and_the_partners_own_page_counts_anew(ladder, city, room):
    assert "9時0分現在" in cells_of(room())["NPO法人はまかぜ"][0]
    ladder.go(2026, 11, 27, 15)
    an_engagement(ladder.house.session, city, ladder.house.organization)  # nobody has told of a place for it
    assert cells_of(room())["NPO法人はまかぜ"][0].startswith("段階1体制登録9時0分現在")
    ladder.go(2026, 11, 27, 16)
    assert "段階0" in words(room(f"/{ladder.id}/readiness"))
    found = cells_of(room())["NPO法人はまかぜ"]
    assert found[0].startswith("段階0未登録16時0分現在")
    assert "1d作業場所・保管場所" in found[2]
    ladder.go(2026, 11, 27, 17)
    room(f"/{ladder.id}/readiness")  # nothing new: nothing is written
    assert "16時0分現在" in cells_of(room())["NPO法人はまかぜ"][0]


# --- picking out ------------------------------------------------------------------------------------------------


def test_level_and_end_pick_partners_out_and_names_keep_the_order(ladder, city, room):
    for name in ("あ団体", "ん団体"):
        an_engagement(ladder.house.session, city, an_organization(ladder.house.session, name))
    every = ["NPO法人はまかぜ", "あ団体", "ん団体"]
    assert list(cells_of(room())) == every
    assert list(cells_of(room(level="1"))) == every[:1]
    assert list(cells_of(room(level="0"))) == every[1:]
    assert list(cells_of(room(level="0", name="ん"))) == every[2:]
    assert list(cells_of(room(level="-1", ending="x", sort="-level"))) == every
    assert "条件に合う団体はありません" in words(room(ending="1"))
    assert list(cells_of(room(sort="lapses_on"))) == every  # what has no end comes last
    ladder.go(2027, 1, 26)  # 30 days before the end
    assert list(cells_of(room(ending="1"))) == every[:1]
    ladder.go(2027, 1, 25)
    assert "条件に合う団体はありません" in words(room(ending="1"))


def test_what_ends_within_30_days_stands_on_top_whatever_the_filter(ladder, city, room):
    assert "期限が来る基準がある団体" not in words(room())
    ladder.go(2027, 2, 1)
    for query in ({}, {"level": "5"}, {"name": "ない"}, {"issues": "1"}):
        assert "30日以内に期限が来る基準がある団体:1団体NPO法人はまかぜ（段階1、令和9年2月25日まで）" in words(
            room(**query)
        )


# --- whose ------------------------------------------------------------------------------------------------------


def test_only_todays_partners_are_listed_and_counted(ladder, city, room, app):
    session = ladder.house.session
    for name, terms in {
        "きのうまで": {"ends_on": ladder.today - DAY},
        "あすから": {"starts_on": ladder.today + DAY},
        "きょうまで": {"ends_on": ladder.today},
        "未承諾": {"accepted_at": None},
    }.items():
        an_engagement(session, city, an_organization(session, name), **terms)
    assert set(cells_of(room())) == {"NPO法人はまかぜ", "きょうまで"}
    assert len(rows(session)) == 2
    assert len(standing.waiting(session, ladder.library, ladder.today)) == 0
    assert len(standing.waiting(session, ladder.library, ladder.today + DAY)) == 2  # はまかぜ, あすから


def test_nobodys_name_crosses(ladder, city, room):
    session = ladder.house.session
    other = an_organization(session, "カナリアの会")
    center = a_center(session, other)
    for role in (Role.PROTECTION_OFFICER, Role.CENTER_HEAD, None):
        someone(session, center, *([role] if role else []), name=f"籠野 鳥子{role}")
    an_engagement(session, city, other)
    for path in ("", ".csv", ".xlsx"):
        answer = room(path)
        assert answer.status_code == 200
        assert "籠野".encode() not in answer.data
    assert "東 京子" not in room().text


# --- counting ---------------------------------------------------------------------------------------------------


def test_reading_counts_so_many_and_says_how_many_wait(ladder, city, room):
    session = ladder.house.session
    for number in range(levels.AT_ONCE + 9):
        an_engagement(session, city, an_organization(session, f"団体{number:02d}"))
    page = room(per_page="300")
    assert "今日の段階をまだ計算していない団体:10団体" in words(page)
    found = cells_of(page)
    waiting = [name for name, cells in found.items() if cells == ["まだ計算していません", "－", "－"]]
    assert waiting == [f"団体{number}" for number in range(49, 59)]
    answer = room("/levels", "post")
    assert answer.status_code == 303
    page = room(per_page="300")
    assert "計算していない団体" not in words(page)
    assert len(rows(session)) == levels.AT_ONCE + 10


def test_the_page_that_is_read_is_counted_first(ladder, city, room):
    session = ladder.house.session
    for number in range(levels.AT_ONCE + 29):
        an_engagement(session, city, an_organization(session, f"団体{number:02d}"))
    assert all(cells[0] != "まだ計算していません" for cells in cells_of(room(page="2")).values())


def test_files_hold_the_levels_of_all(ladder, city, room):
    session = ladder.house.session
    for number in range(levels.AT_ONCE + 9):
        an_engagement(session, city, an_organization(session, f"団体{number:02d}"))
    body = room(".csv").data.decode("utf-8-sig")
    assert body.count(",未登録,2026-11-27,2026年11月27日 9:00,") == levels.AT_ONCE + 9
    assert body.count(",1,体制登録,2026-11-27,2026年11月27日 9:00,2027-02-25,") == 1


def test_the_tick_after_midnight_counts_partners_once(ladder, city, engine, settings):
    session = ladder.house.session
    an_engagement(session, city, an_organization(session, "きのうまで"), ends_on=ladder.today - DAY)
    an_organization(session, "だれとも連携していない")
    session.commit()
    midnight = clock.start_of(ladder.today + DAY)
    assert tick(engine, ladder.library, settings, midnight - timedelta(seconds=1)).standings == 1
    assert tick(engine, ladder.library, settings, midnight - timedelta(seconds=1)).standings == 0
    assert rows(session)[ladder.id].as_of == ladder.today
    assert tick(engine, ladder.library, settings, midnight).standings == 1
    (kept,) = rows(session).values()
    assert (kept.as_of, kept.level, kept.computed_at) == (ladder.today + DAY, 1, midnight)
    assert kept.months == {"2026-08": 0, "2026-09": 0, "2026-10": 0}
    assert tick(engine, ladder.library, settings, midnight + timedelta(minutes=1)).standings == 0


def test_of_two_countings_at_once_the_later_one_stays(ladder, city):
    session, now = ladder.house.session, ladder.time.moment
    early = standing.counted(session, ladder.library, ladder.today, [ladder.id], now=now)
    late = [each._replace(level=3, computed_at=now + timedelta(seconds=1)) for each in early]
    standing.keep(session, late)
    standing.keep(session, early)
    session.commit()
    assert rows(session)[ladder.id].level == 3


def test_a_row_of_another_edition_of_the_ladder_is_counted_anew(ladder, city, room):
    room()
    session = ladder.house.session
    session.scalars(select(ReadinessStanding)).one().edition = "2025"
    session.scalars(select(ReadinessStanding)).one().level = 4
    assert cells_of(room())["NPO法人はまかぜ"][0].startswith("段階1")


@pytest.mark.parametrize("query", [{}, {"level": "0"}, {"ending": "1"}])
def test_counting_takes_as_many_statements_for_5_partners_as_for_60(app, session, time, query):
    counted = {}
    for number in (5, 60):
        municipality = a_municipality(session, f"{number}市")
        for at in range(number):
            an_engagement(session, municipality, an_organization(session, f"団体{at:02d}"))
        officer = an_officer_of(session, municipality)
        session.commit()
        client = signed_in(app, officer, now=time.moment)
        with statements(app.extensions["engine"]) as seen:
            assert client.get(f"/municipalities/{municipality.id}/partners", query_string=query).status_code == 200
        counted[number] = len(seen)
    assert counted[5] == counted[60]
