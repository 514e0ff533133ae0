"""Uploaded tables: every usual form of a file is read exactly, every hostile one is refused without harm."""

import io
import re
import struct
import time as stopwatch
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from partner_compliance.documents import spreadsheets
from partner_compliance.documents.spreadsheets import NoHeader, TooManyRows, UnreadableTable, day_in, read_table
from partner_compliance.documents.tables import Column, Table, to_xlsx

NAMES = "①㈱髙﨑～"


def is_header(names) -> bool:
    return "氏名" in names


def read(content: bytes, most_rows: int = 5000):
    return read_table(content, is_header=is_header, most_rows=most_rows)


def cells(content: bytes):
    return [row.cells for row in read(content).rows]


# --- CSV --------------------------------------------------------------------------------------------------------

LINES = f"職員番号,氏名,日\r\n0012,{NAMES},2026-04-01\r\n\r\n,山田　花子,\r\n"


@pytest.mark.parametrize(
    "encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-16-be with mark"]
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_csv_is_read_exactly_in_every_usual_encoding(encoding: str, end: str) -> None:
    """A01: the bytes on the disk are chosen by whoever saved them; the names are the same."""
    text = LINES.replace("\r\n", end)
    content = b"\xfe\xff" + text.encode("utf-16-be") if "mark" in encoding else text.encode(encoding)
    found = read(content)
    assert found.header == ("職員番号", "氏名", "日")
    assert [(row.number, row.cells) for row in found.rows] == [
        (2, ("0012", NAMES, "2026-04-01")),
        (4, ("", "山田　花子", "")),
    ]
    assert found.faults == ()


def test_characters_outside_cp932_survive_in_unicode() -> None:
    names = ["𠮷野", "葛\U000e0100城", "か\u3099", "名" * 100, "〜"]
    for encoding in ("utf-8", "utf-16"):
        content = ("氏名\n" + "\n".join(names)).encode(encoding)
        assert [row[0] for row in cells(content)] == names


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_quotes_and_line_breaks_in_cells(separator: str) -> None:
    text = f'番号{separator}氏名\r\n1{separator}"a{separator}""b""\r\nc"\r\n2{separator}次\r\n'
    found = read(text.encode())
    assert [(row.number, row.cells) for row in found.rows] == [(2, ("1", f'a{separator}"b"\r\nc')), (3, ("2", "次"))]


def test_excels_line_that_names_the_separator() -> None:
    found = read("sep=;\r\n番号;氏名\r\n1;a,b\r\n".encode())
    assert found.header_row == 2
    assert [(row.number, row.cells) for row in found.rows] == [(3, ("1", "a,b"))]


def test_a_title_above_the_header_and_short_rows() -> None:
    found = read("従事者名簿\n\n番号,氏名,日,,\n1,甲\n2,乙,x,,\n".encode())
    assert (found.header_row, found.header) == (3, ("番号", "氏名", "日"))
    assert [row.cells for row in found.rows] == [("1", "甲", ""), ("2", "乙", "x")]


def test_guarded_cells_are_restored() -> None:
    assert cells("氏名,番号\n'=1+1,'＝x\n''-2,'そのまま\n".encode()) == [("=1+1", "＝x"), ("'-2", "'そのまま")]


