"""What can be done with second factors: set up, pass the second step, prove who one is again, lose a device."""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import DEMO, TWO_FACTORS
from partner_compliance.accounts import passwords, queries
from partner_compliance.accounts.models import (
    Authenticator,
    HalfwaySignIn,
    Passkey,
    PasskeyChallenge,
    RecoveryCode,
    SignIn,
    User,
)
from partner_compliance.accounts.operations import (
    NoAccount,
    WorksElsewhere,
    WrongCredentials,
    count_failure,
    digest,
    end_all_sign_ins,
    forget_tries,
    refuse_while_waiting,
    start_sign_in,
    write_mail,
)
from partner_compliance.accounts.sealing import Vault
from partner_compliance.acts import Act, Actor
from partner_compliance.errors import InvalidInput, NotAllowed, RuleBroken

#: Half a minute each: what authenticator apps can do, and nothing else.
_STEP = 30
#: Codes of the half-minute before and after count too: people type slowly, and clocks differ.
_WINDOW = (0, -1, 1)
#: A last step so far ahead (an hour) comes from a clock that was put right since; it must not lock anyone out.
_STEPS_OUT_OF_TIME = 120
SETUP_HOLDS = timedelta(hours=1)
#: How long someone may take between password and second factor.
HALFWAY_HOLDS = timedelta(minutes=10)
RECOVERY_CODES = 10
#: Twelve characters, none of which is mistaken for another: 58 bits.
_CODE_CHARACTERS = "23456789abcdefghjkmnpqrstvwxyz"
_CODE_LENGTH = 12
ISSUER = "Partner Compliance"

_QUIETLY = {"synchronize_session": False}


class WrongCode(InvalidInput):
    message = "コードが違います。"
    what_to_do = "認証アプリにいま表示されている6桁の数字を入力してください。"


class CodeUsed(WrongCode):
    message = "このコードは、すでに使われました。"
    what_to_do = "30秒ほど待って、認証アプリに次の数字が表示されてから入力してください。"


class SecretLost(RuleBroken):
    message = "認証アプリの登録を読み取れなくなっているため、コードを確認できません。"
    what_to_do = (
        "回復コードかパスキーを使ってください。どちらもないときは、団体の個人情報責任者か運営にお知らせください。"
    )


class WrongRecoveryCode(InvalidInput):
    message = "回復コードが違うか、すでに使われています。"
    what_to_do = "まだ使っていない回復コードを、書かれているとおりに入力してください。"


class HalfwayGone(RuleBroken):
    message = "サインインの途中で時間がたちました。"
    what_to_do = "もう一度、最初からサインインしてください。"


class SetUpTooOld(RuleBroken):
    message = "認証アプリの登録が始まっていないか、時間がたちました。"
    what_to_do = "「サインインの安全設定」から、もう一度始めてください。"


class LastFactor(RuleBroken):
    message = "あなたの役割では2段階目の確認が必要なため、最後の1つは外せません。"
    what_to_do = "先に、別の認証アプリかパスキーを登録してください。"


class PasswordTooShortAlone(RuleBroken):
    message = "パスワードが、2段階目の確認と一緒に使うための短いものか、まだ決められていません。"
    what_to_do = "先に、15文字以上のパスワードにしてください。"


class NoFactors(RuleBroken):
    message = "2段階目の確認は、登録されていません。"
    what_to_do = "何も変えていません。"


class OwnFactors(RuleBroken):
    message = "ご自分の2段階目の確認は、ここではリセットできません。"
    what_to_do = "「サインインの安全設定」で変えるか、ほかの個人情報責任者か運営に頼んでください。"


class NoProofHere(NotAllowed):
    message = "共用端末では、この操作はできません。"
    what_to_do = "ご自分の端末からサインインして、操作してください。"


# --- the authenticator app --------------------------------------------------------------------------------------


