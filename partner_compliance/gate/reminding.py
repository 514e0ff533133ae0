"""What sharing has for the home page: emergencies to look at, what is not back, what partners have not read."""

from datetime import date

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal
from partner_compliance.gate import queries
from partner_compliance.reminders.tasks import Task


def tasks_of(session: Session, principal: Principal, *, today: date) -> list[Task]:
    """The reader's tasks, in one statement for each side, whatever the number of decisions."""
    found: list[Task] = []
    if principal.municipality_ids:
        for due in queries.due_of(session, principal.municipality_ids, principal.user_id, today):
            found += _of_municipality(due)
    if principal.spoken_for:
        found += [_to_read(story) for story in queries.unseen_by(session, principal.spoken_for)]
    return found


def _of_municipality(due: queries.Due) -> list[Task]:
    tasks = []
    here: dict[str, object] = {"municipality_id": due.municipality_id}
    if due.reviews and due.review_by:
        tasks.append(
            Task(
                "緊急の共有を、事後に確かめる",
                f"{due.reviews}件が待っています。{clock.screen_moment(due.review_by)}までに確かめてください。",
                "一覧を開く",
                "gate.decisions",
                {**here, "show": "review"},
                clock.local_date(due.review_by),
                "urgent",
            )
        )
    if due.overdue:
        tasks.append(
            Task(
                "返却・廃棄の期限を過ぎた共有を確かめる",
                f"{due.overdue}件の期限が過ぎています。団体に確かめてください。",
                "一覧を開く",
                "gate.decisions",
                {**here, "show": "overdue"},
                None,
                "urgent",
            )
        )
    if due.ending:
        tasks.append(
            Task(
                "もうすぐ期限が来る共有を確かめる",
                f"7日以内に期限が来るものが{due.ending}件あります。",
                "一覧を開く",
                "gate.decisions",
                {**here, "show": "due"},
            )
        )
    if due.fallen:
        tasks.append(
            Task(
                "共有した後に変わった団体を見直す",
                f"共有した後に、段階が下がったか連携が終わったものが{due.fallen}件あります。続けるか止めるかを決めてください。",
                "一覧を開く",
                "gate.lapses",
                here,
                None,
                "urgent",
            )
        )
    return tasks


def _to_read(story: queries.Story) -> Task:
    decision = story.decision
    return Task(
        f"{story.municipality}からの共有を確認する",
        f"「{decision.data_class.label}」を{decision.mode.label}で共有することが決まりました。守ることを確かめてください。",
        "内容を確認する",
        "gate.decision",
        {"decision_id": decision.id},
        decision.until_on,
    )
