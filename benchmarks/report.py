"""What was measured, and how it is shown."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measured:
    """One line of the table.

    `value` is in `unit` (`ms`, `s`, `MB`, `/s`), `best` the lowest that was seen; `budget` in the same, an upper bound
    or, where `at_least`, a lower one. `times_page` is the ratio to a bare page measured at the same
    moments, `sql` what the same reading cost through the bare driver, `statements` how many statements were sent,
    `more` what only `--json` shows.
    """

    group: str
    what: str
    value: float
    unit: str = "ms"
    budget: float | None = None
    at_least: bool = False
    best: float | None = None
    times_page: float | None = None
    sql: float | None = None
    statements: int | None = None
    is_cpu: bool = True
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def within(self) -> str:
        """Whether the budget holds: `yes`, `at best` (the lowest seen does) or `NO`."""
        if self.budget is None:
            return ""
        if self._holds(self.value, self.budget):
            return "yes"
        return "at best" if self.best is not None and self._holds(self.best, self.budget) else "NO"

    def _holds(self, value: float, budget: float) -> bool:
        return value >= budget if self.at_least else value <= budget


@dataclass(frozen=True)
class Units:
    """What the ratios are ratios to, in ms: a bare Flask page, and one bare SELECT by primary key."""

    page: float
    select: float


_HEAD = ("what", "median", "best", "budget", "within?", "x page", "x SQL", "statements")


def lines_of(units: Units, found: Iterable[Measured]) -> list[str]:
    """The table as plain text."""
    rows = [_HEAD, *(_cells(units, one) for one in found)]
    widths = [max(_width(row[at]) for row in rows) for at in range(len(_HEAD))]
    lines = [
        "  ".join(_padded(cell, width, left=at == 0) for at, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    lines.insert(1, "-" * _width(lines[0]))
    return [line.rstrip() for line in lines]


def as_json(units: Units, found: Iterable[Measured]) -> dict[str, Any]:
    """The same, and more, for machines."""
    return {
        "units_ms": asdict(units),
        "measured": [
            {**asdict(one), "within": one.within, "times_page": _times_page(units, one), "times_sql": _times_sql(one)}
            for one in found
        ],
    }


def _cells(units: Units, one: Measured) -> tuple[str, ...]:
    budget = ""
    if one.budget is not None:
        budget = f"{'>=' if one.at_least else '<='} {_number(one.budget)} {one.unit}"
    return (
        one.what,
        f"{_number(one.value)} {one.unit}",
        "" if one.best is None else f"{_number(one.best)} {one.unit}",
        budget,
        one.within,
        _ratio(_times_page(units, one)),
        _ratio(_times_sql(one)),
        "" if one.statements is None else str(one.statements),
    )


def _milliseconds(one: Measured) -> float | None:
    if not one.is_cpu:
        return None
    return one.value if one.unit == "ms" else None  # beside what takes seconds, a page is no measure


def _times_page(units: Units, one: Measured) -> float | None:
    spent = _milliseconds(one)
    return one.times_page or (None if spent is None else spent / units.page)


def _times_sql(one: Measured) -> float | None:
    spent = _milliseconds(one)
    return None if spent is None or not one.sql else spent / one.sql


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _number(value: float) -> str:
    if value == int(value) and value < 1000:
        return str(int(value))
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
