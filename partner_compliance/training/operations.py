"""Asking for courses, and taking them: begin, read, answer until everything was right once, pass or try again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts, yearly
from partner_compliance.access import Principal
from partner_compliance.accounts.models import User
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.library.courses import Course, Suits, is_passed
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker, WorkerKind
from partner_compliance.roster.models import Post
from partner_compliance.rulebooks.queries import year_after
from partner_compliance.training import contents, draws, policy, queries
from partner_compliance.training.models import (
    CourseAnswer,
    CourseAssignment,
    CourseAttempt,
    CourseCancellation,
    CourseResult,
    OfficerAnswer,
    OfficerAttempt,
    OfficerResult,
)
from partner_compliance.training.queries import Attempt, Offered, Progress, Result
from partner_compliance.training.words import Audience, Renewal, Way

#: Digits of a certificate's number; none that looks like another.
_DIGITS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What is offered to an organization that asks nobody for anything yet: (course, audience, days).
RECOMMENDED = (
    ("secrecy-basics", Audience.STAFF, None, 14),
    ("volunteers", Audience.KIND, WorkerKind.VOLUNTEER, 14),
    ("take-out", Audience.HANDLERS, None, 30),
    ("first-thirty-minutes", Audience.EVERYONE, None, 60),
    ("signing-off", Audience.POST, Post.CENTER_HEAD, 30),
)


class NoSuchCourse(RuleBroken):
    """The course is not offered on the day."""

    message = "この講座は、いまは受けられません。"
    what_to_do = "講座の一覧に戻り、いまの講座を選んでください。"


class AlreadyFinished(RuleBroken):
    """The attempt has ended."""

    message = "この講座は、もう最後まで終わっています。"
    what_to_do = "結果を確かめてください。もう一度受けることもできます。"


class NotAsked(RuleBroken):
    """An answer to a question that is not the one being asked."""

    message = "この問題は、いま出している問題ではありません。"
    what_to_do = "講座の画面を開き直すと、続きから答えられます。これまでの答えは残っています。"


class LessonsFirst(RuleBroken):
    """A question was answered before the lessons were read."""

    message = "読みものが、まだ残っています。"
    what_to_do = "講座の画面を開き直し、読みものを最後まで読んでから答えてください。"


class AlreadyAssigned(RuleBroken):
    """The same course is asked of the same people already."""

    message = "同じ講座を、同じ人たちに、すでに割り当てています。"
    what_to_do = "期限や更新を変えるときは、いまの割り当てを終えてから、もう一度割り当ててください。"


class AlreadyCancelled(RuleBroken):
    """The result counts no more already."""

    message = "この記録は、すでに取り消されています。"
    what_to_do = "記録の一覧に戻り、いまの状態を確かめてください。"


# --- asking for courses -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A course that is to be asked of some people."""

    course_key: str
    audience: Audience
    due_days: int
    renewal: Renewal = Renewal.FISCAL_YEAR
    worker_kind: WorkerKind | None = None
    post: Post | None = None
    engagement_id: UUID | None = None


def assign(
    session: Session, library: Library, organization: Organization, wanted: Wanted, *, by: Principal, now: datetime
) -> CourseAssignment:
    """Ask a course of some people from today on.

    Raises NoSuchCourse, AlreadyAssigned, WrongEntry for an engagement that has ended or is another's, NotAllowed.
    """
    if not policy.may_keep(by, organization):
        raise NotAllowed
    today = local_date(now)
    session.refresh(organization, with_for_update=True)
    if wanted.course_key not in queries.offered(session, library, organization.id, on=today):
        raise NoSuchCourse
    if wanted.engagement_id is not None:
        engagement = session.get(Engagement, (organization.id, wanted.engagement_id))
        if engagement is None or engagement.ends_on < today or engagement.accepted_at is None:
            raise WrongEntry("audience", "その連携は、いま続いていません。選び直してください。")
    if not 0 <= wanted.due_days <= 365:
        raise WrongEntry("due_days", "期限は、0から365までの日数で入力してください。")
    same = _meaning(wanted)
    for each in queries.assignments_of(session, [organization.id], on=today):
        if _meaning(each) == same:
            raise AlreadyAssigned
    made = CourseAssignment(
        organization_id=organization.id, id=uuid4(), course_key=wanted.course_key, audience=wanted.audience,
        worker_kind=wanted.worker_kind, post=wanted.post, engagement_id=wanted.engagement_id,
        due_days=wanted.due_days, renewal=wanted.renewal, since_on=today, ended_on=None, made_at=now,
        made_by_id=by.user_id, made_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "course.assigned", now, by.actor, object_kind="course_assignment", object_id=made.id,
            content=contents.assignment_content(made),
            details={"course": made.course_key, "audience": made.audience.value},
        ),
    )  # fmt: skip
    return made


