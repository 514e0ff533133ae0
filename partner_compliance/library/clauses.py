"""The shape of the list of contract clauses (個人情報取扱特記事項の条項): what is agreed, and in which variant."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, PrivateAttr, model_validator

from partner_compliance.library.checklists import Edition, Key, Line, Month, Strict
from partner_compliance.library.yaml_lines import Where, quoted

#: What a clause is answered with when the contract says nothing of it; no variant may bear this key.
NOT_AGREED = "none"


class ClauseKind(StrEnum):
    """Whether a clause belongs to the core of every contract, or is added where it is needed."""

    CORE = "core"
    OPTIONAL = "optional"

    @property
    def label(self) -> str:
        return {ClauseKind.CORE: "基本", ClauseKind.OPTIONAL: "追加"}[self]


class Variant(Strict):
    """One way in which a contract can hold a clause."""

    key: Key
    label: Line


class Clause(Strict):
    """One clause: what it asks, in our own short words, and the variants to choose from."""

    key: Key
    kind: ClauseKind
    title: Line
    text: Line
    variants: tuple[Variant, ...] = Field(min_length=1)
    source: Line

    @cached_property
    def labels(self) -> dict[str, str]:
        """{key of a variant: its label}."""
        return {variant.key: variant.label for variant in self.variants}

    def said(self, variant: str | None) -> str:
        """A recorded answer in words; empty when nothing is recorded."""
        return "定めていない" if variant == NOT_AGREED else self.labels.get(variant or "", "")


class ClauseSection(Strict):
    """Clauses that stand together."""

    title: Line
    clauses: tuple[Clause, ...] = Field(min_length=1)


class ClauseList(Strict):
    """One edition of the list."""

    edition: Edition
    title: Line
    source: Line
    valid_from_month: Month
    sections: tuple[ClauseSection, ...] = Field(min_length=1)

    _published: bool = PrivateAttr(default=False)

    def __hash__(self) -> int:
        return hash(self.edition)

    @property
    def published(self) -> bool:
        """Whether the edition is frozen; a draft can be looked at, but no contract is recorded with it."""
        return self._published

    def as_published(self) -> Self:
        """The same edition, marked as frozen."""
        copy = self.model_copy()
        copy._published = True
        return copy

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        """All clauses by key, in the order of the list."""
        return {clause.key: clause for section in self.sections for clause in section.clauses}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if found := [message for _, message in contradictions(self.model_dump())]:
            raise ValueError(" ".join(found))
        return self


def contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a list of clauses, and where; takes broken content as well."""
    seen: set[str] = set()
    for at, section in enumerate(_members(content, "sections")):
        for place, clause in enumerate(_members(section, "clauses")):
            where: Where = ("sections", at, "clauses", place)
            key = clause.get("key") if isinstance(clause, dict) else None
            if isinstance(key, str):
                if key in seen:
                    yield (*where, "key"), f"条項のキー {quoted(key)} が二度使われています。"
                seen.add(key)
            yield from _wrong_variants(clause, where)


def _wrong_variants(clause: object, where: Where) -> Iterator[tuple[Where, str]]:
    seen: set[str] = set()
    for at, variant in enumerate(_members(clause, "variants")):
        key = variant.get("key") if isinstance(variant, dict) else None
        if not isinstance(key, str):
            continue
        if key == NOT_AGREED:
            yield (*where, "variants", at, "key"), f"選択肢のキー {quoted(key)} は「定めていない」のために使います。"
        elif key in seen:
            yield (*where, "variants", at, "key"), f"選択肢のキー {quoted(key)} が二度使われています。"
        seen.add(key)


def _members(content: object, name: str) -> list[object]:
    found = content.get(name) if isinstance(content, dict) else None
    return list(found) if isinstance(found, list | tuple) else []
