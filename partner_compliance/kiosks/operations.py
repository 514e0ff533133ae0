"""What can be done with shared tablets: open and close them, hand out slips, choose a PIN, enter it."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import passwords
from partner_compliance.accounts.models import SignIn, Throttle, User
from partner_compliance.accounts.queries import holds_role_in
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.database import begin_writing
from partner_compliance.errors import InvalidInput, NotAllowed, NotFound, RuleBroken, TooMany
from partner_compliance.kiosks import pins, queries
from partner_compliance.kiosks.models import Kiosk, PinState, WorkerPin
from partner_compliance.kiosks.queries import Device
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.organizations.operations import refuse_unusable

STRENGTH = "kiosk"
SLIP_LASTS = timedelta(days=14)
#: A device's last use moves at most this often, so that reading pages seldom writes.
SEEN_STEP = timedelta(minutes=1)
#: Slips of one PDF: a center's worth.
SLIPS_AT_ONCE = 100
#: Wrong numbers in a row after which neither PIN nor slip works until there is a new slip.
FAILURES_BEFORE_STOP = 20

_FREE_TRIES = 5
_FREE_TRIES_OF_KIOSK = 20
_LONGEST_WAIT = timedelta(minutes=15)
_LONGEST_NAME = 50


class NotAKiosk(NotFound):
    title = "共用端末ではありません"
    message = "この端末は、共用端末として登録されていません。"
    what_to_do = (
        "ご自分のアカウントをお持ちの方は、ホームからサインインしてください。"
        "共用端末として使うときは、センター長か個人情報責任者が「共用端末」の画面から登録します。"
    )


class KioskClosed(NotFound):
    title = "この共用端末は使えません"
    message = "この端末は、共用端末としての利用が終わっています。"
    what_to_do = "センター長か個人情報責任者に知らせてください。続けて使うときは、責任者がもう一度登録します。"


class CenterClosed(RuleBroken):
    message = "この拠点は閉じられているため、共用端末を使えません。"
    what_to_do = "センター長か個人情報責任者に確認してください。"


class NotHere(RuleBroken):
    message = "お選びになった方は、いまこの端末を使えません。"
    what_to_do = (
        "活動を終えたか、ほかの拠点に移った登録になっています。心当たりがないときは、センター長に確認してください。"
    )


class NoPin(RuleBroken):
    message = "暗証番号がまだ決まっていないか、新しい紙が作られたため使えなくなっています。"
    what_to_do = "センター長から受け取った紙の番号を入力してください。紙がないときは、センター長に頼んでください。"


class AlreadyChosen(RuleBroken):
    message = "暗証番号は、すでに決まっています。"
    what_to_do = "その暗証番号を入力してください。忘れたときは、センター長に新しい紙を作ってもらってください。"


class SlipExpired(RuleBroken):
    message = "紙の期限が切れています。"
    what_to_do = "センター長に、新しい紙を作ってもらってください。"


class WrongNumber(InvalidInput):
    message = "番号が違います。"
    what_to_do = "もう一度、ゆっくり入力してください。"


class PinWait(TooMany):
    message = "番号の間違いが続いたため、しばらく受け付けを止めています。"


class PinStopped(RuleBroken):
    message = "番号の間違いが続いたため、暗証番号を止めました。"
    what_to_do = "センター長に、新しい紙を作ってもらってください。"


class WeakPin(InvalidInput):
    message = "その暗証番号は使えません。"


class NotActive(RuleBroken):
    message = "活動中でない方の紙は作れません。"
    what_to_do = "従事者名簿で、活動の期間を確かめてください。"


class AccountClosed(NotAllowed):
    message = "この方のアカウントは、利用が止められています。"
    what_to_do = "個人情報責任者に確認してください。"


@dataclass(frozen=True)
class Slip:
    """What stands on a printed slip: whose it is, and the code, which is written nowhere else."""

    worker: Worker
    code: str
    expires_at: datetime


# --- devices ----------------------------------------------------------------------------------------------------


def open_kiosk(session: Session, center: Center, *, name: str, by: Actor, now: datetime) -> tuple[Kiosk, str]:
    """Make a browser a center's shared tablet; returns it and the secret for its cookie.

    Raises CenterClosed, and InvalidInput for an unusable name.
    """
    refuse_unusable(name, "端末の名前", longest=_LONGEST_NAME)
    if _is_closed(center, now):
        raise CenterClosed
    secret = secrets.token_urlsafe(32)
    made = Kiosk(
        organization_id=center.organization_id,
        id=uuid4(),
        center_id=center.id,
        name=name,
        token_digest=accounts.digest(secret),
        opened_at=now,
        opened_by_id=by.user_id,
        opened_by_name=by.name,
        seen_at=now,
    )
    session.add(made)
    session.flush()
    _record_device(session, made, "kiosk.opened", by, now=now)
    return made, secret


def close_kiosk(session: Session, kiosk: Kiosk, *, by: Actor, now: datetime) -> None:
    """End a shared tablet, and whoever is signed in there, with the next request; a second closing changes nothing."""
    session.refresh(kiosk, with_for_update=True)
    if kiosk.closed_at is not None:
        return
    kiosk.closed_at, kiosk.closed_by_id, kiosk.closed_by_name = now, by.user_id, by.name
    session.execute(
        update(SignIn).where(SignIn.kiosk_id == kiosk.id, SignIn.ended_at.is_(None)).values(ended_at=now),
        execution_options={"synchronize_session": False},
    )
    _record_device(session, kiosk, "kiosk.closed", by, now=now)


def device_in_use(session: Session, secret: str | None, *, now: datetime) -> Device:
    """The shared tablet that shows this cookie; raises NotAKiosk, KioskClosed, CenterClosed."""
    found = queries.device_of(session, accounts.digest(secret)) if secret else None
    if found is None:
        raise NotAKiosk
    if not found.kiosk.is_open(now):
        raise KioskClosed
    if _is_closed(found.center, now):
        raise CenterClosed
    return found


def touch(session: Session, kiosk: Kiosk, *, address: str, now: datetime) -> None:
    """Note that somebody stands before a shared tablet, and from which address it asks."""
    session.execute(
        update(Kiosk)
        .where(Kiosk.organization_id == kiosk.organization_id, Kiosk.id == kiosk.id, Kiosk.seen_at <= now)
        .values(seen_at=now, seen_from=address[:45]),
        execution_options={"synchronize_session": False},
    )


def _is_closed(center: Center, now: datetime) -> bool:
    return center.closed_on is not None and center.closed_on < local_date(now)


def _record_device(session: Session, kiosk: Kiosk, name: str, by: Actor, *, now: datetime) -> None:
    center = session.get_one(Center, (kiosk.organization_id, kiosk.center_id))
    acts.record(
        session,
        Act(
            kiosk.organization_id, name, now, by, object_kind="kiosk", object_id=kiosk.id,
            details={"center": center.name, "device": kiosk.name},
        ),
    )  # fmt: skip


# --- slips ------------------------------------------------------------------------------------------------------


def make_slips(session: Session, workers: Sequence[Worker], *, by: Actor, now: datetime) -> list[Slip]:
    """A slip for each of some workers of one organization; their earlier slips and PINs stop working at once.

    Raises NotActive for someone who is not on the roster today, and InvalidInput for none or too many. Hashing takes
    long, so the transaction begins to write only after it.
    """
    if not workers:
        raise InvalidInput("紙を作る方を、1人以上選んでください。")
    if len(workers) > SLIPS_AT_ONCE:
        raise InvalidInput(f"一度に作れる紙は{SLIPS_AT_ONCE}人分までです。何回かに分けて作ってください。")
    today = local_date(now)
    if any(worker.joined_on > today or (worker.left_on is not None and worker.left_on < today) for worker in workers):
        raise NotActive
    organization_id = workers[0].organization_id
    codes = {worker.id: pins.new_code() for worker in workers}
    hashes = {worker_id: passwords.hash_password(code) for worker_id, code in codes.items()}
    begin_writing(session)
    found: dict[UUID, tuple[Worker, WorkerPin | None]] = {
        row[0].id: (row[0], row[1])
        for row in session.execute(
            select(Worker, WorkerPin)
            .outerjoin(
                WorkerPin, and_(WorkerPin.organization_id == Worker.organization_id, WorkerPin.worker_id == Worker.id)
            )
            .where(Worker.organization_id == organization_id, Worker.id.in_(sorted(codes)))
            .with_for_update(of=Worker)
            .execution_options(populate_existing=True)
        )
    }
    slips = []
    for worker_id, code in codes.items():
        worker, pin = found[worker_id]
        if pin is None:
            pin = WorkerPin(organization_id=worker.organization_id, worker_id=worker.id)
            session.add(pin)
        pin.pin_hash, pin.set_at = "", None
        pin.slip_hash, pin.slip_issued_at, pin.slip_expires_at = hashes[worker.id], now, now + SLIP_LASTS
        pin.slip_issued_by_id = by.user_id
        pin.failures_in_a_row, pin.stopped_at = 0, None
        _record(session, worker, "kiosk.slip_issued", by, now=now)
        slips.append(Slip(worker, pins.in_groups(code), now + SLIP_LASTS))
    session.flush()
    _forget_tries(session, organization_id, codes)
    _end_visits(session, organization_id, [slip.worker.user_id for slip in slips if slip.worker.user_id], now=now)
    return slips


def _end_visits(session: Session, organization_id: UUID, user_ids: Sequence[UUID], *, now: datetime) -> None:
    """Whoever stands before a tablet with the PIN of before is signed out."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.user_id.in_(sorted(user_ids)),
            SignIn.confined_to_id == organization_id,
            SignIn.ended_at.is_(None),
        )
        .values(ended_at=now),
        execution_options={"synchronize_session": False},
    )


