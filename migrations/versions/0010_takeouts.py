"""The take-out ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_take_out_update BEFORE UPDATE ON take_out FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.origin IS NOT OLD.origin
  OR NEW.medium IS NOT OLD.medium
  OR NEW.count IS NOT OLD.count
  OR NEW.data_class IS NOT OLD.data_class
  OR NEW.reason IS NOT OLD.reason
  OR NEW.protections IS NOT OLD.protections
  OR NEW.leaves_at IS NOT OLD.leaves_at
  OR NEW.returns_at IS NOT OLD.returns_at
  OR NEW.standing_id IS NOT OLD.standing_id
  OR NEW.label_id IS NOT OLD.label_id
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.asked_at IS NOT OLD.asked_at
  OR NEW.asked_on IS NOT OLD.asked_on
  OR NEW.asked_by_id IS NOT OLD.asked_by_id
  OR NEW.asked_by_name IS NOT OLD.asked_by_name
  OR NEW.asked_by_role IS NOT OLD.asked_by_role
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR (NEW.description IS NOT NULL AND NEW.description IS NOT OLD.description)
  OR (NEW.purpose IS NOT NULL AND NEW.purpose IS NOT OLD.purpose)
  OR (NEW.destination IS NOT NULL AND NEW.destination IS NOT OLD.destination)
  OR (NEW.route IS NOT NULL AND NEW.route IS NOT OLD.route)
  OR (NEW.companions IS NOT NULL AND NEW.companions IS NOT OLD.companions)
  OR (NEW.alone_reason IS NOT NULL AND NEW.alone_reason IS NOT OLD.alone_reason)
BEGIN SELECT RAISE(ABORT, 'append-only: take_out'); END""",
    """CREATE TRIGGER guard_take_out_delete BEFORE DELETE ON take_out FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: take_out'); END""",
    """CREATE TRIGGER guard_take_out_insert BEFORE INSERT ON take_out FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM take_out AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: take_out'); END""",
    """CREATE TRIGGER guard_take_out_event_update BEFORE UPDATE ON take_out_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.take_out_id IS NOT OLD.take_out_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.said_at IS NOT OLD.said_at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR NEW.by_role IS NOT OLD.by_role
  OR NEW.as_substitute IS NOT OLD.as_substitute
  OR NEW.count IS NOT OLD.count
  OR NEW.checks IS NOT OLD.checks
  OR NEW.until_at IS NOT OLD.until_at
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR (NEW.comment IS NOT NULL AND NEW.comment IS NOT OLD.comment)
BEGIN SELECT RAISE(ABORT, 'append-only: take_out_event'); END""",
    """CREATE TRIGGER guard_take_out_event_delete BEFORE DELETE ON take_out_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: take_out_event'); END""",
    """CREATE TRIGGER guard_take_out_event_insert BEFORE INSERT ON take_out_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM take_out_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.take_out_id = NEW.take_out_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: take_out_event'); END""",
    """CREATE TRIGGER guard_standing_permit_update BEFORE UPDATE ON standing_permit FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.project_id IS NOT OLD.project_id
  OR NEW.medium IS NOT OLD.medium
  OR NEW.data_class IS NOT OLD.data_class
  OR NEW.most IS NOT OLD.most
  OR NEW.reason IS NOT OLD.reason
  OR NEW.protections IS NOT OLD.protections
  OR NEW.weekdays IS NOT OLD.weekdays
  OR NEW.back_after_days IS NOT OLD.back_after_days
  OR NEW.from_on IS NOT OLD.from_on
  OR NEW.until_on IS NOT OLD.until_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.granted_at IS NOT OLD.granted_at
  OR NEW.granted_on IS NOT OLD.granted_on
  OR NEW.granted_by_id IS NOT OLD.granted_by_id
  OR NEW.granted_by_name IS NOT OLD.granted_by_name
  OR NEW.granted_by_role IS NOT OLD.granted_by_role
  OR (NEW.description IS NOT NULL AND NEW.description IS NOT OLD.description)
  OR (NEW.destination IS NOT NULL AND NEW.destination IS NOT OLD.destination)
  OR (NEW.companions IS NOT NULL AND NEW.companions IS NOT OLD.companions)
  OR (NEW.alone_reason IS NOT NULL AND NEW.alone_reason IS NOT OLD.alone_reason)
BEGIN SELECT RAISE(ABORT, 'append-only: standing_permit'); END""",
    """CREATE TRIGGER guard_standing_permit_delete BEFORE DELETE ON standing_permit FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: standing_permit'); END""",
    """CREATE TRIGGER guard_standing_permit_insert BEFORE INSERT ON standing_permit FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM standing_permit AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: standing_permit'); END""",
    """CREATE TRIGGER guard_standing_person_update BEFORE UPDATE ON standing_person FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.standing_id IS NOT OLD.standing_id
  OR NEW.worker_id IS NOT OLD.worker_id
BEGIN SELECT RAISE(ABORT, 'append-only: standing_person'); END""",
    """CREATE TRIGGER guard_standing_person_delete BEFORE DELETE ON standing_person FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: standing_person'); END""",
    """CREATE TRIGGER guard_standing_person_insert BEFORE INSERT ON standing_person FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM standing_person AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.standing_id = NEW.standing_id AND kept.worker_id = NEW.worker_id))
BEGIN SELECT RAISE(ABORT, 'append-only: standing_person'); END""",
    """CREATE TRIGGER guard_standing_end_update BEFORE UPDATE ON standing_end FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.standing_id IS NOT OLD.standing_id
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: standing_end'); END""",
    """CREATE TRIGGER guard_standing_end_delete BEFORE DELETE ON standing_end FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: standing_end'); END""",
    """CREATE TRIGGER guard_standing_end_insert BEFORE INSERT ON standing_end FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM standing_end AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.standing_id = NEW.standing_id))
BEGIN SELECT RAISE(ABORT, 'append-only: standing_end'); END""",
    """CREATE TRIGGER guard_loss_report_update BEFORE UPDATE ON loss_report FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.take_out_id IS NOT OLD.take_out_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.expected IS NOT OLD.expected
  OR NEW.found IS NOT OLD.found
  OR NEW.opened_at IS NOT OLD.opened_at
  OR NEW.opened_by_id IS NOT OLD.opened_by_id
  OR NEW.opened_by_name IS NOT OLD.opened_by_name
  OR (NEW.note IS NOT NULL AND NEW.note IS NOT OLD.note)
BEGIN SELECT RAISE(ABORT, 'append-only: loss_report'); END""",
    """CREATE TRIGGER guard_loss_report_delete BEFORE DELETE ON loss_report FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: loss_report'); END""",
    """CREATE TRIGGER guard_loss_report_insert BEFORE INSERT ON loss_report FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM loss_report AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.take_out_id = NEW.take_out_id))
BEGIN SELECT RAISE(ABORT, 'append-only: loss_report'); END""",
    """CREATE TRIGGER guard_loss_entry_update BEFORE UPDATE ON loss_entry FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.report_id IS NOT OLD.report_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.text IS NOT NULL AND NEW.text IS NOT OLD.text)
BEGIN SELECT RAISE(ABORT, 'append-only: loss_entry'); END""",
    """CREATE TRIGGER guard_loss_entry_delete BEFORE DELETE ON loss_entry FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: loss_entry'); END""",
    """CREATE TRIGGER guard_loss_entry_insert BEFORE INSERT ON loss_entry FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM loss_entry AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.report_id = NEW.report_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: loss_entry'); END""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_take_out_update""",
    """DROP TRIGGER guard_take_out_delete""",
    """DROP TRIGGER guard_take_out_insert""",
    """DROP TRIGGER guard_take_out_event_update""",
    """DROP TRIGGER guard_take_out_event_delete""",
    """DROP TRIGGER guard_take_out_event_insert""",
    """DROP TRIGGER guard_standing_permit_update""",
    """DROP TRIGGER guard_standing_permit_delete""",
    """DROP TRIGGER guard_standing_permit_insert""",
    """DROP TRIGGER guard_standing_person_update""",
    """DROP TRIGGER guard_standing_person_delete""",
    """DROP TRIGGER guard_standing_person_insert""",
    """DROP TRIGGER guard_standing_end_update""",
    """DROP TRIGGER guard_standing_end_delete""",
    """DROP TRIGGER guard_standing_end_insert""",
    """DROP TRIGGER guard_loss_report_update""",
    """DROP TRIGGER guard_loss_report_delete""",
    """DROP TRIGGER guard_loss_report_insert""",
    """DROP TRIGGER guard_loss_entry_update""",
    """DROP TRIGGER guard_loss_entry_delete""",
    """DROP TRIGGER guard_loss_entry_insert""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_take_out() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.description := OLD.description;
    kept.purpose := OLD.purpose;
    kept.destination := OLD.destination;
    kept.route := OLD.route;
    kept.companions := OLD.companions;
    kept.alone_reason := OLD.alone_reason;
    IF kept::text = OLD::text
      AND (NEW.description IS NULL OR NEW.description::text = OLD.description::text)
      AND (NEW.purpose IS NULL OR NEW.purpose::text = OLD.purpose::text)
      AND (NEW.destination IS NULL OR NEW.destination::text = OLD.destination::text)
      AND (NEW.route IS NULL OR NEW.route::text = OLD.route::text)
      AND (NEW.companions IS NULL OR NEW.companions::text = OLD.companions::text)
      AND (NEW.alone_reason IS NULL OR NEW.alone_reason::text = OLD.alone_reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: take_out' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_take_out_update BEFORE UPDATE ON take_out
FOR EACH ROW EXECUTE FUNCTION guard_take_out()""",
    """CREATE TRIGGER guard_take_out_delete BEFORE DELETE ON take_out
FOR EACH ROW EXECUTE FUNCTION guard_take_out()""",
    """CREATE TRIGGER guard_take_out_truncate BEFORE TRUNCATE ON take_out
FOR EACH STATEMENT EXECUTE FUNCTION guard_take_out()""",
    """ALTER TABLE take_out ENABLE ALWAYS TRIGGER guard_take_out_update""",
    """ALTER TABLE take_out ENABLE ALWAYS TRIGGER guard_take_out_delete""",
    """ALTER TABLE take_out ENABLE ALWAYS TRIGGER guard_take_out_truncate""",
    """CREATE FUNCTION guard_take_out_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.comment := OLD.comment;
    IF kept::text = OLD::text
      AND (NEW.comment IS NULL OR NEW.comment::text = OLD.comment::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: take_out_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_take_out_event_update BEFORE UPDATE ON take_out_event
FOR EACH ROW EXECUTE FUNCTION guard_take_out_event()""",
    """CREATE TRIGGER guard_take_out_event_delete BEFORE DELETE ON take_out_event
FOR EACH ROW EXECUTE FUNCTION guard_take_out_event()""",
    """CREATE TRIGGER guard_take_out_event_truncate BEFORE TRUNCATE ON take_out_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_take_out_event()""",
    """ALTER TABLE take_out_event ENABLE ALWAYS TRIGGER guard_take_out_event_update""",
    """ALTER TABLE take_out_event ENABLE ALWAYS TRIGGER guard_take_out_event_delete""",
    """ALTER TABLE take_out_event ENABLE ALWAYS TRIGGER guard_take_out_event_truncate""",
    """CREATE FUNCTION guard_standing_permit() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.description := OLD.description;
    kept.destination := OLD.destination;
    kept.companions := OLD.companions;
    kept.alone_reason := OLD.alone_reason;
    IF kept::text = OLD::text
      AND (NEW.description IS NULL OR NEW.description::text = OLD.description::text)
      AND (NEW.destination IS NULL OR NEW.destination::text = OLD.destination::text)
      AND (NEW.companions IS NULL OR NEW.companions::text = OLD.companions::text)
      AND (NEW.alone_reason IS NULL OR NEW.alone_reason::text = OLD.alone_reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: standing_permit' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_standing_permit_update BEFORE UPDATE ON standing_permit
FOR EACH ROW EXECUTE FUNCTION guard_standing_permit()""",
    """CREATE TRIGGER guard_standing_permit_delete BEFORE DELETE ON standing_permit
FOR EACH ROW EXECUTE FUNCTION guard_standing_permit()""",
    """CREATE TRIGGER guard_standing_permit_truncate BEFORE TRUNCATE ON standing_permit
FOR EACH STATEMENT EXECUTE FUNCTION guard_standing_permit()""",
    """ALTER TABLE standing_permit ENABLE ALWAYS TRIGGER guard_standing_permit_update""",
    """ALTER TABLE standing_permit ENABLE ALWAYS TRIGGER guard_standing_permit_delete""",
    """ALTER TABLE standing_permit ENABLE ALWAYS TRIGGER guard_standing_permit_truncate""",
    """CREATE FUNCTION guard_standing_person() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: standing_person' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_standing_person_update BEFORE UPDATE ON standing_person
FOR EACH ROW EXECUTE FUNCTION guard_standing_person()""",
    """CREATE TRIGGER guard_standing_person_delete BEFORE DELETE ON standing_person
FOR EACH ROW EXECUTE FUNCTION guard_standing_person()""",
    """CREATE TRIGGER guard_standing_person_truncate BEFORE TRUNCATE ON standing_person
FOR EACH STATEMENT EXECUTE FUNCTION guard_standing_person()""",
    """ALTER TABLE standing_person ENABLE ALWAYS TRIGGER guard_standing_person_update""",
    """ALTER TABLE standing_person ENABLE ALWAYS TRIGGER guard_standing_person_delete""",
    """ALTER TABLE standing_person ENABLE ALWAYS TRIGGER guard_standing_person_truncate""",
    """CREATE FUNCTION guard_standing_end() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: standing_end' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_standing_end_update BEFORE UPDATE ON standing_end
FOR EACH ROW EXECUTE FUNCTION guard_standing_end()""",
    """CREATE TRIGGER guard_standing_end_delete BEFORE DELETE ON standing_end
FOR EACH ROW EXECUTE FUNCTION guard_standing_end()""",
    """CREATE TRIGGER guard_standing_end_truncate BEFORE TRUNCATE ON standing_end
FOR EACH STATEMENT EXECUTE FUNCTION guard_standing_end()""",
    """ALTER TABLE standing_end ENABLE ALWAYS TRIGGER guard_standing_end_update""",
    """ALTER TABLE standing_end ENABLE ALWAYS TRIGGER guard_standing_end_delete""",
    """ALTER TABLE standing_end ENABLE ALWAYS TRIGGER guard_standing_end_truncate""",
    """CREATE FUNCTION guard_loss_report() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.note := OLD.note;
    IF kept::text = OLD::text
      AND (NEW.note IS NULL OR NEW.note::text = OLD.note::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: loss_report' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_loss_report_update BEFORE UPDATE ON loss_report
FOR EACH ROW EXECUTE FUNCTION guard_loss_report()""",
    """CREATE TRIGGER guard_loss_report_delete BEFORE DELETE ON loss_report
FOR EACH ROW EXECUTE FUNCTION guard_loss_report()""",
    """CREATE TRIGGER guard_loss_report_truncate BEFORE TRUNCATE ON loss_report
FOR EACH STATEMENT EXECUTE FUNCTION guard_loss_report()""",
    """ALTER TABLE loss_report ENABLE ALWAYS TRIGGER guard_loss_report_update""",
    """ALTER TABLE loss_report ENABLE ALWAYS TRIGGER guard_loss_report_delete""",
    """ALTER TABLE loss_report ENABLE ALWAYS TRIGGER guard_loss_report_truncate""",
    """CREATE FUNCTION guard_loss_entry() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.text := OLD.text;
    IF kept::text = OLD::text
      AND (NEW.text IS NULL OR NEW.text::text = OLD.text::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: loss_entry' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_loss_entry_update BEFORE UPDATE ON loss_entry
FOR EACH ROW EXECUTE FUNCTION guard_loss_entry()""",
    """CREATE TRIGGER guard_loss_entry_delete BEFORE DELETE ON loss_entry
FOR EACH ROW EXECUTE FUNCTION guard_loss_entry()""",
    """CREATE TRIGGER guard_loss_entry_truncate BEFORE TRUNCATE ON loss_entry
FOR EACH STATEMENT EXECUTE FUNCTION guard_loss_entry()""",
    """ALTER TABLE loss_entry ENABLE ALWAYS TRIGGER guard_loss_entry_update""",
    """ALTER TABLE loss_entry ENABLE ALWAYS TRIGGER guard_loss_entry_delete""",
    """ALTER TABLE loss_entry ENABLE ALWAYS TRIGGER guard_loss_entry_truncate""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_take_out_update ON take_out""",
    """DROP TRIGGER guard_take_out_delete ON take_out""",
    """DROP TRIGGER guard_take_out_truncate ON take_out""",
    """DROP FUNCTION guard_take_out()""",
    """DROP TRIGGER guard_take_out_event_update ON take_out_event""",
    """DROP TRIGGER guard_take_out_event_delete ON take_out_event""",
    """DROP TRIGGER guard_take_out_event_truncate ON take_out_event""",
    """DROP FUNCTION guard_take_out_event()""",
    """DROP TRIGGER guard_standing_permit_update ON standing_permit""",
    """DROP TRIGGER guard_standing_permit_delete ON standing_permit""",
    """DROP TRIGGER guard_standing_permit_truncate ON standing_permit""",
    """DROP FUNCTION guard_standing_permit()""",
    """DROP TRIGGER guard_standing_person_update ON standing_person""",
    """DROP TRIGGER guard_standing_person_delete ON standing_person""",
    """DROP TRIGGER guard_standing_person_truncate ON standing_person""",
    """DROP FUNCTION guard_standing_person()""",
    """DROP TRIGGER guard_standing_end_update ON standing_end""",
    """DROP TRIGGER guard_standing_end_delete ON standing_end""",
    """DROP TRIGGER guard_standing_end_truncate ON standing_end""",
    """DROP FUNCTION guard_standing_end()""",
    """DROP TRIGGER guard_loss_report_update ON loss_report""",
    """DROP TRIGGER guard_loss_report_delete ON loss_report""",
    """DROP TRIGGER guard_loss_report_truncate ON loss_report""",
    """DROP FUNCTION guard_loss_report()""",
    """DROP TRIGGER guard_loss_entry_update ON loss_entry""",
    """DROP TRIGGER guard_loss_entry_delete ON loss_entry""",
    """DROP TRIGGER guard_loss_entry_truncate ON loss_entry""",
    """DROP FUNCTION guard_loss_entry()""",
)


