"""What readiness counts about received items: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood on a day; an organization with nothing
to count yields no row. Counted is what a municipality has handed to the organization (DOMAIN C29, C30; ladder).
`lines` are the hand-overs that are asked, for a past day as they were known then (known.lines_known_on).
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, case, cast, func, null, or_, select

from partner_compliance.receipts.models import ReceiptLine
from partner_compliance.receipts.words import Direction, State
from partner_compliance.takeouts.queries import Where

Measure = Select[*tuple[Any, ...]]


def received_with_receipt(
    since: date, as_of: date, organization_ids: Where = None, lines: Any = ReceiptLine
) -> Measure:  # fmt: skip
    """(organization, confirmed by both, received, None): of what was handed over from `since` to `as_of`, what both
    sides had confirmed by then; what was withdrawn or written wrongly is left out."""
    query = select(
        lines.organization_id,
        func.sum(case((_is_confirmed(as_of, lines), 1), else_=0)).label("numerator"),
        func.count().label("denominator"),
        cast(null(), Date).label("lapses_on"),
    ).where(*_handed_between(since, as_of, lines))
    return _of_received(query, organization_ids, lines).group_by(lines.organization_id)


def received_without_receipt(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, receipt, position on it) of what the measure above does not count as confirmed."""
    query = select(ReceiptLine.organization_id, ReceiptLine.receipt_id, ReceiptLine.position).where(
        *_handed_between(since, as_of, ReceiptLine), ~_is_confirmed(as_of, ReceiptLine)
    )
    return _of_received(query, organization_ids, ReceiptLine)


def _is_confirmed(as_of: date, lines: Any) -> Any:
    return and_(lines.confirmed_on.is_not(None), lines.confirmed_on <= as_of)


def _handed_between(since: date, as_of: date, lines: Any) -> list[Any]:
    return [
        lines.handed_on.between(since, as_of),
        lines.state.in_((State.WAITING, State.HELD, State.ENDED)),
    ]


def ended_on_time(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, on time, ended or due, first lapse): of what ended or should have from `since` to `as_of`, what
    was returned or destroyed by its day and one business day (DOMAIN A17); the lapse is the next day on which something
    more is overdue."""
    is_ended = and_(ReceiptLine.ended_on.is_not(None), ReceiptLine.ended_on <= as_of)
    counts = or_(and_(is_ended, ReceiptLine.ended_on >= since), and_(~is_ended, ReceiptLine.due_on < as_of))
    on_time = and_(is_ended, ReceiptLine.ended_on >= since, ReceiptLine.ended_on <= ReceiptLine.due_on)
    waits = case((and_(~is_ended, ReceiptLine.due_on >= as_of), ReceiptLine.due_on))
    return _of_received(
        select(
            ReceiptLine.organization_id,
            func.sum(case((on_time, 1), else_=0)).label("numerator"),
            func.sum(case((counts, 1), else_=0)).label("denominator"),
            func.min(waits, type_=Date()).label("lapses_on"),
        ).where(ReceiptLine.confirmed_on.is_not(None), ReceiptLine.confirmed_on <= as_of),
        organization_ids,
        ReceiptLine,
    ).group_by(ReceiptLine.organization_id)


def overdue_now(as_of: date, organization_ids: Where = None, lines: Any = ReceiptLine) -> Measure:
    """(organization, overdue, held, first lapse): what should have been returned or destroyed before `as_of`, of all
    that is held."""
    query = select(
        lines.organization_id,
        func.sum(case((lines.due_on < as_of, 1), else_=0)).label("numerator"),
        func.count().label("denominator"),
        func.min(case((lines.due_on >= as_of, lines.due_on)), type_=Date()).label("lapses_on"),
    ).where(_is_held(as_of, lines))
    return _of_received(query, organization_ids, lines).group_by(lines.organization_id)


def overdue(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, receipt, position on it) of what the measure above counts as overdue."""
    query = select(ReceiptLine.organization_id, ReceiptLine.receipt_id, ReceiptLine.position).where(
        _is_held(as_of, ReceiptLine), ReceiptLine.due_on < as_of
    )
    return _of_received(query, organization_ids, ReceiptLine)


def _is_held(as_of: date, lines: Any) -> Any:
    return and_(lines.confirmed_on <= as_of, or_(lines.ended_on.is_(None), lines.ended_on > as_of))


def _of_received(query: Measure, organization_ids: Where, lines: Any) -> Measure:
    query = query.where(lines.direction == Direction.FROM_MUNICIPALITY)
    return query if organization_ids is None else query.where(lines.organization_id.in_(sorted(organization_ids)))
