"""Coming and going in the demo: steps of joining, things in hand and leavings, by the operations of the pages."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal
from partner_compliance.acts import Actor
from partner_compliance.demo.cast import Person
from partner_compliance.organizations.models import Worker, WorkerKind
from partner_compliance.people import leaving, operations, queries
from partner_compliance.people.models import (
    Fate,
    JoiningStep,
    LeavingCheck,
    LeavingReason,
    Manner,
    Outcome,
    ThingKind,
)

#: Every so many people one has not taken the course yet, and one in so many of the staff has a key.
_WITHOUT_COURSE = 11
_WITH_KEY = 3

_SUBJECTS = {
    JoiningStep.BRIEFING: "個人情報保護規程と持ち出しのきまり",
    JoiningStep.PLEDGE: "個人情報の保護に関する誓約書",
    JoiningStep.COURSE: "個人情報の取り扱い 入門研修",
}


def leaves_at(person: Person) -> datetime:
    """When someone's leaving is registered: in the evening of the last day."""
    if person.left_on is None:
        raise ValueError(f"{person.name} does not leave")
    return clock.start_of(person.left_on) + timedelta(hours=17)


def take_in(
    session: Session, worker: Worker, person: Person, at: int, *, officer: str, by: Actor, now: datetime
) -> None:
    """Do the steps of someone's joining on the first day; a few have not taken the course yet."""
    for step in JoiningStep:
        if step is JoiningStep.COURSE and at % _WITHOUT_COURSE == _WITHOUT_COURSE - 1:
            continue
        manner = Manner.PAPER if step is JoiningStep.PLEDGE else Manner.ALONE
        facts = operations.StepFacts(step, person.joined_on, manner, _SUBJECTS[step], officer)
        operations.record_step(session, worker, facts, by=by, now=now)
    if person.kind is WorkerKind.REGULAR and at % _WITH_KEY == 0:
        key = operations.ThingFacts(ThingKind.KEY, f"事務所の鍵 No.{at + 1}", person.joined_on)
        operations.lend(session, worker, key, by=by, now=now)


def let_go(session: Session, worker: Worker, person: Person, *, by: Principal, now: datetime) -> None:
    """Close everything for someone whose last day it is."""
    if person.left_on is None:
        raise ValueError(f"{person.name} does not leave")
    is_volunteer = person.kind is WorkerKind.VOLUNTEER
    out = [thing.item.id for thing in queries.things_of(session, worker) if thing.is_out and thing.item]
    checks = dict.fromkeys(LeavingCheck, Outcome.NONE) | {LeavingCheck.PLEDGE: Outcome.DONE}
    facts = leaving.LeavingFacts(
        person.left_on,
        LeavingReason.ENDED if is_volunteer else LeavingReason.RESIGNED,
        checked_on=person.left_on,
        things=dict.fromkeys(out, Fate.RETURNED),
        checks=checks | ({LeavingCheck.KEYS: Outcome.DONE} if out else {}),
        pledged_on=person.left_on,
    )
    leaving.leave(session, worker, facts, by=by, now=now)
