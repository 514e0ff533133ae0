"""What can be read about courses: which there are, how far somebody is, who is asked for what and until when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance import yearly
from partner_compliance.library.courses import Course, Question
from partner_compliance.library.pledges import LawBook
from partner_compliance.library.shelf import Library, UnknownEdition
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    Municipality,
    Organization,
    Worker,
    WorkerKind,
)
from partner_compliance.pledges.queries import named_for
from partner_compliance.roster.models import PostHolding
from partner_compliance.roster.queries import is_held_on
from partner_compliance.training import draws
from partner_compliance.training.models import (
    CourseAnswer,
    CourseAssignment,
    CourseAttempt,
    CourseCancellation,
    CourseResult,
    OfficerAnswer,
    OfficerAttempt,
    OfficerResult,
    OwnCourse,
    OwnCourseEdition,
    SessionPerson,
    SessionRecord,
    TrainingSession,
)
from partner_compliance.training.words import Audience, Renewal, State

Where = Collection[UUID] | None
Attempt = CourseAttempt | OfficerAttempt
Result = CourseResult | OfficerResult
#: Own courses are told from those of the shelf by their key.
OWN = "own-"
#: Twelve months after passing, the renewal is asked for so long before.
BEFORE_END = timedelta(days=30)

_ANSWERS: dict[type[Any], type[Any]] = {CourseAttempt: CourseAnswer, OfficerAttempt: OfficerAnswer}
_RESULTS: dict[type[Any], type[Any]] = {CourseAttempt: CourseResult, OfficerAttempt: OfficerResult}


# --- which courses there are ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offered:
    """A course that can be begun, and the course of the shelf as which it counts."""

    course: Course
    counts_as: str | None


def course_of(session: Session, library: Library, tenant_id: UUID, key: str, edition: str) -> Course:
    """An edition of a course as it was begun, of the shelf or an organization's own; raises UnknownEdition."""
    if not key.startswith(OWN):
        return library.course(key, edition)
    row = own_edition(session, tenant_id, key, edition)
    if row is None:
        raise UnknownEdition(f"no edition {edition!r} of the own course {key!r}")
    return as_course(row)


def own_edition(session: Session, organization_id: UUID, key: str, edition: str) -> OwnCourseEdition | None:
    """A published edition of an own course."""
    return session.scalar(
        select(OwnCourseEdition).where(
            OwnCourseEdition.organization_id == organization_id,
            OwnCourseEdition.key == key,
            OwnCourseEdition.number == int(edition),
        )
    )


def as_course(row: OwnCourseEdition) -> Course:
    """A published own course in the shape of all courses."""
    return Course.model_validate(row.content).as_published()


def own_offered(session: Session, organization_ids: Iterable[UUID], *, on: date) -> dict[UUID, dict[str, Offered]]:
    """The own courses that can be begun on a day, in their newest edition: {organization: {key: course}}."""
    newer = aliased(OwnCourseEdition)
    found: dict[UUID, dict[str, Offered]] = {}
    for row in session.scalars(
        select(OwnCourseEdition)
        .join(
            OwnCourse,
            (OwnCourse.organization_id == OwnCourseEdition.organization_id)
            & (OwnCourse.id == OwnCourseEdition.own_course_id),
        )
        .where(
            OwnCourseEdition.organization_id.in_(sorted(set(organization_ids))),
            or_(OwnCourse.retired_on.is_(None), OwnCourse.retired_on > on),
            ~select(newer.id)
            .where(
                newer.organization_id == OwnCourseEdition.organization_id,
                newer.key == OwnCourseEdition.key,
                newer.number > OwnCourseEdition.number,
            )
            .correlate(OwnCourseEdition)
            .exists(),
        )
        .order_by(OwnCourseEdition.published_at, OwnCourseEdition.id)
    ):
        found.setdefault(row.organization_id, {})[row.key] = Offered(as_course(row), row.counts_as)
    return found


