"""An invitation by a municipality, one by a network, and a group that has much to say of itself."""

from dataclasses import dataclass, replace

import pytest
from sqlalchemy.orm import Session

from partner_compliance.acts import Actor
from partner_compliance.networks import operations as networks
from partner_compliance.organizations.models import EngagementBasis, LegalForm, Municipality, Organization
from partner_compliance.organizations.operations import OrganizationFacts
from partner_compliance.registrations import operations
from partner_compliance.registrations.operations import Capacity, Named, NewAccount, Opened, Registration, Terms
from tests.conftest import NOON
from tests.factories import PASSWORD, a_municipality, an_officer_of, an_organization

BY = Actor(None, "市役所 太郎", "password")
TERMS = Terms(EngagementBasis.OUTSOURCING, "見守り強化事業", NOON.date(), NOON.date().replace(year=2027))
FACTS = OrganizationFacts(
    name="NPO法人 髙﨑𠮷かぜ",
    legal_form=LegalForm.NPO,
    corporate_number="７０００－０１２０－５０００２",
    representative_name="北 代表",
    representative_kana="キタ ダイヒョウ",
    address="みなと市1-2-3",
    phone="03-0000-0000",
)
SAID = Registration(
    facts=FACTS,
    centers=["本部", "東の家"],
    capacity=Capacity.OFFICER,
    own=Named("西 守", "ニシ マモル"),
    officer_deputy=Named("南 花子", "ミナミ ハナコ"),
    security=Named("北 代表"),
    security_deputy=Named("東 京子", "ヒガシ キョウコ"),
)
ACCOUNT = NewAccount("nishi", PASSWORD, "nishi@example.jp")


@dataclass
class Invitations:
    """Who invites, and with which secrets."""

    session: Session
    municipality: Municipality
    network: Organization
    secret: str
    of_network: str
    without_terms: str

    def opened(self, secret: str | None = None) -> Opened:
        return operations.find(self.session, secret or self.secret, now=NOON)

    def register(self, said: Registration = SAID, *, secret: str | None = None, account=ACCOUNT, now=NOON):
        made = operations.register(self.session, self.opened(secret), said, account, now=now)
        self.session.commit()
        return made


@pytest.fixture
def invited(session: Session, time) -> Invitations:
    municipality = a_municipality(session)
    an_officer_of(session, municipality)
    network = an_organization(session, "連絡会 事務局")
    networks.open_network(session, network, name="子ども食堂連絡会", rules="", by=BY, now=NOON)
    asked = {"group_name": "かぜ", "link_base": "https://example.jp/registration/", "by": BY, "now": NOON}
    _, secret = operations.invite_partner(session, municipality, email="kaze@example.jp", terms=TERMS, **asked)
    _, without = operations.invite_partner(session, municipality, email=None, terms=None, **asked)
    _, of_network = operations.invite_member(session, network, email=None, **asked)
    session.commit()
    return Invitations(session, municipality, network, secret, of_network, without)


def said(**changed) -> Registration:
    """The group's words, with some changed; `facts_name` and the like change the organization's facts."""
    facts = {name.removeprefix("facts_"): changed.pop(name) for name in list(changed) if name.startswith("facts_")}
    return replace(SAID, facts=replace(FACTS, **facts), **changed)
