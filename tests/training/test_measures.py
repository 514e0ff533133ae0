"""Who holds a valid course, as counted for readiness: like a plain count, as of any day, never more with less."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from partner_compliance.acts import SYSTEM
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningStep, Manner
from partner_compliance.training import measures, operations
from partner_compliance.training.models import CourseCancellation, CourseResult
from tests.factories import a_center, a_worker, an_organization
from tests.training.conftest import COURSE

pytestmark = pytest.mark.both_engines


def counted(room, query):
    return {
        row.organization_id: (row.numerator, row.denominator, row.lapses_on)
        for row in room.house.session.execute(query)
    }


def of_house(room, query):
    return counted(room, query)[room.house.organization.id]


def step(room, worker, day):
    facts = people.StepFacts(JoiningStep.COURSE, day, Manner.ALONE, "入門研修", "西 守")
    people.record_step(room.house.session, worker, facts, by=SYSTEM, now=room.time.moment)


def test_passed_courses_on_joining_count_until_they_end(room):
    assert of_house(room, measures.entry_course(room.today)) == (0, 5, None)
    result = room.take(room.house.worker)
    room.take(room.house.head, wrong=3)
    assert of_house(room, measures.entry_course(room.today)) == (1, 5, result.ends_on)
    assert of_house(room, measures.entry_course(result.ends_on))[0] == 1
    assert of_house(room, measures.entry_course(result.ends_on + timedelta(days=1)))[0] == 0


def test_handlers_are_counted_apart(room):
    room.house.volunteer.is_handler = False
    room.take(room.house.worker)
    assert of_house(room, measures.entry_course(room.today, handlers_only=True))[:2] == (1, 4)


def test_a_course_recorded_as_a_step_of_joining_counts_until_april(room):
    step(room, room.house.volunteer, date(2026, 11, 2))
    assert of_house(room, measures.entry_course(room.today)) == (1, 5, date(2027, 4, 14))
    assert of_house(room, measures.entry_course(date(2027, 4, 14)))[0] == 1
    assert of_house(room, measures.entry_course(date(2027, 4, 15)))[0] == 0


def test_one_course_of_the_shelf_is_counted_with_its_adapted_forms(room):
    room.take(room.house.worker, "messages")
    assert of_house(room, measures.course_passes(room.today, "messages"))[:2] == (1, 5)
    assert of_house(room, measures.course_passes(room.today, COURSE))[:2] == (0, 5)
    own = room.adapt()
    room.publish(own)
    room.take(room.house.head, own.key)
    assert of_house(room, measures.course_passes(room.today, COURSE))[:2] == (1, 5)
    assert of_house(room, measures.yearly_course(room.today))[:2] == (2, 5)


def test_before_the_first_day_means_on_it_at_the_latest(room):
    newcomer = room.house.person("新 人")
    newcomer.worker.joined_on = date(2026, 12, 1)
    room.house.session.flush()
    room.take(newcomer)
    late = room.house.person("遅 子")
    late.worker.joined_on = date(2026, 11, 20)
    room.house.session.flush()
    room.take(late)
    assert of_house(room, measures.entry_before_access(date(2026, 12, 1)))[:2] == (1, 7)


def test_what_was_recorded_or_cancelled_later_was_not_known_before(room):
    result = room.take(room.house.worker)
    room.time.tokyo(2026, 12, 3, 9)
    operations.cancel(
        room.house.session, result, reason="別の方", by=room.house.officer.principal, now=room.time.moment
    )  # fmt: skip
    assert of_house(room, measures.entry_course(date(2026, 11, 26)))[0] == 0
    assert of_house(room, measures.entry_course(date(2026, 12, 2)))[0] == 1
    assert of_house(room, measures.entry_course(date(2026, 12, 3)))[0] == 0


def test_one_organization_is_counted_as_among_all(room):
    session = room.house.session
    other = an_organization(session, "よその団体")
    a_worker(session, a_center(session, other))
    room.take(room.house.worker)
    for measure in (measures.entry_course, measures.yearly_course, measures.entry_before_access):
        everyone = counted(room, measure(room.today))
        for organization in (room.house.organization, other):
            alone = counted(room, measure(room.today, [organization.id]))
            assert alone == {organization.id: everyone[organization.id]}


def test_less_evidence_never_counts_for_more(room):
    session = room.house.session
    for person, wrong in ((room.house.worker, 0), (room.house.head, 3), (room.house.officer, 1)):
        room.take(person, wrong=wrong)
    step(room, room.house.volunteer, date(2026, 11, 2))
    days = [room.today, date(2027, 4, 14), date(2027, 4, 15)]
    queries = [measures.entry_course, measures.yearly_course, measures.entry_before_access]
    before = [of_house(room, measure(day))[0] for measure in queries for day in days]
    for result in list(session.scalars(select(CourseResult))):
        session.add(
            CourseCancellation(
                organization_id=result.organization_id, result_id=result.id, reason="x", at=room.time.moment,
                happened_on=room.today, by_id=None, by_name="",
            )
        )  # fmt: skip
        session.flush()
        after = [of_house(room, measure(day))[0] for measure in queries for day in days]
        assert all(now <= then for now, then in zip(after, before, strict=True))
        before = after
