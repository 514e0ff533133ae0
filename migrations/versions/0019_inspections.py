"""Inspections with their views, findings, improvement requests and objections to levels."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_inspection_update BEFORE UPDATE ON inspection FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.from_month IS NOT OLD.from_month
  OR NEW.until_month IS NOT OLD.until_month
  OR NEW.open_until_on IS NOT OLD.open_until_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_on IS NOT OLD.made_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: inspection'); END""",
    """CREATE TRIGGER guard_inspection_delete BEFORE DELETE ON inspection FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: inspection'); END""",
    """CREATE TRIGGER guard_inspection_insert BEFORE INSERT ON inspection FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM inspection AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: inspection'); END""",
    """CREATE TRIGGER guard_inspection_closing_update BEFORE UPDATE ON inspection_closing FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.inspection_id IS NOT OLD.inspection_id
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.summary IS NOT NULL AND NEW.summary IS NOT OLD.summary)
BEGIN SELECT RAISE(ABORT, 'append-only: inspection_closing'); END""",
    """CREATE TRIGGER guard_inspection_closing_delete BEFORE DELETE ON inspection_closing FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: inspection_closing'); END""",
    """CREATE TRIGGER guard_inspection_closing_insert BEFORE INSERT ON inspection_closing FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM inspection_closing AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.inspection_id = NEW.inspection_id))
BEGIN SELECT RAISE(ABORT, 'append-only: inspection_closing'); END""",
    """CREATE TRIGGER guard_inspection_view_update BEFORE UPDATE ON inspection_view FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.inspection_id IS NOT OLD.inspection_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.object_id IS NOT OLD.object_id
  OR NEW.subject_id IS NOT OLD.subject_id
  OR NEW.about IS NOT OLD.about
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: inspection_view'); END""",
    """CREATE TRIGGER guard_inspection_view_delete BEFORE DELETE ON inspection_view FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: inspection_view'); END""",
    """CREATE TRIGGER guard_inspection_view_insert BEFORE INSERT ON inspection_view FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM inspection_view AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: inspection_view'); END""",
    """CREATE TRIGGER guard_demand_update BEFORE UPDATE ON demand FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.inspection_id IS NOT OLD.inspection_id
  OR NEW.number IS NOT OLD.number
  OR NEW.article IS NOT OLD.article
  OR NEW.criterion IS NOT OLD.criterion
  OR NEW.criterion_title IS NOT OLD.criterion_title
  OR NEW.due_on IS NOT OLD.due_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_on IS NOT OLD.made_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.what IS NOT NULL AND NEW.what IS NOT OLD.what)
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: demand'); END""",
    """CREATE TRIGGER guard_demand_delete BEFORE DELETE ON demand FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: demand'); END""",
    """CREATE TRIGGER guard_demand_insert BEFORE INSERT ON demand FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM demand AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.inspection_id = NEW.inspection_id AND kept.number = NEW.number)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: demand'); END""",
    """CREATE TRIGGER guard_demand_event_update BEFORE UPDATE ON demand_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.demand_id IS NOT OLD.demand_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.due_on IS NOT OLD.due_on
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.text IS NOT NULL AND NEW.text IS NOT OLD.text)
  OR (NEW.evidence IS NOT NULL AND NEW.evidence IS NOT OLD.evidence)
BEGIN SELECT RAISE(ABORT, 'append-only: demand_event'); END""",
    """CREATE TRIGGER guard_demand_event_delete BEFORE DELETE ON demand_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: demand_event'); END""",
    """CREATE TRIGGER guard_demand_event_insert BEFORE INSERT ON demand_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM demand_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.demand_id = NEW.demand_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: demand_event'); END""",
    """CREATE TRIGGER guard_level_objection_update BEFORE UPDATE ON level_objection FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.criterion IS NOT OLD.criterion
  OR NEW.criterion_title IS NOT OLD.criterion_title
  OR NEW.level_on IS NOT OLD.level_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_on IS NOT OLD.made_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.what IS NOT NULL AND NEW.what IS NOT OLD.what)
  OR (NEW.record IS NOT NULL AND NEW.record IS NOT OLD.record)
BEGIN SELECT RAISE(ABORT, 'append-only: level_objection'); END""",
    """CREATE TRIGGER guard_level_objection_delete BEFORE DELETE ON level_objection FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: level_objection'); END""",
    """CREATE TRIGGER guard_level_objection_insert BEFORE INSERT ON level_objection FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM level_objection AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: level_objection'); END""",
    """CREATE TRIGGER guard_objection_event_update BEFORE UPDATE ON objection_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.objection_id IS NOT OLD.objection_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.decided_on IS NOT OLD.decided_on
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.text IS NOT NULL AND NEW.text IS NOT OLD.text)
BEGIN SELECT RAISE(ABORT, 'append-only: objection_event'); END""",
    """CREATE TRIGGER guard_objection_event_delete BEFORE DELETE ON objection_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: objection_event'); END""",
    """CREATE TRIGGER guard_objection_event_insert BEFORE INSERT ON objection_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM objection_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.objection_id = NEW.objection_id))
BEGIN SELECT RAISE(ABORT, 'append-only: objection_event'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_inspection() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: inspection' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_inspection_update BEFORE UPDATE ON inspection
FOR EACH ROW EXECUTE FUNCTION guard_inspection()""",
    """CREATE TRIGGER guard_inspection_delete BEFORE DELETE ON inspection
FOR EACH ROW EXECUTE FUNCTION guard_inspection()""",
    """CREATE TRIGGER guard_inspection_truncate BEFORE TRUNCATE ON inspection
FOR EACH STATEMENT EXECUTE FUNCTION guard_inspection()""",
    "ALTER TABLE inspection ENABLE ALWAYS TRIGGER guard_inspection_update",
    "ALTER TABLE inspection ENABLE ALWAYS TRIGGER guard_inspection_delete",
    "ALTER TABLE inspection ENABLE ALWAYS TRIGGER guard_inspection_truncate",
    """CREATE FUNCTION guard_inspection_closing() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.summary := OLD.summary;
    IF kept::text = OLD::text
      AND (NEW.summary IS NULL OR NEW.summary::text = OLD.summary::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: inspection_closing' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_inspection_closing_update BEFORE UPDATE ON inspection_closing
FOR EACH ROW EXECUTE FUNCTION guard_inspection_closing()""",
    """CREATE TRIGGER guard_inspection_closing_delete BEFORE DELETE ON inspection_closing
FOR EACH ROW EXECUTE FUNCTION guard_inspection_closing()""",
    """CREATE TRIGGER guard_inspection_closing_truncate BEFORE TRUNCATE ON inspection_closing
FOR EACH STATEMENT EXECUTE FUNCTION guard_inspection_closing()""",
    "ALTER TABLE inspection_closing ENABLE ALWAYS TRIGGER guard_inspection_closing_update",
    "ALTER TABLE inspection_closing ENABLE ALWAYS TRIGGER guard_inspection_closing_delete",
    "ALTER TABLE inspection_closing ENABLE ALWAYS TRIGGER guard_inspection_closing_truncate",
    """CREATE FUNCTION guard_inspection_view() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: inspection_view' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_inspection_view_update BEFORE UPDATE ON inspection_view
FOR EACH ROW EXECUTE FUNCTION guard_inspection_view()""",
    """CREATE TRIGGER guard_inspection_view_delete BEFORE DELETE ON inspection_view
FOR EACH ROW EXECUTE FUNCTION guard_inspection_view()""",
    """CREATE TRIGGER guard_inspection_view_truncate BEFORE TRUNCATE ON inspection_view
FOR EACH STATEMENT EXECUTE FUNCTION guard_inspection_view()""",
    "ALTER TABLE inspection_view ENABLE ALWAYS TRIGGER guard_inspection_view_update",
    "ALTER TABLE inspection_view ENABLE ALWAYS TRIGGER guard_inspection_view_delete",
    "ALTER TABLE inspection_view ENABLE ALWAYS TRIGGER guard_inspection_view_truncate",
    """CREATE FUNCTION guard_demand() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.what := OLD.what;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.what IS NULL OR NEW.what::text = OLD.what::text)
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: demand' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_demand_update BEFORE UPDATE ON demand
FOR EACH ROW EXECUTE FUNCTION guard_demand()""",
    """CREATE TRIGGER guard_demand_delete BEFORE DELETE ON demand
FOR EACH ROW EXECUTE FUNCTION guard_demand()""",
    """CREATE TRIGGER guard_demand_truncate BEFORE TRUNCATE ON demand
FOR EACH STATEMENT EXECUTE FUNCTION guard_demand()""",
    "ALTER TABLE demand ENABLE ALWAYS TRIGGER guard_demand_update",
    "ALTER TABLE demand ENABLE ALWAYS TRIGGER guard_demand_delete",
    "ALTER TABLE demand ENABLE ALWAYS TRIGGER guard_demand_truncate",
    """CREATE FUNCTION guard_demand_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.text := OLD.text;
    kept.evidence := OLD.evidence;
    IF kept::text = OLD::text
      AND (NEW.text IS NULL OR NEW.text::text = OLD.text::text)
      AND (NEW.evidence IS NULL OR NEW.evidence::text = OLD.evidence::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: demand_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_demand_event_update BEFORE UPDATE ON demand_event
FOR EACH ROW EXECUTE FUNCTION guard_demand_event()""",
    """CREATE TRIGGER guard_demand_event_delete BEFORE DELETE ON demand_event
FOR EACH ROW EXECUTE FUNCTION guard_demand_event()""",
    """CREATE TRIGGER guard_demand_event_truncate BEFORE TRUNCATE ON demand_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_demand_event()""",
    "ALTER TABLE demand_event ENABLE ALWAYS TRIGGER guard_demand_event_update",
    "ALTER TABLE demand_event ENABLE ALWAYS TRIGGER guard_demand_event_delete",
    "ALTER TABLE demand_event ENABLE ALWAYS TRIGGER guard_demand_event_truncate",
    """CREATE FUNCTION guard_level_objection() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.what := OLD.what;
    kept.record := OLD.record;
    IF kept::text = OLD::text
      AND (NEW.what IS NULL OR NEW.what::text = OLD.what::text)
      AND (NEW.record IS NULL OR NEW.record::text = OLD.record::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: level_objection' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_level_objection_update BEFORE UPDATE ON level_objection
FOR EACH ROW EXECUTE FUNCTION guard_level_objection()""",
    """CREATE TRIGGER guard_level_objection_delete BEFORE DELETE ON level_objection
FOR EACH ROW EXECUTE FUNCTION guard_level_objection()""",
    """CREATE TRIGGER guard_level_objection_truncate BEFORE TRUNCATE ON level_objection
FOR EACH STATEMENT EXECUTE FUNCTION guard_level_objection()""",
    "ALTER TABLE level_objection ENABLE ALWAYS TRIGGER guard_level_objection_update",
    "ALTER TABLE level_objection ENABLE ALWAYS TRIGGER guard_level_objection_delete",
    "ALTER TABLE level_objection ENABLE ALWAYS TRIGGER guard_level_objection_truncate",
    """CREATE FUNCTION guard_objection_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.text := OLD.text;
    IF kept::text = OLD::text
      AND (NEW.text IS NULL OR NEW.text::text = OLD.text::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: objection_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_objection_event_update BEFORE UPDATE ON objection_event
FOR EACH ROW EXECUTE FUNCTION guard_objection_event()""",
    """CREATE TRIGGER guard_objection_event_delete BEFORE DELETE ON objection_event
FOR EACH ROW EXECUTE FUNCTION guard_objection_event()""",
    """CREATE TRIGGER guard_objection_event_truncate BEFORE TRUNCATE ON objection_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_objection_event()""",
    "ALTER TABLE objection_event ENABLE ALWAYS TRIGGER guard_objection_event_update",
    "ALTER TABLE objection_event ENABLE ALWAYS TRIGGER guard_objection_event_delete",
    "ALTER TABLE objection_event ENABLE ALWAYS TRIGGER guard_objection_event_truncate",
)
SQLITE_UNGUARDS = (
    "DROP TRIGGER guard_inspection_update",
    "DROP TRIGGER guard_inspection_delete",
    "DROP TRIGGER guard_inspection_insert",
    "DROP TRIGGER guard_inspection_closing_update",
    "DROP TRIGGER guard_inspection_closing_delete",
    "DROP TRIGGER guard_inspection_closing_insert",
    "DROP TRIGGER guard_inspection_view_update",
    "DROP TRIGGER guard_inspection_view_delete",
    "DROP TRIGGER guard_inspection_view_insert",
    "DROP TRIGGER guard_demand_update",
    "DROP TRIGGER guard_demand_delete",
    "DROP TRIGGER guard_demand_insert",
    "DROP TRIGGER guard_demand_event_update",
    "DROP TRIGGER guard_demand_event_delete",
    "DROP TRIGGER guard_demand_event_insert",
    "DROP TRIGGER guard_level_objection_update",
    "DROP TRIGGER guard_level_objection_delete",
    "DROP TRIGGER guard_level_objection_insert",
    "DROP TRIGGER guard_objection_event_update",
    "DROP TRIGGER guard_objection_event_delete",
    "DROP TRIGGER guard_objection_event_insert",
)
POSTGRESQL_UNGUARDS = (
    "DROP TRIGGER guard_inspection_update ON inspection",
    "DROP TRIGGER guard_inspection_delete ON inspection",
    "DROP TRIGGER guard_inspection_truncate ON inspection",
    "DROP FUNCTION guard_inspection()",
    "DROP TRIGGER guard_inspection_closing_update ON inspection_closing",
    "DROP TRIGGER guard_inspection_closing_delete ON inspection_closing",
    "DROP TRIGGER guard_inspection_closing_truncate ON inspection_closing",
    "DROP FUNCTION guard_inspection_closing()",
    "DROP TRIGGER guard_inspection_view_update ON inspection_view",
    "DROP TRIGGER guard_inspection_view_delete ON inspection_view",
    "DROP TRIGGER guard_inspection_view_truncate ON inspection_view",
    "DROP FUNCTION guard_inspection_view()",
    "DROP TRIGGER guard_demand_update ON demand",
    "DROP TRIGGER guard_demand_delete ON demand",
    "DROP TRIGGER guard_demand_truncate ON demand",
    "DROP FUNCTION guard_demand()",
    "DROP TRIGGER guard_demand_event_update ON demand_event",
    "DROP TRIGGER guard_demand_event_delete ON demand_event",
    "DROP TRIGGER guard_demand_event_truncate ON demand_event",
    "DROP FUNCTION guard_demand_event()",
    "DROP TRIGGER guard_level_objection_update ON level_objection",
    "DROP TRIGGER guard_level_objection_delete ON level_objection",
    "DROP TRIGGER guard_level_objection_truncate ON level_objection",
    "DROP FUNCTION guard_level_objection()",
    "DROP TRIGGER guard_objection_event_update ON objection_event",
    "DROP TRIGGER guard_objection_event_delete ON objection_event",
    "DROP TRIGGER guard_objection_event_truncate ON objection_event",
    "DROP FUNCTION guard_objection_event()",
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "inspection",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("from_month", sa.String(length=7), nullable=False),
        sa.Column("until_month", sa.String(length=7), nullable=False),
        sa.Column("open_until_on", sa.Date(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_inspection_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_inspection_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_inspection_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("organization_id", "request_key", name=op.f("uq_inspection_organization_id_request_key")),
    )
    op.create_index("ix_inspection_municipality_id", "inspection", ["municipality_id", "made_at"], unique=False)
    op.create_table(
        "level_objection",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.String(length=8), nullable=False),
        sa.Column("criterion_title", sa.String(length=200), nullable=False),
        sa.Column("level_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=1000), nullable=True),
        sa.Column("record", sa.String(length=200), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_level_objection_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_level_objection_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_level_objection_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_level_objection")),
        sa.UniqueConstraint(
            "organization_id", "request_key", name=op.f("uq_level_objection_organization_id_request_key")
        ),
    )
    op.create_index(
        "ix_level_objection_municipality_id", "level_objection", ["municipality_id", "made_at"], unique=False
    )
    op.create_table(
        "demand",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=1000), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.Column("criterion", sa.String(length=8), nullable=False),
        sa.Column("criterion_title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_demand_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_demand_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "inspection_id"],
            ["inspection.organization_id", "inspection.id"],
            name=op.f("fk_demand_organization_id_inspection_id_inspection"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_demand_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_demand")),
        sa.UniqueConstraint(
            "organization_id", "inspection_id", "number", name=op.f("uq_demand_organization_id_inspection_id_number")
        ),
        sa.UniqueConstraint("organization_id", "request_key", name=op.f("uq_demand_organization_id_request_key")),
    )
    op.create_index("ix_demand_municipality_id", "demand", ["municipality_id", "made_at"], unique=False)
    op.create_table(
        "inspection_closing",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("summary", sa.String(length=2000), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_inspection_closing_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_inspection_closing_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "inspection_id"],
            ["inspection.organization_id", "inspection.id"],
            name=op.f("fk_inspection_closing_organization_id_inspection_id_inspection"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_inspection_closing_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_inspection_closing")),
        sa.UniqueConstraint(
            "organization_id", "inspection_id", name=op.f("uq_inspection_closing_organization_id_inspection_id")
        ),
    )
    op.create_table(
        "objection_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_objection_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_objection_event_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "objection_id"],
            ["level_objection.organization_id", "level_objection.id"],
            name=op.f("fk_objection_event_organization_id_objection_id_level_objection"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_objection_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_objection_event")),
        sa.UniqueConstraint(
            "organization_id", "objection_id", name=op.f("uq_objection_event_organization_id_objection_id")
        ),
    )
    op.create_table(
        "demand_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=True),
        sa.Column("evidence", sa.String(length=1000), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_demand_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_demand_event_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "demand_id"],
            ["demand.organization_id", "demand.id"],
            name=op.f("fk_demand_event_organization_id_demand_id_demand"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_demand_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_demand_event")),
        sa.UniqueConstraint(
            "organization_id", "demand_id", "number", name=op.f("uq_demand_event_organization_id_demand_id_number")
        ),
    )
    op.create_table(
        "inspection_view",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_inspection_view_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "inspection_id"],
            ["inspection.organization_id", "inspection.id"],
            name=op.f("fk_inspection_view_organization_id_inspection_id_inspection"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "subject_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_inspection_view_organization_id_subject_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_inspection_view_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_inspection_view")),
    )
    op.create_index(
        "ix_inspection_view_organization_id_inspection_id_at",
        "inspection_view",
        ["organization_id", "inspection_id", "at"],
        unique=False,
    )
    # ### end Alembic commands ###
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    for table in (
        "objection_event",
        "level_objection",
        "demand_event",
        "demand",
        "inspection_view",
        "inspection_closing",
        "inspection",
    ):
        op.drop_table(table)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
