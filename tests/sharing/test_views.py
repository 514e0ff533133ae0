import csv
import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM
from partner_compliance.database import open_session
from partner_compliance.documents.tables import plain
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.sharing import levels
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import CheckSheet, ExcuseReason, MonthTally
from tests.conftest import NOON
from tests.factories import (
    a_center,
    a_municipality,
    a_worker,
    all_fine,
    an_engagement,
    an_officer_of,
    an_operator,
    an_organization,
    principal_of,
    signed_in,
    someone,
)

pytestmark = pytest.mark.both_engines

TODAY = clock.local_date(NOON)
DAY = timedelta(days=1)
#: `NOON` is the sign-off day of October 2026, and past its due day.
MONTH = "2026-10"


@pytest.fixture(autouse=True)
def _standing_clock(time):
    """Every page is read at noon unless the test sets the clock."""


def a_tally(session, center, month=MONTH, *, sheets=4, excused=0, submitted=4, on_time=4, signed_off=4, closed=True):
    after = clock.month_after(month)
    made = MonthTally(
        organization_id=center.organization_id, center_id=center.id, month=month, sheets=sheets, excused=excused,
        submitted=submitted, on_time=on_time, awaiting=submitted - signed_off, returned=0, signed_off=signed_off,
        signed_off_on_time=signed_off, is_closed=closed, due_on=clock.nth_business_day(after, 5),
        sign_off_due_on=clock.nth_business_day(after, 10),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def a_partner(session, city, name="NPO法人 はまかぜ", **engagement):
    organization = an_organization(session, name)
    an_engagement(session, city, organization, **engagement)
    return organization, a_center(session, organization)


def reader_of(app, session, city):
    officer = an_officer_of(session, city)
    session.commit()
    return signed_in(app, officer)


def page_of(city):
    return f"/municipalities/{city.id}/partners"


def rows_of(page):
    """The rows of the partners' table: the name, and the texts of the cells about records; levels stand between."""
    table = page.text.split("<tbody>")[1].split("</tbody>")[0]
    rows = []
    for row in re.findall(r"<tr.*?</tr>", table, re.S):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        texts = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
        rows.append([texts[0], *texts[4:]])
    return rows


def names_of(page):
    return [row[0].removesuffix(" 課題あり") for row in rows_of(page)] if "<tbody>" in page.text else []


def csv_of(response):
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


# --- whose partners ---------------------------------------------------------------------------------------------


def test_only_partners_whose_engagement_is_valid_today_exist(app, session):
    city, other_city = a_municipality(session), a_municipality(session, "となり市")
    engagements = {
        "きのう終了": {"ends_on": TODAY - DAY},
        "きょうまで": {"ends_on": TODAY},
        "きょうから": {"starts_on": TODAY},
        "あすから": {"starts_on": TODAY + DAY},
        "きょう解約": {"cancelled_on": TODAY},
        "あす解約": {"cancelled_on": TODAY + DAY},
    }
    organizations = {name: a_partner(session, city, name, **dates)[0] for name, dates in engagements.items()}
    organizations["よその団体"] = a_partner(session, other_city, "よその団体")[0]
    valid = {"きょうまで", "きょうから", "あす解約"}
    browser = reader_of(app, session, city)
    url = page_of(city)

    assert set(names_of(browser.get(url))) == valid
    assert {row[0] for row in csv_of(browser.get(f"{url}.csv"))[1:]} == valid
    for name, organization in organizations.items():
        assert browser.get(f"{url}/{organization.id}").status_code == (200 if name in valid else 404), name


def test_a_partner_of_another_municipality_is_not_found_even_by_an_officer_of_both(app, session):
    city, other_city = a_municipality(session), a_municipality(session, "となり市")
    organization, _ = a_partner(session, other_city)
    officer = an_officer_of(session, city)
    accounts.grant_municipality_role(session, officer, other_city.id, by=SYSTEM, now=NOON)
    session.commit()
    browser = signed_in(app, officer)

    assert browser.get(f"/municipalities/{other_city.id}/partners/{organization.id}").status_code == 200
    assert browser.get(f"/municipalities/{city.id}/partners/{organization.id}").status_code == 404


def test_strangers_operators_and_partners_stay_outside(app, session):
    city = a_municipality(session)
    organization, center = a_partner(session, city)
    head, _ = someone(session, center, Role.PROTECTION_OFFICER)
    operator = an_operator(session)
    other = an_officer_of(session, a_municipality(session, "となり市"))
    session.commit()
    url = page_of(city)

    for path in (url, f"{url}.csv", f"{url}.xlsx", f"{url}/{organization.id}"):
        assert app.test_client().get(path).status_code == 302
        assert signed_in(app, operator).get(path).status_code == 403
        assert signed_in(app, head).get(path).status_code == 404
        assert signed_in(app, other).get(path).status_code == 404


# --- what is counted --------------------------------------------------------------------------------------------


def test_the_counts_are_those_of_the_facts(app, session, library, time):
    city = a_municipality(session)
    organization, center = a_partner(session, city)
    organization.first_month = MONTH
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER, name="責任 一子")
    head, _ = someone(session, center, Role.CENTER_HEAD, name="長 二郎")
    people = [someone(session, center, name=f"職員 {number}") for number in range(4)]
    a_worker(session, center, "ボランティア 五郎", files_sheets=False)
    representative, _ = someone(session, center, Role.REPRESENTATIVE, name="代表 六子")
    session.commit()
    opened = time.tokyo(2026, 10, 25)
    sheets.open_months(session, library, now=opened)
    checklist = library.edition_for("take-out", MONTH)

    def sheet_of(user):
        return session.scalars(
            select(CheckSheet).where(CheckSheet.worker_id.in_(principal_of(session, user).worker_ids))
        ).one()

    def submit(user, now, *, with_head=False):
        filled = all_fine(checklist, head=with_head)
        sheets.submit(session, sheet_of(user), checklist, filled, by=principal_of(session, user), now=now)

    def sign(user, by, now):
        sheets.sign_off(session, sheet_of(user), version_number=1, by=principal_of(session, by), now=now)

    in_time, late = time.tokyo(2026, 11, 9, 23, 59), time.tokyo(2026, 11, 10)
    for user in (officer, representative, people[0][0]):
        submit(user, in_time)
    submit(head, in_time, with_head=True)
    submit(people[1][0], late)
    sheets.excuse(
        session, sheet_of(people[2][0]), reason=ExcuseReason.LEAVE, text="", by=principal_of(session, head), now=late
    )
    sign(people[0][0], head, late)
    sign(people[1][0], head, late)
    sign(head, officer, late)
    sign(officer, representative, late)
    sign(representative, head, late)
    session.commit()
    time.set(NOON)
    browser = reader_of(app, session, city)
    url = page_of(city)

    # 7 sheets, 1 excused, 5 submitted of which 1 late, 1 missing; 5 signed off; 7 obliged of 8 on the roster.
    (row,) = rows_of(browser.get(url))
    assert row == ["NPO法人 はまかぜ 課題あり", "NPO法人", "1", "7 / 8", "66%", "83%", "0か月"]
    page = browser.get(f"{url}/{organization.id}").text
    counts = re.findall(r'<td class="number"[^>]*>(.*?)</td>', page.split('id="counts"')[1].split("</table>")[0])
    assert counts == ["7", "1", "5", "4", "1", "5"]
    assert "確認中" in page
    for name in ("責任 一子", "長 二郎", "代表 六子"):
        assert name in page
    assert "職員 1" not in page
    assert "ボランティア" not in page

    submit(people[3][0], late)
    sign(people[3][0], head, NOON)
    sheets.close_month(session, center, MONTH, by=principal_of(session, head), now=NOON)
    session.commit()
    assert rows_of(browser.get(url)) == [["NPO法人 はまかぜ", "NPO法人", "1", "7 / 8", "66%", "100%", "1か月"]]
    assert "11月16日(月)" in browser.get(f"{url}/{organization.id}").text


