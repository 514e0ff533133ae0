"""The ledger of take-outs with 100,000 rows: the list, its filters, the month beside the sheet, and the counts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select

from benchmarks.databases import Scratch
from benchmarks.filling import HEAD, LATEST, NOON, OFFICER, USUAL, Filled, House
from benchmarks.pages import Asked
from benchmarks.report import Measured
from partner_compliance import clock
from partner_compliance.database import Base, writing
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Worker
from partner_compliance.takeouts.derivation import derive
from partner_compliance.takeouts.models import LedgerLine, TakeOut, TakeOutEvent
from partner_compliance.takeouts.operations import facts_of_line
from partner_compliance.takeouts.words import EventKind, Medium, Origin, Reason

ROWS = 100_000
#: The page budget of a list, and of the sheet.
LIST, SHEET = 8.0, 6.0
_MEDIA, _REASONS, _CLASSES = list(Medium), list(Reason), [DataClass.D1, DataClass.D3, DataClass.D4]


def fill(database: Scratch, house: House) -> None:
    """Put the rows and their events into an organization, spread over its people and two years."""
    with writing(database.engine) as session:
        places = session.execute(
            select(Worker.id, Worker.center_id)
            .where(Worker.organization_id == house.organization_id)
            .order_by(Worker.id)
        ).all()
    rows: dict[type[Base], list[dict[str, Any]]] = {TakeOut: [], TakeOutEvent: [], LedgerLine: []}
    for number in range(ROWS):
        worker_id, center_id = places[number % len(places)]
        take_out = _row(house, number, worker_id, center_id)
        events = _events(take_out, number)
        rows[TakeOut].append(_columns(take_out))
        rows[TakeOutEvent] += [_columns(event) for event in events]
        facts = facts_of_line(take_out, derive(take_out, events))
        rows[LedgerLine].append({"organization_id": take_out.organization_id, "take_out_id": take_out.id, **facts})
    with writing(database.engine) as session:
        for model, found in rows.items():
            table = model.__table__
            if not isinstance(table, Table):
                raise TypeError(model)
            for start in range(0, len(found), 5000):
                session.execute(insert(table), found[start : start + 5000])


def _id(kind: int, number: int) -> UUID:
    return UUID(int=((kind << 40 | number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 7) % (1 << 128))


def _columns(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _row(house: House, number: int, worker_id: UUID, center_id: UUID) -> TakeOut:
    leaves = NOON - timedelta(days=number % 730, minutes=number % 300 + 60)
    return TakeOut(
        organization_id=house.organization_id, id=_id(1, number), center_id=center_id, worker_id=worker_id,
        origin=Origin.ASKED, medium=_MEDIA[number % 5], count=number % 4 + 1, data_class=_CLASSES[number % 3],
        reason=_REASONS[number % 9], description=f"訪問記録 {number % 4 + 1}件", purpose="家庭訪問",
        destination=f"{number % 50}地区", route="", companions="", alone_reason="", protections=[], leaves_at=leaves,
        returns_at=leaves + timedelta(hours=4), standing_id=None, label_id=None, request_key=_id(2, number),
        asked_at=leaves - timedelta(hours=1), asked_on=clock.local_date(leaves), asked_by_id=None,
        asked_by_name="従事者", asked_by_role=None, kiosk_id=None,
    )  # fmt: skip


def _events(take_out: TakeOut, number: int) -> list[TakeOutEvent]:
    kinds = [(EventKind.PERMITTED, -30), (EventKind.DEPARTED, 0), (EventKind.RETURNED, 180)]
    if number % 50 == 0:
        kinds[0], kinds[1] = (EventKind.DEPARTED, 0), (EventKind.PERMITTED, 30)
    if number % 300 == 7:
        kinds.pop()
    return [
        TakeOutEvent(
            organization_id=take_out.organization_id, id=_id(3 + at, number), take_out_id=take_out.id, number=at + 1,
            kind=kind, at=take_out.leaves_at + timedelta(minutes=minutes),
            happened_on=clock.local_date(take_out.leaves_at + timedelta(minutes=minutes)), said_at=None, by_id=None,
            by_name="だれか", by_role=None, as_substitute=False,
            count=take_out.count if kind is not EventKind.PERMITTED else None, checks=[], until_at=None, comment="",
            kiosk_id=None,
        )
        for at, (kind, minutes) in enumerate(kinds)
    ]  # fmt: skip


def ledger(asked: Asked, filled: Filled) -> Iterator[Measured]:
    """The pages that read the ledger of an organization of 1,000 workers in 25 centers."""
    house = filled.houses["1,000 workers in 25 centers"]
    officer, head, worker = (asked.browser_of(house.users[at]) for at in (OFFICER, HEAD, USUAL))
    page = f"/organizations/{house.organization_id}/take-outs"
    yield asked.page("ledger of 100,000 rows, first page", officer, page, LIST)
    yield asked.page("ledger, a head's centers", head, page, LIST)
    yield asked.page("ledger, what is overdue", officer, f"{page}?state=overdue", LIST)
    yield asked.page(
        "ledger, one month's sticks", officer, f"{page}?medium=stick&from=2026-10-01&until=2026-10-31", LIST
    )
    yield asked.page("ledger, without permission before", officer, f"{page}?state=not_permitted", LIST)
    yield asked.page("ledger, a text", officer, f"{page}?q=49地区", None, max(5, asked.times // 4))
    yield asked.page("own take-outs", worker, "/my/take-outs", LIST)
    yield asked.page("sheet page beside the ledger", worker, f"/sheets/{house.sheets[USUAL, LATEST]}/answers", SHEET)
    yield asked.page("a center's month beside the ledger", head, f"/centers/{house.centers[0]}/months/{LATEST}")
    yield asked.page("home, a head's, beside the ledger", head, "/")
    yield asked.page("take-outs in numbers", officer, f"{page}/statistics", None, max(5, asked.times // 4))
