"""What the history binds of take-outs, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.takeouts.models import (
    LossEntry,
    LossReport,
    StandingEnd,
    StandingPermit,
    TakeOut,
    TakeOutEvent,
)


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def _id(value: Any) -> str | None:
    return str(value) if value else None


def take_out_content(row: TakeOut) -> dict[str, Any] | None:
    """The facts of a row that its log entry's digest binds; None once its words are erased."""
    texts = {name: getattr(row, name) for name in WORDS_OF_ROW}
    if None in texts.values():
        return None
    return {
        **texts,
        "center": str(row.center_id),
        "worker": str(row.worker_id),
        "origin": row.origin.value,
        "medium": row.medium.value,
        "count": row.count,
        "class": row.data_class.value,
        "reason": row.reason.value,
        "protections": row.protections,
        "leaves_at": _instant(row.leaves_at),
        "returns_at": _instant(row.returns_at),
        "standing": _id(row.standing_id),
        "label": _id(row.label_id),
        "asked_at": _instant(row.asked_at),
        "asked_by": _id(row.asked_by_id),
        "asked_by_name": row.asked_by_name,
        "asked_by_role": row.asked_by_role.value if row.asked_by_role else None,
    }


#: The texts of a row; all of them are erased together.
WORDS_OF_ROW = ("description", "purpose", "destination", "route", "companions", "alone_reason")


def event_content(event: TakeOutEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once its comment is erased."""
    if event.comment is None:
        return None
    return {
        "take_out": str(event.take_out_id),
        "number": event.number,
        "kind": event.kind.value,
        "at": _instant(event.at),
        "on": event.happened_on.isoformat(),
        "said_at": _instant(event.said_at),
        "by": _id(event.by_id),
        "by_name": event.by_name,
        "by_role": event.by_role.value if event.by_role else None,
        "as_substitute": event.as_substitute,
        "count": event.count,
        "checks": event.checks,
        "until_at": _instant(event.until_at),
        "comment": event.comment,
    }


def standing_content(permit: StandingPermit) -> dict[str, Any] | None:
    """The facts of a standing permission that its log entry's digest binds; None once its words are erased."""
    texts = {name: getattr(permit, name) for name in ("description", "destination", "companions", "alone_reason")}
    if None in texts.values():
        return None
    return {
        **texts,
        "center": str(permit.center_id),
        "project": _id(permit.project_id),
        "medium": permit.medium.value,
        "class": permit.data_class.value,
        "most": permit.most,
        "reason": permit.reason.value,
        "protections": permit.protections,
        "weekdays": permit.weekdays,
        "back_after_days": permit.back_after_days,
        "from_on": permit.from_on.isoformat(),
        "until_on": permit.until_on.isoformat(),
        "granted_at": _instant(permit.granted_at),
        "granted_by": _id(permit.granted_by_id),
        "granted_by_name": permit.granted_by_name,
    }


def standing_end_content(end: StandingEnd) -> dict[str, Any] | None:
    """The facts of an early end that its log entry's digest binds; None once its reason is erased."""
    if end.reason is None:
        return None
    return {
        "standing": str(end.standing_id),
        "at": _instant(end.at),
        "by": _id(end.by_id),
        "by_name": end.by_name,
        "reason": end.reason,
    }


def loss_content(report: LossReport) -> dict[str, Any] | None:
    """The facts of a draft of an incident that its log entry's digest binds; None once its note is erased."""
    if report.note is None:
        return None
    return {
        "take_out": str(report.take_out_id),
        "worker": str(report.worker_id),
        "expected": report.expected,
        "found": report.found,
        "opened_at": _instant(report.opened_at),
        "opened_by": _id(report.opened_by_id),
        "opened_by_name": report.opened_by_name,
        "note": report.note,
    }


def loss_entry_content(entry: LossEntry) -> dict[str, Any] | None:
    """The facts of an entry about a loss that its log entry's digest binds; None once its text is erased."""
    if entry.text is None:
        return None
    return {
        "report": str(entry.report_id),
        "number": entry.number,
        "kind": entry.kind.value,
        "at": _instant(entry.at),
        "by": _id(entry.by_id),
        "by_name": entry.by_name,
        "text": entry.text,
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "take_out": Contents(TakeOut, take_out_content),
    "take_out_event": Contents(TakeOutEvent, event_content),
    "standing_permit": Contents(StandingPermit, standing_content),
    "standing_end": Contents(StandingEnd, standing_end_content),
    "loss_report": Contents(LossReport, loss_content),
    "loss_entry": Contents(LossEntry, loss_entry_content),
}
