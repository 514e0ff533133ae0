"""The columns of a roster in a file: the one definition for the template, for taking in and for giving out."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from partner_compliance.documents.spreadsheets import Cell, ReadTable, Row, day_in
from partner_compliance.documents.tables import Column, Kind, Table
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.roster.operations import WorkerFacts
from partner_compliance.web import control_characters, tidy


@dataclass(frozen=True)
class RosterColumn:
    """A column: its key, its name in the header, other names it may have, and how to fill it in."""

    key: str
    label: str
    hint: str
    example: str = ""
    required: bool = False
    aliases: tuple[str, ...] = ()
    kind: Kind = "text"
    width: float = 16.0


COLUMNS = (
    RosterColumn(
        "staff_number", "職員番号", "番号がある団体だけ。先頭の0も残ります。", "0012",
        aliases=("職員コード", "社員番号", "従業員番号", "番号"), width=12,
    ),
    RosterColumn("name", "氏名", "姓と名。", "山田 花子", required=True, aliases=("名前", "お名前"), width=20),
    RosterColumn(
        "name_kana", "フリガナ", "カタカナ（ひらがなも可）。", "ヤマダ ハナコ", required=True,
        aliases=("ふりがな", "カナ", "氏名カナ", "カナ氏名", "氏名フリガナ", "よみがな"), width=22,
    ),
    RosterColumn(
        "kind", "区分", "役員・常勤職員・非常勤職員・派遣職員・ボランティア・実習生・再委託先の従事者のどれか。",
        "常勤職員", required=True, aliases=("雇用区分", "職員区分", "従事者区分"),
    ),
    RosterColumn(
        "center", "主な拠点", "登録されている拠点の名前。", "本部", required=True, aliases=("拠点", "所属", "所属拠点")
    ),
    RosterColumn(
        "other_centers", "そのほかの拠点", "いくつかあるときは「、」で区切ります。", "分室、第二教室", width=20
    ),
    RosterColumn(
        "projects", "事業", "いくつかあるときは「、」で区切ります。初めての名前は、新しい事業として登録します。",
        "見守り訪問、学習支援", aliases=("担当事業", "事業名"), width=24,
    ),
    RosterColumn(
        "is_handler", "個人情報取扱者", "はい・いいえ（○・×、1・0、あり・なし も可）。", "はい", required=True,
        aliases=("取扱者", "個人情報の取扱い", "個人情報取扱"),
    ),
    RosterColumn(
        "files_sheets", "シート提出", "毎月のチェックシートを提出するか。空欄なら、個人情報取扱者と同じです。", "はい",
        aliases=("シートの提出", "チェックシート提出", "チェックシートの提出"),
    ),
    RosterColumn(
        "joined_on", "活動を始めた日", "2026/4/1・2026年4月1日・令和8年4月1日 など。", "2026-04-01", required=True,
        aliases=("開始日", "加入日", "入職日", "採用日", "活動開始日"), kind="date", width=14,
    ),
    RosterColumn(
        "left_on", "活動を終えた日", "最後に活動した日。続けている方は空欄。", "",
        aliases=("終了日", "退職日", "活動終了日"), kind="date", width=14,
    ),
    RosterColumn(
        "id", "管理ID（変更しないでください）", "書き出したファイルにだけ入っています。新しい方は空欄。", "",
        aliases=("管理ID",), width=38,
    ),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
LABELS = {key: "管理ID" if key == "id" else column.label for key, column in BY_KEY.items()}

_IN_PARENTHESES = re.compile(r"\([^()]*\)$")


def folded(text: str) -> str:
    """A word as it is compared: without differences of width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _as_header(text: str) -> str:
    bare = folded(text).strip("*※●○・:")
    return _IN_PARENTHESES.sub("", bare) or bare


_KEYS = {_as_header(name): column.key for column in COLUMNS for name in (column.label, *column.aliases)}


def key_of(header: str) -> str | None:
    """The column that a name in a header means; None for an unknown one."""
    return _KEYS.get(_as_header(header))


