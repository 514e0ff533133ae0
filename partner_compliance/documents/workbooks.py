"""Reads the cells of an uploaded Excel workbook (.xlsx), and nothing else of it.

The file is somebody's: everything is counted while it is unpacked, its XML may hold neither DTD nor entity, and only
the parts that hold cells are opened. What a cell shows is read; what it would compute is not.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from posixpath import dirname, join, normpath
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

#: Bounds of a workbook (SECURITY A06): a roster of 5,000 rows needs about a third of them.
MOST_ENTRIES = 2_000
MOST_UNPACKED = 8 * 1024 * 1024
HIGHEST_RATIO = 100
#: Tags in all parts: what each of them takes in memory is many times what it takes in the file.
MOST_TAGS = 800_000

_SMALL = 64 * 1024  # a part so small does no harm, however well it was packed
_LONGEST_DIRECTORY = 1024 * 1024
_END_OF_DIRECTORY = b"PK\x05\x06"
_MOST_COLUMNS = 16_384
_MOST_ROWS = 1_048_576

#: Number formats that Excel knows by number and shows as days; 27 to 36 and 50 to 58 are the Japanese ones.
_DAY_FORMATS = frozenset([14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)])
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_ZEROS = re.compile(r"0{1,30}")
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_FIRST_DAY, _LAST_DAY = date(1900, 3, 1), date(9999, 12, 31)


_SAVE_AGAIN = "Excelで開き、「Excelブック（.xlsx）」として保存し直してから、もう一度選んでください。"
_COPY_THE_LIST = "名簿の表だけを新しいブックに写して保存し、そのファイルを選んでください。"


class BrokenWorkbook(Exception):
    """The file is not a workbook that is read here; the text says why, in Japanese."""

    def __init__(self, message: str, what_to_do: str = "") -> None:
        self.message = message
        self.what_to_do = what_to_do or _SAVE_AGAIN
        super().__init__(message)


@dataclass(frozen=True)
class Wrong:
    """A cell that holds something which is not taken: a formula or an error value."""

    shown: str
    reason: str


#: What a cell holds: a text (numbers are texts too, as they are shown), a day, or something that is not taken.
Value = str | date | Wrong


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, whether people see it, and its rows as (number, {column counted from 1: value})."""

    name: str
    is_visible: bool
    _part: bytes
    _book: "_Book"

    def rows(self) -> Iterator[tuple[int, dict[int, Value]]]:
        """The rows that hold something, in the order of the file; raises BrokenWorkbook."""
        number = 0
        for element in _elements(self._part, "row"):
            number = _whole(element.get("r"), number + 1)
            if not 1 <= number <= _MOST_ROWS:
                raise BrokenWorkbook("行の番号が正しくないファイルです。")
            cells = self._book.cells_of(element)
            if cells:
                yield number, cells


@dataclass(frozen=True)
class Workbook:
    """The worksheets in their order, and from which day on dates are counted."""

    sheets: tuple[Sheet, ...]
    counts_from_1904: bool


