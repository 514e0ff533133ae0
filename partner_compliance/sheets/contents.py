"""What the history binds of sheets, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.sheets.models import (
    EventKind,
    MonthClosure,
    ReconciliationNote,
    SheetEvent,
    SheetVersion,
    SpotCheck,
    SpotCheckResult,
)
from partner_compliance.sheets.reconciliation import note_content
from partner_compliance.sheets.spot_checks import check_content, result_content


def version_content(version: SheetVersion) -> dict[str, Any] | None:
    """The facts of a version that its log entry's digest binds; None once its answers are erased."""
    if version.answers is None:
        return None
    return {
        "sheet": str(version.sheet_id),
        "number": version.number,
        "with_head_section": version.with_head_section,
        "no_take_out": version.no_take_out,
        "answers": version.answers,
        "submitted_at": _instant(version.submitted_at),
        "submitted_by": str(version.submitted_by_id) if version.submitted_by_id else None,
        "submitted_by_name": version.submitted_by_name,
        "paper_signed_on": version.paper_signed_on.isoformat() if version.paper_signed_on else None,
        "reason": version.reason,
    }


def event_content(event: SheetEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once its comment is erased."""
    if event.comment is None:
        return None
    return {
        "sheet": str(event.sheet_id),
        "number": event.number,
        "kind": event.kind.value,
        "version": str(event.version_id) if event.version_id else None,
        "at": _instant(event.at),
        "on": event.happened_on.isoformat(),
        "by": str(event.by_id) if event.by_id else None,
        "by_name": event.by_name,
        "by_role": event.by_role.value if event.by_role else None,
        "comment": event.comment,
        "excuse": event.excuse.value if event.excuse else None,
    }


def closure_content(closure: MonthClosure) -> dict[str, Any]:
    """The facts of a closure that its log entry's digest binds."""
    return {
        "center": str(closure.center_id),
        "month": closure.month,
        "closed_at": _instant(closure.closed_at),
        "closed_by": str(closure.closed_by_id) if closure.closed_by_id else None,
        "closed_by_name": closure.closed_by_name,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


#: Kinds of objects in the log whose facts can be read back. A submission's event is covered by its version's entry.
LOGGED_CONTENTS = {
    "sheet_version": Contents(SheetVersion, version_content),
    "sheet_event": Contents(SheetEvent, event_content, SheetEvent.kind != EventKind.SUBMITTED),
    "month_closure": Contents(MonthClosure, closure_content),
    "reconciliation_note": Contents(ReconciliationNote, note_content),
    "spot_check": Contents(SpotCheck, check_content),
    "spot_check_result": Contents(SpotCheckResult, result_content),
}
