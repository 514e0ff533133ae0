"""The month's answers beside the ledger of take-outs: what the ledger says, and where the two contradict each other.

The sheet asks whether everything was written down and permitted before leaving (1-2) and checked on return (1-3); the
ledger knows. What contradicts it is corrected or explained (DOMAIN E14, E17, E18).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.errors import InvalidInput
from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.sheets.models import CheckSheet, Contradiction, ReconciliationNote, SheetVersion
from partner_compliance.takeouts import queries as ledger
from partner_compliance.takeouts.models import LedgerLine

#: Keys of the items about which the ledger knows something.
PERMISSION_ITEM = "ledger-and-permission-first"
RETURN_ITEM = "checked-on-return"
EXPLANATION_LIMIT = 1000


@dataclass(frozen=True)
class Items:
    """The numbers that the two items bear in an edition."""

    permission: str
    returned: str


def items_of(checklist: Checklist) -> Items | None:
    """Where an edition asks about the ledger; None for one that does not."""
    numbers = {item.key: number for number, item in checklist.items.items()}
    if PERMISSION_ITEM not in numbers or RETURN_ITEM not in numbers:
        return None
    return Items(numbers[PERMISSION_ITEM], numbers[RETURN_ITEM])


# --- what the ledger says ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What the ledger says of one worker's month: the rows of what was outside on some day of it."""

    month: str
    lines: Sequence[LedgerLine]
    #: Whether the organization keeps its ledger here: where it does not, an empty one says nothing.
    is_kept: bool

    @property
    def begun(self) -> list[LedgerLine]:
        """The rows of what left in the month itself: their permission belongs to it."""
        first, last = clock.first_day(self.month), clock.last_day(self.month)
        return [line for line in self.lines if first <= line.began_on <= last]

    @property
    def not_permitted(self) -> list[LedgerLine]:
        """Rows without a permission before leaving that nobody has explained."""
        return [line for line in self.begun if not line.permission.is_in_order and not line.is_explained]

    def not_returned(self, today: date) -> list[LedgerLine]:
        """Rows that came back late or not whole, or should be back by now, and that nobody has explained."""
        return [line for line in self.lines if is_amiss(line, today) and not line.is_explained]

    def outside(self) -> list[LedgerLine]:
        """Rows of what is still outside."""
        return [line for line in self.lines if line.returned_on is None]


def is_amiss(line: LedgerLine, today: date) -> bool:
    """Whether the return of a row was late or not whole, or is overdue."""
    return line.differs or (line.returned_on or today) > line.due_on


def facts_of(session: Session, organization_id: UUID, workers: Iterable[UUID], month: str) -> dict[UUID, Facts]:
    """What the ledger says of each worker's month, in two statements."""
    ids = sorted(set(workers))
    found = ledger.lines_of_months(session, organization_id, ids, month)
    kept = bool(found) or is_kept(session, organization_id, month)
    return {worker: Facts(month, found.get(worker, []), kept) for worker in ids}


def is_kept(session: Session, organization_id: UUID, month: str) -> bool:
    """Whether anything has left the organization by the end of a month, as its ledger here says."""
    return (
        session.scalar(
            select(LedgerLine.take_out_id)
            .where(
                LedgerLine.organization_id == organization_id,
                LedgerLine.began_on <= clock.last_day(month),
                LedgerLine.state.in_(ledger.LEFT),
            )
            .limit(1)
        )
        is not None
    )


# --- where the two contradict each other ------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A contradiction: at which item, of which kind, and how many rows of the ledger it is about."""

    item: str
    kind: Contradiction
    rows: int

    @property
    def what_to_do(self) -> str:
        """What the worker reads, and can do."""
        count = f"{self.rows}件" if self.rows else ""
        said = {
            Contradiction.NONE_TAKEN: f"台帳には、この月の持ち出しが{count}あります。",
            Contradiction.NOT_PERMITTED: f"台帳には、出発前の許可がない持ち出しが{count}あります。",
            Contradiction.NOT_RETURNED: f"台帳には、返却の遅れや数の違いが{count}あります。",
            Contradiction.NOT_WRITTEN: "台帳には、この月の持ち出しがありません。",
        }[self.kind]
        return f"{said}答えを直すか、食い違う事情を書いてください。"


def contradictions(
    answers: Mapping[str, Any], facts: Facts, items: Items, *, no_take_out: bool, today: date
) -> list[Found]:
    """Where the answers {item: {"answer": word}} and the ledger contradict each other, at most once for each item."""

    def said(number: str) -> str:
        return str((answers.get(number) or {}).get("answer", ""))

    permission, returned = said(items.permission), said(items.returned)
    rows, fine, nothing = len(facts.lines), Answer.OK.value, Answer.NOT_APPLICABLE.value
    found = []
    if rows and (no_take_out or permission == nothing):
        found.append(Found(items.permission, Contradiction.NONE_TAKEN, rows))
    elif permission == fine and facts.not_permitted:
        found.append(Found(items.permission, Contradiction.NOT_PERMITTED, len(facts.not_permitted)))
    elif permission == fine and not rows and facts.is_kept:
        found.append(Found(items.permission, Contradiction.NOT_WRITTEN, 0))
    if rows and returned == nothing and not no_take_out:
        found.append(Found(items.returned, Contradiction.NONE_TAKEN, rows))
    elif returned == fine and (amiss := facts.not_returned(today)):
        found.append(Found(items.returned, Contradiction.NOT_RETURNED, len(amiss)))
    return found


