"""What is counted for the ladder, as of any day, on both engines."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from partner_compliance import clock
from partner_compliance.acts import SYSTEM
from partner_compliance.library.checklists import Answer
from partner_compliance.library.readiness import Measure
from partner_compliance.readiness.measures import Asked, Figure
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, PostHolding
from partner_compliance.sheets import measures as of_sheets
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import CheckSheet, CorrectiveAction, ExcuseReason
from partner_compliance.sheets.operations import Filled
from tests.factories import a_center, a_worker, all_fine, an_organization
from tests.readiness.conftest import Ladder

pytestmark = pytest.mark.both_engines

M = Measure


# --- the roster -------------------------------------------------------------------------------------------------


def test_a_post_counts_with_a_deputy_who_is_somebody_else(ladder: Ladder) -> None:
    assert ladder.figure(M.POSTS_WITH_DEPUTY) is None
    officer = ladder.hold(ladder.house.officer, Post.PRIVACY_OFFICER)
    ladder.hold(ladder.house.head, Post.SECURITY_MANAGER)
    assert ladder.figure(M.POSTS_WITH_DEPUTY) is None
    ladder.hold(ladder.house.head, Post.PRIVACY_OFFICER_DEPUTY)
    assert ladder.figure(M.POSTS_WITH_DEPUTY) == Figure(1, 2)
    ladder.hold(ladder.house.officer, Post.SECURITY_MANAGER_DEPUTY)
    assert ladder.figure(M.POSTS_WITH_DEPUTY) == Figure(2, 2)
    assert ladder.figure(M.POSTS_WITH_DEPUTY, ladder.today - timedelta(days=1)) is None  # not known then
    last = ladder.today + timedelta(days=10)
    roster.end_post(ladder.house.session, officer, until_on=last, by=SYSTEM, now=ladder.time.moment)
    assert ladder.figure(M.POSTS_WITH_DEPUTY) == Figure(2, 2, last)
    assert ladder.figure(M.POSTS_WITH_DEPUTY, last + timedelta(days=1)) == Figure(1, 2)


def test_nobody_is_the_deputy_of_oneself_and_what_was_written_later_was_not_known(ladder: Ladder) -> None:
    head = ladder.house.head.worker
    earlier = ladder.today - timedelta(days=20)
    for post in (Post.SECURITY_MANAGER, Post.SECURITY_MANAGER_DEPUTY):
        ladder.house.session.add(
            PostHolding(
                organization_id=ladder.id, id=uuid4(), worker_id=head.id, post=post, center_id=None, from_on=earlier,
                until_on=None, recorded_at=ladder.time.moment, recorded_by_id=None,
            )
        )  # fmt: skip
    ladder.house.session.flush()
    assert ladder.figure(M.POSTS_WITH_DEPUTY) is None
    roster.open_post(
        ladder.house.session, ladder.house.worker.worker, Post.SECURITY_MANAGER_DEPUTY, from_on=earlier, by=SYSTEM,
        now=ladder.time.moment,
    )  # fmt: skip
    assert ladder.figure(M.POSTS_WITH_DEPUTY) == Figure(1, 2)
    assert ladder.figure(M.POSTS_WITH_DEPUTY, ladder.today - timedelta(days=1)) is None


def test_who_has_left_holds_no_post(ladder: Ladder) -> None:
    ladder.name_posts()
    ladder.house.head.worker.left_on = ladder.today + timedelta(days=3)
    ladder.house.session.flush()
    assert ladder.figure(M.POSTS_WITH_DEPUTY) == Figure(2, 2, ladder.today + timedelta(days=3))
    assert ladder.figure(M.POSTS_WITH_DEPUTY, ladder.today + timedelta(days=4)) is None


def test_a_confirmed_roster_counts_for_90_days_and_a_gap_takes_nothing_away(ladder: Ladder) -> None:
    assert ladder.figure(M.ROSTER_CONFIRMED) is None
    ladder.confirm()
    last = ladder.today + timedelta(days=90)
    assert ladder.figure(M.ROSTER_CONFIRMED) == Figure(1, 1, last)
    assert ladder.figure(M.ROSTER_CONFIRMED, last) == Figure(1, 1, last)
    assert ladder.figure(M.ROSTER_CONFIRMED, last + timedelta(days=1)) == Figure(0, 1, last)
    ladder.go(2026, 12, 7)
    ladder.confirm(incomplete=2)
    assert ladder.figure(M.ROSTER_CONFIRMED) == Figure(1, 1, last)


# --- the months -------------------------------------------------------------------------------------------------

KEPT = (M.MONTHS_RUN, M.SHEETS_SUBMITTED, M.SHEETS_ON_TIME, M.SHEETS_SIGNED_OFF, M.MONTHS_IN_ORDER)


def kept(ladder: Ladder, on: date | None = None) -> list[tuple[int, int] | None]:
    found = [ladder.figure(measure, on) for measure in KEPT]
    return [(each.numerator, each.denominator) if each else None for each in found]


def test_a_month_is_judged_when_everything_of_it_is_due() -> None:
    assert of_sheets.judged_from("2026-11") == date(2026, 12, 15)
    assert of_sheets.judged_month(date(2026, 12, 14)) == "2026-10"
    assert of_sheets.judged_month(date(2026, 12, 15)) == "2026-11"
    assert of_sheets.judged_month(date(2026, 12, 31)) == "2026-11"
    assert of_sheets.judged_month(date(2027, 1, 1)) == "2026-11"


def test_sheets_count_once_their_month_is_judged_and_as_they_stood(ladder: Ladder) -> None:
    assert kept(ladder) == [None] * 5
    ladder.go(2026, 12, 3)
    first, *others = ladder.sheets("2026-11")
    for sheet, worker in others:
        ladder.file(sheet, worker)
        ladder.sign(sheet, worker)
    assert kept(ladder) == [None] * 5
    judged = date(2026, 12, 15)
    assert kept(ladder, judged) == [(1, 3), (4, 5), (4, 5), (4, 5), (0, 12)]
    ladder.go(2026, 12, 16)
    ladder.file(*first)
    assert kept(ladder) == [(1, 3), (5, 5), (4, 5), (4, 5), (0, 12)]
    assert kept(ladder, judged) == [(1, 3), (4, 5), (4, 5), (4, 5), (0, 12)]  # as it was known then
    ladder.sign(*first)
    assert kept(ladder) == [(1, 3), (5, 5), (4, 5), (4, 5), (0, 12)]  # late stays late


def test_a_sheet_that_was_opened_later_was_asked_of_nobody_before(ladder: Ladder) -> None:
    ladder.run_month("2026-11")
    newcomer = a_worker(ladder.house.session, ladder.house.center, "後 加")
    opened = ladder.go(2026, 12, 20)
    ladder.house.session.add(
        CheckSheet(
            organization_id=ladder.id, center_id=ladder.house.center.id, worker_id=newcomer.id, month="2026-11",
            checklist_key="take-out", edition="2026", opened_at=opened, due_on=date(2026, 12, 7),
            sign_off_due_on=date(2026, 12, 14),
        )
    )  # fmt: skip
    ladder.house.session.flush()
    assert kept(ladder, date(2026, 12, 19))[1] == (5, 5)
    assert kept(ladder, date(2026, 12, 20))[1] == (5, 6)


def test_one_late_sheet_of_few_is_forgiven_two_are_not(ladder: Ladder) -> None:
    rows = ladder.sheets("2026-11")
    for late, (sheet, worker) in enumerate(rows):
        ladder.go(2026, 12, 9 if late == 0 else 3)
        ladder.file(sheet, worker)
        ladder.sign(sheet, worker)
    judged = date(2026, 12, 15)
    assert kept(ladder, judged) == [(1, 3), (5, 5), (4, 5), (5, 5), (1, 12)]


def test_an_excused_sheet_is_asked_of_nobody_until_it_comes_after_all(ladder: Ladder) -> None:
    (sheet, worker), *others = ladder.sheets("2026-11")
    ladder.go(2026, 12, 3)
    by = ladder.confirmer(worker).principal
    sheets.excuse(
        ladder.house.session, sheet, reason=ExcuseReason.LEAVE, text="", by=by, now=ladder.time.moment
    )  # fmt: skip
    for each, person in others:
        ladder.file(each, person)
        ladder.sign(each, person)
    judged = date(2026, 12, 15)
    assert kept(ladder, judged) == [(1, 3), (4, 4), (4, 4), (4, 4), (1, 12)]


def test_a_correction_that_waits_takes_nothing_away(ladder: Ladder) -> None:
    ladder.run_month("2026-11")
    ladder.go(2026, 12, 16)
    before = kept(ladder)
    house = ladder.house
    sheet = house.sheet_of(house.worker.worker)
    corrected = Filled(all_fine(house.checklist).answers, reason="1-3 を書き間違えた")
    sheets.submit(house.session, sheet, house.checklist, corrected, by=house.worker.principal, now=ladder.time.moment)
    assert kept(ladder) == before == [(1, 3), (5, 5), (5, 5), (5, 5), (1, 12)]


def test_what_needs_mending_may_stay_open_for_30_days(ladder: Ladder) -> None:
    sheet = ladder.house.sheet_of(ladder.house.worker.worker)
    ladder.file(sheet, ladder.house.worker.worker, **{"1-1": (Answer.NOT_OK, "鍵を直す")})
    [action] = ladder.house.session.query(CorrectiveAction).all()
    last = ladder.today + timedelta(days=30)
    assert ladder.figure(M.ACTIONS_OPEN_TOO_LONG, ladder.today - timedelta(days=1)) is None
    assert ladder.figure(M.ACTIONS_OPEN_TOO_LONG) == Figure(0, 1, last)
    assert ladder.figure(M.ACTIONS_OPEN_TOO_LONG, last) == Figure(0, 1, last)
    assert ladder.figure(M.ACTIONS_OPEN_TOO_LONG, last + timedelta(days=1)) == Figure(1, 1)
    action.closed_at = clock.start_of(last + timedelta(days=5)) + timedelta(hours=10)
    ladder.house.session.flush()
    assert ladder.figure(M.ACTIONS_OPEN_TOO_LONG, last + timedelta(days=4)) == Figure(1, 1)
    assert ladder.figure(M.ACTIONS_OPEN_TOO_LONG, last + timedelta(days=5)) is None


# --- all of them ------------------------------------------------------------------------------------------------


def test_every_statement_runs_for_all_for_some_and_for_one_and_says_the_same(ladder: Ladder) -> None:
    other = an_organization(ladder.house.session, "NPO法人 よそ", first_month="2026-11")
    a_center(ladder.house.session, other)
    ladder.name_posts()
    ladder.confirm()
    ladder.run_month("2026-11")
    ladder.go(2027, 1, 20)
    for measure in Measure:
        ladder.figure(measure)
    asked = Asked(ladder.library, ladder.today)
    assert asked.year_ago == date(2026, 1, 20)
    assert Asked(ladder.library, date(2028, 2, 29)).year_ago == date(2027, 3, 1)
    assert asked.quarter_ago == date(2026, 10, 1)