def begin_authenticator(session: Session, user: User, vault: Vault, *, now: datetime) -> None:
    """Begin to set up an authenticator: a new secret waits to be confirmed; an earlier app keeps working meanwhile."""
    _lock(session, user)
    row = session.get(Authenticator, user.id, populate_existing=True)
    if row is None:
        row = Authenticator(user_id=user.id)
        session.add(row)
    row.pending_secret = vault.seal(pyotp.random_base32())
    row.pending_at = now


def pending_secret(session: Session, user_id: UUID, vault: Vault, *, now: datetime) -> str:
    """The secret that waits to be confirmed; raises SetUpTooOld when there is none, or it is older than an hour."""
    row = session.get(Authenticator, user_id)
    if row is None or row.pending_secret is None or row.pending_at is None or now - row.pending_at > SETUP_HOLDS:
        raise SetUpTooOld
    secret = vault.open(row.pending_secret)
    if secret is None:
        raise SetUpTooOld
    return secret


def address_for_app(secret: str, login_name: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret, interval=_STEP).provisioning_uri(name=login_name, issuer_name=ISSUER)


def confirm_authenticator(
    session: Session, user: User, code: str, vault: Vault, *, sign_in_id: UUID, by: Actor, now: datetime
) -> list[str]:
    """Finish setting up with one code of the app; returns new recovery codes when there were none, else nothing.

    The code counts as used. Raises SetUpTooOld and WrongCode.
    """
    _lock(session, user)
    secret = pending_secret(session, user.id, vault, now=now)
    step = step_of(secret, code, now=now)
    if step is None:
        raise WrongCode
    row = session.get_one(Authenticator, user.id)
    had_factor = queries.has_factor(session, user.id)
    row.secret, row.confirmed_at, row.last_step = row.pending_secret, now, step
    row.pending_secret = row.pending_at = None
    return note_factor_added(session, user, "totp", had_factor=had_factor, sign_in_id=sign_in_id, by=by, now=now)


def remove_authenticator(session: Session, user: User, *, needs_factor: bool, by: Actor, now: datetime) -> None:
    """Remove the authenticator; raises NoFactors, LastFactor or PasswordTooShortAlone."""
    _lock(session, user)
    removed = session.execute(
        delete(Authenticator)
        .where(Authenticator.user_id == user.id, Authenticator.confirmed_at.is_not(None))
        .returning(Authenticator.user_id),
        execution_options=_QUIETLY,
    ).first()
    if removed is None:
        raise NoFactors
    note_factor_removed(session, user, "totp", needs_factor=needs_factor, by=by, now=now)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The half-minute whose code this is, among the present one and its neighbours; None for a wrong code."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", code) if char not in " -\u30fc\u2010\u2212")
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    app = pyotp.TOTP(secret, interval=_STEP)
    present = int(now.timestamp()) // _STEP
    fitting = [present + away for away in _WINDOW if secrets.compare_digest(app.generate_otp(present + away), digits)]
    return fitting[0] if fitting else None


def _take_code(session: Session, user: User, code: str, vault: Vault, *, now: datetime) -> None:
    """Use up a code of the app: of two requests with the same code one gets it, in whichever process they run."""
    row = session.get(Authenticator, user.id, populate_existing=True)
    if row is None or row.secret is None or row.confirmed_at is None:
        raise WrongCode
    secret = vault.open(row.secret)
    if secret is None:
        raise SecretLost
    step = step_of(secret, code, now=now)
    if step is None:
        raise WrongCode
    out_of_time = int(now.timestamp()) // _STEP + _STEPS_OUT_OF_TIME
    taken = session.execute(
        update(Authenticator)
        .where(
            Authenticator.user_id == user.id,
            or_(
                Authenticator.last_step.is_(None),
                Authenticator.last_step < step,
                Authenticator.last_step > out_of_time,
            ),
        )
        .values(last_step=step)
        .returning(Authenticator.user_id),
        execution_options=_QUIETLY,
    ).first()
    if taken is None:
        raise CodeUsed


# --- recovery codes ---------------------------------------------------------------------------------------------


