"""What can be read of council papers: who is a member and in which category, and who sat and signed at a meeting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import Session

from partner_compliance.councils.models import (
    CaseMeeting,
    CouncilReply,
    CouncilRequest,
    MeetingEvent,
    MeetingSeat,
    MeetingSignature,
)
from partner_compliance.councils.words import MeetingEventKind, ReplyKind
from partner_compliance.engagements.words import CouncilCategory
from partner_compliance.library.pledges import Occasion, Text, Wording
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import EngagementBasis, Municipality, Organization

_BASES = [EngagementBasis.COUNCIL_MEMBER.value]


def membership_number(request: CouncilRequest) -> str:
    """The number under which a membership can be found again, on screens and on paper."""
    return f"CM-{request.id.hex[:10].upper()}"


def meeting_number(meeting: CaseMeeting) -> str:
    """The number under which a roster can be found again."""
    return f"CC-{meeting.id.hex[:10].upper()}"


# --- texts ------------------------------------------------------------------------------------------------------


def consent_text(
    library: Library, organization: str, municipality: str, council: str, category: CouncilCategory, day: date
) -> tuple[Wording, Text]:
    """What an organization agrees to when it becomes a member, with the law for its category (児福法25条の5)."""
    wording = library.wording_for(Occasion.COUNCIL_MEMBERSHIP, day)
    law = library.law_for(day).references(_BASES, day, categories=[category.value])
    names = {"organization": organization, "municipality": municipality, "council": council}
    return wording, wording.text(names, law=law)


def meeting_text(library: Library, municipality: str, council: str, day: date) -> tuple[Wording, Text]:
    """What everyone at a meeting agrees to, members and others alike, with the law for every category."""
    wording = library.wording_for(Occasion.CASE_MEETING, day)
    law = library.law_for(day).references(_BASES, day, categories=[each.value for each in CouncilCategory])
    return wording, wording.text({"municipality": municipality, "council": council}, law=law)


# --- members ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Membership:
    """A request with what became of it."""

    request: CouncilRequest
    organization: str
    municipality: str
    replies: Sequence[CouncilReply]

    @property
    def consent(self) -> CouncilReply | None:
        """The consent, once there is one; it stays readable after the end."""
        return next((each for each in self.replies if each.kind is ReplyKind.CONSENTED), None)

    @property
    def last(self) -> CouncilReply | None:
        """What happened last: only a consent is followed by something, its end."""
        ended = next((each for each in self.replies if each.kind is ReplyKind.ENDED), None)
        return ended or (self.replies[0] if self.replies else None)

    @property
    def is_waiting(self) -> bool:
        """Whether the organization has not replied yet."""
        return not self.replies

    @property
    def holds(self) -> bool:
        """Whether the organization is a member."""
        return self.last is not None and self.last.kind is ReplyKind.CONSENTED

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        return self.last.kind.label if self.last else "回答待ち"

    @property
    def badge(self) -> str:
        """Where it stands, as a badge."""
        return "signed_off" if self.holds else "submitted" if self.is_waiting else "excused"


def _memberships(session: Session, query: Select[CouncilRequest, str, str]) -> list[Membership]:
    rows = session.execute(query).all()
    replies: dict[UUID, list[CouncilReply]] = {}
    for reply in session.scalars(
        select(CouncilReply)
        .where(
            CouncilReply.organization_id.in_(sorted({row[0].organization_id for row in rows})),
            CouncilReply.request_id.in_(sorted(row[0].id for row in rows)),
        )
        .order_by(CouncilReply.made_at)
    ):
        replies.setdefault(reply.request_id, []).append(reply)
    return [Membership(request, name, city, replies.get(request.id, [])) for request, name, city in rows]


def _requests() -> Select[CouncilRequest, str, str]:
    return (
        select(CouncilRequest, Organization.name, Municipality.name)
        .join(Organization, Organization.id == CouncilRequest.organization_id)
        .join(Municipality, Municipality.id == CouncilRequest.municipality_id)
        .order_by(CouncilRequest.made_at.desc(), CouncilRequest.id)
    )


def of_municipality(session: Session, municipality_id: UUID, *, limit: int, offset: int = 0) -> list[Membership]:
    """What a municipality has asked, the latest first."""
    query = _requests().where(CouncilRequest.municipality_id == municipality_id)
    return _memberships(session, query.limit(limit).offset(offset))


def how_many_requests(session: Session, municipality_id: UUID) -> int:
    """How many organizations a municipality has asked."""
    query = select(func.count()).select_from(CouncilRequest).where(CouncilRequest.municipality_id == municipality_id)
    return session.scalar(query) or 0


def of_organizations(session: Session, organization_ids: Iterable[UUID]) -> list[Membership]:
    """What organizations were asked, the latest first."""
    return _memberships(session, _requests().where(CouncilRequest.organization_id.in_(sorted(organization_ids))))


def waiting_for(session: Session, organization_ids: Iterable[UUID]) -> list[Membership]:
    """Requests that wait for some organizations to reply, the latest first; one statement."""
    replied = select(CouncilReply.id).where(
        CouncilReply.organization_id == CouncilRequest.organization_id, CouncilReply.request_id == CouncilRequest.id
    )
    query = _requests().where(
        CouncilRequest.organization_id.in_(sorted(organization_ids)), ~replied.correlate(CouncilRequest).exists()
    )
    return [Membership(request, name, city, ()) for request, name, city in session.execute(query)]


def membership_of(session: Session, request: CouncilRequest) -> Membership:
    """One request with what became of it."""
    query = _requests().where(
        CouncilRequest.organization_id == request.organization_id, CouncilRequest.id == request.id
    )
    return _memberships(session, query)[0]


# --- meetings ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """Somebody at a meeting, the signature if there is one, and whether the person did not come."""

    seat: MeetingSeat
    signature: MeetingSignature | None
    is_absent: bool

    @property
    def is_open(self) -> bool:
        """Whether a signature is still awaited."""
        return self.signature is None and not self.is_absent


@dataclass(frozen=True)
class Roster:
    """A meeting with all that is known of it."""

    meeting: CaseMeeting
    municipality: str
    text: Text
    seats: Sequence[Seat]
    read_out: MeetingEvent | None
    closed: MeetingEvent | None

    @property
    def signed(self) -> int:
        """How many have signed."""
        return sum(1 for each in self.seats if each.signature is not None)

    @property
    def present(self) -> int:
        """How many are there, or still expected."""
        return sum(1 for each in self.seats if not each.is_absent)


def roster_of(session: Session, meeting: CaseMeeting) -> Roster:
    """A meeting with its seats: members first, by organization and name."""
    of_it = {"municipality_id": meeting.municipality_id, "meeting_id": meeting.id}
    signatures = {each.seat_id: each for each in session.scalars(select(MeetingSignature).filter_by(**of_it))}
    events = list(session.scalars(select(MeetingEvent).filter_by(**of_it).order_by(MeetingEvent.at)))
    absent = {each.seat_id for each in events if each.kind is MeetingEventKind.ABSENT}
    seats = session.scalars(
        select(MeetingSeat)
        .filter_by(**of_it)
        .order_by(MeetingSeat.is_member.desc(), MeetingSeat.organization, MeetingSeat.name, MeetingSeat.id)
    )
    return Roster(
        meeting,
        session.get_one(Municipality, meeting.municipality_id).name,
        Text.model_validate(meeting.text),
        [Seat(seat, signatures.get(seat.id), seat.id in absent) for seat in seats],
        next((each for each in events if each.kind is MeetingEventKind.READ_OUT), None),
        next((each for each in events if each.kind is MeetingEventKind.CLOSED), None),
    )


@dataclass(frozen=True)
class MeetingRow:
    """A meeting in a list: how many are there, how many have signed, and whether the roster is closed."""

    meeting: CaseMeeting
    present: int
    signed: int
    is_closed: bool


def meetings_of(session: Session, municipality_id: UUID, *, limit: int, offset: int = 0) -> list[MeetingRow]:
    """The meetings of a municipality, the latest first."""

    def number(
        model: type[MeetingSeat] | type[MeetingSignature] | type[MeetingEvent], *more: ColumnElement[bool]
    ) -> ScalarSelect[int]:
        return (
            select(func.count())
            .select_from(model)
            .where(
                and_(model.municipality_id == CaseMeeting.municipality_id, model.meeting_id == CaseMeeting.id, *more)
            )
            .correlate(CaseMeeting)
            .scalar_subquery()
        )

    absent = number(MeetingEvent, MeetingEvent.kind == MeetingEventKind.ABSENT)
    closed = number(MeetingEvent, MeetingEvent.kind == MeetingEventKind.CLOSED)
    rows = session.execute(
        select(CaseMeeting, number(MeetingSeat) - absent, number(MeetingSignature), closed)
        .where(CaseMeeting.municipality_id == municipality_id)
        .order_by(CaseMeeting.held_on.desc(), CaseMeeting.made_at.desc(), CaseMeeting.id)
        .limit(limit)
        .offset(offset)
    )
    return [MeetingRow(meeting, present, signed, bool(closed)) for meeting, present, signed, closed in rows]


def how_many_meetings(session: Session, municipality_id: UUID) -> int:
    """How many meetings a municipality has written down."""
    query = select(func.count()).select_from(CaseMeeting).where(CaseMeeting.municipality_id == municipality_id)
    return session.scalar(query) or 0
