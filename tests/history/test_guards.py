import sqlite3
from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from partner_compliance.database import Base
from partner_compliance.history.guards import GUARDS, Guard, ddl, drop_ddl, missing_guards
from partner_compliance.sheets import models as sheets  # so that the guarded tables are known

on_sqlite = pytest.mark.parametrize("bare_engine", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize(
    "bare_engine", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def run(engine: Engine, *statements: str) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(engine: Engine, table: str = "log_leaf") -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2"))]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_leaf WHERE idx = 1",
        "DELETE FROM log_leaf",
        "UPDATE log_leaf SET entry = 'x' WHERE idx = 1",
        "UPDATE log_leaf SET entry = entry || ' '",
        "UPDATE log_leaf SET entry = NULL, act = 'x' WHERE idx = 1",
        "UPDATE log_leaf SET idx = 9 WHERE idx = 1",
        "UPDATE log_leaf SET leaf = '\\x00' WHERE idx = 1",
        "UPDATE log_leaf SET at = '2026-01-01 00:00:00+00' WHERE idx = 1",
        "UPDATE log_leaf SET actor_id = subject_id",
        "DELETE FROM log_state",
        "UPDATE log_state SET size = size - 1",
        "UPDATE log_state SET size = size + 1, origin = 'x'",
        "UPDATE log_state SET size = size + 1, opened_at = '2020-01-01 00:00:00+00'",
        "UPDATE log_state SET range = '[]'",
        "UPDATE log_state SET last_at = NULL",
    ],
)
def test_the_history_refuses_every_change(engine: Engine, append: Callable[..., None], statement: str) -> None:
    append(2, subject_id=uuid4())
    before = rows(engine), rows(engine, "log_state")
    with pytest.raises(IntegrityError, match="append-only: log_"):
        run(engine, statement)
    assert (rows(engine), rows(engine, "log_state")) == before


def test_an_entry_and_whom_it_names_can_be_erased(engine: Engine, append: Callable[..., None]) -> None:
    append(2, subject_id=uuid4())
    run(engine, "UPDATE log_leaf SET entry = NULL, actor_id = NULL, subject_id = NULL WHERE idx = 0")
    run(engine, "UPDATE log_leaf SET subject_id = NULL WHERE idx = 1", "UPDATE log_leaf SET entry = NULL WHERE idx = 1")
    with pytest.raises(IntegrityError, match="append-only: log_leaf"):
        run(engine, "UPDATE log_leaf SET entry = 'back again' WHERE idx = 0")


@on_sqlite
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO log_leaf SELECT log_id, idx, leaf, 'x', at, act, actor_id, subject_id FROM log_leaf",
        "REPLACE INTO log_leaf SELECT * FROM log_leaf",
        "INSERT INTO log_leaf SELECT * FROM log_leaf WHERE true ON CONFLICT DO UPDATE SET entry = 'x'",
        """INSERT OR REPLACE INTO log_leaf (rowid, log_id, idx, leaf, at, act)
           SELECT rowid, log_id, idx + 9, leaf, at, act FROM log_leaf WHERE idx = 1""",
        "UPDATE OR REPLACE log_leaf SET idx = 0 WHERE idx = 1",
        "UPDATE OR REPLACE log_leaf SET rowid = (SELECT min(rowid) FROM log_leaf) WHERE idx = 1",
        "INSERT OR REPLACE INTO log_state SELECT * FROM log_state",
    ],
)
def test_sqlite_has_no_replace_hole(
    engine: Engine, append: Callable[..., None], statement: str, recursive: str
) -> None:
    append(2)
    before = rows(engine), rows(engine, "log_state")
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        connection.execute(f"PRAGMA recursive_triggers = {recursive}")
        with pytest.raises(sqlite3.IntegrityError, match="append-only: log_"):
            connection.execute(statement)
    assert (rows(engine), rows(engine, "log_state")) == before


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE log_leaf",
        "TRUNCATE log_state CASCADE",
        "INSERT INTO log_leaf SELECT * FROM log_leaf ON CONFLICT (log_id, idx) DO UPDATE SET entry = 'x'",
        "SET LOCAL session_replication_role = replica; DELETE FROM log_leaf",
    ],
)
def test_postgresql_has_no_way_around(engine: Engine, append: Callable[..., None], statement: str) -> None:
    append(2)
    before = rows(engine)
    with pytest.raises(IntegrityError, match="append-only: log_"):
        run(engine, *statement.split("; "))
    assert rows(engine) == before


@pytest.fixture
def everything(bare_engine: Engine) -> Engine:
    """A database with all tables, and guarded."""
    Base.metadata.create_all(bare_engine)
    run(bare_engine, *(statement for guard in GUARDS for statement in ddl(guard, bare_engine.dialect.name)))
    return bare_engine