def _meaning(each: Wanted | CourseAssignment) -> tuple[object, ...]:
    return each.course_key, each.audience, each.worker_kind, each.post, each.engagement_id


def assign_recommended(
    session: Session, library: Library, organization: Organization, *, by: Principal, now: datetime
) -> list[CourseAssignment]:
    """Ask the courses of the recommended plan that are not asked yet."""
    made = []
    for key, audience, whom, days in RECOMMENDED:
        wanted = Wanted(
            key, audience, days,
            worker_kind=whom if isinstance(whom, WorkerKind) else None, post=whom if isinstance(whom, Post) else None,
        )  # fmt: skip
        try:
            made.append(assign(session, library, organization, wanted, by=by, now=now))
        except (AlreadyAssigned, NoSuchCourse):
            continue
    return made


def end_assignment(session: Session, assignment: CourseAssignment, *, by: Principal, now: datetime) -> None:
    """Ask a course of these people no longer, from today on; what they have passed stays. Twice is once."""
    if not policy.may_end(by, assignment):
        raise NotAllowed
    session.refresh(assignment, with_for_update=True)
    if assignment.ended_on is not None:
        return
    assignment.ended_on = local_date(now)
    session.flush()
    acts.record(
        session,
        Act(
            assignment.organization_id, "course.unassigned", now, by.actor, object_kind="course_assignment_end",
            object_id=assignment.id, details={"course": assignment.course_key},
        ),
    )  # fmt: skip


# --- taking one -------------------------------------------------------------------------------------------------


