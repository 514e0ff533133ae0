"""A municipality and an organization that could work together, and the people who speak for them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.accounts.models import User
from partner_compliance.acts import Actor
from partner_compliance.engagements import operations
from partner_compliance.engagements.operations import Terms
from partner_compliance.organizations.models import Center, Engagement, EngagementBasis, Municipality, Organization
from tests.conftest import NOON, SetClock
from tests.factories import a_center, a_municipality, an_officer_of, an_organization, principal_of, someone

TERMS = Terms("見守り強化事業", EngagementBasis.OUTSOURCING, date(2026, 11, 1), date(2027, 3, 31))


@dataclass
class Pair:
    """The two sides, and who acts for each."""

    session: Session
    municipality: Municipality
    organization: Organization
    center: Center
    officer: User
    representative: User
    head: User
    worker: User
    city: User

    def principal(self, user: User) -> Principal:
        return principal_of(self.session, user)

    @property
    def by_city(self) -> Actor:
        return Actor(self.city.id, self.city.name, "password")

    @property
    def by_officer(self) -> Actor:
        return Actor(self.officer.id, self.officer.name, "password")

    def propose(self, **changed: Any) -> Engagement:
        return operations.propose_engagement(
            self.session, self.municipality, self.organization, replace(TERMS, **changed), by=self.by_city, now=NOON
        )

    def engage(self, **changed: Any) -> Engagement:
        made = self.propose(**changed)
        operations.accept(self.session, made, by=self.by_officer, now=NOON)
        return made


@pytest.fixture
def pair(session: Session, time: SetClock) -> Pair:
    """みなと市 and はまかぜ, on Monday, 16 November 2026."""
    municipality, organization = a_municipality(session), an_organization(session)
    organization.representative_name = "北 代表"
    center = a_center(session, organization)
    made = Pair(
        session,
        municipality,
        organization,
        center,
        officer=someone(session, center, Role.PROTECTION_OFFICER, name="西 守")[0],
        representative=someone(session, center, Role.REPRESENTATIVE, name="北 代表")[0],
        head=someone(session, center, Role.CENTER_HEAD, name="東 京子")[0],
        worker=someone(session, center, name="南 花子")[0],
        city=an_officer_of(session, municipality),
    )
    session.commit()
    return made
