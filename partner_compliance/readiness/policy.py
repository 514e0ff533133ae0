"""Who may see how far an organization is. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Organization


def may_see(principal: Principal, organization: Organization) -> bool:
    """Those who run the organization or one of its centers. Municipalities see it in their own room, without links."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )
