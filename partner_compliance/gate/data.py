"""What the gate says and what was decided as data, for machines: the same words for commands and the API."""

from typing import Any

from partner_compliance.gate.checking import Answer
from partner_compliance.gate.queries import Story


def answer_data(answer: Answer) -> dict[str, Any]:
    """An answer in JSON: the verdict, each reason with what would change it, and what was required."""
    asked, ground = answer.question, answer.ground
    return {
        "as_of": ground.day.isoformat(),
        "class": asked.data_class.value,
        "mode": asked.mode.value,
        "purpose": asked.purpose.value,
        "verdict": answer.verdict.value,
        "label": answer.verdict.label,
        "level": ground.assessment.level,
        "level_title": ground.assessment.title,
        "required": answer.required.as_data(),
        "reasons": [each.as_data() for each in answer.reasons],
        "conditions": list(answer.conditions),
        "engagements": [
            {"id": str(each.id), "starts_on": each.starts_on.isoformat(), "ends_on": each.ends_on.isoformat()}
            for each in ground.engagements
        ],
    }


def decision_data(story: Story) -> dict[str, Any]:
    """A decision in JSON, without the names of people: who decided stands in it by post only."""
    decision = story.decision
    return {
        "id": str(decision.id),
        "number": story.number,
        "organization_id": str(decision.organization_id),
        "organization": story.organization,
        "class": decision.data_class.value,
        "mode": decision.mode.value,
        "purpose": decision.purpose.value,
        "verdict": decision.verdict.value,
        "outcome": decision.outcome.value,
        "state": story.state.value,
        "decided_at": decision.decided_at.isoformat(),
        "recipients": len(decision.recipients or {}),
        "conditions": list(decision.conditions),
        "until_on": decision.until_on.isoformat() if decision.until_on else None,
        "ending": decision.ending.value if decision.ending else None,
        "level": decision.level,
        "assessment_digest": decision.assessment_digest,
        "review_due_at": decision.review_due_at.isoformat() if decision.review_due_at else None,
        "is_reviewed": story.review is not None,
        "events": [
            {
                "kind": each.kind.value,
                "at": each.at.isoformat(),
                "until_on": each.until_on and each.until_on.isoformat(),
            }
            for each in story.events
        ],
    }