def test_the_month_shown_first_changes_at_midnight_in_japan(app, session, time):
    city = a_municipality(session)
    a_partner(session, city)
    officer = an_officer_of(session, city)
    session.commit()
    url = page_of(city)

    before = time.tokyo(2026, 11, 9, 23, 59, 59)
    assert "2026年9月の状況" in signed_in(app, officer, now=before).get(url).text
    midnight = time.tokyo(2026, 11, 10, 0, 0, 0)
    assert "2026年10月の状況" in signed_in(app, officer, now=midnight).get(url).text


def test_months_that_cannot_be_are_not_found(app, session):
    city = a_municipality(session)
    organization, _ = a_partner(session, city)
    browser = reader_of(app, session, city)
    url = page_of(city)

    for path in (url, f"{url}.csv", f"{url}/{organization.id}"):
        for month in ("2026-13", "2026-11", "abc", "2026-1", "2026-10' --"):
            page = browser.get(path, query_string={"month": month})
            assert (page.status_code, "その月の記録はありません" in page.text) == (404, True)
        assert browser.get(path, query_string={"month": "2024-04"}).status_code == 200


def test_a_partner_without_sheets_says_so(app, session):
    city = a_municipality(session)
    organization, _ = a_partner(session, city)
    browser = reader_of(app, session, city)
    url = page_of(city)

    assert rows_of(browser.get(url))[0][4:] == ["－", "－", "まだ記録がありません"]
    assert "まだ記録がありません" in browser.get(f"{url}/{organization.id}").text
    assert csv_of(browser.get(f"{url}.csv"))[1][15:19] == ["", "", "", "まだ記録がありません"]


