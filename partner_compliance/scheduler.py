"""What happens by itself: months open, mails go out, what is old is forgotten, binders are made.

`tick` does all that is due at a moment, and nothing twice however often or by however many it is called. The thread
of the embedded server calls it every minute; at scale a timer runs `partner-compliance tick`.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.accounts import closing, delivery
from partner_compliance.accounts import operations as accounts
from partner_compliance.config import Settings
from partner_compliance.database import open_session, writing
from partner_compliance.history.operations import write_acts
from partner_compliance.imports import committing
from partner_compliance.imports import operations as imports
from partner_compliance.invitations import operations as invitations
from partner_compliance.library.shelf import Library
from partner_compliance.locks import FileLock
from partner_compliance.readiness import snapshots, standing
from partner_compliance.registrations import operations as registrations
from partner_compliance.sheets import binding
from partner_compliance.sheets import operations as sheets

#: Seconds between two looks into the mail queue, and between two ticks.
MAIL_EVERY = 5.0
TICK_EVERY = 60.0
#: How often a tick looks far back and throws away what is old; that holds up writers for a moment.
_THOROUGH_EVERY = timedelta(hours=1)
#: Of so many organizations levels are counted in one go.
_LEVELS_AT_ONCE = 500
#: Of so many missed days a tick inside a server keeps the levels: it must not hold up the end of the server.
_FEW_DAYS = 5
#: The number of the lock under which PostgreSQL lets one tick run at a time ("tick" as a number).
_TICK_LOCK = 0x7469636B

log = logging.getLogger(__name__)

MakeBinders = Callable[[], int]


@dataclass(frozen=True)
class Done:
    """What a tick did: sheets opened, mails sent and failed, binders made, rosters taken in, accounts closed, levels
    counted for the lists of municipalities, days of which levels were kept.

    `skipped` when another tick was running.
    """

    opened: int = 0
    mails_sent: int = 0
    mails_failed: int = 0
    binders: int = 0
    closed: int = 0
    imports: int = 0
    standings: int = 0
    days: int = 0
    skipped: bool = False

    def as_json(self) -> dict[str, int | bool]:
        """The counts by name."""
        return asdict(self)


def tick(
    engine: Engine,
    library: Library,
    settings: Settings,
    now: datetime,
    *,
    thorough: bool = True,
    make_binders: MakeBinders | None = None,
    most_days: int = 31,
) -> Done:
    """Do all that is due at `now`, each piece in a transaction of its own; a second tick at once does nothing twice.

    A `thorough` tick also looks for months missed long ago, closes the accounts of those who left, and throws away
    what is old; the thread of the embedded server does so once an hour, and in between looks at the last two months.
    Levels of days that were missed are kept of `most_days` at a time.
    """
    with _alone(engine) as is_alone:
        if not is_alone:
            return Done(skipped=True)
        opened = _open_months(engine, library, now, sheets.CATCH_UP_MONTHS if thorough else 2)
        closed = 0
        if thorough:
            closed = _close_accounts(engine, now)
            with writing(engine) as session:
                accounts.forget_old(session, now=now)
                invitations.forget_addresses(session, now=now)
                sheets.forget_binders(session, now=now)
                registrations.forget_drafts(session, now=now)
                imports.forget_uploads(session, now=now)
        mails = delivery.deliver(engine, settings, now=now)
        binders = make_binders() if make_binders else binding.make_binders(engine, library)
        taken_in = committing.work_off(engine)
        standings = _count_levels(engine, library, now)
        days = snapshots.take_days(engine, library, now, most=most_days)
    return Done(opened, mails.sent, mails.failed, binders, closed, taken_in, standings, days)


def _open_months(engine: Engine, library: Library, now: datetime, catch_up: int) -> int:
    """Open what is due, taking a place among the writers only when something is.

    Mostly there is nothing to open: then this only reads. On SQLite a reading transaction that begins to write
    is refused when someone else has written meanwhile; it then starts again as a writer.
    """
    try:
        with open_session(engine, write_acts=write_acts) as session:
            opened = sheets.open_months(session, library, now=now, catch_up=catch_up)
            if opened:
                session.commit()
            return opened
    except OperationalError:
        with writing(engine, write_acts=write_acts) as session:
            return sheets.open_months(session, library, now=now, catch_up=catch_up)


def _close_accounts(engine: Engine, now: datetime) -> int:
    """Close the accounts of those whose last day has passed, taking a place among the writers only when there are any.

    Their roles stopped counting at midnight; this ends what is left of them.
    """
    today = clock.local_date(now)
    with open_session(engine) as session:
        if not closing.is_anyone_to_close(session, today=today):
            return 0
    with writing(engine, write_acts=write_acts) as session:
        return closing.close_those_who_left(session, today=today, now=now)


def _count_levels(engine: Engine, library: Library, now: datetime) -> int:
    """Count the levels of today for the lists of municipalities, after midnight and for new partners.

    Counting takes seconds and only reads; a place among the writers is taken for keeping what was counted.
    """
    today = clock.local_date(now)
    with open_session(engine) as session:
        waiting = standing.waiting(session, library, today)
    for start in range(0, len(waiting), _LEVELS_AT_ONCE):
        with open_session(engine) as session:
            found = standing.counted(session, library, today, waiting[start : start + _LEVELS_AT_ONCE], now=now)
        with writing(engine) as session:
            standing.keep(session, found)
    return len(waiting)


def open_at_once(session: Session, library: Library, now: datetime) -> int:
    """Open what is due, for someone who has just joined, in their own transaction; returns how many sheets.

    When a tick is running at this very moment it opens them, or the next one does.
    """
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(
        select(func.pg_try_advisory_xact_lock(_TICK_LOCK))
    ):
        return 0
    return sheets.open_months(session, library, now=now, catch_up=2)


@contextmanager
def _alone(engine: Engine) -> Iterator[bool]:
    """Whether no other tick is running on this database; SQLite's queue of writers is enough there."""
    if engine.dialect.name != "postgresql":
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _TICK_LOCK}))
        try:
            yield got
        finally:
            if got:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _TICK_LOCK})


