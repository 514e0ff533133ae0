"""What the home page says of a level that is about to fall: fourteen days before it does (DOMAIN §6, fairness)."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance.access import Principal
from partner_compliance.readiness.standing import ReadinessStanding
from partner_compliance.reminders.tasks import Task

#: So long before, somebody is told.
NOTICE = timedelta(days=14)


def tasks_of(session: Session, principal: Principal, *, today: date) -> list[Task]:
    """For those who keep an organization's rules in order, its level if something of it ends within the notice.

    One statement, from the levels that were counted since midnight; nothing for whom none was counted.
    """
    keeps = sorted(principal.spoken_for)
    if not keeps:
        return []
    rows = session.execute(
        select(ReadinessStanding.organization_id, ReadinessStanding.level, ReadinessStanding.lapses_on).where(
            ReadinessStanding.organization_id.in_(keeps),
            ReadinessStanding.as_of == today,
            ReadinessStanding.level > 0,
            ReadinessStanding.lapses_on <= today + NOTICE,
        )
    )
    return [
        Task(
            f"段階{level}が下がる前に、準備度を確かめる",
            "このままだと、期限が来て満たさなくなる基準があります。",
            "準備度を開く",
            "readiness.show",
            {"organization_id": organization_id},
            lapses_on,
            "urgent",
        )
        for organization_id, level, lapses_on in rows
    ]