def test_a_municipality_without_partners_sees_an_empty_page(app, session):
    city = a_municipality(session)
    browser = reader_of(app, session, city)
    url = page_of(city)

    assert "今日有効な連携団体はありません" in browser.get(url).text
    assert len(csv_of(browser.get(f"{url}.csv"))) == 1


def test_shares_and_breakdowns_of_one_or_two_people_are_not_told(app, session):
    city = a_municipality(session)
    alone, center = a_partner(session, city, "ひとりの会")
    a_worker(session, center)
    a_tally(session, center, sheets=1, submitted=1, on_time=0, signed_off=1)
    _, larger = a_partner(session, city, "おおきな会")
    a_tally(session, larger, sheets=10, submitted=10, on_time=9, signed_off=10)
    browser = reader_of(app, session, city)
    url = page_of(city)

    dashboard = browser.get(url)
    assert [row[4:] for row in rows_of(dashboard)] == [["90%", "100%", "1か月"], ["少人数", "少人数", "1か月"]]
    trend = dashboard.text.split('id="trend-table"')[1]
    assert "90%" in trend  # 9 of 11 would tell of the one
    page = browser.get(f"{url}/{alone.id}").text
    counts = re.findall(r'<td class="number"[^>]*>(.*?)</td>', page.split('id="counts"')[1].split("</table>")[0])
    assert counts == ["1〜2"] + ["0〜2"] * 5
    assert "少人数のため表示しません" in page
    exported = csv_of(browser.get(f"{url}.csv"))
    assert exported[2][0] == "ひとりの会"
    assert exported[2][15:17] == ["", ""]


# --- filter, order, pages ---------------------------------------------------------------------------------------


def test_filters_narrow_the_list_and_the_files(app, session):
    city = a_municipality(session)
    _, fine = a_partner(session, city, "ＮＰＯ法人 あおぞら")
    a_tally(session, fine)
    late, center = a_partner(session, city, "みどりの家")
    late.legal_form = "unincorporated_group"
    a_tally(session, center, "2026-08", submitted=3, on_time=3, signed_off=3, closed=False)
    browser = reader_of(app, session, city)
    url = page_of(city)

    for wish, found in (
        ({"name": "npo法人あお"}, ["ＮＰＯ法人 あおぞら"]),
        ({"legal_form": "unincorporated_group"}, ["みどりの家"]),
        ({"issues": "1"}, ["みどりの家"]),
        ({"name": "%"}, []),
        ({"name": "なし"}, []),
        ({"legal_form": "?", "sort": "?", "page": "x", "per_page": "-1"}, ["みどりの家", "ＮＰＯ法人 あおぞら"]),
    ):
        page = browser.get(url, query_string=wish)
        assert (page.status_code, names_of(page)) == (200, found), wish
        assert [row[0] for row in csv_of(browser.get(f"{url}.csv", query_string=wish))[1:]] == found
    assert "条件に合う団体はありません" in browser.get(url, query_string={"name": "なし"}).text


