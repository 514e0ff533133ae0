"""What is kept about take-outs: the row as it was asked for, what happened to it, standing permissions and labels.

Rows and events are appended, never changed; `LedgerLine` is what follows from them, kept to list and count quickly.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.access import Role
from partner_compliance.database import Base, words
from partner_compliance.engagements.words import DataClass
from partner_compliance.takeouts.words import EventKind, LossEntryKind, Medium, Origin, Permission, Reason, State


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


def _of_center() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"])


def _of_worker(column: str = "worker_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", column], ["worker.organization_id", "worker.id"])


def _of_take_out() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "take_out_id"], ["take_out.organization_id", "take_out.id"])


def _of_standing() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "standing_id"], ["standing_permit.organization_id", "standing_permit.id"]
    )


class TakeOut(Base):
    """One row of the ledger (持ち出し管理台帳; DOMAIN B22, E17) as asked for. Append-only, words can be erased."""

    __tablename__ = "take_out"
    __table_args__ = (
        _of_center(),
        _of_worker(),
        _of_standing(),
        ForeignKeyConstraint(["organization_id", "label_id"], ["take_out_label.organization_id", "take_out_label.id"]),
        UniqueConstraint("organization_id", "request_key"),
        CheckConstraint("count >= 1", name="count"),
        CheckConstraint("returns_at > leaves_at", name="returns_after_leaving"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    origin: Mapped[Origin] = mapped_column(words(Origin))
    medium: Mapped[Medium] = mapped_column(words(Medium))
    count: Mapped[int]
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    reason: Mapped[Reason] = mapped_column(words(Reason))
    #: What it is, never whose (「訪問記録 3件」); these five texts are NULL once erased.
    description: Mapped[str | None] = mapped_column(String(200))
    purpose: Mapped[str | None] = mapped_column(String(300))
    destination: Mapped[str | None] = mapped_column(String(200))
    route: Mapped[str | None] = mapped_column(String(300))
    companions: Mapped[str | None] = mapped_column(String(200))
    #: Words of `Protection`, sorted.
    protections: Mapped[list[str]] = mapped_column(JSON)
    #: Why a medium with entrusted data is carried by one person alone; NULL once erased.
    alone_reason: Mapped[str | None] = mapped_column(String(300))
    leaves_at: Mapped[datetime]
    returns_at: Mapped[datetime]
    standing_id: Mapped[UUID | None]
    label_id: Mapped[UUID | None]
    #: Made with the form: the same form, sent again, finds this row.
    request_key: Mapped[UUID]
    asked_at: Mapped[datetime]
    #: The day in Japan.
    asked_on: Mapped[date]
    asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    asked_by_name: Mapped[str] = mapped_column(String(100))
    #: In which role somebody entered it for the worker; empty for the worker's own.
    asked_by_role: Mapped[Role | None] = mapped_column(words(Role))
    kiosk_id: Mapped[UUID | None]


class TakeOutEvent(Base):
    """Something that happened to a row; `number` counts its events, so that two at once cannot both happen."""

    __tablename__ = "take_out_event"
    __table_args__ = (_of_take_out(), UniqueConstraint("organization_id", "take_out_id", "number"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    take_out_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    #: By the server's clock; what counts.
    at: Mapped[datetime]
    #: The day in Japan.
    happened_on: Mapped[date]
    #: When it happened as somebody says who writes it down later; None at the moment of the act.
    said_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
    #: In which role the person acted; empty for the worker's own act.
    by_role: Mapped[Role | None] = mapped_column(words(Role))
    #: Whether the head had named the person to stand in.
    as_substitute: Mapped[bool] = mapped_column(default=False)
    #: How many left, or came back.
    count: Mapped[int | None]
    #: Keys of the checks that were ticked, sorted.
    checks: Mapped[list[str]] = mapped_column(JSON)
    #: The new planned return of an extension.
    until_at: Mapped[datetime | None]
    #: NULL once erased.
    comment: Mapped[str | None] = mapped_column(String(1000))
    kiosk_id: Mapped[UUID | None]


class LedgerLine(Base):
    """Where a row stands, derived from it and its events with every event: a cache, never the source."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        _of_take_out(),
        _of_center(),
        Index("ix_ledger_line_organization_id_began_on", "organization_id", "began_on"),
        Index("ix_ledger_line_organization_id_worker_id", "organization_id", "worker_id", "began_on"),
        Index("ix_ledger_line_organization_id_center_id", "organization_id", "center_id", "began_on"),
        Index("ix_ledger_line_organization_id_state", "organization_id", "state", "due_on"),
        Index("ix_ledger_line_organization_id_permission", "organization_id", "permission", "began_on"),
        Index("ix_ledger_line_organization_id_worker_id_returned_on", "organization_id", "worker_id", "returned_on"),
        Index("ix_ledger_line_organization_id_center_id_returned_on", "organization_id", "center_id", "returned_on"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    take_out_id: Mapped[UUID] = mapped_column(primary_key=True)
    center_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    medium: Mapped[Medium] = mapped_column(words(Medium))
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    reason: Mapped[Reason] = mapped_column(words(Reason))
    origin: Mapped[Origin] = mapped_column(words(Origin))
    state: Mapped[State] = mapped_column(words(State))
    permission: Mapped[Permission] = mapped_column(words(Permission))
    #: The day (Japan) on which the things left, or are to leave while they have not.
    began_on: Mapped[date]
    departed_at: Mapped[datetime | None]
    #: The last moment that is planned for the return, extensions included.
    returns_at: Mapped[datetime]
    #: One business day after the planned return; from the day after, it is overdue.
    due_on: Mapped[date]
    returned_on: Mapped[date | None]
    #: Whether fewer or more came back than left, and whether somebody was asked to explain the row and did.
    differs: Mapped[bool]
    is_explained: Mapped[bool]
    is_witnessed: Mapped[bool]
    count: Mapped[int]


class StandingPermit(Base):
    """A permission that holds for named people on some days of the week for at most three months. Append-only."""

    __tablename__ = "standing_permit"
    __table_args__ = (
        _of_center(),
        ForeignKeyConstraint(["organization_id", "project_id"], ["project.organization_id", "project.id"]),
        UniqueConstraint("organization_id", "request_key"),
        CheckConstraint("until_on >= from_on", name="until_after_from"),
        Index("ix_standing_permit_organization_id_until_on", "organization_id", "until_on"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    medium: Mapped[Medium] = mapped_column(words(Medium))
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    most: Mapped[int]
    reason: Mapped[Reason] = mapped_column(words(Reason))
    #: NULL once erased.
    description: Mapped[str | None] = mapped_column(String(200))
    destination: Mapped[str | None] = mapped_column(String(200))
    companions: Mapped[str | None] = mapped_column(String(200))
    alone_reason: Mapped[str | None] = mapped_column(String(300))
    protections: Mapped[list[str]] = mapped_column(JSON)
    #: Words of `Shift`, sorted.
    weekdays: Mapped[list[str]] = mapped_column(JSON)
    #: By how many days after leaving it is back: 0 the same day.
    back_after_days: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date]
    request_key: Mapped[UUID]
    granted_at: Mapped[datetime]
    granted_on: Mapped[date]
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    granted_by_name: Mapped[str] = mapped_column(String(100))
    granted_by_role: Mapped[Role | None] = mapped_column(words(Role))


class StandingPerson(Base):
    """Someone for whom a standing permission holds. Append-only."""

    __tablename__ = "standing_person"
    __table_args__ = (
        _of_standing(),
        _of_worker(),
        Index("ix_standing_person_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    standing_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(primary_key=True)


class StandingEnd(Base):
    """A standing permission was taken back before its last day, once. Append-only."""

    __tablename__ = "standing_end"
    __table_args__ = (_of_standing(), UniqueConstraint("organization_id", "standing_id"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    standing_id: Mapped[UUID]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
    #: NULL once erased.
    reason: Mapped[str | None] = mapped_column(String(300))


class TakeOutLabel(Base):
    """A label with a QR code on a bag, device or folder; it leads to the row that is meant."""

    __tablename__ = "take_out_label"
    __table_args__ = (_of_center(), Index("uq_take_out_label_code", "code", unique=True))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(60))
    medium: Mapped[Medium] = mapped_column(words(Medium))
    made_at: Mapped[datetime]
    made_by_name: Mapped[str] = mapped_column(String(100))
    retired_at: Mapped[datetime | None]


class TakeOutSettings(Base):
    """An organization's choices about take-outs."""

    __tablename__ = "take_out_settings"
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    #: Take-outs are forbidden (DOMAIN B23); only the protection officer or representative permits exceptions.
    is_forbidden: Mapped[bool] = mapped_column(default=False)
    #: A second person taps on each return.
    needs_witness: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]
    changed_by_name: Mapped[str] = mapped_column(String(100))


class Substitute(Base):
    """Who permits take-outs at a center while its head is away; both days count."""

    __tablename__ = "take_out_substitute"
    __table_args__ = (
        _of_center(),
        _of_worker(),
        CheckConstraint("until_on >= from_on", name="until_after_from"),
        Index("ix_take_out_substitute_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date]
    named_at: Mapped[datetime]
    named_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    named_by_name: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[datetime | None]


class LossReport(Base):
    """The draft of an incident: what came back did not match what had left. Append-only."""

    __tablename__ = "loss_report"
    __table_args__ = (_of_take_out(), UniqueConstraint("organization_id", "take_out_id"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    take_out_id: Mapped[UUID]
    center_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    expected: Mapped[int]
    found: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    opened_by_name: Mapped[str] = mapped_column(String(100))
    #: NULL once erased.
    note: Mapped[str | None] = mapped_column(String(1000))


class LossEntry(Base):
    """What was done about it, or how it ended. Append-only."""

    __tablename__ = "loss_entry"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "report_id"], ["loss_report.organization_id", "loss_report.id"]),
        UniqueConstraint("organization_id", "report_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    report_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[LossEntryKind] = mapped_column(words(LossEntryKind))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
    #: NULL once erased.
    text: Mapped[str | None] = mapped_column(String(1000))
