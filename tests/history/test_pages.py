"""The pages of the history. They run against the app, unlike the other tests of this room."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select

from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM, Act, Actor, record
from partner_compliance.database import make_engine
from partner_compliance.history.models import LogLeaf
from tests.conftest import NOON
from tests.factories import a_center, a_municipality, an_officer_of, an_organization, signed_in, someone


@pytest.fixture
def engine(database_url):
    """The migrated database of the app, not the bare one of this room."""
    made: Engine = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def center(session):
    return a_center(session, an_organization(session), "東町ひろば")


@pytest.fixture
def officer(session, center):
    found, _ = someone(session, center, Role.PROTECTION_OFFICER, name="責任 者子")
    session.commit()
    return found


@pytest.fixture
def address(center):
    return f"/organizations/{center.organization_id}/history"


def act(session, organization_id, name, *, by, at=NOON, subject=None, **details):
    actor = Actor(by.id, by.name, "password")
    record(session, Act(organization_id, name, at, actor, subject_id=subject, details=details))


def rows(page):
    """What each row of the page's tables says, in words."""
    found = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


# --- who did what -----------------------------------------------------------------------------------------------


def test_each_entry_says_when_who_what_and_whom_and_shows_its_digest(app, session, center, officer, address, time):
    user, worker = someone(session, center, name="従事 花子")
    head, _ = someone(session, center, Role.CENTER_HEAD, name="長 一郎")
    session.commit()
    act(session, center.organization_id, "sheet.signed_off", by=head, subject=worker.id, month="2026-10")
    act(session, center.organization_id, "account.signed_in", by=user, subject=user.id)
    session.commit()

    signed_in_row, signed_off_row = rows(signed_in(app, officer).get(address))[1:3]

    leaf = session.scalars(select(LogLeaf).where(LogLeaf.act == "sheet.signed_off")).one()
    shown = leaf.leaf.hex()[:32]
    fours = " ".join(shown[at : at + 4] for at in range(0, 32, 4))
    assert signed_off_row == (
        "2026年11月16日 12:00 長 一郎 チェックシートを確認し、確認済みにしました（2026年10月分） "
        f"従事 花子 {leaf.idx} 要約値 {fours}"
    )
    assert "従事 花子 サインインしました 従事 花子" in signed_in_row


def test_the_page_can_be_narrowed_to_a_month_a_kind_and_a_person(app, session, center, officer, address, time):
    other, _ = someone(session, center, name="別 人")
    session.commit()
    december = NOON + timedelta(days=20)
    for at, name, by in (
        (NOON, "sheet.viewed", other),
        (NOON, "settings.changed", officer),
        (december, "sheet.viewed", other),
    ):
        act(session, center.organization_id, name, by=by, at=at)
    session.commit()
    time.set(december)
    browser = signed_in(app, officer, now=december)

    def shown(**query):
        page = browser.get(address, query_string=query)
        assert page.status_code == 200
        return len([row for row in rows(page) if "閲覧しました" in row or "設定を変更" in row])

    assert shown(kind="sheet") == 2
    assert [shown(month=month) for month in ("2026-11", "2026-12", "2027-01")] == [2, 1, 0]
    assert shown(kind="settings") == 1
    assert shown(kind="sheet", person=str(officer.id)) == 0
    assert shown(kind="sheet", person=str(other.id)) == 2
    assert shown(kind="binder") == 0


def test_months_change_at_midnight_in_japan(app, session, center, officer, address, time):
    for at in (
        time.tokyo(2026, 11, 30, 23, 59, 59),
        time.tokyo(2026, 12, 1, 0, 0, 0),
        time.tokyo(2026, 12, 31, 23, 59),
    ):
        act(session, center.organization_id, "export.made", by=officer, at=at)
    session.commit()
    time.tokyo(2027, 1, 1)
    browser = signed_in(app, officer, now=time.moment)

    def shown(month):
        return len(rows(browser.get(address, query_string={"month": month, "kind": "export"})))

    assert [shown(month) for month in ("2026-11", "2026-12", "2027-01")] == [1, 2, 0]


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "x"},
        {"kind": "nothing"},
        {"kind": "%"},
        {"person": "x"},
        {"person": "6f1e0000-0000-4000-8000-000000000000"},
        {"before": "-1"},
        {"before": "1e3"},
        {"before": "9" * 30},
        {"before": "１"},
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(app, officer, address, time, query):
    page = signed_in(app, officer).get(address, query_string=query)
    assert page.status_code == 422
    assert "指定が正しくありません" in page.text


def test_page_after_page_shows_every_entry_once(app, session, center, officer, address, time):
    for number in range(120):
        act(session, center.organization_id, "export.made", by=officer, rows=number)
    session.commit()
    browser, seen, page_address = signed_in(app, officer), [], address + "?kind=export"
    while page_address:
        page = browser.get(page_address)
        seen += [int(number) for number in re.findall(r"（(\d+)件）", page.text)]
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        page_address = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(range(119, -1, -1))


@pytest.mark.parametrize("size", [10, 100])
def test_the_page_asks_the_database_a_constant_number_of_questions(app, session, center, officer, address, time, size):
    for number in range(size):
        user, worker = someone(session, center, name=f"人 {number:03d}")
        act(session, center.organization_id, "sheet.submitted", by=user, subject=worker.id)
    session.commit()
    browser = signed_in(app, officer)
    asked = []
    event.listen(app.extensions["engine"], "before_cursor_execute", lambda *args: asked.append(args[2]))

    assert browser.get(address).status_code == 200
    assert len([question for question in asked if question.startswith("SELECT")]) == 8


