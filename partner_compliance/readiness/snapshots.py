"""What an assessment was on a day, frozen: for daily snapshots, and for whatever was decided on the strength of one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, Select, and_, func, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.database import open_session, writing
from partner_compliance.history.entries import digest
from partner_compliance.library.readiness import Criterion
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.readiness.assessment import Assessment, Finding, assess
from partner_compliance.readiness.data import facts_data
from partner_compliance.readiness.measures import Asked, figures
from partner_compliance.readiness.models import ReadinessDay, ReadinessSnapshot

_T = TypeVar("_T")

#: How far back days are taken that were missed, or were before the first one.
LONGEST_BACK = timedelta(days=365)
#: Of so many organizations at a time: what is in memory does not grow with their number, nor does a writer wait long.
_BATCH = 1000
_WRITTEN_AT_ONCE = 200


def frozen(assessment: Assessment) -> tuple[dict[str, Any], str]:
    """(An assessment as JSON, the SHA-256 of its canonical text in hexadecimal); `data.assessment_from` reads it back.

    Counts of people stand in it as they are: whoever shows it outside the organization blurs them, as the assessment
    that is read back does (`Result.counts(outside=True)`).
    """
    data = facts_data(assessment)
    return data, digest(data)


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two frozen assessments say the same, of whatever days."""
    return {**one, "as_of": ""} == {**other, "as_of": ""}


# --- taking them ------------------------------------------------------------------------------------------------


def days_to_take(session: Session, today: date) -> Sequence[date]:
    """The days that are over and of which no snapshots were taken yet, the oldest first; at most a year of them."""
    yesterday = today - timedelta(days=1)
    last = session.scalar(select(func.max(ReadinessDay.as_of)))
    if last is None:
        made_at = session.scalar(select(func.min(Organization.created_at)))
        first = today if made_at is None else clock.local_date(made_at)
    else:
        first = last + timedelta(days=1)
    first = max(first, yesterday - LONGEST_BACK)
    return [first + timedelta(days=number) for number in range((yesterday - first).days + 1)]


def take_days(engine: Engine, library: Library, now: datetime, *, most: int) -> int:
    """Take the snapshots of days that are over, the oldest first and at most so many days; returns how many.

    Taken again, or by two at once, a day has one snapshot of each organization all the same.
    """
    with open_session(engine) as session:
        days = days_to_take(session, clock.local_date(now))[:most]
    for day in days:
        _take(engine, library, day, now)
    return len(days)


def _take(engine: Engine, library: Library, day: date, now: datetime) -> None:
    """One day: what differs from the day before is written in small transactions, and the day itself last; a day that
    was interrupted is taken up again, since the same day gives the same."""
    end = clock.start_of(day + timedelta(days=1))
    with open_session(engine) as session:
        there = select(Organization.id, Organization.created_at).where(Organization.created_at < end)
        made_on = {key: clock.local_date(at) for key, at in session.execute(there.order_by(Organization.id))}
        follows = session.get(ReadinessDay, day - timedelta(days=1)) is not None
    stored = 0
    for batch in _batches(list(made_on), _BATCH):
        with open_session(engine) as session:
            rows = list(_rows(session, library, day, batch, made_on, follows=follows))
        stored += len(rows)
        for some in _batches(rows, _WRITTEN_AT_ONCE):
            with writing(engine) as session:
                kept = set(session.scalars(_ids_on(day, [row.organization_id for row in some])))
                for row in some:
                    if row.organization_id not in kept:
                        row.taken_at = now
                        session.add(row)
    with writing(engine) as session:
        if session.get(ReadinessDay, day) is None:
            session.add(ReadinessDay(as_of=day, taken_at=now, organizations=len(made_on), stored=stored))


