"""Who may do what with engagements, places and notices. Each rule answers yes or no, and does nothing else."""

from uuid import UUID

from partner_compliance.access import Principal, Role
from partner_compliance.engagements.models import Place, PlaceNotice
from partner_compliance.organizations.models import Engagement, Municipality, Organization


def _runs(principal: Principal, organization_id: UUID) -> bool:
    roles = (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    return any(principal.is_(role, organization_id) for role in roles)


# --- engagements ------------------------------------------------------------------------------------------------


def may_see_engagements(principal: Principal, organization: Organization) -> bool:
    """Those who run the organization or one of its centers know with whom it works, and on what terms."""
    return _runs(principal, organization.id)


def may_see_proposals(principal: Principal, municipality: Municipality) -> bool:
    """The officers of a municipality see its engagements and notices, and propose new ones."""
    return municipality.id in principal.municipality_ids


def may_read(principal: Principal, engagement: Engagement) -> bool:
    """Both sides read the engagement: its municipality's officers, and those who run the organization."""
    return may_amend(principal, engagement) or _runs(principal, engagement.organization_id)


def may_answer(principal: Principal, engagement: Engagement) -> bool:
    """The protection officer or the representative accepts and declines for the organization."""
    return engagement.organization_id in principal.spoken_for


def may_amend(principal: Principal, engagement: Engagement) -> bool:
    """The officers of the municipality propose changes and record the contract's clauses."""
    return engagement.municipality_id in principal.municipality_ids


def may_end(principal: Principal, engagement: Engagement) -> bool:
    """Either side ends it early."""
    return may_amend(principal, engagement) or may_answer(principal, engagement)


def may_assign(principal: Principal, engagement: Engagement) -> bool:
    """The protection officer says which centers and posts are concerned."""
    return principal.is_(Role.PROTECTION_OFFICER, engagement.organization_id)


def may_keep_code(principal: Principal, organization: Organization) -> bool:
    """The protection officer sees and renews the code by which municipalities name the organization."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


# --- places and notices -----------------------------------------------------------------------------------------


def may_keep_places(principal: Principal, organization: Organization) -> bool:
    """The protection officer keeps the list of places."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id)


def may_see_place(principal: Principal, place: Place) -> bool:
    """Those who run the organization or one of its centers."""
    return _runs(principal, place.organization_id)


def may_change_place(principal: Principal, place: Place) -> bool:
    """The protection officer keeps the list of places."""
    return principal.is_(Role.PROTECTION_OFFICER, place.organization_id)


def may_read_notice(principal: Principal, notice: PlaceNotice) -> bool:
    """Both sides read a notice."""
    return may_answer_notice(principal, notice) or _runs(principal, notice.organization_id)


def may_answer_notice(principal: Principal, notice: PlaceNotice) -> bool:
    """The officers of the municipality it is addressed to."""
    return notice.municipality_id in principal.municipality_ids
