"""What can be read about joining, leaving and things in hands: for whole organizations at once where it is counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance import clock, yearly
from partner_compliance.acts import Contents
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.people.models import (
    JoiningRecord,
    JoiningStep,
    Leaving,
    LeavingCheck,
    LeavingEntry,
    LentEvent,
    LentItem,
    Outcome,
    Rejoining,
)
from partner_compliance.sheets.models import SheetState
from partner_compliance.sheets.queries import MatrixRow, sheets_of_workers

# --- what the history binds -------------------------------------------------------------------------------------


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _recorded(row: JoiningRecord | LentItem | LentEvent | Leaving | LeavingEntry | Rejoining) -> dict[str, Any]:
    return {
        "recorded_at": _instant(row.recorded_at),
        "recorded_by": str(row.recorded_by_id) if row.recorded_by_id else None,
        "recorded_by_name": row.recorded_by_name,
    }


def joining_content(record: JoiningRecord) -> dict[str, Any] | None:
    """The facts of a joining record that its log entry's digest binds; None once its words are erased."""
    if record.subject is None or record.by_whom is None or record.reason is None:
        return None
    return {
        "worker": str(record.worker_id),
        "step": record.step.value,
        "done_on": record.done_on.isoformat(),
        "manner": record.manner.value,
        "subject": record.subject,
        "by_whom": record.by_whom,
        "replaces": str(record.replaces_id) if record.replaces_id else None,
        "is_withdrawal": record.is_withdrawal,
        "reason": record.reason,
        **_recorded(record),
    }


def item_content(item: LentItem) -> dict[str, Any] | None:
    """The facts of a lent thing that its log entry's digest binds; None once its label is erased."""
    if item.label is None:
        return None
    return {
        "worker": str(item.worker_id),
        "kind": item.kind.value,
        "label": item.label,
        "count": item.count,
        "handed_on": item.handed_on.isoformat(),
        "due_on": item.due_on.isoformat() if item.due_on else None,
        **_recorded(item),
    }


def lent_event_content(event: LentEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once its note is erased."""
    if event.note is None:
        return None
    return {
        "item": str(event.item_id),
        "number": event.number,
        "fate": event.fate.value,
        "on": event.happened_on.isoformat(),
        "note": event.note,
        **_recorded(event),
    }


def leaving_content(leaving: Leaving) -> dict[str, Any] | None:
    """The facts of a leaving that its log entry's digest binds; None once its note is erased."""
    if leaving.note is None:
        return None
    return {
        "worker": str(leaving.worker_id),
        "number": leaving.number,
        "begun": leaving.begun,
        "is_cancelled": leaving.is_cancelled,
        "last_on": leaving.last_on.isoformat(),
        "close_by_on": leaving.close_by_on.isoformat(),
        "reason": leaving.reason.value,
        "note": leaving.note,
        **_recorded(leaving),
    }


def entry_content(entry: LeavingEntry) -> dict[str, Any] | None:
    """The facts of a check on leaving that its log entry's digest binds; None once its note is erased."""
    if entry.note is None:
        return None
    return {
        "worker": str(entry.worker_id),
        "begun": entry.begun,
        "item": entry.item.value,
        "number": entry.number,
        "outcome": entry.outcome.value,
        "on": entry.checked_on.isoformat(),
        "note": entry.note,
        **_recorded(entry),
    }


def rejoining_content(row: Rejoining) -> dict[str, Any]:
    """The facts of a return that its log entry's digest binds."""
    return {"worker": str(row.worker_id), "previous": str(row.previous_worker_id), **_recorded(row)}


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "joining_record": Contents(JoiningRecord, joining_content),
    "lent_item": Contents(LentItem, item_content),
    "lent_event": Contents(LentEvent, lent_event_content),
    "leaving": Contents(Leaving, leaving_content),
    "leaving_entry": Contents(LeavingEntry, entry_content),
    "rejoining": Contents(Rejoining, rejoining_content),
}


# --- joining ----------------------------------------------------------------------------------------------------

_Newer = aliased(JoiningRecord)


def _counts(known: date | None = None) -> Any:
    """The condition that a record counts: nothing replaced it (by a day), and it withdraws nothing."""
    replaced = (
        select(_Newer.id)
        .where(
            _Newer.organization_id == JoiningRecord.organization_id,
            _Newer.replaces_id == JoiningRecord.id,
            *([] if known is None else [_Newer.recorded_on <= known]),
        )
        .correlate(JoiningRecord)
    )
    return ~JoiningRecord.is_withdrawal & ~replaced.exists()