def offered(session: Session, library: Library, organization_id: UUID, *, on: date) -> dict[str, Offered]:
    """Every course that somebody of an organization can begin on a day, by key."""
    shelf = {each.key: Offered(each, each.key) for each in library.courses_for(on)}
    return shelf | own_offered(session, [organization_id], on=on).get(organization_id, {})


def law_on(library: Library, day: date) -> Mapping[str, str]:
    """The citations that fill a course's texts on a day."""
    book: LawBook = library.law_for(day)
    return book.citations(day)


# --- taking one -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far an attempt is."""

    attempt: Attempt
    course: Course
    answers: Sequence[CourseAnswer | OfficerAnswer]

    @property
    def lesson(self) -> int | None:
        """The lesson to read now, counted from 0; None once all were read."""
        return self.attempt.lessons_read if self.attempt.lessons_read < len(self.course.lessons) else None

    @property
    def tries(self) -> dict[str, int]:
        """{question: how often it was answered}."""
        found: dict[str, int] = {}
        for each in self.answers:
            found[each.question_key] = max(found.get(each.question_key, 0), each.try_number)
        return found

    @property
    def right(self) -> set[str]:
        """The questions that were answered rightly."""
        return {each.question_key for each in self.answers if each.is_right}

    @property
    def right_at_first(self) -> int:
        """How many were right at the first try."""
        return draws.right_at_first((each.try_number, each.is_right) for each in self.answers)

    @property
    def question(self) -> Question | None:
        """The question to answer now; None when all were right."""
        key = draws.next_question(self.attempt.asked, self.tries, self.right)
        return self.course.by_key[key] if key is not None else None

    @property
    def try_number(self) -> int:
        """The how-manyeth try the question is at."""
        return self.tries.get(self.question.key, 0) + 1 if self.question else 0

    def choices(self, question: Question, try_number: int) -> list[int]:
        """The order in which the choices stand at a try."""
        return draws.order_of_choices(question, self.attempt.id, try_number)


def tenant_of(row: Attempt | Result) -> UUID:
    """The organization or municipality to which a row belongs."""
    found: UUID = getattr(row, type(row).tenant_column)
    return found


def answers_of(session: Session, attempt: Attempt) -> list[CourseAnswer | OfficerAnswer]:
    """Every answer of an attempt, the first first."""
    model = _ANSWERS[type(attempt)]
    tenant = getattr(model, model.tenant_column)
    return list(
        session.scalars(
            select(model)
            .where(tenant == tenant_of(attempt), model.attempt_id == attempt.id)
            .order_by(model.at, model.try_number, model.id)
        )
    )


def progress_of(session: Session, library: Library, attempt: Attempt) -> Progress:
    """How far an attempt is."""
    course = course_of(session, library, tenant_of(attempt), attempt.course_key, attempt.edition)
    return Progress(attempt, course, answers_of(session, attempt))


def result_of(session: Session, attempt: Attempt) -> Result | None:
    """How an attempt ended."""
    model = _RESULTS[type(attempt)]
    tenant = getattr(model, model.tenant_column)
    found: Result | None = session.scalar(
        select(model).where(tenant == tenant_of(attempt), model.attempt_id == attempt.id)
    )
    return found


def open_attempt(session: Session, person: Worker | tuple[UUID, UUID], key: str) -> Attempt | None:
    """The attempt of somebody at a course that is not finished; an officer is (municipality, user)."""
    return next((each for each in attempts_at(session, person, key) if each.ended_at is None), None)


