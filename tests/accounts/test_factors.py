"""SECURITY.md B01, B07, B08 and B11: authenticator, recovery codes, the second step, proofs, lost devices."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from partner_compliance.access import Role
from partner_compliance.accounts import factors, operations, queries
from partner_compliance.accounts.factors import (
    CodeUsed,
    HalfwayGone,
    LastFactor,
    NoProofHere,
    OwnFactors,
    PasswordTooShortAlone,
    SecondStep,
    SecretLost,
    WrongCode,
    WrongRecoveryCode,
)
from partner_compliance.accounts.models import (
    Authenticator,
    HalfwaySignIn,
    OutgoingMail,
    Passkey,
    RecoveryCode,
    SignIn,
)
from partner_compliance.accounts.operations import Attempt, Wait, WeakPassword, WorksElsewhere, WrongCredentials
from partner_compliance.accounts.sealing import Vault
from partner_compliance.acts import Actor
from partner_compliance.database import begin_writing, open_session
from partner_compliance.errors import InvalidInput
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from tests.conftest import NOON
from tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    VAULT,
    a_center,
    a_passkey,
    an_authenticator,
    an_operator,
    an_organization,
    code_of,
    someone,
)

HOME = "198.51.100.7"
OPERATOR = Actor(None, "運営（コマンド）", "operator")
SHORT = "いぬとねこ12345"


@pytest.fixture
def center(session):
    an_operator(session)
    return a_center(session, an_organization(session))


@pytest.fixture
def user(session, center):
    """A worker with an authenticator and a mail address."""
    found, _ = someone(session, center, password=PASSWORD)
    found.email = found.email_key = "hanako@example.jp"
    an_authenticator(session, found)
    session.commit()
    return found


def actor(user):
    return Actor(user.id, user.name, "password")


def halfway(session, user, *, password=PASSWORD, now=NOON):
    opened, secret = operations.sign_in(session, Attempt(user.login_name, password, HOME), now=now)
    assert isinstance(opened, HalfwaySignIn)
    session.commit()
    return secret


def second(session, secret, *, code="", recovery="", address=HOME, now=NOON, vault=VAULT):
    """One request with the second step; what was counted stays, as in the app."""
    try:
        return factors.pass_second_factor(session, secret, SecondStep(address, code, recovery), vault, now=now)
    finally:
        session.commit()


def acts_of(session, user):
    return list(session.scalars(select(LogLeaf.act).where(LogLeaf.subject_id == user.id).order_by(LogLeaf.idx)))


def subjects(session):
    return list(session.scalars(select(OutgoingMail.subject).order_by(OutgoingMail.written_at)))


# --- the second step (B08) --------------------------------------------------------------------------------------


def test_the_password_alone_is_only_half_the_way(session, user):
    secret = halfway(session, user)
    assert not session.scalars(select(SignIn)).all()

    signed_in, token = second(session, secret, code=code_of(NOON))

    assert (signed_in.strength, signed_in.proved_at, signed_in.user_id) == ("password+totp", NOON, user.id)
    assert signed_in.token_digest == operations.digest(token)
    with pytest.raises(HalfwayGone):
        second(session, secret, code=code_of(NOON + timedelta(seconds=30)), now=NOON + timedelta(seconds=30))


def test_who_has_no_factor_is_in_with_the_password(session, center):
    plain, _ = someone(session, center, password=PASSWORD)
    session.commit()
    signed_in, _ = operations.sign_in(session, Attempt(plain.login_name, PASSWORD, HOME), now=NOON)
    assert isinstance(signed_in, SignIn)
    assert signed_in.strength == "password"


@pytest.mark.both_engines
def test_a_code_works_once_in_this_and_in_another_session(session, user):
    first, other = halfway(session, user), halfway(session, user)
    second(session, first, code=code_of(NOON))

    for later in (0, 15, 29):
        with pytest.raises(CodeUsed):
            second(session, other, code=code_of(NOON), now=NOON + timedelta(seconds=later))
    assert second(session, other, code=code_of(NOON + timedelta(seconds=30)), now=NOON + timedelta(seconds=30))


@pytest.mark.both_engines
def test_of_two_at_once_with_the_same_code_one_gets_in(session, engine, user):
    secrets = [halfway(session, user), halfway(session, user)]

    def enter(secret):
        with open_session(engine, write_acts=write_acts) as own:
            own.get(Authenticator, user.id)  # both have read that the code is still free
            begin_writing(own)
            try:
                factors.pass_second_factor(own, secret, SecondStep(HOME, code_of(NOON)), VAULT, now=NOON)
            except CodeUsed:
                own.rollback()
                return False
            own.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, secrets)) == [False, True]


def test_the_code_of_the_step_before_works_once_and_an_older_or_later_one_never(session, user):
    before = code_of(NOON - timedelta(seconds=30))
    first = halfway(session, user)
    assert second(session, first, code=before)
    again = halfway(session, user)
    with pytest.raises(CodeUsed):
        second(session, again, code=before)
    for minutes in (-5, -1, 1, 5):
        with pytest.raises(WrongCode):
            second(session, again, code=code_of(NOON + timedelta(minutes=minutes)))
    assert second(session, again, code=code_of(NOON))


def test_after_a_code_the_one_before_it_is_used_up_as_well(session, user):
    second(session, halfway(session, user), code=code_of(NOON))
    with pytest.raises(CodeUsed):
        second(session, halfway(session, user), code=code_of(NOON - timedelta(seconds=30)))


def test_codes_are_taken_as_people_type_them(session, user):
    code = code_of(NOON)
    wide = "".join(chr(ord(figure) + 0xFEE0) for figure in code)
    assert factors.step_of(TOTP_SECRET, f" {wide[:3]} {wide[3:]} ", now=NOON) == int(NOON.timestamp()) // 30
    for wrong in ("", "12345", code + "1", "abcdef", "１２３", "\u00b2" * 6, "0" * 5000):
        assert factors.step_of(TOTP_SECRET, wrong, now=NOON) is None


def test_a_clock_that_ran_ahead_locks_nobody_out(session, user):
    session.get_one(Authenticator, user.id).last_step = int((NOON + timedelta(days=2)).timestamp()) // 30
    session.commit()
    assert second(session, halfway(session, user), code=code_of(NOON))


def test_the_second_step_has_ten_minutes_and_a_living_account(session, user):
    secret, late = halfway(session, user), NOON + timedelta(minutes=10, seconds=1)
    with pytest.raises(HalfwayGone):
        second(session, secret, code=code_of(late), now=late)
    for change in ("deactivated_at", "password_stopped_at"):
        setattr(user, change, NOON)
        session.commit()
        with pytest.raises(HalfwayGone):
            second(session, secret, code=code_of(NOON))
        setattr(user, change, None)
    session.commit()
    assert second(session, secret, code=code_of(NOON))


# --- guessing (as B03) ------------------------------------------------------------------------------------------


def fail(session, secret, times, *, address=HOME, now=NOON):
    for _ in range(times):
        with pytest.raises(WrongCode):
            second(session, secret, code="000000", address=address, now=now)


def test_after_ten_wrong_codes_even_the_right_one_has_to_wait(session, user):
    secret = halfway(session, user)
    fail(session, secret, 10)

    with pytest.raises(Wait) as refused:
        second(session, secret, code=code_of(NOON))
    assert "1分" in refused.value.what_to_do
    assert "account.factor_failed" in acts_of(session, user)
    assert second(session, secret, code=code_of(NOON), address="203.0.113.1"), "the own address is not kept out"


def test_typing_the_password_again_gives_no_new_guesses_and_a_hundred_stop_it(session, user):
    for number in range(10):
        fail(session, halfway(session, user), 10, address=f"203.0.113.{number}")

    session.refresh(user)
    assert user.password_stopped_at == NOON
    with pytest.raises(WrongCredentials):
        halfway(session, user)


def test_a_whole_sign_in_starts_the_row_of_failures_anew(session, user):
    secret = halfway(session, user)
    fail(session, secret, 9)
    second(session, secret, code=code_of(NOON))
    session.refresh(user)
    assert user.failures_in_a_row == 0


# --- setting up -------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(session, center):
    """Someone without a factor, signed in here and elsewhere."""
    found, _ = someone(session, center, password=PASSWORD)
    found.email = found.email_key = "plain@example.jp"
    here, _ = operations.start_sign_in(session, found, strength="password", now=NOON)
    operations.start_sign_in(session, found, strength="password", now=NOON)
    session.commit()
    return found, here


def set_up(session, user, here, *, now=NOON):
    factors.begin_authenticator(session, user, VAULT, now=now)
    secret = factors.pending_secret(session, user.id, VAULT, now=now)
    codes = factors.confirm_authenticator(
        session, user, code_of(now, secret), VAULT, sign_in_id=here.id, by=actor(user), now=now
    )
    session.commit()
    return secret, codes


def test_the_first_factor_strengthens_this_sign_in_and_ends_the_others(session, plain):
    user, here = plain
    secret, codes = set_up(session, user, here)

    assert here.strength == "password+totp"
    assert [each.id for each in queries.open_sign_ins(session, user.id, now=NOON)] == [here.id]
    assert len(set(codes)) == 10
    assert "account.factor_added" in acts_of(session, user)
    assert "認証アプリが登録されました" in subjects(session)
    with pytest.raises(CodeUsed):  # the code that finished the set-up is used up
        second(session, halfway(session, user), code=code_of(NOON, secret))


def test_a_set_up_that_is_not_finished_changes_nothing(session, user, plain):
    someone_plain, here = plain
    factors.begin_authenticator(session, someone_plain, VAULT, now=NOON)
    session.commit()
    assert not queries.has_factor(session, someone_plain.id)
    with pytest.raises(WrongCode):
        factors.confirm_authenticator(
            session, someone_plain, "000000", VAULT, sign_in_id=here.id, by=actor(someone_plain), now=NOON
        )
    with pytest.raises(factors.SetUpTooOld):
        factors.pending_secret(session, someone_plain.id, VAULT, now=NOON + timedelta(hours=1, seconds=1))

    factors.begin_authenticator(session, user, VAULT, now=NOON)  # a new phone; the old one keeps working
    session.commit()
    assert second(session, halfway(session, user), code=code_of(NOON))


def test_a_new_phone_takes_the_place_of_the_old_and_keeps_the_recovery_codes(session, user):
    codes = factors.make_recovery_codes(session, user, by=actor(user), now=NOON)
    here, _ = operations.start_sign_in(session, user, strength="password+totp", now=NOON)
    session.commit()
    secret, more = set_up(session, user, here)
    later = NOON + timedelta(minutes=1)
    assert more == []
    with pytest.raises(WrongCode):
        second(session, halfway(session, user), code=code_of(later), now=later)
    assert second(session, halfway(session, user), code=code_of(later, secret), now=later)
    assert second(session, halfway(session, user), recovery=codes[0], now=later)


def test_the_secret_is_kept_sealed_and_opens_with_the_same_key_only(session, plain, user):
    someone_plain, here = plain
    secret, _ = set_up(session, someone_plain, here)
    kept = session.get_one(Authenticator, someone_plain.id)
    assert secret not in (kept.secret or "")
    assert VAULT.open(kept.secret) == secret
    assert Vault("another key of at least thirty-two characters").open(kept.secret) is None

    with pytest.raises(SecretLost):  # a changed key opens no door: it closes this one
        second(session, halfway(session, user), code=code_of(NOON), vault=Vault("another key" * 4))


# --- recovery codes (B08) ---------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_recovery_code_works_once_and_is_kept_as_a_digest(session, user):
    codes = factors.make_recovery_codes(session, user, by=actor(user), now=NOON)
    session.commit()
    assert all(re.fullmatch(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}", code) for code in codes)
    kept = " ".join(session.scalars(select(RecoveryCode.code_digest)))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)

    signed_in, _ = second(session, halfway(session, user), recovery=codes[3])
    assert signed_in.strength == "password+recovery"
    for wrong in (codes[3], "aaaa-aaaa-aaaa", "", "-"):
        with pytest.raises(WrongRecoveryCode if wrong else WrongCode):
            second(session, halfway(session, user), recovery=wrong)
    typed = codes[4].upper().replace("-", " ")
    assert second(session, halfway(session, user), recovery=f" {typed} ")
    assert queries.factors_of(session, user.id).codes_left == 8
    assert "account.recovery_used" in acts_of(session, user)
    assert subjects(session).count("回復コードでサインインがありました") == 2


def test_new_recovery_codes_take_the_place_of_the_old(session, user):
    old = factors.make_recovery_codes(session, user, by=actor(user), now=NOON)
    new = factors.make_recovery_codes(session, user, by=actor(user), now=NOON)
    session.commit()
    with pytest.raises(WrongRecoveryCode):
        second(session, halfway(session, user), recovery=old[0])
    assert second(session, halfway(session, user), recovery=new[0])


def test_the_code_of_someone_else_is_none(session, user, center):
    other, _ = someone(session, center, password=PASSWORD)
    a_passkey(session, other)
    codes = factors.make_recovery_codes(session, other, by=actor(other), now=NOON)
    session.commit()
    with pytest.raises(WrongRecoveryCode):
        second(session, halfway(session, user), recovery=codes[0])


# --- passwords beside a factor (B01) ----------------------------------------------------------------------------


def test_eight_characters_are_enough_beside_a_factor_and_fifteen_alone(session, user, plain):
    def change(whose, new):
        operations.change_password(session, whose, current=PASSWORD, new=new, sign_in_id=None, now=NOON)

    with pytest.raises(WeakPassword):
        change(plain[0], SHORT)
    with pytest.raises(WeakPassword):
        change(user, SHORT[:7])
    change(user, SHORT)
    session.commit()
    assert user.password_needs_factor is True
    assert halfway(session, user, password=SHORT)


def test_with_a_short_password_the_last_factor_stays_until_it_is_longer(session, user):
    operations.change_password(session, user, current=PASSWORD, new=SHORT, sign_in_id=None, now=NOON)
    session.commit()
    with pytest.raises(PasswordTooShortAlone):
        factors.remove_authenticator(session, user, needs_factor=False, by=actor(user), now=NOON)
    session.rollback()

    operations.change_password(session, user, current=SHORT, new=PASSWORD, sign_in_id=None, now=NOON)
    here, _ = operations.start_sign_in(session, user, strength="password+totp", now=NOON)
    factors.remove_authenticator(session, user, needs_factor=False, by=actor(user), now=NOON)
    session.commit()
    session.refresh(here)
    assert here.strength == "password", "a role given later must not find two factors where there is none"
    assert "account.factor_removed" in acts_of(session, user)


def test_who_must_have_a_factor_keeps_the_last_one(session, user):
    with pytest.raises(LastFactor):
        factors.remove_authenticator(session, user, needs_factor=True, by=actor(user), now=NOON)
    session.rollback()
    a_passkey(session, user)
    factors.remove_authenticator(session, user, needs_factor=True, by=actor(user), now=NOON)
    session.commit()
    assert queries.has_factor(session, user.id)


# --- a reset of the password (B07) ------------------------------------------------------------------------------


def test_a_reset_of_the_password_leaves_the_factor_and_ends_everything_open(session, user):
    secret = halfway(session, user)
    second(session, secret, code=code_of(NOON))
    open_halfway = halfway(session, user)
    link = operations.issue_reset(session, user, actor=OPERATOR, now=NOON)
    operations.use_reset(session, link, SHORT, now=NOON)
    session.commit()

    assert not queries.open_sign_ins(session, user.id, now=NOON)
    with pytest.raises(HalfwayGone):
        second(session, open_halfway, code=code_of(NOON + timedelta(seconds=30)))
    assert "パスワードが変更されました" in subjects(session)
    later = NOON + timedelta(minutes=1)
    again = halfway(session, user, password=SHORT, now=later)  # still only half the way
    assert second(session, again, code=code_of(later), now=later)


# --- a lost device ----------------------------------------------------------------------------------------------


def test_a_lost_device_is_reset_by_the_officer_within_the_rules_of_printed_links(session, center, user):
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER, name="責任 者子")
    a_passkey(session, user)
    factors.make_recovery_codes(session, user, by=actor(user), now=NOON)
    operations.start_sign_in(session, user, strength="password+totp", now=NOON)
    session.commit()
    within = center.organization_id

    assert factors.reset_factors(session, user, within=within, actor=actor(officer), now=NOON) is False
    session.commit()

    assert not queries.factors_of(session, user.id).exist
    assert queries.factors_of(session, user.id).codes_left == 0
    assert not queries.open_sign_ins(session, user.id, now=NOON)
    assert "account.factors_reset" in acts_of(session, user)
    assert "サインインの2段階目の確認がリセットされました" in subjects(session)
    with pytest.raises(factors.NoFactors):
        factors.reset_factors(session, user, within=within, actor=actor(officer), now=NOON)


def test_nobody_resets_the_own_factors_or_those_of_someone_who_works_elsewhere(session, center, user):
    with pytest.raises(OwnFactors):
        factors.reset_factors(session, user, within=center.organization_id, actor=actor(user), now=NOON)
    operations.grant_operator_role(session, user, by=OPERATOR, now=NOON)
    session.commit()
    officer = Actor(session.scalars(select(SignIn.user_id)).first(), "だれか", "password")
    with pytest.raises(WorksElsewhere):
        factors.reset_factors(session, user, within=center.organization_id, actor=officer, now=NOON)
    assert factors.reset_factors(session, user, within=None, actor=OPERATOR, now=NOON) is False


def test_a_short_password_does_not_outlive_its_factor(session, center, user):
    operations.change_password(session, user, current=PASSWORD, new=SHORT, sign_in_id=None, now=NOON)
    assert factors.reset_factors(session, user, within=None, actor=OPERATOR, now=NOON) is True
    session.commit()
    with pytest.raises(WrongCredentials):
        operations.sign_in(session, Attempt(user.login_name, SHORT, HOME), now=NOON)


# --- proofs -----------------------------------------------------------------------------------------------------


def proof(session, user, here, *, now=NOON, **given):
    try:
        factors.prove(session, user, here.id, VAULT, by=actor(user), now=now, **given)
    finally:
        session.commit()
    session.refresh(here)


def test_a_proof_holds_for_a_quarter_of_an_hour(session, user):
    here, _ = operations.start_sign_in(session, user, strength="password+totp", now=NOON)
    session.commit()
    assert queries.is_proof_fresh(here, now=NOON + timedelta(minutes=15))
    later = NOON + timedelta(minutes=15, seconds=1)
    assert not queries.is_proof_fresh(here, now=later)
    for given in ({"password": PASSWORD}, {"code": code_of(later)}):
        here.proved_at = None
        proof(session, user, here, now=later, **given)
        assert here.proved_at == later
    with pytest.raises(CodeUsed):
        proof(session, user, here, now=later, code=code_of(later))
    here.proved_at = None
    assert not queries.is_proof_fresh(here, now=NOON)


def test_wrong_proofs_are_counted_and_told(session, user):
    here, _ = operations.start_sign_in(session, user, strength="password+totp", now=NOON)
    session.commit()
    for number in range(10):
        with pytest.raises(WrongCode if number % 2 else WrongCredentials):
            proof(session, user, here, **({"code": "000000"} if number % 2 else {"password": "wrong"}))
    with pytest.raises(Wait):
        proof(session, user, here, password=PASSWORD)
    assert acts_of(session, user).count("account.proof_failed") == 10
    session.refresh(user)
    assert user.failures_in_a_row == 10
    with pytest.raises(InvalidInput):
        proof(session, user, here, now=NOON + timedelta(minutes=5))


def test_at_a_shared_tablet_nothing_is_proved(session, user):
    here, _ = operations.start_sign_in(session, user, strength="kiosk", now=NOON)
    session.commit()
    assert here.proved_at is None
    with pytest.raises(NoProofHere):
        proof(session, user, here, password=PASSWORD)


# --- what goes away ---------------------------------------------------------------------------------------------


def test_what_is_left_half_way_is_thrown_away(session, user):
    halfway(session, user)
    operations.forget_old(session, now=NOON + timedelta(days=1, seconds=1))
    session.commit()
    assert not session.scalars(select(HalfwaySignIn)).all()
    assert not session.scalars(select(Passkey)).all()
