"""Levels from counts, whatever the counts: they contain each other, and evidence never counts the wrong way."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_compliance.config import PROJECT
from partner_compliance.library.readiness import Criterion, Ladder, Measure, Nothing
from partner_compliance.library.shelf import read_library
from partner_compliance.readiness.assessment import BLURRED, Assessment, State, assess
from partner_compliance.readiness.measures import Figure
from partner_compliance.takeouts.statistics import FEW

FRIDAY = date(2026, 11, 27)
LADDER: Ladder = read_library(PROJECT).ladder_for(FRIDAY)
#: Measures of which more is worse.
AT_MOST = {test.measure for each in LADDER.criteria.values() for test in each.tests if test.at_most is not None}
#: Counts that have a size of their own.
FIXED = {
    test.measure: max(test.at_least, 12 if test.measure is Measure.MONTHS_IN_ORDER else test.at_least)
    for each in LADDER.criteria.values()
    for test in each.tests
    if test.at_least is not None
}


@st.composite
def counts(draw: st.DrawFn) -> dict[Measure, Figure]:
    """What an organization may have: anything, often nearly all of it, sometimes nothing."""
    found = {}
    for measure in LADDER.measures:
        if draw(st.integers(0, 9)) == 0:
            continue
        total = FIXED.get(measure) or draw(st.sampled_from([1, 2, 3, 5, 19, 20, 30, 100]))
        good = max(total - draw(st.sampled_from([0, 0, 0, 0, 1, 2])), 0)
        lapses = draw(st.none() | st.integers(0, 60).map(lambda days: FRIDAY + timedelta(days=days)))
        found[measure] = Figure(total - good if measure in AT_MOST else good, total, lapses)
    return found


def perfect() -> dict[Measure, Figure]:
    return {
        measure: Figure(0, 1) if measure in AT_MOST else Figure(FIXED.get(measure, 30), FIXED.get(measure, 30))
        for measure in LADDER.measures
    }


def level(figures: dict[Measure, Figure]) -> int:
    return assess(LADDER, figures, FRIDAY).level


def test_nothing_at_all_is_level_0_and_everything_is_as_far_as_can_be_measured() -> None:
    assert level({}) == 0
    best = assess(LADDER, perfect(), FRIDAY)
    assert best.level == 4  # of level 5 nothing can be measured yet
    assert best.next_level is None
    assert best.plan() == []


@given(counts(), st.data())
@settings(deadline=None)
def test_evidence_taken_away_never_raises_a_level_and_evidence_added_never_lowers_it(
    figures: dict[Measure, Figure], data: st.DataObject
) -> None:
    measure = data.draw(st.sampled_from(sorted(figures) or [Measure.WORKERS_PLEDGED]))
    figure = figures.get(measure, Figure(0, 1))
    worse = figure.numerator + 1 if measure in AT_MOST else max(figure.numerator - 1, 0)
    better = max(figure.numerator - 1, 0) if measure in AT_MOST else min(figure.numerator + 1, figure.denominator)
    now = level(figures)
    assert level(figures | {measure: Figure(worse, figure.denominator)}) <= now or measure not in figures
    assert level(figures | {measure: Figure(better, figure.denominator)}) >= now or measure not in figures


@given(counts())
@settings(deadline=None)
def test_a_level_contains_all_below_it_and_the_plan_is_what_the_next_one_lacks(
    figures: dict[Measure, Figure],
) -> None:
    found = assess(LADDER, figures, FRIDAY)
    for each in found.findings:
        if each.criterion.level <= found.level:
            assert each.state in (State.MET, State.PLANNED)
    if found.next_level is not None:
        lacking = {
            each.criterion.id
            for each in found.of_level(found.next_level)
            if each.state not in (State.MET, State.PLANNED)
        }
        assert lacking
        assert {step.criterion.id for step in found.plan()} == lacking
        assert all(step.count >= 1 and step.minutes >= step.action.minutes for step in found.plan())
        mended = figures | {
            test.measure: perfect()[test.measure] for step in found.plan() for test in step.criterion.tests
        }
        assert level(mended) >= found.next_level


@given(counts())
@settings(deadline=None)
def test_from_outside_one_or_two_people_are_never_told_apart(figures: dict[Measure, Figure]) -> None:
    for finding in assess(LADDER, figures, FRIDAY).findings:
        for result in finding.results:
            figure = result.figure
            if figure is None or result.test.measure.unit not in BLURRED:
                continue
            missing = [] if result.test.at_most is not None else [figure.denominator - figure.numerator]
            for few in (*missing, figure.numerator):
                if 0 < few < FEW:
                    other = Figure(
                        figure.denominator - few % 2 - 1 if few != figure.numerator else few % 2 + 1,
                        figure.denominator,
                    )
                    if 0 <= other.numerator <= other.denominator:
                        again = assess(LADDER, figures | {result.test.measure: other}, FRIDAY)
                        same = next(each for each in again.findings if each.criterion.id == finding.criterion.id)
                        assert result.counts(outside=True) in {each.counts(outside=True) for each in same.results}


def test_a_sentence_tells_outside_no_more_than_the_counts() -> None:
    for measure in (Measure.WORKERS_PLEDGED, Measure.ENTRY_COURSE_WORKERS):
        said = set()
        for missing in (1, 2):
            found = assess(LADDER, perfect() | {measure: Figure(30 - missing, 30)}, FRIDAY)
            [result] = [each for finding in found.findings for each in finding.results if each.test.measure is measure]
            said.add(result.sentence(outside=True))
            assert str(missing) in result.sentence() or not result.sentence()
        assert len(said - {""}) <= 1


@pytest.mark.parametrize("criterion", [each for each in LADDER.criteria.values() if not each.planned])
def test_each_criterion_alone_decides_about_its_level(criterion: Criterion) -> None:
    for test in criterion.tests:
        figures = perfect()
        figures[test.measure] = Figure(1, 1) if test.at_most is not None else Figure(0, 30)
        found = assess(LADDER, figures, FRIDAY)
        assert found.level == criterion.level - 1
        [step] = found.plan()
        assert step.criterion is criterion
        assert all(result.sentence() for result in step.results)
        assert found.findings[list(LADDER.criteria).index(criterion.id)].lapses_on is None


@pytest.mark.parametrize("nothing", list(Nothing))
def test_without_records_a_criterion_is_what_the_ladder_says(nothing: Nothing) -> None:
    for criterion in LADDER.criteria.values():
        for test in criterion.tests:
            if test.nothing is not nothing:
                continue
            figures = perfect()
            del figures[test.measure]
            found = assess(LADDER, figures, FRIDAY)
            finding = next(each for each in found.findings if each.criterion is criterion)
            assert finding.state.value == nothing.value
            assert (found.level >= criterion.level) == (nothing is Nothing.MET)


def test_a_criterion_holds_until_the_first_of_its_counts_lapses() -> None:
    figures = perfect()
    for days, measure in enumerate((Measure.ENTRY_COURSE_WORKERS, Measure.ENTRY_COURSE_HANDLERS)):
        figures[measure] = Figure(30, 30, FRIDAY + timedelta(days=days))
    found: Assessment = assess(LADDER, figures, FRIDAY)
    [finding] = [each for each in found.findings if each.criterion.id == "2d"]
    assert finding.lapses_on == FRIDAY