def _recorded_here(step: JoiningStep, on: date | None, known: date | None = None) -> Select[*tuple[Any, ...]]:
    query = select(JoiningRecord.organization_id, JoiningRecord.worker_id, JoiningRecord.done_on).where(
        JoiningRecord.step == step, _counts(known)
    )
    if known is not None:
        query = query.where(JoiningRecord.recorded_on <= known)
    if step is not JoiningStep.COURSE or on is None:
        return query
    # A course counts until April, as one that is taken on the screen (training); whoever took it before the first day
    # is taken to have taken it on that day.
    since = yearly.earliest_that_counts(on, yearly.APRIL)
    joined_since = select(Worker.id).where(
        Worker.organization_id == JoiningRecord.organization_id,
        Worker.id == JoiningRecord.worker_id,
        Worker.joined_on >= since,
    )
    return query.where(or_(JoiningRecord.done_on >= since, joined_since.correlate(JoiningRecord).exists()))


#: Where the fact that a step is done comes from: selects of (organization_id, worker_id, done_on) of what counts on a
#: day, or ever counted for None, as far as it had been recorded by a second day. A room that keeps pledges or courses
#: of its own puts its select beside, and the step is done while any of them says so.
SOURCES: dict[JoiningStep, tuple[Callable[[date | None, date | None], Select[*tuple[Any, ...]]], ...]] = {
    step: (partial(_recorded_here, step),) for step in JoiningStep
}


def done_by(step: JoiningStep, day: Any, people: Any = Worker, *, known: date | None = None) -> Any:
    """The condition that a worker's step was done by a day and counts on it, or was done by that in a column of the
    worker, whether it still counts or not; as far as it had been recorded by the day `known`."""
    conditions = []
    for source in SOURCES[step]:
        facts = source(day if isinstance(day, date) else None, known).subquery()
        conditions.append(
            select(literal(1))
            .select_from(facts)
            .where(
                facts.c.organization_id == people.organization_id,
                facts.c.worker_id == people.id,
                facts.c.done_on <= day,
            )
            .correlate(people)
            .exists()
        )
    return or_(*conditions)


def is_active_on(day: date, people: Any = Worker) -> Any:
    """The condition that a worker is on the roster on a day."""
    return (people.joined_on <= day) & or_(people.left_on.is_(None), people.left_on >= day)


def is_cleared_on(day: date, people: Any = Worker, *, known: date | None = None) -> Any:
    """The condition that every step of a worker's joining was done by a day, and had been recorded by another."""
    return and_(*(done_by(step, day, people, known=known) for step in JoiningStep))


@dataclass(frozen=True)
class Clearance:
    """Whether someone may touch personal data yet: active, and every step done by today."""

    is_active: bool
    done_on: Mapping[JoiningStep, date | None]

    @property
    def missing(self) -> list[JoiningStep]:
        """The steps that are still to be done."""
        return [step for step in JoiningStep if self.done_on.get(step) is None]

    @property
    def is_cleared(self) -> bool:
        """Whether the person may be a handler of personal data."""
        return self.is_active and not self.missing

    @property
    def since(self) -> date | None:
        """The day on which the last step was done."""
        days = [day for day in self.done_on.values() if day is not None]
        return max(days) if self.is_cleared and days else None


def done_days(
    session: Session, workers: Iterable[tuple[UUID, UUID]], *, on: date
) -> dict[UUID, dict[JoiningStep, date]]:
    """When each step of the given (organization, worker) was first done, of what counts then: {worker: {step: day}}."""
    wanted = sorted(set(workers))
    found: dict[UUID, dict[JoiningStep, date]] = {}
    if not wanted:
        return found
    for step, sources in SOURCES.items():
        for source in sources:
            facts = source(on, None).subquery()
            rows = session.execute(
                select(facts.c.worker_id, func.min(facts.c.done_on, type_=Date()))
                .where(
                    facts.c.organization_id.in_(sorted({organization for organization, _ in wanted})),
                    facts.c.worker_id.in_([worker for _, worker in wanted]),
                    facts.c.done_on <= on,
                )
                .group_by(facts.c.worker_id)
            )
            for worker_id, day in rows:
                days = found.setdefault(worker_id, {})
                days[step] = min(day, days.get(step, day))
    return found


