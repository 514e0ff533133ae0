"""What is kept about courses: what is asked of whom, attempts with every answer, results, groups, own courses."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.roster.models import Post
from partner_compliance.training.words import Audience, Renewal, Way


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


def _of_worker() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"])


def _of_center() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"])


def _of_session() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["organization_id", "session_id"], ["training_session.organization_id", "training_session.id"]
    )


class CourseAssignment(Base):
    """A course is asked of some people from a day on, until it is ended; results stay whatever becomes of it."""

    __tablename__ = "course_assignment"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"]),
        CheckConstraint("(audience = 'engagement') = (engagement_id IS NOT NULL)", name="engagement"),
        CheckConstraint("(audience = 'kind') = (worker_kind IS NOT NULL)", name="kind"),
        CheckConstraint("(audience = 'post') = (post IS NOT NULL)", name="post"),
        CheckConstraint("due_days BETWEEN 0 AND 365", name="due_days"),
        Index("ix_course_assignment_organization_id_course_key", "organization_id", "course_key"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: Of the shelf, or of an own course.
    course_key: Mapped[str] = mapped_column(String(60))
    audience: Mapped[Audience] = mapped_column(words(Audience))
    worker_kind: Mapped[WorkerKind | None] = mapped_column(words(WorkerKind))
    post: Mapped[Post | None] = mapped_column(words(Post))
    engagement_id: Mapped[UUID | None]
    #: Days from the first day on which it is asked of somebody.
    due_days: Mapped[int]
    renewal: Mapped[Renewal] = mapped_column(words(Renewal))
    since_on: Mapped[date]
    #: The first day on which it is no longer asked.
    ended_on: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    made_by_name: Mapped[str] = mapped_column(String(100))


class _Attempt:
    """A course begun: which edition, which questions, how far. What was answered are rows of their own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    course_key: Mapped[str] = mapped_column(String(60))
    edition: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(String(64))
    #: Keys of the questions that were drawn, in their order.
    asked: Mapped[list[str]] = mapped_column(JSON)
    lessons_read: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime]
    begun_on: Mapped[date]
    ended_at: Mapped[datetime | None]


class _Answer:
    """One answer to one question of an attempt. Append-only: a second try is a second row."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    attempt_id: Mapped[UUID]
    course_key: Mapped[str] = mapped_column(String(60))
    edition: Mapped[str] = mapped_column(String(12))
    question_key: Mapped[str] = mapped_column(String(60))
    try_number: Mapped[int]
    #: Which choice, counted from 0 as it stands in the course; None on paper, where only right or wrong is entered.
    choice: Mapped[int | None]
    is_right: Mapped[bool]
    at: Mapped[datetime]
    answered_on: Mapped[date]


class _Result:
    """How an attempt ended. Append-only; `number` is how anyone can check it."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    attempt_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(String(20))
    course_key: Mapped[str] = mapped_column(String(60))
    edition: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(100))
    asked: Mapped[int]
    right_at_first: Mapped[int]
    is_passed: Mapped[bool]
    done_on: Mapped[date]
    #: The last day on which it counts; None for what was not passed.
    ends_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    #: As on that day; NULL once erased.
    name: Mapped[str | None] = mapped_column(String(100))


class CourseAttempt(_Attempt, Base):
    """An attempt of somebody on a roster."""

    __tablename__ = "course_attempt"
    __table_args__ = (
        _of_worker(),
        _of_session(),
        Index("ix_course_attempt_worker", "organization_id", "worker_id", "course_key", "begun_at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    worker_id: Mapped[UUID]
    session_id: Mapped[UUID | None]


class CourseAnswer(_Answer, Base):
    """An answer of somebody on a roster."""

    __tablename__ = "course_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "attempt_id"], ["course_attempt.organization_id", "course_attempt.id"]
        ),
        _of_center(),
        UniqueConstraint("organization_id", "attempt_id", "question_key", "try_number"),
        # Holds all that the rates ask.
        Index(
            "ix_course_answer_rates",
            "organization_id", "try_number", "answered_on", "course_key", "edition", "question_key", "is_right",
            "center_id",
        ),
    )  # fmt: skip
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    #: The center at which the person worked then.
    center_id: Mapped[UUID]


