"""What can be read about inspections and what is asked: one statement per question, whatever the number of rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance.inspections.models import (
    Demand,
    DemandEvent,
    Inspection,
    InspectionClosing,
    InspectionView,
    LevelObjection,
    ObjectionEvent,
)
from partner_compliance.inspections.words import (
    DemandEventKind,
    DemandState,
    InspectionState,
    ObjectionEventKind,
    RecordKind,
)
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker
from partner_compliance.organizations.queries import engagements_between, is_valid_on, names_on_roster


def inspection_number(inspection: Inspection) -> str:
    """The number under which an inspection can be found again, on screens and on paper."""
    return f"IN-{inspection.id.hex[:10].upper()}"


def demand_number(demand: Demand) -> str:
    """The number under which a finding or an improvement request can be found again."""
    return f"{'IF' if demand.inspection_id else 'IR'}-{demand.id.hex[:10].upper()}"


def objection_number(objection: LevelObjection) -> str:
    """The number under which an objection can be found again."""
    return f"OB-{objection.id.hex[:10].upper()}"


@dataclass(frozen=True)
class Asked:
    """Whose papers are asked for: a municipality's, or those that concern an organization."""

    municipality_id: UUID | None = None
    organization_id: UUID | None = None

    def narrow(self, query: Select[*tuple[Any, ...]], model: Any) -> Select[*tuple[Any, ...]]:
        """The query for these papers only."""
        if self.municipality_id is not None:
            query = query.where(model.municipality_id == self.municipality_id)
        if self.organization_id is not None:
            query = query.where(model.organization_id == self.organization_id)
        return query


# --- inspections ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """An inspection with the names of both sides, its closing, and whether the engagement holds today."""

    inspection: Inspection
    organization: str
    municipality: str
    closing: InspectionClosing | None
    is_engaged: bool

    def state(self, today: date) -> InspectionState:
        """Where it stands on a day."""
        if self.closing is not None:
            return InspectionState.CLOSED
        if not self.is_engaged:
            return InspectionState.CUT
        return InspectionState.LAPSED if self.inspection.open_until_on < today else InspectionState.OPEN

    def is_readable(self, today: date) -> bool:
        """Whether records of individuals can be looked at."""
        return self.state(today) is InspectionState.OPEN


def _standings(today: date) -> Select[*tuple[Any, ...]]:
    is_engaged = (
        select(Engagement.id)
        .where(
            Engagement.organization_id == Inspection.organization_id,
            Engagement.municipality_id == Inspection.municipality_id,
            is_valid_on(today),
        )
        .correlate(Inspection)
        .exists()
    )
    return (
        select(Inspection, Organization.name, Municipality.name, InspectionClosing, is_engaged)
        .join(Organization, Organization.id == Inspection.organization_id)
        .join(Municipality, Municipality.id == Inspection.municipality_id)
        .outerjoin(
            InspectionClosing,
            and_(
                InspectionClosing.organization_id == Inspection.organization_id,
                InspectionClosing.inspection_id == Inspection.id,
            ),
        )
    )


def standing_of(session: Session, inspection: Inspection, *, today: date) -> Standing:
    """Where one inspection stands."""
    query = _standings(today).where(
        Inspection.organization_id == inspection.organization_id, Inspection.id == inspection.id
    )
    return Standing(*session.execute(query).one())


def inspections(session: Session, asked: Asked, *, today: date, limit: int, offset: int = 0) -> list[Standing]:
    """The inspections that are asked for, those not closed first, the latest first."""
    query = asked.narrow(_standings(today), Inspection).order_by(
        InspectionClosing.id.is_not(None), Inspection.made_at.desc(), Inspection.id
    )
    return [Standing(*row) for row in session.execute(query.limit(limit).offset(offset))]


def how_many_inspections(session: Session, asked: Asked) -> int:
    """How many inspections there are."""
    return session.scalar(asked.narrow(select(func.count()).select_from(Inspection), Inspection)) or 0


def _is_not_closed() -> Any:
    return (
        ~select(InspectionClosing.id)
        .where(
            InspectionClosing.organization_id == Inspection.organization_id,
            InspectionClosing.inspection_id == Inspection.id,
        )
        .correlate(Inspection)
        .exists()
    )


def unclosed(session: Session, organization_id: UUID, municipality_id: UUID) -> Inspection | None:
    """The inspection of a partner by a municipality that has not been closed yet: there is one at most."""
    return session.scalar(
        select(Inspection).where(
            Inspection.organization_id == organization_id,
            Inspection.municipality_id == municipality_id,
            _is_not_closed(),
        )
    )