def is_explained(found: Found, notes: Iterable[ReconciliationNote]) -> bool:
    """Whether somebody has explained this contradiction when it was about as many rows."""
    return any((note.item, note.kind) == (found.item, found.kind) and note.rows >= found.rows for note in notes)


def open_in(
    version: SheetVersion | None,
    checklist: Checklist,
    facts: Facts,
    notes: Iterable[ReconciliationNote],
    *,
    today: date,
) -> list[Found]:
    """The contradictions of a submitted sheet that nobody has explained; an erased sheet contradicts nothing."""
    items = items_of(checklist)
    if version is None or version.answers is None or items is None:
        return []
    found = contradictions(version.answers, facts, items, no_take_out=version.no_take_out, today=today)
    kept = list(notes)
    return [each for each in found if not is_explained(each, kept)]


def notes_of(session: Session, organization_id: UUID, sheets: Iterable[UUID]) -> dict[UUID, list[ReconciliationNote]]:
    """The explanations of some sheets, in order, in one statement."""
    found: dict[UUID, list[ReconciliationNote]] = {}
    for note in session.scalars(
        select(ReconciliationNote)
        .where(
            ReconciliationNote.organization_id == organization_id, ReconciliationNote.sheet_id.in_(sorted(set(sheets)))
        )
        .order_by(ReconciliationNote.at, ReconciliationNote.id)
    ):
        found.setdefault(note.sheet_id, []).append(note)
    return found


def last_versions(session: Session, organization_id: UUID, sheets: Iterable[UUID]) -> dict[UUID, SheetVersion]:
    """The last submitted version of each of some sheets, in one statement."""
    rows = session.scalars(
        select(SheetVersion)
        .where(SheetVersion.organization_id == organization_id, SheetVersion.sheet_id.in_(sorted(set(sheets))))
        .order_by(SheetVersion.number)
    )
    return {version.sheet_id: version for version in rows}


def open_in_month(
    session: Session, sheets: Sequence[CheckSheet], checklists: Mapping[str, Checklist], *, today: date
) -> dict[UUID, list[Found]]:
    """The unexplained contradictions of a month's sheets of one organization: {sheet: them}, in four statements.

    `checklists` holds the editions by their name.
    """
    if not sheets:
        return {}
    organization_id, month = sheets[0].organization_id, sheets[0].month
    ids = [sheet.id for sheet in sheets]
    facts = facts_of(session, organization_id, [sheet.worker_id for sheet in sheets], month)
    versions, notes = last_versions(session, organization_id, ids), notes_of(session, organization_id, ids)
    found = {
        sheet.id: open_in(
            versions.get(sheet.id), checklists[sheet.edition], facts[sheet.worker_id], notes.get(sheet.id, ()),
            today=today,
        )
        for sheet in sheets
    }  # fmt: skip
    return {sheet_id: each for sheet_id, each in found.items() if each}


# --- explaining -------------------------------------------------------------------------------------------------


def explain(
    session: Session, sheet: CheckSheet, found: Found, text: str, *, by: Principal, now: datetime
) -> ReconciliationNote:
    """Keep why an answer and the ledger differ; raises InvalidInput without words or with too many."""
    if not text:
        raise InvalidInput("食い違う事情を書いてください。")
    if len(text) > EXPLANATION_LIMIT:
        raise InvalidInput(f"{EXPLANATION_LIMIT}文字以内で書いてください。")
    note = ReconciliationNote(
        organization_id=sheet.organization_id, id=uuid4(), sheet_id=sheet.id, item=found.item, kind=found.kind,
        rows=found.rows, at=now, happened_on=clock.local_date(now), by_id=by.user_id, by_name=by.name, text=text,
    )  # fmt: skip
    session.add(note)
    session.flush()
    acts.record(
        session,
        Act(
            sheet.organization_id, "sheet.reconciled", now, by.actor, subject_id=sheet.worker_id,
            object_kind="reconciliation_note", object_id=note.id, content=note_content(note),
            details={"month": sheet.month, "item": found.item},
        ),
    )  # fmt: skip
    return note


def note_content(note: ReconciliationNote) -> dict[str, Any] | None:
    """The facts of an explanation that its log entry's digest binds; None once its text is erased."""
    if note.text is None:
        return None
    return {
        "sheet": str(note.sheet_id),
        "item": note.item,
        "kind": note.kind.value,
        "rows": note.rows,
        "on": note.happened_on.isoformat(),
        "by": str(note.by_id) if note.by_id else None,
        "by_name": note.by_name,
        "text": note.text,
    }
