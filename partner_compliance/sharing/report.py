"""What a municipality's report of a month says: levels at its end, what changed and why, months kept, take-outs, ends.

Everything about levels is of the last day of the month, so that the same report can be made again later; how many
sheets came, and what was carried out, is as the records show it now. A report names organizations, never a person.
Who is no partner any more on the day it is made stands in no report: the records are closed to the municipality.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.library.readiness import Criterion
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality
from partner_compliance.organizations.queries import organizations_named, partners_on
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.queries import assessments
from partner_compliance.sharing import queries
from partner_compliance.sharing.levels import ends_soon
from partner_compliance.sharing.queries import MonthFigures
from partner_compliance.sheets.measures import judged_month
from partner_compliance.takeouts import statistics
from partner_compliance.takeouts.statistics import Numbers

#: Ends of engagements are announced so long before.
ENGAGEMENTS_END = timedelta(days=60)
#: How many months back a report can be made of.
MONTHS = 24


class Section(NamedTuple):
    """A part of the report that another room adds: a heading, the heads of its columns, and rows of texts."""

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Line:
    """One partner: its level on the last day of the month, and on that of the month before if it was a partner then."""

    id: UUID
    name: str
    found: Assessment
    before: Assessment | None
    sheets: MonthFigures | None
    take_outs: Numbers

    @property
    def has_changed(self) -> bool:
        """Whether the level is another one than at the end of the month before."""
        return self.before is not None and self.before.level != self.found.level

    @property
    def causes(self) -> list[Criterion]:
        """The criteria that made the difference: those newly met on the way up, those no longer met on the way down."""
        if self.before is None:
            return []
        low, high = sorted((self.before.level, self.found.level))
        was = {each.criterion.id: each.state is State.MET for each in self.before.findings}
        rises = self.found.level > self.before.level
        return [
            each.criterion
            for each in self.found.findings
            if low < each.criterion.level <= high
            and (each.state is State.MET) is rises
            and was.get(each.criterion.id, False) is not rises
            and each.state is not State.PLANNED
        ]


class Ending(NamedTuple):
    """An engagement that ends: with whom, what it is called, its last day, and whether another one goes on."""

    name: str
    title: str
    last_on: date
    goes_on: bool


@dataclass(frozen=True)
class Report:
    """The report of a month."""

    municipality: str
    month: str
    #: The last day of the month, of which the levels are.
    day: date
    #: The month whose sheets were due in this one.
    sheets_of: str
    lines: list[Line]
    #: Partners on the last day of the month that are none any more.
    gone: int
    endings: list[Ending]
    sections: Sequence[Section] = field(default=())

    @property
    def changes(self) -> list[Line]:
        """The partners whose level changed."""
        return [each for each in self.lines if each.has_changed]

    @property
    def ending(self) -> list[Line]:
        """The partners of whose level something ends within 30 days of the last day, the first to end first."""
        found = [each for each in self.lines if ends_soon(each.found.holds_until, self.day)]
        return sorted(found, key=lambda each: (each.found.holds_until or date.max, each.name))

    @property
    def take_outs(self) -> Numbers:
        """The take-outs of all partners in the month."""
        return statistics.together(each.take_outs for each in self.lines)

    @property
    def by_level(self) -> list[tuple[int, int]]:
        """(level, how many partners stand on it), every level once."""
        levels = [each.found.level for each in self.lines]
        most = max(levels, default=0)
        return [(level, levels.count(level)) for level in range(most + 1)]


def months_to_choose(today: date) -> list[str]:
    """The months that have ended, newest first."""
    return [clock.month_after(clock.month_of(today), -back) for back in range(1, MONTHS + 1)]


def monthly(
    session: Session,
    library: Library,
    municipality: Municipality,
    month: str,
    *,
    today: date,
    sections: Sequence[Section] = (),
) -> Report:
    """The report of a month that has ended, in a number of statements that does not grow with the partners.

    `sections` are added at its end, as they are. Raises ValueError for a month that has not ended.
    """
    day = clock.last_day(month)
    if day >= today:
        raise ValueError(f"{month} has not ended")
    before = clock.last_day(clock.month_after(month, -1))
    then, now = (_partners_of(session, municipality, on) for on in (day, today))
    ids = then & now
    names = organizations_named(session, ids)
    found = assessments(session, library, day, ids)
    earlier = assessments(session, library, before, _partners_of(session, municipality, before) & ids)
    sheets_of = judged_month(day)
    sheets = _sheets(session, municipality, today, sheets_of, ids)
    numbers = statistics.numbers_of(session, ids, today=day, months=1)
    lines = [
        Line(
            each, names[each], found[each], earlier.get(each), sheets.get(each),
            numbers.get(each, statistics.Numbers()),
        )
        for each in sorted(ids, key=lambda each: (names[each], each))
    ]  # fmt: skip
    return Report(
        municipality.name, month, day, sheets_of, lines, len(then - now),
        _endings(session, municipality, day, names), sections,
    )  # fmt: skip


def _partners_of(session: Session, municipality: Municipality, day: date) -> set[UUID]:
    return set(session.scalars(partners_on([municipality.id], day)))


def _sheets(
    session: Session, municipality: Municipality, today: date, month: str, ids: set[UUID]
) -> dict[UUID, MonthFigures]:
    found = queries.figures(session, municipality.id, today, [month], ids=sorted(ids), rosters=False).months
    return {key if isinstance(key, UUID) else UUID(key): months[month] for key, months in found.items()}


def _endings(
    session: Session, municipality: Municipality, day: date, names: Mapping[UUID, str]
) -> list[Ending]:  # fmt: skip
    """What of the engagements in force on a day ends within 60 days, the first to end first."""
    until = day + ENGAGEMENTS_END
    rows = session.scalars(
        select(Engagement).where(
            Engagement.municipality_id == municipality.id,
            Engagement.organization_id.in_(sorted(names)),
            Engagement.accepted_at.is_not(None),
            Engagement.ends_on >= day,
        )
    )
    last: dict[UUID, list[tuple[Engagement, date]]] = {}
    for each in rows:
        last.setdefault(each.organization_id, []).append((each, _last_day(each)))
    found = [
        Ending(names[each_id], each.title, last_on, any(later > last_on for _, later in engagements))
        for each_id, engagements in last.items()
        for each, last_on in engagements
        if each.starts_on <= day <= last_on <= until
    ]
    return sorted(found, key=lambda one: (one.last_on, one.name, one.title))


def _last_day(engagement: Engagement) -> date:
    if engagement.cancelled_on is None:
        return engagement.ends_on
    return min(engagement.ends_on, engagement.cancelled_on - timedelta(days=1))
