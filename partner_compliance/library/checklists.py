"""The shape of a check sheet (点検表): what a file on the shelf must say, and what the rooms may ask it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StrictInt, model_validator

from partner_compliance.library.yaml_lines import Where, quoted

PAPER_LIMIT = 60
"""Characters of one item that fit beside four answer boxes on a one-page A4 sheet."""

PLACEHOLDER = re.compile(r"\{organization\}|\{rule\}")

MONTH_FORM = r"[0-9]{4}-(0[1-9]|1[0-2])"
NUMBER_FORM = r"[1-9][0-9]?-[1-9][0-9]?"


class Answer(StrEnum):
    """What one can say about an item; `ok` always means good, also where the original asked for something bad."""

    OK = "ok"
    NOT_OK = "not_ok"
    NOT_APPLICABLE = "not_applicable"
    UNSURE = "unsure"

    @property
    def label(self) -> str:
        return _ANSWER_LABELS[self]


_ANSWER_LABELS = {
    Answer.OK: "適正",
    Answer.NOT_OK: "要改善",
    Answer.NOT_APPLICABLE: "該当なし",
    Answer.UNSURE: "わからない",
}


class Audience(StrEnum):
    """Who answers a section."""

    EVERYONE = "everyone"
    CENTER_HEAD = "center_head"


class Polarity(StrEnum):
    """How the original form asks; kept for comparison only, our own wording is affirmative throughout."""

    AFFIRMATIVE = "affirmative"
    NEGATIVE_IN_ORIGINAL = "negative_in_original"


def hides_something(text: str) -> bool:
    """Whether anything cannot be seen but turns the text around or hides in it (categories C, Zl, Zp)."""
    return any(unicodedata.category(character).startswith(("C", "Zl", "Zp")) for character in text)


def _line(text: str) -> str:
    if not text.strip():
        raise ValueError("空のままにはできません。")
    if text != text.strip():
        raise ValueError("前後に余分な空白や改行があります。")
    if hides_something(text):
        raise ValueError("改行や目に見えない文字が入っています。一行の文にしてください。")
    return text


def matching(pattern: str, explanation: str) -> AfterValidator:
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(explanation)
        return text

    return AfterValidator(check)


Line = Annotated[str, AfterValidator(_line)]
"""One line of text for people to read."""

Key = Annotated[
    str, matching(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "半角の英小文字と数字を「-」でつなぎます（例: take-out）。")
]
Edition = Annotated[str, matching(r"[0-9]{4}[a-z]?", '"2026" の形で、直した版は "2026a" のように書いてください。')]
Month = Annotated[str, matching(MONTH_FORM, '年月は "2026-04" の形で書いてください。')]
Number = Annotated[str, matching(NUMBER_FORM, '番号は "1-2" の形（章の番号-章の中の番号）で書いてください。')]
Hiragana = Annotated[str, matching(r"[ぁ-ゖー]+", "ふりがなは、ひらがなで書いてください。")]


class Strict(BaseModel):
    """A shape that knows all its keys and never changes."""

    # Not pydantic's `strict`: it would refuse YAML's lists for tuples and its words for enums. Text is never
    # coerced anyway, and whole numbers say StrictInt.
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(Strict):
    """One thing to check (点検項目)."""

    number: Number
    key: Key
    subject: Line
    text: Line
    paper_text: Line = ""
    good: Line
    guidance: Line = ""
    polarity: Polarity
    note_required_for: frozenset[Answer] = frozenset({Answer.NOT_OK, Answer.UNSURE})
    source: Line

    def requires_note(self, answer: Answer) -> bool:
        return answer in self.note_required_for

    def wording(self, organization: str, rule: str) -> str:
        """The sentence as the people of this organization read it."""
        return _fill(self.text, organization, rule)

    def paper_wording(self, organization: str, rule: str) -> str:
        """The sentence as the blank A4 sheet prints it."""
        return _fill(self.paper_text or self.text, organization, rule)


def _fill(text: str, organization: str, rule: str) -> str:
    # One pass, so that an organization that calls itself "{rule}" is printed as it is.
    names = {"{organization}": organization, "{rule}": rule}
    return PLACEHOLDER.sub(lambda found: names[found[0]], text)


class Section(Strict):
    """A group of items answered by the same people."""

    number: StrictInt
    title: Line
    audience: Audience
    items: tuple[Item, ...] = Field(min_length=1)


class NoTakeOut(Strict):
    """The switch for a month without take-outs: the items it names are then answered 該当なし."""

    label: Line
    help: Line
    items: tuple[Number, ...] = Field(min_length=1)


class Checklist(Strict):
    """One edition of one check sheet."""

    key: Key
    edition: Edition
    title: Line
    source: Line
    valid_from_month: Month
    default_rule: Line
    no_take_out: NoTakeOut
    readings: Mapping[str, Hiragana] = {}
    sections: tuple[Section, ...] = Field(min_length=1)

    _published: bool = PrivateAttr(default=False)

    def __hash__(self) -> int:
        return hash((self.key, self.edition))

    @property
    def published(self) -> bool:
        """Whether the edition is frozen; a draft can be looked at, but no month uses it."""
        return self._published

    def as_published(self) -> Self:
        """The same edition, marked as frozen."""
        copy = self.model_copy()
        copy._published = True
        return copy

    @cached_property
    def items(self) -> dict[str, Item]:
        """All items by number, in the order of the sheet."""
        return {item.number: item for section in self.sections for item in section.items}

    def sections_for(self, head: bool) -> tuple[Section, ...]:
        """The sections that a center head (or anyone else) answers."""
        return tuple(section for section in self.sections if head or section.audience is Audience.EVERYONE)

    def items_for(self, head: bool) -> dict[str, Item]:
        """The items that a center head (or anyone else) answers, by number."""
        return {item.number: item for section in self.sections_for(head) for item in section.items}

    def wording_with_readings(self, item: Item, organization: str, rule: str) -> list[tuple[str, str | None]]:
        """The item's sentence for furigana, as `ruby` splits it; the names filled in get no guessed readings."""
        return [(_fill(chunk, organization, rule), reading) for chunk, reading in ruby(item.text, self.readings)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in contradictions(self.model_dump())]:
            raise ValueError(" ".join(found))
        return self


def contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a check sheet, and where.

    Takes the file's content before it is a `Checklist`, broken or not, so that its author sees in one go what is
    wrong with the parts and what is wrong between them.
    """
    yield from _sections_out_of_order(content)
    yield from _repeated(content, "number", "番号")
    yield from _repeated(content, "key", "キー")
    yield from _switch_without_item(content)
    yield from _bad_placeholders(content)
    yield from _too_long_for_paper(content)
    yield from _useless_readings(content)
    audiences = list(_found(content, "sections", ..., "audience"))
    if audiences and all(audience == Audience.CENTER_HEAD for _, audience in audiences):
        yield ("sections",), "全員が答える章（audience: everyone）が一つもありません。"


def _sections_out_of_order(content: object) -> Iterator[tuple[Where, str]]:
    for expected, (where, section) in enumerate(_found(content, "sections", ...), start=1):
        number = section.get("number") if isinstance(section, dict) else None
        if not isinstance(number, int):
            continue  # reported as such; counting on would only add noise
        if number != expected:
            yield (*where, "number"), f"章の番号は上から 1, 2, 3 … です。{expected} のはずが {number} になっています。"
        numbers = list(_found(section, "items", ..., "number"))
        if len(numbers) < len(list(_found(section, "items", ...))):
            continue
        for place, (item_where, item_number) in enumerate(numbers, start=1):
            right = f"{number}-{place}"
            if isinstance(item_number, str) and re.fullmatch(NUMBER_FORM, item_number) and item_number != right:
                message = f"項目の番号は章の中で順に並べます。{right} のはずが {item_number} になっています。"
                yield (*where, *item_where), message


def _repeated(content: object, name: str, called: str) -> Iterator[tuple[Where, str]]:
    seen: set[str] = set()
    for where, value in _found(content, "sections", ..., "items", ..., name):
        if isinstance(value, str) and value in seen:
            yield where, f"項目の{called} {quoted(value)} が二度使われています。"
        seen.add(str(value))


def _switch_without_item(content: object) -> Iterator[tuple[Where, str]]:
    numbers = [number for _, number in _found(content, "sections", ..., "items", ..., "number")]
    seen: set[str] = set()
    for where, number in _found(content, "no_take_out", "items", ...):
        if not isinstance(number, str):
            continue
        if number not in numbers:
            yield where, f"番号 {quoted(number)} の項目がありません。"
        elif number in seen:
            yield where, f"番号 {quoted(number)} が二度書かれています。"
        seen.add(number)


def _bad_placeholders(content: object) -> Iterator[tuple[Where, str]]:
    for where, text in _texts(content):
        filled_in = where[0] == "sections" and where[-1] in ("text", "paper_text")
        rest = PLACEHOLDER.sub("", text) if filled_in else text
        if brace := re.search(r"\{[^{}]*\}|[{}]", rest):
            allowed = "{organization} と {rule} が、項目の text と paper_text の中だけで使えます。"
            yield where, f"差し込み {quoted(brace[0])} は使えません。{allowed}"


def _too_long_for_paper(content: object) -> Iterator[tuple[Where, str]]:
    for where, item in _found(content, "sections", ..., "items", ...):
        if not isinstance(item, dict):
            continue
        name = "paper_text" if item.get("paper_text") else "text"
        text = item.get(name)
        if isinstance(text, str) and len(text) > PAPER_LIMIT:
            message = f"{len(text)} 文字あり、紙の点検表に入りません（{PAPER_LIMIT} 文字まで）。"
            advice = (
                "" if name == "paper_text" else "画面の文を長くするときは、紙に載せる短い文を paper_text に書きます。"
            )
            yield (*where, name), message + advice


def _useless_readings(content: object) -> Iterator[tuple[Where, str]]:
    if not isinstance(content, dict):
        return
    readings = content.get("readings")
    texts = "\n".join(_strings({name: child for name, child in content.items() if name != "readings"}))
    for word in readings if isinstance(readings, dict) else ():
        where = ("readings", word)
        if not re.search(r"[一-鿿㐀-䶿々]", word):
            yield where, f"{quoted(word)} に漢字がありません。ふりがなは漢字の入った言葉に付けます。"
        elif word not in texts:
            yield where, f"{quoted(word)} は、この点検表のどこにも出てきません。"


def _strings(content: object) -> Iterator[str]:
    """Every text, also under a misspelt name, where it is a text all the same; sources are not read with furigana."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for name, child in content.items():
            if name != "source":
                yield from _strings(child)
    elif isinstance(content, list | tuple):
        for child in content:
            yield from _strings(child)


