"""SECURITY.md B03, B04, and the part of E04 that concerns the door."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from partner_compliance.access import Role
from partner_compliance.accounts import operations, passwords
from partner_compliance.accounts.models import SignIn, Throttle
from partner_compliance.accounts.operations import Attempt, Wait, WrongCredentials
from partner_compliance.acts import PLATFORM_LOG
from partner_compliance.history.models import LogLeaf
from tests.conftest import NOON
from tests.factories import PASSWORD, a_center, an_operator, an_organization, someone

HOME = "192.0.2.1"
ELSEWHERE = "203.0.113.9"


@pytest.fixture
def user(session):
    """Someone who works for an organization; the platform has its history as well."""
    an_operator(session)
    found, _ = someone(session, a_center(session, an_organization(session)), password=PASSWORD)
    found.email, found.email_key = "Hanako@Example.jp", "hanako@example.jp"
    session.commit()
    return found


def attempt(session, name, password=PASSWORD, *, address=HOME, now=NOON):
    """One request that tries to sign in; what was counted stays, as in the app."""
    try:
        return operations.sign_in(session, Attempt(name, password, address), now=now)
    finally:
        session.commit()


def fail(session, name, times, *, address=HOME, now=NOON):
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            attempt(session, name, "wrong", address=address, now=now)


def test_the_right_password_opens_the_door_under_login_name_and_address_in_any_width_and_case(session, user):
    for name in (user.login_name, user.login_name.upper(), "ｕｓｅｒ" + user.login_name[4:], " hanako@EXAMPLE.jp "):
        signed_in, secret = attempt(session, name)
        assert signed_in.user_id == user.id
        assert signed_in.token_digest == operations.digest(secret) != secret


def test_known_and_unknown_names_get_the_same_answer_after_the_same_work(session, user, monkeypatch):
    verified = []
    hasher = passwords._hasher

    class Counting:
        def verify(self, kept, password):
            verified.append(kept.rsplit("$", 2)[0])
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    stopped, _ = someone(session, a_center(session, an_organization(session)), password=None)
    stopped.deactivated_at = NOON
    session.commit()

    answers = []
    for name in (user.login_name, "nobody", stopped.login_name, "", "a" * 5000, "' OR 1=1 --"):
        with pytest.raises(WrongCredentials) as refused:
            attempt(session, name, "wrong")
        answers.append((refused.value.status, refused.value.message, refused.value.what_to_do))

    assert len(set(answers)) == 1
    assert len(verified) == 6
    assert len(set(verified)) == 1  # the same parameters, hence the same work


def test_an_unknown_name_has_to_wait_as_a_known_one_has(session, user):
    waits = []
    for name in (user.login_name, "nobody"):
        fail(session, name, 10)
        with pytest.raises(Wait) as refused:
            attempt(session, name)
        waits.append((refused.value.status, refused.value.message, refused.value.what_to_do))
    assert waits[0] == waits[1]


def test_after_ten_failures_even_the_right_password_has_to_wait(session, user):
    fail(session, user.login_name, 10)

    with pytest.raises(Wait, match="しばらく") as refused:
        attempt(session, user.login_name)
    assert "1分" in refused.value.what_to_do
    assert attempt(session, user.login_name, now=NOON + timedelta(minutes=1, seconds=1))


def test_the_wait_grows_to_a_quarter_of_an_hour_and_no_further(session, user):
    now, waits = NOON, []
    fail(session, user.login_name, 9, now=now)
    for _ in range(7):
        fail(session, user.login_name, 1, now=now)
        minutes = 0
        while True:
            try:
                operations.sign_in(
                    session, Attempt(user.login_name, "wrong", HOME), now=now + timedelta(minutes=minutes)
                )
            except Wait:
                minutes += 1
            except WrongCredentials:
                session.rollback()
                break
        waits.append(minutes)
        now += timedelta(minutes=minutes)
    assert waits == [1, 2, 4, 8, 15, 15, 15]


def test_others_and_other_places_are_not_kept_out(session, user):
    other, _ = someone(session, a_center(session, an_organization(session)), password=PASSWORD)
    session.commit()
    fail(session, user.login_name, 10)

    assert attempt(session, other.login_name)
    assert attempt(session, user.login_name, address=ELSEWHERE)


def test_one_address_that_tries_many_names_has_to_wait(session, user):
    for number in range(200):
        with pytest.raises(WrongCredentials):
            attempt(session, f"guess-{number}", "wrong", address=ELSEWHERE)

    with pytest.raises(Wait):
        attempt(session, user.login_name, address=ELSEWHERE)
    assert attempt(session, user.login_name)
    assert attempt(session, user.login_name, address=ELSEWHERE, now=NOON + timedelta(minutes=16))


def test_a_hundred_failures_in_a_row_stop_the_password_until_it_is_set_anew(session, user):
    for number in range(12):
        fail(session, user.login_name, 9 if number < 11 else 1, address=f"203.0.113.{number}")

    session.refresh(user)
    assert user.password_stopped_at == NOON
    with pytest.raises(WrongCredentials):
        attempt(session, user.login_name)
    acts = session.scalars(select(LogLeaf.act).where(LogLeaf.subject_id == user.id)).all()
    assert acts.count("account.sign_in_failed") == 101
    assert acts.count("account.disabled") == 1

    secret = operations.issue_reset(session, user, actor=operations.Actor(None, "運営", "operator"), now=NOON)
    operations.use_reset(session, secret, PASSWORD + "!", now=NOON)
    session.commit()
    assert attempt(session, user.login_name, PASSWORD + "!", address=ELSEWHERE)


def test_a_right_password_starts_the_row_of_failures_anew(session, user):
    for number in range(15):
        fail(session, user.login_name, 9, address=f"203.0.113.{number}")
        attempt(session, user.login_name)
    session.refresh(user)
    assert (user.failures_in_a_row, user.password_stopped_at) == (0, None)


def test_counters_outlast_the_process_and_are_shared(make_app, session, user, time):
    first, second = make_app(), make_app()
    for number in range(10):
        refused = _post(first if number % 2 else second, user.login_name, "wrong")
        assert refused.status_code == 422

    restarted = make_app()
    assert {_post(app, user.login_name, PASSWORD).status_code for app in (first, second, restarted)} == {429}


def _post(app, name, password):
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client().post("/sign-in", data={"name": name, "password": password})


def test_a_clock_that_ran_ahead_locks_nobody_out(session, user):
    next_year = NOON + timedelta(days=365)
    fail(session, user.login_name, 10, now=next_year)

    assert attempt(session, user.login_name, now=NOON)


def test_keys_of_counters_name_nobody(session, user):
    fail(session, user.login_name, 1)

    kept = " ".join(session.scalars(select(Throttle.key)))
    assert user.login_name not in kept
    assert HOME not in kept


def test_what_protects_nothing_any_more_is_thrown_away(session, user):
    fail(session, user.login_name, 1)
    operations.issue_reset(session, user, actor=operations.Actor(None, "運営", "operator"), now=NOON)
    session.commit()
    attempt(session, user.login_name)

    operations.forget_old(session, now=NOON + timedelta(days=1))
    session.commit()
    assert session.scalars(select(SignIn)).all()
    operations.forget_old(session, now=NOON + timedelta(days=33))
    session.commit()

    assert not session.scalars(select(SignIn)).all()
    assert not session.scalars(select(Throttle)).all()
    assert not session.scalars(select(operations.PasswordReset)).all()


def test_failures_of_unknown_names_are_in_the_history_of_the_platform_without_the_name(session, user):
    fail(session, "secret-name-somebody-mistyped", 1)

    leaf = session.scalars(select(LogLeaf).where(LogLeaf.log_id == PLATFORM_LOG).order_by(LogLeaf.idx.desc())).first()
    assert leaf.act == "account.sign_in_failed"
    assert "secret-name" not in leaf.entry


def test_an_old_hash_is_replaced_at_the_next_sign_in(session, user, monkeypatch):
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    before = user.password_hash

    attempt(session, user.login_name)

    assert user.password_hash != before
    assert not passwords.needs_new_hash(user.password_hash)


@pytest.mark.both_engines
def test_two_officers_cannot_both_be_removed(session):
    center = a_center(session, an_organization(session))
    _, first = someone(session, center, Role.PROTECTION_OFFICER)
    _, second = someone(session, center, Role.PROTECTION_OFFICER)
    session.commit()
    roles = {
        role.worker_id: role
        for role in session.scalars(
            select(operations.OrganizationRole).where(operations.OrganizationRole.role == Role.PROTECTION_OFFICER)
        )
    }
    by = operations.Actor(None, "運営", "operator")

    operations.end_role(session, roles[first.id], by=by, now=NOON)
    with pytest.raises(operations.LastOfficer):
        operations.end_role(session, roles[second.id], by=by, now=NOON)


def test_an_officer_who_has_left_does_not_count_as_one(session):
    center = a_center(session, an_organization(session))
    _, first = someone(session, center, Role.PROTECTION_OFFICER)
    _, gone = someone(session, center, Role.PROTECTION_OFFICER)
    gone.left_on = operations.local_date(NOON) - timedelta(days=1)
    session.commit()
    role = session.scalars(
        select(operations.OrganizationRole).where(
            operations.OrganizationRole.worker_id == first.id,
            operations.OrganizationRole.role == Role.PROTECTION_OFFICER,
        )
    ).one()

    with pytest.raises(operations.LastOfficer):
        operations.end_role(session, role, by=operations.Actor(None, "運営", "operator"), now=NOON)