# --- at the tablet ----------------------------------------------------------------------------------------------


def enter(session: Session, device: Device, worker_id: UUID, pin: str, *, now: datetime) -> tuple[SignIn, str]:
    """Sign a worker in at a shared tablet by PIN; returns the sign-in and the secret for its cookie.

    Raises NotHere, NoPin, PinStopped, AccountClosed, PinWait and WrongNumber; the last two leave counted failures in
    the session, which the caller has to keep.
    """
    worker = _prove(session, device, worker_id, PinState.READY, pin, now=now)
    user = session.get_one(User, worker.user_id)
    if not holds_role_in(session, user.id, worker.organization_id):
        raise NotHere
    return _start(session, device, user, now=now)


def check_code(session: Session, device: Device, worker_id: UUID, code: str, *, now: datetime) -> None:
    """Whether a slip's code is right, before a PIN is asked for; raises as `enter`."""
    _prove(session, device, worker_id, PinState.SLIP, code, now=now)


def choose_pin(
    session: Session, device: Device, worker_id: UUID, code: str, pin: str, *, now: datetime
) -> tuple[SignIn, str]:
    """Choose one's own PIN by the code on a slip, once, and be signed in; who has no account yet gets a minimal one.

    Raises WeakPin for a PIN that others would guess, else as `enter`.
    """
    found = queries.holder_at(session, device.center, worker_id, today=local_date(now))
    staff_number = found[0].staff_number if found else None
    if why := pins.weakness(pin, staff_number=staff_number, today=local_date(now)):
        raise WeakPin(why)
    pin_hash = passwords.hash_password(pin)
    worker = _prove(session, device, worker_id, PinState.SLIP, code, now=now)
    held = session.get_one(WorkerPin, (worker.organization_id, worker.id))
    held.pin_hash, held.set_at, held.slip_hash = pin_hash, now, ""
    user = _account_of(session, worker, now=now)
    _record(session, worker, "kiosk.pin_set", Actor(user.id, user.name, STRENGTH), now=now)
    return _start(session, device, user, now=now)


