"""What the history binds of inspections and what is asked, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.inspections.models import (
    Demand,
    DemandEvent,
    Inspection,
    InspectionClosing,
    InspectionView,
    LevelObjection,
    ObjectionEvent,
)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _by(
    row: Inspection | InspectionClosing | InspectionView | Demand | DemandEvent | LevelObjection | ObjectionEvent,
) -> dict[str, Any]:
    return {"by": str(row.by_id) if row.by_id else None, "by_name": row.by_name}


def inspection_content(inspection: Inspection) -> dict[str, Any] | None:
    """The facts of an inspection that its log entry's digest binds; None once the reason is erased."""
    if inspection.reason is None:
        return None
    return {
        "municipality": str(inspection.municipality_id),
        "reason": inspection.reason,
        "from_month": inspection.from_month,
        "until_month": inspection.until_month,
        "open_until_on": inspection.open_until_on.isoformat(),
        "made_at": _instant(inspection.made_at),
        **_by(inspection),
    }


def closing_content(closing: InspectionClosing) -> dict[str, Any] | None:
    """The facts of a closing that its log entry's digest binds; None once the summary is erased."""
    if closing.summary is None:
        return None
    return {
        "inspection": str(closing.inspection_id),
        "summary": closing.summary,
        "at": _instant(closing.at),
        **_by(closing),
    }


def view_content(view: InspectionView) -> dict[str, Any]:
    """The facts of a look at records that its log entry's digest binds."""
    return {
        "inspection": str(view.inspection_id),
        "kind": view.kind.value,
        "object": str(view.object_id) if view.object_id else None,
        "subject": str(view.subject_id) if view.subject_id else None,
        "about": view.about,
        "at": _instant(view.at),
        **_by(view),
    }


def demand_content(demand: Demand) -> dict[str, Any] | None:
    """The facts of a finding or request that its log entry's digest binds; None once words of it are erased."""
    if demand.what is None or demand.reason is None:
        return None
    return {
        "municipality": str(demand.municipality_id),
        "inspection": str(demand.inspection_id) if demand.inspection_id else None,
        "number": demand.number,
        "what": demand.what,
        "reason": demand.reason,
        "article": demand.article,
        "criterion": demand.criterion,
        "criterion_title": demand.criterion_title,
        "due_on": demand.due_on.isoformat(),
        "made_at": _instant(demand.made_at),
        **_by(demand),
    }


def demand_event_content(event: DemandEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once words of it are erased."""
    if event.text is None or event.evidence is None:
        return None
    return {
        "demand": str(event.demand_id),
        "number": event.number,
        "kind": event.kind.value,
        "text": event.text,
        "evidence": event.evidence,
        "due_on": event.due_on.isoformat() if event.due_on else None,
        "at": _instant(event.at),
        **_by(event),
    }


def objection_content(objection: LevelObjection) -> dict[str, Any] | None:
    """The facts of an objection that its log entry's digest binds; None once words of it are erased."""
    if objection.what is None or objection.record is None:
        return None
    return {
        "municipality": str(objection.municipality_id),
        "criterion": objection.criterion,
        "criterion_title": objection.criterion_title,
        "level_on": objection.level_on.isoformat(),
        "what": objection.what,
        "record": objection.record,
        "made_at": _instant(objection.made_at),
        **_by(objection),
    }


def objection_event_content(event: ObjectionEvent) -> dict[str, Any] | None:
    """The facts of an answer that its log entry's digest binds; None once its text is erased."""
    if event.text is None:
        return None
    return {
        "objection": str(event.objection_id),
        "kind": event.kind.value,
        "text": event.text,
        "decided_on": event.decided_on.isoformat(),
        "at": _instant(event.at),
        **_by(event),
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "inspection": Contents(Inspection, inspection_content),
    "inspection_closing": Contents(InspectionClosing, closing_content),
    "inspection_view": Contents(InspectionView, view_content),
    "demand": Contents(Demand, demand_content),
    "demand_event": Contents(DemandEvent, demand_event_content),
    "level_objection": Contents(LevelObjection, objection_content),
    "objection_event": Contents(ObjectionEvent, objection_event_content),
}
