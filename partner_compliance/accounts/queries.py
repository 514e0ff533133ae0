"""What can be read about accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, null, or_, select
from sqlalchemy.orm import Session

from partner_compliance.access import Principal, Role, Standing
from partner_compliance.accounts.models import (
    Authenticator,
    HeldInput,
    MunicipalityRole,
    OperatorRole,
    OrganizationRole,
    Passkey,
    RecoveryCode,
    SignIn,
    User,
)
from partner_compliance.acts import PLATFORM_LOG
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.organizations.networks import mandates_on
from partner_compliance.organizations.queries import partners_on

#: A sign-in ends after an hour without a request, and after half a day in any case.
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
#: At a shared tablet others are waiting, and look on.
IDLE_AT_KIOSK = timedelta(minutes=2)
#: How long a proof holds for acts that ask for one (closing a month, roles, exports of personal data).
PROOF_HOLDS = timedelta(minutes=15)


def user_by_name(session: Session, key: str) -> User | None:
    """The account with that (folded) login name or e-mail address."""
    return session.scalar(select(User).where(or_(User.login_key == key, User.email_key == key)).limit(1))


# What every request asks is put together once: doing so costs more than running it.
_sign_in = (
    select(SignIn, User, HeldInput.path)
    .join(User, User.id == SignIn.user_id)
    .outerjoin(HeldInput, HeldInput.user_id == SignIn.user_id)
    .where(SignIn.token_digest == bindparam("token_digest"))
)
_standings = (
    select(
        OrganizationRole.role,
        OrganizationRole.organization_id,
        OrganizationRole.worker_id,
        OrganizationRole.center_id,
    )
    .join(
        Worker,
        and_(Worker.organization_id == OrganizationRole.organization_id, Worker.id == OrganizationRole.worker_id),
    )
    .where(
        OrganizationRole.user_id == bindparam("user_id"),
        OrganizationRole.ended_at.is_(None),
        or_(Worker.left_on.is_(None), Worker.left_on >= bindparam("today")),
    )
    .order_by(OrganizationRole.granted_at)
)
#: A municipality for each post in one; None for the operator.
_other_standings = (
    select(MunicipalityRole.municipality_id)
    .where(MunicipalityRole.user_id == bindparam("user_id"), MunicipalityRole.ended_at.is_(None))
    .union_all(
        select(null()).where(
            select(OperatorRole.id)
            .where(OperatorRole.user_id == bindparam("user_id"), OperatorRole.ended_at.is_(None))
            .exists()
        )
    )
)


@dataclass(frozen=True)
class Recognized:
    """What a cookie says: the sign-in, ended or not, whose it is, and for which page typed input is kept."""

    sign_in: SignIn
    user: User
    held_path: str | None


def sign_in_of(session: Session, token_digest: str) -> Recognized | None:
    """The sign-in behind a cookie."""
    found = session.execute(_sign_in, {"token_digest": token_digest}).one_or_none()
    return Recognized(found[0], found[1], found[2]) if found else None


def principal_of(session: Session, user: User, *, strength: str, today: date, proved_lately: bool = False) -> Principal:
    """What the house knows of a reader today: roles held, and partners whose engagement is valid."""
    standings = [
        Standing(role, organization_id, worker_id, center_id)
        for role, organization_id, worker_id, center_id in session.execute(
            _standings, {"user_id": user.id, "today": today}
        )
    ]
    offices = [held.organization_id for held in standings if held.role is Role.NETWORK_OFFICE and held.organization_id]
    if offices:  # nobody else pays for the question
        standings += [
            Standing(
                Role.NETWORK_OFFICE, mandate.organization_id, network_id=mandate.network_id,
                network_name=mandate.network_name, entrusted=mandate.entrusted,
            )
            for mandate in mandates_on(session, offices, today)
        ]  # fmt: skip
    other: list[UUID | None] = [row[0] for row in session.execute(_other_standings, {"user_id": user.id})]
    municipality_ids = [found for found in other if found is not None]
    standings += [Standing(Role.MUNICIPAL_OFFICER, municipality_id=found) for found in municipality_ids]
    standings += [Standing(Role.OPERATOR) for found in other if found is None]
    partners = partners_on(municipality_ids, today) if municipality_ids else None
    return Principal(user.id, user.name, strength, tuple(standings), partners, proved_lately=proved_lately)


def principal_at_kiosk(session: Session, user: User, sign_in: SignIn, *, today: date) -> Principal:
    """What the house knows of a reader at a shared tablet: a worker of its organization, whatever else they are."""
    found = session.execute(_standings, {"user_id": user.id, "today": today})
    workers = sorted({row.worker_id for row in found if row.organization_id == sign_in.confined_to_id})
    standings = tuple(Standing(Role.WORKER, sign_in.confined_to_id, worker_id) for worker_id in workers)
    return Principal(user.id, user.name, sign_in.strength, standings, kiosk_id=sign_in.kiosk_id)


def is_kiosk_only(user: User) -> bool:
    """Whether an account opens nothing but the own tasks at a shared tablet, so that paper is taken for its person.

    Whoever gives such an account a passkey as its only way in has to empty `kiosk_only_since`; choosing a password
    does so by itself.
    """
    return user.kiosk_only_since is not None and not user.password_hash


def has_own_way_in() -> ColumnElement[bool]:
    """The condition that a worker, joined with their account if any, can sign in on a device of their own."""
    return and_(Worker.user_id.is_not(None), or_(User.kiosk_only_since.is_(None), User.password_hash != ""))


def held_path(session: Session, user_id: UUID, *, now: datetime) -> str | None:
    """The page for which someone's typed input is kept, while it is fresh."""
    held = session.get(HeldInput, user_id)
    return held.path if held is not None and now - held.held_at <= ABSOLUTE else None