def _start(session: Session, device: Device, user: User, *, now: datetime) -> tuple[SignIn, str]:
    return accounts.start_sign_in(
        session, user, strength=STRENGTH, kiosk_id=device.kiosk.id, confined_to_id=device.kiosk.organization_id, now=now
    )


def _account_of(session: Session, worker: Worker, *, now: datetime) -> User:
    """The worker's account; a minimal one, without a password and under a name nobody types, where there was none."""
    if worker.user_id is None:
        user = accounts.create_user(session, name=worker.name, login_name=f"kiosk-{secrets.token_hex(8)}", now=now)
        user.kiosk_only_since = now
        worker.user_id = user.id
        session.flush()
    else:
        user = session.get_one(User, worker.user_id)
    if not holds_role_in(session, user.id, worker.organization_id):
        actor = Actor(user.id, user.name, STRENGTH)
        accounts.grant_role(session, worker, Role.WORKER, by=actor, now=now)
    return user


def _prove(
    session: Session, device: Device, worker_id: UUID, wanted: PinState, number: str, *, now: datetime
) -> Worker:
    """The worker, once the number was compared; whatever is kept, the answer takes as long.

    The transaction begins to write only after the hashing; whatever changed meanwhile counts.
    """
    keys = _keys(device, worker_id)
    _refuse_while_waiting(session, keys, now=now)
    checked = _kept(session, device, worker_id, wanted, now=now)
    is_right = passwords.is_right(checked, number)
    begin_writing(session)
    _refuse_while_waiting(session, keys, now=now)
    if not device.kiosk.is_open(now):
        raise KioskClosed
    found = queries.holder_at(session, device.center, worker_id, today=local_date(now))
    if found is None:
        raise NotHere
    worker, pin = found
    session.refresh(pin, with_for_update=True)
    state = pin.state(now)
    if state is not wanted:
        raise {
            PinState.STOPPED: PinStopped,
            PinState.READY: AlreadyChosen,
            PinState.EXPIRED: SlipExpired,
        }.get(state, NoPin)
    user = session.get(User, worker.user_id) if worker.user_id else None
    if user is not None and user.deactivated_at is not None:
        raise AccountClosed
    if not is_right or checked != (pin.pin_hash if wanted is PinState.READY else pin.slip_hash):
        _count_failure(session, keys, worker, pin, now=now)
        raise PinStopped if pin.stopped_at else WrongNumber
    pin.failures_in_a_row = 0
    _forget_tries(session, worker.organization_id, [worker.id])
    return worker


