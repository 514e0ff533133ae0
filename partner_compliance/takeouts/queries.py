"""What can be read of take-outs: one row with its events, the ledger as a list, what is out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, load_only

from partner_compliance import clock
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.takeouts.derivation import Standing, derive
from partner_compliance.takeouts.models import (
    LedgerLine,
    LossEntry,
    LossReport,
    StandingEnd,
    StandingPermit,
    StandingPerson,
    Substitute,
    TakeOut,
    TakeOutEvent,
    TakeOutLabel,
    TakeOutSettings,
)
from partner_compliance.takeouts.words import EventKind, Medium, Permission, Reason, State

#: Which organizations are asked about; None for all.
Where = Iterable[UUID] | None

#: Rows in which something is still to happen.
OPEN = (State.ASKED, State.PERMITTED, State.OUT)
#: Rows of things that have left the center at some time.
LEFT = (State.OUT, State.RETURNED)


def record_number(take_out: TakeOut) -> str:
    """The number under which a row can be found again, on screens and on paper."""
    return f"TO-{take_out.id.hex[:10].upper()}"


# --- one row ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """One row of the ledger with all that happened to it."""

    take_out: TakeOut
    worker: Worker
    center: Center
    events: Sequence[TakeOutEvent]
    standing_permit: StandingPermit | None
    label: TakeOutLabel | None
    loss: LossReport | None

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return derive(self.take_out, self.events)

    def event(self, *kinds: EventKind) -> TakeOutEvent | None:
        """The last event of some kinds."""
        return next((event for event in reversed(self.events) if event.kind in kinds), None)


def events_of(session: Session, take_out: TakeOut) -> list[TakeOutEvent]:
    """What happened to a row, in order."""
    return list(
        session.scalars(
            select(TakeOutEvent)
            .where(TakeOutEvent.organization_id == take_out.organization_id, TakeOutEvent.take_out_id == take_out.id)
            .order_by(TakeOutEvent.number)
        )
    )


def story_of(session: Session, take_out: TakeOut) -> Story:
    """One row with all that happened to it."""
    return stories_of(session, [take_out])[0]


def stories_of(session: Session, rows: Sequence[TakeOut]) -> list[Story]:
    """Rows of one organization with all that happened to them, in a number of statements that does not grow."""
    if not rows:
        return []
    organization_id, ids = rows[0].organization_id, [row.id for row in rows]
    events: dict[UUID, list[TakeOutEvent]] = {}
    for event in session.scalars(
        select(TakeOutEvent)
        .where(TakeOutEvent.organization_id == organization_id, TakeOutEvent.take_out_id.in_(ids))
        .order_by(TakeOutEvent.number)
    ):
        events.setdefault(event.take_out_id, []).append(event)

    def of(model: Any, wanted: Iterable[UUID | None], key: str = "id") -> dict[UUID, Any]:
        found = sorted({each for each in wanted if each is not None})
        if not found:
            return {}
        column = getattr(model, key)
        query = select(model).where(model.organization_id == organization_id, column.in_(found))
        return {getattr(each, key): each for each in session.scalars(query)}

    workers = of(Worker, [row.worker_id for row in rows])
    centers = of(Center, [row.center_id for row in rows])
    permits = of(StandingPermit, [row.standing_id for row in rows])
    labels = of(TakeOutLabel, [row.label_id for row in rows])
    losses = of(LossReport, ids, "take_out_id")
    return [
        Story(
            row,
            workers[row.worker_id],
            centers[row.center_id],
            events.get(row.id, []),
            permits.get(row.standing_id) if row.standing_id else None,
            labels.get(row.label_id) if row.label_id else None,
            losses.get(row.id),
        )
        for row in rows
    ]


def row_of_request(session: Session, organization_id: UUID, request_key: UUID) -> TakeOut | None:
    """The row that an earlier sending of the same form has made."""
    return session.scalars(
        select(TakeOut).where(TakeOut.organization_id == organization_id, TakeOut.request_key == request_key)
    ).first()


def twin_of(
    session: Session, worker: Worker, leaves_at: datetime, returns_at: datetime, description: str
) -> TakeOut | None:
    """An open request of the same person for the same thing and the same moments."""
    return session.scalars(
        select(TakeOut)
        .join(LedgerLine, _line_join())
        .where(
            LedgerLine.organization_id == worker.organization_id,
            LedgerLine.worker_id == worker.id,
            LedgerLine.state.in_((State.ASKED, State.PERMITTED)),
            TakeOut.leaves_at == leaves_at,
            TakeOut.returns_at == returns_at,
            TakeOut.description == description,
        )
        .limit(1)
    ).first()


def loss_entries(session: Session, report: LossReport) -> list[LossEntry]:
    """What was written about a loss, in order."""
    return list(
        session.scalars(
            select(LossEntry)
            .where(LossEntry.organization_id == report.organization_id, LossEntry.report_id == report.id)
            .order_by(LossEntry.number)
        )
    )


def settings_of(session: Session, organization_id: UUID) -> TakeOutSettings:
    """An organization's choices; the usual ones where it has made none."""
    return session.get(TakeOutSettings, organization_id) or TakeOutSettings(
        organization_id=organization_id, is_forbidden=False, needs_witness=False
    )


