"""What is kept in the municipality's room: the views of the list that its officers saved."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base


class SavedView(Base):
    """A filter of the list of partners under a name. A convenience and no record: it can be deleted."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("municipality_id", "request_key"),
        Index("ix_saved_view_municipality_id_by_id", "municipality_id", "by_id"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(40))
    #: Whether all officers of the municipality have it, or only the one who saved it.
    is_shared: Mapped[bool]
    #: The filter as arguments of the list's address, without the month: a view is of the latest one.
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_key: Mapped[UUID]
    made_at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
