"""The gate: requirements, own criteria, dated exceptions, decisions and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_own_criterion_update BEFORE UPDATE ON own_criterion FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.title IS NOT OLD.title
  OR NEW.reason IS NOT OLD.reason
  OR NEW.measure IS NOT OLD.measure
  OR NEW.comparison IS NOT OLD.comparison
  OR NEW.threshold IS NOT OLD.threshold
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: own_criterion'); END""",
    """CREATE TRIGGER guard_own_criterion_delete BEFORE DELETE ON own_criterion FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: own_criterion'); END""",
    """CREATE TRIGGER guard_own_criterion_insert BEFORE INSERT ON own_criterion FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM own_criterion AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: own_criterion'); END""",
    """CREATE TRIGGER guard_requirement_update BEFORE UPDATE ON requirement FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.data_class IS NOT OLD.data_class
  OR NEW.mode IS NOT OLD.mode
  OR NEW.purpose IS NOT OLD.purpose
  OR NEW.is_default IS NOT OLD.is_default
  OR NEW.level IS NOT OLD.level
  OR NEW.criteria IS NOT OLD.criteria
  OR NEW.conditions IS NOT OLD.conditions
  OR NEW.reason IS NOT OLD.reason
  OR NEW.effective_on IS NOT OLD.effective_on
  OR NEW.announced_on IS NOT OLD.announced_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: requirement'); END""",
    """CREATE TRIGGER guard_requirement_delete BEFORE DELETE ON requirement FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: requirement'); END""",
    """CREATE TRIGGER guard_requirement_insert BEFORE INSERT ON requirement FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM requirement AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: requirement'); END""",
    """CREATE TRIGGER guard_interim_acceptance_update BEFORE UPDATE ON interim_acceptance FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.data_class IS NOT OLD.data_class
  OR NEW.level IS NOT OLD.level
  OR NEW.reason IS NOT OLD.reason
  OR NEW.starts_on IS NOT OLD.starts_on
  OR NEW.ends_on IS NOT OLD.ends_on
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: interim_acceptance'); END""",
    """CREATE TRIGGER guard_interim_acceptance_delete BEFORE DELETE ON interim_acceptance FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: interim_acceptance'); END""",
    """CREATE TRIGGER guard_interim_acceptance_insert BEFORE INSERT ON interim_acceptance FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM interim_acceptance AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: interim_acceptance'); END""",
    """CREATE TRIGGER guard_acceptance_end_update BEFORE UPDATE ON acceptance_end FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.acceptance_id IS NOT OLD.acceptance_id
  OR NEW.reason IS NOT OLD.reason
  OR NEW.ended_on IS NOT OLD.ended_on
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: acceptance_end'); END""",
    """CREATE TRIGGER guard_acceptance_end_delete BEFORE DELETE ON acceptance_end FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: acceptance_end'); END""",
    """CREATE TRIGGER guard_acceptance_end_insert BEFORE INSERT ON acceptance_end FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM acceptance_end AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.acceptance_id = NEW.acceptance_id))
BEGIN SELECT RAISE(ABORT, 'append-only: acceptance_end'); END""",
    """CREATE TRIGGER guard_sharing_hold_update BEFORE UPDATE ON sharing_hold FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.reason IS NOT OLD.reason
  OR NEW.at IS NOT OLD.at
  OR NEW.from_on IS NOT OLD.from_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: sharing_hold'); END""",
    """CREATE TRIGGER guard_sharing_hold_delete BEFORE DELETE ON sharing_hold FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: sharing_hold'); END""",
    """CREATE TRIGGER guard_sharing_hold_insert BEFORE INSERT ON sharing_hold FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM sharing_hold AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.municipality_id = NEW.municipality_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: sharing_hold'); END""",
    """CREATE TRIGGER guard_share_decision_update BEFORE UPDATE ON share_decision FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.data_class IS NOT OLD.data_class
  OR NEW.mode IS NOT OLD.mode
  OR NEW.purpose IS NOT OLD.purpose
  OR NEW.verdict IS NOT OLD.verdict
  OR NEW.outcome IS NOT OLD.outcome
  OR NEW.basis IS NOT OLD.basis
  OR NEW.basis_note IS NOT OLD.basis_note
  OR NEW.count IS NOT OLD.count
  OR NEW.conditions IS NOT OLD.conditions
  OR NEW.ending IS NOT OLD.ending
  OR NEW.until_on IS NOT OLD.until_on
  OR NEW.required IS NOT OLD.required
  OR NEW.reasons IS NOT OLD.reasons
  OR NEW.level IS NOT OLD.level
  OR NEW.assessment IS NOT OLD.assessment
  OR NEW.assessment_digest IS NOT OLD.assessment_digest
  OR NEW.receipt_id IS NOT OLD.receipt_id
  OR NEW.review_due_at IS NOT OLD.review_due_at
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.decided_at IS NOT OLD.decided_at
  OR NEW.decided_on IS NOT OLD.decided_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
  OR (NEW.items IS NOT NULL AND NEW.items IS NOT OLD.items)
  OR (NEW.recipients IS NOT NULL AND NEW.recipients IS NOT OLD.recipients)
BEGIN SELECT RAISE(ABORT, 'append-only: share_decision'); END""",
    """CREATE TRIGGER guard_share_decision_delete BEFORE DELETE ON share_decision FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: share_decision'); END""",
    """CREATE TRIGGER guard_share_decision_insert BEFORE INSERT ON share_decision FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM share_decision AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: share_decision'); END""",
    """CREATE TRIGGER guard_decision_event_update BEFORE UPDATE ON decision_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.decision_id IS NOT OLD.decision_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.until_on IS NOT OLD.until_on
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: decision_event'); END""",
    """CREATE TRIGGER guard_decision_event_delete BEFORE DELETE ON decision_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: decision_event'); END""",
    """CREATE TRIGGER guard_decision_event_insert BEFORE INSERT ON decision_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM decision_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.decision_id = NEW.decision_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: decision_event'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_own_criterion() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: own_criterion' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_own_criterion_update BEFORE UPDATE ON own_criterion
FOR EACH ROW EXECUTE FUNCTION guard_own_criterion()""",
    """CREATE TRIGGER guard_own_criterion_delete BEFORE DELETE ON own_criterion
FOR EACH ROW EXECUTE FUNCTION guard_own_criterion()""",
    """CREATE TRIGGER guard_own_criterion_truncate BEFORE TRUNCATE ON own_criterion
FOR EACH STATEMENT EXECUTE FUNCTION guard_own_criterion()""",
    """ALTER TABLE own_criterion ENABLE ALWAYS TRIGGER guard_own_criterion_update""",
    """ALTER TABLE own_criterion ENABLE ALWAYS TRIGGER guard_own_criterion_delete""",
    """ALTER TABLE own_criterion ENABLE ALWAYS TRIGGER guard_own_criterion_truncate""",
    """CREATE FUNCTION guard_requirement() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: requirement' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_requirement_update BEFORE UPDATE ON requirement
FOR EACH ROW EXECUTE FUNCTION guard_requirement()""",
    """CREATE TRIGGER guard_requirement_delete BEFORE DELETE ON requirement
FOR EACH ROW EXECUTE FUNCTION guard_requirement()""",
    """CREATE TRIGGER guard_requirement_truncate BEFORE TRUNCATE ON requirement
FOR EACH STATEMENT EXECUTE FUNCTION guard_requirement()""",
    """ALTER TABLE requirement ENABLE ALWAYS TRIGGER guard_requirement_update""",
    """ALTER TABLE requirement ENABLE ALWAYS TRIGGER guard_requirement_delete""",
    """ALTER TABLE requirement ENABLE ALWAYS TRIGGER guard_requirement_truncate""",
    """CREATE FUNCTION guard_interim_acceptance() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: interim_acceptance' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_interim_acceptance_update BEFORE UPDATE ON interim_acceptance
FOR EACH ROW EXECUTE FUNCTION guard_interim_acceptance()""",
    """CREATE TRIGGER guard_interim_acceptance_delete BEFORE DELETE ON interim_acceptance
FOR EACH ROW EXECUTE FUNCTION guard_interim_acceptance()""",
    """CREATE TRIGGER guard_interim_acceptance_truncate BEFORE TRUNCATE ON interim_acceptance
FOR EACH STATEMENT EXECUTE FUNCTION guard_interim_acceptance()""",
    """ALTER TABLE interim_acceptance ENABLE ALWAYS TRIGGER guard_interim_acceptance_update""",
    """ALTER TABLE interim_acceptance ENABLE ALWAYS TRIGGER guard_interim_acceptance_delete""",
    """ALTER TABLE interim_acceptance ENABLE ALWAYS TRIGGER guard_interim_acceptance_truncate""",
    """CREATE FUNCTION guard_acceptance_end() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: acceptance_end' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_acceptance_end_update BEFORE UPDATE ON acceptance_end
FOR EACH ROW EXECUTE FUNCTION guard_acceptance_end()""",
    """CREATE TRIGGER guard_acceptance_end_delete BEFORE DELETE ON acceptance_end
FOR EACH ROW EXECUTE FUNCTION guard_acceptance_end()""",
    """CREATE TRIGGER guard_acceptance_end_truncate BEFORE TRUNCATE ON acceptance_end
FOR EACH STATEMENT EXECUTE FUNCTION guard_acceptance_end()""",
    """ALTER TABLE acceptance_end ENABLE ALWAYS TRIGGER guard_acceptance_end_update""",
    """ALTER TABLE acceptance_end ENABLE ALWAYS TRIGGER guard_acceptance_end_delete""",
    """ALTER TABLE acceptance_end ENABLE ALWAYS TRIGGER guard_acceptance_end_truncate""",
    """CREATE FUNCTION guard_sharing_hold() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: sharing_hold' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_sharing_hold_update BEFORE UPDATE ON sharing_hold
FOR EACH ROW EXECUTE FUNCTION guard_sharing_hold()""",
    """CREATE TRIGGER guard_sharing_hold_delete BEFORE DELETE ON sharing_hold
FOR EACH ROW EXECUTE FUNCTION guard_sharing_hold()""",
    """CREATE TRIGGER guard_sharing_hold_truncate BEFORE TRUNCATE ON sharing_hold
FOR EACH STATEMENT EXECUTE FUNCTION guard_sharing_hold()""",
    """ALTER TABLE sharing_hold ENABLE ALWAYS TRIGGER guard_sharing_hold_update""",
    """ALTER TABLE sharing_hold ENABLE ALWAYS TRIGGER guard_sharing_hold_delete""",
    """ALTER TABLE sharing_hold ENABLE ALWAYS TRIGGER guard_sharing_hold_truncate""",
    """CREATE FUNCTION guard_share_decision() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.reason := OLD.reason;
    kept.items := OLD.items;
    kept.recipients := OLD.recipients;
    IF kept::text = OLD::text
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
      AND (NEW.items IS NULL OR NEW.items::text = OLD.items::text)
      AND (NEW.recipients IS NULL OR NEW.recipients::text = OLD.recipients::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: share_decision' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_share_decision_update BEFORE UPDATE ON share_decision
FOR EACH ROW EXECUTE FUNCTION guard_share_decision()""",
    """CREATE TRIGGER guard_share_decision_delete BEFORE DELETE ON share_decision
FOR EACH ROW EXECUTE FUNCTION guard_share_decision()""",
    """CREATE TRIGGER guard_share_decision_truncate BEFORE TRUNCATE ON share_decision
FOR EACH STATEMENT EXECUTE FUNCTION guard_share_decision()""",
    """ALTER TABLE share_decision ENABLE ALWAYS TRIGGER guard_share_decision_update""",
    """ALTER TABLE share_decision ENABLE ALWAYS TRIGGER guard_share_decision_delete""",
    """ALTER TABLE share_decision ENABLE ALWAYS TRIGGER guard_share_decision_truncate""",
    """CREATE FUNCTION guard_decision_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: decision_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_decision_event_update BEFORE UPDATE ON decision_event
FOR EACH ROW EXECUTE FUNCTION guard_decision_event()""",
    """CREATE TRIGGER guard_decision_event_delete BEFORE DELETE ON decision_event
FOR EACH ROW EXECUTE FUNCTION guard_decision_event()""",
    """CREATE TRIGGER guard_decision_event_truncate BEFORE TRUNCATE ON decision_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_decision_event()""",
    """ALTER TABLE decision_event ENABLE ALWAYS TRIGGER guard_decision_event_update""",
    """ALTER TABLE decision_event ENABLE ALWAYS TRIGGER guard_decision_event_delete""",
    """ALTER TABLE decision_event ENABLE ALWAYS TRIGGER guard_decision_event_truncate""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_own_criterion_update""",
    """DROP TRIGGER guard_own_criterion_delete""",
    """DROP TRIGGER guard_own_criterion_insert""",
    """DROP TRIGGER guard_requirement_update""",
    """DROP TRIGGER guard_requirement_delete""",
    """DROP TRIGGER guard_requirement_insert""",
    """DROP TRIGGER guard_interim_acceptance_update""",
    """DROP TRIGGER guard_interim_acceptance_delete""",
    """DROP TRIGGER guard_interim_acceptance_insert""",
    """DROP TRIGGER guard_acceptance_end_update""",
    """DROP TRIGGER guard_acceptance_end_delete""",
    """DROP TRIGGER guard_acceptance_end_insert""",
    """DROP TRIGGER guard_sharing_hold_update""",
    """DROP TRIGGER guard_sharing_hold_delete""",
    """DROP TRIGGER guard_sharing_hold_insert""",
    """DROP TRIGGER guard_share_decision_update""",
    """DROP TRIGGER guard_share_decision_delete""",
    """DROP TRIGGER guard_share_decision_insert""",
    """DROP TRIGGER guard_decision_event_update""",
    """DROP TRIGGER guard_decision_event_delete""",
    """DROP TRIGGER guard_decision_event_insert""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_own_criterion_update ON own_criterion""",
    """DROP TRIGGER guard_own_criterion_delete ON own_criterion""",
    """DROP TRIGGER guard_own_criterion_truncate ON own_criterion""",
    """DROP FUNCTION guard_own_criterion()""",
    """DROP TRIGGER guard_requirement_update ON requirement""",
    """DROP TRIGGER guard_requirement_delete ON requirement""",
    """DROP TRIGGER guard_requirement_truncate ON requirement""",
    """DROP FUNCTION guard_requirement()""",
    """DROP TRIGGER guard_interim_acceptance_update ON interim_acceptance""",
    """DROP TRIGGER guard_interim_acceptance_delete ON interim_acceptance""",
    """DROP TRIGGER guard_interim_acceptance_truncate ON interim_acceptance""",
    """DROP FUNCTION guard_interim_acceptance()""",
    """DROP TRIGGER guard_acceptance_end_update ON acceptance_end""",
    """DROP TRIGGER guard_acceptance_end_delete ON acceptance_end""",
    """DROP TRIGGER guard_acceptance_end_truncate ON acceptance_end""",
    """DROP FUNCTION guard_acceptance_end()""",
    """DROP TRIGGER guard_sharing_hold_update ON sharing_hold""",
    """DROP TRIGGER guard_sharing_hold_delete ON sharing_hold""",
    """DROP TRIGGER guard_sharing_hold_truncate ON sharing_hold""",
    """DROP FUNCTION guard_sharing_hold()""",
    """DROP TRIGGER guard_share_decision_update ON share_decision""",
    """DROP TRIGGER guard_share_decision_delete ON share_decision""",
    """DROP TRIGGER guard_share_decision_truncate ON share_decision""",
    """DROP FUNCTION guard_share_decision()""",
    """DROP TRIGGER guard_decision_event_update ON decision_event""",
    """DROP TRIGGER guard_decision_event_delete ON decision_event""",
    """DROP TRIGGER guard_decision_event_truncate ON decision_event""",
    """DROP FUNCTION guard_decision_event()""",
)