# --- who permits ------------------------------------------------------------------------------------------------


def substituted_centers(session: Session, worker_ids: Iterable[UUID], day: date) -> frozenset[tuple[UUID, UUID]]:
    """(organization, center) of every center at which one of these roster rows stands in for the head on a day."""
    ids = sorted(worker_ids)
    if not ids:
        return frozenset()
    found = session.execute(
        select(Substitute.organization_id, Substitute.center_id).where(
            Substitute.worker_id.in_(ids),
            Substitute.from_on <= day,
            Substitute.until_on >= day,
            Substitute.ended_at.is_(None),
        )
    )
    return frozenset((organization_id, center_id) for organization_id, center_id in found)


def substitutes_of(session: Session, center: Center, *, since: date) -> list[tuple[Substitute, str]]:
    """Who stands or stood in for the head of a center from a day on, with the name, the latest first."""
    rows = session.execute(
        select(Substitute, Worker.name)
        .join(Worker, and_(Worker.organization_id == Substitute.organization_id, Worker.id == Substitute.worker_id))
        .where(
            Substitute.organization_id == center.organization_id,
            Substitute.center_id == center.id,
            Substitute.until_on >= since,
        )
        .order_by(Substitute.from_on.desc(), Worker.name)
    )
    return [(each, name) for each, name in rows]


# --- standing permissions and labels ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Permit:
    """A standing permission with its people and its end, if it was taken back."""

    permit: StandingPermit
    people: Mapping[UUID, str]
    end: StandingEnd | None
    center: str

    def holds_on(self, day: date) -> bool:
        """Whether somebody may leave with it on a day."""
        return (
            self.end is None
            and self.permit.from_on <= day <= self.permit.until_on
            and str(day.weekday()) in self.permit.weekdays
        )

    def is_over(self, today: date) -> bool:
        """Whether nobody can use it any more."""
        return self.end is not None or self.permit.until_on < today


