"""What can be read about municipalities, organizations, and who is engaged with whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
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


def partners_of(session: Session, municipality_id: UUID, *, today: date) -> list[tuple[UUID, str]]:
    """The organizations that work with a municipality on a day: (id, name), by name."""
    found = session.execute(
        select(Organization.id, Organization.name)
        .where(Organization.id.in_(partners_on([municipality_id], today)))
        .order_by(Organization.name, Organization.id)
    )
    return [(row.id, row.name) for row in found]


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


def engagements_with(session: Session, organization_id: UUID, municipality_id: UUID) -> list[Engagement]:
    """Every engagement of an organization with a municipality that was accepted, over or not, by its first day."""
    return list(
        session.scalars(
            select(Engagement)
            .where(
                Engagement.organization_id == organization_id,
                Engagement.municipality_id == municipality_id,
                Engagement.accepted_at.is_not(None),
            )
            .order_by(Engagement.starts_on)
        )
    )


def municipalities_engaged(session: Session, organization_id: UUID, day: date) -> list[tuple[UUID, str]]:
    """The municipalities with which an organization is engaged on a day, each once: (id, name), by name."""
    found = session.execute(
        select(Municipality.id, Municipality.name)
        .where(
            Municipality.id.in_(
                select(Engagement.municipality_id).where(
                    Engagement.organization_id == organization_id, is_valid_on(day)
                )
            )
        )
        .order_by(Municipality.name, Municipality.id)
    )
    return [(row.id, row.name) for row in found]


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


def _worked_between(organization_id: UUID, first: date, last: date) -> Any:
    return and_(
        Worker.organization_id == organization_id,
        Worker.joined_on <= last,
        or_(Worker.left_on.is_(None), Worker.left_on >= first),
    )


def how_many_worked_between(session: Session, organization_id: UUID, first: date, last: date) -> int:
    """How many people were on the roster of an organization on some day of a period."""
    query = select(func.count()).select_from(Worker).where(_worked_between(organization_id, first, last))
    return session.scalar(query) or 0


def worked_between(
    session: Session, organization_id: UUID, first: date, last: date, *, limit: int, offset: int = 0
) -> list[tuple[Worker, str]]:
    """The people on the roster of an organization on some day of a period, by reading, each with the center's name."""
    found = session.execute(
        select(Worker, Center.name)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .where(_worked_between(organization_id, first, last))
        .order_by(Worker.name_kana, Worker.name, Worker.id)
        .limit(limit)
        .offset(offset)
    )
    return [(worker, center) for worker, center in found]


def names_on_roster(session: Session, organization_id: UUID) -> list[str]:
    """The names of everyone who is or was on the roster of an organization."""
    return list(session.scalars(select(Worker.name).where(Worker.organization_id == organization_id)))
