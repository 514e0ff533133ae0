"""What readiness counts about the roster: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood, and were known, on a day; an
organization with nothing to count yields no row. `lapses_on` is the last day on which the counts hold. `people` is the
roster that is asked, for a past day as it was known then (roster.known).
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from partner_compliance import clock
from partner_compliance.organizations.models import Worker
from partner_compliance.roster.models import Post, PostHolding, RosterConfirmation
from partner_compliance.roster.queries import CONFIRMED_FOR

Measure = Select[*tuple[Any, ...]]
Where = Iterable[UUID] | None

_FAR = date(9999, 12, 31)


_PAIRS = [(each.principal, each) for each in Post if each.principal is not None]


def posts_with_deputy(
    as_of: date, organization_ids: Where = None, people: Callable[[int], Any] = lambda _: aliased(Worker), *,
    is_past: bool = False,
) -> Measure:  # fmt: skip
    """(organization, posts held with a deputy who is another person, 2, last day of the first to end) (ladder 1a)."""
    of_posts = _held_with_deputy(as_of, organization_ids, people, is_past=is_past).subquery()
    soonest = func.min(of_posts.c.ends_on, type_=Date())
    return select(
        of_posts.c.organization_id,
        func.count().label("numerator"),
        literal(len(_PAIRS)).label("denominator"),
        case((soonest < _FAR, soonest)).label("lapses_on"),
    ).group_by(of_posts.c.organization_id)


def posts_held_with_deputy(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, post) of what the measure above counts."""
    of_posts = _held_with_deputy(as_of, organization_ids, lambda _: aliased(Worker)).subquery()
    return select(of_posts.c.organization_id, of_posts.c.post)


def _held_with_deputy(
    as_of: date, organization_ids: Where, people: Callable[[int], Any], *, is_past: bool = False
) -> Measure:
    holder, deputy = aliased(PostHolding), aliased(PostHolding)
    person, other = people(0), people(1)
    day = as_of if is_past else None
    ends = [_end(_until(holder, day)), _end(_until(deputy, day)), _end(person.left_on), _end(other.left_on)]
    first = ends[0]
    for each in ends[1:]:
        first = case((first <= each, first), else_=each)
    best = (
        select(holder.organization_id, holder.post, func.max(first, type_=Date()).label("ends_on"))
        .join(
            deputy,
            and_(
                deputy.organization_id == holder.organization_id,
                deputy.worker_id != holder.worker_id,
                or_(*(and_(holder.post == post, deputy.post == stands_in) for post, stands_in in _PAIRS)),
            ),
        )
        .join(person, and_(person.organization_id == holder.organization_id, person.id == holder.worker_id))
        .join(other, and_(other.organization_id == deputy.organization_id, other.id == deputy.worker_id))
        .where(*_held(holder, person, as_of, day), *_held(deputy, other, as_of, day))
        .group_by(holder.organization_id, holder.post)
    )
    return best if organization_ids is None else best.where(holder.organization_id.in_(sorted(organization_ids)))


def _end(day: Any) -> Any:
    return func.coalesce(day, literal(_FAR, Date()), type_=Date())


def _until(holding: Any, known: date | None) -> Any:
    """The last day of a post; on a past day only if it had been written down by then."""
    if known is None:
        return holding.until_on
    end = clock.start_of(known + timedelta(days=1))
    return case((or_(holding.ended_at.is_(None), holding.ended_at < end), holding.until_on))


def _held(holding: Any, worker: Any, as_of: date, known: date | None) -> list[Any]:
    until_on = _until(holding, known)
    return [
        holding.from_on <= as_of,
        or_(until_on.is_(None), until_on >= as_of),
        holding.recorded_at < clock.start_of(as_of + timedelta(days=1)),
        or_(worker.left_on.is_(None), worker.left_on >= as_of),
    ]


def roster_confirmed(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, 1 if a roster without gaps was confirmed within 90 days, 1, last day of that) (ladder 1b).

    A confirmation that says how many rows are incomplete takes nothing away from an earlier one of a complete roster.
    """
    complete = func.max(case((RosterConfirmation.incomplete == 0, RosterConfirmation.confirmed_on)), type_=Date())
    query = (
        select(
            RosterConfirmation.organization_id,
            case((complete >= as_of - CONFIRMED_FOR, 1), else_=0).label("numerator"),
            literal(1).label("denominator"),
            complete.label("confirmed_on"),
        )
        .where(RosterConfirmation.confirmed_on <= as_of)
        .group_by(RosterConfirmation.organization_id)
    )
    return query if organization_ids is None else query.where(
        RosterConfirmation.organization_id.in_(sorted(organization_ids))
    )  # fmt: skip
