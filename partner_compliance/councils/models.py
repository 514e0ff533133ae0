"""What is kept of council papers: requests and replies of members, case meetings, who sat there and who signed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.councils.words import ConsentWay, MeetingEventKind, ReplyKind, SignatureWay
from partner_compliance.database import Base, words
from partner_compliance.engagements.words import CouncilCategory


def _of_municipality() -> Mapped[UUID]:
    return mapped_column(ForeignKey("municipality.id"), primary_key=True)


def _of_meeting() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["municipality_id", "meeting_id"], ["case_meeting.municipality_id", "case_meeting.id"])


def _of_seat() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["municipality_id", "seat_id"], ["meeting_seat.municipality_id", "meeting_seat.id"])


class CouncilRequest(Base):
    """A municipality asks an organization to be a member of its council (DOMAIN D02, D06). Append-only."""

    __tablename__ = "council_request"
    __table_args__ = (
        UniqueConstraint("organization_id", "request_key"),
        Index("ix_council_request_municipality_id", "municipality_id", "made_on"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    #: The council's name.
    council: Mapped[str] = mapped_column(String(100))
    category: Mapped[CouncilCategory] = mapped_column(words(CouncilCategory))
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class CouncilReply(Base):
    """What became of a request: a consent with its text, a refusal, a withdrawal, an end. Append-only."""

    __tablename__ = "council_reply"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "request_id"], ["council_request.organization_id", "council_request.id"]
        ),
        UniqueConstraint("organization_id", "request_id", "kind"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[UUID]
    kind: Mapped[ReplyKind] = mapped_column(words(ReplyKind))
    #: Of a consent: the text word for word (`library.pledges.Text`), its digest, and which edition it is.
    text: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    text_digest: Mapped[str] = mapped_column(String(64))
    edition: Mapped[str] = mapped_column(String(8))
    way: Mapped[ConsentWay | None] = mapped_column(words(ConsentWay))
    #: Who consents for the organization; NULL once erased.
    name: Mapped[str | None] = mapped_column(String(100))
    post: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(200))
    contact: Mapped[str] = mapped_column(String(100))
    #: Why not, or why it ends; NULL once erased.
    reason: Mapped[str | None] = mapped_column(String(500))
    #: The day from which it holds: of the signature, or of the end.
    holds_on: Mapped[date]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class CaseMeeting(Base):
    """A meeting about one case, by its number and never a child's name (DOMAIN D05, D07). Append-only."""

    __tablename__ = "case_meeting"
    __table_args__ = (
        UniqueConstraint("municipality_id", "request_key"),
        Index("ix_case_meeting_municipality_id_held_on", "municipality_id", "held_on"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    council: Mapped[str] = mapped_column(String(100))
    number: Mapped[str] = mapped_column(String(30))
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(100))
    convener: Mapped[str] = mapped_column(String(100))
    #: What everyone agrees to, word for word (`library.pledges.Text`).
    text: Mapped[dict[str, Any]] = mapped_column(JSON)
    text_digest: Mapped[str] = mapped_column(String(64))
    edition: Mapped[str] = mapped_column(String(8))
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class MeetingSeat(Base):
    """Somebody who is expected at a meeting, or came to it. Append-only, the name can be erased."""

    __tablename__ = "meeting_seat"
    __table_args__ = (
        _of_meeting(),
        Index("ix_meeting_seat_municipality_id_meeting_id", "municipality_id", "meeting_id"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    meeting_id: Mapped[UUID]
    organization: Mapped[str] = mapped_column(String(100))
    post: Mapped[str] = mapped_column(String(100))
    name: Mapped[str | None] = mapped_column(String(100))
    #: Whether a member of the council, or somebody from outside (DOMAIN D08).
    is_member: Mapped[bool]
    #: Whether the convener wrote the person down; the others wrote themselves down.
    is_expected: Mapped[bool]
    added_at: Mapped[datetime]


class MeetingSignature(Base):
    """Somebody agreed to keep what a meeting speaks of. Append-only, the typed name can be erased."""

    __tablename__ = "meeting_signature"
    __table_args__ = (
        _of_meeting(),
        _of_seat(),
        UniqueConstraint("municipality_id", "seat_id"),
        UniqueConstraint("municipality_id", "request_key"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    meeting_id: Mapped[UUID]
    seat_id: Mapped[UUID]
    way: Mapped[SignatureWay] = mapped_column(words(SignatureWay))
    #: As typed; empty on paper, NULL once erased.
    typed_name: Mapped[str | None] = mapped_column(String(100))
    text_digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]
    request_key: Mapped[UUID]
    #: Who entered a signature on paper.
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class MeetingEvent(Base):
    """The duty of secrecy was read out, somebody expected did not come, the roster was closed. Append-only."""

    __tablename__ = "meeting_event"
    __table_args__ = (
        _of_meeting(),
        _of_seat(),
        Index("ix_meeting_event_municipality_id_meeting_id", "municipality_id", "meeting_id"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    meeting_id: Mapped[UUID]
    kind: Mapped[MeetingEventKind] = mapped_column(words(MeetingEventKind))
    seat_id: Mapped[UUID | None]
    #: Who read the text out; NULL once erased.
    said_by: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
