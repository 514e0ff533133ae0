"""What is kept of the API: tokens of a municipality's systems, when they ended, and every call."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.api.words import Scope
from partner_compliance.database import Base


def _of_municipality() -> Mapped[UUID]:
    return mapped_column(ForeignKey("municipality.id"), primary_key=True)


def _of_token() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["municipality_id", "token_id"], ["api_token.municipality_id", "api_token.id"])


class ApiToken(Base):
    """What a municipality's system shows to be let in; of the secret only the digest is kept. Append-only."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("municipality_id", "request_key"),
        Index("ix_api_token_digest", "digest", unique=True),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: Which system it is for, in the officer's words.
    name: Mapped[str] = mapped_column(String(60))
    #: Words of `Scope`.
    scopes: Mapped[list[Any]] = mapped_column(JSON)
    #: The beginning of the secret, by which people recognize it.
    hint: Mapped[str] = mapped_column(String(16))
    #: SHA-256 of the secret, hexadecimal.
    digest: Mapped[str] = mapped_column(String(64))
    #: The last day (Japan) on which it opens anything.
    expires_on: Mapped[date]
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))

    @property
    def opens(self) -> tuple[Scope, ...]:
        """What it opens; a word of a later version opens nothing."""
        return tuple(each for each in Scope if each.value in self.scopes)


class ApiTokenEnd(Base):
    """A token was taken back before its last day. Append-only."""

    __tablename__ = "api_token_end"
    __table_args__ = (_of_token(), UniqueConstraint("municipality_id", "token_id"))
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_id: Mapped[UUID]
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class ApiCall(Base):
    """One use of a token: when, what was asked about which partner, and what came of it. Append-only."""

    __tablename__ = "api_call"
    __table_args__ = (
        _of_token(),
        Index("ix_api_call_municipality_id_token_id_at", "municipality_id", "token_id", "at"),
        Index("ix_api_call_about", "municipality_id", "token_id", "organization_id", "at"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_id: Mapped[UUID]
    at: Mapped[datetime]
    #: What was asked: the name of an endpoint.
    endpoint: Mapped[str] = mapped_column(String(40))
    #: About which partner, where it was about one that is a partner today.
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    #: The status of the answer.
    status: Mapped[int] = mapped_column(SmallInteger)
