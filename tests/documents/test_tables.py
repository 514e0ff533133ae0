import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from partner_compliance.documents import tables
from partner_compliance.documents.tables import Column, Table, TooManyRows, WrongCell, guarded, plain, to_csv, to_xlsx

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "'=1",
    "''=1",
    "=cmd|'/c'!A0",
]
HARMLESS = [
    "山田 花子",
    "'引用'",
    "",
    "1=1",
    "葛\U000e0100城",
    "𠮷野家",
    "😀",
    "a,b",
    '"',
    "一\n二",
    "<script>",
    "\u202e",
]

KINDS = Table(
    "11月の状況",
    [
        Column("name", "団体", "text", 30),
        Column("workers", "人数", "number"),
        Column("on_time", "期限内", "share"),
        Column("since", "契約日", "date"),
        Column("month", "対象月", "month"),
    ],
    [["桜ヶ丘", 12, 0.875, date(2026, 4, 1), "2026-11"], [None, Decimal("-3.5"), 1, None, None]],
)


def texts(values: list[str]) -> Table:
    return Table("表", [Column("text", "文")], [[value] for value in values])


def csv_rows(document: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(document.decode("utf-8-sig"), newline="")))


def xlsx_sheet(document: bytes):
    return load_workbook(io.BytesIO(document)).worksheets[0]


@given(st.text())
def test_a_guarded_text_is_restored_exactly_and_starts_no_formula(text):
    cell = guarded(text)

    assert plain(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_a_csv_read_back_holds_the_same_texts(values):
    rows = csv_rows(to_csv(texts(values)))

    assert [plain(cell) for row in rows[1:] for cell in row or [""]] == values


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_get_an_apostrophe_in_csv_and_stay_texts_in_xlsx(text):
    assert csv_rows(to_csv(texts([text])))[1] == [f"'{text}"]
    cell = xlsx_sheet(to_xlsx(texts([text])))["A2"]
    assert cell.data_type == "s"
    assert cell.value == text.replace("\r", "\n")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text):
    assert csv_rows(to_csv(texts([text, "x"])))[1] == [text]
    assert (xlsx_sheet(to_xlsx(texts([text, "x"])))["A2"].value or "") == text


def test_labels_are_guarded_too():
    table = Table("=1", [Column("a", "=2")], [["x"]])

    assert csv_rows(to_csv(table))[0] == ["'=2"]
    assert xlsx_sheet(to_xlsx(table))["A1"].data_type == "s"


def test_a_csv_opens_in_excel():
    document = to_csv(KINDS)

    assert document.startswith(b"\xef\xbb\xbf")
    assert document.count(b"\r\n") == 3
    assert csv_rows(document)[1:] == [
        ["桜ヶ丘", "12", "87.5%", "2026-04-01", "2026-11"],
        ["", "-3.5", "100.0%", "", ""],
    ]


def test_a_workbook_keeps_the_kinds():
    sheet = xlsx_sheet(to_xlsx(KINDS))

    assert sheet.title == "11月の状況"
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width >= 30
    assert [cell.value for cell in sheet[1]] == ["団体", "人数", "期限内", "契約日", "対象月"]
    assert [cell.value for cell in sheet[2]] == ["桜ヶ丘", 12, 0.875, datetime(2026, 4, 1), datetime(2026, 11, 1)]  # noqa: DTZ001
    assert sheet["C2"].number_format == "0.0%"
    assert [cell.value for cell in sheet[3]] == [None, -3.5, 1, None, None]


def test_a_text_that_looks_like_markup_of_the_writer_stays_a_text():
    text = "<r><t>x</t></r><si><t>&</t></si><r></r>"

    assert xlsx_sheet(to_xlsx(texts([text])))["A2"].value == text


def test_addresses_do_not_become_links():
    sheet = xlsx_sheet(to_xlsx(texts(["https://example.jp/", "mailto:a@example.jp", "internal:A1"])))

    assert [cell.hyperlink for row in sheet.iter_rows(min_row=2) for cell in row] == [None] * 3


def test_controls_are_left_out_and_escapes_of_excel_stay_texts():
    sheet = xlsx_sheet(to_xlsx(texts(["a\x00b\x1bc\ud800d", "_x0041_"])))

    assert [sheet["A2"].value, sheet["A3"].value] == ["abcd", "_x0041_"]


@pytest.mark.parametrize("char", ["あ", "😀"])
def test_a_text_longer_than_a_cell_is_cut_and_says_so(char):
    value = xlsx_sheet(to_xlsx(texts([char * 40_000])))["A2"].value

    assert value.startswith(char * 100)
    assert value.endswith("…（以下省略）")
    assert len(value.encode("utf-16-le")) // 2 <= 32_767


@pytest.mark.parametrize(
    ("title", "name"), [("a/b:c*[d]", "a b c  d"), ("'x'", "x"), ("長" * 40, "長" * 31), ("", "表")]
)
def test_every_title_makes_a_sheet(title, name):
    assert xlsx_sheet(to_xlsx(Table(title, [Column("a", "A")], []))).title == name


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 1),
        ("number", "=1+1"),
        ("number", True),
        ("share", "50%"),
        ("date", "2026-11-01"),
        ("date", datetime(2026, 11, 1, tzinfo=UTC)),
        ("month", "2026-13"),
        ("month", "=1"),
    ],
)
def test_a_cell_that_breaks_its_columns_promise_is_refused(kind, value):
    table = Table("表", [Column("a", "A", kind)], [[value]])

    with pytest.raises(WrongCell):
        to_csv(table)
    with pytest.raises(WrongCell):
        to_xlsx(table)


def test_more_rows_than_a_worksheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS", 3)

    assert to_xlsx(texts(["a", "b"]))
    with pytest.raises(TooManyRows):
        to_xlsx(texts(["a", "b", "c"]))


def test_the_same_table_gives_the_same_bytes():
    at = datetime(2026, 12, 5, tzinfo=UTC)

    assert to_csv(KINDS) == to_csv(KINDS)
    assert to_xlsx(KINDS, created=at) == to_xlsx(KINDS, created=at)
