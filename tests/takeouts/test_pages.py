"""The pages of take-outs: what they show, what they refuse, and what they keep."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from partner_compliance.accounts.models import User
from partner_compliance.engagements.words import DataClass
from partner_compliance.takeouts import keeping, measures, operations, queries, statistics
from partner_compliance.takeouts.models import LedgerLine, LossReport, TakeOut
from partner_compliance.takeouts.words import Medium, Protection, Reason, State
from tests.conftest import SetClock
from tests.factories import (
    a_center,
    a_municipality,
    an_engagement,
    an_officer_of,
    an_organization,
    signed_in,
    someone,
)
from tests.sheets.conftest import House, Person
from tests.takeouts.conftest import Ledger
from tests.world import words_of

FORM = {
    "medium": "paper", "description": "訪問記録 3件", "count": "3", "data_class": "D4", "reason": "visit",
    "purpose": "前回の約束を確かめる", "destination": "東地区の訪問先", "leaves": "2026-11-27T10:00",
    "returns": "2026-11-27T15:00",
}  # fmt: skip
BEFORE_LEAVING = ["carried", "counted"]


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock):
    def browser(person: Person | User) -> FlaskClient:
        house.session.commit()
        return signed_in(app, person if isinstance(person, User) else person.user, now=time.moment)

    return browser


def ask_page(house: House) -> str:
    return f"/workers/{house.worker.worker.id}/take-outs/new"


def count(house: House, model: type) -> int:
    house.session.rollback()
    return house.session.scalar(select(func.count()).select_from(model)) or 0


# --- the worker and the head


def test_a_form_with_something_missing_comes_back_with_all_that_was_typed(ledger, house, browser) -> None:
    client = browser(house.worker)
    page = client.post(ask_page(house), data=FORM | {"count": "三", "leaves": "いつか", "destination": ""})
    assert page.status_code == 422
    for kept in ("訪問記録 3件", "前回の約束を確かめる", "三", "いつか"):
        assert kept in page.text
    assert "数字だけで入力してください" in page.text
    assert "日付と時刻を確かめてください" in page.text
    assert page.text.startswith("<!doctype html>")
    assert "<title>エラー: " in page.text
    assert count(house, TakeOut) == 0


def test_the_form_says_that_no_names_are_asked_for_and_how_to_write_instead(ledger, house, browser) -> None:
    text = browser(house.worker).get(ask_page(house)).text
    assert "お子さんやご家庭の名前は書かないでください" in text
    assert "訪問記録 3件" in text
    assert "活動場所に通信環境がない" in text
    for data_class in DataClass:
        assert (f'value="{data_class.value}"' in text) is (data_class is not DataClass.D9)
    assert "checked" not in text.split("<form", 2)[-1].split("守り方")[0]


def test_the_same_form_sent_twice_makes_one_row_and_leads_to_it(ledger, house, browser) -> None:
    client = browser(house.worker)
    form = FORM | {"request_key": str(uuid4())}
    answers = [client.post(ask_page(house), data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    again = client.post(ask_page(house), data=FORM)  # typed anew, after the answer got lost
    assert again.headers["Location"] == answers[0].headers["Location"]
    assert count(house, TakeOut) == 1


def test_the_whole_way_on_pages(ledger, house, browser, time) -> None:
    worker, head = browser(house.worker), browser(house.head)
    address = worker.post(ask_page(house), data=FORM).headers["Location"]
    assert "持ち出しが、許可を待っています" in head.get("/").text
    assert worker.post(f"{address}/decision", data={"act": "permit"}).status_code == 403
    assert head.post(f"{address}/decision", data={"act": "refuse", "comment": ""}).status_code == 422
    assert head.post(f"{address}/decision", data={"act": "permit", "comment": ""}).status_code == 303
    again = head.post(f"{address}/decision", data={"act": "permit", "comment": "2回目"})
    assert again.status_code == 409
    assert "2回目" in again.text
    assert "許可が出ました" in worker.get("/").text
    time.tokyo(2026, 11, 27, 10)
    worker = browser(house.worker)
    assert worker.post(f"{address}/departure", data={"count": "3", "checks": "carried"}).status_code == 422
    assert worker.post(f"{address}/departure", data={"count": "3", "checks": BEFORE_LEAVING}).status_code == 303
    assert worker.post(f"{address}/departure", data={"count": "3", "checks": BEFORE_LEAVING}).status_code == 409
    assert "持ち出し中: 訪問記録 3件" in worker.get("/").text
    refused = worker.post(f"{address}/return", data={"answer": "differs", "count": "", "comment": "数えました"})
    assert refused.status_code == 422
    assert "数えました" in refused.text
    sent = worker.post(f"{address}/return", data={"answer": "all", "checks": "nothing_lost"})
    assert sent.status_code == 303
    assert "出発前の許可" in worker.get(address).text


def test_a_count_that_differs_leads_to_what_to_do_in_the_first_half_hour(ledger, house, browser) -> None:
    row = ledger.out()
    client, head = browser(house.worker), browser(house.head)
    sent = client.post(
        f"/take-outs/{row.id}/return", data={"answer": "differs", "count": "2", "comment": "1件ありません"}
    )
    assert sent.status_code == 303
    page = client.get(sent.headers["Location"]).text
    assert "最初の30分にすること" in page
    assert "とがめられません" in page
    assert "1件ありません" in page
    assert "返却の数が合わなかったものがあります" in head.get("/").text
    assert count(house, LossReport) == 1


def test_what_is_overdue_is_shown_to_worker_head_and_officer(ledger, house, browser, time) -> None:
    ledger.out()
    time.tokyo(2026, 12, 1, 9)
    assert "返却の期限を過ぎています" in browser(house.worker).get("/").text
    for person in (house.head, house.officer):
        client = browser(person)
        assert "返却の期限を過ぎた持ち出しが1件あります" in client.get("/").text
        assert "返却期限超過" in client.get("/my/take-out-decisions").text
    assert "返却期限超過" in browser(house.worker).get("/my/take-outs").text


def test_a_substitute_decides_from_the_home_page(ledger, house, browser) -> None:
    row = ledger.ask()
    assert browser(ledger.colleague).get("/my/take-out-decisions").status_code == 403
    keeping.name_substitute(
        house.session, house.center, ledger.colleague.worker, from_on=date(2026, 11, 27), until_on=date(2026, 11, 27),
        by=house.head.principal, now=ledger.now,
    )  # fmt: skip
    client = browser(ledger.colleague)
    assert "許可を待っています" in client.get("/").text
    assert "センター長の代わり" not in client.get(f"/take-outs/{row.id}").text
    assert client.post(f"/take-outs/{row.id}/decision", data={"act": "permit"}).status_code == 303
    assert "センター長の代わり" in browser(house.worker).get(f"/take-outs/{row.id}").text


def test_the_head_writes_for_someone_without_an_account(ledger, house, browser) -> None:
    client = browser(house.head)
    page = f"/workers/{house.volunteer.id}/take-outs/new"
    address = client.post(page, data=FORM).headers["Location"]
    assert "代わりに入力・センター長" in client.get(address).text
    assert client.post(f"{address}/decision", data={"act": "permit"}).status_code == 303


# --- labels


def test_a_label_leads_to_the_row_that_is_meant(ledger, house, browser) -> None:
    label = keeping.make_label(
        house.session, house.center, name="青いかばん", medium=Medium.PAPER, by=house.head.principal, now=ledger.now
    )
    client = browser(house.worker)
    assert "持ち出しを申請する" in client.get(f"/l/{label.code}").text
    address = client.post(ask_page(house), data=FORM | {"label": label.code}).headers["Location"]
    assert client.get(f"/l/{label.code.lower()}").headers["Location"] == f"{address}/departure"
    row = house.session.scalars(select(TakeOut)).one()
    ledger.permit(row)
    ledger.depart(row)
    assert client_location(browser(house.worker), f"/l/{label.code}") == f"{address}/return"
    colleague = browser(ledger.colleague).get(f"/l/{label.code}")
    assert "いま、ほかの方の持ち出しとして記録されています" in colleague.text


def client_location(client: FlaskClient, address: str) -> str:
    return client.get(address).headers["Location"]


def test_the_label_of_another_organization_is_refused_with_what_to_do(ledger, house, browser) -> None:
    label = keeping.make_label(
        house.session, house.center, name="青いかばん", medium=Medium.PAPER, by=house.head.principal, now=ledger.now
    )
    stranger, _ = someone(house.session, a_center(house.session, an_organization(house.session, "別の団体")))
    for code in (label.code, "X" * 10, "あ" * 400):
        page = browser(stranger).get(f"/l/{code}")
        assert page.status_code == 404
        assert "あなたの団体のものではありません" in page.text
        assert "青いかばん" not in page.text


def test_labels_are_printed_with_their_codes(ledger, house, browser) -> None:
    client = browser(house.head)
    page = f"/centers/{house.center.id}/labels"
    assert client.get(f"{page}.pdf").status_code == 404
    for name in ("青いかばん", "<b>赤い</b>ファイル"):
        assert client.post(page, data={"name": name, "medium": "paper"}).status_code == 303
    assert client.post(page, data={"name": "青いかばん", "medium": "paper"}).status_code == 422
    said = words_of(client.get(f"{page}.pdf"))
    for label in queries.labels_of(house.session, house.center):
        assert label.code in said
    assert "<b>赤い</b>ファイル" in said


# --- standing permissions


def test_a_standing_permission_from_the_page_to_three_taps(ledger, house, browser) -> None:
    head = browser(house.head)
    page = f"/centers/{house.center.id}/standing-permits/new"
    form = {
        "people": str(house.worker.worker.id), "medium": "paper", "description": "弁当配布の名簿", "most": "1",
        "data_class": "D3", "reason": "event", "destination": "会場", "weekdays": ["4"], "back_after_days": "0",
        "from_on": "2026-11-27", "until_on": "2027-02-27",
    }  # fmt: skip
    refused = head.post(page, data=form)
    assert refused.status_code == 422
    assert "3か月以内" in refused.text
    assert head.post(page, data=form | {"until_on": "2027-02-26"}).status_code == 303
    assert f'value="{house.head.worker.id}"' not in head.get(page).text
    worker = browser(house.worker)
    own = worker.get("/my/take-outs").text
    assert "継続許可: 弁当配布の名簿" in own
    address = own.split("/standing-permits/")[1].split('"')[0]
    sent = worker.post(f"/standing-permits/{address}", data={"count": "1", "checks": BEFORE_LEAVING})
    assert sent.status_code == 303
    assert "継続許可" in worker.get(sent.headers["Location"]).text
    assert browser(ledger.colleague).get(f"/standing-permits/{address}").status_code == 403


# --- the ledger


def test_the_ledger_is_filtered_and_a_head_sees_the_own_centers_only(ledger, house, browser, time) -> None:
    other = a_center(house.session, house.organization, "分室")
    elsewhere = house.person("別 拠点", center=other)
    ledger.out(description="本部の記録")
    ledger.ask(elsewhere, description="分室の記録")
    unpermitted = ledger.ask(description="急ぎの記録")
    ledger.depart(unpermitted, comment="急ぎ")
    page = f"/organizations/{house.organization.id}/take-outs"
    officer, head = browser(house.officer), browser(house.head)
    assert "分室の記録" in officer.get(page).text
    assert "分室の記録" not in head.get(page).text
    assert "分室の記録" not in head.get(f"{page}?center={other.id}").text
    found = officer.get(f"{page}?state=not_permitted").text
    assert "急ぎの記録" in found
    assert "本部の記録" not in found
    assert "本部の記録" in officer.get(f"{page}?q=本部").text
    assert "この条件に当てはまる持ち出しはありません" in officer.get(f"{page}?medium=stick").text
    assert officer.get(f"{page}?state=x&from=x&class=D9&center=x&worker=x&page=99").status_code == 200


def test_the_ledger_goes_out_as_csv_xlsx_and_paper(ledger, house, browser) -> None:
    row = ledger.out(description="=1+1 の記録")
    officer = browser(house.officer)
    page = f"/organizations/{house.organization.id}/take-outs"
    text = officer.get(f"{page}.csv").get_data(as_text=True)
    assert "'=1+1 の記録" in text
    assert queries.record_number(row) in text
    assert "=1+1 の記録" in words_of(officer.get(f"{page}.xlsx")).replace("の記録", " の記録")
    said = words_of(officer.get(f"{page}.pdf?from=2026-11-01&until=2026-11-30"))
    assert "令和8年11月1日から令和8年11月30日まで" in said
    assert "出発前の許可" in said
    house.session.rollback()
    assert "export.made" in {act for (act,) in house.session.execute(select(_leaf().act))}


def _leaf():
    from partner_compliance.history.models import LogLeaf

    return LogLeaf


def test_the_number_of_statements_does_not_grow_with_the_rows(ledger, house, app, browser, time) -> None:
    from tests.test_query_counts import how_many

    pages = [
        f"/organizations/{house.organization.id}/take-outs", "/my/take-outs", "/my/take-out-decisions", "/",
        f"/organizations/{house.organization.id}/take-outs/statistics", f"/centers/{house.center.id}/months/2026-11",
    ]  # fmt: skip

    def counts() -> list[int]:
        house.session.commit()
        return [how_many(app, house.head.user, page) for page in pages]

    ledger.out()
    ledger.ask(house.head)
    before = counts()
    for number in range(12):
        ledger.out()
        ledger.ask(ledger.colleague, description=f"名簿 {number}")
    assert counts() == before


# --- in numbers


@pytest.mark.both_engines
def test_take_outs_are_counted_per_medium_and_reason(ledger: Ledger, house: House, time: SetClock) -> None:
    stick = {"medium": Medium.STICK, "reason": Reason.NO_NETWORK, "protections": frozenset({Protection.ENCRYPTED})}
    ledger.come_back(ledger.out())
    ledger.come_back(ledger.out(**stick, count=1), count=1)
    late = ledger.ask(**stick, count=1)
    ledger.depart(late, count=1, comment="急ぎ")
    time.tokyo(2026, 12, 2, 9)
    found = statistics.numbers_of(house.session, [house.organization.id], today=date(2026, 12, 2))[
        house.organization.id
    ]
    assert (found.left, found.permitted, found.due, found.on_time) == (3, 2, 3, 2)
    assert (found.outside, found.overdue) == (1, 1)
    assert found.by_medium == {Medium.STICK: 2, Medium.PAPER: 1}
    assert found.sticks_by_reason == {Reason.NO_NETWORK: 2}
    assert found.trend[-2:] == [("2026-11", 3), ("2026-12", 0)]
    assert statistics.together([found, found]).left == 6


@pytest.mark.both_engines
def test_the_measures_count_all_organizations_in_one_statement(ledger: Ledger, house: House, time: SetClock) -> None:
    organization_id = house.organization.id
    ledger.come_back(ledger.out())
    ledger.come_back(ledger.out(), count=2)
    late, still = ledger.out(), ledger.ask()
    ledger.depart(still, comment="急ぎ")
    operations.extend(
        house.session, still, until=ledger.now + timedelta(days=10), comment="x", by=house.worker.principal,
        now=ledger.now,
    )  # fmt: skip
    time.tokyo(2026, 12, 2, 9)
    ledger.come_back(late)
    since, day = date(2026, 11, 1), date(2026, 12, 2)

    def row(measure: measures.Measure):
        found = house.session.execute(measure).one_or_none()
        return tuple(found) if found else None

    assert row(measures.permitted_before_leaving(since, day)) == (organization_id, 3, 4, None)
    assert row(measures.returned_on_time(since, day)) == (organization_id, 1, 3, None)
    assert row(measures.overdue_now(day)) == (organization_id, 0, 1, date(2026, 12, 8))
    # The same for a day gone by: then it was still outside.
    assert row(measures.overdue_now(date(2026, 12, 1))) == (organization_id, 1, 2, date(2026, 12, 8))
    assert row(measures.returned_on_time(since, date(2026, 11, 28))) == (organization_id, 1, 2, None)
    assert row(measures.overdue_now(day, [uuid4()])) is None


def test_the_municipality_sees_counts_and_never_who(ledger, house, browser, app) -> None:
    city = a_municipality(house.session)
    an_engagement(house.session, city, house.organization)
    officer = an_officer_of(house.session, city)
    stick = {"medium": Medium.STICK, "reason": Reason.NO_NETWORK, "protections": frozenset({Protection.ENCRYPTED})}
    for _ in range(4):
        ledger.out(**stick, count=1)
    ledger.out()
    client = browser(officer)
    pages = [
        client.get(f"/municipalities/{city.id}/take-outs").text,
        client.get(f"/municipalities/{city.id}/partners/{house.organization.id}/take-outs").text,
    ]
    for text in pages:
        assert "活動場所に通信環境がない" in text
        assert "5件" in text
        assert "1〜2件" in text
        for hidden in ("南 花子", "訪問記録", "東地区"):
            assert hidden not in text
    assert client.get(f"/organizations/{house.organization.id}/take-outs").status_code == 403


def test_a_line_says_what_its_row_says_after_every_act(ledger: Ledger, house: House) -> None:
    rows = [ledger.ask(description="待っている記録"), ledger.out(), ledger.out()]
    ledger.come_back(rows[2], count=1)
    for story in queries.stories_of(house.session, rows):
        line = house.session.get_one(LedgerLine, (house.organization.id, story.take_out.id))
        facts = operations.facts_of_line(story.take_out, story.standing)
        assert {name: getattr(line, name) for name in facts} == facts
    assert {each.state for each in house.session.scalars(select(LedgerLine))} == {
        State.ASKED, State.OUT, State.RETURNED,
    }  # fmt: skip


def test_the_officer_settles_the_rules_of_take_outs(ledger, house, browser) -> None:
    client = browser(house.officer)
    page = f"/organizations/{house.organization.id}/take-out-settings"
    assert client.post(page, data={"is_forbidden": "y", "needs_witness": "y"}).status_code == 303
    assert "持ち出しを禁止しています" in browser(house.worker).get(ask_page(house)).text
    row = ledger.ask()
    head = browser(house.head)
    assert "許可する</button>" not in head.get(f"/take-outs/{row.id}").text
    assert head.post(f"/take-outs/{row.id}/decision", data={"act": "permit"}).status_code == 409
    assert "許可する</button>" in client.get(f"/take-outs/{row.id}").text


# --- hostile texts, midnight and other time zones (A09, A10, A12, E01, E05)

HOSTILE = (
    "<script>alert(1)</script>", '"><img src="http://127.0.0.1:9/x" onerror=x>', "{{7*7}}${7*7}%s", "葛󠄀城 😀",
    '<pdf:font src="file:///etc/passwd">', "＝1＋1",
)  # fmt: skip


def test_whatever_is_typed_is_shown_as_text_on_pages_and_paper(ledger, house, browser) -> None:
    for number, text in enumerate(HOSTILE):
        ledger.out(description=text, destination=text, purpose=f"{text} {number}")
    officer = browser(house.officer)
    page = f"/organizations/{house.organization.id}/take-outs"
    html, paper, file = officer.get(page), officer.get(f"{page}.pdf"), officer.get(f"{page}.csv")
    assert "<script>alert(1)" not in html.text
    assert "<img src" not in html.text
    said, written = words_of(paper), file.get_data(as_text=True)
    for text in HOSTILE[:3]:
        assert "".join(text.split()) in said
    for text in HOSTILE:
        assert text.replace('"', '""') in written
    assert "'＝1＋1" in written
    assert b"root:" not in paper.data
    for row in house.session.scalars(select(TakeOut)):
        shown = officer.get(f"/take-outs/{row.id}").text
        assert "49" not in shown.split("<h1")[1].split("</h1>")[0]
        assert "<script>alert" not in shown


@pytest.mark.parametrize(("second", "overdue"), [(55, False), (65, True)])
def test_a_row_becomes_overdue_at_midnight_in_japan(ledger, house, browser, time, second: int, overdue: bool) -> None:
    ledger.out()
    time.set(time.tokyo(2026, 11, 30, 23, 59) + timedelta(seconds=second))
    assert ("返却の期限を過ぎています" in browser(house.worker).get("/").text) is overdue


def test_what_is_typed_is_a_time_in_japan_whatever_the_browser_thinks(ledger, house, browser) -> None:
    client = browser(house.worker)
    address = client.post(ask_page(house), data=FORM).headers["Location"]
    house.session.rollback()
    row = house.session.scalars(select(TakeOut)).one()
    assert row.leaves_at.isoformat() == "2026-11-27T01:00:00+00:00"
    assert "2026年11月27日 10:00" in client.get(address).text


def test_a_return_that_waits_for_a_witness_is_shown_to_those_nearby(ledger, house, browser) -> None:
    row = ledger.out()
    ledger.come_back(row)
    assert "立ち会い" not in browser(ledger.colleague).get("/my/take-outs").text
    organization = house.session.get_one(type(house.organization), house.organization.id)
    keeping.change_settings(
        house.session, organization, is_forbidden=False, needs_witness=True, by=house.officer.principal, now=ledger.now
    )
    client = browser(ledger.colleague)
    assert f"/take-outs/{row.id}/witness" in client.get("/my/take-outs").text
    assert f"/take-outs/{row.id}/witness" not in browser(house.worker).get("/my/take-outs").text
    elsewhere = house.person("別 拠点", center=a_center(house.session, house.organization, "分室"))
    assert f"/take-outs/{row.id}/witness" not in browser(elsewhere).get("/my/take-outs").text
    assert client.post(f"/take-outs/{row.id}/witness").status_code == 303
    assert f"/take-outs/{row.id}/witness" not in client.get("/my/take-outs").text


def test_a_leaver_is_shown_with_what_is_still_outside(ledger, house, browser) -> None:
    ledger.out(description="返していない記録")
    text = browser(house.officer).get(f"/workers/{house.worker.worker.id}/leaving").text
    assert "返していない記録" in text
