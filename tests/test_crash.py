"""The power goes (F01): whatever was acknowledged is kept, nothing is half done, and the history tells of all of it."""

import http.client
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.config import Settings
from partner_compliance.database import open_session
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.verification import verify_all
from partner_compliance.library.shelf import Library
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.sheets import operations
from partner_compliance.sheets.models import CheckSheet, EventKind, MonthTally, SheetDraft, SheetEvent, SheetVersion
from tests.factories import a_center, all_fine, an_organization, as_form, someone
from tests.server import Server, Ticket, serving, ticket_of

ROUNDS = 12
WORKERS = 4


@pytest.fixture
def submitters(app: Flask, session: Session, library: Library) -> list[tuple[CheckSheet, Ticket]]:
    """Four workers whose sheets are submitted once, so that each can send correction after correction."""
    now = clock.now()
    month = clock.month_after(clock.month_of(clock.local_date(now)), -1)
    organization = an_organization(session, first_month=month)
    center = a_center(session, organization)
    people = [someone(session, center, name=f"従事者 {number}") for number in range(WORKERS)]
    operations.open_months(session, library, now=now)
    session.commit()
    found = []
    for user, worker in people:
        query = select(CheckSheet).where(CheckSheet.worker_id == worker.id, CheckSheet.month == month)
        found.append((session.scalars(query).one(), ticket_of(app, user)))
    session.rollback()
    return found


class Correspondent(threading.Thread):
    """Sends corrections of one sheet until the server is gone; remembers which were acknowledged."""

    def __init__(self, server: Server, sheet: CheckSheet, ticket: Ticket, library: Library, name: str) -> None:
        super().__init__(daemon=True)
        self.server, self.sheet, self.ticket, self.label = server, sheet, ticket, name
        self.checklist = library.checklist(sheet.checklist_key, sheet.edition)
        self.sent: list[str] = []
        self.acknowledged: list[str] = []

    def run(self) -> None:
        connection = self.server.connect(timeout=10)
        try:
            for number in range(1000):
                reason = f"{self.label}-{number}"
                form = as_form(all_fine(self.checklist), act="submit", based_on="0", reason=reason)
                body = urlencode({**form, "csrf_token": self.ticket.token})
                self.sent.append(reason)
                connection.request("POST", f"/sheets/{self.sheet.id}/correction", body, self.ticket.headers)
                response = connection.getresponse()
                response.read()
                assert response.status == 303, response.status
                self.acknowledged.append(reason)
        except (OSError, http.client.HTTPException):
            pass  # the server is gone
        finally:
            connection.close()


def test_what_was_acknowledged_before_the_power_went_is_kept_whole(
    engine: Engine,
    settings: Settings,
    submitters: list[tuple[CheckSheet, Ticket]],
    library: Library,
    session: Session,
    tmp_path: Path,
) -> None:
    _submit_first(session, submitters, library)
    acknowledged: set[str] = set()
    sent: set[str] = set()
    for number in range(ROUNDS):
        with serving(settings, tmp_path / "temporary") as server:
            threads = [
                Correspondent(server, sheet, ticket, library, f"{number}-{at}")
                for at, (sheet, ticket) in enumerate(submitters)
            ]
            for thread in threads:
                thread.start()
            # Sometimes in the middle of the first, sometimes after many.
            time.sleep(0.03 + 0.05 * number)
            server.kill()
            for thread in threads:
                thread.join(15)
        acknowledged |= {reason for thread in threads for reason in thread.acknowledged}
        sent |= {reason for thread in threads for reason in thread.sent}
        _nothing_is_half_done(engine, acknowledged, sent)
    assert acknowledged, "the server never got to answer anything"
    assert sent - acknowledged, "it was never killed in the middle"


def _submit_first(session: Session, submitters: list[tuple[CheckSheet, Ticket]], library: Library) -> None:
    from partner_compliance.accounts.models import User
    from partner_compliance.organizations.models import Worker
    from tests.factories import principal_of

    for sheet, _ in submitters:
        kept = session.get_one(CheckSheet, (sheet.organization_id, sheet.id))
        worker = session.get_one(Worker, (sheet.organization_id, sheet.worker_id))
        by = principal_of(session, session.get_one(User, worker.user_id), now=clock.now())
        checklist = library.checklist(sheet.checklist_key, sheet.edition)
        operations.submit(session, kept, checklist, all_fine(checklist), by=by, now=clock.now())
    session.commit()


def _nothing_is_half_done(engine: Engine, acknowledged: set[str], sent: set[str]) -> None:
    with open_session(engine) as session:
        verdicts = verify_all(session, LOGGED_CONTENTS)
        assert [verdict.problems for verdict in verdicts if not verdict.ok] == []
        reasons = set(session.scalars(select(SheetVersion.reason).where(SheetVersion.reason != "")))
        assert acknowledged <= reasons, f"lost: {acknowledged - reasons}"
        assert reasons <= sent
        versions = session.scalar(select(func.count()).select_from(SheetVersion))
        events = session.scalar(select(func.count()).where(SheetEvent.kind == EventKind.SUBMITTED))
        logged = session.scalar(select(func.count()).where(LogLeaf.act.in_(("sheet.submitted", "sheet.corrected"))))
        assert versions == events == logged
        assert session.scalar(select(func.count()).select_from(SheetDraft)) == 0
        tally = session.scalars(select(MonthTally).where(MonthTally.submitted > 0)).one()
        assert (tally.submitted, tally.awaiting) == (WORKERS, WORKERS)
        for sheet_id in session.scalars(select(SheetVersion.sheet_id).distinct()):
            numbers = session.scalars(
                select(SheetVersion.number).where(SheetVersion.sheet_id == sheet_id).order_by(SheetVersion.number)
            ).all()
            assert list(numbers) == list(range(1, len(numbers) + 1))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
