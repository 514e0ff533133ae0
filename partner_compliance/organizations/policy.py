"""Who may see which municipalities and organizations."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Center, Organization


def is_operator(principal: Principal) -> bool:
    """Someone who runs the platform sees the tenants, and nothing of what is inside them."""
    return principal.is_(Role.OPERATOR)


def may_see(principal: Principal, organization: Organization) -> bool:
    """Those who run an organization or one of its centers."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def may_edit(principal: Principal, organization: Organization) -> bool:
    """The protection officer keeps the organization's facts and centers up to date."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_edit_center(principal: Principal, center: Center) -> bool:
    """The protection officer of the center's organization."""
    return principal.is_(Role.PROTECTION_OFFICER, center.organization_id)


def may_see_networks(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative decide about networks."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_set_deadlines(principal: Principal, organization: Organization) -> bool:
    """The protection officer sets the days on which sheets are due."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)
