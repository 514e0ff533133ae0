"""Levels as data, for machines: the same words for commands, files and whatever reads them."""

from typing import Any

from partner_compliance.readiness.assessment import Assessment, Finding
from partner_compliance.readiness.queries import Forecast


def assessment_data(found: Assessment) -> dict[str, Any]:
    """An assessment in JSON: the level, the edition of the ladder, and every criterion with its counts."""
    return {
        "as_of": found.as_of.isoformat(),
        "ladder": found.ladder.edition,
        "level": found.level,
        "title": found.title,
        "criteria": [_finding_data(each) for each in found.findings],
        "plan": [
            {"criterion": step.criterion.id, "action": step.action.text, "count": step.count, "minutes": step.minutes}
            for step in found.plan()
        ],
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.criterion.id,
        "title": finding.criterion.title,
        "state": finding.state.value,
        "lapses_on": finding.lapses_on.isoformat() if finding.lapses_on else None,
        "measures": [
            {
                "measure": each.test.measure.value,
                "state": each.state.value,
                "numerator": each.figure.numerator if each.figure else None,
                "denominator": each.figure.denominator if each.figure else None,
                "unmet": each.sentence(),
            }
            for each in finding.results
        ],
    }


def forecast_data(forecast: Forecast | None) -> dict[str, Any] | None:
    """A forecast in JSON; None while the level holds."""
    if forecast is None:
        return None
    return {
        "falls_on": forecast.falls_on.isoformat(),
        "level": forecast.level,
        "causes": [each.criterion.id for each in forecast.causes],
    }
