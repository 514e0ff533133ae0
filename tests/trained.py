"""What the world's organizations have to do with courses: asked, begun, passed, on paper, of their own."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from partner_compliance.access import Principal
from partner_compliance.clock import local_date
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization, Worker
from partner_compliance.training import groups, operations, own_courses, queries
from partner_compliance.training.models import CourseAttempt, CourseResult, OfficerResult
from partner_compliance.training.queries import Attempt
from partner_compliance.training.words import Audience

COURSE = "secrecy-basics"


def answer_all(
    session: Session, library: Library, attempt: Attempt, *, by: Principal, now: datetime, wrong: int = 0
) -> Attempt:
    """Read every lesson and answer every question, so many of them wrongly at the first try."""
    course = queries.progress_of(session, library, attempt).course
    for number in range(len(course.lessons)):
        operations.read_lesson(session, library, attempt, number, by=by)
    progress = queries.progress_of(session, library, attempt)
    while (question := progress.question) is not None:
        is_wrong = progress.try_number == 1 and len(progress.tries) < wrong
        choice = (question.right + 1) % len(question.choices) if is_wrong else question.right
        progress = operations.answer(
            session, library, attempt, question.key, progress.try_number, choice, by=by, now=now
        )  # fmt: skip
    return attempt


def taken(
    session: Session,
    library: Library,
    worker: Worker,
    *,
    by: Principal,
    now: datetime,
    key: str = COURSE,
    wrong: int = 0,
) -> CourseResult:
    """A course taken from beginning to end."""
    attempt = operations.begin(session, library, worker, key, by=by, now=now)
    answer_all(session, library, attempt, by=by, now=now, wrong=wrong)
    result = queries.result_of(session, attempt)
    assert isinstance(result, CourseResult)
    return result


def in_the_world(
    session: Session,
    library: Library,
    organization: Organization,
    municipality: Municipality,
    worker: Worker,
    other: Worker,
    who: dict[str, Principal],
    city: Principal,
    *,
    now: datetime,
) -> dict[str, Any]:
    """Something in every table of the room."""
    said = {"by": who["officer"], "now": now}
    assigned = operations.assign(
        session, library, organization, operations.Wanted(COURSE, Audience.EVERYONE, 30), **said
    )  # fmt: skip
    result = taken(session, library, worker, by=who["worker"], now=now)
    begun = operations.begin(session, library, worker, "take-out", by=who["worker"], now=now)
    assert isinstance(begun, CourseAttempt)
    for number in range(len(queries.progress_of(session, library, begun).course.lessons)):
        operations.read_lesson(session, library, begun, number, by=who["worker"])
    question = queries.progress_of(session, library, begun).question
    assert question is not None
    operations.answer(session, library, begun, question.key, 1, question.right, by=who["worker"], now=now)
    prepared = groups.prepare(session, library, organization, COURSE, worker.center_id, **said)
    groups.record(
        session, library, prepared, held_on=local_date(now), minutes=30, led_by="西 守", people=[other],
        wrong={other.id: prepared.asked[:1]}, **said,
    )  # fmt: skip
    [(_, mistaken)] = queries.people_at(session, prepared)
    assert mistaken is not None
    operations.cancel(session, mistaken, reason="別の方の紙でした", **said)
    course = library.course_for(COURSE, local_date(now))
    own = own_courses.begin(session, library, organization, title="はまかぜの守秘", of=course, **said)
    own_courses.publish(session, library, own, seen=1, **said)
    attempt = operations.begin_as_officer(session, library, municipality, "sharing-decisions", by=city, now=now)
    answer_all(session, library, attempt, by=city, now=now)
    officers = queries.result_of(session, attempt)
    assert isinstance(officers, OfficerResult)
    open_one = operations.begin_as_officer(session, library, municipality, COURSE, by=city, now=now)
    operations.read_lesson(session, library, open_one, 0, by=city)
    return {
        "assignment": assigned.id, "result": result.id, "attempt": begun.id, "session": prepared.id,
        "own course": own.id, "officer result": officers.id, "officer attempt": attempt.id,
        "officer lesson": open_one.id,
    }  # fmt: skip
