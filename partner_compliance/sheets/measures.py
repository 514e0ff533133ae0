"""What readiness counts about sheets and the ledger: one statement each, for all organizations at once or for some."""

from datetime import date, timedelta
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
    last = judged_month(as_of)
    rows = (
        select(
            CheckSheet.organization_id,
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
    sheet = rows.subquery()
    is_asked = func.coalesce(sheet.c.last, 0) % 2 == 0

    def how_many(*holds: Any) -> Any:
        return func.sum(case((and_(is_asked, *holds), 1), else_=0), type_=Integer())

    month = (
        select(
            sheet.c.organization_id,
            sheet.c.month,
            how_many().label("asked"),
            how_many(sheet.c.came.is_not(None)).label("submitted"),
            how_many(sheet.c.came <= sheet.c.due_on).label("on_time"),
            how_many(sheet.c.signed <= sheet.c.sign_off_due_on).label("signed"),
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

    def recent(count: Any) -> Any:
        return func.sum(case((is_recent, count), else_=0), type_=Integer())

    return select(
        month.c.organization_id,
        func.sum(case((in_order, 1), else_=0), type_=Integer()).label("in_order"),
        recent(1).label("months"),
        recent(month.c.asked).label("asked"),
        recent(month.c.submitted).label("submitted"),
        recent(month.c.on_time).label("on_time"),
        recent(month.c.signed).label("signed"),
    ).group_by(month.c.organization_id)


def actions_open_too_long(as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, corrective actions open for more than 30 days, open ones, when the next one was opened that is not
    yet among them) (ladder 3c)."""
    limit = clock.start_of(as_of - timedelta(days=ACTION_DAYS))
    end = clock.start_of(as_of + timedelta(days=1))
    query = (
        select(
            CorrectiveAction.organization_id,
            func.sum(case((CorrectiveAction.opened_at < limit, 1), else_=0), type_=Integer()).label("numerator"),
            func.count().label("denominator"),
            func.min(case((CorrectiveAction.opened_at >= limit, CorrectiveAction.opened_at))).label("opened_at"),
        )
        .where(
            CorrectiveAction.opened_at < end,
            or_(CorrectiveAction.closed_at.is_(None), CorrectiveAction.closed_at >= end),
        )
        .group_by(CorrectiveAction.organization_id)
    )
    return query if organization_ids is None else query.where(
        CorrectiveAction.organization_id.in_(sorted(organization_ids))
    )  # fmt: skip


def unreconciled(month: str, items: Items, as_of: date, organization_ids: Where = None) -> Measure:
    """(organization, sheets with an unexplained contradiction, submitted sheets, None): a month's last versions beside
    the ledger as it stands on a day; the same rule as `reconciliation.open_in`, for whole sets."""
    first, last = clock.first_day(month), clock.last_day(month)
    explained = LedgerLine.is_explained
    in_order = LedgerLine.permission.in_((Permission.BEFORE, Permission.STANDING))
    amiss = or_(LedgerLine.differs, func.coalesce(LedgerLine.returned_on, literal(as_of, Date)) > LedgerLine.due_on)
    rows = (
        select(
            LedgerLine.organization_id,
            LedgerLine.worker_id,
            func.count().label("rows"),
            func.sum(
                case((and_(LedgerLine.began_on.between(first, last), not_(in_order), not_(explained)), 1), else_=0)
            ).label("not_permitted"),
            func.sum(case((and_(amiss, not_(explained)), 1), else_=0)).label("not_returned"),
        )
        .where(
            LedgerLine.state.in_(LEFT),
            LedgerLine.began_on <= last,
            or_(LedgerLine.returned_on.is_(None), LedgerLine.returned_on >= first),
        )
        .group_by(LedgerLine.organization_id, LedgerLine.worker_id)
    )
    kept = select(LedgerLine.organization_id).where(LedgerLine.state.in_(LEFT), LedgerLine.began_on <= last)
    if organization_ids is not None:
        wanted = sorted(organization_ids)
        rows = rows.where(LedgerLine.organization_id.in_(wanted))
        kept = kept.where(LedgerLine.organization_id.in_(wanted))
    of_ledger = rows.subquery()
    newer = aliased(SheetVersion)
    is_last = ~(
        select(literal(1))
        .where(
            newer.organization_id == SheetVersion.organization_id,
            newer.sheet_id == SheetVersion.sheet_id,
            newer.number > SheetVersion.number,
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
    is_open = or_(*(and_(holds, ~_explained(item, kind, size)) for item, kind, holds, size in found))
    query = (
        select(
            SheetVersion.organization_id,
            func.sum(case((and_(SheetVersion.answers.is_not(None), is_open), 1), else_=0)).label("numerator"),
            func.count().label("denominator"),
            cast(null(), Date).label("lapses_on"),
        )
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
        .where(CheckSheet.month == month, is_last)
    )
    if organization_ids is not None:
        query = query.where(CheckSheet.organization_id.in_(sorted(organization_ids)))
    return query.group_by(SheetVersion.organization_id)


def _explained(item: str, kind: Contradiction, rows: Any) -> Any:
    return (
        select(literal(1))
        .where(
            ReconciliationNote.organization_id == SheetVersion.organization_id,
            ReconciliationNote.sheet_id == SheetVersion.sheet_id,
            ReconciliationNote.item == item,
            ReconciliationNote.kind == kind,
            ReconciliationNote.rows >= rows,
        )
        .exists()
    )
