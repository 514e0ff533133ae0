"""Receipts, records of ends and the register as files and on paper."""

from collections.abc import Sequence
from datetime import datetime

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.documents.tables import Column, Table
from partner_compliance.receipts.derivation import ItemStanding
from partner_compliance.receipts.models import ReceiptEvent, ReceiptItem
from partner_compliance.receipts.queries import Line, Story, record_number
from partner_compliance.receipts.words import EventKind, Side

_ERASED = "（消去されました）"
_RECEIPT = "預かり証"
_END = "返却・廃棄の記録"
_REGISTER = "授受簿"


def _said(event: ReceiptEvent) -> str:
    return f"{event.by_name}　{clock.screen_moment(event.at)}"


def _signature(story: Story, side: Side) -> str:
    event = story.confirmed.get(side)
    if event is None:
        return "未確認"
    how = "紙で確認。入力 " if event.on_paper else ""
    return how + _said(event)


def receipt_pdf(story: Story, *, made_at: datetime) -> bytes:
    """The receipt (預かり証) with both sides, what was handed over, and when each side confirmed."""
    receipt = story.receipt
    html = (
        pdf.environment()
        .get_template("documents/receipt.html")
        .render(
            title=_RECEIPT,
            number=record_number(receipt),
            handed_on=clock.era_date(receipt.handed_on),
            giver=glyphs.tidy(story.name_of(Side.GIVER)),
            receiver=glyphs.tidy(story.name_of(Side.RECEIVER)),
            purpose=receipt.purpose or _ERASED,
            rows=[_row(item, standing) for item, standing in story.standings],
            signed_by_giver=_signature(story, Side.GIVER),
            signed_by_receiver=_signature(story, Side.RECEIVER),
            state=story.state.label,
        )
    )
    return pdf.render_pdf(html, title=f"{_RECEIPT} {record_number(receipt)}", created=made_at)


def _row(item: ReceiptItem, standing: ItemStanding) -> dict[str, str]:
    return {
        "medium": item.medium.label,
        "description": item.description or _ERASED,
        "count": f"{item.count}{item.medium.unit}",
        "class": f"{item.data_class.value} {item.data_class.label}",
        "ending": item.ending.label,
        "end_by": clock.era_date(standing.end_by_on),
        "keep_until": clock.era_date(item.keep_until_on) if item.keep_until_on else "定めなし",
        "left": f"{standing.left}{item.medium.unit}",
    }


def end_pdf(story: Story, *, made_at: datetime) -> bytes:
    """How what was received ended, to be kept and sent to the municipality (DOMAIN A17)."""
    receipt = story.receipt
    items = {item.position: item for item in story.items}
    acknowledged = [event for event in story.events if event.kind is EventKind.ACKNOWLEDGED]
    rows = []
    for event in story.events:
        if event.kind is not EventKind.ENDED or event.position is None:
            continue
        item = items[event.position]
        rows.append(
            {
                "description": f"{item.medium.label}　{item.description or _ERASED}",
                "class": f"{item.data_class.value} {item.data_class.label}",
                "count": f"{event.count}{item.medium.unit}",
                "method": event.method.label if event.method else "",
                "done_on": clock.era_date(event.done_on) if event.done_on else "",
                "witness": event.witness or "",
                "backups": "残っていない" if event.backups_gone else "残っている",
                "by": _said(event),
                "note": event.comment if event.comment is not None else _ERASED,
            }
        )
    html = (
        pdf.environment()
        .get_template("documents/receipt_end.html")
        .render(
            title=_END,
            number=record_number(receipt),
            giver=glyphs.tidy(story.name_of(Side.GIVER)),
            receiver=glyphs.tidy(story.name_of(Side.RECEIVER)),
            handed_on=clock.era_date(receipt.handed_on),
            purpose=receipt.purpose or _ERASED,
            rows=rows,
            left=[_row(item, standing) for item, standing in story.standings if standing.left],
            made_on=clock.era_date(clock.local_date(made_at)),
            acknowledged=_said(acknowledged[-1]) if acknowledged else "",
        )
    )
    return pdf.render_pdf(html, title=f"{_END} {record_number(receipt)}", created=made_at)


_COLUMNS = (
    Column("number", "記録番号", width=16),
    Column("handed_on", "渡した日", "date", 14),
    Column("direction", "授受", width=18),
    Column("giver", "渡した側", width=26),
    Column("receiver", "受け取った側", width=26),
    Column("medium", "種類", width=22),
    Column("description", "内容", width=30),
    Column("count", "数", "number", 8),
    Column("class", "情報の区分", width=28),
    Column("purpose", "使いみち", width=30),
    Column("ending", "終わったら", width=16),
    Column("end_by_on", "返却・廃棄の期日", "date", 16),
    Column("keep_until_on", "保存の期限", "date", 14),
    Column("confirmed_on", "両方が確認した日", "date", 16),
    Column("left", "残っている数", "number", 12),
    Column("ended_on", "終わった日", "date", 14),
    Column("state", "状態", width=20),
)


def as_table(lines: Sequence[Line]) -> Table:
    """The lines of a register as a table for CSV and XLSX."""
    return Table(
        _REGISTER,
        _COLUMNS,
        [
            [
                record_number(each.receipt), each.line.handed_on, each.line.direction.label, each.name_of(Side.GIVER),
                each.name_of(Side.RECEIVER), each.item.medium.label, each.item.description or _ERASED, each.item.count,
                f"{each.item.data_class.value} {each.item.data_class.label}", each.receipt.purpose or _ERASED,
                each.item.ending.label, each.line.end_by_on, each.item.keep_until_on, each.line.confirmed_on,
                each.line.left, each.line.ended_on, each.line.state.label,
            ]
            for each in lines
        ],
    )  # fmt: skip


def register_pdf(lines: Sequence[Line], whose: str, *, period: str, made_at: datetime) -> bytes:
    """The register (授受簿) of a period on A4 across."""
    table = as_table(lines)
    rows = [dict(zip((column.key for column in table.columns), row, strict=True)) for row in table.rows]
    html = (
        pdf.environment()
        .get_template("documents/receipt_register.html")
        .render(
            title=_REGISTER,
            whose=glyphs.tidy(whose),
            period=period,
            made_on=clock.era_date(clock.local_date(made_at)),
            rows=rows,
        )
    )
    return pdf.render_pdf(html, title=_REGISTER, created=made_at)
