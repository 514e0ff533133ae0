"""What is kept of sharing: requirements, own criteria, exceptions, decisions and what became of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate.words import Comparison, EventKind, Holding, Outcome, Purpose, Verdict
from partner_compliance.library.readiness import Measure
from partner_compliance.organizations.models import EngagementBasis
from partner_compliance.receipts.words import Ending


def _of_municipality() -> Mapped[UUID]:
    return mapped_column(ForeignKey("municipality.id"), primary_key=True)


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


class OwnCriterion(Base):
    """A criterion that a municipality adds from the measures there are. Append-only; it cannot edit what is counted."""

    __tablename__ = "own_criterion"
    __table_args__ = (UniqueConstraint("municipality_id", "request_key"),)
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str] = mapped_column(String(60))
    #: Why the municipality asks for it; the partners read it.
    reason: Mapped[str] = mapped_column(String(300))
    measure: Mapped[Measure] = mapped_column(words(Measure))
    comparison: Mapped[Comparison] = mapped_column(words(Comparison))
    threshold: Mapped[int]
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class Requirement(Base):
    """What a municipality requires for a class of data, from a day on. Append-only; a newer row takes its place.

    Without a mode or a purpose it holds for all; the narrower one goes first. `is_default` leads back to what is
    suggested, `level` None says that it is not shared at all.
    """

    __tablename__ = "requirement"
    __table_args__ = (
        UniqueConstraint("municipality_id", "request_key"),
        Index("ix_requirement_municipality_id_data_class", "municipality_id", "data_class", "effective_on"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    mode: Mapped[Mode | None] = mapped_column(words(Mode))
    purpose: Mapped[Purpose | None] = mapped_column(words(Purpose))
    is_default: Mapped[bool]
    level: Mapped[int | None]
    #: Ids of further criteria: of the ladder ("4c") or of `own_criterion`, as text, sorted.
    criteria: Mapped[list[str]] = mapped_column(JSON)
    conditions: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(500))
    #: The day from which it binds; partners see it from the day on which it was announced.
    effective_on: Mapped[date]
    announced_on: Mapped[date]
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class InterimAcceptance(Base):
    """A municipality accepts a lower level of a partner for a class of data, for 90 days at most. Append-only.

    It is no level (DOMAIN §6): a new group cannot reach level 3 in less than three months.
    """

    __tablename__ = "interim_acceptance"
    __table_args__ = (
        UniqueConstraint("organization_id", "request_key"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index("ix_interim_acceptance_municipality_id_ends_on", "municipality_id", "ends_on"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    #: The level that is enough meanwhile.
    level: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class AcceptanceEnd(Base):
    """An interim acceptance was taken back before its last day. Append-only."""

    __tablename__ = "acceptance_end"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "acceptance_id"], ["interim_acceptance.organization_id", "interim_acceptance.id"]
        ),
        UniqueConstraint("organization_id", "acceptance_id"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    acceptance_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(500))
    #: The first day on which it holds no longer.
    ended_on: Mapped[date]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class SharingHold(Base):
    """A municipality stops sharing with a partner, or lifts that; the newest row counts. Append-only."""

    __tablename__ = "sharing_hold"
    __table_args__ = (UniqueConstraint("organization_id", "municipality_id", "number"),)
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    #: Counts the rows between the two, from 1.
    number: Mapped[int]
    kind: Mapped[Holding] = mapped_column(words(Holding))
    reason: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    from_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class ShareDecision(Base):
    """An officer decided whether to share, on what the records showed at that moment. Append-only.

    The names of the recipients and what was written can be erased; the digest of the assessment stays.
    """

    __tablename__ = "share_decision"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"]),
        ForeignKeyConstraint(["organization_id", "receipt_id"], ["receipt.organization_id", "receipt.id"]),
        UniqueConstraint("organization_id", "request_key"),
        Index("ix_share_decision_municipality_id_decided_on", "municipality_id", "decided_on"),
        Index("ix_share_decision_organization_id_decided_on", "organization_id", "decided_on"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    engagement_id: Mapped[UUID]
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    mode: Mapped[Mode] = mapped_column(words(Mode))
    purpose: Mapped[Purpose] = mapped_column(words(Purpose))
    verdict: Mapped[Verdict] = mapped_column(words(Verdict))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    #: On which footing: the basis of the engagement, and what else the officer wrote.
    basis: Mapped[EngagementBasis] = mapped_column(words(EngagementBasis))
    basis_note: Mapped[str] = mapped_column(String(300))
    #: Why, where it is not what the gate says, or in an emergency; NULL once erased.
    reason: Mapped[str | None] = mapped_column(String(1000))
    #: The least that is needed (必要最小限), in words of categories and never a child's; NULL once erased.
    items: Mapped[str | None] = mapped_column(String(500))
    #: How many papers or files are handed over; None where nothing is.
    count: Mapped[int | None]
    #: {id of a worker: name as the partner submitted it}, in the order chosen; NULL once erased.
    recipients: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    conditions: Mapped[list[str]] = mapped_column(JSON)
    ending: Mapped[Ending | None] = mapped_column(words(Ending))
    #: The last day: by it, it is returned, destroyed, or the access ends.
    until_on: Mapped[date | None]
    #: What the gate required at that moment: the level, the further criteria, where it comes from.
    required: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Every reason of the gate in words.
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    #: The level at that moment, and the whole assessment with its digest.
    level: Mapped[int]
    assessment: Mapped[dict[str, Any]] = mapped_column(JSON)
    assessment_digest: Mapped[str] = mapped_column(String(64))
    receipt_id: Mapped[UUID | None]
    #: Until when somebody else looks at it; only of an emergency.
    review_due_at: Mapped[datetime | None]
    request_key: Mapped[UUID]
    decided_at: Mapped[datetime]
    decided_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class DecisionEvent(Base):
    """Something that happened to a decision afterwards; `number` counts. Append-only, the words can be erased."""

    __tablename__ = "decision_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "decision_id"], ["share_decision.organization_id", "share_decision.id"]
        ),
        UniqueConstraint("organization_id", "decision_id", "number"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    decision_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    reason: Mapped[str | None] = mapped_column(String(1000))
    #: Of a decision to keep on: until which day that holds.
    until_on: Mapped[date | None]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
