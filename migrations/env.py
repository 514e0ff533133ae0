"""Runs the migrations on the connection it is handed, or on the database that the environment names."""

from alembic import context
from sqlalchemy import Connection, Enum

from partner_compliance.config import from_environment
from partner_compliance.database import Base, UtcDateTime, make_engine
from partner_compliance.models import ALL_MODELS

_ALL_TABLES_ARE_KNOWN = ALL_MODELS


def render_item(kind: str, item: object, _autogenerate_context: object) -> str | bool:
    """Plain column types in scripts: migrations never import our code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def run(connection: Connection) -> None:
    """Run what is asked for in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        compare_type=True,
        render_as_batch=False,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(from_environment().database_url).connect() as own:
        run(own)
        own.commit()
