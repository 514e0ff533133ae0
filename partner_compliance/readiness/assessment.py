"""The level of an organization on a day: a pure function of the ladder and of what the records count (DESIGN §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from partner_compliance.library.readiness import Action, Criterion, Ladder, Nothing, Test
from partner_compliance.readiness.measures import Figure, Figures
from partner_compliance.takeouts.statistics import FEW, few


class State(StrEnum):
    """How a criterion stands. Unknown is not met, and says so."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"
    PLANNED = "planned"

    @property
    def label(self) -> str:
        """The state's name on screens and on paper."""
        return {
            State.MET: "満たしている",
            State.UNMET: "満たしていない",
            State.UNKNOWN: "記録がない",
            State.PLANNED: "まだ測らない",
        }[self]


#: What is counted in this unit is blurred outside the organization.
PEOPLE = "人"
#: The same of what each is one person's: a sheet that is missing is somebody's.
BLURRED = frozenset({PEOPLE, "枚"})


@dataclass(frozen=True)
class Result:
    """One comparison with what was counted; `figure` is None where there was nothing to count."""

    test: Test
    figure: Figure | None
    state: State

    @property
    def missing(self) -> int:
        """How many are missing or too many; 0 where it is met."""
        if self.state is State.MET:
            return 0
        figure = self.figure or Figure(0, self.test.at_least or 1)
        return self.test.missing(figure.numerator, figure.denominator) or 1

    @property
    def lacking(self) -> int:
        """How many of what is counted are not as they should be, whether the comparison forgives them or not."""
        if self.figure is None:
            return 0
        if self.test.at_most is not None:
            return self.figure.numerator
        return self.figure.denominator - self.figure.numerator

    def counts(self, *, outside: bool = False) -> str:
        """The counts in short: "28/30人", "0件", or that there is nothing.

        Seen from outside the organization, one or two people are never told apart (`few`).
        """
        unit = self.test.measure.unit
        if self.figure is None:
            return "対象なし" if self.state is State.MET else "記録なし"
        numerator, denominator = self.figure.numerator, self.figure.denominator
        is_hidden = outside and unit in BLURRED
        if self.test.at_most is not None:
            return f"{few(numerator) if is_hidden else numerator}{unit}"
        if is_hidden:
            if denominator < FEW:
                return f"{FEW}{unit}未満"
            if 0 < denominator - numerator < FEW:
                whose = "まだの方" if unit == PEOPLE else "まだのもの"
                return f"{denominator}{unit}のうち、{whose}{few(denominator - numerator)}{unit}"
            return f"{few(numerator)}/{denominator}{unit}"
        return f"{numerator}/{denominator}{unit}"

    def numbers(self, *, outside: bool = False) -> tuple[int | None, int | None]:
        """Numerator and denominator for machines; None where nothing was counted, or where `counts` blurs it."""
        if self.figure is None:
            return None, None
        numerator, denominator = self.figure.numerator, self.figure.denominator
        if not outside or self.test.measure.unit not in BLURRED:
            return numerator, denominator
        if self.test.at_most is not None:
            return numerator if numerator == 0 or numerator >= FEW else None, denominator
        if denominator < FEW:
            return None, None
        is_told = numerator == 0 or numerator >= FEW
        return numerator if is_told and not 0 < denominator - numerator < FEW else None, denominator

    def sentence(self, *, outside: bool = False) -> str:
        """What is missing, in a sentence; empty where it is met. From outside as `counts`."""
        if self.state is State.MET:
            return ""
        if self.state is State.UNKNOWN:
            return f"{self.test.measure.label}の記録がありません。"
        figure = self.figure or Figure(0, self.test.at_least or 0)
        said = {"numerator": figure.numerator, "denominator": figure.denominator, "missing": self.missing}
        is_hidden = outside and self.test.measure.unit in BLURRED
        return self.test.unmet.format(**{name: few(said[name]) if is_hidden else said[name] for name in said})


@dataclass(frozen=True)
class Finding:
    """How one criterion stands, with every count behind it."""

    criterion: Criterion
    state: State
    results: tuple[Result, ...] = ()

    @property
    def lapses_on(self) -> date | None:
        """The last day on which its counts hold by themselves; None where none is known, or it is not met."""
        days = [each.figure.lapses_on for each in self.results if each.figure and each.figure.lapses_on]
        return min(days, default=None) if self.state is State.MET else None


