"""The house of the sheets, and short ways to write, adopt and acknowledge rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from partner_compliance.clock import local_date
from partner_compliance.library.rules import RULE_KEYS, ModelRule
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.rulebooks import adoption, operations, queries
from partner_compliance.rulebooks.models import Acknowledgement, DraftArticle, RuleDraft, RuleVersion
from partner_compliance.rulebooks.words import DecidedBy
from tests.conftest import SetClock
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets
FRIDAY = date(2026, 11, 27)
#: What a small cafeteria answers.
ANSWERS = {
    "organization": "こども食堂 ひなた", "edition": "s", "we": "group", "board": "committee", "officer": "世話人",
    "deputy": "副代表", "security": "same", "storage": "集会所の鍵付き書庫", "take-out": "forbidden",
    "private-phones": "contact", "home-work": "forbidden", "chat": "none", "fax": "unused", "cloud": "none",
    "ai": "forbidden", "entrusted": "none", "council": "none", "window": "世話人（電話 03-0000-0000）",
    "first-contact": "代表、不在のときは世話人", "municipality-contact": "はまかぜ市こども家庭センター",
}  # fmt: skip


@dataclass
class Desk:
    """The house with a clock, and the shelf as it stands for it."""

    house: House
    time: SetClock
    library: Library

    @property
    def today(self) -> date:
        return local_date(self.time.moment)

    def begin(
        self, *keys: str, of: Organization | None = None, by: Person | None = None, **changed: str
    ) -> list[RuleDraft]:
        return operations.begin(
            self.house.session, self.library, of or self.house.organization, keys or RULE_KEYS,
            ANSWERS | {name.replace("_", "-"): said for name, said in changed.items()},
            by=(by or self.house.officer).principal, now=self.time.moment,
        )  # fmt: skip

    def rows(self, draft: RuleDraft) -> dict[str, DraftArticle]:
        return {row.key: row for row in queries.articles_of(self.house.session, draft)}

    def change(
        self, draft: RuleDraft, key: str, text: str, *, seen: int | None = None, by: Person | None = None
    ) -> None:
        row = self.rows(draft)[key]
        typed = operations.Typed(row.title, text, row.staff)
        operations.change_article(
            self.house.session, draft, row, typed, seen=row.revision if seen is None else seen,
            by=(by or self.house.officer).principal, now=self.time.moment,
        )  # fmt: skip

    def adopt(self, draft: RuleDraft, *, by: Person | None = None, **changed: Any) -> RuleVersion:
        session, who = self.house.session, (by or self.house.officer).principal
        operations.review(session, self.library, draft, seen=draft.revision, by=who, now=self.time.moment)
        facts: dict[str, Any] = {
            "decided_by": DecidedBy.COMMITTEE, "decided_on": self.today, "in_force_from": self.today,
            "is_material": False, "acknowledge_by": None, "change": "見直したため",
        }  # fmt: skip
        decision = adoption.Decision(**facts | changed)
        return adoption.adopt(session, self.library, draft, decision, by=who, now=self.time.moment)

    def adopt_all(self, **changed: str) -> dict[str, RuleVersion]:
        return {version.key: version for version in (self.adopt(each) for each in self.begin(**changed))}

    def revise(
        self, version: RuleVersion, text: str = "新しい決まりとする。", key: str = "complaints", **changed: Any
    ) -> RuleVersion:
        draft = operations.begin_revision(
            self.house.session, self.house.organization, version, by=self.house.officer.principal, now=self.time.moment
        )
        self.change(draft, key, text)
        return self.adopt(draft, **changed)

    def acknowledge(self, version: RuleVersion, person: Person) -> Acknowledgement:
        return adoption.acknowledge(
            self.house.session, version, person.worker, asked=3, right_at_first=2, by=person.principal,
            now=self.time.moment,
        )  # fmt: skip

    def paper(self, version: RuleVersion, worker: Worker, on: date | None = None, by: Person | None = None) -> None:
        adoption.enter_paper(
            self.house.session,
            version,
            worker,
            on=on or self.today,
            by=(by or self.house.officer).principal,
            now=self.time.moment,
        )

    def state(self, key: str = "privacy-rule") -> queries.State:
        found = queries.states_of(self.house.session, self.house.organization.id, today=self.today)
        return next(each for each in found if each.rulebook.key == key)


def with_new_edition(
    library: Library,
    key: str,
    changed: Mapping[str, str],
    *,
    valid_from: date,
    withdraws: str = "",
    edition: str = "2027",
) -> Library:
    """A shelf on which a model has a later edition, with other texts for some articles (in both lengths)."""
    old = library.rule_for(key, valid_from)
    said = old.model_dump(mode="json")
    for chapter in said["chapters"]:
        for article in chapter["articles"]:
            if article["key"] in changed:
                article |= {"both": [{"text": changed[article["key"]], "when": {}}], "s": [], "m": []}
    said |= {"edition": edition, "valid_from": valid_from.isoformat()}
    if withdraws:
        said["withdraws"] = [{"edition": withdraws, "reason": "法律が変わったため、使わないでください。"}]
    new = ModelRule.model_validate(said).as_published()
    return replace(library, rules=(*library.rules, new))


@pytest.fixture
def desk(house: House, library: Library, time: SetClock) -> Desk:
    return Desk(house, time, library)
