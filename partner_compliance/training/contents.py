"""What the history binds of courses, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.training.models import (
    CourseAssignment,
    CourseCancellation,
    CourseResult,
    OfficerResult,
    OwnCourseEdition,
    SessionRecord,
    TrainingSession,
)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _id(each: Any) -> str | None:
    return str(each) if each else None


def assignment_content(made: CourseAssignment) -> dict[str, Any]:
    """The facts of an assignment that its log entry's digest binds; its end is an act of its own."""
    return {
        "course": made.course_key,
        "audience": made.audience.value,
        "worker_kind": made.worker_kind.value if made.worker_kind else None,
        "post": made.post.value if made.post else None,
        "engagement": _id(made.engagement_id),
        "due_days": made.due_days,
        "renewal": made.renewal.value,
        "since": made.since_on.isoformat(),
        "made_at": _instant(made.made_at),
        "by": _id(made.made_by_id),
        "by_name": made.made_by_name,
    }


def _result(made: CourseResult | OfficerResult) -> dict[str, Any]:
    return {
        "attempt": str(made.attempt_id),
        "number": made.number,
        "name": made.name,
        "course": made.course_key,
        "edition": made.edition,
        "asked": made.asked,
        "right_at_first": made.right_at_first,
        "is_passed": made.is_passed,
        "done_on": made.done_on.isoformat(),
        "ends_on": made.ends_on.isoformat() if made.ends_on else None,
        "recorded_at": _instant(made.recorded_at),
    }


def result_content(made: CourseResult) -> dict[str, Any] | None:
    """The facts of a result that its log entry's digest binds; None once the name is erased."""
    if made.name is None:
        return None
    return {
        **_result(made),
        "worker": str(made.worker_id),
        "session": _id(made.session_id),
        "counts_as": made.counts_as,
        "is_entry": made.is_entry,
        "way": made.way.value,
        "by": _id(made.recorded_by_id),
        "by_name": made.recorded_by_name,
    }


def officer_result_content(made: OfficerResult) -> dict[str, Any] | None:
    """The same of a municipal officer's."""
    return None if made.name is None else {**_result(made), "user": str(made.user_id)}


def cancellation_content(made: CourseCancellation) -> dict[str, Any] | None:
    """The facts of a cancellation that its log entry's digest binds; None once the reason is erased."""
    if made.reason is None:
        return None
    return {
        "result": str(made.result_id),
        "reason": made.reason,
        "at": _instant(made.at),
        "by": _id(made.by_id),
        "by_name": made.by_name,
    }


def session_content(made: TrainingSession) -> dict[str, Any]:
    """The facts of a prepared session that its log entry's digest binds."""
    return {
        "center": _id(made.center_id),
        "course": made.course_key,
        "edition": made.edition,
        "asked": made.asked,
        "at": _instant(made.prepared_at),
        "by": _id(made.by_id),
        "by_name": made.by_name,
    }


def record_content(made: SessionRecord) -> dict[str, Any] | None:
    """The facts of a meeting that its log entry's digest binds; None once the name is erased."""
    if made.led_by is None:
        return None
    return {
        "session": str(made.session_id),
        "held_on": made.held_on.isoformat(),
        "minutes": made.minutes,
        "led_by": made.led_by,
        "at": _instant(made.recorded_at),
        "by": _id(made.by_id),
        "by_name": made.by_name,
    }


def edition_content(made: OwnCourseEdition) -> dict[str, Any]:
    """The facts of a published own course that its log entry's digest binds, word for word."""
    return {
        "key": made.key,
        "number": made.number,
        "content": made.content,
        "digest": made.digest,
        "counts_as": made.counts_as,
        "at": _instant(made.published_at),
        "by": _id(made.by_id),
        "by_name": made.by_name,
    }


LOGGED_CONTENTS = {
    "course_assignment": Contents(CourseAssignment, assignment_content),
    "course_result": Contents(CourseResult, result_content),
    "officer_result": Contents(OfficerResult, officer_result_content),
    "course_cancellation": Contents(CourseCancellation, cancellation_content),
    "training_session": Contents(TrainingSession, session_content),
    "session_record": Contents(SessionRecord, record_content),
    "own_course_edition": Contents(OwnCourseEdition, edition_content),
}
