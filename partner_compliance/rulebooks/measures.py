"""What readiness counts about rules: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, denominator, lapses_on) as things stood, and were known, on a day; an
organization that has adopted nothing yields no row: nothing is known of it. `lapses_on` is the first day on which the
numbers are worse unless somebody acts.
"""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from partner_compliance.organizations.models import Worker
from partner_compliance.rulebooks.models import Acknowledgement, RuleEvent, RuleVersion
from partner_compliance.rulebooks.queries import Where
from partner_compliance.rulebooks.words import EventKind

Measure = Select[*tuple[Any, ...]]

#: The two rules of the ladder's 2a, and the procedure of its 2e.
BOTH = ("privacy-rule", "security-rule")
PROCEDURE = ("incident-procedure",)


def rules_adopted(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, rules in force, 2, first day a review is due): both rules adopted and in force (ladder 2a).

    A review that is overdue takes nothing away here; `rules_reviewed` counts it.
    """
    return _counted(_in_force(as_of, organization_ids, BOTH), None, 2)


def rules_complete(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, rules in force with every article that no rule may lack, 2, first day a review is due) (2a)."""
    held = _in_force(as_of, organization_ids, BOTH)
    return _counted(held, held.c.is_complete, 2)


def rules_reviewed(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, rules decided or reviewed within twelve months, 2, first day a review is due) (ladder 4b)."""
    held = _in_force(as_of, organization_ids, BOTH)
    return _counted(held, held.c.due_on >= as_of, 2)


def procedure_fresh(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, 1 if the incident procedure was decided or reviewed within twelve months, 1, when it is due)
    (ladder 2e)."""
    held = _in_force(as_of, organization_ids, PROCEDURE)
    return _counted(held, held.c.due_on >= as_of, 1)


def rules_held(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, key) of what `rules_adopted` counts."""
    return _which(_in_force(as_of, organization_ids, BOTH), None)


def complete_rules_held(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, key) of what `rules_complete` counts."""
    held = _in_force(as_of, organization_ids, BOTH)
    return _which(held, held.c.is_complete)


def reviewed_rules_held(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, key) of what `rules_reviewed` counts."""
    held = _in_force(as_of, organization_ids, BOTH)
    return _which(held, held.c.due_on >= as_of)


def fresh_procedure_held(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, key) of what `procedure_fresh` counts."""
    held = _in_force(as_of, organization_ids, PROCEDURE)
    return _which(held, held.c.due_on >= as_of)


def rules_acknowledged(as_of: date, organization_ids: Where = None, people: Any = Worker) -> Measure:
    """(organization, active workers who know both rules in force, active workers, when a grace ends) (DOMAIN A10, E01).

    Where one of the two is not in force, only the other is asked for. `people` is the roster that is asked, for a past
    day as it was known then (roster.known).
    """
    known, wanted, both, first = _acknowledged(as_of, organization_ids, people)
    return (
        select(
            known.c.organization_id,
            func.sum(case((both, 1), else_=0), type_=Integer()).label("numerator"),
            func.count().label("denominator"),
            func.min(case((both, first)), type_=Date()).label("lapses_on"),
        )
        .join(wanted, wanted.c.organization_id == known.c.organization_id)
        .group_by(known.c.organization_id)
    )


