"""What happens by itself: all that is due, and nothing twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance import clock
from partner_compliance.accounts.operations import write_mail
from partner_compliance.database import open_session
from partner_compliance.history.models import LogLeaf
from partner_compliance.scheduler import Done, start_scheduler, tick
from partner_compliance.sheets.models import CheckSheet
from tests import factories as make


@pytest.fixture
def center(session):
    center = make.a_center(session, make.an_organization(session, first_month="2026-08"))
    make.a_worker(session, center)
    make.a_worker(session, center, "佐藤 太郎")
    session.commit()
    return center


def months(engine) -> list[str]:
    with open_session(engine) as session:
        return list(session.scalars(select(CheckSheet.month).distinct().order_by(CheckSheet.month)))


def test_a_month_opens_at_midnight_in_japan_of_the_25th(engine, library, settings, center):
    midnight = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

    tick(engine, library, settings, midnight - timedelta(seconds=1))
    assert months(engine) == ["2026-08", "2026-09", "2026-10"]

    assert tick(engine, library, settings, midnight).opened == 2
    assert months(engine)[-1] == "2026-11"


def test_after_some_days_down_everything_is_caught_up_once(engine, library, settings, center, session):
    now = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    write_mail(session, to="a@example.jp", subject="お知らせ", body="本文", now=now - timedelta(days=2))
    session.commit()

    assert tick(engine, library, settings, now) == Done(opened=8, mails_sent=1, days=11)
    assert tick(engine, library, settings, now) == Done()
    assert tick(engine, library, settings, now + timedelta(minutes=1)) == Done()


@pytest.mark.both_engines
def test_two_ticks_at_once_have_one_effect(engine, library, settings, center, session):
    now = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    write_mail(session, to="a@example.jp", subject="お知らせ", body="本文", now=now)
    session.commit()

    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(lambda _: tick(engine, library, settings, now), range(4)))

    assert sum(done.opened for done in rounds) == 8
    assert sum(done.mails_sent for done in rounds) == 1
    with open_session(engine) as reading:
        assert reading.scalar(select(func.count()).select_from(CheckSheet)) == 8
        opened = select(func.count()).select_from(LogLeaf).where(LogLeaf.act == "month.opened")
        assert reading.scalar(opened) == 4
    assert len(list((settings.data_folder / "outbox").iterdir())) == 1


def test_a_worker_who_joins_later_gets_the_open_sheet_at_the_next_tick(engine, library, settings, center, session):
    now = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    tick(engine, library, settings, now)
    make.a_worker(session, center, "新人 一郎", joined_on=clock.local_date(now), registered_at=now)
    session.commit()

    assert tick(engine, library, settings, now + timedelta(minutes=1)).opened == 1


def test_the_embedded_scheduler_works_survives_failures_and_stops(engine, library, settings, center, monkeypatch):
    from partner_compliance import scheduler as module

    failed = []

    def fail(*_arguments, **_named):
        failed.append(True)
        raise RuntimeError("the database is away")

    monkeypatch.setattr(module, "MAIL_EVERY", 0.02)
    monkeypatch.setattr(module, "TICK_EVERY", 0.02)
    real = module.tick
    monkeypatch.setattr(module, "tick", fail)
    running = start_scheduler(engine, library, settings)
    second = start_scheduler(engine, library, settings)
    _until(lambda: failed)
    monkeypatch.setattr(module, "tick", real)
    _until(lambda: months(engine))
    running.stop()
    second.stop()

    assert not running._thread.is_alive()
    assert not second._thread.is_alive()


def _until(condition) -> None:
    import time

    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.both_engines
def test_the_accounts_of_those_whose_last_day_has_passed_are_closed_once(engine, library, settings, center, session):
    user, worker = make.someone(session, center, name="去 年子")
    worker.left_on = datetime(2026, 11, 26, tzinfo=UTC).date()
    session.commit()
    midnight = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)

    assert tick(engine, library, settings, midnight - timedelta(seconds=1)).closed == 0
    assert tick(engine, library, settings, midnight, thorough=False).closed == 0
    assert tick(engine, library, settings, midnight).closed == 1
    assert tick(engine, library, settings, midnight + timedelta(hours=1)).closed == 0

    session.refresh(user)
    assert user.deactivated_at == midnight
    assert session.scalars(select(LogLeaf.act).where(LogLeaf.act == "account.closed")).all() == ["account.closed"]
