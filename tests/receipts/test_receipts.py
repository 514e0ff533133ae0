"""Hand-overs: both sides confirm, things end with a record, and numbers never say more than there was."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from partner_compliance.accounts.models import User
from partner_compliance.engagements.words import DataClass
from partner_compliance.errors import Refused
from partner_compliance.history.verification import verify_log
from partner_compliance.receipts import measures, operations, queries
from partner_compliance.receipts.contents import LOGGED_CONTENTS
from partner_compliance.receipts.derivation import derive
from partner_compliance.receipts.models import Receipt, ReceiptEvent, ReceiptItem, ReceiptLine
from partner_compliance.receipts.words import Direction, Ending, EventKind, Method, Side, State
from partner_compliance.takeouts.words import Medium
from tests.conftest import SetClock
from tests.factories import signed_in
from tests.receipts.conftest import Desk, an_item
from tests.world import words_of


def state_of(desk: Desk, receipt: Receipt) -> State:
    return queries.story_of(desk.house.session, receipt).state


# --- both sides


@pytest.mark.both_engines
def test_a_receipt_holds_once_both_sides_have_confirmed_and_ends_with_a_record(desk: Desk) -> None:
    session = desk.house.session
    receipt = desk.from_city()
    assert state_of(desk, receipt) is State.WAITING
    with pytest.raises(operations.NotHeld):
        desk.end(receipt)
    desk.confirm(receipt)
    assert state_of(desk, receipt) is State.HELD
    desk.end(receipt, count=2)
    assert state_of(desk, receipt) is State.HELD
    with pytest.raises(operations.WrongEntry, match="残っている数（3件）"):
        desk.end(receipt, count=4)
    desk.end(receipt, count=3, method=Method.SHREDDED)
    assert state_of(desk, receipt) is State.ENDED
    operations.acknowledge(session, receipt, by=desk.city, now=desk.time.moment)
    with pytest.raises(operations.NothingToAcknowledge):
        operations.acknowledge(session, receipt, by=desk.city, now=desk.time.moment)
    session.commit()
    assert verify_log(session, desk.house.organization.id, LOGGED_CONTENTS).ok


def test_nobody_confirms_for_the_other_side(desk: Desk) -> None:
    session, house = desk.house.session, desk.house
    inside = desk.inside()
    for person in (house.worker, house.head, house.officer):
        with pytest.raises(operations.NotYourSide):
            desk.confirm(inside, person.principal)
    desk.confirm(inside, desk.colleague.principal)
    from_city = desk.from_city()
    for principal in (house.worker.principal, house.officer.principal, desk.colleague.principal):
        with pytest.raises(operations.NotYourSide):
            desk.confirm(from_city, principal)
    desk.confirm(from_city)
    with pytest.raises(operations.AlreadyConfirmed, match="市役所 太郎"):
        desk.confirm(from_city)
    session.commit()


def test_the_organizations_side_can_be_confirmed_by_its_officer(desk: Desk) -> None:
    facts = operations.Facts(
        Direction.FROM_MUNICIPALITY, date(2026, 11, 27), "準備", [an_item()], engagement=desk.engagement
    )
    receipt = operations.write(
        desk.house.session, desk.house.organization, facts, side=Side.GIVER, by=desk.city, now=desk.time.moment,
        request_key=uuid4(),
    )  # fmt: skip
    with pytest.raises(operations.NotYourSide):
        desk.confirm(receipt, desk.house.worker.principal)
    desk.confirm(receipt, desk.house.officer.principal)
    assert state_of(desk, receipt) is State.HELD


def test_a_confirmation_on_paper_is_kept_as_what_it_is(desk: Desk) -> None:
    receipt = desk.inside()
    by, now = desk.house.worker.principal, desk.time.moment
    with pytest.raises(operations.WrongEntry):
        operations.confirm_on_paper(desk.house.session, receipt, note="", by=by, now=now)
    operations.confirm_on_paper(desk.house.session, receipt, note="青いファイル", by=by, now=now)
    story = queries.story_of(desk.house.session, receipt)
    assert story.state is State.HELD
    assert story.confirmed[Side.RECEIVER].on_paper
    assert not story.confirmed[Side.GIVER].on_paper


def test_what_is_wrong_is_refused_or_withdrawn_and_written_anew(desk: Desk) -> None:
    session, now = desk.house.session, desk.time.moment
    wrong, mine = desk.inside(), desk.inside()
    with pytest.raises(operations.WrongEntry):
        operations.refuse(session, wrong, reason="", by=desk.colleague.principal, now=now)
    operations.refuse(session, wrong, reason="4件でした", by=desk.colleague.principal, now=now)
    with pytest.raises(operations.NotYourSide):
        operations.withdraw(session, mine, by=desk.colleague.principal, now=now)
    operations.withdraw(session, mine, by=desk.house.worker.principal, now=now)
    for receipt in (wrong, mine):
        with pytest.raises(operations.NoLongerOpen):
            desk.confirm(receipt, desk.colleague.principal)


@pytest.mark.both_engines
def test_the_same_form_sent_twice_makes_one_receipt(desk: Desk) -> None:
    key = uuid4()
    facts = operations.Facts(
        Direction.FROM_MUNICIPALITY, date(2026, 11, 27), "準備", [an_item()], receiver=desk.house.worker.worker,
        engagement=desk.engagement,
    )  # fmt: skip
    made = [
        operations.write(
            desk.house.session, desk.house.organization, facts, side=Side.RECEIVER, by=desk.house.worker.principal,
            now=desk.time.moment, request_key=key,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert made[0].id == made[1].id
    assert desk.house.session.scalar(select(func.count()).select_from(Receipt)) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"handed_on": date(2026, 11, 28)}, "handed_on"),
        ({"handed_on": date(2025, 11, 1)}, "handed_on"),
        ({"purpose": ""}, "purpose"),
        ({"items": ()}, "description"),
        ({"items": (an_item(count=0),)}, "count"),
        ({"items": (an_item(description=""),)}, "description"),
        ({"items": (an_item(data_class=DataClass.D9),)}, "data_class"),
        ({"items": (an_item(end_by_on=date(2026, 11, 26)),)}, "end_by_on"),
        ({"items": (an_item(keep_until_on=date(2026, 12, 1)),)}, "keep_until_on"),
        ({"engagement": None}, "engagement"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(desk: Desk, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(operations.WrongEntry) as refused:
        desk.from_city(**changed) if "items" not in changed else desk.from_city(*changed["items"], **changed)
    assert refused.value.field == field


def test_inside_two_different_people_stand_by(desk: Desk) -> None:
    for changed in ({"receiver": None}, {"receiver": desk.house.worker.worker}):
        with pytest.raises(operations.WrongEntry) as refused:
            desk.inside(**changed)
        assert refused.value.field == "person"


def test_nothing_is_handed_over_without_an_engagement_but_what_is_held_still_ends(desk: Desk) -> None:
    receipt = desk.held()
    desk.engagement.ends_on = date(2026, 11, 26)
    desk.house.session.flush()
    with pytest.raises(operations.NotEngaged):
        desk.from_city()
    desk.end(receipt)
    assert state_of(desk, receipt) is State.ENDED


# --- until it ends


def test_an_end_has_its_facts(desk: Desk) -> None:
    receipt = desk.held(an_item(medium=Medium.STICK, count=1, ending=Ending.DESTROY))
    for changed, field in (
        ({"done_on": date(2026, 11, 26)}, "done_on"),
        ({"done_on": date(2026, 11, 28)}, "done_on"),
        ({"witness": ""}, "witness"),
        ({"backups_gone": False}, "note"),
        ({"method": Method.OTHER}, "note"),
        ({"count": 0}, "count"),
    ):
        with pytest.raises(operations.WrongEntry) as refused:
            desk.end(receipt, **{"count": 1, **changed})
        assert refused.value.field == field
    with pytest.raises(operations.NotYourSide):
        desk.end(receipt, by=desk.colleague.principal, count=1)
    with pytest.raises(operations.NotYourSide):
        desk.end(receipt, by=desk.city, count=1)
    desk.end(receipt, by=desk.house.head.principal, count=1, method=Method.ERASED)


def test_the_day_of_the_end_moves_before_it_is_overdue_and_never_past_retention(desk: Desk, time: SetClock) -> None:
    receipt = desk.held(an_item(end_by_on=date(2026, 12, 1), keep_until_on=date(2026, 12, 10)))

    def extended(day: date, reason: str = "訪問が延びたため"):
        return operations.extend(
            desk.house.session, receipt, 1, until_on=day, reason=reason, by=desk.house.worker.principal, now=time.moment
        )

    for day, reason in ((date(2026, 12, 1), "x"), (date(2026, 12, 11), "x"), (date(2026, 12, 5), "")):
        with pytest.raises(operations.WrongEntry):
            extended(day, reason)
    time.tokyo(2026, 12, 2, 23)
    extended(date(2026, 12, 4))
    [(_, standing)] = queries.story_of(desk.house.session, receipt).standings
    assert (standing.end_by_on, standing.due_on) == (date(2026, 12, 4), date(2026, 12, 7))
    time.tokyo(2026, 12, 8)
    with pytest.raises(operations.NotHeld, match="期日を過ぎている"):
        extended(date(2026, 12, 9))


def test_nothing_of_it_is_ever_changed_or_deleted(desk: Desk) -> None:
    session = desk.house.session
    desk.held()
    session.commit()
    for statement in (
        update(Receipt).values(handed_on=date(2026, 1, 1)),
        update(ReceiptItem).values(count=9),
        delete(ReceiptEvent),
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(statement)
        session.rollback()


STEPS = ("confirm", "paper", "refuse", "withdraw", "end", "end_two", "extend", "acknowledge", "wait")


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=9))
def test_whatever_the_order_counts_never_exceed_and_nothing_is_both_held_and_ended(
    desk: Desk, time: SetClock, steps: list[str]
) -> None:
    session, worker = desk.house.session, desk.house.worker.principal
    session.rollback()
    time.tokyo(2026, 11, 27, 9)
    receipt = desk.from_city(an_item(), an_item(count=2))
    acts = {
        "confirm": lambda: desk.confirm(receipt),
        "paper": lambda: operations.confirm_on_paper(session, receipt, note="x", by=worker, now=time.moment),
        "refuse": lambda: operations.refuse(session, receipt, reason="x", by=desk.city, now=time.moment),
        "withdraw": lambda: operations.withdraw(session, receipt, by=worker, now=time.moment),
        "end": lambda: desk.end(receipt, count=3),
        "end_two": lambda: desk.end(receipt, 2, count=2),
        "extend": lambda: operations.extend(
            session, receipt, 1, until_on=date(2027, 1, 5), reason="x", by=worker, now=time.moment
        ),
        "acknowledge": lambda: operations.acknowledge(session, receipt, by=desk.city, now=time.moment),
        "wait": lambda: time.set(time.moment + timedelta(days=20)),
    }
    for step in steps:
        before = len(queries.events_of(session, receipt))
        try:
            acts[step]()
        except Refused:
            assert len(queries.events_of(session, receipt)) == before
    events = queries.events_of(session, receipt)
    ended = [event for event in events if event.kind is EventKind.ENDED]
    confirmed = {event.side for event in events if event.kind is EventKind.CONFIRMED}
    assert not ended or confirmed == set(Side)
    for item in receipt.items:
        standing = derive(item, events)
        gone = sum(event.count or 0 for event in ended if event.position == item.position)
        assert 0 <= standing.left == item.count - gone
        assert (standing.state is State.ENDED) == (standing.left == 0)
        line = session.get_one(ReceiptLine, (receipt.organization_id, receipt.id, item.position))
        session.refresh(line)
        facts = operations.facts_of_line(receipt, item, events)
        assert {name: getattr(line, name) for name in facts} == facts


# --- for the level


@pytest.mark.both_engines
def test_received_things_are_counted_for_all_organizations_in_one_statement(desk: Desk, time: SetClock) -> None:
    session, organization_id = desk.house.session, desk.house.organization.id
    desk.from_city()
    early, late = desk.held(an_item(end_by_on=date(2026, 11, 30))), desk.held(an_item(end_by_on=date(2026, 11, 30)))
    desk.held(an_item(end_by_on=date(2026, 12, 25)))
    desk.end(early)
    time.tokyo(2026, 12, 3, 9)
    desk.end(late, done_on=date(2026, 11, 30))
    since, day = date(2026, 11, 1), date(2026, 12, 3)

    def row(measure: measures.Measure) -> tuple[Any, ...] | None:
        found = session.execute(measure).one_or_none()
        return tuple(found)[1:] if found else None

    assert row(measures.received_with_receipt(since, day)) == (3, 4, None)
    assert row(measures.ended_on_time(since, day)) == (1, 2, date(2026, 12, 28))
    assert row(measures.ended_on_time(since, date(2026, 12, 2))) == (1, 2, date(2026, 12, 28))
    assert row(measures.overdue_now(date(2026, 12, 2))) == (1, 2, date(2026, 12, 28))
    assert row(measures.overdue_now(day, [organization_id])) == (0, 1, date(2026, 12, 28))
    assert row(measures.overdue_now(day, [uuid4()])) is None


# --- pages


@pytest.fixture
def browser(app: Flask, desk: Desk, time: SetClock):
    def browser(user: User) -> FlaskClient:
        desk.house.session.commit()
        return signed_in(app, user, now=time.moment)

    return browser


FORM = {
    "kind": "from_municipality", "handed_on": "2026-11-27", "purpose": "見守り訪問の準備", "medium_1": "paper",
    "description_1": "相談記録の写し 5件", "count_1": "5", "data_class_1": "D4", "ending_1": "return",
    "end_by_on_1": "2026-12-25",
}  # fmt: skip


def test_the_organization_writes_and_the_city_confirms(desk: Desk, browser) -> None:
    worker, city = browser(desk.house.worker.user), browser(desk.city_user)
    page = f"/organizations/{desk.house.organization.id}/receipts/new"
    refused = worker.post(page, data=FORM | {"description_2": "名簿 1枚"})
    assert refused.status_code == 422
    assert "すべて空にしてください" in refused.text
    assert "名簿 1枚" in refused.text
    sent = worker.post(page, data=FORM | {"engagement": str(desk.engagement.id)})
    assert sent.status_code == 303
    address = sent.headers["Location"]
    assert "相手の側の確認を待っています" in worker.get(address).text
    assert "授受の確認" in city.get("/").text
    assert city.post(f"{address}/answer", data={"act": "confirm"}).status_code == 303
    assert "預かり中" in city.get(address).text
    again = city.post(f"{address}/answer", data={"act": "confirm"})
    assert again.status_code == 409
    assert "両方の確認が済んでいます" in again.text

    end = {"method": "by_hand", "count": "5", "done_on": "2026-11-27", "witness": "市役所 太郎", "backups_gone": "y"}
    assert worker.post(f"{address}/items/1/end", data=end | {"count": "6"}).status_code == 422
    assert worker.post(f"{address}/items/1/end", data=end).status_code == 303
    assert "返却・廃棄の記録が1件届いています" in city.get("/").text
    assert city.post(f"{address}/acknowledgement").status_code == 303
    assert "返却・廃棄の記録が1件" not in city.get("/").text
    for client in (worker, city):
        said = words_of(client.get(f"{address}/end.pdf"))
        assert "手渡しで返却" in said
        assert "相談記録の写し5件" in words_of(client.get(f"{address}/receipt.pdf"))


def test_the_city_writes_what_it_hands_over(desk: Desk, browser) -> None:
    city, officer = browser(desk.city_user), browser(desk.house.officer.user)
    page = f"/municipalities/{desk.municipality.id}/receipts/new"
    form = FORM | {"direction": "from_municipality", "engagement": str(desk.engagement.id)}
    address = city.post(page, data=form).headers["Location"]
    assert officer.post(f"{address}/answer", data={"act": "refuse", "reason": ""}).status_code == 422
    assert officer.post(f"{address}/answer", data={"act": "confirm"}).status_code == 303
    assert "相談記録の写し 5件" in city.get(f"/municipalities/{desk.municipality.id}/receipts").text
    assert "相談記録の写し 5件" in officer.get(f"/organizations/{desk.house.organization.id}/receipts").text


def test_a_link_of_another_organization_does_not_exist(desk: Desk, browser) -> None:
    from tests.factories import a_center, an_organization, someone

    receipt = desk.held()
    stranger, _ = someone(desk.house.session, a_center(desk.house.session, an_organization(desk.house.session, "別")))
    client = browser(stranger)
    assert client.get(f"/receipts/{receipt.id}").status_code == 404
    assert client.post(f"/receipts/{receipt.id}/answer", data={"act": "confirm"}).status_code == 404


def test_the_register_is_filtered_and_goes_out_as_a_file(desk: Desk, browser, time: SetClock) -> None:
    desk.held(an_item(end_by_on=date(2026, 11, 30), description="=早い期日"))
    desk.held(an_item(description="遅い期日"))
    time.tokyo(2026, 12, 3, 9)
    officer = browser(desk.house.officer.user)
    page = f"/organizations/{desk.house.organization.id}/receipts"
    overdue = officer.get(f"{page}?state=overdue").text
    assert "=早い期日" in overdue
    assert "遅い期日" not in overdue
    assert "期日を過ぎた預かりものが1件" in officer.get("/").text
    assert "'=早い期日" in officer.get(f"{page}.csv").get_data(as_text=True)
    assert "=早い期日" in words_of(officer.get(f"{page}.xlsx"))
    assert "遅い期日" in words_of(officer.get(f"{page}.pdf"))
    assert officer.get(f"{page}?state=nonsense&from=1&class=D99").status_code == 200


def test_what_someone_received_shows_when_they_leave(desk: Desk, browser) -> None:
    desk.held()
    text = browser(desk.house.officer.user).get(f"/workers/{desk.house.worker.worker.id}/leaving").text
    assert "相談記録の写し 5件" in text
