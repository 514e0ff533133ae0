"""What readiness counts about sheets and the ledger: one statement each, for all organizations at once or for some."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, case, cast, func, literal, not_, null, or_, select
from sqlalchemy.orm import aliased

from partner_compliance import clock
from partner_compliance.library.checklists import Answer
from partner_compliance.library.readiness import FEW
from partner_compliance.sheets.models import (
    CheckSheet,
    Contradiction,
    CorrectiveAction,
    EventKind,
    ReconciliationNote,
    SheetEvent,
    SheetVersion,
)
from partner_compliance.sheets.reconciliation import Items
from partner_compliance.takeouts.models import LedgerLine
from partner_compliance.takeouts.queries import LEFT, Where
from partner_compliance.takeouts.words import Permission

Measure = Select[*tuple[Any, ...]]


#: After so many business days of the month that follows, everything of a month is due for everybody.
LAST_BUSINESS_DAY = 10
#: How many months show a habit, and of how many the history is looked at (ladder 3a, 4a).
HABIT, HISTORY = 3, 12
#: So many days may a corrective action stay open (ladder 3c).
ACTION_DAYS = 30
#: The share that has to come in time for a month to be in order (ladder 4a, by the measure of 3a).
_ON_TIME_PERCENT = 95


def judged_month(as_of: date) -> str:
    """The last month of which everything is due before a day."""
    month = clock.month_after(clock.month_of(as_of), -1)
    return month if judged_from(month) <= as_of else clock.month_after(month, -1)


def judged_from(month: str) -> date:
    """The first day on which everything of a month is due: the day after the last business day for signing off."""
    return clock.nth_business_day(clock.month_after(month), LAST_BUSINESS_DAY) + timedelta(days=1)


def months_kept(as_of: date, organization_ids: Where = None) -> Measure:
    """What the monthly sheets of the last twelve judged months show, each sheet as it stood on a day (ladder 3a, 3b,
    4a): (organization, months in order, and of the last three: months with sheets, sheets asked for, submitted,
    submitted by the due day, signed off by the due day).

    Excused sheets are not asked for. Late stays late; a correction that waits for its own sign-off takes nothing away
    from the first one. A month is in order when everything was submitted and signed off in time, and of the submissions
    95 percent, or all but one of fewer than `FEW`.
    """
    month = _months(_sheets(as_of, organization_ids), judged_month(as_of))

    def recent(count: Any) -> Any:
        return func.sum(case((month.c.is_recent, count), else_=0), type_=Integer())

    return select(
        month.c.organization_id,
        func.sum(case((month.c.in_order, 1), else_=0), type_=Integer()).label("in_order"),
        recent(1).label("months"),
        recent(month.c.asked).label("asked"),
        recent(month.c.submitted).label("submitted"),
        recent(month.c.on_time).label("on_time"),
        recent(month.c.signed).label("signed"),
    ).group_by(month.c.organization_id)


def months_counted(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, month, sheets asked for, submitted, submitted by the due day, signed off by the due day, whether
    it is in order) of each of the months that `months_kept` looks at."""
    month = _months(_sheets(as_of, organization_ids), judged_month(as_of))
    return select(
        month.c.organization_id, month.c.month, month.c.asked, month.c.submitted, month.c.on_time, month.c.signed,
        month.c.in_order,
    )  # fmt: skip


def months_in_order(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, month) of the months that `months_kept` counts as in order."""
    month = _months(_sheets(as_of, organization_ids), judged_month(as_of))
    return select(month.c.organization_id, month.c.month).where(month.c.in_order)


def months_run(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, month) of the months that `months_kept` counts as having sheets."""
    month = _months(_sheets(as_of, organization_ids), judged_month(as_of))
    return select(month.c.organization_id, month.c.month).where(month.c.is_recent)


