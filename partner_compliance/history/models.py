"""What is kept of the history: for each log its state, and for each entry its leaf.

One log for each organization, one for each municipality, one for the platform. Nothing here points out of the
room, so that no other room's rows can hold the history back or take it along.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base


class LogState(Base):
    """How far a log has come; its row is the lock under which entries get their numbers."""

    __tablename__ = "log_state"

    #: The id of the organization or municipality, or that of the platform (`acts.PLATFORM_LOG`).
    log_id: Mapped[UUID] = mapped_column(primary_key=True)
    #: `organization`, `municipality` or `platform`.
    kind: Mapped[str] = mapped_column(String(16))
    #: The log's name to the outside: `organization/<uuid>`.
    origin: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(default=0)
    #: The compact range in hexadecimal: at most log2(size) + 1 hashes, from which the root follows.
    range: Mapped[list[str]] = mapped_column(JSON, default=list)
    last_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]


class LogLeaf(Base):
    """One entry of a log: its hash forever, its text until it is erased, and columns for finding it."""

    __tablename__ = "log_leaf"
    __table_args__ = (
        Index("ix_log_leaf_log_id_at", "log_id", "at"),
        Index("ix_log_leaf_log_id_subject_id_idx", "log_id", "subject_id", "idx"),
        Index("ix_log_leaf_log_id_act_idx", "log_id", "act", "idx"),
    )

    log_id: Mapped[UUID] = mapped_column(ForeignKey("log_state.log_id"), primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: Canonical JSON; None once the entry is erased.
    entry: Mapped[str | None] = mapped_column(Text)
    #: The columns below repeat the entry, for searching; verification compares them.
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
