"""The roster as it was known on a day: what was written later about that day does not count on it."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.orm import aliased

from partner_compliance import clock
from partner_compliance.organizations.models import Worker
from partner_compliance.roster.models import WorkerVersion

#: What is asked of the roster of a past day.
_COLUMNS = ("center_id", "is_handler", "files_sheets", "joined_on", "left_on")


@lru_cache(maxsize=8)  # a day is asked by many statements, and putting this together takes longer than they do
def people_known_on(day: date, place: int = 0) -> Any:
    """`Worker` as the rows stood at the end of a day, to be asked in its place; who was registered later is not in it.

    A row that has not changed since is taken as it is; of any other the last version that had been recorded by then.
    Another `place` makes another one, for a statement that asks of two people.
    """
    end = clock.start_of(day + timedelta(days=1))
    changed, newer = aliased(WorkerVersion), aliased(WorkerVersion)
    since = (
        select(changed.id)
        .where(
            changed.organization_id == Worker.organization_id,
            changed.worker_id == Worker.id,
            changed.recorded_at >= end,
        )
        .correlate(Worker)
    )
    as_they_are = select(
        Worker.organization_id, Worker.id, *(getattr(Worker, name) for name in _COLUMNS)
    ).where(~since.exists())  # fmt: skip
    is_last = (
        select(newer.id)
        .where(
            newer.organization_id == WorkerVersion.organization_id,
            newer.worker_id == WorkerVersion.worker_id,
            newer.number > WorkerVersion.number,
            newer.recorded_at < end,
        )
        .correlate(WorkerVersion)
    )
    changed_since = (
        select(changed.id)
        .where(
            changed.organization_id == WorkerVersion.organization_id,
            changed.worker_id == WorkerVersion.worker_id,
            changed.recorded_at >= end,
        )
        .correlate(WorkerVersion)
    )
    as_they_were = select(
        WorkerVersion.organization_id,
        WorkerVersion.worker_id.label("id"),
        *(getattr(WorkerVersion, name) for name in _COLUMNS),
    ).where(WorkerVersion.recorded_at < end, ~is_last.exists(), changed_since.exists())
    known = union_all(as_they_are, as_they_were).subquery()
    return aliased(Worker, known, adapt_on_names=True)
