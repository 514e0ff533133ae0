"""The shape of the suggested requirements: which level a class of data asks for in which mode (DOMAIN §6)."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, StrictInt

from partner_compliance.library.checklists import Edition, Line, Strict, matching
from partner_compliance.library.yaml_lines import Where, quoted

CLASSES = tuple(f"D{number}" for number in range(10))
MODES = ("oral", "paper_collected", "paper_kept", "file", "system")
#: No class of these is shared by anybody's suggestion (番号法19条・20条; DOMAIN §5 and §4c).
NEVER = ("D8", "D9")


class Suggestion(Strict):
    """What one mode asks for: a level, and what the partner is to observe."""

    level: Annotated[StrictInt, Field(ge=0, le=5)]
    conditions: tuple[Line, ...] = ()


class ClassSuggestion(Strict):
    """What a class of data asks for, by mode; a mode that is not named is not shared."""

    data_class: Annotated[str, matching(r"D[0-9]", '"D3" の形で書いてください。')] = Field(alias="class")
    reason: Line
    source: Line
    modes: dict[str, Suggestion]


class Suggestions(Strict):
    """One edition of the suggested requirements."""

    edition: Edition
    #: From which day a municipality that has set nothing of its own goes by it.
    valid_from: date
    classes: Annotated[tuple[ClassSuggestion, ...], Field(min_length=1)]
    published: bool = Field(default=False, exclude=True)

    def as_published(self) -> "Suggestions":
        """The same, frozen by a seal."""
        return self.model_copy(update={"published": True})

    @cached_property
    def by_class(self) -> Mapping[str, ClassSuggestion]:
        """{class: what it asks for}."""
        return {each.data_class: each for each in self.classes}


def contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """Classes twice or missing, modes that there are not, what must not be shared: by their place in the file."""
    classes: Any = content.get("classes") if isinstance(content, dict) else None
    seen: set[str] = set()
    for at, each in enumerate(classes if isinstance(classes, list) else []):
        key = each.get("class") if isinstance(each, dict) else None
        if not isinstance(key, str):
            continue
        if key in seen:
            yield ("classes", at, "class"), f"種類 {quoted(key)} が二つあります。"
        seen.add(key)
        modes: Any = each.get("modes")
        for mode in modes if isinstance(modes, dict) else {}:
            if mode not in MODES:
                yield (
                    ("classes", at, "modes"),
                    f"渡し方 {quoted(str(mode))} はありません。使えるのは: {'、'.join(MODES)}",
                )
        if key in NEVER and modes:
            yield (
                ("classes", at, "modes"),
                f"種類 {quoted(key)} は、共有の案に入れません。modes: {{}} と書いてください。",
            )
    if isinstance(classes, list) and (missing := [each for each in CLASSES if each not in seen]):
        yield ("classes",), f"種類が足りません: {'、'.join(missing)}"
