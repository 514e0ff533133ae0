"""Joining, leaving and moving: steps on joining, things lent, how leavings were closed, who came back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_joining_record_update BEFORE UPDATE ON joining_record FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.step IS NOT OLD.step
  OR NEW.done_on IS NOT OLD.done_on
  OR NEW.manner IS NOT OLD.manner
  OR NEW.replaces_id IS NOT OLD.replaces_id
  OR NEW.is_withdrawal IS NOT OLD.is_withdrawal
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR (NEW.subject IS NOT NULL AND NEW.subject IS NOT OLD.subject)
  OR (NEW.by_whom IS NOT NULL AND NEW.by_whom IS NOT OLD.by_whom)
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: joining_record'); END""",
    """CREATE TRIGGER guard_joining_record_delete BEFORE DELETE ON joining_record FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: joining_record'); END""",
    """CREATE TRIGGER guard_joining_record_insert BEFORE INSERT ON joining_record FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM joining_record AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.replaces_id = NEW.replaces_id))
BEGIN SELECT RAISE(ABORT, 'append-only: joining_record'); END""",
    """CREATE TRIGGER guard_lent_item_update BEFORE UPDATE ON lent_item FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.count IS NOT OLD.count
  OR NEW.handed_on IS NOT OLD.handed_on
  OR NEW.due_on IS NOT OLD.due_on
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR (NEW.label IS NOT NULL AND NEW.label IS NOT OLD.label)
BEGIN SELECT RAISE(ABORT, 'append-only: lent_item'); END""",
    """CREATE TRIGGER guard_lent_item_delete BEFORE DELETE ON lent_item FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: lent_item'); END""",
    """CREATE TRIGGER guard_lent_item_insert BEFORE INSERT ON lent_item FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM lent_item AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: lent_item'); END""",
    """CREATE TRIGGER guard_lent_event_update BEFORE UPDATE ON lent_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.item_id IS NOT OLD.item_id
  OR NEW.number IS NOT OLD.number
  OR NEW.fate IS NOT OLD.fate
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR (NEW.note IS NOT NULL AND NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'append-only: lent_event'); END""",
    """CREATE TRIGGER guard_lent_event_delete BEFORE DELETE ON lent_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: lent_event'); END""",
    """CREATE TRIGGER guard_lent_event_insert BEFORE INSERT ON lent_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM lent_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.item_id = NEW.item_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: lent_event'); END""",
    """CREATE TRIGGER guard_leaving_update BEFORE UPDATE ON leaving FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.number IS NOT OLD.number
  OR NEW.begun IS NOT OLD.begun
  OR NEW.is_cancelled IS NOT OLD.is_cancelled
  OR NEW.last_on IS NOT OLD.last_on
  OR NEW.close_by_on IS NOT OLD.close_by_on
  OR NEW.reason IS NOT OLD.reason
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR (NEW.note IS NOT NULL AND NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'append-only: leaving'); END""",
    """CREATE TRIGGER guard_leaving_delete BEFORE DELETE ON leaving FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: leaving'); END""",
    """CREATE TRIGGER guard_leaving_insert BEFORE INSERT ON leaving FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM leaving AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.worker_id = NEW.worker_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: leaving'); END""",
    """CREATE TRIGGER guard_leaving_entry_update BEFORE UPDATE ON leaving_entry FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.begun IS NOT OLD.begun
  OR NEW.item IS NOT OLD.item
  OR NEW.number IS NOT OLD.number
  OR NEW.outcome IS NOT OLD.outcome
  OR NEW.checked_on IS NOT OLD.checked_on
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR (NEW.note IS NOT NULL AND NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'append-only: leaving_entry'); END""",
    """CREATE TRIGGER guard_leaving_entry_delete BEFORE DELETE ON leaving_entry FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: leaving_entry'); END""",
    """CREATE TRIGGER guard_leaving_entry_insert BEFORE INSERT ON leaving_entry FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM leaving_entry AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.worker_id = NEW.worker_id AND kept.begun = NEW.begun AND kept.item = NEW.item AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: leaving_entry'); END""",
    """CREATE TRIGGER guard_rejoining_update BEFORE UPDATE ON rejoining FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.previous_worker_id IS NOT OLD.previous_worker_id
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
BEGIN SELECT RAISE(ABORT, 'append-only: rejoining'); END""",
    """CREATE TRIGGER guard_rejoining_delete BEFORE DELETE ON rejoining FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: rejoining'); END""",
    """CREATE TRIGGER guard_rejoining_insert BEFORE INSERT ON rejoining FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM rejoining AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.previous_worker_id = NEW.previous_worker_id)
  OR (kept.organization_id = NEW.organization_id AND kept.worker_id = NEW.worker_id))
BEGIN SELECT RAISE(ABORT, 'append-only: rejoining'); END""",
)

POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_joining_record() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.subject := OLD.subject;
    kept.by_whom := OLD.by_whom;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.subject IS NULL OR NEW.subject::text = OLD.subject::text)
      AND (NEW.by_whom IS NULL OR NEW.by_whom::text = OLD.by_whom::text)
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: joining_record' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_joining_record_update BEFORE UPDATE ON joining_record
FOR EACH ROW EXECUTE FUNCTION guard_joining_record()""",
    """CREATE TRIGGER guard_joining_record_delete BEFORE DELETE ON joining_record
FOR EACH ROW EXECUTE FUNCTION guard_joining_record()""",
    """CREATE TRIGGER guard_joining_record_truncate BEFORE TRUNCATE ON joining_record
FOR EACH STATEMENT EXECUTE FUNCTION guard_joining_record()""",
    """ALTER TABLE joining_record ENABLE ALWAYS TRIGGER guard_joining_record_update""",
    """ALTER TABLE joining_record ENABLE ALWAYS TRIGGER guard_joining_record_delete""",
    """ALTER TABLE joining_record ENABLE ALWAYS TRIGGER guard_joining_record_truncate""",
    """CREATE FUNCTION guard_lent_item() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.label := OLD.label;
    IF kept::text = OLD::text
      AND (NEW.label IS NULL OR NEW.label::text = OLD.label::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: lent_item' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_lent_item_update BEFORE UPDATE ON lent_item
FOR EACH ROW EXECUTE FUNCTION guard_lent_item()""",
    """CREATE TRIGGER guard_lent_item_delete BEFORE DELETE ON lent_item
FOR EACH ROW EXECUTE FUNCTION guard_lent_item()""",
    """CREATE TRIGGER guard_lent_item_truncate BEFORE TRUNCATE ON lent_item
FOR EACH STATEMENT EXECUTE FUNCTION guard_lent_item()""",
    """ALTER TABLE lent_item ENABLE ALWAYS TRIGGER guard_lent_item_update""",
    """ALTER TABLE lent_item ENABLE ALWAYS TRIGGER guard_lent_item_delete""",
    """ALTER TABLE lent_item ENABLE ALWAYS TRIGGER guard_lent_item_truncate""",
    """CREATE FUNCTION guard_lent_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.note := OLD.note;
    IF kept::text = OLD::text
      AND (NEW.note IS NULL OR NEW.note::text = OLD.note::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: lent_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_lent_event_update BEFORE UPDATE ON lent_event
FOR EACH ROW EXECUTE FUNCTION guard_lent_event()""",
    """CREATE TRIGGER guard_lent_event_delete BEFORE DELETE ON lent_event
FOR EACH ROW EXECUTE FUNCTION guard_lent_event()""",
    """CREATE TRIGGER guard_lent_event_truncate BEFORE TRUNCATE ON lent_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_lent_event()""",
    """ALTER TABLE lent_event ENABLE ALWAYS TRIGGER guard_lent_event_update""",
    """ALTER TABLE lent_event ENABLE ALWAYS TRIGGER guard_lent_event_delete""",
    """ALTER TABLE lent_event ENABLE ALWAYS TRIGGER guard_lent_event_truncate""",
    """CREATE FUNCTION guard_leaving() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.note := OLD.note;
    IF kept::text = OLD::text
      AND (NEW.note IS NULL OR NEW.note::text = OLD.note::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: leaving' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_leaving_update BEFORE UPDATE ON leaving
FOR EACH ROW EXECUTE FUNCTION guard_leaving()""",
    """CREATE TRIGGER guard_leaving_delete BEFORE DELETE ON leaving
FOR EACH ROW EXECUTE FUNCTION guard_leaving()""",
    """CREATE TRIGGER guard_leaving_truncate BEFORE TRUNCATE ON leaving
FOR EACH STATEMENT EXECUTE FUNCTION guard_leaving()""",
    """ALTER TABLE leaving ENABLE ALWAYS TRIGGER guard_leaving_update""",
    """ALTER TABLE leaving ENABLE ALWAYS TRIGGER guard_leaving_delete""",
    """ALTER TABLE leaving ENABLE ALWAYS TRIGGER guard_leaving_truncate""",
    """CREATE FUNCTION guard_leaving_entry() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.note := OLD.note;
    IF kept::text = OLD::text
      AND (NEW.note IS NULL OR NEW.note::text = OLD.note::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: leaving_entry' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_leaving_entry_update BEFORE UPDATE ON leaving_entry
FOR EACH ROW EXECUTE FUNCTION guard_leaving_entry()""",
    """CREATE TRIGGER guard_leaving_entry_delete BEFORE DELETE ON leaving_entry
FOR EACH ROW EXECUTE FUNCTION guard_leaving_entry()""",
    """CREATE TRIGGER guard_leaving_entry_truncate BEFORE TRUNCATE ON leaving_entry
FOR EACH STATEMENT EXECUTE FUNCTION guard_leaving_entry()""",
    """ALTER TABLE leaving_entry ENABLE ALWAYS TRIGGER guard_leaving_entry_update""",
    """ALTER TABLE leaving_entry ENABLE ALWAYS TRIGGER guard_leaving_entry_delete""",
    """ALTER TABLE leaving_entry ENABLE ALWAYS TRIGGER guard_leaving_entry_truncate""",
    """CREATE FUNCTION guard_rejoining() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: rejoining' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_rejoining_update BEFORE UPDATE ON rejoining
FOR EACH ROW EXECUTE FUNCTION guard_rejoining()""",
    """CREATE TRIGGER guard_rejoining_delete BEFORE DELETE ON rejoining
FOR EACH ROW EXECUTE FUNCTION guard_rejoining()""",
    """CREATE TRIGGER guard_rejoining_truncate BEFORE TRUNCATE ON rejoining
FOR EACH STATEMENT EXECUTE FUNCTION guard_rejoining()""",
    """ALTER TABLE rejoining ENABLE ALWAYS TRIGGER guard_rejoining_update""",
    """ALTER TABLE rejoining ENABLE ALWAYS TRIGGER guard_rejoining_delete""",
    """ALTER TABLE rejoining ENABLE ALWAYS TRIGGER guard_rejoining_truncate""",
)

SQLITE_UNGUARD = (
    "DROP TRIGGER guard_joining_record_update",
    "DROP TRIGGER guard_joining_record_delete",
    "DROP TRIGGER guard_joining_record_insert",
    "DROP TRIGGER guard_lent_item_update",
    "DROP TRIGGER guard_lent_item_delete",
    "DROP TRIGGER guard_lent_item_insert",
    "DROP TRIGGER guard_lent_event_update",
    "DROP TRIGGER guard_lent_event_delete",
    "DROP TRIGGER guard_lent_event_insert",
    "DROP TRIGGER guard_leaving_update",
    "DROP TRIGGER guard_leaving_delete",
    "DROP TRIGGER guard_leaving_insert",
    "DROP TRIGGER guard_leaving_entry_update",
    "DROP TRIGGER guard_leaving_entry_delete",
    "DROP TRIGGER guard_leaving_entry_insert",
    "DROP TRIGGER guard_rejoining_update",
    "DROP TRIGGER guard_rejoining_delete",
    "DROP TRIGGER guard_rejoining_insert",
)

POSTGRESQL_UNGUARD = (
    "DROP TRIGGER guard_joining_record_update ON joining_record",
    "DROP TRIGGER guard_joining_record_delete ON joining_record",
    "DROP TRIGGER guard_joining_record_truncate ON joining_record",
    "DROP FUNCTION guard_joining_record()",
    "DROP TRIGGER guard_lent_item_update ON lent_item",
    "DROP TRIGGER guard_lent_item_delete ON lent_item",
    "DROP TRIGGER guard_lent_item_truncate ON lent_item",
    "DROP FUNCTION guard_lent_item()",
    "DROP TRIGGER guard_lent_event_update ON lent_event",
    "DROP TRIGGER guard_lent_event_delete ON lent_event",
    "DROP TRIGGER guard_lent_event_truncate ON lent_event",
    "DROP FUNCTION guard_lent_event()",
    "DROP TRIGGER guard_leaving_update ON leaving",
    "DROP TRIGGER guard_leaving_delete ON leaving",
    "DROP TRIGGER guard_leaving_truncate ON leaving",
    "DROP FUNCTION guard_leaving()",
    "DROP TRIGGER guard_leaving_entry_update ON leaving_entry",
    "DROP TRIGGER guard_leaving_entry_delete ON leaving_entry",
    "DROP TRIGGER guard_leaving_entry_truncate ON leaving_entry",
    "DROP FUNCTION guard_leaving_entry()",
    "DROP TRIGGER guard_rejoining_update ON rejoining",
    "DROP TRIGGER guard_rejoining_delete ON rejoining",
    "DROP TRIGGER guard_rejoining_truncate ON rejoining",
    "DROP FUNCTION guard_rejoining()",
)


def upgrade() -> None:
    op.create_table(
        "joining_record",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("manner", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("by_whom", sa.String(length=100), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("is_withdrawal", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "replaces_id"],
            ["joining_record.organization_id", "joining_record.id"],
            name=op.f("fk_joining_record_organization_id_replaces_id_joining_record"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_joining_record_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_joining_record_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_joining_record_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_joining_record")),
        sa.UniqueConstraint(
            "organization_id", "replaces_id", name=op.f("uq_joining_record_organization_id_replaces_id")
        ),
    )
    op.create_index(
        "ix_joining_record_organization_id_worker_id", "joining_record", ["organization_id", "worker_id"], unique=False
    )
    op.create_table(
        "leaving",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("close_by_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_leaving_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_leaving_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_leaving_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_leaving")),
        sa.UniqueConstraint(
            "organization_id", "worker_id", "number", name=op.f("uq_leaving_organization_id_worker_id_number")
        ),
    )
    op.create_table(
        "leaving_entry",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_leaving_entry_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_leaving_entry_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_leaving_entry_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_leaving_entry")),
        sa.UniqueConstraint(
            "organization_id",
            "worker_id",
            "begun",
            "item",
            "number",
            name=op.f("uq_leaving_entry_organization_id_worker_id_begun_item_number"),
        ),
    )
    op.create_table(
        "lent_item",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_lent_item_count")),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_lent_item_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lent_item_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_lent_item_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_lent_item")),
    )
    op.create_index(
        "ix_lent_item_organization_id_worker_id", "lent_item", ["organization_id", "worker_id"], unique=False
    )
    op.create_table(
        "rejoining",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("previous_worker_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "previous_worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_rejoining_organization_id_previous_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_rejoining_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rejoining_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_rejoining_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rejoining")),
        sa.UniqueConstraint(
            "organization_id", "previous_worker_id", name=op.f("uq_rejoining_organization_id_previous_worker_id")
        ),
        sa.UniqueConstraint("organization_id", "worker_id", name=op.f("uq_rejoining_organization_id_worker_id")),
    )
    op.create_table(
        "lent_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(length=32), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "item_id"],
            ["lent_item.organization_id", "lent_item.id"],
            name=op.f("fk_lent_event_organization_id_item_id_lent_item"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lent_event_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_lent_event_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_lent_event")),
        sa.UniqueConstraint(
            "organization_id", "item_id", "number", name=op.f("uq_lent_event_organization_id_item_id_number")
        ),
    )
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARD, POSTGRESQL_UNGUARD)
    op.drop_table("lent_event")
    op.drop_table("rejoining")
    op.drop_index("ix_lent_item_organization_id_worker_id", table_name="lent_item")
    op.drop_table("lent_item")
    op.drop_table("leaving_entry")
    op.drop_table("leaving")
    op.drop_index("ix_joining_record_organization_id_worker_id", table_name="joining_record")
    op.drop_table("joining_record")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
