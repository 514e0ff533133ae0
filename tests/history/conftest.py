import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, Table, create_engine, event, make_url, text
from sqlalchemy.orm import Session

from partner_compliance.acts import Act, Actor, record
from partner_compliance.database import Base, make_engine, writing
from partner_compliance.history import guards
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.history.operations import open_log, write_acts

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LOG = UUID("0b5f4d3c-0000-4000-8000-000000000001")
OTHER_LOG = UUID("0b5f4d3c-0000-4000-8000-000000000002")
HANA = Actor(UUID("0b5f4d3c-0000-4000-8000-0000000000a1"), "山田 花", "password")

TABLES: list[Table] = [LogState.__table__, LogLeaf.__table__]  # type: ignore[list-item]


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str, worker_id: str) -> str:
    """A database for the tests of the history, to be emptied before each."""
    administration = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE history_{worker_id}"))
    administration.dispose()
    return make_url(postgresql_server).set(database=f"history_{worker_id}").render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def bare_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'history.db'}")
    else:
        engine = make_engine(request.getfixturevalue("postgresql_url"))
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(bare_engine: Engine) -> Engine:
    """A database with the two logs open, and guarded."""
    Base.metadata.create_all(bare_engine, tables=TABLES)
    with bare_engine.execution_options(writes=True).begin() as connection:
        for guard in guards.GUARDS[:2]:
            for statement in guards.ddl(guard, connection.dialect.name):
                connection.exec_driver_sql(statement)
    with writing(bare_engine) as session:
        open_log(session, LOG, "organization", now=NOON)
        open_log(session, OTHER_LOG, "municipality", now=NOON)
    return bare_engine


@pytest.fixture
def write(engine: Engine) -> Callable[[], AbstractContextManager[Session]]:
    """Opens a writing session whose acts go into the history."""
    return lambda: writing(engine, write_acts=write_acts)


@pytest.fixture
def an_act() -> Callable[..., Act]:
    """Makes an act: Hana signing in at noon, unless told otherwise."""

    def make(name: str = "account.signed_in", log_id: UUID = LOG, at: datetime = NOON, **more: Any) -> Act:
        return Act(log_id, name, at, more.pop("actor", HANA), **more)

    return make


@pytest.fixture
def append(write: Callable[[], AbstractContextManager[Session]], an_act: Callable[..., Act]) -> Callable[..., None]:
    """Appends a number of acts to a log, a second apart, in one transaction each."""

    def add(count: int = 1, log_id: UUID = LOG, **more: Any) -> None:
        first = more.pop("at", NOON)
        for number in range(count):
            with write() as session:
                record(session, an_act(log_id=log_id, at=first + timedelta(seconds=number), **more))

    return add


@pytest.fixture
def by_hand(engine: Engine) -> Callable[..., None]:
    """Changes the database as someone would who has taken the guards away."""

    def change(statement: str, **values: Any) -> None:
        if engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(str(engine.url.database))) as connection:
                for guard in guards.GUARDS[:2]:
                    for drop in guards.drop_ddl(guard, "sqlite"):
                        connection.execute(drop.replace("TRIGGER", "TRIGGER IF EXISTS"))
                connection.execute(statement, values)
                connection.commit()
            return
        with engine.begin() as server:
            server.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in TABLES:
                server.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
            server.execute(text(statement), values)

    return change


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """Every SQL statement that the database gets, as it gets it."""
    seen: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)
