"""Every way to break the shelf is found, with file and line and a sentence for the author."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_compliance.library.check import check
from partner_compliance.library.yaml_lines import MAX_BYTES
from tests.library.shelves import SHEET, Shelf

FILE = "checklists/take-out/2030.yaml"


def said(shelf):
    return [(str(problem.path), problem.line, problem.message) for problem in check(shelf.root)]


def line_of(text, marker):
    return text[: text.index(marker)].count("\n") + 1


def test_a_whole_shelf_has_no_problems(shelf, sheet):
    shelf.put(sheet, publish=True)

    assert check(shelf.root) == []


def test_a_draft_is_no_problem(shelf, sheet):
    shelf.put(sheet)

    assert check(shelf.root) == []


BROKEN = {
    # what: (text, replaced by, the broken line begins with, the message contains)
    "misspelt key": (
        "title: 持ち出しの点検",
        "titel: 持ち出しの点検",
        "titel",
        "知らない項目名 'titel' です。使えるのは: key,",
    ),
    "its suggestion": ("title: 持ち出しの点検", "titel: 持ち出しの点検", "titel", "'title' の書きまちがいでは"),
    "misspelt key in an item": (
        "        good: 手元",
        "        goood: 手元",
        "        goood",
        "使えるのは: number, key, subject",
    ),
    "misspelt key in the switch": ("  label: 持ち", "  lable: 持ち", "  lable", "使えるのは: label, help, items"),
    "missing key": ('edition: "2030"\n', "", "key: take-out", "項目名 'edition' がありません"),
    "missing key in an item": (
        "        good: 手元にある。\n",
        "",
        '      - number: "1-2"',
        "項目名 'good' がありません",
    ),
    "missing key in a section": ("    title: 研修\n", "", "  - number: 2", "項目名 'title' がありません"),
    "number for text": ('edition: "2030"', "edition: 2030", "edition", "'edition': 文字で書いてください"),
    "list for text": ("source: 試験のための様式", "source: [試験]", "source", "文字で書いてください"),
    "nothing for text": ("source: 試験のための様式", "source:", "source", "文字で書いてください"),
    "text for a number": ("  - number: 2", '  - number: "2"', '  - number: "2"', "整数で書いてください"),
    "true for a number": ("  - number: 2", "  - number: true", "  - number: true", "整数で書いてください"),
    "text for a list": ('items: ["1-2"]', 'items: "1-2"', '  items: "1-2"', "「- 」で始まる行"),
    "empty list": ('items: ["1-2"]', "items: []", "  items: []", "一つ以上"),
    "text for a mapping": ("readings:\n  点検: てんけん", "readings: 点検", "readings", "「名前: 値」の行"),
    "unknown audience": ("center_head", "centre_head", "    audience: centre", "everyone, center_head"),
    "unknown polarity": ("negative_in_original", "negative", "        polarity: negative", "negative_in_original"),
    "unknown answer": ("[not_ok]", "[bad]", "        note_required_for", "ok, not_ok, not_applicable, unsure"),
    "key twice": (
        "default_rule: 保護規程",
        "title: 二つ目",
        "title: 二つ目",
        "'title' が二度書かれています（最初は 3 行目）",
    ),
    "key twice in an item": (
        "        good: 手元にある。",
        "        key: bag",
        "        key: bag\n        guid",
        "二度書かれて",
    ),
    "item number twice": ('number: "1-3"', 'number: "1-2"', '      - number: "1-2"\n        key: desk', "'1-2' が二度"),
    "item key twice": ("key: desk", "key: bag", "        key: bag\n        subject: 机", "キー 'bag' が二度"),
    "gap in the items": ('number: "1-3"', 'number: "1-4"', '      - number: "1-4"', "1-3 のはずが 1-4"),
    "item of another section": ('number: "2-1"', 'number: "3-1"', '      - number: "3-1"', "2-1 のはずが 3-1"),
    "gap in the sections": ("  - number: 2", "  - number: 3", "  - number: 3", "2 のはずが 3"),
    "malformed item number": ('number: "1-3"', 'number: "1_3"', '      - number: "1_3"', '"1-2" の形'),
    "malformed item key": ("key: desk", "key: Desk_1", "        key: Desk", "半角の英小文字"),
    "malformed month": ('"2030-04"', '"2030-13"', "valid_from_month", '"2026-04" の形'),
    "switch for no item": ('["1-2"]', '["1-2", "1-9"]', "  items:", "'1-9' の項目がありません"),
    "switch twice": ('["1-2"]', '["1-2", "1-2"]', "  items:", "'1-2' が二度"),
    "nobody but heads": ("audience: everyone", "audience: center_head", "sections:", "全員が答える章"),
    "unknown placeholder": ("{rule}", "{kitei}", '        text: "{org', "差し込み '{kitei}' は使えません"),
    "attribute in a placeholder": ("{rule}", "{rule.x}", '        text: "{org', "{rule.x}"),
    "placeholder elsewhere": ("title: 研修", 'title: "{rule}"', '    title: "{rule}"', "text と paper_text の中だけ"),
    "lone brace": ("書類を持ち出し", "書類}を持ち出し", "        text: 書類}", "差し込み '}' は使えません"),
    "empty text": ("good: 手元にある。", 'good: ""', '        good: ""', "空のまま"),
    "blank text": ("good: 手元にある。", 'good: "　"', '        good: "　"', "空のまま"),
    "stray blanks": ("good: 手元にある。", 'good: "手元 "', '        good: "手元', "余分な空白"),
    "two lines": ("good: 手元にある。", 'good: "手\\n元"', '        good: "手', "一行の文"),
    "control character": ("good: 手元にある。", 'good: "手\\a元"', '        good: "手', "目に見えない文字"),
    "turning character": ("good: 手元にある。", 'good: "手\\u202e元"', '        good: "手', "目に見えない文字"),
    "raw control character": ("good: 手元", "good: 手\x07元", "        good: 手\x07", "制御文字"),
    "too long for paper": ("声をかけました。", "声" * 61, "        text: 声", "61 文字あり、紙の点検表に入りません"),
    "reading without use": ("点検: てんけん", "点眼: てんがん", "  点眼", "どこにも出てきません"),
    "reading without kanji": ("点検: てんけん", "かばん: かばん", "  かばん", "漢字がありません"),
    "reading in katakana": ("点検: てんけん", "点検: テンケン", "  点検", "ひらがな"),
    "other folder": ("key: take-out", "key: take-in", "key", "フォルダー名は 'take-out'"),
    "other edition": ('edition: "2030"', 'edition: "2031"', "edition", "ファイル名は '2030'"),
    "malformed edition": ('edition: "2030"', 'edition: "x"', "edition", '"2026" の形'),
    "tab": ("  label: 持ち", "\tlabel: 持ち", "\tlabel", "タブは使えません"),
    "colon in a sentence": ("good: 手元にある。", "good: 例: 手元", "        good: 例", "引用符で囲みます"),
    "quote left open": ("title: 研修", "title: '研修", "    title: '研修", "引用符が閉じていません"),
    "crooked indent": ("  help: 該当", " help: 該当", " help", "YAML として読めません"),
    "alias": ("label: 持ち出しなし", "label: &x 持ち出しなし", "  label", "「&」や「*」"),
    "tag": ("label: 持ち出しなし", "label: !!python/name:os.system x", "  label", "「!」で始まる"),
    "two documents": ("sections:\n", "---\nsections:\n", "---", "二つの文書"),
    "deep nesting": ("label: 持ち出しなし", "label: " + "[" * 30 + "]" * 30, "  label", "入れ子"),
}


@pytest.mark.parametrize(("before", "after", "marker", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_sheet_is_found_with_its_line(shelf, sheet, before, after, marker, message):
    assert before in sheet
    broken = sheet.replace(before, after)
    shelf.put(broken)

    problems = said(shelf)

    line = broken[: ("\n" + broken).index("\n" + marker)].count("\n") + 1
    assert [(FILE, line)] == [(file, at) for file, at, words in problems if message in words][:1], problems
    assert {file for file, _, _ in problems} == {FILE}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "ファイルが空です"),
        (b"# nothing\n", 1, "ファイルが空です"),
        (b"just text\n", 1, "「名前: 値」の行"),
        (b"- a\n- b\n", 1, "「名前: 値」の行"),
        (b"key: take-out\ntitle: \x8e\x9d\x82\xbf\n", 2, "UTF-8 ではありません"),
        (b"#" * (MAX_BYTES + 1), 1, "大きすぎます"),
        (b"[" * 20_000, 1, "入れ子"),
        (b'"\\U00110000"', 1, "YAML として読めません"),
    ],
)
def test_what_is_no_sheet_at_all_is_one_problem(shelf, content, line, message):
    shelf.put(content)

    [(file, at, words)] = said(shelf)

    assert (file, at) == (FILE, line)
    assert message in words


def test_windows_byte_order_mark_and_line_ends_do_no_harm(shelf, sheet):
    shelf.put(b"\xef\xbb\xbf" + sheet.replace("\n", "\r\n").encode())

    assert check(shelf.root) == []


def test_everything_wrong_is_said_at_once_and_in_order(shelf, sheet):
    shelf.put(
        sheet.replace("title: 持ち出しの点検", "titel: 持ち出しの点検")
        .replace("key: desk", "key: bag")
        .replace('["1-2"]', '["7-7"]')
        .replace("audience: center_head", "audience: boss")
    )
    shelf.put("other", "stray.txt")

    problems = said(shelf)

    assert problems == sorted(problems)
    assert len(problems) == 6
    words = " ".join(message for _, _, message in problems)
    for part in (
        "'title' がありません",
        "知らない項目名 'titel'",
        "'7-7'",
        "'bag' が二度",
        "center_head",
        "ここに置けるのは",
    ):
        assert part in words


def test_a_changed_published_edition_is_found(shelf, sheet):
    shelf.put(sheet, publish=True)
    shelf.put(sheet.replace("声をかけました。", "声を掛けました。"))

    [(file, line, message)] = said(shelf)

    assert (file, line) == (FILE, 1)
    assert "公開済みの版の中身が変わっています（PUBLISHED の 1 行目" in message


def test_a_missing_published_edition_is_found(shelf, sheet):
    shelf.put(sheet, publish=True)
    shelf.put(sheet.replace("2030", "2031"), "take-out/2031.yaml", publish=True)
    (shelf.folder / "take-out/2031.yaml").unlink()

    assert said(shelf) == [("checklists/PUBLISHED", 2, "公開済みの版 'take-out/2031.yaml' のファイルがありません。")]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# 一覧",
        "x" * 64 + "  take-out/2030.yaml",
        "0" * 64 + "  ../2030.yaml",
        "0" * 64,
        "0" * 64 + "  take-out/2030.yaml\r",
    ],
)
def test_a_malformed_line_in_published_is_found(shelf, sheet, line):
    shelf.put(sheet, publish=True)
    with (shelf.folder / "PUBLISHED").open("a", newline="") as file:
        file.write(line + "\n")

    [(file, at, message)] = said(shelf)

    assert (file, at) == ("checklists/PUBLISHED", 2)
    assert "行の形が正しくありません" in message


def test_an_edition_published_twice_is_found(shelf, sheet):
    shelf.put(sheet, publish=True)
    shelf.put(sheet, publish=True)

    assert said(shelf) == [("checklists/PUBLISHED", 2, "'take-out/2030.yaml' が二度書かれています。")]


def test_two_editions_cannot_begin_in_the_same_month(shelf, sheet):
    later = sheet.replace('edition: "2030"', 'edition: "2031"')
    shelf.put(sheet)
    shelf.put(later, "take-out/2031.yaml")

    [(file, line, message)] = said(shelf)

    assert (file, line) == ("checklists/take-out/2031.yaml", line_of(later, "valid_from_month"))
    assert "版 '2030' と同じです" in message


def test_what_does_not_belong_on_the_shelf_is_found(shelf, sheet):
    shelf.put(sheet)
    shelf.put("x", "notes.txt")
    shelf.put("x", "take-out/2031.yml")
    shelf.put("x", "take-out/.2031.yaml.swp")  # an editor's; hidden files are let be
    (shelf.folder / "take-out/2032.yaml").mkdir()
    (shelf.folder / "empty").mkdir()
    (shelf.folder / "link").symlink_to(shelf.folder / "take-out")

    assert [(file, line) for file, line, _ in said(shelf)] == [
        ("checklists/empty", 1),
        ("checklists/link", 1),
        ("checklists/notes.txt", 1),
        ("checklists/take-out/2031.yml", 1),
        ("checklists/take-out/2032.yaml", 1),
    ]


def test_a_file_name_in_a_foreign_encoding_can_be_shown(shelf, sheet):
    shelf.put(sheet)
    try:
        (shelf.folder / os.fsdecode(b"\x8e\x9d.txt")).touch()
    except OSError:
        pytest.skip("this file system keeps only UTF-8 names")

    [problem] = check(shelf.root)

    assert str(problem).encode()


def test_a_missing_shelf_is_a_problem(tmp_path):
    assert [str(problem) for problem in check(tmp_path)] == [
        "checklists:1: フォルダー checklists がありません。",
        "courses:1: フォルダー courses がありません。",
        "pledges:1: フォルダー pledges がありません。",
        "readiness:1: フォルダー readiness がありません。",
        "requirements:1: フォルダー requirements がありません。",
        "rules:1: フォルダー rules がありません。",
    ]


def test_a_missing_list_of_published_editions_is_a_problem(shelf, sheet):
    shelf.put(sheet)
    (shelf.folder / "PUBLISHED").unlink()

    assert said(shelf) == [("checklists/PUBLISHED", 1, "公開済みの版の一覧 PUBLISHED がありません。")]


def test_no_file_on_the_shelf_is_changed_by_looking(shelf, sheet):
    shelf.put(sheet, publish=True)
    before = {path: path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()}

    check(shelf.root)

    assert {path: path.read_bytes() for path in shelf.folder.rglob("*") if path.is_file()} == before


# --- whatever an author types, the check answers ---------------------------------------------------------------------

TYPED = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="{}[]&*!|>'\"%@`,:-?# \n\t\\0189~<xuU", max_size=8),
    st.sampled_from(
        ["null", "true", "1", "1.5", "[]", "{}", "[1, [2]]", "{a: {b: 1}}", '"\\ud800"', "[key]", "1-1", "9" * 20]
    ),
)


@st.composite
def mutated(draw, sheet):
    """The sheet with the name or the value on one of its lines replaced by something else."""
    lines = sheet.splitlines()
    at = draw(st.integers(0, len(lines) - 1))
    lead = lines[at][: len(lines[at]) - len(lines[at].lstrip(" -"))]
    name, colon, value = lines[at][len(lead) :].partition(":")
    if draw(st.booleans()):
        name = draw(TYPED)
    else:
        value = " " + draw(TYPED)
    lines[at] = lead + name + colon + value
    return "\n".join(lines) + "\n"


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_no_mutation_of_one_name_or_value_stops_the_check(data):
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.put(data.draw(mutated(SHEET)).encode("utf-8", "surrogatepass"))

        for problem in check(shelf.root):
            assert problem.line >= 1
            assert str(problem).encode()


@given(content=st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_no_bytes_stop_the_check(content):
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.put(content)

        assert check(shelf.root) != []
