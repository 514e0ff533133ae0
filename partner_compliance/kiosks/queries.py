"""What can be read about shared tablets, and who can use them."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from partner_compliance.accounts.models import User
from partner_compliance.accounts.queries import has_own_way_in
from partner_compliance.kiosks.models import Kiosk, PinState, WorkerPin
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.roster.models import WorkerCenter

#: The rows of the kana table, each with what begins in it; whoever has no reading comes last.
KANA_ROWS = {
    "あ": "アイウエオァィゥェォヴ",
    "か": "カキクケコヵヶ",
    "さ": "サシスセソ",
    "た": "タチツテトッ",
    "な": "ナニヌネノ",
    "は": "ハヒフヘホ",
    "ま": "マミムメモ",
    "や": "ヤユヨャュョ",
    "ら": "ラリルレロ",
    "わ": "ワヰヱヲンヮ",
}
OTHERS = "そのほか"


@dataclass(frozen=True)
class Device:
    """A shared tablet with the center and organization at which it stands."""

    kiosk: Kiosk
    center: Center
    organization: Organization


def device_of(session: Session, token_digest: str) -> Device | None:
    """The shared tablet whose cookie has that digest, whatever became of it."""
    found = session.execute(
        select(Kiosk, Center, Organization)
        .join(Center, and_(Center.organization_id == Kiosk.organization_id, Center.id == Kiosk.center_id))
        .join(Organization, Organization.id == Kiosk.organization_id)
        .where(Kiosk.token_digest == token_digest)
    ).one_or_none()
    return Device(found[0], found[1], found[2]) if found else None


def kiosks_of(session: Session, center: Center) -> list[Kiosk]:
    """A center's shared tablets, those in use first, then the latest."""
    found = session.scalars(
        select(Kiosk)
        .where(Kiosk.organization_id == center.organization_id, Kiosk.center_id == center.id)
        .order_by(Kiosk.opened_at.desc(), Kiosk.id)
        .limit(100)
    )
    return sorted(found, key=lambda kiosk: kiosk.closed_at is not None)


# --- people -----------------------------------------------------------------------------------------------------


def _works_at(organization_id: UUID, center_id: UUID, day: date) -> Any:
    """The condition that someone is on the roster on a day and works at that center, mainly or besides."""
    besides = select(WorkerCenter.id).where(
        WorkerCenter.organization_id == Worker.organization_id,
        WorkerCenter.worker_id == Worker.id,
        WorkerCenter.center_id == center_id,
        WorkerCenter.from_on <= day,
        or_(WorkerCenter.until_on.is_(None), WorkerCenter.until_on >= day),
    )
    return and_(
        Worker.organization_id == organization_id,
        Worker.joined_on <= day,
        or_(Worker.left_on.is_(None), Worker.left_on >= day),
        or_(Worker.center_id == center_id, besides.exists()),
    )


def _reading(worker: Worker) -> tuple[str, str, date, UUID]:
    return (_folded(worker.name_kana) or "\uffff", worker.name, worker.joined_on, worker.id)


def _folded(kana: str) -> str:
    """A reading for sorting and finding its row: katakana of full width without marks or spaces."""
    whole = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", kana))
    plain = "".join(char for char in whole if char not in "\u3099\u309a" and not char.isspace())
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char for char in plain)


@dataclass(frozen=True)
class Holder:
    """Someone who works at a center: the row, where they stand with the PIN, and whether they have an own account."""

    worker: Worker
    pin: WorkerPin | None
    has_account: bool

    def state(self, now: datetime) -> PinState:
        """Where they stand with the PIN."""
        return self.pin.state(now) if self.pin else PinState.NONE


def holders_at(session: Session, center: Center, *, today: date) -> list[Holder]:
    """Everyone who works at a center today, by reading of the name."""
    found = session.execute(
        select(Worker, WorkerPin, has_own_way_in())
        .outerjoin(
            WorkerPin, and_(WorkerPin.organization_id == Worker.organization_id, WorkerPin.worker_id == Worker.id)
        )
        .outerjoin(User, User.id == Worker.user_id)
        .where(_works_at(center.organization_id, center.id, today))
    )
    return sorted((Holder(row[0], row[1], bool(row[2])) for row in found), key=lambda each: _reading(each.worker))


def names_at(session: Session, center: Center, *, today: date) -> list[Worker]:
    """Those whose names a center's shared tablet shows today: who works there and was ever given a slip."""
    found = session.scalars(
        select(Worker)
        .join(WorkerPin, and_(WorkerPin.organization_id == Worker.organization_id, WorkerPin.worker_id == Worker.id))
        .where(_works_at(center.organization_id, center.id, today))
    )
    return sorted(found, key=_reading)


def holder_at(session: Session, center: Center, worker_id: UUID, *, today: date) -> tuple[Worker, WorkerPin] | None:
    """One of those whose names the center's shared tablet shows today."""
    found = session.execute(
        select(Worker, WorkerPin)
        .join(WorkerPin, and_(WorkerPin.organization_id == Worker.organization_id, WorkerPin.worker_id == Worker.id))
        .where(_works_at(center.organization_id, center.id, today), Worker.id == worker_id)
    ).one_or_none()
    return (found[0], found[1]) if found else None


def shown_names(workers: Sequence[Worker]) -> dict[UUID, str]:
    """The name under which each is shown: who bears the same name is told apart by reading, then by staff number."""
    shown = {}
    for worker in workers:
        same = [each for each in workers if each.name == worker.name]
        shown[worker.id] = worker.name
        if len(same) == 1:
            continue
        same = [each for each in same if each.name_kana == worker.name_kana]
        if len(same) == 1:
            shown[worker.id] += f"（{worker.name_kana or 'フリガナなし'}）"
        elif worker.staff_number:
            shown[worker.id] += f"（職員番号 {worker.staff_number}）"
        else:
            shown[worker.id] += f"（{same.index(worker) + 1}人目）"
    return shown


def row_of(worker: Worker) -> str:
    """The row of the kana table in which someone's reading begins."""
    first = _folded(worker.name_kana)[:1]
    return next((row for row, chars in KANA_ROWS.items() if first and first in chars), OTHERS)


def by_row(workers: Iterable[Worker]) -> dict[str, list[Worker]]:
    """The workers by row of the kana table, rows without anybody left out."""
    rows: dict[str, list[Worker]] = {row: [] for row in (*KANA_ROWS, OTHERS)}
    for worker in workers:
        rows[row_of(worker)].append(worker)
    return {row: found for row, found in rows.items() if found}
