"""What is kept about hand-overs: the receipt, its things, and what happened. All appended; the line is a cache."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from partner_compliance.access import Role
from partner_compliance.database import Base, words
from partner_compliance.engagements.words import DataClass
from partner_compliance.receipts.words import Direction, Ending, EventKind, Method, Side, State
from partner_compliance.takeouts.words import Medium


def _of_receipt() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "receipt_id"], ["receipt.organization_id", "receipt.id"])


class Receipt(Base):
    """Something was handed over (預かり証; DOMAIN B12, C29, C30). Append-only, the purpose can be erased.

    The organization's side names a person of the roster; inside the organization both sides do.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        ForeignKeyConstraint(["organization_id", "giver_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "receiver_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"]),
        UniqueConstraint("organization_id", "request_key"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    direction: Mapped[Direction] = mapped_column(words(Direction))
    municipality_id: Mapped[UUID | None] = mapped_column(ForeignKey("municipality.id"))
    engagement_id: Mapped[UUID | None]
    #: The people of the organization; None where the side is the municipality's, or nobody was named yet.
    giver_id: Mapped[UUID | None]
    receiver_id: Mapped[UUID | None]
    #: The center of the organization's person; None where nobody was named.
    center_id: Mapped[UUID | None]
    handed_on: Mapped[date]
    #: NULL once erased.
    purpose: Mapped[str | None] = mapped_column(String(300))
    #: Made with the form: the same form, sent again, finds this row.
    request_key: Mapped[UUID]
    written_at: Mapped[datetime]
    written_on: Mapped[date]
    written_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    written_by_name: Mapped[str] = mapped_column(String(100))
    written_side: Mapped[Side] = mapped_column(words(Side))

    #: What was handed over; written with the receipt, never later.
    items: Mapped[list["ReceiptItem"]] = relationship(order_by="ReceiptItem.position", lazy="selectin")


class ReceiptItem(Base):
    """One kind of thing on a receipt. Append-only, the description can be erased."""

    __tablename__ = "receipt_item"
    __table_args__ = (_of_receipt(), CheckConstraint("count >= 1", name="count"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    receipt_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Counts the things of one receipt, from 1.
    position: Mapped[int] = mapped_column(primary_key=True)
    medium: Mapped[Medium] = mapped_column(words(Medium))
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    count: Mapped[int]
    #: What it is, never whose; NULL once erased.
    description: Mapped[str | None] = mapped_column(String(200))
    #: The last day on which it may be kept at all.
    keep_until_on: Mapped[date | None]
    ending: Mapped[Ending] = mapped_column(words(Ending))
    #: The day by which it is to be returned or destroyed.
    end_by_on: Mapped[date]


class ReceiptEvent(Base):
    """Something that happened to a receipt; `number` counts its events. Append-only, the comment can be erased."""

    __tablename__ = "receipt_event"
    __table_args__ = (_of_receipt(), UniqueConstraint("organization_id", "receipt_id", "number"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    receipt_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    side: Mapped[Side] = mapped_column(words(Side))
    #: Which thing it is about; None for the whole receipt.
    position: Mapped[int | None]
    at: Mapped[datetime]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
    by_role: Mapped[Role | None] = mapped_column(words(Role))
    #: The side confirmed on paper, and somebody else entered it.
    on_paper: Mapped[bool] = mapped_column(default=False)
    count: Mapped[int | None]
    method: Mapped[Method | None] = mapped_column(words(Method))
    #: The day on which it was returned or destroyed.
    done_on: Mapped[date | None]
    witness: Mapped[str | None] = mapped_column(String(100))
    #: Whether copies and backups are gone too.
    backups_gone: Mapped[bool | None]
    until_on: Mapped[date | None]
    #: NULL once erased.
    comment: Mapped[str | None] = mapped_column(String(1000))
    kiosk_id: Mapped[UUID | None]


class ReceiptLine(Base):
    """Where one thing of a receipt stands, derived from its events with each of them: a cache, never the source."""

    __tablename__ = "receipt_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "receipt_id", "position"],
            ["receipt_item.organization_id", "receipt_item.receipt_id", "receipt_item.position"],
        ),
        Index("ix_receipt_line_organization_id_handed_on", "organization_id", "handed_on"),
        Index("ix_receipt_line_municipality_id_handed_on", "municipality_id", "handed_on"),
        Index("ix_receipt_line_organization_id_state", "organization_id", "state", "due_on"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    receipt_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID | None]
    direction: Mapped[Direction] = mapped_column(words(Direction))
    giver_id: Mapped[UUID | None]
    receiver_id: Mapped[UUID | None]
    center_id: Mapped[UUID | None]
    medium: Mapped[Medium] = mapped_column(words(Medium))
    data_class: Mapped[DataClass] = mapped_column(words(DataClass))
    handed_on: Mapped[date]
    state: Mapped[State] = mapped_column(words(State))
    count: Mapped[int]
    #: How many are still with whoever received them.
    left: Mapped[int]
    #: The planned day of the end, extensions included, and the last day on which it counts as in time.
    end_by_on: Mapped[date]
    due_on: Mapped[date]
    #: The day on which both sides had confirmed.
    confirmed_on: Mapped[date | None]
    #: The day on which the last of it was recorded as returned or destroyed.
    ended_on: Mapped[date | None]
    #: How many ends the other side has not acknowledged yet.
    unacknowledged: Mapped[int]
