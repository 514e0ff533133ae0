"""Levels as they were: a snapshot of each organization on each day on which something was different."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_readiness_snapshot_update BEFORE UPDATE ON readiness_snapshot FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.as_of IS NOT OLD.as_of
  OR NEW.ladder IS NOT OLD.ladder
  OR NEW.level IS NOT OLD.level
  OR NEW.digest IS NOT OLD.digest
  OR NEW.taken_at IS NOT OLD.taken_at
  OR NEW.data IS NOT OLD.data
  OR NEW.since IS NOT OLD.since
BEGIN SELECT RAISE(ABORT, 'append-only: readiness_snapshot'); END""",
    """CREATE TRIGGER guard_readiness_snapshot_delete BEFORE DELETE ON readiness_snapshot FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: readiness_snapshot'); END""",
    """CREATE TRIGGER guard_readiness_snapshot_insert BEFORE INSERT ON readiness_snapshot FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM readiness_snapshot AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.as_of = NEW.as_of))
BEGIN SELECT RAISE(ABORT, 'append-only: readiness_snapshot'); END""",
    """CREATE TRIGGER guard_readiness_day_update BEFORE UPDATE ON readiness_day FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.as_of IS NOT OLD.as_of
  OR NEW.taken_at IS NOT OLD.taken_at
  OR NEW.organizations IS NOT OLD.organizations
  OR NEW.stored IS NOT OLD.stored
BEGIN SELECT RAISE(ABORT, 'append-only: readiness_day'); END""",
    """CREATE TRIGGER guard_readiness_day_delete BEFORE DELETE ON readiness_day FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: readiness_day'); END""",
    """CREATE TRIGGER guard_readiness_day_insert BEFORE INSERT ON readiness_day FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM readiness_day AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.as_of = NEW.as_of))
BEGIN SELECT RAISE(ABORT, 'append-only: readiness_day'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_readiness_snapshot() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: readiness_snapshot' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_readiness_snapshot_update BEFORE UPDATE ON readiness_snapshot
FOR EACH ROW EXECUTE FUNCTION guard_readiness_snapshot()""",
    """CREATE TRIGGER guard_readiness_snapshot_delete BEFORE DELETE ON readiness_snapshot
FOR EACH ROW EXECUTE FUNCTION guard_readiness_snapshot()""",
    """CREATE TRIGGER guard_readiness_snapshot_truncate BEFORE TRUNCATE ON readiness_snapshot
FOR EACH STATEMENT EXECUTE FUNCTION guard_readiness_snapshot()""",
    """ALTER TABLE readiness_snapshot ENABLE ALWAYS TRIGGER guard_readiness_snapshot_update""",
    """ALTER TABLE readiness_snapshot ENABLE ALWAYS TRIGGER guard_readiness_snapshot_delete""",
    """ALTER TABLE readiness_snapshot ENABLE ALWAYS TRIGGER guard_readiness_snapshot_truncate""",
    """CREATE FUNCTION guard_readiness_day() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: readiness_day' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_readiness_day_update BEFORE UPDATE ON readiness_day
FOR EACH ROW EXECUTE FUNCTION guard_readiness_day()""",
    """CREATE TRIGGER guard_readiness_day_delete BEFORE DELETE ON readiness_day
FOR EACH ROW EXECUTE FUNCTION guard_readiness_day()""",
    """CREATE TRIGGER guard_readiness_day_truncate BEFORE TRUNCATE ON readiness_day
FOR EACH STATEMENT EXECUTE FUNCTION guard_readiness_day()""",
    """ALTER TABLE readiness_day ENABLE ALWAYS TRIGGER guard_readiness_day_update""",
    """ALTER TABLE readiness_day ENABLE ALWAYS TRIGGER guard_readiness_day_delete""",
    """ALTER TABLE readiness_day ENABLE ALWAYS TRIGGER guard_readiness_day_truncate""",
)
SQLITE_UNGUARDS = (
    "DROP TRIGGER guard_readiness_snapshot_update",
    "DROP TRIGGER guard_readiness_snapshot_delete",
    "DROP TRIGGER guard_readiness_snapshot_insert",
    "DROP TRIGGER guard_readiness_day_update",
    "DROP TRIGGER guard_readiness_day_delete",
    "DROP TRIGGER guard_readiness_day_insert",
)
POSTGRESQL_UNGUARDS = (
    "DROP TRIGGER guard_readiness_snapshot_update ON readiness_snapshot",
    "DROP TRIGGER guard_readiness_snapshot_delete ON readiness_snapshot",
    "DROP TRIGGER guard_readiness_snapshot_truncate ON readiness_snapshot",
    "DROP FUNCTION guard_readiness_snapshot()",
    "DROP TRIGGER guard_readiness_day_update ON readiness_day",
    "DROP TRIGGER guard_readiness_day_delete ON readiness_day",
    "DROP TRIGGER guard_readiness_day_truncate ON readiness_day",
    "DROP FUNCTION guard_readiness_day()",
)


def upgrade() -> None:
    op.create_table(
        "readiness_day",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organizations", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", name=op.f("pk_readiness_day")),
    )
    op.create_table(
        "readiness_snapshot",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ladder", sa.String(length=8), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("since", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_readiness_snapshot_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "as_of", name=op.f("pk_readiness_snapshot")),
    )
    op.add_column("post_holding", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("place_use", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("place_use", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    op.drop_column("place_use", "ended_at")
    op.drop_column("place_use", "recorded_at")
    op.drop_column("post_holding", "ended_at")
    op.drop_table("readiness_snapshot")
    op.drop_table("readiness_day")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
