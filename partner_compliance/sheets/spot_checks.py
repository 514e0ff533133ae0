"""The spot check before a month is closed: one row of the ledger and one place of storage, drawn by the system."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.engagements.models import Place
from partner_compliance.engagements.words import PlaceKind
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations.models import Center
from partner_compliance.sheets.models import Finding, SpotCheck, SpotCheckResult
from partner_compliance.takeouts import queries as ledger
from partner_compliance.takeouts.models import TakeOut

NOTE_LIMIT = 1000
Draw = Callable[[Sequence[UUID]], UUID]


class NothingToDraw(RuleBroken):
    message = "この月には、抜き打ちで確かめるもの（台帳の記録・保管場所）がありません。"
    what_to_do = "そのまま月を締められます。"


class AlreadyRecorded(RuleBroken):
    message = "この月の抜き打ち確認は、すでに記録されています。"
    what_to_do = "最新の状態を確認してください。"


@dataclass(frozen=True)
class Drawn:
    """What was drawn for a center's month, and what was found."""

    check: SpotCheck
    take_out: TakeOut | None
    place: Place | None
    result: SpotCheckResult | None


def _candidates(session: Session, center: Center, month: str) -> tuple[list[UUID], list[UUID]]:
    rows = sorted(
        {line.take_out_id for lines in ledger.lines_at_center(session, center, month).values() for line in lines}
    )
    first, last = clock.first_day(month), clock.last_day(month)
    places = session.scalars(
        select(Place.id)
        .where(
            Place.organization_id == center.organization_id,
            or_(Place.center_id == center.id, Place.center_id.is_(None)),
            Place.kind != PlaceKind.WORK,
            Place.from_on <= last,
            or_(Place.until_on.is_(None), Place.until_on >= first),
        )
        .order_by(Place.id)
    )
    return rows, list(places)


def is_asked(session: Session, center: Center, month: str) -> bool:
    """Whether there is anything to look at for a center's month."""
    rows, places = _candidates(session, center, month)
    return bool(rows or places)


def drawn_for(session: Session, center: Center, month: str) -> Drawn | None:
    """What was drawn for a center's month; None before."""
    found = session.execute(
        select(SpotCheck, TakeOut, Place, SpotCheckResult)
        .outerjoin(
            TakeOut, and_(TakeOut.organization_id == SpotCheck.organization_id, TakeOut.id == SpotCheck.take_out_id)
        )
        .outerjoin(Place, and_(Place.organization_id == SpotCheck.organization_id, Place.id == SpotCheck.place_id))
        .outerjoin(
            SpotCheckResult,
            and_(
                SpotCheckResult.organization_id == SpotCheck.organization_id,
                SpotCheckResult.check_id == SpotCheck.id,
            ),
        )
        .where(
            SpotCheck.organization_id == center.organization_id,
            SpotCheck.center_id == center.id,
            SpotCheck.month == month,
        )
    ).first()
    return Drawn(*found) if found else None


def draw(
    session: Session, center: Center, month: str, *, by: Principal, now: datetime, choose: Draw = secrets.choice
) -> Drawn:
    """Draw one row and one place at random, once for a center's month: whoever asks again sees the same.

    Raises NothingToDraw where there is neither.
    """
    if (already := drawn_for(session, center, month)) is not None:
        return already
    rows, places = _candidates(session, center, month)
    if not rows and not places:
        raise NothingToDraw
    check = SpotCheck(
        organization_id=center.organization_id, id=uuid4(), center_id=center.id, month=month,
        take_out_id=choose(rows) if rows else None, place_id=choose(places) if places else None, of_rows=len(rows),
        of_places=len(places), drawn_at=now, drawn_by_id=by.user_id, drawn_by_name=by.name,
    )  # fmt: skip
    session.add(check)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadyRecorded("この月の抜き打ち確認は、ほかの方がちょうど始めたところです。") from None
    acts.record(
        session,
        Act(
            center.organization_id, "spot_check.drawn", now, by.actor, object_kind="spot_check", object_id=check.id,
            content=check_content(check), details={"month": month},
        ),
    )  # fmt: skip
    organization_id = center.organization_id
    return Drawn(
        check,
        session.get(TakeOut, (organization_id, check.take_out_id)) if check.take_out_id else None,
        session.get(Place, (organization_id, check.place_id)) if check.place_id else None,
        None,
    )


def record_result(
    session: Session,
    drawn: Drawn,
    *,
    row: Finding | None,
    place: Finding | None,
    note: str,
    by: Principal,
    now: datetime,
) -> SpotCheckResult:
    """Keep what the head found, once; raises InvalidInput for what is missing, AlreadyRecorded."""
    check = drawn.check
    if drawn.result is not None:
        raise AlreadyRecorded
    if (check.take_out_id is not None and row is None) or (check.place_id is not None and place is None):
        raise InvalidInput("確かめた結果を選んでください。")
    if Finding.AMISS in (row, place) and not note:
        raise InvalidInput("違っていたところと、これからどうするかを書いてください。")
    if len(note) > NOTE_LIMIT:
        raise InvalidInput(f"{NOTE_LIMIT}文字以内で書いてください。")
    result = SpotCheckResult(
        organization_id=check.organization_id, id=uuid4(), check_id=check.id,
        row=row if check.take_out_id else None, place=place if check.place_id else None, at=now, by_id=by.user_id,
        by_name=by.name, note=note,
    )  # fmt: skip
    session.add(result)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadyRecorded from None
    acts.record(
        session,
        Act(
            check.organization_id, "spot_check.recorded", now, by.actor, object_kind="spot_check_result",
            object_id=result.id, content=result_content(result),
            details={"month": check.month, "amiss": Finding.AMISS in (row, place)},
        ),
    )  # fmt: skip
    return result


def check_content(check: SpotCheck) -> dict[str, Any]:
    """The facts of a draw that its log entry's digest binds."""
    return {
        "center": str(check.center_id),
        "month": check.month,
        "take_out": str(check.take_out_id) if check.take_out_id else None,
        "place": str(check.place_id) if check.place_id else None,
        "of_rows": check.of_rows,
        "of_places": check.of_places,
        "by_name": check.drawn_by_name,
    }


def result_content(result: SpotCheckResult) -> dict[str, Any] | None:
    """The facts of a result that its log entry's digest binds; None once its note is erased."""
    if result.note is None:
        return None
    return {
        "check": str(result.check_id),
        "row": result.row.value if result.row else None,
        "place": result.place.value if result.place else None,
        "by": str(result.by_id) if result.by_id else None,
        "by_name": result.by_name,
        "note": result.note,
    }
