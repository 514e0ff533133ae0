"""Joining, things in hand, posts, moving, leaving and coming back, bare."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from partner_compliance import acts
from partner_compliance.access import Role
from partner_compliance.accounts import closing
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import OrganizationRole, SignIn, User
from partner_compliance.accounts.operations import LastOfficer, LinkNotValid
from partner_compliance.acts import SYSTEM
from partner_compliance.errors import InvalidInput
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Worker
from partner_compliance.people import leaving, operations, posts, queries
from partner_compliance.people.models import (
    Fate,
    JoiningRecord,
    JoiningStep,
    Leaving,
    LeavingCheck,
    LeavingEntry,
    LeavingReason,
    LentEvent,
    Manner,
    Outcome,
    Rejoining,
    ThingKind,
)
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import ChangeSource, Post, WorkerVersion
from tests.conftest import SetClock
from tests.factories import a_center, a_worker, principal_of
from tests.sheets.conftest import House

TODAY = date(2026, 11, 27)
YESTERDAY = date(2026, 11, 26)
ALL_DONE = {
    check: Outcome.DONE if check is LeavingCheck.PLEDGE else Outcome.NONE for check in LeavingCheck
}  # fmt: skip


def a_step(step: JoiningStep, done_on: date = TODAY, **more: str) -> operations.StepFacts:
    return operations.StepFacts(step, done_on, Manner.ALONE, more.pop("subject", "規程"), "西 守", **more)


def record(house: House, worker: Worker, *steps: JoiningStep, done_on: date = TODAY) -> None:
    for step in steps or tuple(JoiningStep):
        operations.record_step(
            house.session, worker, a_step(step, done_on), by=house.officer.principal.actor, now=_now()
        )


def _now() -> datetime:
    from partner_compliance import clock

    return clock.now()


def facts(last_on: date = YESTERDAY, **more: Any) -> leaving.LeavingFacts:
    more.setdefault("checks", ALL_DONE)
    more.setdefault("pledged_on", min(last_on, TODAY))
    more.setdefault("checked_on", TODAY)
    return leaving.LeavingFacts(last_on, more.pop("reason", LeavingReason.RESIGNED), **more)


def leave(
    house: House, worker: Worker, said: leaving.LeavingFacts, *, seen: int = 0, by: Any = None, **more: Any
) -> Leaving:
    return leaving.leave(house.session, worker, said, seen=seen, by=(by or house.officer).principal, now=_now(), **more)


def names_of_acts(house: House) -> list[str]:
    return [act.name for act in acts.waiting(house.session)]


# --- joining ----------------------------------------------------------------------------------------------------


def test_someone_may_handle_personal_data_when_every_step_is_done(house: House) -> None:
    worker = house.worker.worker
    record(house, worker, JoiningStep.BRIEFING, JoiningStep.PLEDGE, done_on=YESTERDAY)
    half = queries.clearance(house.session, worker, on=TODAY)
    assert (half.is_cleared, half.missing) == (False, [JoiningStep.COURSE])
    assert worker.id in queries.uncleared_handlers(house.session, worker.organization_id, on=TODAY)

    record(house, worker, JoiningStep.COURSE)

    whole = queries.clearance(house.session, worker, on=TODAY)
    assert (whole.is_cleared, whole.since) == (True, TODAY)
    assert not queries.clearance(house.session, worker, on=YESTERDAY).is_cleared
    assert worker.id not in queries.uncleared_handlers(house.session, worker.organization_id, on=TODAY)
    worker.left_on = YESTERDAY
    assert not queries.clearance(house.session, worker, on=TODAY).is_cleared


def test_a_record_is_corrected_with_a_reason_and_withdrawn_with_one(house: House) -> None:
    worker, by, now = house.worker.worker, house.officer.principal.actor, _now()
    record(house, worker, JoiningStep.PLEDGE)
    first = queries.steps_of(house.session, worker)[JoiningStep.PLEDGE]
    with pytest.raises(operations.StepAlreadyDone):
        operations.record_step(house.session, worker, a_step(JoiningStep.PLEDGE), by=by, now=now)

    mended = a_step(JoiningStep.PLEDGE, YESTERDAY, reason="日付の誤り")
    second = operations.record_step(house.session, worker, mended, seen=first.id, by=by, now=now)
    assert (second.replaces_id, queries.clearance(house.session, worker, on=TODAY).done_on[JoiningStep.PLEDGE]) == (
        first.id,
        YESTERDAY,
    )
    with pytest.raises(operations.RecordReplaced):
        operations.record_step(house.session, worker, mended, seen=first.id, by=by, now=now)
    with pytest.raises(operations.RecordReplaced):
        operations.withdraw_step(house.session, first, reason="別の方", by=by, now=now)
    with pytest.raises(InvalidInput, match="理由"):
        operations.withdraw_step(house.session, second, reason="", by=by, now=now)

    operations.withdraw_step(house.session, second, reason="別の方の記録", by=by, now=now)

    assert JoiningStep.PLEDGE in queries.clearance(house.session, worker, on=TODAY).missing
    record(house, worker, JoiningStep.PLEDGE)
    assert JoiningStep.PLEDGE not in queries.clearance(house.session, worker, on=TODAY).missing
    assert len(queries.all_records_of(house.session, worker)) == 4


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (a_step(JoiningStep.PLEDGE, TODAY + timedelta(days=1)), "done_on"),
        (a_step(JoiningStep.PLEDGE, date(2023, 12, 31)), "done_on"),
        (operations.StepFacts(JoiningStep.BRIEFING, TODAY, Manner.ALONE), "by_whom"),
        (operations.StepFacts(JoiningStep.COURSE, TODAY, Manner.GROUP), "subject"),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_its_field(house: House, said: operations.StepFacts, field: str) -> None:
    with pytest.raises(operations.WrongEntry) as refused:
        operations.record_step(house.session, house.volunteer, said, by=SYSTEM, now=_now())
    assert refused.value.field == field
    assert not names_of_acts(house)


def test_a_meeting_is_recorded_for_all_who_were_there_and_skips_who_had_it(house: House) -> None:
    record(house, house.volunteer, JoiningStep.COURSE, done_on=YESTERDAY)
    new, had = operations.record_steps(
        house.session, [house.volunteer, house.worker.worker], a_step(JoiningStep.COURSE), by=SYSTEM, now=_now()
    )
    assert (new, had) == ([house.worker.worker], [house.volunteer])
    with pytest.raises(operations.NobodyChosen):
        operations.record_steps(house.session, [], a_step(JoiningStep.COURSE), by=SYSTEM, now=_now())


def test_another_rooms_fact_does_a_step_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a room of pledges will bring: a select of its own beside the one here."""
    worker = house.worker.worker

    def elsewhere(_on: date | None, _known: date | None) -> Any:
        return select(Worker.organization_id, Worker.id.label("worker_id"), Worker.joined_on.label("done_on"))

    record(house, worker, JoiningStep.BRIEFING, JoiningStep.COURSE)
    monkeypatch.setitem(queries.SOURCES, JoiningStep.PLEDGE, (*queries.SOURCES[JoiningStep.PLEDGE], elsewhere))
    assert queries.clearance(house.session, worker, on=TODAY).is_cleared
    assert worker.id not in queries.uncleared_handlers(house.session, worker.organization_id, on=TODAY)


