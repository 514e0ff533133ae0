"""The house of the sheets, and short ways to tell, sign and enter pledges."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from partner_compliance.clock import local_date
from partner_compliance.library.pledges import Occasion
from partner_compliance.organizations.models import Worker
from partner_compliance.pledges import operations, queries
from partner_compliance.pledges.models import OwnWording, Pledge
from partner_compliance.pledges.queries import Asked, ToldOf
from partner_compliance.pledges.words import Told
from tests.conftest import SetClock
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets
ANNUAL = Asked(Occasion.ANNUAL)
JOINING = Asked(Occasion.JOINING)
LEAVING = Asked(Occasion.LEAVING)


@dataclass
class Desk:
    """The house with a clock."""

    house: House
    time: SetClock

    @property
    def today(self) -> date:
        return local_date(self.time.moment)

    def digest(self, worker: Worker, asked: Asked = ANNUAL) -> str:
        """Of the text that a page shows today."""
        house = self.house
        found = queries.text_for(house.session, house.library, house.organization, worker.kind, asked, self.today)
        return found.text.digest

    def sign(self, person: Person, asked: Asked = ANNUAL, **changed: Any) -> Pledge:
        facts: dict[str, Any] = {
            "typed_name": person.worker.name,
            "digest": self.digest(person.worker, asked),
            "request_key": uuid4(),
        }
        worker = changed.pop("of", person.worker)
        return operations.sign(
            self.house.session, self.house.library, worker, asked, operations.Signing(**facts | changed),
            by=person.principal, now=self.time.moment,
        )  # fmt: skip

    def paper(self, worker: Worker, on: date, asked: Asked = ANNUAL, **changed: Any) -> Pledge:
        facts: dict[str, Any] = {"signed_on": on, "request_key": uuid4()}
        by = changed.pop("by", self.house.officer)
        return operations.enter_paper(
            self.house.session, self.house.library, worker, asked, operations.Paper(**facts | changed),
            by=by.principal, now=self.time.moment,
        )  # fmt: skip

    def brief(self, *workers: Worker, asked: Asked = JOINING, on: date | None = None) -> None:
        told = ToldOf(on or self.today, Told.GROUP, "西 守")
        operations.brief(
            self.house.session, self.house.organization, asked, workers, told, center=None,
            by=self.house.officer.principal, now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip

    def change(self, key: str = "annual", *, again_by: date | None = None, **changed: Any) -> OwnWording:
        """The organization adds a promise; a material one when people have to sign again by a day."""
        facts: dict[str, Any] = {
            "paragraphs": ["送迎の車の中で、家庭の話をしません。"],
            "from_on": self.today,
            "is_material": again_by is not None,
            "reason": "送迎を始めたため",
            "sign_again_by": again_by,
        }
        seen = changed.pop("seen", 0)
        return operations.change_wording(
            self.house.session, self.house.organization, key, operations.Additions(**facts | changed), seen=seen,
            by=self.house.officer.principal, now=self.time.moment,
        )  # fmt: skip

    def dues(self, worker: Worker) -> dict[Asked, date]:
        found = queries.dues_of(self.house.session, self.house.library, [worker], today=self.today)
        return {due.asked: due.due_on for due in found[worker.id]}

    def standing(self, worker: Worker) -> str:
        cover = queries.Cover(self.house.session, self.house.library, [worker], on=self.today)
        return cover.standing(worker).value


@pytest.fixture
def desk(house: House, time: SetClock) -> Desk:
    """Friday, 27 November 2026, nine in the morning."""
    return Desk(house, time)
