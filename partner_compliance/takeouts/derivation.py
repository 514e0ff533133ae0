"""Where a take-out stands: a pure function of its row and its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partner_compliance import clock
from partner_compliance.takeouts.models import TakeOut, TakeOutEvent
from partner_compliance.takeouts.words import EventKind, Permission, State

#: How many business days after the planned return a row becomes overdue when it is not back.
GRACE_DAYS = 1

_STATES = {
    EventKind.PERMITTED: State.PERMITTED,
    EventKind.REFUSED: State.REFUSED,
    EventKind.WITHDRAWN: State.WITHDRAWN,
    EventKind.DEPARTED: State.OUT,
    EventKind.RETURNED: State.RETURNED,
}


@dataclass(frozen=True)
class Standing:
    """Where a take-out stands: moments are UTC, days are days in Japan."""

    state: State
    permission: Permission
    began_on: date
    departed_at: datetime | None
    returns_at: datetime
    due_on: date
    returned_on: date | None
    differs: bool
    is_explained: bool
    is_witnessed: bool
    #: How many left; how many are asked for while nothing has left.
    count: int

    def is_overdue(self, today: date) -> bool:
        """Whether the things are still out although their planned return and one business day have passed."""
        return self.state is State.OUT and self.due_on < today


def due_on(returns_at: datetime) -> date:
    """The last day on which a return counts as on time: one business day after the planned one."""
    planned = clock.local_date(returns_at)
    days = (day for day in clock.business_days(planned) if day > planned)
    for _ in range(GRACE_DAYS - 1):
        next(days)
    return next(days)


def last_of(events: Sequence[TakeOutEvent], *kinds: EventKind) -> TakeOutEvent | None:
    """The last event of some kinds."""
    return next((event for event in reversed(events) if event.kind in kinds), None)


def state_of(events: Sequence[TakeOutEvent]) -> State:
    """The state that follows from the events in their order.

    Once out, only the return changes it: a permission or refusal that comes late is a fact beside it.
    """
    state = State.ASKED
    for event in events:
        if state in (State.OUT, State.RETURNED) and event.kind is not EventKind.RETURNED:
            continue
        state = _STATES.get(event.kind, state)
    return state


def permission_of(take_out: TakeOut, events: Sequence[TakeOutEvent]) -> Permission:
    """What permission the departure rests on, by the order and the moments of the events.

    Something that was written down afterwards is permitted before only if the permission is older than what is said of
    the departure, which it never is: the row did not exist.
    """
    decided = last_of(events, EventKind.PERMITTED, EventKind.REFUSED)
    departed = last_of(events, EventKind.DEPARTED)
    if decided is None:
        return Permission.NONE
    if decided.kind is EventKind.REFUSED:
        return Permission.REFUSED
    if departed is not None and departed.number < decided.number:
        return Permission.AFTER
    return Permission.STANDING if take_out.standing_id is not None else Permission.BEFORE


def derive(take_out: TakeOut, events: Sequence[TakeOutEvent]) -> Standing:
    """Where a take-out stands after its events, which come in their order."""
    departed = last_of(events, EventKind.DEPARTED)
    returned = last_of(events, EventKind.RETURNED)
    extended = last_of(events, EventKind.EXTENDED)
    returns_at = extended.until_at if extended and extended.until_at else take_out.returns_at
    left_at = (departed.said_at or departed.at) if departed else None
    count = departed.count if departed and departed.count else take_out.count
    return Standing(
        state=state_of(events),
        permission=permission_of(take_out, events),
        began_on=clock.local_date(left_at or take_out.leaves_at),
        departed_at=left_at,
        returns_at=returns_at,
        due_on=due_on(returns_at),
        returned_on=returned.happened_on if returned else None,
        differs=returned is not None and returned.count != count,
        is_explained=last_of(events, EventKind.EXPLAINED) is not None,
        is_witnessed=last_of(events, EventKind.WITNESSED) is not None,
        count=count,
    )
