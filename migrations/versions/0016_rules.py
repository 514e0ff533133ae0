"""Rules and starter kits: drafts, versions, acknowledgements, kits, mentors."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_article_comment_update BEFORE UPDATE ON article_comment FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.draft_id IS NOT OLD.draft_id
  OR NEW.article_key IS NOT OLD.article_key
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR NEW.of_organization IS NOT OLD.of_organization
  OR (NEW.text IS NOT NULL AND NEW.text IS NOT OLD.text)
BEGIN SELECT RAISE(ABORT, 'append-only: article_comment'); END""",
    """CREATE TRIGGER guard_article_comment_delete BEFORE DELETE ON article_comment FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: article_comment'); END""",
    """CREATE TRIGGER guard_article_comment_insert BEFORE INSERT ON article_comment FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM article_comment AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: article_comment'); END""",
    """CREATE TRIGGER guard_rule_version_update BEFORE UPDATE ON rule_version FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.rulebook_id IS NOT OLD.rulebook_id
  OR NEW.key IS NOT OLD.key
  OR NEW.number IS NOT OLD.number
  OR NEW.title IS NOT OLD.title
  OR NEW.answers IS NOT OLD.answers
  OR NEW.articles IS NOT OLD.articles
  OR NEW.digest IS NOT OLD.digest
  OR NEW.is_complete IS NOT OLD.is_complete
  OR NEW.decided_by IS NOT OLD.decided_by
  OR NEW.decided_on IS NOT OLD.decided_on
  OR NEW.in_force_from IS NOT OLD.in_force_from
  OR NEW.review_due_on IS NOT OLD.review_due_on
  OR NEW.is_material IS NOT OLD.is_material
  OR NEW.acknowledge_by IS NOT OLD.acknowledge_by
  OR NEW.change IS NOT OLD.change
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
BEGIN SELECT RAISE(ABORT, 'append-only: rule_version'); END""",
    """CREATE TRIGGER guard_rule_version_delete BEFORE DELETE ON rule_version FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: rule_version'); END""",
    """CREATE TRIGGER guard_rule_version_insert BEFORE INSERT ON rule_version FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM rule_version AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.rulebook_id = NEW.rulebook_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: rule_version'); END""",
    """CREATE TRIGGER guard_rule_event_update BEFORE UPDATE ON rule_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.rulebook_id IS NOT OLD.rulebook_id
  OR NEW.version_id IS NOT OLD.version_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.review_due_on IS NOT OLD.review_due_on
  OR NEW.decided_by IS NOT OLD.decided_by
  OR NEW.note IS NOT OLD.note
  OR NEW.at IS NOT OLD.at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: rule_event'); END""",
    """CREATE TRIGGER guard_rule_event_delete BEFORE DELETE ON rule_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: rule_event'); END""",
    """CREATE TRIGGER guard_rule_event_insert BEFORE INSERT ON rule_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM rule_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: rule_event'); END""",
    """CREATE TRIGGER guard_acknowledgement_update BEFORE UPDATE ON acknowledgement FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.rulebook_id IS NOT OLD.rulebook_id
  OR NEW.version_id IS NOT OLD.version_id
  OR NEW.key IS NOT OLD.key
  OR NEW.version_number IS NOT OLD.version_number
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.acknowledged_on IS NOT OLD.acknowledged_on
  OR NEW.way IS NOT OLD.way
  OR NEW.asked IS NOT OLD.asked
  OR NEW.right_at_first IS NOT OLD.right_at_first
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
BEGIN SELECT RAISE(ABORT, 'append-only: acknowledgement'); END""",
    """CREATE TRIGGER guard_acknowledgement_delete BEFORE DELETE ON acknowledgement FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: acknowledgement'); END""",
    """CREATE TRIGGER guard_acknowledgement_insert BEFORE INSERT ON acknowledgement FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM acknowledgement AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.version_id = NEW.version_id AND kept.worker_id = NEW.worker_id))
BEGIN SELECT RAISE(ABORT, 'append-only: acknowledgement'); END""",
    """CREATE TRIGGER guard_proposal_reply_update BEFORE UPDATE ON proposal_reply FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.rulebook_id IS NOT OLD.rulebook_id
  OR NEW.article_key IS NOT OLD.article_key
  OR NEW.digest IS NOT OLD.digest
  OR NEW.source IS NOT OLD.source
  OR NEW.answer IS NOT OLD.answer
  OR NEW.reason IS NOT OLD.reason
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: proposal_reply'); END""",
    """CREATE TRIGGER guard_proposal_reply_delete BEFORE DELETE ON proposal_reply FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: proposal_reply'); END""",
    """CREATE TRIGGER guard_proposal_reply_insert BEFORE INSERT ON proposal_reply FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM proposal_reply AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.rulebook_id = NEW.rulebook_id AND kept.article_key = NEW.article_key AND kept.digest = NEW.digest))
BEGIN SELECT RAISE(ABORT, 'append-only: proposal_reply'); END""",
    """CREATE TRIGGER guard_kit_edition_update BEFORE UPDATE ON kit_edition FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.origin IS NOT OLD.origin
  OR NEW.kit_id IS NOT OLD.kit_id
  OR NEW.number IS NOT OLD.number
  OR NEW.title IS NOT OLD.title
  OR NEW.about IS NOT OLD.about
  OR NEW.publisher IS NOT OLD.publisher
  OR NEW.rules IS NOT OLD.rules
  OR NEW.activity IS NOT OLD.activity
  OR NEW.headcount IS NOT OLD.headcount
  OR NEW.legal_form IS NOT OLD.legal_form
  OR NEW.package IS NOT OLD.package
  OR NEW.digest IS NOT OLD.digest
  OR NEW.note IS NOT OLD.note
  OR NEW.at IS NOT OLD.at
  OR NEW.published_on IS NOT OLD.published_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: kit_edition'); END""",
    """CREATE TRIGGER guard_kit_edition_delete BEFORE DELETE ON kit_edition FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: kit_edition'); END""",
    """CREATE TRIGGER guard_kit_edition_insert BEFORE INSERT ON kit_edition FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM kit_edition AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.kit_id = NEW.kit_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: kit_edition'); END""",
    """CREATE TRIGGER guard_municipal_kit_edition_update BEFORE UPDATE ON municipal_kit_edition FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.kit_id IS NOT OLD.kit_id
  OR NEW.number IS NOT OLD.number
  OR NEW.title IS NOT OLD.title
  OR NEW.about IS NOT OLD.about
  OR NEW.publisher IS NOT OLD.publisher
  OR NEW.rules IS NOT OLD.rules
  OR NEW.activity IS NOT OLD.activity
  OR NEW.headcount IS NOT OLD.headcount
  OR NEW.legal_form IS NOT OLD.legal_form
  OR NEW.package IS NOT OLD.package
  OR NEW.digest IS NOT OLD.digest
  OR NEW.note IS NOT OLD.note
  OR NEW.at IS NOT OLD.at
  OR NEW.published_on IS NOT OLD.published_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: municipal_kit_edition'); END""",
    """CREATE TRIGGER guard_municipal_kit_edition_delete BEFORE DELETE ON municipal_kit_edition FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: municipal_kit_edition'); END""",
    """CREATE TRIGGER guard_municipal_kit_edition_insert BEFORE INSERT ON municipal_kit_edition FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM municipal_kit_edition AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.kit_id = NEW.kit_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: municipal_kit_edition'); END""",
    """CREATE TRIGGER guard_kit_adoption_update BEFORE UPDATE ON kit_adoption FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.kit_id IS NOT OLD.kit_id
  OR NEW.edition_number IS NOT OLD.edition_number
  OR NEW.edition_digest IS NOT OLD.edition_digest
  OR NEW.publisher IS NOT OLD.publisher
  OR NEW.publisher_id IS NOT OLD.publisher_id
  OR NEW.parts IS NOT OLD.parts
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: kit_adoption'); END""",
    """CREATE TRIGGER guard_kit_adoption_delete BEFORE DELETE ON kit_adoption FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: kit_adoption'); END""",
    """CREATE TRIGGER guard_kit_adoption_insert BEFORE INSERT ON kit_adoption FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM kit_adoption AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: kit_adoption'); END""",
    """CREATE TRIGGER guard_own_practice_update BEFORE UPDATE ON own_practice FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.number IS NOT OLD.number
  OR NEW.extras IS NOT OLD.extras
  OR NEW.tips IS NOT OLD.tips
  OR NEW.note IS NOT OLD.note
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: own_practice'); END""",
    """CREATE TRIGGER guard_own_practice_delete BEFORE DELETE ON own_practice FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: own_practice'); END""",
    """CREATE TRIGGER guard_own_practice_insert BEFORE INSERT ON own_practice FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM own_practice AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: own_practice'); END""",
)

POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_article_comment() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.text := OLD.text;
    IF kept::text = OLD::text
      AND (NEW.text IS NULL OR NEW.text::text = OLD.text::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: article_comment' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_article_comment_update BEFORE UPDATE ON article_comment
FOR EACH ROW EXECUTE FUNCTION guard_article_comment()""",
    """CREATE TRIGGER guard_article_comment_delete BEFORE DELETE ON article_comment
FOR EACH ROW EXECUTE FUNCTION guard_article_comment()""",
    """CREATE TRIGGER guard_article_comment_truncate BEFORE TRUNCATE ON article_comment
FOR EACH STATEMENT EXECUTE FUNCTION guard_article_comment()""",
    """ALTER TABLE article_comment ENABLE ALWAYS TRIGGER guard_article_comment_update""",
    """ALTER TABLE article_comment ENABLE ALWAYS TRIGGER guard_article_comment_delete""",
    """ALTER TABLE article_comment ENABLE ALWAYS TRIGGER guard_article_comment_truncate""",
    """CREATE FUNCTION guard_rule_version() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: rule_version' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_rule_version_update BEFORE UPDATE ON rule_version
FOR EACH ROW EXECUTE FUNCTION guard_rule_version()""",
    """CREATE TRIGGER guard_rule_version_delete BEFORE DELETE ON rule_version
FOR EACH ROW EXECUTE FUNCTION guard_rule_version()""",
    """CREATE TRIGGER guard_rule_version_truncate BEFORE TRUNCATE ON rule_version
FOR EACH STATEMENT EXECUTE FUNCTION guard_rule_version()""",
    """ALTER TABLE rule_version ENABLE ALWAYS TRIGGER guard_rule_version_update""",
    """ALTER TABLE rule_version ENABLE ALWAYS TRIGGER guard_rule_version_delete""",
    """ALTER TABLE rule_version ENABLE ALWAYS TRIGGER guard_rule_version_truncate""",
    """CREATE FUNCTION guard_rule_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: rule_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_rule_event_update BEFORE UPDATE ON rule_event
FOR EACH ROW EXECUTE FUNCTION guard_rule_event()""",
    """CREATE TRIGGER guard_rule_event_delete BEFORE DELETE ON rule_event
FOR EACH ROW EXECUTE FUNCTION guard_rule_event()""",
    """CREATE TRIGGER guard_rule_event_truncate BEFORE TRUNCATE ON rule_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_rule_event()""",
    """ALTER TABLE rule_event ENABLE ALWAYS TRIGGER guard_rule_event_update""",
    """ALTER TABLE rule_event ENABLE ALWAYS TRIGGER guard_rule_event_delete""",
    """ALTER TABLE rule_event ENABLE ALWAYS TRIGGER guard_rule_event_truncate""",
    """CREATE FUNCTION guard_acknowledgement() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: acknowledgement' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_acknowledgement_update BEFORE UPDATE ON acknowledgement
FOR EACH ROW EXECUTE FUNCTION guard_acknowledgement()""",
    """CREATE TRIGGER guard_acknowledgement_delete BEFORE DELETE ON acknowledgement
FOR EACH ROW EXECUTE FUNCTION guard_acknowledgement()""",
    """CREATE TRIGGER guard_acknowledgement_truncate BEFORE TRUNCATE ON acknowledgement
FOR EACH STATEMENT EXECUTE FUNCTION guard_acknowledgement()""",
    """ALTER TABLE acknowledgement ENABLE ALWAYS TRIGGER guard_acknowledgement_update""",
    """ALTER TABLE acknowledgement ENABLE ALWAYS TRIGGER guard_acknowledgement_delete""",
    """ALTER TABLE acknowledgement ENABLE ALWAYS TRIGGER guard_acknowledgement_truncate""",
    """CREATE FUNCTION guard_proposal_reply() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: proposal_reply' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_proposal_reply_update BEFORE UPDATE ON proposal_reply
FOR EACH ROW EXECUTE FUNCTION guard_proposal_reply()""",
    """CREATE TRIGGER guard_proposal_reply_delete BEFORE DELETE ON proposal_reply
FOR EACH ROW EXECUTE FUNCTION guard_proposal_reply()""",
    """CREATE TRIGGER guard_proposal_reply_truncate BEFORE TRUNCATE ON proposal_reply
FOR EACH STATEMENT EXECUTE FUNCTION guard_proposal_reply()""",
    """ALTER TABLE proposal_reply ENABLE ALWAYS TRIGGER guard_proposal_reply_update""",
    """ALTER TABLE proposal_reply ENABLE ALWAYS TRIGGER guard_proposal_reply_delete""",
    """ALTER TABLE proposal_reply ENABLE ALWAYS TRIGGER guard_proposal_reply_truncate""",
    """CREATE FUNCTION guard_kit_edition() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: kit_edition' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_kit_edition_update BEFORE UPDATE ON kit_edition
FOR EACH ROW EXECUTE FUNCTION guard_kit_edition()""",
    """CREATE TRIGGER guard_kit_edition_delete BEFORE DELETE ON kit_edition
FOR EACH ROW EXECUTE FUNCTION guard_kit_edition()""",
    """CREATE TRIGGER guard_kit_edition_truncate BEFORE TRUNCATE ON kit_edition
FOR EACH STATEMENT EXECUTE FUNCTION guard_kit_edition()""",
    """ALTER TABLE kit_edition ENABLE ALWAYS TRIGGER guard_kit_edition_update""",
    """ALTER TABLE kit_edition ENABLE ALWAYS TRIGGER guard_kit_edition_delete""",
    """ALTER TABLE kit_edition ENABLE ALWAYS TRIGGER guard_kit_edition_truncate""",
    """CREATE FUNCTION guard_municipal_kit_edition() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: municipal_kit_edition' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_municipal_kit_edition_update BEFORE UPDATE ON municipal_kit_edition
FOR EACH ROW EXECUTE FUNCTION guard_municipal_kit_edition()""",
    """CREATE TRIGGER guard_municipal_kit_edition_delete BEFORE DELETE ON municipal_kit_edition
FOR EACH ROW EXECUTE FUNCTION guard_municipal_kit_edition()""",
    """CREATE TRIGGER guard_municipal_kit_edition_truncate BEFORE TRUNCATE ON municipal_kit_edition
FOR EACH STATEMENT EXECUTE FUNCTION guard_municipal_kit_edition()""",
    """ALTER TABLE municipal_kit_edition ENABLE ALWAYS TRIGGER guard_municipal_kit_edition_update""",
    """ALTER TABLE municipal_kit_edition ENABLE ALWAYS TRIGGER guard_municipal_kit_edition_delete""",
    """ALTER TABLE municipal_kit_edition ENABLE ALWAYS TRIGGER guard_municipal_kit_edition_truncate""",
    """CREATE FUNCTION guard_kit_adoption() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: kit_adoption' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_kit_adoption_update BEFORE UPDATE ON kit_adoption
FOR EACH ROW EXECUTE FUNCTION guard_kit_adoption()""",
    """CREATE TRIGGER guard_kit_adoption_delete BEFORE DELETE ON kit_adoption
FOR EACH ROW EXECUTE FUNCTION guard_kit_adoption()""",
    """CREATE TRIGGER guard_kit_adoption_truncate BEFORE TRUNCATE ON kit_adoption
FOR EACH STATEMENT EXECUTE FUNCTION guard_kit_adoption()""",
    """ALTER TABLE kit_adoption ENABLE ALWAYS TRIGGER guard_kit_adoption_update""",
    """ALTER TABLE kit_adoption ENABLE ALWAYS TRIGGER guard_kit_adoption_delete""",
    """ALTER TABLE kit_adoption ENABLE ALWAYS TRIGGER guard_kit_adoption_truncate""",
    """CREATE FUNCTION guard_own_practice() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: own_practice' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_own_practice_update BEFORE UPDATE ON own_practice
FOR EACH ROW EXECUTE FUNCTION guard_own_practice()""",
    """CREATE TRIGGER guard_own_practice_delete BEFORE DELETE ON own_practice
FOR EACH ROW EXECUTE FUNCTION guard_own_practice()""",
    """CREATE TRIGGER guard_own_practice_truncate BEFORE TRUNCATE ON own_practice
FOR EACH STATEMENT EXECUTE FUNCTION guard_own_practice()""",
    """ALTER TABLE own_practice ENABLE ALWAYS TRIGGER guard_own_practice_update""",
    """ALTER TABLE own_practice ENABLE ALWAYS TRIGGER guard_own_practice_delete""",
    """ALTER TABLE own_practice ENABLE ALWAYS TRIGGER guard_own_practice_truncate""",
)

SQLITE_UNGUARDS = (
    "DROP TRIGGER guard_article_comment_update",
    "DROP TRIGGER guard_article_comment_delete",
    "DROP TRIGGER guard_article_comment_insert",
    "DROP TRIGGER guard_rule_version_update",
    "DROP TRIGGER guard_rule_version_delete",
    "DROP TRIGGER guard_rule_version_insert",
    "DROP TRIGGER guard_rule_event_update",
    "DROP TRIGGER guard_rule_event_delete",
    "DROP TRIGGER guard_rule_event_insert",
    "DROP TRIGGER guard_acknowledgement_update",
    "DROP TRIGGER guard_acknowledgement_delete",
    "DROP TRIGGER guard_acknowledgement_insert",
    "DROP TRIGGER guard_proposal_reply_update",
    "DROP TRIGGER guard_proposal_reply_delete",
    "DROP TRIGGER guard_proposal_reply_insert",
    "DROP TRIGGER guard_kit_edition_update",
    "DROP TRIGGER guard_kit_edition_delete",
    "DROP TRIGGER guard_kit_edition_insert",
    "DROP TRIGGER guard_municipal_kit_edition_update",
    "DROP TRIGGER guard_municipal_kit_edition_delete",
    "DROP TRIGGER guard_municipal_kit_edition_insert",
    "DROP TRIGGER guard_kit_adoption_update",
    "DROP TRIGGER guard_kit_adoption_delete",
    "DROP TRIGGER guard_kit_adoption_insert",
    "DROP TRIGGER guard_own_practice_update",
    "DROP TRIGGER guard_own_practice_delete",
    "DROP TRIGGER guard_own_practice_insert",
)

POSTGRESQL_UNGUARDS = (
    "DROP TRIGGER guard_article_comment_update ON article_comment",
    "DROP TRIGGER guard_article_comment_delete ON article_comment",
    "DROP TRIGGER guard_article_comment_truncate ON article_comment",
    "DROP FUNCTION guard_article_comment()",
    "DROP TRIGGER guard_rule_version_update ON rule_version",
    "DROP TRIGGER guard_rule_version_delete ON rule_version",
    "DROP TRIGGER guard_rule_version_truncate ON rule_version",
    "DROP FUNCTION guard_rule_version()",
    "DROP TRIGGER guard_rule_event_update ON rule_event",
    "DROP TRIGGER guard_rule_event_delete ON rule_event",
    "DROP TRIGGER guard_rule_event_truncate ON rule_event",
    "DROP FUNCTION guard_rule_event()",
    "DROP TRIGGER guard_acknowledgement_update ON acknowledgement",
    "DROP TRIGGER guard_acknowledgement_delete ON acknowledgement",
    "DROP TRIGGER guard_acknowledgement_truncate ON acknowledgement",
    "DROP FUNCTION guard_acknowledgement()",
    "DROP TRIGGER guard_proposal_reply_update ON proposal_reply",
    "DROP TRIGGER guard_proposal_reply_delete ON proposal_reply",
    "DROP TRIGGER guard_proposal_reply_truncate ON proposal_reply",
    "DROP FUNCTION guard_proposal_reply()",
    "DROP TRIGGER guard_kit_edition_update ON kit_edition",
    "DROP TRIGGER guard_kit_edition_delete ON kit_edition",
    "DROP TRIGGER guard_kit_edition_truncate ON kit_edition",
    "DROP FUNCTION guard_kit_edition()",
    "DROP TRIGGER guard_municipal_kit_edition_update ON municipal_kit_edition",
    "DROP TRIGGER guard_municipal_kit_edition_delete ON municipal_kit_edition",
    "DROP TRIGGER guard_municipal_kit_edition_truncate ON municipal_kit_edition",
    "DROP FUNCTION guard_municipal_kit_edition()",
    "DROP TRIGGER guard_kit_adoption_update ON kit_adoption",
    "DROP TRIGGER guard_kit_adoption_delete ON kit_adoption",
    "DROP TRIGGER guard_kit_adoption_truncate ON kit_adoption",
    "DROP FUNCTION guard_kit_adoption()",
    "DROP TRIGGER guard_own_practice_update ON own_practice",
    "DROP TRIGGER guard_own_practice_delete ON own_practice",
    "DROP TRIGGER guard_own_practice_truncate ON own_practice",
    "DROP FUNCTION guard_own_practice()",
)


def upgrade() -> None:
    op.create_table(
        "kit_adoption",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("edition_number", sa.Integer(), nullable=False),
        sa.Column("edition_digest", sa.String(length=64), nullable=False),
        sa.Column("publisher", sa.String(length=300), nullable=False),
        sa.Column("publisher_id", sa.Uuid(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_kit_adoption_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_kit_adoption_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["organization.id"], name=op.f("fk_kit_adoption_publisher_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_kit_adoption")),
    )
    op.create_index("ix_kit_adoption_kit_id", "kit_adoption", ["kit_id", "organization_id"])
    op.create_table(
        "kit_edition",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("about", sa.String(length=1000), nullable=False),
        sa.Column("publisher", sa.String(length=200), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("activity", sa.String(length=32), nullable=False),
        sa.Column("headcount", sa.String(length=32), nullable=False),
        sa.Column("legal_form", sa.String(length=40), nullable=False),
        sa.Column("package", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_kit_edition_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_kit_edition")),
        sa.UniqueConstraint(
            "organization_id", "kit_id", "number", name=op.f("uq_kit_edition_organization_id_kit_id_number")
        ),
    )
    op.create_index("ix_kit_edition_kit_id", "kit_edition", ["kit_id", "number"])
    op.create_table(
        "municipal_kit_edition",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("about", sa.String(length=1000), nullable=False),
        sa.Column("publisher", sa.String(length=200), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("activity", sa.String(length=32), nullable=False),
        sa.Column("headcount", sa.String(length=32), nullable=False),
        sa.Column("legal_form", sa.String(length=40), nullable=False),
        sa.Column("package", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_municipal_kit_edition_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_municipal_kit_edition")),
        sa.UniqueConstraint(
            "municipality_id", "kit_id", "number", name=op.f("uq_municipal_kit_edition_municipality_id_kit_id_number")
        ),
    )
    op.create_index("ix_municipal_kit_edition_kit_id", "municipal_kit_edition", ["kit_id", "number"])
    op.create_table(
        "own_practice",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.Column("tips", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_own_practice_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_own_practice_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_own_practice")),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_own_practice_organization_id_number")),
    )
    op.create_table(
        "rulebook",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rulebook_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rulebook")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_rulebook_organization_id_key")),
    )
    op.create_index("ix_rulebook_code", "rulebook", ["code"], unique=True)
    op.create_table(
        "proposal_reply",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("article_key", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_proposal_reply_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "rulebook_id"],
            ["rulebook.organization_id", "rulebook.id"],
            name=op.f("fk_proposal_reply_organization_id_rulebook_id_rulebook"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_proposal_reply_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_proposal_reply")),
        sa.UniqueConstraint(
            "organization_id",
            "rulebook_id",
            "article_key",
            "digest",
            name=op.f("uq_proposal_reply_organization_id_rulebook_id_article_key_digest"),
        ),
    )
    op.create_table(
        "rule_draft",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.Uuid(), nullable=True),
        sa.Column("begun_by_name", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reviewed_revision", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_name", sa.String(length=100), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["user_account.id"], name=op.f("fk_rule_draft_begun_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rulebook_id"],
            ["rulebook.organization_id", "rulebook.id"],
            name=op.f("fk_rule_draft_organization_id_rulebook_id_rulebook"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rule_draft_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rule_draft")),
    )
    op.create_index(
        "ix_rule_draft_organization_id_rulebook_id", "rule_draft", ["organization_id", "rulebook_id", "ended_at"]
    )
    op.create_table(
        "rule_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("articles", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("review_due_on", sa.Date(), nullable=False),
        sa.Column("is_material", sa.Boolean(), nullable=False),
        sa.Column("acknowledge_by", sa.Date(), nullable=True),
        sa.Column("change", sa.String(length=500), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("in_force_from >= decided_on", name=op.f("ck_rule_version_in_force_after_decision")),
        sa.CheckConstraint("is_material OR acknowledge_by IS NULL", name=op.f("ck_rule_version_grace_of_material")),
        sa.ForeignKeyConstraint(
            ["organization_id", "rulebook_id"],
            ["rulebook.organization_id", "rulebook.id"],
            name=op.f("fk_rule_version_organization_id_rulebook_id_rulebook"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rule_version_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_rule_version_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint(
            "organization_id", "rulebook_id", "number", name=op.f("uq_rule_version_organization_id_rulebook_id_number")
        ),
    )
    op.create_index(
        "ix_rule_version_in_force",
        "rule_version",
        [
            "organization_id",
            "key",
            "in_force_from",
            "recorded_on",
            "number",
            "is_material",
            "acknowledge_by",
            "is_complete",
            "review_due_on",
            "id",
        ],
    )
    op.create_table(
        "acknowledgement",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("right_at_first", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.Column("kiosk_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_acknowledgement_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "rulebook_id"],
            ["rulebook.organization_id", "rulebook.id"],
            name=op.f("fk_acknowledgement_organization_id_rulebook_id_rulebook"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "version_id"],
            ["rule_version.organization_id", "rule_version.id"],
            name=op.f("fk_acknowledgement_organization_id_version_id_rule_version"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_acknowledgement_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_acknowledgement_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_acknowledgement_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint(
            "organization_id",
            "version_id",
            "worker_id",
            name=op.f("uq_acknowledgement_organization_id_version_id_worker_id"),
        ),
    )
    op.create_index(
        "ix_acknowledgement_coverage",
        "acknowledgement",
        ["organization_id", "worker_id", "key", "version_number", "acknowledged_on", "recorded_on"],
    )
    op.create_table(
        "article_comment",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("article_key", sa.String(length=60), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("of_organization", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_article_comment_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "draft_id"],
            ["rule_draft.organization_id", "rule_draft.id"],
            name=op.f("fk_article_comment_organization_id_draft_id_rule_draft"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_article_comment_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_article_comment")),
    )
    op.create_index("ix_article_comment_organization_id_draft_id", "article_comment", ["organization_id", "draft_id"])
    op.create_table(
        "draft_article",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=False),
        sa.Column("chapter", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(length=300), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("who", sa.String(length=300), nullable=False),
        sa.Column("is_mandatory", sa.Boolean(), nullable=False),
        sa.Column("serves", sa.JSON(), nullable=False),
        sa.Column("laws", sa.JSON(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.Column("left_out_reason", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "draft_id"],
            ["rule_draft.organization_id", "rule_draft.id"],
            name=op.f("fk_draft_article_organization_id_draft_id_rule_draft"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_draft_article_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_draft_article")),
        sa.UniqueConstraint(
            "organization_id", "draft_id", "key", name=op.f("uq_draft_article_organization_id_draft_id_key")
        ),
    )
    op.create_table(
        "draft_opening",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_name", sa.String(length=100), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mentor_id"], ["organization.id"], name=op.f("fk_draft_opening_mentor_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "draft_id"],
            ["rule_draft.organization_id", "rule_draft.id"],
            name=op.f("fk_draft_opening_organization_id_draft_id_rule_draft"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_draft_opening_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_draft_opening")),
    )
    op.create_index("ix_draft_opening_mentor_id", "draft_opening", ["mentor_id", "closed_at"])
    op.create_index("ix_draft_opening_organization_id_draft_id", "draft_opening", ["organization_id", "draft_id"])
    op.create_table(
        "rule_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("review_due_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_rule_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "rulebook_id"],
            ["rulebook.organization_id", "rulebook.id"],
            name=op.f("fk_rule_event_organization_id_rulebook_id_rulebook"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "version_id"],
            ["rule_version.organization_id", "rule_version.id"],
            name=op.f("fk_rule_event_organization_id_version_id_rule_version"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_rule_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_rule_event")),
    )
    op.create_index("ix_rule_event_organization_id_rulebook_id", "rule_event", ["organization_id", "rulebook_id"])
    # ### end Alembic commands ###
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    for table in (
        "rule_event",
        "draft_opening",
        "draft_article",
        "article_comment",
        "acknowledgement",
        "rule_version",
        "rule_draft",
        "proposal_reply",
        "rulebook",
        "own_practice",
        "municipal_kit_edition",
        "kit_edition",
        "kit_adoption",
    ):
        op.drop_table(table)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
