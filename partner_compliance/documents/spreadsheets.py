"""Reads a table that somebody uploads: CSV in any of the usual encodings, or an Excel workbook. Nothing is computed.

Everything that is wrong with the file as a file is refused here, with a sentence that says what to do; what the cells
mean is the business of the room that asked.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from partner_compliance import clock
from partner_compliance.documents.tables import plain
from partner_compliance.documents.workbooks import (
    BrokenWorkbook,
    Value,
    Workbook,
    Wrong,
    column_name,
    day_of_serial,
    read_workbook,
)
from partner_compliance.errors import InvalidInput

#: Bytes of a file that is taken at all (SECURITY A05), and of the text in a CSV.
LARGEST_FILE = 20_000_000
_LARGEST_TEXT = 8 * 1024 * 1024

_MOST_RECORDS = 200_000  # empty ones included
_HEADER_WITHIN = 30  # rows in which the header has to stand
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SAVE_AS_XLSX = "Excelで開き、「Excelブック（.xlsx）」として保存し直してから、もう一度選んでください。"
_SAVE_AS_CSV = "Excelで開き、「CSV UTF-8（コンマ区切り）」として保存し直してから、もう一度選んでください。"

Cell = str | date


class UnreadableTable(InvalidInput):
    message = "このファイルは読み取れませんでした。"
    what_to_do = "CSV か Excelブック（.xlsx）のファイルを選んでください。"


class TooManyRows(UnreadableTable):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"一度に取り込めるのは{most:,}行までです。このファイルには、それより多い行があります。",
            "ファイルを分けて、もう一度取り込んでください。何も取り込んでいません。",
        )


class NoHeader(UnreadableTable):
    message = "見出しの行（「氏名」「フリガナ」などが並ぶ行）が見つかりません。"
    what_to_do = (
        "ひな形の見出しの行を、いちばん上に入れてください。文字化けしているときは、"
        "「CSV UTF-8（コンマ区切り）」か「Excelブック（.xlsx）」で保存し直してください。"
    )


class UnsafeReader(RuntimeError):
    """The XML reader would expand entities: the product does not start with it."""


@dataclass(frozen=True)
class CellFault:
    """A cell that cannot be taken: its row, its column counted from 0, its name as in Excel, what it shows, and why."""

    row: int
    column: int
    place: str
    shown: str
    reason: str


@dataclass(frozen=True)
class Row:
    """A row below the header with its number as in Excel; empty cells are empty texts."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ReadTable:
    """A header and the rows below it that hold something; `notices` says what was passed over."""

    header_row: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[CellFault, ...] = ()
    notices: tuple[str, ...] = ()
    #: Whether numbers that stand for days count from 1904 (Excel for old Macs).
    counts_from_1904: bool = False


IsHeader = Callable[[Sequence[str]], bool]


