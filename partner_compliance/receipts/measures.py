"""What readiness counts about received items: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood on a day; an organization with nothing
to count yields no row. Counted is what a municipality has handed to the organization (DOMAIN C29, C30; ladder).
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, case, cast, func, null, or_, select

from partner_compliance.receipts.models import ReceiptLine
from partner_compliance.receipts.words import Direction, State
from partner_compliance.takeouts.queries import Where

Measure = Select[*tuple[Any, ...]]


def received_with_receipt(since: date, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, confirmed by both, received, None): of what was handed over from `since` to `as_of`, what both
    sides had confirmed by then; what was withdrawn or written wrongly is left out."""
    confirmed = and_(ReceiptLine.confirmed_on.is_not(None), ReceiptLine.confirmed_on <= as_of)
    return _of_received(
        select(
            ReceiptLine.organization_id,
            func.sum(case((confirmed, 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            cast(null(), Date).label("lapses_on"),
        ).where(
            ReceiptLine.handed_on.between(since, as_of),
            ReceiptLine.state.in_((State.WAITING, State.HELD, State.ENDED)),
        ),
        organization_ids,
    )


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
    )


def overdue_now(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, overdue, held, first lapse): what should have been returned or destroyed before `as_of`, of all
    that is held."""
    is_held = and_(ReceiptLine.confirmed_on <= as_of, or_(ReceiptLine.ended_on.is_(None), ReceiptLine.ended_on > as_of))
    return _of_received(
        select(
            ReceiptLine.organization_id,
            func.sum(case((ReceiptLine.due_on < as_of, 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            func.min(case((ReceiptLine.due_on >= as_of, ReceiptLine.due_on)), type_=Date()).label("lapses_on"),
        ).where(is_held),
        organization_ids,
    )


def _of_received(query: Measure, organization_ids: Where) -> Measure:
    query = query.where(ReceiptLine.direction == Direction.FROM_MUNICIPALITY)
    if organization_ids is not None:
        query = query.where(ReceiptLine.organization_id.in_(sorted(organization_ids)))
    return query.group_by(ReceiptLine.organization_id)
