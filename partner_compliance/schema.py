"""Moving a database from one version of its tables to another, and telling which version it has."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from partner_compliance.config import PROJECT
from partner_compliance.database import begin_writing, open_session

MIGRATIONS = PROJECT / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The version that this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def present(engine: Engine) -> str | None:
    """The version that a database has; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def known() -> list[str]:
    """Every version this code knows, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database to a version, whole or not at all."""
    _run(engine, command.upgrade, to)


def downgrade(engine: Engine, to: str) -> None:
    """Take a database back to an earlier version, whole or not at all."""
    _run(engine, command.downgrade, to)


def _run(engine: Engine, act: object, to: str) -> None:
    with open_session(engine) as session:
        begin_writing(session)
        act(_config(session.connection()), to)  # type: ignore[operator]
        session.commit()
