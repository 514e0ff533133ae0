"""Who may do what with council papers. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.councils.models import CaseMeeting, CouncilRequest, MeetingSeat
from partner_compliance.organizations.models import Municipality, Organization


def may_run(principal: Principal, municipality: Municipality) -> bool:
    """The officers of the municipality run its council."""
    return municipality.id in principal.municipality_ids


def may_run_meeting(principal: Principal, meeting: CaseMeeting) -> bool:
    """The officers of the municipality whose council meets."""
    return meeting.municipality_id in principal.municipality_ids


def may_run_seat(principal: Principal, seat: MeetingSeat) -> bool:
    """The officers of the municipality whose council meets."""
    return seat.municipality_id in principal.municipality_ids


def may_see_requests(principal: Principal, organization: Organization) -> bool:
    """The representative and the protection officer."""
    return organization.id in principal.spoken_for


def may_see(principal: Principal, request: CouncilRequest) -> bool:
    """Both sides: officers of the municipality, representative and protection officer of the organization."""
    return is_municipal(principal, request) or may_reply(principal, request)


def may_reply(principal: Principal, request: CouncilRequest) -> bool:
    """The representative consents on screen; the protection officer enters what the representative signed on paper."""
    return request.organization_id in principal.spoken_for


def represents(principal: Principal, request: CouncilRequest) -> bool:
    """Whoever consents with the own name."""
    return principal.is_(Role.REPRESENTATIVE, request.organization_id)


def is_municipal(principal: Principal, request: CouncilRequest) -> bool:
    """The side that asked."""
    return request.municipality_id in principal.municipality_ids
