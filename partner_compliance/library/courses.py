"""The shape of mini-courses (講座): short lessons, situations with an explanation for every answer, two papers.

One shape serves the shelf, where the texts are files of their own, and an organization's own courses, where everything
is one document.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, PrivateAttr, StrictBool, StrictInt, model_validator

from partner_compliance.library import prose
from partner_compliance.library.checklists import Edition, Hiragana, Key, Line, Strict, hides_something, matching
from partner_compliance.library.yaml_lines import Where, quoted

#: Right at the first try, in percent, from which a course is passed (ladder 2d).
PASS_PERCENT = 80
LESSONS, POOL, CHOICES, LEAST_ASKED = (2, 4), (6, 12), (2, 4), 5
MINUTES = (5, 10)
#: Characters of each text: at least and at most.
LESSON_LENGTH, HANDOUT_LENGTH, DISCUSSION_LENGTH = (150, 700), (100, 900), (100, 1200)
LONGEST = {"topic": 40, "situation": 200, "ask": 60, "text": 90, "because": 160}

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_FORBIDDEN = re.compile(r"[<>`【】]|^#|^\s*>|\]\(", re.MULTILINE)


class Suits(StrEnum):
    """Whom a course is written for."""

    JOINING = "joining"
    EVERYONE = "everyone"
    VOLUNTEERS = "volunteers"
    HANDLERS = "handlers"
    CENTER_HEADS = "center-heads"
    ENGAGEMENT = "engagement"
    COUNCIL = "council"
    MUNICIPAL_OFFICERS = "municipal-officers"

    @property
    def label(self) -> str:
        """The readers' name on screens."""
        return {
            Suits.JOINING: "活動を始める人",
            Suits.EVERYONE: "全員",
            Suits.VOLUNTEERS: "ボランティア",
            Suits.HANDLERS: "個人情報取扱者",
            Suits.CENTER_HEADS: "センター長",
            Suits.ENGAGEMENT: "受託・協定の事業に関わる人",
            Suits.COUNCIL: "協議会の会議に出る人",
            Suits.MUNICIPAL_OFFICERS: "自治体担当者",
        }[self]


