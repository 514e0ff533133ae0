"""Levels as data, for machines: the same words for commands, files and whatever reads them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from partner_compliance.library.readiness import Ladder, Measure
from partner_compliance.readiness.assessment import Assessment, Finding, State, assess
from partner_compliance.readiness.measures import Figure
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


# --- frozen ------------------------------------------------------------------------------------------------------


def facts_data(found: Assessment) -> dict[str, Any]:
    """What an assessment rests on, in JSON and nothing that follows from it: the level, how each criterion stands and
    until when, and every count. The words stand in the ladder's edition, which is sealed."""
    counted = {result.test.measure: result.figure for finding in found.findings for result in finding.results}
    return {
        "as_of": found.as_of.isoformat(),
        "ladder": found.ladder.edition,
        "level": found.level,
        "criteria": {each.criterion.id: [each.state.value, _day(each.lapses_on)] for each in found.findings},
        "measures": {
            measure.value: [figure.numerator, figure.denominator, _day(figure.lapses_on)]
            for measure, figure in counted.items()
            if figure is not None
        },
    }


def assessment_from(ladder: Ladder, data: Mapping[str, Any]) -> Assessment:
    """The assessment that was frozen as `facts_data`, with the words of its edition of the ladder.

    Levels and states are those that were kept, not computed anew. Raises ValueError for another edition's.
    """
    if data["ladder"] != ladder.edition:
        raise ValueError(f"frozen with edition {data['ladder']} of the ladder, not {ladder.edition}")
    figures = {
        Measure(name): Figure(numerator, denominator, date.fromisoformat(lapses_on) if lapses_on else None)
        for name, (numerator, denominator, lapses_on) in data["measures"].items()
    }
    day = date.fromisoformat(data["as_of"])
    findings = tuple(
        replace(each, state=State(data["criteria"][each.criterion.id][0]))
        for each in assess(ladder, figures, day).findings
        if each.criterion.id in data["criteria"]
    )
    return Assessment(day, ladder, data["level"], findings)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
