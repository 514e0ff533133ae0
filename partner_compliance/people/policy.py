"""Who may do what with the people of an organization. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.people.models import JoiningRecord, LentItem
from partner_compliance.roster.models import PostHolding


def is_own(principal: Principal, worker: Worker) -> bool:
    """Whether the row of the roster is the reader's own."""
    return worker.id in principal.worker_ids


def may_look_after(principal: Principal, worker: Worker) -> bool:
    """The protection officer looks after everyone, the head of the center after its workers but not themselves."""
    return principal.is_(Role.PROTECTION_OFFICER, worker.organization_id) or (
        principal.heads(worker.organization_id, worker.center_id) and not is_own(principal, worker)
    )


def may_read(principal: Principal, worker: Worker) -> bool:
    """The person, and those who look after them."""
    return is_own(principal, worker) or may_look_after(principal, worker)


def may_decide(principal: Principal, worker: Worker) -> bool:
    """The protection officer appoints, moves, takes people back, and undoes a leaving."""
    return principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)


def may_dismiss(principal: Principal, holding: PostHolding) -> bool:
    """The protection officer ends posts."""
    return principal.is_(Role.PROTECTION_OFFICER, holding.organization_id)


def may_see_posts(principal: Principal, organization: Organization) -> bool:
    """Those who run the organization see who holds which post."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def may_see_joiners_and_leavers(principal: Principal, organization: Organization) -> bool:
    """The protection officer for everyone, a head for the own centers; which those are, the view narrows."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(Role.CENTER_HEAD, organization.id)


def may_run_center(principal: Principal, center: Center) -> bool:
    """The head of the center, and the protection officer."""
    return principal.heads(center.organization_id, center.id) or principal.is_(
        Role.PROTECTION_OFFICER, center.organization_id
    )


def may_settle(principal: Principal, item: LentItem) -> bool:
    """Heads and the protection officer; whether it is the head's own worker, the view checks."""
    return principal.is_(Role.PROTECTION_OFFICER, item.organization_id) or principal.is_(
        Role.CENTER_HEAD, item.organization_id
    )


def may_withdraw(principal: Principal, record: JoiningRecord) -> bool:
    """Heads and the protection officer; whether it is the head's own worker, the view checks."""
    return principal.is_(Role.PROTECTION_OFFICER, record.organization_id) or principal.is_(
        Role.CENTER_HEAD, record.organization_id
    )