def is_header(names: Sequence[str]) -> bool:
    """Whether a row is the header: it names the person and at least two more columns."""
    known = {key_of(name) for name in names} - {None}
    return "name" in known and len(known) >= 3


# --- what a file says -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """What is wrong: in which row (as in Excel; None for the file as a whole) and column, with what, and what to do.

    `place` is the cell's name as in Excel, where one has to be looked for.
    """

    row: int | None
    column: str
    value: str
    reason: str
    place: str = ""


@dataclass(frozen=True)
class FileRow:
    """A row of the file: its number as in Excel, and the text of each column that the file has; days are YYYY-MM-DD."""

    number: int
    cells: Mapping[str, str]


def rows_in(table: ReadTable) -> tuple[list[FileRow], list[Fault]]:
    """The rows of a table, and everything that is wrong with its header and with the form of its cells."""
    keys, faults = _keys_of(table)
    refused = {(fault.row, fault.column) for fault in table.faults}
    for fault in table.faults:
        key = keys.get(fault.column)
        label = LABELS[key] if key else "（見出しなし）"
        faults.append(Fault(fault.row, label, shown(fault.shown), fault.reason, fault.place))
    rows = []
    for row in table.rows:
        cells = {}
        for at, key in keys.items():
            if (row.number, at) in refused:
                continue
            text = _text_in(row, at, key, faults, from_1904=table.counts_from_1904)
            if text is not None:
                cells[key] = text
        rows.append(FileRow(row.number, cells))
    if not rows:
        faults.append(Fault(None, "", "", "見出しの行の下に、名簿の行がありません。1行に1人ずつ入力してください。"))
    return rows, faults


def _keys_of(table: ReadTable) -> tuple[dict[int, str], list[Fault]]:
    keys: dict[int, str] = {}
    faults = []
    for at, name in enumerate(table.header):
        key = key_of(name)
        if key is None:
            if name.strip():
                reason = "この見出しの列は取り込めません。列を削除するか、見出しをひな形に合わせてください。"
                faults.append(Fault(table.header_row, shown(name.strip()), "", reason))
        elif key in keys.values():
            faults.append(Fault(table.header_row, LABELS[key], "", "同じ見出しの列が2つあります。1つにしてください。"))
        else:
            keys[at] = key
    for column in COLUMNS:
        if column.required and column.key not in keys.values():
            reason = f"「{LABELS[column.key]}」の列がありません。見出しの行に加えてください。"
            faults.append(Fault(table.header_row, LABELS[column.key], "", reason))
    return keys, faults


def _text_in(row: Row, at: int, key: str, faults: list[Fault], *, from_1904: bool) -> str | None:
    cell: Cell = row.cells[at] if at < len(row.cells) else ""
    if BY_KEY[key].kind == "date":
        if isinstance(cell, str) and not cell.strip():
            return ""
        day = day_in(cell, from_1904=from_1904)
        if day is not None:
            return day.isoformat()
        reason = "日付として読み取れません。「2026/4/1」か「令和8年4月1日」のように入力してください。"
        faults.append(Fault(row.number, LABELS[key], shown(str(cell)), reason))
        return None
    if isinstance(cell, date):
        reason = "日付に変わっています。セルの書式を「文字列」にして、入力し直してください。"
        faults.append(Fault(row.number, LABELS[key], cell.isoformat(), reason))
        return None
    return cell


# --- words in cells ---------------------------------------------------------------------------------------------

_YES = {"はい", "○", "◯", "〇", "●", "◎", "1", "あり", "有", "有り", "yes", "y", "true", "✓", "✔", "レ", "対象", "する"}
_NO = {"いいえ", "×", "✕", "✗", "☓", "x", "0", "なし", "無", "無し", "no", "n", "false", "-", "対象外", "しない"}
_KINDS = {folded(kind.label): kind for kind in WorkerKind} | {
    "常勤": WorkerKind.REGULAR,
    "正職員": WorkerKind.REGULAR,
    "非常勤": WorkerKind.PART_TIME,
    "パート": WorkerKind.PART_TIME,
    "アルバイト": WorkerKind.PART_TIME,
    "派遣": WorkerKind.DISPATCHED,
    "実習": WorkerKind.TRAINEE,
    "再委託先": WorkerKind.SUBCONTRACTOR,
}


def yes_or_no(text: str) -> bool | None:
    """What a cell answers; None when it is neither yes nor no."""
    word = folded(text)
    return True if word in _YES else False if word in _NO else None


def kind_named(text: str) -> WorkerKind | None:
    """The kind of worker that a cell names; None for an unknown word."""
    return _KINDS.get(folded(text))


_SEPARATORS = "、，,；;\n"


def names_in(text: str) -> list[str]:
    """The names in a cell that holds several; one that holds a separator itself stands in 「」, its 」 doubled."""
    names, at = [], 0
    while at < len(text):
        if text[at] == "「" and (quoted := _quoted(text, at)) is not None:
            name, at = quoted
        else:
            end = next((place for place in range(at, len(text)) if text[place] in _SEPARATORS), len(text))
            name, at = text[at:end], end + 1
        if name.strip():
            names.append(name)
    return names


def _quoted(text: str, start: int) -> tuple[str, int] | None:
    """The name in 「」 and where the next one begins; None when it does not end before a separator or the end."""
    name, at = "", start + 1
    while at < len(text):
        if text[at] != "」":
            name, at = name + text[at], at + 1
        elif text[at : at + 2] == "」」":
            name, at = name + "」", at + 2
        elif at + 1 == len(text) or text[at + 1] in _SEPARATORS:
            return name, at + 2
        else:
            return None
    return None


def joined(names: Iterable[str]) -> str:
    """Several names in one cell, so that `names_in` finds the same again."""
    return "、".join(_in_a_list(name) for name in names)


def _in_a_list(name: str) -> str:
    if name.startswith("「") or any(mark in name for mark in _SEPARATORS):
        return "「" + name.replace("」", "」」") + "」"
    return name


# --- the roster as a file ---------------------------------------------------------------------------------------


def cells_of(
    worker_id: UUID, facts: WorkerFacts, centers: Mapping[UUID, str], projects: Mapping[UUID, str]
) -> dict[str, str]:
    """What a file says of someone, by column; what comes back unchanged is no change, whatever it looks like."""
    return {
        "staff_number": facts.staff_number or "",
        "name": facts.name,
        "name_kana": facts.name_kana,
        "kind": facts.kind.label,
        "center": centers[facts.center_id],
        "other_centers": joined(sorted(centers[each] for each in facts.other_centers)),
        "projects": joined(sorted(projects[each] for each in facts.projects)),
        "is_handler": answer(facts.is_handler),
        "files_sheets": answer(facts.asks_for_sheets),
        "joined_on": facts.joined_on.isoformat(),
        "left_on": facts.left_on.isoformat() if facts.left_on else "",
        "id": str(worker_id),
    }


def answer(value: bool) -> str:
    """Yes or no, as files say it."""
    return "はい" if value else "いいえ"


def as_table(title: str, rows: Iterable[Mapping[str, str]]) -> Table:
    """A table for `documents.tables` with these rows."""
    return Table(
        title,
        [Column(column.key, column.label, column.kind, column.width) for column in COLUMNS],
        [[_typed(column, row[column.key]) for column in COLUMNS] for row in rows],
    )


def _typed(column: RosterColumn, text: str) -> str | date | None:
    if column.kind != "date":
        return text
    return date.fromisoformat(text) if text else None


def shown(text: str) -> str:
    """The beginning of a text as a list of faults shows it, with a box for each character that cannot be shown."""
    text = text[:60]
    hidden = control_characters(text, allow_lines=False)
    return "".join("□" if each in hidden else each for each in text)


def clean(text: str) -> str:
    """A cell's text without what surrounds it, as what is typed into a form."""
    return tidy(text)