def require_safe_reader() -> None:
    """Raise UnsafeReader when XML entities would be expanded; asked once at start-up."""
    try:
        fromstring('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    except DefusedXmlException:
        return
    raise UnsafeReader("defusedxml does not refuse entities")


def read_table(content: bytes, *, is_header: IsHeader, most_rows: int) -> ReadTable:
    """The table in an uploaded file, from the first row that `is_header` takes for its header.

    What kind of file it is, its content says, not its name. Raises UnreadableTable (422) with a sentence for whatever
    is no table, goes beyond the bounds or has no header, and TooManyRows beyond `most_rows` rows.
    """
    if not content.strip():
        raise UnreadableTable("ファイルが空です。", "内容のあるファイルを選んでください。")
    if content.startswith(_OLD_EXCEL):
        raise UnreadableTable(
            "古い形式のExcel（.xls）か、パスワードのかかったファイルです。", f"パスワードを外し、{_SAVE_AS_XLSX}"
        )
    if content.startswith(_ZIP):
        try:
            return _from_workbook(read_workbook(content), is_header, most_rows)
        except BrokenWorkbook as broken:
            raise UnreadableTable(broken.message, broken.what_to_do) from broken
    return _from_csv(_decoded(content), is_header, most_rows)


# --- CSV --------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """The text of a CSV: by its byte order mark, else UTF-16 when it holds zeros, UTF-8, or CP932."""
    if len(content) > _LARGEST_TEXT:
        raise UnreadableTable(
            f"ファイルが大きすぎます（CSVは{_LARGEST_TEXT // 1024 // 1024}MBまで）。", "ファイルを分けてください。"
        )
    bom, encoding = next(((bom, name) for bom, name in _BOMS if content.startswith(bom)), (b"", ""))
    if not encoding:
        encoding = _utf16_without_mark(content) if b"\0" in content else "utf-8"
    try:
        text = content[len(bom) :].decode(encoding)
    except UnicodeDecodeError:
        if bom or encoding != "utf-8":
            raise UnreadableTable("文字の並びが壊れているため、読み取れませんでした。", _SAVE_AS_CSV) from None
        text = _from_cp932(content)
    if "\0" in text:
        raise UnreadableTable("表のファイルではないようです（使えない文字が含まれています）。", _SAVE_AS_CSV)
    return text


def _from_cp932(content: bytes) -> str:
    try:
        return content.decode("cp932")
    except UnicodeDecodeError:
        raise UnreadableTable("文字コードが分からないため、読み取れませんでした。", _SAVE_AS_CSV) from None


def _utf16_without_mark(content: bytes) -> str:
    """Which of the two orders turns the zeros into separators and line ends."""

    def marks(encoding: str) -> int:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            return 0
        return 0 if "\0" in text else sum(text.count(mark) for mark in ",\t;\r\n")

    best = max(("utf-16-le", "utf-16-be"), key=marks)
    if marks(best) == 0:
        raise UnreadableTable("表のファイルではないようです（使えない文字が含まれています）。", _SAVE_AS_CSV)
    return best


def _from_csv(text: str, is_header: IsHeader, most_rows: int) -> ReadTable:
    separator, start = _separator(text)
    records = _records(text, separator)
    for _ in range(start):
        next(records, None)
    return _below_header(_by_column(records), is_header, most_rows, restore=plain)


def _by_column(records: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, dict[int, Value]]]:
    for number, cells in records:
        yield number, {at: cell for at, cell in enumerate(cells, start=1) if cell}


def _separator(text: str) -> tuple[str, int]:
    """The character between cells, and how many rows say nothing else (`sep=;`)."""
    first = re.split(r"[\r\n]", text[:1000], maxsplit=1)[0]
    if said := re.fullmatch(r"\"?sep=([,;\t])\"?", first, re.IGNORECASE):
        return said[1], 1
    head = "\n".join(re.split(r"\r\n|\r|\n", text[:20_000])[:_HEADER_WITHIN])
    bare = re.sub(r'"[^"]*"', "", head)
    return max(",\t;", key=bare.count), 0


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers as in Excel, where a row with line breaks in its cells is one row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > _MOST_RECORDS:
                raise UnreadableTable("空の行が多すぎます。", "名簿の下の空の行を削除してください。")
            yield number, cells
    except csv.Error:
        raise UnreadableTable(
            f'{number + 1}行目の引用符（"）の使い方が正しくないか、長すぎる値があります。', _SAVE_AS_CSV
        ) from None


# --- workbooks --------------------------------------------------------------------------------------------------


def _from_workbook(book: Workbook, is_header: IsHeader, most_rows: int) -> ReadTable:
    """The first visible sheet with a header; what else there is, the notices name."""
    notices = []
    found: ReadTable | None = None
    for sheet in book.sheets:
        name = sheet.name[:40]
        if not sheet.is_visible:
            notices.append(f"非表示のシート「{name}」は読み取りませんでした。")
        elif found is not None:
            notices.append(f"ほかのシート「{name}」は読み取りませんでした。")
        else:
            try:
                found = _below_header(sheet.rows(), is_header, most_rows, restore=str)
            except NoHeader:
                notices.append(f"シート「{name}」には見出しの行がないため、読み取りませんでした。")
    if found is None:
        raise NoHeader
    return ReadTable(found.header_row, found.header, found.rows, found.faults, tuple(notices), book.counts_from_1904)