def attempts_at(session: Session, person: Worker | tuple[UUID, UUID], key: str) -> list[Attempt]:
    """Every attempt of somebody at a course, the newest first."""
    if isinstance(person, Worker):
        mine = select(CourseAttempt).where(
            CourseAttempt.organization_id == person.organization_id,
            CourseAttempt.worker_id == person.id,
            CourseAttempt.course_key == key,
        )
        return list(session.scalars(mine.order_by(CourseAttempt.begun_at.desc(), CourseAttempt.id)))
    municipality_id, user_id = person
    theirs = select(OfficerAttempt).where(
        OfficerAttempt.municipality_id == municipality_id,
        OfficerAttempt.user_id == user_id,
        OfficerAttempt.course_key == key,
    )
    return list(session.scalars(theirs.order_by(OfficerAttempt.begun_at.desc(), OfficerAttempt.id)))


def begun_by(session: Session, workers: Sequence[Worker]) -> set[tuple[UUID, str]]:
    """Which courses these people have begun and not finished: (person, course)."""
    rows = session.execute(
        select(CourseAttempt.worker_id, CourseAttempt.course_key).where(
            CourseAttempt.organization_id.in_(sorted({each.organization_id for each in workers})),
            CourseAttempt.worker_id.in_(sorted(each.id for each in workers)),
            CourseAttempt.ended_at.is_(None),
        )
    )
    return {(worker_id, key) for worker_id, key in rows}


# --- results ----------------------------------------------------------------------------------------------------


def not_cancelled() -> Any:
    """The condition that a result was not recorded by mistake."""
    return (
        ~select(CourseCancellation.id)
        .where(
            CourseCancellation.organization_id == CourseResult.organization_id,
            CourseCancellation.result_id == CourseResult.id,
        )
        .correlate(CourseResult)
        .exists()
    )


def cancellation_of(session: Session, result: CourseResult) -> CourseCancellation | None:
    """That a result was a mistake."""
    return session.scalar(
        select(CourseCancellation).where(
            CourseCancellation.organization_id == result.organization_id, CourseCancellation.result_id == result.id
        )
    )


def results_of(session: Session, workers: Sequence[Worker]) -> list[tuple[CourseResult, CourseCancellation | None]]:
    """Every result of these people, the newest first, with why it counts no more."""
    rows = session.execute(
        select(CourseResult, CourseCancellation)
        .outerjoin(
            CourseCancellation,
            (CourseCancellation.organization_id == CourseResult.organization_id)
            & (CourseCancellation.result_id == CourseResult.id),
        )
        .where(
            CourseResult.organization_id.in_(sorted({each.organization_id for each in workers})),
            CourseResult.worker_id.in_(sorted(each.id for each in workers)),
        )
        .order_by(CourseResult.done_on.desc(), CourseResult.recorded_at.desc(), CourseResult.id)
    )
    return [(result, cancelled) for result, cancelled in rows]


def _done_between(organization_id: UUID, first: date, last: date) -> Any:
    return and_(
        CourseResult.organization_id == organization_id, CourseResult.done_on.between(first, last), not_cancelled()
    )


def how_many_done_between(session: Session, organization_id: UUID, first: date, last: date) -> int:
    """How many results of a period there are."""
    query = select(func.count()).select_from(CourseResult).where(_done_between(organization_id, first, last))
    return session.scalar(query) or 0


def done_between(
    session: Session, organization_id: UUID, first: date, last: date, *, limit: int, offset: int = 0
) -> list[CourseResult]:
    """The results of a period that count, the newest first."""
    query = select(CourseResult).where(_done_between(organization_id, first, last))
    query = query.order_by(CourseResult.done_on.desc(), CourseResult.recorded_at.desc(), CourseResult.id)
    return list(session.scalars(query.limit(limit).offset(offset)))


def officer_results(session: Session, municipality_ids: Collection[UUID], user_id: UUID) -> list[OfficerResult]:
    """The results of a municipal officer, the newest first."""
    return list(
        session.scalars(
            select(OfficerResult)
            .where(OfficerResult.municipality_id.in_(sorted(municipality_ids)), OfficerResult.user_id == user_id)
            .order_by(OfficerResult.done_on.desc(), OfficerResult.recorded_at.desc(), OfficerResult.id)
        )
    )


