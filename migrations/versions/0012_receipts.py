"""Hand-over receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_receipt_update BEFORE UPDATE ON receipt FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.direction IS NOT OLD.direction
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.giver_id IS NOT OLD.giver_id
  OR NEW.receiver_id IS NOT OLD.receiver_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.handed_on IS NOT OLD.handed_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.written_at IS NOT OLD.written_at
  OR NEW.written_on IS NOT OLD.written_on
  OR NEW.written_by_id IS NOT OLD.written_by_id
  OR NEW.written_by_name IS NOT OLD.written_by_name
  OR NEW.written_side IS NOT OLD.written_side
  OR (NEW.purpose IS NOT NULL AND NEW.purpose IS NOT OLD.purpose)
BEGIN SELECT RAISE(ABORT, 'append-only: receipt'); END""",
    """CREATE TRIGGER guard_receipt_delete BEFORE DELETE ON receipt FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: receipt'); END""",
    """CREATE TRIGGER guard_receipt_insert BEFORE INSERT ON receipt FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM receipt AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: receipt'); END""",
    """CREATE TRIGGER guard_receipt_item_update BEFORE UPDATE ON receipt_item FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.receipt_id IS NOT OLD.receipt_id
  OR NEW.position IS NOT OLD.position
  OR NEW.medium IS NOT OLD.medium
  OR NEW.data_class IS NOT OLD.data_class
  OR NEW.count IS NOT OLD.count
  OR NEW.keep_until_on IS NOT OLD.keep_until_on
  OR NEW.ending IS NOT OLD.ending
  OR NEW.end_by_on IS NOT OLD.end_by_on
  OR (NEW.description IS NOT NULL AND NEW.description IS NOT OLD.description)
BEGIN SELECT RAISE(ABORT, 'append-only: receipt_item'); END""",
    """CREATE TRIGGER guard_receipt_item_delete BEFORE DELETE ON receipt_item FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: receipt_item'); END""",
    """CREATE TRIGGER guard_receipt_item_insert BEFORE INSERT ON receipt_item FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM receipt_item AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.receipt_id = NEW.receipt_id AND kept.position = NEW.position))
BEGIN SELECT RAISE(ABORT, 'append-only: receipt_item'); END""",
    """CREATE TRIGGER guard_receipt_event_update BEFORE UPDATE ON receipt_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.receipt_id IS NOT OLD.receipt_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.side IS NOT OLD.side
  OR NEW.position IS NOT OLD.position
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR NEW.by_role IS NOT OLD.by_role
  OR NEW.on_paper IS NOT OLD.on_paper
  OR NEW.count IS NOT OLD.count
  OR NEW.method IS NOT OLD.method
  OR NEW.done_on IS NOT OLD.done_on
  OR NEW.witness IS NOT OLD.witness
  OR NEW.backups_gone IS NOT OLD.backups_gone
  OR NEW.until_on IS NOT OLD.until_on
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR (NEW.comment IS NOT NULL AND NEW.comment IS NOT OLD.comment)
BEGIN SELECT RAISE(ABORT, 'append-only: receipt_event'); END""",
    """CREATE TRIGGER guard_receipt_event_delete BEFORE DELETE ON receipt_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: receipt_event'); END""",
    """CREATE TRIGGER guard_receipt_event_insert BEFORE INSERT ON receipt_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM receipt_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.receipt_id = NEW.receipt_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: receipt_event'); END""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_receipt_update""",
    """DROP TRIGGER guard_receipt_delete""",
    """DROP TRIGGER guard_receipt_insert""",
    """DROP TRIGGER guard_receipt_item_update""",
    """DROP TRIGGER guard_receipt_item_delete""",
    """DROP TRIGGER guard_receipt_item_insert""",
    """DROP TRIGGER guard_receipt_event_update""",
    """DROP TRIGGER guard_receipt_event_delete""",
    """DROP TRIGGER guard_receipt_event_insert""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_receipt() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.purpose := OLD.purpose;
    IF kept::text = OLD::text
      AND (NEW.purpose IS NULL OR NEW.purpose::text = OLD.purpose::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: receipt' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_receipt_update BEFORE UPDATE ON receipt
FOR EACH ROW EXECUTE FUNCTION guard_receipt()""",
    """CREATE TRIGGER guard_receipt_delete BEFORE DELETE ON receipt
FOR EACH ROW EXECUTE FUNCTION guard_receipt()""",
    """CREATE TRIGGER guard_receipt_truncate BEFORE TRUNCATE ON receipt
FOR EACH STATEMENT EXECUTE FUNCTION guard_receipt()""",
    """ALTER TABLE receipt ENABLE ALWAYS TRIGGER guard_receipt_update""",
    """ALTER TABLE receipt ENABLE ALWAYS TRIGGER guard_receipt_delete""",
    """ALTER TABLE receipt ENABLE ALWAYS TRIGGER guard_receipt_truncate""",
    """CREATE FUNCTION guard_receipt_item() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.description := OLD.description;
    IF kept::text = OLD::text
      AND (NEW.description IS NULL OR NEW.description::text = OLD.description::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: receipt_item' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_receipt_item_update BEFORE UPDATE ON receipt_item
FOR EACH ROW EXECUTE FUNCTION guard_receipt_item()""",
    """CREATE TRIGGER guard_receipt_item_delete BEFORE DELETE ON receipt_item
FOR EACH ROW EXECUTE FUNCTION guard_receipt_item()""",
    """CREATE TRIGGER guard_receipt_item_truncate BEFORE TRUNCATE ON receipt_item
FOR EACH STATEMENT EXECUTE FUNCTION guard_receipt_item()""",
    """ALTER TABLE receipt_item ENABLE ALWAYS TRIGGER guard_receipt_item_update""",
    """ALTER TABLE receipt_item ENABLE ALWAYS TRIGGER guard_receipt_item_delete""",
    """ALTER TABLE receipt_item ENABLE ALWAYS TRIGGER guard_receipt_item_truncate""",
    """CREATE FUNCTION guard_receipt_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.comment := OLD.comment;
    IF kept::text = OLD::text
      AND (NEW.comment IS NULL OR NEW.comment::text = OLD.comment::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: receipt_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_receipt_event_update BEFORE UPDATE ON receipt_event
FOR EACH ROW EXECUTE FUNCTION guard_receipt_event()""",
    """CREATE TRIGGER guard_receipt_event_delete BEFORE DELETE ON receipt_event
FOR EACH ROW EXECUTE FUNCTION guard_receipt_event()""",
    """CREATE TRIGGER guard_receipt_event_truncate BEFORE TRUNCATE ON receipt_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_receipt_event()""",
    """ALTER TABLE receipt_event ENABLE ALWAYS TRIGGER guard_receipt_event_update""",
    """ALTER TABLE receipt_event ENABLE ALWAYS TRIGGER guard_receipt_event_delete""",
    """ALTER TABLE receipt_event ENABLE ALWAYS TRIGGER guard_receipt_event_truncate""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_receipt_update ON receipt""",
    """DROP TRIGGER guard_receipt_delete ON receipt""",
    """DROP TRIGGER guard_receipt_truncate ON receipt""",
    """DROP FUNCTION guard_receipt()""",
    """DROP TRIGGER guard_receipt_item_update ON receipt_item""",
    """DROP TRIGGER guard_receipt_item_delete ON receipt_item""",
    """DROP TRIGGER guard_receipt_item_truncate ON receipt_item""",
    """DROP FUNCTION guard_receipt_item()""",
    """DROP TRIGGER guard_receipt_event_update ON receipt_event""",
    """DROP TRIGGER guard_receipt_event_delete ON receipt_event""",
    """DROP TRIGGER guard_receipt_event_truncate ON receipt_event""",
    """DROP FUNCTION guard_receipt_event()""",
)


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("giver_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("written_by_id", sa.Uuid(), nullable=True),
        sa.Column("written_by_name", sa.String(length=100), nullable=False),
        sa.Column("written_side", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_receipt_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_receipt_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_receipt_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "giver_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_receipt_organization_id_giver_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_receipt_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "receiver_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_receipt_organization_id_receiver_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["user_account.id"], name=op.f("fk_receipt_written_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("organization_id", "request_key", name=op.f("uq_receipt_organization_id_request_key")),
    )
    op.create_table(
        "receipt_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("by_role", sa.String(length=32), nullable=True),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=32), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("witness", sa.String(length=100), nullable=True),
        sa.Column("backups_gone", sa.Boolean(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("comment", sa.String(length=1000), nullable=True),
        sa.Column("kiosk_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_receipt_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_receipt_event_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_id"],
            ["receipt.organization_id", "receipt.id"],
            name=op.f("fk_receipt_event_organization_id_receipt_id_receipt"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_receipt_event")),
        sa.UniqueConstraint(
            "organization_id", "receipt_id", "number", name=op.f("uq_receipt_event_organization_id_receipt_id_number")
        ),
    )
    op.create_table(
        "receipt_item",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("keep_until_on", sa.Date(), nullable=True),
        sa.Column("ending", sa.String(length=32), nullable=False),
        sa.Column("end_by_on", sa.Date(), nullable=False),
        sa.CheckConstraint("count >= 1", name=op.f("ck_receipt_item_count")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_receipt_item_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_id"],
            ["receipt.organization_id", "receipt.id"],
            name=op.f("fk_receipt_item_organization_id_receipt_id_receipt"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "receipt_id", "position", name=op.f("pk_receipt_item")),
    )
    op.create_table(
        "receipt_line",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.String(length=32), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_id", sa.Uuid(), nullable=True),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("end_by_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("unacknowledged", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_receipt_line_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_id", "position"],
            ["receipt_item.organization_id", "receipt_item.receipt_id", "receipt_item.position"],
            name=op.f("fk_receipt_line_organization_id_receipt_id_position_receipt_item"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "receipt_id", "position", name=op.f("pk_receipt_line")),
    )
    op.create_index("ix_receipt_line_municipality_id_handed_on", "receipt_line", ["municipality_id", "handed_on"])
    op.create_index("ix_receipt_line_organization_id_handed_on", "receipt_line", ["organization_id", "handed_on"])
    op.create_index("ix_receipt_line_organization_id_state", "receipt_line", ["organization_id", "state", "due_on"])
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    op.drop_index("ix_receipt_line_municipality_id_handed_on", table_name="receipt_line")
    op.drop_index("ix_receipt_line_organization_id_handed_on", table_name="receipt_line")
    op.drop_index("ix_receipt_line_organization_id_state", table_name="receipt_line")
    op.drop_table("receipt_line")
    op.drop_table("receipt_item")
    op.drop_table("receipt_event")
    op.drop_table("receipt")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
