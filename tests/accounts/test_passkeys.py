"""Passkeys: registering, signing in, the second step, proofs, and everything that must not pass for one."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from partner_compliance.accounts import factors, operations, passkeys
from partner_compliance.accounts.factors import LastFactor, NoProofHere
from partner_compliance.accounts.models import Ceremony, HalfwaySignIn, Passkey, PasskeyChallenge, SignIn
from partner_compliance.accounts.operations import Attempt
from partner_compliance.accounts.passkeys import PasskeyKnown, PasskeyRefused, RelyingParty
from partner_compliance.acts import Actor
from partner_compliance.errors import TooMany
from tests.accounts.authenticators import Device
from tests.conftest import NOON
from tests.factories import PASSWORD, a_center, an_operator, an_organization, someone

HERE = RelyingParty("localhost", "http://localhost")


@pytest.fixture
def center(session):
    an_operator(session)
    return a_center(session, an_organization(session))


@pytest.fixture
def user(session, center):
    found, _ = someone(session, center, password=PASSWORD)
    session.commit()
    return found


@pytest.fixture
def device(session, user):
    """A device on which the user has registered a passkey."""
    made = Device()
    register(session, user, made)
    return made


def ask(session, ceremony, user=None, now=NOON):
    asked, options = passkeys.ask(session, HERE, ceremony, user=user, address="198.51.100.7", now=now)
    session.commit()
    return asked, options


def register(session, user, device, *, now=NOON, answer=None, strength="password"):
    here, _ = operations.start_sign_in(session, user, strength=strength, now=now)
    asked, options = ask(session, Ceremony.REGISTRATION, user, now)
    by = Actor(user.id, user.name, strength)
    codes = passkeys.add(
        session, HERE, asked, answer or device.register(options), user, name="電話", sign_in_id=here.id, by=by, now=now
    )
    session.commit()
    return here, codes


def at_the_door(session, device, *, now=NOON, **more):
    asked, options = ask(session, Ceremony.SIGN_IN, now=now)
    try:
        return passkeys.sign_in(session, HERE, asked, device.answer(options, **more), device="", now=now)[0]
    finally:
        session.commit()


# --- who we are to a passkey ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "host", "party"),
    [
        ("https://kids.example.jp", "kids.example.jp", RelyingParty("kids.example.jp", "https://kids.example.jp")),
        ("https://Kids.example.jp:443/app", "x", RelyingParty("kids.example.jp", "https://kids.example.jp")),
        ("https://kids.example.jp:8443", "x", RelyingParty("kids.example.jp", "https://kids.example.jp:8443")),
        ("https://192.0.2.7", "192.0.2.7", None),
        ("https://[2001:db8::1]", "[2001:db8::1]", None),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", None),
        ("http://127.0.0.1:8000", "localhost:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("http://localhost:8000", "127.0.0.1:8000", None),
        ("http://127.0.0.1:8000", "evil.example:8000", None),
        ("https://kids.example.jp", "localhost", RelyingParty("kids.example.jp", "https://kids.example.jp")),
    ],
)
def test_a_passkey_is_bound_to_the_configured_name(base_url, host, party):
    assert passkeys.relying_party(base_url, host) == party


def test_a_local_installation_offers_an_address_with_a_name():
    assert passkeys.address_by_name("http://127.0.0.1:8001") == "http://localhost:8001"
    assert passkeys.address_by_name("https://192.0.2.7") is None


# --- what works -------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_passkey_is_registered_and_signs_in_without_name_and_password(session, user):
    device = Device()
    here, codes = register(session, user, device)
    assert here.strength == "password+passkey"
    assert len(codes) == 10

    signed_in = at_the_door(session, device)

    assert (signed_in.user_id, signed_in.strength, signed_in.proved_at) == (user.id, "passkey", NOON)
    kept = session.scalars(select(Passkey)).one()
    assert (kept.name, kept.sign_count, kept.used_at) == ("電話", 1, NOON)


def test_with_a_passkey_the_password_is_only_half_the_way(session, user, device):
    opened, secret = operations.sign_in(session, Attempt(user.login_name, PASSWORD, "x"), now=NOON)
    assert isinstance(opened, HalfwaySignIn)
    asked, options = ask(session, Ceremony.SECOND_FACTOR, user)
    assert [each["id"] for each in options["allowCredentials"]]
    device.knows_its_owner = False  # a plain security key is enough beside the password
    signed_in, _ = passkeys.pass_second_factor(
        session, HERE, asked, device.answer(options), secret, device="", now=NOON
    )
    assert signed_in.strength == "password+passkey"


@pytest.mark.both_engines
def test_a_passkey_proves_that_it_is_still_the_same_person(session, user, device):
    for strength, proved in (("password", True), ("kiosk", False)):
        here, _ = operations.start_sign_in(session, user, strength=strength, now=NOON)
        asked, options = ask(session, Ceremony.PROOF, user)
        later = NOON + timedelta(minutes=1)
        answer = device.answer(options)
        if proved:
            passkeys.prove(session, HERE, asked, answer, user, here.id, now=later)
            session.commit()
            session.refresh(here)
            assert here.proved_at == later
        else:
            with pytest.raises(NoProofHere):
                passkeys.prove(session, HERE, asked, answer, user, here.id, now=later)


def test_devices_that_do_not_count_are_fine(session, user):
    device = Device(counts=False)
    register(session, user, device)
    assert at_the_door(session, device)
    assert at_the_door(session, device)


# --- what does not ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9999"},
        {"rp_id": "evil.example"},
        {"knows_its_owner": False},
        {"handle": b"someone else"},
        {"credential_id": b"another"},
        {"uses": -1},
    ],
    ids=str,
)
def test_what_is_not_quite_right_opens_no_door(session, user, device, change):
    at_the_door(session, device)
    for name, value in change.items():
        setattr(device, name, value)
    with pytest.raises(PasskeyRefused):
        at_the_door(session, device)


def test_another_key_opens_no_door(session, user, device):
    device.key = Device().key
    with pytest.raises(PasskeyRefused):
        at_the_door(session, device)


def test_a_challenge_is_answered_once_in_time_and_for_what_it_was_made(session, user, device, center):
    other, _ = someone(session, center)
    session.commit()
    asked, options = ask(session, Ceremony.SIGN_IN)
    answer = device.answer(options)
    passkeys.sign_in(session, HERE, asked, answer, device="", now=NOON)
    session.commit()
    late, late_options = ask(session, Ceremony.SIGN_IN)
    proof, proof_options = ask(session, Ceremony.PROOF, user)
    for challenge, given, now in (
        (asked, answer, NOON),
        (late, device.answer(late_options), NOON + timedelta(minutes=5, seconds=1)),
        (proof, device.answer(proof_options), NOON),
        (None, answer, NOON),
    ):
        with pytest.raises(PasskeyRefused):
            passkeys.sign_in(session, HERE, challenge, given, device="", now=now)
        session.rollback()
    here, _ = operations.start_sign_in(session, other, strength="password", now=NOON)
    theirs, options = ask(session, Ceremony.PROOF, other)
    with pytest.raises(PasskeyRefused):  # someone else's passkey proves nothing
        passkeys.prove(session, HERE, theirs, device.answer(options), other, here.id, now=NOON)


def test_an_account_that_is_switched_off_is_not_opened(session, user, device):
    user.deactivated_at = NOON
    session.commit()
    with pytest.raises(PasskeyRefused):
        at_the_door(session, device)


NO_BYTES = {"clientDataJSON": "AA", "attestationObject": "/w", "authenticatorData": "", "signature": "="}
EMPTY = {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "x",
        "[" * 15000,
        "あ" * 30000,
        json.dumps(EMPTY),
        json.dumps(EMPTY | {"response": NO_BYTES}),
    ],
    ids=range(9),
)
def test_nonsense_is_refused(session, user, device, answer):
    with pytest.raises(PasskeyRefused):
        register(session, user, device, answer=answer or "{")
    session.rollback()
    asked, _ = ask(session, Ceremony.SIGN_IN)
    with pytest.raises(PasskeyRefused):
        passkeys.sign_in(session, HERE, asked, answer, device="", now=NOON)


def test_registering_elsewhere_or_twice_is_refused(session, user, device, center):
    with pytest.raises(PasskeyRefused):
        register(session, user, Device(origin="https://evil.example"))
    session.rollback()
    other, _ = someone(session, center)
    session.commit()
    with pytest.raises(PasskeyKnown):
        register(session, other, device)


def test_asking_without_end_is_slowed_down(session, user, monkeypatch):
    monkeypatch.setattr(passkeys, "_ASKED_PER_ADDRESS", 3)
    for _ in range(3):
        ask(session, Ceremony.SIGN_IN)
    with pytest.raises(TooMany):
        ask(session, Ceremony.SIGN_IN)


def test_unanswered_challenges_are_thrown_away(session, user):
    ask(session, Ceremony.SIGN_IN)
    operations.forget_old(session, now=NOON + timedelta(days=1, seconds=1))
    session.commit()
    assert not session.scalars(select(PasskeyChallenge)).all()


def test_the_last_one_stays_with_whoever_must_have_a_factor(session, user, device):
    by, kept = Actor(user.id, user.name, "passkey"), session.scalars(select(Passkey)).one()
    with pytest.raises(LastFactor):
        passkeys.remove(session, kept, user, needs_factor=True, by=by, now=NOON)
    session.rollback()
    passkeys.remove(session, kept, user, needs_factor=False, by=by, now=NOON)
    session.commit()
    assert not session.scalars(select(Passkey)).all()
    assert set(session.scalars(select(SignIn.strength).where(SignIn.ended_at.is_(None)))) == {"password"}
    with pytest.raises(factors.NoFactors):
        factors.make_recovery_codes(session, user, by=by, now=NOON)
