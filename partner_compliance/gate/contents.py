"""What the history binds of requirements, exceptions and decisions, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.gate.models import (
    AcceptanceEnd,
    DecisionEvent,
    InterimAcceptance,
    OwnCriterion,
    Requirement,
    ShareDecision,
    SharingHold,
)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _by(row: Any, at: datetime) -> dict[str, Any]:
    return {"at": _instant(at), "by": str(row.by_id) if row.by_id else None, "by_name": row.by_name}


def criterion_content(criterion: OwnCriterion) -> dict[str, Any]:
    """The facts of an own criterion that its log entry's digest binds."""
    return {
        "title": criterion.title,
        "reason": criterion.reason,
        "measure": criterion.measure.value,
        "comparison": criterion.comparison.value,
        "threshold": criterion.threshold,
        **_by(criterion, criterion.made_at),
    }


def requirement_content(requirement: Requirement) -> dict[str, Any]:
    """The facts of a requirement that its log entry's digest binds."""
    return {
        "class": requirement.data_class.value,
        "mode": requirement.mode.value if requirement.mode else None,
        "purpose": requirement.purpose.value if requirement.purpose else None,
        "is_default": requirement.is_default,
        "level": requirement.level,
        "criteria": requirement.criteria,
        "conditions": requirement.conditions,
        "reason": requirement.reason,
        "effective_on": requirement.effective_on.isoformat(),
        "announced_on": requirement.announced_on.isoformat(),
        **_by(requirement, requirement.made_at),
    }


def acceptance_content(acceptance: InterimAcceptance) -> dict[str, Any]:
    """The facts of an interim acceptance that its log entry's digest binds."""
    return {
        "municipality": str(acceptance.municipality_id),
        "class": acceptance.data_class.value,
        "level": acceptance.level,
        "reason": acceptance.reason,
        "starts_on": acceptance.starts_on.isoformat(),
        "ends_on": acceptance.ends_on.isoformat(),
        **_by(acceptance, acceptance.made_at),
    }


def acceptance_end_content(end: AcceptanceEnd) -> dict[str, Any]:
    """The facts of an early end that its log entry's digest binds."""
    return {
        "acceptance": str(end.acceptance_id),
        "reason": end.reason,
        "ended_on": end.ended_on.isoformat(),
        **_by(end, end.at),
    }


def hold_content(hold: SharingHold) -> dict[str, Any]:
    """The facts of a stop, or of its lifting, that its log entry's digest binds."""
    return {
        "municipality": str(hold.municipality_id),
        "number": hold.number,
        "kind": hold.kind.value,
        "reason": hold.reason,
        "on": hold.from_on.isoformat(),
        **_by(hold, hold.at),
    }


def decision_content(decision: ShareDecision) -> dict[str, Any] | None:
    """The facts of a decision that its log entry's digest binds; None once words of it are erased."""
    if decision.reason is None or decision.items is None or decision.recipients is None:
        return None
    return {
        "municipality": str(decision.municipality_id),
        "engagement": str(decision.engagement_id),
        "class": decision.data_class.value,
        "mode": decision.mode.value,
        "purpose": decision.purpose.value,
        "verdict": decision.verdict.value,
        "outcome": decision.outcome.value,
        "basis": decision.basis.value,
        "basis_note": decision.basis_note,
        "reason": decision.reason,
        "items": decision.items,
        "count": decision.count,
        "recipients": decision.recipients,
        "conditions": decision.conditions,
        "ending": decision.ending.value if decision.ending else None,
        "until_on": decision.until_on.isoformat() if decision.until_on else None,
        "required": decision.required,
        "reasons": decision.reasons,
        "level": decision.level,
        "assessment": decision.assessment_digest,
        "receipt": str(decision.receipt_id) if decision.receipt_id else None,
        "review_due_at": _instant(decision.review_due_at) if decision.review_due_at else None,
        **_by(decision, decision.decided_at),
    }


def event_content(event: DecisionEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once its words are erased."""
    if event.reason is None:
        return None
    return {
        "decision": str(event.decision_id),
        "number": event.number,
        "kind": event.kind.value,
        "reason": event.reason,
        "until_on": event.until_on.isoformat() if event.until_on else None,
        **_by(event, event.at),
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "own_criterion": Contents(OwnCriterion, criterion_content),
    "requirement": Contents(Requirement, requirement_content),
    "interim_acceptance": Contents(InterimAcceptance, acceptance_content),
    "acceptance_end": Contents(AcceptanceEnd, acceptance_end_content),
    "sharing_hold": Contents(SharingHold, hold_content),
    "share_decision": Contents(ShareDecision, decision_content),
    "decision_event": Contents(DecisionEvent, event_content),
}
