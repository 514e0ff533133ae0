"""What can be read about the roster, for whole organizations at once."""

from datetime import UTC
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.roster.models import RosterConfirmation, RosterSubmission, WorkerVersion

# --- what the history binds -------------------------------------------------------------------------------------


def version_content(version: WorkerVersion) -> dict[str, Any] | None:
    """The facts of a version that its log entry's digest binds; None once its names are erased."""
    if version.name is None:
        return None
    return {
        "worker": str(version.worker_id),
        "number": version.number,
        "recorded_at": version.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "recorded_by": str(version.recorded_by_id) if version.recorded_by_id else None,
        "recorded_by_name": version.recorded_by_name,
        "source": version.source.value,
        "name": version.name,
        "name_kana": version.name_kana,
        "staff_number": version.staff_number,
        "kind": version.kind.value,
        "center": str(version.center_id),
        "is_handler": version.is_handler,
        "files_sheets": version.files_sheets,
        "joined_on": version.joined_on.isoformat(),
        "left_on": version.left_on.isoformat() if version.left_on else None,
        "other_centers": version.other_centers,
        "projects": version.projects,
    }


def confirmation_content(confirmation: RosterConfirmation) -> dict[str, Any]:
    """The facts of a confirmation that its log entry's digest binds."""
    return {
        "at": confirmation.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "on": confirmation.confirmed_on.isoformat(),
        "by": str(confirmation.by_id) if confirmation.by_id else None,
        "by_name": confirmation.by_name,
        "workers": confirmation.workers,
        "handlers": confirmation.handlers,
        "incomplete": confirmation.incomplete,
    }


def submission_content(submission: RosterSubmission) -> dict[str, Any] | None:
    """The facts of a submission that its log entry's digest binds; None once its rows are erased."""
    if submission.rows is None:
        return None
    return {
        "engagement": str(submission.engagement_id),
        "number": submission.number,
        "made_at": submission.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "made_by": str(submission.made_by_id) if submission.made_by_id else None,
        "made_by_name": submission.made_by_name,
        "rows": submission.rows,
    }


#: Kinds of objects in the log whose facts can be read back. First versions of rows from before versions were kept
#: were taken over by a migration, and no entry tells of them.
LOGGED_CONTENTS = {
    "worker_version": Contents(WorkerVersion, version_content, WorkerVersion.number > 1),
    "roster_confirmation": Contents(RosterConfirmation, confirmation_content),
    "roster_submission": Contents(RosterSubmission, submission_content),
}
