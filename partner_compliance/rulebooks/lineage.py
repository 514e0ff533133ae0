"""Where an article comes from, and how a change at its source meets what was changed here."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from merge3 import Merge3

from partner_compliance.library.rules import Wizard
from partner_compliance.rulebooks.words import SourceKind

_PLACEHOLDER = re.compile(r"\{([a-z][a-z-]*)\}")
_UNITS = re.compile(r"[^。\n]*(?:。|\n+|$)")
#: Names shorter than this would be found inside other words.
_SHORTEST_NAME = 2
_TO_DECIDE = "【要記入：もとの新しい文を取り入れるか決め、この行を消す】"


@dataclass(frozen=True)
class Source:
    """Where an article comes from, and what its source said then, with placeholders where the names stand."""

    kind: SourceKind
    #: In words: 「見本 2026年版」, or the kit and whose it is.
    name: str
    #: The edition of a model, or the number of a kit's edition.
    edition: str
    template: str
    staff: str = ""
    title: str = ""
    kit_id: str = ""
    #: Ids of all through whose hands the article came, the first source first.
    lineage: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """As a draft, a version or a kit keeps it."""
        return {**asdict(self), "kind": self.kind.value, "lineage": list(self.lineage)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Source | None":
        """Read back; None for an article of one's own."""
        if said.get("kind") not in (SourceKind.MODEL.value, SourceKind.KIT.value):
            return None
        fields = {name: said.get(name, "") for name in ("name", "edition", "template", "staff", "title", "kit_id")}
        return cls(kind=SourceKind(said["kind"]), lineage=tuple(said.get("lineage", ())), **fields)


#: For an article that somebody of the organization wrote.
OWN: dict[str, Any] = {"kind": SourceKind.OWN.value}


def filled(template: str, wizard: Wizard, answers: Mapping[str, str]) -> str:
    """A template with an organization's own names in it; in one pass, so that no name is read as a placeholder."""
    names = wizard.names(answers)
    return _PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), template)


def as_template(text: str, wizard: Wizard, answers: Mapping[str, str]) -> str:
    """A text in which an organization's own names have given way to placeholders, the longest name first."""
    names: dict[str, str] = {}
    for key, said in wizard.names(answers).items():
        question = wizard.questions[key]
        is_name = question.kind == "text" or key in ("we", "board")
        if is_name and answers.get(key) and len(said) >= _SHORTEST_NAME:
            names.setdefault(said, key)
    if not names:
        return text
    pattern = re.compile("|".join(re.escape(said) for said in sorted(names, key=len, reverse=True)))
    return pattern.sub(lambda found: "{" + names[found[0]] + "}", text)


@dataclass(frozen=True)
class Merged:
    """An own text with a source's change in it; with conflicts, both stand there and somebody has to decide."""

    text: str
    has_conflicts: bool


def merge(base: str, own: str, new: str) -> Merged:
    """Put what the source changed since `base` into the own text. Nothing that was written here is ever lost."""
    if own == base:
        return Merged(new, has_conflicts=False)
    parts: list[str] = []
    conflicts = False
    for kind, *lines in Merge3(_units(base), _units(own), _units(new)).merge_groups():
        if kind != "conflict":
            parts += lines[0]
            continue
        _, here, there = lines
        conflicts = True
        parts += [*here, f"\n\n{_TO_DECIDE}\n", *there, "\n\n"]
    return Merged(re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip(), conflicts)


def _units(text: str) -> list[str]:
    return [each for each in _UNITS.findall(text) if each]


def differences(old: str, new: str) -> list[tuple[str, str]]:
    """What changed between two texts: [("same" | "removed" | "added", words)], in the order of reading."""
    before, after = (re.findall(r"[^、。\n]*[、。\n]?", text) for text in (old, new))
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            _put(found, "same", before[a:b])
        else:
            _put(found, "removed", before[a:b])
            _put(found, "added", after[c:d])
    return found


def _put(found: list[tuple[str, str]], kind: str, units: Sequence[str]) -> None:
    if text := "".join(units):
        found.append((kind, text))
