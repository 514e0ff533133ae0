"""Sharing in the demo: what the first municipality requires, what it decided, and what it did not."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import User
from partner_compliance.demo.take_outs import Scene
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate import operations, queries, requiring
from partner_compliance.gate.checking import Question
from partner_compliance.gate.words import Comparison, Outcome, Purpose
from partner_compliance.inspections import exchanges
from partner_compliance.inspections import operations as inspections
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between
from partner_compliance.publications import operations as publications
from partner_compliance.receipts.words import Ending
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import SubmissionScope


def share(session: Session, library: Library, first: Scene, *, now: datetime) -> None:
    """Once every story is told: a requirement, a criterion of one's own, an acceptance, and decisions of each kind.

    The first partner hands its roster over; handling hints are shared with two of its people, case records are not,
    and what was told in an emergency today waits for a colleague's look.
    """
    today = clock.local_date(now)
    city = session.scalars(select(User).where(User.login_name == "shiomi")).one()
    by = account_queries.principal_of(session, city, strength="password", today=today)
    municipality = session.get_one(Municipality, min(by.municipality_ids))
    organization = session.get_one(Organization, first.organization.id)
    _hand_over_roster(session, first, municipality, now)
    facts = requiring.CriterionFacts(
        "規程を8割以上の方が確認", "手順を知らないまま扱うことを防ぐため", Measure.RULES_ACKNOWLEDGED,
        Comparison.PERCENT, 80,
    )  # fmt: skip
    own = requiring.add_criterion(session, municipality, facts, by=by, now=now, request_key=uuid4())
    for required in (
        requiring.RequirementFacts(
            DataClass.D2, None, None, 1, [], ["見える場所に置いたままにしない。"],
            "訪問の前に、急いで伝えることが多いため", today,
        ),
        requiring.RequirementFacts(
            DataClass.D3, Mode.FILE, None, 3, [str(own.id)], ["私物の端末で開かない。"], "端末の紛失に備えるため",
            today + timedelta(days=30),
        ),
    ):  # fmt: skip
        requiring.require(session, library, municipality, required, by=by, now=now, request_key=uuid4())
    acceptance = requiring.AcceptanceFacts(
        DataClass.D3, 1, "毎月の点検を始めたところで、記録がまだそろわないため", today, today + timedelta(days=60)
    )
    requiring.accept(session, municipality, organization, acceptance, by=by, now=now, request_key=uuid4())
    for data_class, mode, purpose, outcome, reason in (
        (DataClass.D2, Mode.PAPER_KEPT, Purpose.PU1, Outcome.SHARE, ""),
        (
            DataClass.D4,
            Mode.PAPER_KEPT,
            Purpose.PU2,
            Outcome.REFUSE,
            "毎月の点検がそろってから、あらためて判断します。",
        ),
        (DataClass.D3, Mode.ORAL, Purpose.PU6, Outcome.EMERGENCY, "夜間に安否を確かめる必要があったため"),
    ):
        asked = Question(data_class, mode, purpose)
        found = queries.answer(session, library, municipality.id, organization.id, asked, today)
        clear = [each.worker_id for each in found.ground.known or () if each.is_cleared][:2]
        said = operations.Said(
            Question(data_class, mode, purpose, tuple(clear) or None), outcome, "", reason,
            "訪問のときに気をつけること", 2, Ending.RETURN, today + timedelta(days=30), True, operations.seal_of(found),
        )  # fmt: skip
        if outcome is Outcome.SHARE and not clear:
            continue
        operations.decide(session, library, municipality, organization, said, by=by, now=now, request_key=uuid4())


def look_after(session: Session, library: Library, first: Scene, second: Scene, *, now: datetime) -> None:
    """The first partner shows its level to everybody; the second was asked to mend something, and is looked into."""
    today = clock.local_date(now)
    city = session.scalars(select(User).where(User.login_name == "shiomi")).one()
    by = account_queries.principal_of(session, city, strength="password", today=today)
    municipality = session.get_one(Municipality, min(by.municipality_ids))
    shows, mends = (session.get_one(Organization, each.organization.id) for each in (first, second))
    publications.switch_on(session, shows, also_listed=True, by=first.principal(session, _officer(first), now), now=now)
    facts = exchanges.DemandFacts(
        "従事者名簿を見直し、確認してください。",
        "名簿の確認から日がたっているため",
        "",
        "1b",
        today + timedelta(days=21),
    )
    exchanges.ask_for_improvement(session, library, municipality, mends, facts, by=by, now=now, request_key=uuid4())
    last = clock.month_after(clock.month_of(today), -1)
    looked = inspections.Facts("年に一度の点検", clock.month_after(last, -2), last, today + timedelta(days=30))
    inspections.open_inspection(session, municipality, mends, looked, by=by, now=now, request_key=uuid4())


def _officer(scene: Scene) -> int:
    return next(at for at, person in enumerate(scene.partner.people) if Role.PROTECTION_OFFICER in person.posts)


def _hand_over_roster(session: Session, first: Scene, municipality: Municipality, now: datetime) -> None:
    today = clock.local_date(now)
    organization = session.get_one(Organization, first.organization.id)
    [engagement, *_] = engagements_between(session, organization.id, [municipality.id], today)
    draft = roster.draft_submission(session, organization, engagement.id, SubmissionScope.HANDLERS, today=today)
    roster.submit_roster(
        session, organization, engagement.id, SubmissionScope.HANDLERS, seen=draft.seal,
        by=first.principal(session, _officer(first), now), now=now,
    )  # fmt: skip
