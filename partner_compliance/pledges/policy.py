"""Who may do what with pledges. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Engagement, Organization, Worker
from partner_compliance.pledges.models import Pledge


def works(principal: Principal) -> bool:
    """Whoever is on a roster has pledges of their own."""
    return bool(principal.worker_ids)


def is_own(principal: Principal, worker: Worker) -> bool:
    """Nobody signs for somebody else."""
    return worker.id in principal.worker_ids


def may_look_after(principal: Principal, worker: Worker) -> bool:
    """The protection officer for everyone, the head for the own center; the own paper is entered by somebody else."""
    return not is_own(principal, worker) and (
        principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)
        or principal.is_(Role.REPRESENTATIVE, worker.organization_id)
        or principal.heads(worker.organization_id, worker.center_id)
    )


def may_see_coverage(principal: Principal, organization: Organization) -> bool:
    """Those who run the organization or one of its centers; which centers, the view narrows."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def sees_everyone(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative see every center."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_keep_wordings(principal: Principal, organization: Organization) -> bool:
    """The protection officer keeps the wordings and the year."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_read(principal: Principal, pledge: Pledge) -> bool:
    """The signer, and those who look after the person at the center of then."""
    return (
        pledge.worker_id in principal.worker_ids
        or principal.is_(Role.PROTECTION_OFFICER, pledge.organization_id)
        or principal.is_(Role.REPRESENTATIVE, pledge.organization_id)
        or principal.heads(pledge.organization_id, pledge.center_id)
    )


def may_cancel(principal: Principal, pledge: Pledge) -> bool:
    """The protection officer says that a record was a mistake, but not of the own pledge."""
    return pledge.worker_id not in principal.worker_ids and principal.is_(
        Role.PROTECTION_OFFICER, pledge.organization_id
    )


def may_see_list(principal: Principal, engagement: Engagement) -> bool:
    """Both sides of an engagement; what the municipality sees of it, the contract says."""
    return engagement.municipality_id in principal.municipality_ids or any(
        principal.is_(role, engagement.organization_id) for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
    )
