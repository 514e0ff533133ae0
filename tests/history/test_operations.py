from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from partner_compliance.acts import PLATFORM_LOG, SYSTEM, Act, record, waiting
from partner_compliance.database import open_session, writing
from partner_compliance.history.entries import parse
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.history.operations import (
    EntryAlreadyErased,
    EntryNotFound,
    LogNotOpen,
    erase,
    open_log,
    write_acts,
)
from partner_compliance.history.tree import append as append_leaf
from partner_compliance.history.tree import leaf_hash
from partner_compliance.history.verification import verify_all, verify_log

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LOG = UUID("0b5f4d3c-0000-4000-8000-000000000001")
OTHER_LOG = UUID("0b5f4d3c-0000-4000-8000-000000000002")

Writer = Callable[[], AbstractContextManager[Session]]


def leaves(engine: Engine, log_id: UUID = LOG) -> list[LogLeaf]:
    with open_session(engine) as session:
        return list(session.scalars(select(LogLeaf).filter_by(log_id=log_id).order_by(LogLeaf.idx)))


def state(engine: Engine, log_id: UUID = LOG) -> LogState:
    with open_session(engine) as session:
        return session.get_one(LogState, log_id)


def test_a_new_log_is_empty_and_named_after_its_owner(engine: Engine) -> None:
    assert (state(engine).origin, state(engine).size, state(engine).range, state(engine).last_at) == (
        f"organization/{LOG}", 0, [], None,
    )  # fmt: skip


def test_an_act_becomes_an_entry_with_its_leaf_and_columns(
    engine: Engine, write: Writer, an_act: Callable[..., Act]
) -> None:
    worker = uuid4()
    with write() as session:
        record(session, an_act("sheet.viewed", subject_id=worker, details={"month": "2026-11"}))
        record(session, an_act("sheet.printed", subject_id=worker))
    first, second = leaves(engine)
    assert first.entry is not None
    assert second.entry is not None
    assert first.leaf == leaf_hash(first.entry.encode())
    assert (first.idx, first.at, first.act, first.actor_id, first.subject_id) == (
        0, NOON, "sheet.viewed", an_act().actor.user_id, worker,
    )  # fmt: skip
    assert parse(first.entry).details == {"month": "2026-11"}
    subtrees: list[bytes] = []
    append_leaf(subtrees, 0, first.leaf)
    append_leaf(subtrees, 1, second.leaf)
    assert (state(engine).size, state(engine).range, state(engine).last_at) == (2, [subtrees[0].hex()], NOON)


def test_equal_acts_have_different_leaves(engine: Engine, append: Callable[..., None]) -> None:
    append()
    append()
    first, second = leaves(engine)
    assert first.leaf != second.leaf


def test_one_transaction_may_write_into_several_logs(engine: Engine, write: Writer, an_act: Callable[..., Act]) -> None:
    with write() as session:
        for log_id in (OTHER_LOG, LOG, OTHER_LOG):
            record(session, an_act(log_id=log_id))
    assert (state(engine).size, state(engine, OTHER_LOG).size) == (1, 2)


def test_an_act_for_a_log_that_was_never_opened_stops_the_commit(
    engine: Engine, write: Writer, an_act: Callable[..., Act]
) -> None:
    with write() as session:
        record(session, an_act())
        record(session, an_act(log_id=uuid4()))
        for _ in range(2):  # nobody gets the change through by trying again
            with pytest.raises(LogNotOpen):
                session.commit()
        session.rollback()
    assert leaves(engine) == []


@pytest.mark.parametrize("kind", ["organization", "municipality"])
def test_the_act_that_creates_an_owner_opens_its_log(
    engine: Engine, write: Writer, an_act: Callable[..., Act], kind: str
) -> None:
    created = uuid4()
    with write() as session:
        record(session, an_act(f"{kind}.created", log_id=created, object_kind=kind, object_id=created))
        record(session, an_act("role.granted", log_id=created))
    assert (state(engine, created).origin, state(engine, created).size) == (f"{kind}/{created}", 2)
    with open_session(engine) as session:
        assert verify_log(session, created, {}).ok


def test_creating_one_owner_does_not_open_the_log_of_another(write: Writer, an_act: Callable[..., Act]) -> None:
    with write() as session:
        record(session, an_act("organization.created", log_id=uuid4(), object_id=uuid4()))
        with pytest.raises(LogNotOpen):
            session.commit()
        session.rollback()


def test_a_rolled_back_act_leaves_neither_entry_nor_gap(
    engine: Engine, write: Writer, append: Callable[..., None], an_act: Callable[..., Act]
) -> None:
    append()
    with write() as session:
        record(session, an_act("sheet.submitted"))
        session.rollback()
        assert waiting(session) == []
    with write() as session:
        record(session, an_act("sheet.submitted"))
        write_acts(session)  # written, and rolled back all the same
        session.rollback()
    append()
    assert [(leaf.idx, leaf.act) for leaf in leaves(engine)] == [(0, "account.signed_in"), (1, "account.signed_in")]
    with open_session(engine) as session:
        assert verify_log(session, LOG, {}).ok


