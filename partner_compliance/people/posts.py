"""Who holds which post, who held it before, and which posts nobody holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from partner_compliance.organizations.models import Center, Worker, WorkerKind
from partner_compliance.people import queries
from partner_compliance.roster.models import Post, PostHolding
from partner_compliance.roster.operations import holdings_on


@dataclass(frozen=True)
class Held:
    """A post, who holds or held it, and where."""

    holding: PostHolding
    worker: Worker
    center: Center | None


def _held() -> Select[PostHolding, Worker, Center]:
    return (
        select(PostHolding, Worker, Center)
        .join(Worker, and_(Worker.organization_id == PostHolding.organization_id, Worker.id == PostHolding.worker_id))
        .outerjoin(
            Center, and_(Center.organization_id == PostHolding.organization_id, Center.id == PostHolding.center_id)
        )
    )


def posts_of_worker(session: Session, worker: Worker) -> list[Held]:
    """Every post someone holds or held, the latest first."""
    rows = session.execute(
        _held()
        .where(PostHolding.organization_id == worker.organization_id, PostHolding.worker_id == worker.id)
        .order_by(PostHolding.from_on.desc(), PostHolding.recorded_at.desc(), PostHolding.id)
    )
    return [Held(holding, holder, center) for holding, holder, center in rows]


def posts_held(session: Session, organization_id: UUID, *, on: date) -> list[Held]:
    """Who holds which post of an organization on a day; who left before does not."""
    rows = session.execute(
        _held()
        .where(
            PostHolding.organization_id == organization_id,
            holdings_on(on),
            or_(Worker.left_on.is_(None), Worker.left_on >= on),
        )
        .order_by(PostHolding.from_on, PostHolding.recorded_at, PostHolding.id)
    )
    return [Held(holding, holder, center) for holding, holder, center in rows]


def posts_over(session: Session, organization_id: UUID, *, on: date, limit: int = 100) -> list[Held]:
    """Who held which post of an organization before a day, the latest first."""
    rows = session.execute(
        _held()
        .where(
            PostHolding.organization_id == organization_id,
            or_(PostHolding.until_on < on, Worker.left_on < on),
        )
        .order_by(PostHolding.until_on.desc(), PostHolding.recorded_at.desc(), PostHolding.id)
        .limit(limit)
    )
    return [Held(holding, holder, center) for holding, holder, center in rows]


#: Posts that every organization has (DOMAIN B03); the others as it needs them.
_NEEDED = (
    Post.REPRESENTATIVE,
    Post.PRIVACY_OFFICER,
    Post.PRIVACY_OFFICER_DEPUTY,
    Post.SECURITY_MANAGER,
    Post.SECURITY_MANAGER_DEPUTY,
)


def has_volunteers(session: Session, organization_id: UUID, *, on: date) -> bool:
    """Whether volunteers work for an organization on a day."""
    return bool(
        session.scalar(
            select(Worker.id)
            .where(
                Worker.organization_id == organization_id, Worker.kind == WorkerKind.VOLUNTEER, queries.is_active_on(on)
            )
            .limit(1)
        )
    )


def gaps(held: Iterable[Held], centers: Iterable[Center], *, with_volunteers: bool, on: date) -> list[str]:
    """Which posts nobody holds, each in a sentence; a coordinator is needed only where volunteers are (DOMAIN E25)."""
    taken = {(row.holding.post, row.holding.center_id) for row in held}
    posts = {post for post, _ in taken}
    needed = (*_NEEDED, Post.VOLUNTEER_COORDINATOR) if with_volunteers else _NEEDED
    found = [f"{post.label}が決まっていません。" for post in needed if post not in posts]
    return found + [
        f"{center.name}のセンター長が決まっていません。"
        for center in centers
        if (center.closed_on is None or center.closed_on >= on) and (Post.CENTER_HEAD, center.id) not in taken
    ]