def holds_role_in(session: Session, user_id: UUID, organization_id: UUID) -> bool:
    """Whether a person holds any role in an organization."""
    query = select(OrganizationRole.id).where(
        OrganizationRole.user_id == user_id,
        OrganizationRole.organization_id == organization_id,
        OrganizationRole.ended_at.is_(None),
    )
    return bool(session.scalar(select(query.exists())))


def holds_role_outside(session: Session, user_id: UUID, organization_id: UUID) -> bool:
    """Whether a person holds a role anywhere but in that organization: in another, a municipality, the platform."""
    elsewhere = (
        select(OrganizationRole.id).where(
            OrganizationRole.user_id == user_id,
            OrganizationRole.ended_at.is_(None),
            OrganizationRole.organization_id != organization_id,
        ),
        select(MunicipalityRole.id).where(MunicipalityRole.user_id == user_id, MunicipalityRole.ended_at.is_(None)),
        select(OperatorRole.id).where(OperatorRole.user_id == user_id, OperatorRole.ended_at.is_(None)),
    )
    return bool(session.scalar(select(or_(*(query.exists() for query in elsewhere)))))


def anyone_active(session: Session, organization_id: UUID, worker_ids: Iterable[UUID], *, today: date) -> bool:
    """Whether any of these people is still on the roster today, and can sign in on a device of their own."""
    found = session.scalar(
        select(Worker.id)
        .join(User, User.id == Worker.user_id)
        .where(
            has_own_way_in(),
            Worker.organization_id == organization_id,
            Worker.id.in_(sorted(worker_ids)),
            or_(Worker.left_on.is_(None), Worker.left_on >= today),
        )
        .limit(1)
    )
    return found is not None


def organizations_with_officer(session: Session, organization_ids: Iterable[UUID], *, today: date) -> frozenset[UUID]:
    """Those of the organizations in which somebody is protection officer today."""
    return frozenset(
        session.scalars(
            select(OrganizationRole.organization_id)
            .join(
                Worker,
                and_(
                    Worker.organization_id == OrganizationRole.organization_id,
                    Worker.id == OrganizationRole.worker_id,
                ),
            )
            .where(
                OrganizationRole.organization_id.in_(sorted(organization_ids)),
                OrganizationRole.role == Role.PROTECTION_OFFICER,
                OrganizationRole.ended_at.is_(None),
                or_(Worker.left_on.is_(None), Worker.left_on >= today),
            )
            .distinct()
        )
    )


def logs_of(session: Session, user_id: UUID) -> Sequence[UUID]:
    """The logs that tell of an account: those of the bodies for which the person works, else the platform's."""
    found = sorted(
        {
            *session.scalars(
                select(OrganizationRole.organization_id).where(
                    OrganizationRole.user_id == user_id, OrganizationRole.ended_at.is_(None)
                )
            ),
            *session.scalars(
                select(MunicipalityRole.municipality_id).where(
                    MunicipalityRole.user_id == user_id, MunicipalityRole.ended_at.is_(None)
                )
            ),
        }
    )
    return found or [PLATFORM_LOG]


