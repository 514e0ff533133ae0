"""YAML as our content uses it: no surprises in the values, a line for everything."""

import pytest

from partner_compliance.library.yaml_lines import load, quoted


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("2030-04-01", "2030-04-01"),
        ("1:30", "1:30"),
        ("0x1F", "0x1F"),
        ("1-1", "1-1"),
        ("'7'", "7"),
        ("7", 7),
        ("-7", -7),
        ("7.5", 7.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("[a, 1]", ["a", 1]),
        (">-\n  一行目\n  二行目", "一行目 二行目"),
    ],
)
def test_a_value_is_what_it_looks_like(written, value):
    document = load(f"a: {written}\n".encode())

    assert document.flaws == ()
    assert document.value == {"a": value}


def test_a_name_is_text_whatever_it_looks_like():
    assert load(b"1: x\ntrue: y\n~: z\n").value == {"1": "x", "true": "y", "~": "z"}


def test_everything_has_its_line():
    document = load("# 注\na: 1\nb:\n  - c: 2\n    d: >-\n      長い\n      文\n  - e\n".encode())

    assert document.lines == {
        (): 2,
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 0, "c"): 4,
        ("b", 0, "d"): 5,
        ("b", 1): 8,
    }


@pytest.mark.parametrize(
    ("where", "line"), [(("b", 0, "c"), 3), (("b", 0, "missing"), 3), (("b", 9, "c"), 2), (("z",), 1), ((), 1)]
)
def test_what_is_missing_has_the_line_of_what_is_around_it(where, line):
    assert load(b"a: 1\nb:\n  - c: 2\n").line_of(where) == line


def test_the_first_of_two_equal_names_counts():
    document = load(b"a: 1\nb: 2\na: 3\n")

    assert document.value == {"a": 1, "b": 2}
    [flaw] = document.flaws
    assert flaw.line == 3


def test_many_aliases_do_not_unfold():
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))

    document = load(bomb.encode())

    assert document.value is None
    assert document.flaws[0].line == 1


@pytest.mark.parametrize("tag", ["!x y", "!!binary aGVq", "!!python/object:os.system {}", "!!set {a}", "!!int abc"])
def test_tags_are_refused(tag):
    document = load(f"a: 1\nb: {tag}\n".encode())

    assert document.value == {"a": 1, "b": None}
    [flaw] = document.flaws
    assert flaw.line == 2


@pytest.mark.parametrize(("text", "shown"), [("titel", "'titel'"), ("題", "'題'"), ("a\nb\x07", r"'a\nb\x07'")])
def test_foreign_text_in_a_message_is_quoted(text, shown):
    assert quoted(text) == shown


def test_foreign_text_in_a_message_is_short():
    assert quoted("あ" * 1000) == "'" + "あ" * 39 + "…'"
