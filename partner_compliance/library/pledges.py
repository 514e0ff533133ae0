"""The shape of pledge wordings (誓約の文面) and of the law beside them: what a file on the shelf must say.

A wording is our own text; what the law says is kept apart, with the days from which and until which it holds, so that
no article is ever typed into a page (DOMAIN §4: names of penalties and articles have changed, and will again).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, StrictBool, StrictInt, model_validator

from partner_compliance.library.checklists import Edition, Hiragana, Key, Line, Strict
from partner_compliance.library.yaml_lines import Where, quoted

#: The basis of what an organization does on its own, without any municipality.
OWN_BUSINESS = "own-business"
#: Words of `organizations.models.EngagementBasis`, which stands above the library; a test compares them.
BASES = (
    OWN_BUSINESS, "outsourcing", "designated_manager", "subcontract", "subsidy", "agreement", "council_member",
    "statutory_secrecy", "consent_only", "other", "unrecorded",
)  # fmt: skip
CATEGORIES = ("organ", "corporation", "person")

_PLACEHOLDER = re.compile(r"\{(\w*)\}")


class Occasion(StrEnum):
    """On which occasion a wording is agreed to."""

    JOINING = "joining"
    ANNUAL = "annual"
    ENGAGEMENT = "engagement"
    LEAVING = "leaving"
    COUNCIL_MEMBERSHIP = "council_membership"
    CASE_MEETING = "case_meeting"

    @property
    def label(self) -> str:
        """The occasion's name on screens."""
        return {
            Occasion.JOINING: "入ったとき",
            Occasion.ANNUAL: "毎年度",
            Occasion.ENGAGEMENT: "事業ごと",
            Occasion.LEAVING: "活動を終えるとき",
            Occasion.COUNCIL_MEMBERSHIP: "協議会の構成員になるとき",
            Occasion.CASE_MEETING: "個別ケース検討会議",
        }[self]

    @property
    def placeholders(self) -> frozenset[str]:
        """What may stand in braces in a wording for the occasion."""
        return frozenset(
            {
                Occasion.JOINING: ("organization",),
                Occasion.ANNUAL: ("organization", "year"),
                Occasion.ENGAGEMENT: ("organization", "municipality", "engagement"),
                Occasion.LEAVING: ("organization",),
                Occasion.COUNCIL_MEMBERSHIP: ("organization", "municipality", "council"),
                Occasion.CASE_MEETING: ("municipality", "council"),
            }[self]
        )


class Audience(StrEnum):
    """For whom a wording is written."""

    EVERYONE = "everyone"
    VOLUNTEERS = "volunteers"
    ORGANIZATION = "organization"
    ATTENDEES = "attendees"


class Change(Strict):
    """What a later edition means for those who signed the one before: sign again within some days, or nothing."""

    kind: Literal["material", "minor"]
    reason: Line
    sign_again_days: StrictInt | None = Field(default=None, ge=1, le=180)


class Paragraph(Strict):
    """One promise."""

    key: Key
    text: Line


class Wording(Strict):
    """One edition of one pledge."""

    key: Key
    edition: Edition
    title: Line
    occasions: tuple[Occasion, ...] = Field(min_length=1)
    audience: Audience
    valid_from: date
    source: Line
    change: Change | None = None
    plain: StrictBool = False
    opening: Line
    paragraphs: tuple[Paragraph, ...] = Field(min_length=1)
    afterwards: Line
    told: tuple[Line, ...] = Field(min_length=1)
    law: Literal["basis", "none"]
    closing: Line
    readings: Mapping[str, Hiragana] = {}

    _published: bool = PrivateAttr(default=False)

    def __hash__(self) -> int:
        return hash((self.key, self.edition))

    @property
    def published(self) -> bool:
        """Whether the edition is frozen; a draft is signed by nobody."""
        return self._published

    def as_published(self) -> Self:
        """The same edition, marked as frozen."""
        copy = self.model_copy()
        copy._published = True
        return copy

    @property
    def is_material(self) -> bool:
        """Whether those who signed the edition before have to sign this one."""
        return self.change is not None and self.change.kind == "material"

    def text(self, names: Mapping[str, str], *, own: Iterable[str] = (), law: Iterable[str] = ()) -> "Text":
        """The whole text as somebody reads it; `own` paragraphs are the organization's.

        Raises KeyError when the wording names something that `names` does not hold.
        """
        return Text(
            title=self.title,
            opening=_fill(self.opening, names),
            paragraphs=tuple(_fill(each.text, names) for each in self.paragraphs),
            own=tuple(own),
            afterwards=_fill(self.afterwards, names),
            told=self.told,
            law=tuple(law) if self.law == "basis" else (),
            closing=_fill(self.closing, names),
        )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self


