"""What can be read about networks, for both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from partner_compliance.access import Entrusted, Role
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.history.entries import Entry, parse
from partner_compliance.history.models import LogLeaf
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.organizations.networks import (
    Network,
    NetworkMandate,
    NetworkMandateEnd,
    NetworkMembership,
    mandates_on,
)

#: How many of the office's acts the member's page shows.
NEWEST_ACTS = 50


@dataclass(frozen=True)
class Member:
    """A member of a network, as the network sees it."""

    membership: NetworkMembership
    organization: Organization
    entrusted: frozenset[Entrusted]


@dataclass(frozen=True)
class OfficeWorker:
    """Someone who works in a network's office."""

    role: OrganizationRole
    worker: Worker


@dataclass(frozen=True)
class Mandate:
    """A mandate and what became of it."""

    mandate: NetworkMandate
    end: NetworkMandateEnd | None

    def state(self, today: date) -> str:
        """Where it stands on a day: `ended`, `over`, `coming` or `valid`."""
        if self.end is not None:
            return "ended"
        if self.mandate.until_on is not None and self.mandate.until_on < today:
            return "over"
        return "coming" if self.mandate.from_on > today else "valid"


@dataclass(frozen=True)
class Membership:
    """A membership as the member sees it: the network, what it may do, and who may do it."""

    membership: NetworkMembership
    network: Network
    mandates: Sequence[Mandate]
    office: Sequence[str]


def office_of(session: Session, network_id: UUID, today: date) -> list[OfficeWorker]:
    """Who works in a network's office on a day, by reading of the name."""
    rows = session.execute(_office([network_id], today))
    return [OfficeWorker(role, worker) for role, worker in rows]


def _office(network_ids: Sequence[UUID], today: date) -> Select[OrganizationRole, Worker]:
    return (
        select(OrganizationRole, Worker)
        .join(
            Worker,
            and_(Worker.organization_id == OrganizationRole.organization_id, Worker.id == OrganizationRole.worker_id),
        )
        .where(
            OrganizationRole.organization_id.in_(network_ids),
            OrganizationRole.role == Role.NETWORK_OFFICE,
            OrganizationRole.ended_at.is_(None),
            or_(Worker.left_on.is_(None), Worker.left_on >= today),
        )
        .order_by(Worker.name_kana, Worker.name)
    )


def who_could_work_in_office(session: Session, network_id: UUID, today: date) -> list[Worker]:
    """Everyone on the network's own roster who has an account and does not work in its office yet."""
    held = select(OrganizationRole.worker_id).where(
        OrganizationRole.organization_id == network_id,
        OrganizationRole.role == Role.NETWORK_OFFICE,
        OrganizationRole.ended_at.is_(None),
    )
    return list(
        session.scalars(
            select(Worker)
            .where(
                Worker.organization_id == network_id,
                Worker.user_id.is_not(None),
                or_(Worker.left_on.is_(None), Worker.left_on >= today),
                Worker.id.not_in(held),
            )
            .order_by(Worker.name_kana, Worker.name)
        )
    )


def members_of(session: Session, network_id: UUID, today: date) -> list[Member]:
    """The members of a network today, by name, with what each lets the office do."""
    entrusted: dict[UUID, frozenset[Entrusted]] = {}
    for each in mandates_on(session, [network_id], today):
        entrusted[each.organization_id] = entrusted.get(each.organization_id, frozenset()) | each.entrusted
    rows = session.execute(
        select(NetworkMembership, Organization)
        .join(Organization, Organization.id == NetworkMembership.organization_id)
        .where(NetworkMembership.network_id == network_id, NetworkMembership.ended_on.is_(None))
        .order_by(Organization.name, Organization.id)
    )
    return [
        Member(membership, organization, entrusted.get(organization.id, frozenset()))
        for membership, organization in rows
    ]


def memberships_of(session: Session, organization_id: UUID, today: date) -> list[Membership]:
    """The networks an organization belongs or belonged to, newest first, in three statements."""
    rows = session.execute(
        select(NetworkMembership, Network)
        .join(Network, Network.organization_id == NetworkMembership.network_id)
        .where(NetworkMembership.organization_id == organization_id)
        .order_by(NetworkMembership.ended_on.is_not(None), NetworkMembership.joined_at.desc())
    ).all()
    mandates: dict[UUID, list[Mandate]] = {}
    for mandate, end in session.execute(
        select(NetworkMandate, NetworkMandateEnd)
        .outerjoin(
            NetworkMandateEnd,
            and_(
                NetworkMandateEnd.organization_id == NetworkMandate.organization_id,
                NetworkMandateEnd.mandate_id == NetworkMandate.id,
            ),
        )
        .where(NetworkMandate.organization_id == organization_id)
        .order_by(NetworkMandate.given_at.desc())
    ):
        mandates.setdefault(mandate.membership_id, []).append(Mandate(mandate, end))
    office: dict[UUID, list[str]] = {}
    for role, worker in session.execute(_office([network.organization_id for _, network in rows], today)):
        office.setdefault(role.organization_id, []).append(worker.name)
    return [
        Membership(membership, network, mandates.get(membership.id, []), office.get(network.organization_id, []))
        for membership, network in rows
    ]


def acts_of_offices(session: Session, organization_id: UUID) -> list[Entry]:
    """The newest acts that offices of networks did for an organization, newest first: looks included."""
    staff = select(OrganizationRole.user_id).where(
        OrganizationRole.organization_id.in_(
            select(NetworkMembership.network_id).where(NetworkMembership.organization_id == organization_id)
        ),
        OrganizationRole.role == Role.NETWORK_OFFICE,
    )
    rows = session.execute(
        select(LogLeaf.entry)
        .where(
            LogLeaf.log_id == organization_id,
            LogLeaf.actor_id.in_(staff),
            LogLeaf.act.startswith("sheet.", autoescape=True),
            LogLeaf.entry.is_not(None),
        )
        .order_by(LogLeaf.idx.desc())
        .limit(4 * NEWEST_ACTS)
    )
    entries = [parse(row.entry) for row in rows if row.entry]
    return [entry for entry in entries if entry.details.get("network")][:NEWEST_ACTS]
