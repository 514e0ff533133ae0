"""What can be read about invitations to register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partner_compliance.organizations.models import Organization
from partner_compliance.registrations.models import Invitation, MemberInvitation, PartnerInvitation


@dataclass(frozen=True)
class Sent:
    """An invitation as the inviting side sees it, with the organization that came of it."""

    invitation: Invitation
    organization: str | None

    def state(self, now: datetime) -> str:
        """Where it stands: `used`, `revoked`, `expired`, `begun` or `sent`."""
        if self.invitation.used_at is not None:
            return "used"
        if self.invitation.revoked_at is not None:
            return "revoked"
        if now >= self.invitation.expires_at:
            return "expired"
        return "begun" if self.invitation.begun_at is not None else "sent"


def how_many_partners_invited(session: Session, municipality_id: UUID) -> int:
    """How many invitations a municipality has sent."""
    query = select(func.count()).where(PartnerInvitation.municipality_id == municipality_id)
    return session.scalar(query) or 0


def partners_invited(session: Session, municipality_id: UUID, *, limit: int, offset: int) -> Sequence[Sent]:
    """A page of the invitations of a municipality, newest first."""
    rows = session.execute(
        select(PartnerInvitation, Organization.name)
        .outerjoin(Organization, Organization.id == PartnerInvitation.registered_id)
        .where(PartnerInvitation.municipality_id == municipality_id)
        .order_by(PartnerInvitation.issued_at.desc(), PartnerInvitation.id)
        .limit(limit)
        .offset(offset)
    )
    return [Sent(invitation, name) for invitation, name in rows]


def how_many_members_invited(session: Session, organization_id: UUID) -> int:
    """How many invitations a network has sent."""
    return session.scalar(select(func.count()).where(MemberInvitation.organization_id == organization_id)) or 0


def members_invited(session: Session, organization_id: UUID, *, limit: int, offset: int) -> Sequence[Sent]:
    """A page of the invitations of a network, newest first."""
    rows = session.execute(
        select(MemberInvitation, Organization.name)
        .outerjoin(Organization, Organization.id == MemberInvitation.registered_id)
        .where(MemberInvitation.organization_id == organization_id)
        .order_by(MemberInvitation.issued_at.desc(), MemberInvitation.id)
        .limit(limit)
        .offset(offset)
    )
    return [Sent(invitation, name) for invitation, name in rows]