@dataclass(frozen=True)
class Checked:
    """What anyone may know of a certificate: the course, the day, the organization; nobody's name."""

    title: str
    done_on: date
    organization: str
    ends_on: date | None
    is_cancelled: bool


def certificate_under(session: Session, number: str) -> Checked | None:
    """What stands behind a number; None for a number that nobody has, and for what was not passed."""
    row = session.execute(
        select(CourseResult, Organization.name, CourseCancellation.id)
        .join(Organization, Organization.id == CourseResult.organization_id)
        .outerjoin(
            CourseCancellation,
            (CourseCancellation.organization_id == CourseResult.organization_id)
            & (CourseCancellation.result_id == CourseResult.id),
        )
        .where(CourseResult.number == number, CourseResult.is_passed)
    ).first()
    if row is not None:
        result, name, cancelled = row
        return Checked(result.title, result.done_on, name, result.ends_on, cancelled is not None)
    return _officer_certificate(session, number)


def _officer_certificate(session: Session, number: str) -> Checked | None:
    row = session.execute(
        select(OfficerResult, Municipality.name)
        .join(Municipality, Municipality.id == OfficerResult.municipality_id)
        .where(OfficerResult.number == number, OfficerResult.is_passed)
    ).first()
    return None if row is None else Checked(row[0].title, row[0].done_on, row[1], row[0].ends_on, False)


# --- who is asked for what --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Duty:
    """A course that is asked of somebody, and where they stand with it on a day."""

    worker: Worker
    course_key: str
    renewal: Renewal
    due_on: date
    state: State
    held: CourseResult | None


def assignments_of(
    session: Session, organization_ids: Iterable[UUID], *, on: date | None = None
) -> list[CourseAssignment]:
    """What is asked of whom in these organizations; on a day, or ever."""
    query = select(CourseAssignment).where(CourseAssignment.organization_id.in_(sorted(set(organization_ids))))
    if on is not None:
        query = query.where(
            CourseAssignment.since_on <= on, or_(CourseAssignment.ended_on.is_(None), CourseAssignment.ended_on > on)
        )
    return list(session.scalars(query.order_by(CourseAssignment.since_on, CourseAssignment.made_at)))


