"""The shape of model rules (規程の見本), of the questions that fill them in, and of what stands beside them.

A model is written once, in two lengths; the answers of an organization choose among its paragraphs and fill in its
placeholders, and what comes out is the organization's own text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PrivateAttr, StrictBool, StrictInt, model_validator

from partner_compliance.library.checklists import Edition, Key, Line, Strict, matching
from partner_compliance.library.yaml_lines import Where, quoted

#: The rules of an organization, in the order in which they are shown; the first two are the ladder's 2a, the last 2e.
RULE_KEYS = ("privacy-rule", "security-rule", "incident-procedure")
#: What an answer that is not given yet leaves in a text; nothing that holds it can be adopted.
OPEN = "【要記入：{}】"
OPEN_FORM = re.compile(r"【要記入[^】\n]*】?|\{[a-z][a-z-]*\}")

_PLACEHOLDER = re.compile(r"\{([a-z][a-z-]*)\}")


class Size(StrEnum):
    """How long a rule is: S for a small group, M for an organization with contracts."""

    S = "s"
    M = "m"

    @property
    def label(self) -> str:
        """The edition's name on screens."""
        return {Size.S: "短い版（S）", Size.M: "くわしい版（M）"}[self]


def _passage(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("空のままにはできません。前後の空白や改行も要りません。")
    if any(not line.strip() for line in text.split("\n")):
        raise ValueError("空の行は入れられません。項を分けるときは「- 」を分けます。")
    if "【" in text or "<" in text or "`" in text:
        raise ValueError("【 と < と ` は使えません。")
    return text


Passage = Annotated[str, AfterValidator(_passage)]
"""One paragraph of an article (項): one line, and below it items (号) that begin with "- "."""

ArticleNumber = Annotated[
    str,
    matching(
        r"[1-9][0-9]?(-[2-9])?|別[表紙][1-9]", '条の番号は "12" か "12-2"（第12条の2）、別表は "別表1" と書きます。'
    ),
]


# --- questions --------------------------------------------------------------------------------------------------


class Option(Strict):
    """One answer to choose; `says` is what it puts into a text (its label where nothing is said)."""

    key: Key
    label: Line
    says: Line = ""
    more: Line = ""
    #: Answers to other questions beside which this one makes no sense.
    not_with: Mapping[str, tuple[str, ...]] = {}


class Question(Strict):
    """One question: a text that fills a placeholder, or a choice that also picks paragraphs."""

    key: Key
    kind: Literal["text", "choice"]
    label: Line
    hint: Line | Literal[""] = ""
    required: StrictBool = False
    needed_when: Mapping[str, tuple[str, ...]] = {}
    options: tuple[Option, ...] = ()


class QuestionSection(Strict):
    """Questions asked together."""

    title: Line
    hint: Line | Literal[""] = ""
    questions: tuple[Question, ...] = Field(min_length=1)


class _Dated(Strict):
    """What every file of this shelf says of itself."""

    edition: Edition
    title: Line
    valid_from: date
    source: Line

    _published: bool = PrivateAttr(default=False)

    @property
    def published(self) -> bool:
        """Whether the edition is frozen; a draft is used by nobody."""
        return self._published

    def as_published(self) -> Self:
        """The same edition, marked as frozen."""
        copy = self.model_copy()
        copy._published = True
        return copy


class Wizard(_Dated):
    """The questions from which an organization's own rules come."""

    sections: tuple[QuestionSection, ...] = Field(min_length=1)

    def __hash__(self) -> int:
        return hash(self.edition)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """All questions by key, in their order."""
        return {each.key: each for section in self.sections for each in section.questions}

    def names(self, answers: Mapping[str, str]) -> dict[str, str]:
        """{placeholder: what stands there}; what is not answered leaves a mark to fill in."""
        found = {}
        for key, question in self.questions.items():
            said = answers.get(key, "")
            if question.kind == "choice":
                option = next((each for each in question.options if each.key == said), None)
                said = (option.says or option.label) if option else ""
            found[key] = said or OPEN.format(question.label)
        return found

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in wizard_contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self


def fits(when: Mapping[str, Iterable[str]], answers: Mapping[str, str]) -> bool:
    """Whether answers are among those that a condition names, for each question that it names."""
    return all(answers.get(question) in tuple(some) for question, some in when.items())


def wizard_contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a list of questions, and where; takes broken content as well."""
    seen: set[str] = set()
    for at, section in enumerate(_members(content, "sections")):
        for place, question in enumerate(_members(section, "questions")):
            where: Where = ("sections", at, "questions", place)
            key = _said(question, "key")
            if key in seen:
                yield (*where, "key"), f"質問のキー {quoted(key)} が二度使われています。"
            seen.add(key)
            options = [_said(each, "key") for each in _members(question, "options")]
            if (_said(question, "kind") == "choice") != bool(options):
                yield where, "選ぶ質問（choice）には options が要り、書く質問（text）には要りません。"
            if len(options) != len(set(options)):
                yield (*where, "options"), "同じキーの選択肢があります。"


# --- model rules ------------------------------------------------------------------------------------------------


class Paragraph(Strict):
    """One paragraph (項) of an article, for those whose answers fit."""

    text: Passage
    when: Mapping[str, tuple[str, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class Article(Strict):
    """One article (条) or annex: its text in both lengths, what it is for, and what it meets."""

    key: Key
    number: ArticleNumber
    title: Line
    mandatory: StrictBool = False
    why: Line
    who: Line
    staff: Line | Literal[""] = ""
    serves: tuple[Key, ...]
    laws: tuple[Line, ...]
    both: tuple[Paragraph, ...] = ()
    s: tuple[Paragraph, ...] = ()
    m: tuple[Paragraph, ...] = ()

    def paragraphs(self, size: Size) -> tuple[Paragraph, ...]:
        """The paragraphs of an edition, before anything is chosen among them."""
        return self.both or (self.s if size is Size.S else self.m)


class Chapter(Strict):
    """Articles that stand together (章)."""

    number: StrictInt
    title: Line
    articles: tuple[Article, ...] = Field(min_length=1)


class QuizQuestion(Strict):
    """A short question on an article, with the explanation of its answer."""

    key: Key
    article: Key
    question: Line
    choices: tuple[Line, ...] = Field(min_length=2, max_length=4)
    #: Which choice is right, counted from 1.
    right: StrictInt
    because: Line


class Withdrawal(Strict):
    """An edition that should be adopted no longer, and why."""

    edition: Edition
    reason: Line


@dataclass(frozen=True)
class WrittenArticle:
    """An article of a model as an organization's answers make it."""

    key: str
    number: str
    chapter: str
    title: str
    text: str
    staff: str
    why: str
    who: str
    is_mandatory: bool
    serves: tuple[str, ...]
    laws: tuple[str, ...]


class ModelRule(_Dated):
    """One edition of one model rule."""

    key: Literal["privacy-rule", "security-rule", "incident-procedure"]
    law_as_of: date
    chapters: tuple[Chapter, ...] = Field(min_length=1)
    quiz: tuple[QuizQuestion, ...] = Field(min_length=3)
    withdraws: tuple[Withdrawal, ...] = ()

    def __hash__(self) -> int:
        return hash((self.key, self.edition))

    @cached_property
    def articles(self) -> dict[str, Article]:
        """All articles by key, in their order."""
        return {article.key: article for chapter in self.chapters for article in chapter.articles}

    @cached_property
    def mandatory(self) -> frozenset[str]:
        """The keys of the articles that no adopted rule may lack."""
        return frozenset(key for key, article in self.articles.items() if article.mandatory)

    def written(self, wizard: Wizard, answers: Mapping[str, str]) -> list[WrittenArticle]:
        """The rule as some answers make it; an article of which no paragraph fits falls away."""
        names, size = wizard.names(answers), Size(answers.get("edition", "s"))
        return [
            _write(article, chapter, names, answers, size)
            for chapter in self.chapters
            for article in chapter.articles
            if any(fits(each.when, answers) for each in article.paragraphs(size))
        ]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in rule_contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self


def _write(
    article: Article, chapter: Chapter, names: Mapping[str, str], answers: Mapping[str, str], size: Size
) -> WrittenArticle:
    def fill(text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), text)

    chosen = [each.text for each in article.paragraphs(size) if fits(each.when, answers)]
    return WrittenArticle(
        key=article.key,
        number=article.number,
        chapter=chapter_label(chapter.number, chapter.title),
        title=fill(article.title),
        text=fill("\n\n".join(chosen)),
        staff=fill(article.staff),
        why=article.why,
        who=fill(article.who),
        is_mandatory=article.mandatory,
        serves=article.serves,
        laws=article.laws,
    )


