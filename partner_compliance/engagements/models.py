"""What is kept about engagements: proposed versions and replies, who is in charge, clauses, places and notices.

Every row of an engagement names the municipality too, so that both sides reach it and nobody else does.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.engagements.words import CouncilCategory, NoticeKind, NoticeReply, PlaceKind, Reply
from partner_compliance.organizations.models import EngagementBasis


def _of_engagement() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"])


class PartnerCode(Base):
    """The code (連携コード) by which a municipality can name an organization; shown to its protection officer."""

    __tablename__ = "partner_code"
    __table_args__ = (Index("uq_partner_code_code", "code", unique=True),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]


class EngagementVersion(Base):
    """The terms of an engagement as the municipality proposed them, numbered from 1. Append-only.

    Number 0 is what was registered as agreed, kept when a change of it was proposed first.
    """

    __tablename__ = "engagement_version"
    __table_args__ = (
        _of_engagement(),
        UniqueConstraint("organization_id", "engagement_id", "number"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    engagement_id: Mapped[UUID]
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    number: Mapped[int]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[UUID | None]
    proposed_by_name: Mapped[str] = mapped_column(String(100))
    #: Why the terms change; empty for the first version.
    reason: Mapped[str] = mapped_column(String(1000))
    title: Mapped[str] = mapped_column(String(200))
    basis: Mapped[EngagementBasis] = mapped_column(words(EngagementBasis))
    #: Further bases beside the main one, sorted.
    further_bases: Mapped[list[str]] = mapped_column(JSON)
    council_category: Mapped[CouncilCategory | None] = mapped_column(words(CouncilCategory))
    #: Which law, or what else the basis is.
    basis_note: Mapped[str] = mapped_column(String(300))
    #: 再委託元.
    re_entrusted_by: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    #: Which data classes are foreseen in which modes: {"D3": ["oral", "paper_kept"]}.
    shares: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Why a protected class has to be shared all the same.
    protected_reason: Mapped[str] = mapped_column(String(1000))


class EngagementReply(Base):
    """What became of a version: accepted, declined or withdrawn, once. Append-only."""

    __tablename__ = "engagement_reply"
    __table_args__ = (_of_engagement(), UniqueConstraint("organization_id", "engagement_id", "number"))
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    engagement_id: Mapped[UUID]
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    #: The version's number.
    number: Mapped[int]
    kind: Mapped[Reply] = mapped_column(words(Reply))
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))


class Assignment(Base):
    """Which centers, posts and project of the organization are concerned with an engagement. Append-only."""

    __tablename__ = "assignment"
    __table_args__ = (
        _of_engagement(),
        ForeignKeyConstraint(["organization_id", "project_id"], ["project.organization_id", "project.id"]),
        UniqueConstraint("organization_id", "engagement_id", "number"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    engagement_id: Mapped[UUID]
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    number: Mapped[int]
    #: Ids of centers as text, and words of `roster.models.Post`, both sorted.
    centers: Mapped[list[str]] = mapped_column(JSON)
    posts: Mapped[list[str]] = mapped_column(JSON)
    project_id: Mapped[UUID | None]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))


class ClauseAgreement(Base):
    """Which clauses the contract holds in which variant, as the municipality recorded it. Append-only."""

    __tablename__ = "clause_agreement"
    __table_args__ = (_of_engagement(), UniqueConstraint("organization_id", "engagement_id", "number"))
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    engagement_id: Mapped[UUID]
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    number: Mapped[int]
    edition: Mapped[str] = mapped_column(String(8))
    #: {key of the clause: key of the variant, or "none"}; what is not said stands not there.
    variants: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))


class Place(Base):
    """A place of work or storage of an organization as it is now; every state it had is a version."""

    __tablename__ = "place"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_after_from"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: The number of the newest version.
    number: Mapped[int]
    kind: Mapped[PlaceKind] = mapped_column(words(PlaceKind))
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(300))
    center_id: Mapped[UUID | None]
    is_lockable: Mapped[bool]
    #: How it is locked, and which post (not which person) holds the key.
    lock_method: Mapped[str] = mapped_column(String(200))
    key_holder: Mapped[str] = mapped_column(String(100))
    from_on: Mapped[date]
    #: The last day on which the place was used; None while it is.
    until_on: Mapped[date | None]


class PlaceUse(Base):
    """A place serves an engagement from one day to another; both days count."""

    __tablename__ = "place_use"
    __table_args__ = (
        _of_engagement(),
        ForeignKeyConstraint(["organization_id", "place_id"], ["place.organization_id", "place.id"]),
        Index("ix_place_use_organization_id_engagement_id", "organization_id", "engagement_id"),
        Index("ix_place_use_organization_id_place_id", "organization_id", "place_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    place_id: Mapped[UUID]
    engagement_id: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    #: When the use was written down, and when its end was; None for what is older than these columns.
    recorded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PlaceVersion(Base):
    """A place as it stood from one change to the next, and for which engagements. Append-only."""

    __tablename__ = "place_version"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "place_id"], ["place.organization_id", "place.id"]),
        UniqueConstraint("organization_id", "place_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    place_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[PlaceKind] = mapped_column(words(PlaceKind))
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(300))
    center_id: Mapped[UUID | None]
    is_lockable: Mapped[bool]
    lock_method: Mapped[str] = mapped_column(String(200))
    key_holder: Mapped[str] = mapped_column(String(100))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    #: Ids of the engagements it serves, as text, sorted.
    engagements: Mapped[list[str]] = mapped_column(JSON)
    #: From which day the change holds, and why it was made.
    effective_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))


class PlaceNotice(Base):
    """A notice (作業場所・保管場所 届) to a municipality, with all that stands on it. Append-only."""

    __tablename__ = "place_notice"
    __table_args__ = (
        _of_engagement(),
        ForeignKeyConstraint(["organization_id", "place_id"], ["place.organization_id", "place.id"]),
        UniqueConstraint("organization_id", "engagement_id", "number"),
        Index("ix_place_notice_municipality_id_at", "municipality_id", "at"),
        Index("ix_place_notice_organization_id_at", "organization_id", "at"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    engagement_id: Mapped[UUID]
    place_id: Mapped[UUID]
    #: Counts the notices under one engagement, from 1.
    number: Mapped[int]
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind))
    place_kind: Mapped[PlaceKind] = mapped_column(words(PlaceKind))
    place_name: Mapped[str] = mapped_column(String(100))
    #: What the place was and what it is, {label: text}; None where it served the engagement not before, or no longer.
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    effective_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(1000))
    #: Whether the contract makes such a change wait for the municipality's approval.
    needs_approval: Mapped[bool]
    #: Names as they stood on that day.
    municipality_name: Mapped[str] = mapped_column(String(100))
    organization_name: Mapped[str] = mapped_column(String(200))
    representative_name: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))


class NoticeAnswer(Base):
    """What the municipality said to a notice, once. Append-only."""

    __tablename__ = "place_notice_answer"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "notice_id"], ["place_notice.organization_id", "place_notice.id"]),
        UniqueConstraint("organization_id", "notice_id"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    notice_id: Mapped[UUID]
    kind: Mapped[NoticeReply] = mapped_column(words(NoticeReply))
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))
