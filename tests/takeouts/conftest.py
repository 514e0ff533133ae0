"""A small organization with a head, an officer and workers, and short ways to take something out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from partner_compliance.access import Role
from partner_compliance.takeouts import operations
from partner_compliance.takeouts.models import TakeOut
from tests.conftest import SetClock
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets
from tests.taken_out import ALL_CHECKS, some_facts

house = house_of_sheets


@dataclass
class Ledger:
    """What people of the house do with take-outs, at the clock of the test."""

    house: House
    time: SetClock
    colleague: Person
    deputy: Person

    @property
    def now(self) -> datetime:
        return self.time.moment

    def ask(self, person: Person | None = None, **changed: Any) -> TakeOut:
        person = person or self.house.worker
        return operations.ask(
            self.house.session, person.worker, some_facts(self.now + timedelta(minutes=30), **changed),
            by=person.principal, now=self.now, request_key=uuid4(),
        )  # fmt: skip

    def permit(self, row: TakeOut, by: Person | None = None, comment: str = "", **more: Any) -> None:
        operations.permit(
            self.house.session, row, comment=comment, by=(by or self.house.head).principal, now=self.now, **more
        )

    def depart(self, row: TakeOut, count: int = 3, comment: str = "", by: Person | None = None) -> None:
        operations.depart(
            self.house.session, row, count=count, checks=ALL_CHECKS, comment=comment,
            by=(by or self.house.worker).principal, now=self.now,
        )  # fmt: skip

    def come_back(self, row: TakeOut, count: int = 3, comment: str = "", by: Person | None = None, **more: Any) -> Any:
        return operations.come_back(
            self.house.session, row, count=count, checks=more.pop("checks", ALL_CHECKS), comment=comment,
            by=(by or self.house.worker).principal, now=self.now, **more,
        )  # fmt: skip

    def out(self, **changed: Any) -> TakeOut:
        """A row that was permitted and has left."""
        row = self.ask(**changed)
        self.permit(row)
        self.depart(row, count=row.count)
        return row


@pytest.fixture
def ledger(house: House, time: SetClock) -> Ledger:
    """Friday, 27 November 2026, nine in the morning."""
    colleague = house.person("中 央")
    deputy = house.person("次 長", Role.PROTECTION_OFFICER)
    house.session.commit()
    return Ledger(house, time, colleague, deputy)
