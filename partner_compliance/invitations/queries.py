"""What can be read about invitations, for whole lists at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.accounts import queries as accounts
from partner_compliance.accounts.models import MunicipalityRole, OperatorRole, OrganizationRole, OutgoingMail, User
from partner_compliance.accounts.queries import has_own_way_in
from partner_compliance.clock import local_date
from partner_compliance.invitations import codes
from partner_compliance.invitations.models import MunicipalityInvitation, State, Way, WorkerInvitation
from partner_compliance.organizations.models import Center, Worker

AnyInvitation = WorkerInvitation | MunicipalityInvitation

#: How long lists show what is over: accepted, revoked, expired.
SHOWN = timedelta(days=60)
_MOST = 100


def find(session: Session, secret: str) -> AnyInvitation | None:
    """The invitation of a link's secret or of a short code."""
    digest = codes.digest(secret)
    by_code = codes.is_code(secret)
    of_worker = session.scalar(
        select(WorkerInvitation).where(
            (WorkerInvitation.code_digest if by_code else WorkerInvitation.secret_digest) == digest
        )
    )
    if of_worker is not None:
        return of_worker
    return session.scalar(
        select(MunicipalityInvitation).where(
            (MunicipalityInvitation.code_digest if by_code else MunicipalityInvitation.secret_digest) == digest
        )
    )


def has_open(session: Session, worker: Worker, *, now: datetime) -> bool:
    """Whether someone holds an invitation that still works."""
    found = session.scalar(
        select(WorkerInvitation.id).where(
            WorkerInvitation.organization_id == worker.organization_id,
            WorkerInvitation.worker_id == worker.id,
            WorkerInvitation.accepted_at.is_(None),
            WorkerInvitation.revoked_at.is_(None),
            WorkerInvitation.replaced_at.is_(None),
            WorkerInvitation.expires_at > now,
        )
    )
    return found is not None


def state_of(invitation: AnyInvitation, mail: OutgoingMail | None, *, now: datetime) -> State:
    """What has become of an invitation, and of its mail."""
    if invitation.accepted_at is not None:
        return State.ACCEPTED
    if invitation.revoked_at is not None or invitation.replaced_at is not None:
        return State.REVOKED
    if now >= invitation.expires_at:
        return State.EXPIRED
    if invitation.way is Way.PAPER:
        return State.PRINTED
    if mail is None or mail.sent_at is not None:  # a mail long sent is forgotten
        return State.SENT
    return State.MAIL_FAILED if mail.failure is not None else State.WAITING


# --- people without an account ----------------------------------------------------------------------------------


def _lacks_account() -> ColumnElement[bool]:
    """The condition that someone (`worker` joined to its `user_account`) has no account to sign in with alone.

    Whoever has only a PIN at a shared tablet has none. An account whose password is gone is one all the same: nobody
    but its person takes it over by an invitation.
    """
    return not_(has_own_way_in())


def lacks_account(session: Session, worker: Worker) -> bool:
    """Whether someone has no account to sign in with alone."""
    found = session.scalar(
        select(Worker.id)
        .outerjoin(User, User.id == Worker.user_id)
        .where(Worker.organization_id == worker.organization_id, Worker.id == worker.id, _lacks_account())
    )
    return found is not None


@dataclass(frozen=True)
class Invited:
    """Someone on the roster, with the newest invitation if there is one, and what has become of it."""

    worker: Worker
    center: Center
    invitation: WorkerInvitation | None
    state: State | None
    login_name: str = ""


def _without_account(organization_id: UUID, centers: Collection[UUID] | None, today: date) -> list[Any]:
    conditions = [
        Worker.organization_id == organization_id,
        or_(Worker.left_on.is_(None), Worker.left_on >= today),
        _lacks_account(),
    ]
    if centers is not None:
        conditions.append(Worker.center_id.in_(sorted(centers)))
    return conditions