class Duties:
    """What is asked of a number of people on a day, read in a number of statements that does not grow."""

    def __init__(self, session: Session, workers: Sequence[Worker], *, on: date) -> None:
        self.on = on
        ids = sorted({each.organization_id for each in workers})
        self.assignments = assignments_of(session, ids, on=on) if ids else []
        self._posts = self._read_posts(session, workers) if self._asks(Audience.POST) else set()
        self._engaged = self._read_engaged(session, workers) if self._asks(Audience.ENGAGEMENT) else {}
        self.results: dict[UUID, list[CourseResult]] = {}
        if self.assignments:
            for result in session.scalars(
                select(CourseResult)
                .where(
                    CourseResult.organization_id.in_(ids),
                    CourseResult.worker_id.in_(sorted(each.id for each in workers)),
                    CourseResult.is_passed,
                    CourseResult.done_on <= on,
                    not_cancelled(),
                )
                .order_by(CourseResult.ends_on, CourseResult.id)
            ):
                self.results.setdefault(result.worker_id, []).append(result)

    def _asks(self, audience: Audience) -> bool:
        return any(each.audience is audience for each in self.assignments)

    def _read_posts(self, session: Session, workers: Sequence[Worker]) -> set[tuple[UUID, Any]]:
        rows = session.execute(
            select(PostHolding.worker_id, PostHolding.post).where(
                PostHolding.organization_id.in_(sorted({each.organization_id for each in workers})),
                PostHolding.worker_id.in_(sorted(each.id for each in workers)),
                is_held_on(self.on),
            )
        )
        return {(worker_id, post) for worker_id, post in rows}

    def _read_engaged(self, session: Session, workers: Sequence[Worker]) -> dict[UUID, set[UUID]]:
        wanted = sorted({each.engagement_id for each in self.assignments if each.engagement_id is not None})
        engagements = list(
            session.scalars(
                select(Engagement).where(
                    Engagement.organization_id.in_(sorted({each.organization_id for each in workers})),
                    Engagement.id.in_(wanted),
                    Engagement.ends_on >= self.on,
                )
            )
        )
        found = named_for(session, engagements, on=self.on, workers=workers)
        return {engagement_id: {each.id for each in people} for engagement_id, people in found.items()}

    def is_asked(self, assignment: CourseAssignment, worker: Worker) -> bool:
        """Whether an assignment means somebody."""
        if assignment.organization_id != worker.organization_id:
            return False
        if worker.left_on is not None and worker.left_on < self.on:
            return False
        audience = assignment.audience
        return (
            audience is Audience.EVERYONE
            or (audience is Audience.STAFF and worker.kind is not WorkerKind.VOLUNTEER)
            or (audience is Audience.HANDLERS and worker.is_handler)
            or (audience is Audience.JOINING and worker.joined_on >= assignment.since_on)
            or (audience is Audience.KIND and worker.kind is assignment.worker_kind)
            or (audience is Audience.POST and (worker.id, assignment.post) in self._posts)
            or (
                audience is Audience.ENGAGEMENT
                and assignment.engagement_id is not None
                and worker.id in self._engaged.get(assignment.engagement_id, ())
            )
        )

    def of(self, worker: Worker) -> list[Duty]:
        """The courses that are asked of somebody, each once, by when they are due."""
        by_course: dict[str, list[CourseAssignment]] = {}
        for each in self.assignments:
            if self.is_asked(each, worker):
                by_course.setdefault(each.course_key, []).append(each)
        found = [self._duty(worker, key, some) for key, some in by_course.items()]
        return sorted(found, key=lambda each: (each.due_on, each.course_key))

    def _duty(self, worker: Worker, key: str, some: list[CourseAssignment]) -> Duty:
        due_on = min(max(each.since_on, worker.joined_on) + timedelta(days=each.due_days) for each in some)
        renewal = min((each.renewal for each in some), key=list(Renewal).index)
        passed = [each for each in self.results.get(worker.id, ()) if key in (each.course_key, each.counts_as)]
        held = passed[-1] if passed else None
        if held is None or held.ends_on is None:
            return Duty(worker, key, renewal, due_on, State.DUE if self.on <= due_on else State.OVERDUE, None)
        if held.ends_on < self.on:
            # Who let a renewal lapse before the course was asked again has the time that everyone has.
            due_on = max(held.ends_on, due_on)
            return Duty(worker, key, renewal, due_on, State.DUE if self.on <= due_on else State.OVERDUE, None)
        is_open = self.on >= renewal_opens_on(held.ends_on, renewal)
        return Duty(worker, key, renewal, held.ends_on, State.RENEWAL if is_open else State.VALID, held)


def renewal_opens_on(ends_on: date, renewal: Renewal) -> date:
    """From when a course that still counts is asked again: 1 March, or thirty days before its end."""
    if renewal is Renewal.FISCAL_YEAR:
        return min(yearly.opens_on(ends_on.year, yearly.APRIL), ends_on)
    return ends_on - BEFORE_END


def renewal_of(session: Session, worker: Worker, keys: Collection[str], *, on: date) -> Renewal:
    """How long passing counts for somebody: what the assignments say, or the fiscal year."""
    duties = Duties(session, [worker], on=on)
    said = [each.renewal for each in duties.assignments if each.course_key in keys and duties.is_asked(each, worker)]
    return min(said, key=list(Renewal).index, default=Renewal.FISCAL_YEAR)