# --- things in hand ---------------------------------------------------------------------------------------------


def a_thing(house: House, worker: Worker, kind: ThingKind = ThingKind.DOCUMENT, **more: Any) -> Any:
    said = operations.ThingFacts(kind, "封筒1", YESTERDAY, **more)
    return operations.lend(house.session, worker, said, by=house.head.principal.actor, now=_now())


def test_a_thing_is_out_until_it_comes_back_and_a_lost_one_may_come_back_later(house: House) -> None:
    item = a_thing(house, house.volunteer, due_on=YESTERDAY)
    [(holder, thing)] = queries.things_out(house.session, item.organization_id, [house.center.id])
    assert (holder, thing.is_out, thing.is_overdue(TODAY)) == (house.volunteer, True, True)
    assert queries.things_out(house.session, item.organization_id, []) == []

    def becomes(fate: Fate, note: str = "") -> LentEvent:
        return operations.settle(house.session, item, fate, on=TODAY, note=note, by=SYSTEM, now=_now())

    with pytest.raises(operations.WrongEntry, match="メモ"):
        becomes(Fate.LOST)
    becomes(Fate.LOST, "電車の中")
    assert queries.things_out(house.session, item.organization_id) == []
    with pytest.raises(operations.AlreadySettled):
        becomes(Fate.LOST, "また")
    assert becomes(Fate.RETURNED).number == 2
    with pytest.raises(operations.AlreadySettled):
        becomes(Fate.RETURNED)
    assert "thing.lost" in names_of_acts(house)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": ""}, "label"),
        ({"handed_on": TODAY + timedelta(days=1)}, "handed_on"),
        ({"due_on": date(2026, 11, 1)}, "due_on"),
        ({"count": 0}, "count"),
    ],
)
def test_a_thing_that_cannot_be_is_refused(house: House, change: dict[str, Any], field: str) -> None:
    said = replace(operations.ThingFacts(ThingKind.KEY, "鍵", YESTERDAY), **change)
    with pytest.raises(operations.WrongEntry) as refused:
        operations.lend(house.session, house.volunteer, said, by=SYSTEM, now=_now())
    assert refused.value.field == field