def begin(session: Session, library: Library, worker: Worker, key: str, *, by: Principal, now: datetime) -> Attempt:
    """Begin a course, or go on with the attempt that is open: in its edition, even when there is a newer one.

    Raises NoSuchCourse, NotAllowed for somebody else.
    """
    if worker.id not in by.worker_ids:
        raise NotAllowed
    session.refresh(worker, with_for_update=True)
    if (found := queries.open_attempt(session, worker, key)) is not None:
        return found
    course = _offered(session, library, worker.organization_id, key, local_date(now)).course
    before = queries.attempts_at(session, worker, key)
    attempt = CourseAttempt(
        organization_id=worker.organization_id, worker_id=worker.id, session_id=None,
        **_attempt(course, before, now),
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    return attempt


def begin_as_officer(
    session: Session, library: Library, municipality: Municipality, key: str, *, by: Principal, now: datetime
) -> Attempt:
    """The same for a municipal officer; only courses of the shelf. Raises NoSuchCourse, NotAllowed."""
    if not policy.may_take_as_officer(by, municipality):
        raise NotAllowed
    session.get_one(User, by.user_id, with_for_update=True)
    person = (municipality.id, by.user_id)
    if (found := queries.open_attempt(session, person, key)) is not None:
        return found
    courses = {each.key: each for each in library.courses_for(local_date(now))}
    if key not in courses:
        raise NoSuchCourse
    attempt = OfficerAttempt(
        municipality_id=municipality.id, user_id=by.user_id,
        **_attempt(courses[key], queries.attempts_at(session, person, key), now),
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    return attempt


def _offered(session: Session, library: Library, organization_id: UUID, key: str, today: date) -> Offered:
    found = queries.offered(session, library, organization_id, on=today)
    if key not in found:
        raise NoSuchCourse
    return found[key]


def _attempt(course: Course, before: Sequence[Attempt], now: datetime) -> dict[str, object]:
    seed = uuid4()
    # Whoever has been here before gets first what was not asked the last time.
    return {
        "id": seed, "course_key": course.key, "edition": course.edition, "digest": course.digest,
        "asked": draws.draw(course, seed, before[0].asked if before else ()), "lessons_read": 0,
        "begun_at": now, "begun_on": local_date(now), "ended_at": None,
    }  # fmt: skip


def read_lesson(session: Session, library: Library, attempt: Attempt, number: int, *, by: Principal) -> None:
    """Say that a lesson was read, counted from 0; saying it again changes nothing. Raises NotAllowed."""
    _require_own(attempt, by)
    session.refresh(attempt, with_for_update=True)
    course = queries.course_of(
        session, library, queries.tenant_of(attempt), attempt.course_key, attempt.edition
    )  # fmt: skip
    if number == attempt.lessons_read < len(course.lessons):
        attempt.lessons_read += 1
        session.flush()


def _require_own(attempt: Attempt, by: Principal) -> None:
    if isinstance(attempt, CourseAttempt):
        is_own = policy.may_take(by, attempt)
    else:
        is_own = policy.may_go_on_as_officer(by, attempt)
    if not is_own:
        raise NotAllowed


def answer(
    session: Session,
    library: Library,
    attempt: Attempt,
    question_key: str,
    try_number: int,
    choice: int | None,
    *,
    by: Principal,
    now: datetime,
) -> Progress:
    """Answer a question. The same answer sent twice counts once; the last right answer ends the attempt.

    Raises WrongEntry without a choice, NotAsked for a question or a try that is not the one being asked,
    LessonsFirst, AlreadyFinished, NotAllowed for somebody else.
    """
    _require_own(attempt, by)
    session.refresh(attempt, with_for_update=True)
    progress = queries.progress_of(session, library, attempt)
    if any((each.question_key, each.try_number) == (question_key, try_number) for each in progress.answers):
        return progress
    if attempt.ended_at is not None or progress.question is None:
        raise AlreadyFinished
    if progress.lesson is not None:
        raise LessonsFirst
    question = progress.question
    if question.key != question_key or progress.try_number != try_number:
        raise NotAsked
    if choice is None or not 0 <= choice < len(question.choices):
        raise WrongEntry("choice", "答えを一つ選んでください。")
    _keep_answer(session, attempt, question_key, try_number, choice, question.choices[choice].right, now)
    progress = queries.progress_of(session, library, attempt)
    if progress.question is None:
        _finish(session, library, progress, by=by, now=now)
    return progress


def _keep_answer(
    session: Session, attempt: Attempt, key: str, number: int, choice: int | None, is_right: bool, now: datetime
) -> None:
    facts = {
        "id": uuid4(), "attempt_id": attempt.id, "course_key": attempt.course_key, "edition": attempt.edition,
        "question_key": key, "try_number": number, "choice": choice, "is_right": is_right, "at": now,
        "answered_on": local_date(now),
    }  # fmt: skip
    if isinstance(attempt, CourseAttempt):
        worker = session.get_one(Worker, (attempt.organization_id, attempt.worker_id))
        session.add(CourseAnswer(organization_id=attempt.organization_id, center_id=worker.center_id, **facts))
    else:
        session.add(OfficerAnswer(municipality_id=attempt.municipality_id, **facts))
    session.flush()


def _finish(session: Session, library: Library, progress: Progress, *, by: Principal, now: datetime) -> Result:
    attempt = progress.attempt
    attempt.ended_at = now
    right, asked = progress.right_at_first, len(attempt.asked)
    if isinstance(attempt, CourseAttempt):
        worker = session.get_one(Worker, (attempt.organization_id, attempt.worker_id))
        way = Way.KIOSK if by.is_at_kiosk else Way.SCREEN
        return keep_result(
            session, library, progress.course, attempt, worker, right, asked, local_date(now), way, by=by, now=now
        )
    done_on = local_date(now)
    made = OfficerResult(
        municipality_id=attempt.municipality_id, user_id=attempt.user_id, name=by.name,
        **_result(progress.course, attempt, right, asked, done_on, now),
        ends_on=yearly.counts_until(done_on, yearly.APRIL) if is_passed(right, asked) else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            attempt.municipality_id, "course.finished", now, by.actor, object_kind="officer_result", object_id=made.id,
            content=contents.officer_result_content(made),
            details={"course": made.course_key, "passed": made.is_passed},
        ),
    )  # fmt: skip
    return made


def _result(
    course: Course, attempt: Attempt, right: int, asked: int, done_on: date, now: datetime
) -> dict[str, object]:
    return {
        "id": uuid4(), "attempt_id": attempt.id, "number": new_number(), "course_key": course.key,
        "edition": course.edition, "title": course.title[:100], "asked": asked, "right_at_first": right,
        "is_passed": is_passed(right, asked), "done_on": done_on, "recorded_at": now, "recorded_on": local_date(now),
    }  # fmt: skip


def new_number() -> str:
    """A certificate's number: `KZ-` and three groups of four digits that nobody can guess."""
    groups = ("".join(secrets.choice(_DIGITS) for _ in range(4)) for _ in range(3))
    return "-".join(("KZ", *groups))


def keep_result(
    session: Session,
    library: Library,
    course: Course,
    attempt: CourseAttempt,
    worker: Worker,
    right: int,
    asked: int,
    done_on: date,
    way: Way,
    *,
    by: Principal,
    now: datetime,
) -> CourseResult:
    """Record how an attempt ended: passed with 80 % right at the first try (ladder 2d), and until when it counts.

    A pass counts until the tenth business day of the next April, one from 1 March on for the year after; or for
    twelve months, where the organization chose that.
    """
    today = local_date(now)
    counts_as = course.key
    is_own = course.key.startswith(queries.OWN)
    if is_own:
        edition = queries.own_edition(session, worker.organization_id, course.key, course.edition)
        counts_as = (edition.counts_as or "") if edition else ""
    passed = is_passed(right, asked)
    renewal = queries.renewal_of(session, worker, {course.key, counts_as} - {""}, on=today)
    ends_on = (
        year_after(done_on)
        if renewal is Renewal.TWELVE_MONTHS
        else yearly.counts_until(done_on, yearly.APRIL, joined_on=worker.joined_on)
    )
    shelf = next((each for each in library.courses if each.key == counts_as), None)
    made = CourseResult(
        organization_id=worker.organization_id, worker_id=worker.id, center_id=worker.center_id,
        session_id=attempt.session_id, counts_as=counts_as or None,
        is_entry=passed and shelf is not None and is_entry_for(shelf, worker), way=way, name=worker.name,
        recorded_by_id=by.user_id, recorded_by_name=by.name, kiosk_id=by.kiosk_id,
        ends_on=ends_on if passed else None, **_result(course, attempt, right, asked, done_on, now),
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            worker.organization_id, "course.finished", now, by.actor, object_kind="course_result", object_id=made.id,
            subject_id=worker.id, content=contents.result_content(made),
            details={"course": made.course_key, "passed": made.is_passed, "way": way.value},
        ),
    )  # fmt: skip
    return made