def test_a_session_without_history_refuses_to_commit_acts(engine: Engine, an_act: Callable[..., Act]) -> None:
    def forget() -> None:
        with writing(engine) as session:
            record(session, an_act())

    with pytest.raises(RuntimeError, match="no history"):
        forget()


def test_time_never_runs_backwards_in_a_log_even_when_the_clock_steps_back_twelve_hours(
    engine: Engine, append: Callable[..., None]
) -> None:
    append(at=NOON)
    append(at=NOON - timedelta(hours=12))
    append(at=NOON + timedelta(seconds=1))
    stored = leaves(engine)
    entries = [parse(leaf.entry or "") for leaf in stored]
    assert [leaf.at for leaf in stored] == [NOON, NOON, NOON + timedelta(seconds=1)]
    assert [entry.details for entry in entries] == [{}, {"clock_stepped_back": True}, {}]


def test_a_transaction_that_waited_for_its_turn_is_not_blamed_on_the_clock(
    engine: Engine, append: Callable[..., None]
) -> None:
    append(at=NOON)
    append(at=NOON - timedelta(seconds=15))
    assert [parse(leaf.entry or "").details for leaf in leaves(engine)] == [{}, {}]


def test_sixteen_threads_leave_a_contiguous_log_whose_tree_fits(engine: Engine, an_act: Callable[..., Act]) -> None:
    def work(thread: int) -> None:
        for number in range(12):
            with writing(engine, write_acts=write_acts) as session:
                at = NOON + timedelta(milliseconds=number * 16 + thread)
                record(session, an_act(at=at, details={"thread": thread, "number": number}))
                if number % 3 == 0:
                    record(session, an_act(log_id=OTHER_LOG, at=at))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(16)))
    assert [leaf.idx for leaf in leaves(engine)] == list(range(16 * 12))
    with open_session(engine) as session:
        verdicts = verify_all(session, {})
    assert [(verdict.size, verdict.problems) for verdict in verdicts] == [(192, ()), (64, ())]


def test_writing_costs_a_constant_number_of_statements(
    engine: Engine, write: Writer, an_act: Callable[..., Act], statements: list[str]
) -> None:
    counts = []
    for count in (1, 40):
        with write() as session:
            session.connection()
            del statements[:]
            for _ in range(count):
                record(session, an_act())
            write_acts(session)
            counts.append(len(statements))
    assert counts == [3, 3]


def test_erasing_an_entry_leaves_its_leaf_time_and_act_and_is_itself_an_entry(
    engine: Engine, write: Writer, append: Callable[..., None]
) -> None:
    append(3, subject_id=uuid4())
    leaf = leaves(engine)[1].leaf
    with write() as session:
        erase(session, LOG, 1, by=SYSTEM, now=NOON)
    erased, last = leaves(engine)[1], leaves(engine)[3]
    assert (erased.entry, erased.actor_id, erased.subject_id) == (None, None, None)
    assert (erased.leaf, erased.act) == (leaf, "account.signed_in")
    assert last.act == "history.erased"
    with open_session(engine) as session:
        verdict = verify_log(session, LOG, {})
    assert (verdict.ok, verdict.size, verdict.erased, verdict.unexplained) == (True, 4, 1, 0)


def test_what_is_not_there_cannot_be_erased(write: Writer, append: Callable[..., None]) -> None:
    append()
    with write() as session:
        with pytest.raises(EntryNotFound):
            erase(session, LOG, 5, by=SYSTEM, now=NOON)
        erase(session, LOG, 0, by=SYSTEM, now=NOON)
        with pytest.raises(EntryAlreadyErased):
            erase(session, LOG, 0, by=SYSTEM, now=NOON)


def test_the_log_of_the_platform_is_one_like_the_others(
    engine: Engine, write: Writer, append: Callable[..., None]
) -> None:
    with write() as session:
        open_log(session, PLATFORM_LOG, "platform", now=NOON)
    append(2, log_id=PLATFORM_LOG)
    with open_session(engine) as session:
        assert session.scalar(select(func.count()).select_from(LogState)) == 3
        assert all(verdict.ok for verdict in verify_all(session, {}))


def test_content_is_bound_by_its_digest_and_not_kept(engine: Engine, append: Callable[..., None]) -> None:
    content: dict[str, Any] = {"answers": {"1-2": "ok"}}
    append(content=content, object_kind="sheet_version", object_id=LOG)
    assert "answers" not in (leaves(engine)[0].entry or "")
