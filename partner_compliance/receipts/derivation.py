"""Where a receipt and its things stand: a pure function of the receipt, its things and its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from partner_compliance import clock
from partner_compliance.receipts.models import ReceiptEvent, ReceiptItem
from partner_compliance.receipts.words import EventKind, Side, State


@dataclass(frozen=True)
class ItemStanding:
    """Where one thing stands."""

    state: State
    left: int
    end_by_on: date
    due_on: date
    confirmed_on: date | None
    ended_on: date | None
    unacknowledged: int

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been returned or destroyed by now."""
        return self.state is State.HELD and self.due_on < today


def last_day(end_by_on: date) -> date:
    """The last day on which an end counts as in time: one business day after the planned one."""
    return next(day for day in clock.business_days(end_by_on) if day > end_by_on)


def confirmed_sides(events: Sequence[ReceiptEvent]) -> dict[Side, ReceiptEvent]:
    """Who has confirmed, by side."""
    return {event.side: event for event in events if event.kind is EventKind.CONFIRMED}


def state_of(events: Sequence[ReceiptEvent]) -> State:
    """Where the receipt as a whole stands before anything on it ends."""
    for event in events:
        if event.kind is EventKind.REFUSED:
            return State.REFUSED
        if event.kind is EventKind.WITHDRAWN:
            return State.WITHDRAWN
    return State.HELD if len(confirmed_sides(events)) == len(Side) else State.WAITING


def derive(item: ReceiptItem, events: Sequence[ReceiptEvent]) -> ItemStanding:
    """Where a thing stands after the events of its receipt, which come in their order."""
    own = [event for event in events if event.position == item.position]
    ends = [event for event in own if event.kind is EventKind.ENDED]
    extended = [event for event in own if event.kind is EventKind.EXTENDED and event.until_on]
    acknowledged = max((event.number for event in events if event.kind is EventKind.ACKNOWLEDGED), default=0)
    left = item.count - sum(event.count or 0 for event in ends)
    state = state_of(events)
    if state is State.HELD and left <= 0:
        state = State.ENDED
    confirmed = confirmed_sides(events)
    end_by_on = (extended[-1].until_on if extended else None) or item.end_by_on
    return ItemStanding(
        state=state,
        left=left,
        end_by_on=end_by_on,
        due_on=last_day(end_by_on),
        confirmed_on=max(event.happened_on for event in confirmed.values()) if len(confirmed) == len(Side) else None,
        ended_on=ends[-1].happened_on if left <= 0 and ends else None,
        unacknowledged=sum(1 for event in ends if event.number > acknowledged),
    )
