"""A mature organization with rules and practices, and a new group that looks for a kit."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from partner_compliance.access import Role
from partner_compliance.database import make_engine
from partner_compliance.kits import operations, queries
from partner_compliance.kits.models import KitAdoption, KitEdition
from partner_compliance.kits.package import Tip
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.organizations.models import LegalForm, Organization
from partner_compliance.pledges import operations as pledges
from partner_compliance.rulebooks.models import RuleDraft, RuleVersion
from tests.factories import a_center, an_organization, principal_of, someone
from tests.rulebooks.conftest import ANSWERS, Desk
from tests.rulebooks.conftest import desk as rules_desk
from tests.rulebooks.conftest import house as house_of_rules
from tests.sheets.conftest import Person

desk = rules_desk
house = house_of_rules
NEW = ANSWERS | {
    "organization": "放課後の家 つくし", "we": "corporation", "board": "board", "officer": "事務局長", "deputy": "理事",
    "storage": "事務所の金庫", "window": "事務局（電話 03-1111-1111）", "first-contact": "センター長",
    "municipality-contact": "そよかぜ市こども家庭センター",
}  # fmt: skip


@dataclass
class Exchange:
    """Who publishes, and who takes over."""

    desk: Desk
    versions: dict[str, RuleVersion]
    new: Organization
    new_officer: Person

    def publish(self, kit_id: UUID | None = None, parts: list[Part] | None = None, **changed: Any) -> KitEdition:
        desk = self.desk
        facts = operations.Facts(
            changed.get("title", "食堂のはじめの一歩"), "10人の食堂の決まりです。", Activity.CAFETERIA, Headcount.FEW,
            changed.get("note", "見直した" if kit_id else ""), changed.get("courses", ["市の動画「守る10分」"]),
        )  # fmt: skip
        return operations.publish(
            desk.house.session, desk.library, desk.house.organization, facts, parts or list(Part), kit_id=kit_id,
            by=desk.house.officer.principal, now=desk.time.moment,
        )  # fmt: skip

    def on_shelf(self, edition: KitEdition, of: Organization | None = None) -> queries.OnShelf:
        found = queries.on_shelf(self.desk.house.session, (of or self.new).id, edition.id)
        assert found is not None
        return found

    def take(
        self, edition: KitEdition, *, of: Organization | None = None, by: Person | None = None, **changed: Any
    ) -> tuple[KitAdoption, list[RuleDraft]]:
        wanted: dict[str, Any] = {
            "parts": list(Part),
            "rules": ["privacy-rule", "security-rule", "incident-procedure"],
            "answers": NEW,
        }
        return operations.take_over(
            self.desk.house.session, self.desk.library, of or self.new, self.on_shelf(edition, of),
            operations.Wanted(**wanted | changed), by=(by or self.new_officer).principal, now=self.desk.time.moment,
        )  # fmt: skip


@pytest.fixture
def exchange(desk: Desk) -> Exchange:
    session = desk.house.session
    desk.house.organization.name = ANSWERS["organization"]
    session.flush()
    privacy, *others = desk.begin()
    desk.change(privacy, "complaints", "窓口は、こども食堂 ひなたの世話人とする。\n\n子どもの声を、絵でも受ける。")
    versions = {version.key: version for version in (desk.adopt(each) for each in (privacy, *others))}
    by: dict[str, Any] = {"by": desk.house.officer.principal, "now": desk.time.moment}
    additions = pledges.Additions(["調理場で、家庭の話をしません。"], desk.today, False, "食堂のため")
    pledges.change_wording(session, desk.house.organization, "joining", additions, seen=0, **by)
    operations.keep_practice(
        session, desk.house.organization, ["受付の名簿を、伏せて置きましたか。"],
        [Tip(item="2-2", text="鍵は、鍋の棚ではなく金庫に入れています。").model_dump() | {"of": ""}], seen=0, **by,
    )  # fmt: skip
    new = an_organization(session, NEW["organization"])
    new.legal_form = LegalForm.NPO
    user, worker = someone(session, a_center(session, new), Role.PROTECTION_OFFICER, name="月 守")
    session.commit()
    return Exchange(desk, versions, new, Person(user, worker, principal_of(session, user)))


@pytest.fixture
def second_engine(empty_sqlite: Path, tmp_path: Path) -> Iterator[Engine]:
    """Another installation: an empty database of its own, on SQLite whatever the first one is."""
    file = tmp_path / "second.sqlite3"
    copyfile(empty_sqlite, file)
    made = make_engine(f"sqlite:///{file}")
    yield made
    made.dispose()
