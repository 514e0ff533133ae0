"""Where each partner stands today, kept for the lists of municipalities: a cache, never the source.

Levels are counted from the records (`readiness.queries`), which takes seconds for some hundred organizations. The lists
read what was counted since midnight in Japan, and say when that was; what is not of today is never shown. An
organization's own page, and the one that a municipality has of it, count anew each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Select, String, Uuid, and_, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from partner_compliance import clock
from partner_compliance.database import Base
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.readiness.assessment import Assessment
from partner_compliance.readiness.queries import assessments

#: The levels at the ends of so many months before show which way it goes.
MONTHS = 3


class ReadinessStanding(Base):
    """An organization's level on the day that was counted last: counted anew every day, a cache."""

    __tablename__ = "readiness_standing"
    tenant_column = "organization_id"
    seen_by_partners = True

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    #: The day (Japan) for which it was counted, and with which edition of the ladder.
    as_of: Mapped[date]
    edition: Mapped[str] = mapped_column(String(8))
    level: Mapped[int]
    #: The last day on which everything that the level rests on holds by itself.
    lapses_on: Mapped[date | None]
    #: Ids of the criteria of the next level that are not met.
    next_missing: Mapped[list[str]] = mapped_column(JSON)
    #: {month: level at its end}, of the months before.
    months: Mapped[dict[str, Any]] = mapped_column(JSON)
    computed_at: Mapped[datetime]


class Standing(NamedTuple):
    """The same as a value."""

    organization_id: UUID
    as_of: date
    edition: str
    level: int
    lapses_on: date | None
    next_missing: Sequence[str]
    months: Mapping[str, int]
    computed_at: datetime


_COLUMNS = tuple(getattr(ReadinessStanding, name) for name in Standing._fields)


def is_of(day: Any, edition: Any) -> Any:
    """The condition that a row was counted for a day, with the edition of the ladder that holds on it."""
    return and_(ReadinessStanding.as_of == day, ReadinessStanding.edition == edition)


def months_before(day: date) -> list[str]:
    """The months whose ends show which way an organization goes, oldest first."""
    month = clock.month_of(day)
    return clock.months_between(clock.month_after(month, -MONTHS), clock.month_after(month, -1))


def kept(session: Session, library: Library, as_of: date, organization_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """What was counted for that day, of those organizations for which something was."""
    edition = library.ladder_for(as_of).edition
    rows = session.execute(_kept(), {"ids": sorted(organization_ids), "as_of": as_of, "edition": edition})
    return {row[0]: Standing._make(row) for row in rows}


@cache
def _kept() -> Select[*tuple[Any, ...]]:
    """Made once: putting it together takes longer than running it."""
    ids = bindparam("ids", expanding=True, type_=Uuid())
    return select(*_COLUMNS).where(
        ReadinessStanding.organization_id.in_(ids), is_of(bindparam("as_of", type_=Date()), bindparam("edition"))
    )


def counted(
    session: Session, library: Library, as_of: date, organization_ids: Iterable[UUID], *, now: datetime
) -> list[Standing]:
    """What the records show of some organizations on a day (Japan), with the levels of the months before.

    Only reads. A level at the end of a month stays what it was: it is counted once, and then taken from the cache.
    """
    ids = sorted(set(organization_ids))
    if not ids:
        return []
    found = assessments(session, library, as_of, ids)
    months = _levels_before(session, library, as_of, ids)
    return [_standing(each, found[each], months[each], now) for each in ids]


def _standing(organization_id: UUID, found: Assessment, months: Mapping[str, int], now: datetime) -> Standing:
    return Standing(
        organization_id, found.as_of, found.ladder.edition, found.level, found.holds_until, found.missing, months, now
    )


def _levels_before(session: Session, library: Library, as_of: date, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    rows = session.execute(
        select(ReadinessStanding.organization_id, ReadinessStanding.months).where(
            ReadinessStanding.organization_id.in_(ids)
        )
    )
    known = {row.organization_id: row.months for row in rows}
    levels: dict[UUID, dict[str, int]] = {each: {} for each in ids}
    for month in months_before(as_of):
        unknown = [each for each in ids if month not in known.get(each, {})]
        found = assessments(session, library, clock.last_day(month), unknown) if unknown else {}
        for each in ids:
            levels[each][month] = found[each].level if each in found else known[each][month]
    return levels


def keep(session: Session, standings: Iterable[Standing]) -> None:
    """Put what was counted in place of what was counted before; of two at once the later one stays."""
    rows = [each._asdict() for each in sorted(standings)]
    if not rows:
        return
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    adding = insert(ReadinessStanding)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=[ReadinessStanding.organization_id],
            set_={name: adding.excluded[name] for name in Standing._fields if name != "organization_id"},
            where=adding.excluded.computed_at >= ReadinessStanding.computed_at,
        ),
        rows,
    )


def refresh(
    session: Session, library: Library, as_of: date, organization_ids: Iterable[UUID], *, now: datetime
) -> list[Standing]:
    """Count some organizations anew for a day, and keep it."""
    found = counted(session, library, as_of, organization_ids, now=now)
    keep(session, found)
    return found


def agrees(listed: Standing, found: Assessment) -> bool:
    """Whether what the lists show of an organization is what was found now."""
    return (listed.level, listed.lapses_on, list(listed.next_missing)) == (
        found.level, found.holds_until, found.missing
    )  # fmt: skip


def note(session: Session, found: Assessment, organization_id: UUID, *, now: datetime) -> None:
    """Let the lists say the same as a page that has just counted one organization anew; does nothing before the lists
    have counted it themselves today.
    """
    session.execute(
        update(ReadinessStanding)
        .where(
            ReadinessStanding.organization_id == organization_id,
            is_of(found.as_of, found.ladder.edition),
            ReadinessStanding.computed_at <= now,
        )
        .values(level=found.level, lapses_on=found.holds_until, next_missing=found.missing, computed_at=now)
    )


def waiting(session: Session, library: Library, today: date) -> list[UUID]:
    """The organizations that are some municipality's partners today and were not counted for today yet."""
    return list(
        session.scalars(
            select(Engagement.organization_id)
            .outerjoin(
                ReadinessStanding,
                and_(
                    ReadinessStanding.organization_id == Engagement.organization_id,
                    is_of(today, library.ladder_for(today).edition),
                ),
            )
            .where(is_valid_on(today), ReadinessStanding.organization_id.is_(None))
            .distinct()
        )
    )