def test_a_key_cannot_be_erased_and_nothing_is_lent_to_who_has_left(house: House) -> None:
    key = a_thing(house, house.volunteer, ThingKind.KEY)
    with pytest.raises(operations.WrongEntry, match="消去"):
        operations.settle(house.session, key, Fate.ERASED, on=TODAY, by=SYSTEM, now=_now())
    with pytest.raises(operations.WrongEntry, match="渡した日以降"):
        operations.settle(house.session, key, Fate.RETURNED, on=date(2026, 11, 1), by=SYSTEM, now=_now())
    house.volunteer.left_on = YESTERDAY
    with pytest.raises(operations.HasLeft):
        a_thing(house, house.volunteer)


# --- posts ------------------------------------------------------------------------------------------------------


def test_the_last_officer_cannot_be_dismissed_and_is_told_whom_to_appoint_first(house: House) -> None:
    [held] = posts.posts_of_worker(house.session, house.officer.worker)
    with pytest.raises(LastOfficer) as refused:
        operations.dismiss(house.session, held.holding, until_on=TODAY, by=house.officer.principal.actor, now=_now())
    assert "後任" in refused.value.what_to_do
    assert "東 京子さん（センター長）" in refused.value.what_to_do
    assert held.holding.until_on is None

    operations.appoint(
        house.session, house.head.worker, Post.PRIVACY_OFFICER_DEPUTY, center=None, from_on=TODAY, by=SYSTEM, now=_now()
    )
    operations.dismiss(house.session, held.holding, until_on=TODAY, by=SYSTEM, now=_now())
    assert held.holding.until_on == TODAY
    assert not principal_of(house.session, house.officer.user, _now()).is_(Role.PROTECTION_OFFICER)


def test_gaps_name_every_post_that_nobody_holds(house: House) -> None:
    a_center(house.session, house.organization, "分室")
    centers = list(house.session.scalars(select(type(house.center)).order_by("name")))
    held = posts.posts_held(house.session, house.organization.id, on=TODAY)
    assert posts.gaps(held, centers, with_volunteers=True, on=TODAY) == [
        "個人情報責任者の代理が決まっていません。",
        "情報セキュリティ管理者が決まっていません。",
        "情報セキュリティ管理者の代理が決まっていません。",
        "ボランティアコーディネーターが決まっていません。",
        "分室のセンター長が決まっていません。",
    ]


# --- moving -----------------------------------------------------------------------------------------------------