def permits(
    session: Session,
    organization_id: UUID,
    *,
    center_ids: Iterable[UUID] | None = None,
    worker_id: UUID | None = None,
    since: date,
    limit: int = 200,
) -> list[Permit]:
    """Standing permissions that end on a day or later: of an organization, some centers, or one of its people."""
    query = (
        select(StandingPermit, StandingEnd, Center.name)
        .join(
            Center,
            and_(Center.organization_id == StandingPermit.organization_id, Center.id == StandingPermit.center_id),
        )
        .outerjoin(
            StandingEnd,
            and_(
                StandingEnd.organization_id == StandingPermit.organization_id,
                StandingEnd.standing_id == StandingPermit.id,
            ),
        )
        .where(StandingPermit.organization_id == organization_id, StandingPermit.until_on >= since)
        .order_by(StandingPermit.until_on.desc(), StandingPermit.granted_at.desc())
        .limit(limit)
    )
    if center_ids is not None:
        query = query.where(StandingPermit.center_id.in_(sorted(center_ids)))
    if worker_id is not None:
        named = select(StandingPerson.standing_id).where(
            StandingPerson.organization_id == organization_id, StandingPerson.worker_id == worker_id
        )
        query = query.where(StandingPermit.id.in_(named))
    rows = session.execute(query).all()
    people: dict[UUID, dict[UUID, str]] = {}
    if rows:
        for standing_id, person_id, name in session.execute(
            select(StandingPerson.standing_id, Worker.id, Worker.name)
            .join(
                Worker,
                and_(Worker.organization_id == StandingPerson.organization_id, Worker.id == StandingPerson.worker_id),
            )
            .where(
                StandingPerson.organization_id == organization_id,
                StandingPerson.standing_id.in_([permit.id for permit, _, _ in rows]),
            )
            .order_by(Worker.name_kana, Worker.name)
        ):
            people.setdefault(standing_id, {})[person_id] = name
    return [Permit(permit, people.get(permit.id, {}), end, center) for permit, end, center in rows]


def permit_of(session: Session, standing: StandingPermit) -> Permit:
    """One standing permission with its people and its end."""
    found = permits(
        session, standing.organization_id, center_ids=[standing.center_id], since=standing.until_on, limit=1000
    )
    return next(each for each in found if each.permit.id == standing.id)


def labels_of(session: Session, center: Center) -> list[TakeOutLabel]:
    """The labels of a center, those in use first, by name."""
    return list(
        session.scalars(
            select(TakeOutLabel)
            .where(TakeOutLabel.organization_id == center.organization_id, TakeOutLabel.center_id == center.id)
            .order_by(TakeOutLabel.retired_at.is_not(None), TakeOutLabel.name, TakeOutLabel.made_at)
        )
    )


def label_with_code(session: Session, code: str) -> TakeOutLabel | None:
    """The label with a code, of whatever organization; whose it is, the caller asks."""
    return session.scalars(select(TakeOutLabel).where(TakeOutLabel.code == code)).first()


def open_rows_with_label(session: Session, label: TakeOutLabel) -> list[TakeOut]:
    """The rows with a label in which something is still to happen, the latest first."""
    return list(
        session.scalars(
            select(TakeOut)
            .join(LedgerLine, _line_join())
            .where(
                TakeOut.organization_id == label.organization_id,
                LedgerLine.state.in_(OPEN),
                TakeOut.label_id == label.id,
            )
            .order_by(TakeOut.asked_at.desc())
        )
    )


# --- the ledger -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Which rows of the ledger are asked for."""

    #: The centers that the reader may see; None for all.
    centers: frozenset[UUID] | None = None
    center_id: UUID | None = None
    worker_id: UUID | None = None
    text: str = ""
    medium: Medium | None = None
    reason: Reason | None = None
    data_class: DataClass | None = None
    #: A state, or one of `overdue`, `not_permitted`, `differs`.
    state: str = ""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Line:
    """A row of the ledger in a list."""

    line: LedgerLine
    take_out: TakeOut
    worker: str
    center: str

    def is_overdue(self, today: date) -> bool:
        """Whether the things should have been back by now."""
        return self.line.state is State.OUT and self.line.due_on < today

    @property
    def is_late(self) -> bool:
        """Whether the things came back after the day on which they were due."""
        return self.line.returned_on is not None and self.line.returned_on > self.line.due_on


def _line_join() -> Any:
    return and_(LedgerLine.organization_id == TakeOut.organization_id, LedgerLine.take_out_id == TakeOut.id)


def is_overdue_on(day: date) -> Any:
    """The condition that a line's things should have been back before a day."""
    return and_(LedgerLine.state == State.OUT, LedgerLine.due_on < day)


