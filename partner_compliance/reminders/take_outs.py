"""What the ledger of take-outs asks of whom: leaving and coming back, permitting, looking for what is overdue."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role
from partner_compliance.reminders.tasks import Task
from partner_compliance.takeouts import queries as ledger
from partner_compliance.takeouts.words import State

#: So many rows of one's own become tasks; the rest stands on the page of the own take-outs.
MOST = 10


def tasks_of(session: Session, principal: Principal, *, today: date) -> list[Task]:
    """The reader's own open rows, and what waits for the reader's decision; in at most four statements."""
    if not principal.worker_ids:
        return []
    found = _own(session, principal, today)
    # At a shared tablet nobody is more than a worker.
    return found if principal.kiosk_id is not None else found + _decisions(session, principal, today)


def _own(session: Session, principal: Principal, today: date) -> list[Task]:
    tasks = []
    for row in ledger.own_lines(session, principal.worker_ids, principal.organization_ids, limit=MOST):
        what = row.take_out.description or ledger.record_number(row.take_out)
        values: dict[str, object] = {"take_out_id": row.take_out.id}
        if row.line.state is State.OUT:
            is_late = row.is_overdue(today)
            planned = clock.screen_moment(row.line.returns_at)
            text = (
                "返却の期限を過ぎています。戻っていたら、すぐに記録してください。" if is_late else f"返却予定 {planned}"
            )
            tone = "urgent" if is_late else "normal"
            tasks.append(
                Task(f"持ち出し中: {what}", text, "戻りました", "takeouts.come_back", values, row.line.due_on, tone)
            )
        elif row.line.state is State.PERMITTED and row.line.returns_at >= clock.start_of(today):
            leaves = clock.screen_moment(row.take_out.leaves_at)
            tasks.append(
                Task(
                    f"許可が出ました: {what}",
                    f"出発予定 {leaves}。出るときに押してください。",
                    "持ち出します",
                    "takeouts.depart",
                    values,
                    clock.local_date(row.take_out.leaves_at),
                )
            )
    return tasks


def _decisions(session: Session, principal: Principal, today: date) -> list[Task]:
    officer_of = {
        held.organization_id
        for held in principal.standings
        if held.organization_id and not held.network_id and held.role is Role.PROTECTION_OFFICER
    }
    centers = principal.headed_centers | ledger.substituted_centers(session, principal.worker_ids, today)
    asked = officer_of | {organization for organization, _ in centers}
    if not asked:
        return []
    waiting = ledger.how_much_waits(session, asked, but=principal.worker_ids, today=today)
    mine = [each for where, each in waiting.items() if where[0] in officer_of or where in centers]
    tasks = []
    if to_decide := sum(each.asked + each.unpermitted for each in mine):
        tasks.append(
            Task(
                f"{to_decide}件の持ち出しが、許可を待っています",
                "出発する前に、読んで決めてください。",
                "許可と確認を開く",
                "takeouts.decisions",
                {},
                tone="urgent",
            )
        )
    if overdue := sum(each.overdue for each in mine):
        tasks.append(
            Task(
                f"返却の期限を過ぎた持ち出しが{overdue}件あります",
                "ご本人に連絡して、いまどこにあるかを確かめてください。",
                "一覧を開く",
                "takeouts.decisions",
                {"_anchor": "waiting-caption"},
                tone="urgent",
            )
        )
    return tasks + _losses(session, principal, officer_of)


def _losses(session: Session, principal: Principal, officer_of: set[UUID]) -> list[Task]:
    where = officer_of | {organization for organization, _ in principal.headed_centers}
    if not where:
        return []
    found = [
        report
        for report, _ in ledger.open_losses(session, where)
        if report.organization_id in officer_of
        or (report.organization_id, report.center_id) in principal.headed_centers
    ]
    return [
        Task(
            f"返却の数が合わなかったものがあります（{clock.short_date(clock.local_date(report.opened_at))}）",
            f"持ち出した数 {report.expected}、戻った数 {report.found}。最初の30分にすることを確かめてください。",
            "いますぐ開く",
            "takeouts.loss",
            {"loss_id": report.id},
            tone="urgent",
        )
        for report in found
    ]