# --- both -------------------------------------------------------------------------------------------------------


def _below_header(
    rows: Iterable[tuple[int, dict[int, Value]]], is_header: IsHeader, most_rows: int, *, restore: Callable[[str], str]
) -> ReadTable:
    """The rows as a table; what stands beside the columns of the header is a fault, so that nothing is lost."""
    header_row = 0
    header: tuple[str, ...] = ()
    found: list[Row] = []
    faults: list[CellFault] = []
    before = 0
    for number, values in rows:
        held = {at: value for at, value in values.items() if not isinstance(value, str) or value.strip()}
        if not held:
            continue
        if not header:
            before += 1
            header = _header_in(held, is_header)
            header_row = number
            if not header and before >= _HEADER_WITHIN:
                break
            continue
        if len(found) >= most_rows:
            raise TooManyRows(most_rows)
        faults += _faults_in(number, held, header)
        cells = (held.get(at, "") for at in range(1, len(header) + 1))
        found.append(
            Row(
                number,
                tuple(_cell(value, restore) for value in cells),
            )
        )
    if not header:
        raise NoHeader
    return ReadTable(header_row, header, tuple(found), tuple(faults))


def _cell(value: Value, restore: Callable[[str], str]) -> Cell:
    if isinstance(value, Wrong):
        return ""
    return restore(value) if isinstance(value, str) else value


def _header_in(held: dict[int, Value], is_header: IsHeader) -> tuple[str, ...]:
    """The names of the columns when this is the header, without empty columns at its end."""
    if max(held) > 500:
        return ()
    names = tuple(_said(held.get(at, "")) for at in range(1, max(held) + 1))
    return names if is_header(names) else ()


def _said(value: Value) -> str:
    return value.shown if isinstance(value, Wrong) else str(value)


def _faults_in(number: int, held: dict[int, Value], header: Sequence[str]) -> Iterator[CellFault]:
    for at, value in held.items():
        beside = at > len(header) or not header[at - 1].strip()
        if isinstance(value, Wrong) or beside:
            reason = (
                f"{value.reason}計算結果の値だけを入力してください（コピーして「値の貼り付け」をします）。"
                if isinstance(value, Wrong)
                else "見出しのない列に値があります。値を消すか、見出しを付けてください。"
            )
            yield CellFault(number, at - 1, f"{column_name(at)}{number}", _said(value)[:60], reason)


# --- days -------------------------------------------------------------------------------------------------------

_WESTERN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?")
_ERA = re.compile(r"(令和|平成|昭和|[RHSrhs㋿㍻㍼])\.?(元|\d{1,2})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?")
_ERA_NAMES = {"R": "令和", "H": "平成", "S": "昭和", "㋿": "令和", "㍻": "平成", "㍼": "昭和"}
_WIDE = str.maketrans("０１２３４５６７８９／－．ＲＨＳｒｈｓ　", "0123456789/-.RHSrhs ")


def day_in(cell: Cell, *, from_1904: bool = False) -> date | None:
    """The day that a cell tells, in whichever of the usual ways; None when it tells none.

    2026/4/1, 2026-04-01, 2026.4.1, 20260401, 2026年4月1日, 令和8年4月1日, R8.4.1, and the number that Excel keeps.
    """
    if isinstance(cell, date):
        return cell
    text = re.sub(r"\s*[(（][月火水木金土日][)）]$", "", cell.translate(_WIDE).strip())
    try:
        if found := _WESTERN.fullmatch(text):
            return date(*map(int, found.groups()))
        if re.fullmatch(r"\d{8}", text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if re.fullmatch(r"\d{4,5}(?:\.\d+)?", text):
            return day_of_serial(float(text), from_1904=from_1904)
        if found := _ERA.fullmatch(text):
            era, year, month, day = found.groups()
            return clock.parse_era_date(f"{_ERA_NAMES.get(era.upper(), era)}{year}年{int(month)}月{int(day)}日")
    except ValueError:
        return None
    return None
