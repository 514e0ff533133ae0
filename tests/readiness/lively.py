"""Two weeks in which everything is written late, corrected, extended, withdrawn, ended or erased at least once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from partner_compliance import clock
from partner_compliance.accounts import operations as accounts
from partner_compliance.engagements import operations as engagements
from partner_compliance.engagements import places
from partner_compliance.engagements.models import Place
from partner_compliance.engagements.operations import Terms
from partner_compliance.library.checklists import Answer
from partner_compliance.organizations.models import EngagementBasis
from partner_compliance.people import leaving
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningRecord, JoiningStep, LeavingCheck, LeavingReason, Manner, Outcome
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.words import Direction, Side
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, PostHolding
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets import reconciliation
from partner_compliance.sheets.operations import Filled
from partner_compliance.takeouts import operations as take_outs
from tests.factories import a_municipality, a_worker, all_fine
from tests.readiness.conftest import Ladder
from tests.taken_out import ALL_CHECKS, RECORDS, some_facts


def a_lively_fortnight(ladder: Ladder, at_end_of_day: Callable[[date], None]) -> None:
    """From 27 November to 18 December 2026; at the end of each day everything is committed and the day is told of."""
    house, session = ladder.house, ladder.house.session
    officer, head = house.officer.principal, house.head.principal
    city = a_municipality(session)
    engagement = ladder.engage(city)
    second = ladder.engage(a_municipality(session, "となり市"))
    leaver, newcomer = (a_worker(session, house.center, name) for name in ("去 年子", "早 合点"))

    def step(worker: Any, done_on: date, **more: Any) -> JoiningRecord:
        facts = people.StepFacts(JoiningStep.PLEDGE, done_on, Manner.PAPER, **more)
        return people.record_step(session, worker, facts, by=officer.actor, now=ladder.time.moment)

    def end(year: int, month: int, day: int) -> None:
        session.commit()
        at_end_of_day(date(year, month, day))

    ladder.name_posts()
    ladder.confirm()
    step(house.volunteer, date(2026, 11, 20))
    take_out = take_outs.ask(
        session, house.worker.worker, some_facts(_at(12, 1, 13)), by=house.worker.principal,
        now=ladder.time.moment, request_key=uuid4(),
    )  # fmt: skip
    take_outs.permit(session, take_out, comment="", by=head, now=ladder.time.moment)
    end(2026, 11, 27)

    ladder.go(2026, 11, 30)
    wrong = step(newcomer, date(2026, 11, 25))
    end(2026, 11, 30)

    ladder.go(2026, 12, 1, 13)
    take_outs.depart(
        session, take_out, count=3, checks=ALL_CHECKS, comment="", by=house.worker.principal, now=ladder.time.moment
    )
    people.withdraw_step(session, wrong, reason="別の方の用紙", by=officer.actor, now=ladder.time.moment)
    end(2026, 12, 1)

    # The return is put off on the last day on which it can be: the day before, it was to be overdue after that.
    ladder.go(2026, 12, 2)
    take_outs.extend(
        session, take_out, until=_at(12, 10, 17), comment="面談が延びた", by=house.worker.principal,
        now=ladder.time.moment,
    )  # fmt: skip
    facts = roster.facts_of(session, house.volunteer)
    roster.change_worker(
        session, house.volunteer, replace(facts, is_handler=False, files_sheets=True), needs_kana=False,
        by=officer.actor, now=ladder.time.moment,
    )  # fmt: skip
    handed = receipts.Facts(
        Direction.FROM_MUNICIPALITY, date(2026, 11, 28), "見守り", [replace(RECORDS, end_by_on=date(2026, 12, 7))],
        receiver=house.worker.worker, engagement=engagement,
    )  # fmt: skip
    kept, mistaken = (
        receipts.write(session, house.organization, handed, side=Side.RECEIVER, by=officer, now=ladder.time.moment,
                       request_key=uuid4())
        for _ in range(2)
    )  # fmt: skip
    end(2026, 12, 2)

    ladder.run_month("2026-11")
    for late in (kept,):
        receipts.confirm_on_paper(session, late, note="紙で確認", by=officer, now=ladder.time.moment)
    end(2026, 12, 3)

    # Written down days later: a departure, a leaving with a last day that has passed, the end of a post.
    ladder.go(2026, 12, 7)
    forgotten = take_outs.write_afterwards(
        session, house.worker.worker, some_facts(_at(11, 30, 10)), returned_at=None, explanation="書き忘れ",
        by=house.worker.principal, now=ladder.time.moment, request_key=uuid4(),
    )  # fmt: skip
    receipts.extend(
        session, kept, 1, until_on=date(2026, 12, 20), reason="作業が延びた", by=officer, now=ladder.time.moment
    )
    receipts.withdraw(session, mistaken, by=officer, now=ladder.time.moment)
    end(2026, 12, 7)

    ladder.go(2026, 12, 8)
    gone = leaving.LeavingFacts(
        date(2026, 12, 4), LeavingReason.ENDED, checks={LeavingCheck.KEYS: Outcome.NONE}
    )  # fmt: skip
    leaving.leave(session, leaver, gone, by=officer, now=ladder.time.moment)
    deputy = session.query(PostHolding).filter_by(post=Post.SECURITY_MANAGER_DEPUTY).one()
    accounts.dismiss(session, deputy, until_on=date(2026, 12, 4), by=officer.actor, now=ladder.time.moment)
    end(2026, 12, 8)

    ladder.go(2026, 12, 9)
    step(newcomer, date(2026, 12, 1))
    place = session.query(Place).filter(Place.until_on.is_(None)).order_by(Place.id).first()
    assert place is not None
    places.close_place(
        session, place, until_on=date(2026, 12, 5), reason="引っ越し", based_on=place.number, by=officer.actor,
        now=ladder.time.moment,
    )  # fmt: skip
    end(2026, 12, 9)

    ladder.go(2026, 12, 10)
    terms = Terms("見守り強化事業", EngagementBasis.AGREEMENT, engagement.starts_on, date(2027, 9, 30))
    engagements.propose_change(session, engagement, terms, reason="更新", by=officer.actor, now=ladder.time.moment)
    end(2026, 12, 10)

    ladder.go(2026, 12, 11)
    engagements.accept(session, engagement, by=officer.actor, now=ladder.time.moment)
    engagements.end_early(
        session, second, cancelled_on=date(2026, 12, 11), reason="終了", by=officer.actor, now=ladder.time.moment
    )
    take_outs.come_back(
        session, take_out, count=2, checks=ALL_CHECKS, comment="1件は訪問先に返した", by=house.worker.principal,
        now=ladder.time.moment,
    )  # fmt: skip
    end(2026, 12, 11)

    # The month is judged; a sheet is corrected afterwards, and what contradicts the ledger is explained.
    ladder.go(2026, 12, 15)
    end(2026, 12, 15)
    ladder.go(2026, 12, 16)
    sheet = house.sheet_of(house.worker.worker)
    corrected = Filled(
        all_fine(house.checklist, **{"1-1": (Answer.NOT_OK, "鍵を直す")}).answers, reason="書き間違い",
        explanations={"1-2": "書き忘れた持ち出しがあった", "1-3": "まだ返していない"},
    )  # fmt: skip
    sheets.submit(
        session, sheet, house.checklist, corrected, by=house.worker.principal, now=ladder.time.moment
    )  # fmt: skip
    end(2026, 12, 16)
    ladder.go(2026, 12, 17)
    take_outs.explain(session, forgotten, comment="事情", by=head, now=ladder.time.moment)
    checklists = {house.checklist.edition: house.checklist}
    for found in reconciliation.open_in_month(session, [sheet], checklists, today=ladder.today).get(sheet.id, []):
        reconciliation.explain(session, sheet, found, "事情", by=head, now=ladder.time.moment)
    end(2026, 12, 17)

    # The names of whoever left are erased, as far as the tables let them go.
    ladder.go(2026, 12, 18)
    for statement in (
        "UPDATE worker_version SET name = NULL, name_kana = NULL, staff_number = NULL",
        "UPDATE joining_record SET subject = NULL, by_whom = NULL, reason = NULL",
        "UPDATE leaving SET note = NULL",
        "UPDATE take_out SET description = NULL, purpose = NULL, destination = NULL",
        "UPDATE reconciliation_note SET text = NULL",
    ):
        session.execute(text(statement))
    end(2026, 12, 18)


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=clock.TOKYO)


def days_of(first: date, last: date) -> list[date]:
    """Every day from one to another."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
