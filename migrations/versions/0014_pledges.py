"""Pledges: own paragraphs, texts as read, briefings, signatures, cancellations and scans."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_own_wording_update BEFORE UPDATE ON own_wording FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.key IS NOT OLD.key
  OR NEW.number IS NOT OLD.number
  OR NEW.paragraphs IS NOT OLD.paragraphs
  OR NEW.from_on IS NOT OLD.from_on
  OR NEW.is_material IS NOT OLD.is_material
  OR NEW.sign_again_by IS NOT OLD.sign_again_by
  OR NEW.reason IS NOT OLD.reason
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_on IS NOT OLD.made_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: own_wording'); END""",
    """CREATE TRIGGER guard_own_wording_delete BEFORE DELETE ON own_wording FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: own_wording'); END""",
    """CREATE TRIGGER guard_own_wording_insert BEFORE INSERT ON own_wording FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM own_wording AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.key = NEW.key AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: own_wording'); END""",
    """CREATE TRIGGER guard_pledge_text_update BEFORE UPDATE ON pledge_text FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.digest IS NOT OLD.digest
  OR NEW.text IS NOT OLD.text
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_text'); END""",
    """CREATE TRIGGER guard_pledge_text_delete BEFORE DELETE ON pledge_text FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_text'); END""",
    """CREATE TRIGGER guard_pledge_text_insert BEFORE INSERT ON pledge_text FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM pledge_text AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.digest = NEW.digest))
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_text'); END""",
    """CREATE TRIGGER guard_briefing_update BEFORE UPDATE ON briefing FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.occasion IS NOT OLD.occasion
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.held_on IS NOT OLD.held_on
  OR NEW.how IS NOT OLD.how
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR (NEW.told_by IS NOT NULL AND NEW.told_by IS NOT OLD.told_by)
BEGIN SELECT RAISE(ABORT, 'append-only: briefing'); END""",
    """CREATE TRIGGER guard_briefing_delete BEFORE DELETE ON briefing FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: briefing'); END""",
    """CREATE TRIGGER guard_briefing_insert BEFORE INSERT ON briefing FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM briefing AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: briefing'); END""",
    """CREATE TRIGGER guard_briefing_person_update BEFORE UPDATE ON briefing_person FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.briefing_id IS NOT OLD.briefing_id
  OR NEW.worker_id IS NOT OLD.worker_id
BEGIN SELECT RAISE(ABORT, 'append-only: briefing_person'); END""",
    """CREATE TRIGGER guard_briefing_person_delete BEFORE DELETE ON briefing_person FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: briefing_person'); END""",
    """CREATE TRIGGER guard_briefing_person_insert BEFORE INSERT ON briefing_person FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM briefing_person AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.briefing_id = NEW.briefing_id AND kept.worker_id = NEW.worker_id))
BEGIN SELECT RAISE(ABORT, 'append-only: briefing_person'); END""",
    """CREATE TRIGGER guard_pledge_update BEFORE UPDATE ON pledge FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.occasion IS NOT OLD.occasion
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.key IS NOT OLD.key
  OR NEW.edition IS NOT OLD.edition
  OR NEW.own_number IS NOT OLD.own_number
  OR NEW.text_digest IS NOT OLD.text_digest
  OR NEW.signed_on IS NOT OLD.signed_on
  OR NEW.counts_until IS NOT OLD.counts_until
  OR NEW.way IS NOT OLD.way
  OR NEW.post IS NOT OLD.post
  OR NEW.told_on IS NOT OLD.told_on
  OR NEW.told_how IS NOT OLD.told_how
  OR NEW.joining_record_id IS NOT OLD.joining_record_id
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR NEW.recorded_by_role IS NOT OLD.recorded_by_role
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
  OR (NEW.typed_name IS NOT NULL AND NEW.typed_name IS NOT OLD.typed_name)
  OR (NEW.told_by IS NOT NULL AND NEW.told_by IS NOT OLD.told_by)
BEGIN SELECT RAISE(ABORT, 'append-only: pledge'); END""",
    """CREATE TRIGGER guard_pledge_delete BEFORE DELETE ON pledge FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: pledge'); END""",
    """CREATE TRIGGER guard_pledge_insert BEFORE INSERT ON pledge FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM pledge AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: pledge'); END""",
    """CREATE TRIGGER guard_pledge_cancellation_update BEFORE UPDATE ON pledge_cancellation FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.pledge_id IS NOT OLD.pledge_id
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_cancellation'); END""",
    """CREATE TRIGGER guard_pledge_cancellation_delete BEFORE DELETE ON pledge_cancellation FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_cancellation'); END""",
    """CREATE TRIGGER guard_pledge_cancellation_insert BEFORE INSERT ON pledge_cancellation FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM pledge_cancellation AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.pledge_id = NEW.pledge_id))
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_cancellation'); END""",
    """CREATE TRIGGER guard_pledge_scan_update BEFORE UPDATE ON pledge_scan FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.pledge_id IS NOT OLD.pledge_id
  OR NEW.media_type IS NOT OLD.media_type
  OR NEW.size IS NOT OLD.size
  OR NEW.sha256 IS NOT OLD.sha256
  OR (NEW.content IS NOT NULL AND NEW.content IS NOT OLD.content)
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_scan'); END""",
    """CREATE TRIGGER guard_pledge_scan_delete BEFORE DELETE ON pledge_scan FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_scan'); END""",
    """CREATE TRIGGER guard_pledge_scan_insert BEFORE INSERT ON pledge_scan FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM pledge_scan AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.pledge_id = NEW.pledge_id))
BEGIN SELECT RAISE(ABORT, 'append-only: pledge_scan'); END""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_own_wording_update""",
    """DROP TRIGGER guard_own_wording_delete""",
    """DROP TRIGGER guard_own_wording_insert""",
    """DROP TRIGGER guard_pledge_text_update""",
    """DROP TRIGGER guard_pledge_text_delete""",
    """DROP TRIGGER guard_pledge_text_insert""",
    """DROP TRIGGER guard_briefing_update""",
    """DROP TRIGGER guard_briefing_delete""",
    """DROP TRIGGER guard_briefing_insert""",
    """DROP TRIGGER guard_briefing_person_update""",
    """DROP TRIGGER guard_briefing_person_delete""",
    """DROP TRIGGER guard_briefing_person_insert""",
    """DROP TRIGGER guard_pledge_update""",
    """DROP TRIGGER guard_pledge_delete""",
    """DROP TRIGGER guard_pledge_insert""",
    """DROP TRIGGER guard_pledge_cancellation_update""",
    """DROP TRIGGER guard_pledge_cancellation_delete""",
    """DROP TRIGGER guard_pledge_cancellation_insert""",
    """DROP TRIGGER guard_pledge_scan_update""",
    """DROP TRIGGER guard_pledge_scan_delete""",
    """DROP TRIGGER guard_pledge_scan_insert""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_own_wording() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: own_wording' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_own_wording_update BEFORE UPDATE ON own_wording
FOR EACH ROW EXECUTE FUNCTION guard_own_wording()""",
    """CREATE TRIGGER guard_own_wording_delete BEFORE DELETE ON own_wording
FOR EACH ROW EXECUTE FUNCTION guard_own_wording()""",
    """CREATE TRIGGER guard_own_wording_truncate BEFORE TRUNCATE ON own_wording
FOR EACH STATEMENT EXECUTE FUNCTION guard_own_wording()""",
    """ALTER TABLE own_wording ENABLE ALWAYS TRIGGER guard_own_wording_update""",
    """ALTER TABLE own_wording ENABLE ALWAYS TRIGGER guard_own_wording_delete""",
    """ALTER TABLE own_wording ENABLE ALWAYS TRIGGER guard_own_wording_truncate""",
    """CREATE FUNCTION guard_pledge_text() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: pledge_text' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_pledge_text_update BEFORE UPDATE ON pledge_text
FOR EACH ROW EXECUTE FUNCTION guard_pledge_text()""",
    """CREATE TRIGGER guard_pledge_text_delete BEFORE DELETE ON pledge_text
FOR EACH ROW EXECUTE FUNCTION guard_pledge_text()""",
    """CREATE TRIGGER guard_pledge_text_truncate BEFORE TRUNCATE ON pledge_text
FOR EACH STATEMENT EXECUTE FUNCTION guard_pledge_text()""",
    """ALTER TABLE pledge_text ENABLE ALWAYS TRIGGER guard_pledge_text_update""",
    """ALTER TABLE pledge_text ENABLE ALWAYS TRIGGER guard_pledge_text_delete""",
    """ALTER TABLE pledge_text ENABLE ALWAYS TRIGGER guard_pledge_text_truncate""",
    """CREATE FUNCTION guard_briefing() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.told_by := OLD.told_by;
    IF kept::text = OLD::text
      AND (NEW.told_by IS NULL OR NEW.told_by::text = OLD.told_by::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: briefing' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_briefing_update BEFORE UPDATE ON briefing
FOR EACH ROW EXECUTE FUNCTION guard_briefing()""",
    """CREATE TRIGGER guard_briefing_delete BEFORE DELETE ON briefing
FOR EACH ROW EXECUTE FUNCTION guard_briefing()""",
    """CREATE TRIGGER guard_briefing_truncate BEFORE TRUNCATE ON briefing
FOR EACH STATEMENT EXECUTE FUNCTION guard_briefing()""",
    """ALTER TABLE briefing ENABLE ALWAYS TRIGGER guard_briefing_update""",
    """ALTER TABLE briefing ENABLE ALWAYS TRIGGER guard_briefing_delete""",
    """ALTER TABLE briefing ENABLE ALWAYS TRIGGER guard_briefing_truncate""",
    """CREATE FUNCTION guard_briefing_person() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: briefing_person' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_briefing_person_update BEFORE UPDATE ON briefing_person
FOR EACH ROW EXECUTE FUNCTION guard_briefing_person()""",
    """CREATE TRIGGER guard_briefing_person_delete BEFORE DELETE ON briefing_person
FOR EACH ROW EXECUTE FUNCTION guard_briefing_person()""",
    """CREATE TRIGGER guard_briefing_person_truncate BEFORE TRUNCATE ON briefing_person
FOR EACH STATEMENT EXECUTE FUNCTION guard_briefing_person()""",
    """ALTER TABLE briefing_person ENABLE ALWAYS TRIGGER guard_briefing_person_update""",
    """ALTER TABLE briefing_person ENABLE ALWAYS TRIGGER guard_briefing_person_delete""",
    """ALTER TABLE briefing_person ENABLE ALWAYS TRIGGER guard_briefing_person_truncate""",
    """CREATE FUNCTION guard_pledge() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    kept.typed_name := OLD.typed_name;
    kept.told_by := OLD.told_by;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
      AND (NEW.typed_name IS NULL OR NEW.typed_name::text = OLD.typed_name::text)
      AND (NEW.told_by IS NULL OR NEW.told_by::text = OLD.told_by::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: pledge' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_pledge_update BEFORE UPDATE ON pledge
FOR EACH ROW EXECUTE FUNCTION guard_pledge()""",
    """CREATE TRIGGER guard_pledge_delete BEFORE DELETE ON pledge
FOR EACH ROW EXECUTE FUNCTION guard_pledge()""",
    """CREATE TRIGGER guard_pledge_truncate BEFORE TRUNCATE ON pledge
FOR EACH STATEMENT EXECUTE FUNCTION guard_pledge()""",
    """ALTER TABLE pledge ENABLE ALWAYS TRIGGER guard_pledge_update""",
    """ALTER TABLE pledge ENABLE ALWAYS TRIGGER guard_pledge_delete""",
    """ALTER TABLE pledge ENABLE ALWAYS TRIGGER guard_pledge_truncate""",
    """CREATE FUNCTION guard_pledge_cancellation() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: pledge_cancellation' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_pledge_cancellation_update BEFORE UPDATE ON pledge_cancellation
FOR EACH ROW EXECUTE FUNCTION guard_pledge_cancellation()""",
    """CREATE TRIGGER guard_pledge_cancellation_delete BEFORE DELETE ON pledge_cancellation
FOR EACH ROW EXECUTE FUNCTION guard_pledge_cancellation()""",
    """CREATE TRIGGER guard_pledge_cancellation_truncate BEFORE TRUNCATE ON pledge_cancellation
FOR EACH STATEMENT EXECUTE FUNCTION guard_pledge_cancellation()""",
    """ALTER TABLE pledge_cancellation ENABLE ALWAYS TRIGGER guard_pledge_cancellation_update""",
    """ALTER TABLE pledge_cancellation ENABLE ALWAYS TRIGGER guard_pledge_cancellation_delete""",
    """ALTER TABLE pledge_cancellation ENABLE ALWAYS TRIGGER guard_pledge_cancellation_truncate""",
    """CREATE FUNCTION guard_pledge_scan() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.content := OLD.content;
    IF kept::text = OLD::text
      AND (NEW.content IS NULL OR NEW.content::text = OLD.content::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: pledge_scan' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_pledge_scan_update BEFORE UPDATE ON pledge_scan
FOR EACH ROW EXECUTE FUNCTION guard_pledge_scan()""",
    """CREATE TRIGGER guard_pledge_scan_delete BEFORE DELETE ON pledge_scan
FOR EACH ROW EXECUTE FUNCTION guard_pledge_scan()""",
    """CREATE TRIGGER guard_pledge_scan_truncate BEFORE TRUNCATE ON pledge_scan
FOR EACH STATEMENT EXECUTE FUNCTION guard_pledge_scan()""",
    """ALTER TABLE pledge_scan ENABLE ALWAYS TRIGGER guard_pledge_scan_update""",
    """ALTER TABLE pledge_scan ENABLE ALWAYS TRIGGER guard_pledge_scan_delete""",
    """ALTER TABLE pledge_scan ENABLE ALWAYS TRIGGER guard_pledge_scan_truncate""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_own_wording_update ON own_wording""",
    """DROP TRIGGER guard_own_wording_delete ON own_wording""",
    """DROP TRIGGER guard_own_wording_truncate ON own_wording""",
    """DROP FUNCTION guard_own_wording()""",
    """DROP TRIGGER guard_pledge_text_update ON pledge_text""",
    """DROP TRIGGER guard_pledge_text_delete ON pledge_text""",
    """DROP TRIGGER guard_pledge_text_truncate ON pledge_text""",
    """DROP FUNCTION guard_pledge_text()""",
    """DROP TRIGGER guard_briefing_update ON briefing""",
    """DROP TRIGGER guard_briefing_delete ON briefing""",
    """DROP TRIGGER guard_briefing_truncate ON briefing""",
    """DROP FUNCTION guard_briefing()""",
    """DROP TRIGGER guard_briefing_person_update ON briefing_person""",
    """DROP TRIGGER guard_briefing_person_delete ON briefing_person""",
    """DROP TRIGGER guard_briefing_person_truncate ON briefing_person""",
    """DROP FUNCTION guard_briefing_person()""",
    """DROP TRIGGER guard_pledge_update ON pledge""",
    """DROP TRIGGER guard_pledge_delete ON pledge""",
    """DROP TRIGGER guard_pledge_truncate ON pledge""",
    """DROP FUNCTION guard_pledge()""",
    """DROP TRIGGER guard_pledge_cancellation_update ON pledge_cancellation""",
    """DROP TRIGGER guard_pledge_cancellation_delete ON pledge_cancellation""",
    """DROP TRIGGER guard_pledge_cancellation_truncate ON pledge_cancellation""",
    """DROP FUNCTION guard_pledge_cancellation()""",
    """DROP TRIGGER guard_pledge_scan_update ON pledge_scan""",
    """DROP TRIGGER guard_pledge_scan_delete ON pledge_scan""",
    """DROP TRIGGER guard_pledge_scan_truncate ON pledge_scan""",
    """DROP FUNCTION guard_pledge_scan()""",
)


