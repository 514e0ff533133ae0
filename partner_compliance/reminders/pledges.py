"""What pledges ask of whom: the own signature, and of heads and officers those who are missing."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.clock import era_date
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.pledges import measures, queries
from partner_compliance.reminders.tasks import Task


def tasks_of(session: Session, principal: Principal, library: Library, *, today: date) -> list[Task]:
    """What the reader is asked to sign, and who is missing where the reader looks after people."""
    found = _own(session, principal, library, today) if principal.worker_ids else []
    if principal.kiosk_id is None:
        found += _missing(session, principal, library, today)
    return found


def _own(session: Session, principal: Principal, library: Library, today: date) -> list[Task]:
    keys = sorted({(held.organization_id, held.worker_id) for held in principal.standings if held.worker_id})
    workers = [session.get_one(Worker, key) for key in keys]
    tasks = []
    for dues in queries.dues_of(session, library, workers, today=today).values():
        for due in dues:
            values: dict[str, object] = {"worker_id": due.worker.id, "occasion": due.asked.occasion.value}
            what = f"{due.asked.occasion.label}の誓約"
            if due.asked.engagement is not None:
                values["engagement"] = due.asked.engagement.id
                what = f"事業の誓約: {due.asked.engagement.title}"
            said = f"{era_date(due.due_on)}までに、文面を読んで署名してください。"
            if due.is_overdue:
                said = "期限が過ぎています。文面を読んで、早めに署名してください。"
            tone = "urgent" if due.is_overdue else "normal"
            tasks.append(Task(what, said, "読んで署名する", "pledges.sign", values, due.due_on, tone))
    return tasks


def _missing(session: Session, principal: Principal, library: Library, today: date) -> list[Task]:
    officer_of = {
        held.organization_id
        for held in principal.standings
        if held.role is Role.PROTECTION_OFFICER and held.organization_id
    }
    centers: dict[UUID, set[UUID]] = {each: set() for each in officer_of}
    for organization_id, center_id in principal.headed_centers:
        if organization_id not in officer_of:
            centers.setdefault(organization_id, set()).add(center_id)
    if not centers:
        return []
    counts = session.execute(measures.unsigned(today, library, centers, but=principal.worker_ids))
    return [
        Task(
            f"誓約に署名していない方が{count}人います",
            "説明を記録し、署名をお願いしてください。紙の誓約は、まとめて印刷できます。",
            "誓約の状況を開く",
            "pledges.coverage",
            {"organization_id": organization_id},
            tone="urgent" if without else "normal",
        )
        for organization_id, count, without in counts
    ]
