"""Who may do what with inspections and what is asked. Each rule answers yes or no, and does nothing else.

Whether an inspection is open, and the engagement valid, the operations and queries ask.
"""

from partner_compliance.access import Principal, Role
from partner_compliance.inspections.models import Demand, Inspection, LevelObjection
from partner_compliance.organizations.models import Municipality, Organization


def may_inspect(principal: Principal, municipality: Municipality) -> bool:
    """The officers of the municipality open inspections and ask for improvements."""
    return municipality.id in principal.municipality_ids


def may_see_own(principal: Principal, organization: Organization) -> bool:
    """The representative and the protection officer see what concerns their organization, and object to levels."""
    return organization.id in principal.spoken_for


def may_see(principal: Principal, inspection: Inspection) -> bool:
    """Both sides see that there is an inspection and what came of it."""
    return may_look(principal, inspection) or may_see_views(principal, inspection)


def may_look(principal: Principal, inspection: Inspection) -> bool:
    """The officers of the municipality that inspects look at records, write findings and close."""
    return inspection.municipality_id in principal.municipality_ids


def may_see_views(principal: Principal, inspection: Inspection) -> bool:
    """The representative and the protection officer see who looked at what."""
    return inspection.organization_id in principal.spoken_for


def may_see_demand(principal: Principal, demand: Demand) -> bool:
    """Both sides see what is asked and what was answered."""
    return may_decide(principal, demand) or demand.organization_id in principal.spoken_for


def may_answer(principal: Principal, demand: Demand) -> bool:
    """A finding is answered by the protection officer, an improvement request by the representative too."""
    if demand.inspection_id is None:
        return demand.organization_id in principal.spoken_for
    return principal.is_(Role.PROTECTION_OFFICER, demand.organization_id)


def may_decide(principal: Principal, demand: Demand) -> bool:
    """The officers of the municipality that asked accept an answer, send it back, or take back what they asked."""
    return demand.municipality_id in principal.municipality_ids


def may_see_objection(principal: Principal, objection: LevelObjection) -> bool:
    """Both sides see an objection and its answer."""
    return may_answer_objection(principal, objection) or may_take_back(principal, objection)


def may_answer_objection(principal: Principal, objection: LevelObjection) -> bool:
    """The officers of the municipality to which it was made."""
    return objection.municipality_id in principal.municipality_ids


def may_take_back(principal: Principal, objection: LevelObjection) -> bool:
    """The side that objected."""
    return objection.organization_id in principal.spoken_for
