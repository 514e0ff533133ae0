"""What readiness counts about courses: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood, and were known, on a day; an
organization without anybody to count yields no row. `lapses_on` is the first day on which somebody's course ends; the
day after, the numbers are worse unless somebody takes it again. `people` is the roster that is asked, for a past day as
it was known then (roster.known).
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from partner_compliance import yearly
from partner_compliance.organizations.models import Worker
from partner_compliance.people.models import JoiningRecord, JoiningStep
from partner_compliance.people.queries import SOURCES
from partner_compliance.training.models import CourseCancellation, CourseResult
from partner_compliance.training.queries import Where

Measure = Select[*tuple[Any, ...]]


def entry_course(
    as_of: date, organization_ids: Where = None, people: Any = Worker, *, handlers_only: bool = False
) -> Measure:
    """(organization, with a valid course on joining, active workers or handlers, first end) (ladder 2d).

    A course that was recorded as a step of joining, without its questions, counts like one taken in March or later.
    """
    return _coverage(_held(as_of, organization_ids, CourseResult.is_entry, handlers_only, people, with_steps=True))


def without_entry_course(
    as_of: date, organization_ids: Where = None, *, handlers_only: bool = False
) -> Measure:  # fmt: skip
    """(organization, worker) of the active workers, or handlers, whom the measure above does not count."""
    return _without(_held(as_of, organization_ids, CourseResult.is_entry, handlers_only, with_steps=True))


def course_passes(
    as_of: date, course_key: str, organization_ids: Where = None, *, handlers_only: bool = False
) -> Measure:
    """(organization, with a valid pass, active workers or handlers, first end) of one course of the shelf, or of an
    adapted one that keeps all its questions."""
    return _coverage(_held(as_of, organization_ids, CourseResult.counts_as == course_key, handlers_only))


def yearly_course(
    as_of: date, organization_ids: Where = None, people: Any = Worker, *, handlers_only: bool = False
) -> Measure:
    """(organization, with a valid pass of any course of the shelf, active workers or handlers, first end)
    (ladder 4c, DOMAIN E11)."""
    which = CourseResult.counts_as.is_not(None)
    return _coverage(_held(as_of, organization_ids, which, handlers_only, people, with_steps=True))


def without_yearly_course(
    as_of: date, organization_ids: Where = None, *, handlers_only: bool = False
) -> Measure:  # fmt: skip
    """(organization, worker) of the active workers, or handlers, whom the measure above does not count."""
    which = CourseResult.counts_as.is_not(None)
    return _without(_held(as_of, organization_ids, which, handlers_only, with_steps=True))


def entry_before_access(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, in order, active handlers, None): handlers who had passed the course on joining on or before their
    first day (DOMAIN E08, E12)."""
    result = _passes(as_of).where(CourseResult.is_entry).subquery()
    step = _steps(as_of, None).subquery()
    in_order = or_(
        *(
            select(literal(1))
            .select_from(facts)
            .where(
                facts.c.organization_id == Worker.organization_id,
                facts.c.worker_id == Worker.id,
                facts.c.done_on <= Worker.joined_on,
            )
            .correlate(Worker)
            .exists()
            for facts in (result, step)
        )
    )
    query = (
        select(
            Worker.organization_id,
            func.sum(case((in_order, 1), else_=0), type_=Integer()).label("numerator"),
            func.count().label("denominator"),
            literal(None, Date()).label("lapses_on"),
        )
        .where(Worker.is_handler, *_active(as_of))
        .group_by(Worker.organization_id)
    )
    return query if organization_ids is None else query.where(Worker.organization_id.in_(sorted(organization_ids)))


def _active(as_of: date, people: Any = Worker) -> list[Any]:
    return [people.joined_on <= as_of, or_(people.left_on.is_(None), people.left_on >= as_of)]


def _cancelled(as_of: date) -> Any:
    # Few are cancelled: they are read once as a whole, not again for every result.
    return select(CourseCancellation.result_id).where(CourseCancellation.happened_on <= as_of)


def _passes(as_of: date) -> Measure:
    """(organization, worker, done_on) of every pass that was known by a day."""
    return select(CourseResult.organization_id, CourseResult.worker_id, CourseResult.done_on).where(
        CourseResult.is_passed,
        CourseResult.done_on <= as_of,
        CourseResult.recorded_on <= as_of,
        CourseResult.id.not_in(_cancelled(as_of)),
    )


