"""The list of contract clauses: its shape, its seals, and the one that we ship."""

import hashlib
import re
from pathlib import Path

import pytest

from partner_compliance.library.check import check
from partner_compliance.library.clauses import NOT_AGREED, ClauseKind
from partner_compliance.library.shelf import UnknownEdition, read_library
from tests.library.shelves import CLAUSES

ROOT = Path(__file__).parents[2]
FILE = "rules/clauses/2030.yaml"


@pytest.fixture(autouse=True)
def whole(shelf, sheet):
    shelf.put(sheet, publish=True)


def said(shelf):
    return [(str(problem.path), problem.line, problem.message) for problem in check(shelf.root)]


def publish(shelf, name="2030.yaml"):
    seal = hashlib.sha256((shelf.clauses / name).read_bytes()).hexdigest()
    with (shelf.clauses / "PUBLISHED").open("a", encoding="utf-8") as file:
        file.write(f"{seal}  {name}\n")


@pytest.mark.parametrize(
    ("text", "by", "line", "message"),
    [
        ("kind: core", "kind: corse", "        kind: corse", "core, optional"),
        ("key: copies", "key: secrecy", "      - key: secrecy\n        kind: optional", "'secrecy' が二度"),
        ("key: forbidden", "key: none", "          - {key: none", "「定めていない」のために使います"),
        ("key: forbidden", "key: with-approval", "{key: with-approval, label: 承", "'with-approval' が二度"),
        ("        source: A16\n", "", "      - key: copies", "項目名 'source' がありません"),
        ("title: 写し", "titel: 写し", "        titel", "'title' の書きまちがいでは"),
        ('edition: "2030"', 'edition: "2031"', 'edition: "2031"', "ファイル名は '2030' です"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_list_is_named_with_its_line(shelf, text, by, line, message):
    broken = CLAUSES.replace(text, by)
    (shelf.clauses / "2030.yaml").write_text(broken, encoding="utf-8")
    problems = said(shelf)
    expected = broken[: broken.index(line)].count("\n") + 1
    assert any((path, at) == (FILE, expected) and message in words for path, at, words in problems), problems


def test_a_published_list_is_frozen(shelf):
    publish(shelf)
    assert check(shelf.root) == []
    (shelf.clauses / "2030.yaml").write_text(CLAUSES.replace("守ります", "守る"), encoding="utf-8")
    assert "公開済みの版の中身が変わっています" in said(shelf)[0][2]


def test_a_shelf_without_lists_a_foreign_file_and_a_lost_edition_are_problems(shelf):
    publish(shelf)
    (shelf.clauses / "2030.yaml").unlink()
    (shelf.clauses / "notes.txt").touch()
    assert {path for path, _, _ in said(shelf)} == {
        "rules/clauses",
        "rules/clauses/PUBLISHED",
        "rules/clauses/notes.txt",
    }
    (shelf.clauses / "PUBLISHED").write_text("x\n", encoding="utf-8")
    assert any("rules/clauses フォルダーで実行した「sha256sum 2026.yaml」" in words for _, _, words in said(shelf))


def test_contracts_are_recorded_with_the_newest_published_list(shelf):
    publish(shelf)
    draft = CLAUSES.replace('edition: "2030"', 'edition: "2031"').replace('"2030-04"', '"2031-04"')
    (shelf.clauses / "2031.yaml").write_text(draft, encoding="utf-8")
    library = read_library(shelf.root)
    assert library.clauses_for("2035-01").edition == "2030"
    assert library.clauses("2031").published is False
    with pytest.raises(UnknownEdition):
        library.clauses_for("2030-03")
    with pytest.raises(UnknownEdition):
        library.clauses("1999")
    publish(shelf, "2031.yaml")
    assert read_library(shelf.root).clauses_for("2035-01").edition == "2031"


def test_two_lists_may_not_begin_in_the_same_month(shelf):
    (shelf.clauses / "2031.yaml").write_text(CLAUSES.replace('edition: "2030"', 'edition: "2031"'), encoding="utf-8")
    assert "版 '2030' と同じです" in said(shelf)[0][2]


def test_our_own_list_holds_the_core_and_the_optional_clauses_of_the_report():
    clauses = read_library(ROOT).clauses_for("2026-11").clauses
    sources = {row for clause in clauses.values() for row in re.findall(r"[ABC]\d\d", clause.source)}
    assert sources >= {f"A{number:02d}" for number in range(8, 22)} | {f"B{number:02d}" for number in range(1, 26)}
    core = {row for clause in clauses.values() if clause.kind is ClauseKind.CORE for row in clause.source.split(", ")}
    assert core >= {"A08", "A09", "A12", "A14", "A15", "A16", "A17", "A20", "A21"}
    for key, variants in {
        "re-entrustment": {"with-notice", "with-approval", "forbidden"},
        "take-out": {"with-plan-and-log", "designated-places", "forbidden"},
        "work-places": {"report", "approval"},
        "pledges": {"handed-in", "kept"},
    }.items():
        assert variants <= clauses[key].labels.keys()
    assert clauses["take-out"].said("forbidden") == "できない"
    assert clauses["take-out"].said(NOT_AGREED) == "定めていない"
    assert clauses["take-out"].said(None) == ""
