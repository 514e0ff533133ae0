"""Tokens of municipalities' systems for the API, when they ended, and every call."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_api_token_update BEFORE UPDATE ON api_token FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.name IS NOT OLD.name
  OR NEW.scopes IS NOT OLD.scopes
  OR NEW.hint IS NOT OLD.hint
  OR NEW.digest IS NOT OLD.digest
  OR NEW.expires_on IS NOT OLD.expires_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: api_token'); END""",
    """CREATE TRIGGER guard_api_token_delete BEFORE DELETE ON api_token FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: api_token'); END""",
    """CREATE TRIGGER guard_api_token_insert BEFORE INSERT ON api_token FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM api_token AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.request_key = NEW.request_key)
  OR (kept.digest = NEW.digest))
BEGIN SELECT RAISE(ABORT, 'append-only: api_token'); END""",
    """CREATE TRIGGER guard_api_token_end_update BEFORE UPDATE ON api_token_end FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.token_id IS NOT OLD.token_id
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: api_token_end'); END""",
    """CREATE TRIGGER guard_api_token_end_delete BEFORE DELETE ON api_token_end FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: api_token_end'); END""",
    """CREATE TRIGGER guard_api_token_end_insert BEFORE INSERT ON api_token_end FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM api_token_end AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.token_id = NEW.token_id))
BEGIN SELECT RAISE(ABORT, 'append-only: api_token_end'); END""",
    """CREATE TRIGGER guard_api_call_update BEFORE UPDATE ON api_call FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.token_id IS NOT OLD.token_id
  OR NEW.at IS NOT OLD.at
  OR NEW.endpoint IS NOT OLD.endpoint
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.status IS NOT OLD.status
BEGIN SELECT RAISE(ABORT, 'append-only: api_call'); END""",
    """CREATE TRIGGER guard_api_call_delete BEFORE DELETE ON api_call FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: api_call'); END""",
    """CREATE TRIGGER guard_api_call_insert BEFORE INSERT ON api_call FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM api_call AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: api_call'); END""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_api_token_update""",
    """DROP TRIGGER guard_api_token_delete""",
    """DROP TRIGGER guard_api_token_insert""",
    """DROP TRIGGER guard_api_token_end_update""",
    """DROP TRIGGER guard_api_token_end_delete""",
    """DROP TRIGGER guard_api_token_end_insert""",
    """DROP TRIGGER guard_api_call_update""",
    """DROP TRIGGER guard_api_call_delete""",
    """DROP TRIGGER guard_api_call_insert""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_api_token() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: api_token' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_api_token_update BEFORE UPDATE ON api_token
FOR EACH ROW EXECUTE FUNCTION guard_api_token()""",
    """CREATE TRIGGER guard_api_token_delete BEFORE DELETE ON api_token
FOR EACH ROW EXECUTE FUNCTION guard_api_token()""",
    """CREATE TRIGGER guard_api_token_truncate BEFORE TRUNCATE ON api_token
FOR EACH STATEMENT EXECUTE FUNCTION guard_api_token()""",
    """ALTER TABLE api_token ENABLE ALWAYS TRIGGER guard_api_token_update""",
    """ALTER TABLE api_token ENABLE ALWAYS TRIGGER guard_api_token_delete""",
    """ALTER TABLE api_token ENABLE ALWAYS TRIGGER guard_api_token_truncate""",
    """CREATE FUNCTION guard_api_token_end() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: api_token_end' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_api_token_end_update BEFORE UPDATE ON api_token_end
FOR EACH ROW EXECUTE FUNCTION guard_api_token_end()""",
    """CREATE TRIGGER guard_api_token_end_delete BEFORE DELETE ON api_token_end
FOR EACH ROW EXECUTE FUNCTION guard_api_token_end()""",
    """CREATE TRIGGER guard_api_token_end_truncate BEFORE TRUNCATE ON api_token_end
FOR EACH STATEMENT EXECUTE FUNCTION guard_api_token_end()""",
    """ALTER TABLE api_token_end ENABLE ALWAYS TRIGGER guard_api_token_end_update""",
    """ALTER TABLE api_token_end ENABLE ALWAYS TRIGGER guard_api_token_end_delete""",
    """ALTER TABLE api_token_end ENABLE ALWAYS TRIGGER guard_api_token_end_truncate""",
    """CREATE FUNCTION guard_api_call() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: api_call' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_api_call_update BEFORE UPDATE ON api_call
FOR EACH ROW EXECUTE FUNCTION guard_api_call()""",
    """CREATE TRIGGER guard_api_call_delete BEFORE DELETE ON api_call
FOR EACH ROW EXECUTE FUNCTION guard_api_call()""",
    """CREATE TRIGGER guard_api_call_truncate BEFORE TRUNCATE ON api_call
FOR EACH STATEMENT EXECUTE FUNCTION guard_api_call()""",
    """ALTER TABLE api_call ENABLE ALWAYS TRIGGER guard_api_call_update""",
    """ALTER TABLE api_call ENABLE ALWAYS TRIGGER guard_api_call_delete""",
    """ALTER TABLE api_call ENABLE ALWAYS TRIGGER guard_api_call_truncate""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_api_token_update ON api_token""",
    """DROP TRIGGER guard_api_token_delete ON api_token""",
    """DROP TRIGGER guard_api_token_truncate ON api_token""",
    """DROP FUNCTION guard_api_token()""",
    """DROP TRIGGER guard_api_token_end_update ON api_token_end""",
    """DROP TRIGGER guard_api_token_end_delete ON api_token_end""",
    """DROP TRIGGER guard_api_token_end_truncate ON api_token_end""",
    """DROP FUNCTION guard_api_token_end()""",
    """DROP TRIGGER guard_api_call_update ON api_call""",
    """DROP TRIGGER guard_api_call_delete ON api_call""",
    """DROP TRIGGER guard_api_call_truncate ON api_call""",
    """DROP FUNCTION guard_api_call()""",
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "api_token",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_api_token_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_api_token_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("municipality_id", "request_key", name=op.f("uq_api_token_municipality_id_request_key")),
    )
    op.create_index("ix_api_token_digest", "api_token", ["digest"], unique=True)
    op.create_table(
        "api_call",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endpoint", sa.String(length=40), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "token_id"],
            ["api_token.municipality_id", "api_token.id"],
            name=op.f("fk_api_call_municipality_id_token_id_api_token"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_api_call_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_api_call_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_api_call")),
    )
    op.create_index(
        "ix_api_call_about", "api_call", ["municipality_id", "token_id", "organization_id", "at"], unique=False
    )
    op.create_index(
        "ix_api_call_municipality_id_token_id_at", "api_call", ["municipality_id", "token_id", "at"], unique=False
    )
    op.create_table(
        "api_token_end",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_api_token_end_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "token_id"],
            ["api_token.municipality_id", "api_token.id"],
            name=op.f("fk_api_token_end_municipality_id_token_id_api_token"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_api_token_end_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_api_token_end")),
        sa.UniqueConstraint("municipality_id", "token_id", name=op.f("uq_api_token_end_municipality_id_token_id")),
    )
    # ### end Alembic commands ###
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    for table in ("api_call", "api_token_end", "api_token"):
        op.drop_table(table)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
