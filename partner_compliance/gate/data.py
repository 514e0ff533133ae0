"""What the gate says as data, for the command line."""

from typing import Any

from partner_compliance.gate.checking import Answer


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
