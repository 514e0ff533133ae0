"""Reading the history: who did what, and who looked at whose record."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from partner_compliance.history.entries import Entry, parse
from partner_compliance.history.models import LogLeaf

#: Acts that show an individual's record to someone.
VIEWING_ACTS = ("sheet.viewed", "sheet.printed", "worker.viewed", "history.viewed", "export.made", "inspection.viewed")


def page_of_entries(
    session: Session,
    log_id: UUID,
    *,
    act_prefix: str | None = None,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    before_idx: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
) -> list[Entry]:
    """The newest entries of a log that fit, newest first; `before_idx` asks for the page after that entry.

    `since` counts, `until` does not.
    """
    query = _newest(log_id, before_idx, limit)
    if act_prefix is not None:
        query = query.where(LogLeaf.act.startswith(act_prefix, autoescape=True))
    if actor_id is not None:
        query = query.where(LogLeaf.actor_id == actor_id)
    if subject_id is not None:
        query = query.where(LogLeaf.subject_id == subject_id)
    if since is not None:
        query = query.where(LogLeaf.at >= since)
    if until is not None:
        query = query.where(LogLeaf.at < until)
    return _entries(session.execute(query).all())


def views_of(
    session: Session,
    log_id: UUID,
    subject_id: UUID,
    *,
    own_user_id: UUID | None,
    before_idx: int | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Who looked at a worker's records, newest first; what the worker's own account looked at is left out."""
    query = _newest(log_id, before_idx, limit).where(LogLeaf.subject_id == subject_id, LogLeaf.act.in_(VIEWING_ACTS))
    if own_user_id is not None:
        query = query.where(LogLeaf.actor_id.is_distinct_from(own_user_id))
    return _entries(session.execute(query).all())


def _newest(log_id: UUID, before_idx: int | None, limit: int) -> Select[UUID, int, datetime, str, str | None]:
    query = (
        select(LogLeaf.log_id, LogLeaf.idx, LogLeaf.at, LogLeaf.act, LogLeaf.entry)
        .where(LogLeaf.log_id == log_id)
        .order_by(LogLeaf.idx.desc())
        .limit(limit)
    )
    return query if before_idx is None else query.where(LogLeaf.idx < before_idx)


def _entries(rows: Sequence[Row[UUID, int, datetime, str, str | None]]) -> list[Entry]:
    return [
        Entry(row.log_id, row.idx, row.at, row.act, erased=True) if row.entry is None else parse(row.entry)
        for row in rows
    ]
