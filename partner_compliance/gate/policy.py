"""Who may ask the gate, set requirements and decide. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.gate.models import InterimAcceptance, ShareDecision
from partner_compliance.organizations.models import Municipality, Organization


def may_run(principal: Principal, municipality: Municipality) -> bool:
    """The officers of the municipality ask, set requirements and decide."""
    return municipality.id in principal.municipality_ids


def may_ask_about(principal: Principal, municipality: Municipality, organization: Organization) -> bool:
    """As all partners; that the organization is one today, the operation asks the database."""
    return may_run(principal, municipality)


def may_end(principal: Principal, acceptance: InterimAcceptance) -> bool:
    """The side that gave it."""
    return acceptance.municipality_id in principal.municipality_ids


def may_see_of_organization(principal: Principal, organization: Organization) -> bool:
    """Those who speak for the organization, and the heads of its centers, who keep what is shared."""
    return any(
        principal.is_(role, organization.id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def may_see(principal: Principal, decision: ShareDecision) -> bool:
    """Both sides: officers of the municipality, and those who speak for the organization or head a center."""
    return is_municipal(principal, decision) or any(
        principal.is_(role, decision.organization_id)
        for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    )


def speaks_for_partner(principal: Principal, decision: ShareDecision) -> bool:
    """The representative and the protection officer take note for the organization."""
    return decision.organization_id in principal.spoken_for


def is_municipal(principal: Principal, decision: ShareDecision) -> bool:
    """The side that decided."""
    return decision.municipality_id in principal.municipality_ids


def may_review(principal: Principal, decision: ShareDecision) -> bool:
    """Another officer of the municipality than the one who decided (DESIGN §1, move 4)."""
    return is_municipal(principal, decision) and principal.user_id != decision.by_id
