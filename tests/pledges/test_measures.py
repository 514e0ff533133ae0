"""What readiness counts about pledges, for all organizations in one statement."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from partner_compliance.access import Role
from partner_compliance.clock import local_date
from partner_compliance.database import open_session
from partner_compliance.library.pledges import Change
from partner_compliance.library.shelf import Library
from partner_compliance.pledges import measures, operations, queries
from partner_compliance.pledges.models import Pledge
from tests.conftest import SetClock
from tests.factories import a_center, a_worker, an_organization, principal_of, someone
from tests.pledges.conftest import ANNUAL, Desk

FRIDAY = date(2026, 11, 27)
LAPSES = date(2027, 4, 14)


def counted(desk: Desk, day: date, measure: Any = measures.workers_pledged) -> dict[UUID, tuple[int, int, date | None]]:
    rows = desk.house.session.execute(measure(day, desk.house.library))
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def counted_here(desk: Desk, day: date, measure: Any = measures.workers_pledged) -> tuple[int, int, date | None]:
    return counted(desk, day, measure)[desk.house.organization.id]


@pytest.mark.both_engines
def test_active_workers_and_handlers_are_counted_with_the_first_day_on_which_a_pledge_ends(desk: Desk) -> None:
    other = an_organization(desk.house.session, "別の団体")
    a_worker(desk.house.session, a_center(desk.house.session, other))
    desk.house.volunteer.is_handler = False
    a_worker(desk.house.session, desk.house.center, "去った方", left_on=date(2026, 11, 1))
    for person in (desk.house.worker, desk.house.head):
        desk.sign(person)
    desk.paper(desk.house.volunteer, date(2026, 11, 20))
    assert counted(desk, FRIDAY) == {desk.house.organization.id: (3, 5, LAPSES), other.id: (0, 1, None)}
    assert counted_here(desk, FRIDAY, measures.handlers_pledged) == (2, 4, LAPSES)
    assert counted_here(desk, LAPSES) == (3, 5, LAPSES)
    assert counted_here(desk, LAPSES + timedelta(days=1)) == (0, 5, None)
    rows = desk.house.session.execute(measures.workers_pledged(FRIDAY, desk.house.library, [other.id]))
    assert [tuple(row) for row in rows] == [(other.id, 0, 1, None)]


@pytest.mark.both_engines
def test_what_was_not_known_on_a_day_does_not_count_on_it(desk: Desk) -> None:
    made = desk.paper(desk.house.volunteer, date(2026, 11, 2))
    assert counted_here(desk, date(2026, 11, 10))[0] == 0
    assert counted_here(desk, FRIDAY)[0] == 1
    desk.time.tokyo(2026, 12, 1, 9)
    operations.cancel(
        desk.house.session, made, reason="別の方の紙でした", by=desk.house.officer.principal, now=desk.time.moment
    )
    assert counted_here(desk, FRIDAY)[0] == 1
    assert counted_here(desk, date(2026, 12, 1))[0] == 0


@pytest.mark.both_engines
def test_a_material_change_ends_what_was_signed_before_on_its_day(desk: Desk) -> None:
    desk.sign(desk.house.worker)
    desk.sign(desk.house.head)
    desk.change(again_by=date(2026, 12, 18))
    assert counted_here(desk, FRIDAY) == (2, 5, date(2026, 12, 18))
    assert counted_here(desk, FRIDAY - timedelta(days=1))[0] == 0
    desk.time.tokyo(2026, 12, 1, 9)
    desk.sign(desk.house.worker)
    assert counted_here(desk, date(2026, 12, 18)) == (2, 5, date(2026, 12, 18))
    assert counted_here(desk, date(2026, 12, 19)) == (1, 5, LAPSES)


def unsigned(desk: Desk, day: date) -> tuple[int, int]:
    within = {desk.house.organization.id: {desk.house.center.id}}
    rows = desk.house.session.execute(measures.unsigned(day, desk.house.library, within)).all()
    return (rows[0].asked, rows[0].without) if rows else (0, 0)


@pytest.mark.both_engines
def test_those_who_are_asked_are_as_many_as_the_list_shows(desk: Desk) -> None:
    for number, person in enumerate((desk.house.worker, desk.house.head, desk.house.officer)):
        desk.sign(person)
        if number == 0:
            desk.change(again_by=date(2026, 12, 18))
    for day in (FRIDAY, date(2026, 12, 19), date(2027, 3, 1), date(2027, 4, 14), date(2027, 4, 15)):
        desk.time.tokyo(day.year, day.month, day.day, 9)
        workers = [row.worker for row in queries.rows_of(
            desk.house.session, desk.house.library, desk.house.organization.id, today=day
        )]  # fmt: skip
        dues = queries.dues_of(desk.house.session, desk.house.library, workers, today=day)
        asked = sum(1 for worker in workers if any(due.asked == ANNUAL for due in dues[worker.id]))
        without = sum(1 for worker in workers if desk.standing(worker) in ("missing", "outdated"))
        assert unsigned(desk, day) == (asked, without), day


# --- whatever the order -----------------------------------------------------------------------------------------

events = some.lists(
    some.tuples(
        some.sampled_from(["sign", "paper", "cancel", "change", "minor", "month"]),
        some.integers(0, 2),
        some.integers(0, 60),
    ),
    max_size=14,
)


@given(events)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_statement_counts_as_the_pages_do_and_a_pledge_taken_away_raises_nothing(
    engine: Any, library: Library, time: SetClock, happened: list[tuple[str, int, int]]
) -> None:
    """One statement over rows and the reading of single people agree; evidence removed never raises the numbers."""
    with open_session(engine) as session:
        time.tokyo(2027, 2, 20, 9)
        organization = an_organization(session, f"団体{uuid4()}")
        center = a_center(session, organization)
        people = [someone(session, center, name=f"人{number}") for number in range(3)]
        officer = principal_of(session, someone(session, center, Role.PROTECTION_OFFICER, name="西 守")[0])
        signed: list[Pledge] = []
        changes = 0
        for what, who, days in happened:
            today = local_date(time.moment)
            worker = people[who][1]
            if what in ("sign", "paper"):
                sent = operations.Paper(today - timedelta(days=days if what == "paper" else 0), uuid4())
                try:
                    made = operations.enter_paper(session, library, worker, ANNUAL, sent, by=officer, now=time.moment)
                except operations.AlreadySigned:
                    continue
                signed.append(made)
            elif what == "cancel" and signed:
                operations.cancel(session, signed.pop(), reason="誤り", by=officer, now=time.moment)
            elif what in ("change", "minor"):
                is_material = what == "change"
                operations.change_wording(
                    session, organization, "annual",
                    operations.Additions(
                        [f"約束{changes}"], today, is_material, "理由",
                        today + timedelta(days=7 + days) if is_material else None,
                    ), seen=changes, by=officer, now=time.moment,
                )  # fmt: skip
                changes += 1
            elif what == "month":
                operations.choose_month(session, organization, 1 + days % 12, by=officer, now=time.moment)
            later = today + timedelta(days=days // 3)
            time.tokyo(later.year, later.month, later.day, 9)
        today = local_date(time.moment)

        def one(measure: Any) -> tuple[int, int, date | None]:
            return tuple(session.execute(measure(today, library, [organization.id])).one())[1:]

        before = one(measures.workers_pledged)
        workers = [row.worker for row in queries.rows_of(session, library, organization.id, today=today)]
        cover = queries.Cover(session, library, workers, on=today)
        held = [found for worker in workers if (found := cover.holding(worker)) is not None]
        assert before == (len(held), len(workers), min((each.ends_on for each in held), default=None))
        asked = session.execute(measures.unsigned(today, library, {organization.id: set()})).all()
        mine = sum(1 for worker in workers if cover.asks(worker) is not None)
        assert [(row.asked, row.without) for row in asked] == ([(mine, len(workers) - len(held))] if mine else [])
        for pledge in signed:
            operations.cancel(session, pledge, reason="誤り", by=officer, now=time.moment)
            after = one(measures.workers_pledged)
            assert after[0] <= before[0]
            before = after
        session.rollback()


@pytest.mark.both_engines
def test_a_later_edition_of_the_shelf_asks_everyone_to_sign_again_when_it_is_material(desk: Desk) -> None:
    desk.sign(desk.house.worker)
    old = desk.house.library
    now_read = next(each for each in old.wordings if each.key == "annual")
    for kind, days, ends in (("minor", None, LAPSES), ("material", 30, date(2026, 12, 25))):
        change = Change(kind=kind, reason="法律が変わったため", sign_again_days=days)
        later = now_read.model_copy(update={"edition": "2027", "valid_from": date(2026, 11, 25), "change": change})
        desk.house.library = replace(old, wordings=(*old.wordings, later.as_published()))
        assert counted_here(desk, FRIDAY) == (1, 5, ends)
        held = queries.Cover(desk.house.session, desk.house.library, [desk.house.worker.worker], on=FRIDAY)
        signature = held.holding(desk.house.worker.worker)
        assert signature is not None
        assert signature.ends_on == ends
        assert (ANNUAL in desk.dues(desk.house.worker.worker)) is (kind == "material")
    assert counted_here(desk, date(2026, 12, 26))[0] == 0
    made = desk.sign(desk.house.worker)
    assert made.edition == "2027"
    assert counted_here(desk, date(2026, 12, 26)) == (1, 5, LAPSES)
