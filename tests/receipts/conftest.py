"""An organization and the municipality it works with, and short ways to hand something over between them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from partner_compliance.access import Principal
from partner_compliance.accounts.models import User
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Engagement, Municipality
from partner_compliance.receipts import operations
from partner_compliance.receipts.models import Receipt
from partner_compliance.receipts.words import Direction, Ending, Method, Side
from partner_compliance.takeouts.words import Medium
from tests.conftest import SetClock
from tests.factories import a_municipality, an_engagement, an_officer_of, principal_of
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets


def an_item(**changed: Any) -> operations.Item:
    """Five records on paper, to be returned by Christmas."""
    facts: dict[str, Any] = {
        "medium": Medium.PAPER,
        "data_class": DataClass.D4,
        "count": 5,
        "description": "相談記録の写し 5件",
        "ending": Ending.RETURN,
        "end_by_on": date(2026, 12, 25),
    }
    return operations.Item(**facts | changed)


@dataclass
class Desk:
    """Both sides of the counter."""

    house: House
    time: SetClock
    municipality: Municipality
    engagement: Engagement
    city_user: User
    city: Principal
    colleague: Person

    def from_city(self, *items: operations.Item, by: Principal | None = None, **changed: Any) -> Receipt:
        """The organization writes down what it received."""
        facts: dict[str, Any] = {
            "direction": Direction.FROM_MUNICIPALITY,
            "handed_on": date(2026, 11, 27),
            "purpose": "見守り訪問の準備",
            "items": items or (an_item(),),
            "receiver": self.house.worker.worker,
            "engagement": self.engagement,
        }
        return operations.write(
            self.house.session, self.house.organization, operations.Facts(**facts | changed), side=Side.RECEIVER,
            by=by or self.house.worker.principal, now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip

    def inside(self, **changed: Any) -> Receipt:
        """The worker gives something to the colleague."""
        facts: dict[str, Any] = {
            "direction": Direction.INSIDE,
            "handed_on": date(2026, 11, 27),
            "purpose": "引き継ぎ",
            "items": (an_item(),),
            "giver": self.house.worker.worker,
            "receiver": self.colleague.worker,
        }
        return operations.write(
            self.house.session, self.house.organization, operations.Facts(**facts | changed), side=Side.GIVER,
            by=self.house.worker.principal, now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip

    def confirm(self, receipt: Receipt, by: Principal | None = None) -> None:
        operations.confirm(self.house.session, receipt, by=by or self.city, now=self.time.moment)

    def held(self, *items: operations.Item) -> Receipt:
        """Received from the city, and confirmed by both."""
        receipt = self.from_city(*items)
        self.confirm(receipt)
        return receipt

    def end(self, receipt: Receipt, position: int = 1, by: Principal | None = None, **changed: Any) -> None:
        facts: dict[str, Any] = {
            "count": 5,
            "method": Method.BY_HAND,
            "done_on": date(2026, 11, 27),
            "witness": "市役所 太郎",
            "backups_gone": True,
        }
        operations.end(
            self.house.session, receipt, position, operations.End(**facts | changed),
            by=by or self.house.worker.principal, now=self.time.moment,
        )  # fmt: skip


@pytest.fixture
def desk(house: House, time: SetClock) -> Desk:
    """Friday, 27 November 2026, nine in the morning."""
    session = house.session
    municipality = a_municipality(session)
    engagement = an_engagement(session, municipality, house.organization)
    user = an_officer_of(session, municipality)
    colleague = house.person("中 央")
    session.commit()
    return Desk(house, time, municipality, engagement, user, principal_of(session, user), colleague)
