"""What can be read of publication: how a page stands, what is public under an address, and who is listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.organizations.models import Center, Organization
from partner_compliance.publications.models import (
    CredentialRevocation,
    LevelCredential,
    Publication,
    PublicationEvent,
)
from partner_compliance.publications.words import EventKind

#: The organization's page shows so many of the last events and credentials.
MOST_SHOWN = 20


@dataclass(frozen=True)
class Issued:
    """A credential, and what became of it."""

    credential: LevelCredential
    revocation: CredentialRevocation | None

    @property
    def holds(self) -> bool:
        """Whether it was not taken back."""
        return self.revocation is None


@dataclass(frozen=True)
class PublicationState:
    """How the page of an organization stands: derived from what happened last."""

    publication: Publication | None
    #: The last events, newest first.
    events: Sequence[PublicationEvent]

    @property
    def last(self) -> EventKind | None:
        """What happened last."""
        return self.events[0].kind if self.events else None

    @property
    def is_public(self) -> bool:
        """Whether the page is switched on."""
        return self.last not in (None, EventKind.SWITCHED_OFF)

    @property
    def is_listed(self) -> bool:
        """Whether the organization has agreed to be listed, since the page was switched on."""
        return self.last is EventKind.LISTED


def state_of(session: Session, organization_id: UUID) -> PublicationState:
    """How the page of an organization stands."""
    publication = session.scalar(select(Publication).where(Publication.organization_id == organization_id))
    if publication is None:
        return PublicationState(None, [])
    events = session.scalars(
        select(PublicationEvent)
        .where(PublicationEvent.organization_id == organization_id, PublicationEvent.publication_id == publication.id)
        .order_by(PublicationEvent.number.desc())
        .limit(MOST_SHOWN)
    ).all()
    return PublicationState(publication, events)


def credentials_of(session: Session, organization_id: UUID, *, limit: int = MOST_SHOWN) -> list[Issued]:
    """The last credentials of an organization with their revocations, newest first; those that hold before others."""
    rows = session.execute(
        select(LevelCredential, CredentialRevocation)
        .outerjoin(CredentialRevocation, _revokes())
        .where(LevelCredential.organization_id == organization_id)
        .order_by(CredentialRevocation.at.is_not(None), LevelCredential.issued_at.desc(), LevelCredential.id)
        .limit(limit)
    )
    return [Issued(credential, revocation) for credential, revocation in rows]


def _revokes() -> Any:
    return (CredentialRevocation.organization_id == LevelCredential.organization_id) & (
        CredentialRevocation.credential_id == LevelCredential.id
    )


def _valid(publication: Publication) -> Select[LevelCredential]:
    return (
        select(LevelCredential)
        .outerjoin(CredentialRevocation, _revokes())
        .where(
            LevelCredential.organization_id == publication.organization_id,
            LevelCredential.publication_id == publication.id,
            CredentialRevocation.id.is_(None),
        )
        .order_by(LevelCredential.issued_at.desc(), LevelCredential.id)
    )


def valid_credentials(session: Session, publication: Publication) -> list[LevelCredential]:
    """Every credential that was not taken back, newest first."""
    return list(session.scalars(_valid(publication)))


def newest_credential(session: Session, publication: Publication) -> LevelCredential | None:
    """The newest credential that was not taken back."""
    return session.scalars(_valid(publication).limit(1)).first()


def revoked_ids(session: Session, publication: Publication) -> list[UUID]:
    """The credentials under an address that were taken back, in the order in which that happened."""
    return list(
        session.scalars(
            select(CredentialRevocation.credential_id)
            .join(LevelCredential, _revokes())
            .where(
                CredentialRevocation.organization_id == publication.organization_id,
                LevelCredential.publication_id == publication.id,
            )
            .order_by(CredentialRevocation.at, CredentialRevocation.id)
        )
    )


# --- what everyone can read -------------------------------------------------------------------------------------


def _is_active(today: date) -> Any:
    """The condition that an organization still works: somebody speaks for it, and a center is open."""
    speaks = (
        select(OrganizationRole.id)
        .where(
            OrganizationRole.organization_id == Organization.id,
            OrganizationRole.role.in_([Role.PROTECTION_OFFICER, Role.REPRESENTATIVE]),
            OrganizationRole.ended_at.is_(None),
        )
        .exists()
    )
    works = (
        select(Center.id)
        .where(Center.organization_id == Organization.id, or_(Center.closed_on.is_(None), Center.closed_on >= today))
        .exists()
    )
    return speaks & works


@dataclass(frozen=True)
class Published:
    """What stands under a public address."""

    publication: Publication
    organization: Organization
    last: EventKind
    is_active: bool

    @property
    def is_public(self) -> bool:
        """Whether it is shown: switched on, by an organization that still works."""
        return self.is_active and self.last is not EventKind.SWITCHED_OFF

    @property
    def is_listed(self) -> bool:
        """Whether it is shown in the list, and search engines may know it."""
        return self.is_active and self.last is EventKind.LISTED


def published_under(session: Session, publication_id: UUID, *, today: date) -> Published | None:
    """What an address means; None for one that never was."""
    row = session.execute(
        select(Publication, Organization, PublicationEvent.kind, _is_active(today))
        .join(Organization, Organization.id == Publication.organization_id)
        .join(PublicationEvent, _of_publication())
        .where(Publication.id == publication_id)
        .order_by(PublicationEvent.number.desc())
        .limit(1)
    ).one_or_none()
    return Published(*row) if row is not None else None


def _of_publication() -> Any:
    return (PublicationEvent.organization_id == Publication.organization_id) & (
        PublicationEvent.publication_id == Publication.id
    )


def _listed(today: date, *columns: Any) -> Any:
    later = aliased(PublicationEvent)
    is_last = ~(
        select(later.id)
        .where(
            later.organization_id == PublicationEvent.organization_id,
            later.publication_id == PublicationEvent.publication_id,
            later.number > PublicationEvent.number,
        )
        .exists()
    )
    return (
        select(*columns)
        .select_from(Publication)
        .join(Organization, Organization.id == Publication.organization_id)
        .join(PublicationEvent, _of_publication())
        .where(PublicationEvent.kind == EventKind.LISTED, is_last, _is_active(today))
    )


def how_many_listed(session: Session, *, today: date) -> int:
    """How many organizations have agreed to be listed."""
    return session.scalar(_listed(today, func.count())) or 0


def listed(session: Session, *, today: date, limit: int, offset: int) -> list[tuple[UUID, str]]:
    """(address, name) of those that have agreed to be listed, by name and in no order of merit."""
    rows = session.execute(
        _listed(today, Publication.id, Organization.name)
        .order_by(Organization.name, Publication.id)
        .limit(limit)
        .offset(offset)
    )
    return [(publication_id, name) for publication_id, name in rows]