def clearances(session: Session, workers: Sequence[Worker], *, on: date) -> dict[UUID, Clearance]:
    """Whether each of these people may touch personal data on a day, in a number of statements that does not grow."""
    days = done_days(session, [(worker.organization_id, worker.id) for worker in workers], on=on)
    return {
        worker.id: Clearance(
            worker.joined_on <= on and (worker.left_on is None or worker.left_on >= on),
            {step: days.get(worker.id, {}).get(step) for step in JoiningStep},
        )
        for worker in workers
    }


def clearance(session: Session, worker: Worker, *, on: date) -> Clearance:
    """Whether someone may touch personal data on a day."""
    return clearances(session, [worker], on=on)[worker.id]


def latest_steps(
    session: Session, workers: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, dict[JoiningStep, JoiningRecord]]:
    """The record that counts for each step recorded here: {worker: {step: record}}."""
    wanted = sorted(set(workers))
    found: dict[UUID, dict[JoiningStep, JoiningRecord]] = {}
    for record in session.scalars(
        select(JoiningRecord)
        .where(
            JoiningRecord.organization_id.in_(sorted({organization for organization, _ in wanted})),
            JoiningRecord.worker_id.in_([worker for _, worker in wanted]),
            _counts(),
        )
        .order_by(JoiningRecord.recorded_at, JoiningRecord.id)
    ):
        found.setdefault(record.worker_id, {})[record.step] = record
    return found


def steps_of(session: Session, worker: Worker) -> dict[JoiningStep, JoiningRecord]:
    """The record that counts for each step of someone's joining."""
    return latest_steps(session, [(worker.organization_id, worker.id)]).get(worker.id, {})


def all_records_of(session: Session, worker: Worker) -> list[JoiningRecord]:
    """Every record of someone's joining, corrections and withdrawals included, newest first."""
    return list(
        session.scalars(
            select(JoiningRecord)
            .where(JoiningRecord.organization_id == worker.organization_id, JoiningRecord.worker_id == worker.id)
            .order_by(JoiningRecord.recorded_at.desc(), JoiningRecord.id)
        )
    )


@dataclass(frozen=True)
class Joiner:
    """Someone on the roster, with the center and how far joining has come."""

    worker: Worker
    center: Center
    clearance: Clearance


Where = Iterable[UUID] | None


def _center_is(centers: Where) -> list[Any]:
    return [] if centers is None else [Worker.center_id.in_(sorted(centers))]


def people_with_centers(
    session: Session, organization_id: UUID, centers: Where, *, on: date
) -> list[tuple[Worker, Center]]:
    """Everyone who works for an organization on a day (at some of its centers), or who is yet to begin."""
    rows = session.execute(
        select(Worker, Center)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .where(
            Worker.organization_id == organization_id,
            or_(Worker.left_on.is_(None), Worker.left_on >= on),
            *_center_is(centers),
        )
        .order_by(Center.name, Worker.name_kana, Worker.name, Worker.id)
    )
    return [(worker, center) for worker, center in rows]


def joiners(session: Session, organization_id: UUID, centers: Where = None, *, on: date) -> list[Joiner]:
    """Those of an organization whose joining is not complete, handlers of personal data first, then by joining."""
    people = people_with_centers(session, organization_id, centers, on=on)
    cleared = clearances(session, [worker for worker, _ in people], on=on)
    open_ones = [Joiner(worker, center, cleared[worker.id]) for worker, center in people if cleared[worker.id].missing]
    return sorted(open_ones, key=lambda row: (not row.worker.is_handler, -row.worker.joined_on.toordinal()))


def how_many_joining(
    session: Session, organization_ids: Iterable[UUID], *, but: Iterable[UUID] = (), on: date
) -> dict[tuple[UUID, UUID], int]:
    """How many active workers (but some) have steps of joining open: {(organization, center): count}."""
    rows = session.execute(
        select(Worker.organization_id, Worker.center_id, func.count())
        .where(
            Worker.organization_id.in_(sorted(organization_ids)),
            Worker.id.not_in(sorted(but)),
            is_active_on(on),
            ~is_cleared_on(on),
        )
        .group_by(Worker.organization_id, Worker.center_id)
    )
    return {(organization, center): count for organization, center, count in rows}


def uncleared_handlers(session: Session, organization_id: UUID, *, on: date) -> frozenset[UUID]:
    """The active handlers of an organization who should not be handlers yet (ladder 2c)."""
    return frozenset(
        session.scalars(
            select(Worker.id).where(
                Worker.organization_id == organization_id, Worker.is_handler, is_active_on(on), ~is_cleared_on(on)
            )
        )
    )


