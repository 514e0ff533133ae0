"""What can be read of hand-over receipts: one with its story, the register as a list, what somebody holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.receipts.derivation import ItemStanding, confirmed_sides, derive, state_of
from partner_compliance.receipts.models import Receipt, ReceiptEvent, ReceiptItem, ReceiptLine
from partner_compliance.receipts.words import Direction, Side, State


def record_number(receipt: Receipt) -> str:
    """The number under which a receipt can be found again, on screens and on paper."""
    return f"RC-{receipt.id.hex[:10].upper()}"


@dataclass(frozen=True)
class Story:
    """One receipt with its things, people and all that happened to it."""

    receipt: Receipt
    items: Sequence[ReceiptItem]
    events: Sequence[ReceiptEvent]
    organization: Organization
    municipality: Municipality | None
    people: Mapping[UUID, Worker]

    @property
    def state(self) -> State:
        """Where the receipt stands: ended when everything on it has ended."""
        state = state_of(self.events)
        if state is State.HELD and all(standing.state is State.ENDED for _, standing in self.standings):
            return State.ENDED
        return state

    @property
    def standings(self) -> list[tuple[ReceiptItem, ItemStanding]]:
        """Each thing with where it stands."""
        return [(item, derive(item, self.events)) for item in self.items]

    @property
    def confirmed(self) -> dict[Side, ReceiptEvent]:
        """Who has confirmed, by side."""
        return confirmed_sides(self.events)

    @property
    def unconfirmed(self) -> Side | None:
        """The side whose word is still awaited."""
        if self.state is not State.WAITING:
            return None
        return next((side for side in Side if side not in self.confirmed), None)

    def name_of(self, side: Side) -> str:
        """Who stands on a side, in words."""
        is_municipal = (side is Side.GIVER and self.receipt.direction is Direction.FROM_MUNICIPALITY) or (
            side is Side.RECEIVER and self.receipt.direction is Direction.TO_MUNICIPALITY
        )
        if is_municipal:
            return self.municipality.name if self.municipality else ""
        worker_id = self.receipt.giver_id if side is Side.GIVER else self.receipt.receiver_id
        person = self.people[worker_id].name if worker_id else ""
        if self.receipt.direction is Direction.INSIDE:
            return person
        return f"{self.organization.name}　{person}".strip()


def events_of(session: Session, receipt: Receipt) -> list[ReceiptEvent]:
    """What happened to a receipt, in order."""
    return list(
        session.scalars(
            select(ReceiptEvent)
            .where(ReceiptEvent.organization_id == receipt.organization_id, ReceiptEvent.receipt_id == receipt.id)
            .order_by(ReceiptEvent.number)
        )
    )


def story_of(session: Session, receipt: Receipt) -> Story:
    """One receipt with all that belongs to it."""
    ids = [each for each in (receipt.giver_id, receipt.receiver_id) if each]
    people = session.scalars(
        select(Worker).where(Worker.organization_id == receipt.organization_id, Worker.id.in_(ids))
    )
    return Story(
        receipt,
        receipt.items,
        events_of(session, receipt),
        session.get_one(Organization, receipt.organization_id),
        session.get(Municipality, receipt.municipality_id) if receipt.municipality_id else None,
        {worker.id: worker for worker in people},
    )


def receipt_of_request(session: Session, organization_id: UUID, request_key: UUID) -> Receipt | None:
    """The receipt that an earlier sending of the same form has made."""
    return session.scalars(
        select(Receipt).where(Receipt.organization_id == organization_id, Receipt.request_key == request_key)
    ).first()


def engagements_of(
    session: Session, day: date, *, organization_id: UUID | None = None, municipality_id: UUID | None = None
) -> list[tuple[Engagement, str]]:
    """The engagements in force on a day with the name of the other side: of an organization, or of a municipality."""
    if organization_id is not None:
        query = select(Engagement, Municipality.name).join(Municipality, Municipality.id == Engagement.municipality_id)
        query = query.where(Engagement.organization_id == organization_id)
        name: Any = Municipality.name
    else:
        query = select(Engagement, Organization.name).join(Organization, Organization.id == Engagement.organization_id)
        query = query.where(Engagement.municipality_id == municipality_id)
        name = Organization.name
    return [(each, said) for each, said in session.execute(query.where(is_valid_on(day)).order_by(name))]


# --- the register -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Which lines of the register are asked for."""

    organization_id: UUID | None = None
    municipality_id: UUID | None = None
    #: Leave out what was handed over with other municipalities than this one.
    hiding_others_from: UUID | None = None
    #: The centers that the reader may see; None for all.
    centers: frozenset[UUID] | None = None
    direction: Direction | None = None
    data_class: DataClass | None = None
    #: A state, or `overdue`.
    state: str = ""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Line:
    """A line of the register in a list."""

    line: ReceiptLine
    receipt: Receipt
    item: ReceiptItem
    organization: str
    municipality: str
    giver: str
    receiver: str

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been returned or destroyed by now."""
        return self.line.state is State.HELD and self.line.due_on < today

    def name_of(self, side: Side) -> str:
        """Who stands on a side, in words."""
        of_municipality = {
            Direction.INSIDE: None,
            Direction.FROM_MUNICIPALITY: Side.GIVER,
            Direction.TO_MUNICIPALITY: Side.RECEIVER,
        }[self.line.direction]
        if side is of_municipality:
            return self.municipality
        person = self.giver if side is Side.GIVER else self.receiver
        return person if self.line.direction is Direction.INSIDE else f"{self.organization}　{person}".strip()


_Giver, _Receiver = aliased(Worker), aliased(Worker)


def is_overdue_on(day: date) -> Any:
    """The condition that a line's things should have been returned or destroyed before a day."""
    return and_(ReceiptLine.state == State.HELD, ReceiptLine.due_on < day)


