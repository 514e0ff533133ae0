import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Uuid, bindparam, text
from sqlalchemy.orm import Session

from partner_compliance.acts import SYSTEM, record
from partner_compliance.database import open_session, writing
from partner_compliance.history.entries import canonical
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import erase, write_acts
from partner_compliance.history.tree import append as append_leaf
from partner_compliance.history.tree import leaf_hash
from partner_compliance.history.verification import ContentReader, Verdict, verify_all, verify_log

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LOG = UUID("0b5f4d3c-0000-4000-8000-000000000001")
OTHER_LOG = UUID("0b5f4d3c-0000-4000-8000-000000000002")


class Notes:
    """A table of notes, in memory: what a room's reader does for its rows."""

    def __init__(self) -> None:
        self.rows: dict[UUID, Mapping[str, Any] | None] = {}

    def __call__(self, _session: Session, _log_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any] | None]:
        return {row_id: self.rows[row_id] for row_id in ids if row_id in self.rows}

    def ids(self, _session: Session, log_id: UUID) -> Iterable[UUID]:
        return list(self.rows) if log_id == LOG else []


def verify(engine: Engine, **contents: ContentReader) -> Verdict:
    with open_session(engine) as session:
        return verify_log(session, LOG, contents)


def rules(verdict: Verdict) -> list[tuple[int | None, str]]:
    return [(problem.idx, problem.rule) for problem in verdict.problems]


def rebuild(engine: Engine, change: Callable[[list[dict[str, Any]]], None], by_hand: Callable[..., None]) -> None:
    """What an operator can do: change the entries, then recompute leaves, columns and state as if nothing had been."""
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT entry FROM log_leaf ORDER BY log_id, idx")).scalars()
        entries = [entry for entry in map(json.loads, stored) if entry["log"] == str(LOG)]
    change(entries)
    by_hand("DELETE FROM log_leaf WHERE act = 'account.signed_in'")
    subtrees: list[bytes] = []
    with engine.execution_options(writes=True).begin() as connection:
        for idx, entry in enumerate(entries):
            written = canonical(entry)
            leaf = leaf_hash(written.encode())
            append_leaf(subtrees, idx, leaf)
            at = datetime.fromtimestamp(entry["at"] / 1000, UTC)
            actor = UUID(entry["actor"]["id"])
            connection.execute(
                LogLeaf.__table__.insert().values(  # type: ignore[attr-defined]
                    log_id=LOG, idx=idx, leaf=leaf, entry=written, at=at, act=entry["act"], actor_id=actor
                )
            )
        connection.execute(
            text("UPDATE log_state SET size = :size, range = :range WHERE log_id = :log").bindparams(
                bindparam("log", LOG, Uuid())
            ),
            {"size": len(entries), "range": json.dumps([subtree.hex() for subtree in subtrees])},
        )


def test_an_honest_log_is_found_in_order(engine: Engine, append: Callable[..., None]) -> None:
    append(20)
    verdict = verify(engine)
    assert (verdict.ok, verdict.size, verdict.erased, verdict.problems) == (True, 20, 0, ())


def test_an_empty_log_is_in_order(engine: Engine) -> None:
    assert verify(engine).ok


def test_a1_an_edited_entry_is_named(engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]) -> None:
    append(6)
    by_hand("UPDATE log_leaf SET entry = replace(entry, '山田', '山口') WHERE idx = 3")
    assert rules(verify(engine)) == [(3, "leaf")]