def chapter_label(number: int, title: str) -> str:
    """How a chapter is headed; annexes are no chapter."""
    return title if title in ("別表", "別紙") else f"第{number}章 {title}"


def article_label(number: str) -> str:
    """How an article is called: 第12条の2, 別表1."""
    if number.startswith("別"):
        return number
    first, _, more = number.partition("-")
    return f"第{first}条の{more}" if more else f"第{first}条"


def placeholders_of(text: str) -> set[str]:
    """The names in braces in a text."""
    return set(_PLACEHOLDER.findall(text))


def rule_contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a model rule, and where; takes broken content as well."""
    keys: set[str] = set()
    numbers: set[str] = set()
    for at, chapter in enumerate(_members(content, "chapters")):
        for place, article in enumerate(_members(chapter, "articles")):
            where: Where = ("chapters", at, "articles", place)
            for name, seen in (("key", keys), ("number", numbers)):
                if (said := _said(article, name)) in seen:
                    yield (*where, name), f"{name} の {quoted(said)} が二度使われています。"
                seen.add(said)
            if isinstance(article, dict) and bool(article.get("both")) == bool(article.get("s") or article.get("m")):
                yield where, "本文は、both だけか、s と m の両方に書いてください。"
            elif isinstance(article, dict) and bool(article.get("s")) != bool(article.get("m")):
                yield where, "本文は、s と m の両方に書いてください。"
    for at, question in enumerate(_members(content, "quiz")):
        if _said(question, "article") not in keys:
            yield ("quiz", at, "article"), f"条 {quoted(_said(question, 'article'))} がありません。"
        right = question.get("right") if isinstance(question, dict) else None
        if isinstance(right, int) and not 1 <= right <= len(_members(question, "choices")):
            yield ("quiz", at, "right"), "right は、選択肢の番号（1から）で書いてください。"


# --- what stands beside the rules -------------------------------------------------------------------------------


class Conflict(Strict):
    """A clause in some variant forbids what these answers allow."""

    variant: Key
    question: Key
    answers: tuple[Key, ...] = Field(min_length=1)


class Evidence(Strict):
    """By which records an organization shows that it keeps a clause."""

    clause: Key
    shown_by: Line
    conflicts: tuple[Conflict, ...] = ()


class EvidenceList(_Dated):
    """Which clause is shown by what."""

    evidence: tuple[Evidence, ...] = Field(min_length=1)

    def __hash__(self) -> int:
        return hash(self.edition)

    @cached_property
    def by_clause(self) -> dict[str, Evidence]:
        """{key of the clause: how it is shown}."""
        return {each.clause: each for each in self.evidence}


class Topic(Strict):
    """What practices are searched by."""

    key: Key
    label: Line


class PracticeCard(Strict):
    """What a region or an organization does, in our own words."""

    key: Key
    topics: tuple[Key, ...] = Field(min_length=1)
    title: Line
    where: Line
    does: Line
    signs: Line
    needs: Line
    criteria: tuple[Line, ...] = ()
    articles: tuple[Line, ...] = ()
    source: Line


class PracticeList(_Dated):
    """The practices of the report's regions."""

    topics: tuple[Topic, ...] = Field(min_length=1)
    cards: tuple[PracticeCard, ...] = Field(min_length=1)

    def __hash__(self) -> int:
        return hash(self.edition)

    def about(self, article: str) -> list[PracticeCard]:
        """The cards that help with an article, as `rule/article`."""
        return [card for card in self.cards if article in card.articles]

    def found(self, words: str, topic: str = "") -> list[PracticeCard]:
        """The cards of a topic (of all, where none is named) that hold every one of the words."""
        wanted = words.split()
        labels = {each.key: each.label for each in self.topics}
        return [
            card
            for card in self.cards
            if (not topic or topic in card.topics)
            and all(word.casefold() in _all_words(card, labels) for word in wanted)
        ]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in practice_contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self