def test_whoever_asks_for_one_person_leaves_a_trace_that_person_can_see(app, session, center, officer, address, time):
    user, _ = someone(session, center, name="従事 花子")
    session.commit()
    browser = signed_in(app, officer)

    browser.get(address)
    browser.get(address, query_string={"person": str(officer.id)})
    assert rows(signed_in(app, user).get("/my/views")) == []
    browser.get(address, query_string={"person": str(user.id)})

    looks = rows(signed_in(app, user).get("/my/views"))
    assert looks == ["2026年11月16日 12:00 責任 者子 操作の記録を閲覧しました"]


def test_only_the_protection_officer_reads_the_history(app, session, center, officer, address, time):
    head, _ = someone(session, center, Role.CENTER_HEAD, Role.REPRESENTATIVE)
    stranger, _ = someone(session, a_center(session, an_organization(session)), Role.PROTECTION_OFFICER)
    official = an_officer_of(session, a_municipality(session))
    session.commit()
    assert [signed_in(app, person).get(address).status_code for person in (head, stranger, official)] == [403, 404, 404]
    assert app.test_client().get(address).status_code == 302


def test_a_municipality_reads_its_own_history_and_no_other(app, session, center, officer, time):
    own, other = a_municipality(session, "みなと市"), a_municipality(session, "よその市")
    official = an_officer_of(session, own)
    an_officer_of(session, other, "よその 職員")
    session.commit()
    browser = signed_in(app, official)

    page = browser.get(f"/municipalities/{own.id}/history")

    assert [row.split(" 要約値")[0] for row in rows(page)] == [
        "2026年11月16日 12:00 市役所 太郎 サインインしました 市役所 太郎 1",
        "2026年11月16日 12:00 システム 役割を付与しました（自治体担当者） 市役所 太郎 0",
    ]
    assert browser.get(f"/municipalities/{other.id}/history").status_code == 404
    assert signed_in(app, officer).get(f"/municipalities/{own.id}/history").status_code == 404


# --- who looked -------------------------------------------------------------------------------------------------


def test_everyone_sees_who_looked_at_the_own_records_and_at_no_others(app, session, center, officer, time):
    user, worker = someone(session, center, name="従事 花子")
    _, other = someone(session, center, name="別 人")
    body = center.organization_id
    session.commit()
    act(session, body, "sheet.viewed", by=officer, subject=worker.id, month="2026-10")
    act(session, body, "sheet.printed", by=officer, subject=worker.id, month="2026-09")
    act(session, body, "sheet.viewed", by=user, subject=worker.id, month="2026-08")
    act(session, body, "sheet.viewed", by=officer, subject=other.id, month="2026-07")
    act(session, body, "sheet.signed_off", by=officer, subject=worker.id, month="2026-06")
    record(
        session,
        Act(
            body, "binder.downloaded", NOON, Actor(officer.id, officer.name, "password"), object_kind="center",
            object_id=center.id, details={"month": "2026-05"},
        ),
    )  # fmt: skip
    session.commit()

    page = signed_in(app, user).get("/my/views")

    assert rows(page) == [
        "2026年11月16日 12:00 責任 者子 チェックシートを印刷用に出力しました（2026年9月分）",
        "2026年11月16日 12:00 責任 者子 チェックシートを閲覧しました（2026年10月分）",
        "2026年11月16日 12:00 責任 者子 東町ひろば ひと月分の綴りをダウンロードしました（2026年5月分）",
    ]
    assert "別 人" not in page.text


def test_in_two_organizations_each_is_shown_for_itself(app, session, center, officer, time):
    other = a_center(session, an_organization(session, "一般社団法人 あさひ"))
    user, worker = someone(session, center)
    away, row = someone(session, other)
    row.user_id = user.id
    session.flush()
    accounts.grant_role(session, row, Role.CENTER_HEAD, center=other, by=SYSTEM, now=NOON)
    session.commit()
    act(session, center.organization_id, "sheet.viewed", by=officer, subject=worker.id, month="2026-10")
    act(session, other.organization_id, "sheet.viewed", by=away, subject=row.id, month="2026-09")
    session.commit()
    browser = signed_in(app, user)

    def months(organization_id):
        return re.findall(r"（(\d+年\d+月)分）", browser.get(f"/my/views?organization={organization_id}").text)

    assert months(center.organization_id) == ["2026年10月"]
    assert months(other.organization_id) == ["2026年9月"]
    assert browser.get(f"/my/views?organization={worker.id}").status_code == 404


def test_someone_on_no_roster_is_told_so(app, session, time):
    official = an_officer_of(session, a_municipality(session))
    session.commit()
    assert "従事者として登録されている団体はありません" in signed_in(app, official).get("/my/views").text


def test_many_looks_come_in_pages(app, session, center, officer, time):
    user, worker = someone(session, center)
    session.commit()
    for _ in range(55):
        act(session, center.organization_id, "sheet.viewed", by=officer, subject=worker.id, month="2026-10")
    session.commit()
    browser = signed_in(app, user)

    first = browser.get("/my/views")
    older = re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&")

    assert len(rows(first)) == 50
    assert len(rows(browser.get(older))) == 5
