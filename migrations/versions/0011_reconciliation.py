"""Reconciling the sheets with the ledger, and spot checks."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_reconciliation_note_update BEFORE UPDATE ON reconciliation_note FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.sheet_id IS NOT OLD.sheet_id
  OR NEW.item IS NOT OLD.item
  OR NEW.kind IS NOT OLD.kind
  OR NEW.rows IS NOT OLD.rows
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.text IS NOT NULL AND NEW.text IS NOT OLD.text)
BEGIN SELECT RAISE(ABORT, 'append-only: reconciliation_note'); END""",
    """CREATE TRIGGER guard_reconciliation_note_delete BEFORE DELETE ON reconciliation_note FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: reconciliation_note'); END""",
    """CREATE TRIGGER guard_reconciliation_note_insert BEFORE INSERT ON reconciliation_note FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM reconciliation_note AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: reconciliation_note'); END""",
    """CREATE TRIGGER guard_spot_check_update BEFORE UPDATE ON spot_check FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.month IS NOT OLD.month
  OR NEW.take_out_id IS NOT OLD.take_out_id
  OR NEW.place_id IS NOT OLD.place_id
  OR NEW.of_rows IS NOT OLD.of_rows
  OR NEW.of_places IS NOT OLD.of_places
  OR NEW.drawn_at IS NOT OLD.drawn_at
  OR NEW.drawn_by_id IS NOT OLD.drawn_by_id
  OR NEW.drawn_by_name IS NOT OLD.drawn_by_name
BEGIN SELECT RAISE(ABORT, 'append-only: spot_check'); END""",
    """CREATE TRIGGER guard_spot_check_delete BEFORE DELETE ON spot_check FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: spot_check'); END""",
    """CREATE TRIGGER guard_spot_check_insert BEFORE INSERT ON spot_check FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM spot_check AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.center_id = NEW.center_id AND kept.month = NEW.month))
BEGIN SELECT RAISE(ABORT, 'append-only: spot_check'); END""",
    """CREATE TRIGGER guard_spot_check_result_update BEFORE UPDATE ON spot_check_result FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.check_id IS NOT OLD.check_id
  OR NEW.row IS NOT OLD.row
  OR NEW.place IS NOT OLD.place
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.note IS NOT NULL AND NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'append-only: spot_check_result'); END""",
    """CREATE TRIGGER guard_spot_check_result_delete BEFORE DELETE ON spot_check_result FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: spot_check_result'); END""",
    """CREATE TRIGGER guard_spot_check_result_insert BEFORE INSERT ON spot_check_result FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM spot_check_result AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.check_id = NEW.check_id))
BEGIN SELECT RAISE(ABORT, 'append-only: spot_check_result'); END""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_reconciliation_note_update""",
    """DROP TRIGGER guard_reconciliation_note_delete""",
    """DROP TRIGGER guard_reconciliation_note_insert""",
    """DROP TRIGGER guard_spot_check_update""",
    """DROP TRIGGER guard_spot_check_delete""",
    """DROP TRIGGER guard_spot_check_insert""",
    """DROP TRIGGER guard_spot_check_result_update""",
    """DROP TRIGGER guard_spot_check_result_delete""",
    """DROP TRIGGER guard_spot_check_result_insert""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_reconciliation_note() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.text := OLD.text;
    IF kept::text = OLD::text
      AND (NEW.text IS NULL OR NEW.text::text = OLD.text::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: reconciliation_note' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_reconciliation_note_update BEFORE UPDATE ON reconciliation_note
FOR EACH ROW EXECUTE FUNCTION guard_reconciliation_note()""",
    """CREATE TRIGGER guard_reconciliation_note_delete BEFORE DELETE ON reconciliation_note
FOR EACH ROW EXECUTE FUNCTION guard_reconciliation_note()""",
    """CREATE TRIGGER guard_reconciliation_note_truncate BEFORE TRUNCATE ON reconciliation_note
FOR EACH STATEMENT EXECUTE FUNCTION guard_reconciliation_note()""",
    """ALTER TABLE reconciliation_note ENABLE ALWAYS TRIGGER guard_reconciliation_note_update""",
    """ALTER TABLE reconciliation_note ENABLE ALWAYS TRIGGER guard_reconciliation_note_delete""",
    """ALTER TABLE reconciliation_note ENABLE ALWAYS TRIGGER guard_reconciliation_note_truncate""",
    """CREATE FUNCTION guard_spot_check() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: spot_check' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_spot_check_update BEFORE UPDATE ON spot_check
FOR EACH ROW EXECUTE FUNCTION guard_spot_check()""",
    """CREATE TRIGGER guard_spot_check_delete BEFORE DELETE ON spot_check
FOR EACH ROW EXECUTE FUNCTION guard_spot_check()""",
    """CREATE TRIGGER guard_spot_check_truncate BEFORE TRUNCATE ON spot_check
FOR EACH STATEMENT EXECUTE FUNCTION guard_spot_check()""",
    """ALTER TABLE spot_check ENABLE ALWAYS TRIGGER guard_spot_check_update""",
    """ALTER TABLE spot_check ENABLE ALWAYS TRIGGER guard_spot_check_delete""",
    """ALTER TABLE spot_check ENABLE ALWAYS TRIGGER guard_spot_check_truncate""",
    """CREATE FUNCTION guard_spot_check_result() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.note := OLD.note;
    IF kept::text = OLD::text
      AND (NEW.note IS NULL OR NEW.note::text = OLD.note::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: spot_check_result' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_spot_check_result_update BEFORE UPDATE ON spot_check_result
FOR EACH ROW EXECUTE FUNCTION guard_spot_check_result()""",
    """CREATE TRIGGER guard_spot_check_result_delete BEFORE DELETE ON spot_check_result
FOR EACH ROW EXECUTE FUNCTION guard_spot_check_result()""",
    """CREATE TRIGGER guard_spot_check_result_truncate BEFORE TRUNCATE ON spot_check_result
FOR EACH STATEMENT EXECUTE FUNCTION guard_spot_check_result()""",
    """ALTER TABLE spot_check_result ENABLE ALWAYS TRIGGER guard_spot_check_result_update""",
    """ALTER TABLE spot_check_result ENABLE ALWAYS TRIGGER guard_spot_check_result_delete""",
    """ALTER TABLE spot_check_result ENABLE ALWAYS TRIGGER guard_spot_check_result_truncate""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_reconciliation_note_update ON reconciliation_note""",
    """DROP TRIGGER guard_reconciliation_note_delete ON reconciliation_note""",
    """DROP TRIGGER guard_reconciliation_note_truncate ON reconciliation_note""",
    """DROP FUNCTION guard_reconciliation_note()""",
    """DROP TRIGGER guard_spot_check_update ON spot_check""",
    """DROP TRIGGER guard_spot_check_delete ON spot_check""",
    """DROP TRIGGER guard_spot_check_truncate ON spot_check""",
    """DROP FUNCTION guard_spot_check()""",
    """DROP TRIGGER guard_spot_check_result_update ON spot_check_result""",
    """DROP TRIGGER guard_spot_check_result_delete ON spot_check_result""",
    """DROP TRIGGER guard_spot_check_result_truncate ON spot_check_result""",
    """DROP FUNCTION guard_spot_check_result()""",
)


