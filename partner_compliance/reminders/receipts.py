"""What hand-over receipts ask of whom: a word on what was handed over, an end that is due, an end to acknowledge."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role
from partner_compliance.receipts import policy, queries
from partner_compliance.receipts.words import Side, State
from partner_compliance.reminders.tasks import Task

#: So many receipts become tasks of their own; the rest stands in the register.
MOST = 10


def tasks_of(session: Session, principal: Principal, *, today: date) -> list[Task]:
    """What waits for the reader's word, and what should have ended by now; in at most four statements."""
    organizations = {
        held.organization_id
        for held in principal.standings
        if held.organization_id
        and not held.network_id
        and held.role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
        and principal.kiosk_id is None
    }
    if not principal.worker_ids and not principal.municipality_ids:
        return []
    found = [
        Task(
            f"授受の確認: {clock.short_date(receipt.handed_on)}の預かり証",
            f"{receipt.written_by_name}さんが書きました。書かれたものと同じかどうかを確かめてください。",
            "内容を見て確認する",
            "receipts.show",
            {"receipt_id": receipt.id},
        )
        for receipt in queries.waiting_receipts(
            session,
            workers=principal.worker_ids,
            organizations=organizations,
            municipalities=principal.municipality_ids,
            limit=MOST * 2,
        )
        # Whoever wrote it has confirmed with it: the other side's word is awaited.
        if receipt.written_side.other in policy.sides_of(principal, receipt)
    ][:MOST]
    if principal.worker_ids:
        found += _own(session, principal, organizations, today)
    if organizations:
        found += _of_organizations(session, organizations, today)
    if principal.municipality_ids:
        found += _of_municipalities(session, principal, today)
    return found


def _own(session: Session, principal: Principal, organizations: set[UUID], today: date) -> list[Task]:
    """What the reader has received and should have returned or destroyed; officers see it with all the others."""
    return [
        Task(
            f"預かりものの期日が過ぎています: {each.item.description or queries.record_number(each.receipt)}",
            f"期日は{clock.era_date(each.line.end_by_on)}でした。返却・廃棄して、記録してください。",
            "開く",
            "receipts.show",
            {"receipt_id": each.receipt.id},
            each.line.due_on,
            "urgent",
        )
        for each in queries.own_lines(session, principal.worker_ids, principal.organization_ids, limit=MOST)
        if each.line.state is State.HELD
        and each.is_overdue(today)
        and each.line.organization_id not in organizations
        and Side.RECEIVER in policy.sides_of(principal, each.receipt)
    ]


def _of_organizations(session: Session, organizations: set[UUID], today: date) -> list[Task]:
    pressing = queries.pressing_of_organizations(session, organizations, today=today)
    return [
        Task(
            f"返却・廃棄の期日を過ぎた預かりものが{each.overdue}件あります",
            "すぐに返却・廃棄して、記録してください。記録は、渡した自治体にも表示されます。",
            "授受簿を開く",
            "receipts.register",
            {"organization_id": organization_id, "state": "overdue"},
            tone="urgent",
        )
        for organization_id, each in pressing.items()
        if each.overdue
    ]


def _of_municipalities(session: Session, principal: Principal, today: date) -> list[Task]:
    tasks = []
    for municipality_id, each in queries.pressing_of_municipalities(
        session, principal.municipality_ids, today=today
    ).items():
        values: dict[str, object] = {"municipality_id": municipality_id}
        if each.overdue:
            tasks.append(
                Task(
                    f"返却・廃棄の期日を過ぎた授受が{each.overdue}件あります",
                    "団体に連絡して、いまどこにあるかを確かめてください。",
                    "授受簿を開く",
                    "receipts.of_municipality",
                    {**values, "state": "overdue"},
                    tone="urgent",
                )
            )
        if each.unacknowledged:
            tasks.append(
                Task(
                    f"返却・廃棄の記録が{each.unacknowledged}件届いています",
                    "内容を読み、確認を記録してください。",
                    "授受簿を開く",
                    "receipts.of_municipality",
                    {**values, "direction": "from_municipality"},
                )
            )
    return tasks
