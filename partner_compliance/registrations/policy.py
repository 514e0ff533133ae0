"""Who invites groups to register, and who registers one by hand."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.registrations.models import MemberInvitation, PartnerInvitation


def may_invite_partners(principal: Principal, municipality: Municipality) -> bool:
    """The officers of a municipality invite groups."""
    return municipality.id in principal.municipality_ids


def may_revoke_partner(principal: Principal, invitation: PartnerInvitation) -> bool:
    """The officers of the municipality that invited."""
    return invitation.municipality_id in principal.municipality_ids


def may_invite_members(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative of a network; whether it is one, the operation asks."""
    return _decides(principal, organization)


def may_revoke_member(principal: Principal, invitation: MemberInvitation) -> bool:
    """The protection officer and the representative of the network that invited."""
    return any(
        principal.is_(role, invitation.organization_id) for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
    )


def may_accept_for(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative accept an invitation for their organization."""
    return _decides(principal, organization)


def may_be_welcomed(principal: Principal, organization: Organization) -> bool:
    """The protection officer of a new organization is told what comes next."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_register_by_hand(principal: Principal) -> bool:
    """Someone who runs the platform registers an organization by hand."""
    return principal.is_(Role.OPERATOR)


def _decides(principal: Principal, organization: Organization) -> bool:
    return any(principal.is_(role, organization.id) for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE))
