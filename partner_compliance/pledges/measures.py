"""What readiness counts about pledges: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood, and were known, on a day; an
organization without anybody to count yields no row. `lapses_on` is the first day on which somebody's pledge ends; the
day after, the numbers are worse unless somebody signs. `people` is the roster that is asked, for a past day as it was
known then (roster.known). Handlers who began before their pledge, and pledges on leaving,
are counted where joining and leaving are kept (people.measures: handlers_pledged_first, exit_pledges).
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from partner_compliance import yearly
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.people.models import JoiningRecord, JoiningStep
from partner_compliance.pledges.models import OwnWording, Pledge, PledgeCancellation, PledgeSettings
from partner_compliance.pledges.queries import YEARLY, Where

Measure = Select[*tuple[Any, ...]]


def workers_pledged(
    as_of: date, library: Library, organization_ids: Where = None, people: Any = Worker
) -> Measure:  # fmt: skip
    """(organization, pledged, active workers, first end): who holds a valid pledge of the year (ladder 2b)."""
    return _coverage(_held(as_of, library, organization_ids, [], people))


def handlers_pledged(
    as_of: date, library: Library, organization_ids: Where = None, people: Any = Worker
) -> Measure:  # fmt: skip
    """(organization, pledged, active handlers of personal data, first end): the same of handlers (ladder 2b, 2c)."""
    return _coverage(_held(as_of, library, organization_ids, [people.is_handler], people))


def without_pledge(
    as_of: date, library: Library, organization_ids: Where = None, *, handlers_only: bool = False
) -> Measure:
    """(organization, worker) of the active workers, or handlers, whom the measures above do not count as pledged."""
    held = _held(as_of, library, organization_ids, [Worker.is_handler] if handlers_only else [])
    return select(held.c.organization_id, held.c.worker_id).where(held.c.ends_on.is_(None))


def unsigned(
    as_of: date, library: Library, within: Mapping[UUID, Collection[UUID]], *, but: Collection[UUID] = ()
) -> Measure:
    """(organization, who is asked to sign, of those who holds nothing that counts), of the named centers or of all.

    Asked is who holds nothing, and, once the campaign for a year is open, who has not signed for it. Organizations in
    which nobody is asked yield no row.
    """
    places = (
        and_(Worker.organization_id == organization_id, Worker.center_id.in_(sorted(some)) if some else true())
        for organization_id, some in within.items()
    )
    held = _held(as_of, library, within, [or_(*places), Worker.id.not_in(sorted(but))])
    month = func.coalesce(PledgeSettings.anniversary_month, yearly.APRIL)
    wanted = case(*((month == each, literal(_wanted(as_of, each), Date())) for each in range(1, 13)))
    return (
        select(
            held.c.organization_id,
            func.count().label("asked"),
            func.sum(case((held.c.ends_on.is_(None), 1), else_=0)).label("without"),
        )
        .outerjoin(PledgeSettings, PledgeSettings.organization_id == held.c.organization_id)
        .where(or_(held.c.ends_on.is_(None), held.c.ends_on < wanted))
        .group_by(held.c.organization_id)
    )


def _wanted(day: date, month: int) -> date:
    return yearly.lapses_on(yearly.year_signed_for(day, month), month)


def _coverage(held: Any) -> Measure:
    return select(
        held.c.organization_id,
        func.count(held.c.ends_on).label("numerator"),
        func.count().label("denominator"),
        func.min(held.c.ends_on, type_=Date()).label("lapses_on"),
    ).group_by(held.c.organization_id)


def _held(
    as_of: date, library: Library, organization_ids: Where, who: list[Any], people: Any = Worker
) -> Any:  # fmt: skip
    """(organization, worker, ends_on) of active workers: the last day on which anything counts that was signed and
    known by the day; NULL where nothing does. The pledges are joined, not gathered first: both sides come in the order
    of their keys, and nothing is sorted."""
    # Few are cancelled: they are read once as a whole, not again for every pledge.
    cancelled = select(PledgeCancellation.pledge_id).where(PledgeCancellation.happened_on <= as_of)
    counts = and_(
        Pledge.organization_id == people.organization_id,
        Pledge.worker_id == people.id,
        Pledge.occasion.in_(YEARLY),
        Pledge.counts_until >= as_of,
        Pledge.signed_on <= as_of,
        Pledge.recorded_on <= as_of,
        Pledge.id.not_in(cancelled),
    )
    step = _recorded_as_step(as_of, organization_ids, people).subquery()
    query = (
        select(
            people.organization_id,
            people.id.label("worker_id"),
            func.max(_ends_on(as_of, library), type_=Date()).label("by_pledge"),
            func.max(case((step.c.ends_on >= as_of, step.c.ends_on)), type_=Date()).label("by_step"),
        )
        .select_from(people)
        .outerjoin(Pledge, counts)
        .outerjoin(step, and_(step.c.organization_id == people.organization_id, step.c.worker_id == people.id))
        .where(people.joined_on <= as_of, or_(people.left_on.is_(None), people.left_on >= as_of), *who)
        .group_by(people.organization_id, people.id)
    )
    if organization_ids is not None:
        query = query.where(people.organization_id.in_(sorted(organization_ids)))
    both = query.subquery()
    by_pledge, by_step = (case((each >= as_of, each)) for each in (both.c.by_pledge, both.c.by_step))
    ends_on = case((or_(by_step.is_(None), by_pledge >= by_step), by_pledge), else_=by_step)
    return select(both.c.organization_id, both.c.worker_id, ends_on.label("ends_on")).subquery()


def _ends_on(as_of: date, library: Library) -> Any:
    """The last day on which a pledge counts: its year's, or earlier where a changed text asks to sign again."""
    by_own = (
        select(func.min(OwnWording.sign_again_by, type_=Date()))
        .where(
            OwnWording.organization_id == Pledge.organization_id,
            OwnWording.key == Pledge.key,
            OwnWording.number > Pledge.own_number,
            OwnWording.is_material,
            OwnWording.from_on <= as_of,
        )
        .correlate(Pledge)
        .scalar_subquery()
    )
    changed = select(OwnWording.organization_id).where(OwnWording.is_material, OwnWording.from_on <= as_of)
    earlier = case((by_own < Pledge.counts_until, by_own), else_=Pledge.counts_until)
    ends = case((Pledge.organization_id.in_(changed), earlier), else_=Pledge.counts_until)
    for key in sorted({each.key for each in library.wordings}):
        editions = library.editions_of(key, as_of)
        for at, edition in enumerate(editions):
            later = [each for each in editions[at + 1 :] if each.is_material and each.change is not None]
            days = [each.valid_from + timedelta(days=each.change.sign_again_days or 0) for each in later if each.change]
            if days:
                mine = and_(Pledge.key == key, Pledge.edition == edition.edition)
                ends = case((and_(mine, ends > min(days)), literal(min(days), Date())), else_=ends)
    return ends


