"""A course in a group, with papers: preparing the quiz, recording who was there, entering what was wrong."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.library.courses import Course
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.training import contents, draws, operations, policy, queries
from partner_compliance.training.models import (
    CourseAnswer,
    CourseAttempt,
    SessionPerson,
    SessionRecord,
    TrainingSession,
)
from partner_compliance.training.words import Way

#: A paper may be entered so long after the day written on it.
ENTER_WITHIN = timedelta(days=60)


class AlreadyEntered(RuleBroken):
    """Somebody's result of this session was entered before."""

    what_to_do = "直すときは、その方の記録を取り消してから、もう一度入力してください。"


def prepare(
    session: Session,
    library: Library,
    organization: Organization,
    key: str,
    center_id: UUID | None,
    *,
    by: Principal,
    now: datetime,
) -> TrainingSession:
    """Draw the questions of a group's paper. Raises NoSuchCourse, NotAllowed for a center that is not one's own."""
    found = queries.offered(session, library, organization.id, on=local_date(now))
    if key not in found:
        raise operations.NoSuchCourse
    course, made_id = found[key].course, uuid4()
    made = TrainingSession(
        organization_id=organization.id, id=made_id, center_id=center_id, course_key=course.key,
        edition=course.edition, title=course.title[:100], asked=draws.draw(course, made_id), prepared_at=now,
        prepared_on=local_date(now), by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    if not policy.may_record(by, made):
        raise NotAllowed
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "course.session_prepared", now, by.actor, object_kind="training_session",
            object_id=made.id, content=contents.session_content(made), details={"course": made.course_key},
        ),
    )  # fmt: skip
    return made


def record(
    session: Session,
    library: Library,
    prepared: TrainingSession,
    *,
    held_on: date,
    minutes: int,
    led_by: str,
    people: Sequence[Worker],
    wrong: Mapping[UUID, Sequence[str]],
    by: Principal,
    now: datetime,
) -> SessionRecord:
    """Record that a group met: who was there, and for those who answered on paper which questions were wrong.

    `people` were there; `wrong` has an entry for each of them who filled in the paper. Recorded again, it takes in
    those who came later. Nobody enters an own result. Raises WrongEntry for a day, a length, nobody, or a question
    that was not asked; AlreadyEntered, NotAllowed.
    """
    if not policy.may_record(by, prepared):
        raise NotAllowed
    session.refresh(prepared, with_for_update=True)
    today = local_date(now)
    if not prepared.prepared_on - ENTER_WITHIN <= held_on <= today or held_on < today - ENTER_WITHIN:
        raise WrongEntry("held_on", f"集まった日は、今日までの{ENTER_WITHIN.days}日間の中で入力してください。")
    if not 1 <= minutes <= 600:
        raise WrongEntry("minutes", "時間は、1から600までの分で入力してください。")
    if not led_by:
        raise WrongEntry("led_by", "進めた人の名前を入力してください。")
    if not people:
        raise WrongEntry("people", "参加した人を、一人以上選んでください。")
    course = queries.course_of(session, library, prepared.organization_id, prepared.course_key, prepared.edition)
    made = queries.record_of(session, prepared) or _keep_record(session, prepared, held_on, minutes, led_by, by, now)
    there = {worker.id for worker, _ in queries.people_at(session, prepared)}
    entered = {worker.id for worker, result in queries.people_at(session, prepared) if result is not None}
    for worker in people:
        _require_present(prepared, worker, made.held_on)
        if worker.id not in there:
            session.add(
                SessionPerson(
                    organization_id=prepared.organization_id, session_id=prepared.id, worker_id=worker.id,
                    recorded_on=today,
                )
            )  # fmt: skip
        if worker.id not in wrong:
            continue
        if worker.id in by.worker_ids:
            raise WrongEntry("people", "自分の答えは、自分では入力できません。ほかの方に入力してもらってください。")
        if worker.id in entered:
            raise AlreadyEntered(f"{worker.name}さんの結果は、すでに入力されています。")
        if set(wrong[worker.id]) - set(prepared.asked):
            raise WrongEntry("people", "この用紙にない問題が選ばれています。画面を開き直してください。")
        attempt = _keep_paper(session, prepared, course, worker, wrong[worker.id], made.held_on, now)
        right = len(prepared.asked) - len(set(wrong[worker.id]))
        way = Way.GROUP if len(people) > 1 or len(there) > 1 else Way.PAPER
        operations.keep_result(
            session, library, course, attempt, worker, right, len(prepared.asked), made.held_on, way, by=by, now=now
        )
    session.flush()
    return made


def _require_present(prepared: TrainingSession, worker: Worker, day: date) -> None:
    if worker.organization_id != prepared.organization_id or (
        prepared.center_id is not None and worker.center_id != prepared.center_id
    ):
        raise NotAllowed
    if worker.left_on is not None and worker.left_on < day:
        raise WrongEntry("people", f"{worker.name}さんは、その日には退職していました。")


def _keep_record(
    session: Session, prepared: TrainingSession, held_on: date, minutes: int, led_by: str, by: Principal, now: datetime
) -> SessionRecord:
    made = SessionRecord(
        organization_id=prepared.organization_id, id=uuid4(), session_id=prepared.id, held_on=held_on,
        minutes=minutes, led_by=led_by, recorded_at=now, recorded_on=local_date(now), by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            prepared.organization_id, "course.session_held", now, by.actor, object_kind="session_record",
            object_id=made.id, content=contents.record_content(made),
            details={"course": prepared.course_key, "minutes": minutes},
        ),
    )  # fmt: skip
    return made


def _keep_paper(
    session: Session,
    prepared: TrainingSession,
    course: Course,
    worker: Worker,
    wrong: Sequence[str],
    held_on: date,
    now: datetime,
) -> CourseAttempt:
    attempt = CourseAttempt(
        organization_id=prepared.organization_id, id=uuid4(), worker_id=worker.id, session_id=prepared.id,
        course_key=prepared.course_key, edition=prepared.edition, digest=course.digest, asked=list(prepared.asked),
        lessons_read=0, begun_at=now, begun_on=held_on, ended_at=now,
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    for key in prepared.asked:
        session.add(
            CourseAnswer(
                organization_id=prepared.organization_id, id=uuid4(), attempt_id=attempt.id,
                course_key=prepared.course_key, edition=prepared.edition, question_key=key, try_number=1, choice=None,
                is_right=key not in wrong, at=now, answered_on=held_on, center_id=worker.center_id,
            )
        )  # fmt: skip
    session.flush()
    return attempt
