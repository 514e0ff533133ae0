"""An organization on level 1, whose representative and protection officer decide what is public."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from partner_compliance.organizations.models import Organization
from partner_compliance.publications.models import LevelCredential, Publication
from tests.factories import a_municipality, signed_in
from tests.readiness.conftest import Ladder
from tests.readiness.conftest import ladder as ladder_of_readiness
from tests.sheets.conftest import Person
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets
ladder = ladder_of_readiness

#: What must never be read on a public page.
CANARIES = ("東 京子", "西 守", "北 代表", "南 花子", "みなと市東町1-2-3", "書庫")


class Publisher:
    """The organization, its people's browsers, and a stranger's."""

    def __init__(self, app: Flask, ladder: Ladder) -> None:
        self.app, self.ladder = app, ladder
        self.stranger: FlaskClient = app.test_client()

    @property
    def organization(self) -> Organization:
        return self.ladder.house.organization

    @property
    def room(self) -> str:
        return f"/organizations/{self.organization.id}/publication"

    def of(self, person: Person) -> FlaskClient:
        self.ladder.house.session.commit()
        return signed_in(self.app, person.user, now=self.ladder.time.moment)

    @property
    def officer(self) -> FlaskClient:
        return self.of(self.ladder.house.officer)

    @property
    def representative(self) -> FlaskClient:
        return self.of(self.ladder.house.representative)

    def publish(self, *, listed: bool = False) -> str:
        """Switch the page on; its address."""
        form = {"is_agreed": "y", **({"is_listed": "y"} if listed else {})}
        assert self.representative.post(f"{self.room}/start", data=form).status_code == 303
        return self.address

    @property
    def address(self) -> str:
        return f"/published/{self.publication}"

    @property
    def publication(self) -> UUID:
        session = self.ladder.house.session
        session.rollback()
        return session.scalars(select(Publication.id).where(Publication.organization_id == self.organization.id)).one()

    def issue(self) -> LevelCredential:
        """Have a credential made for the level of today."""
        assert self.officer.post(f"{self.room}/credentials").status_code == 303
        return self.credentials()[-1]

    def credentials(self) -> list[LevelCredential]:
        session = self.ladder.house.session
        session.rollback()
        return list(session.scalars(select(LevelCredential).order_by(LevelCredential.issued_at)))

    def json(self, address: str, status: int = 200) -> Any:
        answer = self.stranger.get(address)
        assert answer.status_code == status, answer.text
        return answer.json


@pytest.fixture
def publisher(ladder: Ladder, make_app: Callable[[], Flask]) -> Publisher:
    """On the first level, on the morning of 27 November 2026."""
    ladder.house.organization.representative_name = "北 代表"
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.house.session.commit()
    return Publisher(make_app(), ladder)
