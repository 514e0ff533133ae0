"""What is kept of publication: the address, what was agreed to, the credentials issued and taken back, and the keys."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.publications.words import EventKind, RevocationKind


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


class Publication(Base):
    """The permanent address of an organization's public page: `id` stands in it. Append-only; made once."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("organization_id"),
        Index("ix_publication_id", "id", unique=True),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    made_at: Mapped[datetime]


class PublicationEvent(Base):
    """The page was switched on or off, listed or not any more. Append-only; the last one says how it stands."""

    __tablename__ = "publication_event"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "publication_id"], ["publication.organization_id", "publication.id"]),
        UniqueConstraint("organization_id", "publication_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    publication_id: Mapped[UUID]
    #: Counts from 1 without gaps, so that the order never hangs on a clock.
    number: Mapped[int]
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    #: Of a consent: what was read and agreed to, word for word.
    agreed: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class LevelCredential(Base):
    """A signed statement about the level of one day (証明ファイル), as Open Badges 3.0. Append-only."""

    __tablename__ = "level_credential"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "publication_id"], ["publication.organization_id", "publication.id"]),
        Index("ix_level_credential_organization_id_publication_id", "organization_id", "publication_id", "issued_at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    publication_id: Mapped[UUID]
    level: Mapped[int]
    title: Mapped[str] = mapped_column(String(60))
    as_of: Mapped[date]
    issued_at: Mapped[datetime]
    #: The key that signed it.
    key_id: Mapped[UUID] = mapped_column(ForeignKey("signing_key.id"))
    #: The file, byte for byte, and its SHA-256 (hexadecimal).
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class CredentialRevocation(Base):
    """A credential does not hold any more. Append-only, at most one for each."""

    __tablename__ = "credential_revocation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "credential_id"], ["level_credential.organization_id", "level_credential.id"]
        ),
        UniqueConstraint("organization_id", "credential_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    credential_id: Mapped[UUID]
    kind: Mapped[RevocationKind] = mapped_column(words(RevocationKind))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class SigningKey(Base):
    """A key of the platform that signs credentials. Append-only: the newest one signs, older ones still verify."""

    __tablename__ = "signing_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: Counts from 1; the highest number signs.
    number: Mapped[int] = mapped_column(unique=True)
    #: The public half as Multikey (`z6Mk…`).
    public_key: Mapped[str] = mapped_column(String(60))
    #: The private half, sealed with a key made from SECRET_KEY.
    sealed: Mapped[str] = mapped_column(String(300))
    #: Whether every earlier key is withdrawn with it (somebody else may have one): what they signed verifies no more.
    withdraws_earlier: Mapped[bool]
    made_at: Mapped[datetime]
