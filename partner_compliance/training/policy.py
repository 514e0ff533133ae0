"""Who may do what with courses. Each rule answers yes or no, and does nothing else."""

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.training.models import (
    CourseAssignment,
    CourseAttempt,
    CourseResult,
    OfficerAttempt,
    OfficerResult,
    OwnCourse,
    TrainingSession,
)


def takes_courses(principal: Principal) -> bool:
    """Whoever is on a roster, and municipal officers."""
    return bool(principal.worker_ids) or bool(principal.municipality_ids)


def may_take_in(principal: Principal, organization: Organization) -> bool:
    """Whoever is on the organization's roster, for oneself."""
    return any(held.worker_id is not None and held.organization_id == organization.id for held in principal.standings)


def may_take(principal: Principal, attempt: CourseAttempt) -> bool:
    """One's own attempt, and nobody else's."""
    return attempt.worker_id in principal.worker_ids


def may_take_as_officer(principal: Principal, municipality: Municipality) -> bool:
    """The officers of the municipality."""
    return municipality.id in principal.municipality_ids


def may_go_on_as_officer(principal: Principal, attempt: OfficerAttempt) -> bool:
    """One's own attempt, and nobody else's."""
    return attempt.user_id == principal.user_id and attempt.municipality_id in principal.municipality_ids


def may_keep(principal: Principal, organization: Organization) -> bool:
    """The protection officer and the representative say who takes what, and write own courses."""
    return principal.is_(Role.PROTECTION_OFFICER, organization.id) or principal.is_(
        Role.REPRESENTATIVE, organization.id
    )


def may_end(principal: Principal, assignment: CourseAssignment) -> bool:
    """The same, for one assignment."""
    return principal.is_(Role.PROTECTION_OFFICER, assignment.organization_id) or principal.is_(
        Role.REPRESENTATIVE, assignment.organization_id
    )


def may_write(principal: Principal, course: OwnCourse) -> bool:
    """The same, for one own course."""
    return principal.is_(Role.PROTECTION_OFFICER, course.organization_id) or principal.is_(
        Role.REPRESENTATIVE, course.organization_id
    )


def may_lead(principal: Principal, organization: Organization) -> bool:
    """Those who run the organization or one of its centers; which centers, the view narrows."""
    return may_keep(principal, organization) or principal.is_(Role.CENTER_HEAD, organization.id)


def may_record(principal: Principal, session: TrainingSession) -> bool:
    """The protection officer and the representative; the head for a session of the own center."""
    organization_id = session.organization_id
    if principal.is_(Role.PROTECTION_OFFICER, organization_id) or principal.is_(Role.REPRESENTATIVE, organization_id):
        return True
    return session.center_id is not None and principal.heads(organization_id, session.center_id)


def may_see_result(principal: Principal, result: CourseResult) -> bool:
    """One's own, and those of the people one looks after."""
    return (
        result.worker_id in principal.worker_ids
        or principal.is_(Role.PROTECTION_OFFICER, result.organization_id)
        or principal.is_(Role.REPRESENTATIVE, result.organization_id)
        or principal.heads(result.organization_id, result.center_id)
    )


def may_see_officer_result(principal: Principal, result: OfficerResult) -> bool:
    """One's own."""
    return result.user_id == principal.user_id and result.municipality_id in principal.municipality_ids


def may_cancel(principal: Principal, result: CourseResult) -> bool:
    """The protection officer and the representative, but nobody the own one."""
    return result.worker_id not in principal.worker_ids and (
        principal.is_(Role.PROTECTION_OFFICER, result.organization_id)
        or principal.is_(Role.REPRESENTATIVE, result.organization_id)
    )