def _all_words(card: PracticeCard, labels: Mapping[str, str]) -> str:
    topics = (labels.get(each, "") for each in card.topics)
    return "\n".join((card.title, card.where, card.does, card.signs, card.needs, *topics, *card.criteria)).casefold()


def practice_contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a list of practices, and where; takes broken content as well."""
    topics = {_said(each, "key") for each in _members(content, "topics")}
    seen: set[str] = set()
    for at, card in enumerate(_members(content, "cards")):
        if (key := _said(card, "key")) in seen:
            yield ("cards", at, "key"), f"カードのキー {quoted(key)} が二度使われています。"
        seen.add(key)
        for topic in card.get("topics") or () if isinstance(card, dict) else ():
            if topic not in topics:
                yield ("cards", at, "topics"), f"分野 {quoted(str(topic))} がありません。"


def nothing(_content: object) -> Iterator[tuple[Where, str]]:
    """For a file whose parts cannot disagree."""
    return iter(())


def unknown_names(rule: ModelRule, wizard: Wizard, clauses: Iterable[str]) -> Iterator[tuple[Where, str]]:
    """What a model rule names and no other file knows: placeholders, questions, answers, clauses."""
    known = set(clauses)
    options = {key: {each.key for each in question.options} for key, question in wizard.questions.items()}
    for at, chapter in enumerate(rule.chapters):
        for place, article in enumerate(chapter.articles):
            where: Where = ("chapters", at, "articles", place)
            for clause in article.serves:
                if clause not in known:
                    yield (*where, "serves"), f"条項 {quoted(clause)} がありません。"
            for length in ("both", "s", "m"):
                for number, each in enumerate(getattr(article, length)):
                    for name in placeholders_of(each.text) - set(wizard.questions):
                        yield (*where, length, number), f"質問にない穴うめ {quoted(name)} があります。"
                    for question, some in each.when.items():
                        if not set(some) <= options.get(question, set()):
                            yield (*where, length, number), f"質問 {quoted(question)} に、その答えはありません。"


def _members(content: object, name: str) -> list[Any]:
    found = content.get(name) if isinstance(content, dict) else None
    return list(found) if isinstance(found, list | tuple) else []


def _said(content: object, name: str) -> str:
    found = content.get(name) if isinstance(content, dict) else None
    return found if isinstance(found, str) else ""
