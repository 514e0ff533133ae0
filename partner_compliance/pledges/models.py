"""What is kept about pledges: own paragraphs, what was read, who told whom, who signed, and on which paper."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.access import Role
from partner_compliance.database import Base, words
from partner_compliance.library.pledges import Occasion
from partner_compliance.pledges.words import Told, Way


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


def _of_worker() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"])


class PledgeSettings(Base):
    """An organization's choice of the month in which its year of pledges begins; April where there is no row."""

    __tablename__ = "pledge_settings"
    __table_args__ = (CheckConstraint("anniversary_month BETWEEN 1 AND 12", name="month"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    anniversary_month: Mapped[int]


class OwnWording(Base):
    """The paragraphs that an organization adds to a pledge, from a day on. Append-only; `number` counts per pledge.

    An empty list takes the additions away. A material change asks everyone to sign again by a day (DOMAIN 2b).
    """

    __tablename__ = "own_wording"
    __table_args__ = (UniqueConstraint("organization_id", "key", "number"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: Of the pledge, as on the shelf.
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    paragraphs: Mapped[list[str]] = mapped_column(JSON)
    from_on: Mapped[date]
    is_material: Mapped[bool]
    #: The last day on which signatures under what stood before count; only for material changes.
    sign_again_by: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(500))
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class PledgeText(Base):
    """A pledge word for word, as somebody of the organization read it; each text once. Append-only."""

    __tablename__ = "pledge_text"
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: `library.pledges.Text`.
    text: Mapped[dict[str, Any]] = mapped_column(JSON)


class Briefing(Base):
    """Somebody told people what a pledge means (DOMAIN A10, E05, E06). Append-only, the names can be erased."""

    __tablename__ = "briefing"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"]),
        UniqueConstraint("organization_id", "request_key"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    engagement_id: Mapped[UUID | None]
    center_id: Mapped[UUID | None]
    held_on: Mapped[date]
    how: Mapped[Told] = mapped_column(words(Told))
    #: Who told; NULL once erased.
    told_by: Mapped[str | None] = mapped_column(String(100))
    request_key: Mapped[UUID]
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


class BriefingPerson(Base):
    """Somebody was there. Append-only."""

    __tablename__ = "briefing_person"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "briefing_id"], ["briefing.organization_id", "briefing.id"]),
        _of_worker(),
        Index("ix_briefing_person_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    briefing_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(primary_key=True)


class Pledge(Base):
    """Somebody signed a text on a day. Append-only, names can be erased; a mistake is cancelled by another row."""

    __tablename__ = "pledge"
    __table_args__ = (
        _of_worker(),
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"]),
        ForeignKeyConstraint(["organization_id", "text_digest"], ["pledge_text.organization_id", "pledge_text.digest"]),
        ForeignKeyConstraint(
            ["organization_id", "joining_record_id"], ["joining_record.organization_id", "joining_record.id"]
        ),
        UniqueConstraint("organization_id", "request_key"),
        CheckConstraint("(occasion = 'engagement') = (engagement_id IS NOT NULL)", name="engagement"),
        # Holds all that coverage asks, so that counting a country reads no names.
        Index(
            "ix_pledge_coverage",
            "organization_id",
            "worker_id",
            "occasion",
            "counts_until",
            "signed_on",
            "recorded_on",
            "key",
            "edition",
            "own_number",
            "id",
        ),
        Index("ix_pledge_organization_id_joining_record_id", "organization_id", "joining_record_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    #: The center at which the person worked then.
    center_id: Mapped[UUID]
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    engagement_id: Mapped[UUID | None]
    #: Which wording of the shelf, and which additions of the organization (0: none).
    key: Mapped[str] = mapped_column(String(60))
    edition: Mapped[str] = mapped_column(String(8))
    own_number: Mapped[int]
    text_digest: Mapped[str] = mapped_column(String(64))
    #: The day (Japan) on which it was signed; on paper, the day written there.
    signed_on: Mapped[date]
    #: The last day on which it counts as this year's; None where no year has a say.
    counts_until: Mapped[date | None]
    way: Mapped[Way] = mapped_column(words(Way))
    #: As on the roster on that day, and as typed (on paper: None); NULL once erased.
    name: Mapped[str | None] = mapped_column(String(100))
    typed_name: Mapped[str | None] = mapped_column(String(100))
    #: What the person was then: posts, or the kind of worker.
    post: Mapped[str] = mapped_column(String(200))
    told_on: Mapped[date | None]
    told_how: Mapped[Told | None] = mapped_column(words(Told))
    #: NULL when nobody is recorded, or once erased.
    told_by: Mapped[str | None] = mapped_column(String(100))
    #: The step of joining that came with it.
    joining_record_id: Mapped[UUID | None]
    request_key: Mapped[UUID]
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))
    recorded_by_role: Mapped[Role | None] = mapped_column(words(Role))
    kiosk_id: Mapped[UUID | None]


class PledgeCancellation(Base):
    """A pledge was recorded by mistake: it counts no more and stays readable. Append-only, the reason can be erased."""

    __tablename__ = "pledge_cancellation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "pledge_id"], ["pledge.organization_id", "pledge.id"]),
        UniqueConstraint("organization_id", "pledge_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    pledge_id: Mapped[UUID]
    reason: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[datetime]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class PledgeScan(Base):
    """The signed paper, scanned; the content can be erased. Append-only."""

    __tablename__ = "pledge_scan"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "pledge_id"], ["pledge.organization_id", "pledge.id"]),
        UniqueConstraint("organization_id", "pledge_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    pledge_id: Mapped[UUID]
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    #: SHA-256 in hexadecimal digits; it stays when the content is erased.
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