def test_a2_an_entry_edited_together_with_its_leaf_is_found_in_its_part_of_the_tree(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(7)
    with engine.connect() as connection:
        entry = connection.execute(text("SELECT entry FROM log_leaf WHERE idx = 5")).scalar_one()
    forged = entry.replace("山田", "山口")
    by_hand("UPDATE log_leaf SET entry = :entry, leaf = :leaf WHERE idx = 5", entry=forged,
            leaf=leaf_hash(forged.encode()))  # fmt: skip
    verdict = verify(engine)
    assert rules(verdict) == [(4, "tree")]
    assert "4から5まで" in verdict.problems[0].message


def test_a3_a_log_rewritten_as_a_whole_passes_until_somebody_holds_an_earlier_root(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(5)
    rebuild(engine, lambda entries: entries[2].update(before="x"), by_hand)
    assert verify(engine).ok


def test_a4_entries_cut_off_at_the_end_are_missed(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(6)
    by_hand("DELETE FROM log_leaf WHERE idx >= 4")
    assert rules(verify(engine)) == [(4, "size")]


def test_a5_an_entry_taken_out_of_the_middle_is_missed(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(6)
    by_hand("DELETE FROM log_leaf WHERE idx = 2")
    assert rules(verify(engine)) == [(2, "gap")]


def test_a5_entries_renumbered_after_one_was_taken_out_tell_their_old_number(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(6)
    rebuild(engine, lambda entries: entries.pop(2), by_hand)  # type: ignore[arg-type, return-value]
    assert rules(verify(engine)) == [(2, "place"), (3, "place"), (4, "place")]


def test_a8_an_entry_older_than_its_predecessor_is_named_however_well_it_was_written(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(6)
    rebuild(engine, lambda entries: entries[4].update(at=entries[4]["at"] - 60_000), by_hand)
    assert rules(verify(engine)) == [(4, "time")]


def test_a11_an_entry_of_another_log_is_named(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(6)
    rebuild(engine, lambda entries: entries[4].update(log=str(OTHER_LOG)), by_hand)
    assert rules(verify(engine)) == [(4, "place")]


def test_a12_an_erased_entry_is_allowed_and_counted(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(6)
    by_hand("UPDATE log_leaf SET entry = NULL WHERE idx = 2")
    verdict = verify(engine)
    assert (verdict.ok, verdict.erased, verdict.unexplained) == (True, 1, 1)


def test_an_entry_appended_past_the_state_is_named(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(4)
    by_hand("INSERT INTO log_leaf (log_id, idx, leaf, entry, at, act) "
            "SELECT log_id, 4, leaf, entry, at, act FROM log_leaf WHERE idx = 3")  # fmt: skip
    assert rules(verify(engine))[0] == (4, "place")
    assert (4, "size") in rules(verify(engine))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("size = 3", (3, "size")),
        ("size = 9", (5, "size")),
        ("range = '[]'", (None, "tree")),
        ("range = '[1, 2]'", (0, "tree")),
        ("last_at = '2026-11-24 00:00:00.000000'", (None, "state")),
        ("origin = 'organization/x'", (None, "state")),
        ("kind = 'platform'", (None, "state")),
    ],
)
def test_a_changed_state_is_found(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None], change: str, rule: tuple[int, str]
) -> None:
    append(5)
    by_hand(f"UPDATE log_state SET {change} WHERE kind = 'organization'")
    assert rules(verify(engine))[0] == rule


def test_a_log_without_state_is_found(
    engine: Engine, append: Callable[..., None], by_hand: Callable[..., None]
) -> None:
    append(2)
    by_hand("DELETE FROM log_state WHERE kind = 'organization'")
    with open_session(engine) as session:
        verdicts = verify_all(session, {})
    assert [rules(verdict) for verdict in verdicts if not verdict.ok] == [[(None, "state")]]


def test_a_log_that_grows_meanwhile_is_in_order_all_the_same(engine: Engine, append: Callable[..., None]) -> None:
    append(3)
    with ThreadPoolExecutor(1) as thread:
        writing_on = thread.submit(append, 40)
        while not writing_on.done():
            with open_session(engine) as session:
                assert verify_all(session, {})[0].problems == ()
        writing_on.result()


# --- rows of other tables


@pytest.fixture
def notes(engine: Engine, append: Callable[..., None]) -> Notes:
    """Three notes that the log tells of, as entries 1 to 3."""
    kept = Notes()
    append()
    for number in range(3):
        row_id, content = uuid4(), {"text": f"note {number}"}
        kept.rows[row_id] = content
        append(name="note.written", object_kind="note", object_id=row_id, content=content)
    append(name="note.viewed", object_kind="note", object_id=next(iter(kept.rows)))
    return kept


def test_rows_that_agree_with_the_log_are_in_order(engine: Engine, notes: Notes) -> None:
    assert verify(engine, note=notes).ok


def test_d07_a_row_changed_behind_the_log_is_named(engine: Engine, notes: Notes) -> None:
    second = list(notes.rows)[1]
    notes.rows[second] = {"text": "changed"}
    verdict = verify(engine, note=notes)
    assert rules(verdict) == [(2, "content")]
    assert str(second) in verdict.problems[0].message


def test_a_row_that_is_gone_is_named(engine: Engine, notes: Notes) -> None:
    del notes.rows[list(notes.rows)[2]]
    assert rules(verify(engine, note=notes)) == [(3, "missing")]


def test_a_row_that_no_entry_tells_of_is_named(engine: Engine, notes: Notes) -> None:
    smuggled = uuid4()
    notes.rows[smuggled] = {"text": "never happened"}
    verdict = verify(engine, note=notes)
    assert rules(verdict) == [(None, "unlogged")]
    assert str(smuggled) in verdict.problems[0].message


def test_looking_at_a_row_does_not_vouch_for_it(engine: Engine, notes: Notes, append: Callable[..., None]) -> None:
    smuggled = uuid4()
    notes.rows[smuggled] = {"text": "never happened"}
    append(name="note.viewed", object_kind="note", object_id=smuggled)
    assert rules(verify(engine, note=notes)) == [(None, "unlogged")]


def test_an_erased_row_is_allowed_and_counted(engine: Engine, notes: Notes) -> None:
    notes.rows[next(iter(notes.rows))] = None
    verdict = verify(engine, note=notes)
    assert (verdict.ok, verdict.erased_contents) == (True, 1)


def test_an_erased_entry_still_vouches_for_its_row(engine: Engine, notes: Notes) -> None:
    with writing(engine, write_acts=write_acts) as session:
        erase(session, LOG, 1, by=SYSTEM, now=NOON + timedelta(days=1))
    assert verify(engine, note=notes).ok


def test_time_and_act_of_an_erased_entry_cannot_be_changed_after_all(
    engine: Engine, notes: Notes, by_hand: Callable[..., None]
) -> None:
    with writing(engine, write_acts=write_acts) as session:
        erase(session, LOG, 1, by=SYSTEM, now=NOON + timedelta(days=1))
    by_hand("UPDATE log_leaf SET act = 'note.denied' WHERE idx = 1")
    assert rules(verify(engine, note=notes)) == [(1, "columns")]


def test_a_row_that_its_room_cannot_even_read_is_named(engine: Engine, notes: Notes) -> None:
    broken = list(notes.rows)[1]

    class Stumbling(Notes):
        def __call__(self, session: Session, log_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any] | None]:
            if broken in ids:
                raise ValueError("Couldn't parse datetime string")
            return notes(session, log_id, ids)

    assert rules(verify(engine, note=Stumbling())) == [(2, "content")]


# --- any change at all


COLUMNS = ("log_id", "idx", "leaf", "entry", "at", "act", "actor_id", "subject_id")


@pytest.fixture(scope="module")
def copy_of_a_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A log of nine entries in a SQLite file without guards, to which every test does its worst and takes it back."""
    from partner_compliance.acts import Act, Actor
    from partner_compliance.database import Base, make_engine
    from partner_compliance.history.models import LogState
    from partner_compliance.history.operations import open_log

    engine = make_engine(f"sqlite:///{tmp_path_factory.mktemp('any') / 'log.db'}")
    Base.metadata.create_all(engine, tables=[LogState.__table__, LogLeaf.__table__])  # type: ignore[list-item]
    with writing(engine, write_acts=write_acts) as session:
        open_log(session, LOG, "organization", now=NOON)
        for number in range(9):
            act = Act(LOG, "sheet.viewed", NOON + timedelta(seconds=number), Actor(OTHER_LOG, "山田 花", "link"), LOG)
            record(session, act)
    yield engine
    engine.dispose()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    idx=st.integers(0, 8),
    column=st.sampled_from(COLUMNS),
    place=st.integers(0, 2000),
    byte=st.integers(1, 255),
)
@example(idx=4, column="at", place=25, byte=1)
@example(idx=8, column="idx", place=0, byte=1)
def test_any_changed_byte_of_any_column_is_found(
    copy_of_a_log: Engine, idx: int, column: str, place: int, byte: int
) -> None:
    connection = copy_of_a_log.raw_connection()
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        [kept] = connection.execute(f"SELECT {column} FROM log_leaf WHERE idx = ?", (idx,)).fetchone()
        changed: Any
        if isinstance(kept, int):
            changed = kept ^ byte
            if changed < 9:
                changed += 9
        else:
            stored = bytearray(kept if isinstance(kept, bytes) else kept.encode())
            stored[place % len(stored)] ^= byte
            changed = bytes(stored) if isinstance(kept, bytes) else stored.decode("utf-8", "replace")
        connection.execute(f"UPDATE log_leaf SET {column} = ? WHERE idx = ?", (changed, idx))
        try:
            with open_session(copy_of_a_log) as session:
                verdicts = verify_all(session, {})
        finally:
            connection.execute(
                f"UPDATE log_leaf SET {column} = ? WHERE idx = ?", (kept, changed if column == "idx" else idx)
            )
    finally:
        connection.close()
    assert not all(verdict.ok for verdict in verdicts)
    named = [problem.idx for verdict in verdicts for problem in verdict.problems if problem.log_id == LOG]
    assert named[0] in (idx, None) or column == "log_id"


def test_the_copy_is_in_order_when_nobody_touched_it(copy_of_a_log: Engine) -> None:
    with open_session(copy_of_a_log) as session:
        assert all(verdict.ok for verdict in verify_all(session, {}))