class CourseResult(_Result, Base):
    """A result of somebody on a roster. A mistake is cancelled by another row."""

    __tablename__ = "course_result"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "attempt_id"], ["course_attempt.organization_id", "course_attempt.id"]
        ),
        _of_worker(),
        _of_center(),
        _of_session(),
        UniqueConstraint("organization_id", "attempt_id"),
        Index("ix_course_result_number", "number", unique=True),
        # Holds all that coverage asks, so that counting a country reads no names.
        Index(
            "ix_course_result_coverage",
            "organization_id", "worker_id", "ends_on", "done_on", "recorded_on", "is_entry", "counts_as",
            "id",
        ),
    )  # fmt: skip
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    worker_id: Mapped[UUID]
    center_id: Mapped[UUID]
    session_id: Mapped[UUID | None]
    #: The course of the shelf as which it counts; None for an own course that is none of those.
    counts_as: Mapped[str | None] = mapped_column(String(60))
    #: Whether it counts as the course on joining, for somebody of this kind.
    is_entry: Mapped[bool]
    way: Mapped[Way] = mapped_column(words(Way))
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))
    kiosk_id: Mapped[UUID | None]


class CourseCancellation(Base):
    """A result was recorded by mistake: it counts no more and stays readable. Append-only, the reason can be erased."""

    __tablename__ = "course_cancellation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "result_id"], ["course_result.organization_id", "course_result.id"]),
        UniqueConstraint("organization_id", "result_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    result_id: Mapped[UUID]
    reason: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[datetime]
    happened_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


# --- municipal officers ---------------------------------------------------------------------------------------------


def _of_municipality() -> Mapped[UUID]:
    return mapped_column(ForeignKey("municipality.id"), primary_key=True)


class OfficerAttempt(_Attempt, Base):
    """An attempt of a municipal officer."""

    __tablename__ = "officer_attempt"
    __table_args__ = (Index("ix_officer_attempt_user", "municipality_id", "user_id", "course_key", "begun_at"),)
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


class OfficerAnswer(_Answer, Base):
    """An answer of a municipal officer."""

    __tablename__ = "officer_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "attempt_id"], ["officer_attempt.municipality_id", "officer_attempt.id"]
        ),
        UniqueConstraint("municipality_id", "attempt_id", "question_key", "try_number"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()


class OfficerResult(_Result, Base):
    """A result of a municipal officer."""

    __tablename__ = "officer_result"
    __table_args__ = (
        ForeignKeyConstraint(
            ["municipality_id", "attempt_id"], ["officer_attempt.municipality_id", "officer_attempt.id"]
        ),
        UniqueConstraint("municipality_id", "attempt_id"),
        Index("ix_officer_result_number", "number", unique=True),
        Index("ix_officer_result_user", "municipality_id", "user_id", "done_on"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = _of_municipality()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


# --- groups and paper -----------------------------------------------------------------------------------------------


class TrainingSession(Base):
    """A course prepared for a group: which questions are printed. Append-only."""

    __tablename__ = "training_session"
    __table_args__ = (_of_center(), Index("ix_training_session_prepared", "organization_id", "prepared_on"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: For the people of one center, or of the whole organization.
    center_id: Mapped[UUID | None]
    course_key: Mapped[str] = mapped_column(String(60))
    edition: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(100))
    asked: Mapped[list[str]] = mapped_column(JSON)
    prepared_at: Mapped[datetime]
    prepared_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class SessionRecord(Base):
    """That a group met: when, for how long, led by whom. Append-only, the name can be erased."""

    __tablename__ = "session_record"
    __table_args__ = (_of_session(), UniqueConstraint("organization_id", "session_id"))
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    session_id: Mapped[UUID]
    held_on: Mapped[date]
    minutes: Mapped[int]
    #: NULL once erased.
    led_by: Mapped[str | None] = mapped_column(String(100))
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class SessionPerson(Base):
    """Somebody was there. Append-only."""

    __tablename__ = "session_person"
    __table_args__ = (
        _of_session(),
        _of_worker(),
        Index("ix_session_person_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_on: Mapped[date]


# --- own courses ----------------------------------------------------------------------------------------------------


class OwnCourse(Base):
    """A course that an organization writes or adapts: its draft, whatever its editions say."""

    __tablename__ = "own_course"
    __table_args__ = (UniqueConstraint("organization_id", "key"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    key: Mapped[str] = mapped_column(String(60))
    #: Where it comes from: kind, and for a course of the shelf or a kit its key, edition and title.
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(100))
    #: The course as it is being written, in the shape of `library.courses.Course`, perhaps not yet complete.
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Counts every change, for two editors at once.
    revision: Mapped[int] = mapped_column(default=1)
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_name: Mapped[str] = mapped_column(String(100))
    #: The first day on which nobody begins it any more.
    retired_on: Mapped[date | None]


class OwnCourseEdition(Base):
    """An own course as it was published, word for word. Append-only; a later one is taken instead."""

    __tablename__ = "own_course_edition"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "own_course_id"], ["own_course.organization_id", "own_course.id"]),
        UniqueConstraint("organization_id", "key", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    own_course_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    #: The course of the shelf whose questions it keeps all.
    counts_as: Mapped[str | None] = mapped_column(String(60))
    published_at: Mapped[datetime]
    published_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