@dataclass(frozen=True)
class Step:
    """One thing to do on the way to the next level."""

    criterion: Criterion
    action: Action
    #: What of it is not met.
    results: tuple[Result, ...]
    #: For how many it has to be done.
    count: int

    @property
    def minutes(self) -> int:
        """About how long it takes altogether."""
        return self.action.minutes * self.count


@dataclass(frozen=True)
class Assessment:
    """What the records of one organization show on one day."""

    as_of: date
    ladder: Ladder
    level: int
    findings: tuple[Finding, ...]

    @property
    def title(self) -> str:
        """The level's name."""
        return self.ladder.title_of(self.level)

    @property
    def holds_until(self) -> date | None:
        """The last day on which everything that the level rests on holds by itself; None where no end is known."""
        days = [each.lapses_on for each in self.findings if each.criterion.level <= self.level]
        return min((day for day in days if day is not None), default=None)

    @property
    def missing(self) -> list[str]:
        """The ids of the criteria of the next level that are not met."""
        return [step.criterion.id for step in self.plan()]

    def of_level(self, number: int) -> tuple[Finding, ...]:
        """The findings of one level's criteria."""
        return tuple(each for each in self.findings if each.criterion.level == number)

    @property
    def next_level(self) -> int | None:
        """The level after this one, where something of it can be measured."""
        following = next((each for each in self.ladder.levels if each.number == self.level + 1), None)
        return following.number if following is not None and following.measured else None

    def plan(self) -> list[Step]:
        """The smallest list of steps to the next level: one for each of its criteria that is not met, none else."""
        if self.next_level is None:
            return []
        steps = []
        for each in self.of_level(self.next_level):
            if each.state in (State.MET, State.PLANNED) or each.criterion.action is None:
                continue
            missed = tuple(result for result in each.results if result.state is not State.MET)
            count = max(result.missing for result in missed)
            steps.append(Step(each.criterion, each.criterion.action, missed, count))
        return steps


def judge(criterion: Criterion, figures: Figures) -> Finding:
    """One criterion: met when every test of it is, unknown when one has no records and none fails."""
    if criterion.planned:
        return Finding(criterion, State.PLANNED)
    results = tuple(compare(test, figures.get(test.measure)) for test in criterion.tests)
    states = {each.state for each in results}
    state = next(each for each in (State.UNMET, State.UNKNOWN, State.MET) if each in states)
    return Finding(criterion, state, results)


_NOTHING = {Nothing.MET: State.MET, Nothing.UNMET: State.UNMET, Nothing.UNKNOWN: State.UNKNOWN}


def compare(test: Test, figure: Figure | None) -> Result:
    """One comparison: met or not, or what the test says of nothing to count."""
    if figure is None:
        return Result(test, None, _NOTHING[test.nothing])
    is_met = test.is_met_by(figure.numerator, figure.denominator)
    return Result(test, figure, State.MET if is_met else State.UNMET)


def assess(ladder: Ladder, figures: Figures, as_of: date) -> Assessment:
    """The level that these counts give: every measured criterion of it and of all below is met.

    A level of which nothing can be measured yet is not reached, nor any above it.
    """
    findings = tuple(judge(each, figures) for each in ladder.criteria.values())
    return Assessment(as_of, ladder, _level(ladder, findings), findings)


def not_there_yet(ladder: Ladder, as_of: date) -> Assessment:
    """Of an organization that was registered later: nothing is known of it, and nothing is met."""
    findings = [
        Finding(each, State.PLANNED)
        if each.planned
        else Finding(each, State.UNKNOWN, tuple(Result(test, None, State.UNKNOWN) for test in each.tests))
        for each in ladder.criteria.values()
    ]
    return Assessment(as_of, ladder, 0, tuple(findings))


def _level(ladder: Ladder, findings: Sequence[Finding]) -> int:
    reached = 0
    for level in ladder.levels:
        of_level = [each for each in findings if each.criterion.level == level.number]
        if not level.measured or any(each.state not in (State.MET, State.PLANNED) for each in of_level):
            break
        reached = level.number
    return reached