def is_entry_for(course: Course, worker: Worker) -> bool:
    """Whether a course counts as that on joining for somebody: the volunteers' one for volunteers only (DOMAIN E27)."""
    only_volunteers = Suits.VOLUNTEERS in course.suits and Suits.EVERYONE not in course.suits
    return course.entry and (not only_volunteers or worker.kind is WorkerKind.VOLUNTEER)


def cancel(session: Session, result: CourseResult, *, reason: str, by: Principal, now: datetime) -> CourseCancellation:
    """Say that a result was recorded by mistake: it counts no more and stays readable.

    Raises WrongEntry without a reason, NotAllowed for one's own, AlreadyCancelled.
    """
    if not policy.may_cancel(by, result):
        raise NotAllowed
    if not reason:
        raise WrongEntry("reason", "取り消す理由を入力してください。")
    worker = session.get_one(Worker, (result.organization_id, result.worker_id))
    session.refresh(worker, with_for_update=True)
    found = session.scalar(
        select(CourseCancellation.id).where(
            CourseCancellation.organization_id == result.organization_id, CourseCancellation.result_id == result.id
        )
    )
    if found is not None:
        raise AlreadyCancelled
    made = CourseCancellation(
        organization_id=result.organization_id, id=uuid4(), result_id=result.id, reason=reason, at=now,
        happened_on=local_date(now), by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            result.organization_id, "course.cancelled", now, by.actor, object_kind="course_cancellation",
            object_id=made.id, subject_id=result.worker_id, content=contents.cancellation_content(made),
            details={"course": result.course_key},
        ),
    )  # fmt: skip
    return made