def sheets_lacking(which: str, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, sheet) of the sheets of the last three months that `months_kept` asks for and does not count as
    `submitted`, `on_time` or `signed`."""
    sheet = _sheets(as_of, organization_ids, CheckSheet.id)
    recent = clock.month_after(judged_month(as_of), 1 - HABIT)
    return select(sheet.c.organization_id, sheet.c.id).where(
        _is_asked(sheet), sheet.c.month >= recent, case((_HOLDS[which](sheet), 1), else_=0) == 0
    )


#: What is counted of the sheets that are asked for.
_HOLDS: dict[str, Callable[[Any], Any]] = {
    "submitted": lambda sheet: sheet.c.came.is_not(None),
    "on_time": lambda sheet: sheet.c.came <= sheet.c.due_on,
    "signed": lambda sheet: sheet.c.signed <= sheet.c.sign_off_due_on,
}


def _is_asked(sheet: Any) -> Any:
    return func.coalesce(sheet.c.last, 0) % 2 == 0


def _sheets(as_of: date, organization_ids: Where, *more: Any) -> Any:
    """Each sheet of the last twelve judged months as it stood on a day."""
    last = judged_month(as_of)
    rows = (
        select(
            CheckSheet.organization_id,
            *more,
            CheckSheet.month,
            CheckSheet.due_on,
            CheckSheet.sign_off_due_on,
            func.min(case((SheetEvent.kind == EventKind.SUBMITTED, SheetEvent.happened_on)), type_=Date()).label(
                "came"
            ),
            func.min(case((SheetEvent.kind == EventKind.SIGNED_OFF, SheetEvent.happened_on)), type_=Date()).label(
                "signed"
            ),
            # The last event decides whether a sheet is excused: the number in front, its kind in the last place.
            func.max(SheetEvent.number * 2 + case((SheetEvent.kind == EventKind.EXCUSED, 1), else_=0)).label("last"),
        )
        .outerjoin(
            SheetEvent,
            and_(
                SheetEvent.organization_id == CheckSheet.organization_id,
                SheetEvent.sheet_id == CheckSheet.id,
                SheetEvent.happened_on <= as_of,
            ),
        )
        .where(
            CheckSheet.month.between(clock.month_after(last, 1 - HISTORY), last),
            CheckSheet.opened_at < clock.start_of(as_of + timedelta(days=1)),
        )
        .group_by(CheckSheet.organization_id, CheckSheet.id)
    )
    if organization_ids is not None:
        rows = rows.where(CheckSheet.organization_id.in_(sorted(organization_ids)))
    return rows.subquery()


def _months(sheet: Any, last: str) -> Any:
    """Each month of each organization with its counts, whether it is in order, and whether it shows the habit."""

    def how_many(*holds: Any) -> Any:
        return func.sum(case((and_(_is_asked(sheet), *holds), 1), else_=0), type_=Integer())

    month = (
        select(
            sheet.c.organization_id,
            sheet.c.month,
            how_many().label("asked"),
            *(how_many(holds(sheet)).label(name) for name, holds in _HOLDS.items()),
        )
        .group_by(sheet.c.organization_id, sheet.c.month)
        .subquery()
    )
    is_punctual = or_(
        month.c.on_time * 100 >= month.c.asked * _ON_TIME_PERCENT,
        and_(month.c.asked < FEW, month.c.asked - month.c.on_time <= 1),
    )
    in_order = and_(month.c.submitted == month.c.asked, month.c.signed == month.c.asked, is_punctual)
    is_recent = month.c.month >= clock.month_after(last, 1 - HABIT)
    return select(month, in_order.label("in_order"), is_recent.label("is_recent")).subquery()


def actions_open_too_long(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, corrective actions open for more than 30 days, open ones, when the next one was opened that is not
    yet among them) (ladder 3c)."""
    limit = _open_since(as_of)
    query = select(
        CorrectiveAction.organization_id,
        func.sum(case((CorrectiveAction.opened_at < limit, 1), else_=0), type_=Integer()).label("numerator"),
        func.count().label("denominator"),
        func.min(case((CorrectiveAction.opened_at >= limit, CorrectiveAction.opened_at))).label("opened_at"),
    ).group_by(CorrectiveAction.organization_id)
    return _open_actions(query, as_of, organization_ids)


def too_long_open(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, corrective action) of those that the measure above counts as open too long."""
    query = select(CorrectiveAction.organization_id, CorrectiveAction.id).where(
        CorrectiveAction.opened_at < _open_since(as_of)
    )
    return _open_actions(query, as_of, organization_ids)


def _open_since(as_of: date) -> datetime:
    return clock.start_of(as_of - timedelta(days=ACTION_DAYS))


def _open_actions(query: Measure, as_of: date, organization_ids: Where) -> Measure:
    end = clock.start_of(as_of + timedelta(days=1))
    query = query.where(
        CorrectiveAction.opened_at < end,
        or_(CorrectiveAction.closed_at.is_(None), CorrectiveAction.closed_at >= end),
    )
    return query if organization_ids is None else query.where(
        CorrectiveAction.organization_id.in_(sorted(organization_ids))
    )  # fmt: skip


def unreconciled(
    month: str, items: Items, as_of: date, organization_ids: Where = None, lines: Any = LedgerLine
) -> Measure:
    """(organization, sheets with an unexplained contradiction, submitted sheets, None): a month's last versions beside
    the ledger as it stands on a day; the same rule as `reconciliation.open_in`, for whole sets. `lines` is the ledger
    that is asked, for a past day as it was known then (takeouts.known)."""
    rows, is_open = _beside_the_ledger(month, items, as_of, organization_ids, lines)
    return rows.add_columns(
        SheetVersion.organization_id,
        func.sum(case((is_open, 1), else_=0)).label("numerator"),
        func.count().label("denominator"),
        cast(null(), Date).label("lapses_on"),
    ).group_by(SheetVersion.organization_id)


def contradicting(month: str, items: Items, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, sheet) of those that the measure above counts as contradicting the ledger."""
    rows, is_open = _beside_the_ledger(month, items, as_of, organization_ids, LedgerLine)
    return rows.where(is_open).add_columns(CheckSheet.organization_id, CheckSheet.id)