def open_for_partners(session: Session, organization_ids: Iterable[UUID], *, today: date) -> list[Standing]:
    """The inspections in which the records of organizations can be looked at today; one statement."""
    query = _standings(today).where(
        Inspection.organization_id.in_(sorted(organization_ids)),
        _is_not_closed(),
        Inspection.open_until_on >= today,
    )
    found = [
        Standing(*row) for row in session.execute(query.order_by(Inspection.open_until_on, Inspection.id).limit(50))
    ]
    return [each for each in found if each.is_readable(today)]


def waiting_for_closing(session: Session, municipality_ids: Iterable[UUID], *, today: date) -> list[Standing]:
    """The inspections of municipalities that are over but have no summary yet; one statement."""
    query = _standings(today).where(Inspection.municipality_id.in_(sorted(municipality_ids)), _is_not_closed())
    found = [
        Standing(*row) for row in session.execute(query.order_by(Inspection.open_until_on, Inspection.id).limit(50))
    ]
    return [each for each in found if not each.is_readable(today)]


# --- who looked -------------------------------------------------------------------------------------------------


def how_many_views(session: Session, inspection: Inspection) -> dict[RecordKind, int]:
    """How often records of each kind were opened in an inspection."""
    found: Sequence[Any] = session.execute(
        select(InspectionView.kind, func.count())
        .where(
            InspectionView.organization_id == inspection.organization_id,
            InspectionView.inspection_id == inspection.id,
        )
        .group_by(InspectionView.kind)
    ).all()
    counts: dict[RecordKind, int] = dict(found)
    return {kind: counts[kind] for kind in RecordKind if kind in counts}


def views_of(
    session: Session, inspection: Inspection, *, limit: int, offset: int = 0
) -> list[tuple[InspectionView, str]]:
    """Who looked at what in an inspection, the latest first, each with whose record it was; for the partner only."""
    rows = session.execute(
        select(InspectionView, Worker.name)
        .outerjoin(
            Worker,
            and_(Worker.organization_id == InspectionView.organization_id, Worker.id == InspectionView.subject_id),
        )
        .where(
            InspectionView.organization_id == inspection.organization_id,
            InspectionView.inspection_id == inspection.id,
        )
        .order_by(InspectionView.at.desc(), InspectionView.id)
        .limit(limit)
        .offset(offset)
    )
    return [(view, name or "") for view, name in rows]


# --- findings and improvement requests --------------------------------------------------------------------------

_Last = aliased(DemandEvent)
_Any = aliased(DemandEvent)
_BACK = (DemandEventKind.SENT_BACK,)


@dataclass(frozen=True)
class DemandLine:
    """A finding or an improvement request in a list, with what happened last."""

    demand: Demand
    last: DemandEvent | None
    organization: str
    municipality: str

    @property
    def state(self) -> DemandState:
        """Where it stands."""
        return DemandState(self.last.kind.value) if self.last else DemandState.OPEN

    @property
    def seen(self) -> int:
        """How many events there are: a page says it, so that a stale one is noticed."""
        return self.last.number if self.last else 0

    @property
    def due_on(self) -> date:
        """The day by which it has to be answered: the first one, or that of the last sending back."""
        return (self.last.due_on if self.last else None) or self.demand.due_on

    def is_overdue(self, today: date) -> bool:
        """Whether the organization should have answered by now."""
        return self.state.waits_for_partner and self.due_on < today

    @property
    def is_finding(self) -> bool:
        """Whether it comes from an inspection."""
        return self.demand.inspection_id is not None

    @property
    def name(self) -> str:
        """What it is called."""
        return f"指摘{self.demand.number}" if self.is_finding else "改善依頼"

    @property
    def basis(self) -> str:
        """The article and the criterion it rests on, in words; empty for none."""
        criterion = (
            f"準備度の基準 {self.demand.criterion} {self.demand.criterion_title}" if self.demand.criterion else ""
        )
        return "、".join(each for each in (self.demand.article, criterion) if each)


def _demands() -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(_Any.number))
        .where(_Any.organization_id == Demand.organization_id, _Any.demand_id == Demand.id)
        .correlate(Demand)
        .scalar_subquery()
    )
    return (
        select(Demand, _Last, Organization.name, Municipality.name)
        .join(Organization, Organization.id == Demand.organization_id)
        .join(Municipality, Municipality.id == Demand.municipality_id)
        .outerjoin(
            _Last,
            and_(
                _Last.organization_id == Demand.organization_id, _Last.demand_id == Demand.id, _Last.number == last
            ),
        )
    )  # fmt: skip


