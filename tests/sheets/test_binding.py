"""Binders in the background: made once, told of as they grow, failed in words."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import undefer

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.database import open_session
from partner_compliance.sheets import binding, operations
from partner_compliance.sheets.models import BinderJob, CheckSheet
from tests import factories as make
from tests.conftest import NOON


@pytest.fixture
def job(session, library):
    center = make.a_center(session, make.an_organization(session, first_month="2026-10"))
    head, _ = make.someone(session, center, Role.CENTER_HEAD, name="長 一郎")
    user, worker = make.someone(session, center, name="髙橋 花子")
    session.commit()
    operations.open_months(session, library, now=NOON)
    sheet = session.scalars(select(CheckSheet).where(CheckSheet.worker_id == worker.id)).one()
    checklist = library.edition_for("take-out", "2026-10")
    by = make.principal_of(session, user)
    operations.submit(session, sheet, checklist, make.all_fine(checklist), by=by, now=NOON)
    job = operations.request_binder(session, center, "2026-10", by=make.principal_of(session, head), now=NOON)
    session.commit()
    return job


def as_kept(engine, job) -> BinderJob:
    with open_session(engine) as session:
        return session.scalars(select(BinderJob).where(BinderJob.id == job.id).options(undefer(BinderJob.pdf))).one()


@pytest.mark.both_engines
def test_a_binder_is_made_once(engine, library, job):
    assert binding.make_binders(engine, library) == 1
    assert binding.make_binders(engine, library) == 0

    kept = as_kept(engine, job)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(kept.pdf)).pages)
    assert "髙橋 花子" in text
    assert (kept.done, kept.total, kept.failure) == (1, 1, None)


def test_a_failure_is_told_in_words_and_the_next_job_gets_its_turn(engine, library, job, monkeypatch):
    def fail(*_arguments, **_named):
        raise MemoryError

    monkeypatch.setattr(binding, "binder_pdf", fail)

    assert binding.make_binders(engine, library) == 1
    kept = as_kept(engine, job)
    assert kept.finished_at is not None
    assert "作成できませんでした" in kept.failure


def test_a_job_left_behind_is_taken_up_anew_and_its_first_maker_changes_nothing(engine, library, job):
    left_at = clock.now() - binding.STALE - timedelta(seconds=1)
    first = binding._take(engine, now=left_at)
    assert first is not None
    assert binding._take(engine, now=left_at + binding.STALE) is None

    second = binding._take(engine, now=clock.now())
    assert second is not None
    binding._finish(engine, first, pdf=b"from the first")
    assert as_kept(engine, job).finished_at is None

    binding._finish(engine, second, pdf=b"from the second")
    assert as_kept(engine, job).pdf == b"from the second"