def upgrade() -> None:
    op.create_table(
        "take_out_settings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("is_forbidden", sa.Boolean(), nullable=False),
        sa.Column("needs_witness", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_take_out_settings_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_take_out_settings")),
    )
    op.create_table(
        "standing_permit",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("destination", sa.String(length=200), nullable=True),
        sa.Column("companions", sa.String(length=200), nullable=True),
        sa.Column("alone_reason", sa.String(length=300), nullable=True),
        sa.Column("protections", sa.JSON(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("back_after_days", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by_name", sa.String(length=100), nullable=False),
        sa.Column("granted_by_role", sa.String(length=32), nullable=True),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_standing_permit_until_after_from")),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user_account.id"], name=op.f("fk_standing_permit_granted_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_standing_permit_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_standing_permit_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "project_id"],
            ["project.organization_id", "project.id"],
            name=op.f("fk_standing_permit_organization_id_project_id_project"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_standing_permit")),
        sa.UniqueConstraint(
            "organization_id", "request_key", name=op.f("uq_standing_permit_organization_id_request_key")
        ),
    )
    op.create_index("ix_standing_permit_organization_id_until_on", "standing_permit", ["organization_id", "until_on"])
    op.create_table(
        "take_out_label",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_take_out_label_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_take_out_label_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_take_out_label")),
    )
    op.create_index("uq_take_out_label_code", "take_out_label", ["code"], unique=True)
    op.create_table(
        "standing_end",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("standing_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_standing_end_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_standing_end_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "standing_id"],
            ["standing_permit.organization_id", "standing_permit.id"],
            name=op.f("fk_standing_end_organization_id_standing_id_standing_permit"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_standing_end")),
        sa.UniqueConstraint("organization_id", "standing_id", name=op.f("uq_standing_end_organization_id_standing_id")),
    )
    op.create_table(
        "standing_person",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("standing_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_standing_person_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "standing_id"],
            ["standing_permit.organization_id", "standing_permit.id"],
            name=op.f("fk_standing_person_organization_id_standing_id_standing_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_standing_person_organization_id_worker_id_worker"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "standing_id", "worker_id", name=op.f("pk_standing_person")),
    )
    op.create_index("ix_standing_person_organization_id_worker_id", "standing_person", ["organization_id", "worker_id"])
    op.create_table(
        "take_out",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("purpose", sa.String(length=300), nullable=True),
        sa.Column("destination", sa.String(length=200), nullable=True),
        sa.Column("route", sa.String(length=300), nullable=True),
        sa.Column("companions", sa.String(length=200), nullable=True),
        sa.Column("protections", sa.JSON(), nullable=False),
        sa.Column("alone_reason", sa.String(length=300), nullable=True),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returns_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("standing_id", sa.Uuid(), nullable=True),
        sa.Column("label_id", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by_name", sa.String(length=100), nullable=False),
        sa.Column("asked_by_role", sa.String(length=32), nullable=True),
        sa.Column("kiosk_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("count >= 1", name=op.f("ck_take_out_count")),
        sa.CheckConstraint("returns_at > leaves_at", name=op.f("ck_take_out_returns_after_leaving")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user_account.id"], name=op.f("fk_take_out_asked_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_take_out_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "label_id"],
            ["take_out_label.organization_id", "take_out_label.id"],
            name=op.f("fk_take_out_organization_id_label_id_take_out_label"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_take_out_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "standing_id"],
            ["standing_permit.organization_id", "standing_permit.id"],
            name=op.f("fk_take_out_organization_id_standing_id_standing_permit"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_take_out_organization_id_worker_id_worker"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_take_out")),
        sa.UniqueConstraint("organization_id", "request_key", name=op.f("uq_take_out_organization_id_request_key")),
    )
    op.create_table(
        "take_out_substitute",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by_id", sa.Uuid(), nullable=True),
        sa.Column("named_by_name", sa.String(length=100), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_take_out_substitute_until_after_from")),
        sa.ForeignKeyConstraint(
            ["named_by_id"], ["user_account.id"], name=op.f("fk_take_out_substitute_named_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_take_out_substitute_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_take_out_substitute_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_take_out_substitute_organization_id_worker_id_worker"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_take_out_substitute")),
    )
    op.create_index(
        "ix_take_out_substitute_organization_id_worker_id", "take_out_substitute", ["organization_id", "worker_id"]
    )
    op.create_table(
        "ledger_line",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("take_out_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("permission", sa.String(length=32), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returns_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.Column("is_explained", sa.Boolean(), nullable=False),
        sa.Column("is_witnessed", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_ledger_line_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_ledger_line_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "take_out_id"],
            ["take_out.organization_id", "take_out.id"],
            name=op.f("fk_ledger_line_organization_id_take_out_id_take_out"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "take_out_id", name=op.f("pk_ledger_line")),
    )
    op.create_index("ix_ledger_line_organization_id_began_on", "ledger_line", ["organization_id", "began_on"])
    op.create_index(
        "ix_ledger_line_organization_id_center_id", "ledger_line", ["organization_id", "center_id", "began_on"]
    )
    op.create_index("ix_ledger_line_organization_id_state", "ledger_line", ["organization_id", "state", "due_on"])
    op.create_index(
        "ix_ledger_line_organization_id_worker_id", "ledger_line", ["organization_id", "worker_id", "began_on"]
    )
    op.create_table(
        "loss_report",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("take_out_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by_name", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["user_account.id"], name=op.f("fk_loss_report_opened_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_loss_report_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "take_out_id"],
            ["take_out.organization_id", "take_out.id"],
            name=op.f("fk_loss_report_organization_id_take_out_id_take_out"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_loss_report")),
        sa.UniqueConstraint("organization_id", "take_out_id", name=op.f("uq_loss_report_organization_id_take_out_id")),
    )
    op.create_table(
        "take_out_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("take_out_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("by_role", sa.String(length=32), nullable=True),
        sa.Column("as_substitute", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.String(length=1000), nullable=True),
        sa.Column("kiosk_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_take_out_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_take_out_event_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "take_out_id"],
            ["take_out.organization_id", "take_out.id"],
            name=op.f("fk_take_out_event_organization_id_take_out_id_take_out"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_take_out_event")),
        sa.UniqueConstraint(
            "organization_id",
            "take_out_id",
            "number",
            name=op.f("uq_take_out_event_organization_id_take_out_id_number"),
        ),
    )
    op.create_table(
        "loss_entry",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_loss_entry_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_loss_entry_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "report_id"],
            ["loss_report.organization_id", "loss_report.id"],
            name=op.f("fk_loss_entry_organization_id_report_id_loss_report"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_loss_entry")),
        sa.UniqueConstraint(
            "organization_id", "report_id", "number", name=op.f("uq_loss_entry_organization_id_report_id_number")
        ),
    )
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    op.drop_table("loss_entry")
    op.drop_table("take_out_event")
    op.drop_table("loss_report")
    op.drop_index("ix_ledger_line_organization_id_began_on", table_name="ledger_line")
    op.drop_index("ix_ledger_line_organization_id_center_id", table_name="ledger_line")
    op.drop_index("ix_ledger_line_organization_id_state", table_name="ledger_line")
    op.drop_index("ix_ledger_line_organization_id_worker_id", table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_index("ix_take_out_substitute_organization_id_worker_id", table_name="take_out_substitute")
    op.drop_table("take_out_substitute")
    op.drop_table("take_out")
    op.drop_index("ix_standing_person_organization_id_worker_id", table_name="standing_person")
    op.drop_table("standing_person")
    op.drop_table("standing_end")
    op.drop_index("uq_take_out_label_code", table_name="take_out_label")
    op.drop_table("take_out_label")
    op.drop_index("ix_standing_permit_organization_id_until_on", table_name="standing_permit")
    op.drop_table("standing_permit")
    op.drop_table("take_out_settings")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
