"""Closing someone's access to an organization, and refusing what would leave it without a protection officer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Role
from partner_compliance.accounts import queries
from partner_compliance.accounts.models import MunicipalityRole, OrganizationRole, PasswordReset, User
from partner_compliance.accounts.operations import AlreadyHeld, LastOfficer, end_all_sign_ins, end_role, grant_role
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken
from partner_compliance.organizations.models import Worker
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, PostHolding

_OFFICERS = (Post.PRIVACY_OFFICER, Post.PRIVACY_OFFICER_DEPUTY)


def refuse_to_lose_last_officer(session: Session, worker: Worker, *, after: date, now: datetime) -> None:
    """Raise LastOfficer when nobody would look after the organization once this person is gone after a day.

    Somebody who holds the role and stays beyond that day is enough; it says whom to appoint first. The officers' rows
    are locked, in one order, so that two of them cannot go at once.
    """
    session.flush()
    today = local_date(now)
    officers = session.scalars(
        select(OrganizationRole)
        .where(
            OrganizationRole.organization_id == worker.organization_id,
            OrganizationRole.role == Role.PROTECTION_OFFICER,
            OrganizationRole.ended_at.is_(None),
        )
        .order_by(OrganizationRole.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    with_role = {officer.worker_id for officer in officers}
    with_post = {row.worker_id for row in roster.holders_of(session, worker.organization_id, _OFFICERS, on=today)}
    if worker.id not in with_role | with_post:
        return
    # An account is what lets an officer act; where nobody has one, the post on the roster counts.
    others = (with_role if worker.id in with_role else with_role | with_post) - {worker.id}
    stays = session.scalar(
        select(Worker.id)
        .outerjoin(User, User.id == Worker.user_id)
        .where(
            Worker.organization_id == worker.organization_id,
            Worker.id.in_(sorted(others)),
            or_(Worker.left_on.is_(None), Worker.left_on > after),
            *([queries.has_own_way_in()] if worker.id in with_role else []),
        )
        .limit(1)
    )
    if stays is None:
        raise LastOfficer(
            "この方は、ただ1人の個人情報責任者です。いなくなると、団体の登録や確認をする人がいなくなります。",
            _whom_to_appoint(session, worker, after=after, today=today),
        )


def _whom_to_appoint(session: Session, worker: Worker, *, after: date, today: date) -> str:
    """Who could follow: those with an account who hold another post, then anyone with an account; three at most."""
    found = session.execute(
        select(Worker.id, Worker.name, PostHolding.post)
        .outerjoin(
            PostHolding,
            and_(
                PostHolding.organization_id == Worker.organization_id,
                PostHolding.worker_id == Worker.id,
                roster.holdings_on(today),
            ),
        )
        .where(
            Worker.organization_id == worker.organization_id,
            Worker.id != worker.id,
            Worker.user_id.is_not(None),
            Worker.joined_on <= today,
            or_(Worker.left_on.is_(None), Worker.left_on > after),
        )
        .order_by(PostHolding.post.is_(None), Worker.name_kana, Worker.name, Worker.id)
        .limit(12)
    )
    named: dict[object, str] = {}
    for worker_id, name, post in found:
        named.setdefault(worker_id, f"{name}さん" + (f"（{post.label}）" if post else ""))
    who = f"候補は、{'、'.join(list(named.values())[:3])}です。" if named else ""
    return (
        "先に、後任の個人情報責任者を「役職」の画面で登録してください。"
        + (who or "アカウントのある方がほかにいないため、先に後任の方を招待してください。")
    )  # fmt: skip


def close_access(session: Session, worker: Worker, *, by: Actor, now: datetime) -> bool:
    """End all that lets someone into an organization: roles, sign-ins, one-time links; returns whether there was any.

    The account itself is stopped unless the person works elsewhere too; there it goes on as before. Raises LastOfficer.
    """
    roles = session.scalars(
        select(OrganizationRole)
        .where(
            OrganizationRole.organization_id == worker.organization_id,
            OrganizationRole.worker_id == worker.id,
            OrganizationRole.ended_at.is_(None),
        )
        .order_by(OrganizationRole.id)
    ).all()
    for role in roles:
        end_role(session, role, by=by, now=now)
    user = session.get(User, worker.user_id) if worker.user_id else None
    if user is None:
        return bool(roles)
    session.flush()
    is_stopped = user.deactivated_at is not None
    if not is_stopped and not queries.holds_role_outside(session, user.id, worker.organization_id):
        user.deactivated_at = now
        end_all_sign_ins(session, user.id, now=now)
        session.execute(
            update(PasswordReset)
            .where(
                PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None), PasswordReset.revoked_at.is_(None)
            )
            .values(revoked_at=now),
            execution_options={"synchronize_session": False},
        )
        _record(session, worker, user, "account.closed", by, now=now)
        return True
    return bool(roles)


def reopen_access(session: Session, worker: Worker, *, by: Actor, now: datetime) -> bool:
    """Let someone in again who is back or whose leaving was a mistake, as a worker; returns whether they can sign in.

    Further roles are given anew by whoever answers for them.
    """
    user = session.get(User, worker.user_id) if worker.user_id else None
    if user is None:
        return False
    if user.deactivated_at is not None:
        user.deactivated_at = None
        _record(session, worker, user, "account.reopened", by, now=now)
    try:
        grant_role(session, worker, Role.WORKER, by=by, now=now)
    except AlreadyHeld:
        return True
    return True


def _left_with_roles(today: date) -> Select[Worker]:
    return (
        select(Worker)
        .join(
            OrganizationRole,
            and_(OrganizationRole.organization_id == Worker.organization_id, OrganizationRole.worker_id == Worker.id),
        )
        .where(Worker.left_on < today, OrganizationRole.ended_at.is_(None))
        .order_by(Worker.organization_id, Worker.id)
        .distinct()
    )


def is_anyone_to_close(session: Session, *, today: date) -> bool:
    """Whether anyone whose last day has passed still holds a role."""
    return session.scalars(_left_with_roles(today).limit(1)).first() is not None


def close_those_who_left(session: Session, *, today: date, now: datetime) -> int:
    """Close the access of everyone whose last day has passed and who still holds a role; returns how many there were.

    Nothing waits for this: roles stop counting at midnight by themselves. It is what makes the sign-ins and the
    account end too.
    """
    left = session.scalars(_left_with_roles(today).limit(500)).all()
    closed = 0
    for worker in left:
        try:
            closed += close_access(session, worker, by=acts.SYSTEM, now=now)
        except LastOfficer:
            continue  # left before this was refused; somebody has to be appointed first
    return closed


def _record(session: Session, worker: Worker, user: User, name: str, by: Actor, *, now: datetime) -> None:
    acts.record(
        session,
        Act(
            worker.organization_id, name, now, by, subject_id=worker.id, object_kind="account", object_id=user.id
        ),
    )  # fmt: skip


# --- officers of municipalities ---------------------------------------------------------------------------------


class OwnPost(RuleBroken):
    message = "ご自分を担当者から外すことはできません。"
    what_to_do = "同じ自治体の、ほかの担当者に依頼してください。"


def end_municipality_role(
    session: Session, held: MunicipalityRole, *, by: Actor, ended_by_id: UUID, now: datetime
) -> None:
    """Take an officer's post in a municipality away, at once; a second ending changes nothing.

    Raises OwnPost for the own post, and NotAllowed when the own post ended meanwhile: so the municipality always keeps
    the one who acts, also when two officers end each other's posts at once.
    """
    posts = session.scalars(
        select(MunicipalityRole)
        .where(MunicipalityRole.municipality_id == held.municipality_id, MunicipalityRole.ended_at.is_(None))
        .order_by(MunicipalityRole.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if held.user_id == ended_by_id:
        raise OwnPost
    if ended_by_id not in {post.user_id for post in posts}:
        raise NotAllowed
    if held not in posts:
        return
    held.ended_at = now
    acts.record(
        session,
        Act(
            held.municipality_id, "role.ended", now, by, subject_id=held.user_id, object_kind="municipality_role",
            object_id=held.id, details={"role": Role.MUNICIPAL_OFFICER.value},
        ),
    )  # fmt: skip
