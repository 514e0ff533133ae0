"""Who may read the history."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Municipality, Organization


def may_read(principal: Principal, organization: Organization) -> bool:
    """The protection officer reads the organization's history."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_read_municipality(principal: Principal, municipality: Municipality) -> bool:
    """A municipality's officers read its own history, which tells nothing of what happens inside the partners."""
    return municipality.id in principal.municipality_ids
