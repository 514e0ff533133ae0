"""What courses ask of whom: taking them, and of those who see to training the people without a valid one."""

from datetime import date

from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.clock import era_date
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.reminders.tasks import Task
from partner_compliance.training import measures, queries
from partner_compliance.training.words import State

#: Up to so many courses are shown one by one; more are one task, so that the page stays short.
ONE_BY_ONE = 2


def tasks_of(session: Session, principal: Principal, library: Library, *, today: date) -> list[Task]:
    """What the reader is asked to take, and how many lack the course on joining where the reader is the officer."""
    found = _own(session, principal, library, today) if principal.worker_ids else []
    if principal.kiosk_id is None:
        found += _missing(session, principal, today)
    return found


def _own(session: Session, principal: Principal, library: Library, today: date) -> list[Task]:
    keys = sorted({(held.organization_id, held.worker_id) for held in principal.standings if held.worker_id})
    workers = [session.get_one(Worker, key) for key in keys]
    duties = queries.Duties(session, workers, on=today)
    due = [duty for worker in workers for duty in duties.of(worker) if duty.state is not State.VALID]
    if not due:
        return []
    courses = {each.key: each for each in library.courses_for(today)}
    if any(duty.course_key.startswith(queries.OWN) for duty in due):
        for own in queries.own_offered(session, {each.organization_id for each in workers}, on=today).values():
            courses |= {key: each.course for key, each in own.items()}
    due = [duty for duty in due if duty.course_key in courses]
    late = any(duty.state is State.OVERDUE for duty in due)
    if len(due) > ONE_BY_ONE:
        first = min(duty.due_on for duty in due)
        said = (
            "一つ5分から10分です。期限が過ぎた講座があります。"
            if late
            else "一つ5分から10分です。少しずつ受けられます。"
        )
        return [
            Task(
                f"受ける講座が{len(due)}つあります", said, "講座を開く", "training.own", {}, first,
                "urgent" if late else "normal",
            )
        ]  # fmt: skip
    return [
        Task(
            f"講座: {courses[duty.course_key].title}",
            "期限が過ぎています。早めに受けてください。" if duty.state is State.OVERDUE
            else f"{era_date(duty.due_on)}までに受けてください。",
            f"受ける（{courses[duty.course_key].minutes}分）", "training.begin",
            {"organization_id": duty.worker.organization_id, "key": duty.course_key}, duty.due_on,
            "urgent" if duty.state is State.OVERDUE else "normal",
        )
        for duty in due
    ]  # fmt: skip


def _missing(session: Session, principal: Principal, today: date) -> list[Task]:
    officer_of = sorted(
        {
            held.organization_id
            for held in principal.standings
            if held.role is Role.PROTECTION_OFFICER and held.organization_id
        }
    )
    if not officer_of:
        return []
    return [
        Task(
            f"加入時の研修が有効でない取扱者が{row.denominator - row.numerator}人います",
            "受けるまで、個人情報を扱う人として数えられません。集まりや紙でも受けられます。", "研修を開く",
            "training.index", {"organization_id": row.organization_id}, tone="urgent",
        )
        for row in session.execute(measures.entry_course(today, officer_of, handlers_only=True))
        if row.numerator < row.denominator
    ]  # fmt: skip