def test_moving_leaves_the_sheets_where_they_were_made_and_ends_the_heads_post(house: House) -> None:
    second = a_center(house.session, house.organization, "分室")
    head = house.head.worker
    operations.move(house.session, head, second, on=YESTERDAY, keeps_posts=False, by=SYSTEM, now=_now())

    assert head.center_id == second.id
    assert house.sheet_of(head).center_id == house.center.id
    [held] = posts.posts_of_worker(house.session, head)
    assert held.holding.until_on == max(held.holding.from_on, YESTERDAY - timedelta(days=1))
    assert not principal_of(house.session, house.head.user, _now()).is_(Role.CENTER_HEAD)
    last = house.session.scalars(select(WorkerVersion).where(WorkerVersion.worker_id == head.id)).all()[-1]
    assert last.source is ChangeSource.MOVE


def test_a_head_may_keep_the_post_when_moving(house: House) -> None:
    second = a_center(house.session, house.organization, "分室")
    operations.move(house.session, house.head.worker, second, on=TODAY, keeps_posts=True, by=SYSTEM, now=_now())
    assert principal_of(house.session, house.head.user, _now()).heads(house.organization.id, house.center.id)


def test_a_move_that_cannot_be_is_refused(house: House) -> None:
    second = a_center(house.session, house.organization, "分室")

    def move(center: Any, on: date) -> None:
        operations.move(house.session, house.volunteer, center, on=on, keeps_posts=False, by=SYSTEM, now=_now())

    for center, on, word in (
        (house.center, TODAY, "同じ拠点"),
        (second, TODAY + timedelta(days=1), "今日まで"),
        (second, date(2024, 3, 31), "始めた日以降"),
    ):
        with pytest.raises(operations.WrongEntry, match=word):
            move(center, on)
    second.closed_on = YESTERDAY
    with pytest.raises(operations.WrongEntry, match="閉所"):
        move(second, TODAY)
    assert house.volunteer.center_id == house.center.id


# --- leaving ----------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_leaving_closes_roster_posts_roles_sign_ins_and_links_at_once(house: House) -> None:
    session, head = house.session, house.head
    accounts.start_sign_in(session, head.user, strength="password", now=_now())
    secret = accounts.issue_reset(session, head.user, actor=SYSTEM, now=_now())
    item = a_thing(house, head.worker)
    closed: list[UUID] = []

    leave(
        house, head.worker, facts(things={item.id: Fate.RETURNED}),
        closers=[lambda _session, worker, _by, _now: closed.append(worker.id)],
    )  # fmt: skip

    assert closed == [head.worker.id]
    assert head.worker.left_on == YESTERDAY
    assert principal_of(session, head.user, _now()).standings == ()
    assert session.get_one(User, head.user.id).deactivated_at is not None
    assert session.scalars(select(SignIn).where(SignIn.user_id == head.user.id, SignIn.ended_at.is_(None))).all() == []
    with pytest.raises(LinkNotValid):
        accounts.user_of_reset(session, secret, now=_now())
    held = posts.posts_held(session, house.organization.id, on=TODAY)
    assert {row.worker.id for row in held} == {house.officer.worker.id, house.representative.worker.id}
    story = queries.leaving_of(session, head.worker)
    assert story is not None
    assert story.is_closed
    session.commit()
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_with_a_last_day_to_come_access_ends_at_midnight_in_japan(house: House, time: SetClock) -> None:
    last_on = TODAY + timedelta(days=3)
    leave(house, house.worker.worker, facts(last_on))
    user = house.worker.user
    assert house.worker.worker.left_on == last_on
    assert user.deactivated_at is None
    time.tokyo(2026, 11, 30, 23, 59)
    assert principal_of(house.session, user, time.moment).standings
    assert not closing.is_anyone_to_close(house.session, today=last_on)

    time.tokyo(2026, 12, 1, 0, 0)
    assert principal_of(house.session, user, time.moment).standings == ()
    today = last_on + timedelta(days=1)
    assert closing.is_anyone_to_close(house.session, today=today)
    assert closing.close_those_who_left(house.session, today=today, now=time.moment) == 1
    assert user.deactivated_at == time.moment
    assert closing.close_those_who_left(house.session, today=today, now=time.moment) == 0


