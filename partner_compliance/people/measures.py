"""What readiness counts about people: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator) as things stood, and were known, on a day; an organization without
anybody to count yields no row. `people` is the roster that is asked, for a past day as it was known then
(roster.known).
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from partner_compliance.organizations.models import Worker
from partner_compliance.people import queries
from partner_compliance.people.models import JoiningStep, Leaving, LeavingCheck, Outcome

Measure = Select[*tuple[Any, ...]]


def handlers_cleared(as_of: date, organization_ids: queries.Where = None, people: Any = Worker) -> Measure:
    """(organization, cleared, handlers): active handlers with every step of joining done by a day (ladder 2c)."""
    return _of_handlers(as_of, organization_ids, people, _cleared(as_of, people))


def handlers_not_cleared(as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, worker) of the active handlers whom the measure above does not count."""
    return _handlers_without(as_of, organization_ids, _cleared(as_of, Worker))


def _cleared(as_of: date, people: Any) -> Any:
    return queries.is_cleared_on(as_of, people, known=as_of)


def handlers_pledged_first(as_of: date, organization_ids: queries.Where = None, people: Any = Worker) -> Measure:
    """(organization, in order, handlers): active handlers who had pledged on or before their first day (ladder 2c)."""
    return _of_handlers(as_of, organization_ids, people, _pledged_first(as_of, people))


def handlers_pledged_late(as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, worker) of the active handlers whom the measure above does not count."""
    return _handlers_without(as_of, organization_ids, _pledged_first(as_of, Worker))


def _pledged_first(as_of: date, people: Any) -> Any:
    return queries.done_by(JoiningStep.PLEDGE, people.joined_on, people, known=as_of)


def _of_handlers(as_of: date, organization_ids: queries.Where, people: Any, holds: Any) -> Measure:
    return _by_organization(
        select(people.organization_id, func.sum(case((holds, 1), else_=0)), func.count()).where(
            people.is_handler, queries.is_active_on(as_of, people)
        ),
        organization_ids,
        people,
    )


def _handlers_without(as_of: date, organization_ids: queries.Where, holds: Any) -> Measure:
    query = select(Worker.organization_id, Worker.id).where(
        Worker.is_handler, queries.is_active_on(as_of), case((holds, 1), else_=0) == 0
    )
    return query if organization_ids is None else query.where(Worker.organization_id.in_(sorted(organization_ids)))


def leavers_closed_in_time(
    since: date, as_of: date, organization_ids: queries.Where = None, people: Any = Worker
) -> Measure:
    """(organization, in time, leavers): of those who left from `since` on, whose access, keys and devices were closed
    within one business day of the last day (ladder 3f).

    Those whose business day is not over yet are left out until it is. A leaver whom only the roster knows, as after an
    import, was never closed.
    """
    rows, in_time = _leavers_due(since, as_of, organization_ids, people)
    return rows.add_columns(people.organization_id, func.sum(in_time), func.count()).group_by(people.organization_id)


def leavers_not_closed_in_time(since: date, as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, worker) of the leavers whom the measure above does not count."""
    rows, in_time = _leavers_due(since, as_of, organization_ids, Worker)
    return rows.where(in_time == 0).add_columns(Worker.organization_id, Worker.id)


def _leavers_due(since: date, as_of: date, organization_ids: queries.Where, people: Any) -> tuple[Measure, Any]:
    """(The leavers whose business day is over, 1 or 0 for each)."""
    by = Leaving.close_by_on
    handed_back = queries.entries_with(Outcome.DONE, Outcome.NONE, of=queries.HANDED_BACK, by=by, known=as_of)
    in_time = case(
        (
            and_(
                Leaving.id.is_not(None),
                _first_recorded_on() <= by,
                handed_back == len(queries.HANDED_BACK),
                queries.things_not_back(by, people, known=as_of) == 0,
            ),
            1,
        ),
        else_=0,
    )
    rows = queries.leaver_rows(
        since=since, until=as_of, organization_ids=organization_ids, people=people, known=as_of
    ).where(or_(Leaving.id.is_(None), Leaving.close_by_on < as_of))
    return rows, in_time


def _first_recorded_on() -> Any:
    """When the leaving was recorded first with the last day that holds: before that, access was open."""
    first = aliased(Leaving)
    return (
        select(func.min(first.recorded_on, type_=Date()))
        .where(
            first.organization_id == Leaving.organization_id,
            first.worker_id == Leaving.worker_id,
            first.begun == Leaving.begun,
            first.last_on == Leaving.last_on,
        )
        .correlate(Leaving)
        .scalar_subquery()
    )


def exit_pledges(
    since: date, as_of: date, organization_ids: queries.Where = None, people: Any = Worker
) -> Measure:  # fmt: skip
    """(organization, settled, leavers): of those who left from `since` on, who pledged on leaving, or for whom a coded
    reason says why not: died, unreachable, posted (ladder 3f)."""
    rows, settled = _leavers_and_pledges(since, as_of, organization_ids, people)
    return rows.add_columns(people.organization_id, func.sum(settled), func.count()).group_by(people.organization_id)


def without_exit_pledge(since: date, as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, worker) of the leavers whom the measure above does not count."""
    rows, settled = _leavers_and_pledges(since, as_of, organization_ids, Worker)
    return rows.where(settled == 0).add_columns(Worker.organization_id, Worker.id)


def _leavers_and_pledges(
    since: date, as_of: date, organization_ids: queries.Where, people: Any
) -> tuple[Measure, Any]:  # fmt: skip
    entries = queries.entries_with(*queries.PLEDGE_SETTLED, of=[LeavingCheck.PLEDGE], known=as_of)
    rows = queries.leaver_rows(
        since=since, until=as_of, organization_ids=organization_ids, people=people, known=as_of
    )  # fmt: skip
    return rows, case((entries > 0, 1), else_=0)


def _by_organization(query: Measure, organization_ids: queries.Where, people: Any) -> Measure:
    if organization_ids is not None:
        query = query.where(people.organization_id.in_(sorted(organization_ids)))
    return query.group_by(people.organization_id)
