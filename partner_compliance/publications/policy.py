"""Who may publish an organization's level. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Organization
from partner_compliance.publications.models import LevelCredential


def may_publish(principal: Principal, organization: Organization) -> bool:
    """The representative and the protection officer speak for the organization."""
    return any(principal.is_(role, organization.id) for role in (Role.REPRESENTATIVE, Role.PROTECTION_OFFICER))


def may_issue(principal: Principal, organization: Organization) -> bool:
    """The protection officer asks for credentials."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_handle(principal: Principal, credential: LevelCredential) -> bool:
    """Whoever speaks for the organization downloads its credentials and takes them back."""
    return any(
        principal.is_(role, credential.organization_id) for role in (Role.REPRESENTATIVE, Role.PROTECTION_OFFICER)
    )
