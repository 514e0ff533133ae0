"""What a file would change, compared in memory: whom a row means, what it says, and all that is wrong with it."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_compliance.documents.spreadsheets import read_table
from partner_compliance.documents.tables import to_csv, to_xlsx
from partner_compliance.imports.columns import (
    COLUMNS,
    Fault,
    as_table,
    cells_of,
    is_header,
    joined,
    key_of,
    kind_named,
    names_in,
    rows_in,
    yes_or_no,
)
from partner_compliance.imports.planning import Place, Plan, State, plan
from partner_compliance.organizations.models import Worker, WorkerKind
from partner_compliance.roster.bulk import RosterRow
from partner_compliance.roster.operations import WorkerFacts
from tests.imports.conftest import a_csv, row

TODAY = date(2026, 11, 16)
HEAD, ROOM = uuid4(), uuid4()
CENTERS = {HEAD: Place("本部"), ROOM: Place("分室")}


def on_roster(name: str = "山田 花子", *, user_id: UUID | None = None, **facts) -> RosterRow:
    made = WorkerFacts(
        name=name, kind=WorkerKind.REGULAR, center_id=HEAD,
        **{"name_kana": "ヤマダ ハナコ", "joined_on": date(2026, 4, 1), **facts},
    ).settled()  # fmt: skip
    return RosterRow(Worker(id=uuid4(), user_id=user_id), made, 1)


def compared(content: bytes, *known: RosterRow, state: State | None = None, **options) -> Plan:
    table = read_table(content, is_header=is_header, most_rows=5000)
    rows, faults = rows_in(table)
    state = state or State(known, CENTERS, {})
    return plan(rows, state, faults=faults, **{"leave_on": None, "uploader_id": None, "today": TODAY, **options})


def said(found: Plan) -> list[tuple[int | None, str]]:
    return [(fault.row, fault.column) for fault in found.faults]


# --- headers and words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("氏　名", "name"), (" 氏名 ", "name"), ("ﾌﾘｶﾞﾅ", "name_kana"), ("ふりがな", "name_kana"),
        ("※職員番号", "staff_number"),
        ("個人情報取扱者（はい／いいえ）", "is_handler"), ("管理ID（変更しないでください）", "id"), ("管理ＩＤ", "id"),
        ("活動を始めた日", "joined_on"), ("備考", None), ("", None), ("(あ)", None),
    ],
)  # fmt: skip
def test_headers_in_whatever_width_and_with_remarks(name: str, key: str | None) -> None:
    assert key_of(name) == key


def test_words_in_cells() -> None:
    assert [yes_or_no(word) for word in ("はい", "○", "◯", "１", "あり", "TRUE", "✓")] == [True] * 7
    assert [yes_or_no(word) for word in ("いいえ", "×", "0", "なし", "無", "FALSE", "Ｎｏ")] == [False] * 7
    assert yes_or_no("たぶん") is None
    assert kind_named(" 非常勤 職員") is WorkerKind.PART_TIME
    assert kind_named("ﾎﾞﾗﾝﾃｨｱ") is WorkerKind.VOLUNTEER
    assert kind_named("社長") is None


@given(st.lists(st.text(min_size=1).filter(str.strip), max_size=4))
def test_several_names_in_a_cell_are_found_again(names: list[str]) -> None:
    assert names_in(joined(names)) == names


def test_names_as_people_write_them() -> None:
    assert names_in("分室、第二教室,「みらい」教室；「A、B」") == ["分室", "第二教室", "「みらい」教室", "A、B"]


def test_every_column_is_its_own_header() -> None:
    assert [key_of(column.label) for column in COLUMNS] == [column.key for column in COLUMNS]


# --- whom a row means -------------------------------------------------------------------------------------------


def test_someone_is_known_by_id_then_by_number_then_by_name_and_reading() -> None:
    by_id, by_number, by_name = (
        on_roster("甲", name_kana="コウ"), on_roster("乙", staff_number="007", name_kana="オツ"),
        on_roster("丙", name_kana="ヘイ"),
    )  # fmt: skip
    found = compared(
        a_csv(
            row("甲改", name_kana="コウ", id=str(by_id.worker.id).upper()),
            row("乙改", name_kana="オツ", staff_number="007"),
            row("丙", name_kana="ﾍｲ", kind="役員"),
            row("丁", name_kana="テイ"),
        ),
        by_id, by_number, by_name,
    )  # fmt: skip
    assert [(change.row, change.number) for change in found.changed] == [(by_id, 2), (by_number, 3), (by_name, 4)]
    assert [each.facts.name for each in found.added] == ["丁"]
    assert ("氏名", "甲", "甲改") in found.changed[0].differences
    assert ("区分", "常勤職員", "役員") in found.changed[2].differences


def test_two_of_one_name_are_never_guessed() -> None:
    twice = on_roster(), on_roster()
    assert said(compared(a_csv(row()), *twice)) == [(2, "氏名")]
    by_number = compared(a_csv(row(staff_number="002")), on_roster(staff_number="001"))
    assert said(by_number) == [(2, "職員番号")]
    assert "001" in by_number.faults[0].reason
    both = compared(a_csv(row(staff_number="001"), row(staff_number="002")), on_roster(staff_number="001"))
    assert [len(both.unchanged), len(both.added), both.faults] == [1, 1, ()]


def test_someone_who_left_comes_back_as_someone_new_and_it_is_said() -> None:
    found = compared(a_csv(row()), on_roster(left_on=date(2026, 5, 1)))
    assert len(found.added) == 1
    assert any("以前に活動を終えて" in notice for notice in found.notices)


def test_twice_in_the_file() -> None:
    found = compared(a_csv(row(), row(), row("甲", staff_number="1"), row("乙", staff_number="1")))
    assert said(found) == [(3, "氏名"), (5, "職員番号")]
    assert "2行目" in found.faults[0].reason
    known = on_roster(staff_number="1")
    found = compared(a_csv(row(id=str(known.worker.id)), row("別", staff_number="1")), known)
    assert said(found) == [(3, "氏名")]


@pytest.mark.parametrize("bad", ["x", "16c36394-af1a-4fdf-ae06-6c3b64033448", "'; DROP TABLE worker"])
def test_an_id_of_nobody_here_is_refused(bad: str) -> None:
    assert said(compared(a_csv(row(id=bad)))) == [(2, "管理ID")]


# --- what a row says --------------------------------------------------------------------------------------------


def test_new_rows_are_taken_exactly() -> None:
    found = compared(
        a_csv(
            row(
                "髙﨑 𠮷子", name_kana="たかさき よしこ", staff_number="0012", kind="ボランティア",
                other_centers="分室",
                projects="見守り、学習支援", is_handler="×", files_sheets="○", joined_on="R8.4.1", left_on="2027/3/31",
            )
        ),
        state=State([], CENTERS, {UUID(int=5): Place("見守り")}),
    )  # fmt: skip
    assert found.faults == ()
    addition = found.added[0]
    assert addition.facts == WorkerFacts(
        name="髙﨑 𠮷子", name_kana="たかさき よしこ", staff_number="0012", kind=WorkerKind.VOLUNTEER, center_id=HEAD,
        other_centers=frozenset([ROOM]), projects=frozenset([UUID(int=5)]), is_handler=False, files_sheets=True,
        joined_on=date(2026, 4, 1), left_on=date(2027, 3, 31),
    )  # fmt: skip
    assert addition.new_projects == found.new_projects == ("学習支援",)


def test_an_empty_cell_for_sheets_means_as_the_handlers() -> None:
    found = compared(a_csv(row("甲", is_handler="いいえ"), row("乙", is_handler="はい")))
    assert [each.facts.files_sheets for each in found.added] == [False, True]


def test_columns_that_the_file_lacks_stay_as_they_are() -> None:
    known = on_roster(staff_number="007", projects=frozenset([UUID(int=5)]), left_on=None, files_sheets=False)
    content = a_csv(
        row(kind="役員"), columns=("name", "name_kana", "kind", "center", "is_handler", "joined_on"), encoding="cp932"
    )
    found = compared(content, state=State([known], CENTERS, {UUID(int=5): Place("見守り")}))
    assert [change.facts for change in found.changed] == [replace(known.facts, kind=WorkerKind.OFFICER)]
    emptied = compared(
        a_csv(row(id=str(known.worker.id))), state=State([known], CENTERS, {UUID(int=5): Place("見守り")})
    )
    assert emptied.changed[0].facts.staff_number is None
    assert emptied.changed[0].facts.projects == frozenset()


def test_everything_that_is_wrong_is_said_at_once_with_row_and_column() -> None:
    """A02: 200 rows, five of them broken, one of those twice."""
    rows = [row(f"従事 者{number}", staff_number=f"{number:04d}") for number in range(200)]
    rows[10] |= {"name": "", "kind": "社長"}
    rows[20] |= {"joined_on": "2026/2/30"}
    rows[30] |= {"staff_number": "0005"}
    rows[40] |= {"center": "どこか"}
    rows[50] |= {"left_on": "2026-03-01"}
    found = compared(a_csv(*rows))
    assert said(found) == [
        (12, "区分"), (12, "氏名"), (22, "活動を始めた日"), (32, "職員番号"), (42, "主な拠点"), (52, "活動を終えた日"),
    ]  # fmt: skip
    assert [fault.value for fault in found.faults] == ["社長", "", "2026/2/30", "0005", "どこか", "2026-03-01"]
    assert (found.added, found.changed) == ((), ())
    reasons = " ".join(fault.reason for fault in found.faults)
    assert all(
        word in reasons
        for word in ("ボランティア", "入力してください", "令和8年4月1日", "7行目", "本部", "始めた日以降")
    )


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"name": "名" * 101}, "氏名"), ({"name": "a\u202eb"}, "氏名"), ({"name": "   "}, "氏名"),
        ({"name_kana": ""}, "フリガナ"), ({"name_kana": "山田"}, "フリガナ"), ({"staff_number": "1" * 31}, "職員番号"),
        ({"kind": ""}, "区分"), ({"center": ""}, "主な拠点"), ({"other_centers": "分室、どこか"}, "そのほかの拠点"),
        ({"projects": "事" * 201}, "事業"), ({"is_handler": ""}, "個人情報取扱者"),
        ({"is_handler": "たぶん"}, "個人情報取扱者"), ({"files_sheets": "?"}, "シート提出"),
        ({"joined_on": ""}, "活動を始めた日"), ({"joined_on": "1899-01-01"}, "活動を始めた日"),
        ({"left_on": "近日"}, "活動を終えた日"), ({"joined_on": "9" * 400}, "活動を始めた日"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_stand_is_named(changed: dict[str, str], column: str) -> None:
    found = compared(a_csv(row(**changed)))
    assert said(found) == [(2, column)]
    assert len(found.faults[0].value) <= 60
    assert "\u202e" not in found.faults[0].value


def test_headers_that_are_unknown_missing_or_twice() -> None:
    content = "氏名,フリガナ,備考,区分,区分,活動を始めた日\r\n甲,コウ,x,役員,役員,2026-04-01\r\n".encode()
    found = compared(content)
    assert set(said(found)) == {(1, "備考"), (1, "区分"), (1, "主な拠点"), (1, "個人情報取扱者")}
    assert compared(a_csv()).faults == (
        Fault(None, "", "", "見出しの行の下に、名簿の行がありません。1行に1人ずつ入力してください。"),
    )


def test_a_closed_center_and_an_ended_project_take_nobody_new() -> None:
    closed = {HEAD: Place("本部"), ROOM: Place("分室", date(2026, 3, 31))}
    ended = {UUID(int=5): Place("見守り", date(2026, 3, 31))}
    known = replace(on_roster("甲"), facts=replace(on_roster("甲").facts, center_id=ROOM, projects=frozenset(ended)))
    state = State([known], closed, ended)
    assert said(compared(a_csv(row("乙", center="分室", projects="見守り")), state=state)) == [
        (2, "主な拠点"),
        (2, "事業"),
    ]
    kept = compared(a_csv(row("甲", center="分室", projects="見守り", id=str(known.worker.id))), state=state)
    assert (len(kept.unchanged), kept.faults) == (1, ())


def test_two_centers_of_one_name_are_told_apart_only_for_those_who_are_there() -> None:
    centers = {HEAD: Place("本部"), ROOM: Place("本部")}
    known = on_roster()
    state = State([known], centers, {})
    assert len(compared(a_csv(row()), state=state).unchanged) == 1
    assert said(compared(a_csv(row("新人")), state=state)) == [(2, "主な拠点")]


def test_a_number_without_its_zeros_is_asked_about() -> None:
    found = compared(a_csv(row(staff_number="12", id="")), on_roster(staff_number=None, name="別"))
    assert found.notices == ()
    known = on_roster(staff_number="0012")
    found = compared(a_csv(row(staff_number="12", id=str(known.worker.id))), known)
    assert "先頭の0" in found.notices[0]


def test_numbers_may_change_hands() -> None:
    first, second = on_roster("甲", staff_number="1"), on_roster("乙", staff_number="2", name_kana="オツ")
    found = compared(
        a_csv(
            row("甲", staff_number="2", id=str(first.worker.id)),
            row("乙", staff_number="1", name_kana="オツ", id=str(second.worker.id)),
        ),
        first, second,
    )  # fmt: skip
    assert (len(found.changed), found.faults) == (2, ())
    taken = compared(a_csv(row("甲", staff_number="2", id=str(first.worker.id))), first, second)
    assert said(taken) == [(2, "職員番号")]
    assert "乙さん" in taken.faults[0].reason


# --- leaving ----------------------------------------------------------------------------------------------------

LAST_DAY = date(2026, 10, 31)


def test_those_who_are_not_in_the_file_stay_unless_it_is_said_otherwise() -> None:
    here, gone, long_gone = on_roster("甲"), on_roster("乙"), on_roster("丙", left_on=date(2026, 5, 1))
    content = a_csv(row("甲"))
    assert compared(content, here, gone, long_gone).changes_nothing
    found = compared(content, here, gone, long_gone, leave_on=LAST_DAY)
    assert [(change.row, change.number, change.facts.left_on) for change in found.ended] == [(gone, None, LAST_DAY)]
    late = on_roster("丁", joined_on=date(2026, 11, 1))
    found = compared(content, here, late, leave_on=LAST_DAY)
    assert said(found) == [(None, "活動を終えた日")]
    assert "丁さん" in found.faults[0].reason


@pytest.mark.parametrize("by_row", [True, False])
def test_the_last_protection_officer_cannot_leave_by_a_file(by_row: bool) -> None:
    officer, deputy = on_roster("西", user_id=uuid4()), on_roster("東", user_id=uuid4())
    content = a_csv(row("西", left_on="2026-10-31") if by_row else row("だれか"), row("東"))
    options = {"leave_on": None if by_row else LAST_DAY}
    state = State([officer, deputy], CENTERS, {}, officers=frozenset([officer.worker.id]))
    found = compared(content, state=state, **options)
    assert said(found) == [(2 if by_row else None, "活動を終えた日")]
    assert "先に、後任の方（たとえば、東さん）を個人情報責任者に任命して" in found.faults[0].reason
    two = replace(state, officers=frozenset([officer.worker.id, deputy.worker.id]))
    assert [change.row for change in compared(content, state=two, **options).ended] == [officer]
    both = a_csv(row("西", left_on="2026-10-31"), row("東", left_on="2026-10-31"))
    assert [fault.column for fault in compared(both, state=two).faults] == ["活動を終えた日"] * 2


def test_the_uploader_cannot_leave_by_the_own_file() -> None:
    me = on_roster("西", user_id=uuid4())
    found = compared(a_csv(row("西", left_on="2026-10-31")), me, uploader_id=me.worker.user_id)
    assert said(found) == [(2, "活動を終えた日")]
    assert "ご自身" in found.faults[0].reason


# --- there and back ---------------------------------------------------------------------------------------------

_CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\x85")
_NASTY = st.sampled_from([
    "=1+1", "+81", "-1", "@x", "'=1", "''+", "＝１", "＋", "－", "＠", '"', "a,b", "a;b", "「A、B」", "「", "」",
    "髙﨑𠮷", "葛\U000e0100城",
    "か\u3099", "①㈱～〜", "0012", "1e5", "TRUE", "2026-04-01", "46113", "　", " x ", "<r>x</r>", "_x0041_",
    "\ufeff", "いいえ", "1/2",
])  # fmt: skip
_TEXTS = st.one_of(_NASTY, st.text(_CHARACTERS, min_size=1, max_size=12)).filter(str.strip)
_DAYS = st.dates(date(1926, 1, 1), date(2100, 12, 31))


@st.composite
def rosters(draw: st.DrawFn) -> State:
    """Any roster that could ever have been written, with names that nobody has."""
    centers = {uuid4(): Place(name) for name in draw(st.lists(_TEXTS, min_size=1, max_size=3))}
    projects = {uuid4(): Place(name) for name in draw(st.lists(_TEXTS, max_size=3, unique=True))}
    rows = []
    for number in draw(st.lists(st.one_of(st.none(), _TEXTS), max_size=4, unique_by=lambda each: each or object())):
        facts = WorkerFacts(
            name=draw(_TEXTS), name_kana=draw(st.one_of(st.just(""), _TEXTS)), staff_number=number,
            kind=draw(st.sampled_from(WorkerKind)), center_id=draw(st.sampled_from(sorted(centers))),
            is_handler=draw(st.booleans()), files_sheets=draw(st.booleans()), joined_on=draw(_DAYS),
            left_on=draw(st.one_of(st.none(), _DAYS)),
            other_centers=frozenset(draw(st.lists(st.sampled_from(sorted(centers)), max_size=2))),
            projects=frozenset(draw(st.lists(st.sampled_from(sorted(projects) or [None]), max_size=2))) - {None},
        ).settled()  # fmt: skip
        rows.append(RosterRow(Worker(id=uuid4()), facts, 1))
    return State(rows, centers, projects)


@pytest.mark.parametrize("write", [to_csv, to_xlsx])
@given(state=rosters())
@settings(max_examples=60, deadline=None)
def test_a_roster_that_is_given_out_and_taken_in_again_is_unchanged(write, state: State) -> None:
    """A09: whatever the names look like."""
    centers, projects = state.names()
    content = write(as_table("名簿", [cells_of(each.worker.id, each.facts, centers, projects) for each in state.rows]))
    if not state.rows:
        return
    found = compared(content, state=state)
    assert found.faults == ()
    assert found.changes_nothing
    assert sorted(each.worker.id for each in found.unchanged) == sorted(each.worker.id for each in state.rows)
