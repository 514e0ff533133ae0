"""Who may do what with the roster. A municipality never sees it; it is handed what was submitted, on paper."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.roster.models import RosterSubmission


def may_see(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative see everyone, a head the people of the own centers."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def sees_everyone(principal: Principal, organization: Organization) -> bool:
    """Whether the reader sees the people of all centers."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_keep(principal: Principal, organization: Organization) -> bool:
    """The protection officer keeps the roster: adds people, confirms it, submits it."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_change(principal: Principal, worker: Worker) -> bool:
    """The protection officer changes rows."""
    return principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)


def may_read_changes(principal: Principal, worker: Worker) -> bool:
    """The person, the head of the center, and the protection officer."""
    return (
        worker.id in principal.worker_ids
        or principal.heads(worker.organization_id, worker.center_id)
        or principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)
    )


def may_read_submissions(principal: Principal, organization: Organization) -> bool:
    """Those who see everyone on the roster."""
    return sees_everyone(principal, organization)


def may_read_submission(principal: Principal, submission: RosterSubmission) -> bool:
    """Those who see everyone on the roster."""
    return any(
        principal.is_(role, submission.organization_id) for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
    )
