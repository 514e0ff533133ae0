"""Engagements in full: proposals and replies, clauses, places of work and storage, notices."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TOKYO = ZoneInfo("Asia/Tokyo")

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_engagement_version_update BEFORE UPDATE ON engagement_version FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.number IS NOT OLD.number
  OR NEW.proposed_at IS NOT OLD.proposed_at
  OR NEW.proposed_by_id IS NOT OLD.proposed_by_id
  OR NEW.proposed_by_name IS NOT OLD.proposed_by_name
  OR NEW.reason IS NOT OLD.reason
  OR NEW.title IS NOT OLD.title
  OR NEW.basis IS NOT OLD.basis
  OR NEW.further_bases IS NOT OLD.further_bases
  OR NEW.council_category IS NOT OLD.council_category
  OR NEW.basis_note IS NOT OLD.basis_note
  OR NEW.re_entrusted_by IS NOT OLD.re_entrusted_by
  OR NEW.starts_on IS NOT OLD.starts_on
  OR NEW.ends_on IS NOT OLD.ends_on
  OR NEW.shares IS NOT OLD.shares
  OR NEW.protected_reason IS NOT OLD.protected_reason
BEGIN SELECT RAISE(ABORT, 'append-only: engagement_version'); END""",
    """CREATE TRIGGER guard_engagement_version_delete BEFORE DELETE ON engagement_version FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: engagement_version'); END""",
    """CREATE TRIGGER guard_engagement_version_insert BEFORE INSERT ON engagement_version FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM engagement_version AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.engagement_id = NEW.engagement_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: engagement_version'); END""",
    """CREATE TRIGGER guard_engagement_reply_update BEFORE UPDATE ON engagement_reply FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.reason IS NOT OLD.reason
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: engagement_reply'); END""",
    """CREATE TRIGGER guard_engagement_reply_delete BEFORE DELETE ON engagement_reply FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: engagement_reply'); END""",
    """CREATE TRIGGER guard_engagement_reply_insert BEFORE INSERT ON engagement_reply FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM engagement_reply AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.engagement_id = NEW.engagement_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: engagement_reply'); END""",
    """CREATE TRIGGER guard_assignment_update BEFORE UPDATE ON assignment FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.number IS NOT OLD.number
  OR NEW.centers IS NOT OLD.centers
  OR NEW.posts IS NOT OLD.posts
  OR NEW.project_id IS NOT OLD.project_id
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: assignment'); END""",
    """CREATE TRIGGER guard_assignment_delete BEFORE DELETE ON assignment FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: assignment'); END""",
    """CREATE TRIGGER guard_assignment_insert BEFORE INSERT ON assignment FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM assignment AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.engagement_id = NEW.engagement_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: assignment'); END""",
    """CREATE TRIGGER guard_clause_agreement_update BEFORE UPDATE ON clause_agreement FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.number IS NOT OLD.number
  OR NEW.edition IS NOT OLD.edition
  OR NEW.variants IS NOT OLD.variants
  OR NEW.note IS NOT OLD.note
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: clause_agreement'); END""",
    """CREATE TRIGGER guard_clause_agreement_delete BEFORE DELETE ON clause_agreement FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: clause_agreement'); END""",
    """CREATE TRIGGER guard_clause_agreement_insert BEFORE INSERT ON clause_agreement FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM clause_agreement AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.engagement_id = NEW.engagement_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: clause_agreement'); END""",
    """CREATE TRIGGER guard_place_version_update BEFORE UPDATE ON place_version FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.place_id IS NOT OLD.place_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.name IS NOT OLD.name
  OR NEW.address IS NOT OLD.address
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.is_lockable IS NOT OLD.is_lockable
  OR NEW.lock_method IS NOT OLD.lock_method
  OR NEW.key_holder IS NOT OLD.key_holder
  OR NEW.from_on IS NOT OLD.from_on
  OR NEW.until_on IS NOT OLD.until_on
  OR NEW.engagements IS NOT OLD.engagements
  OR NEW.effective_on IS NOT OLD.effective_on
  OR NEW.reason IS NOT OLD.reason
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: place_version'); END""",
    """CREATE TRIGGER guard_place_version_delete BEFORE DELETE ON place_version FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: place_version'); END""",
    """CREATE TRIGGER guard_place_version_insert BEFORE INSERT ON place_version FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM place_version AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.place_id = NEW.place_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: place_version'); END""",
    """CREATE TRIGGER guard_place_notice_update BEFORE UPDATE ON place_notice FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.place_id IS NOT OLD.place_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.place_kind IS NOT OLD.place_kind
  OR NEW.place_name IS NOT OLD.place_name
  OR NEW.before IS NOT OLD.before
  OR NEW.after IS NOT OLD.after
  OR NEW.effective_on IS NOT OLD.effective_on
  OR NEW.reason IS NOT OLD.reason
  OR NEW.needs_approval IS NOT OLD.needs_approval
  OR NEW.municipality_name IS NOT OLD.municipality_name
  OR NEW.organization_name IS NOT OLD.organization_name
  OR NEW.representative_name IS NOT OLD.representative_name
  OR NEW.title IS NOT OLD.title
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: place_notice'); END""",
    """CREATE TRIGGER guard_place_notice_delete BEFORE DELETE ON place_notice FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: place_notice'); END""",
    """CREATE TRIGGER guard_place_notice_insert BEFORE INSERT ON place_notice FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM place_notice AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.engagement_id = NEW.engagement_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: place_notice'); END""",
    """CREATE TRIGGER guard_place_notice_answer_update BEFORE UPDATE ON place_notice_answer FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.notice_id IS NOT OLD.notice_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.reason IS NOT OLD.reason
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: place_notice_answer'); END""",
    """CREATE TRIGGER guard_place_notice_answer_delete BEFORE DELETE ON place_notice_answer FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: place_notice_answer'); END""",
    """CREATE TRIGGER guard_place_notice_answer_insert BEFORE INSERT ON place_notice_answer FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM place_notice_answer AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.notice_id = NEW.notice_id))
BEGIN SELECT RAISE(ABORT, 'append-only: place_notice_answer'); END""",
)

POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_engagement_version() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: engagement_version' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_engagement_version_update BEFORE UPDATE ON engagement_version
FOR EACH ROW EXECUTE FUNCTION guard_engagement_version()""",
    """CREATE TRIGGER guard_engagement_version_delete BEFORE DELETE ON engagement_version
FOR EACH ROW EXECUTE FUNCTION guard_engagement_version()""",
    """CREATE TRIGGER guard_engagement_version_truncate BEFORE TRUNCATE ON engagement_version
FOR EACH STATEMENT EXECUTE FUNCTION guard_engagement_version()""",
    """ALTER TABLE engagement_version ENABLE ALWAYS TRIGGER guard_engagement_version_update""",
    """ALTER TABLE engagement_version ENABLE ALWAYS TRIGGER guard_engagement_version_delete""",
    """ALTER TABLE engagement_version ENABLE ALWAYS TRIGGER guard_engagement_version_truncate""",
    """CREATE FUNCTION guard_engagement_reply() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: engagement_reply' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_engagement_reply_update BEFORE UPDATE ON engagement_reply
FOR EACH ROW EXECUTE FUNCTION guard_engagement_reply()""",
    """CREATE TRIGGER guard_engagement_reply_delete BEFORE DELETE ON engagement_reply
FOR EACH ROW EXECUTE FUNCTION guard_engagement_reply()""",
    """CREATE TRIGGER guard_engagement_reply_truncate BEFORE TRUNCATE ON engagement_reply
FOR EACH STATEMENT EXECUTE FUNCTION guard_engagement_reply()""",
    """ALTER TABLE engagement_reply ENABLE ALWAYS TRIGGER guard_engagement_reply_update""",
    """ALTER TABLE engagement_reply ENABLE ALWAYS TRIGGER guard_engagement_reply_delete""",
    """ALTER TABLE engagement_reply ENABLE ALWAYS TRIGGER guard_engagement_reply_truncate""",
    """CREATE FUNCTION guard_assignment() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: assignment' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_assignment_update BEFORE UPDATE ON assignment
