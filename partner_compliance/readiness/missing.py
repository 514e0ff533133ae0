"""Who, or what, is missing behind a count: named inside the organization only, from the conditions of the measures."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.engagements import measures as engagements
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center, Engagement, Municipality, Worker
from partner_compliance.people import measures as people
from partner_compliance.pledges import measures as pledges
from partner_compliance.readiness.measures import Asked, reconciled_items
from partner_compliance.receipts import measures as receipts
from partner_compliance.receipts.models import Receipt, ReceiptItem
from partner_compliance.receipts.queries import record_number as receipt_number
from partner_compliance.roster import measures as roster
from partner_compliance.roster import queries as of_roster
from partner_compliance.roster.models import Post
from partner_compliance.rulebooks import measures as rulebooks
from partner_compliance.sheets import measures as sheets
from partner_compliance.sheets.models import CheckSheet, CorrectiveAction
from partner_compliance.takeouts import measures as takeouts
from partner_compliance.takeouts.models import TakeOut
from partner_compliance.takeouts.queries import record_number as take_out_number
from partner_compliance.training import measures as training

#: So many are named; of the others only the number is said.
MOST = 50

Statement = Select[*tuple[Any, ...]]


class Kind(StrEnum):
    """What is missing: a person, a record, or something that nobody has written yet."""

    POST = "post"
    CONFIRMATION = "confirmation"
    RULE = "rule"
    MONTH = "month"
    ENGAGEMENT = "engagement"
    WORKER = "worker"
    SHEET = "sheet"
    ACTION = "action"
    TAKE_OUT = "take_out"
    RECEIPT = "receipt"


@dataclass(frozen=True)
class Item:
    """One of them: in words, with the id of what it is seen to at, where there is one."""

    label: str
    note: str = ""
    key: UUID | None = None
    #: Whose it is, for those who may not see to their own.
    worker_id: UUID | None = None


@dataclass(frozen=True)
class Missing:
    """What a measure lacks: how many altogether, and the first of them."""

    measure: Measure
    kind: Kind
    total: int
    items: tuple[Item, ...]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.total - len(self.items)


@dataclass(frozen=True)
class Lack:
    """The statement of what a measure does not count; or, with `wanted`, of what it does count of what is wanted."""

    kind: Kind
    statement: Callable[[Asked], Statement]
    wanted: Callable[[Asked], Sequence[str]] | None = None


def _on(day: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = day(asked.as_of, asked.organization_ids)
    return found


def _handlers(day: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = day(asked.as_of, asked.organization_ids, handlers_only=True)
    return found


def _from(since: str, period: Callable[..., Any], asked: Asked) -> Statement:
    found: Statement = period(getattr(asked, since), asked.as_of, asked.organization_ids)
    return found


def _pledges(asked: Asked, *, handlers_only: bool) -> Statement:
    return pledges.without_pledge(asked.as_of, asked.library, asked.organization_ids, handlers_only=handlers_only)


def _sheets(which: str, asked: Asked) -> Statement:
    return sheets.sheets_lacking(which, asked.as_of, asked.organization_ids)


def _contradicting(asked: Asked) -> Statement:
    return sheets.contradicting(*reconciled_items(asked), asked.as_of, asked.organization_ids)


def _confirmed(asked: Asked) -> Statement:
    held = roster.roster_confirmed(asked.as_of, asked.organization_ids).subquery()
    return select(held.c.organization_id, held.c.numerator).where(held.c.numerator == 1)


def _months(count: int, asked: Asked) -> Sequence[str]:
    last = sheets.judged_month(asked.as_of)
    return clock.months_between(clock.month_after(last, 1 - count), last)


_POSTS = tuple(post.value for post in Post if any(each.principal is post for each in Post))

LACKS: dict[Measure, Lack] = {
    Measure.POSTS_WITH_DEPUTY: Lack(Kind.POST, partial(_on, roster.posts_held_with_deputy), lambda _: _POSTS),
    Measure.ROSTER_CONFIRMED: Lack(Kind.CONFIRMATION, _confirmed, lambda _: ("1",)),
    Measure.ENGAGEMENTS_WITH_BASIS: Lack(Kind.ENGAGEMENT, partial(_on, engagements.engagements_without_basis)),
    Measure.ENGAGEMENTS_WITH_PLACES: Lack(Kind.ENGAGEMENT, partial(_on, engagements.engagements_without_places)),
    Measure.RULES_ADOPTED: Lack(Kind.RULE, partial(_on, rulebooks.rules_held), lambda _: rulebooks.BOTH),
    Measure.RULES_COMPLETE: Lack(Kind.RULE, partial(_on, rulebooks.complete_rules_held), lambda _: rulebooks.BOTH),
    Measure.RULES_REVIEWED: Lack(Kind.RULE, partial(_on, rulebooks.reviewed_rules_held), lambda _: rulebooks.BOTH),
    Measure.PROCEDURE_FRESH: Lack(
        Kind.RULE, partial(_on, rulebooks.fresh_procedure_held), lambda _: rulebooks.PROCEDURE
    ),
    Measure.RULES_ACKNOWLEDGED: Lack(Kind.WORKER, partial(_on, rulebooks.without_acknowledgement)),
    Measure.WORKERS_PLEDGED: Lack(Kind.WORKER, partial(_pledges, handlers_only=False)),
    Measure.HANDLERS_PLEDGED: Lack(Kind.WORKER, partial(_pledges, handlers_only=True)),
    Measure.HANDLERS_PLEDGED_FIRST: Lack(Kind.WORKER, partial(_on, people.handlers_pledged_late)),
    Measure.HANDLERS_CLEARED: Lack(Kind.WORKER, partial(_on, people.handlers_not_cleared)),
    Measure.ENTRY_COURSE_HANDLERS: Lack(Kind.WORKER, partial(_handlers, training.without_entry_course)),
    Measure.ENTRY_COURSE_WORKERS: Lack(Kind.WORKER, partial(_on, training.without_entry_course)),
    Measure.YEARLY_COURSE_HANDLERS: Lack(Kind.WORKER, partial(_handlers, training.without_yearly_course)),
    Measure.YEARLY_COURSE_WORKERS: Lack(Kind.WORKER, partial(_on, training.without_yearly_course)),
    Measure.MONTHS_IN_ORDER: Lack(Kind.MONTH, partial(_on, sheets.months_in_order), partial(_months, sheets.HISTORY)),
    Measure.MONTHS_RUN: Lack(Kind.MONTH, partial(_on, sheets.months_run), partial(_months, sheets.HABIT)),
    Measure.SHEETS_SUBMITTED: Lack(Kind.SHEET, partial(_sheets, "submitted")),
    Measure.SHEETS_ON_TIME: Lack(Kind.SHEET, partial(_sheets, "on_time")),
    Measure.SHEETS_SIGNED_OFF: Lack(Kind.SHEET, partial(_sheets, "signed")),
    Measure.ACTIONS_OPEN_TOO_LONG: Lack(Kind.ACTION, partial(_on, sheets.too_long_open)),
    Measure.TAKE_OUTS_PERMITTED: Lack(
        Kind.TAKE_OUT, partial(_from, "quarter_ago", takeouts.not_permitted_before_leaving)
    ),
    Measure.TAKE_OUTS_OVERDUE: Lack(Kind.TAKE_OUT, partial(_on, takeouts.overdue)),
    Measure.SHEETS_UNRECONCILED: Lack(Kind.SHEET, _contradicting),
    Measure.RECEIVED_WITH_RECEIPT: Lack(Kind.RECEIPT, partial(_from, "year_ago", receipts.received_without_receipt)),
    Measure.RECEIVED_OVERDUE: Lack(Kind.RECEIPT, partial(_on, receipts.overdue)),
    Measure.LEAVERS_CLOSED: Lack(Kind.WORKER, partial(_from, "year_ago", people.leavers_not_closed_in_time)),
    Measure.EXIT_PLEDGES: Lack(Kind.WORKER, partial(_from, "year_ago", people.without_exit_pledge)),
}


def who_is_missing(
    session: Session,
    library: Library,
    organization_id: UUID,
    measures: Iterable[Measure],
    *,
    today: date,
    centers: frozenset[UUID] | None = None,
    most: int = MOST,
) -> dict[Measure, Missing]:
    """{measure: who or what it lacks today} of one organization, for those who run it; one statement for each.

    With `centers`, people and their records only of those centers. Never to be shown to anybody outside.
    """
    asked = Asked(library, today, [organization_id])
    found = {}
    for measure in measures:
        lack = LACKS[measure]
        if lack.wanted is not None:
            missing = _not_there(session, asked, lack, measure)
        else:
            missing = _of_rows(session, asked, lack, measure, centers, most)
        if missing.total:
            found[measure] = missing
    return found


def gaps_of_roster(
    session: Session, organization_id: UUID, *, today: date, centers: frozenset[UUID] | None = None, most: int = MOST
) -> list[Item]:
    """The rows of the roster that lack something, and what: they keep a roster from being confirmed (ladder 1b)."""
    asked = of_roster.Asked(lacks=True, within=centers)
    return [
        Item(row.worker.name, "、".join(row.lacks), row.worker.id, row.worker.id)
        for row in of_roster.rows(session, organization_id, asked, today=today, limit=most)
    ]


def _not_there(session: Session, asked: Asked, lack: Lack, measure: Measure) -> Missing:
    """What is wanted and not among what is there: a handful."""
    there = {str(getattr(row[1], "value", row[1])) for row in session.execute(lack.statement(asked))}
    wanted = lack.wanted(asked) if lack.wanted is not None else ()
    items = tuple(Item(*_NAMED[lack.kind](asked, each)) for each in wanted if each not in there)
    return Missing(measure, lack.kind, len(items), items)


_NAMED: dict[Kind, Callable[[Asked, str], tuple[str, str]]] = {
    Kind.POST: lambda _, key: (Post(key).label, "担当の方と、代理（別の方）の両方が必要です"),
    Kind.CONFIRMATION: lambda _, __: ("従事者名簿の確認", "90日以内に、書きもれのない名簿を確認していません"),
    Kind.RULE: lambda asked, key: (asked.library.rule_for(key, asked.as_of).title, ""),
    Kind.MONTH: lambda _, month: (clock.screen_month(month), ""),
}


def _of_rows(
    session: Session, asked: Asked, lack: Lack, measure: Measure, centers: frozenset[UUID] | None, most: int
) -> Missing:
    """The first of the rows in a statement of their own, with their names and how many there are altogether."""
    lacking = lack.statement(asked).subquery()
    named, order, item = _ROWS[lack.kind]
    query, of_center = named(list(lacking.c))
    if centers is not None and of_center is not None:
        query = query.where(of_center.in_(sorted(centers)))
    rows = session.execute(query.add_columns(func.count().over()).order_by(*order).limit(most)).all()
    total = int(rows[0][-1]) if rows else 0
    return Missing(measure, lack.kind, total, tuple(item(*row[:-1]) for row in rows))


def _at_center(query: Statement) -> Statement:
    return query.join(
        Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id)
    )  # fmt: skip


def _workers(ids: list[Any]) -> tuple[Statement, Any]:
    whose = and_(Worker.organization_id == ids[0], Worker.id == ids[1])
    query = select(Worker.id, Worker.name, Center.name).join(ids[0].table, whose)
    return _at_center(query), Worker.center_id


def _sheet_rows(ids: list[Any]) -> tuple[Statement, Any]:
    query = select(CheckSheet.id, CheckSheet.month, Worker.id, Worker.name).join(
        ids[0].table, and_(CheckSheet.organization_id == ids[0], CheckSheet.id == ids[1])
    )
    return _with_worker(query, CheckSheet), CheckSheet.center_id


def _action_rows(ids: list[Any]) -> tuple[Statement, Any]:
    query = (
        select(CheckSheet.id, CheckSheet.month, Worker.id, Worker.name, CorrectiveAction.item)
        .join(
            CorrectiveAction,
            and_(
                CorrectiveAction.organization_id == CheckSheet.organization_id,
                CorrectiveAction.sheet_id == CheckSheet.id,
            ),
        )
        .join(
            ids[0].table,
            and_(CorrectiveAction.organization_id == ids[0], CorrectiveAction.id == ids[1]),
        )
    )
    return _with_worker(query, CheckSheet), CheckSheet.center_id


def _take_out_rows(ids: list[Any]) -> tuple[Statement, Any]:
    query = select(TakeOut, Worker.name).join(
        ids[0].table, and_(TakeOut.organization_id == ids[0], TakeOut.id == ids[1])
    )  # fmt: skip
    return _with_worker(query, TakeOut), TakeOut.center_id


def _with_worker(query: Statement, of: Any) -> Statement:
    return query.join(Worker, and_(Worker.organization_id == of.organization_id, Worker.id == of.worker_id))


def _receipt_rows(ids: list[Any]) -> tuple[Statement, Any]:
    query = (
        select(Receipt, ReceiptItem.medium, ReceiptItem.count)
        .join(
            ReceiptItem,
            and_(ReceiptItem.organization_id == Receipt.organization_id, ReceiptItem.receipt_id == Receipt.id),
        )
        .join(
            ids[0].table,
            and_(
                Receipt.organization_id == ids[0],
                Receipt.id == ids[1],
                ReceiptItem.position == ids[2],
            ),
        )
    )
    return query, Receipt.center_id


def _engagement_rows(ids: list[Any]) -> tuple[Statement, Any]:
    query = (
        select(Engagement.id, Engagement.title, Municipality.name)
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .join(ids[0].table, and_(Engagement.organization_id == ids[0], Engagement.id == ids[1]))
    )
    return query, None


_BY_NAME = (Worker.name_kana == "", Worker.search_key, Worker.name, Worker.id)

#: For each kind: the names that belong to the ids, the order, and what is said of a row.
_ROWS: dict[Kind, tuple[Callable[[list[Any]], tuple[Statement, Any]], Sequence[Any], Callable[..., Item]]] = {
    Kind.WORKER: (_workers, _BY_NAME, lambda key, name, center: Item(name, center, key, key)),
    Kind.SHEET: (
        _sheet_rows,
        (CheckSheet.month.desc(), *_BY_NAME),
        lambda key, month, whose, name: Item(name, clock.screen_month(month), key, whose),
    ),
    Kind.ACTION: (
        _action_rows,
        (CheckSheet.month, *_BY_NAME, CorrectiveAction.item),
        lambda key, month, whose, name, item: Item(name, f"{clock.screen_month(month)}　項目{item}", key, whose),
    ),
    Kind.TAKE_OUT: (
        _take_out_rows,
        (TakeOut.leaves_at, *_BY_NAME),
        lambda row, name: Item(name, f"{clock.short_date(clock.local_date(row.leaves_at))}　{take_out_number(row)}",
                               row.id, row.worker_id),
    ),
    Kind.RECEIPT: (
        _receipt_rows,
        (Receipt.handed_on, Receipt.id, ReceiptItem.position),
        lambda row, medium, count: Item(f"{medium.label} {count}{medium.unit}",
                                        f"{clock.short_date(row.handed_on)}　{receipt_number(row)}", row.id),
    ),
    Kind.ENGAGEMENT: (
        _engagement_rows,
        (Engagement.ends_on, Engagement.id),
        lambda key, title, municipality: Item(title, municipality, key),
    ),
}  # fmt: skip
