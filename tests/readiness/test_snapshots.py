"""Snapshots of days that are over: one of each organization, and equal to what the records of that day showed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from partner_compliance import clock
from partner_compliance.acts import SYSTEM
from partner_compliance.database import open_session
from partner_compliance.history.entries import digest
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.readiness import snapshots
from partner_compliance.readiness.assessment import State
from partner_compliance.readiness.measures import Asked, figures
from partner_compliance.readiness.models import ReadinessDay, ReadinessSnapshot
from partner_compliance.readiness.snapshots import How, Since, frozen
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post
from partner_compliance.scheduler import tick
from tests.factories import a_municipality, an_organization
from tests.readiness.conftest import Ladder
from tests.readiness.lively import a_lively_fortnight, days_of

pytestmark = pytest.mark.both_engines


def take(ladder: Ladder, engine: Engine, *, most: int = 400) -> int:
    ladder.house.session.commit()
    return snapshots.take_days(engine, ladder.library, ladder.time.moment, most=most)


def rows(ladder: Ladder) -> list[ReadinessSnapshot]:
    ladder.house.session.rollback()
    mine = select(ReadinessSnapshot).where(ReadinessSnapshot.organization_id == ladder.id)
    return list(ladder.house.session.scalars(mine.order_by(ReadinessSnapshot.as_of)))


def test_a_past_day_stays_what_it_showed_whatever_is_written_corrected_or_erased_later(
    ladder: Ladder, engine: Engine
) -> None:
    """What was shown on each day is what is shown of it afterwards, and what was kept of it."""
    shown: dict[date, Any] = {}

    def remember(day: date) -> None:
        assert ladder.today == day
        counted = figures(ladder.house.session, Asked(ladder.library, day, [ladder.id]), list(Measure))
        shown[day] = frozen(ladder.assessment(day)), counted[ladder.id]
        take(ladder, engine)

    a_lively_fortnight(ladder, remember)
    ladder.go(2026, 12, 19)
    take(ladder, engine)
    assert len({digest for (_, digest), _ in shown.values()}) == len(shown) >= 12
    for day, (was, counted) in shown.items():
        again = figures(ladder.house.session, Asked(ladder.library, day, [ladder.id]), list(Measure))[ladder.id]
        assert again == counted, day
        every = figures(ladder.house.session, Asked(ladder.library, day), list(Measure))[ladder.id]
        assert every == counted, day
        assert frozen(ladder.assessment(day)) == was, day
    for day in days_of(date(2026, 11, 27), date(2026, 12, 18)):
        kept = snapshots.snapshot_of(ladder.house.session, ladder.id, day)
        assert kept is not None
        now, _ = frozen(ladder.assessment(day))
        assert snapshots.is_same(kept.data, now), day
        assert digest(kept.data) == kept.digest
        beside = snapshots.compared(ladder.house.session, ladder.id, ladder.assessment(day))
        assert beside is not None
        assert beside.is_same


def test_something_that_only_the_later_roster_says_is_not_known_before(ladder: Ladder) -> None:
    """A handler who is made none, and somebody registered late with an earlier first day."""
    session = ladder.house.session
    session.commit()
    before = ladder.figure(Measure.HANDLERS_PLEDGED)
    assert before is not None
    ladder.go(2026, 12, 1)
    facts = roster.facts_of(session, ladder.house.volunteer)
    roster.change_worker(
        session, ladder.house.volunteer, replace(facts, is_handler=False), needs_kana=False, by=SYSTEM,
        now=ladder.time.moment,
    )  # fmt: skip
    late = replace(facts, name="後 書き", staff_number=None, joined_on=date(2026, 11, 1), other_centers=frozenset())
    roster.add_worker(session, ladder.house.organization.id, late, needs_kana=False, by=SYSTEM, now=ladder.time.moment)
    session.commit()
    assert ladder.figure(Measure.HANDLERS_PLEDGED) == before  # one more, one less
    assert ladder.figure(Measure.WORKERS_PLEDGED) == replace(before, denominator=before.denominator + 1)
    assert ladder.figure(Measure.HANDLERS_PLEDGED, date(2026, 11, 27)) == before
    assert ladder.figure(Measure.WORKERS_PLEDGED, date(2026, 11, 27)) == before


# --- taking them ------------------------------------------------------------------------------------------------


def test_days_that_are_over_are_taken_once_and_kept_only_when_something_is_different(
    ladder: Ladder, engine: Engine
) -> None:
    first = clock.local_date(ladder.house.organization.created_at)
    days = (ladder.today - first).days
    assert take(ladder, engine) == days
    assert take(ladder, engine) == 0
    assert [row.as_of for row in rows(ladder)] == [first]
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.go(2026, 11, 30)
    assert take(ladder, engine) == 3
    assert [(row.as_of, row.level) for row in rows(ladder)] == [(first, 0), (date(2026, 11, 27), 1)]
    ladder.go(2026, 12, 1)
    assert take(ladder, engine) == 1
    assert len(rows(ladder)) == 2
    taken = ladder.house.session.scalars(select(ReadinessDay).order_by(ReadinessDay.as_of)).all()
    assert [each.as_of for each in taken] == days_of(first, date(2026, 11, 30))
    assert [each.stored for each in taken if each.stored] == [1, 1]
    assert {each.organizations for each in taken} == {1}


def test_a_tick_catches_up_after_days_down_and_two_at_once_have_one_effect(
    ladder: Ladder, engine: Engine, library: Library, settings: Any
) -> None:
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.house.session.commit()
    ladder.go(2026, 12, 7)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tick(engine, library, settings, ladder.time.moment), range(4)))
    first = clock.local_date(ladder.house.organization.created_at)
    with open_session(engine) as session:
        taken = session.scalars(select(ReadinessDay.as_of).order_by(ReadinessDay.as_of)).all()
        assert taken == days_of(first, date(2026, 12, 6))
    assert [row.as_of for row in rows(ladder)] == [first, date(2026, 11, 27)]
    assert tick(engine, library, settings, ladder.time.moment).days == 0


def test_days_are_taken_a_few_at_a_time_the_oldest_first_and_at_most_a_year_back(
    ladder: Ladder, engine: Engine
) -> None:
    first = clock.local_date(ladder.house.organization.created_at)
    assert take(ladder, engine, most=2) == 2
    assert take(ladder, engine, most=2) == 2
    with open_session(engine) as session:
        taken = session.scalars(select(ReadinessDay.as_of).order_by(ReadinessDay.as_of)).all()
        assert taken == days_of(first, first + timedelta(days=3))
        far = date(2030, 1, 1)
        assert snapshots.days_to_take(session, far)[0] == far - timedelta(days=366)
        assert len(snapshots.days_to_take(session, far)) == 366


def test_a_day_that_was_interrupted_is_taken_up_again(
    ladder: Ladder, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ladder.house.session
    for number in range(4):
        an_organization(session, f"団体{number}")
    session.commit()
    monkeypatch.setattr(snapshots, "_WRITTEN_AT_ONCE", 2)
    monkeypatch.setattr(snapshots, "_BATCH", 3)
    real, calls = snapshots.writing, []

    def breaks(*arguments: Any) -> Any:
        calls.append(True)
        if len(calls) == 3:
            raise RuntimeError("the power is gone")
        return real(*arguments)

    monkeypatch.setattr(snapshots, "writing", breaks)
    with pytest.raises(RuntimeError):
        take(ladder, engine, most=1)
    assert session.scalar(select(ReadinessDay.as_of)) is None
    assert take(ladder, engine, most=1) == 1
    session.rollback()
    first = clock.local_date(ladder.house.organization.created_at)
    stored = session.scalars(select(ReadinessSnapshot.organization_id)).all()
    assert len(stored) == len(set(stored)) == 5
    assert session.scalars(select(ReadinessDay)).one().as_of == first


def test_all_organizations_take_as_many_statements_as_one(ladder: Ladder, engine: Engine) -> None:
    from tests.test_query_counts import statements

    take(ladder, engine, most=1)
    counts = []
    for many in (1, 12):
        for number in range(many):
            an_organization(ladder.house.session, f"団体{number}")
        ladder.house.session.commit()
        with statements(engine) as seen:
            assert take(ladder, engine, most=1) == 1
        counts.append(len([each for each in seen if each.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 45


def test_what_was_kept_is_never_changed_nor_taken_away(ladder: Ladder, engine: Engine) -> None:
    take(ladder, engine)
    for statement in (
        "UPDATE readiness_snapshot SET level = 5",
        "DELETE FROM readiness_snapshot",
        "UPDATE readiness_day SET stored = 0",
        "DELETE FROM readiness_day",
    ):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(statement))


# --- since when -------------------------------------------------------------------------------------------------


def test_since_when_is_what_asking_every_day_would_say(ladder: Ladder, engine: Engine) -> None:
    """A criterion is as it is since the day after the last one on which it was not, whatever happened in between."""
    a_lively_fortnight(ladder, lambda _: None)
    ladder.go(2026, 12, 19)
    take(ladder, engine)
    first = clock.local_date(ladder.house.organization.created_at)
    states = {
        day: {each.criterion.id: each.state for each in ladder.assessment(day).findings}
        for day in days_of(first, ladder.today)
    }
    for day in (date(2026, 12, 3), date(2026, 12, 10), ladder.today):
        found = snapshots.since_when(ladder.house.session, ladder.id, ladder.assessment(day))
        changed = 0
        for key, state in states[day].items():
            others = [each for each in states if each < day and states[each][key] is not state]
            expected = max(others) + timedelta(days=1) if others else first
            assert found[key] == Since(expected, How.ON), (day, key)
            changed += expected != first
        assert changed >= 3


def test_since_when_says_honestly_what_nobody_has_looked_at(ladder: Ladder, engine: Engine) -> None:
    session = ladder.house.session
    found = ladder.assessment()
    assert snapshots.since_when(session, ladder.id, found) == {}
    # An organization that was there before the first day that was taken.
    organization = session.get_one(Organization, ladder.id)
    organization.created_at -= timedelta(days=600)
    take(ladder, engine, most=1)
    [row] = rows(ladder)
    assert row.as_of == ladder.today - timedelta(days=366)
    ladder.name_posts()
    session.flush()
    since = snapshots.since_when(session, ladder.id, ladder.assessment())
    assert since["1b"] == Since(row.as_of, How.BEFORE)
    assert since["1b"].words == f"{clock.era_date(row.as_of)}より前から"
    assert since["1a"] == Since(row.as_of, How.AFTER)
    assert since["1a"].words == f"{clock.era_date(row.as_of)}より後から"


def test_today_is_the_day_of_a_change_since_yesterday(ladder: Ladder, engine: Engine) -> None:
    take(ladder, engine)
    ladder.name_posts()
    since = snapshots.since_when(ladder.house.session, ladder.id, ladder.assessment())
    first = clock.local_date(ladder.house.organization.created_at)
    assert since["1a"] == Since(ladder.today, How.ON)
    assert since["1b"] == Since(first, How.ON)


# --- the curve --------------------------------------------------------------------------------------------------


def test_the_curve_holds_the_level_of_each_month_end_and_nothing_where_nobody_looked(
    ladder: Ladder, engine: Engine
) -> None:
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.house.session.commit()
    ladder.go(2027, 3, 5)
    assert [each.level for each in snapshots.curve(ladder.house.session, ladder.id, ladder.assessment())] == (
        [None] * 12 + [0]
    )
    take(ladder, engine)
    points = snapshots.curve(ladder.house.session, ladder.id, ladder.assessment())
    assert [each.on for each in points][-3:] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 5)]
    assert len(points) == 13
    assert [each.level for each in points] == [None] * 8 + [1, 1, 1, 0, 0]
    for each in points[8:]:
        assert ladder.assessment(each.on).level == each.level
    past = snapshots.curve(ladder.house.session, ladder.id, ladder.assessment(date(2027, 1, 15)))
    assert [each.level for each in past][-3:] == [1, 1, 1]


# --- before it was there ----------------------------------------------------------------------------------------


def test_before_an_organization_was_there_nothing_is_known_of_it(ladder: Ladder) -> None:
    ladder.first_level(a_municipality(ladder.house.session))
    before = clock.local_date(ladder.house.organization.created_at) - timedelta(days=1)
    found = ladder.assessment(before)
    assert found.level == 0
    assert {each.state for each in found.findings} == {State.UNKNOWN, State.PLANNED}
    assert all(result.sentence() for each in found.findings for result in each.results)
    assert all(each.count >= 1 for each in found.plan())
    assert State.MET in {each.state for each in ladder.assessment(before + timedelta(days=1)).findings}


def test_posts_that_end_later_still_count_on_the_days_before_anybody_knew(ladder: Ladder) -> None:
    from partner_compliance.accounts import operations as accounts

    session = ladder.house.session
    ladder.name_posts()
    session.commit()
    ladder.go(2026, 12, 8)
    deputy = ladder.hold(ladder.house.officer, Post.SECURITY_MANAGER_DEPUTY)
    accounts.dismiss(session, deputy, until_on=date(2026, 12, 4), by=SYSTEM, now=ladder.time.moment)
    session.commit()
    assert ladder.figure(Measure.POSTS_WITH_DEPUTY, date(2026, 12, 7)) is not None
    counted = [ladder.figure(Measure.POSTS_WITH_DEPUTY, date(2026, 12, day)) for day in (4, 7, 8)]
    assert [each.numerator for each in counted if each is not None] == [2, 2, 1]