def upgrade() -> None:
    op.create_table(
        "interim_acceptance",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_interim_acceptance_ends_after_start")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_interim_acceptance_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_interim_acceptance_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_interim_acceptance_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_interim_acceptance")),
        sa.UniqueConstraint(
            "organization_id", "request_key", name=op.f("uq_interim_acceptance_organization_id_request_key")
        ),
    )
    op.create_index(
        "ix_interim_acceptance_municipality_id_ends_on",
        "interim_acceptance",
        ["municipality_id", "ends_on"],
        unique=False,
    )
    op.create_table(
        "own_criterion",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("measure", sa.String(length=32), nullable=False),
        sa.Column("comparison", sa.String(length=32), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_own_criterion_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_own_criterion_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_own_criterion")),
        sa.UniqueConstraint(
            "municipality_id", "request_key", name=op.f("uq_own_criterion_municipality_id_request_key")
        ),
    )
    op.create_table(
        "requirement",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_requirement_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_requirement_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("municipality_id", "request_key", name=op.f("uq_requirement_municipality_id_request_key")),
    )
    op.create_index(
        "ix_requirement_municipality_id_data_class",
        "requirement",
        ["municipality_id", "data_class", "effective_on"],
        unique=False,
    )
    op.create_table(
        "sharing_hold",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_sharing_hold_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_sharing_hold_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_sharing_hold_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sharing_hold")),
        sa.UniqueConstraint(
            "organization_id",
            "municipality_id",
            "number",
            name=op.f("uq_sharing_hold_organization_id_municipality_id_number"),
        ),
    )
    op.create_table(
        "acceptance_end",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("acceptance_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_acceptance_end_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_acceptance_end_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "acceptance_id"],
            ["interim_acceptance.organization_id", "interim_acceptance.id"],
            name=op.f("fk_acceptance_end_organization_id_acceptance_id_interim_acceptance"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_acceptance_end_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_acceptance_end")),
        sa.UniqueConstraint(
            "organization_id", "acceptance_id", name=op.f("uq_acceptance_end_organization_id_acceptance_id")
        ),
    )
    op.create_table(
        "share_decision",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("data_class", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("basis_note", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("items", sa.String(length=500), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("recipients", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("ending", sa.String(length=32), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("required", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("assessment", sa.JSON(), nullable=False),
        sa.Column("assessment_digest", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_share_decision_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_share_decision_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_share_decision_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "receipt_id"],
            ["receipt.organization_id", "receipt.id"],
            name=op.f("fk_share_decision_organization_id_receipt_id_receipt"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_share_decision_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_share_decision")),
        sa.UniqueConstraint(
            "organization_id", "request_key", name=op.f("uq_share_decision_organization_id_request_key")
        ),
    )
    op.create_index(
        "ix_share_decision_municipality_id_decided_on",
        "share_decision",
        ["municipality_id", "decided_on"],
        unique=False,
    )
    op.create_index(
        "ix_share_decision_organization_id_decided_on",
        "share_decision",
        ["organization_id", "decided_on"],
        unique=False,
    )
    op.create_table(
        "decision_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_decision_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_decision_event_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "decision_id"],
            ["share_decision.organization_id", "share_decision.id"],
            name=op.f("fk_decision_event_organization_id_decision_id_share_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_decision_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_decision_event")),
        sa.UniqueConstraint(
            "organization_id",
            "decision_id",
            "number",
            name=op.f("uq_decision_event_organization_id_decision_id_number"),
        ),
    )
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    for table in (
        "decision_event",
        "share_decision",
        "acceptance_end",
        "sharing_hold",
        "requirement",
        "own_criterion",
        "interim_acceptance",
    ):
        op.drop_table(table)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
