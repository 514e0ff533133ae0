"""YAML as our content uses it: text, whole numbers, decimals, true/false, lists and mappings, each with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

Where = tuple[str | int, ...]
"""The way from the top of a file to one value: names of keys and positions in lists."""

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, order=True)
class Flaw:
    """What is wrong in one line of a file, in words for its author."""

    line: int
    message: str


@dataclass(frozen=True)
class Document:
    """What a YAML file says, and where it says it."""

    value: object
    flaws: tuple[Flaw, ...]
    lines: dict[Where, int] = field(repr=False)

    def line_of(self, where: Where) -> int:
        """The line of the value at `where` or, if the file has no such value, of the nearest one around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def load(content: bytes) -> Document:
    """Read the bytes of a YAML file; whatever is wrong with them comes back as flaws, nothing is raised."""
    if len(content) > MAX_BYTES:
        return _unreadable(1, f"ファイルが大きすぎます（{MAX_BYTES // 1024} KiB まで）。")
    try:
        text = content.decode("utf-8-sig")  # Windows editors like to put a byte order mark in front
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unreadable(line, "文字コードが UTF-8 ではありません。UTF-8 で保存し直してください。")

    try:
        top = _compose(text)
    except yaml.MarkedYAMLError as error:
        # A quote left open is noticed at the end of the file, but mended where it was opened.
        opened = error.context == "while scanning a quoted scalar"
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        return _unreadable(mark.line + 1 if mark else 1, _why(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return _unreadable(line, "目に見えない制御文字が入っています。消してください。")
    except (ValueError, IndexError, RecursionError):  # PyYAML lets these out on badly damaged text
        return _unreadable(1, "YAML として読めません。")
    if top is None:
        return _unreadable(1, "ファイルが空です。")

    lines: dict[Where, int] = {(): top.start_mark.line + 1}
    flaws: list[Flaw] = []
    value = _value(top, (), lines, flaws)
    return Document(value, tuple(sorted(flaws)), lines)


class _Refused(yaml.MarkedYAMLError):
    """Well-formed YAML that our content may not use; its `problem` is already a sentence for the author."""


class _Loader(yaml.SafeLoader):
    """Composes nodes only; knows fewer kinds of plain value than YAML 1.1, so that `no` and 2026-04-01 stay text."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        # An alias can make a small file expand without end, and a reader cannot see what it stands for.
        if event.anchor is not None:
            raise _Refused(problem="「&」や「*」で始まる書き方（参照）は使えません。", problem_mark=event.start_mark)
        if self.depth == MAX_DEPTH:
            raise _Refused(problem="入れ子が深すぎます。", problem_mark=event.start_mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


_Loader.yaml_implicit_resolvers = {}
for _kind, _form, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"[-+]?[0-9]{1,15}", "-+0123456789"),
    ("float", r"[-+]?[0-9]{1,15}\.[0-9]{1,15}", "-+0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_form})\Z"), list(_first))


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _value(node: yaml.Node, where: Where, lines: dict[Where, int], flaws: list[Flaw]) -> object:
    """Turn a node into plain Python, noting each line and everything that may not be there."""
    if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
        entries: dict[str, object] = {}
        for name, line, child in _entries(node, flaws):
            if name in entries:
                first = lines[*where, name]
                flaws.append(Flaw(line, f"同じ項目名 {quoted(name)} が二度書かれています（最初は {first} 行目）。"))
                continue
            lines[*where, name] = line
            entries[name] = _value(child, (*where, name), lines, flaws)
        return entries
    if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
        members: list[object] = []
        for position, child in enumerate(node.value):
            lines[*where, position] = child.start_mark.line + 1
            members.append(_value(child, (*where, position), lines, flaws))
        return members
    if isinstance(node, yaml.ScalarNode) and node.tag.startswith(_TAG):
        return _scalar(node, flaws)
    flaws.append(Flaw(node.start_mark.line + 1, _NO_TAGS))
    return None


def _entries(node: yaml.MappingNode, flaws: list[Flaw]) -> Iterator[tuple[str, int, yaml.Node]]:
    for key, child in node.value:
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode):
            yield key.value, line, child  # a name is text, even if it looks like a number
        else:
            flaws.append(Flaw(line, "項目名は文字で書いてください。"))


def _scalar(node: yaml.ScalarNode, flaws: list[Flaw]) -> object:
    text = str(node.value)
    try:
        match node.tag.removeprefix(_TAG):
            case "str":
                return text
            case "bool":
                return {"true": True, "false": False}[text]
            case "null":
                return None
            case "int":
                return int(text)
            case "float":
                return float(text)
    except (ValueError, KeyError):
        pass  # a hand-written tag that does not fit its value, as in `!!int abc`
    flaws.append(Flaw(node.start_mark.line + 1, _NO_TAGS))
    return None


_NO_TAGS = "「!」で始まる書き方（タグ）は使えません。"

_REASONS = {
    "found character '\\t' that cannot start any token": "字下げにタブは使えません。半角の空白を使ってください。",
    "mapping values are not allowed here": "「:」の置き方か字下げが正しくありません。"
    "文の中に「: 」を書くときは、文全体を引用符で囲みます。",
    "could not find expected ':'": "項目名のあとの「: 」が見つかりません。",
    "expected <block end>, but found": "字下げが前後の行とそろっていません。",
    "while scanning a quoted scalar": "引用符が閉じていません。",
    "found unexpected end of stream": "引用符が閉じていません。",
    "found unknown escape character": "引用符 \" の中で「\\」は使えません。引用符 ' で囲んでください。",
    "but found another document": "「---」で区切って二つの文書を書くことはできません。",
}


def _why(error: yaml.MarkedYAMLError) -> str:
    """Say a YAML error in plain Japanese, keeping the parser's own words where we have none."""
    if isinstance(error, _Refused):
        return str(error.problem)
    said = " / ".join(part for part in (error.context, error.problem) if part)
    reason = next((ours for theirs, ours in _REASONS.items() if theirs in said), f"（{said}）")
    return f"YAML として読めません。{reason}"


def _unreadable(line: int, message: str) -> Document:
    return Document(None, (Flaw(line, message),), {})


def quoted(text: str, limit: int = 40) -> str:
    """Show foreign text inside a message: in quotes, short, without anything a terminal could stumble on."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