def test_what_stands_beside_the_header_is_a_fault() -> None:
    found = read("番号,氏名\n1,甲,迷子\n".encode())
    assert [(fault.row, fault.place, fault.shown) for fault in found.faults] == [(2, "C2", "迷子")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空です"),
        (b" \r\n\t\r\n", "空です"),
        ("氏名\n甲\0乙\n".encode(), "使えない文字"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "使えない文字"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "古い形式"),
        ("氏名,番号\n".encode() + b"\xff\xfe\x81", "文字コード"),
        (b"\xef\xbb\xbf" + "氏名\n".encode("cp932"), "文字の並びが壊れている"),
        ("氏名\n".encode("utf-16")[:-1], "文字の並びが壊れている"),
        ('氏名\n"甲\n'.encode(), "引用符"),
        (("氏名\n" + "長" * 200_000).encode(), "引用符"),
        ("名前なし,番号\n1,2\n".encode(), "見出しの行"),
        ("氏名,番号\n甲,1\n".encode("euc_jp"), "文字コード"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "見出しの行"),
        (b"a" * (9 * 1024 * 1024), "大きすぎます"),
        (b"\n" * 300_000, "空です"),
        ("氏名\n".encode() + b"\n" * 300_000 + b"x", "空の行"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_file_that_is_no_table_is_refused_with_a_reason(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        read(content)
    assert said in refused.value.message
    assert refused.value.what_to_do


def test_more_rows_than_the_limit_are_refused_and_the_limit_is_named() -> None:
    """A04."""
    text = "氏名\n" + "甲\n" * 5000
    assert len(read(text.encode()).rows) == 5000
    with pytest.raises(TooManyRows, match="5,000行"):
        read((text + "乙\n").encode())


# --- workbooks --------------------------------------------------------------------------------------------------


def book(*rows, **changed) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_workbook_of_excels_kind_is_read_as_it_is_shown() -> None:
    made = book(["氏名", "番号", "日"], [NAMES, 1234.0, datetime(2026, 4, 1)], ["𠮷", "0012", "令和8年4月1日"])  # noqa: DTZ001
    made.active.append(["乙", 12, 46113])
    made.active["B4"].number_format = "0000"
    made.active.append(["丙", True, datetime(2026, 4, 1, 9, 30)])  # noqa: DTZ001
    made.active["E9"].number_format = "0.00"  # an empty cell with a look of its own, below and beside
    assert cells(saved(made)) == [
        (NAMES, "1234", date(2026, 4, 1)),
        ("𠮷", "0012", "令和8年4月1日"),
        ("乙", "0012", "46113"),
        ("丙", "TRUE", date(2026, 4, 1)),
    ]


def test_a_workbook_of_ours_is_read_as_it_was_written() -> None:
    columns = [Column("a", "氏名"), Column("b", "番号"), Column("c", "日", "date")]
    rows = [
        ["=1+1", "'0012", date(2026, 4, 1)],
        ["<r>x</r>", "　x ", None],
        ["_x0041_", "_x000D_", None],
        [NAMES, "\t=1", date(1990, 1, 1)],
    ]
    assert cells(to_xlsx(Table("名簿", columns, rows))) == [tuple(cell or "" for cell in row) for row in rows]


def test_days_that_count_from_1904() -> None:
    made = book(["氏名", "日", "数"], ["甲", datetime(2026, 4, 1), None])  # noqa: DTZ001
    made.epoch = CALENDAR_MAC_1904
    made.active["C2"] = 44651
    found = read(saved(made))
    assert found.counts_from_1904
    assert found.rows[0].cells == ("甲", date(2026, 4, 1), "44651")
    assert day_in("44651", from_1904=True) == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("code", "is_day"),
    [
        ("yyyy/m/d", True), ("[$-411]ge.m.d", True), ('ggge"年"m"月"d"日"', True), ("m/d", True), ("General", False),
        ("0.00E+00", False), ("#,##0", False), ('"d"0', False), ("[Red]0", False), ("h:mm", False), ("@", False),
    ],
)  # fmt: skip
def test_what_looks_like_a_day_is_a_day(code: str, is_day: bool) -> None:
    made = book(["氏名", "日"], ["甲", 46113])
    made.active["B2"].number_format = code
    assert cells(saved(made))[0][1] == (date(2026, 4, 1) if is_day else "46113")


def test_the_first_visible_sheet_with_a_header_is_read_and_the_others_are_named() -> None:
    made = book(["説明だけ"])
    made.active.title = "説明"
    hidden = made.create_sheet("隠し")
    hidden.append(["氏名"])
    hidden.append(["見えない"])
    hidden.sheet_state = "hidden"
    for name in ("名簿", "写し"):
        sheet = made.create_sheet(name)
        sheet.append(["氏名"])
        sheet.append([name])
    found = read(saved(made))
    assert [row.cells for row in found.rows] == [("名簿",)]
    said = " ".join(found.notices)
    assert all(name in said for name in ("説明", "隠し", "写し"))
    assert "「名簿」" not in said


def test_merged_cells_do_no_harm() -> None:
    made = book(["従事者名簿", None], ["氏名", "番号"], ["甲", "1"])
    made.active.merge_cells("A1:B1")
    assert cells(saved(made)) == [("甲", "1")]


def test_formulas_and_errors_are_faults_with_the_name_of_their_cell() -> None:
    made = book(["氏名", "番号"], ['=HYPERLINK("http://x","甲")', "1"], ["乙", "=1+1"])
    content = rewritten(saved(made), "xl/worksheets/sheet1.xml", lambda part: part.replace(
        b"</sheetData>", b'<row r="4"><c r="A4" t="e"><v>#N/A</v></c></row></sheetData>'))  # fmt: skip
    found = read(content)
    assert [(fault.place, fault.shown[:6]) for fault in found.faults] == [
        ("A2", "=HYPER"), ("B3", "=1+1"), ("A4", "#N/A"),
    ]  # fmt: skip
    assert all(fault.reason for fault in found.faults)


def rewritten(content: bytes, name: str, change) -> bytes:
    """The package with one part changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for info in old.infolist():
            part = old.read(info)
            new.writestr(info.filename, change(part) if info.filename == name else part)
    return out.getvalue()


def renamed(content: bytes, rename, *, part=lambda part: part, stream: bool = False) -> bytes:
    """The package with other names of its parts, perhaps written as a stream (sizes after the data)."""
    out: io.BytesIO = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(rename(info.filename), part(old.read(info)))
    return out.getvalue()


class Pipe(io.BytesIO):
    """Cannot be wound back, so that zipfile writes data descriptors."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


PLAIN = saved(book(["氏名", "番号"], ["甲", "1"]))
#: The same with its strings in a part of their own.
OURS = to_xlsx(Table("名簿", [Column("a", "氏名"), Column("b", "番号")], [["甲", "1"]]))
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "content",
    [
        renamed(PLAIN, str, stream=True),
        renamed(PLAIN, lambda name: "/" + name),
        renamed(PLAIN, lambda name: name.replace("/", "\\")),
        renamed(PLAIN, lambda name: name.replace("sheet1", "Sheet1")),
        rewritten(PLAIN, SHEET, lambda part: part.replace(b'"A1:B2"', b'"A1:A1"')),
        rewritten(PLAIN, SHEET, lambda part: part.replace(b'"A1:B2"', b'"A1:XFD1048576"')),
        rewritten(PLAIN, SHEET, lambda part: re.sub(rb' r="[A-Z]?\d+"', b"", part)),
        rewritten(PLAIN, "xl/_rels/workbook.xml.rels", lambda part: part.replace(b'Target="/xl/', b'Target="')),
        PLAIN + b"\0" * 10,
    ],
    ids=["streamed", "absolute", "backslashes", "case", "small", "huge", "unnumbered", "relative", "tail"],
)  # fmt: skip
def test_quirks_of_packages_are_understood(content: bytes) -> None:
    assert cells(content) == [("甲", "1")]


def test_runs_and_readings_of_a_string() -> None:
    rich = "<si><r><t>髙</t></r><r><t xml:space='preserve'> 橋</t></r><rPh sb='0' eb='1'><t>タカ</t></rPh></si>"
    content = rewritten(
        OURS, "xl/sharedStrings.xml", lambda part: part.replace("<si><t>甲</t></si>".encode(), rich.encode())
    )
    assert cells(content) == [("髙 橋", "1")]


# --- A06, A07: hostile ones -------------------------------------------------------------------------------------


def bomb(unpacked: int, *, dense: bool) -> bytes:
    """A workbook whose sheet is so large; `dense`: as far as it can be packed."""
    row = '<row r="2"><c r="A2" t="inlineStr"><is><t>{}</t></is></c></row>'
    if dense:
        filling = row.format("x" * unpacked)
    else:
        import random

        letters = random.Random(1).choices("abcdefghijklmnop", k=200_000)
        filling = row.format("".join(letters) * (unpacked // 200_000))
    return rewritten(PLAIN, SHEET, lambda part: part.replace(b"</sheetData>", filling.encode() + b"</sheetData>"))


def forged(content: bytes, size: int) -> bytes:
    """The package whose directory and headers say another size of the sheet."""
    out = bytearray(content)
    for signature, at_name, at_size in ((b"PK\x01\x02", 46, 24), (b"PK\x03\x04", 30, 22)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            if content[at + at_name : at + at_name + len(SHEET)] == SHEET.encode():
                struct.pack_into("<I", out, at + at_size, size)
    return bytes(out)


HOSTILE = {
    "20 MB of XML": lambda: bomb(20_000_000, dense=False),
    "20 MB packed a thousandfold": lambda: bomb(20_000_000, dense=True),
    "2 MB packed a thousandfold": lambda: bomb(2_000_000, dense=True),
    "a size that is said smaller": lambda: forged(bomb(9_000_000, dense=False), 1000),
    "a size that is said smaller than a small one": lambda: forged(PLAIN, 10),
    "3000 parts": lambda: _with_parts(3000),
    "half a file": lambda: PLAIN[: len(PLAIN) // 2],
    "only the beginning": lambda: b"PK\x03\x04",
    "the end in front": lambda: b"PK\x05\x06" + b"\xff" * 18,
    "a DTD": lambda: _with_dtd("utf-8"),
    "a DTD in UTF-16": lambda: _with_dtd("utf-16"),
    "an entity bomb in the strings": lambda: _with_dtd("utf-8", "xl/sharedStrings.xml"),
    "an external entity": lambda: _with_dtd("utf-8", "xl/workbook.xml", "SYSTEM 'file:///etc/passwd'"),
    "too many tags": lambda: rewritten(PLAIN, SHEET, lambda part: part.replace(b"<sheetData>", b"<a/>" * 900_000)),
    "broken XML": lambda: rewritten(PLAIN, SHEET, lambda part: part[:-20]),
    "a row beyond the last": lambda: _with_row(b'<row r="99999999999"><c t="str"><v>x</v></c></row>'),
    "a row without sense": lambda: _with_row(b'<row r="x"><c t="str"><v>x</v></c></row>'),
    "a column beyond the last": lambda: _with_row(b'<row r="3"><c r="ZZZ3" t="str"><v>x</v></c></row>'),
    "a string that there is not": lambda: _with_row(b'<row r="3"><c r="A3" t="s"><v>99</v></c></row>'),
    "a string before the first": lambda: _with_row(b'<row r="3"><c r="A3" t="s"><v>x</v></c></row>'),
    "a number that is none": lambda: _with_row(b'<row r="3"><c r="A3"><v>1e</v></c></row>'),
    "a document of another kind": lambda: _zip({"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}),
    "a zip of anything": lambda: _zip({"../../x": "x", "a.csv": "氏名"}),
    "OpenDocument": lambda: _zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
    "macros": lambda: rewritten(
        PLAIN, "[Content_Types].xml", lambda part: part.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")
    ),
    "the same part twice": lambda: renamed(PLAIN, lambda name: SHEET if "styles" in name else name),
    "encrypted": lambda: _encrypted(),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_workbook_is_refused_without_harm(kind: str) -> None:
    content = HOSTILE[kind]()
    begun = stopwatch.process_time()
    with pytest.raises(UnreadableTable) as refused:
        read(content)
    assert stopwatch.process_time() - begun < 1, kind
    assert refused.value.status == 422
    assert refused.value.what_to_do


def _with_parts(count: int) -> bytes:
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(count):
            archive.writestr(f"xl/x{number}.xml", "<x/>")
    return out.getvalue()


def _zip(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def _with_dtd(encoding: str, name: str = SHEET, external: str = "") -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(9))
    dtd = f"<!DOCTYPE x [<!ENTITY x {external}>]>" if external else f"<!DOCTYPE x [{levels}]>"

    def change(part: bytes) -> bytes:
        text = re.sub(r"<\?xml.*?\?>\s*", "", part.decode())
        return (dtd + text.replace("甲", "&e8;")).encode(encoding)

    return rewritten(OURS if "Strings" in name else PLAIN, name, change)


def _with_row(row: bytes) -> bytes:
    return rewritten(PLAIN, SHEET, lambda part: part.replace(b"</sheetData>", row + b"</sheetData>"))


def _encrypted() -> bytes:
    out = bytearray(PLAIN)
    for signature, at_flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := PLAIN.find(signature, at + 1)) >= 0:
            out[at + at_flags] |= 1
    return bytes(out)


def test_unread_parts_may_be_large() -> None:
    """A picture on the sheet is not opened, so its size is nobody's business."""
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 12_000_000)
    assert cells(out.getvalue()) == [("甲", "1")]


def test_the_product_does_not_start_with_a_reader_that_expands_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    """A07."""
    from xml.etree import ElementTree

    from partner_compliance import app as composition
    from partner_compliance.config import Settings

    spreadsheets.require_safe_reader()
    monkeypatch.setattr(spreadsheets, "fromstring", ElementTree.fromstring)
    with pytest.raises(spreadsheets.UnsafeReader):
        composition.create_app(Settings("sqlite:////nowhere/x.sqlite3", "a key that only tests have, long enough"))


# --- days -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026/4/1", date(2026, 4, 1)), ("2026-04-01", date(2026, 4, 1)), ("2026.4.1", date(2026, 4, 1)),
        ("20260401", date(2026, 4, 1)), ("2026年4月1日", date(2026, 4, 1)), ("２０２６／４／１", date(2026, 4, 1)),
        ("2026/4/1 0:00", date(2026, 4, 1)), ("2026-04-01T00:00:00", date(2026, 4, 1)),
        ("2026/4/1(水)", date(2026, 4, 1)),
        ("令和8年4月1日", date(2026, 4, 1)), ("令和元年5月1日", date(2019, 5, 1)), ("R8.4.1", date(2026, 4, 1)),
        ("r8/4/1", date(2026, 4, 1)), ("H31.4.30", date(2019, 4, 30)), ("平成31年4月30日", date(2019, 4, 30)),
        ("S64.1.7", date(1989, 1, 7)), ("㋿8年4月1日", date(2026, 4, 1)), ("46113", date(2026, 4, 1)),
        ("46113.5", date(2026, 4, 1)), (date(2026, 4, 1), date(2026, 4, 1)),
    ],
)  # fmt: skip
def test_a_day_in_every_usual_form(text, day: date) -> None:
    assert day_in(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "2026/2/30", "2026/13/1", "4/1", "H31.5.1", "令和0年1月1日", "昨日", "0", "9" * 30, "2026-04-01 9:30", "12"],
)
def test_what_is_no_day(text: str) -> None:
    assert day_in(text) is None


def test_no_header_says_what_to_do() -> None:
    with pytest.raises(NoHeader, match="見出し"):
        read(saved(book(["番号"], ["1"])))