@dataclass(frozen=True)
class Account:
    """An account of an organization with the roles its person holds there."""

    user: User
    worker: Worker
    roles: Sequence[tuple[OrganizationRole, Center | None]]


def accounts_in(session: Session, organization_id: UUID) -> list[Account]:
    """Everyone on an organization's roster who has an account, with the roles held, by reading of the name."""
    people = session.execute(
        select(User, Worker)
        .join(Worker, Worker.user_id == User.id)
        .where(Worker.organization_id == organization_id)
        .order_by(Worker.name_kana, Worker.name)
    ).all()
    roles: dict[UUID, list[tuple[OrganizationRole, Center | None]]] = {}
    held: Select[OrganizationRole, Center] = (
        select(OrganizationRole, Center)
        .outerjoin(
            Center,
            and_(Center.organization_id == OrganizationRole.organization_id, Center.id == OrganizationRole.center_id),
        )
        .where(OrganizationRole.organization_id == organization_id, OrganizationRole.ended_at.is_(None))
        .order_by(OrganizationRole.granted_at)
    )
    for role, center in session.execute(held):
        roles.setdefault(role.worker_id, []).append((role, center))
    return [Account(user, worker, roles.get(worker.id, [])) for user, worker in people]


def stopped_accounts(session: Session, *, limit: int = 100) -> list[User]:
    """Accounts whose password was stopped after too many failures, latest first (for the operator)."""
    return list(
        session.scalars(
            select(User)
            .where(User.password_stopped_at.is_not(None))
            .order_by(User.password_stopped_at.desc())
            .limit(limit)
        )
    )


def demo_users(session: Session) -> list[User]:
    """The accounts that a demo offers for signing in with one click."""
    return list(
        session.scalars(select(User).where(User.demo_label.is_not(None)).order_by(User.created_at, User.login_key))
    )


# --- second factors and sign-ins --------------------------------------------------------------------------------


def has_factor(session: Session, user_id: UUID) -> bool:
    """Whether an account has a second factor: a confirmed authenticator, or a passkey."""
    confirmed = select(Authenticator.user_id).where(
        Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None)
    )
    passkey = select(Passkey.id).where(Passkey.user_id == user_id)
    return bool(session.scalar(select(or_(confirmed.exists(), passkey.exists()))))


@dataclass(frozen=True)
class Factors:
    """The second factors of an account, and how many recovery codes are left."""

    authenticator: Authenticator | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def has_authenticator(self) -> bool:
        """Whether an authenticator is set up to its end."""
        return self.authenticator is not None and self.authenticator.confirmed_at is not None

    @property
    def exist(self) -> bool:
        """Whether there is any second factor; recovery codes alone are none."""
        return self.has_authenticator or bool(self.passkeys)


def factors_of(session: Session, user_id: UUID) -> Factors:
    """What an account has beside its password."""
    passkeys = session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.added_at)).all()
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return Factors(session.get(Authenticator, user_id), passkeys, session.scalar(left) or 0)


def open_sign_ins(session: Session, user_id: UUID, *, now: datetime, limit: int = 100) -> list[SignIn]:
    """Where someone is signed in now, the latest used first."""
    found = session.scalars(
        select(SignIn)
        .where(
            SignIn.user_id == user_id,
            SignIn.ended_at.is_(None),
            SignIn.seen_at >= now - IDLE,
            SignIn.started_at >= now - ABSOLUTE,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.started_at.desc())
        .limit(limit)
    )
    return [sign_in for sign_in in found if is_alive(sign_in, now=now)]


def is_proof_fresh(sign_in: SignIn, *, now: datetime) -> bool:
    """Whether the last proof of who it is lies within the last quarter of an hour."""
    return sign_in.proved_at is not None and -IDLE <= now - sign_in.proved_at <= PROOF_HOLDS


def is_alive(sign_in: SignIn, *, now: datetime) -> bool:
    """Whether a sign-in still holds: not ended, not idle for an hour (two minutes at a shared tablet), not older than
    half a day."""
    return (
        sign_in.ended_at is None
        and now - sign_in.seen_at <= (IDLE if sign_in.kiosk_id is None else IDLE_AT_KIOSK)
        and now - sign_in.started_at <= ABSOLUTE
        and now >= sign_in.started_at - IDLE
    )
