"""Who may do what with kits. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.kits.models import DraftOpening
from partner_compliance.organizations.models import Municipality, Organization


def may_use(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative look for kits, take them over and publish the own one."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_mentor(principal: Principal, organization: Organization) -> bool:
    """The same people comment on what others have opened to their organization."""
    return may_use(principal, organization)


def may_close(principal: Principal, opening: DraftOpening) -> bool:
    """Those who opened a draft close it again."""
    return principal.is_(Role.PROTECTION_OFFICER, opening.organization_id) or principal.is_(
        Role.REPRESENTATIVE, opening.organization_id
    )


def may_publish_for(principal: Principal, municipality: Municipality) -> bool:
    """The municipality's officers publish its kit, and see how those of its partners are used."""
    return municipality.id in principal.municipality_ids
