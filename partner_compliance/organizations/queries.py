"""What can be read about municipalities, organizations, and who is engaged with whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from partner_compliance.organizations.models import Center, Engagement, Municipality, Organization, Worker


def is_valid_on(day: date, engagement: Any = Engagement) -> Any:
    """The condition that an engagement holds on a day (Japan): accepted, begun, not ended, not cancelled."""
    return (
        engagement.accepted_at.is_not(None)
        & (engagement.starts_on <= day)
        & (engagement.ends_on >= day)
        & or_(engagement.cancelled_on.is_(None), engagement.cancelled_on > day)
    )


def partners_on(municipality_ids: Iterable[UUID], day: date) -> Select[UUID]:
    """The ids of organizations with which the municipalities are engaged on a day, each once."""
    return (
        select(Engagement.organization_id)
        .where(Engagement.municipality_id.in_(sorted(municipality_ids)), is_valid_on(day))
        .distinct()
    )


def engagements_between(
    session: Session, organization_id: UUID, municipality_ids: Iterable[UUID], day: date
) -> list[Engagement]:
    """The engagements of an organization with the municipalities that hold on a day."""
    return list(
        session.scalars(
            select(Engagement)
            .where(
                Engagement.organization_id == organization_id,
                Engagement.municipality_id.in_(sorted(municipality_ids)),
                is_valid_on(day),
            )
            .order_by(Engagement.starts_on)
        )
    )


def centers_of(session: Session, organization_id: UUID) -> list[Center]:
    """The centers of an organization, by name."""
    return list(session.scalars(select(Center).where(Center.organization_id == organization_id).order_by(Center.name)))


def organizations_named(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of organizations."""
    named = session.execute(select(Organization.id, Organization.name).where(Organization.id.in_(sorted(ids))))
    return {row.id: row.name for row in named}


# --- counts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OrganizationCounts:
    """An organization and how many centers and workers it has today."""

    organization: Organization
    centers: int
    workers: int


@dataclass(frozen=True)
class MunicipalityCounts:
    """A municipality and with how many organizations it is engaged today."""

    municipality: Municipality
    partners: int


@dataclass(frozen=True)
class CenterCounts:
    """A center and how many workers it has today."""

    center: Center
    workers: int


def _is_on_roster(day: date) -> Any:
    return (Worker.joined_on <= day) & or_(Worker.left_on.is_(None), Worker.left_on >= day)


def names_at_center(session: Session, center: Center, day: date) -> list[str]:
    """The names of those who work mainly at a center after a day, by reading."""
    return list(
        session.scalars(
            select(Worker.name)
            .where(
                Worker.organization_id == center.organization_id,
                Worker.center_id == center.id,
                or_(Worker.left_on.is_(None), Worker.left_on > day),
            )
            .order_by(Worker.name_kana, Worker.name)
        )
    )


def how_many_organizations(session: Session) -> int:
    """How many organizations are registered."""
    return session.scalar(select(func.count()).select_from(Organization)) or 0


def organizations_with_counts(session: Session, day: date, *, limit: int, offset: int) -> list[OrganizationCounts]:
    """A page of the organizations, by name, with their counts on a day."""
    centers = (
        select(func.count())
        .select_from(Center)
        .where(Center.organization_id == Organization.id, or_(Center.closed_on.is_(None), Center.closed_on >= day))
        .scalar_subquery()
    )
    workers = (
        select(func.count())
        .select_from(Worker)
        .where(Worker.organization_id == Organization.id, _is_on_roster(day))
        .scalar_subquery()
    )
    found = session.execute(
        select(Organization, centers, workers).order_by(Organization.name, Organization.id).limit(limit).offset(offset)
    )
    return [OrganizationCounts(row[0], row[1], row[2]) for row in found]


def how_many_municipalities(session: Session) -> int:
    """How many municipalities are registered."""
    return session.scalar(select(func.count()).select_from(Municipality)) or 0


def municipalities_with_counts(session: Session, day: date, *, limit: int, offset: int) -> list[MunicipalityCounts]:
    """A page of the municipalities, by code, with the number of organizations engaged on a day."""
    partners = (
        select(func.count(Engagement.organization_id.distinct()))
        .where(Engagement.municipality_id == Municipality.id, is_valid_on(day))
        .scalar_subquery()
    )
    found = session.execute(select(Municipality, partners).order_by(Municipality.code).limit(limit).offset(offset))
    return [MunicipalityCounts(row[0], row[1]) for row in found]


def centers_with_counts(session: Session, organization_id: UUID, day: date) -> list[CenterCounts]:
    """The centers of an organization, by name, with the number of workers on a day."""
    workers = (
        select(func.count())
        .select_from(Worker)
        .where(Worker.organization_id == Center.organization_id, Worker.center_id == Center.id, _is_on_roster(day))
        .scalar_subquery()
    )
    found = session.execute(
        select(Center, workers).where(Center.organization_id == organization_id).order_by(Center.name, Center.id)
    )
    return [CenterCounts(row[0], row[1]) for row in found]


def centers_named(session: Session, centers: Iterable[tuple[UUID, UUID]]) -> dict[UUID, str]:
    """The names of centers, given as (organization, center)."""
    wanted = set(centers)
    rows = session.execute(
        select(Center.organization_id, Center.id, Center.name).where(
            Center.organization_id.in_(sorted({organization for organization, _ in wanted})),
            Center.id.in_(sorted({center for _, center in wanted})),
        )
    )
    return {center: name for organization, center, name in rows if (organization, center) in wanted}


def active_at_center(session: Session, center: Center, day: date) -> list[Worker]:
    """The people on the roster of a center on a day, by reading of the name."""
    return list(
        session.scalars(
            select(Worker)
            .where(Worker.organization_id == center.organization_id, Worker.center_id == center.id, _is_on_roster(day))
            .order_by(Worker.name_kana, Worker.name, Worker.id)
        )
    )


def active_in(session: Session, organization_id: UUID, day: date) -> list[Worker]:
    """The people on the roster of an organization on a day, by reading of the name."""
    return list(
        session.scalars(
            select(Worker)
            .where(Worker.organization_id == organization_id, _is_on_roster(day))
            .order_by(Worker.name_kana, Worker.name, Worker.id)
        )
    )
