"""A small part of Markdown, as texts of rules and courses use it: paragraphs, items, bold. Never HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

#: A paragraph, its list, an item, the item's own paragraph: nothing lies deeper than that.
_DEEPEST = 3


@dataclass(frozen=True)
class Run:
    """Some words, perhaps in bold."""

    text: str
    is_strong: bool = False


@dataclass
class Block:
    """A paragraph with its items; `number` is for those who count paragraphs."""

    lines: list[list[Run]] = field(default_factory=list)
    items: list[list[Run]] = field(default_factory=list)
    number: int | None = None


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("zero").enable(["list", "emphasis"])


def blocks(text: str) -> list[Block]:
    """The paragraphs and items of a text. Whatever is not a list or bold stays as it is written, tags included."""
    found: list[Block] = []
    depth = 0
    for token in _reader().parse(text):
        if token.type.endswith("_list_open"):
            depth += 1
            if depth == 1 and not found:
                found.append(Block())
        elif token.type.endswith("_list_close"):
            depth -= 1
        elif token.type == "inline":
            lines = _lines(token.children or [])
            if depth:
                found[-1].items.append([run for line in lines for run in line])
            else:
                found.append(Block(lines))
    return found


def _lines(tokens: Sequence[Token]) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    strong = 0
    for token in tokens:
        if token.type in ("strong_open", "em_open"):
            strong += 1
        elif token.type in ("strong_close", "em_close"):
            strong -= 1
        elif token.content:
            first, *more = token.content.split("\n")
            lines[-1].append(Run(first, bool(strong)))
            lines += [[Run(each, bool(strong))] for each in more]
    return lines


def is_too_deep(text: str) -> bool:
    """Whether lists lie in lists; the marks are counted before the reader sees the text, so that no text is slow."""
    return any(_depth(line) > 1 for line in text.split("\n")) or _nesting(text) > _DEEPEST


def _depth(line: str) -> int:
    """How many list marks stand at the beginning of a line."""
    marks = re.match(r"(?:\s*(?:[-*+]|\d{1,9}[.)])\s)*", line)
    return len(re.findall(r"[-*+]|\d+[.)]", marks[0])) if marks else 0


def _nesting(text: str) -> int:
    return max((token.level for token in _reader().parse(text)), default=0)
