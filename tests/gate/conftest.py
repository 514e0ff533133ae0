"""A partner that has reached a level, the officers of its municipality, and short ways to ask the gate."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from partner_compliance.access import Principal
from partner_compliance.accounts.models import User
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate import operations, queries, requiring
from partner_compliance.gate.checking import Answer, Question
from partner_compliance.gate.models import ShareDecision
from partner_compliance.gate.words import Outcome, Purpose
from partner_compliance.organizations.models import Engagement, Municipality, Worker
from partner_compliance.people.models import JoiningRecord, JoiningStep, Manner
from partner_compliance.receipts.words import Ending
from partner_compliance.roster.models import RosterSubmission
from tests.factories import a_municipality, an_officer_of, principal_of
from tests.readiness.conftest import Ladder
from tests.readiness.conftest import house as house_of_readiness
from tests.readiness.conftest import ladder as ladder_of_readiness

house, ladder = house_of_readiness, ladder_of_readiness


@dataclass
class Gate:
    """The partner on the ladder, its municipality, and two officers of it."""

    ladder: Ladder
    city: Municipality
    users: tuple[User, User]
    engagement: Engagement

    @property
    def session(self) -> Any:
        return self.ladder.house.session

    @property
    def by(self) -> Principal:
        return principal_of(self.session, self.users[0], self.ladder.time.moment)

    @property
    def colleague(self) -> Principal:
        return principal_of(self.session, self.users[1], self.ladder.time.moment)

    @property
    def said(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.ladder.time.moment}

    def ask(
        self, data_class: str = "D2", mode: str = "oral", purpose: str = "PU1", people: Any = None, on: Any = None
    ) -> Answer:
        question = Question(DataClass(data_class), Mode(mode), Purpose(purpose), people)
        return queries.answer(
            self.session, self.ladder.library, self.city.id, self.ladder.id, question, on or self.ladder.today
        )

    def hand_over_roster(self, *workers: Worker) -> None:
        """The organization names some of its workers to the municipality."""
        number = len(self.session.scalars(select(RosterSubmission)).all()) + 1
        self.session.add(
            RosterSubmission(
                organization_id=self.ladder.id, id=uuid4(), engagement_id=self.engagement.id, number=number,
                made_at=self.ladder.time.moment, made_by_id=None, made_by_name="西 守",
                rows={str(each.id): {"氏名": each.name} for each in workers}, heading={},
            )
        )  # fmt: skip
        self.session.flush()

    def clear(self, *workers: Worker) -> None:
        """Every step of their joining is done, on paper."""
        for worker in workers:
            for step in JoiningStep:
                self.session.add(
                    JoiningRecord(
                        organization_id=self.ladder.id, id=uuid4(), worker_id=worker.id, step=step,
                        manner=Manner.ALONE, done_on=self.ladder.today, subject="規程", by_whom="西 守",
                        reason="", recorded_at=self.ladder.time.moment, recorded_on=self.ladder.today,
                        recorded_by_name="西 守",
                    )
                )  # fmt: skip
        self.session.flush()

    def require(self, data_class: str = "D2", level: int | None = 1, **more: Any) -> Any:
        """A requirement of the municipality, as of today where that is allowed."""
        facts: dict[str, Any] = {
            "mode": None, "purpose": None, "criteria": [], "conditions": [], "reason": "統一のため",
            "effective_on": self.ladder.today, **more,
        }  # fmt: skip
        facts["mode"] = Mode(facts["mode"]) if facts["mode"] else None
        facts["purpose"] = Purpose(facts["purpose"]) if facts["purpose"] else None
        return requiring.require(
            self.session, self.ladder.library, self.city,
            requiring.RequirementFacts(DataClass(data_class), level=level, **facts), request_key=uuid4(), **self.said,
        )  # fmt: skip

    def decide(self, answer: Answer, outcome: Outcome = Outcome.SHARE, **more: Any) -> ShareDecision:
        """A decision as the page would send it, with everything that is asked for unless `more` says otherwise."""
        asked = answer.question
        facts: dict[str, Any] = {
            "items": "訪問先の住所", "count": 2, "ending": Ending.RETURN,
            "until_on": self.ladder.today + timedelta(days=30), "agreed": True, "reason": "",
            "seal": operations.seal_of(self.ask(asked.data_class.value, asked.mode.value, asked.purpose.value)),
            **more,
        }  # fmt: skip
        key: UUID = facts.pop("key", None) or uuid4()
        by = facts.pop("by", self.by)
        return operations.decide(
            self.session, self.ladder.library, self.city, self.ladder.house.organization,
            operations.Said(asked, outcome, **facts), by=by, now=self.ladder.time.moment, request_key=key,
        )  # fmt: skip


@pytest.fixture
def gate(ladder: Ladder) -> Gate:
    """The partner at level 1 on the morning of 27 November 2026, with head and worker cleared and named."""
    session = ladder.house.session
    city = a_municipality(session)
    engagement = ladder.engage(city)
    ladder.name_posts()
    ladder.confirm()
    users = (an_officer_of(session, city, "市役所 太郎"), an_officer_of(session, city, "市役所 次郎"))
    made = Gate(ladder, city, users, engagement)
    made.clear(ladder.house.worker.worker, ladder.house.head.worker)
    made.hand_over_roster(ladder.house.worker.worker, ladder.house.head.worker, ladder.house.representative.worker)
    session.commit()
    return made