def _prose(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("空のままにはできません。前後の空白や改行も要りません。")
    if found := _FORBIDDEN.search(text):
        raise ValueError(f"{quoted(found[0])} は使えません。段落、「- 」の箇条書き、**太字**で書きます。")
    if hides_something(text.replace("\n", "")):
        raise ValueError("目に見えない文字が入っています。消してください。")
    if prose.is_too_deep(text):
        raise ValueError("箇条書きは1段までにしてください。")
    return text


Prose = Annotated[str, AfterValidator(_prose)]
"""Paragraphs, items that begin with "- ", and bold."""

FileName = Annotated[
    str, matching(r"[1-9]-[a-z0-9]+(-[a-z0-9]+)*\.md", "ファイル名は 1-what.md の形で書いてください。")
]


class Choice(Strict):
    """One possible answer, and why it is right or wrong."""

    text: Line
    right: StrictBool = False
    because: Line


class Question(Strict):
    """A situation, and what one would do in it."""

    key: Key
    #: The lesson that teaches the answer, by its key or file name.
    lesson: Line
    topic: Line
    situation: Line
    ask: Line
    choices: tuple[Choice, ...] = Field(min_length=CHOICES[0], max_length=CHOICES[1])

    @property
    def right(self) -> int:
        """The place of the right choice, counted from 0."""
        return next(at for at, choice in enumerate(self.choices) if choice.right)


class _Facts(Strict):
    """What a course says of itself."""

    key: Key
    title: Line
    summary: Line
    minutes: StrictInt = Field(ge=MINUTES[0], le=MINUTES[1])
    suits: tuple[Suits, ...] = Field(min_length=1)
    #: Whether it counts as the course on joining.
    entry: StrictBool = False
    source: Line
    asked: StrictInt = Field(ge=LEAST_ASKED)
    questions: tuple[Question, ...] = Field(min_length=POOL[0], max_length=POOL[1])
    readings: Mapping[str, Hiragana] = {}


class LessonFile(Strict):
    """A lesson on the shelf: its file, and how it is headed."""

    file: FileName
    title: Line


class CourseFile(_Facts):
    """`course.yaml`, without the texts that lie beside it."""

    edition: Edition
    valid_from: date
    law_as_of: date
    lessons: tuple[LessonFile, ...] = Field(min_length=LESSONS[0], max_length=LESSONS[1])

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self

    def with_texts(self, texts: Mapping[str, str]) -> "Course":
        """The whole course; `texts` has every lesson by its file name, `handout.md` and `discussion.md`."""
        told = self.model_dump(exclude={"lessons", "law_as_of"})
        lessons = [{"key": each.file, "title": each.title, "text": texts[each.file]} for each in self.lessons]
        return Course.model_validate(
            {**told, "lessons": lessons, "handout": texts["handout.md"], "discussion": texts["discussion.md"]}
        )


class Lesson(Strict):
    """A short text to read before the questions."""

    key: Line
    title: Line
    text: Prose


class Course(_Facts):
    """One edition of a course with all its texts: what somebody takes, and can be shown again for ever."""

    edition: Line
    valid_from: date
    lessons: tuple[Lesson, ...] = Field(min_length=LESSONS[0], max_length=LESSONS[1])
    handout: Prose
    discussion: Prose

    _published: bool = PrivateAttr(default=False)

    def __hash__(self) -> int:
        return hash((self.key, self.edition))

    @property
    def published(self) -> bool:
        """Whether the edition is frozen; a draft is taken by nobody."""
        return self._published

    def as_published(self) -> Self:
        """The same edition, marked as frozen."""
        copy = self.model_copy()
        copy._published = True
        return copy

    @cached_property
    def by_key(self) -> dict[str, Question]:
        """{key: question}."""
        return {each.key: each for each in self.questions}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that people read of it, in hexadecimal digits."""
        said = self.model_dump(mode="json", exclude={"key", "edition", "valid_from", "source"})
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def lesson_of(self, question: Question) -> Lesson:
        """Where the answer of a question is taught."""
        return next(each for each in self.lessons if each.key == question.lesson)

    def keeps_all_of(self, other: "Course") -> bool:
        """Whether every question of another course stands here unchanged, and no more is enough for less.

        An adapted course that keeps its source's questions teaches no less: it counts as its source.
        """
        return self.asked >= other.asked and all(self.by_key.get(each.key) == each for each in other.questions)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self


def is_passed(right: int, asked: int) -> bool:
    """Whether so many right answers at the first try are enough (ladder 2d: 80 %)."""
    return asked > 0 and right * 100 >= asked * PASS_PERCENT


# --- what is filled in ------------------------------------------------------------------------------------------


def fill(text: str, organization: str, law: Mapping[str, str]) -> str:
    """A text with the organization's name and the citations of law (`law:key`, `penalty:key`) in their places."""
    names = {**law, "organization": organization}
    return _PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), text)


def names_in(course: CourseFile | Course) -> Iterator[tuple[Where, str]]:
    """Every name in braces in what people read, and where it stands."""
    for where, text in _texts(course.model_dump(mode="json")):
        for name in braces(text):
            yield where, name


def words_of(course: CourseFile) -> Iterator[str]:
    """Every text of a course but those beside it, in which the words of its readings have to occur."""
    return (text for _, text in _texts(course.model_dump(mode="json", exclude={"law_as_of"})))


def braces(text: str) -> list[str]:
    """The names in braces in a text."""
    return _PLACEHOLDER.findall(text)


def _texts(content: object, where: Where = ()) -> Iterator[tuple[Where, str]]:
    if isinstance(content, str):
        if where and where[-1] != "source" and where[0] != "readings":
            yield where, content
    elif isinstance(content, dict):
        for name, child in content.items():
            yield from _texts(child, (*where, name))
    elif isinstance(content, list | tuple):
        for at, child in enumerate(content):
            yield from _texts(child, (*where, at))


