"""Who is meant by the ids in entries: read for a whole page at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from partner_compliance.accounts.models import MunicipalityRole, User
from partner_compliance.history.entries import Entry
from partner_compliance.history.models import LogLeaf
from partner_compliance.organizations.models import Worker


@dataclass(frozen=True)
class Person:
    """Someone who can act in a body: the account, the name, and the roster row in an organization."""

    user_id: UUID
    name: str
    worker_id: UUID | None = None


def people_of(session: Session, organization_id: UUID) -> list[Person]:
    """Everyone on an organization's roster who has an account, by reading of the name."""
    found = session.execute(
        select(Worker.user_id, Worker.name, Worker.id)
        .where(Worker.organization_id == organization_id, Worker.user_id.is_not(None))
        .order_by(Worker.name_kana, Worker.name, Worker.id)
    )
    return [Person(row.user_id, row.name, row.id) for row in found if row.user_id is not None]


def officers_of(session: Session, municipality_id: UUID) -> list[Person]:
    """Everyone who is or was an officer of a municipality, by name."""
    found = session.execute(
        select(User.id, User.name)
        .where(User.id.in_(select(MunicipalityRole.user_id).where(MunicipalityRole.municipality_id == municipality_id)))
        .order_by(User.name, User.id)
    )
    return [Person(row.id, row.name) for row in found]


def names_on_roster(session: Session, organization_id: UUID, entries: Iterable[Entry]) -> dict[UUID, str]:
    """The names of those whom entries are about, whether named by roster row or by account."""
    ids = _subjects(entries)
    found = session.execute(
        select(Worker.id, Worker.user_id, Worker.name).where(
            Worker.organization_id == organization_id, or_(Worker.id.in_(ids), Worker.user_id.in_(ids))
        )
    ).all()
    return {row.id: row.name for row in found} | {row.user_id: row.name for row in found if row.user_id is not None}


def names_of_accounts(session: Session, entries: Iterable[Entry]) -> dict[UUID, str]:
    """The names of those whom a municipality's entries are about."""
    found = session.execute(select(User.id, User.name).where(User.id.in_(_subjects(entries))))
    return {row.id: row.name for row in found}


def digests(session: Session, log_id: UUID, entries: Iterable[Entry]) -> dict[int, str]:
    """The beginning of each entry's hash (half of it, in fours), for comparing with a printed or kept copy."""
    found = session.execute(
        select(LogLeaf.idx, LogLeaf.leaf).where(
            LogLeaf.log_id == log_id, LogLeaf.idx.in_([entry.idx for entry in entries])
        )
    )
    return {row.idx: " ".join(row.leaf.hex()[at : at + 4] for at in range(0, 32, 4)) for row in found}


def _subjects(entries: Iterable[Entry]) -> list[UUID]:
    return sorted({entry.subject_id for entry in entries if entry.subject_id is not None})