def upgrade() -> None:
    op.add_column("sheet_draft", sa.Column("explanations", sa.JSON(), nullable=True))
    op.create_table(
        "reconciliation_note",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "sheet_id"],
            ["check_sheet.organization_id", "check_sheet.id"],
            name=op.f("fk_reconciliation_note_organization_id_sheet_id_check_sheet"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reconciliation_note")),
    )
    op.create_index(
        "ix_reconciliation_note_organization_id_sheet_id", "reconciliation_note", ["organization_id", "sheet_id"]
    )
    op.create_table(
        "spot_check",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("take_out_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("of_rows", sa.Integer(), nullable=False),
        sa.Column("of_places", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("drawn_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_spot_check_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "place_id"],
            ["place.organization_id", "place.id"],
            name=op.f("fk_spot_check_organization_id_place_id_place"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "take_out_id"],
            ["take_out.organization_id", "take_out.id"],
            name=op.f("fk_spot_check_organization_id_take_out_id_take_out"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint(
            "organization_id", "center_id", "month", name=op.f("uq_spot_check_organization_id_center_id_month")
        ),
    )
    op.create_table(
        "spot_check_result",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.String(length=32), nullable=True),
        sa.Column("place", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "check_id"],
            ["spot_check.organization_id", "spot_check.id"],
            name=op.f("fk_spot_check_result_organization_id_check_id_spot_check"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_spot_check_result")),
        sa.UniqueConstraint("organization_id", "check_id", name=op.f("uq_spot_check_result_organization_id_check_id")),
    )
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    op.drop_table("spot_check_result")
    op.drop_table("spot_check")
    op.drop_index("ix_reconciliation_note_organization_id_sheet_id", table_name="reconciliation_note")
    op.drop_table("reconciliation_note")
    op.drop_column("sheet_draft", "explanations")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
