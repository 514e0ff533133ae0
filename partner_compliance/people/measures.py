"""What readiness counts about people: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator); an organization without anybody to count yields no row.
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from partner_compliance.organizations.models import Worker
from partner_compliance.people import queries
from partner_compliance.people.models import JoiningStep, Leaving, LeavingCheck, Outcome

Measure = Select[*tuple[Any, ...]]


def handlers_cleared(as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, cleared, handlers): active handlers with every step of joining done by a day (ladder 2c)."""
    cleared = case((queries.is_cleared_on(as_of), 1), else_=0)
    return _by_organization(
        select(Worker.organization_id, func.sum(cleared), func.count()).where(
            Worker.is_handler, queries.is_active_on(as_of)
        ),
        organization_ids,
    )


def handlers_pledged_first(as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, in order, handlers): active handlers who had pledged on or before their first day (ladder 2c)."""
    in_order = case((queries.done_by(JoiningStep.PLEDGE, Worker.joined_on), 1), else_=0)
    return _by_organization(
        select(Worker.organization_id, func.sum(in_order), func.count()).where(
            Worker.is_handler, queries.is_active_on(as_of)
        ),
        organization_ids,
    )


def leavers_closed_in_time(since: date, as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, in time, leavers): of those who left from `since` on, whose access, keys and devices were closed
    within one business day of the last day (ladder 3f).

    Those whose business day is not over yet are left out until it is. A leaver whom only the roster knows, as after an
    import, was never closed.
    """
    by = Leaving.close_by_on
    handed_back = queries.entries_with(Outcome.DONE, Outcome.NONE, of=queries.HANDED_BACK, by=by)
    in_time = case(
        (
            and_(
                Leaving.id.is_not(None),
                _first_recorded_on() <= by,
                handed_back == len(queries.HANDED_BACK),
                queries.things_not_back(by=by) == 0,
            ),
            1,
        ),
        else_=0,
    )
    rows = queries.leaver_rows(since=since, until=as_of, organization_ids=organization_ids).where(
        or_(Leaving.id.is_(None), Leaving.close_by_on < as_of)
    )
    return rows.add_columns(Worker.organization_id, func.sum(in_time), func.count()).group_by(Worker.organization_id)


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


def exit_pledges(since: date, as_of: date, organization_ids: queries.Where = None) -> Measure:
    """(organization, settled, leavers): of those who left from `since` on, who pledged on leaving, or for whom a coded
    reason says why not: died, unreachable, posted (ladder 3f)."""
    settled = case((queries.entries_with(*queries.PLEDGE_SETTLED, of=[LeavingCheck.PLEDGE]) > 0, 1), else_=0)
    rows = queries.leaver_rows(since=since, until=as_of, organization_ids=organization_ids)
    return rows.add_columns(Worker.organization_id, func.sum(settled), func.count()).group_by(Worker.organization_id)


def _by_organization(query: Select[*tuple[Any, ...]], organization_ids: queries.Where) -> Select[*tuple[Any, ...]]:
    if organization_ids is not None:
        query = query.where(Worker.organization_id.in_(sorted(organization_ids)))
    return query.group_by(Worker.organization_id)