def make_recovery_codes(session: Session, user: User, *, by: Actor, now: datetime) -> list[str]:
    """Ten new recovery codes, to be shown once; earlier ones stop working. Raises NoFactors."""
    _lock(session, user)
    if not queries.has_factor(session, user.id):
        raise NoFactors
    made = _new_codes(session, user, now=now)
    _record(session, user, "account.recovery_codes_made", by, now=now)
    _tell(
        session,
        user,
        "回復コードが作り直されました",
        "回復コードが新しく作られました。前のコードは使えません。",
        now=now,
    )
    return made


def _new_codes(session: Session, user: User, *, now: datetime) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id), execution_options=_QUIETLY)
    made = ["".join(secrets.choice(_CODE_CHARACTERS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(id=uuid4(), user_id=user.id, code_digest=_code_digest(user, code), made_at=now) for code in made
    )
    return ["-".join(code[at : at + 4] for at in range(0, _CODE_LENGTH, 4)) for code in made]


def _code_digest(user: User, code: str) -> str:
    folded = unicodedata.normalize("NFKC", code).casefold()
    return digest(f"recovery {user.id} {''.join(char for char in folded if char in _CODE_CHARACTERS)}")


def _take_recovery_code(session: Session, user: User, code: str, *, now: datetime) -> None:
    taken = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_digest == _code_digest(user, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id),
        execution_options=_QUIETLY,
    ).first()
    if taken is None:
        raise WrongRecoveryCode
    left = queries.factors_of(session, user.id).codes_left
    _record(session, user, "account.recovery_used", Actor(user.id, user.name, "password+recovery"), now=now)
    _tell(
        session, user, "回復コードでサインインがありました",
        f"回復コードを使ったサインインがありました。残りの回復コードは{left}個です。", now=now,
    )  # fmt: skip


# --- the second step of signing in ------------------------------------------------------------------------------


@dataclass(frozen=True)
class SecondStep:
    """What was given after the password: a code of the app, or a recovery code; and from where."""

    address: str
    code: str = ""
    recovery: str = ""
    device: str = ""


def user_of_halfway(session: Session, secret: str, *, now: datetime) -> User:
    """Who is half-way in with this secret; raises HalfwayGone after ten minutes, or when the account changed since."""
    found = session.execute(
        select(HalfwaySignIn, User)
        .join(User, User.id == HalfwaySignIn.user_id)
        .where(HalfwaySignIn.token_digest == digest(secret))
    ).one_or_none()
    if found is None:
        raise HalfwayGone
    halfway, user = found
    is_fresh = -HALFWAY_HOLDS <= now - halfway.started_at <= HALFWAY_HOLDS
    if not is_fresh or user.deactivated_at is not None or user.password_stopped_at is not None:
        raise HalfwayGone
    return user


def pass_second_factor(
    session: Session, secret: str, given: SecondStep, vault: Vault, *, now: datetime
) -> tuple[SignIn, str]:
    """Sign in someone who is half-way in; returns the sign-in and the secret for its cookie.

    Raises HalfwayGone, SecretLost, and Wait, WrongCode, CodeUsed or WrongRecoveryCode, which leave a counted failure in
    the session that the caller has to keep.
    """
    user = user_of_halfway(session, secret, now=now)
    keys = (f"try:{digest(f'code {user.id} from {given.address}')}", f"address:{digest(given.address)}")
    refuse_while_waiting(session, keys, now=now)
    try:
        if given.recovery:
            _take_recovery_code(session, user, given.recovery, now=now)
        else:
            _take_code(session, user, given.code, vault, now=now)
    except (WrongCode, WrongRecoveryCode):
        count_failure(session, keys, user, name="account.factor_failed", now=now)
        raise
    forget_tries(session, keys[0])
    strength = "password+recovery" if given.recovery else "password+totp"
    return finish_halfway(session, user, secret, strength=strength, device=given.device, now=now)


def finish_halfway(
    session: Session, user: User, secret: str, *, strength: str, device: str, now: datetime
) -> tuple[SignIn, str]:
    """Turn a half-way sign-in into a whole one, once; the second factor has been checked. Raises HalfwayGone."""
    taken = session.execute(
        delete(HalfwaySignIn).where(HalfwaySignIn.token_digest == digest(secret)).returning(HalfwaySignIn.user_id),
        execution_options=_QUIETLY,
    ).first()
    if taken is None:
        raise HalfwayGone
    user.failures_in_a_row = 0
    return start_sign_in(session, user, strength=strength, device=device, now=now)


# --- proving again who one is -----------------------------------------------------------------------------------


def prove(
    session: Session,
    user: User,
    sign_in_id: UUID,
    vault: Vault,
    *,
    password: str = "",
    code: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Prove by password or code that the reader is still the one who signed in; it holds for a quarter of an hour.

    Raises NoProofHere at a shared tablet, InvalidInput for nothing at all, SecretLost, and Wait, WrongCredentials,
    WrongCode or CodeUsed, which leave a counted failure in the session that the caller has to keep.
    """
    _refuse_kiosk(session, sign_in_id)
    if not password and not code:
        raise InvalidInput("入力されていません。", "パスワードか、認証アプリの確認コードを入力してください。")
    keys = (f"try:{digest(f'prove {user.id}')}", f"address:{digest(f'prove {user.id}')}")
    refuse_while_waiting(session, keys, now=now)
    try:
        if code:
            _take_code(session, user, code, vault, now=now)
        elif user.password_stopped_at is not None or not passwords.is_right(user.password_hash, password):
            raise WrongCredentials("パスワードが違います。", "入力し直してください。")
    except (WrongCode, WrongCredentials):
        count_failure(session, keys, user, name="account.proof_failed", now=now)
        raise
    forget_tries(session, keys[0])
    note_proof(session, sign_in_id, now=now)


def note_proof(session: Session, sign_in_id: UUID, *, now: datetime) -> None:
    """Note on a sign-in that its person has just proved who they are; raises NoProofHere at a shared tablet."""
    _refuse_kiosk(session, sign_in_id)
    session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(proved_at=now),
        execution_options=_QUIETLY,
    )


def _refuse_kiosk(session: Session, sign_in_id: UUID) -> None:
    if session.get_one(SignIn, sign_in_id).strength.startswith("kiosk"):
        raise NoProofHere


# --- what follows when factors come and go ----------------------------------------------------------------------


def note_factor_added(
    session: Session, user: User, kind: str, *, had_factor: bool, sign_in_id: UUID, by: Actor, now: datetime
) -> list[str]:
    """After a factor was added: this sign-in is as strong as it makes it, others begin anew when it is the first.

    Returns new recovery codes when none were left, else nothing.
    """
    session.flush()
    here = session.get_one(SignIn, sign_in_id)
    if here.strength not in TWO_FACTORS and here.strength != DEMO:
        here.strength = f"password+{kind}"
    if not had_factor:
        end_all_sign_ins(session, user.id, now=now, but=sign_in_id)
    _record(session, user, "account.factor_added", by, now=now, factor=kind)
    what = {"totp": "認証アプリ", "passkey": "パスキー"}[kind]
    _tell(session, user, f"{what}が登録されました", f"サインインのための{what}が登録されました。", now=now)
    return _new_codes(session, user, now=now) if not queries.factors_of(session, user.id).codes_left else []


def note_factor_removed(
    session: Session, user: User, kind: str, *, needs_factor: bool, by: Actor, now: datetime
) -> None:
    """After a factor was removed: raise LastFactor or PasswordTooShortAlone when it must not be missing; record it."""
    session.flush()
    if not queries.has_factor(session, user.id):
        if needs_factor:
            raise LastFactor
        if not user.password_hash or user.password_needs_factor:
            raise PasswordTooShortAlone
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id), execution_options=_QUIETLY)
        # A role that asks for a factor, given today, must find that there is none any more.
        session.execute(
            update(SignIn)
            .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None), SignIn.strength.in_(sorted(TWO_FACTORS)))
            .values(strength="password"),
            execution_options=_QUIETLY,
        )
    _record(session, user, "account.factor_removed", by, now=now, factor=kind)
    what = {"totp": "認証アプリ", "passkey": "パスキー"}[kind]
    _tell(session, user, f"{what}の登録が外されました", f"サインインのための{what}の登録が外されました。", now=now)


def reset_factors(session: Session, user: User | None, *, within: UUID | None, actor: Actor, now: datetime) -> bool:
    """Remove all second factors of someone who lost them, and end their sign-ins; tells whether a password is missing.

    Within an organization it is refused (WorksElsewhere) for someone who also holds a role outside of it, as the
    printing of one-time links is; and for oneself (OwnFactors). A password that is long enough only beside a factor
    stops working; a one-time link sets a new one. Raises NoAccount, NoFactors.
    """
    if user is None:
        raise NoAccount("アカウントのない方です。")
    if actor.user_id == user.id:
        raise OwnFactors
    if within is not None and queries.holds_role_outside(session, user.id, within):
        raise WorksElsewhere(
            "この方はほかの団体・自治体などでも役割についているため、この団体では2段階目の確認をリセットできません。",
            "運営にお知らせください。",
        )
    _lock(session, user)
    if not queries.has_factor(session, user.id):
        raise NoFactors("この方は、2段階目の確認を登録していません。")
    for model in (Authenticator, Passkey, RecoveryCode, PasskeyChallenge):
        session.execute(delete(model).where(model.user_id == user.id), execution_options=_QUIETLY)
    needs_password = bool(user.password_needs_factor) or not user.password_hash
    if needs_password:
        user.password_hash = ""
    end_all_sign_ins(session, user.id, now=now)
    _record(session, user, "account.factors_reset", actor, now=now)
    _tell(
        session, user, "サインインの2段階目の確認がリセットされました",
        "認証アプリ・パスキー・回復コードの登録が、すべて外されました。次にサインインしたときに、登録し直してください。",
        now=now,
    )  # fmt: skip
    return needs_password


# --- where one is signed in -------------------------------------------------------------------------------------


def end_own_sign_in(session: Session, sign_in: SignIn, *, by: Actor, now: datetime) -> None:
    """End one of the reader's own sign-ins; nothing happens to one that has ended."""
    if sign_in.ended_at is None:
        _record(session, session.get_one(User, sign_in.user_id), "account.session_ended", by, now=now)
        sign_in.ended_at = now


def end_other_sign_ins(session: Session, user: User, *, but: UUID, by: Actor, now: datetime) -> int:
    """End all of the reader's sign-ins but the present one; returns how many were still alive."""
    ended = len([each for each in queries.open_sign_ins(session, user.id, now=now) if each.id != but])
    end_all_sign_ins(session, user.id, now=now, but=but)
    if ended:
        _record(session, user, "account.session_ended", by, now=now, count=ended)
    return ended


# --- small parts ------------------------------------------------------------------------------------------------


def _lock(session: Session, user: User) -> None:
    """One at a time changes the factors of an account."""
    session.flush()
    session.refresh(user, with_for_update=True)


def _record(
    session: Session, user: User, name: str, actor: Actor, *, now: datetime, **details: str | int | bool | None
) -> None:
    """Record an act on an account in the log of every body for which the person works."""
    for log_id in queries.logs_of(session, user.id):
        acts.record(
            session,
            Act(
                log_id, name, now, actor, subject_id=user.id, object_kind="account", object_id=user.id, details=details
            ),
        )


def _tell(session: Session, user: User, subject: str, what: str, *, now: datetime) -> None:
    """A mail to the person concerned, as far as there is an address."""
    if user.email:
        write_mail(
            session,
            to=user.email,
            subject=subject,
            body=(
                f"{user.name} 様\n\n情報管理パートナーで、{what}\n\n"
                "お心当たりがないときは、すぐに団体の個人情報責任者か運営にお知らせください。\n"
            ),
            now=now,
        )