def _beside_the_ledger(
    month: str, items: Items, as_of: date, organization_ids: Where, lines: Any
) -> tuple[Measure, Any]:  # fmt: skip
    """(The last versions of a month's sheets that had been submitted by a day, whether one contradicts the ledger)."""
    end = clock.start_of(as_of + timedelta(days=1))
    first, last = clock.first_day(month), clock.last_day(month)
    explained = lines.is_explained
    in_order = lines.permission.in_((Permission.BEFORE, Permission.STANDING))
    amiss = or_(lines.differs, func.coalesce(lines.returned_on, literal(as_of, Date)) > lines.due_on)
    rows = (
        select(
            lines.organization_id,
            lines.worker_id,
            func.count().label("rows"),
            func.sum(
                case((and_(lines.began_on.between(first, last), not_(in_order), not_(explained)), 1), else_=0)
            ).label("not_permitted"),
            func.sum(case((and_(amiss, not_(explained)), 1), else_=0)).label("not_returned"),
        )
        .where(
            lines.state.in_(LEFT),
            lines.began_on <= last,
            or_(lines.returned_on.is_(None), lines.returned_on >= first),
        )
        .group_by(lines.organization_id, lines.worker_id)
    )
    kept = select(lines.organization_id).where(lines.state.in_(LEFT), lines.began_on <= last)
    if organization_ids is not None:
        wanted = sorted(organization_ids)
        rows = rows.where(lines.organization_id.in_(wanted))
        kept = kept.where(lines.organization_id.in_(wanted))
    of_ledger = rows.subquery()
    newer = aliased(SheetVersion)
    is_last = ~(
        select(literal(1))
        .where(
            newer.organization_id == SheetVersion.organization_id,
            newer.sheet_id == SheetVersion.sheet_id,
            newer.number > SheetVersion.number,
            newer.submitted_at < end,
        )
        .exists()
    )
    count = func.coalesce(of_ledger.c.rows, 0)
    not_permitted = func.coalesce(of_ledger.c.not_permitted, 0)
    not_returned = func.coalesce(of_ledger.c.not_returned, 0)
    said = {number: SheetVersion.answers[number]["answer"].as_string() for number in (items.permission, items.returned)}
    fine, nothing = Answer.OK.value, Answer.NOT_APPLICABLE.value
    permission, returned = said[items.permission], said[items.returned]
    none_taken = and_(count > 0, or_(SheetVersion.no_take_out, permission == nothing))
    found = (
        (items.permission, Contradiction.NONE_TAKEN, none_taken, count),
        (
            items.permission,
            Contradiction.NOT_PERMITTED,
            and_(permission == fine, not_(SheetVersion.no_take_out), not_permitted > 0),
            not_permitted,
        ),
        (
            items.permission,
            Contradiction.NOT_WRITTEN,
            and_(permission == fine, count == 0, SheetVersion.organization_id.in_(kept)),
            literal(0, Integer),
        ),
        (
            items.returned,
            Contradiction.NONE_TAKEN,
            and_(count > 0, returned == nothing, not_(SheetVersion.no_take_out)),
            count,
        ),
        (items.returned, Contradiction.NOT_RETURNED, and_(returned == fine, not_returned > 0), not_returned),
    )
    is_open = or_(*(and_(holds, ~_explained(item, kind, size, as_of)) for item, kind, holds, size in found))
    query = (
        select()
        .select_from(SheetVersion)
        .join(
            CheckSheet,
            and_(CheckSheet.organization_id == SheetVersion.organization_id, CheckSheet.id == SheetVersion.sheet_id),
        )
        .outerjoin(
            of_ledger,
            and_(
                of_ledger.c.organization_id == CheckSheet.organization_id,
                of_ledger.c.worker_id == CheckSheet.worker_id,
            ),
        )
        .where(CheckSheet.month == month, SheetVersion.submitted_at < end, is_last)
    )
    if organization_ids is not None:
        query = query.where(CheckSheet.organization_id.in_(sorted(organization_ids)))
    return query, and_(SheetVersion.answers.is_not(None), is_open)


def _explained(item: str, kind: Contradiction, rows: Any, as_of: date) -> Any:
    return (
        select(literal(1))
        .where(
            ReconciliationNote.organization_id == SheetVersion.organization_id,
            ReconciliationNote.sheet_id == SheetVersion.sheet_id,
            ReconciliationNote.item == item,
            ReconciliationNote.kind == kind,
            ReconciliationNote.rows >= rows,
            ReconciliationNote.happened_on <= as_of,
        )
        .exists()
    )
