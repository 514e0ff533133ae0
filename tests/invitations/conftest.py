"""What tests of invitations share: a body with people to invite, and quick hashes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.accounts.models import OutgoingMail, User
from partner_compliance.acts import Actor
from partner_compliance.invitations import operations
from partner_compliance.invitations.models import Way
from partner_compliance.invitations.operations import Issued, Sender
from partner_compliance.organizations.models import Center, Organization, Worker
from tests.accounts.conftest import _quick_passwords
from tests.conftest import NOON
from tests.factories import a_center, a_worker, an_operator, an_organization, someone

__all__ = ["_quick_passwords"]

LINKS = "https://partner.example.jp/invitation/"
PASSWORD = "みどりのきつねがにひきいました"


@dataclass
class Group:
    """An organization, its protection officer and head, and a volunteer without an account."""

    session: Session
    organization: Organization
    center: Center
    officer: User
    officer_worker: Worker
    head: User
    volunteer: Worker

    def sender(self, user: User | None = None) -> Sender:
        user = user or self.officer
        return Sender(Actor(user.id, user.name, "password"), LINKS)

    def invite(self, worker: Worker | None = None, *, now=NOON, **more) -> Issued:
        more = {"way": Way.PAPER, "with_posts": True, "by": self.sender(), **more}
        issued = operations.invite_worker(self.session, worker or self.volunteer, now=now, **more)
        self.session.commit()
        return issued

    def mails(self) -> list[OutgoingMail]:
        return list(self.session.scalars(select(OutgoingMail).order_by(OutgoingMail.written_at)))


def make_group(session: Session, name: str = "NPO法人 はまかぜ") -> Group:
    organization = an_organization(session, name, first_month="2026-10")
    center = a_center(session, organization)
    officer, officer_worker = someone(session, center, Role.PROTECTION_OFFICER, name="西 守", password=PASSWORD + "西")
    head, _ = someone(session, center, Role.CENTER_HEAD, name="東 京子", password=PASSWORD + "東")
    volunteer = a_worker(session, center, "髙﨑 𠮷子")
    volunteer.name_kana = "タカサキ ヨシコ"
    session.commit()
    return Group(session, organization, center, officer, officer_worker, head, volunteer)


@pytest.fixture
def group(session: Session) -> Group:
    """The group whose people are invited."""
    an_operator(session)
    return make_group(session)


@pytest.fixture
def as_operator() -> Callable[[Sender], Sender]:
    """The same sender, acting for the platform."""
    return lambda sender: replace(sender, is_operator=True)