def _kept(session: Session, device: Device, worker_id: UUID, wanted: PinState, *, now: datetime) -> str:
    found = queries.holder_at(session, device.center, worker_id, today=local_date(now))
    if found is None or found[1].state(now) is not wanted:
        return ""
    return found[1].pin_hash if wanted is PinState.READY else found[1].slip_hash


# --- counting failures ------------------------------------------------------------------------------------------


def _key(organization_id: UUID, worker_id: UUID) -> str:
    return f"pin:{accounts.digest(f'pin {organization_id} {worker_id}')}"


def _keys(device: Device, worker_id: UUID) -> tuple[str, str]:
    return _key(device.kiosk.organization_id, worker_id), f"kiosk:{device.kiosk.id}"


def _refuse_while_waiting(session: Session, keys: Sequence[str], *, now: datetime) -> None:
    until = session.scalars(select(Throttle.blocked_until).where(Throttle.key.in_(keys))).all()
    # A longer wait than we ever set comes from a clock that ran ahead and was put right: it must not lock anyone out.
    waits = [moment - now for moment in until if moment is not None and now < moment <= now + _LONGEST_WAIT]
    if waits:
        minutes = max(1, -(-int(max(waits).total_seconds()) // 60))
        raise PinWait(what_to_do=f"あと{minutes}分ほど待ってから、もう一度お試しください。")


def _count_failure(session: Session, keys: tuple[str, str], worker: Worker, pin: WorkerPin, *, now: datetime) -> None:
    for key, free in zip(keys, (_FREE_TRIES, _FREE_TRIES_OF_KIOSK), strict=True):
        tries = accounts.count_try(session, key, now=now, forgotten_after=timedelta(hours=1))
        if tries.count >= free:
            tries.blocked_until = now + min(timedelta(minutes=1) * 2 ** min(tries.count - free, 10), _LONGEST_WAIT)
    pin.failures_in_a_row += 1
    nobody = Actor(worker.user_id, worker.name, "none")
    _record(session, worker, "kiosk.pin_failed", nobody, now=now)
    if pin.failures_in_a_row >= FAILURES_BEFORE_STOP:
        pin.stopped_at = now
        _record(session, worker, "kiosk.pin_stopped", acts.SYSTEM, now=now)


def _forget_tries(session: Session, organization_id: UUID, worker_ids: Iterable[UUID]) -> None:
    keys = [_key(organization_id, worker_id) for worker_id in worker_ids]
    session.execute(delete(Throttle).where(Throttle.key.in_(keys)), execution_options={"synchronize_session": False})


def _record(session: Session, worker: Worker, name: str, by: Actor, *, now: datetime) -> None:
    acts.record(
        session,
        Act(
            worker.organization_id, name, now, by, subject_id=worker.id, object_kind="worker_pin", object_id=worker.id
        ),
    )  # fmt: skip