def active_workers(
    session: Session, organization_id: UUID, centers: Collection[UUID] | None = None, *, on: date
) -> list[tuple[Worker, str]]:
    """Everyone on the roster on a day, of all centers or some, by name, each with the center's name."""
    query = (
        select(Worker, Center.name)
        .join(Center, (Center.organization_id == Worker.organization_id) & (Center.id == Worker.center_id))
        .where(
            Worker.organization_id == organization_id,
            Worker.joined_on <= on,
            or_(Worker.left_on.is_(None), Worker.left_on >= on),
        )
        .order_by(Worker.name_kana, Worker.name, Worker.id)
    )
    if centers is not None:
        query = query.where(Worker.center_id.in_(sorted(centers)))
    return [(worker, name) for worker, name in session.execute(query)]


# --- groups -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meeting:
    """A prepared session, and how it went once it was held."""

    session: TrainingSession
    record: SessionRecord | None


def meetings_of(
    session: Session, organization_id: UUID, centers: Collection[UUID] | None = None, *, limit: int = 50
) -> list[Meeting]:
    """The sessions of an organization, those of all centers or of some, the newest first."""
    query = (
        select(TrainingSession, SessionRecord)
        .outerjoin(
            SessionRecord,
            (SessionRecord.organization_id == TrainingSession.organization_id)
            & (SessionRecord.session_id == TrainingSession.id),
        )
        .where(TrainingSession.organization_id == organization_id)
        .order_by(TrainingSession.prepared_at.desc(), TrainingSession.id)
        .limit(limit)
    )
    if centers is not None:
        query = query.where(TrainingSession.center_id.in_(sorted(centers)))
    return [Meeting(prepared, record) for prepared, record in session.execute(query)]


def record_of(session: Session, prepared: TrainingSession) -> SessionRecord | None:
    """How a prepared session went."""
    return session.scalar(
        select(SessionRecord).where(
            SessionRecord.organization_id == prepared.organization_id, SessionRecord.session_id == prepared.id
        )
    )


def people_at(session: Session, prepared: TrainingSession) -> list[tuple[Worker, CourseResult | None]]:
    """Who was there, by name, with the result of the paper."""
    rows = session.execute(
        select(Worker, CourseResult)
        .join(
            SessionPerson,
            (SessionPerson.organization_id == Worker.organization_id) & (SessionPerson.worker_id == Worker.id),
        )
        .outerjoin(
            CourseResult,
            (CourseResult.organization_id == SessionPerson.organization_id)
            & (CourseResult.session_id == SessionPerson.session_id)
            & (CourseResult.worker_id == SessionPerson.worker_id),
        )
        .where(SessionPerson.organization_id == prepared.organization_id, SessionPerson.session_id == prepared.id)
        .order_by(Worker.name_kana, Worker.name, Worker.id)
    )
    return [(worker, result) for worker, result in rows]


# --- own courses ------------------------------------------------------------------------------------------------


def own_courses(session: Session, organization_id: UUID) -> list[OwnCourse]:
    """The courses that an organization writes, the newest first."""
    return list(
        session.scalars(
            select(OwnCourse)
            .where(OwnCourse.organization_id == organization_id)
            .order_by(OwnCourse.begun_at.desc(), OwnCourse.id)
        )
    )


def editions_of(session: Session, course: OwnCourse) -> list[OwnCourseEdition]:
    """The published editions of an own course, the oldest first."""
    return list(
        session.scalars(
            select(OwnCourseEdition)
            .where(
                OwnCourseEdition.organization_id == course.organization_id, OwnCourseEdition.own_course_id == course.id
            )
            .order_by(OwnCourseEdition.number)
        )
    )


def newest_editions(session: Session, organization_id: UUID) -> dict[UUID, int]:
    """{own course: number of its newest edition}."""
    rows = session.execute(
        select(OwnCourseEdition.own_course_id, OwnCourseEdition.number)
        .where(OwnCourseEdition.organization_id == organization_id)
        .order_by(OwnCourseEdition.number)
    )
    return {row[0]: row[1] for row in rows}