def missing(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return missing_guards(connection)


def test_nothing_is_missing_where_everything_is_in_place(everything: Engine) -> None:
    assert missing(everything) == []


def test_a_database_without_guards_misses_them_all(everything: Engine) -> None:
    dialect = everything.dialect.name
    run(everything, *(statement for guard in GUARDS for statement in drop_ddl(guard, dialect)))
    assert len(missing(everything)) == 3 * len(GUARDS)
    run(everything, *(statement for guard in GUARDS for statement in ddl(guard, dialect)))
    assert missing(everything) == []


def test_a_dropped_trigger_is_missed(everything: Engine) -> None:
    on = "" if everything.dialect.name == "sqlite" else " ON sheet_event"
    run(everything, f"DROP TRIGGER guard_sheet_event_delete{on}")
    assert missing(everything) == ["guard_sheet_event_delete is missing"]


@on_sqlite
def test_an_altered_trigger_is_found_in_sqlite(everything: Engine) -> None:
    run(
        everything,
        "DROP TRIGGER guard_log_leaf_update",
        "CREATE TRIGGER guard_log_leaf_update BEFORE UPDATE ON log_leaf BEGIN SELECT 1; END",
    )
    assert missing(everything) == ["guard_log_leaf_update is altered"]


@on_postgresql
def test_an_altered_trigger_is_found_in_postgresql(everything: Engine) -> None:
    run(
        everything,
        "DROP TRIGGER guard_log_leaf_update ON log_leaf",
        "CREATE TRIGGER guard_log_leaf_update BEFORE UPDATE ON log_leaf FOR EACH ROW WHEN (false) "
        "EXECUTE FUNCTION guard_log_leaf()",
        "ALTER TABLE log_leaf ENABLE ALWAYS TRIGGER guard_log_leaf_update",
    )
    assert missing(everything) == ["guard_log_leaf_update is altered"]


@on_postgresql
@pytest.mark.parametrize("how", ["DISABLE", "ENABLE", "ENABLE REPLICA"])
def test_a_trigger_that_does_not_always_fire_is_found(everything: Engine, how: str) -> None:
    run(everything, f"ALTER TABLE log_leaf {how} TRIGGER guard_log_leaf_truncate")
    assert missing(everything) == ["guard_log_leaf_truncate is disabled"]


@on_postgresql
def test_an_altered_function_is_found_in_all_its_triggers(everything: Engine) -> None:
    run(
        everything,
        "CREATE OR REPLACE FUNCTION guard_month_closure() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    )
    assert missing(everything) == [
        f"guard_month_closure_{event} is altered" for event in ("update", "delete", "truncate")
    ]


@on_postgresql
def test_a_column_added_later_is_guarded_at_once(engine: Engine, append: Callable[..., None]) -> None:
    append()
    run(engine, "ALTER TABLE log_leaf ADD COLUMN extra VARCHAR(9)")
    with pytest.raises(IntegrityError, match="append-only"):
        run(engine, "UPDATE log_leaf SET extra = 'x'")


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.table)
def test_a_guard_names_columns_that_its_table_has(guard: Guard) -> None:
    table = Base.metadata.tables[guard.table]
    assert {*guard.erasable, *guard.moving} <= set(table.columns.keys())
    assert set(guard.growing) <= set(guard.moving)
    assert all(table.columns[name].nullable for name in guard.erasable)


def test_every_key_of_a_table_is_guarded_against_replacement() -> None:
    [insert] = [sql for sql in ddl(Guard(sheets.MonthClosure.__tablename__), "sqlite") if "BEFORE INSERT" in sql]
    for key in (["organization_id", "id"], ["organization_id", "center_id", "month"]):
        assert "(" + " AND ".join(f"kept.{name} = NEW.{name}" for name in key) + ")" in insert


def insert_without_foreign_keys(engine: Engine, statement: str) -> None:
    if engine.dialect.name == "postgresql":
        run(engine, "SET LOCAL session_replication_role = replica", statement)
        return
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_sheet_version_can_lose_its_answers_and_nothing_else(everything: Engine) -> None:
    one = uuid4().hex
    insert_without_foreign_keys(
        everything,
        "INSERT INTO sheet_version (organization_id, id, sheet_id, number, with_head_section, no_take_out, answers, "
        f"submitted_at, submitted_by_name, reason) VALUES ('{one}', '{one}', '{one}', 1, false, false, "
        "'{\"1-2\": \"a\"}', '2026-11-23 00:00:00', 'x', '')",
    )
    for change in ("answers = '{}'", "answers = 'null'", "submitted_by_name = 'y'", "answers = NULL, reason = 'z'"):
        with pytest.raises(IntegrityError, match="append-only: sheet_version"):
            run(everything, f"UPDATE sheet_version SET {change}")
    run(everything, "UPDATE sheet_version SET answers = NULL")
