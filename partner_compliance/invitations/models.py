"""What is kept about invitations: of people on a roster, and of a municipality's officers."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.clock import local_date
from partner_compliance.database import Base, words


class Way(StrEnum):
    """How an invitation reaches the person."""

    MAIL = "mail"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens."""
        return {Way.MAIL: "メール", Way.PAPER: "印刷した紙"}[self]


class State(StrEnum):
    """What has become of an invitation; derived, never stored."""

    WAITING = "waiting"
    SENT = "sent"
    MAIL_FAILED = "mail_failed"
    PRINTED = "printed"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            State.WAITING: "まもなくメールを送ります",
            State.SENT: "メールを送りました",
            State.MAIL_FAILED: "メールが届きません",
            State.PRINTED: "紙を作りました",
            State.ACCEPTED: "参加しました",
            State.EXPIRED: "期限が切れました",
            State.REVOKED: "取り消しました",
        }[self]

    @property
    def is_open(self) -> bool:
        """Whether the invitation can still be accepted."""
        return self in (State.WAITING, State.SENT, State.MAIL_FAILED, State.PRINTED)


class _Invitation:
    """What every invitation has: how it was sent, what is kept of its secrets, and its few moments."""

    way: Mapped[Way] = mapped_column(words(Way))
    email: Mapped[str | None] = mapped_column(String(254))
    #: Of the secret in the link, and of the short code on paper; the secrets themselves are kept nowhere.
    secret_digest: Mapped[str] = mapped_column(String(64), index=True, unique=True)
    code_digest: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)
    #: The mail in the queue, which is forgotten after some time.
    mail_id: Mapped[UUID | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    made_by_name: Mapped[str] = mapped_column(String(100))
    #: Made by the operator of the platform, not by the body's own people.
    by_operator: Mapped[bool] = mapped_column(default=False)
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None]
    #: When a newer invitation of the same person took this one's place.
    replaced_at: Mapped[datetime | None]

    @property
    def last_day(self) -> date:
        """The last day (in Japan) on which it can be accepted."""
        return local_date(self.expires_at - timedelta(seconds=1))


class WorkerInvitation(_Invitation, Base):
    """An invitation of someone on an organization's roster; the role of a worker comes with it in any case."""

    __tablename__ = "worker_invitation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "head_of_id"], ["center.organization_id", "center.id"]),
        Index("ix_worker_invitation_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    #: The roles that come with it, beside the worker's.
    as_officer: Mapped[bool] = mapped_column(default=False)
    as_representative: Mapped[bool] = mapped_column(default=False)
    head_of_id: Mapped[UUID | None]
    #: The roles of the posts held at the time of acceptance come with it too; never when a head invited.
    with_posts: Mapped[bool] = mapped_column(default=False)


class MunicipalityInvitation(_Invitation, Base):
    """An invitation to be an officer of a municipality."""

    __tablename__ = "municipality_invitation"
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(100))
