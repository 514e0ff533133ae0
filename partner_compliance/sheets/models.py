"""What is kept about the month's check sheet: facts are appended, never changed; state follows from them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.access import Role
from partner_compliance.database import Base, words


class SheetState(StrEnum):
    """Where a sheet stands; follows from its last event, or from its draft when nothing has happened yet."""

    NOT_BEGUN = "not_begun"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    SIGNED_OFF = "signed_off"
    EXCUSED = "excused"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            SheetState.NOT_BEGUN: "未着手",
            SheetState.DRAFT: "下書き",
            SheetState.SUBMITTED: "確認待ち",
            SheetState.RETURNED: "差し戻し",
            SheetState.SIGNED_OFF: "確認済み",
            SheetState.EXCUSED: "対象外",
        }[self]

    @property
    def is_accounted_for(self) -> bool:
        """Whether nothing more is awaited from anybody."""
        return self in (SheetState.SIGNED_OFF, SheetState.EXCUSED)


class EventKind(StrEnum):
    """What can happen to a sheet."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    SIGNED_OFF = "signed_off"
    EXCUSED = "excused"

    @property
    def state(self) -> SheetState:
        """The state in which the event leaves the sheet."""
        return SheetState(self.value)


class ExcuseReason(StrEnum):
    """Why no sheet is asked of someone this month."""

    LEAVE = "leave"
    NO_ACTIVITY = "no_activity"
    LEFT = "left"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason's name on screens."""
        return {
            ExcuseReason.LEAVE: "休職・長期休暇",
            ExcuseReason.NO_ACTIVITY: "今月の活動なし",
            ExcuseReason.LEFT: "退職・活動終了",
            ExcuseReason.OTHER: "その他",
        }[self]


class CheckSheet(Base):
    """One worker's sheet for one month, at the center where the worker then was; due dates are those of its opening."""

    __tablename__ = "check_sheet"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        UniqueConstraint("organization_id", "worker_id", "month"),
        Index("ix_check_sheet_organization_id_center_id_month", "organization_id", "center_id", "month"),
    )
    tenant_column = "organization_id"
    reached_by_networks = True

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    worker_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    checklist_key: Mapped[str] = mapped_column(String(50))
    edition: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime]
    due_on: Mapped[date]
    sign_off_due_on: Mapped[date]


class SheetDraft(Base):
    """Answers on their way: may be incomplete, may change, and is gone with the submission."""

    __tablename__ = "sheet_draft"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "sheet_id"], ["check_sheet.organization_id", "check_sheet.id"]),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    sheet_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: {item number: {"answer": word or "", "note": text}}
    answers: Mapped[dict[str, Any]]
    no_take_out: Mapped[bool]
    #: Why a submitted sheet is being corrected; empty for a first submission.
    reason: Mapped[str] = mapped_column(Text, default="")
    #: Why an answer differs from what the ledger of take-outs says: {item number: text}; None for none.
    explanations: Mapped[dict[str, Any] | None]
    #: Counts the saves, so that a second tab notices that it shows an older draft.
    revision: Mapped[int]
    saved_at: Mapped[datetime]


class SheetVersion(Base):
    """A submitted sheet. Append-only; its answers can be erased, nothing else ever changes."""

    __tablename__ = "sheet_version"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "sheet_id"], ["check_sheet.organization_id", "check_sheet.id"]),
        UniqueConstraint("organization_id", "sheet_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sheet_id: Mapped[UUID]
    number: Mapped[int]
    #: Whether section 5, the center head's, was part of the sheet.
    with_head_section: Mapped[bool]
    no_take_out: Mapped[bool]
    answers: Mapped[dict[str, Any] | None]
    submitted_at: Mapped[datetime]
    submitted_by_id: Mapped[UUID | None]
    submitted_by_name: Mapped[str] = mapped_column(String(100))
    #: The day the worker signed the paper from which someone else entered it; None when the worker submitted it.
    paper_signed_on: Mapped[date | None]
    #: Why a submitted or signed-off sheet was corrected; empty otherwise.
    reason: Mapped[str] = mapped_column(Text, default="")
    #: The shared tablet at which the worker submitted it; None elsewhere. The log entry says it too, by its strength.
    kiosk_id: Mapped[UUID | None]

    @property
    def is_from_paper(self) -> bool:
        """Whether someone else entered it from a sheet on paper."""
        return self.paper_signed_on is not None


class SheetEvent(Base):
    """Something that happened to a sheet; `number` counts a sheet's events, so that two at once cannot both happen."""

    __tablename__ = "sheet_event"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "sheet_id"], ["check_sheet.organization_id", "check_sheet.id"]),
        ForeignKeyConstraint(["organization_id", "version_id"], ["sheet_version.organization_id", "sheet_version.id"]),
        UniqueConstraint("organization_id", "sheet_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sheet_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    version_id: Mapped[UUID | None]
    at: Mapped[datetime]
    #: The calendar day in Japan on which it happened, for the question whether it was on time.
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))
    #: In which role the person acted; empty for the worker's own submission.
    by_role: Mapped[Role | None] = mapped_column(words(Role))
    comment: Mapped[str | None] = mapped_column(Text)
    excuse: Mapped[ExcuseReason | None] = mapped_column(words(ExcuseReason))