def read_workbook(content: bytes) -> Workbook:
    """The workbook in a file; raises BrokenWorkbook for anything else, and for what goes beyond the bounds."""
    parts = _unpacked(content)
    try:
        return _workbook(parts)
    except (ParseError, DefusedXmlException, KeyError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise BrokenWorkbook("ファイルの中身が壊れているため、読み取れませんでした。") from error


def day_of_serial(serial: float, *, from_1904: bool = False) -> date | None:
    """The day that Excel keeps as a number; None for what is no day after February 1900."""
    start = date(1904, 1, 1) if from_1904 else date(1899, 12, 30)
    if not 0 <= serial <= (_LAST_DAY - start).days:
        return None
    day = start + timedelta(days=int(serial))
    return day if day >= _FIRST_DAY else None


# --- the package ------------------------------------------------------------------------------------------------


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The XML parts by name in lower case, counted while they are unpacked: what a directory says may be forged."""
    _refuse_forged_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        raise BrokenWorkbook("ファイルが途中で切れているか、壊れています。") from error


def _refuse_forged_directory(content: bytes) -> None:
    """The directory is looked at before anything reads it: its length bounds the work of reading it."""
    at = content.rfind(_END_OF_DIRECTORY, max(0, len(content) - 65_557))
    if at < 0 or len(content) - at < 22:
        raise BrokenWorkbook("ファイルが途中で切れているか、壊れています。")
    entries, length = struct.unpack_from("<HI", content, at + 10)
    if entries > MOST_ENTRIES or length > _LONGEST_DIRECTORY:
        raise BrokenWorkbook(f"ファイルの中の部品が多すぎます（{MOST_ENTRIES:,}個まで）。", _COPY_THE_LIST)


def _parts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise BrokenWorkbook(f"ファイルの中の部品が多すぎます（{MOST_ENTRIES:,}個まで）。", _COPY_THE_LIST)
    found: dict[str, bytes] = {}
    left = MOST_UNPACKED
    tags = 0
    for entry in entries:
        name = entry.filename.replace("\\", "/").lstrip("/").lower()
        if entry.flag_bits & 0x1:
            raise BrokenWorkbook(
                "パスワードのかかったファイルは読み取れません。", "パスワードを外して保存し直してください。"
            )
        if name == "mimetype":
            raise BrokenWorkbook("「.ods」など、Excelブック以外の形式は読み取れません。")
        if not name.endswith((".xml", ".rels")) or name.startswith(("docprops/", "customxml/", "xl/media/")):
            continue
        if name in found:
            raise BrokenWorkbook("ファイルの中に、同じ名前の部品が2つあります。")
        found[name] = _inflated(archive, entry, left)
        left -= len(found[name])
        tags += found[name].count(b"<")
        if tags > MOST_TAGS:
            raise BrokenWorkbook("ファイルの中身が大きすぎます。", _COPY_THE_LIST)
    return found


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BrokenWorkbook("この方法で圧縮されたファイルは読み取れません。")
    pieces, size = [], 0
    with archive.open(entry) as part:
        while piece := part.read(_SMALL):
            size += len(piece)
            if size > left:
                raise BrokenWorkbook(
                    f"ファイルの中身が大きすぎます（展開して{MOST_UNPACKED // 1024 // 1024}MBまで）。", _COPY_THE_LIST
                )
            if size > _SMALL and size > HIGHEST_RATIO * max(1, entry.compress_size):
                raise BrokenWorkbook(
                    "異常に高い割合で圧縮されたファイルです。安全のため、読み取りません。", _COPY_THE_LIST
                )
            pieces.append(piece)
    whole = b"".join(pieces)
    bare = whole.replace(b"\0", b"")  # in whatever width its characters are written
    if b"<!DOCTYPE" in bare or b"<!ENTITY" in bare:
        raise BrokenWorkbook("ファイルに、名簿には使わない定義（DTD）が含まれています。安全のため、読み取りません。")
    return whole


# --- the parts --------------------------------------------------------------------------------------------------


def _elements(part: bytes, *names: str) -> Iterator[Any]:
    """The elements with one of these names, whatever their namespace, each emptied after its turn."""
    try:
        for _, element in iterparse(io.BytesIO(part), forbid_dtd=True, forbid_entities=True, forbid_external=True):
            if _local(element.tag) in names:
                yield element
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        raise BrokenWorkbook("ファイルの中身が壊れているため、読み取れませんでした。") from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _local(child.tag) == name), None)


def _whole(text: str | None, otherwise: int) -> int:
    """A whole number from an attribute; some writers say `5.0`."""
    if text is None:
        return otherwise
    try:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else int(float(text[:40]))
    except (ValueError, OverflowError):
        raise BrokenWorkbook("ファイルの中身が壊れているため、読み取れませんでした。") from None


def _workbook(parts: Mapping[str, bytes]) -> Workbook:
    if "[content_types].xml" not in parts:
        raise BrokenWorkbook("Excelブック（.xlsx）ではないファイルです。")
    if b"macroEnabled" in parts["[content_types].xml"].replace(b"\0", b""):
        raise BrokenWorkbook("マクロが入ったブック（.xlsm など）は読み取りません。")
    path = _place_of_book(parts)
    if path not in parts:
        raise BrokenWorkbook("Excelブック（.xlsx）ではないファイルです。")
    targets = _targets(parts, path)
    named: list[tuple[str, bool, str]] = []
    from_1904 = False
    for element in _elements(parts[path], "sheet", "workbookPr"):
        if _local(element.tag) == "workbookPr":
            from_1904 = element.get("date1904", "0").lower() in ("1", "true", "on")
            continue
        link = next((value for name, value in element.attrib.items() if _local(name) == "id" and "}" in name), "")
        kind, target = targets.get(link, ("", ""))
        if kind == "worksheet" and target in parts:
            named.append((element.get("name", ""), element.get("state", "visible") == "visible", target))
    by_kind = dict(targets.values())
    book = _Book(
        _shared(parts.get(by_kind.get("sharedStrings", ""), b"")),
        *_formats(parts.get(by_kind.get("styles", ""), b"")),
        from_1904,
    )
    if not named:
        raise BrokenWorkbook("シートが1つもないファイルです。")
    return Workbook(tuple(Sheet(name, seen, parts[target], book) for name, seen, target in named), from_1904)


def _place_of_book(parts: Mapping[str, bytes]) -> str:
    for kind, target in _targets(parts, "").values():
        if kind == "officeDocument":
            return target
    return "xl/workbook.xml"


def _targets(parts: Mapping[str, bytes], source: str) -> dict[str, tuple[str, str]]:
    """{id: (kind, part)} of what a part refers to; names may be absolute, or relative to the part."""
    folder, _, name = source.rpartition("/")
    rels = normpath(join(folder, "_rels", f"{name}.rels"))
    found = {}
    for element in _elements(parts.get(rels, b"<none/>"), "Relationship"):
        if element.get("TargetMode", "") == "External":
            continue
        target = element.get("Target", "").replace("\\", "/")
        path = target if target.startswith("/") else join(dirname(source), target)
        kind = element.get("Type", "").rpartition("/")[2]
        found[element.get("Id", "")] = (kind, normpath(path).lstrip("/").lower())
    return found


def _shared(part: bytes) -> list[str]:
    return [_text_of(element) for element in _elements(part, "si")] if part else []


def _text_of(element: Any) -> str:
    """The text of a string with its runs, without the readings that Excel keeps above it."""
    pieces = []
    for child in element:
        match _local(child.tag):
            case "t":
                pieces.append(child.text or "")
            case "r":
                pieces += [grandchild.text or "" for grandchild in child if _local(grandchild.tag) == "t"]
    return _unescaped("".join(pieces))


_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Excel writes what XML cannot hold as `_x000D_`, and an underscore that would look so as `_x005F_`."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)  # half a character is none


def _formats(part: bytes) -> tuple[list[bool], list[int]]:
    """For each style whether it shows a day, and to how many digits it fills a number up with zeros."""
    codes: dict[int, str] = {}
    numbers: list[int] = []
    for element in _elements(part, "numFmt", "cellXfs") if part else ():
        if _local(element.tag) == "numFmt":
            codes[_whole(element.get("numFmtId"), 0)] = element.get("formatCode", "")
        else:
            numbers = [_whole(style.get("numFmtId"), 0) for style in element if _local(style.tag) == "xf"]
    days = [number in _DAY_FORMATS or _shows_day(codes.get(number, "")) for number in numbers]
    zeros = [len(code) if _ZEROS.fullmatch(code := codes.get(number, "")) else 0 for number in numbers]
    return days, zeros


def _shows_day(code: str) -> bool:
    shown = _NOT_SHOWN.sub("", code[:255]).lower().split(";")[0]
    shown = shown.replace("general", "").replace("e+", "").replace("e-", "")
    return bool(re.search("[ydge]", shown))


# --- cells ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Book:
    """What the cells of all sheets refer to."""

    shared: list[str]
    shows_day: list[bool]
    zeros: list[int]
    from_1904: bool

    def cells_of(self, row: Any) -> dict[int, Value]:
        """The cells of a row that hold something, by column."""
        found: dict[int, Value] = {}
        column = 0
        for element in row:
            if _local(element.tag) != "c":
                continue
            column = _column_of(element.get("r"), column + 1)
            value = self._value(element)
            if value != "":
                found[column] = value
        return found

    def _value(self, element: Any) -> Value:
        try:
            return self._read(element)
        except (ValueError, IndexError, OverflowError):
            raise BrokenWorkbook("ファイルの中身が壊れているため、読み取れませんでした。") from None

    def _read(self, element: Any) -> Value:
        kind = element.get("t", "n")
        if (formula := _child(element, "f")) is not None:
            return Wrong(f"={(formula.text or '')[:60]}", "数式が入っています。")
        if kind == "inlineStr":
            inline = _child(element, "is")
            return "" if inline is None else _text_of(inline)
        held = _child(element, "v")
        text = "" if held is None else held.text or ""
        match kind:
            case "s":
                return self.shared[int(text)] if text else ""
            case "str":
                return _unescaped(text)
            case "b":
                return {"1": "TRUE", "0": "FALSE"}.get(text, text)
            case "e":
                return Wrong(text[:20], "エラーの値になっています。")
            case "d":
                return date.fromisoformat(text[:10]) if text else ""
        return self._number(text, _whole(element.get("s"), 0)) if text else ""

    def _number(self, text: str, style: int) -> Value:
        if len(text) > 40:
            raise ValueError(text)
        number = float(text)
        if style < len(self.shows_day) and self.shows_day[style]:
            day = day_of_serial(number, from_1904=self.from_1904)
            if day is not None:
                return day
        if not number.is_integer() or abs(number) >= 1e15:
            return text
        zeros = self.zeros[style] if style < len(self.zeros) else 0
        return str(int(number)).zfill(zeros)


def _column_of(place: str | None, otherwise: int) -> int:
    if place is None:
        column = otherwise
    else:
        if not (found := _PLACE.fullmatch(place)):
            raise BrokenWorkbook("ファイルの中身が壊れているため、読み取れませんでした。")
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
    if not 1 <= column <= _MOST_COLUMNS:
        raise BrokenWorkbook("ファイルの中身が壊れているため、読み取れませんでした。")
    return column


def column_name(column: int) -> str:
    """A column's letters, counted from 1: A, B, … Z, AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
