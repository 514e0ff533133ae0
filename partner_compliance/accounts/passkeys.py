"""What can be done with passkeys (WebAuthn): register, sign in, pass the second step, prove who one is, remove.

A passkey is bound to the name under which people reach us, so that no page elsewhere can ask for it: that is what makes
it resist phishing. An address of figures (127.0.0.1) is no such name, and browsers refuse it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import webauthn
from cryptography.exceptions import InvalidSignature
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from webauthn.helpers import (
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from partner_compliance.accounts import queries
from partner_compliance.accounts.factors import (
    finish_halfway,
    note_factor_added,
    note_factor_removed,
    note_proof,
    user_of_halfway,
)
from partner_compliance.accounts.models import Ceremony, Passkey, PasskeyChallenge, SignIn, User
from partner_compliance.accounts.operations import digest, refuse_too_many, start_sign_in
from partner_compliance.acts import Actor
from partner_compliance.config import is_loopback
from partner_compliance.database import begin_writing
from partner_compliance.errors import InvalidInput, RuleBroken

SERVICE_NAME = "情報管理パートナー"
CHALLENGE_HOLDS = timedelta(minutes=5)
#: More than anybody needs; a limit, since each is a row.
MOST_PASSKEYS = 20
#: What a browser sends is some 1,000 characters; with the certificates of a security key some 5,000.
_LONGEST_ANSWER = 20_000
_ASKED_PER_ADDRESS = 300
_TIMEOUT = 5 * 60 * 1000

#: What the library lets out when an answer is not what it should be.
_BROKEN = (
    WebAuthnException, InvalidSignature, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError,
    OverflowError,
)  # fmt: skip


class PasskeyRefused(InvalidInput):
    message = "このパスキーでは、ご本人であることを確認できませんでした。"
    what_to_do = "もう一度お試しください。続くときは、ほかの方法でサインインしてください。"


class PasskeyKnown(RuleBroken):
    message = "このパスキーは、すでに登録されています。"
    what_to_do = "ほかの端末のパスキーを登録するか、前の画面に戻ってください。"


class PasskeysUnavailable(RuleBroken):
    message = "このアドレスでは、パスキーを使えません。"
    what_to_do = "認証アプリを使うか、名前で始まるアドレスから開いてください。"


class TooManyPasskeys(RuleBroken):
    message = f"登録できるパスキーは{MOST_PASSKEYS}個までです。"
    what_to_do = "使わなくなったパスキーを先に外してください。"


@dataclass(frozen=True)
class RelyingParty:
    """Who we are to a passkey: the name it is bound to, and the origin from which it may be used."""

    id: str
    origin: str


def relying_party(base_url: str, host: str) -> RelyingParty | None:
    """Who we are at the configured address; None where passkeys cannot work.

    On this machine alone `host`, the address by which the reader came, may also be `localhost`, whatever is configured.
    """
    parts = urlsplit(base_url)
    name = (parts.hostname or "").lower()
    if is_loopback(name):
        is_localhost = host.lower().partition(":")[0] == "localhost"
        return RelyingParty("localhost", f"{parts.scheme}://{host.lower()}") if is_localhost else None
    try:
        ip_address(name)
    except ValueError:
        default = {"https": 443, "http": 80}.get(parts.scheme)
        port = "" if parts.port in (None, default) else f":{parts.port}"
        return RelyingParty(name, f"{parts.scheme}://{name}{port}") if name else None
    return None


def address_by_name(base_url: str) -> str | None:
    """The address of a local installation under which passkeys work; None for an installation that is not local."""
    parts = urlsplit(base_url)
    if not is_loopback(parts.hostname or ""):
        return None
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://localhost{port}{parts.path}"


# --- asking a passkey -------------------------------------------------------------------------------------------


def ask(
    session: Session, party: RelyingParty, ceremony: Ceremony, *, user: User | None, address: str, now: datetime
) -> tuple[UUID, dict[str, Any]]:
    """A new challenge; returns its id, which stays with the browser's cookie, and the options for its script.

    Raises TooMany when one address asks without end.
    """
    refuse_too_many(
        session, f"passkey:{digest(address)}", limit=_ASKED_PER_ADDRESS, within=timedelta(minutes=15), now=now
    )
    own = queries.factors_of(session, user.id).passkeys if user is not None else ()
    known = [PublicKeyCredentialDescriptor(id=each.credential_id) for each in own]
    options: Any
    if ceremony is Ceremony.REGISTRATION and user is not None:
        options = webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=SERVICE_NAME,
            user_id=user.id.bytes,
            user_name=user.login_name,
            user_display_name=user.name,
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
            ),
            exclude_credentials=known,
        )
    else:
        # At the door it stands for password and second factor at once, so the device has to know its owner.
        at_the_door = ceremony is Ceremony.SIGN_IN
        options = webauthn.generate_authentication_options(
            rp_id=party.id,
            timeout=_TIMEOUT,
            allow_credentials=known,
            user_verification=(
                UserVerificationRequirement.REQUIRED if at_the_door else UserVerificationRequirement.PREFERRED
            ),
        )
    asked = PasskeyChallenge(
        id=uuid4(),
        challenge=options.challenge,
        ceremony=ceremony,
        user_id=user.id if user else None,
        made_at=now,
    )
    session.add(asked)
    return asked.id, options_to_json_dict(options)


def _take_challenge(
    session: Session, challenge_id: UUID | None, ceremony: Ceremony, user_id: UUID | None, *, now: datetime
) -> bytes:
    """The challenge, once, within five minutes, for the ceremony and person it was made for."""
    if challenge_id is None:
        raise PasskeyRefused
    found = session.execute(
        delete(PasskeyChallenge)
        .where(
            PasskeyChallenge.id == challenge_id,
            PasskeyChallenge.ceremony == ceremony,
            PasskeyChallenge.user_id == user_id if user_id is not None else PasskeyChallenge.user_id.is_(None),
            PasskeyChallenge.made_at >= now - CHALLENGE_HOLDS,
            PasskeyChallenge.made_at <= now + CHALLENGE_HOLDS,
        )
        .returning(PasskeyChallenge.challenge),
        execution_options={"synchronize_session": False},
    ).first()
    if found is None:
        raise PasskeyRefused("パスキーの操作に時間がかかりすぎたか、この画面からではない操作です。")
    challenge: bytes = found[0]
    return challenge


def _answered(
    session: Session,
    party: RelyingParty,
    challenge_id: UUID | None,
    ceremony: Ceremony,
    answer: str,
    *,
    user: User | None,
    now: datetime,
) -> User:
    """Whose passkey has signed the challenge; raises PasskeyRefused for anything that is not quite right."""
    challenge = _take_challenge(session, challenge_id, ceremony, user.id if user else None, now=now)
    if len(answer) > _LONGEST_ANSWER:
        raise PasskeyRefused
    try:
        credential = parse_authentication_credential_json(answer)
    except _BROKEN:
        raise PasskeyRefused from None
    found = session.execute(
        select(Passkey, User)
        .join(User, User.id == Passkey.user_id)
        .where(Passkey.credential_id == credential.raw_id)
        .with_for_update(of=Passkey)
    ).one_or_none()
    if found is None:
        raise PasskeyRefused("このパスキーは、登録されていません。")
    passkey, owner = found
    says_whose = credential.response.user_handle
    if (user is not None and owner.id != user.id) or owner.deactivated_at is not None:
        raise PasskeyRefused
    if says_whose and says_whose != owner.id.bytes:
        raise PasskeyRefused
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=ceremony is Ceremony.SIGN_IN,
        )
    except _BROKEN:
        raise PasskeyRefused from None
    passkey.sign_count = verified.new_sign_count
    passkey.used_at = now
    return owner


def sign_in(
    session: Session, party: RelyingParty, challenge_id: UUID | None, answer: str, *, device: str, now: datetime
) -> tuple[SignIn, str]:
    """Sign someone in with a passkey alone; returns the sign-in and its cookie's secret. Raises PasskeyRefused."""
    begin_writing(session)
    owner = _answered(session, party, challenge_id, Ceremony.SIGN_IN, answer, user=None, now=now)
    return start_sign_in(session, owner, strength="passkey", device=device, now=now)