# --- things in hands --------------------------------------------------------------------------------------------

_Event = aliased(LentEvent)
_LaterEvent = aliased(LentEvent)


def _known_by(row: Any, known: date | None) -> list[Any]:
    """That a row had been recorded by the end of a day; nothing is asked for None."""
    return [] if known is None else [row.recorded_at < clock.start_of(known + timedelta(days=1))]


def _last_event_of_item(known: date | None = None) -> Any:
    later = (
        select(_LaterEvent.id)
        .where(
            _LaterEvent.organization_id == _Event.organization_id,
            _LaterEvent.item_id == _Event.item_id,
            _LaterEvent.number > _Event.number,
            *_known_by(_LaterEvent, known),
        )
        .correlate(_Event)
    )
    return and_(
        _Event.organization_id == LentItem.organization_id,
        _Event.item_id == LentItem.id,
        ~later.exists(),
        *_known_by(_Event, known),
    )


@dataclass(frozen=True)
class Thing:
    """A thing that someone has or had in hand; from the register here, or a row of another room's ledger."""

    kind_label: str
    label: str
    count: int
    handed_on: date
    due_on: date | None = None
    item: LentItem | None = None
    last: LentEvent | None = None
    #: Where a row of another room's ledger is seen to.
    address: str = ""

    @property
    def is_out(self) -> bool:
        """Whether it is still in somebody's hands."""
        return self.last is None

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been back by now."""
        return self.is_out and self.due_on is not None and self.due_on < today


def _thing(item: LentItem, last: LentEvent | None) -> Thing:
    return Thing(
        item.kind.label, item.label or "（消去されました）", item.count, item.handed_on, item.due_on, item, last
    )


def things_of(session: Session, worker: Worker) -> list[Thing]:
    """Everything someone has or had in hand, what is still out first, then the latest."""
    rows = session.execute(
        select(LentItem, _Event)
        .outerjoin(_Event, _last_event_of_item())
        .where(LentItem.organization_id == worker.organization_id, LentItem.worker_id == worker.id)
        .order_by(LentItem.handed_on.desc(), LentItem.recorded_at.desc(), LentItem.id)
    )
    return sorted((_thing(item, last) for item, last in rows), key=lambda thing: not thing.is_out)


def things_out(session: Session, organization_id: UUID, centers: Where = None) -> list[tuple[Worker, Thing]]:
    """What is out in an organization (with the workers of some of its centers), the earliest due first."""
    rows = session.execute(
        select(Worker, LentItem)
        .join(Worker, and_(Worker.organization_id == LentItem.organization_id, Worker.id == LentItem.worker_id))
        .outerjoin(_Event, _last_event_of_item())
        .where(LentItem.organization_id == organization_id, _Event.id.is_(None), *_center_is(centers))
        .order_by(LentItem.due_on.is_(None), LentItem.due_on, Worker.name_kana, Worker.name, LentItem.handed_on)
    )
    return [(worker, _thing(item, None)) for worker, item in rows]


def everyone_at(session: Session, center: Center) -> list[Worker]:
    """Everyone whose center it is, those who have left included."""
    return list(
        session.scalars(
            select(Worker)
            .where(Worker.organization_id == center.organization_id, Worker.center_id == center.id)
            .order_by(Worker.name_kana, Worker.name, Worker.id)
        )
    )


def last_event(session: Session, item: LentItem) -> LentEvent | None:
    """What happened last to a lent thing."""
    return session.scalars(
        select(LentEvent)
        .where(LentEvent.organization_id == item.organization_id, LentEvent.item_id == item.id)
        .order_by(LentEvent.number.desc())
        .limit(1)
    ).first()


# --- leaving ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LeavingStory:
    """How someone's leaving stands: the row that counts, and the last entry of each check."""

    leaving: Leaving
    entries: Mapping[LeavingCheck, LeavingEntry] = field(default_factory=dict)
    things: int = 0

    @property
    def number(self) -> int:
        """The number of the row that counts."""
        return self.leaving.number

    @property
    def is_open(self) -> bool:
        """Whether the person leaves or has left: the leaving was not cancelled."""
        return not self.leaving.is_cancelled

    @property
    def unchecked(self) -> list[LeavingCheck]:
        """The checks that were never made or are still open."""
        return [
            check for check in LeavingCheck if check not in self.entries or self.entries[check].outcome is Outcome.OPEN
        ]

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to be looked after."""
        return not self.unchecked and not self.things


_LaterLeaving = aliased(Leaving)
_LaterEntry = aliased(LeavingEntry)


def _is_last_leaving(known: date | None = None) -> Any:
    later = (
        select(_LaterLeaving.id)
        .where(
            _LaterLeaving.organization_id == Leaving.organization_id,
            _LaterLeaving.worker_id == Leaving.worker_id,
            _LaterLeaving.number > Leaving.number,
            *_known_by(_LaterLeaving, known),
        )
        .correlate(Leaving)
    )
    return ~later.exists()


def _is_last_entry(known: date | None = None) -> Any:
    later = (
        select(_LaterEntry.id)
        .where(
            _LaterEntry.organization_id == LeavingEntry.organization_id,
            _LaterEntry.worker_id == LeavingEntry.worker_id,
            _LaterEntry.begun == LeavingEntry.begun,
            _LaterEntry.item == LeavingEntry.item,
            _LaterEntry.number > LeavingEntry.number,
            *_known_by(_LaterEntry, known),
        )
        .correlate(LeavingEntry)
    )
    return ~later.exists()


def leavings_of(session: Session, worker: Worker) -> list[Leaving]:
    """Every row about someone's leaving, newest first."""
    return list(
        session.scalars(
            select(Leaving)
            .where(Leaving.organization_id == worker.organization_id, Leaving.worker_id == worker.id)
            .order_by(Leaving.number.desc())
        )
    )


