"""The house as a member of a network, whose office it can let act."""

from dataclasses import dataclass

import pytest

from partner_compliance.access import Entrusted, Principal
from partner_compliance.acts import SYSTEM
from partner_compliance.networks import operations
from partner_compliance.organizations.models import Organization
from partner_compliance.organizations.networks import Network, NetworkMandate, NetworkMembership
from tests.factories import a_center, an_organization, principal_of, someone
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets


@dataclass
class Office:
    """A network, someone who works in its office, and the membership of the house."""

    house: House
    organization: Organization
    network: Network
    staff: Person
    membership: NetworkMembership

    def entrust(self, *tasks: Entrusted, from_on=None, until_on=None) -> NetworkMandate:
        by = self.house.officer.principal.actor
        self.house.session.rollback()  # others have written since
        made = operations.entrust(
            self.house.session, self.membership, tasks, from_on=from_on or self.today, until_on=until_on, by=by,
            now=self.now,
        )  # fmt: skip
        self.house.session.commit()
        return made

    now = None
    today = None

    @property
    def principal(self) -> Principal:
        return principal_of(self.house.session, self.staff.user, now=self.now)


@pytest.fixture
def office(house: House, time) -> Office:
    session, now = house.session, time.moment
    organization = an_organization(session, "連絡会 事務局", first_month="2027-01")
    network = operations.open_network(session, organization, name="子ども食堂連絡会", rules="", by=SYSTEM, now=now)
    user, worker = someone(session, a_center(session, organization), name="事務 局子")
    operations.appoint(session, worker, by=SYSTEM, now=now)
    membership = operations.join(session, network, house.organization, by=house.representative.principal.actor, now=now)
    session.commit()
    made = Office(house, organization, network, Person(user, worker, principal_of(session, user, now=now)), membership)
    made.now, made.today = now, time.tokyo(2026, 11, 27, 9).date()
    return made