def test_columns_sort_both_ways_but_never_by_how_well_a_partner_does(app, session):
    city = a_municipality(session)
    for name, workers, on_time in (("う", 4, 4), ("い", 5, 3), ("あ", 6, 1)):
        organization, center = a_partner(session, city, name)
        for number in range(workers):
            a_worker(session, center, f"職員 {number}")
        if name == "い":
            a_center(session, organization, "分室")
        if name == "あ":
            organization.legal_form = "company"
        a_tally(session, center, sheets=workers, submitted=on_time, on_time=on_time, signed_off=on_time)
    a_partner(session, city, "え")
    browser = reader_of(app, session, city)
    url = page_of(city)

    for column, ascending in (
        ("name", "あいうえ"), ("legal_form", "いうえあ"), ("centers", "あうえい"), ("workers", "えういあ"),
    ):  # fmt: skip
        page = browser.get(url, query_string={"sort": column})
        assert "".join(names_of(page)) == ascending, column
        assert page.text.count('aria-sort="ascending"') == 1
        page = browser.get(url, query_string={"sort": f"-{column}"})
        assert page.text.count('aria-sort="descending"') == 1
    for column in ("level", "on_time", "signed_off", "in_a_row"):
        for sort in (column, f"-{column}"):
            page = browser.get(url, query_string={"sort": sort})
            assert "".join(names_of(page)) == "あいうえ", sort
            assert page.text.split("<thead>")[1].split("</thead>")[0].count("<a href") == 5


def test_partners_come_fifty_a_page_or_all_in_one(app, session):
    city = a_municipality(session)
    for number in range(60):
        a_partner(session, city, f"団体{number:02d}")
    browser = reader_of(app, session, city)
    url = page_of(city)

    assert len(rows_of(browser.get(url))) == 50
    second = browser.get(url, query_string={"page": "2", "sort": "-name"})
    assert names_of(second) == [f"団体{number:02d}" for number in range(9, -1, -1)]
    assert len(rows_of(browser.get(url, query_string={"per_page": "300"}))) == 60
    assert len(csv_of(browser.get(f"{url}.csv", query_string={"page": "2"}))) == 61


# --- files ------------------------------------------------------------------------------------------------------

RISKY = ["=1+1", "＝1＋1", "+81", "-cmd", "@SUM(A1)", "'=1", "\tタブ", '"><img onerror=alert(1)>', "{{7*7}}", "葛󠄀飾"]


def test_names_that_look_like_formulas_stay_text_and_come_back_whole(app, session):
    city = a_municipality(session)
    for name in RISKY:
        a_partner(session, city, name)
    browser = reader_of(app, session, city)
    url = page_of(city)

    read = csv_of(browser.get(f"{url}.csv"))
    assert sorted(plain(row[0]) for row in read[1:]) == sorted(RISKY)
    assert not any(row[0][0] in "=+-@\t＝＋－＠" for row in read[1:])
    response = browser.get(f"{url}.xlsx")
    assert response.headers["Content-Disposition"] == f'attachment; filename="partners-{MONTH}.xlsx"'
    cells = [row[0] for row in load_workbook(io.BytesIO(response.data)).active.iter_rows(min_row=2)]
    assert sorted(cell.value for cell in cells) == sorted(RISKY)
    assert {cell.data_type for cell in cells} == {"s"}
    page = browser.get(url).text
    assert "<img" not in page
    assert "{{7*7}}" in page


