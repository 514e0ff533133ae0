"""Everything on the shelf, read once when the app starts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from partner_compliance.library.check import Problem, examine
from partner_compliance.library.checklists import MONTH_FORM, Checklist
from partner_compliance.library.clauses import ClauseList
from partner_compliance.library.courses import Course, Suits
from partner_compliance.library.pledges import Audience, LawBook, Occasion, Wording
from partner_compliance.library.readiness import Ladder
from partner_compliance.library.requirements import Suggestions
from partner_compliance.library.rules import RULE_KEYS, EvidenceList, ModelRule, PracticeList, Wizard

Dated = TypeVar("Dated", ModelRule, Wizard, EvidenceList, PracticeList, Course, Ladder, Suggestions)


class BrokenContent(Exception):
    """The shelf has problems; `problems` lists them all, and the text shows one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class UnknownEdition(KeyError):
    """There is no such check sheet or list of clauses, or no edition of it that fits."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would put quotes around it


@dataclass(frozen=True)
class Library:
    """All content, by the names that the database keeps."""

    checklists: tuple[Checklist, ...]
    clause_lists: tuple[ClauseList, ...] = ()
    wordings: tuple[Wording, ...] = ()
    law_books: tuple[LawBook, ...] = ()
    it_clause_lists: tuple[ClauseList, ...] = ()
    rules: tuple[ModelRule, ...] = ()
    wizards: tuple[Wizard, ...] = ()
    evidence: tuple[EvidenceList, ...] = ()
    practices: tuple[PracticeList, ...] = ()
    courses: tuple[Course, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    suggestions: tuple[Suggestions, ...] = ()

    def checklist(self, key: str, edition: str) -> Checklist:
        """The edition that an answer is pinned to, draft or published; raises UnknownEdition."""
        for checklist in self.checklists:
            if (checklist.key, checklist.edition) == (key, edition):
                return checklist
        raise UnknownEdition(f"no edition {edition!r} of the checklist {key!r}")

    def edition_for(self, key: str, month: str) -> Checklist:
        """The published edition that month `YYYY-MM` uses; raises UnknownEdition, or ValueError if it is no month."""
        if not re.fullmatch(MONTH_FORM, month):
            raise ValueError(f"not a month: {month!r}")
        usable = [
            checklist
            for checklist in self.checklists
            if checklist.published and checklist.key == key and checklist.valid_from_month <= month
        ]
        if not usable:
            raise UnknownEdition(f"no edition of the checklist {key!r} for {month}")
        return max(usable, key=lambda checklist: checklist.valid_from_month)

    def clauses(self, edition: str) -> ClauseList:
        """The edition of the list of clauses that a record is pinned to; raises UnknownEdition."""
        for found in self.clause_lists:
            if found.edition == edition:
                return found
        raise UnknownEdition(f"no edition {edition!r} of the list of clauses")

    def clauses_for(self, month: str) -> ClauseList:
        """The published edition with which contracts are recorded in month `YYYY-MM`; raises UnknownEdition."""
        usable = [found for found in self.clause_lists if found.published and found.valid_from_month <= month]
        if not usable:
            raise UnknownEdition(f"no edition of the list of clauses for {month}")
        return max(usable, key=lambda found: found.valid_from_month)

    def wording(self, key: str, edition: str) -> Wording:
        """The edition of a pledge that a signature is pinned to; raises UnknownEdition."""
        for found in self.wordings:
            if (found.key, found.edition) == (key, edition):
                return found
        raise UnknownEdition(f"no edition {edition!r} of the pledge {key!r}")

    def wording_for(self, occasion: Occasion, day: date, *, is_volunteer: bool = False) -> Wording:
        """The published edition that is signed on a day; a volunteer gets the volunteers' where there is one.

        Raises UnknownEdition.
        """
        usable = [each for each in self.wordings if each.published and occasion in each.occasions]
        for_volunteers = [each for each in usable if each.audience is Audience.VOLUNTEERS]
        others = [each for each in usable if each.audience is not Audience.VOLUNTEERS]
        for choice in (for_volunteers, others) if is_volunteer else (others,):
            in_force = [each for each in choice if each.valid_from <= day]
            if in_force:
                return max(in_force, key=lambda each: each.valid_from)
        raise UnknownEdition(f"no pledge for {occasion.value} on {day}")

    def editions_of(self, key: str, day: date) -> list[Wording]:
        """The published editions of a pledge that are or were in force by a day, the oldest first."""
        found = [each for each in self.wordings if each.key == key and each.published and each.valid_from <= day]
        return sorted(found, key=lambda each: each.valid_from)

    def law_for(self, day: date) -> LawBook:
        """The published book of law that holds on a day; raises UnknownEdition."""
        usable = [each for each in self.law_books if each.published and each.valid_from <= day]
        if not usable:
            raise UnknownEdition(f"no book of law for {day}")
        return max(usable, key=lambda each: each.valid_from)

    def rule(self, key: str, edition: str) -> ModelRule:
        """The edition of a model rule that a text comes from; raises UnknownEdition."""
        for found in self.rules:
            if (found.key, found.edition) == (key, edition):
                return found
        raise UnknownEdition(f"no edition {edition!r} of the rule {key!r}")

    def rule_for(self, key: str, day: date) -> ModelRule:
        """The published edition of a model rule that is offered on a day; raises UnknownEdition."""
        return _newest([each for each in self.rules if each.key == key], day, f"the rule {key!r}")

    def rules_for(self, day: date) -> list[ModelRule]:
        """The model rules that are offered on a day, in their order; raises UnknownEdition."""
        return [self.rule_for(key, day) for key in RULE_KEYS]

    def withdrawn(self, key: str, edition: str, day: date) -> str:
        """Why an edition of a model rule should be adopted no longer by a day; empty while nothing is said."""
        for rule in self.rules:
            if rule.key == key and rule.published and rule.valid_from <= day:
                for each in rule.withdraws:
                    if each.edition == edition:
                        return each.reason
        return ""

    def wizard_for(self, day: date) -> Wizard:
        """The questions that are asked on a day; raises UnknownEdition."""
        return _newest(self.wizards, day, "the questions")

    def evidence_for(self, day: date) -> EvidenceList:
        """Which clause is shown by what, on a day; raises UnknownEdition."""
        return _newest(self.evidence, day, "the evidence")

    def practices_for(self, day: date) -> PracticeList:
        """The practices that are shown on a day; raises UnknownEdition."""
        return _newest(self.practices, day, "the practices")

    def course(self, key: str, edition: str) -> Course:
        """The edition of a course that somebody began; raises UnknownEdition."""
        for found in self.courses:
            if (found.key, found.edition) == (key, edition):
                return found
        raise UnknownEdition(f"no edition {edition!r} of the course {key!r}")

    def course_for(self, key: str, day: date) -> Course:
        """The published edition of a course that is taken on a day; raises UnknownEdition."""
        return _newest([each for each in self.courses if each.key == key], day, f"the course {key!r}")

    def courses_for(self, day: date) -> list[Course]:
        """The courses that can be taken on a day, each in its newest edition, in the order of their suitability."""
        usable = [each for each in self.courses if each.published and each.valid_from <= day]
        newest = {each.key: each for each in sorted(usable, key=lambda each: each.valid_from)}
        order = list(Suits)
        return sorted(newest.values(), key=lambda each: (not each.entry, order.index(each.suits[0]), each.key))

    def ladder_for(self, day: date) -> Ladder:
        """The published edition of the ladder with which levels of a day are computed; before the first one, that.

        Raises UnknownEdition where there is none at all.
        """
        first = min((each.valid_from for each in self.ladders if each.published), default=day)
        return _newest(self.ladders, max(day, first), "the ladder")

    def suggestions_for(self, day: date) -> Suggestions:
        """The published edition of the suggested requirements of a day; before the first one, that.

        Raises UnknownEdition where there is none at all.
        """
        first = min((each.valid_from for each in self.suggestions if each.published), default=day)
        return _newest(self.suggestions, max(day, first), "the suggested requirements")

    def it_clauses_for(self, month: str) -> ClauseList:
        """The published edition of the clauses on data processing in month `YYYY-MM`; raises UnknownEdition."""
        usable = [found for found in self.it_clause_lists if found.published and found.valid_from_month <= month]
        if not usable:
            raise UnknownEdition(f"no edition of the clauses on data processing for {month}")
        return max(usable, key=lambda found: found.valid_from_month)


def _newest(editions: Sequence[Dated], day: date, what: str) -> Dated:
    usable = [each for each in editions if each.published and each.valid_from <= day]
    if not usable:
        raise UnknownEdition(f"no edition of {what} for {day}")
    return max(usable, key=lambda each: each.valid_from)


def read_library(root: Path) -> Library:
    """Read all content below the project folder `root`; raises BrokenContent if anything at all is wrong with it."""
    findings = examine(root)
    if findings.problems:
        raise BrokenContent(findings.problems)
    return Library(
        tuple(findings.checklists), tuple(findings.clause_lists), tuple(findings.wordings), tuple(findings.law_books),
        tuple(findings.it_clause_lists), tuple(findings.rules), tuple(findings.wizards), tuple(findings.evidence),
        tuple(findings.practices), tuple(findings.courses), tuple(findings.ladders),
        tuple(findings.suggestions),
    )  # fmt: skip
