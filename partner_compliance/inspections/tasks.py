"""What inspections, findings, requests and objections ask of whom, for the home page."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role
from partner_compliance.inspections import queries
from partner_compliance.inspections.queries import DemandLine
from partner_compliance.reminders.tasks import Task


def tasks_of(session: Session, principal: Principal, *, today: date) -> list[Task]:
    """What the reader has to do, for an organization or for a municipality."""
    if principal.kiosk_id is not None:
        return []
    found: list[Task] = []
    officer_of = _organizations_as(principal, Role.PROTECTION_OFFICER)
    speaks_for = principal.spoken_for
    if speaks_for:
        found += [
            Task(
                f"{each.municipality}の調査が開かれています",
                f"{clock.era_date(each.inspection.open_until_on)}まで、{clock.screen_month(each.inspection.from_month)}"
                f"から{clock.screen_month(each.inspection.until_month)}までの個人の記録が、自治体の担当者に見られます。",
                "調査の内容を見る",
                "inspections.show",
                {"inspection_id": each.inspection.id},
                each.inspection.open_until_on,
            )
            for each in queries.open_for_partners(session, speaks_for, today=today)
        ]
        found += [
            _to_answer(each, today)
            for each in queries.demands_for_partners(session, speaks_for)
            if not each.is_finding or each.demand.organization_id in officer_of
        ]
    if principal.municipality_ids:
        found += _of_municipalities(session, principal, today)
    return found


def _organizations_as(principal: Principal, role: Role) -> set[UUID]:
    return {
        held.organization_id
        for held in principal.standings
        if held.role is role and held.organization_id and not held.network_id
    }


def _to_answer(line: DemandLine, today: date) -> Task:
    what = "調査の指摘" if line.is_finding else "改善依頼"
    back = "差し戻された" if line.last is not None else ""
    return Task(
        f"{line.municipality}からの{back}{what}に回答する",
        (line.demand.what or "")[:80],
        "読んで回答する",
        "inspections.demand",
        {"demand_id": line.demand.id},
        line.due_on,
        "urgent" if line.is_overdue(today) else "normal",
    )


def _of_municipalities(session: Session, principal: Principal, today: date) -> list[Task]:
    ids = principal.municipality_ids
    found = [
        Task(
            f"{each.organization}の調査のまとめを書く",
            f"{each.state(today).label}。まとめを書くと、調査が終了します。",
            "まとめを書く",
            "inspections.close",
            {"inspection_id": each.inspection.id},
            tone="urgent",
        )
        for each in queries.waiting_for_closing(session, ids, today=today)
    ]
    found += [
        Task(
            f"{each.organization}から{'指摘' if each.is_finding else '改善依頼'}への回答が届いています",
            "内容を読み、完了にするか、差し戻すかを決めてください。",
            "回答を読む",
            "inspections.demand",
            {"demand_id": each.demand.id},
        )
        for each in queries.answers_for_municipalities(session, ids)
    ]
    return found + [
        Task(
            f"{each.organization}から、準備度の段階についての申出が届いています",
            f"基準 {each.objection.criterion} {each.objection.criterion_title}",
            "読んで回答する",
            "inspections.objection",
            {"objection_id": each.objection.id},
        )
        for each in queries.unanswered_objections(session, ids)
    ]
