"""The statements behind the measures of the ladder: each room counts for itself, here they stand side by side."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.engagements.queries import engagements_with_basis, engagements_with_places
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.people import measures as people
from partner_compliance.pledges import measures as pledges
from partner_compliance.receipts import measures as receipts
from partner_compliance.roster import measures as roster
from partner_compliance.roster.queries import CONFIRMED_FOR
from partner_compliance.rulebooks import measures as rulebooks
from partner_compliance.sheets import measures as sheets
from partner_compliance.sheets.reconciliation import items_of
from partner_compliance.takeouts import measures as takeouts
from partner_compliance.training import measures as training

Statement = Select[*tuple[Any, ...]]
#: Of which organizations; None for all.
Where = Iterable[UUID] | None


@dataclass(frozen=True)
class Figure:
    """What a measure counted; `lapses_on` is the last day on which it holds by itself, None where none is known."""

    numerator: int
    denominator: int
    lapses_on: date | None = None


Figures = Mapping[Measure, Figure]


@dataclass(frozen=True)
class Asked:
    """Of which organizations, on which day, with which content."""

    library: Library
    as_of: date
    organization_ids: Where = None

    @property
    def year_ago(self) -> date:
        """The first of the twelve months before the day, by the same day of the month."""
        year, day = self.as_of.year - 1, self.as_of.day
        return self.as_of.replace(year=year) if (self.as_of.month, day) != (2, 29) else date(year, 3, 1)

    @property
    def quarter_ago(self) -> date:
        """The first day of the three months that show a habit."""
        return clock.first_day(clock.month_after(sheets.judged_month(self.as_of), 1 - sheets.HABIT))


@dataclass(frozen=True)
class Pick:
    """In which places of a row a measure has its counts; `of` is a total that is the same for everybody."""

    numerator: int = 1
    denominator: int = 2
    of: int | None = None

    def figure(self, row: Any, lapses_on: date | None) -> Figure | None:
        """What a row counts; None where there was nothing to count."""
        total = self.of if self.of is not None else int(row[self.denominator])
        return Figure(int(row[self.numerator]), total, lapses_on) if total else None


@dataclass(frozen=True)
class Source:
    """A statement and the measures that are read from its rows, the organization in front.

    `lapses` is the place of the last day on which the counts hold, or of the day from which they hold `later` longer.
    """

    statement: Callable[[Asked], Statement]
    picks: Mapping[Measure, Pick]
    lapses: int | None = None
    later: timedelta = field(default=timedelta())


def _usual(measure: Measure, statement: Callable[[Asked], Statement], *, lapses: bool = True) -> Source:
    return Source(statement, {measure: Pick()}, 3 if lapses else None)


def _by_day(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.organization_ids)
    return found


def _since(counted: Callable[..., Any], since: str, asked: Asked) -> Statement:
    found: Statement = counted(getattr(asked, since), asked.as_of, asked.organization_ids)
    return found


def _pledged(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.library, asked.organization_ids)
    return found


def _unreconciled(asked: Asked) -> Statement:
    month = sheets.judged_month(asked.as_of)
    items = items_of(asked.library.edition_for("take-out", max(month, _first_month(asked.library))))
    if items is None:
        raise ValueError("the check sheet asks nothing about the ledger")
    return sheets.unreconciled(month, items, asked.as_of, asked.organization_ids)


def _first_month(library: Library) -> str:
    return min(each.valid_from_month for each in library.checklists if each.published and each.key == "take-out")


def _of_handlers(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.organization_ids, handlers_only=True)
    return found


SOURCES: tuple[Source, ...] = (
    _usual(Measure.POSTS_WITH_DEPUTY, partial(_by_day, roster.posts_with_deputy)),
    Source(partial(_by_day, roster.roster_confirmed), {Measure.ROSTER_CONFIRMED: Pick()}, 3, CONFIRMED_FOR),
    _usual(Measure.ENGAGEMENTS_WITH_BASIS, partial(_by_day, engagements_with_basis)),
    _usual(Measure.ENGAGEMENTS_WITH_PLACES, partial(_by_day, engagements_with_places)),
    _usual(Measure.RULES_ADOPTED, partial(_by_day, rulebooks.rules_adopted), lapses=False),
    _usual(Measure.RULES_COMPLETE, partial(_by_day, rulebooks.rules_complete), lapses=False),
    _usual(Measure.RULES_REVIEWED, partial(_by_day, rulebooks.rules_reviewed)),
    _usual(Measure.PROCEDURE_FRESH, partial(_by_day, rulebooks.procedure_fresh)),
    _usual(Measure.RULES_ACKNOWLEDGED, partial(_by_day, rulebooks.rules_acknowledged)),
    _usual(Measure.WORKERS_PLEDGED, partial(_pledged, pledges.workers_pledged)),
    _usual(Measure.HANDLERS_PLEDGED, partial(_pledged, pledges.handlers_pledged)),
    _usual(Measure.HANDLERS_PLEDGED_FIRST, partial(_by_day, people.handlers_pledged_first), lapses=False),
    _usual(Measure.HANDLERS_CLEARED, partial(_by_day, people.handlers_cleared), lapses=False),
    _usual(Measure.ENTRY_COURSE_HANDLERS, partial(_of_handlers, training.entry_course)),
    _usual(Measure.ENTRY_COURSE_WORKERS, partial(_by_day, training.entry_course)),
    _usual(Measure.YEARLY_COURSE_HANDLERS, partial(_of_handlers, training.yearly_course)),
    _usual(Measure.YEARLY_COURSE_WORKERS, partial(_by_day, training.yearly_course)),
    Source(
        partial(_by_day, sheets.months_kept),
        {
            Measure.MONTHS_IN_ORDER: Pick(1, of=sheets.HISTORY),
            Measure.MONTHS_RUN: Pick(2, of=sheets.HABIT),
            Measure.SHEETS_SUBMITTED: Pick(4, 3),
            Measure.SHEETS_ON_TIME: Pick(5, 3),
            Measure.SHEETS_SIGNED_OFF: Pick(6, 3),
        },
    ),
    Source(
        partial(_by_day, sheets.actions_open_too_long), {Measure.ACTIONS_OPEN_TOO_LONG: Pick()}, 3,
        timedelta(days=sheets.ACTION_DAYS),
    ),
    _usual(Measure.TAKE_OUTS_PERMITTED, partial(_since, takeouts.permitted_before_leaving, "quarter_ago")),
    _usual(Measure.TAKE_OUTS_OVERDUE, partial(_by_day, takeouts.overdue_now)),
    _usual(Measure.SHEETS_UNRECONCILED, _unreconciled),
    _usual(Measure.RECEIVED_WITH_RECEIPT, partial(_since, receipts.received_with_receipt, "year_ago")),
    _usual(Measure.RECEIVED_OVERDUE, partial(_by_day, receipts.overdue_now)),
    _usual(Measure.LEAVERS_CLOSED, partial(_since, people.leavers_closed_in_time, "year_ago"), lapses=False),
    _usual(Measure.EXIT_PLEDGES, partial(_since, people.exit_pledges, "year_ago"), lapses=False),
)  # fmt: skip


def figures(
    session: Session,
    asked: Asked,
    measures: Iterable[Measure],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[UUID, dict[Measure, Figure]]:
    """{organization: {measure: what it counted}}: one statement for each source, whatever the number of organizations.

    An organization that is not in it, or lacks a measure, has nothing to count there.
    """
    wanted = frozenset(measures)
    found: dict[UUID, dict[Measure, Figure]] = {}
    one = None if asked.organization_ids is None else list(asked.organization_ids)
    is_one = one is not None and len(one) == 1
    for done, source in enumerate(SOURCES, start=1):
        progress(done, len(SOURCES))
        picks = {measure: pick for measure, pick in source.picks.items() if measure in wanted}
        if not picks:
            continue
        statement = _of_one(source, asked) if is_one else source.statement(asked)
        for row in session.execute(statement, {"organization_id": one[0]} if is_one and one else {}):
            lapses_on = _day(row[source.lapses], source.later) if source.lapses is not None else None
            of = found.setdefault(row[0], {})
            for measure, pick in picks.items():
                if figure := pick.figure(row, lapses_on):
                    of[measure] = figure
    return found


#: Statements for a single organization by content, day and source: putting one together takes longer than running it.
_KEPT: OrderedDict[tuple[int, date, int], tuple[Library, Statement]] = OrderedDict()
_MOST_KEPT = 40 * len(SOURCES)


def _of_one(source: Source, asked: Asked) -> Statement:
    # The library is kept beside its number, so that no other one can get that number meanwhile.
    key = (id(asked.library), asked.as_of, id(source))
    kept = _KEPT.get(key)
    if kept is None:
        whose: Any = [bindparam("organization_id", type_=Uuid())]
        kept = _KEPT[key] = (asked.library, source.statement(Asked(asked.library, asked.as_of, whose)))
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return kept[1]


def _day(value: Any, later: timedelta) -> date | None:
    if value is None:
        return None
    day: date = clock.local_date(value) if isinstance(value, datetime) else value
    return day + later
