"""Who may look into the municipality's room. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal
from partner_compliance.organizations.models import Municipality, Organization


def may_see_partners(principal: Principal, municipality: Municipality) -> bool:
    """The officers of a municipality see its partners."""
    return municipality.id in principal.municipality_ids


def may_see_partner(principal: Principal, municipality: Municipality, organization: Organization) -> bool:
    """As all partners; that the organization is one today, the view asks the database."""
    return may_see_partners(principal, municipality)
