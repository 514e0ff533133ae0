"""What take-outs look like in numbers: counts only, never a person (for the officer, and for the municipality)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import String, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.takeouts import queries
from partner_compliance.takeouts.models import LedgerLine
from partner_compliance.takeouts.words import Medium, Permission, Reason, State

#: How many months the trend goes back.
MONTHS = 12
#: A count below this names somebody; others see it as a range.
FEW = 3


@dataclass(frozen=True)
class Numbers:
    """The take-outs of one organization (or several) in a period."""

    left: int = 0
    permitted: int = 0
    due: int = 0
    on_time: int = 0
    outside: int = 0
    overdue: int = 0
    by_medium: Mapping[Medium, int] = field(default_factory=dict)
    by_reason: Mapping[Reason, int] = field(default_factory=dict)
    #: How many with each reason went out on a USB stick or another medium: a lack of means shows here.
    sticks_by_reason: Mapping[Reason, int] = field(default_factory=dict)
    #: (month, how many left in it), oldest first.
    trend: Sequence[tuple[str, int]] = ()

    @property
    def media(self) -> list[tuple[str, int]]:
        """(medium, how many), the most first, in words."""
        return [(each.label, count) for each, count in self.by_medium.items()]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """(reason, how many), the most first, in words."""
        return [(each.label, count) for each, count in self.by_reason.items()]

    @property
    def sticks(self) -> list[tuple[str, int]]:
        """(reason, how many on a stick), the most first, in words."""
        return [(each.label, count) for each, count in self.sticks_by_reason.items()]

    @property
    def months(self) -> list[tuple[str, int]]:
        """(month, how many), oldest first, in words."""
        return [(clock.screen_month(month), count) for month, count in self.trend]

    @property
    def permitted_share(self) -> float | None:
        """The share that had its permission before leaving."""
        return self.permitted / self.left if self.left else None

    @property
    def on_time_share(self) -> float | None:
        """The share that came back whole and on time, of what is back or should be."""
        return self.on_time / self.due if self.due else None


def numbers_of(
    session: Session, organization_ids: Iterable[UUID], *, today: date, months: int = MONTHS
) -> dict[UUID, Numbers]:
    """The numbers of the last twelve months (or fewer, the present one included) for each of some organizations, in two
    statements. What is outside is so now, whatever day is called today.
    """
    ids = sorted(set(organization_ids))
    if not ids:
        return {}
    first = clock.month_after(clock.month_of(today), 1 - months)
    since = clock.first_day(first)
    in_order = LedgerLine.permission.in_((Permission.BEFORE, Permission.STANDING))
    is_back = LedgerLine.returned_on.is_not(None)
    month = func.substr(cast(LedgerLine.began_on, String), 1, 7)
    rows = session.execute(
        select(
            LedgerLine.organization_id,
            month.label("month"),
            LedgerLine.medium,
            LedgerLine.reason,
            func.count().label("left"),
            func.sum(case((in_order, 1), else_=0)).label("permitted"),
            func.sum(case((or_(is_back, LedgerLine.due_on < today), 1), else_=0)).label("due"),
            func.sum(
                case((and_(is_back, LedgerLine.returned_on <= LedgerLine.due_on, ~LedgerLine.differs), 1), else_=0)
            ).label("on_time"),
        )
        .where(
            LedgerLine.organization_id.in_(ids),
            LedgerLine.state.in_(queries.LEFT),
            LedgerLine.began_on.between(since, today),
        )
        .group_by(LedgerLine.organization_id, month, LedgerLine.medium, LedgerLine.reason)
    ).all()
    outside = {
        row.organization_id: (row.outside, row.overdue)
        for row in session.execute(
            select(
                LedgerLine.organization_id,
                func.count().label("outside"),
                func.sum(case((LedgerLine.due_on < today, 1), else_=0)).label("overdue"),
            )
            .where(LedgerLine.organization_id.in_(ids), LedgerLine.state == State.OUT)
            .group_by(LedgerLine.organization_id)
        )
    }
    shown = clock.months_between(first, clock.month_of(today))
    by_organization: dict[UUID, list[Any]] = {}
    for row in rows:
        by_organization.setdefault(row.organization_id, []).append(row)
    return {
        each: _numbers(by_organization.get(each, []), outside.get(each, (0, 0)), shown)
        for each in ids
        if each in by_organization or each in outside
    }


def _numbers(rows: Sequence[Any], outside: tuple[int, int], months: Sequence[str]) -> Numbers:
    def by(key: str, kind: Any, wanted: Sequence[Any]) -> dict[Any, int]:
        found: dict[Any, int] = {}
        for row in wanted:
            found[getattr(row, key)] = found.get(getattr(row, key), 0) + row.left
        return {each: found[each] for each in sorted(found, key=lambda one: (-found[one], list(kind).index(one)))}

    monthly = by("month", months, [row for row in rows if row.month in months])
    return Numbers(
        left=sum(row.left for row in rows),
        permitted=sum(row.permitted for row in rows),
        due=sum(row.due for row in rows),
        on_time=sum(row.on_time for row in rows),
        outside=outside[0],
        overdue=outside[1],
        by_medium=by("medium", Medium, rows),
        by_reason=by("reason", Reason, rows),
        sticks_by_reason=by("reason", Reason, [row for row in rows if row.medium is Medium.STICK]),
        trend=[(month, monthly.get(month, 0)) for month in months],
    )


def together(found: Iterable[Numbers]) -> Numbers:
    """The numbers of several organizations as one."""
    each = list(found)

    def added(name: str) -> dict[Any, int]:
        counts: dict[Any, int] = {}
        for numbers in each:
            for word, count in getattr(numbers, name).items():
                counts[word] = counts.get(word, 0) + count
        return dict(sorted(counts.items(), key=lambda pair: -pair[1]))

    months: dict[str, int] = {}
    for numbers in each:
        for month, count in numbers.trend:
            months[month] = months.get(month, 0) + count
    return Numbers(
        left=sum(numbers.left for numbers in each),
        permitted=sum(numbers.permitted for numbers in each),
        due=sum(numbers.due for numbers in each),
        on_time=sum(numbers.on_time for numbers in each),
        outside=sum(numbers.outside for numbers in each),
        overdue=sum(numbers.overdue for numbers in each),
        by_medium=added("by_medium"),
        by_reason=added("by_reason"),
        sticks_by_reason=added("sticks_by_reason"),
        trend=sorted(months.items()),
    )


def few(count: int) -> str:
    """A count as others see it: small ones as a range, since they could name somebody."""
    return str(count) if count == 0 or count >= FEW else f"1〜{FEW - 1}"


def few_together(counts: Iterable[int]) -> str:
    """The sum of counts that stand beside it: a range where some of them are, which the sum would else give away."""
    shown = list(counts)
    small = [count for count in shown if 0 < count < FEW]
    if not small:
        return str(sum(shown))
    known = sum(shown) - sum(small)
    return f"{known + len(small)}〜{known + len(small) * (FEW - 1)}"


def reasons_by_medium(
    session: Session, organization_ids: Iterable[UUID], *, today: date
) -> dict[tuple[Reason, Medium], int]:
    """How often what was carried out for which reason in the last twelve months, all those organizations together."""
    since = clock.first_day(clock.month_after(clock.month_of(today), 1 - MONTHS))
    rows = session.execute(
        select(LedgerLine.reason, LedgerLine.medium, func.count())
        .where(
            LedgerLine.organization_id.in_(sorted(set(organization_ids))),
            LedgerLine.state.in_(queries.LEFT),
            LedgerLine.began_on.between(since, today),
        )
        .group_by(LedgerLine.reason, LedgerLine.medium)
    )
    return {(reason, medium): count for reason, medium, count in rows}
