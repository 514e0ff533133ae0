"""An organization with two centers, a project, and people in every post."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role
from partner_compliance.accounts.models import User
from partner_compliance.organizations.models import Center, Engagement, Municipality, Organization, Worker, WorkerKind
from partner_compliance.roster import operations
from partner_compliance.roster.models import Project
from partner_compliance.roster.operations import WorkerFacts
from tests.conftest import SetClock
from tests.factories import a_center, a_municipality, an_engagement, an_organization, principal_of, someone


@dataclass
class Person:
    """Someone with an account."""

    user: User
    worker: Worker
    principal: Principal


@dataclass
class Place:
    """The organization on the morning of 27 November 2026."""

    session: Session
    municipality: Municipality
    organization: Organization
    engagement: Engagement
    center: Center
    second: Center
    project: Project
    officer: Person
    head: Person
    representative: Person
    worker: Person
    now: datetime

    @property
    def id(self) -> UUID:
        return self.organization.id

    def facts(self, name: str = "髙﨑 𠮷", **changed: Any) -> WorkerFacts:
        facts = WorkerFacts(
            name=name, name_kana="タカサキ ヨシ", kind=WorkerKind.REGULAR, center_id=self.center.id,
            joined_on=date(2025, 4, 1), projects=frozenset({self.project.id}),
        )  # fmt: skip
        return replace(facts, **changed)

    def add(self, name: str = "髙﨑 𠮷", **changed: Any) -> Worker:
        made = operations.add_worker(
            self.session, self.id, self.facts(name, **changed), by=self.officer.principal.actor, now=self.now
        )
        self.session.commit()
        return made

    def change(self, worker: Worker, **changed: Any) -> None:
        facts = replace(operations.facts_of(self.session, worker), **changed)
        operations.change_worker(self.session, worker, facts, by=self.officer.principal.actor, now=self.now)
        self.session.commit()

    def leave(self, worker: Worker, on: date) -> None:
        self.change(worker, left_on=on)


@pytest.fixture
def place(session: Session, time: SetClock) -> Place:
    """Four people whose rows are complete, and nobody else."""
    now = time.tokyo(2026, 11, 27, 9)
    municipality, organization = a_municipality(session), an_organization(session)
    organization.representative_name = "北 代表"
    engagement = an_engagement(session, municipality, organization)
    center, second = a_center(session, organization), a_center(session, organization, "分室")

    def person(name: str, kana: str, *roles: Role) -> Person:
        user, worker = someone(session, center, *roles, name=name)
        worker.name_kana, worker.search_key = kana, operations.search_key(name, kana)
        return Person(user, worker, principal_of(session, user, now=now))

    people = {
        "officer": person("西 守", "ニシ マモル", Role.PROTECTION_OFFICER),
        "head": person("東 京子", "ヒガシ キョウコ", Role.CENTER_HEAD),
        "representative": person("北 代表", "キタ ダイヒョウ", Role.REPRESENTATIVE),
        "worker": person("南 花子", "ミナミ ハナコ"),
    }
    by = people["officer"].principal.actor
    project = operations.project_named(session, organization.id, "見守り訪問事業", by=by, now=now)
    for each in people.values():
        facts = replace(operations.facts_of(session, each.worker), projects=frozenset({project.id}))
        operations.change_worker(session, each.worker, facts, by=by, now=now)
    session.commit()
    return Place(session, municipality, organization, engagement, center, second, project, now=now, **people)
