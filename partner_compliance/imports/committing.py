"""Taking in large rosters in the background: one after the other, each checked with progress, then written at once.

The rows are counted while they are compared; the writing is one transaction, which nobody sees half done. A file of
up to `AT_ONCE` rows never comes here, and when no scheduler runs, the page of progress offers to do the work itself.
"""

import logging
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import Engine, Select, or_, select, update
from sqlalchemy.orm import undefer

from partner_compliance import clock
from partner_compliance.acts import Actor
from partner_compliance.database import open_session, writing
from partner_compliance.errors import Refused
from partner_compliance.history.operations import write_acts
from partner_compliance.imports import operations, queries
from partner_compliance.imports.models import RosterUpload

#: An upload whose work has not moved for so long is taken up anew.
STALE = timedelta(minutes=10)
#: Seconds between two notes of how far an upload has come.
_STEP = 0.5

log = logging.getLogger(__name__)


def is_any_waiting(engine: Engine, *, now: datetime) -> bool:
    """Whether a confirmed roster waits to be taken in."""
    with open_session(engine) as session:
        return session.scalar(_waiting(now).limit(1)) is not None


def work_off(engine: Engine) -> int:
    """Take in every roster that waits, and return how many were tried; several processes may do so at once."""
    tried = 0
    while (job := _take(engine, now=clock.now())) is not None:
        tried += 1
        try:
            _compare(engine, job)
            _write(engine, job)
        except Refused as refusal:
            _give_back(engine, job, refusal.message)
        except Exception:
            # Whatever it was, the next upload must get its turn and the reader an answer.
            log.exception("roster upload %s failed", job.id)
            _give_back(engine, job, "処理中に問題が起きたため、何も取り込んでいません。もう一度お試しください。")
    return tried


def _waiting(now: datetime) -> Select[RosterUpload]:
    return (
        select(RosterUpload)
        .where(
            RosterUpload.finished_at.is_(None),
            RosterUpload.confirmed_at.is_not(None),
            or_(RosterUpload.taken_at.is_(None), RosterUpload.taken_at < now - STALE),
        )
        .order_by(RosterUpload.confirmed_at)
    )


def _take(engine: Engine, *, now: datetime) -> RosterUpload | None:
    if not is_any_waiting(engine, now=now):
        return None
    with writing(engine) as session:
        query = _waiting(now).limit(1).options(undefer(RosterUpload.content)).with_for_update(skip_locked=True)
        job: RosterUpload | None = session.scalar(query)
        if job is not None:
            job.taken_at = now
            job.done = 0
    return job


def _compare(engine: Engine, job: RosterUpload) -> None:
    """Look at all rows once before anything is locked, and tell how far that is."""
    last = monotonic()

    def progress(done: int) -> None:
        nonlocal last
        if monotonic() - last >= _STEP:
            last = monotonic()
            _move(engine, job, done=done)

    today = clock.today()
    with open_session(engine) as session:
        state = queries.state_of(session, job.organization_id, today=today)
    if operations.compare(job, state, today=today, progress=progress).faults:
        raise operations.RosterChanged
    _move(engine, job, done=job.total)


def _write(engine: Engine, job: RosterUpload) -> None:
    with writing(engine, write_acts=write_acts) as session:
        upload = session.get(RosterUpload, (job.organization_id, job.id), with_for_update=True)
        if upload is None or upload.finished_at is not None or upload.taken_at != job.taken_at:
            return  # someone else has done it meanwhile, or it was forgotten
        by = Actor(upload.uploaded_by_id, upload.uploaded_by_name, upload.uploaded_by_strength)
        operations.take_in(session, upload, by=by, now=clock.now())


def _give_back(engine: Engine, job: RosterUpload, failure: str) -> None:
    """Let the uploader look at it anew, with the reason."""
    _move(engine, job, confirmed_at=None, taken_at=None, done=0, failure=failure[:300])


def _move(engine: Engine, job: RosterUpload, **values: Any) -> None:
    """Change the job, in a small transaction of its own, unless someone else has taken it up or done it since."""
    with writing(engine) as session:
        session.execute(
            update(RosterUpload)
            .where(
                RosterUpload.organization_id == job.organization_id,
                RosterUpload.id == job.id,
                RosterUpload.finished_at.is_(None),
                RosterUpload.taken_at == job.taken_at,
            )
            .values(**values)
        )
