"""What the pages of sheets show beside the answers: the ledger's rows of the month, and what contradicts them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select

from partner_compliance import clock
from partner_compliance.library.checklists import Checklist
from partner_compliance.sheets import reconciliation
from partner_compliance.sheets.models import ReconciliationNote
from partner_compliance.sheets.queries import MatrixRow, SheetStory
from partner_compliance.takeouts.models import LedgerLine, TakeOut
from partner_compliance.web import database_session, library

#: So many rows stand beside an item; the rest is in the ledger.
MOST_ROWS = 12


@dataclass(frozen=True)
class Row:
    """A row of the ledger beside an item: where it leads, what it is, and what is amiss about it."""

    take_out_id: UUID
    text: str
    amiss: str = ""


@dataclass(frozen=True)
class Beside:
    """What the ledger says beside one item: a sentence, and rows."""

    sentence: str
    rows: Sequence[Row] = ()
    more: int = 0


@dataclass(frozen=True)
class Overlook:
    """What a submitted sheet's page shows of the ledger."""

    beside: Mapping[str, Beside] = field(default_factory=dict)
    open: Sequence[reconciliation.Found] = ()
    notes: Sequence[ReconciliationNote] = ()


def _facts(story: SheetStory) -> reconciliation.Facts:
    sheet = story.sheet
    found = reconciliation.facts_of(database_session(), sheet.organization_id, [sheet.worker_id], sheet.month)
    return found[sheet.worker_id]


def beside_answers(story: SheetStory, checklist: Checklist) -> dict[str, Beside]:
    """What the ledger says beside each item that it knows something about: {item number: it}."""
    items = reconciliation.items_of(checklist)
    return {} if items is None else _beside(story, items, _facts(story))


def _beside(story: SheetStory, items: reconciliation.Items, facts: reconciliation.Facts) -> dict[str, Beside]:
    if not facts.is_kept:
        return {}
    month = clock.screen_month(story.sheet.month)
    if not facts.lines:
        none = Beside(f"台帳では、{month}の持ち出しはありません。")
        return {items.permission: none, items.returned: none}
    today = clock.today()
    wanted = [line.take_out_id for line in facts.lines]
    texts = {
        row.id: row.description
        for row in database_session().execute(
            select(TakeOut.id, TakeOut.description).where(
                TakeOut.organization_id == story.sheet.organization_id, TakeOut.id.in_(wanted)
            )
        )
    }
    begun, amiss = facts.begun, [line for line in facts.lines if reconciliation.is_amiss(line, today)]
    in_order = sum(1 for line in begun if line.permission.is_in_order)
    back, outside = sum(1 for line in facts.lines if line.returned_on), len(facts.outside())

    def of(lines: Iterable[LedgerLine], why: str) -> tuple[list[Row], int]:
        rows = [
            Row(
                line.take_out_id,
                f"{clock.short_date(line.began_on)}　{line.medium.label}　{texts.get(line.take_out_id) or ''}",
                _permission(line) if why == "permission" else _return(line, today),
            )
            for line in lines
        ]
        # What is amiss comes first, so that it is never among those left out.
        rows.sort(key=lambda row: not row.amiss)
        return rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS)

    return {
        items.permission: Beside(
            f"台帳では{month}に{len(begun)}件。出発前の許可あり {in_order}件、"
            f"出発後・許可なし {len(begun) - in_order}件です。",
            *of(begun, "permission"),
        ),
        items.returned: Beside(
            f"台帳では、返却済み {back}件、いま外にあるもの {outside}件、遅れや数の違い {len(amiss)}件です。",
            *of(facts.lines, "return"),
        ),
    }


def _permission(line: LedgerLine) -> str:
    return "" if line.permission.is_in_order else line.permission.label


def _return(line: LedgerLine, today: date) -> str:
    if line.differs:
        return "数が合わない"
    if line.returned_on is None:
        return "返却期限超過" if line.due_on < today else "持ち出し中"
    return "期限の後に返却" if line.returned_on > line.due_on else ""


def facts_and_contradictions(story: SheetStory, checklist: Checklist) -> Overlook:
    """What the ledger says beside a submitted sheet, what is open, and what was explained."""
    items = reconciliation.items_of(checklist)
    if items is None:
        return Overlook()
    session, sheet, facts = database_session(), story.sheet, _facts(story)
    notes = reconciliation.notes_of(session, sheet.organization_id, [sheet.id]).get(sheet.id, [])
    found = reconciliation.open_in(story.version, checklist, facts, notes, today=clock.today())
    return Overlook(_beside(story, items, facts), found, notes)


def differing_in(rows: Sequence[MatrixRow], *, today: date) -> dict[UUID, list[reconciliation.Found]]:
    """The unexplained contradictions of a center's month: {sheet: them}."""
    sheets = [row.sheet for row in rows if row.first_submitted_on is not None]
    checklists = {
        (sheet.checklist_key, sheet.edition): library().checklist(sheet.checklist_key, sheet.edition)
        for sheet in sheets
    }
    return reconciliation.open_in_month(
        database_session(), sheets, {edition: found for (_, edition), found in checklists.items()}, today=today
    )