class Text(BaseModel, frozen=True):
    """A pledge word for word, as it was read and signed; kept forever with the signature."""

    title: str
    opening: str
    paragraphs: tuple[str, ...]
    own: tuple[str, ...]
    afterwards: str
    told: tuple[str, ...]
    law: tuple[str, ...]
    closing: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal digits: two texts with the same digest say the same."""
        content = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


def _fill(text: str, names: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: names[found[1]], text)


# --- law --------------------------------------------------------------------------------------------------------


class Penalty(Strict):
    """How a penalty is worded between two days; the last day is None while it goes on."""

    text: Line
    valid_from: date
    valid_to: date | None = None


class Provision(Strict):
    """What an article means for a signer, in our own words, from one day to another."""

    key: Key
    short: Line
    article: Line
    gist: Line
    holds_for: tuple[str, ...] = Field(min_length=1)
    council_category: str | None = None
    penalties: tuple[Penalty, ...] = ()
    valid_from: date
    valid_to: date | None = None
    source: Line

    def said_on(self, day: date) -> str:
        """The provision in one line as it stands on a day."""
        penalty = next((each.text for each in self.penalties if _holds(each, day)), "")
        return f"{self.short} {self.article}：{self.gist}" + (f"（{penalty}）" if penalty else "")


def _holds(each: Provision | Penalty, day: date) -> bool:
    return each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)


class LawBook(Strict):
    """One edition of the dated law beside the pledges."""

    edition: Edition
    title: Line
    source: Line
    valid_from: date
    provisions: tuple[Provision, ...] = Field(min_length=1)

    _published: bool = PrivateAttr(default=False)

    def __hash__(self) -> int:
        return hash(self.edition)

    @property
    def published(self) -> bool:
        """Whether the edition is frozen."""
        return self._published

    def as_published(self) -> Self:
        """The same edition, marked as frozen."""
        copy = self.model_copy()
        copy._published = True
        return copy

    def references(self, bases: Iterable[str], on: date, *, categories: Iterable[str] = ()) -> list[str]:
        """What the law says on a day to somebody who works on these bases, in the order of the book.

        `categories` are those under which the organization is a member of a council (児童福祉法第25条の5); the
        provisions on members of another category are left out.
        """
        wanted, members = set(bases), set(categories)
        return [
            each.said_on(on)
            for each in self.provisions
            if _holds(each, on)
            and wanted & set(each.holds_for)
            and (each.council_category is None or each.council_category in members)
        ]

    def citations(self, on: date) -> dict[str, str]:
        """What stands for `law:key` and `penalty:key` in a text on a day: law and article, and the penalty's words."""
        found = {}
        for each in self.provisions:
            found[f"law:{each.key}"] = f"{each.short}{each.article}"
            for penalty in each.penalties:
                if _holds(penalty, on):
                    found[f"penalty:{each.key}"] = penalty.text
        return found

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in law_contradictions(self.model_dump(mode="json"))]:
            raise ValueError(" ".join(found))
        return self


# --- what is wrong between the parts ----------------------------------------------------------------------------


def contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a wording, and where; takes broken content as well."""
    if not isinstance(content, dict):
        return
    allowed = _allowed(content.get("occasions"))
    for where, text in _texts(content):
        for name in _PLACEHOLDER.findall(text):
            if allowed is not None and name not in allowed:
                known = "、".join(f"{{{each}}}" for each in sorted(allowed))
                yield where, f"{{{name}}} は、この機会の文面では使えません。使えるのは: {known}"
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            yield where, "「{」と「}」が対になっていません。"
    yield from _twice(content.get("paragraphs"), ("paragraphs",), "約束のキー")
    change = content.get("change")
    if isinstance(change, dict):
        days = change.get("sign_again_days")
        if change.get("kind") == "material" and days is None:
            yield ("change", "kind"), "material（大きな変更）のときは、sign_again_days に何日以内かを書いてください。"
        if change.get("kind") == "minor" and days is not None:
            yield ("change", "sign_again_days"), "minor（小さな変更）のときは、sign_again_days は書きません。"
    yield from _useless(content)


def _allowed(occasions: object) -> frozenset[str] | None:
    known = [each.placeholders for each in Occasion if each.value in _list(occasions)]
    return frozenset.intersection(*known) if known else None


def _texts(content: dict[str, object]) -> Iterator[tuple[Where, str]]:
    for name in ("title", "opening", "afterwards", "closing"):
        if isinstance(text := content.get(name), str):
            yield (name,), text
    for at, paragraph in enumerate(_list(content.get("paragraphs"))):
        if isinstance(paragraph, dict) and isinstance(text := paragraph.get("text"), str):
            yield ("paragraphs", at, "text"), text
    for at, told in enumerate(_list(content.get("told"))):
        if isinstance(told, str):
            yield ("told", at), told


def _useless(content: dict[str, object]) -> Iterator[tuple[Where, str]]:
    texts = "\n".join(text for _, text in _texts(content))
    readings = content.get("readings")
    for word in readings if isinstance(readings, dict) else ():
        if isinstance(word, str) and word not in texts:
            yield ("readings", word), f"{quoted(word)} は、この文面のどこにも出てきません。"


def law_contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a book of law, and where; takes broken content as well."""
    if not isinstance(content, dict):
        return
    yield from _twice(content.get("provisions"), ("provisions",), "条文のキー")
    for at, each in enumerate(_list(content.get("provisions"))):
        if not isinstance(each, dict):
            continue
        where: Where = ("provisions", at)
        for place, basis in enumerate(_list(each.get("holds_for"))):
            if basis not in BASES:
                yield (
                    (*where, "holds_for", place),
                    f"知らない根拠 {quoted(str(basis))} です。使えるのは: {', '.join(BASES)}",
                )
        category = each.get("council_category")
        if category is not None and category not in CATEGORIES:
            yield (*where, "council_category"), f"使えるのは: {', '.join(CATEGORIES)}"
        yield from _gaps(each, where)


def _gaps(provision: dict[str, object], where: Where) -> Iterator[tuple[Where, str]]:
    """Wordings of a penalty have to follow one another without a gap or an overlap."""
    last: date | None = None
    penalties = [each for each in _list(provision.get("penalties")) if isinstance(each, dict)]
    for at, each in enumerate(penalties):
        begins, ends = _date(each.get("valid_from")), _date(each.get("valid_to"))
        if begins is None:
            continue
        if at and (last is None or (begins - last).days != 1):
            yield (*where, "penalties", at, "valid_from"), "前の書き方の終わる日の、次の日から始めてください。"
        if ends is not None and ends < begins:
            yield (*where, "penalties", at, "valid_to"), "終わる日が、始まる日より前です。"
        last = ends


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _twice(members: object, where: Where, what: str) -> Iterator[tuple[Where, str]]:
    seen: set[str] = set()
    for at, each in enumerate(_list(members)):
        key = each.get("key") if isinstance(each, dict) else None
        if isinstance(key, str):
            if key in seen:
                yield (*where, at, "key"), f"{what} {quoted(key)} が二度使われています。"
            seen.add(key)


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
