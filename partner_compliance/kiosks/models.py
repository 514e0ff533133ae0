"""What is kept about shared tablets: which devices there are, and who has a PIN or a slip with which to choose one."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base

#: A device that was not used for so long is no shared tablet any more; its browser forgets the cookie then, too.
LASTS = timedelta(days=180)


class Kiosk(Base):
    """A browser that a center's workers share; its cookie holds a secret of which only the digest is kept."""

    __tablename__ = "kiosk"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        Index("ix_kiosk_organization_id_center_id", "organization_id", "center_id"),
        Index("ix_kiosk_token_digest", "token_digest", unique=True),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(50))
    token_digest: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    opened_by_name: Mapped[str] = mapped_column(String(100))
    #: When somebody last stood before it, and from which address, so that a cookie used elsewhere is noticed.
    seen_at: Mapped[datetime]
    seen_from: Mapped[str] = mapped_column(String(45), default="")
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closed_by_name: Mapped[str] = mapped_column(String(100), default="")

    def is_open(self, now: datetime) -> bool:
        """Whether the device can be used: not closed, and not forgotten in a drawer."""
        return self.closed_at is None and now - self.seen_at <= LASTS


class PinState(StrEnum):
    """Where someone stands with the PIN."""

    NONE = "none"
    SLIP = "slip"
    EXPIRED = "expired"
    READY = "ready"
    STOPPED = "stopped"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            PinState.NONE: "まだ",
            PinState.SLIP: "紙あり",
            PinState.EXPIRED: "紙の期限切れ",
            PinState.READY: "使えます",
            PinState.STOPPED: "間違いが続いて停止中",
        }[self]


class WorkerPin(Base):
    """Someone's PIN for the shared tablets of an organization, or the slip with which they choose one: never both."""

    __tablename__ = "worker_pin"
    __table_args__ = (ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: argon2id; empty until the person has chosen a PIN.
    pin_hash: Mapped[str] = mapped_column(String(200), default="")
    set_at: Mapped[datetime | None]
    #: argon2id of the slip's code; empty once the code was used.
    slip_hash: Mapped[str] = mapped_column(String(200), default="")
    slip_issued_at: Mapped[datetime]
    slip_expires_at: Mapped[datetime]
    slip_issued_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: Wrong numbers since the last right one; at twenty neither PIN nor slip works until there is a new slip.
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    stopped_at: Mapped[datetime | None]

    def state(self, now: datetime) -> PinState:
        """Where its holder stands."""
        if self.stopped_at is not None:
            return PinState.STOPPED
        if self.pin_hash:
            return PinState.READY
        return PinState.SLIP if self.slip_hash and now < self.slip_expires_at else PinState.EXPIRED
