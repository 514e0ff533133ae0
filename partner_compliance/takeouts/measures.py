"""What readiness counts about take-outs: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood on a day; an organization with nothing
to count yields no row. `lapses_on` is the first day on which the numbers get worse by themselves; NULL where only an
act changes them. The line of a row holds days, so that any past day can be asked for.
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, case, func, null, or_, select
from sqlalchemy import cast as as_type

from partner_compliance.takeouts import queries
from partner_compliance.takeouts.models import LedgerLine
from partner_compliance.takeouts.queries import Where
from partner_compliance.takeouts.words import Permission

Measure = Select[*tuple[Any, ...]]

_NEVER = as_type(null(), Date).label("lapses_on")


def permitted_before_leaving(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, in order, take-outs, None): of what left from `since` to `as_of`, what had its permission before
    (DOMAIN E17; a standing permission that held on that day counts)."""
    in_order = LedgerLine.permission.in_((Permission.BEFORE, Permission.STANDING))
    return _by_organization(
        select(
            LedgerLine.organization_id,
            func.sum(case((in_order, 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            _NEVER,
        ).where(LedgerLine.state.in_(queries.LEFT), LedgerLine.began_on.between(since, as_of)),
        organization_ids,
    )


def returned_on_time(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, on time, due, first lapse): of what left from `since` to `as_of` and is back or should be, what
    came back whole by the business day after its planned return (DOMAIN E18)."""
    is_back = _is_back(as_of)
    on_time = and_(is_back, LedgerLine.returned_on <= LedgerLine.due_on, ~LedgerLine.differs)
    return _by_organization(
        select(
            LedgerLine.organization_id,
            func.sum(case((on_time, 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            _NEVER,
        ).where(
            LedgerLine.state.in_(queries.LEFT),
            LedgerLine.began_on.between(since, as_of),
            or_(is_back, LedgerLine.due_on < as_of),
        ),
        organization_ids,
    )


def overdue_now(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, overdue, outside, first lapse): what should have been back before `as_of`, of all that is outside;
    the lapse is the first day on which something more is overdue."""
    still_in_time = case((LedgerLine.due_on >= as_of, LedgerLine.due_on))
    return _by_organization(
        select(
            LedgerLine.organization_id,
            func.sum(case((LedgerLine.due_on < as_of, 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            func.min(still_in_time, type_=Date()).label("lapses_on"),
        ).where(LedgerLine.state.in_(queries.LEFT), LedgerLine.began_on <= as_of, ~_is_back(as_of)),
        organization_ids,
    )


def _is_back(as_of: date) -> Any:
    return and_(LedgerLine.returned_on.is_not(None), LedgerLine.returned_on <= as_of)


def _by_organization(query: Measure, organization_ids: Where) -> Measure:
    if organization_ids is not None:
        query = query.where(LedgerLine.organization_id.in_(sorted(organization_ids)))
    return query.group_by(LedgerLine.organization_id)
