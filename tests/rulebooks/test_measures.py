"""What readiness counts about rules, for all organizations in one statement."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from partner_compliance.clock import local_date
from partner_compliance.database import open_session
from partner_compliance.history.operations import write_acts
from partner_compliance.rulebooks import adoption, measures, queries
from partner_compliance.rulebooks.words import DecidedBy
from tests.conftest import SetClock
from tests.factories import a_center, a_worker, an_organization, principal_of, someone
from tests.rulebooks.conftest import FRIDAY, Desk

Row = tuple[int, int, date | None]


def counted(desk: Desk, measure: Any, day: date, only: list[UUID] | None = None) -> dict[UUID, Row]:
    return {row[0]: (row[1], row[2], row[3]) for row in desk.house.session.execute(measure(day, only))}


def here(desk: Desk, measure: Any, day: date | None = None) -> Row | None:
    return counted(desk, measure, day or desk.today).get(desk.house.organization.id)


@pytest.mark.both_engines
def test_both_rules_are_counted_from_the_day_they_are_in_force_until_their_review_is_due(desk: Desk) -> None:
    an_organization(desk.house.session, "まだ何もない団体")
    assert here(desk, measures.rules_adopted) is None
    privacy, security, procedure = desk.begin()
    desk.adopt(privacy)
    assert here(desk, measures.rules_adopted) == (1, 2, date(2027, 11, 27))
    desk.adopt(security, in_force_from=date(2026, 12, 1))
    assert here(desk, measures.rules_adopted) == (1, 2, date(2027, 11, 27))
    assert here(desk, measures.rules_adopted, date(2026, 12, 1)) == (2, 2, date(2027, 11, 27))
    assert here(desk, measures.rules_complete, date(2026, 12, 1)) == (2, 2, date(2027, 11, 27))
    assert here(desk, measures.procedure_fresh) is None
    desk.adopt(procedure)
    assert here(desk, measures.procedure_fresh) == (1, 1, date(2027, 11, 27))
    assert here(desk, measures.procedure_fresh, date(2027, 11, 28)) == (0, 1, date(2027, 11, 27))
    assert here(desk, measures.rules_reviewed, date(2027, 11, 27)) == (2, 2, date(2027, 11, 27))
    assert here(desk, measures.rules_reviewed, date(2027, 11, 28)) == (0, 2, date(2027, 11, 27))
    assert here(desk, measures.rules_adopted, date(2027, 11, 28)) == (2, 2, date(2027, 11, 27))
    # Before the decision was recorded, nothing was known of it.
    assert here(desk, measures.rules_adopted, FRIDAY - timedelta(days=1)) is None


@pytest.mark.both_engines
def test_a_review_without_change_counts_from_the_day_it_was_recorded(desk: Desk) -> None:
    version = desk.adopt(desk.begin("incident-procedure")[0])
    desk.time.tokyo(2027, 12, 10, 9)
    assert here(desk, measures.procedure_fresh) == (0, 1, date(2027, 11, 27))
    adoption.review_without_change(
        desk.house.session, version, decided_by=DecidedBy.BOARD, on=date(2027, 12, 1), note="変えない",
        by=desk.house.officer.principal, now=desk.time.moment,
    )  # fmt: skip
    assert here(desk, measures.procedure_fresh) == (1, 1, date(2028, 12, 1))
    assert here(desk, measures.procedure_fresh, date(2027, 12, 9)) == (0, 1, date(2027, 11, 27))


@pytest.mark.both_engines
def test_who_knows_the_rules_is_counted_with_the_end_of_a_grace(desk: Desk) -> None:
    other = an_organization(desk.house.session, "別の団体")
    a_worker(desk.house.session, a_center(desk.house.session, other))
    versions = desk.adopt_all()
    assert counted(desk, measures.rules_acknowledged, FRIDAY) == {desk.house.organization.id: (0, 5, None)}
    for key in ("privacy-rule", "security-rule"):
        desk.acknowledge(versions[key], desk.house.worker)
        desk.acknowledge(versions[key], desk.house.head)
    desk.acknowledge(versions["privacy-rule"], desk.house.officer)
    assert here(desk, measures.rules_acknowledged) == (2, 5, None)
    desk.time.tokyo(2026, 12, 1, 9)
    until = date(2026, 12, 31)
    later = desk.revise(versions["privacy-rule"], is_material=True, acknowledge_by=until)
    assert here(desk, measures.rules_acknowledged) == (2, 5, until)
    desk.acknowledge(later, desk.house.worker)
    assert here(desk, measures.rules_acknowledged) == (2, 5, until)
    assert here(desk, measures.rules_acknowledged, date(2027, 1, 1)) == (1, 5, None)
    desk.house.head.worker.left_on = date(2026, 12, 15)
    assert here(desk, measures.rules_acknowledged, date(2026, 12, 20)) == (1, 4, None)


def test_the_statement_and_the_reading_of_single_people_agree(desk: Desk) -> None:
    versions = desk.adopt_all()
    desk.acknowledge(versions["privacy-rule"], desk.house.worker)
    desk.acknowledge(versions["security-rule"], desk.house.worker)
    rows = queries.rows_of(desk.house.session, desk.house.organization.id, today=desk.today)
    known = sum(1 for row in rows if not {due.version.key for due in row.dues} & set(measures.BOTH))
    held = here(desk, measures.rules_acknowledged)
    assert held is not None
    assert held[:2] == (known, len(rows))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_whatever_is_left_away_nothing_counts_for_more(engine, library, time: SetClock, data) -> None:
    """Two organizations live the same year; the second leaves some steps away. It never stands better."""
    with open_session(engine, write_acts=write_acts) as session:
        desks = []
        for name in ("すべて", "一部"):
            time.tokyo(2026, 11, 27, 9)
            organization = an_organization(session, name)
            center = a_center(session, organization)
            from partner_compliance.access import Role
            from tests.sheets.conftest import House, Person

            def person(title: str, *roles: Role, at: Any = center) -> Person:
                user, worker = someone(session, at, *roles, name=title)
                return Person(user, worker, principal_of(session, user))

            officer = person("西 守", Role.PROTECTION_OFFICER)
            house = House(session, library, organization, center, person("東", Role.CENTER_HEAD), officer,
                          person("北", Role.REPRESENTATIVE), person("南"), a_worker(session, center))  # fmt: skip
            desks.append(Desk(house, time, library))
        steps = data.draw(some.lists(some.booleans(), min_size=7, max_size=7), label="kept by the second")
        for desk, kept in zip(desks, ([True] * 7, steps), strict=True):
            time.tokyo(2026, 11, 27, 9)
            privacy, security, procedure = desk.begin()
            held = {}
            for number, draft in enumerate((privacy, security, procedure)):
                if kept[number]:
                    version = desk.adopt(draft)
                    held[version.key] = version
            if kept[3] and "privacy-rule" in held:
                desk.acknowledge(held["privacy-rule"], desk.house.worker)
            if kept[4] and "security-rule" in held:
                desk.acknowledge(held["security-rule"], desk.house.worker)
            time.tokyo(2027, 10, 1, 9)
            if kept[5] and "incident-procedure" in held:
                adoption.review_without_change(
                    session, held["incident-procedure"], decided_by=DecidedBy.BOARD, on=date(2027, 10, 1), note="なし",
                    by=desk.house.officer.principal, now=time.moment,
                )  # fmt: skip
        full, part = (each.house.organization.id for each in desks)
        day = data.draw(some.dates(date(2026, 11, 27), date(2028, 11, 27)), label="day")
        for measure in (measures.rules_adopted, measures.rules_complete, measures.rules_reviewed,
                        measures.procedure_fresh):  # fmt: skip
            rows = {row[0]: row[1] for row in session.execute(measure(day, [full, part]))}
            assert rows.get(part, 0) <= rows.get(full, 0)
            alone = {row[0]: row[1] for row in session.execute(measure(day, [part]))}
            assert alone.get(part) == rows.get(part)
        session.rollback()
    assert local_date(time.moment) >= FRIDAY
