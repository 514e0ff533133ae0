"""Devices, slips and PINs: what works, what is refused, and what is counted."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import OrganizationRole, SignIn, User
from partner_compliance.clock import local_date
from partner_compliance.database import begin_writing
from partner_compliance.errors import InvalidInput
from partner_compliance.kiosks import operations, queries
from partner_compliance.kiosks.models import LASTS, Kiosk, PinState
from partner_compliance.organizations.models import Worker
from partner_compliance.roster.models import WorkerCenter
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets import queries as sheet_queries
from tests.conftest import SetClock
from tests.factories import a_center, a_worker, all_fine, an_organization, principal_of, someone
from tests.kiosks.conftest import PIN, Tablet
from tests.sheets.conftest import House

MINUTE = timedelta(minutes=1)


# --- devices ----------------------------------------------------------------------------------------------------


def test_a_device_is_known_by_its_cookie_until_it_is_closed(tablet: Tablet, house: House, time: SetClock) -> None:
    now, session = time.moment, house.session
    assert tablet.device(now).center.id == house.center.id
    assert tablet.secret not in tablet.kiosk.token_digest
    for secret in (None, "", "x" * 43):
        with pytest.raises(operations.NotAKiosk):
            operations.device_in_use(session, secret, now=now)
    signed_in, _ = tablet.enter(house.worker.worker, now=now)
    operations.close_kiosk(session, tablet.kiosk, by=house.officer.principal.actor, now=now)
    operations.close_kiosk(session, tablet.kiosk, by=house.head.principal.actor, now=now + MINUTE)
    session.commit()
    with pytest.raises(operations.KioskClosed):
        tablet.device(now)
    session.refresh(signed_in)
    assert signed_in.ended_at == now
    assert session.get_one(Kiosk, (tablet.kiosk.organization_id, tablet.kiosk.id)).closed_by_name == "西 守"
    assert tablet.acts().count("kiosk.closed") == 1


def test_a_device_nobody_used_for_half_a_year_and_one_of_a_closed_center_are_refused(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    with pytest.raises(operations.KioskClosed):
        tablet.device(time.moment + LASTS + MINUTE)
    house.center.closed_on = local_date(time.moment)
    house.session.commit()
    assert tablet.device(time.moment)
    with pytest.raises(operations.CenterClosed):
        tablet.device(time.moment + timedelta(days=1))
    with pytest.raises(operations.CenterClosed):
        operations.open_kiosk(
            house.session, house.center, name="別", by=house.head.principal.actor, now=time.moment + timedelta(days=1)
        )


@pytest.mark.parametrize("name", ["", " ", "名" * 51, "\u202e端末"])
def test_a_device_needs_a_usable_name(house: House, time: SetClock, name: str) -> None:
    with pytest.raises(InvalidInput):
        operations.open_kiosk(house.session, house.center, name=name, by=house.head.principal.actor, now=time.moment)


# --- slips and PINs ---------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_volunteer_chooses_a_pin_by_a_slip_and_is_someone_with_a_minimal_account(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    session, now, volunteer = house.session, time.moment, house.volunteer
    begin_writing(session)
    operations.check_code(session, tablet.device(now), volunteer.id, tablet.codes[volunteer.id], now=now)
    session.commit()
    signed_in, secret = tablet.choose(volunteer, "205813", now=now)

    session.refresh(volunteer)
    user = session.get_one(User, volunteer.user_id)
    assert (user.name, user.email, user.password_hash) == (volunteer.name, None, "")
    assert user.login_name.startswith("kiosk-")
    assert account_queries.is_kiosk_only(user)
    assert session.scalars(select(OrganizationRole.role).where(OrganizationRole.user_id == user.id)).all() == [
        Role.WORKER
    ]
    assert (signed_in.strength, signed_in.kiosk_id) == ("kiosk", tablet.kiosk.id)
    assert accounts.digest(secret) == signed_in.token_digest
    pin = tablet.pin_of(volunteer)
    assert pin.state(now) is PinState.READY
    assert pin.pin_hash.startswith("$argon2id$")
    assert "kiosk.pin_set" in tablet.acts()
    assert tablet.enter(volunteer, "205813", now=now)[0].user_id == user.id
    with pytest.raises(accounts.WrongCredentials):
        accounts.sign_in(session, accounts.Attempt(user.login_name, "205813", "192.0.2.1"), now=now)


def test_a_password_turns_the_account_into_a_full_one(tablet: Tablet, house: House, time: SetClock) -> None:
    session, now, volunteer = house.session, time.moment, house.volunteer
    tablet.choose(volunteer, "205813", now=now)
    session.refresh(volunteer)
    user = session.get_one(User, volunteer.user_id)
    assert not sheet_queries.has_account(session, volunteer)
    secret = accounts.issue_reset(session, user, actor=house.officer.principal.actor, now=now)
    accounts.use_reset(session, secret, "correct horse battery staple", now=now)
    assert not account_queries.is_kiosk_only(user)
    assert sheet_queries.has_account(session, volunteer)


def test_a_code_works_once_and_for_two_weeks(tablet: Tablet, house: House, time: SetClock) -> None:
    now, volunteer = time.moment, house.volunteer
    with pytest.raises(operations.SlipExpired):
        tablet.choose(volunteer, now=now + timedelta(days=14))
    tablet.choose(volunteer, now=now + timedelta(days=14) - MINUTE)
    with pytest.raises(operations.AlreadyChosen):
        tablet.choose(volunteer, "730164", now=now)


def test_a_new_slip_takes_the_place_of_slip_and_pin_and_ends_the_visit(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    now, worker, volunteer = time.moment, house.worker.worker, house.volunteer
    signed_in, _ = tablet.enter(worker, now=now)
    before = tablet.codes[volunteer.id]
    tablet.slip(worker, now=now)
    code = tablet.slip(volunteer, now=now)
    with pytest.raises(operations.NoPin):
        tablet.enter(worker, now=now)
    house.session.refresh(signed_in)
    assert signed_in.ended_at == now
    with pytest.raises(operations.WrongNumber):
        tablet.choose(volunteer, code=before, now=now)
    tablet.choose(volunteer, code=code, now=now)


def test_a_simple_pin_is_refused_and_the_slip_stays_good(tablet: Tablet, house: House, time: SetClock) -> None:
    with pytest.raises(operations.WeakPin, match="順番"):
        tablet.choose(house.volunteer, "123456", now=time.moment)
    tablet.choose(house.volunteer, now=time.moment)


def test_slips_are_for_people_who_are_active(tablet: Tablet, house: House, time: SetClock) -> None:
    house.volunteer.left_on = date(2026, 11, 26)
    house.session.commit()
    by = house.head.principal.actor
    with pytest.raises(operations.NotActive):
        operations.make_slips(house.session, [house.volunteer], by=by, now=time.moment)
    with pytest.raises(InvalidInput):
        operations.make_slips(house.session, [], by=by, now=time.moment)


# --- wrong numbers ----------------------------------------------------------------------------------------------


def wrong(tablet: Tablet, worker: Worker, times: int, now: object) -> None:
    for _ in range(times):
        with pytest.raises(operations.WrongNumber):
            tablet.enter(worker, "000000", now=now)  # type: ignore[arg-type]


@pytest.mark.both_engines
def test_after_five_wrong_numbers_the_wait_begins_at_a_minute_and_doubles(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    now, worker = time.moment, house.worker.worker
    wrong(tablet, worker, 5, now)
    for minutes in (1, 2, 4, 8, 15, 15):
        with pytest.raises(operations.PinWait):
            tablet.enter(worker, now=now + minutes * MINUTE - timedelta(seconds=1))
        now += minutes * MINUTE
        wrong(tablet, worker, 1, now)
    assert tablet.enter(worker, now=now + 15 * MINUTE)
    wrong(tablet, worker, 4, now + 16 * MINUTE)
    assert tablet.enter(worker, now=now + 16 * MINUTE)


def test_one_persons_wrong_numbers_do_not_stop_another(tablet: Tablet, house: House, time: SetClock) -> None:
    wrong(tablet, house.worker.worker, 5, time.moment)
    assert tablet.choose(house.volunteer, now=time.moment)


def test_many_wrong_numbers_at_one_tablet_make_everybody_wait_there_but_not_at_another(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    session, now = house.session, time.moment
    others = [a_worker(session, house.center, f"人{number}") for number in range(4)]
    session.commit()
    begin_writing(session)
    operations.make_slips(session, others, by=house.head.principal.actor, now=now)
    _, secret = operations.open_kiosk(session, house.center, name="もう1台", by=house.head.principal.actor, now=now)
    session.commit()
    for worker in others:
        for _ in range(5):
            begin_writing(session)
            with pytest.raises(operations.WrongNumber):
                operations.check_code(session, tablet.device(now), worker.id, "00000000", now=now)
            session.commit()
    with pytest.raises(operations.PinWait):
        tablet.enter(house.worker.worker, now=now)
    tablet.secret = secret
    assert tablet.enter(house.worker.worker, now=now)


def test_twenty_wrong_numbers_in_a_row_stop_the_pin_until_there_is_a_new_slip(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    now, worker = time.moment, house.worker.worker
    for number in range(20):
        now += timedelta(hours=2)
        with pytest.raises(operations.PinStopped if number == 19 else operations.WrongNumber):
            tablet.enter(worker, "000000", now=now)
    now += timedelta(hours=2)
    with pytest.raises(operations.PinStopped):
        tablet.enter(worker, now=now)
    assert tablet.acts().count("kiosk.pin_stopped") == 1
    code = tablet.slip(worker, now=now)
    assert tablet.choose(worker, "730164", code=code, now=now)


def test_every_answer_takes_one_comparison(
    tablet: Tablet, house: House, time: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partner_compliance.accounts import passwords

    compared = []
    is_right = passwords.is_right
    monkeypatch.setattr(passwords, "is_right", lambda *args: compared.append(1) or is_right(*args))
    stranger = a_worker(house.session, house.center, "見知らぬ 人")
    for worker, error in (
        (house.worker.worker, operations.WrongNumber),
        (house.volunteer, operations.NoPin),
        (stranger, operations.NotHere),
    ):
        with pytest.raises(error):
            tablet.enter(worker, "000000", now=time.moment)
    assert len(compared) == 3


# --- who is here ------------------------------------------------------------------------------------------------


def test_whoever_left_moved_or_belongs_elsewhere_is_not_here(tablet: Tablet, house: House, time: SetClock) -> None:
    session, now, worker = house.session, time.moment, house.worker.worker
    foreign_center = a_center(session, an_organization(session, "別の団体"))
    _, foreign = someone(session, foreign_center)
    worker.left_on = date(2026, 11, 26)
    session.commit()
    for person in (worker, foreign):
        with pytest.raises(operations.NotHere):
            tablet.enter(person, now=now)
    worker.left_on = None
    other = a_center(session, house.organization, "分室")
    worker.center_id = other.id
    session.commit()
    with pytest.raises(operations.NotHere):
        tablet.enter(worker, now=now)
    session.add(
        WorkerCenter(
            organization_id=worker.organization_id, worker_id=worker.id, center_id=house.center.id,
            from_on=date(2026, 11, 1), until_on=None,
        )
    )  # fmt: skip
    session.commit()
    assert tablet.enter(worker, now=now)


def test_a_pin_of_one_organization_is_none_in_another(tablet: Tablet, house: House, time: SetClock) -> None:
    session, now = house.session, time.moment
    elsewhere = a_center(session, an_organization(session, "別の団体"))
    same_person = a_worker(session, elsewhere, "南 花子", user=house.worker.user)
    accounts.grant_role(
        session, same_person, Role.CENTER_HEAD, center=elsewhere, by=house.head.principal.actor, now=now
    )
    session.commit()
    begin_writing(session)
    _, secret = operations.open_kiosk(session, elsewhere, name="別の端末", by=house.head.principal.actor, now=now)
    slip = operations.make_slips(session, [same_person], by=house.head.principal.actor, now=now)[0]
    session.commit()
    tablet.secret = secret
    tablet.choose(same_person, "730164", code=slip.code.replace(" ", ""), now=now)
    with pytest.raises(operations.WrongNumber):
        tablet.enter(same_person, PIN, now=now)
    signed_in, _ = tablet.enter(same_person, "730164", now=now)

    principal = account_queries.principal_at_kiosk(session, house.worker.user, signed_in, today=local_date(now))
    assert [(held.role, held.organization_id) for held in principal.standings] == [
        (Role.WORKER, elsewhere.organization_id)
    ]


def test_nobody_is_more_than_a_worker_at_a_tablet(tablet: Tablet, house: House, time: SetClock) -> None:
    session, now = house.session, time.moment
    for person in (house.head, house.officer, house.representative):
        tablet.choose(person.worker, "730164", code=tablet.slip(person.worker, now=now), now=now)
        signed_in, _ = tablet.enter(person.worker, "730164", now=now)
        principal = account_queries.principal_at_kiosk(session, person.user, signed_in, today=local_date(now))
        assert {held.role for held in principal.standings} == {Role.WORKER}
        assert principal.worker_ids == {person.worker.id}
        assert principal.actor.strength == "kiosk"
        assert not principal.headed_centers
        assert principal.partners is None


def test_a_closed_account_does_not_open_at_a_tablet(tablet: Tablet, house: House, time: SetClock) -> None:
    house.worker.user.deactivated_at = time.moment
    house.session.commit()
    with pytest.raises(operations.AccountClosed):
        tablet.enter(house.worker.worker, now=time.moment)


def test_names_are_those_who_were_given_a_slip_in_the_order_of_their_reading(tablet: Tablet, house: House) -> None:
    session, today = house.session, date(2026, 11, 27)
    shown = queries.names_at(session, house.center, today=today)
    assert [worker.name for worker in shown] == ["南 花子", "𠮷田 﨑子"]
    assert list(queries.by_row(shown)) == ["ま", "や"]
    holders = queries.holders_at(session, house.center, today=today)
    assert {each.worker.name for each in holders} == {"東 京子", "西 守", "北 代表", "南 花子", "𠮷田 﨑子"}
    assert {each.worker.name for each in holders if each.has_account} == {"東 京子", "西 守", "北 代表", "南 花子"}


@pytest.mark.parametrize(
    ("kana", "row"),
    [
        ("ガとう", "か"),
        ("ぱくちー", "は"),
        ("ｱｵｷ", "あ"),
        ("ヴァン", "あ"),
        ("ョシダ", "や"),
        ("", "そのほか"),
        ("Smith", "そのほか"),
    ],
)
def test_a_reading_is_found_in_its_row_however_it_is_written(kana: str, row: str) -> None:
    assert queries.row_of(Worker(name="x", name_kana=kana)) == row


def test_people_of_one_name_are_told_apart(session: object, house: House) -> None:
    same = [a_worker(house.session, house.center, "佐藤 花子") for _ in range(4)]
    same[0].name_kana = "サトウ カコ"
    same[1].staff_number = "017"
    shown = queries.shown_names([*same, house.volunteer])
    assert [shown[each.id] for each in same] == [
        "佐藤 花子（サトウ カコ）", "佐藤 花子（職員番号 017）", "佐藤 花子（2人目）", "佐藤 花子（3人目）",
    ]  # fmt: skip
    assert shown[house.volunteer.id] == "𠮷田 﨑子"


# --- paper stays possible ---------------------------------------------------------------------------------------


def test_the_head_still_enters_paper_for_someone_who_only_uses_the_tablet(
    tablet: Tablet, house: House, time: SetClock
) -> None:
    session, now, volunteer = house.session, time.moment, house.volunteer
    tablet.choose(volunteer, now=now)
    sheet = house.sheet_of(volunteer)
    assert not sheet_queries.story_of(session, sheet).has_account
    rows = {row.worker.id: row.has_account for row in sheet_queries.matrix(session, house.center, "2026-11")}
    assert rows == {row: row != volunteer.id for row in rows}
    sheets.enter_from_paper(
        session,
        sheet,
        house.checklist,
        all_fine(house.checklist),
        signed_on=now.date(),
        by=house.head.principal,
        now=now,
    )
    with pytest.raises(sheets.HasAccount):
        sheets.enter_from_paper(
            session, house.sheet_of(house.worker.worker), house.checklist, all_fine(house.checklist),
            signed_on=now.date(), by=house.head.principal, now=now,
        )  # fmt: skip


def test_what_was_submitted_at_a_tablet_says_so(tablet: Tablet, house: House, time: SetClock) -> None:
    session, now = house.session, time.moment
    signed_in, _ = tablet.enter(house.worker.worker, now=now)
    principal = account_queries.principal_at_kiosk(session, house.worker.user, signed_in, today=local_date(now))
    version = sheets.submit(
        session, house.sheet_of(house.worker.worker), house.checklist, all_fine(house.checklist), by=principal, now=now
    )
    assert version.kiosk_id == tablet.kiosk.id
    by_oneself = principal_of(session, house.officer.user)
    version = sheets.submit(
        session,
        house.sheet_of(house.officer.worker),
        house.checklist,
        all_fine(house.checklist),
        by=by_oneself,
        now=now,
    )
    assert version.kiosk_id is None


def test_a_visit_is_told_to_its_own_organization_alone(tablet: Tablet, house: House, time: SetClock) -> None:
    session, now = house.session, time.moment
    elsewhere = a_center(session, an_organization(session, "別の団体"))
    other = a_worker(session, elsewhere, "南 花子", user=house.worker.user)
    accounts.grant_role(session, other, Role.WORKER, by=house.head.principal.actor, now=now)
    session.commit()
    signed_in, _ = tablet.enter(house.worker.worker, now=now)
    accounts.end_sign_in(session, signed_in.id, house.worker.principal.actor, now=now)
    session.commit()
    from partner_compliance.history.models import LogLeaf

    told = session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == elsewhere.organization_id)).all()
    assert "account.signed_in" not in told
    assert "account.signed_out" not in told
    assert tablet.acts()[-1] == "account.signed_out"
    assert session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1
