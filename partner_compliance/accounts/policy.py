"""Who may do what with accounts."""

from partner_compliance.access import Principal, Role
from partner_compliance.accounts.models import OrganizationRole, Passkey, SignIn
from partner_compliance.organizations.models import Organization, Worker


def may_run_accounts(principal: Principal, organization: Organization) -> bool:
    """The protection officer looks after the organization's accounts and roles."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_change_account(principal: Principal, worker: Worker) -> bool:
    """The protection officer, for the people on the organization's roster."""
    return principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)


def may_end_role(principal: Principal, role: OrganizationRole) -> bool:
    """The protection officer ends roles in the organization."""
    return principal.is_(Role.PROTECTION_OFFICER, role.organization_id)


def is_operator(principal: Principal) -> bool:
    """Someone who runs the platform."""
    return principal.is_(Role.OPERATOR)


def is_own(principal: Principal, thing: SignIn | Passkey) -> bool:
    """Where someone is signed in, and with what, is that person's own affair."""
    return thing.user_id == principal.user_id