def _texts(content: object) -> Iterator[tuple[Where, str]]:
    """Everything that people read on the sheet."""
    paths: tuple[tuple[Any, ...], ...] = (
        ("title",),
        ("default_rule",),
        ("no_take_out", "label"),
        ("no_take_out", "help"),
        ("sections", ..., "title"),
        *(("sections", ..., "items", ..., name) for name in ("subject", "text", "paper_text", "good", "guidance")),
    )
    for path in paths:
        for where, text in _found(content, *path):
            if isinstance(text, str):
                yield where, text


def _found(content: object, *path: Any) -> Iterator[tuple[Where, object]]:
    """Walk down `path` (`...` stands for every member of a list) and yield what is there, skipping what is not."""
    if not path:
        yield (), content
        return
    step, rest = path[0], path[1:]
    inside: list[tuple[str | int, object]] = []
    if step is ... and isinstance(content, list | tuple):
        inside = list(enumerate(content))
    elif isinstance(step, str) and isinstance(content, dict) and step in content:
        inside = [(step, content[step])]
    for name, child in inside:
        for where, value in _found(child, *rest):
            yield (name, *where), value


def ruby(text: str, readings: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Split a text for furigana: each known word with its reading, everything between with None."""
    if not readings:
        return [(text, None)] if text else []
    chunks = _words(tuple(readings)).split(text)
    return [(chunk, readings.get(chunk) if at % 2 else None) for at, chunk in enumerate(chunks) if chunk]


@lru_cache(maxsize=32)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that finds the longest of the words at each place."""
    return re.compile("(" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")")
