"""The text of an article: paragraphs (項) and items (号) in a small part of Markdown, never HTML."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from partner_compliance.errors import WrongEntry
from partner_compliance.library import prose
from partner_compliance.library.prose import Block
from partner_compliance.library.rules import OPEN_FORM, WrittenArticle, article_label

LONGEST_TEXT = 4000
MOST_LINES = 120
NUMBER = re.compile(r"[1-9][0-9]?(-[1-9][0-9]?)?|別[表紙][1-9]")


class Article(BaseModel, frozen=True, extra="forbid"):
    """An article as it stands in a version, a draft or a kit."""

    key: str
    number: str
    chapter: str
    title: str
    text: str
    staff: str = ""
    why: str = ""
    who: str = ""
    is_mandatory: bool = False
    serves: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    source: dict[str, Any] = {}

    @property
    def label(self) -> str:
        """第12条の2, 別表1."""
        return article_label(self.number)

    @classmethod
    def of_model(cls, written: WrittenArticle, source: dict[str, Any]) -> "Article":
        """The article that a model's answers made."""
        return cls(
            key=written.key, number=written.number, chapter=written.chapter, title=written.title, text=written.text,
            staff=written.staff, why=written.why, who=written.who, is_mandatory=written.is_mandatory,
            serves=written.serves, laws=written.laws, source=source,
        )  # fmt: skip


def blocks(text: str) -> list[Block]:
    """The paragraphs and items of an article, numbered from the second paragraph on, as rules are."""
    found = prose.blocks(text)
    if len(found) > 1:
        for number, block in enumerate(found[1:], start=2):
            block.number = number
    return found


def require_text(text: str, field: str = "text") -> None:
    """Raise WrongEntry for a text that is empty, too long, or nested deeper than items."""
    if not text.strip():
        raise WrongEntry(field, "本文を入力してください。")
    if len(text) > LONGEST_TEXT:
        raise WrongEntry(field, f"本文は{LONGEST_TEXT}文字までにしてください（いま{len(text)}文字）。")
    if text.count("\n") >= MOST_LINES:
        raise WrongEntry(field, f"本文は{MOST_LINES}行までにしてください。")
    if prose.is_too_deep(text):
        raise WrongEntry(field, "箇条書きは1段までにしてください。「- 」を1つだけ、行の初めに書きます。")


def open_marks(*texts: str) -> list[str]:
    """What still has to be filled in, as it stands in the texts, each once."""
    found = [mark for text in texts for mark in OPEN_FORM.findall(text)]
    return list(dict.fromkeys(found))


def position_of(number: str) -> int:
    """A number to sort articles by; raises WrongEntry for one that is none."""
    if not NUMBER.fullmatch(number):
        raise WrongEntry("number", "条の番号は「12」か「12-2」（第12条の2）、別表は「別表2」のように入力してください。")
    if number.startswith("別"):
        return 100_000 + (10_000 if number[1] == "紙" else 0) + int(number[2:])
    first, _, more = number.partition("-")
    return int(first) * 100 + int(more or 0)


def digest_of(title: str, articles: Iterable[Article]) -> str:
    """SHA-256 of a whole rule as people read it, in hexadecimal digits."""
    said = [[each.number, each.chapter, each.title, each.text] for each in articles]
    return hashlib.sha256(json.dumps([title, said], ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def digest_of_text(*texts: str) -> str:
    """SHA-256 of some texts, in hexadecimal digits."""
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()


def by_chapter(articles: Iterable[Article]) -> list[tuple[str, list[Article]]]:
    """The articles in their order, chapter by chapter."""
    found: list[tuple[str, list[Article]]] = []
    for article in articles:
        if not found or found[-1][0] != article.chapter:
            found.append((article.chapter, []))
        found[-1][1].append(article)
    return found