def _batches(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _ids_on(day: date, ids: Sequence[UUID]) -> Select[UUID]:
    return select(ReadinessSnapshot.organization_id).where(
        ReadinessSnapshot.as_of == day, ReadinessSnapshot.organization_id.in_(ids)
    )


def _rows(
    session: Session, library: Library, day: date, ids: Sequence[UUID], made_on: Mapping[UUID, date], *, follows: bool
) -> Iterator[ReadinessSnapshot]:
    """What is to be written of a day: of whoever stands otherwise than at the last snapshot, and of everybody where the
    day before was not taken."""
    ladder = library.ladder_for(day)
    # Of all that there are nobody has to be named, which is faster.
    whose = None if len(ids) == len(made_on) else ids
    counted = figures(session, Asked(library, day, whose), ladder.measures)
    before = {row.organization_id: row for row in session.scalars(_latest(ids, day - timedelta(days=1)))}
    for each in ids:
        found = assess(ladder, counted.get(each, {}), day)
        data, made_of = frozen(found)
        last = before.get(each) if follows else None
        if last is not None and is_same(last.data, data):
            continue
        yield ReadinessSnapshot(
            organization_id=each, as_of=day, ladder=ladder.edition, level=found.level, digest=made_of, data=data,
            since=_since(found, last, is_first=made_on[each] == day),
        )  # fmt: skip


def _since(found: Assessment, last: ReadinessSnapshot | None, *, is_first: bool) -> dict[str, Any]:
    """Since when each criterion is as it is. Without a day before, it may have been so before."""
    since = {}
    for each in found.findings:
        key = each.criterion.id
        since[key] = [found.as_of.isoformat(), last is not None or is_first]
        if last is not None and last.data["criteria"].get(key, [""])[0] == each.state.value:
            since[key] = last.since[key]
    return since


def _latest(ids: Sequence[UUID], day: date) -> Select[ReadinessSnapshot]:
    """The last row of each of these organizations at or before a day."""
    last = (
        select(ReadinessSnapshot.organization_id, func.max(ReadinessSnapshot.as_of).label("as_of"))
        .where(ReadinessSnapshot.organization_id.in_(ids), ReadinessSnapshot.as_of <= day)
        .group_by(ReadinessSnapshot.organization_id)
        .subquery()
    )
    return select(ReadinessSnapshot).join(
        last,
        and_(last.c.organization_id == ReadinessSnapshot.organization_id, last.c.as_of == ReadinessSnapshot.as_of),
    )


# --- reading them -----------------------------------------------------------------------------------------------


def snapshot_of(session: Session, organization_id: UUID, day: date) -> ReadinessSnapshot | None:
    """How an organization stood at the end of a day, as it was kept; None where that day was not taken."""
    is_taken = select(ReadinessDay.as_of).where(ReadinessDay.as_of == day).exists()
    return session.scalar(_latest([organization_id], day).where(is_taken))


@dataclass(frozen=True)
class Compared:
    """What was kept of a day, beside what its records show now."""

    kept: ReadinessSnapshot
    #: The criteria that stand otherwise or are counted otherwise now.
    differing: tuple[Criterion, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.differing


def compared(session: Session, organization_id: UUID, found: Assessment) -> Compared | None:
    """What was kept of an assessment's day beside the assessment; None where that day was not taken."""
    kept = snapshot_of(session, organization_id, found.as_of)
    if kept is None:
        return None
    now, then = facts_data(found), kept.data

    def differs(each: Finding) -> bool:
        key = each.criterion.id
        counted = (each.test.measure.value for each in each.results)
        return now["criteria"][key] != then["criteria"].get(key) or any(
            now["measures"].get(name) != then["measures"].get(name) for name in counted
        )

    return Compared(kept, tuple(each.criterion for each in found.findings if differs(each)))


class How(StrEnum):
    """How well a day is known."""

    ON = "on"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class Since:
    """Since when a criterion is as it is: since a day, since before a day, or since some day after one."""

    on: date
    how: How

    @property
    def words(self) -> str:
        """The same in words."""
        day = clock.era_date(self.on)
        return {How.ON: f"{day}から", How.BEFORE: f"{day}より前から", How.AFTER: f"{day}より後から"}[self.how]


def since_when(session: Session, organization_id: UUID, found: Assessment) -> dict[str, Since]:
    """{criterion: since when it is as it is on the day of an assessment}, from the last day that was taken.

    Empty where none was; what changed between that day and the one asked for is said to be later than it.
    """
    day = session.scalar(select(func.max(ReadinessDay.as_of)).where(ReadinessDay.as_of <= found.as_of))
    row = None if day is None else session.scalar(_latest([organization_id], day))
    if day is None or row is None:
        return {}
    since = {}
    for each in found.findings:
        key = each.criterion.id
        kept = row.data["criteria"].get(key)
        if kept is not None and kept[0] == each.state.value:
            on, is_known = row.since[key]
            since[key] = Since(date.fromisoformat(on), How.ON if is_known else How.BEFORE)
        elif day == found.as_of - timedelta(days=1):
            since[key] = Since(found.as_of, How.ON)
        elif day < found.as_of:
            since[key] = Since(day, How.AFTER)
    return since


@dataclass(frozen=True)
class Point:
    """The level at the end of a day; None where that day was not taken, or the organization was not there yet."""

    on: date
    level: int | None


def curve(session: Session, organization_id: UUID, found: Assessment, *, months: int = 12) -> list[Point]:
    """The level at each of the last month ends and on the day of an assessment, in two statements."""
    month = clock.month_of(found.as_of)
    ends = [clock.last_day(clock.month_after(month, -back)) for back in range(months, 0, -1)]
    taken = set(session.scalars(select(ReadinessDay.as_of).where(ReadinessDay.as_of.in_(ends))))
    mine = ReadinessSnapshot.organization_id == organization_id
    earliest = select(func.max(ReadinessSnapshot.as_of)).where(mine, ReadinessSnapshot.as_of <= ends[0])
    rows = session.execute(
        select(ReadinessSnapshot.as_of, ReadinessSnapshot.level)
        .where(
            mine,
            ReadinessSnapshot.as_of <= ends[-1],
            ReadinessSnapshot.as_of >= func.coalesce(earliest.scalar_subquery(), ends[0]),
        )
        .order_by(ReadinessSnapshot.as_of)
    ).all()

    def level_on(day: date) -> int | None:
        at = [level for as_of, level in rows if as_of <= day]
        return at[-1] if at and day in taken else None

    return [*(Point(day, level_on(day)) for day in ends), Point(found.as_of, found.level)]
