"""Who may invite whom."""

from partner_compliance.access import Principal, Role
from partner_compliance.accounts.models import MunicipalityRole
from partner_compliance.invitations.models import MunicipalityInvitation, WorkerInvitation
from partner_compliance.organizations.models import Municipality, Organization, Worker


def may_see_list(principal: Principal, organization: Organization) -> bool:
    """The protection officer, and the heads for the people of their own centers."""
    return is_officer(principal, organization) or principal.is_(Role.CENTER_HEAD, organization.id)


def is_officer(principal: Principal, organization: Organization) -> bool:
    """The protection officer of the organization, who sees everyone."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_invite(principal: Principal, worker: Worker) -> bool:
    """The protection officer, or the head of the center at which the person works."""
    return may_give_roles(principal, worker) or principal.heads(worker.organization_id, worker.center_id)


def may_give_roles(principal: Principal, worker: Worker) -> bool:
    """Only the protection officer gives more than the role of a worker."""
    return principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)


def may_change(principal: Principal, invitation: WorkerInvitation) -> bool:
    """The protection officer, and the one who made the invitation while still a head there."""
    is_own = invitation.made_by_id == principal.user_id and principal.is_(Role.CENTER_HEAD, invitation.organization_id)
    return is_own or principal.is_(Role.PROTECTION_OFFICER, invitation.organization_id)


def is_municipal_officer(principal: Principal, municipality: Municipality) -> bool:
    """An officer of the municipality invites colleagues."""
    return municipality.id in principal.municipality_ids


def may_end_officer(principal: Principal, post: MunicipalityRole) -> bool:
    """An officer of the municipality takes a colleague's post away."""
    return post.municipality_id in principal.municipality_ids


def may_change_officers(principal: Principal, invitation: MunicipalityInvitation) -> bool:
    """An officer of the municipality revokes invitations to it."""
    return invitation.municipality_id in principal.municipality_ids


def is_operator(principal: Principal, municipality: Municipality) -> bool:
    """Someone who runs the platform invites a municipality's first officer."""
    return principal.is_(Role.OPERATOR)


def is_operator_for(principal: Principal, organization: Organization) -> bool:
    """Someone who runs the platform invites an organization's first protection officer."""
    return principal.is_(Role.OPERATOR)


def may_register(principal: Principal) -> bool:
    """Someone who runs the platform registers municipalities."""
    return principal.is_(Role.OPERATOR)
