"""What can be done with accounts: sign in and out, choose passwords, hold roles; and what protects the door."""

import hashlib
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import DEMO, KIOSK, Role
from partner_compliance.accounts import passwords, queries
from partner_compliance.accounts.models import (
    HalfwaySignIn,
    HeldInput,
    MunicipalityRole,
    OperatorRole,
    OrganizationRole,
    OutgoingMail,
    PasskeyChallenge,
    PasswordReset,
    SignIn,
    Throttle,
    User,
)
from partner_compliance.acts import PLATFORM_LOG, Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.database import begin_writing
from partner_compliance.errors import InvalidInput, RuleBroken, TooMany
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, PostHolding

RESET_BY_MAIL = timedelta(minutes=30)
#: A printed link is handed over in person, so it may take a day.
RESET_ON_PAPER = timedelta(hours=24)
#: `seen_at` moves at most this often, so that reading pages seldom writes.
SEEN_STEP = timedelta(minutes=1)
SEEN_STEP_AT_KIOSK = timedelta(seconds=10)
#: Wrong passwords after which the password stops working until it is set anew (NIST SP 800-63B-4 §3.2.2).
FAILURES_BEFORE_STOP = 100

_FREE_TRIES = 10
_LONGEST_WAIT = timedelta(minutes=15)
_TRIES_PER_ADDRESS = 200
_FORGOTTEN_AFTER = timedelta(hours=24)
_LONGEST_ADDRESS = 254
#: How far the clock may be put back before what it stamped earlier counts as out of its time.
_CLOCK_SLACK = timedelta(hours=1)


class WrongCredentials(InvalidInput):
    message = "ログイン名またはパスワードが違います。"
    what_to_do = "入力し直してください。パスワードを忘れたときは「パスワードを忘れた方」から再設定できます。"


class Wait(TooMany):
    message = "サインインの失敗が続いたため、しばらく受け付けを止めています。"


class LinkNotValid(RuleBroken):
    message = "この再設定用のリンクは使えません。"
    what_to_do = "期限が切れているか、すでに使われています。もう一度、再設定を申し込んでください。"


class WeakPassword(InvalidInput):
    """A password that is not accepted; `reasons` lists why."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class AlreadyHeld(RuleBroken):
    message = "この方は、すでにその役割についています。"


class LastOfficer(RuleBroken):
    message = "個人情報責任者が1人もいなくなるため、この役割を外せません。"
    what_to_do = "先に、後任の個人情報責任者を登録してください。"


class NameTaken(RuleBroken):
    message = "このログイン名またはメールアドレスは使えません。"
    what_to_do = "別のログイン名またはメールアドレスを指定してください。"


class WorksElsewhere(RuleBroken):
    message = "この方はほかの団体・自治体などでも役割についているため、この団体では再設定用紙を発行できません。"
    what_to_do = "ご本人が、サインイン画面の「パスワードを忘れた方」から再設定してください。"


class NoAccount(RuleBroken):
    message = "アカウントのない方に、この役割をつけることはできません。"


# --- making accounts --------------------------------------------------------------------------------------------


def fold(text: str) -> str:
    """The form in which login names and addresses are compared: width and case do not count."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def is_address(text: str) -> bool:
    """Whether a text is one plain mail address: it goes into the header of a mail as it stands."""
    name, at, domain = text.rpartition("@")
    forbidden = set(' ,;:<>()[]\\"@')
    return bool(
        len(text) <= _LONGEST_ADDRESS
        and at
        and name
        and domain
        and text.isascii()
        and text.isprintable()
        and not forbidden & set(name + domain)
    )


