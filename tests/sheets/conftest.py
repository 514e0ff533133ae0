"""One organization with a center, a head, a protection officer, a representative and some workers."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.accounts.models import User
from partner_compliance.library.checklists import Checklist
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.sheets import operations
from partner_compliance.sheets.models import CheckSheet
from tests.conftest import SetClock
from tests.factories import a_center, a_worker, an_organization, principal_of, someone

MONTH = "2026-11"


@dataclass
class Person:
    """Someone with an account: the user, the roster row, and what the house knows of them."""

    user: User
    worker: Worker
    principal: Principal


@dataclass
class House:
    """A small organization whose November sheets are open."""

    session: Session
    library: Library
    organization: Organization
    center: Center
    head: Person
    officer: Person
    representative: Person
    worker: Person
    volunteer: Worker

    @property
    def checklist(self) -> Checklist:
        return self.library.edition_for(operations.CHECKLIST_KEY, MONTH)

    def sheet_of(self, worker: Worker, month: str = MONTH) -> CheckSheet:
        return self.session.scalars(
            select(CheckSheet).where(CheckSheet.worker_id == worker.id, CheckSheet.month == month)
        ).one()

    def person(self, name: str, *roles: Role, center: Center | None = None) -> Person:
        user, worker = someone(self.session, center or self.center, *roles, name=name)
        return Person(user, worker, principal_of(self.session, user))


@pytest.fixture
def house(session: Session, library: Library, time: SetClock) -> House:
    """The organization on the morning of 27 November 2026, two days after its sheets opened."""
    organization = an_organization(session, first_month=MONTH)
    center = a_center(session, organization)

    def person(name: str, *roles: Role) -> Person:
        user, worker = someone(session, center, *roles, name=name)
        return Person(user, worker, principal_of(session, user))

    made = House(
        session,
        library,
        organization,
        center,
        head=person("東 京子", Role.CENTER_HEAD),
        officer=person("西 守", Role.PROTECTION_OFFICER),
        representative=person("北 代表", Role.REPRESENTATIVE),
        worker=person("南 花子"),
        volunteer=a_worker(session, center, "𠮷田 﨑子"),
    )
    now = time.tokyo(2026, 11, 27, 9)
    operations.open_months(session, library, now=now)
    session.commit()
    return made
