"""What readiness counts about sheets and the ledger: one statement each, for all organizations at once or for some."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, Select, and_, case, cast, func, literal, not_, null, or_, select
from sqlalchemy.orm import aliased

from partner_compliance import clock
from partner_compliance.library.checklists import Answer
from partner_compliance.sheets.models import CheckSheet, Contradiction, ReconciliationNote, SheetVersion
from partner_compliance.sheets.reconciliation import Items
from partner_compliance.takeouts.models import LedgerLine
from partner_compliance.takeouts.queries import LEFT, Where
from partner_compliance.takeouts.words import Permission

Measure = Select[*tuple[Any, ...]]


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
