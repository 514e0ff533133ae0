"""The ledger as it was known on a day: what was written, extended or explained later does not count on it."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any

from sqlalchemy import Date, and_, case, func, literal, select
from sqlalchemy.orm import aliased

from partner_compliance import clock
from partner_compliance.takeouts.models import LedgerLine, TakeOut, TakeOutEvent
from partner_compliance.takeouts.words import EventKind, State

#: Nothing is out longer than a standing permission holds; what is planned beyond is due "later" than anybody asks.
_FARTHEST = timedelta(days=130)


def due_after(planned: Any, day: date, *, moments: bool) -> Any:
    """The day by which something planned for a moment or a day has to be back, one business day later, as far as it is
    compared with `day`: all that was due before it is told to be due on the business day before it."""
    last = next(each for each in _business_days_back(day))
    coming = takewhile(lambda each: each <= day + _FARTHEST, clock.business_days(day))
    return case(
        *(
            (planned < (clock.start_of(each) if moments else each), literal(each, Date()))
            for each in (last, *coming)
        ),
        else_=literal(day + _FARTHEST, Date()),
    )  # fmt: skip


def _business_days_back(day: date) -> Iterator[date]:
    while True:
        day -= timedelta(days=1)
        if clock.is_business_day(day):
            yield day


@lru_cache(maxsize=8)
def lines_known_on(day: date) -> Any:
    """`LedgerLine` of what had left by the end of a day, as it stood then, to be asked in its place."""
    extended = aliased(TakeOutEvent)

    def happened(kind: EventKind) -> Any:
        return (
            select(TakeOutEvent.id)
            .where(
                TakeOutEvent.organization_id == LedgerLine.organization_id,
                TakeOutEvent.take_out_id == LedgerLine.take_out_id,
                TakeOutEvent.kind == kind,
                TakeOutEvent.happened_on <= day,
            )
            .correlate(LedgerLine)
            .exists()
        )

    until = (
        select(extended.until_at)
        .where(
            extended.organization_id == LedgerLine.organization_id,
            extended.take_out_id == LedgerLine.take_out_id,
            extended.kind == EventKind.EXTENDED,
            extended.happened_on <= day,
        )
        .order_by(extended.number.desc())
        .limit(1)
        .correlate(LedgerLine)
        .scalar_subquery()
    )
    is_back = and_(LedgerLine.returned_on.is_not(None), LedgerLine.returned_on <= day)
    planned = func.coalesce(until, TakeOut.returns_at, type_=TakeOut.returns_at.type)
    known = (
        select(
            LedgerLine.organization_id,
            LedgerLine.take_out_id,
            LedgerLine.worker_id,
            case((is_back, literal(State.RETURNED, LedgerLine.state.type)), else_=State.OUT).label("state"),
            LedgerLine.permission,
            LedgerLine.began_on,
            case((is_back, LedgerLine.due_on), else_=due_after(planned, day, moments=True)).label("due_on"),
            case((is_back, LedgerLine.returned_on)).label("returned_on"),
            and_(is_back, LedgerLine.differs).label("differs"),
            happened(EventKind.EXPLAINED).label("is_explained"),
        )
        .join(
            TakeOut,
            and_(TakeOut.organization_id == LedgerLine.organization_id, TakeOut.id == LedgerLine.take_out_id),
        )
        .where(happened(EventKind.DEPARTED))
        .subquery()
    )
    return aliased(LedgerLine, known, adapt_on_names=True)