# --- what cannot be -----------------------------------------------------------------------------------------------


def contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a course, and where; takes broken content as well.

    `content` is a `CourseFile` or a `Course` before it is one.
    """
    lessons = _members(content, "lessons")
    names = [_said(each, "file") or _said(each, "key") for each in lessons]
    for at, name in enumerate(names):
        if name in names[:at]:
            yield ("lessons", at), f"読みもの {quoted(name)} が二度書かれています。"
    questions = _members(content, "questions")
    asked = content.get("asked") if isinstance(content, dict) else None
    if isinstance(asked, int) and questions and asked >= len(questions):
        yield ("asked",), f"一度に出す数（{asked}）は、問題の数（{len(questions)}）より少なくしてください。"
    seen: set[str] = set()
    for at, question in enumerate(questions):
        where: Where = ("questions", at)
        if (key := _said(question, "key")) in seen:
            yield (*where, "key"), f"問題のキー {quoted(key)} が二度使われています。"
        seen.add(key)
        if (lesson := _said(question, "lesson")) not in names:
            yield (*where, "lesson"), f"読みもの {quoted(lesson)} がありません。"
        yield from _wrong_choices(question, where)
        for name in ("topic", "situation", "ask"):
            yield from _too_long(question, name, where)
    everything = "\n".join(text for _, text in _texts(content))
    readings = content.get("readings") if isinstance(content, dict) else None
    for word in readings if isinstance(readings, dict) else ():
        # A shelf's lessons lie in files of their own: those are looked at once they are read.
        if word not in everything and lessons and isinstance(lessons[0], dict) and "text" in lessons[0]:
            yield ("readings", word), f"{quoted(word)} は、この講座のどこにも出てきません。"


def _wrong_choices(question: object, where: Where) -> Iterator[tuple[Where, str]]:
    choices = _members(question, "choices")
    right = [each for each in choices if isinstance(each, dict) and each.get("right") is True]
    if choices and len(right) != 1:
        yield (*where, "choices"), "正しい選択肢（right: true）は、一つだけにしてください。"
    texts = [_said(each, "text") for each in choices]
    for at, choice in enumerate(choices):
        if texts[at] and texts[at] in texts[:at]:
            yield (*where, "choices", at, "text"), "同じ選択肢が二つあります。"
        for name in ("text", "because"):
            yield from _too_long(choice, name, (*where, "choices", at))


def _too_long(content: object, name: str, where: Where) -> Iterator[tuple[Where, str]]:
    if len(said := _said(content, name)) > LONGEST[name]:
        yield (*where, name), f"{len(said)}文字あります。{LONGEST[name]}文字までにしてください。"


def wrong_length(text: str, bounds: tuple[int, int]) -> str:
    """What is wrong with the length of a text; empty when it fits."""
    least, most = bounds
    return "" if least <= len(text) <= most else f"{len(text)}文字あります。{least}から{most}文字までにしてください。"


def prose_flaw(text: str, bounds: tuple[int, int]) -> str:
    """What is wrong with a text of paragraphs; empty when nothing is."""
    try:
        _prose(text)
    except ValueError as error:
        return str(error)
    return wrong_length(text, bounds)


def line_of_flaw(text: str) -> int:
    """The line of the first mark or hidden character that `prose_flaw` refuses, from 1; 1 where it is the whole."""
    found = _FORBIDDEN.search(text)
    hidden = (at for at, char in enumerate(text) if char != "\n" and hides_something(char))
    at = found.start() if found else next(hidden, 0)
    return text.count("\n", 0, at) + 1


def _members(content: object, name: str) -> list[Any]:
    found = content.get(name) if isinstance(content, dict) else None
    return list(found) if isinstance(found, list | tuple) else []


def _said(content: object, name: str) -> str:
    found = content.get(name) if isinstance(content, dict) else None
    return found if isinstance(found, str) else ""
