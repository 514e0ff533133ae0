"""What a municipality requires and decided, for the world in which every address is asked for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate import operations, queries, requiring
from partner_compliance.gate.checking import Question
from partner_compliance.gate.words import Comparison, Holding, Outcome, Purpose
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.receipts.words import Ending
from tests.factories import an_officer_of, principal_of


def seal(session: Session, library: Library, municipality: Municipality, organization: Organization, asked: Question,
         day: Any) -> str:  # fmt: skip
    """What a page about the question would carry."""
    alone = Question(asked.data_class, asked.mode, asked.purpose)
    return operations.seal_of(queries.answer(session, library, municipality.id, organization.id, alone, day))


def in_the_world(
    session: Session, library: Library, municipality: Municipality, organization: Organization,
    who: dict[str, Principal], *, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """A criterion, a requirement, an acceptance, a stop that was lifted, an emergency that waits for a look."""
    city = principal_of(session, an_officer_of(session, municipality, "共有 担当"))
    today = clock.local_date(now)
    said: dict[str, Any] = {"by": city, "now": now}
    facts = requiring.CriterionFacts(
        "規程を全員が確認", "手順を知らずに扱わないため", Measure.RULES_ACKNOWLEDGED, Comparison.PERCENT, 80
    )
    own = requiring.add_criterion(session, municipality, facts, request_key=uuid4(), **said)
    required = requiring.RequirementFacts(
        DataClass.D3, Mode.FILE, Purpose.PU1, 3, [str(own.id), "2b"], ["私物の端末で開かない。"], "紛失があったため",
        today + timedelta(days=20),
    )  # fmt: skip
    requiring.require(session, library, municipality, required, request_key=uuid4(), **said)
    accepted = requiring.AcceptanceFacts(DataClass.D4, 1, "始めたばかりのため", today, today + timedelta(days=60))
    acceptance = requiring.accept(session, municipality, organization, accepted, request_key=uuid4(), **said)
    for kind in Holding:
        requiring.hold(session, municipality, organization, kind, reason="確認のため", **said)
    ground = queries.grounds(session, library, municipality.id, [organization.id], today)[organization.id]
    question = Question(
        DataClass.D3, Mode.PAPER_KEPT, Purpose.PU6,
        tuple(each.worker_id for each in ground.known or () if each.worker_id in who["head"].worker_ids),
    )  # fmt: skip
    decision = operations.decide(
        session, library, municipality, organization,
        operations.Said(
            question, Outcome.EMERGENCY, "", "夜間に安否を確かめるため", "訪問先の住所", 1, Ending.RETURN,
            today + timedelta(days=7), True, seal(session, library, municipality, organization, question, today),
        ),
        request_key=uuid4(), **said,
    )  # fmt: skip
    operations.take_note(session, decision, by=who["officer"], now=now)
    ended = requiring.AcceptanceFacts(DataClass.D2, 1, "始めたばかりのため", today, today)
    row = requiring.accept(session, municipality, organization, ended, request_key=uuid4(), **said)
    requiring.end_acceptance(session, row, reason="段階に届いたため", by=city, now=now)
    assert question.recipients
    return {"acceptance": acceptance.id, "share decision": decision.id, "receipt": decision.receipt_id}
