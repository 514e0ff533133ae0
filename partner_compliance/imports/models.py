"""What is kept while a roster is taken in: what the file says, until it is confirmed or forgotten."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base


class RosterUpload(Base):
    """A roster that someone has uploaded and looks at before it is taken in; forgotten after a week.

    It waits for its uploader (nothing confirmed), then to be worked off (`confirmed_at`), and is done (`finished_at`).
    """

    __tablename__ = "roster_upload"
    __table_args__ = (
        Index("ix_roster_upload_organization_id_uploaded_at", "organization_id", "uploaded_at"),
        Index("ix_roster_upload_finished_at", "finished_at", "confirmed_at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[UUID]
    uploaded_by_name: Mapped[str] = mapped_column(String(100))
    #: How the uploader had proved who they are; the history names it when the work is done later.
    uploaded_by_strength: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(200))
    #: The rows of the file: [[number, {column: text}], …]; gone as soon as they are on the roster.
    content: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    #: What was passed over in the file, in sentences.
    notices: Mapped[list[str]] = mapped_column(JSON)
    total: Mapped[int]
    #: The last day of those who are not in the file; None when they stay.
    leave_on: Mapped[date | None]
    #: The state of the roster from which the uploader confirmed the changes.
    roster_digest: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime | None]
    #: When somebody took up the work; taken anew when it has not moved for long.
    taken_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    #: Why the work could not be done; the uploader looks at the changes anew.
    failure: Mapped[str | None] = mapped_column(String(300))
    added: Mapped[int | None]
    changed: Mapped[int | None]
    ended: Mapped[int | None]
    unchanged: Mapped[int | None]
