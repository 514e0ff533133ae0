"""What is kept about kits: published editions, who took them over, who may comment, and an own house's practices."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.kits.words import Activity, Headcount


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


class _Edition:
    """What an edition of a kit holds, whoever publishes it."""

    #: The same for all editions of a kit, also across installations.
    kit_id: Mapped[UUID]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(100))
    about: Mapped[str] = mapped_column(String(1000))
    #: Whose it is, by name.
    publisher: Mapped[str] = mapped_column(String(200))
    #: Titles of the rules in it.
    rules: Mapped[list[str]] = mapped_column(JSON)
    activity: Mapped[Activity] = mapped_column(words(Activity))
    headcount: Mapped[Headcount] = mapped_column(words(Headcount))
    legal_form: Mapped[str] = mapped_column(String(40))
    #: `package.Package` as JSON; None takes the kit from the shelf.
    package: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    #: Why it was changed, or taken from the shelf.
    note: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    published_on: Mapped[date]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))


class KitEdition(_Edition, Base):
    """A kit as an organization (or a network) published it, or brought it in from elsewhere. Append-only.

    What was brought in bears the name of its origin, and only its own organization sees it.
    """

    __tablename__ = "kit_edition"
    __table_args__ = (
        UniqueConstraint("organization_id", "kit_id", "number"),
        Index("ix_kit_edition_kit_id", "kit_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: Who published it elsewhere; empty for what is published here.
    origin: Mapped[str] = mapped_column(String(300))


class MunicipalKitEdition(_Edition, Base):
    """A kit as a municipality published it: which model, which answers, what it asks for. Append-only."""

    __tablename__ = "municipal_kit_edition"
    __table_args__ = (
        UniqueConstraint("municipality_id", "kit_id", "number"),
        Index("ix_municipal_kit_edition_kit_id", "kit_id", "number"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class KitAdoption(Base):
    """An organization took over a kit, or parts of it. Append-only; the publisher learns only how many did."""

    __tablename__ = "kit_adoption"
    __table_args__ = (Index("ix_kit_adoption_kit_id", "kit_id", "organization_id"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kit_id: Mapped[UUID]
    edition_number: Mapped[int]
    edition_digest: Mapped[str] = mapped_column(String(64))
    publisher: Mapped[str] = mapped_column(String(300))
    #: The organization of this installation that published it; None for what came from elsewhere or a municipality.
    publisher_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))
    parts: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class DraftOpening(Base):
    """A draft is open to a mentor's organization for comments, until it is closed."""

    __tablename__ = "draft_opening"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "draft_id"], ["rule_draft.organization_id", "rule_draft.id"]),
        Index("ix_draft_opening_mentor_id", "mentor_id", "closed_at"),
        Index("ix_draft_opening_organization_id_draft_id", "organization_id", "draft_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draft_id: Mapped[UUID]
    #: The organization that may read and comment.
    mentor_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"))
    opened_at: Mapped[datetime]
    opened_by_name: Mapped[str] = mapped_column(String(100))
    closed_at: Mapped[datetime | None]


class OwnPractice(Base):
    """What an organization puts beside its check sheet: own checks, and tips for its items. Append-only."""

    __tablename__ = "own_practice"
    __table_args__ = (UniqueConstraint("organization_id", "number"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[int]
    #: Sentences, one a check.
    extras: Mapped[list[str]] = mapped_column(JSON)
    #: [{"item": number of the check sheet or rule/article, "text": how we do it here, "of": whose tip it is}]
    tips: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