def _wanted(query: Select[Any], organization_id: UUID, asked: Asked, today: date) -> Select[Any]:
    query = query.where(LedgerLine.organization_id == organization_id)
    if asked.centers is not None:
        query = query.where(LedgerLine.center_id.in_(sorted(asked.centers)))
    for column, value in (
        (LedgerLine.center_id, asked.center_id),
        (LedgerLine.worker_id, asked.worker_id),
        (LedgerLine.medium, asked.medium),
        (LedgerLine.reason, asked.reason),
        (LedgerLine.data_class, asked.data_class),
    ):
        if value is not None:
            query = query.where(column == value)
    if asked.from_on is not None:
        query = query.where(LedgerLine.began_on >= asked.from_on)
    if asked.until_on is not None:
        query = query.where(LedgerLine.began_on <= asked.until_on)
    if asked.state == "overdue":
        query = query.where(is_overdue_on(today))
    elif asked.state == "not_permitted":
        query = query.where(
            LedgerLine.state.in_(LEFT), LedgerLine.permission.in_([each for each in Permission if not each.is_in_order])
        )
    elif asked.state == "differs":
        query = query.where(LedgerLine.differs)
    elif asked.state:
        query = query.where(LedgerLine.state == State(asked.state))
    if asked.text:
        who = select(Worker.id).where(
            Worker.organization_id == organization_id,
            Worker.search_key.contains(asked.text.lower(), autoescape=True),
        )
        what = select(TakeOut.id).where(
            TakeOut.organization_id == organization_id,
            or_(
                TakeOut.description.contains(asked.text, autoescape=True),
                TakeOut.destination.contains(asked.text, autoescape=True),
            ),
        )
        query = query.where(or_(LedgerLine.worker_id.in_(who), LedgerLine.take_out_id.in_(what)))
    return query