def test_files_hold_the_figures_and_nobody_by_name_and_making_one_is_an_act(app, session):
    city = a_municipality(session)
    _, center = a_partner(session, city)
    someone(session, center, Role.PROTECTION_OFFICER, name="カナリア 花子")
    a_tally(session, center, submitted=4, on_time=3)
    a_tally(session, center, "2026-09", on_time=2, closed=False)
    browser = reader_of(app, session, city)
    url = page_of(city)

    header, row = csv_of(browser.get(f"{url}.csv"))
    assert header[:19] == [
        "団体名", "法人格", "段階", "段階の名前", "段階の基準日", "段階を計算した時刻", "満たしている期限",
        "次の段階に足りない基準", "2026年8月末の段階", "2026年9月末の段階", "2026年10月末の段階", "拠点数",
        "提出対象の従事者数", "名簿の従事者数", "対象月", "期限内の提出", "確認済み", "連続して締めた月数", "備考",
    ]  # fmt: skip
    assert row[1:19] == [
        "NPO法人", "0", "未登録", "2026-11-16", "2026年11月16日 12:00", "",
        "1a 責任者と代理、1b 従事者名簿の確認、1d 作業場所・保管場所", "0", "0", "0",
        "1", "1", "1", MONTH, "75.0%", "100.0%", "1", "期限を過ぎた提出または確認があります",
    ]  # fmt: skip
    assert row[-2:] == ["50.0%", "75.0%"]
    assert header[-1] == "2026年10月の期限内の提出"
    sheet = load_workbook(io.BytesIO(browser.get(f"{url}.xlsx").data)).active
    values = [cell.value for cell in sheet[2]]
    assert values[15:18] == [0.75, 1, 1]
    assert b"\xe3\x82\xab\xe3\x83\x8a\xe3\x83\xaa\xe3\x82\xa2" not in browser.get(f"{url}.csv").data
    assert "カナリア" not in browser.get(url).text
    with open_session(app.extensions["engine"], write_acts=write_acts) as reading:
        acts = reading.scalars(select(LogLeaf.act).where(LogLeaf.log_id == city.id, LogLeaf.act == "export.made")).all()
    assert len(acts) == 3


# --- work that does not grow ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", [{}, {"sort": "centers"}, {"level": "0"}, {"issues": "1"}])
def test_the_number_of_statements_does_not_depend_on_the_number_of_partners(app, session, wish):
    cities = {number: a_municipality(session, f"{number}市") for number in (10, 100)}
    browsers = {}
    for number, city in cities.items():
        for at in range(number):
            _, center = a_partner(session, city, f"団体{at:03d}")
            a_tally(session, center, closed=at % 2 == 0)
            a_tally(session, center, "2026-09", closed=False, signed_off=3)
        browsers[number] = reader_of(app, session, city)
    statements, standings_at_once = [], levels.AT_ONCE

    @event.listens_for(app.extensions["engine"], "before_cursor_execute")
    def note(_connection, _cursor, statement, *_more):
        if statement != "BEGIN":
            statements.append(statement)

    counted = {}
    for number, city in cities.items():
        for _ in range(number // standings_at_once + 1):  # until the levels of all are counted
            browsers[number].get(page_of(city), query_string=wish)
        statements.clear()
        assert browsers[number].get(page_of(city), query_string=wish).status_code == 200
        counted[number] = len(statements)
    assert counted[10] == counted[100]
    assert counted[100] <= 12 + (1 if "sort" in wish else 0)


def test_closed_centers_and_people_who_left_are_not_counted(app, session):
    city = a_municipality(session)
    organization, center = a_partner(session, city)
    a_worker(session, center, "いる人")
    a_worker(session, center, "今日まで", left_on=TODAY)
    a_worker(session, center, "昨日まで", left_on=TODAY - DAY)
    a_worker(session, center, "明日から", joined_on=TODAY + DAY)
    a_worker(session, center, "提出しない人", files_sheets=False)
    a_center(session, organization, "閉じた分室").closed_on = date(2026, 3, 31)
    browser = reader_of(app, session, city)

    assert rows_of(browser.get(page_of(city)))[0][2:4] == ["1", "2 / 3"]