def test_access_can_end_before_the_last_day_is_over(house: House) -> None:
    leave(house, house.worker.worker, facts(TODAY, closes_now=True))
    assert house.worker.user.deactivated_at is not None


def test_whoever_works_elsewhere_too_keeps_the_account_there(house: House) -> None:
    from tests.factories import an_organization

    elsewhere = a_center(house.session, an_organization(house.session, "別の団体"))
    other = a_worker(house.session, elsewhere, user=house.worker.user)
    accounts.grant_role(house.session, other, Role.WORKER, by=SYSTEM, now=_now())

    leave(house, house.worker.worker, facts())

    assert house.worker.user.deactivated_at is None
    left = principal_of(house.session, house.worker.user, _now())
    assert left.organization_ids == {elsewhere.organization_id}


@pytest.mark.both_engines
def test_the_last_officer_cannot_leave_and_is_told_whom_to_appoint_first(house: House) -> None:
    for last_on in (YESTERDAY, TODAY + timedelta(days=30)):
        with pytest.raises(LastOfficer) as refused:
            leave(house, house.officer.worker, facts(last_on))
        assert "候補" in refused.value.what_to_do
    assert house.officer.worker.left_on is None
    assert house.session.scalars(select(Leaving)).all() == []


def test_of_two_officers_one_may_leave_but_not_after_the_other_has_a_last_day(officer_too: House) -> None:
    house = officer_too
    deputy = house.session.scalars(select(Worker).where(Worker.name == "副 次郎")).one()
    leave(house, deputy, facts(TODAY + timedelta(days=10)))
    with pytest.raises(LastOfficer):
        leave(house, house.officer.worker, facts(TODAY + timedelta(days=20)))
    leave(house, house.officer.worker, facts(YESTERDAY))  # the deputy is there for ten days more


@pytest.mark.both_engines
def test_an_officer_who_can_only_use_a_tablet_is_nobody_to_leave_behind(officer_too: House) -> None:
    house = officer_too
    deputy = house.session.scalars(select(Worker).where(Worker.name == "副 次郎")).one()
    account = house.session.get_one(User, deputy.user_id)
    account.kiosk_only_since = _now()
    assert account.password_hash == ""
    with pytest.raises(LastOfficer):
        leave(house, house.officer.worker, facts(YESTERDAY))
    for held in house.session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.user_id == house.officer.user.id, OrganizationRole.role == Role.PROTECTION_OFFICER
        )
    ):
        with pytest.raises(LastOfficer):
            accounts.end_role(house.session, held, by=SYSTEM, now=_now())
    leave(house, deputy, facts(YESTERDAY))


def test_what_stays_open_is_looked_after_until_it_is_closed(house: House) -> None:
    worker = house.volunteer
    item = a_thing(house, worker)
    open_ones = {**ALL_DONE, LeavingCheck.KEYS: Outcome.OPEN, LeavingCheck.PLEDGE: Outcome.OPEN}
    with pytest.raises(operations.WrongEntry, match="いつ、どのように"):
        leave(house, worker, facts(checks=open_ones))
    leave(house, worker, facts(checks=open_ones, open_note="来週返す約束"), by=house.head)
    story = queries.leaving_of(house.session, worker)
    assert story is not None
    assert (story.unchecked, story.things) == ([LeavingCheck.KEYS, LeavingCheck.PLEDGE], 1)
    where = (house.organization.id, house.center.id)
    since = TODAY - timedelta(days=365)

    def still_open() -> dict[Any, int]:
        return queries.how_many_leaving_open(house.session, [house.organization.id], since=since, on=YESTERDAY)

    assert still_open() == {where: 1}
    [row] = queries.leavers(house.session, house.organization.id, since=since)
    assert (row.worker, row.is_closed) == (worker, False)

    rest = {LeavingCheck.KEYS: Outcome.DONE, LeavingCheck.PLEDGE: Outcome.POSTED}
    with pytest.raises(leaving.ChangedMeanwhile):
        leave(house, worker, facts(checks=rest))
    leave(house, worker, facts(checks=rest, things={item.id: Fate.RETURNED}), seen=1)

    story = queries.leaving_of(house.session, worker)
    assert story is not None
    assert (story.number, story.is_closed) == (1, True)
    assert still_open() == {}
    entries = house.session.scalars(select(LeavingEntry).where(LeavingEntry.item == LeavingCheck.KEYS)).all()
    assert [entry.outcome for entry in sorted(entries, key=lambda each: each.number)] == [Outcome.OPEN, Outcome.DONE]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (facts(date(2024, 3, 31)), "last_on"),
        (facts(TODAY + timedelta(days=400)), "last_on"),
        (facts(reason=LeavingReason.OTHER), "note"),
        (facts(checked_on=TODAY + timedelta(days=1)), "checked_on"),
        (facts(pledged_on=None), "pledged_on"),
        (facts(pledged_on=TODAY + timedelta(days=1)), "pledged_on"),
    ],
)
def test_a_leaving_that_cannot_be_is_refused_at_its_field(house: House, said: leaving.LeavingFacts, field: str) -> None:
    with pytest.raises(operations.WrongEntry) as refused:
        leave(house, house.volunteer, said)
    assert refused.value.field == field
    assert house.volunteer.left_on is None


