"""What is kept of inspections, findings, improvement requests and objections. Everything is append-only."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.inspections.words import DemandEventKind, ObjectionEventKind, RecordKind

#: How long a text may be.
LONG, SHORT = 1000, 200


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


def _of_inspection() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "inspection_id"], ["inspection.organization_id", "inspection.id"])


class Inspection(Base):
    """A municipality looks into the records of a partner, for a reason and until a day. The reason can be erased."""

    __tablename__ = "inspection"
    __table_args__ = (
        UniqueConstraint("organization_id", "request_key"),
        Index("ix_inspection_municipality_id", "municipality_id", "made_at"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    reason: Mapped[str | None] = mapped_column(String(LONG))
    #: The records of these months, and no others, are shown.
    from_month: Mapped[str] = mapped_column(String(7))
    until_month: Mapped[str] = mapped_column(String(7))
    #: The last day (Japan) on which they are shown.
    open_until_on: Mapped[date]
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class InspectionClosing(Base):
    """An inspection has ended, with a summary. The summary can be erased."""

    __tablename__ = "inspection_closing"
    __table_args__ = (_of_inspection(), UniqueConstraint("organization_id", "inspection_id"))
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    inspection_id: Mapped[UUID]
    summary: Mapped[str | None] = mapped_column(String(2 * LONG))
    at: Mapped[datetime]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class InspectionView(Base):
    """Somebody of the municipality looked at records. It holds no names: whose record it was is said by its row."""

    __tablename__ = "inspection_view"
    __table_args__ = (
        _of_inspection(),
        ForeignKeyConstraint(["organization_id", "subject_id"], ["worker.organization_id", "worker.id"]),
        Index("ix_inspection_view_organization_id_inspection_id_at", "organization_id", "inspection_id", "at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    inspection_id: Mapped[UUID]
    kind: Mapped[RecordKind] = mapped_column(words(RecordKind))
    #: The single record, and whose it is; None for a list.
    object_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    #: Which of them, without a name: a month, a record number, the page of a list.
    about: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class Demand(Base):
    """A finding of an inspection, or without one an improvement request: what is asked of a partner, and by when."""

    __tablename__ = "demand"
    __table_args__ = (
        _of_inspection(),
        UniqueConstraint("organization_id", "inspection_id", "number"),
        UniqueConstraint("organization_id", "request_key"),
        Index("ix_demand_municipality_id", "municipality_id", "made_at"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    inspection_id: Mapped[UUID | None]
    #: Counts the findings of an inspection.
    number: Mapped[int]
    #: What is asked, and why; NULL once erased.
    what: Mapped[str | None] = mapped_column(String(LONG))
    reason: Mapped[str | None] = mapped_column(String(LONG))
    #: The article it rests on, and the criterion of the ladder with its title; empty where there is none.
    article: Mapped[str] = mapped_column(String(SHORT))
    criterion: Mapped[str] = mapped_column(String(8))
    criterion_title: Mapped[str] = mapped_column(String(SHORT))
    due_on: Mapped[date]
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class DemandEvent(Base):
    """Something that happened to a demand; `number` counts, so that two at once cannot both happen."""

    __tablename__ = "demand_event"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "demand_id"], ["demand.organization_id", "demand.id"]),
        UniqueConstraint("organization_id", "demand_id", "number"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    demand_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[DemandEventKind] = mapped_column(words(DemandEventKind))
    #: What is said, and which records show it (numbers and links); NULL once erased.
    text: Mapped[str | None] = mapped_column(String(2 * LONG))
    evidence: Mapped[str | None] = mapped_column(String(LONG))
    #: When sent back: the day by which it has to be answered anew.
    due_on: Mapped[date | None]
    at: Mapped[datetime]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class LevelObjection(Base):
    """A partner says that a criterion of its level was computed from something wrong. Texts can be erased."""

    __tablename__ = "level_objection"
    __table_args__ = (
        UniqueConstraint("organization_id", "request_key"),
        Index("ix_level_objection_municipality_id", "municipality_id", "made_at"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    criterion: Mapped[str] = mapped_column(String(8))
    criterion_title: Mapped[str] = mapped_column(String(SHORT))
    #: The day whose level it is about.
    level_on: Mapped[date]
    #: What is wrong, and which record it is about (its number or address); NULL once erased.
    what: Mapped[str | None] = mapped_column(String(LONG))
    record: Mapped[str | None] = mapped_column(String(SHORT))
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    made_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class ObjectionEvent(Base):
    """The answer to an objection, or that it was taken back; there is one. The text can be erased."""

    __tablename__ = "objection_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "objection_id"], ["level_objection.organization_id", "level_objection.id"]
        ),
        UniqueConstraint("organization_id", "objection_id"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    objection_id: Mapped[UUID]
    kind: Mapped[ObjectionEventKind] = mapped_column(words(ObjectionEventKind))
    text: Mapped[str | None] = mapped_column(String(2 * LONG))
    #: The day on which the municipality looked into it.
    decided_on: Mapped[date]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
