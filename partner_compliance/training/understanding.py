"""What people understand: how often each situation was right at the first try, and which one to talk about."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partner_compliance.library.courses import Course, Question
from partner_compliance.library.shelf import Library
from partner_compliance.training import queries
from partner_compliance.training.models import CourseAnswer, CourseCancellation, CourseResult

#: So many answers hide whose mistake it was.
SEVERAL = 3


@dataclass
class Rate:
    """How a question was answered at the first try; `wrong` counts what was chosen instead, by place."""

    course: Course
    question: Question
    answered: int = 0
    right: int = 0
    wrong: dict[int, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Right at the first try, between 0 and 1."""
        return self.right / self.answered

    @property
    def often_instead(self) -> str:
        """What was chosen most often instead of the right answer; empty on paper or when nothing was."""
        if not self.wrong:
            return ""
        return self.question.choices[max(self.wrong, key=lambda at: (self.wrong[at], -at))].text


def quarter_of(day: date) -> tuple[date, date]:
    """The first and the last day of the quarter of a day."""
    month = (day.month - 1) // 3 * 3 + 1
    begin = date(day.year, month, 1)
    following = date(day.year + 1, 1, 1) if month == 10 else date(day.year, month + 3, 1)
    return begin, date.fromordinal(following.toordinal() - 1)


def rates(
    session: Session,
    library: Library,
    organization_id: UUID,
    since: date,
    until: date,
    centers: Collection[UUID] | None = None,
) -> list[Rate]:
    """The rate of every question that was answered between two days, both included; of all centers or of some.

    Answers of cancelled results are left out. Two statements, and one for each own course that was taken.
    """
    cancelled = (
        select(CourseResult.attempt_id)
        .join(
            CourseCancellation,
            (CourseCancellation.organization_id == CourseResult.organization_id)
            & (CourseCancellation.result_id == CourseResult.id),
        )
        .where(CourseResult.organization_id == organization_id)
    )
    query = (
        select(
            CourseAnswer.course_key,
            CourseAnswer.edition,
            CourseAnswer.question_key,
            CourseAnswer.choice,
            CourseAnswer.is_right,
            func.count(),
        )
        .where(
            CourseAnswer.organization_id == organization_id,
            CourseAnswer.try_number == 1,
            CourseAnswer.answered_on >= since,
            CourseAnswer.answered_on <= until,
            CourseAnswer.attempt_id.not_in(cancelled),
        )
        .group_by(
            CourseAnswer.course_key,
            CourseAnswer.edition,
            CourseAnswer.question_key,
            CourseAnswer.choice,
            CourseAnswer.is_right,
        )
    )
    if centers is not None:
        query = query.where(CourseAnswer.center_id.in_(sorted(centers)))
    rows = list(session.execute(query))
    courses = _courses(session, library, organization_id, {(row[0], row[1]) for row in rows})
    found: dict[tuple[str, str, str], Rate] = {}
    for key, edition, question_key, choice, is_right, count in rows:
        course = courses[key, edition]
        rate = found.setdefault((key, edition, question_key), Rate(course, course.by_key[question_key]))
        rate.answered += count
        if is_right:
            rate.right += count
        elif choice is not None:
            rate.wrong[choice] = rate.wrong.get(choice, 0) + count
    return sorted(found.values(), key=lambda each: (each.share, -each.answered, each.course.key, each.question.key))


def _courses(
    session: Session, library: Library, organization_id: UUID, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Course]:
    return {
        (key, edition): queries.course_of(session, library, organization_id, key, edition)
        for key, edition in sorted(wanted)
    }


def worst(found: Iterable[Rate]) -> Rate | None:
    """The situation that most people get wrong, as a topic for the next meeting; None when all was right.

    One that several have met goes first: of a single person's mistake a meeting would know whose it was.
    """
    missed = [each for each in found if each.right < each.answered]
    return next((each for each in missed if each.answered >= SEVERAL), next(iter(missed), None))
