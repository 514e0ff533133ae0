"""Networks (協議会・ネットワーク): organizations that hold member groups, and what a member lets the office do for it.

Memberships and mandates belong to the member: its word alone makes them and ends them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from partner_compliance.access import Entrusted
from partner_compliance.acts import Contents
from partner_compliance.database import Base


class Network(Base):
    """An organization that holds member groups, under the name and the rules it has among them."""

    __tablename__ = "network"
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    #: What the members have agreed on (規約), in a few words, or where it can be read.
    rules: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class NetworkMembership(Base):
    """An organization belongs to a network, from one day to another; ended, it counts no more at once."""

    __tablename__ = "network_membership"
    __table_args__ = (Index("ix_network_membership_network_id", "network_id"),)
    tenant_column = "organization_id"

    #: The member.
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    network_id: Mapped[UUID] = mapped_column(ForeignKey("network.organization_id"))
    from_on: Mapped[date]
    joined_at: Mapped[datetime]
    joined_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_on: Mapped[date | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class NetworkMandate(Base):
    """A member lets the network's office act for it. Append-only; what ends it is a row of its own."""

    __tablename__ = "network_mandate"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "membership_id"], ["network_membership.organization_id", "network_membership.id"]
        ),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_after_from"),
        Index("ix_network_mandate_organization_id_membership_id", "organization_id", "membership_id"),
        Index("ix_network_mandate_network_id", "network_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    membership_id: Mapped[UUID]
    network_id: Mapped[UUID] = mapped_column(ForeignKey("network.organization_id"))
    enters_paper: Mapped[bool]
    confirms_heads: Mapped[bool]
    from_on: Mapped[date]
    #: The last day on which it holds; None until it is ended.
    until_on: Mapped[date | None]
    given_at: Mapped[datetime]
    given_by_id: Mapped[UUID | None]
    given_by_name: Mapped[str] = mapped_column(String(100))

    @property
    def entrusted(self) -> frozenset[Entrusted]:
        """What the office may do."""
        return _entrusted(enters_paper=self.enters_paper, confirms_heads=self.confirms_heads)


class NetworkMandateEnd(Base):
    """A mandate was taken back, at once. Append-only."""

    __tablename__ = "network_mandate_end"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "mandate_id"], ["network_mandate.organization_id", "network_mandate.id"]
        ),
        UniqueConstraint("organization_id", "mandate_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    mandate_id: Mapped[UUID]
    ended_at: Mapped[datetime]
    ended_by_id: Mapped[UUID | None]
    ended_by_name: Mapped[str] = mapped_column(String(100))


def _entrusted(*, enters_paper: bool, confirms_heads: bool) -> frozenset[Entrusted]:
    found = {Entrusted.PAPER: enters_paper, Entrusted.HEADS: confirms_heads}
    return frozenset(task for task, is_so in found.items() if is_so)


# --- what holds today -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mandated:
    """A member for which a network's office may act today, and how far."""

    organization_id: UUID
    network_id: UUID
    network_name: str
    entrusted: frozenset[Entrusted]


# Asked with every request of a network's office staff, so it is put together once.
_mandates = (
    select(
        NetworkMandate.organization_id,
        NetworkMandate.network_id,
        Network.name,
        NetworkMandate.enters_paper,
        NetworkMandate.confirms_heads,
    )
    .join(Network, Network.organization_id == NetworkMandate.network_id)
    .join(
        NetworkMembership,
        and_(
            NetworkMembership.organization_id == NetworkMandate.organization_id,
            NetworkMembership.id == NetworkMandate.membership_id,
        ),
    )
    .outerjoin(
        NetworkMandateEnd,
        and_(
            NetworkMandateEnd.organization_id == NetworkMandate.organization_id,
            NetworkMandateEnd.mandate_id == NetworkMandate.id,
        ),
    )
    .where(
        NetworkMandate.network_id.in_(bindparam("network_ids", expanding=True)),
        NetworkMandate.from_on <= bindparam("today"),
        or_(NetworkMandate.until_on.is_(None), NetworkMandate.until_on >= bindparam("today")),
        NetworkMandateEnd.id.is_(None),
        NetworkMembership.ended_on.is_(None),
    )
    .order_by(NetworkMandate.organization_id, NetworkMandate.given_at)
)


def mandates_on(session: Session, network_ids: Iterable[UUID], today: date) -> list[Mandated]:
    """The members for which the offices of these networks may act on a day: begun, not ended, not taken back."""
    rows = session.execute(_mandates, {"network_ids": sorted(network_ids), "today": today})
    return [
        Mandated(member, network, name, _entrusted(enters_paper=paper, confirms_heads=heads))
        for member, network, name, paper, heads in rows
    ]


# --- what the history binds -------------------------------------------------------------------------------------


def mandate_content(mandate: NetworkMandate) -> dict[str, Any]:
    """The facts of a mandate that its log entry's digest binds."""
    return {
        "membership": str(mandate.membership_id),
        "network": str(mandate.network_id),
        "enters_paper": mandate.enters_paper,
        "confirms_heads": mandate.confirms_heads,
        "from_on": mandate.from_on.isoformat(),
        "until_on": mandate.until_on.isoformat() if mandate.until_on else None,
        "given_at": mandate.given_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "given_by": str(mandate.given_by_id) if mandate.given_by_id else None,
        "given_by_name": mandate.given_by_name,
    }


def end_content(end: NetworkMandateEnd) -> dict[str, Any]:
    """The facts of a mandate's end that its log entry's digest binds."""
    return {
        "mandate": str(end.mandate_id),
        "ended_at": end.ended_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "ended_by": str(end.ended_by_id) if end.ended_by_id else None,
        "ended_by_name": end.ended_by_name,
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "network_mandate": Contents(NetworkMandate, mandate_content),
    "network_mandate_end": Contents(NetworkMandateEnd, end_content),
}