FOR EACH ROW EXECUTE FUNCTION guard_assignment()""",
    """CREATE TRIGGER guard_assignment_delete BEFORE DELETE ON assignment
FOR EACH ROW EXECUTE FUNCTION guard_assignment()""",
    """CREATE TRIGGER guard_assignment_truncate BEFORE TRUNCATE ON assignment
FOR EACH STATEMENT EXECUTE FUNCTION guard_assignment()""",
    """ALTER TABLE assignment ENABLE ALWAYS TRIGGER guard_assignment_update""",
    """ALTER TABLE assignment ENABLE ALWAYS TRIGGER guard_assignment_delete""",
    """ALTER TABLE assignment ENABLE ALWAYS TRIGGER guard_assignment_truncate""",
    """CREATE FUNCTION guard_clause_agreement() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: clause_agreement' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_clause_agreement_update BEFORE UPDATE ON clause_agreement
FOR EACH ROW EXECUTE FUNCTION guard_clause_agreement()""",
    """CREATE TRIGGER guard_clause_agreement_delete BEFORE DELETE ON clause_agreement
FOR EACH ROW EXECUTE FUNCTION guard_clause_agreement()""",
    """CREATE TRIGGER guard_clause_agreement_truncate BEFORE TRUNCATE ON clause_agreement
FOR EACH STATEMENT EXECUTE FUNCTION guard_clause_agreement()""",
    """ALTER TABLE clause_agreement ENABLE ALWAYS TRIGGER guard_clause_agreement_update""",
    """ALTER TABLE clause_agreement ENABLE ALWAYS TRIGGER guard_clause_agreement_delete""",
    """ALTER TABLE clause_agreement ENABLE ALWAYS TRIGGER guard_clause_agreement_truncate""",
    """CREATE FUNCTION guard_place_version() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: place_version' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_place_version_update BEFORE UPDATE ON place_version
FOR EACH ROW EXECUTE FUNCTION guard_place_version()""",
    """CREATE TRIGGER guard_place_version_delete BEFORE DELETE ON place_version
FOR EACH ROW EXECUTE FUNCTION guard_place_version()""",
    """CREATE TRIGGER guard_place_version_truncate BEFORE TRUNCATE ON place_version
FOR EACH STATEMENT EXECUTE FUNCTION guard_place_version()""",
    """ALTER TABLE place_version ENABLE ALWAYS TRIGGER guard_place_version_update""",
    """ALTER TABLE place_version ENABLE ALWAYS TRIGGER guard_place_version_delete""",
    """ALTER TABLE place_version ENABLE ALWAYS TRIGGER guard_place_version_truncate""",
    """CREATE FUNCTION guard_place_notice() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: place_notice' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_place_notice_update BEFORE UPDATE ON place_notice
FOR EACH ROW EXECUTE FUNCTION guard_place_notice()""",
    """CREATE TRIGGER guard_place_notice_delete BEFORE DELETE ON place_notice
FOR EACH ROW EXECUTE FUNCTION guard_place_notice()""",
    """CREATE TRIGGER guard_place_notice_truncate BEFORE TRUNCATE ON place_notice
FOR EACH STATEMENT EXECUTE FUNCTION guard_place_notice()""",
    """ALTER TABLE place_notice ENABLE ALWAYS TRIGGER guard_place_notice_update""",
    """ALTER TABLE place_notice ENABLE ALWAYS TRIGGER guard_place_notice_delete""",
    """ALTER TABLE place_notice ENABLE ALWAYS TRIGGER guard_place_notice_truncate""",
    """CREATE FUNCTION guard_place_notice_answer() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: place_notice_answer' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_place_notice_answer_update BEFORE UPDATE ON place_notice_answer