def passes_of_entry(on: date | None, known: date | None = None) -> Measure:
    """(organization, worker, done_on) of passed courses on joining that count on a day, or ever did, as far as they had
    been recorded by a day; for `people`."""
    cancelled = select(CourseCancellation.result_id) if known is None else _cancelled(known)
    query = select(CourseResult.organization_id, CourseResult.worker_id, CourseResult.done_on).where(
        CourseResult.is_entry, CourseResult.id.not_in(cancelled)
    )
    if known is not None:
        query = query.where(CourseResult.recorded_on <= known)
    return query if on is None else query.where(CourseResult.ends_on >= on)


#: Whoever passed the course on joining has done that step, while it counts.
SOURCES[JoiningStep.COURSE] = (*SOURCES[JoiningStep.COURSE], passes_of_entry)


def _steps(as_of: date, organization_ids: Where) -> Measure:
    """(organization, worker, done_on) of courses that were recorded as a step of joining (people)."""
    newer = aliased(JoiningRecord)
    replaced = select(newer.id).where(
        newer.organization_id == JoiningRecord.organization_id,
        newer.replaces_id == JoiningRecord.id,
        newer.recorded_on <= as_of,
    )
    query = select(JoiningRecord.organization_id, JoiningRecord.worker_id, JoiningRecord.done_on).where(
        JoiningRecord.step == JoiningStep.COURSE,
        ~JoiningRecord.is_withdrawal,
        JoiningRecord.done_on <= as_of,
        JoiningRecord.recorded_on <= as_of,
        ~replaced.correlate(JoiningRecord).exists(),
    )
    return (
        query if organization_ids is None else query.where(JoiningRecord.organization_id.in_(sorted(organization_ids)))
    )


def _held(
    as_of: date, organization_ids: Where, which: Any, handlers_only: bool, people: Any = Worker, *,
    with_steps: bool = False,
) -> Any:  # fmt: skip
    """(organization, worker, ends_on) of active workers: the last day on which anything counts that was passed and
    known by the day; NULL where nothing does. The results are joined, not gathered first: both sides come in the order
    of their keys, and nothing is sorted."""
    counts = and_(
        CourseResult.organization_id == people.organization_id,
        CourseResult.worker_id == people.id,
        CourseResult.ends_on >= as_of,
        CourseResult.done_on <= as_of,
        CourseResult.recorded_on <= as_of,
        which,
        CourseResult.id.not_in(_cancelled(as_of)),
    )
    by_result = func.max(CourseResult.ends_on, type_=Date())
    query = select(people.organization_id, people.id.label("worker_id")).select_from(people).outerjoin(
        CourseResult, counts
    )  # fmt: skip
    if with_steps:
        # What counts on the day ends with this year's April, or with the next where it was done since March.
        step = _steps(as_of, organization_ids).subquery()
        since = yearly.earliest_that_counts(as_of, yearly.APRIL)
        day = case((step.c.done_on < people.joined_on, people.joined_on), else_=step.c.done_on)
        year = yearly.year_signed_for(since, yearly.APRIL)
        ends = case(
            (day >= yearly.opens_on(year + 1, yearly.APRIL), literal(yearly.lapses_on(year + 1, yearly.APRIL), Date())),
            (day >= since, literal(yearly.lapses_on(year, yearly.APRIL), Date())),
        )
        by_step = func.max(ends, type_=Date())
        query = query.outerjoin(
            step, and_(step.c.organization_id == people.organization_id, step.c.worker_id == people.id)
        ).add_columns(case((or_(by_step.is_(None), by_result >= by_step), by_result), else_=by_step).label("ends_on"))
    else:
        query = query.add_columns(by_result.label("ends_on"))
    query = query.where(*_active(as_of, people), *([people.is_handler] if handlers_only else []))
    query = query.group_by(people.organization_id, people.id)
    if organization_ids is not None:
        query = query.where(people.organization_id.in_(sorted(organization_ids)))
    return query.subquery()


def _without(held: Any) -> Measure:
    return select(held.c.organization_id, held.c.worker_id).where(held.c.ends_on.is_(None))


def _coverage(held: Any) -> Measure:
    return select(
        held.c.organization_id,
        func.count(held.c.ends_on).label("numerator"),
        func.count().label("denominator"),
        func.min(held.c.ends_on, type_=Date()).label("lapses_on"),
    ).group_by(held.c.organization_id)
