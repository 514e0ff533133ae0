"""Tables as CSV and XLSX that open in Excel as what they are: no text becomes a formula, no name loses a character."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from partner_compliance import clock

#: What files of this kind call themselves.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Kind = Literal["text", "number", "share", "date", "month"]

#: Texts that a spreadsheet may take for a formula, with any apostrophes before them.
_RISKY = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("''*[=+\\-@\t\r\n＝＋－＠]")

_ROWS = 1_048_576  # of a worksheet, its header included
_UNITS = 32_767  # UTF-16 code units of a cell
_CUT = "…（以下省略）"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

_FORMATS: dict[Kind, dict[str, str]] = {
    "text": {"num_format": "@", "valign": "top"},
    "number": {"num_format": "#,##0.##########", "valign": "top"},
    "share": {"num_format": "0.0%", "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "valign": "top"},
    "month": {"num_format": 'yyyy"年"m"月"', "valign": "top"},
}


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    kind: Kind = "text"
    width: float = 16.0  # in characters


@dataclass(frozen=True)
class Table:
    """A title, columns, and rows whose cells stand in the order of the columns; None is an empty cell.

    Texts are str; numbers int, float or Decimal; shares the same, from 0 to 1; dates `date`; months `YYYY-MM`.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


class WrongCell(TypeError):
    """A cell holds something else than its column promises."""


class TooManyRows(ValueError):
    """More rows than a worksheet holds."""


def to_csv(table: Table) -> bytes:
    """UTF-8 with byte order mark (for Excel), CRLF, every text guarded."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(column.label) for column in table.columns])
    for row in table.rows:
        writer.writerow([_csv_cell(column, value) for column, value in zip(table.columns, row, strict=True)])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `plain` restores it exactly."""
    return f"'{text}" if _RISKY.match(text) else text


def plain(cell: str) -> str:
    """The text that was guarded, for reading a CSV of ours again."""
    return cell[1:] if _GUARDED.match(cell) else cell


def to_xlsx(table: Table, *, created: datetime | None = None) -> bytes:
    """A workbook of one sheet, its header frozen; texts are stored as texts and stay what they are."""
    return to_workbook(table.title, [table], created=created)


def to_workbook(title: str, tables: Sequence[Table], *, created: datetime | None = None) -> bytes:
    """A workbook with a sheet for each table, which is called as the table is; their titles have to differ."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - heavy, and most processes never need it

    out = io.BytesIO()
    book = Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    properties: dict[str, Any] = {"title": _cell_text(title)[:255]}
    if created is not None:
        properties["created"] = clock.local(created).replace(tzinfo=None)
    book.set_properties(properties)
    header = book.add_format({"bold": True, "bg_color": "#E9EEF5", "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format(look) for kind, look in _FORMATS.items()}
    for table in tables:
        _write_sheet(book.add_worksheet(_sheet_name(table.title)), table, header, formats)
    book.close()
    return out.getvalue()


def _write_sheet(sheet: Any, table: Table, header: Any, formats: Mapping[Kind, Any]) -> None:
    for at, column in enumerate(table.columns):
        # The whole column, so that what is typed below the table stays the text that it is.
        sheet.set_column(at, at, column.width, formats[column.kind])
        _write_text(sheet, 0, at, column.label, header)
    sheet.freeze_panes(1, 0)
    number = 0
    for number, row in enumerate(table.rows, start=1):
        if number >= _ROWS:
            raise TooManyRows(f"a worksheet holds {_ROWS - 1} rows below its header")
        for at, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            _write_cell(sheet, number, at, _checked(column, value), formats[column.kind])
    if number and table.columns:
        sheet.autofilter(0, 0, number, len(table.columns) - 1)


def _checked(column: Column, value: Any) -> str | int | float | Decimal | date | None:
    """The value, months as their first day; refuses what does not belong into the column."""
    if value is None:
        return None
    match column.kind:
        case "text" if isinstance(value, str):
            return value
        case "number" | "share" if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return value
        case "date" if isinstance(value, date) and not isinstance(value, datetime):
            return value
        case "month" if isinstance(value, str) and clock.is_month(value):
            return clock.first_day(value)
    raise WrongCell(f"column {column.key!r} ({column.kind}) cannot hold {type(value).__name__} {value!r:.40}")


def _csv_cell(column: Column, value: Any) -> str:
    checked = _checked(column, value)
    if checked is None:
        return ""
    if column.kind == "text":
        return guarded(str(checked))
    if column.kind == "share":
        return f"{checked:.1%}"
    if column.kind == "month":
        return str(value)
    return str(checked)


def _write_cell(sheet: Any, row: int, at: int, value: str | int | float | Decimal | date | None, look: Any) -> None:
    if isinstance(value, str):
        _write_text(sheet, row, at, value, look)
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, look)
    elif value is not None:
        sheet.write_number(row, at, value, look)


def _write_text(sheet: Any, row: int, at: int, text: str, look: Any) -> None:
    text = _cell_text(text)
    if not text:
        sheet.write_blank(row, at, None, look)
    elif text.startswith("<r>") and text.endswith("</r>"):
        # XlsxWriter would take it for its own markup and write it into the file unescaped.
        sheet.write_rich_string(row, at, text[:1], look, text[1:], look)
    else:
        sheet.write_string(row, at, text, look)


def _cell_text(text: str) -> str:
    """A text without what XML cannot hold, cut to what a cell can hold."""
    text = _NOT_IN_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if len(text.encode("utf-16-le")) // 2 <= _UNITS:
        return text
    kept = text.encode("utf-16-le")[: 2 * (_UNITS - len(_CUT))].decode("utf-16-le", "ignore")
    return kept + _CUT


def _sheet_name(title: str) -> str:
    name = _NOT_IN_SHEET_NAMES.sub(" ", _cell_text(title))[:31].strip().strip("'").strip()
    return name if name and name.casefold() != "history" else "表"
