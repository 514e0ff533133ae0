"""Making binders in the background: one job after the other, each told of as it goes, each finished or failed."""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Engine, Select, or_, select, update

from partner_compliance import clock
from partner_compliance.database import open_session, writing
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center
from partner_compliance.sheets import queries
from partner_compliance.sheets.models import BinderJob
from partner_compliance.sheets.paper import binder_pdf

#: A job whose maker has not been heard of for so long is taken up anew.
STALE = timedelta(minutes=10)
#: Seconds between two notes of how far a job has come.
_STEP = 1.0

log = logging.getLogger(__name__)


class TakenAway(Exception):
    """Someone else has taken up the job meanwhile."""


def is_any_waiting(engine: Engine, *, now: datetime) -> bool:
    """Whether a binder waits to be made."""
    with open_session(engine) as session:
        return session.scalar(_waiting(now).limit(1)) is not None


def make_binders(engine: Engine, library: Library) -> int:
    """Make every binder that waits, and return how many were tried; several processes may do so at once."""
    tried = 0
    while (job := _take(engine, now=clock.now())) is not None:
        tried += 1
        try:
            _finish(engine, job, pdf=_make(engine, library, job))
        except TakenAway:
            continue
        except Exception:
            # Whatever it was, the next job must get its turn and the reader an answer.
            log.exception("binder %s failed", job.id)
            _finish(
                engine,
                job,
                failure="綴りを作成できませんでした。もう一度作成してください。続くときは運営にお知らせください。",
            )
    return tried


def _waiting(now: datetime) -> Select[BinderJob]:
    return (
        select(BinderJob)
        .where(
            BinderJob.finished_at.is_(None),
            or_(BinderJob.taken_at.is_(None), BinderJob.taken_at < now - STALE),
        )
        .order_by(BinderJob.requested_at)
    )


def _take(engine: Engine, *, now: datetime) -> BinderJob | None:
    if not is_any_waiting(engine, now=now):
        return None
    with writing(engine) as session:
        job: BinderJob | None = session.scalar(_waiting(now).limit(1).with_for_update(skip_locked=True))
        if job is not None:
            job.taken_at = now
            job.done = 0
    return job


def _make(engine: Engine, library: Library, job: BinderJob) -> bytes:
    with open_session(engine) as session:
        center = session.get_one(Center, (job.organization_id, job.center_id))
        stories = queries.stories_of_month(session, center, job.month)
    last = monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal last
        if done == total or monotonic() - last >= _STEP:
            last = monotonic()
            _move(engine, job, done=min(done, job.total), taken_at=clock.now())

    return binder_pdf(stories, library, center, job.month, made_at=clock.now(), progress=progress)


def _finish(engine: Engine, job: BinderJob, **values: Any) -> None:
    try:
        done = {} if "failure" in values else {"done": job.total}
        _move(engine, job, finished_at=clock.now(), **done, **values)
    except TakenAway:
        log.warning("binder %s was made by someone else meanwhile", job.id)


def _move(engine: Engine, job: BinderJob, **values: Any) -> None:
    """Change the job, in a small transaction of its own, unless someone else has taken it up since."""
    with writing(engine) as session:
        moved = session.execute(
            update(BinderJob)
            .where(
                BinderJob.organization_id == job.organization_id,
                BinderJob.id == job.id,
                BinderJob.finished_at.is_(None),
                BinderJob.taken_at == job.taken_at,
            )
            .values(**values)
        )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise TakenAway
    job.taken_at = values.get("taken_at", job.taken_at)