def _waits_for_partner() -> Any:
    return or_(_Last.kind.is_(None), _Last.kind.in_(_BACK))


def _is_overdue(today: date) -> Any:
    return and_(_waits_for_partner(), func.coalesce(_Last.due_on, Demand.due_on) < today)


def demands(session: Session, asked: Asked, *, today: date, limit: int, offset: int = 0) -> list[DemandLine]:
    """Findings and requests: overdue ones first, then those that wait for the partner, the municipality, nobody."""
    rank = case(
        (_is_overdue(today), 0), (_waits_for_partner(), 1), (_Last.kind == DemandEventKind.ANSWERED, 2), else_=3
    )
    query = asked.narrow(_demands(), Demand).order_by(
        rank, func.coalesce(_Last.due_on, Demand.due_on), Demand.made_at.desc(), Demand.id
    )
    return [DemandLine(*row) for row in session.execute(query.limit(limit).offset(offset))]


def how_many_demands(session: Session, asked: Asked) -> int:
    """How many findings and requests there are."""
    return session.scalar(asked.narrow(select(func.count()).select_from(Demand), Demand)) or 0


def demand_line(session: Session, demand: Demand) -> DemandLine:
    """Where one finding or request stands."""
    query = _demands().where(Demand.organization_id == demand.organization_id, Demand.id == demand.id)
    return DemandLine(*session.execute(query).one())


def findings_of(session: Session, inspection: Inspection) -> list[DemandLine]:
    """The findings of an inspection in their order."""
    query = _demands().where(
        Demand.organization_id == inspection.organization_id, Demand.inspection_id == inspection.id
    )
    return [DemandLine(*row) for row in session.execute(query.order_by(Demand.number))]


def last_words_of(session: Session, demands: Sequence[DemandLine]) -> dict[UUID, DemandEvent]:
    """The last answer to each of an organization's demands."""
    if not demands:
        return {}
    events = session.scalars(
        select(DemandEvent)
        .where(
            DemandEvent.organization_id == demands[0].demand.organization_id,
            DemandEvent.demand_id.in_([each.demand.id for each in demands]),
            DemandEvent.kind == DemandEventKind.ANSWERED,
        )
        .order_by(DemandEvent.number)
    )
    return {event.demand_id: event for event in events}


def demand_events(session: Session, demand: Demand) -> list[DemandEvent]:
    """What happened to a finding or request, in order."""
    return list(
        session.scalars(
            select(DemandEvent)
            .where(DemandEvent.organization_id == demand.organization_id, DemandEvent.demand_id == demand.id)
            .order_by(DemandEvent.number)
        )
    )


def demands_for_partners(session: Session, organization_ids: Iterable[UUID], *, limit: int = 20) -> list[DemandLine]:
    """What waits for organizations to answer, the most pressing first; one statement."""
    query = (
        _demands()
        .where(Demand.organization_id.in_(sorted(organization_ids)), _waits_for_partner())
        .order_by(func.coalesce(_Last.due_on, Demand.due_on), Demand.made_at, Demand.id)
    )
    return [DemandLine(*row) for row in session.execute(query.limit(limit))]


def answers_for_municipalities(
    session: Session, municipality_ids: Iterable[UUID], *, limit: int = 20
) -> list[DemandLine]:
    """Answers that wait for municipalities to accept them or send them back, the oldest first; one statement."""
    query = (
        _demands()
        .where(Demand.municipality_id.in_(sorted(municipality_ids)), _Last.kind == DemandEventKind.ANSWERED)
        .order_by(_Last.at, Demand.id)
    )
    return [DemandLine(*row) for row in session.execute(query.limit(limit))]


# --- objections -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ObjectionLine:
    """An objection with what became of it."""

    objection: LevelObjection
    event: ObjectionEvent | None
    organization: str
    municipality: str

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        return self.event.kind.label if self.event else "自治体の回答待ち"

    @property
    def badge(self) -> str:
        """Where it stands, as a badge."""
        if self.event is None:
            return "submitted"
        return "signed_off" if self.event.kind is ObjectionEventKind.ANSWERED else "excused"


def _objections() -> Select[*tuple[Any, ...]]:
    return (
        select(LevelObjection, ObjectionEvent, Organization.name, Municipality.name)
        .join(Organization, Organization.id == LevelObjection.organization_id)
        .join(Municipality, Municipality.id == LevelObjection.municipality_id)
        .outerjoin(
            ObjectionEvent,
            and_(
                ObjectionEvent.organization_id == LevelObjection.organization_id,
                ObjectionEvent.objection_id == LevelObjection.id,
            ),
        )
    )


