"""Who may do what with rules. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.rulebooks.models import RuleDraft, RuleVersion


def works(principal: Principal) -> bool:
    """Whoever is on a roster has rules to know."""
    return bool(principal.worker_ids)


def may_see_rules(principal: Principal, organization: Organization) -> bool:
    """Everyone of the organization, and the municipalities it works with."""
    return organization.id in principal.organization_ids or bool(principal.municipality_ids)


def may_read(principal: Principal, version: RuleVersion) -> bool:
    """Everyone of the organization, and the municipalities it works with (C01)."""
    return version.organization_id in principal.organization_ids or bool(principal.municipality_ids)


def may_keep(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative write rules and record their adoption."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_write(principal: Principal, draft: RuleDraft) -> bool:
    """The same, for one draft."""
    return principal.is_(Role.PROTECTION_OFFICER, draft.organization_id) or principal.is_(
        Role.REPRESENTATIVE, draft.organization_id
    )


def may_read_draft(principal: Principal, draft: RuleDraft) -> bool:
    """Those who write it, and the heads, who know where it would pinch."""
    return may_write(principal, draft) or principal.is_(Role.CENTER_HEAD, draft.organization_id)


def may_publish(principal: Principal, version: RuleVersion) -> bool:
    """The protection officer and the representative, for one version."""
    return principal.is_(Role.PROTECTION_OFFICER, version.organization_id) or principal.is_(
        Role.REPRESENTATIVE, version.organization_id
    )


def may_acknowledge(principal: Principal, version: RuleVersion) -> bool:
    """Whoever is on the organization's roster, for oneself."""
    return any(
        held.worker_id is not None and held.organization_id == version.organization_id for held in principal.standings
    )


def may_see_coverage(principal: Principal, organization: Organization) -> bool:
    """Those who run the organization or one of its centers; which centers, the view narrows."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def sees_everyone(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative see every center."""
    return may_keep(principal, organization)


def may_enter_paper(principal: Principal, worker: Worker) -> bool:
    """The officer for everyone, the head for the own center; nobody enters an own paper."""
    return worker.id not in principal.worker_ids and (
        principal.is_(Role.PROTECTION_OFFICER, worker.organization_id)
        or principal.is_(Role.REPRESENTATIVE, worker.organization_id)
        or principal.heads(worker.organization_id, worker.center_id)
    )


def may_see_paper(principal: Principal, version: RuleVersion, worker: Worker) -> bool:
    """The same, for a version of the person's organization."""
    return version.organization_id == worker.organization_id and may_enter_paper(principal, worker)