def without_acknowledgement(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, worker) of the active workers whom `rules_acknowledged` does not count."""
    known, wanted, both, _ = _acknowledged(as_of, organization_ids, Worker)
    return (
        select(known.c.organization_id, known.c.worker_id)
        .join(wanted, wanted.c.organization_id == known.c.organization_id)
        .where(case((both, 1), else_=0) == 0)
    )


def _acknowledged(as_of: date, organization_ids: Where, people: Any) -> tuple[Any, Any, Any, Any]:
    """(What workers know, what is asked, the condition that it is enough, when a grace ends), to be joined."""
    wanted = _asked(as_of, organization_ids).subquery()
    known = _known_by_workers(as_of, organization_ids, people).subquery()
    is_enough, lapses = [], []
    for place in range(len(BOTH)):
        since, until, number = wanted.c[f"since_{place}"], wanted.c[f"until_{place}"], known.c[f"known_{place}"]
        graced = and_(number < since, until >= as_of)
        is_enough.append(or_(since.is_(None), number >= since, graced))
        lapses.append(case((graced, until)))
    both = and_(*is_enough)
    first = case((lapses[0] <= lapses[1], lapses[0]), else_=func.coalesce(lapses[1], lapses[0]))
    return known, wanted, both, first


def _known_by_workers(as_of: date, organization_ids: Where, people: Any) -> Measure:
    """(organization, worker, highest number known of each of the two rules) of active workers: the acknowledgements are
    joined, not gathered first, so that both sides come in the order of their keys and nothing is sorted."""
    counts = and_(
        Acknowledgement.organization_id == people.organization_id,
        Acknowledgement.worker_id == people.id,
        Acknowledgement.acknowledged_on <= as_of,
        Acknowledgement.recorded_on <= as_of,
    )
    numbers = (
        func.max(case((Acknowledgement.key == key, Acknowledgement.version_number))).label(f"known_{place}")
        for place, key in enumerate(BOTH)
    )
    query = (
        select(people.organization_id, people.id.label("worker_id"), *numbers)
        .select_from(people)
        .outerjoin(Acknowledgement, counts)
        .where(people.joined_on <= as_of, or_(people.left_on.is_(None), people.left_on >= as_of))
        .group_by(people.organization_id, people.id)
    )
    return query if organization_ids is None else query.where(people.organization_id.in_(sorted(organization_ids)))


def _counted(held: Any, counts: Any, total: int) -> Measure:
    """Count the rules of an organization, all or those for which a condition holds."""
    return select(
        held.c.organization_id,
        (func.count() if counts is None else func.sum(case((counts, 1), else_=0), type_=Integer())).label("numerator"),
        literal(total, Integer()).label("denominator"),
        func.min(held.c.due_on, type_=Date()).label("lapses_on"),
    ).group_by(held.c.organization_id)


def _which(held: Any, counts: Any) -> Measure:
    query = select(held.c.organization_id, held.c.key)
    return query if counts is None else query.where(counts)


def _known(version: Any, as_of: date, keys: tuple[str, ...]) -> list[Any]:
    return [version.key.in_(keys), version.in_force_from <= as_of, version.recorded_on <= as_of]


def _newest(as_of: date, organization_ids: Where, keys: tuple[str, ...], *more: Any) -> Any:
    """The versions of the rules that are in force on a day and were known by then: of each the one with the highest
    number, since no later version comes into force earlier. `more` narrows to material ones, the same on both sides."""
    newer = aliased(RuleVersion)
    superseded = select(newer.id).where(
        newer.organization_id == RuleVersion.organization_id,
        newer.key == RuleVersion.key,
        newer.number > RuleVersion.number,
        newer.in_force_from <= as_of,
        newer.recorded_on <= as_of,
        *(condition(newer) for condition in more),
    )
    query = select(RuleVersion).where(
        *_known(RuleVersion, as_of, keys),
        *(condition(RuleVersion) for condition in more),
        ~superseded.correlate(RuleVersion).exists(),
    )
    return query if organization_ids is None else query.where(RuleVersion.organization_id.in_(sorted(organization_ids)))


def _in_force(as_of: date, organization_ids: Where, keys: tuple[str, ...]) -> Any:
    """(organization, key, is_complete, due_on) of the rules in force: due a year after the decision or the review."""
    reviewed = (
        select(RuleEvent.organization_id, RuleEvent.version_id, func.max(RuleEvent.review_due_on).label("due_on"))
        .where(RuleEvent.kind == EventKind.REVIEWED, RuleEvent.happened_on <= as_of, RuleEvent.recorded_on <= as_of)
        .group_by(RuleEvent.organization_id, RuleEvent.version_id)
        .subquery()
    )
    due_on = case((reviewed.c.due_on > RuleVersion.review_due_on, reviewed.c.due_on), else_=RuleVersion.review_due_on)
    return (
        _newest(as_of, organization_ids, keys)
        .outerjoin(
            reviewed,
            and_(reviewed.c.organization_id == RuleVersion.organization_id, reviewed.c.version_id == RuleVersion.id),
        )
        .with_only_columns(
            RuleVersion.organization_id, RuleVersion.key, RuleVersion.is_complete, due_on.label("due_on")
        )
        .subquery()
    )


def _asked(as_of: date, organization_ids: Where) -> Measure:
    """(organization, for each of the two rules since and until): the oldest number that is enough to know, and until
    when an older one still is; NULL for a rule that is not in force. It is the last material version; the first always
    is one."""
    columns = []
    for place, key in enumerate(BOTH):
        columns += [
            func.max(case((RuleVersion.key == key, RuleVersion.number))).label(f"since_{place}"),
            func.max(case((RuleVersion.key == key, RuleVersion.acknowledge_by)), type_=Date()).label(f"until_{place}"),
        ]
    newest = _newest(as_of, organization_ids, BOTH, lambda version: version.is_material)
    asked: Measure = newest.with_only_columns(RuleVersion.organization_id, *columns)
    return asked.group_by(RuleVersion.organization_id)
