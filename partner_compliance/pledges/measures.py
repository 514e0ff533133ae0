"""What readiness counts about pledges: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood, and were known, on a day; an
organization without anybody to count yields no row. `lapses_on` is the first day on which somebody's pledge ends; the
day after, the numbers are worse unless somebody signs. Handlers who began before their pledge, and pledges on leaving,
are counted where joining and leaving are kept (people.measures: handlers_pledged_first, exit_pledges).
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.people.models import JoiningRecord, JoiningStep
from partner_compliance.pledges import terms
from partner_compliance.pledges.models import OwnWording, Pledge, PledgeCancellation, PledgeSettings
from partner_compliance.pledges.queries import YEARLY, Where

Measure = Select[*tuple[Any, ...]]


def workers_pledged(as_of: date, library: Library, organization_ids: Where = None) -> Measure:
    """(organization, pledged, active workers, first end): who holds a valid pledge of the year (ladder 2b)."""
    return _coverage(as_of, library, organization_ids, [])


def handlers_pledged(as_of: date, library: Library, organization_ids: Where = None) -> Measure:
    """(organization, pledged, active handlers of personal data, first end): the same of handlers (ladder 2b, 2c)."""
    return _coverage(as_of, library, organization_ids, [Worker.is_handler])


def unsigned(
    as_of: date, library: Library, within: Mapping[UUID, Collection[UUID]], *, but: Collection[UUID] = ()
) -> Measure:
    """(organization, who is asked to sign, of those who holds nothing that counts), of the named centers or of all.

    Asked is who holds nothing, and, once the campaign for a year is open, who has not signed for it. Organizations in
    which nobody is asked yield no row.
    """
    ends = _ends(as_of, library, within)
    last = (
        select(ends.c.organization_id, ends.c.worker_id, func.max(ends.c.ends_on, type_=Date()).label("ends_on"))
        .where(ends.c.ends_on >= as_of)
        .group_by(ends.c.organization_id, ends.c.worker_id)
        .subquery()
    )
    month = func.coalesce(PledgeSettings.anniversary_month, terms.APRIL)
    wanted = case(*((month == each, literal(_wanted(as_of, each), Date())) for each in range(1, 13)))
    return (
        select(
            Worker.organization_id,
            func.count().label("asked"),
            func.sum(case((last.c.ends_on.is_(None), 1), else_=0)).label("without"),
        )
        .outerjoin(last, and_(last.c.organization_id == Worker.organization_id, last.c.worker_id == Worker.id))
        .outerjoin(PledgeSettings, PledgeSettings.organization_id == Worker.organization_id)
        .where(
            Worker.joined_on <= as_of,
            or_(Worker.left_on.is_(None), Worker.left_on >= as_of),
            or_(last.c.ends_on.is_(None), last.c.ends_on < wanted),
            Worker.id.not_in(sorted(but)),
            or_(
                *(
                    and_(
                        Worker.organization_id == organization_id,
                        *([Worker.center_id.in_(sorted(some))] if some else []),
                    )
                    for organization_id, some in within.items()
                )
            ),
        )
        .group_by(Worker.organization_id)
    )


def _wanted(day: date, month: int) -> date:
    return terms.lapses_on(terms.year_signed_for(day, month), month)


def _coverage(as_of: date, library: Library, organization_ids: Where, more: list[Any]) -> Measure:
    ends = _ends(as_of, library, organization_ids)
    held = (
        select(ends.c.organization_id, ends.c.worker_id, func.max(ends.c.ends_on, type_=Date()).label("ends_on"))
        .where(ends.c.ends_on >= as_of)
        .group_by(ends.c.organization_id, ends.c.worker_id)
        .subquery()
    )
    query = (
        select(
            Worker.organization_id,
            func.count(held.c.worker_id).label("numerator"),
            func.count().label("denominator"),
            func.min(held.c.ends_on, type_=Date()).label("lapses_on"),
        )
        .outerjoin(held, and_(held.c.organization_id == Worker.organization_id, held.c.worker_id == Worker.id))
        .where(Worker.joined_on <= as_of, or_(Worker.left_on.is_(None), Worker.left_on >= as_of), *more)
        .group_by(Worker.organization_id)
    )
    return query if organization_ids is None else query.where(Worker.organization_id.in_(sorted(organization_ids)))


def _ends(as_of: date, library: Library, organization_ids: Where) -> Any:
    """(organization, worker, last day on which it counts) of everything that was signed and known by the day."""
    # Few are cancelled, and few texts changed: both are read once as a whole, not again for every pledge.
    cancelled = select(PledgeCancellation.pledge_id).where(PledgeCancellation.happened_on <= as_of)
    signed = select(Pledge.organization_id, Pledge.worker_id, _ends_on(as_of, library).label("ends_on")).where(
        Pledge.occasion.in_(YEARLY),
        Pledge.counts_until >= as_of,
        Pledge.signed_on <= as_of,
        Pledge.recorded_on <= as_of,
        Pledge.id.not_in(cancelled),
    )
    recorded = _recorded_as_step(as_of)
    if organization_ids is not None:
        wanted = sorted(organization_ids)
        signed = signed.where(Pledge.organization_id.in_(wanted))
        recorded = recorded.where(JoiningRecord.organization_id.in_(wanted))
    return union_all(signed, recorded).subquery()


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


def _recorded_as_step(as_of: date) -> Measure:
    """The same of pledges that were recorded as a step of joining, without their text (people)."""
    newer = aliased(JoiningRecord)
    replaced = select(newer.id).where(
        newer.organization_id == JoiningRecord.organization_id,
        newer.replaces_id == JoiningRecord.id,
        newer.recorded_on <= as_of,
    )
    linked = select(Pledge.id).where(
        Pledge.organization_id == JoiningRecord.organization_id, Pledge.joining_record_id == JoiningRecord.id
    )
    # No pledge counts for longer than a year, a campaign of one month before it and the days after it.
    recent = as_of - timedelta(days=450)
    day = case((JoiningRecord.done_on < Worker.joined_on, Worker.joined_on), else_=JoiningRecord.done_on)
    month = func.coalesce(PledgeSettings.anniversary_month, terms.APRIL)
    windows = [
        (and_(month == each, day >= terms.opens_on(year, each)), literal(terms.lapses_on(year, each), Date()))
        for each in (terms.APRIL, *(other for other in range(1, 13) if other != terms.APRIL))
        for year in range(as_of.year + 1, as_of.year - 3, -1)
    ]
    return (
        select(JoiningRecord.organization_id, JoiningRecord.worker_id, case(*windows).label("ends_on"))
        .join(
            Worker,
            and_(Worker.organization_id == JoiningRecord.organization_id, Worker.id == JoiningRecord.worker_id),
        )
        .outerjoin(PledgeSettings, PledgeSettings.organization_id == JoiningRecord.organization_id)
        .where(
            JoiningRecord.step == JoiningStep.PLEDGE,
            ~JoiningRecord.is_withdrawal,
            JoiningRecord.done_on <= as_of,
            JoiningRecord.recorded_on <= as_of,
            or_(JoiningRecord.done_on >= recent, Worker.joined_on >= recent),
            ~replaced.correlate(JoiningRecord).exists(),
            ~linked.correlate(JoiningRecord).exists(),
        )
    )
