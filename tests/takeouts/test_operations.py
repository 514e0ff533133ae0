"""Taking things out: what is asked, who permits, what is checked at the door, and what the rules refuse."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from partner_compliance.access import Role
from partner_compliance.database import begin_writing, open_session
from partner_compliance.engagements.words import DataClass
from partner_compliance.errors import Refused
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_log
from partner_compliance.organizations.models import Organization
from partner_compliance.takeouts import keeping, operations, queries
from partner_compliance.takeouts.contents import LOGGED_CONTENTS
from partner_compliance.takeouts.derivation import derive, due_on
from partner_compliance.takeouts.models import LedgerLine, LossReport, TakeOut, TakeOutEvent
from partner_compliance.takeouts.words import EventKind, LossEntryKind, Medium, Permission, Protection, Shift, State
from tests.conftest import SetClock
from tests.sheets.conftest import House
from tests.taken_out import ALL_CHECKS, some_facts
from tests.takeouts.conftest import Ledger

LOCKED = frozenset({Protection.ENCRYPTED})


def standing_of(ledger: Ledger, row: TakeOut):
    return queries.story_of(ledger.house.session, row).standing


# --- asking and permitting


@pytest.mark.both_engines
def test_the_whole_way_leaves_a_row_with_every_step_in_the_log(ledger: Ledger, house: House) -> None:
    row = ledger.ask()
    assert standing_of(ledger, row).state is State.ASKED
    ledger.permit(row)
    ledger.depart(row)
    assert (standing_of(ledger, row).state, standing_of(ledger, row).permission) == (State.OUT, Permission.BEFORE)
    ledger.come_back(row)
    house.session.commit()

    found = standing_of(ledger, row)
    assert (found.state, found.differs, found.returned_on) == (State.RETURNED, False, date(2026, 11, 27))
    assert verify_log(house.session, house.organization.id, LOGGED_CONTENTS).ok


def test_a_row_is_never_changed_or_deleted_whoever_writes_to_the_table(ledger: Ledger, house: House) -> None:
    from sqlalchemy import delete, update
    from sqlalchemy.exc import DBAPIError

    ledger.out()
    house.session.commit()
    for statement in (update(TakeOut).values(count=9), delete(TakeOut), update(TakeOutEvent).values(count=9)):
        with pytest.raises(DBAPIError, match="append-only"):
            house.session.execute(statement)
        house.session.rollback()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"count": 0}, "count"),
        ({"description": ""}, "description"),
        ({"purpose": ""}, "purpose"),
        ({"destination": ""}, "destination"),
        ({"data_class": DataClass.D9}, "data_class"),
        ({"medium": Medium.STICK}, "protections"),
        ({"medium": Medium.STICK, "protections": LOCKED, "companions": ""}, "companions"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(ledger: Ledger, changed: dict, field: str) -> None:
    with pytest.raises(operations.WrongEntry) as refused:
        ledger.ask(**changed)
    assert refused.value.field == field


def test_a_medium_with_entrusted_data_needs_a_second_person_or_a_reason(ledger: Ledger) -> None:
    alone = {"medium": Medium.STICK, "protections": LOCKED, "companions": "", "data_class": DataClass.D3}
    with pytest.raises(operations.WrongEntry, match="2人で運びます"):
        ledger.ask(**alone)
    assert ledger.ask(**alone, alone_reason="職員が1人のため").alone_reason
    assert ledger.ask(**alone | {"data_class": DataClass.D1})


def test_times_must_make_sense(ledger: Ledger, house: House) -> None:
    def asked(leaves: timedelta, lasts: timedelta):
        facts = some_facts(ledger.now + leaves, returns_at=ledger.now + leaves + lasts)
        by = house.worker.principal
        return operations.ask(house.session, house.worker.worker, facts, by=by, now=ledger.now, request_key=uuid4())

    hour = timedelta(hours=1)
    for leaves, lasts, field in (
        (-2 * hour, hour, "leaves"),
        (timedelta(days=100), hour, "leaves"),
        (hour, -hour, "returns"),
        (hour, timedelta(days=93), "returns"),
    ):
        with pytest.raises(operations.WrongEntry) as refused:
            asked(leaves, lasts)
        assert refused.value.field == field
    assert asked(timedelta(days=92), timedelta(days=92))


@pytest.mark.both_engines
def test_the_same_form_sent_twice_makes_one_row(ledger: Ledger, house: House) -> None:
    key, facts = uuid4(), some_facts(ledger.now + timedelta(hours=1))
    made = [
        operations.ask(
            house.session, house.worker.worker, facts, by=house.worker.principal, now=ledger.now, request_key=key
        )
        for _ in range(2)
    ]
    assert made[0].id == made[1].id
    assert house.session.scalar(select(func.count()).select_from(TakeOut)) == 1


def test_nobody_permits_the_own_take_out(ledger: Ledger, house: House) -> None:
    own = ledger.ask(house.head)
    with pytest.raises(operations.NotYourDecision):
        ledger.permit(own, house.head)
    officers = ledger.ask(house.officer)
    with pytest.raises(operations.NotYourDecision):
        ledger.permit(officers, house.officer)
    ledger.permit(own, house.officer)
    ledger.permit(officers, ledger.deputy)


def test_a_worker_or_the_head_of_another_center_permits_nothing(ledger: Ledger, house: House) -> None:
    from tests.factories import a_center

    other = house.person("別 館長", Role.CENTER_HEAD, center=a_center(house.session, house.organization, "分室"))
    row = ledger.ask()
    for person in (ledger.colleague, other):
        with pytest.raises(operations.NotYourDecision):
            ledger.permit(row, person)


def test_a_substitute_permits_for_the_days_named_and_never_the_own(
    ledger: Ledger, house: House, time: SetClock
) -> None:
    keeping.name_substitute(
        house.session, house.center, ledger.colleague.worker, from_on=date(2026, 11, 27), until_on=date(2026, 11, 30),
        by=house.head.principal, now=ledger.now,
    )  # fmt: skip
    own_ids = ledger.colleague.principal.worker_ids
    stands_in = queries.substituted_centers(house.session, own_ids, date(2026, 11, 30))
    assert queries.substituted_centers(house.session, own_ids, date(2026, 12, 1)) == frozenset()
    row, own = ledger.ask(), ledger.ask(ledger.colleague)
    ledger.permit(row, ledger.colleague, substituted=stands_in)
    event = queries.story_of(house.session, row).event(EventKind.PERMITTED)
    assert event is not None
    assert event.as_substitute
    with pytest.raises(operations.NotYourDecision):
        ledger.permit(own, ledger.colleague, substituted=stands_in)


def test_a_refusal_needs_a_reason_and_ends_the_request(ledger: Ledger, house: House) -> None:
    row = ledger.ask()
    with pytest.raises(operations.WrongEntry):
        operations.refuse(house.session, row, comment="", by=house.head.principal, now=ledger.now)
    operations.refuse(house.session, row, comment="電話で足ります", by=house.head.principal, now=ledger.now)
    with pytest.raises(operations.NotPermitted):
        ledger.depart(row)
    with pytest.raises(operations.AlreadyDecided, match="東 京子"):
        ledger.permit(row)


def test_what_is_kept_inside_is_permitted_only_with_a_reason(ledger: Ledger) -> None:
    row = ledger.ask(data_class=DataClass.D6)
    with pytest.raises(operations.WrongEntry, match="原則として持ち出しません"):
        ledger.permit(row)
    ledger.permit(row, comment="市役所に返すため")


def test_where_take_outs_are_forbidden_the_head_cannot_permit(ledger: Ledger, house: House) -> None:
    organization = house.session.get_one(Organization, house.organization.id)
    keeping.change_settings(
        house.session, organization, is_forbidden=True, needs_witness=False, by=house.officer.principal, now=ledger.now
    )
    row = ledger.ask()
    with pytest.raises(operations.TakeOutsForbidden):
        ledger.permit(row)
    ledger.permit(row, house.officer, comment="例外として")


# --- leaving and coming back


def test_a_permission_after_leaving_is_kept_as_what_it_is(ledger: Ledger) -> None:
    row = ledger.ask()
    with pytest.raises(operations.WrongEntry, match="まだ許可が出ていません"):
        ledger.depart(row)
    ledger.depart(row, comment="急な呼び出しのため")
    assert standing_of(ledger, row).permission is Permission.NONE
    ledger.permit(row)
    found = standing_of(ledger, row)
    assert (found.state, found.permission) == (State.OUT, Permission.AFTER)


def test_nothing_leaves_without_the_checks_of_its_medium(ledger: Ledger, house: House) -> None:
    row = ledger.ask()
    ledger.permit(row)
    with pytest.raises(operations.WrongEntry) as refused:
        operations.depart(
            house.session, row, count=3, checks={"carried"}, comment="", by=house.worker.principal, now=ledger.now
        )
    assert refused.value.field == "checks"
    with pytest.raises(operations.WrongEntry, match="新しく申請"):
        ledger.depart(row, count=4)


def test_a_second_scan_changes_nothing_and_says_when_it_was_done(ledger: Ledger, house: House) -> None:
    row = ledger.out()
    with pytest.raises(operations.AlreadyOut, match="2026年11月27日 9:00"):
        ledger.depart(row)
    ledger.come_back(row)
    with pytest.raises(operations.AlreadyReturned, match="2026年11月27日 9:00"):
        ledger.come_back(row)
    assert len(queries.events_of(house.session, row)) == 3


def test_a_plan_that_is_over_cannot_begin(ledger: Ledger, time: SetClock) -> None:
    row = ledger.ask()
    ledger.permit(row)
    time.tokyo(2026, 11, 28)
    with pytest.raises(operations.PlanIsOver):
        ledger.depart(row)


def test_a_return_before_leaving_is_refused(ledger: Ledger) -> None:
    row = ledger.ask()
    ledger.permit(row)
    with pytest.raises(operations.NotOut):
        ledger.come_back(row)
    ledger.depart(row)
    with pytest.raises(operations.WrongEntry) as refused:
        ledger.come_back(row, said_at=ledger.now - timedelta(minutes=1))
    assert refused.value.field == "returned"


def test_what_counts_is_the_servers_clock_whatever_is_said(ledger: Ledger, time: SetClock) -> None:
    row = ledger.out()
    said = ledger.now + timedelta(hours=3)
    time.tokyo(2026, 12, 2, 9)
    ledger.come_back(row, said_at=said)
    found = standing_of(ledger, row)
    assert (found.returned_on, found.due_on) == (date(2026, 12, 2), date(2026, 11, 30))


def test_a_check_on_return_is_ticked_or_explained(ledger: Ledger) -> None:
    row = ledger.out(medium=Medium.STICK, protections=LOCKED)
    with pytest.raises(operations.WrongEntry, match="媒体から消し"):
        ledger.come_back(row, checks=())
    ledger.come_back(row, checks=(), comment="明日、事務所の端末で消します")


def test_a_count_that_differs_opens_the_draft_of_an_incident_and_keeps_everything(ledger: Ledger, house: House) -> None:
    row = ledger.out()
    event, report = ledger.come_back(row, count=2, comment="1件見つかりません")
    assert report is not None
    assert (report.expected, report.found, report.note, event.comment) == (
        3,
        2,
        "1件見つかりません",
        "1件見つかりません",
    )
    assert standing_of(ledger, row).differs
    [(listed, name)] = queries.open_losses(house.session, [house.organization.id])
    assert (listed.id, name) == (report.id, "南 花子")
    with pytest.raises(operations.NotYourDecision):
        keeping.write_about_loss(
            house.session,
            report,
            kind=LossEntryKind.FOUND,
            text="ありました",
            by=house.worker.principal,
            now=ledger.now,
        )
    keeping.write_about_loss(
        house.session, report, kind=LossEntryKind.FOUND, text="ありました", by=house.head.principal, now=ledger.now
    )
    assert queries.open_losses(house.session, [house.organization.id]) == []
    with pytest.raises(keeping.AlreadySettled):
        keeping.write_about_loss(
            house.session, report, kind=LossEntryKind.STEP, text="もう1度", by=house.head.principal, now=ledger.now
        )


def test_only_another_person_witnesses_a_return_and_once(ledger: Ledger, house: House) -> None:
    row = ledger.out()
    with pytest.raises(operations.NothingToWitness):
        operations.witness(house.session, row, by=ledger.colleague.principal, now=ledger.now)
    ledger.come_back(row)
    with pytest.raises(operations.WitnessIsOther):
        operations.witness(house.session, row, by=house.worker.principal, now=ledger.now)
    operations.witness(house.session, row, by=ledger.colleague.principal, now=ledger.now)
    with pytest.raises(operations.NothingToWitness):
        operations.witness(house.session, row, by=house.head.principal, now=ledger.now)


@pytest.mark.parametrize(
    ("planned", "due"),
    [
        (date(2026, 11, 27), date(2026, 11, 30)),  # a Friday: the Monday after it
        (date(2026, 11, 28), date(2026, 11, 30)),  # a Saturday
        (date(2026, 12, 28), date(2027, 1, 4)),  # over the New Year
        (date(2027, 4, 28), date(2027, 4, 30)),  # over a holiday
    ],
)
def test_overdue_begins_after_one_business_day(planned: date, due: date) -> None:
    from partner_compliance.clock import start_of

    assert due_on(start_of(planned) + timedelta(hours=15)) == due


def test_a_return_is_extended_before_it_is_overdue_and_with_a_reason(
    ledger: Ledger, house: House, time: SetClock
) -> None:
    row = ledger.out()

    def extended(days: int, reason: str = "訪問が延びたため"):
        return operations.extend(
            house.session, row, until=ledger.now + timedelta(days=days), comment=reason, by=house.worker.principal,
            now=ledger.now,
        )  # fmt: skip

    for days, reason in ((-1, "x"), (1, ""), (93, "x")):
        with pytest.raises(operations.WrongEntry):
            extended(days, reason)
    time.tokyo(2026, 11, 30, 23, 59)
    extended(2)
    assert standing_of(ledger, row).due_on == date(2026, 12, 3)
    time.tokyo(2026, 12, 4)
    assert standing_of(ledger, row).is_overdue(date(2026, 12, 4))
    with pytest.raises(operations.TooLateToExtend):
        extended(2)


# --- afterwards


@pytest.mark.both_engines
def test_what_left_without_a_row_is_written_down_afterwards_as_what_it_is(ledger: Ledger, house: House) -> None:
    def written(leaves: timedelta, returned: timedelta | None, explanation: str = "急な呼び出し"):
        return operations.write_afterwards(
            house.session, house.worker.worker, some_facts(ledger.now + leaves),
            returned_at=None if returned is None else ledger.now + returned, explanation=explanation,
            by=house.worker.principal, now=ledger.now, request_key=uuid4(),
        )  # fmt: skip

    for leaves, returned, explanation, field in (
        (timedelta(hours=1), None, "x", "leaves"),
        (timedelta(days=-400), None, "x", "leaves"),
        (timedelta(days=-2), timedelta(days=-3), "x", "returned"),
        (timedelta(days=-2), timedelta(hours=1), "x", "returned"),
        (timedelta(days=-2), None, "", "explanation"),
    ):
        with pytest.raises(operations.WrongEntry) as refused:
            written(leaves, returned, explanation)
        assert refused.value.field == field
    row = written(timedelta(days=-2), timedelta(days=-2, hours=3))
    found = standing_of(ledger, row)
    assert (found.state, found.permission, found.began_on) == (State.RETURNED, Permission.NONE, date(2026, 11, 25))
    ledger.permit(row)
    assert standing_of(ledger, row).permission is Permission.AFTER


def test_who_has_left_takes_nothing_out_and_what_is_outside_can_still_come_back(
    ledger: Ledger, house: House, time: SetClock
) -> None:
    row, waiting = ledger.out(), ledger.ask()
    house.worker.worker.left_on = date(2026, 11, 27)
    time.tokyo(2026, 11, 28, 9)
    with pytest.raises(operations.NotOnRoster):
        ledger.ask()
    with pytest.raises(Refused):
        ledger.depart(waiting, comment="x")
    found = queries.out_of_workers(house.session, [house.worker.worker])
    assert [each.id for each, _ in found[house.worker.worker.id]] == [row.id]
    ledger.come_back(row, by=house.head)
    assert queries.out_of_workers(house.session, [house.worker.worker]) == {}


# --- standing permissions


def standing_facts(ledger: Ledger, **changed):
    facts = {
        "medium": Medium.PAPER,
        "data_class": DataClass.D3,
        "most": 2,
        "reason": some_facts(ledger.now).reason,
        "description": "弁当配布の名簿",
        "destination": "配布の会場",
        "weekdays": frozenset({Shift.FRI}),
        "from_on": date(2026, 11, 27),
        "until_on": date(2027, 2, 26),
        "people": frozenset({ledger.house.worker.worker.id}),
    }
    return keeping.StandingFacts(**facts | changed)


def granted(ledger: Ledger, by=None, **changed):
    house = ledger.house
    workers = [house.worker.worker, house.head.worker, ledger.colleague.worker]
    return keeping.grant_standing(
        house.session, house.center, standing_facts(ledger, **changed), workers, by=(by or house.head).principal,
        now=ledger.now, request_key=uuid4(),
    )  # fmt: skip


def take(ledger: Ledger, standing, count: int = 1, person=None):
    person = person or ledger.house.worker
    permit = queries.permit_of(ledger.house.session, standing)
    return operations.take_with_standing(
        ledger.house.session, person.worker, permit, count=count, purpose="", checks=ALL_CHECKS, by=person.principal,
        now=ledger.now, request_key=uuid4(),
    )  # fmt: skip


@pytest.mark.both_engines
def test_a_standing_permission_lets_named_people_leave_on_its_days(ledger: Ledger, time: SetClock) -> None:
    standing = granted(ledger)
    found = standing_of(ledger, take(ledger, standing))
    assert (found.state, found.permission, found.due_on) == (State.OUT, Permission.STANDING, date(2026, 11, 30))
    with pytest.raises(operations.NotCovered, match="名前が入っていません"):
        take(ledger, standing, person=ledger.colleague)
    with pytest.raises(operations.NotCovered, match="2件まで"):
        take(ledger, standing, count=3)
    time.tokyo(2026, 11, 30, 9)
    with pytest.raises(operations.NotCovered, match="曜日"):
        take(ledger, standing)
    time.tokyo(2027, 3, 5, 9)
    with pytest.raises(operations.NotCovered, match="期限が切れています"):
        take(ledger, standing)


def test_a_standing_permission_that_was_taken_back_opens_nothing(ledger: Ledger, house: House) -> None:
    standing = granted(ledger)
    keeping.end_standing(house.session, standing, reason="人が替わるため", by=house.head.principal, now=ledger.now)
    with pytest.raises(operations.NotCovered, match="取り消されています"):
        take(ledger, standing)
    with pytest.raises(keeping.AlreadyEnded):
        keeping.end_standing(house.session, standing, reason="もう1度", by=house.head.principal, now=ledger.now)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"until_on": date(2027, 2, 27)}, "until_on"),
        ({"until_on": date(2026, 11, 26)}, "until_on"),
        ({"from_on": date(2026, 11, 26)}, "from_on"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"people": frozenset()}, "people"),
        ({"people": frozenset({uuid4()})}, "people"),
        ({"data_class": DataClass.D6}, "data_class"),
        ({"back_after_days": 8}, "back_after_days"),
        ({"medium": Medium.STICK, "protections": LOCKED}, "companions"),
    ],
)
def test_a_standing_permission_has_its_limits(ledger: Ledger, changed: dict, field: str) -> None:
    with pytest.raises(operations.WrongEntry) as refused:
        granted(ledger, **changed)
    assert refused.value.field == field


def test_nobody_gives_a_standing_permission_to_themselves(ledger: Ledger, house: House) -> None:
    both = frozenset({house.worker.worker.id, house.head.worker.id})
    with pytest.raises(keeping.NamesItself):
        granted(ledger, people=both)
    assert granted(ledger, house.officer, people=both)


# --- labels


def test_a_retired_label_begins_no_new_row(ledger: Ledger, house: House) -> None:
    by = house.head.principal
    label = keeping.make_label(
        house.session, house.center, name="青いかばん", medium=Medium.PAPER, by=by, now=ledger.now
    )
    with pytest.raises(operations.WrongEntry):
        keeping.make_label(house.session, house.center, name="青いかばん", medium=Medium.PAPER, by=by, now=ledger.now)
    keeping.retire_label(house.session, label, by=by, now=ledger.now)
    with pytest.raises(operations.LabelRetired):
        operations.ask(
            house.session, house.worker.worker, some_facts(ledger.now + timedelta(hours=1)),
            by=house.worker.principal, now=ledger.now, request_key=uuid4(), label=label,
        )  # fmt: skip


# --- whatever the order

STEPS = ("permit", "refuse", "withdraw", "depart", "come_back", "short", "extend", "explain", "witness", "wait")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=9))
def test_whatever_the_order_a_row_is_never_lost_and_never_both_out_and_returned(
    ledger: Ledger, house: House, time: SetClock, steps: list[str]
) -> None:
    """Every act either happens whole or is refused; the line always says what the events say."""
    session, worker, head = house.session, house.worker.principal, house.head.principal
    session.rollback()
    time.tokyo(2026, 11, 27, 9)
    row = ledger.ask()
    acts = {
        "permit": lambda: ledger.permit(row),
        "refuse": lambda: operations.refuse(session, row, comment="x", by=head, now=ledger.now),
        "withdraw": lambda: operations.withdraw(session, row, comment="", by=worker, now=ledger.now),
        "depart": lambda: ledger.depart(row, comment="急ぎ"),
        "come_back": lambda: ledger.come_back(row),
        "short": lambda: ledger.come_back(row, count=2, comment="x"),
        "extend": lambda: operations.extend(
            session, row, until=ledger.now + timedelta(days=2), comment="x", by=worker, now=ledger.now
        ),
        "explain": lambda: operations.explain(session, row, comment="x", by=worker, now=ledger.now),
        "witness": lambda: operations.witness(session, row, by=ledger.colleague.principal, now=ledger.now),
        "wait": lambda: time.set(time.moment + timedelta(hours=20)),
    }
    happened = []
    for step in steps:
        before = len(queries.events_of(session, row))
        try:
            acts[step]()
        except Refused:
            assert len(queries.events_of(session, row)) == before
        else:
            happened.append(step)
    events = queries.events_of(session, row)
    kinds = [event.kind for event in events]
    found = derive(row, events)
    assert kinds.count(EventKind.DEPARTED) <= 1
    assert kinds.count(EventKind.RETURNED) <= kinds.count(EventKind.DEPARTED)
    assert (found.state is State.OUT) == (EventKind.DEPARTED in kinds and EventKind.RETURNED not in kinds)
    assert (found.state is State.RETURNED) == (EventKind.RETURNED in kinds)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    line = session.get_one(LedgerLine, (row.organization_id, row.id))
    session.refresh(line)
    facts = operations.facts_of_line(row, found)
    assert {name: getattr(line, name) for name in facts} == facts
    losses = session.scalar(select(func.count()).select_from(LossReport).where(LossReport.take_out_id == row.id))
    assert losses == happened.count("short")
    out = found.state is State.OUT
    listed = queries.Asked(state="out")
    seen = queries.how_many(session, row.organization_id, listed, today=date(2026, 11, 27))
    assert seen == int(out)


# --- at the same moment


@pytest.mark.both_engines
def test_eight_who_decide_at_the_same_moment_have_one_effect(ledger: Ledger, house: House, engine: Engine) -> None:
    row = ledger.ask()
    house.session.commit()
    by, now, gate = house.head.principal, ledger.now, Barrier(8)

    def decide(_number: int) -> str:
        with open_session(engine, write_acts=write_acts) as session:
            gate.wait()
            begin_writing(session)
            try:
                found = session.get_one(TakeOut, (row.organization_id, row.id))
                operations.permit(session, found, comment="", by=by, now=now)
                session.commit()
            except operations.AlreadyDecided as refused:
                return refused.message
            return "permitted"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(decide, range(8)))

    assert told.count("permitted") == 1
    assert sum("東 京子さんが「許可」と記録しています" in each for each in told) == 7
    house.session.rollback()
    assert [event.kind for event in queries.events_of(house.session, row)] == [EventKind.PERMITTED]
    acts = house.session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == row.organization_id)).all()
    assert acts.count("take_out.permitted") == 1