def upgrade() -> None:
    op.create_table(
        "own_wording",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paragraphs", sa.JSON(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("is_material", sa.Boolean(), nullable=False),
        sa.Column("sign_again_by", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_own_wording_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_own_wording_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_own_wording")),
        sa.UniqueConstraint("organization_id", "key", "number", name=op.f("uq_own_wording_organization_id_key_number")),
    )
    op.create_table(
        "pledge_settings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("anniversary_month", sa.Integer(), nullable=False),
        sa.CheckConstraint("anniversary_month BETWEEN 1 AND 12", name=op.f("ck_pledge_settings_month")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pledge_settings_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_pledge_settings")),
    )
    op.create_table(
        "pledge_text",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pledge_text_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "digest", name=op.f("pk_pledge_text")),
    )
    op.create_table(
        "briefing",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("told_by", sa.String(length=100), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_briefing_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_briefing_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_briefing_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_briefing_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_briefing")),
        sa.UniqueConstraint("organization_id", "request_key", name=op.f("uq_briefing_organization_id_request_key")),
    )
    op.create_table(
        "briefing_person",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("briefing_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "briefing_id"],
            ["briefing.organization_id", "briefing.id"],
            name=op.f("fk_briefing_person_organization_id_briefing_id_briefing"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_briefing_person_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_briefing_person_organization_id_worker_id_worker"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "briefing_id", "worker_id", name=op.f("pk_briefing_person")),
    )
    op.create_index("ix_briefing_person_organization_id_worker_id", "briefing_person", ["organization_id", "worker_id"])
    op.create_table(
        "pledge",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(length=32), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=8), nullable=False),
        sa.Column("own_number", sa.Integer(), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("counts_until", sa.Date(), nullable=True),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("typed_name", sa.String(length=100), nullable=True),
        sa.Column("post", sa.String(length=200), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("told_how", sa.String(length=32), nullable=True),
        sa.Column("told_by", sa.String(length=100), nullable=True),
        sa.Column("joining_record_id", sa.Uuid(), nullable=True),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.Column("recorded_by_role", sa.String(length=32), nullable=True),
        sa.Column("kiosk_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(occasion = 'engagement') = (engagement_id IS NOT NULL)", name=op.f("ck_pledge_engagement")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_pledge_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_pledge_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "joining_record_id"],
            ["joining_record.organization_id", "joining_record.id"],
            name=op.f("fk_pledge_organization_id_joining_record_id_joining_record"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pledge_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "text_digest"],
            ["pledge_text.organization_id", "pledge_text.digest"],
            name=op.f("fk_pledge_organization_id_text_digest_pledge_text"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_pledge_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_pledge_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("organization_id", "request_key", name=op.f("uq_pledge_organization_id_request_key")),
    )
    op.create_index("ix_pledge_organization_id_joining_record_id", "pledge", ["organization_id", "joining_record_id"])
    op.create_index(
        "ix_pledge_coverage",
        "pledge",
        [
            "organization_id",
            "worker_id",
            "occasion",
            "counts_until",
            "signed_on",
            "recorded_on",
            "key",
            "edition",
            "own_number",
            "id",
        ],
    )
    op.create_table(
        "pledge_cancellation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_pledge_cancellation_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pledge_cancellation_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "pledge_id"],
            ["pledge.organization_id", "pledge.id"],
            name=op.f("fk_pledge_cancellation_organization_id_pledge_id_pledge"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_pledge_cancellation")),
        sa.UniqueConstraint(
            "organization_id", "pledge_id", name=op.f("uq_pledge_cancellation_organization_id_pledge_id")
        ),
    )
    op.create_table(
        "pledge_scan",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pledge_scan_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "pledge_id"],
            ["pledge.organization_id", "pledge.id"],
            name=op.f("fk_pledge_scan_organization_id_pledge_id_pledge"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_pledge_scan")),
        sa.UniqueConstraint("organization_id", "pledge_id", name=op.f("uq_pledge_scan_organization_id_pledge_id")),
    )
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    op.drop_table("pledge_scan")
    op.drop_table("pledge_cancellation")
    op.drop_index("ix_pledge_organization_id_joining_record_id", table_name="pledge")
    op.drop_index("ix_pledge_coverage", table_name="pledge")
    op.drop_table("pledge")
    op.drop_index("ix_briefing_person_organization_id_worker_id", table_name="briefing_person")
    op.drop_table("briefing_person")
    op.drop_table("briefing")
    op.drop_table("pledge_text")
    op.drop_table("pledge_settings")
    op.drop_table("own_wording")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