def how_many(session: Session, organization_id: UUID, asked: Asked, *, today: date, most: int | None = None) -> int:
    """How many rows of the ledger are asked for; counting stops at `most`: it is what grows with a ledger."""
    if most is None:
        return session.scalar(_wanted(select(func.count()).select_from(LedgerLine), organization_id, asked, today)) or 0
    some = _wanted(select(literal(1)).select_from(LedgerLine), organization_id, asked, today).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def lines(
    session: Session,
    organization_id: UUID,
    asked: Asked,
    *,
    today: date,
    limit: int = 50,
    offset: int = 0,
    is_whole: bool = False,
) -> list[Line]:
    """The rows of the ledger that are asked for, the latest first, in one statement.

    Of the rows themselves only what a list shows is read, unless they are wanted whole, for a file.
    """
    picked = (
        _wanted(select(LedgerLine.take_out_id), organization_id, asked, today)
        .order_by(LedgerLine.began_on.desc(), LedgerLine.take_out_id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    rows = session.execute(
        select(LedgerLine, TakeOut, Worker.name, Center.name)
        .join(picked, picked.c.take_out_id == LedgerLine.take_out_id)
        .join(TakeOut, _line_join())
        .join(Worker, and_(Worker.organization_id == LedgerLine.organization_id, Worker.id == LedgerLine.worker_id))
        .join(Center, and_(Center.organization_id == LedgerLine.organization_id, Center.id == LedgerLine.center_id))
        .where(LedgerLine.organization_id == organization_id)
        .order_by(LedgerLine.began_on.desc(), LedgerLine.take_out_id)
        .options(*(() if is_whole else (_SHOWN_IN_A_LIST,)))
    )
    return [Line(line, take_out, worker, center) for line, take_out, worker, center in rows]


#: What lists show of a row; all else stands in its line.
_SHOWN_IN_A_LIST = load_only(TakeOut.organization_id, TakeOut.id, TakeOut.description, raiseload=True)


def own_lines(session: Session, workers: Iterable[UUID], organization_ids: Iterable[UUID], *, limit: int) -> list[Line]:
    """One person's rows in some organizations: what is open first, then the latest."""
    rows = session.execute(
        select(LedgerLine, TakeOut, Worker.name, Center.name)
        .join(TakeOut, _line_join())
        .join(Worker, and_(Worker.organization_id == LedgerLine.organization_id, Worker.id == LedgerLine.worker_id))
        .join(Center, and_(Center.organization_id == LedgerLine.organization_id, Center.id == LedgerLine.center_id))
        .where(LedgerLine.organization_id.in_(sorted(organization_ids)), LedgerLine.worker_id.in_(sorted(workers)))
        .order_by(LedgerLine.state.not_in(OPEN), LedgerLine.began_on.desc(), LedgerLine.take_out_id)
        .limit(limit)
    )
    return [Line(line, take_out, worker, center) for line, take_out, worker, center in rows]


def waiting_lines(
    session: Session, organization_ids: Iterable[UUID], center_ids: Iterable[UUID] | None, *, today: date, limit: int
) -> list[Line]:
    """What asks something of those who permit: requests, rows without permission, what is overdue, open differences."""
    asks = or_(
        LedgerLine.state == State.ASKED,
        and_(LedgerLine.state == State.OUT, LedgerLine.permission == Permission.NONE),
        is_overdue_on(today),
    )
    query = (
        select(LedgerLine, TakeOut, Worker.name, Center.name)
        .join(TakeOut, _line_join())
        .join(Worker, and_(Worker.organization_id == LedgerLine.organization_id, Worker.id == LedgerLine.worker_id))
        .join(Center, and_(Center.organization_id == LedgerLine.organization_id, Center.id == LedgerLine.center_id))
        .where(LedgerLine.organization_id.in_(sorted(organization_ids)), LedgerLine.state.in_(OPEN), asks)
        .order_by(LedgerLine.state == State.OUT, LedgerLine.began_on, LedgerLine.take_out_id)
        .limit(limit)
    )
    if center_ids is not None:
        query = query.where(LedgerLine.center_id.in_(sorted(center_ids)))
    return [Line(line, take_out, worker, center) for line, take_out, worker, center in session.execute(query)]


#: So long a return waits for its witness.
_WITNESS_WITHIN = timedelta(days=7)


def waiting_for_witness(session: Session, workers: Sequence[Worker], *, today: date, limit: int = 20) -> list[Line]:
    """Returns at the centers of these roster rows that wait for a second person's tap, where the organization wants it;
    never the own ones."""
    if not workers:
        return []
    query = (
        select(LedgerLine, TakeOut, Worker.name, Center.name)
        .join(TakeOut, _line_join())
        .join(Worker, and_(Worker.organization_id == LedgerLine.organization_id, Worker.id == LedgerLine.worker_id))
        .join(Center, and_(Center.organization_id == LedgerLine.organization_id, Center.id == LedgerLine.center_id))
        .join(TakeOutSettings, TakeOutSettings.organization_id == LedgerLine.organization_id)
        .where(
            TakeOutSettings.needs_witness,
            LedgerLine.organization_id.in_(sorted({each.organization_id for each in workers})),
            LedgerLine.center_id.in_(sorted({each.center_id for each in workers})),
            LedgerLine.worker_id.not_in(sorted(each.id for each in workers)),
            LedgerLine.state == State.RETURNED,
            LedgerLine.returned_on >= today - _WITNESS_WITHIN,
            ~LedgerLine.is_witnessed,
        )
        .order_by(LedgerLine.returned_on.desc(), LedgerLine.take_out_id)
        .limit(limit)
    )
    return [Line(line, take_out, worker, center) for line, take_out, worker, center in session.execute(query)]


@dataclass(frozen=True)
class Waiting:
    """How much of the ledger asks something of those who permit."""

    asked: int = 0
    unpermitted: int = 0
    overdue: int = 0


def how_much_waits(
    session: Session, organization_ids: Iterable[UUID], *, but: Iterable[UUID] = (), today: date
) -> dict[tuple[UUID, UUID], Waiting]:
    """The same in numbers, for each (organization, center), without the rows of some workers, in one statement."""
    query = select(
        LedgerLine.organization_id,
        LedgerLine.center_id,
        LedgerLine.state == State.ASKED,
        and_(LedgerLine.state == State.OUT, LedgerLine.permission == Permission.NONE),
        is_overdue_on(today),
    ).where(
        LedgerLine.organization_id.in_(sorted(set(organization_ids))), LedgerLine.state.in_((State.ASKED, State.OUT))
    )
    if own := sorted(but):
        query = query.where(LedgerLine.worker_id.not_in(own))
    # Few rows are open; a GROUP BY makes SQLite walk the whole ledger in the order of its groups.
    found: dict[tuple[UUID, UUID], Waiting] = {}
    for organization_id, center_id, *waits in session.execute(query):
        if any(waits):
            before = found.get((organization_id, center_id), Waiting())
            asked, unpermitted, overdue = map(int, waits)
            found[organization_id, center_id] = Waiting(
                before.asked + asked, before.unpermitted + unpermitted, before.overdue + overdue
            )
    return found


def open_losses(
    session: Session, organization_ids: Iterable[UUID], center_ids: Iterable[UUID] | None = None, *, limit: int = 100
) -> list[tuple[LossReport, str]]:
    """Drafts of incidents that are not settled yet, with the worker's name, the oldest first."""
    ended = select(LossEntry.id).where(
        LossEntry.organization_id == LossReport.organization_id,
        LossEntry.report_id == LossReport.id,
        LossEntry.kind.in_(("found", "reported")),
    )
    query = (
        select(LossReport, Worker.name)
        .join(Worker, and_(Worker.organization_id == LossReport.organization_id, Worker.id == LossReport.worker_id))
        .where(LossReport.organization_id.in_(sorted(organization_ids)), ~ended.exists())
        .order_by(LossReport.opened_at)
        .limit(limit)
    )
    if center_ids is not None:
        query = query.where(LossReport.center_id.in_(sorted(center_ids)))
    return [(report, name) for report, name in session.execute(query)]


# --- what other rooms ask ---------------------------------------------------------------------------------------


def lines_of_months(
    session: Session, organization_id: UUID, workers: Iterable[UUID], month: str
) -> dict[UUID, list[LedgerLine]]:
    """What each worker's ledger says of a month: everything that was outside on some day of it, in order."""
    return _outside_in(session, organization_id, LedgerLine.worker_id.in_(sorted(workers)), month)


def lines_at_center(session: Session, center: Center, month: str) -> dict[UUID, list[LedgerLine]]:
    """The same for everyone at a center, in one statement."""
    return _outside_in(session, center.organization_id, LedgerLine.center_id == center.id, month)


def _outside_in(
    session: Session, organization_id: UUID, whose: ColumnElement[bool], month: str
) -> dict[UUID, list[LedgerLine]]:
    """Lines of those who are meant that were outside on some day of a month, by worker, in order."""
    mine = select(LedgerLine).where(LedgerLine.organization_id == organization_id, whose)
    # Two halves, each with an index of its own: what is still out, and what came back since. When things left is asked
    # afterwards, since an index by that day would be read from the beginning of the ledger.
    both = union_all(
        mine.where(LedgerLine.returned_on.is_(None), LedgerLine.state == State.OUT),
        mine.where(LedgerLine.returned_on >= clock.first_day(month)),
    )
    last = clock.last_day(month)
    lines = session.scalars(select(LedgerLine).from_statement(both))
    found: dict[UUID, list[LedgerLine]] = {}
    for line in sorted(lines, key=lambda line: (line.began_on, line.take_out_id)):
        if line.began_on <= last:
            found.setdefault(line.worker_id, []).append(line)
    return found


def out_of_workers(session: Session, workers: Sequence[Worker]) -> dict[UUID, list[tuple[TakeOut, LedgerLine]]]:
    """What each of these people has outside now: {worker: [(row, line)]}."""
    found: dict[UUID, list[tuple[TakeOut, LedgerLine]]] = {}
    if not workers:
        return found
    rows = session.execute(
        select(TakeOut, LedgerLine)
        .join(LedgerLine, _line_join())
        .where(
            LedgerLine.organization_id.in_(sorted({worker.organization_id for worker in workers})),
            LedgerLine.worker_id.in_(sorted(worker.id for worker in workers)),
            LedgerLine.state == State.OUT,
        )
        .order_by(LedgerLine.began_on)
    )
    for take_out, line in rows:
        found.setdefault(take_out.worker_id, []).append((take_out, line))
    return found