def _wanted(query: Select[*tuple[Any, ...]], asked: Asked, today: date) -> Select[*tuple[Any, ...]]:
    if asked.organization_id is not None:
        query = query.where(ReceiptLine.organization_id == asked.organization_id)
    if asked.municipality_id is not None:
        query = query.where(ReceiptLine.municipality_id == asked.municipality_id)
    if asked.hiding_others_from is not None:
        inside, theirs = ReceiptLine.municipality_id.is_(None), ReceiptLine.municipality_id == asked.hiding_others_from
        query = query.where(or_(inside, theirs))
    if asked.centers is not None:
        query = query.where(ReceiptLine.center_id.in_(sorted(asked.centers)))
    if asked.direction is not None:
        query = query.where(ReceiptLine.direction == asked.direction)
    if asked.data_class is not None:
        query = query.where(ReceiptLine.data_class == asked.data_class)
    if asked.from_on is not None:
        query = query.where(ReceiptLine.handed_on >= asked.from_on)
    if asked.until_on is not None:
        query = query.where(ReceiptLine.handed_on <= asked.until_on)
    if asked.state == "overdue":
        query = query.where(is_overdue_on(today))
    elif asked.state:
        query = query.where(ReceiptLine.state == State(asked.state))
    return query


def how_many(session: Session, asked: Asked, *, today: date) -> int:
    """How many lines of the register are asked for."""
    return session.scalar(_wanted(select(func.count()).select_from(ReceiptLine), asked, today)) or 0


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(ReceiptLine, Receipt, ReceiptItem, Organization.name, Municipality.name, _Giver.name, _Receiver.name)
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
        .join(Organization, Organization.id == ReceiptLine.organization_id)
        .outerjoin(Municipality, Municipality.id == ReceiptLine.municipality_id)
        .outerjoin(
            _Giver, and_(_Giver.organization_id == ReceiptLine.organization_id, _Giver.id == ReceiptLine.giver_id)
        )
        .outerjoin(
            _Receiver,
            and_(_Receiver.organization_id == ReceiptLine.organization_id, _Receiver.id == ReceiptLine.receiver_id),
        )
    )


def _as_lines(session: Session, query: Select[*tuple[Any, ...]]) -> list[Line]:
    return [
        Line(line, receipt, item, organization, municipality or "", giver or "", receiver or "")
        for line, receipt, item, organization, municipality, giver, receiver in session.execute(query)
    ]


def lines(session: Session, asked: Asked, *, today: date, limit: int = 50, offset: int = 0) -> list[Line]:
    """The lines of the register that are asked for, the latest first, in one statement."""
    query = _wanted(_lines(), asked, today).order_by(
        ReceiptLine.handed_on.desc(), ReceiptLine.receipt_id, ReceiptLine.position
    )
    return _as_lines(session, query.limit(limit).offset(offset))


