"""Who may look into the municipality's room. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.sharing.models import SavedView


def may_see_partners(principal: Principal, municipality: Municipality) -> bool:
    """The officers of a municipality see its partners."""
    return municipality.id in principal.municipality_ids


def may_see_partner(principal: Principal, municipality: Municipality, organization: Organization) -> bool:
    """As all partners; that the organization is one today, the view asks the database."""
    return may_see_partners(principal, municipality)


def may_use_view(principal: Principal, view: SavedView) -> bool:
    """Whoever saved it; where it is shared, every officer of the municipality."""
    return view.municipality_id in principal.municipality_ids and (view.is_shared or view.by_id == principal.user_id)
