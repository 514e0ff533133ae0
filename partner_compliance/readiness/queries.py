"""Levels of organizations on a day, of one or of all by the same statements, and when a level ends."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock, yearly
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.readiness.assessment import Assessment, Finding, State, assess, not_there_yet
from partner_compliance.readiness.measures import Asked, Figures, figures
from partner_compliance.sheets import measures as sheets

#: A forecast looks no further than this, and at so many days on which something may change.
HORIZON, MOST_LOOKS = timedelta(days=400), 24


def assessments(
    session: Session,
    library: Library,
    as_of: date,
    organization_ids: Iterable[UUID] | None = None,
    *,
    measures: Iterable[Measure] | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[UUID, Assessment]:
    """{organization: its level and every criterion on a day (Japan)}, of the named organizations or of all.

    Of one that was registered later nothing is known.
    From all measures of the ladder, or only from some; `progress` hears how many of how many statements are done.
    Raises UnknownEdition where there is no ladder.
    """
    ladder = library.ladder_for(as_of)
    ids = None if organization_ids is None else sorted(organization_ids)
    found = figures(session, Asked(library, as_of, ids), ladder.measures if measures is None else measures, progress)
    there = select(Organization.id, Organization.created_at).order_by(Organization.id)
    end = clock.start_of(as_of + timedelta(days=1))
    return {
        each: assess(ladder, found.get(each, {}), as_of) if created_at < end else not_there_yet(ladder, as_of)
        for each, created_at in session.execute(there if ids is None else there.where(Organization.id.in_(ids)))
    }


def assessments_with_figures(
    session: Session, library: Library, as_of: date, organization_ids: Iterable[UUID], further: Iterable[Measure]
) -> dict[UUID, tuple[Assessment, Figures]]:
    """{organization: its level on a day, and every count behind it and of `further` measures}."""
    ladder, ids = library.ladder_for(as_of), sorted(organization_ids)
    found = figures(session, Asked(library, as_of, ids), {*ladder.measures, *further}) if ids else {}
    return {each: (assess(ladder, found.get(each, {}), as_of), found.get(each, {})) for each in ids}


def assessment_of(session: Session, library: Library, as_of: date, organization_id: UUID) -> Assessment:
    """One organization's level and every criterion on a day (Japan)."""
    return assessments(session, library, as_of, [organization_id])[organization_id]


@dataclass(frozen=True)
class Forecast:
    """The first day on which the level is lower if nobody acts, the level then, and what is no longer met."""

    falls_on: date
    level: int
    causes: tuple[Finding, ...]


def forecast(session: Session, library: Library, now: Assessment, organization_id: UUID) -> Forecast | None:
    """What becomes of a level if nobody acts: the same counts, asked for days to come. None while it holds for long."""
    if now.level == 0:
        return None
    asked = [each.criterion for each in now.findings if each.criterion.level <= now.level]
    measures = {test.measure for criterion in asked for test in criterion.tests}
    at, seen = now.as_of, now
    for _ in range(MOST_LOOKS):
        day = _next_change(seen, at)
        if day > now.as_of + HORIZON:
            return None
        at, seen = day, assessments(session, library, day, [organization_id], measures=measures)[organization_id]
        if seen.level < now.level:
            held = {each.criterion.id for each in now.findings if each.state is State.MET}
            causes = [
                each
                for each in seen.findings
                if each.criterion.id in held
                and each.state is not State.MET
                and seen.level < each.criterion.level <= now.level
            ]
            return Forecast(day, seen.level, tuple(causes))
    return None


def _next_change(seen: Assessment, at: date) -> date:
    """The next day on which counts may be others: the day after something lapses, or one on which a month is judged."""
    days = [each.figure.lapses_on for finding in seen.findings for each in finding.results if each.figure]
    found = [day + timedelta(days=1) for day in days if day is not None and day >= at]
    found.append(sheets.judged_from(clock.month_after(sheets.judged_month(at))))
    found.append(yearly.begins_on(clock.fiscal_year(at) + 1, yearly.APRIL))
    return min(day for day in found if day > at)
