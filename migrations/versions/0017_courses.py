"""Courses: what is asked of whom, attempts, answers, results, groups, own courses."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_course_answer_update BEFORE UPDATE ON course_answer FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.id IS NOT OLD.id
  OR NEW.attempt_id IS NOT OLD.attempt_id
  OR NEW.course_key IS NOT OLD.course_key
  OR NEW.edition IS NOT OLD.edition
  OR NEW.question_key IS NOT OLD.question_key
  OR NEW.try_number IS NOT OLD.try_number
  OR NEW.choice IS NOT OLD.choice
  OR NEW.is_right IS NOT OLD.is_right
  OR NEW.at IS NOT OLD.at
  OR NEW.answered_on IS NOT OLD.answered_on
BEGIN SELECT RAISE(ABORT, 'append-only: course_answer'); END""",
    """CREATE TRIGGER guard_course_answer_delete BEFORE DELETE ON course_answer FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: course_answer'); END""",
    """CREATE TRIGGER guard_course_answer_insert BEFORE INSERT ON course_answer FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM course_answer AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.attempt_id = NEW.attempt_id AND kept.question_key = NEW.question_key AND kept.try_number = NEW.try_number))
BEGIN SELECT RAISE(ABORT, 'append-only: course_answer'); END""",
    """CREATE TRIGGER guard_course_result_update BEFORE UPDATE ON course_result FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.session_id IS NOT OLD.session_id
  OR NEW.counts_as IS NOT OLD.counts_as
  OR NEW.is_entry IS NOT OLD.is_entry
  OR NEW.way IS NOT OLD.way
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR NEW.id IS NOT OLD.id
  OR NEW.attempt_id IS NOT OLD.attempt_id
  OR NEW.number IS NOT OLD.number
  OR NEW.course_key IS NOT OLD.course_key
  OR NEW.edition IS NOT OLD.edition
  OR NEW.title IS NOT OLD.title
  OR NEW.asked IS NOT OLD.asked
  OR NEW.right_at_first IS NOT OLD.right_at_first
  OR NEW.is_passed IS NOT OLD.is_passed
  OR NEW.done_on IS NOT OLD.done_on
  OR NEW.ends_on IS NOT OLD.ends_on
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
BEGIN SELECT RAISE(ABORT, 'append-only: course_result'); END""",
    """CREATE TRIGGER guard_course_result_delete BEFORE DELETE ON course_result FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: course_result'); END""",
    """CREATE TRIGGER guard_course_result_insert BEFORE INSERT ON course_result FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM course_result AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.attempt_id = NEW.attempt_id)
  OR (kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: course_result'); END""",
    """CREATE TRIGGER guard_course_cancellation_update BEFORE UPDATE ON course_cancellation FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.result_id IS NOT OLD.result_id
  OR NEW.at IS NOT OLD.at
  OR NEW.happened_on IS NOT OLD.happened_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: course_cancellation'); END""",
    """CREATE TRIGGER guard_course_cancellation_delete BEFORE DELETE ON course_cancellation FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: course_cancellation'); END""",
    """CREATE TRIGGER guard_course_cancellation_insert BEFORE INSERT ON course_cancellation FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM course_cancellation AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.result_id = NEW.result_id))
BEGIN SELECT RAISE(ABORT, 'append-only: course_cancellation'); END""",
    """CREATE TRIGGER guard_officer_answer_update BEFORE UPDATE ON officer_answer FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.attempt_id IS NOT OLD.attempt_id
  OR NEW.course_key IS NOT OLD.course_key
  OR NEW.edition IS NOT OLD.edition
  OR NEW.question_key IS NOT OLD.question_key
  OR NEW.try_number IS NOT OLD.try_number
  OR NEW.choice IS NOT OLD.choice
  OR NEW.is_right IS NOT OLD.is_right
  OR NEW.at IS NOT OLD.at
  OR NEW.answered_on IS NOT OLD.answered_on
BEGIN SELECT RAISE(ABORT, 'append-only: officer_answer'); END""",
    """CREATE TRIGGER guard_officer_answer_delete BEFORE DELETE ON officer_answer FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: officer_answer'); END""",
    """CREATE TRIGGER guard_officer_answer_insert BEFORE INSERT ON officer_answer FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM officer_answer AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.attempt_id = NEW.attempt_id AND kept.question_key = NEW.question_key AND kept.try_number = NEW.try_number))
BEGIN SELECT RAISE(ABORT, 'append-only: officer_answer'); END""",
    """CREATE TRIGGER guard_officer_result_update BEFORE UPDATE ON officer_result FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.user_id IS NOT OLD.user_id
  OR NEW.id IS NOT OLD.id
  OR NEW.attempt_id IS NOT OLD.attempt_id
  OR NEW.number IS NOT OLD.number
  OR NEW.course_key IS NOT OLD.course_key
  OR NEW.edition IS NOT OLD.edition
  OR NEW.title IS NOT OLD.title
  OR NEW.asked IS NOT OLD.asked
  OR NEW.right_at_first IS NOT OLD.right_at_first
  OR NEW.is_passed IS NOT OLD.is_passed
  OR NEW.done_on IS NOT OLD.done_on
  OR NEW.ends_on IS NOT OLD.ends_on
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
BEGIN SELECT RAISE(ABORT, 'append-only: officer_result'); END""",
    """CREATE TRIGGER guard_officer_result_delete BEFORE DELETE ON officer_result FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: officer_result'); END""",
    """CREATE TRIGGER guard_officer_result_insert BEFORE INSERT ON officer_result FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM officer_result AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.attempt_id = NEW.attempt_id)
  OR (kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: officer_result'); END""",
    """CREATE TRIGGER guard_training_session_update BEFORE UPDATE ON training_session FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.course_key IS NOT OLD.course_key
  OR NEW.edition IS NOT OLD.edition
  OR NEW.title IS NOT OLD.title
  OR NEW.asked IS NOT OLD.asked
  OR NEW.prepared_at IS NOT OLD.prepared_at
  OR NEW.prepared_on IS NOT OLD.prepared_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: training_session'); END""",
    """CREATE TRIGGER guard_training_session_delete BEFORE DELETE ON training_session FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: training_session'); END""",
    """CREATE TRIGGER guard_training_session_insert BEFORE INSERT ON training_session FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM training_session AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: training_session'); END""",
    """CREATE TRIGGER guard_session_record_update BEFORE UPDATE ON session_record FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.session_id IS NOT OLD.session_id
  OR NEW.held_on IS NOT OLD.held_on
  OR NEW.minutes IS NOT OLD.minutes
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_on IS NOT OLD.recorded_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.led_by IS NOT NULL AND NEW.led_by IS NOT OLD.led_by)
BEGIN SELECT RAISE(ABORT, 'append-only: session_record'); END""",
    """CREATE TRIGGER guard_session_record_delete BEFORE DELETE ON session_record FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: session_record'); END""",
    """CREATE TRIGGER guard_session_record_insert BEFORE INSERT ON session_record FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM session_record AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.session_id = NEW.session_id))
BEGIN SELECT RAISE(ABORT, 'append-only: session_record'); END""",
    """CREATE TRIGGER guard_session_person_update BEFORE UPDATE ON session_person FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.session_id IS NOT OLD.session_id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.recorded_on IS NOT OLD.recorded_on
BEGIN SELECT RAISE(ABORT, 'append-only: session_person'); END""",
    """CREATE TRIGGER guard_session_person_delete BEFORE DELETE ON session_person FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: session_person'); END""",
    """CREATE TRIGGER guard_session_person_insert BEFORE INSERT ON session_person FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM session_person AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.session_id = NEW.session_id AND kept.worker_id = NEW.worker_id))
BEGIN SELECT RAISE(ABORT, 'append-only: session_person'); END""",
    """CREATE TRIGGER guard_own_course_edition_update BEFORE UPDATE ON own_course_edition FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.own_course_id IS NOT OLD.own_course_id
  OR NEW.key IS NOT OLD.key
  OR NEW.number IS NOT OLD.number
  OR NEW.content IS NOT OLD.content
  OR NEW.digest IS NOT OLD.digest
  OR NEW.counts_as IS NOT OLD.counts_as
  OR NEW.published_at IS NOT OLD.published_at
  OR NEW.published_on IS NOT OLD.published_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: own_course_edition'); END""",
    """CREATE TRIGGER guard_own_course_edition_delete BEFORE DELETE ON own_course_edition FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: own_course_edition'); END""",
    """CREATE TRIGGER guard_own_course_edition_insert BEFORE INSERT ON own_course_edition FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM own_course_edition AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.key = NEW.key AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: own_course_edition'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_course_answer() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: course_answer' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_course_answer_update BEFORE UPDATE ON course_answer
FOR EACH ROW EXECUTE FUNCTION guard_course_answer()""",
    """CREATE TRIGGER guard_course_answer_delete BEFORE DELETE ON course_answer
FOR EACH ROW EXECUTE FUNCTION guard_course_answer()""",
    """CREATE TRIGGER guard_course_answer_truncate BEFORE TRUNCATE ON course_answer
FOR EACH STATEMENT EXECUTE FUNCTION guard_course_answer()""",
    """ALTER TABLE course_answer ENABLE ALWAYS TRIGGER guard_course_answer_update""",
    """ALTER TABLE course_answer ENABLE ALWAYS TRIGGER guard_course_answer_delete""",
    """ALTER TABLE course_answer ENABLE ALWAYS TRIGGER guard_course_answer_truncate""",
    """CREATE FUNCTION guard_course_result() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: course_result' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_course_result_update BEFORE UPDATE ON course_result
FOR EACH ROW EXECUTE FUNCTION guard_course_result()""",
    """CREATE TRIGGER guard_course_result_delete BEFORE DELETE ON course_result
FOR EACH ROW EXECUTE FUNCTION guard_course_result()""",
    """CREATE TRIGGER guard_course_result_truncate BEFORE TRUNCATE ON course_result
FOR EACH STATEMENT EXECUTE FUNCTION guard_course_result()""",
    """ALTER TABLE course_result ENABLE ALWAYS TRIGGER guard_course_result_update""",
    """ALTER TABLE course_result ENABLE ALWAYS TRIGGER guard_course_result_delete""",
    """ALTER TABLE course_result ENABLE ALWAYS TRIGGER guard_course_result_truncate""",
    """CREATE FUNCTION guard_course_cancellation() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: course_cancellation' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_course_cancellation_update BEFORE UPDATE ON course_cancellation
FOR EACH ROW EXECUTE FUNCTION guard_course_cancellation()""",
    """CREATE TRIGGER guard_course_cancellation_delete BEFORE DELETE ON course_cancellation
FOR EACH ROW EXECUTE FUNCTION guard_course_cancellation()""",
    """CREATE TRIGGER guard_course_cancellation_truncate BEFORE TRUNCATE ON course_cancellation
FOR EACH STATEMENT EXECUTE FUNCTION guard_course_cancellation()""",
    """ALTER TABLE course_cancellation ENABLE ALWAYS TRIGGER guard_course_cancellation_update""",
    """ALTER TABLE course_cancellation ENABLE ALWAYS TRIGGER guard_course_cancellation_delete""",
    """ALTER TABLE course_cancellation ENABLE ALWAYS TRIGGER guard_course_cancellation_truncate""",
    """CREATE FUNCTION guard_officer_answer() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: officer_answer' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_officer_answer_update BEFORE UPDATE ON officer_answer
FOR EACH ROW EXECUTE FUNCTION guard_officer_answer()""",
    """CREATE TRIGGER guard_officer_answer_delete BEFORE DELETE ON officer_answer
FOR EACH ROW EXECUTE FUNCTION guard_officer_answer()""",
    """CREATE TRIGGER guard_officer_answer_truncate BEFORE TRUNCATE ON officer_answer
FOR EACH STATEMENT EXECUTE FUNCTION guard_officer_answer()""",
    """ALTER TABLE officer_answer ENABLE ALWAYS TRIGGER guard_officer_answer_update""",
    """ALTER TABLE officer_answer ENABLE ALWAYS TRIGGER guard_officer_answer_delete""",
    """ALTER TABLE officer_answer ENABLE ALWAYS TRIGGER guard_officer_answer_truncate""",
    """CREATE FUNCTION guard_officer_result() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: officer_result' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_officer_result_update BEFORE UPDATE ON officer_result
FOR EACH ROW EXECUTE FUNCTION guard_officer_result()""",
    """CREATE TRIGGER guard_officer_result_delete BEFORE DELETE ON officer_result
FOR EACH ROW EXECUTE FUNCTION guard_officer_result()""",
    """CREATE TRIGGER guard_officer_result_truncate BEFORE TRUNCATE ON officer_result
FOR EACH STATEMENT EXECUTE FUNCTION guard_officer_result()""",
    """ALTER TABLE officer_result ENABLE ALWAYS TRIGGER guard_officer_result_update""",
    """ALTER TABLE officer_result ENABLE ALWAYS TRIGGER guard_officer_result_delete""",
    """ALTER TABLE officer_result ENABLE ALWAYS TRIGGER guard_officer_result_truncate""",
    """CREATE FUNCTION guard_training_session() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: training_session' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_training_session_update BEFORE UPDATE ON training_session
FOR EACH ROW EXECUTE FUNCTION guard_training_session()""",
    """CREATE TRIGGER guard_training_session_delete BEFORE DELETE ON training_session
FOR EACH ROW EXECUTE FUNCTION guard_training_session()""",
    """CREATE TRIGGER guard_training_session_truncate BEFORE TRUNCATE ON training_session
FOR EACH STATEMENT EXECUTE FUNCTION guard_training_session()""",
    """ALTER TABLE training_session ENABLE ALWAYS TRIGGER guard_training_session_update""",
    """ALTER TABLE training_session ENABLE ALWAYS TRIGGER guard_training_session_delete""",
    """ALTER TABLE training_session ENABLE ALWAYS TRIGGER guard_training_session_truncate""",
    """CREATE FUNCTION guard_session_record() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.led_by := OLD.led_by;
    IF kept::text = OLD::text
      AND (NEW.led_by IS NULL OR NEW.led_by::text = OLD.led_by::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: session_record' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_session_record_update BEFORE UPDATE ON session_record
FOR EACH ROW EXECUTE FUNCTION guard_session_record()""",
    """CREATE TRIGGER guard_session_record_delete BEFORE DELETE ON session_record
FOR EACH ROW EXECUTE FUNCTION guard_session_record()""",
    """CREATE TRIGGER guard_session_record_truncate BEFORE TRUNCATE ON session_record
FOR EACH STATEMENT EXECUTE FUNCTION guard_session_record()""",
    """ALTER TABLE session_record ENABLE ALWAYS TRIGGER guard_session_record_update""",
    """ALTER TABLE session_record ENABLE ALWAYS TRIGGER guard_session_record_delete""",
    """ALTER TABLE session_record ENABLE ALWAYS TRIGGER guard_session_record_truncate""",
    """CREATE FUNCTION guard_session_person() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: session_person' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_session_person_update BEFORE UPDATE ON session_person
FOR EACH ROW EXECUTE FUNCTION guard_session_person()""",
    """CREATE TRIGGER guard_session_person_delete BEFORE DELETE ON session_person
FOR EACH ROW EXECUTE FUNCTION guard_session_person()""",
    """CREATE TRIGGER guard_session_person_truncate BEFORE TRUNCATE ON session_person
FOR EACH STATEMENT EXECUTE FUNCTION guard_session_person()""",
    """ALTER TABLE session_person ENABLE ALWAYS TRIGGER guard_session_person_update""",
    """ALTER TABLE session_person ENABLE ALWAYS TRIGGER guard_session_person_delete""",
    """ALTER TABLE session_person ENABLE ALWAYS TRIGGER guard_session_person_truncate""",
    """CREATE FUNCTION guard_own_course_edition() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: own_course_edition' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_own_course_edition_update BEFORE UPDATE ON own_course_edition
FOR EACH ROW EXECUTE FUNCTION guard_own_course_edition()""",
    """CREATE TRIGGER guard_own_course_edition_delete BEFORE DELETE ON own_course_edition
FOR EACH ROW EXECUTE FUNCTION guard_own_course_edition()""",
    """CREATE TRIGGER guard_own_course_edition_truncate BEFORE TRUNCATE ON own_course_edition
FOR EACH STATEMENT EXECUTE FUNCTION guard_own_course_edition()""",
    """ALTER TABLE own_course_edition ENABLE ALWAYS TRIGGER guard_own_course_edition_update""",
    """ALTER TABLE own_course_edition ENABLE ALWAYS TRIGGER guard_own_course_edition_delete""",
    """ALTER TABLE own_course_edition ENABLE ALWAYS TRIGGER guard_own_course_edition_truncate""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_course_answer_update""",
    """DROP TRIGGER guard_course_answer_delete""",
    """DROP TRIGGER guard_course_answer_insert""",
    """DROP TRIGGER guard_course_result_update""",
    """DROP TRIGGER guard_course_result_delete""",
    """DROP TRIGGER guard_course_result_insert""",
    """DROP TRIGGER guard_course_cancellation_update""",
    """DROP TRIGGER guard_course_cancellation_delete""",
    """DROP TRIGGER guard_course_cancellation_insert""",
    """DROP TRIGGER guard_officer_answer_update""",
    """DROP TRIGGER guard_officer_answer_delete""",
    """DROP TRIGGER guard_officer_answer_insert""",
    """DROP TRIGGER guard_officer_result_update""",
    """DROP TRIGGER guard_officer_result_delete""",
    """DROP TRIGGER guard_officer_result_insert""",
    """DROP TRIGGER guard_training_session_update""",
    """DROP TRIGGER guard_training_session_delete""",
    """DROP TRIGGER guard_training_session_insert""",
    """DROP TRIGGER guard_session_record_update""",
    """DROP TRIGGER guard_session_record_delete""",
    """DROP TRIGGER guard_session_record_insert""",
    """DROP TRIGGER guard_session_person_update""",
    """DROP TRIGGER guard_session_person_delete""",
    """DROP TRIGGER guard_session_person_insert""",
    """DROP TRIGGER guard_own_course_edition_update""",
    """DROP TRIGGER guard_own_course_edition_delete""",
    """DROP TRIGGER guard_own_course_edition_insert""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_course_answer_update ON course_answer""",
    """DROP TRIGGER guard_course_answer_delete ON course_answer""",
    """DROP TRIGGER guard_course_answer_truncate ON course_answer""",
    """DROP FUNCTION guard_course_answer()""",
    """DROP TRIGGER guard_course_result_update ON course_result""",
    """DROP TRIGGER guard_course_result_delete ON course_result""",
    """DROP TRIGGER guard_course_result_truncate ON course_result""",
    """DROP FUNCTION guard_course_result()""",
    """DROP TRIGGER guard_course_cancellation_update ON course_cancellation""",
    """DROP TRIGGER guard_course_cancellation_delete ON course_cancellation""",
    """DROP TRIGGER guard_course_cancellation_truncate ON course_cancellation""",
    """DROP FUNCTION guard_course_cancellation()""",
    """DROP TRIGGER guard_officer_answer_update ON officer_answer""",
    """DROP TRIGGER guard_officer_answer_delete ON officer_answer""",
    """DROP TRIGGER guard_officer_answer_truncate ON officer_answer""",
    """DROP FUNCTION guard_officer_answer()""",
    """DROP TRIGGER guard_officer_result_update ON officer_result""",
    """DROP TRIGGER guard_officer_result_delete ON officer_result""",
    """DROP TRIGGER guard_officer_result_truncate ON officer_result""",
    """DROP FUNCTION guard_officer_result()""",
    """DROP TRIGGER guard_training_session_update ON training_session""",
    """DROP TRIGGER guard_training_session_delete ON training_session""",
    """DROP TRIGGER guard_training_session_truncate ON training_session""",
    """DROP FUNCTION guard_training_session()""",
    """DROP TRIGGER guard_session_record_update ON session_record""",
    """DROP TRIGGER guard_session_record_delete ON session_record""",
    """DROP TRIGGER guard_session_record_truncate ON session_record""",
    """DROP FUNCTION guard_session_record()""",
    """DROP TRIGGER guard_session_person_update ON session_person""",
    """DROP TRIGGER guard_session_person_delete ON session_person""",
    """DROP TRIGGER guard_session_person_truncate ON session_person""",
    """DROP FUNCTION guard_session_person()""",
    """DROP TRIGGER guard_own_course_edition_update ON own_course_edition""",
    """DROP TRIGGER guard_own_course_edition_delete ON own_course_edition""",
    """DROP TRIGGER guard_own_course_edition_truncate ON own_course_edition""",
    """DROP FUNCTION guard_own_course_edition()""",
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "officer_attempt",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("lessons_read", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_officer_attempt_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_officer_attempt_user_id_user_account")),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_officer_attempt")),
    )
    op.create_index(
        "ix_officer_attempt_user",
        "officer_attempt",
        ["municipality_id", "user_id", "course_key", "begun_at"],
        unique=False,
    )
    op.create_table(
        "own_course",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_name", sa.String(length=100), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_own_course_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_own_course")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_own_course_organization_id_key")),
    )
    op.create_table(
        "course_assignment",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.String(length=32), nullable=False),
        sa.Column("worker_kind", sa.String(length=32), nullable=True),
        sa.Column("post", sa.String(length=32), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("renewal", sa.String(length=32), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            "(audience = 'engagement') = (engagement_id IS NOT NULL)", name=op.f("ck_course_assignment_engagement")
        ),
        sa.CheckConstraint("(audience = 'kind') = (worker_kind IS NOT NULL)", name=op.f("ck_course_assignment_kind")),
        sa.CheckConstraint("(audience = 'post') = (post IS NOT NULL)", name=op.f("ck_course_assignment_post")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 365", name=op.f("ck_course_assignment_due_days")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user_account.id"], name=op.f("fk_course_assignment_made_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_course_assignment_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_course_assignment_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_course_assignment")),
    )
    op.create_index(
        "ix_course_assignment_organization_id_course_key",
        "course_assignment",
        ["organization_id", "course_key"],
        unique=False,
    )
    op.create_table(
        "officer_answer",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("question_key", sa.String(length=60), nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=True),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "attempt_id"],
            ["officer_attempt.municipality_id", "officer_attempt.id"],
            name=op.f("fk_officer_answer_municipality_id_attempt_id_officer_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_officer_answer_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_officer_answer")),
        sa.UniqueConstraint(
            "municipality_id",
            "attempt_id",
            "question_key",
            "try_number",
            name=op.f("uq_officer_answer_municipality_id_attempt_id_question_key_try_number"),
        ),
    )
    op.create_table(
        "officer_result",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("right_at_first", sa.Integer(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["municipality_id", "attempt_id"],
            ["officer_attempt.municipality_id", "officer_attempt.id"],
            name=op.f("fk_officer_result_municipality_id_attempt_id_officer_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_officer_result_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_officer_result_user_id_user_account")),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_officer_result")),
        sa.UniqueConstraint("municipality_id", "attempt_id", name=op.f("uq_officer_result_municipality_id_attempt_id")),
    )
    op.create_index("ix_officer_result_number", "officer_result", ["number"], unique=True)
    op.create_index("ix_officer_result_user", "officer_result", ["municipality_id", "user_id", "done_on"], unique=False)
    op.create_table(
        "own_course_edition",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("own_course_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("counts_as", sa.String(length=60), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_own_course_edition_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "own_course_id"],
            ["own_course.organization_id", "own_course.id"],
            name=op.f("fk_own_course_edition_organization_id_own_course_id_own_course"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_own_course_edition_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_own_course_edition")),
        sa.UniqueConstraint(
            "organization_id", "key", "number", name=op.f("uq_own_course_edition_organization_id_key_number")
        ),
    )
    op.create_table(
        "training_session",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_training_session_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_training_session_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_training_session_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_training_session")),
    )
    op.create_index(
        "ix_training_session_prepared", "training_session", ["organization_id", "prepared_on"], unique=False
    )
    op.create_table(
        "course_attempt",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("lessons_read", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["training_session.organization_id", "training_session.id"],
            name=op.f("fk_course_attempt_organization_id_session_id_training_session"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_course_attempt_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_course_attempt_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_course_attempt")),
    )
    op.create_index(
        "ix_course_attempt_worker",
        "course_attempt",
        ["organization_id", "worker_id", "course_key", "begun_at"],
        unique=False,
    )
    op.create_table(
        "session_person",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["training_session.organization_id", "training_session.id"],
            name=op.f("fk_session_person_organization_id_session_id_training_session"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_session_person_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_session_person_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "session_id", "worker_id", name=op.f("pk_session_person")),
    )
    op.create_index(
        "ix_session_person_organization_id_worker_id", "session_person", ["organization_id", "worker_id"], unique=False
    )
    op.create_table(
        "session_record",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("led_by", sa.String(length=100), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_session_record_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["training_session.organization_id", "training_session.id"],
            name=op.f("fk_session_record_organization_id_session_id_training_session"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_session_record_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_session_record")),
        sa.UniqueConstraint("organization_id", "session_id", name=op.f("uq_session_record_organization_id_session_id")),
    )
    op.create_table(
        "course_answer",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("question_key", sa.String(length=60), nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=True),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["course_attempt.organization_id", "course_attempt.id"],
            name=op.f("fk_course_answer_organization_id_attempt_id_course_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_course_answer_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_course_answer_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_course_answer")),
        sa.UniqueConstraint(
            "organization_id",
            "attempt_id",
            "question_key",
            "try_number",
            name=op.f("uq_course_answer_organization_id_attempt_id_question_key_try_number"),
        ),
    )
    op.create_index(
        "ix_course_answer_rates",
        "course_answer",
        [
            "organization_id",
            "try_number",
            "answered_on",
            "course_key",
            "edition",
            "question_key",
            "is_right",
            "center_id",
        ],
        unique=False,
    )
    op.create_table(
        "course_result",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("counts_as", sa.String(length=60), nullable=True),
        sa.Column("is_entry", sa.Boolean(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.Column("kiosk_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("course_key", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("right_at_first", sa.Integer(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "attempt_id"],
            ["course_attempt.organization_id", "course_attempt.id"],
            name=op.f("fk_course_result_organization_id_attempt_id_course_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_course_result_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "session_id"],
            ["training_session.organization_id", "training_session.id"],
            name=op.f("fk_course_result_organization_id_session_id_training_session"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_course_result_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_course_result_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_course_result_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_course_result")),
        sa.UniqueConstraint("organization_id", "attempt_id", name=op.f("uq_course_result_organization_id_attempt_id")),
    )
    op.create_index(
        "ix_course_result_coverage",
        "course_result",
        ["organization_id", "worker_id", "ends_on", "done_on", "recorded_on", "is_entry", "counts_as", "id"],
        unique=False,
    )
    op.create_index("ix_course_result_number", "course_result", ["number"], unique=True)
    op.create_table(
        "course_cancellation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_course_cancellation_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "result_id"],
            ["course_result.organization_id", "course_result.id"],
            name=op.f("fk_course_cancellation_organization_id_result_id_course_result"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_course_cancellation_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_course_cancellation")),
        sa.UniqueConstraint(
            "organization_id", "result_id", name=op.f("uq_course_cancellation_organization_id_result_id")
        ),
    )
    # ### end Alembic commands ###
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    for table in (
        "course_cancellation",
        "course_result",
        "course_answer",
        "session_record",
        "session_person",
        "course_attempt",
        "training_session",
        "own_course_edition",
        "officer_result",
        "officer_answer",
        "course_assignment",
        "own_course",
        "officer_attempt",
    ):
        op.drop_table(table)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