def create_user(
    session: Session,
    *,
    name: str,
    login_name: str,
    email: str | None = None,
    password: str | None = None,
    demo_label: str | None = None,
    now: datetime,
) -> User:
    """A new account, without any role yet.

    Raises WeakPassword, InvalidInput for an address that is none, and NameTaken when somebody else could be meant by
    the login name or the address.
    """
    if password is not None:
        _refuse_weak(password, own_names=(name, login_name, email or ""), has_second_factor=False)
    if email is not None and not is_address(email):
        raise InvalidInput("メールアドレスは、半角の「名前@example.jp」の形で1つだけ入力してください。")
    keys = {fold(login_name), *([fold(email)] if email else [])}
    if session.scalar(select(User.id).where(or_(User.login_key.in_(keys), User.email_key.in_(keys))).limit(1)):
        raise NameTaken
    user = User(
        id=uuid4(),
        name=name,
        login_name=login_name,
        login_key=fold(login_name),
        email=email,
        email_key=fold(email) if email else None,
        password_hash=passwords.hash_password(password) if password else "",
        password_changed_at=now if password else None,
        password_needs_factor=False if password else None,
        demo_label=demo_label,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def _refuse_weak(password: str, *, own_names: Collection[str], has_second_factor: bool) -> None:
    if reasons := passwords.weaknesses(password, own_names=own_names, has_second_factor=has_second_factor):
        raise WeakPassword(reasons)


# --- signing in -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """One try to sign in: what was typed, and from which address."""

    name: str
    password: str
    address: str
    device: str = ""


def sign_in(session: Session, attempt: Attempt, *, now: datetime) -> tuple[SignIn | HalfwaySignIn, str]:
    """Sign someone in; returns the sign-in and the secret for its cookie.

    Who has a second factor is only half-way in, and stays so until `factors.pass_second_factor`.

    Raises WrongCredentials or Wait; both leave counted failures in the session, which the caller has to keep.
    Known and unknown names get the same answers in the same time. Hashing takes long, so the transaction begins to
    write only after it: people who sign in do not wait for each other.
    """
    keys = _throttle_keys(attempt)
    refuse_while_waiting(session, keys, now=now)
    user = queries.user_by_name(session, fold(attempt.name)[:254])
    usable = user is not None and user.password_stopped_at is None and user.deactivated_at is None
    checked = user.password_hash if user and usable else ""
    is_right = passwords.is_right(checked, attempt.password)
    begin_writing(session)
    refuse_while_waiting(session, keys, now=now)
    # Whatever became of the account while the password was hashed counts.
    is_same = user is not None and (user.password_hash, user.password_stopped_at, user.deactivated_at) == (
        checked,
        None,
        None,
    )
    if user is None or not is_right or not is_same:
        count_failure(session, keys, user, now=now)
        raise WrongCredentials
    forget_tries(session, keys[0])
    if passwords.needs_new_hash(user.password_hash):
        user.password_hash = passwords.hash_password(attempt.password)
    if queries.has_factor(session, user.id):
        # The row of failures goes on: someone who knows the password does not get a new hundred guesses at the code.
        secret = secrets.token_urlsafe(32)
        halfway = HalfwaySignIn(token_digest=digest(secret), user_id=user.id, started_at=now)
        session.add(halfway)
        return halfway, secret
    user.failures_in_a_row = 0
    # The passwords of a demo are published: typing one proves as little as the one click.
    strength = "password" if user.demo_label is None else DEMO
    return start_sign_in(session, user, strength=strength, device=attempt.device, now=now)


def refuse_while_waiting(session: Session, keys: Collection[str], *, now: datetime) -> None:
    """Raise Wait while a wait under one of the keys runs."""
    if wait := _longest_wait(session, keys, now=now):
        raise Wait(what_to_do=f"あと{_in_words(wait)}ほど待ってから、もう一度お試しください。")


def start_sign_in(
    session: Session,
    user: User,
    *,
    strength: str,
    device: str = "",
    kiosk_id: UUID | None = None,
    confined_to_id: UUID | None = None,
    now: datetime,
) -> tuple[SignIn, str]:
    """Open a sign-in for a person who has proved who they are; returns it and the secret for its cookie."""
    secret = secrets.token_urlsafe(32)
    opened = SignIn(
        id=uuid4(),
        token_digest=digest(secret),
        user_id=user.id,
        strength=strength,
        device=device[:60] or None,
        kiosk_id=kiosk_id,
        confined_to_id=confined_to_id,
        started_at=now,
        seen_at=now,
        proved_at=None if strength.startswith(KIOSK) else now,
    )
    session.add(opened)
    actor = Actor(user.id, user.name, strength)
    _record(session, user, "account.signed_in", actor, now=now, within=confined_to_id)
    return opened, secret


def touch_sign_in(session: Session, sign_in_id: UUID, *, now: datetime) -> None:
    """Note that someone is still there; an hour without such a note ends the sign-in."""
    session.execute(
        update(SignIn).where(SignIn.id == sign_in_id, SignIn.seen_at < now).values(seen_at=now),
        execution_options={"synchronize_session": False},
    )


def end_sign_in(session: Session, sign_in_id: UUID, actor: Actor, *, now: datetime) -> None:
    """Sign someone out of one browser."""
    found = session.get(SignIn, sign_in_id)
    if found is None or found.ended_at is not None:
        return
    found.ended_at = now
    user = session.get_one(User, found.user_id)
    _record(session, user, "account.signed_out", actor, now=now, within=found.confined_to_id)


def end_all_sign_ins(session: Session, user_id: UUID, *, now: datetime, but: UUID | None = None) -> None:
    """End every sign-in of a person, but the one named; who is half-way in has to begin anew."""
    session.execute(
        delete(HalfwaySignIn).where(HalfwaySignIn.user_id == user_id), execution_options={"synchronize_session": False}
    )
    query = update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    if but is not None:
        query = query.where(SignIn.id != but)
    session.execute(query.values(ended_at=now), execution_options={"synchronize_session": False})


def digest(secret: str) -> str:
    """What is kept of a secret that someone else holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


# --- counting failures ------------------------------------------------------------------------------------------


def _throttle_keys(attempt: Attempt) -> tuple[str, str]:
    name = digest(f"name {fold(attempt.name)} from {attempt.address}")
    return f"try:{name}", f"address:{digest(attempt.address)}"


def _longest_wait(session: Session, keys: Collection[str], *, now: datetime) -> timedelta | None:
    until = session.scalars(select(Throttle.blocked_until).where(Throttle.key.in_(keys))).all()
    # A longer wait than we ever set comes from a clock that ran ahead and was put right: it must not lock anyone out.
    waits = [moment - now for moment in until if moment is not None and now < moment <= now + _LONGEST_WAIT]
    return max(waits) if waits else None


def count_failure(
    session: Session, keys: tuple[str, str], user: User | None, *, name: str = "account.sign_in_failed", now: datetime
) -> None:
    """Count a wrong password or code under both keys and for the account; the act of that name goes into the history.

    At one hundred in a row the account's password stops working until it is set anew.
    """
    by_name, by_address = keys
    tries = count_try(session, by_name, now=now)
    if tries.count >= _FREE_TRIES:
        tries.blocked_until = now + min(timedelta(minutes=1) * 2 ** min(tries.count - _FREE_TRIES, 10), _LONGEST_WAIT)
    from_address = count_try(session, by_address, now=now, forgotten_after=_LONGEST_WAIT)
    if from_address.count >= _TRIES_PER_ADDRESS:
        from_address.blocked_until = now + _LONGEST_WAIT
        from_address.count = 0
    actor = Actor(user.id if user else None, user.name if user else "不明", "none")
    if user is None:
        acts.record(session, Act(PLATFORM_LOG, name, now, actor))
        return
    session.execute(
        update(User).where(User.id == user.id).values(failures_in_a_row=User.failures_in_a_row + 1),
        execution_options={"synchronize_session": False},
    )
    session.refresh(user)
    _record(session, user, name, actor, now=now)
    if user.failures_in_a_row >= FAILURES_BEFORE_STOP and user.password_stopped_at is None:
        user.password_stopped_at = now
        _record(session, user, "account.disabled", acts.SYSTEM, now=now)


def forget_tries(session: Session, key: str) -> None:
    """Let the tries under a key count no more: the right answer was given."""
    tries = session.get(Throttle, key)
    if tries is not None:
        session.delete(tries)


def _throttle(session: Session, key: str, *, now: datetime) -> Throttle:
    """The counter under a key, locked; of two first tries at once one makes it."""
    found = session.get(Throttle, key, with_for_update=True, populate_existing=True)
    if found is not None:
        return found
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Throttle).values(key=key, count=0, last_at=now).on_conflict_do_nothing())
    return session.get_one(Throttle, key, with_for_update=True, populate_existing=True)


def count_try(session: Session, key: str, *, now: datetime, forgotten_after: timedelta = _FORGOTTEN_AFTER) -> Throttle:
    """Count one more try under a key; after so long without any, the earlier ones are forgotten (a day by default)."""
    session.flush()
    throttle = _throttle(session, key, now=now)
    if now - throttle.last_at > forgotten_after:
        throttle.count = 0
    throttle.count += 1
    throttle.last_at = now
    return throttle


def refuse_too_many(session: Session, key: str, *, limit: int, within: timedelta, now: datetime) -> None:
    """Count a try and raise TooMany when there were more than `limit` within that time."""
    session.flush()
    throttle = _throttle(session, key, now=now)
    if throttle.blocked_until is None or not now < throttle.blocked_until <= now + within:
        throttle.count = 0
        throttle.blocked_until = now + within
    throttle.count += 1
    throttle.last_at = now
    if throttle.count > limit:
        raise TooMany


def forget_old(session: Session, *, now: datetime) -> None:
    """Throw away what serves nothing any more: old counters, ended sign-ins, used links, kept inputs, old mails."""
    quietly = {"synchronize_session": False}
    yesterday = now - timedelta(days=1)
    session.execute(delete(HalfwaySignIn).where(HalfwaySignIn.started_at < yesterday), execution_options=quietly)
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.made_at < yesterday), execution_options=quietly)
    session.execute(delete(Throttle).where(Throttle.last_at < now - 2 * _FORGOTTEN_AFTER), execution_options=quietly)
    session.execute(delete(HeldInput).where(HeldInput.held_at < now - queries.ABSOLUTE), execution_options=quietly)
    session.execute(
        delete(SignIn).where(
            or_(SignIn.ended_at < now - timedelta(days=30), SignIn.seen_at < now - timedelta(days=30))
        ),
        execution_options=quietly,
    )
    session.execute(
        delete(OutgoingMail).where(OutgoingMail.written_at < now - timedelta(days=30)), execution_options=quietly
    )
    session.execute(
        delete(PasswordReset).where(PasswordReset.expires_at < now - timedelta(days=30)), execution_options=quietly
    )


def _in_words(wait: timedelta) -> str:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return f"{minutes}分"


# --- passwords --------------------------------------------------------------------------------------------------


def change_password(
    session: Session, user: User, *, current: str, new: str, sign_in_id: UUID | None, now: datetime
) -> None:
    """Choose a new password, knowing the present one; every other browser is signed out.

    Raises WrongCredentials (the failure is counted; the caller keeps it) and WeakPassword.
    """
    keys = (f"try:{digest(f'change {user.id}')}", f"address:{digest(f'change {user.id}')}")
    refuse_while_waiting(session, keys, now=now)
    if not passwords.is_right(user.password_hash, current):
        count_failure(session, keys, user, now=now)
        raise WrongCredentials("いまのパスワードが違います。", "入力し直してください。")
    _set_password(session, user, new, actor=Actor(user.id, user.name, "password"), now=now)
    forget_tries(session, keys[0])
    end_all_sign_ins(session, user.id, now=now, but=sign_in_id)


def _set_password(session: Session, user: User, new: str, *, actor: Actor, now: datetime) -> None:
    own_names = (user.name, user.login_name, user.email or "")
    _refuse_weak(new, own_names=own_names, has_second_factor=queries.has_factor(session, user.id))
    user.password_hash = passwords.hash_password(new)
    user.password_needs_factor = not passwords.stands_alone(new)
    user.password_changed_at = now
    user.password_stopped_at = None
    user.kiosk_only_since = None
    user.failures_in_a_row = 0
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None), PasswordReset.revoked_at.is_(None))
        .values(revoked_at=now),
        execution_options={"synchronize_session": False},
    )
    _record(session, user, "account.password_changed", actor, now=now)
    if user.email:
        write_mail(
            session,
            to=user.email,
            subject="パスワードが変更されました",
            body=(
                f"{user.name} 様\n\n情報管理パートナーのパスワードが変更されました。\n"
                "お心当たりがないときは、すぐに団体の個人情報責任者にお知らせください。\n"
            ),
            now=now,
        )


def ask_for_reset(session: Session, name: str, *, address: str, link_base: str, now: datetime) -> None:
    """Mail a one-time link to the account of that name or address, if there is one with an address.

    Raises TooMany; otherwise the reader learns nothing from the answer, whether the account exists or not.
    """
    refuse_too_many(session, f"reset:{digest(address)}", limit=10, within=timedelta(hours=1), now=now)
    user = queries.user_by_name(session, fold(name)[:254])
    secret = secrets.token_urlsafe(32)
    if user is None or user.email is None or user.deactivated_at is not None:
        return
    try:
        refuse_too_many(session, f"reset:{digest(str(user.id))}", limit=10, within=timedelta(hours=1), now=now)
    except TooMany:
        return  # the answer does not tell that the account exists
    _new_reset(session, user, secret, issued_by=None, lasts=RESET_BY_MAIL, now=now)
    _record(session, user, "account.reset_requested", Actor(None, "不明", "none"), now=now)
    write_mail(
        session,
        to=user.email,
        subject="パスワードの再設定",
        body=(
            f"{user.name} 様\n\n"
            "情報管理パートナーのパスワードを設定し直すには、30分以内に次のアドレスを開いてください。\n\n"
            f"{link_base}{secret}\n\nお心当たりがないときは、何もしなくてかまいません。パスワードは変わりません。\n"
        ),
        now=now,
    )


def issue_reset(session: Session, user: User, *, within: UUID | None = None, actor: Actor, now: datetime) -> str:
    """A one-time link's secret for printing and handing over in person; earlier links stop working.

    Whoever holds the link can become that person. Within an organization it is therefore refused (WorksElsewhere) for
    someone who also holds a role outside of it, where the one who prints has no say.
    """
    if within is not None and queries.holds_role_outside(session, user.id, within):
        raise WorksElsewhere
    secret = secrets.token_urlsafe(32)
    _new_reset(session, user, secret, issued_by=actor.user_id, lasts=RESET_ON_PAPER, now=now)
    _record(session, user, "account.reset_issued", actor, now=now)
    return secret


def _new_reset(
    session: Session, user: User, secret: str, *, issued_by: UUID | None, lasts: timedelta, now: datetime
) -> None:
    earlier = update(PasswordReset).where(
        PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None), PasswordReset.revoked_at.is_(None)
    )
    if lasts == RESET_BY_MAIL:
        # Anybody can ask for a mail; that takes the place of earlier mails, not of a link that was handed over.
        earlier = earlier.where(PasswordReset.issued_by_id.is_(None), PasswordReset.expires_at <= now + lasts)
    session.execute(earlier.values(revoked_at=now), execution_options={"synchronize_session": False})
    session.add(
        PasswordReset(
            id=uuid4(), token_digest=digest(secret), user_id=user.id, issued_at=now, expires_at=now + lasts,
            issued_by_id=issued_by,
        )
    )  # fmt: skip


def user_of_reset(session: Session, secret: str, *, now: datetime) -> User:
    """The account a one-time link belongs to; raises LinkNotValid when it is used, replaced or too old."""
    found = session.execute(
        select(PasswordReset, User)
        .join(User, User.id == PasswordReset.user_id)
        .where(PasswordReset.token_digest == digest(secret))
    ).one_or_none()
    if found is None:
        raise LinkNotValid
    reset, user = found
    is_fresh = reset.issued_at - _CLOCK_SLACK <= now < reset.expires_at
    if reset.used_at or reset.revoked_at or not is_fresh or user.deactivated_at:
        raise LinkNotValid
    return user


def use_reset(session: Session, secret: str, new: str, *, now: datetime) -> User:
    """Choose a new password by a one-time link, once; every sign-in ends. Raises LinkNotValid, WeakPassword."""
    user = user_of_reset(session, secret, now=now)
    used = session.execute(
        update(PasswordReset)
        .where(PasswordReset.token_digest == digest(secret), PasswordReset.used_at.is_(None))
        .values(used_at=now)
        .returning(PasswordReset.id),
        execution_options={"synchronize_session": False},
    ).first()
    if used is None:
        raise LinkNotValid
    _set_password(session, user, new, actor=Actor(user.id, user.name, "link"), now=now)
    end_all_sign_ins(session, user.id, now=now)
    return user


# --- roles ------------------------------------------------------------------------------------------------------


def grant_role(
    session: Session, worker: Worker, role: Role, *, center: Center | None = None, by: Actor, now: datetime
) -> OrganizationRole:
    """Give a person on the roster a role, and the post that goes with it when they do not hold it yet.

    Raises NoAccount, AlreadyHeld, and InvalidInput for a head without center.
    """
    if worker.user_id is None:
        raise NoAccount
    if (role is Role.CENTER_HEAD) != (center is not None):
        raise InvalidInput("センター長には、担当する拠点を1つ選んでください。ほかの役割では拠点を選びません。")
    if role in (Role.MUNICIPAL_OFFICER, Role.OPERATOR):
        raise InvalidInput("この役割は、団体の中ではつけられません。")
    held = session.scalar(
        select(OrganizationRole.id).where(
            OrganizationRole.organization_id == worker.organization_id,
            OrganizationRole.worker_id == worker.id,
            OrganizationRole.role == role,
            OrganizationRole.center_id == (center.id if center else None),
            OrganizationRole.ended_at.is_(None),
        )
    )
    if held:
        raise AlreadyHeld
    granted = OrganizationRole(
        organization_id=worker.organization_id,
        id=uuid4(),
        user_id=worker.user_id,
        worker_id=worker.id,
        role=role,
        center_id=center.id if center else None,
        granted_at=now,
        granted_by_id=by.user_id,
    )
    session.add(granted)
    session.flush()
    _record_role(session, granted, "role.granted", by, now=now)
    _hold_post(session, worker, role, center, by=by, now=now)
    return granted


def _hold_post(
    session: Session, worker: Worker, role: Role, center: Center | None, *, by: Actor, now: datetime
) -> None:
    """Let the roster say what a role given means: the post, from today on; a second protection officer is a deputy."""
    today = max(local_date(now), worker.joined_on)
    where = center.id if center else None
    held = [
        row for row in roster.posts_of(session, worker, on=today) if row.post.role is role and row.center_id == where
    ]
    post = next((each for each in Post if each.role is role), None)
    if held or post is None:
        return
    if post is Post.PRIVACY_OFFICER and roster.holders_of(session, worker.organization_id, (post,), on=today):
        post = Post.PRIVACY_OFFICER_DEPUTY
    roster.open_post(session, worker, post, center=center, from_on=today, by=by, now=now)


def appoint(
    session: Session,
    worker: Worker,
    post: Post,
    *,
    center: Center | None = None,
    from_on: date,
    by: Actor,
    now: datetime,
) -> PostHolding:
    """Appoint someone on the roster to a post; someone with an account has the role that goes with it at once.

    Raises what `roster.open_post` raises, and InvalidInput for a day to come: a role begins when it is given.
    """
    if from_on > local_date(now):
        raise InvalidInput("就任日は、今日までの日付にしてください。先の日付の就任は、その日になってから登録できます。")
    opened = roster.open_post(session, worker, post, center=center, from_on=from_on, by=by, now=now)
    give_roles_of_posts(session, worker, by=by, now=now)
    return opened


def give_roles_of_posts(session: Session, worker: Worker, *, by: Actor, now: datetime) -> None:
    """Give someone with an account the roles of the posts they hold today, as far as they lack them."""
    if worker.user_id is None:
        return
    centers: dict[UUID | None, Center | None] = {None: None}
    for holding in roster.posts_of(session, worker, on=local_date(now)):
        role = holding.post.role
        if role is None:
            continue
        if holding.center_id not in centers:
            centers[holding.center_id] = session.get_one(Center, (worker.organization_id, holding.center_id))
        try:
            grant_role(session, worker, role, center=centers[holding.center_id], by=by, now=now)
        except AlreadyHeld:
            continue


def dismiss(session: Session, holding: PostHolding, *, until_on: date, by: Actor, now: datetime) -> None:
    """End a post and, when no other post gives it, the role that went with it; the role ends at once.

    Raises LastOfficer when nobody would be left to look after the organization, and InvalidInput for a day to come.
    """
    if until_on > local_date(now):
        raise InvalidInput("退任日は、今日までの日付にしてください。")
    roster.end_post(session, holding, until_on=until_on, by=by, now=now)
    worker = session.get_one(Worker, (holding.organization_id, holding.worker_id))
    role = holding.post.role
    left = (
        row
        for row in roster.posts_of(session, worker, on=local_date(now))
        if row.id != holding.id and row.post.role is role and row.center_id == holding.center_id
    )
    if role is None or any(left):
        return
    for held in session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.organization_id == holding.organization_id,
            OrganizationRole.worker_id == holding.worker_id,
            OrganizationRole.role == role,
            OrganizationRole.center_id == holding.center_id,
            OrganizationRole.ended_at.is_(None),
        )
    ).all():
        end_role(session, held, by=by, now=now)


def end_role(session: Session, held: OrganizationRole, *, by: Actor, now: datetime) -> None:
    """Take a role away, at once; raises LastOfficer when nobody would be left to look after the organization."""
    session.flush()
    session.refresh(held, with_for_update=True)
    if held.ended_at is not None:
        return
    if held.role is Role.PROTECTION_OFFICER:
        # All officers' rows are locked, in one order, so that two officers cannot remove each other at once.
        officers = session.scalars(
            select(OrganizationRole)
            .where(
                OrganizationRole.organization_id == held.organization_id,
                OrganizationRole.role == Role.PROTECTION_OFFICER,
                OrganizationRole.ended_at.is_(None),
            )
            .order_by(OrganizationRole.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        others = [officer.worker_id for officer in officers if officer.worker_id != held.worker_id]
        if not queries.anyone_active(session, held.organization_id, others, today=local_date(now)):
            raise LastOfficer
    held.ended_at = now
    held.ended_by_id = by.user_id
    _record_role(session, held, "role.ended", by, now=now)
    worker = session.get_one(Worker, (held.organization_id, held.worker_id))
    for holding in roster.posts_of(session, worker, on=local_date(now)):
        if holding.post.role is held.role and holding.center_id == held.center_id:
            roster.end_post(session, holding, until_on=max(local_date(now), holding.from_on), by=by, now=now)


def _record_role(session: Session, held: OrganizationRole, name: str, by: Actor, *, now: datetime) -> None:
    acts.record(
        session,
        Act(
            held.organization_id, name, now, by, subject_id=held.worker_id, object_kind="organization_role",
            object_id=held.id, details={"role": held.role.value},
        ),
    )  # fmt: skip


def grant_municipality_role(
    session: Session, user: User, municipality_id: UUID, *, by: Actor, now: datetime
) -> MunicipalityRole:
    """Make someone an officer of a municipality."""
    granted = MunicipalityRole(
        municipality_id=municipality_id, id=uuid4(), user_id=user.id, granted_at=now, granted_by_id=by.user_id
    )
    session.add(granted)
    acts.record(
        session,
        Act(
            municipality_id, "role.granted", now, by, subject_id=user.id, object_kind="municipality_role",
            object_id=granted.id, details={"role": Role.MUNICIPAL_OFFICER.value},
        ),
    )  # fmt: skip
    return granted


def grant_operator_role(session: Session, user: User, *, by: Actor, now: datetime) -> OperatorRole:
    """Make someone an operator of the platform."""
    granted = OperatorRole(id=uuid4(), user_id=user.id, granted_at=now)
    session.add(granted)
    acts.record(
        session,
        Act(
            PLATFORM_LOG, "operator.created", now, by, subject_id=user.id, object_kind="operator_role",
            object_id=granted.id,
        ),
    )  # fmt: skip
    return granted


# --- mail -------------------------------------------------------------------------------------------------------


def write_mail(session: Session, *, to: str, subject: str, body: str, now: datetime) -> OutgoingMail:
    """Put a mail into the queue; it goes out after the commit. Line breaks in address or subject become spaces."""
    mail = OutgoingMail(
        id=uuid4(),
        recipient=" ".join(to.split()),
        subject=" ".join(subject.split()),
        body=body,
        written_at=now,
        not_before=now,
        attempts=0,
    )
    session.add(mail)
    return mail


def _record(
    session: Session, user: User, name: str, actor: Actor, *, now: datetime, within: UUID | None = None
) -> None:
    """Record an act on an account in the log of every body for which the person works, or of the one it concerns."""
    for log_id in [within] if within else queries.logs_of(session, user.id):
        acts.record(
            session, Act(log_id, name, now, actor, subject_id=user.id, object_kind="account", object_id=user.id)
        )
