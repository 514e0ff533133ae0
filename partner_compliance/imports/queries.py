"""What the roster room reads for a file: the organization as the file meets it, and the roster to give out."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.imports.columns import cells_of
from partner_compliance.imports.models import RosterUpload
from partner_compliance.imports.planning import Place, State
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.roster.bulk import whole_roster
from partner_compliance.roster.models import PostHolding, Project
from partner_compliance.roster.operations import holdings_on


def state_of(session: Session, organization_id: UUID, *, today: date, lock: bool = False) -> State:
    """The organization's roster, centers, projects, officers and posts, in a fixed number of statements.

    `lock` keeps the rows of the roster from being changed by anybody else until the transaction ends.
    """
    rows = whole_roster(session, organization_id, lock=lock)
    centers = {
        row.id: Place(row.name, row.closed_on)
        for row in session.execute(
            select(Center.id, Center.name, Center.closed_on).where(Center.organization_id == organization_id)
        )
    }
    projects = {
        row.id: Place(row.name, row.closed_on)
        for row in session.execute(
            select(Project.id, Project.name, Project.closed_on).where(Project.organization_id == organization_id)
        )
    }
    officers = session.scalars(
        select(OrganizationRole.worker_id)
        .join(
            Worker,
            and_(Worker.organization_id == OrganizationRole.organization_id, Worker.id == OrganizationRole.worker_id),
        )
        .where(
            OrganizationRole.organization_id == organization_id,
            OrganizationRole.role == Role.PROTECTION_OFFICER,
            OrganizationRole.ended_at.is_(None),
            or_(Worker.left_on.is_(None), Worker.left_on >= today),
        )
    )
    posts: dict[UUID, list[str]] = defaultdict(list)
    for holding in session.scalars(
        select(PostHolding)
        .where(PostHolding.organization_id == organization_id, holdings_on(today))
        .order_by(PostHolding.from_on, PostHolding.id)
    ):
        where = f"（{centers[holding.center_id].name}）" if holding.center_id else ""
        posts[holding.worker_id].append(f"{holding.post.label}{where}")
    return State(rows, centers, projects, frozenset(officers), posts)


def roster_cells(session: Session, organization_id: UUID, *, today: date, only_active: bool) -> list[dict[str, str]]:
    """What a file given out says of everyone, or only of those who are active on a day, by reading of the name."""
    state = state_of(session, organization_id, today=today)
    centers, projects = state.names()
    return [
        cells_of(row.worker.id, row.facts, centers, projects)
        for row in state.rows
        if not only_active or row.facts.left_on is None or row.facts.left_on >= today
    ]


def content_of(upload: RosterUpload) -> list[tuple[int, dict[str, str]]]:
    """The rows that an upload keeps; none when it is done."""
    return [(int(number), dict(cells)) for number, cells in upload.content or []]