# --- inside the server ------------------------------------------------------------------------------------------


class Scheduler:
    """The thread that ticks inside a server process; of several processes on one machine only one ticks."""

    def __init__(self, engine: Engine, library: Library, settings: Settings) -> None:
        self._engine = engine
        self._library = library
        self._settings = settings
        self._stop = threading.Event()
        self._binders: subprocess.Popen[bytes] | None = None
        self._thorough_at: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin ticking."""
        self._thread.start()

    def stop(self, *, wait: float = 10.0) -> None:
        """End ticking; a mail on its way is sent first, if that takes no longer than `wait` seconds."""
        self._stop.set()
        self._thread.join(wait)

    def _run(self) -> None:
        place = FileLock(self._settings.data_folder / "scheduler.lock")
        next_tick = 0.0
        while not self._stop.is_set():
            try:
                if not place.acquire():
                    self._stop.wait(MAIL_EVERY)
                    continue
                if monotonic() >= next_tick:
                    next_tick = monotonic() + TICK_EVERY
                    self._tick(clock.now())
                elif delivery.is_any_due(self._engine, clock.now()):
                    delivery.deliver(self._engine, self._settings)
                committing.work_off(self._engine)
                self.start_binders()
            except Exception:
                # Nothing that fails now may keep the next minute from its work.
                log.exception("the scheduler failed and will try again")
            self._stop.wait(MAIL_EVERY)
        place.release()

    def _tick(self, now: datetime) -> None:
        thorough = self._thorough_at is None or abs(now - self._thorough_at) >= _THOROUGH_EVERY
        done = tick(
            self._engine, self._library, self._settings, now, thorough=thorough, make_binders=self.start_binders,
            most_days=_FEW_DAYS,
        )  # fmt: skip
        if thorough and not done.skipped:
            self._thorough_at = now
        if done.opened:
            log.info("opened %d sheets", done.opened)

    def start_binders(self) -> int:
        """Start a process that makes the binders that wait: it needs much memory, which it takes along at its end."""
        if self._binders is not None and self._binders.poll() is None:
            return 0
        self._binders = None
        if not binding.is_any_waiting(self._engine, now=clock.now()):
            return 0
        self._binders = subprocess.Popen(
            [sys.executable, "-m", "partner_compliance", "binders"],
            env={**os.environ, "DATABASE_URL": self._settings.database_url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        return 1


def start_scheduler(engine: Engine, library: Library, settings: Settings) -> Scheduler:
    """Let a server process tick from now on."""
    scheduler = Scheduler(engine, library, settings)
    scheduler.start()
    return scheduler
