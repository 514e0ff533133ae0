"""Who decides about networks: on the network's side, and on the members'."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Organization
from partner_compliance.organizations.networks import NetworkMandate, NetworkMembership


def may_see(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative see to which networks the organization belongs, and its own."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_run(principal: Principal, organization: Organization) -> bool:
    """The protection officer makes the organization a network, and chooses who works in its office."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_leave(principal: Principal, membership: NetworkMembership) -> bool:
    """The member's protection officer or representative ends the membership."""
    return principal.is_(Role.PROTECTION_OFFICER, membership.organization_id) or principal.is_(
        Role.REPRESENTATIVE, membership.organization_id
    )


def may_entrust(principal: Principal, membership: NetworkMembership) -> bool:
    """The member's protection officer lets the network's office act for it."""
    return principal.is_(Role.PROTECTION_OFFICER, membership.organization_id)


def may_revoke(principal: Principal, mandate: NetworkMandate) -> bool:
    """The member's protection officer takes it back."""
    return principal.is_(Role.PROTECTION_OFFICER, mandate.organization_id)
