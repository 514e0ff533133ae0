"""What readiness counts about take-outs: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood on a day; an organization with nothing
to count yields no row. `lapses_on` is the first day on which the numbers get worse by themselves; NULL where only an
act changes them. `lines` is the ledger that is asked, for a past day as it was known then (known.lines_known_on).
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


def permitted_before_leaving(
    since: date, as_of: date, organization_ids: Where = None, lines: Any = LedgerLine
) -> Measure:  # fmt: skip
    """(organization, in order, take-outs, None): of what left from `since` to `as_of`, what had its permission before
    (DOMAIN E17; a standing permission that held on that day counts)."""
    return _by_organization(
        select(
            lines.organization_id,
            func.sum(case((_in_order(lines), 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            _NEVER,
        ).where(*_left_between(since, as_of, lines)),
        organization_ids,
        lines,
    )


def not_permitted_before_leaving(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, take-out) of what the measure above does not count as in order."""
    query = select(LedgerLine.organization_id, LedgerLine.take_out_id).where(
        *_left_between(since, as_of, LedgerLine), ~_in_order(LedgerLine)
    )
    return _of(query, organization_ids, LedgerLine)


def _in_order(lines: Any) -> Any:
    return lines.permission.in_((Permission.BEFORE, Permission.STANDING))


def _left_between(since: date, as_of: date, lines: Any) -> list[Any]:
    return [lines.state.in_(queries.LEFT), lines.began_on.between(since, as_of)]


def returned_on_time(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, on time, due, first lapse): of what left from `since` to `as_of` and is back or should be, what
    came back whole by the business day after its planned return (DOMAIN E18)."""
    is_back = _is_back(as_of, LedgerLine)
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
        LedgerLine,
    )


def overdue_now(as_of: date, organization_ids: Where = None, lines: Any = LedgerLine) -> Measure:
    """(organization, overdue, outside, first lapse): what should have been back before `as_of`, of all that is outside;
    the lapse is the first day on which something more is overdue."""
    still_in_time = case((lines.due_on >= as_of, lines.due_on))
    return _by_organization(
        select(
            lines.organization_id,
            func.sum(case((lines.due_on < as_of, 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            func.min(still_in_time, type_=Date()).label("lapses_on"),
        ).where(*_is_out(as_of, lines)),
        organization_ids,
        lines,
    )


def overdue(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, take-out) of what the measure above counts as overdue."""
    query = select(LedgerLine.organization_id, LedgerLine.take_out_id).where(
        *_is_out(as_of, LedgerLine), LedgerLine.due_on < as_of
    )
    return _of(query, organization_ids, LedgerLine)


def _is_out(as_of: date, lines: Any) -> list[Any]:
    return [lines.state.in_(queries.LEFT), lines.began_on <= as_of, ~_is_back(as_of, lines)]


def _is_back(as_of: date, lines: Any) -> Any:
    return and_(lines.returned_on.is_not(None), lines.returned_on <= as_of)


def _of(query: Measure, organization_ids: Where, lines: Any) -> Measure:
    return query if organization_ids is None else query.where(lines.organization_id.in_(sorted(organization_ids)))


def _by_organization(query: Measure, organization_ids: Where, lines: Any) -> Measure:
    return _of(query, organization_ids, lines).group_by(lines.organization_id)