FOR EACH ROW EXECUTE FUNCTION guard_place_notice_answer()""",
    """CREATE TRIGGER guard_place_notice_answer_delete BEFORE DELETE ON place_notice_answer
FOR EACH ROW EXECUTE FUNCTION guard_place_notice_answer()""",
    """CREATE TRIGGER guard_place_notice_answer_truncate BEFORE TRUNCATE ON place_notice_answer
FOR EACH STATEMENT EXECUTE FUNCTION guard_place_notice_answer()""",
    """ALTER TABLE place_notice_answer ENABLE ALWAYS TRIGGER guard_place_notice_answer_update""",
    """ALTER TABLE place_notice_answer ENABLE ALWAYS TRIGGER guard_place_notice_answer_delete""",
    """ALTER TABLE place_notice_answer ENABLE ALWAYS TRIGGER guard_place_notice_answer_truncate""",
)

SQLITE_UNGUARD = (
    "DROP TRIGGER guard_engagement_version_update",
    "DROP TRIGGER guard_engagement_version_delete",
    "DROP TRIGGER guard_engagement_version_insert",
    "DROP TRIGGER guard_engagement_reply_update",
    "DROP TRIGGER guard_engagement_reply_delete",
    "DROP TRIGGER guard_engagement_reply_insert",
    "DROP TRIGGER guard_assignment_update",
    "DROP TRIGGER guard_assignment_delete",
    "DROP TRIGGER guard_assignment_insert",
    "DROP TRIGGER guard_clause_agreement_update",
    "DROP TRIGGER guard_clause_agreement_delete",
    "DROP TRIGGER guard_clause_agreement_insert",
    "DROP TRIGGER guard_place_version_update",
    "DROP TRIGGER guard_place_version_delete",
    "DROP TRIGGER guard_place_version_insert",
    "DROP TRIGGER guard_place_notice_update",
    "DROP TRIGGER guard_place_notice_delete",
    "DROP TRIGGER guard_place_notice_insert",
    "DROP TRIGGER guard_place_notice_answer_update",
    "DROP TRIGGER guard_place_notice_answer_delete",
    "DROP TRIGGER guard_place_notice_answer_insert",
)

POSTGRESQL_UNGUARD = (
    "DROP TRIGGER guard_engagement_version_update ON engagement_version",
    "DROP TRIGGER guard_engagement_version_delete ON engagement_version",
    "DROP TRIGGER guard_engagement_version_truncate ON engagement_version",
    "DROP FUNCTION guard_engagement_version()",
    "DROP TRIGGER guard_engagement_reply_update ON engagement_reply",
    "DROP TRIGGER guard_engagement_reply_delete ON engagement_reply",
    "DROP TRIGGER guard_engagement_reply_truncate ON engagement_reply",
    "DROP FUNCTION guard_engagement_reply()",
    "DROP TRIGGER guard_assignment_update ON assignment",
    "DROP TRIGGER guard_assignment_delete ON assignment",
    "DROP TRIGGER guard_assignment_truncate ON assignment",
    "DROP FUNCTION guard_assignment()",
    "DROP TRIGGER guard_clause_agreement_update ON clause_agreement",
    "DROP TRIGGER guard_clause_agreement_delete ON clause_agreement",
    "DROP TRIGGER guard_clause_agreement_truncate ON clause_agreement",
    "DROP FUNCTION guard_clause_agreement()",
    "DROP TRIGGER guard_place_version_update ON place_version",
    "DROP TRIGGER guard_place_version_delete ON place_version",
    "DROP TRIGGER guard_place_version_truncate ON place_version",
    "DROP FUNCTION guard_place_version()",
    "DROP TRIGGER guard_place_notice_update ON place_notice",
    "DROP TRIGGER guard_place_notice_delete ON place_notice",
    "DROP TRIGGER guard_place_notice_truncate ON place_notice",
    "DROP FUNCTION guard_place_notice()",
    "DROP TRIGGER guard_place_notice_answer_update ON place_notice_answer",
    "DROP TRIGGER guard_place_notice_answer_delete ON place_notice_answer",
    "DROP TRIGGER guard_place_notice_answer_truncate ON place_notice_answer",
    "DROP FUNCTION guard_place_notice_answer()",
)


def upgrade() -> None:
    op.create_table(
        "partner_code",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_partner_code_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_partner_code")),
    )
    op.create_index("uq_partner_code_code", "partner_code", ["code"], unique=True)
    op.create_table(
        "assignment",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("centers", sa.JSON(), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_assignment_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_assignment_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "project_id"],
            ["project.organization_id", "project.id"],
            name=op.f("fk_assignment_organization_id_project_id_project"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "organization_id",
            "engagement_id",
            "number",
            name=op.f("uq_assignment_organization_id_engagement_id_number"),
        ),
    )
    op.create_table(
        "clause_agreement",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(length=8), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_clause_agreement_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_clause_agreement_organization_id_engagement_id_engagement"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_clause_agreement")),
        sa.UniqueConstraint(
            "organization_id",
            "engagement_id",
            "number",
            name=op.f("uq_clause_agreement_organization_id_engagement_id_number"),
        ),
    )
    op.create_table(
        "engagement_reply",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_engagement_reply_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_engagement_reply_organization_id_engagement_id_engagement"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_engagement_reply")),
        sa.UniqueConstraint(
            "organization_id",
            "engagement_id",
            "number",
            name=op.f("uq_engagement_reply_organization_id_engagement_id_number"),
        ),
    )
    op.create_table(
        "engagement_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by_name", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("further_bases", sa.JSON(), nullable=False),
        sa.Column("council_category", sa.String(length=32), nullable=True),
        sa.Column("basis_note", sa.String(length=300), nullable=False),
        sa.Column("re_entrusted_by", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("protected_reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_engagement_version_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_engagement_version_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_engagement_version_organization_id_engagement_id_engagement"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_engagement_version")),
        sa.UniqueConstraint(
            "organization_id",
            "engagement_id",
            "number",
            name=op.f("uq_engagement_version_organization_id_engagement_id_number"),
        ),
    )
    op.create_table(
        "place",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("is_lockable", sa.Boolean(), nullable=False),
        sa.Column("lock_method", sa.String(length=200), nullable=False),
        sa.Column("key_holder", sa.String(length=100), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_place_until_after_from")),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_place_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_place_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_place")),
    )
    op.create_table(
        "place_notice",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("place_kind", sa.String(length=32), nullable=False),
        sa.Column("place_name", sa.String(length=100), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("municipality_name", sa.String(length=100), nullable=False),
        sa.Column("organization_name", sa.String(length=200), nullable=False),
        sa.Column("representative_name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_place_notice_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_place_notice_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "place_id"],
            ["place.organization_id", "place.id"],
            name=op.f("fk_place_notice_organization_id_place_id_place"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_place_notice")),
        sa.UniqueConstraint(
            "organization_id",
            "engagement_id",
            "number",
            name=op.f("uq_place_notice_organization_id_engagement_id_number"),
        ),
    )
    op.create_index("ix_place_notice_municipality_id_at", "place_notice", ["municipality_id", "at"], unique=False)
    op.create_index("ix_place_notice_organization_id_at", "place_notice", ["organization_id", "at"], unique=False)
    op.create_table(
        "place_use",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_place_use_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "place_id"],
            ["place.organization_id", "place.id"],
            name=op.f("fk_place_use_organization_id_place_id_place"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_place_use_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_place_use")),
    )
    op.create_index(
        "ix_place_use_organization_id_engagement_id", "place_use", ["organization_id", "engagement_id"], unique=False
    )
    op.create_index("ix_place_use_organization_id_place_id", "place_use", ["organization_id", "place_id"], unique=False)
    op.create_table(
        "place_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("is_lockable", sa.Boolean(), nullable=False),
        sa.Column("lock_method", sa.String(length=200), nullable=False),
        sa.Column("key_holder", sa.String(length=100), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("engagements", sa.JSON(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "place_id"],
            ["place.organization_id", "place.id"],
            name=op.f("fk_place_version_organization_id_place_id_place"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_place_version")),
        sa.UniqueConstraint(
            "organization_id", "place_id", "number", name=op.f("uq_place_version_organization_id_place_id_number")
        ),
    )
    op.create_table(
        "place_notice_answer",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_place_notice_answer_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "notice_id"],
            ["place_notice.organization_id", "place_notice.id"],
            name=op.f("fk_place_notice_answer_organization_id_notice_id_place_notice"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_place_notice_answer")),
        sa.UniqueConstraint(
            "organization_id", "notice_id", name=op.f("uq_place_notice_answer_organization_id_notice_id")
        ),
    )
    op.add_column("engagement", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("engagement", sa.Column("cancelled_by_name", sa.String(length=100), nullable=True))
    op.add_column("engagement", sa.Column("cancel_reason", sa.String(length=1000), nullable=True))
    op.add_column("engagement", sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("engagement", sa.Column("proposed_by_name", sa.String(length=100), nullable=True))
    op.add_column("engagement", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("engagement", sa.Column("accepted_by_name", sa.String(length=100), nullable=True))
    op.add_column("engagement", sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("engagement", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("engagement", sa.Column("terms_number", sa.Integer(), nullable=True))
    _accept_what_was_in_force()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_GUARDS if is_sqlite else POSTGRESQL_GUARDS:
        op.get_bind().exec_driver_sql(statement)


def _accept_what_was_in_force() -> None:
    """What was registered before was agreed by both sides: it counts as accepted from the beginning of its first day."""
    engagement = sa.table(
        "engagement",
        sa.column("organization_id", sa.Uuid()),
        sa.column("id", sa.Uuid()),
        sa.column("starts_on", sa.Date()),
        sa.column("accepted_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    for row in connection.execute(sa.select(engagement)).all():
        first = row.starts_on
        at = datetime(first.year, first.month, first.day, tzinfo=TOKYO).astimezone(UTC)
        connection.execute(
            engagement.update()
            .where(engagement.c.organization_id == row.organization_id, engagement.c.id == row.id)
            .values(accepted_at=at.replace(tzinfo=None) if on_sqlite else at)
        )


def _close_what_was_never_accepted() -> None:
    """The older version takes every row for agreed: a proposal must not open anything there, nor after coming back."""
    op.execute("UPDATE engagement SET cancelled_on = starts_on WHERE accepted_at IS NULL")


def downgrade() -> None:
    _close_what_was_never_accepted()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_UNGUARD if is_sqlite else POSTGRESQL_UNGUARD:
        op.get_bind().exec_driver_sql(statement)
    op.drop_column("engagement", "terms_number")
    op.drop_column("engagement", "withdrawn_at")
    op.drop_column("engagement", "declined_at")
    op.drop_column("engagement", "accepted_by_name")
    op.drop_column("engagement", "accepted_at")
    op.drop_column("engagement", "proposed_by_name")
    op.drop_column("engagement", "proposed_at")
    op.drop_column("engagement", "cancel_reason")
    op.drop_column("engagement", "cancelled_by_name")
    op.drop_column("engagement", "cancelled_at")
    op.drop_table("place_notice_answer")
    op.drop_table("place_version")
    op.drop_index("ix_place_use_organization_id_place_id", table_name="place_use")
    op.drop_index("ix_place_use_organization_id_engagement_id", table_name="place_use")
    op.drop_table("place_use")
    op.drop_index("ix_place_notice_organization_id_at", table_name="place_notice")
    op.drop_index("ix_place_notice_municipality_id_at", table_name="place_notice")
    op.drop_table("place_notice")
    op.drop_table("place")
    op.drop_table("engagement_version")
    op.drop_table("engagement_reply")
    op.drop_table("clause_agreement")
    op.drop_table("assignment")
    op.drop_index("uq_partner_code_code", table_name="partner_code")
    op.drop_table("partner_code")
