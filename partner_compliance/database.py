"""The database: base of all models, column types, and how sessions begin and end on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, String, TypeDecorator, Uuid, create_engine, event
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session

#: How long (seconds) a writer waits for another before it gives up, on both engines.
LOCK_WAIT = 20


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: timezone-aware UTC in Python; naive datetimes are refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(kind: type[Enum], length: int = 32) -> SqlEnum:
    """A column for one word of an enumeration, kept as text so that an added word needs no migration of old rows."""
    return SqlEnum(
        kind, native_enum=False, create_constraint=False, length=length, values_callable=lambda k: [m.value for m in k]
    )


class Base(DeclarativeBase):
    """Base of all models.

    A tenant's table names the column that says whose row it is in `tenant_column`; `seen_by_partners` is True
    for rows that a municipality may read while an engagement with that organization is valid, `reached_by_networks`
    for those that a network's office may need while the organization lets it act. A row that stands between an
    organization and one municipality names the latter in `counterpart_column`: both sides reach it. A table of one
    person's own things (sign-ins, passkeys) names the column that says whose they are in `owner_column`.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy declares it as a plain class attribute
        datetime: UtcDateTime(),
        UUID: Uuid(),
        str: String(),
        dict[str, Any]: JSON(none_as_null=True),
    }

    tenant_column = ""
    counterpart_column = ""
    owner_column = ""
    seen_by_partners = False
    reached_by_networks = False


def make_engine(url: str) -> Engine:
    """An engine for a database URL (`sqlite:///…` or `postgresql+psycopg://…`), with this project's safety settings."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(
        parsed,
        hide_parameters=True,  # what people wrote has no place in a log of errors
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 10,
            "options": f"-c lock_timeout={LOCK_WAIT}s -c statement_timeout=120s -c timezone=UTC",
        },
    )


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA cache_size = -16000")  # 16 MB: the counts of some hundred partners
        # An `INSERT OR REPLACE` must run the guards against deletion as well.
        cursor.execute("PRAGMA recursive_triggers = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def begin_writing(session: Session) -> None:
    """Begin the session's transaction as one that writes: on SQLite it takes its place in the queue of writers now.

    A transaction that has only read so far is ended first, since SQLite cannot turn it into a writing one safely.
    """
    if session.info.get("writes"):
        return
    if session.info.get("acts"):
        raise RuntimeError("acts are waiting: take them out before the transaction begins anew")
    if session.in_transaction():
        session.rollback()
    session.info["writes"] = True
    session.connection(execution_options={"writes": True})


@event.listens_for(Session, "after_transaction_end")
def _forget_writing(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop("writes", None)


@event.listens_for(Session, "after_rollback")
def _forget_acts(session: Session) -> None:
    session.info.pop("acts", None)


@event.listens_for(Session, "before_commit")
def _refuse_unwritten_acts(session: Session) -> None:
    """Acts that reach the commit unwritten would be lost: the history must have taken them by now.

    A savepoint would let acts outlive, or die with, work that is not theirs; this house has none.
    """
    if session.in_nested_transaction():
        raise RuntimeError("savepoints are not used here: acts belong to whole transactions")
    from_history = session.info.get("write_acts")
    if from_history is not None:
        from_history(session)
    if session.info.get("acts"):
        raise RuntimeError("acts are waiting, and this session has no history to write them")


def open_session(engine: Engine, **info: Any) -> Session:
    """A new session; its objects stay readable after a commit."""
    return Session(engine, expire_on_commit=False, autoflush=True, info=info)


@contextmanager
def writing(engine: Engine, **info: Any) -> Iterator[Session]:
    """One transaction that writes: commits at the end of the block, rolls back when it fails."""
    with open_session(engine, **info) as session:
        begin_writing(session)
        yield session
        session.commit()
