"""Hand-overs as they were known on a day: what was written, withdrawn or extended later does not count on it."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.orm import aliased

from partner_compliance.receipts.models import Receipt, ReceiptEvent, ReceiptItem, ReceiptLine
from partner_compliance.receipts.words import EventKind, State
from partner_compliance.takeouts.known import due_after


@lru_cache(maxsize=8)
def lines_known_on(day: date) -> Any:
    """`ReceiptLine` of what had been written by the end of a day, as it stood then, to be asked in its place."""
    extended = aliased(ReceiptEvent)
    came_to_nothing = (
        select(ReceiptEvent.id)
        .where(
            ReceiptEvent.organization_id == ReceiptLine.organization_id,
            ReceiptEvent.receipt_id == ReceiptLine.receipt_id,
            ReceiptEvent.kind.in_((EventKind.REFUSED, EventKind.WITHDRAWN)),
            ReceiptEvent.happened_on <= day,
        )
        .correlate(ReceiptLine)
    )
    until = (
        select(extended.until_on)
        .where(
            extended.organization_id == ReceiptLine.organization_id,
            extended.receipt_id == ReceiptLine.receipt_id,
            extended.position == ReceiptLine.position,
            extended.kind == EventKind.EXTENDED,
            extended.until_on.is_not(None),
            extended.happened_on <= day,
        )
        .order_by(extended.number.desc())
        .limit(1)
        .correlate(ReceiptLine)
        .scalar_subquery()
    )
    planned = func.coalesce(until, ReceiptItem.end_by_on, type_=ReceiptItem.end_by_on.type)
    has_ended = and_(ReceiptLine.ended_on.is_not(None), ReceiptLine.ended_on <= day)
    state = case(
        (came_to_nothing.exists(), literal(State.WITHDRAWN, ReceiptLine.state.type)),
        (has_ended, State.ENDED),
        (ReceiptLine.confirmed_on <= day, State.HELD),
        else_=State.WAITING,
    )
    known = (
        select(
            ReceiptLine.organization_id,
            ReceiptLine.receipt_id,
            ReceiptLine.position,
            ReceiptLine.direction,
            ReceiptLine.handed_on,
            state.label("state"),
            case((ReceiptLine.confirmed_on <= day, ReceiptLine.confirmed_on)).label("confirmed_on"),
            case((has_ended, ReceiptLine.ended_on)).label("ended_on"),
            case((has_ended, ReceiptLine.due_on), else_=due_after(planned, day, moments=False)).label("due_on"),
        )
        .join(
            Receipt,
            and_(Receipt.organization_id == ReceiptLine.organization_id, Receipt.id == ReceiptLine.receipt_id),
        )
        .join(
            ReceiptItem,
            and_(
                ReceiptItem.organization_id == ReceiptLine.organization_id,
                ReceiptItem.receipt_id == ReceiptLine.receipt_id,
                ReceiptItem.position == ReceiptLine.position,
            ),
        )
        .where(Receipt.written_on <= day)
        .subquery()
    )
    return aliased(ReceiptLine, known, adapt_on_names=True)
