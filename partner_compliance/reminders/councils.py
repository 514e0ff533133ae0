"""What councils ask of organizations: a reply to the request to be a member."""

from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.councils import queries
from partner_compliance.reminders.tasks import Task


def tasks_of(session: Session, principal: Principal) -> list[Task]:
    """Requests that wait for the reader's organizations to reply."""
    spoken_for = {
        held.organization_id
        for held in principal.standings
        if held.role in (Role.REPRESENTATIVE, Role.PROTECTION_OFFICER) and held.organization_id and not held.network_id
    }
    if not spoken_for or principal.kiosk_id is not None:
        return []
    return [
        Task(
            "協議会の構成員になる承諾のお願いが届いています",
            f"{each.municipality}の{each.request.council}です。文面を読んで、承諾するか辞退するかを回答してください。",
            "読んで回答する",
            "councils.membership",
            {"request_id": each.request.id},
        )
        for each in queries.waiting_for(session, spoken_for)
    ]