def how_many_without_account(
    session: Session, organization_id: UUID, *, centers: Collection[UUID] | None, today: date
) -> int:
    """How many people on the roster have no account; of these centers, or of all (None)."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Worker)
            .outerjoin(User, User.id == Worker.user_id)
            .where(*_without_account(organization_id, centers, today))
        )
        or 0
    )


def without_account(
    session: Session,
    organization_id: UUID,
    *,
    centers: Collection[UUID] | None,
    now: datetime,
    limit: int,
    offset: int,
) -> list[Invited]:
    """A page of the people on the roster who have no account, by reading of the name, with their invitations."""
    people = (
        _with_invitation()
        .outerjoin(User, User.id == Worker.user_id)
        .where(*_without_account(organization_id, centers, local_date(now)))
        .order_by(Worker.name_kana, Worker.name, Worker.id)
        .limit(limit)
        .offset(offset)
    )
    return [_invited(row, now) for row in session.execute(people)]


def _with_invitation() -> Select[Worker, Center, WorkerInvitation, OutgoingMail]:
    return (
        select(Worker, Center, WorkerInvitation, OutgoingMail)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .outerjoin(
            WorkerInvitation,
            and_(
                WorkerInvitation.organization_id == Worker.organization_id,
                WorkerInvitation.worker_id == Worker.id,
                WorkerInvitation.replaced_at.is_(None),
            ),
        )
        .outerjoin(OutgoingMail, OutgoingMail.id == WorkerInvitation.mail_id)
    )


def _invited(row: Any, now: datetime, login_name: str = "") -> Invited:
    worker, center, invitation, mail = row[:4]
    state = state_of(invitation, mail, now=now) if invitation is not None else None
    return Invited(worker, center, invitation, state, login_name)


def accepted_lately(
    session: Session, organization_id: UUID, *, centers: Collection[UUID] | None, now: datetime
) -> list[Invited]:
    """Who has accepted an invitation within two months, the latest first."""
    query = (
        _with_invitation()
        .add_columns(User.login_name)
        .join(User, User.id == WorkerInvitation.accepted_by_id)
        .where(Worker.organization_id == organization_id, WorkerInvitation.accepted_at >= now - SHOWN)
        .order_by(WorkerInvitation.accepted_at.desc(), Worker.id)
        .limit(_MOST)
    )
    if centers is not None:
        query = query.where(Worker.center_id.in_(sorted(centers)))
    return [_invited(row, now, row[4]) for row in session.execute(query)]


def newest_of(session: Session, worker: Worker, *, now: datetime) -> Invited:
    """Someone on the roster with the newest invitation."""
    found = session.execute(
        _with_invitation().where(Worker.organization_id == worker.organization_id, Worker.id == worker.id)
    ).one()
    return _invited(found, now)


def made_by_operator(session: Session, organization_id: UUID, *, now: datetime) -> list[Invited]:
    """The people of an organization whom the operator has invited, the latest first."""
    query = (
        _with_invitation()
        .where(Worker.organization_id == organization_id, WorkerInvitation.by_operator.is_(True))
        .order_by(WorkerInvitation.made_at.desc(), Worker.id)
        .limit(_MOST)
    )
    return [_invited(row, now) for row in session.execute(query)]


# --- officers of a municipality ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class InvitedOfficer:
    """An invitation to a municipality and what has become of it."""

    invitation: MunicipalityInvitation
    state: State
    login_name: str


def invited_officers(
    session: Session, municipality_id: UUID, *, by_operator: bool | None = None, now: datetime
) -> list[InvitedOfficer]:
    """The invitations to a municipality that are open or not long over, the latest first."""
    query = (
        select(MunicipalityInvitation, OutgoingMail, User.login_name)
        .outerjoin(OutgoingMail, OutgoingMail.id == MunicipalityInvitation.mail_id)
        .outerjoin(User, User.id == MunicipalityInvitation.accepted_by_id)
        .where(
            MunicipalityInvitation.municipality_id == municipality_id,
            MunicipalityInvitation.replaced_at.is_(None),
            MunicipalityInvitation.made_at >= now - SHOWN,
        )
        .order_by(MunicipalityInvitation.made_at.desc(), MunicipalityInvitation.id)
        .limit(_MOST)
    )
    if by_operator is not None:
        query = query.where(MunicipalityInvitation.by_operator.is_(by_operator))
    return [
        InvitedOfficer(invitation, state_of(invitation, mail, now=now), login_name or "")
        for invitation, mail, login_name in session.execute(query)
    ]


def officers_of(session: Session, municipality_id: UUID) -> Sequence[tuple[User, MunicipalityRole]]:
    """Who is an officer of a municipality, the longest first."""
    found = session.execute(
        select(User, MunicipalityRole)
        .join(MunicipalityRole, MunicipalityRole.user_id == User.id)
        .where(
            MunicipalityRole.municipality_id == municipality_id,
            MunicipalityRole.ended_at.is_(None),
            User.deactivated_at.is_(None),
        )
        .order_by(MunicipalityRole.granted_at, User.name, User.id)
    )
    return [(user, role) for user, role in found]


# --- whether the one who invited still may ----------------------------------------------------------------------


def is_officer_of(session: Session, user_id: UUID, municipality_id: UUID) -> bool:
    """Whether someone is an officer of that municipality."""
    return any(user.id == user_id for user, _ in officers_of(session, municipality_id))


def is_operator(session: Session, user_id: UUID) -> bool:
    """Whether someone runs the platform."""
    found = session.scalar(
        select(OperatorRole.id)
        .join(User, User.id == OperatorRole.user_id)
        .where(OperatorRole.user_id == user_id, OperatorRole.ended_at.is_(None), User.deactivated_at.is_(None))
        .limit(1)
    )
    return found is not None


def is_protection_officer(session: Session, user_id: UUID, organization_id: UUID, *, today: date) -> bool:
    """Whether someone is protection officer of that organization today."""
    as_workers = session.scalars(
        select(OrganizationRole.worker_id)
        .join(User, User.id == OrganizationRole.user_id)
        .where(
            OrganizationRole.organization_id == organization_id,
            OrganizationRole.user_id == user_id,
            OrganizationRole.role == Role.PROTECTION_OFFICER,
            OrganizationRole.ended_at.is_(None),
            User.deactivated_at.is_(None),
        )
    ).all()
    return accounts.anyone_active(session, organization_id, as_workers, today=today)


def roles_beyond_worker(session: Session, user_id: UUID) -> bool:
    """Whether an account holds any role but a worker's, anywhere."""
    more = (
        select(OrganizationRole.id).where(
            OrganizationRole.user_id == user_id,
            OrganizationRole.ended_at.is_(None),
            OrganizationRole.role != Role.WORKER,
        ),
        select(MunicipalityRole.id).where(MunicipalityRole.user_id == user_id, MunicipalityRole.ended_at.is_(None)),
        select(OperatorRole.id).where(OperatorRole.user_id == user_id, OperatorRole.ended_at.is_(None)),
    )
    return bool(session.scalar(select(or_(*(query.exists() for query in more)))))