def objections(session: Session, asked: Asked, *, limit: int, offset: int = 0) -> list[ObjectionLine]:
    """Objections: those without an answer first, the oldest of them first; then the latest."""
    is_done = ObjectionEvent.id.is_not(None)
    query = asked.narrow(_objections(), LevelObjection).order_by(
        is_done,
        case((is_done, None), else_=LevelObjection.made_at),
        LevelObjection.made_at.desc(),
        LevelObjection.id,
    )
    return [ObjectionLine(*row) for row in session.execute(query.limit(limit).offset(offset))]


def how_many_objections(session: Session, asked: Asked) -> int:
    """How many objections there are."""
    return session.scalar(asked.narrow(select(func.count()).select_from(LevelObjection), LevelObjection)) or 0


def objection_line(session: Session, objection: LevelObjection) -> ObjectionLine:
    """Where one objection stands."""
    query = _objections().where(
        LevelObjection.organization_id == objection.organization_id, LevelObjection.id == objection.id
    )
    return ObjectionLine(*session.execute(query).one())


def unanswered_objections(
    session: Session, municipality_ids: Iterable[UUID], *, limit: int = 20
) -> list[ObjectionLine]:
    """Objections that wait for municipalities to answer, the oldest first; one statement."""
    query = (
        _objections()
        .where(LevelObjection.municipality_id.in_(sorted(municipality_ids)), ObjectionEvent.id.is_(None))
        .order_by(LevelObjection.made_at, LevelObjection.id)
    )
    return [ObjectionLine(*row) for row in session.execute(query.limit(limit))]


# --- counts for the municipality's dashboard --------------------------------------------------------------------


@dataclass(frozen=True)
class OpenRequests:
    """How much is open in a municipality's room: counts of papers, nothing about individuals."""

    #: Inspections that are not closed yet.
    inspections: int = 0
    #: Findings that the partner should have answered by now; of requests, how many are not done, and those late.
    findings_overdue: int = 0
    requests_open: int = 0
    requests_overdue: int = 0
    #: Answers that wait for the municipality, of findings and requests together.
    answers_waiting: int = 0
    objections_unanswered: int = 0


def open_requests(session: Session, municipality_id: UUID, today: date) -> OpenRequests:
    """What is open between a municipality and its partners on a day, in three statements."""
    asked = Asked(municipality_id=municipality_id)
    running = session.scalar(
        asked.narrow(select(func.count()).select_from(Inspection).where(_is_not_closed()), Inspection)
    )
    unanswered = session.scalar(
        asked.narrow(
            select(func.count())
            .select_from(LevelObjection)
            .where(
                ~select(ObjectionEvent.id)
                .where(
                    ObjectionEvent.organization_id == LevelObjection.organization_id,
                    ObjectionEvent.objection_id == LevelObjection.id,
                )
                .correlate(LevelObjection)
                .exists()
            ),
            LevelObjection,
        )
    )

    def count(*conditions: Any) -> Any:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    finding, request = Demand.inspection_id.is_not(None), Demand.inspection_id.is_(None)
    late, answered = _is_overdue(today), _Last.kind == DemandEventKind.ANSWERED
    counts = asked.narrow(_demands(), Demand).with_only_columns(
        count(finding, late), count(request, or_(_waits_for_partner(), answered)), count(request, late),
        count(answered),
    )  # fmt: skip
    findings_overdue, requests_open, requests_overdue, answers = session.execute(counts).one()
    return OpenRequests(
        running or 0, findings_overdue, requests_open, requests_overdue, answers, unanswered or 0
    )  # fmt: skip


# --- texts without names ----------------------------------------------------------------------------------------


def named_in(session: Session, organization_id: UUID, *texts: str) -> str:
    """The name of somebody on the roster that stands in one of the texts; empty for none.

    A name with its space counts anywhere; without it only where さん, 氏 or 様 follows, for it may be part of a word.
    """
    said = "\n".join(texts)
    spaced = re.sub(r"[ \t　]+", " ", said)
    for name in names_on_roster(session, organization_id):
        parts = name.split()
        if len(parts) > 1 and " ".join(parts) in spaced:
            return name
        if any(f"{''.join(parts)}{title}" in spaced for title in ("さん", "氏", "様", "職員")):
            return name
    return ""


def is_engaged(session: Session, organization_id: UUID, municipality_id: UUID, day: date) -> bool:
    """Whether an organization and a municipality work together on a day."""
    return bool(engagements_between(session, organization_id, [municipality_id], day))
