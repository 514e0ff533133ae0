"""Accounts: who can sign in, which roles they hold, where they are signed in, and what protects the door."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.access import Role
from partner_compliance.database import Base, words


class User(Base):
    """A person's account. `login_key` and `email_key` are what is compared: folded in case and width."""

    __tablename__ = "user_account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(100))
    login_name: Mapped[str] = mapped_column(String(100))
    login_key: Mapped[str] = mapped_column(String(100), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    #: argon2id; empty until the person has chosen a password.
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    password_changed_at: Mapped[datetime | None]
    #: True for a password that is long enough only beside a second factor; None for those from before there were any.
    password_needs_factor: Mapped[bool | None]
    #: Wrong passwords and codes since the last sign-in; at one hundred the password stops working until it is set anew.
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    password_stopped_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]
    #: Since when the account is only for shared tablets: no password, no factor. None for everyone else's, and again
    #: once its person has chosen a password.
    kiosk_only_since: Mapped[datetime | None]
    #: Shown on the one-click buttons of a demo; nobody outside a demo has one.
    demo_label: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]


class OrganizationRole(Base):
    """A role that a person on the roster holds in an organization, from one moment to another."""

    __tablename__ = "organization_role"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        Index("ix_organization_role_organization_id_role", "organization_id", "role"),
        Index("ix_organization_role_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    worker_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(words(Role))
    #: The center, for a head; None for roles that cover the whole organization.
    center_id: Mapped[UUID | None]
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class MunicipalityRole(Base):
    """A municipal officer's post in a municipality."""

    __tablename__ = "municipality_role"
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class OperatorRole(Base):
    """Someone who runs the platform."""

    __tablename__ = "operator_role"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignIn(Base):
    """One browser in which someone is signed in; the cookie holds a secret of which only the digest is kept."""

    __tablename__ = "sign_in"
    owner_column = "user_id"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    #: How the person proved who they are: `password`, `password+totp`, `password+recovery`, `password+passkey`,
    #: `passkey`, `demo`, `link`, `kiosk`.
    strength: Mapped[str] = mapped_column(String(32))
    #: The browser in plain words, as far as it says what it is; never its whole description.
    device: Mapped[str | None] = mapped_column(String(60))
    #: The shared tablet, and the organization whose worker's own tasks are all that opens there; else None.
    kiosk_id: Mapped[UUID | None]
    confined_to_id: Mapped[UUID | None]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    #: When the person proved last who they are: at signing in, or before something that asks for it again.
    proved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class HalfwaySignIn(Base):
    """Someone who typed the right password and still owes the second factor; of its secret only the digest is kept."""

    __tablename__ = "halfway_sign_in"

    token_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    started_at: Mapped[datetime]


class Authenticator(Base):
    """An authenticator app; its secret is sealed with a key made from SECRET_KEY.

    `last_step` is the latest half-minute whose code was taken, so that every code works once.
    """

    __tablename__ = "authenticator"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    #: Empty until the app has shown that it makes the right codes.
    secret: Mapped[str | None] = mapped_column(String(255))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    #: What is being set up and not confirmed yet; meanwhile an earlier app keeps working.
    pending_secret: Mapped[str | None] = mapped_column(String(255))
    pending_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of ten codes on paper, each in place of the second factor once; only digests are kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_digest"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    code_digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A passkey (WebAuthn credential): the public key of a device or a security key."""

    __tablename__ = "passkey"
    owner_column = "user_id"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: Grows with each use in devices that count; one that falls back gives a copied key away.
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Ceremony(StrEnum):
    """What a passkey is asked for."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    PROOF = "proof"
    REGISTRATION = "registration"


class PasskeyChallenge(Base):
    """A number that a passkey is asked to sign, for one ceremony in one browser; it is taken out when it is used."""

    __tablename__ = "passkey_challenge"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    ceremony: Mapped[Ceremony] = mapped_column(words(Ceremony))
    #: Whose passkey is asked; None at the door, where it says itself whose it is.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]


class PasswordReset(Base):
    """A one-time link for choosing a new password, mailed or printed."""

    __tablename__ = "password_reset"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    issued_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    used_at: Mapped[datetime | None]
    #: Set when another link, or a changed password, took this one's place.
    revoked_at: Mapped[datetime | None]


class Throttle(Base):
    """How often something was tried lately, under a key that names nobody in the clear."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class HeldInput(Base):
    """What someone had typed when their sign-in had run out, kept for them alone until they are back."""

    __tablename__ = "held_input"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(500))
    fields: Mapped[dict[str, Any]]
    held_at: Mapped[datetime]


class OutgoingMail(Base):
    """A mail waiting to be sent, or sent; its text goes once it is sent, since it may hold a one-time link."""

    __tablename__ = "outgoing_mail"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime]
    not_before: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(300))
