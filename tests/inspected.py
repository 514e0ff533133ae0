"""What the world's municipalities look into and ask for: inspections, findings, requests, objections, in each state."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from partner_compliance.access import Principal
from partner_compliance.clock import local_date
from partner_compliance.inspections import exchanges, operations
from partner_compliance.inspections.models import Demand, Inspection
from partner_compliance.inspections.words import RecordKind
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization, Worker


def in_the_world(
    session: Session,
    library: Library,
    municipality: Municipality,
    organization: Organization,
    worker: Worker,
    who: dict[str, Principal],
    city: Principal,
    *,
    now: datetime,
) -> dict[str, dict[str, object]]:
    """One inspection that is closed and one that is open, findings and requests, two objections."""
    today, officer = local_date(now), who["officer"]
    due_on = today + timedelta(days=14)

    def opened() -> Inspection:
        facts = operations.Facts("契約の点検", "2026-10", "2026-11", date(2026, 12, 18))
        return operations.open_inspection(
            session, municipality, organization, facts, by=city, now=now, request_key=uuid4()
        )

    def found(inspection: Inspection) -> Demand:
        facts = exchanges.DemandFacts("鍵の台帳に記入がありません。", "点検のため", "特記事項 第5", "3a", due_on)
        return exchanges.find(session, library, inspection, facts, by=city, now=now, request_key=uuid4())

    def asked() -> Demand:
        facts = exchanges.DemandFacts("名簿を確認してください。", "90日を過ぎたため", "", "1b", due_on)
        return exchanges.ask_for_improvement(
            session, library, municipality, organization, facts, by=city, now=now, request_key=uuid4()
        )

    def objected() -> Any:
        facts = exchanges.ObjectionFacts("3a", today, "締めが数えられていません。", "2026年10月の締め")
        return exchanges.object_to_level(
            session, library, organization, municipality, facts, by=officer, now=now, request_key=uuid4()
        )

    closed = opened()
    operations.record_view(
        session, closed, RecordKind.SHEET, about="2026年11月分", subject_id=worker.id, by=city, now=now
    )
    operations.record_view(session, closed, RecordKind.ROSTER, about="1ページ目", by=city, now=now)
    answered, back, done = found(closed), asked(), found(closed)
    for demand in (answered, back, done):
        exchanges.answer(session, demand, text="直しました。", evidence="名簿", seen=0, by=officer, now=now)
    exchanges.send_back(session, back, text="日付がありません。", due_on=due_on, seen=1, by=city, now=now)
    exchanges.accept(session, done, text="確かめました。", seen=1, by=city, now=now)
    operations.close(session, closed, summary="おおむね適切です。", by=city, now=now)
    settled, waiting = objected(), objected()
    exchanges.answer_objection(session, settled, text="数えています。", decided_on=today, by=city, now=now)
    running = opened()
    inspections = {"inspection": running, "closed inspection": closed}
    demands = {"finding": found(running), "answered finding": answered, "returned request": back, "request": asked()}
    objections = {"objection": waiting, "answered objection": settled}
    return {
        **{name: {"inspection_id": each.id} for name, each in inspections.items()},
        **{name: {"demand_id": each.id} for name, each in demands.items()},
        **{name: {"objection_id": each.id} for name, each in objections.items()},
    }