def own_lines(session: Session, workers: Iterable[UUID], organization_ids: Iterable[UUID], *, limit: int) -> list[Line]:
    """The lines on which one person stands, in some organizations: what waits and what is held first."""
    ids = sorted(workers)
    return _as_lines(
        session,
        _lines()
        .where(
            ReceiptLine.organization_id.in_(sorted(organization_ids)),
            or_(ReceiptLine.giver_id.in_(ids), ReceiptLine.receiver_id.in_(ids)),
        )
        .order_by(
            ReceiptLine.state.not_in((State.WAITING, State.HELD)),
            ReceiptLine.handed_on.desc(),
            ReceiptLine.receipt_id,
            ReceiptLine.position,
        )
        .limit(limit),
    )


def waiting_receipts(
    session: Session,
    *,
    workers: Iterable[UUID] = (),
    organizations: Iterable[UUID] = (),
    municipalities: Iterable[UUID] = (),
    limit: int = 20,
) -> list[Receipt]:
    """Receipts on which a side's word is awaited, in which these people, organizations or municipalities have part."""
    people, of_municipality = sorted(workers), sorted(municipalities)
    conditions = [
        or_(ReceiptLine.giver_id.in_(people), ReceiptLine.receiver_id.in_(people)),
        and_(ReceiptLine.organization_id.in_(sorted(organizations)), ReceiptLine.direction != Direction.INSIDE),
        ReceiptLine.municipality_id.in_(of_municipality),
    ]
    return list(
        session.scalars(
            select(Receipt)
            .join(
                ReceiptLine,
                and_(ReceiptLine.organization_id == Receipt.organization_id, ReceiptLine.receipt_id == Receipt.id),
            )
            .where(ReceiptLine.state == State.WAITING, ReceiptLine.position == 1, or_(*conditions))
            .order_by(Receipt.written_at)
            .limit(limit)
        )
    )


@dataclass(frozen=True)
class Pressing:
    """How much of a register asks something: what should have ended by now, and ends not acknowledged."""

    overdue: int = 0
    unacknowledged: int = 0


def pressing_of_organizations(
    session: Session, organization_ids: Iterable[UUID], *, today: date
) -> dict[UUID, Pressing]:
    """What presses in each of some organizations: what they hold of others, or hand among themselves."""
    rows = session.execute(
        select(ReceiptLine.organization_id, func.count())
        .where(
            ReceiptLine.organization_id.in_(sorted(organization_ids)),
            is_overdue_on(today),
            ReceiptLine.direction != Direction.TO_MUNICIPALITY,
        )
        .group_by(ReceiptLine.organization_id)
    )
    return {organization_id: Pressing(overdue=count) for organization_id, count in rows}


def pressing_of_municipalities(
    session: Session, municipality_ids: Iterable[UUID], *, today: date
) -> dict[UUID, Pressing]:
    """What presses at each of some municipalities: overdue on either side, and ends to acknowledge."""
    is_unread = and_(ReceiptLine.direction == Direction.FROM_MUNICIPALITY, ReceiptLine.unacknowledged > 0)
    overdue = func.sum(case((is_overdue_on(today), 1), else_=0))
    unacknowledged = func.sum(case((is_unread, 1), else_=0))
    rows = session.execute(
        select(ReceiptLine.municipality_id, overdue, unacknowledged)
        .where(
            ReceiptLine.municipality_id.in_(sorted(municipality_ids)),
            or_(is_overdue_on(today), ReceiptLine.unacknowledged > 0),
        )
        .group_by(ReceiptLine.municipality_id)
    )
    return {each: Pressing(late or 0, waiting or 0) for each, late, waiting in rows}


def held_by_workers(session: Session, workers: Sequence[Worker]) -> dict[UUID, list[Line]]:
    """What each of these people has received and not returned or destroyed: {worker: lines}."""
    found: dict[UUID, list[Line]] = {}
    if not workers:
        return found
    for line in _as_lines(
        session,
        _lines()
        .where(
            ReceiptLine.organization_id.in_(sorted({worker.organization_id for worker in workers})),
            ReceiptLine.receiver_id.in_(sorted(worker.id for worker in workers)),
            ReceiptLine.state == State.HELD,
        )
        .order_by(ReceiptLine.due_on),
    ):
        if line.line.receiver_id is not None:
            found.setdefault(line.line.receiver_id, []).append(line)
    return found