def test_a_head_closes_for_workers_but_not_for_those_who_hold_a_post(house: House) -> None:
    leave(house, house.worker.worker, facts(), by=house.head)
    with pytest.raises(leaving.NotAHeadsToClose):
        leave(house, house.representative.worker, facts(), by=house.head)


def test_things_of_another_are_not_settled_on_this_page(house: House) -> None:
    other = a_thing(house, house.worker.worker)
    with pytest.raises(InvalidInput, match="ではないもの"):
        leave(house, house.volunteer, facts(things={other.id: Fate.RETURNED}))


def test_a_changed_last_day_takes_the_posts_along_and_a_cancelled_leaving_gives_them_back(house: House) -> None:
    session, head = house.session, house.head
    leave(house, head.worker, facts(TODAY + timedelta(days=5)))
    [held] = posts.posts_of_worker(session, head.worker)
    assert held.holding.until_on == TODAY + timedelta(days=5)
    leave(house, head.worker, facts(TODAY + timedelta(days=9)), seen=1)
    assert held.holding.until_on == head.worker.left_on == TODAY + timedelta(days=9)

    leaving.cancel(session, head.worker, reason="続けることになった", by=SYSTEM, now=_now())

    assert (head.worker.left_on, held.holding.until_on) == (None, None)
    assert principal_of(session, head.user, _now()).heads(house.organization.id, house.center.id)
    story = queries.leaving_of(session, head.worker)
    assert story is not None
    assert not story.is_open
    with pytest.raises(leaving.NotLeaving):
        leaving.cancel(session, head.worker, reason="もう一度", by=SYSTEM, now=_now())
    again = leave(house, head.worker, facts(TODAY + timedelta(days=20)), seen=3)
    assert (again.number, again.begun) == (4, 4)
    story = queries.leaving_of(session, head.worker)
    assert story is not None
    assert story.entries.keys() == set(LeavingCheck)  # its own checks, not those of the cancelled one


def test_a_mistaken_leaving_is_undone_with_a_workers_access(house: House) -> None:
    worker, user = house.worker.worker, house.worker.user
    leave(house, worker, facts())
    with pytest.raises(operations.WrongEntry, match="取り消してください"):
        leave(house, worker, facts(TODAY), seen=1)
    with pytest.raises(operations.WrongEntry, match="理由"):
        leaving.cancel(house.session, worker, reason="", by=SYSTEM, now=_now())
    leaving.cancel(house.session, worker, reason="人違い", by=SYSTEM, now=_now())
    assert (worker.left_on, user.deactivated_at) == (None, None)
    assert principal_of(house.session, user, _now()).is_(Role.WORKER)


# --- coming back ------------------------------------------------------------------------------------------------


