"""What members of a network have left to its office: the paper to enter, and the heads' sheets to confirm."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, not_, select
from sqlalchemy.orm import Session

from partner_compliance.access import Entrusted, Principal, Role
from partner_compliance.accounts.models import User
from partner_compliance.accounts.queries import has_own_way_in
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.organizations.queries import organizations_named
from partner_compliance.sheets import queries
from partner_compliance.sheets.models import CheckSheet, EventKind, MonthTally, SheetEvent
from partner_compliance.sheets.queries import MatrixRow


@dataclass(frozen=True)
class EntrustedMonth:
    """A month of a member's center that is not closed yet; `paper` counts the sheets that wait to be entered."""

    organization: str
    center: Center
    tally: MonthTally
    paper: int


@dataclass(frozen=True)
class EntrustedHead:
    """A head's sheet that waits for the network's office."""

    organization: str
    row: MatrixRow


def _members(principal: Principal, task: Entrusted) -> list[UUID]:
    return sorted(each for each in principal.entrusting_ids if principal.is_entrusted(each, task))


def months(session: Session, principal: Principal) -> list[EntrustedMonth]:
    """The open months of every member for which the reader acts, newest first, in two statements."""
    paper = _paper_to_enter(session, _members(principal, Entrusted.PAPER))
    rows = session.execute(
        select(Organization.name, Center, MonthTally)
        .join(Center, Center.organization_id == Organization.id)
        .join(
            MonthTally,
            and_(MonthTally.organization_id == Center.organization_id, MonthTally.center_id == Center.id),
        )
        .where(Organization.id.in_(sorted(principal.entrusting_ids)), not_(MonthTally.is_closed))
        .order_by(MonthTally.month.desc(), Organization.name, Center.name)
        .limit(200)
    )
    return [
        EntrustedMonth(name, center, tally, paper.get((center.organization_id, center.id, tally.month), 0))
        for name, center, tally in rows
    ]


def _paper_to_enter(session: Session, members: list[UUID]) -> dict[tuple[UUID, UUID, str], int]:
    """How many sheets of people without an account wait to be entered: {(organization, center, month): count}."""
    done: Any = exists().where(
        SheetEvent.organization_id == CheckSheet.organization_id,
        SheetEvent.sheet_id == CheckSheet.id,
        SheetEvent.number == queries.last_number(),
        SheetEvent.kind != EventKind.RETURNED,
    )
    rows = session.execute(
        select(CheckSheet.organization_id, CheckSheet.center_id, CheckSheet.month, func.count())
        .join(Worker, and_(Worker.organization_id == CheckSheet.organization_id, Worker.id == CheckSheet.worker_id))
        .outerjoin(User, User.id == Worker.user_id)
        .where(CheckSheet.organization_id.in_(members), not_(has_own_way_in()), not_(done))
        .group_by(CheckSheet.organization_id, CheckSheet.center_id, CheckSheet.month)
    )
    return {(organization, center, month): count for organization, center, month, count in rows}


def heads_waiting(session: Session, principal: Principal) -> list[EntrustedHead]:
    """The heads' sheets that wait for the reader's network, oldest month first; never the reader's own."""
    members = _members(principal, Entrusted.HEADS)
    rows = queries.sheets_of_officers(session, members, role=Role.CENTER_HEAD, but=Role.PROTECTION_OFFICER)
    names = organizations_named(session, members)
    return [
        EntrustedHead(names[row.sheet.organization_id], row)
        for row in rows
        if row.worker.id not in principal.worker_ids
    ]
