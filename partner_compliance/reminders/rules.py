"""What rules ask of whom: reading them, writing them, reviewing them every year, helping others with theirs."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.clock import era_date
from partner_compliance.kits.models import DraftOpening
from partner_compliance.organizations.models import Worker
from partner_compliance.reminders.tasks import Task
from partner_compliance.rulebooks import measures, queries


def tasks_of(session: Session, principal: Principal, *, today: date) -> list[Task]:
    """What the reader is asked to read, and what the rules of the reader's organizations need."""
    found = _own(session, principal, today) if principal.worker_ids else []
    if principal.kiosk_id is None:
        keeps = sorted(
            {
                held.organization_id
                for held in principal.standings
                if held.role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE) and held.organization_id
            }
        )
        if keeps:
            found += _of_organizations(session, keeps, today)
    return found


def _own(session: Session, principal: Principal, today: date) -> list[Task]:
    keys = sorted({(held.organization_id, held.worker_id) for held in principal.standings if held.worker_id})
    workers = [session.get_one(Worker, key) for key in keys]
    tasks = []
    for dues in queries.dues_of(session, workers, today=today).values():
        for due in dues:
            said = "団体の規程を読んで、3つの質問に答えてください。5分ほどで終わります。"
            if due.due_on is not None:
                said = f"規程が変わりました。{era_date(due.due_on)}までに読んでください。"
            tasks.append(
                Task(
                    f"{due.version.title}を読む", said, "読んで答える", "rulebooks.acknowledge",
                    {"version_id": due.version.id}, due.due_on, "urgent" if due.is_overdue else "normal",
                )
            )  # fmt: skip
    return tasks


def _of_organizations(session: Session, keeps: list[UUID], today: date) -> list[Task]:
    tasks = []
    adopted = {row.organization_id: row for row in session.execute(measures.rules_adopted(today, keeps))}
    known = {row.organization_id: row for row in session.execute(measures.rules_acknowledged(today, keeps))}
    for organization_id in keeps:
        values: dict[str, object] = {"organization_id": organization_id}
        held = adopted.get(organization_id)
        if held is None or held.numerator < held.denominator:
            tasks.append(
                Task(
                    "団体の規程をととのえる", "二つの規程を採択すると、自治体に見せられるようになります。",
                    "団体の規程を開く", "rulebooks.index", values,
                )
            )  # fmt: skip
        elif held.lapses_on is not None and held.lapses_on <= today + queries.SAY_BEFORE:
            late = held.lapses_on < today
            tasks.append(
                Task(
                    "規程を見直す", f"見直しの期限は{era_date(held.lapses_on)}です。変えないときも、記録してください。",
                    "団体の規程を開く", "rulebooks.index", values, held.lapses_on, "urgent" if late else "normal",
                )
            )  # fmt: skip
        row = known.get(organization_id)
        if row is not None and row.numerator < row.denominator:
            tasks.append(
                Task(
                    f"規程を確認していない方が{row.denominator - row.numerator}人います",
                    "声をかけるか、1枚の要約を印刷して渡してください。", "確認状況を開く", "rulebooks.coverage", values,
                )
            )  # fmt: skip
    opened = session.scalars(
        select(DraftOpening.mentor_id)
        .where(DraftOpening.mentor_id.in_(keeps), DraftOpening.closed_at.is_(None))
        .distinct()
    )
    tasks += [
        Task(
            "規程の下書きへのコメントを頼まれています", "キットを取り入れた団体からのお願いです。", "下書きを読む",
            "kits.mentoring", {"organization_id": mentor_id},
        )
        for mentor_id in opened
    ]  # fmt: skip
    return tasks