def test_whoever_comes_back_has_a_new_row_with_the_account_and_the_number_and_new_steps(house: House) -> None:
    session, old, user = house.session, house.worker.worker, house.worker.user
    roster.change_worker(
        session,
        old,
        replace(roster.facts_of(session, old), staff_number="007"),
        needs_kana=False,
        by=SYSTEM,
        now=_now(),
    )
    record(house, old)
    again = roster.WorkerFacts(
        name=old.name, name_kana="ミナミ", kind=old.kind, center_id=old.center_id, joined_on=TODAY, staff_number="007"
    )
    with pytest.raises(operations.StillHere):
        operations.rejoin(session, old, again, by=SYSTEM, now=_now())
    leave(house, old, facts())
    with pytest.raises(operations.WrongEntry, match="より後"):
        operations.rejoin(session, old, replace(again, joined_on=YESTERDAY), by=SYSTEM, now=_now())

    new = operations.rejoin(session, old, again, by=SYSTEM, now=_now())

    assert (new.user_id, new.staff_number, old.user_id, old.staff_number) == (user.id, "007", None, None)
    assert queries.previous_row_of(session, new) is old
    assert queries.next_row_of(session, old) is new
    assert house.sheet_of(old).worker_id == old.id
    assert queries.clearance(session, new, on=TODAY).missing == list(JoiningStep)
    reader = principal_of(session, user, _now())
    assert (reader.worker_ids, user.deactivated_at) == ({new.id}, None)
    with pytest.raises(operations.AlreadyBack):
        operations.rejoin(session, old, again, by=SYSTEM, now=_now())
    with pytest.raises(operations.AlreadyBack):
        leaving.cancel(session, old, reason="人違い", by=SYSTEM, now=_now())


# --- the database's part ----------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_facts_about_people_cannot_be_changed_and_never_stand_twice(house: House) -> None:
    session, worker = house.session, house.volunteer
    record(house, worker, JoiningStep.PLEDGE)
    item = a_thing(house, worker)
    leave(house, worker, facts(things={item.id: Fate.LOST}))
    again = roster.WorkerFacts(
        name="戻", name_kana="モドル", kind=worker.kind, center_id=worker.center_id, joined_on=TODAY
    )
    operations.rejoin(session, worker, again, by=SYSTEM, now=_now())
    session.commit()
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))
    for model, change in (
        (JoiningRecord, {"done_on": YESTERDAY}),
        (LentEvent, {"fate": Fate.RETURNED}),
        (Leaving, {"last_on": TODAY}),
        (LeavingEntry, {"outcome": Outcome.OPEN}),
        (Rejoining, {"recorded_by_name": "だれか"}),
    ):
        row = session.scalars(select(model).limit(1)).one()
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match="append-only"):
            session.flush()
        session.rollback()
    kept = session.scalars(select(Leaving)).one()
    twin = {column.key: getattr(kept, column.key) for column in Leaving.__table__.columns}
    session.add(Leaving(**{**twin, "id": UUID(int=7)}))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    # Personal words can go, and the history still holds.
    session.scalars(select(JoiningRecord)).one().by_whom = None
    session.commit()
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_an_officers_role_that_was_never_ended_is_left_to_be_appointed_first(house: House, time: SetClock) -> None:
    """A roster changed otherwise may let the last officer go; the tick then leaves the role alone."""
    house.officer.worker.left_on = YESTERDAY
    house.session.flush()
    assert closing.close_those_who_left(house.session, today=TODAY, now=time.moment) == 0
    role = house.session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.worker_id == house.officer.worker.id, OrganizationRole.role == Role.PROTECTION_OFFICER
        )
    ).one()
    assert role.ended_at is None


def test_the_history_has_words_for_everything_about_people() -> None:
    from partner_compliance.history import labels
    from partner_compliance.people import models

    for kind, words in (
        (models.JoiningStep, labels._STEPS),
        (models.LeavingReason, labels._LEAVING_REASONS),
        (models.LeavingCheck, labels._CHECKS),
        (models.Outcome, labels._OUTCOMES),
        (models.ThingKind, labels._THINGS),
        (models.Fate, labels._FATES),
    ):
        assert words.keys() == {each.value for each in kind}