def entries_of(session: Session, worker: Worker, begun: int) -> dict[LeavingCheck, LeavingEntry]:
    """The last entry of each check of one of someone's leavings."""
    found = session.scalars(
        select(LeavingEntry)
        .where(
            LeavingEntry.organization_id == worker.organization_id,
            LeavingEntry.worker_id == worker.id,
            LeavingEntry.begun == begun,
        )
        .order_by(LeavingEntry.number)
    )
    return {entry.item: entry for entry in found}


def leaving_of(session: Session, worker: Worker) -> LeavingStory | None:
    """How someone's leaving stands, cancelled or not; None when there never was one."""
    rows = leavings_of(session, worker)
    if not rows:
        return None
    things = sum(1 for thing in things_of(session, worker) if thing.is_out)
    return LeavingStory(rows[0], entries_of(session, worker, rows[0].begun), things)


@dataclass(frozen=True)
class Leaver:
    """Someone who leaves or has left, and how the closing stands; no story where only the roster knows."""

    worker: Worker
    center: Center
    story: LeavingStory | None

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to be looked after."""
        return self.story is not None and self.story.is_closed


def leavers(session: Session, organization_id: UUID, centers: Where = None, *, since: date) -> list[Leaver]:
    """Those of an organization who leave, or have left since a day, the latest last day first."""
    people = session.execute(
        select(Worker, Center)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .where(Worker.organization_id == organization_id, Worker.left_on >= since, *_center_is(centers))
        .order_by(Worker.left_on.desc(), Worker.name_kana, Worker.name, Worker.id)
    ).all()
    ids = sorted(worker.id for worker, _ in people)
    rows = {
        row.worker_id: row
        for row in session.scalars(
            select(Leaving).where(
                Leaving.organization_id == organization_id, Leaving.worker_id.in_(ids), _is_last_leaving()
            )
        )
        if not row.is_cancelled
    }
    entries: dict[tuple[UUID, int], dict[LeavingCheck, LeavingEntry]] = {}
    for entry in session.scalars(
        select(LeavingEntry).where(
            LeavingEntry.organization_id == organization_id, LeavingEntry.worker_id.in_(ids), _is_last_entry()
        )
    ):
        entries.setdefault((entry.worker_id, entry.begun), {})[entry.item] = entry
    out: dict[UUID, int] = {}
    for worker, _ in things_out(session, organization_id, centers):
        out[worker.id] = out.get(worker.id, 0) + 1
    return [
        Leaver(
            worker,
            center,
            LeavingStory(rows[worker.id], entries.get((worker.id, rows[worker.id].begun), {}), out.get(worker.id, 0))
            if worker.id in rows
            else None,
        )
        for worker, center in people
    ]


def entries_with(
    *outcomes: Outcome, of: Iterable[LeavingCheck], by: Any = None, known: date | None = None
) -> Any:  # fmt: skip
    """How many checks of a leaving have one of these outcomes as their last (by a day, if one is named), of the entries
    that had been recorded by the day `known`."""
    wanted = [
        LeavingEntry.organization_id == Leaving.organization_id,
        LeavingEntry.worker_id == Leaving.worker_id,
        LeavingEntry.begun == Leaving.begun,
        LeavingEntry.item.in_(list(of)),
        LeavingEntry.outcome.in_(outcomes),
        _is_last_entry(known),
        *_known_by(LeavingEntry, known),
    ]
    if by is not None:
        wanted.append(LeavingEntry.checked_on <= by)
    return select(func.count()).select_from(LeavingEntry).where(*wanted).correlate(Leaving).scalar_subquery()


PLEDGE_SETTLED = (Outcome.DONE, Outcome.POSTED, Outcome.UNREACHABLE, Outcome.DIED)
#: What is handed back or switched off; the pledge is counted by itself.
HANDED_BACK = tuple(check for check in LeavingCheck if check is not LeavingCheck.PLEDGE)


def things_not_back(by: Any = None, people: Any = Worker, *, known: date | None = None) -> Any:
    """How many of a leaver's things are out (or, when a day is named, were not settled by then), as far as it had been
    recorded by the day `known`."""
    wanted = [
        LentItem.organization_id == people.organization_id,
        LentItem.worker_id == people.id,
        *_known_by(LentItem, known),
    ]
    late = _Event.id.is_(None) if by is None else or_(_Event.id.is_(None), _Event.happened_on > by)
    return (
        select(func.count())
        .select_from(LentItem)
        .outerjoin(_Event, _last_event_of_item(known))
        .where(*wanted, late)
        .correlate(people, Leaving)
        .scalar_subquery()
    )


def leaver_rows(
    *, since: date, until: date, organization_ids: Where, people: Any = Worker, known: date | None = None
) -> Select[*tuple[Any, ...]]:
    """Everyone whose last day lies between two days, with the row of the leaving that counts, if there is any; of the
    rows that had been recorded by the day `known`."""
    return (
        select()
        .select_from(people)
        .outerjoin(
            Leaving,
            and_(
                Leaving.organization_id == people.organization_id,
                Leaving.worker_id == people.id,
                ~Leaving.is_cancelled,
                _is_last_leaving(known),
                *_known_by(Leaving, known),
            ),
        )
        .where(people.left_on >= since, people.left_on <= until)
        .where(*([] if organization_ids is None else [people.organization_id.in_(sorted(organization_ids))]))
    )


def how_many_leaving_open(
    session: Session, organization_ids: Iterable[UUID], *, since: date, on: date
) -> dict[tuple[UUID, UUID], int]:
    """Whose leaving is not closed although the last day has come: {(organization, center): count}."""
    is_open = or_(
        Leaving.id.is_(None),
        entries_with(Outcome.DONE, Outcome.NONE, of=HANDED_BACK) < len(HANDED_BACK),
        entries_with(*PLEDGE_SETTLED, of=[LeavingCheck.PLEDGE]) < 1,
        things_not_back() > 0,
    )
    rows = session.execute(
        leaver_rows(since=since, until=on, organization_ids=organization_ids)
        .where(is_open)
        .add_columns(Worker.organization_id, Worker.center_id, func.count())
        .group_by(Worker.organization_id, Worker.center_id)
    )
    return {(organization, center): count for organization, center, count in rows}


# --- one person -------------------------------------------------------------------------------------------------


def previous_row_of(session: Session, worker: Worker) -> Worker | None:
    """The row under which someone was on the roster before."""
    return session.scalar(
        select(Worker)
        .join(
            Rejoining,
            and_(Rejoining.organization_id == Worker.organization_id, Rejoining.previous_worker_id == Worker.id),
        )
        .where(Rejoining.organization_id == worker.organization_id, Rejoining.worker_id == worker.id)
    )


def next_row_of(session: Session, worker: Worker) -> Worker | None:
    """The row under which someone who had left is on the roster again."""
    return session.scalar(
        select(Worker)
        .join(Rejoining, and_(Rejoining.organization_id == Worker.organization_id, Rejoining.worker_id == Worker.id))
        .where(Rejoining.organization_id == worker.organization_id, Rejoining.previous_worker_id == worker.id)
    )


def unfinished_sheets(session: Session, worker: Worker) -> list[MatrixRow]:
    """Someone's sheets of the last two years that are not signed off or excused, the oldest first."""
    rows = sheets_of_workers(session, [worker.organization_id], [worker.id])
    done = (SheetState.SIGNED_OFF, SheetState.EXCUSED)
    return sorted((row for row in rows if row.state not in done), key=lambda row: row.sheet.month)