def pass_second_factor(
    session: Session,
    party: RelyingParty,
    challenge_id: UUID | None,
    answer: str,
    secret: str,
    *,
    device: str,
    now: datetime,
) -> tuple[SignIn, str]:
    """Sign in someone who is half-way in with one of their passkeys; raises HalfwayGone and PasskeyRefused."""
    user = user_of_halfway(session, secret, now=now)
    _answered(session, party, challenge_id, Ceremony.SECOND_FACTOR, answer, user=user, now=now)
    return finish_halfway(session, user, secret, strength="password+passkey", device=device, now=now)


def prove(
    session: Session,
    party: RelyingParty,
    challenge_id: UUID | None,
    answer: str,
    user: User,
    sign_in_id: UUID,
    *,
    now: datetime,
) -> None:
    """Prove with a passkey that the reader is still the one who signed in; raises NoProofHere and PasskeyRefused."""
    note_proof(session, sign_in_id, now=now)
    _answered(session, party, challenge_id, Ceremony.PROOF, answer, user=user, now=now)


# --- having passkeys --------------------------------------------------------------------------------------------


def add(
    session: Session,
    party: RelyingParty,
    challenge_id: UUID | None,
    answer: str,
    user: User,
    *,
    name: str,
    sign_in_id: UUID,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Register a passkey under a name; returns new recovery codes when there were none, else nothing.

    Raises PasskeyRefused, PasskeyKnown and TooManyPasskeys.
    """
    session.flush()
    session.refresh(user, with_for_update=True)
    challenge = _take_challenge(session, challenge_id, Ceremony.REGISTRATION, user.id, now=now)
    if len(answer) > _LONGEST_ANSWER:
        raise PasskeyRefused
    try:
        verified = webauthn.verify_registration_response(
            credential=parse_registration_credential_json(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except _BROKEN:
        raise PasskeyRefused("パスキーを登録できませんでした。", "もう一度、はじめからお試しください。") from None
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == verified.credential_id)):
        raise PasskeyKnown
    if (session.scalar(select(func.count()).where(Passkey.user_id == user.id)) or 0) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    had_factor = queries.has_factor(session, user.id)
    session.add(
        Passkey(
            id=uuid4(),
            user_id=user.id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=name[:60],
            added_at=now,
        )
    )
    return note_factor_added(session, user, "passkey", had_factor=had_factor, sign_in_id=sign_in_id, by=by, now=now)


def remove(session: Session, passkey: Passkey, user: User, *, needs_factor: bool, by: Actor, now: datetime) -> None:
    """Remove a passkey of the person's own; raises LastFactor or PasswordTooShortAlone."""
    session.flush()
    session.refresh(user, with_for_update=True)
    session.delete(passkey)
    note_factor_removed(session, user, "passkey", needs_factor=needs_factor, by=by, now=now)
