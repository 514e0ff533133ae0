"""What is kept of levels: how an organization stood on the days on which something was different. Never the source."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base


class ReadinessSnapshot(Base):
    """How an organization stood at the end of a day, kept when it differs from the day before. Append-only.

    The snapshot of a day between two rows is the earlier one's. No person is named in it.
    """

    __tablename__ = "readiness_snapshot"
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    #: The edition of the ladder, and the level by it.
    ladder: Mapped[str] = mapped_column(String(8))
    level: Mapped[int]
    #: The SHA-256 of `data`'s canonical text.
    digest: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]
    #: `data.facts_data` of the day.
    data: Mapped[dict[str, Any]]
    #: {criterion: [day, whether it changed on that day; else it was so before already, and nobody looked]}.
    since: Mapped[dict[str, Any]]


class ReadinessDay(Base):
    """A day of which every organization's snapshot was taken, so that no row means no change. Append-only."""

    __tablename__ = "readiness_day"

    as_of: Mapped[date] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    #: How many organizations there were, and of how many a row was written.
    organizations: Mapped[int]
    stored: Mapped[int]