def _recorded_as_step(as_of: date, organization_ids: Where, people: Any) -> Measure:
    """The same of pledges that were recorded as a step of joining, without their text (people)."""
    newer = aliased(JoiningRecord)
    replaced = select(newer.id).where(
        newer.organization_id == JoiningRecord.organization_id,
        newer.replaces_id == JoiningRecord.id,
        newer.recorded_on <= as_of,
    )
    linked = select(Pledge.id).where(
        Pledge.organization_id == JoiningRecord.organization_id,
        Pledge.joining_record_id == JoiningRecord.id,
        Pledge.recorded_on <= as_of,
    )
    # No pledge counts for longer than a year, a campaign of one month before it and the days after it; a step is done
    # three months before the first day at the earliest.
    recent = as_of - timedelta(days=450)
    known = as_of - timedelta(days=550)
    day = case((JoiningRecord.done_on < people.joined_on, people.joined_on), else_=JoiningRecord.done_on)
    month = func.coalesce(PledgeSettings.anniversary_month, yearly.APRIL)
    windows = [
        (and_(month == each, day >= yearly.opens_on(year, each)), literal(yearly.lapses_on(year, each), Date()))
        for each in (yearly.APRIL, *(other for other in range(1, 13) if other != yearly.APRIL))
        for year in range(as_of.year + 1, as_of.year - 3, -1)
    ]
    query = (
        select(JoiningRecord.organization_id, JoiningRecord.worker_id, case(*windows).label("ends_on"))
        .join(
            people,
            and_(people.organization_id == JoiningRecord.organization_id, people.id == JoiningRecord.worker_id),
        )
        .outerjoin(PledgeSettings, PledgeSettings.organization_id == JoiningRecord.organization_id)
        .where(
            JoiningRecord.step == JoiningStep.PLEDGE,
            ~JoiningRecord.is_withdrawal,
            JoiningRecord.done_on <= as_of,
            JoiningRecord.recorded_on <= as_of,
            JoiningRecord.done_on >= known,
            or_(JoiningRecord.done_on >= recent, people.joined_on >= recent),
            ~replaced.correlate(JoiningRecord).exists(),
            ~linked.correlate(JoiningRecord).exists(),
        )
    )
    return (
        query if organization_ids is None else query.where(JoiningRecord.organization_id.in_(sorted(organization_ids)))
    )
