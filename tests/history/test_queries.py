from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Engine

from partner_compliance.acts import SYSTEM, Actor
from partner_compliance.database import open_session, writing
from partner_compliance.history.operations import erase, write_acts
from partner_compliance.history.queries import page_of_entries, views_of

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LOG = UUID("0b5f4d3c-0000-4000-8000-000000000001")
OTHER_LOG = UUID("0b5f4d3c-0000-4000-8000-000000000002")


def test_pages_show_the_newest_first_and_follow_on_each_other(engine: Engine, append: Callable[..., None]) -> None:
    append(5)
    append(2, log_id=OTHER_LOG)
    with open_session(engine) as session:
        first = page_of_entries(session, LOG, limit=3)
        second = page_of_entries(session, LOG, limit=3, before_idx=first[-1].idx)
    assert [entry.idx for entry in (*first, *second)] == [4, 3, 2, 1, 0]
    assert {entry.log_id for entry in (*first, *second)} == {LOG}


def test_entries_are_found_by_act_actor_subject_and_time(engine: Engine, append: Callable[..., None]) -> None:
    worker, taro = uuid4(), Actor(uuid4(), "鈴木 太郎", "password")
    append(at=NOON)
    append(name="sheet.submitted", actor=taro, subject_id=worker, at=NOON + timedelta(hours=1))
    append(name="sheets_but_not_those", at=NOON + timedelta(hours=2))
    with open_session(engine) as session:

        def found(**wanted: object) -> list[int]:
            return [entry.idx for entry in page_of_entries(session, LOG, **wanted)]  # type: ignore[arg-type]

        assert found() == [2, 1, 0]
        assert found(act_prefix="sheet.") == found(actor_id=taro.user_id) == found(subject_id=worker) == [1]
        assert found(act_prefix="%") == found(act_prefix="sheet_") == []
        assert found(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=2)) == [1]
        assert page_of_entries(session, LOG, subject_id=worker)[0].actor_name == "鈴木 太郎"


def test_a_worker_sees_who_looked_but_not_the_own_looks(engine: Engine, append: Callable[..., None]) -> None:
    worker, own = uuid4(), Actor(uuid4(), "本人", "password")
    append(name="sheet.viewed", subject_id=worker, actor=own)
    append(name="sheet.viewed", subject_id=worker)
    append(name="sheet.viewed", subject_id=uuid4())
    append(name="sheet.returned", subject_id=worker)
    append(name="sheet.printed", subject_id=worker, actor=Actor(None, "運営", "operator"))
    with open_session(engine) as session:
        seen = views_of(session, LOG, worker, own_user_id=own.user_id)
        assert [(entry.idx, entry.actor_name) for entry in seen] == [(4, "運営"), (1, "山田 花")]
        assert [entry.idx for entry in views_of(session, LOG, worker, own_user_id=None)] == [4, 1, 0]
        assert [entry.idx for entry in views_of(session, LOG, worker, own_user_id=None, limit=1, before_idx=4)] == [1]


def test_an_erased_entry_shows_its_number_time_and_act_only(engine: Engine, append: Callable[..., None]) -> None:
    append(name="sheet.viewed", subject_id=uuid4())
    with writing(engine, write_acts=write_acts) as session:
        erase(session, LOG, 0, by=SYSTEM, now=NOON)
    with open_session(engine) as session:
        [_, entry] = page_of_entries(session, LOG)
    assert (entry.erased, entry.at, entry.act, entry.actor_name, entry.subject_id) == (
        True, NOON, "sheet.viewed", "", None,
    )  # fmt: skip


def test_a_page_costs_one_query_however_long_the_log(
    engine: Engine, append: Callable[..., None], statements: list[str]
) -> None:
    append(30)
    with open_session(engine) as session:
        session.connection()
        del statements[:]
        page_of_entries(session, LOG, limit=30)
        views_of(session, LOG, uuid4(), own_user_id=None)
    assert len([sql for sql in statements if sql.startswith("SELECT")]) == 2
