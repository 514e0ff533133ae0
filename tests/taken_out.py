"""What the pages of take-outs are about, in the world of tests: rows in every state, a standing permission, a label."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from partner_compliance.access import Principal
from partner_compliance.database import begin_writing
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Center, Engagement, Organization, Worker
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.operations import Item
from partner_compliance.receipts.words import Direction, Ending, Method, Side
from partner_compliance.takeouts import keeping, operations, queries
from partner_compliance.takeouts.operations import Facts
from partner_compliance.takeouts.words import (
    ON_LEAVING,
    ON_RETURN,
    LossEntryKind,
    Medium,
    Protection,
    Reason,
    Shift,
)

#: What is on a receipt: records on paper, to be returned within the month.
RECORDS = Item(Medium.PAPER, DataClass.D4, 3, "相談記録の写し 3件", Ending.RETURN, date(2026, 12, 25))

#: Every check of every medium, as somebody ticks them all.
ALL_CHECKS = frozenset(each.key for listed in (ON_LEAVING, ON_RETURN) for checks in listed.values() for each in checks)


def some_facts(leaves_at: datetime, **changed: Any) -> Facts:
    """Three records on paper, for an afternoon."""
    facts: dict[str, Any] = {
        "medium": Medium.PAPER,
        "count": 3,
        "data_class": DataClass.D4,
        "description": "訪問記録 3件",
        "reason": Reason.VISIT,
        "purpose": "家庭訪問で前回の約束を確かめる",
        "destination": "東地区の訪問先",
        "leaves_at": leaves_at,
        "returns_at": leaves_at + timedelta(hours=4),
        "route": "車で直行直帰",
        "companions": "北 代表",
    }
    return Facts(**facts | changed)


def handed_over(
    session: Session,
    engagement: Engagement,
    people: dict[str, Worker],
    who: dict[str, Principal],
    *,
    now: datetime,
) -> dict[str, UUID]:
    """A receipt that waits for the worker's word, and one of the municipality's of which a part was returned."""
    begin_writing(session)
    organization = session.get_one(Organization, engagement.organization_id)
    today, officer = date(2026, 11, 27), people["officer"]
    giver, receiver = people["drafting"], people["worker"]
    inside = receipts.Facts(Direction.INSIDE, today, "引き継ぎ", [RECORDS], giver=giver, receiver=receiver)
    waiting = receipts.write(
        session, organization, inside, side=Side.GIVER, by=who["drafting"], now=now, request_key=uuid4()
    )
    from_city = receipts.Facts(
        Direction.FROM_MUNICIPALITY,
        today,
        "見守り訪問の準備",
        [RECORDS, RECORDS],
        receiver=officer,
        engagement=engagement,
    )
    held = receipts.write(
        session, organization, from_city, side=Side.RECEIVER, by=who["officer"], now=now, request_key=uuid4()
    )
    receipts.confirm_on_paper(session, held, note="事務所の青いファイル", by=who["officer"], now=now)
    receipts.end(
        session,
        held,
        2,
        receipts.End(1, Method.BY_HAND, today, "市役所 太郎", True, "窓口で"),
        by=who["officer"],
        now=now,
    )
    receipts.extend(
        session, held, 2, until_on=date(2026, 12, 28), reason="訪問が延びたため", by=who["officer"], now=now
    )
    session.commit()
    return {"waiting receipt": waiting.id, "held receipt": held.id}


def in_the_world(
    session: Session, center: Center, worker: Worker, who: dict[str, Principal], drafting: Worker, *, now: datetime
) -> dict[str, UUID | str]:
    """One row in each state, and what heads keep; returns ids by what the access policy calls them."""
    begin_writing(session)
    by, head = who["worker"], who["head"]

    def asked(**changed: Any) -> Any:
        return operations.ask(
            session, worker, some_facts(now + timedelta(hours=2), **changed), by=by, now=now, request_key=uuid4()
        )

    waiting, permitted, outside, returned, lost = (asked(description=f"訪問記録 {count}件") for count in range(1, 6))
    for each in (permitted, outside, returned, lost):
        operations.permit(session, each, comment="気をつけて", by=head, now=now)
    for each in (outside, returned, lost):
        operations.depart(session, each, count=3, checks=ALL_CHECKS, comment="", by=by, now=now)
    for each, count in ((returned, 3), (lost, 2)):
        operations.come_back(session, each, count=count, checks=ALL_CHECKS, comment="数えました", by=by, now=now)
    operations.explain(session, returned, comment="雨のため遅れました", by=by, now=now)
    stick = {"medium": Medium.STICK, "reason": Reason.NO_NETWORK, "protections": frozenset({Protection.ENCRYPTED})}
    unasked = some_facts(now - timedelta(days=2), **stick)
    operations.write_afterwards(
        session, worker, unasked, returned_at=None, explanation="急な呼び出し", by=by, now=now, request_key=uuid4()
    )
    facts = keeping.StandingFacts(
        Medium.PAPER, DataClass.D3, 1, Reason.EVENT, "弁当配布の名簿 1枚", "配布の会場", frozenset(Shift),
        now.date(), now.date() + timedelta(days=30), frozenset({worker.id, drafting.id}), companions="北 代表",
        alone_reason="近くのため",
    )  # fmt: skip
    standing, ended = (
        keeping.grant_standing(session, center, facts, [worker, drafting], by=head, now=now, request_key=uuid4())
        for _ in range(2)
    )
    keeping.end_standing(session, ended, reason="行き先が変わったため", by=head, now=now)
    label = keeping.make_label(session, center, name="青いかばん", medium=Medium.PAPER, by=head, now=now)
    substitute = keeping.name_substitute(
        session, center, drafting, from_on=date(2026, 11, 27), until_on=date(2026, 12, 4), by=head, now=now
    )
    organization = session.get_one(Organization, center.organization_id)
    keeping.change_settings(session, organization, is_forbidden=False, needs_witness=True, by=who["officer"], now=now)
    [(loss, _)] = queries.open_losses(session, [organization.id])
    keeping.write_about_loss(session, loss, kind=LossEntryKind.STEP, text="車の中を探しました", by=by, now=now)
    session.commit()
    return {
        "asked take-out": waiting.id,
        "permitted take-out": permitted.id,
        "take-out outside": outside.id,
        "returned take-out": returned.id,
        "standing": standing.id,
        "label": label.id,
        "code": label.code,
        "substitute": substitute.id,
        "loss": loss.id,
    }
