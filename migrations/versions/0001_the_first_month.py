"""The first month: accounts, organizations, check sheets, and the history with its guards."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

#: What keeps facts append-only, for each engine (partner_compliance/history/guards.py compares the live database).
SQLITE_GUARDS = (
    """CREATE TRIGGER guard_log_state_update BEFORE UPDATE ON log_state FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.log_id IS NOT OLD.log_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.origin IS NOT OLD.origin
  OR NEW.opened_at IS NOT OLD.opened_at
  OR NEW.size <= OLD.size
BEGIN SELECT RAISE(ABORT, 'append-only: log_state'); END""",
    """CREATE TRIGGER guard_log_state_delete BEFORE DELETE ON log_state FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: log_state'); END""",
    """CREATE TRIGGER guard_log_state_insert BEFORE INSERT ON log_state FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM log_state AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.log_id = NEW.log_id))
BEGIN SELECT RAISE(ABORT, 'append-only: log_state'); END""",
    """CREATE TRIGGER guard_log_leaf_update BEFORE UPDATE ON log_leaf FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.log_id IS NOT OLD.log_id
  OR NEW.idx IS NOT OLD.idx
  OR NEW.leaf IS NOT OLD.leaf
  OR NEW.at IS NOT OLD.at
  OR NEW.act IS NOT OLD.act
  OR (NEW.entry IS NOT NULL AND NEW.entry IS NOT OLD.entry)
  OR (NEW.actor_id IS NOT NULL AND NEW.actor_id IS NOT OLD.actor_id)
  OR (NEW.subject_id IS NOT NULL AND NEW.subject_id IS NOT OLD.subject_id)
BEGIN SELECT RAISE(ABORT, 'append-only: log_leaf'); END""",
    """CREATE TRIGGER guard_log_leaf_delete BEFORE DELETE ON log_leaf FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: log_leaf'); END""",
    """CREATE TRIGGER guard_log_leaf_insert BEFORE INSERT ON log_leaf FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM log_leaf AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.log_id = NEW.log_id AND kept.idx = NEW.idx))
BEGIN SELECT RAISE(ABORT, 'append-only: log_leaf'); END""",
    """CREATE TRIGGER guard_sheet_version_update BEFORE UPDATE ON sheet_version FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.sheet_id IS NOT OLD.sheet_id
  OR NEW.number IS NOT OLD.number
  OR NEW.with_head_section IS NOT OLD.with_head_section
  OR NEW.no_take_out IS NOT OLD.no_take_out
  OR NEW.submitted_at IS NOT OLD.submitted_at
  OR NEW.submitted_by_id IS NOT OLD.submitted_by_id
  OR NEW.submitted_by_name IS NOT OLD.submitted_by_name
  OR NEW.paper_signed_on IS NOT OLD.paper_signed_on
  OR NEW.reason IS NOT OLD.reason
  OR (NEW.answers IS NOT NULL AND NEW.answers IS NOT OLD.answers)
BEGIN SELECT RAISE(ABORT, 'append-only: sheet_version'); END""",
    """CREATE TRIGGER guard_sheet_version_delete BEFORE DELETE ON sheet_version FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: sheet_version'); END""",
    """CREATE TRIGGER guard_sheet_version_insert BEFORE INSERT ON sheet_version FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM sheet_version AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.sheet_id = NEW.sheet_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: sheet_version'); END""",
    """CREATE TRIGGER guard_sheet_event_update BEFORE UPDATE ON sheet_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.sheet_id IS NOT OLD.sheet_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.version_id IS NOT OLD.version_id
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR NEW.by_role IS NOT OLD.by_role
  OR NEW.excuse IS NOT OLD.excuse
  OR (NEW.comment IS NOT NULL AND NEW.comment IS NOT OLD.comment)
BEGIN SELECT RAISE(ABORT, 'append-only: sheet_event'); END""",
    """CREATE TRIGGER guard_sheet_event_delete BEFORE DELETE ON sheet_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: sheet_event'); END""",
    """CREATE TRIGGER guard_sheet_event_insert BEFORE INSERT ON sheet_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM sheet_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.sheet_id = NEW.sheet_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: sheet_event'); END""",
    """CREATE TRIGGER guard_month_closure_update BEFORE UPDATE ON month_closure FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.month IS NOT OLD.month
  OR NEW.closed_at IS NOT OLD.closed_at
  OR NEW.closed_by_id IS NOT OLD.closed_by_id
  OR NEW.closed_by_name IS NOT OLD.closed_by_name
BEGIN SELECT RAISE(ABORT, 'append-only: month_closure'); END""",
    """CREATE TRIGGER guard_month_closure_delete BEFORE DELETE ON month_closure FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: month_closure'); END""",
    """CREATE TRIGGER guard_month_closure_insert BEFORE INSERT ON month_closure FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM month_closure AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.center_id = NEW.center_id AND kept.month = NEW.month))
BEGIN SELECT RAISE(ABORT, 'append-only: month_closure'); END""",
)

POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_log_state() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.size := OLD.size;
    kept.range := OLD.range;
    kept.last_at := OLD.last_at;
    IF kept::text = OLD::text
      AND NEW.size > OLD.size
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: log_state' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_log_state_update BEFORE UPDATE ON log_state
FOR EACH ROW EXECUTE FUNCTION guard_log_state()""",
    """CREATE TRIGGER guard_log_state_delete BEFORE DELETE ON log_state
FOR EACH ROW EXECUTE FUNCTION guard_log_state()""",
    """CREATE TRIGGER guard_log_state_truncate BEFORE TRUNCATE ON log_state
FOR EACH STATEMENT EXECUTE FUNCTION guard_log_state()""",
    """ALTER TABLE log_state ENABLE ALWAYS TRIGGER guard_log_state_update""",
    """ALTER TABLE log_state ENABLE ALWAYS TRIGGER guard_log_state_delete""",
    """ALTER TABLE log_state ENABLE ALWAYS TRIGGER guard_log_state_truncate""",
    """CREATE FUNCTION guard_log_leaf() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.entry := OLD.entry;
    kept.actor_id := OLD.actor_id;
    kept.subject_id := OLD.subject_id;
    IF kept::text = OLD::text
      AND (NEW.entry IS NULL OR NEW.entry::text = OLD.entry::text)
      AND (NEW.actor_id IS NULL OR NEW.actor_id::text = OLD.actor_id::text)
      AND (NEW.subject_id IS NULL OR NEW.subject_id::text = OLD.subject_id::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: log_leaf' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_log_leaf_update BEFORE UPDATE ON log_leaf
FOR EACH ROW EXECUTE FUNCTION guard_log_leaf()""",
    """CREATE TRIGGER guard_log_leaf_delete BEFORE DELETE ON log_leaf
FOR EACH ROW EXECUTE FUNCTION guard_log_leaf()""",
    """CREATE TRIGGER guard_log_leaf_truncate BEFORE TRUNCATE ON log_leaf
FOR EACH STATEMENT EXECUTE FUNCTION guard_log_leaf()""",
    """ALTER TABLE log_leaf ENABLE ALWAYS TRIGGER guard_log_leaf_update""",
    """ALTER TABLE log_leaf ENABLE ALWAYS TRIGGER guard_log_leaf_delete""",
    """ALTER TABLE log_leaf ENABLE ALWAYS TRIGGER guard_log_leaf_truncate""",
    """CREATE FUNCTION guard_sheet_version() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.answers := OLD.answers;
    IF kept::text = OLD::text
      AND (NEW.answers IS NULL OR NEW.answers::text = OLD.answers::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: sheet_version' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_sheet_version_update BEFORE UPDATE ON sheet_version
FOR EACH ROW EXECUTE FUNCTION guard_sheet_version()""",
    """CREATE TRIGGER guard_sheet_version_delete BEFORE DELETE ON sheet_version
FOR EACH ROW EXECUTE FUNCTION guard_sheet_version()""",
    """CREATE TRIGGER guard_sheet_version_truncate BEFORE TRUNCATE ON sheet_version
FOR EACH STATEMENT EXECUTE FUNCTION guard_sheet_version()""",
    """ALTER TABLE sheet_version ENABLE ALWAYS TRIGGER guard_sheet_version_update""",
    """ALTER TABLE sheet_version ENABLE ALWAYS TRIGGER guard_sheet_version_delete""",
    """ALTER TABLE sheet_version ENABLE ALWAYS TRIGGER guard_sheet_version_truncate""",
    """CREATE FUNCTION guard_sheet_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.comment := OLD.comment;
    IF kept::text = OLD::text
      AND (NEW.comment IS NULL OR NEW.comment::text = OLD.comment::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: sheet_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_sheet_event_update BEFORE UPDATE ON sheet_event
FOR EACH ROW EXECUTE FUNCTION guard_sheet_event()""",
    """CREATE TRIGGER guard_sheet_event_delete BEFORE DELETE ON sheet_event
FOR EACH ROW EXECUTE FUNCTION guard_sheet_event()""",
    """CREATE TRIGGER guard_sheet_event_truncate BEFORE TRUNCATE ON sheet_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_sheet_event()""",
    """ALTER TABLE sheet_event ENABLE ALWAYS TRIGGER guard_sheet_event_update""",
    """ALTER TABLE sheet_event ENABLE ALWAYS TRIGGER guard_sheet_event_delete""",
    """ALTER TABLE sheet_event ENABLE ALWAYS TRIGGER guard_sheet_event_truncate""",
    """CREATE FUNCTION guard_month_closure() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: month_closure' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_month_closure_update BEFORE UPDATE ON month_closure
FOR EACH ROW EXECUTE FUNCTION guard_month_closure()""",
    """CREATE TRIGGER guard_month_closure_delete BEFORE DELETE ON month_closure
FOR EACH ROW EXECUTE FUNCTION guard_month_closure()""",
    """CREATE TRIGGER guard_month_closure_truncate BEFORE TRUNCATE ON month_closure
FOR EACH STATEMENT EXECUTE FUNCTION guard_month_closure()""",
    """ALTER TABLE month_closure ENABLE ALWAYS TRIGGER guard_month_closure_update""",
    """ALTER TABLE month_closure ENABLE ALWAYS TRIGGER guard_month_closure_delete""",
    """ALTER TABLE month_closure ENABLE ALWAYS TRIGGER guard_month_closure_truncate""",
)

SQLITE_UNGUARD = (
    """DROP TRIGGER guard_log_state_update""",
    """DROP TRIGGER guard_log_state_delete""",
    """DROP TRIGGER guard_log_state_insert""",
    """DROP TRIGGER guard_log_leaf_update""",
    """DROP TRIGGER guard_log_leaf_delete""",
    """DROP TRIGGER guard_log_leaf_insert""",
    """DROP TRIGGER guard_sheet_version_update""",
    """DROP TRIGGER guard_sheet_version_delete""",
    """DROP TRIGGER guard_sheet_version_insert""",
    """DROP TRIGGER guard_sheet_event_update""",
    """DROP TRIGGER guard_sheet_event_delete""",
    """DROP TRIGGER guard_sheet_event_insert""",
    """DROP TRIGGER guard_month_closure_update""",
    """DROP TRIGGER guard_month_closure_delete""",
    """DROP TRIGGER guard_month_closure_insert""",
)

POSTGRESQL_UNGUARD = (
    """DROP TRIGGER guard_log_state_update ON log_state""",
    """DROP TRIGGER guard_log_state_delete ON log_state""",
    """DROP TRIGGER guard_log_state_truncate ON log_state""",
    """DROP FUNCTION guard_log_state()""",
    """DROP TRIGGER guard_log_leaf_update ON log_leaf""",
    """DROP TRIGGER guard_log_leaf_delete ON log_leaf""",
    """DROP TRIGGER guard_log_leaf_truncate ON log_leaf""",
    """DROP FUNCTION guard_log_leaf()""",
    """DROP TRIGGER guard_sheet_version_update ON sheet_version""",
    """DROP TRIGGER guard_sheet_version_delete ON sheet_version""",
    """DROP TRIGGER guard_sheet_version_truncate ON sheet_version""",
    """DROP FUNCTION guard_sheet_version()""",
    """DROP TRIGGER guard_sheet_event_update ON sheet_event""",
    """DROP TRIGGER guard_sheet_event_delete ON sheet_event""",
    """DROP TRIGGER guard_sheet_event_truncate ON sheet_event""",
    """DROP FUNCTION guard_sheet_event()""",
    """DROP TRIGGER guard_month_closure_update ON month_closure""",
    """DROP TRIGGER guard_month_closure_delete ON month_closure""",
    """DROP TRIGGER guard_month_closure_truncate ON month_closure""",
    """DROP FUNCTION guard_month_closure()""",
)


def upgrade() -> None:
    op.create_table(
        "log_state",
        sa.Column("log_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("range", sa.JSON(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("log_id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "municipality",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipality")),
        sa.UniqueConstraint("code", name=op.f("uq_municipality_code")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("legal_form", sa.String(length=32), nullable=False),
        sa.Column("corporate_number", sa.String(length=13), nullable=True),
        sa.Column("representative_name", sa.String(length=100), nullable=False),
        sa.Column("submission_business_day", sa.Integer(), nullable=False),
        sa.Column("sign_off_business_day", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.String(length=7), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sign_off_business_day BETWEEN submission_business_day AND 10", name=op.f("ck_organization_sign_off_day")
        ),
        sa.CheckConstraint("submission_business_day BETWEEN 1 AND 5", name=op.f("ck_organization_submission_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
    )
    op.create_index(op.f("ix_outgoing_mail_not_before"), "outgoing_mail", ["not_before"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("login_name", sa.String(length=100), nullable=False),
        sa.Column("login_key", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.Column("password_stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demo_label", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_account_email_key")),
        sa.UniqueConstraint("login_key", name=op.f("uq_user_account_login_key")),
    )
    op.create_table(
        "center",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_center_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_center")),
    )
    op.create_table(
        "engagement",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_engagement_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_engagement_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_engagement_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_engagement")),
    )
    op.create_index(
        "ix_engagement_municipality_id", "engagement", ["municipality_id", "starts_on", "ends_on"], unique=False
    )
    op.create_table(
        "held_input",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_held_input_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_held_input")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("log_id", sa.Uuid(), nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["log_state.log_id"], name=op.f("fk_log_leaf_log_id_log_state")),
        sa.PrimaryKeyConstraint("log_id", "idx", name=op.f("pk_log_leaf")),
    )
    op.create_index("ix_log_leaf_log_id_act_idx", "log_leaf", ["log_id", "act", "idx"], unique=False)
    op.create_index("ix_log_leaf_log_id_at", "log_leaf", ["log_id", "at"], unique=False)
    op.create_index("ix_log_leaf_log_id_subject_id_idx", "log_leaf", ["log_id", "subject_id", "idx"], unique=False)
    op.create_table(
        "municipality_role",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user_account.id"], name=op.f("fk_municipality_role_granted_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_municipality_role_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_municipality_role_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_municipality_role")),
    )
    op.create_index(op.f("ix_municipality_role_user_id"), "municipality_role", ["user_id"], unique=False)
    op.create_table(
        "operator_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_operator_role_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_role")),
    )
    op.create_index(op.f("ix_operator_role_user_id"), "operator_role", ["user_id"], unique=False)
    op.create_table(
        "password_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["user_account.id"], name=op.f("fk_password_reset_issued_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_password_reset_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_password_reset_token_digest")),
    )
    op.create_index(op.f("ix_password_reset_user_id"), "password_reset", ["user_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("strength", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sign_in_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    op.create_index(op.f("ix_sign_in_user_id"), "sign_in", ["user_id"], unique=False)
    op.create_table(
        "binder_job",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by_name", sa.String(length=100), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=300), nullable=True),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_binder_job_organization_id_center_id_center"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_binder_job")),
    )
    op.create_index("ix_binder_job_finished_at", "binder_job", ["finished_at", "requested_at"], unique=False)
    op.create_table(
        "month_closure",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_month_closure_organization_id_center_id_center"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_month_closure")),
        sa.UniqueConstraint(
            "organization_id", "center_id", "month", name=op.f("uq_month_closure_organization_id_center_id_month")
        ),
    )
    op.create_table(
        "month_tally",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("excused", sa.Integer(), nullable=False),
        sa.Column("submitted", sa.Integer(), nullable=False),
        sa.Column("on_time", sa.Integer(), nullable=False),
        sa.Column("awaiting", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("signed_off", sa.Integer(), nullable=False),
        sa.Column("signed_off_on_time", sa.Integer(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sign_off_due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_month_tally_organization_id_center_id_center"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "center_id", "month", name=op.f("pk_month_tally")),
    )
    op.create_index("ix_month_tally_organization_id_month", "month_tally", ["organization_id", "month"], unique=False)
    op.create_table(
        "worker",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_kana", sa.String(length=100), nullable=False),
        sa.Column("search_key", sa.String(length=400), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("is_handler", sa.Boolean(), nullable=False),
        sa.Column("files_sheets", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("left_on IS NULL OR left_on >= joined_on", name=op.f("ck_worker_left_after_joined")),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_worker_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_worker_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_worker_user_id_user_account")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_worker")),
    )
    op.create_index("ix_worker_organization_id_center_id", "worker", ["organization_id", "center_id"], unique=False)
    op.create_index(
        "ix_worker_organization_id_joined_on",
        "worker",
        ["organization_id", "joined_on", "left_on", "files_sheets"],
        unique=False,
    )
    op.create_index(op.f("ix_worker_user_id"), "worker", ["user_id"], unique=False)
    op.create_index("uq_worker_organization_id_user_id", "worker", ["organization_id", "user_id"], unique=True)
    op.create_table(
        "check_sheet",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("checklist_key", sa.String(length=50), nullable=False),
        sa.Column("edition", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sign_off_due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_check_sheet_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_check_sheet_organization_id_worker_id_worker"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_check_sheet")),
        sa.UniqueConstraint(
            "organization_id", "worker_id", "month", name=op.f("uq_check_sheet_organization_id_worker_id_month")
        ),
    )
    op.create_index(
        "ix_check_sheet_organization_id_center_id_month",
        "check_sheet",
        ["organization_id", "center_id", "month"],
        unique=False,
    )
    op.create_table(
        "organization_role",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["user_account.id"], name=op.f("fk_organization_role_ended_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_id"], ["user_account.id"], name=op.f("fk_organization_role_granted_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_organization_role_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_organization_role_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_organization_role_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_organization_role_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_organization_role")),
    )
    op.create_index(
        "ix_organization_role_organization_id_role", "organization_role", ["organization_id", "role"], unique=False
    )
    op.create_index(
        "ix_organization_role_organization_id_worker_id",
        "organization_role",
        ["organization_id", "worker_id"],
        unique=False,
    )
    op.create_index(op.f("ix_organization_role_user_id"), "organization_role", ["user_id"], unique=False)
    op.create_table(
        "sheet_draft",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("no_take_out", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "sheet_id"],
            ["check_sheet.organization_id", "check_sheet.id"],
            name=op.f("fk_sheet_draft_organization_id_sheet_id_check_sheet"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "sheet_id", name=op.f("pk_sheet_draft")),
    )
    op.create_table(
        "sheet_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("with_head_section", sa.Boolean(), nullable=False),
        sa.Column("no_take_out", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_by_name", sa.String(length=100), nullable=False),
        sa.Column("paper_signed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "sheet_id"],
            ["check_sheet.organization_id", "check_sheet.id"],
            name=op.f("fk_sheet_version_organization_id_sheet_id_check_sheet"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sheet_version")),
        sa.UniqueConstraint(
            "organization_id", "sheet_id", "number", name=op.f("uq_sheet_version_organization_id_sheet_id_number")
        ),
    )
    op.create_table(
        "corrective_action",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=8), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_name", sa.String(length=100), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "sheet_id"],
            ["check_sheet.organization_id", "check_sheet.id"],
            name=op.f("fk_corrective_action_organization_id_sheet_id_check_sheet"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "version_id"],
            ["sheet_version.organization_id", "sheet_version.id"],
            name=op.f("fk_corrective_action_organization_id_version_id_sheet_version"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_corrective_action")),
        sa.UniqueConstraint(
            "organization_id", "version_id", "item", name=op.f("uq_corrective_action_organization_id_version_id_item")
        ),
    )
    op.create_index(
        "ix_corrective_action_organization_id_sheet_id",
        "corrective_action",
        ["organization_id", "sheet_id"],
        unique=False,
    )
    op.create_table(
        "sheet_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("by_role", sa.String(length=32), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("excuse", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "sheet_id"],
            ["check_sheet.organization_id", "check_sheet.id"],
            name=op.f("fk_sheet_event_organization_id_sheet_id_check_sheet"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "version_id"],
            ["sheet_version.organization_id", "sheet_version.id"],
            name=op.f("fk_sheet_event_organization_id_version_id_sheet_version"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sheet_event")),
        sa.UniqueConstraint(
            "organization_id", "sheet_id", "number", name=op.f("uq_sheet_event_organization_id_sheet_id_number")
        ),
    )
    # The platform's own log is there from the first moment; those of tenants open with the tenant.
    log_state = sa.table(
        "log_state",
        sa.column("log_id", sa.Uuid()),
        sa.column("kind", sa.String()),
        sa.column("origin", sa.String()),
        sa.column("size", sa.Integer()),
        sa.column("range", sa.JSON()),
        sa.column("opened_at", sa.DateTime(timezone=True)),
    )
    op.execute(
        log_state.insert().values(
            log_id=UUID(int=0), kind="platform", origin=f"platform/{UUID(int=0)}", size=0, range=[],
            opened_at=datetime.now(UTC),
        )
    )  # fmt: skip
    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    for statement in SQLITE_UNGUARD if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_UNGUARD:
        op.execute(sa.text(statement.replace(":", "\\:")))
    op.drop_table("sheet_event")
    op.drop_index("ix_corrective_action_organization_id_sheet_id", table_name="corrective_action")
    op.drop_table("corrective_action")
    op.drop_table("sheet_version")
    op.drop_table("sheet_draft")
    op.drop_index(op.f("ix_organization_role_user_id"), table_name="organization_role")
    op.drop_index("ix_organization_role_organization_id_worker_id", table_name="organization_role")
    op.drop_index("ix_organization_role_organization_id_role", table_name="organization_role")
    op.drop_table("organization_role")
    op.drop_index("ix_check_sheet_organization_id_center_id_month", table_name="check_sheet")
    op.drop_table("check_sheet")
    op.drop_index("uq_worker_organization_id_user_id", table_name="worker")
    op.drop_index(op.f("ix_worker_user_id"), table_name="worker")
    op.drop_index("ix_worker_organization_id_joined_on", table_name="worker")
    op.drop_index("ix_worker_organization_id_center_id", table_name="worker")
    op.drop_table("worker")
    op.drop_index("ix_month_tally_organization_id_month", table_name="month_tally")
    op.drop_table("month_tally")
    op.drop_table("month_closure")
    op.drop_index("ix_binder_job_finished_at", table_name="binder_job")
    op.drop_table("binder_job")
    op.drop_index(op.f("ix_sign_in_user_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("ix_password_reset_user_id"), table_name="password_reset")
    op.drop_table("password_reset")
    op.drop_index(op.f("ix_operator_role_user_id"), table_name="operator_role")
    op.drop_table("operator_role")
    op.drop_index(op.f("ix_municipality_role_user_id"), table_name="municipality_role")
    op.drop_table("municipality_role")
    op.drop_index("ix_log_leaf_log_id_subject_id_idx", table_name="log_leaf")
    op.drop_index("ix_log_leaf_log_id_at", table_name="log_leaf")
    op.drop_index("ix_log_leaf_log_id_act_idx", table_name="log_leaf")
    op.drop_table("log_leaf")
    op.drop_table("held_input")
    op.drop_index("ix_engagement_municipality_id", table_name="engagement")
    op.drop_table("engagement")
    op.drop_table("center")
    op.drop_table("user_account")
    op.drop_table("throttle")
    op.drop_index(op.f("ix_outgoing_mail_not_before"), table_name="outgoing_mail")
    op.drop_table("outgoing_mail")
    op.drop_table("organization")
    op.drop_table("municipality")
    op.drop_table("log_state")