class CorrectiveAction(Base):
    """What has to be mended because an item was answered 要改善 or わからない."""

    __tablename__ = "corrective_action"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "sheet_id"], ["check_sheet.organization_id", "check_sheet.id"]),
        ForeignKeyConstraint(["organization_id", "version_id"], ["sheet_version.organization_id", "sheet_version.id"]),
        UniqueConstraint("organization_id", "version_id", "item"),
        Index("ix_corrective_action_organization_id_sheet_id", "organization_id", "sheet_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sheet_id: Mapped[UUID]
    version_id: Mapped[UUID]
    item: Mapped[str] = mapped_column(String(8))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_name: Mapped[str] = mapped_column(String(100), default="")
    #: What was done about it.
    outcome: Mapped[str] = mapped_column(Text, default="")


class Contradiction(StrEnum):
    """How an answer and the ledger of take-outs can contradict each other."""

    NONE_TAKEN = "none_taken"
    NOT_PERMITTED = "not_permitted"
    NOT_RETURNED = "not_returned"
    NOT_WRITTEN = "not_written"

    @property
    def label(self) -> str:
        """The contradiction in a few words."""
        return {
            Contradiction.NONE_TAKEN: "「持ち出しなし・該当なし」と答えたが、台帳に持ち出しがある",
            Contradiction.NOT_PERMITTED: "「適正」と答えたが、出発前の許可がない持ち出しがある",
            Contradiction.NOT_RETURNED: "「適正」と答えたが、返却の遅れや数の違いがある",
            Contradiction.NOT_WRITTEN: "「適正」と答えたが、台帳に持ち出しがない",
        }[self]


class ReconciliationNote(Base):
    """Why an answer of a sheet and the ledger differ, as somebody explained it. Append-only, the text can be erased.

    It explains as many rows as there were then; a row that comes later asks again.
    """

    __tablename__ = "reconciliation_note"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "sheet_id"], ["check_sheet.organization_id", "check_sheet.id"]),
        Index("ix_reconciliation_note_organization_id_sheet_id", "organization_id", "sheet_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    sheet_id: Mapped[UUID]
    item: Mapped[str] = mapped_column(String(8))
    kind: Mapped[Contradiction] = mapped_column(words(Contradiction))
    rows: Mapped[int]
    at: Mapped[datetime]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))
    #: NULL once erased.
    text: Mapped[str | None] = mapped_column(String(1000))


class SpotCheck(Base):
    """What the system has drawn for the head to look at before a month is closed, once. Append-only."""

    __tablename__ = "spot_check"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        ForeignKeyConstraint(["organization_id", "take_out_id"], ["take_out.organization_id", "take_out.id"]),
        ForeignKeyConstraint(["organization_id", "place_id"], ["place.organization_id", "place.id"]),
        UniqueConstraint("organization_id", "center_id", "month"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    #: One row of the ledger and one place of storage; None where there was none to draw from.
    take_out_id: Mapped[UUID | None]
    place_id: Mapped[UUID | None]
    #: Of how many it was drawn.
    of_rows: Mapped[int]
    of_places: Mapped[int]
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[UUID | None]
    drawn_by_name: Mapped[str] = mapped_column(String(100))


class Finding(StrEnum):
    """What a look at something drawn has shown."""

    FINE = "fine"
    AMISS = "amiss"

    @property
    def label(self) -> str:
        """The finding's name on screens."""
        return {Finding.FINE: "記録のとおりだった", Finding.AMISS: "記録と違うところがあった"}[self]


class SpotCheckResult(Base):
    """What the head found, once. Append-only, the note can be erased."""

    __tablename__ = "spot_check_result"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "check_id"], ["spot_check.organization_id", "spot_check.id"]),
        UniqueConstraint("organization_id", "check_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    check_id: Mapped[UUID]
    row: Mapped[Finding | None] = mapped_column(words(Finding))
    place: Mapped[Finding | None] = mapped_column(words(Finding))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))
    #: NULL once erased.
    note: Mapped[str | None] = mapped_column(String(1000))


class MonthClosure(Base):
    """A center's month, closed: everyone accounted for, and the head's own section answered. Append-only."""

    __tablename__ = "month_closure"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        UniqueConstraint("organization_id", "center_id", "month"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    closed_at: Mapped[datetime]
    closed_by_id: Mapped[UUID | None]
    closed_by_name: Mapped[str] = mapped_column(String(100))


class MonthTally(Base):
    """The counts of a center's month, counted anew from the facts with every event: a cache, never the source."""

    __tablename__ = "month_tally"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        Index("ix_month_tally_organization_id_month", "organization_id", "month"),
    )
    tenant_column = "organization_id"
    seen_by_partners = True

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    center_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    #: Sheets asked for, excused ones included.
    sheets: Mapped[int]
    excused: Mapped[int]
    #: Sheets submitted at least once and not excused, and those of them first submitted by the due day.
    submitted: Mapped[int]
    on_time: Mapped[int]
    #: Sheets now waiting for sign-off, returned, signed off, and signed off by the due day.
    awaiting: Mapped[int]
    returned: Mapped[int]
    signed_off: Mapped[int]
    signed_off_on_time: Mapped[int]
    is_closed: Mapped[bool]
    due_on: Mapped[date]
    sign_off_due_on: Mapped[date]


class BinderJob(Base):
    """A binder (the center's month in one PDF) being made in the background, or ready to be fetched."""

    __tablename__ = "binder_job"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        Index("ix_binder_job_finished_at", "finished_at", "requested_at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    month: Mapped[str] = mapped_column(String(7))
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[UUID | None]
    requested_by_name: Mapped[str] = mapped_column(String(100))
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    #: When a worker process took it up; taken anew when that process has not moved it for long.
    taken_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(300))
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
