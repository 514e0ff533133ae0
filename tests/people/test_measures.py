"""What readiness counts about people, for all organizations in one statement."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.acts import SYSTEM
from partner_compliance.organizations.models import Worker
from partner_compliance.people import leaving, measures, operations
from partner_compliance.people.models import Fate, JoiningStep, LeavingCheck, LeavingReason, Manner, Outcome, ThingKind
from tests.conftest import SetClock
from tests.factories import a_center, a_worker, an_organization, principal_of, someone

FRIDAY = date(2026, 11, 27)
ALL_DONE = {check: Outcome.DONE if check is LeavingCheck.PLEDGE else Outcome.NONE for check in LeavingCheck}


def counted(session: Session, measure: measures.Measure) -> dict[UUID, tuple[int, int]]:
    return {row[0]: (row[1], row[2]) for row in session.execute(measure)}


@pytest.mark.both_engines
def test_handlers_are_counted_as_cleared_per_organization_and_day(session: Session, time: SetClock) -> None:
    time.tokyo(2026, 11, 27)
    first, second = an_organization(session), an_organization(session, "別の団体")
    center = a_center(session, first)
    cleared, late, half = (a_worker(session, center, name, joined_on=date(2026, 11, 2)) for name in "甲乙丙")
    a_worker(session, center, "取り扱わない方").is_handler = False
    a_worker(session, center, "去った方", left_on=date(2026, 11, 1))
    a_worker(session, a_center(session, second))

    def done(worker: Worker, on: date, *steps: JoiningStep) -> None:
        for step in steps or tuple(JoiningStep):
            facts = operations.StepFacts(step, on, Manner.ALONE, "規程", "西 守")
            operations.record_step(session, worker, facts, by=SYSTEM, now=time.tokyo(on.year, on.month, on.day, 9))

    done(cleared, date(2026, 11, 1))
    done(late, date(2026, 11, 20))
    done(half, date(2026, 11, 2), JoiningStep.PLEDGE)
    session.flush()

    assert counted(session, measures.handlers_cleared(FRIDAY)) == {first.id: (2, 3), second.id: (0, 1)}
    assert counted(session, measures.handlers_cleared(date(2026, 11, 10))) == {first.id: (1, 3), second.id: (0, 1)}
    assert counted(session, measures.handlers_cleared(FRIDAY, [second.id])) == {second.id: (0, 1)}
    assert counted(session, measures.handlers_pledged_first(FRIDAY)) == {first.id: (2, 3), second.id: (0, 1)}


@pytest.mark.both_engines
def test_leavers_count_as_closed_within_one_business_day(session: Session, time: SetClock) -> None:
    time.tokyo(2026, 11, 2)
    organization = an_organization(session)
    center = a_center(session, organization)
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER, name="西 守")

    def leaver(name: str) -> Worker:
        return a_worker(session, center, name)

    def leave(worker: Worker, last_on: date, on: date, *, seen: int = 0, **more: Any) -> None:
        now = time.tokyo(on.year, on.month, on.day)
        more.setdefault("checks", ALL_DONE)
        facts = leaving.LeavingFacts(last_on, LeavingReason.RESIGNED, checked_on=on, pledged_on=on, **more)
        leaving.leave(session, worker, facts, seen=seen, by=principal_of(session, officer, now), now=now)

    friday, monday, tuesday = date(2026, 11, 20), date(2026, 11, 24), date(2026, 11, 25)  # 23 is a holiday
    in_time, late, open_key, lost = leaver("甲"), leaver("乙"), leaver("丙"), leaver("丁")
    operations.lend(session, in_time, operations.ThingFacts(ThingKind.KEY, "鍵", friday - timedelta(days=9)),
                    by=SYSTEM, now=time.tokyo(2026, 11, 20))  # fmt: skip
    thing = operations.queries.things_of(session, in_time)[0].item
    assert thing is not None
    leave(in_time, friday, monday, things={thing.id: Fate.RETURNED})
    leave(late, friday, tuesday)
    leave(open_key, friday, friday, checks={**ALL_DONE, LeavingCheck.KEYS: Outcome.OPEN,
                                             LeavingCheck.PLEDGE: Outcome.UNREACHABLE}, open_note="郵送")  # fmt: skip
    leave(lost, friday, friday, checks={**ALL_DONE, LeavingCheck.PLEDGE: Outcome.OPEN}, open_note="来週")
    a_worker(session, center, "名簿だけの方", left_on=friday)
    a_worker(session, center, "昔の方", left_on=date(2025, 1, 31))
    leave(leaver("戊"), FRIDAY, FRIDAY)
    time.tokyo(2026, 11, 27)
    session.flush()
    since = FRIDAY - timedelta(days=365)

    # 戊's business day is not over: in neither number. 甲 and 丁 (only the pledge is missing) were closed in time.
    assert counted(session, measures.leavers_closed_in_time(since, FRIDAY)) == {organization.id: (2, 5)}
    assert counted(session, measures.exit_pledges(since, FRIDAY)) == {organization.id: (4, 6)}

    leave(open_key, friday, FRIDAY, seen=1, checks={LeavingCheck.KEYS: Outcome.DONE})
    assert counted(session, measures.leavers_closed_in_time(since, FRIDAY)) == {organization.id: (2, 5)}  # too late


def test_a_last_day_is_closed_by_the_next_business_day() -> None:
    assert leaving.close_by(date(2026, 11, 20)) == date(2026, 11, 24)
    assert leaving.close_by(date(2026, 12, 28)) == date(2027, 1, 4)
