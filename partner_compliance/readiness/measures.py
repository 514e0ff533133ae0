"""The statements behind the measures of the ladder: each room counts for itself, here they stand side by side."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.orm import Session, aliased

from partner_compliance import clock
from partner_compliance.engagements import measures as engagements
from partner_compliance.history.models import LogState
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.people import measures as people
from partner_compliance.pledges import measures as pledges
from partner_compliance.receipts import measures as receipts
from partner_compliance.receipts.known import lines_known_on as receipts_known_on
from partner_compliance.receipts.models import ReceiptLine
from partner_compliance.roster import measures as roster
from partner_compliance.roster.known import people_known_on
from partner_compliance.roster.queries import CONFIRMED_FOR
from partner_compliance.rulebooks import measures as rulebooks
from partner_compliance.sheets import measures as sheets
from partner_compliance.sheets.reconciliation import Items, items_of
from partner_compliance.takeouts import measures as takeouts
from partner_compliance.takeouts.known import lines_known_on as take_outs_known_on
from partner_compliance.takeouts.models import LedgerLine
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
    #: Whether anything was recorded after the day: then rows that hold the present are asked as they were known then.
    is_past: bool = False

    @property
    def people(self) -> Any:
        """The roster, as it is or as it was known."""
        return people_known_on(self.as_of) if self.is_past else Worker

    @property
    def take_outs(self) -> Any:
        """The ledger of take-outs, as it is or as it was known."""
        return take_outs_known_on(self.as_of) if self.is_past else LedgerLine

    @property
    def receipts(self) -> Any:
        """The hand-overs, as they are or as they were known."""
        return receipts_known_on(self.as_of) if self.is_past else ReceiptLine

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


def _of_people(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.organization_ids, asked.people)
    return found


def _leavers(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.year_ago, asked.as_of, asked.organization_ids, asked.people)
    return found


def _posts(asked: Asked) -> Statement:
    def people(place: int) -> Any:
        return people_known_on(asked.as_of, place) if asked.is_past else aliased(Worker)

    return roster.posts_with_deputy(asked.as_of, asked.organization_ids, people, is_past=asked.is_past)


def _engaged(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.organization_ids, is_past=asked.is_past)
    return found


def _pledged(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.library, asked.organization_ids, asked.people)
    return found


def _permitted(asked: Asked) -> Statement:
    return takeouts.permitted_before_leaving(
        asked.quarter_ago, asked.as_of, asked.organization_ids, asked.take_outs
    )  # fmt: skip


def _out_too_long(asked: Asked) -> Statement:
    return takeouts.overdue_now(asked.as_of, asked.organization_ids, asked.take_outs)


def _with_receipt(asked: Asked) -> Statement:
    return receipts.received_with_receipt(asked.year_ago, asked.as_of, asked.organization_ids, asked.receipts)


def _held_too_long(asked: Asked) -> Statement:
    return receipts.overdue_now(asked.as_of, asked.organization_ids, asked.receipts)


def reconciled_items(asked: Asked) -> tuple[str, Items]:
    """(The month whose sheets are put beside the ledger, where its sheet asks about it)."""
    month = sheets.judged_month(asked.as_of)
    items = items_of(asked.library.edition_for("take-out", max(month, _first_month(asked.library))))
    if items is None:
        raise ValueError("the check sheet asks nothing about the ledger")
    return month, items


def _unreconciled(asked: Asked) -> Statement:
    return sheets.unreconciled(
        *reconciled_items(asked), asked.as_of, asked.organization_ids, asked.take_outs
    )  # fmt: skip


def _first_month(library: Library) -> str:
    return min(each.valid_from_month for each in library.checklists if each.published and each.key == "take-out")


def _of_handlers(counted: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = counted(asked.as_of, asked.organization_ids, asked.people, handlers_only=True)
    return found


SOURCES: tuple[Source, ...] = (
    _usual(Measure.POSTS_WITH_DEPUTY, _posts),
    Source(partial(_by_day, roster.roster_confirmed), {Measure.ROSTER_CONFIRMED: Pick()}, 3, CONFIRMED_FOR),
    _usual(Measure.ENGAGEMENTS_WITH_BASIS, partial(_engaged, engagements.engagements_with_basis)),
    _usual(Measure.ENGAGEMENTS_WITH_PLACES, partial(_engaged, engagements.engagements_with_places)),
    _usual(Measure.RULES_ADOPTED, partial(_by_day, rulebooks.rules_adopted), lapses=False),
    _usual(Measure.RULES_COMPLETE, partial(_by_day, rulebooks.rules_complete), lapses=False),
    _usual(Measure.RULES_REVIEWED, partial(_by_day, rulebooks.rules_reviewed)),
    _usual(Measure.PROCEDURE_FRESH, partial(_by_day, rulebooks.procedure_fresh)),
    _usual(Measure.RULES_ACKNOWLEDGED, partial(_of_people, rulebooks.rules_acknowledged)),
    _usual(Measure.WORKERS_PLEDGED, partial(_pledged, pledges.workers_pledged)),
    _usual(Measure.HANDLERS_PLEDGED, partial(_pledged, pledges.handlers_pledged)),
    _usual(Measure.HANDLERS_PLEDGED_FIRST, partial(_of_people, people.handlers_pledged_first), lapses=False),
    _usual(Measure.HANDLERS_CLEARED, partial(_of_people, people.handlers_cleared), lapses=False),
    _usual(Measure.ENTRY_COURSE_HANDLERS, partial(_of_handlers, training.entry_course)),
    _usual(Measure.ENTRY_COURSE_WORKERS, partial(_of_people, training.entry_course)),
    _usual(Measure.YEARLY_COURSE_HANDLERS, partial(_of_handlers, training.yearly_course)),
    _usual(Measure.YEARLY_COURSE_WORKERS, partial(_of_people, training.yearly_course)),
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
    _usual(Measure.TAKE_OUTS_PERMITTED, _permitted),
    _usual(Measure.TAKE_OUTS_OVERDUE, _out_too_long),
    _usual(Measure.SHEETS_UNRECONCILED, _unreconciled),
    _usual(Measure.RECEIVED_WITH_RECEIPT, _with_receipt),
    _usual(Measure.RECEIVED_OVERDUE, _held_too_long),
    _usual(Measure.LEAVERS_CLOSED, partial(_leavers, people.leavers_closed_in_time), lapses=False),
    _usual(Measure.EXIT_PLEDGES, partial(_leavers, people.exit_pledges), lapses=False),
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
    asked = replace(asked, organization_ids=one, is_past=is_past(session, asked.as_of))
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
_KEPT: OrderedDict[tuple[int, date, bool, int], tuple[Library, Statement]] = OrderedDict()
_MOST_KEPT = 40 * len(SOURCES)


def is_past(session: Session, day: date) -> bool:
    """Whether anything at all was recorded after a day: every act is in a log, and a log knows its last moment."""
    end = clock.start_of(day + timedelta(days=1))
    return session.scalar(select(LogState.log_id).where(LogState.last_at >= end).limit(1)) is not None


def _of_one(source: Source, asked: Asked) -> Statement:
    # The library is kept beside its number, so that no other one can get that number meanwhile.
    key = (id(asked.library), asked.as_of, asked.is_past, id(source))
    kept = _KEPT.get(key)
    if kept is None:
        whose: Any = [bindparam("organization_id", type_=Uuid())]
        kept = _KEPT[key] = (asked.library, source.statement(replace(asked, organization_ids=whose)))
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return kept[1]


def _day(value: Any, later: timedelta) -> date | None:
    if value is None:
        return None
    day: date = clock.local_date(value) if isinstance(value, datetime) else value
    return day + later
