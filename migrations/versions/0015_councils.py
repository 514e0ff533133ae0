"""Council papers: requests and replies of members, case meetings, who sat there and who signed."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_council_request_update BEFORE UPDATE ON council_request FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.council IS NOT OLD.council
  OR NEW.category IS NOT OLD.category
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_on IS NOT OLD.made_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: council_request'); END""",
    """CREATE TRIGGER guard_council_request_delete BEFORE DELETE ON council_request FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: council_request'); END""",
    """CREATE TRIGGER guard_council_request_insert BEFORE INSERT ON council_request FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM council_request AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: council_request'); END""",
    """CREATE TRIGGER guard_council_reply_update BEFORE UPDATE ON council_reply FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.request_id IS NOT OLD.request_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.text IS NOT OLD.text
  OR NEW.text_digest IS NOT OLD.text_digest
  OR NEW.edition IS NOT OLD.edition
  OR NEW.way IS NOT OLD.way
  OR NEW.post IS NOT OLD.post
  OR NEW.address IS NOT OLD.address
  OR NEW.contact IS NOT OLD.contact
  OR NEW.holds_on IS NOT OLD.holds_on
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
  OR (NEW.reason IS NOT NULL AND NEW.reason IS NOT OLD.reason)
BEGIN SELECT RAISE(ABORT, 'append-only: council_reply'); END""",
    """CREATE TRIGGER guard_council_reply_delete BEFORE DELETE ON council_reply FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: council_reply'); END""",
    """CREATE TRIGGER guard_council_reply_insert BEFORE INSERT ON council_reply FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM council_reply AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.request_id = NEW.request_id AND kept.kind = NEW.kind))
BEGIN SELECT RAISE(ABORT, 'append-only: council_reply'); END""",
    """CREATE TRIGGER guard_case_meeting_update BEFORE UPDATE ON case_meeting FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.council IS NOT OLD.council
  OR NEW.number IS NOT OLD.number
  OR NEW.held_on IS NOT OLD.held_on
  OR NEW.place IS NOT OLD.place
  OR NEW.convener IS NOT OLD.convener
  OR NEW.text IS NOT OLD.text
  OR NEW.text_digest IS NOT OLD.text_digest
  OR NEW.edition IS NOT OLD.edition
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_on IS NOT OLD.made_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: case_meeting'); END""",
    """CREATE TRIGGER guard_case_meeting_delete BEFORE DELETE ON case_meeting FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: case_meeting'); END""",
    """CREATE TRIGGER guard_case_meeting_insert BEFORE INSERT ON case_meeting FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM case_meeting AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.request_key = NEW.request_key))
BEGIN SELECT RAISE(ABORT, 'append-only: case_meeting'); END""",
    """CREATE TRIGGER guard_meeting_seat_update BEFORE UPDATE ON meeting_seat FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.meeting_id IS NOT OLD.meeting_id
  OR NEW.organization IS NOT OLD.organization
  OR NEW.post IS NOT OLD.post
  OR NEW.is_member IS NOT OLD.is_member
  OR NEW.is_expected IS NOT OLD.is_expected
  OR NEW.added_at IS NOT OLD.added_at
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_seat'); END""",
    """CREATE TRIGGER guard_meeting_seat_delete BEFORE DELETE ON meeting_seat FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_seat'); END""",
    """CREATE TRIGGER guard_meeting_seat_insert BEFORE INSERT ON meeting_seat FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM meeting_seat AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_seat'); END""",
    """CREATE TRIGGER guard_meeting_signature_update BEFORE UPDATE ON meeting_signature FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.meeting_id IS NOT OLD.meeting_id
  OR NEW.seat_id IS NOT OLD.seat_id
  OR NEW.way IS NOT OLD.way
  OR NEW.text_digest IS NOT OLD.text_digest
  OR NEW.signed_at IS NOT OLD.signed_at
  OR NEW.request_key IS NOT OLD.request_key
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.typed_name IS NOT NULL AND NEW.typed_name IS NOT OLD.typed_name)
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_signature'); END""",
    """CREATE TRIGGER guard_meeting_signature_delete BEFORE DELETE ON meeting_signature FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_signature'); END""",
    """CREATE TRIGGER guard_meeting_signature_insert BEFORE INSERT ON meeting_signature FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM meeting_signature AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id)
  OR (kept.municipality_id = NEW.municipality_id AND kept.request_key = NEW.request_key)
  OR (kept.municipality_id = NEW.municipality_id AND kept.seat_id = NEW.seat_id))
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_signature'); END""",
    """CREATE TRIGGER guard_meeting_event_update BEFORE UPDATE ON meeting_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.municipality_id IS NOT OLD.municipality_id
  OR NEW.id IS NOT OLD.id
  OR NEW.meeting_id IS NOT OLD.meeting_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.seat_id IS NOT OLD.seat_id
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR (NEW.said_by IS NOT NULL AND NEW.said_by IS NOT OLD.said_by)
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_event'); END""",
    """CREATE TRIGGER guard_meeting_event_delete BEFORE DELETE ON meeting_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_event'); END""",
    """CREATE TRIGGER guard_meeting_event_insert BEFORE INSERT ON meeting_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM meeting_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.municipality_id = NEW.municipality_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: meeting_event'); END""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_council_request_update""",
    """DROP TRIGGER guard_council_request_delete""",
    """DROP TRIGGER guard_council_request_insert""",
    """DROP TRIGGER guard_council_reply_update""",
    """DROP TRIGGER guard_council_reply_delete""",
    """DROP TRIGGER guard_council_reply_insert""",
    """DROP TRIGGER guard_case_meeting_update""",
    """DROP TRIGGER guard_case_meeting_delete""",
    """DROP TRIGGER guard_case_meeting_insert""",
    """DROP TRIGGER guard_meeting_seat_update""",
    """DROP TRIGGER guard_meeting_seat_delete""",
    """DROP TRIGGER guard_meeting_seat_insert""",
    """DROP TRIGGER guard_meeting_signature_update""",
    """DROP TRIGGER guard_meeting_signature_delete""",
    """DROP TRIGGER guard_meeting_signature_insert""",
    """DROP TRIGGER guard_meeting_event_update""",
    """DROP TRIGGER guard_meeting_event_delete""",
    """DROP TRIGGER guard_meeting_event_insert""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_council_request() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: council_request' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_council_request_update BEFORE UPDATE ON council_request
FOR EACH ROW EXECUTE FUNCTION guard_council_request()""",
    """CREATE TRIGGER guard_council_request_delete BEFORE DELETE ON council_request
FOR EACH ROW EXECUTE FUNCTION guard_council_request()""",
    """CREATE TRIGGER guard_council_request_truncate BEFORE TRUNCATE ON council_request
FOR EACH STATEMENT EXECUTE FUNCTION guard_council_request()""",
    """ALTER TABLE council_request ENABLE ALWAYS TRIGGER guard_council_request_update""",
    """ALTER TABLE council_request ENABLE ALWAYS TRIGGER guard_council_request_delete""",
    """ALTER TABLE council_request ENABLE ALWAYS TRIGGER guard_council_request_truncate""",
    """CREATE FUNCTION guard_council_reply() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    kept.reason := OLD.reason;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
      AND (NEW.reason IS NULL OR NEW.reason::text = OLD.reason::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: council_reply' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_council_reply_update BEFORE UPDATE ON council_reply
FOR EACH ROW EXECUTE FUNCTION guard_council_reply()""",
    """CREATE TRIGGER guard_council_reply_delete BEFORE DELETE ON council_reply
FOR EACH ROW EXECUTE FUNCTION guard_council_reply()""",
    """CREATE TRIGGER guard_council_reply_truncate BEFORE TRUNCATE ON council_reply
FOR EACH STATEMENT EXECUTE FUNCTION guard_council_reply()""",
    """ALTER TABLE council_reply ENABLE ALWAYS TRIGGER guard_council_reply_update""",
    """ALTER TABLE council_reply ENABLE ALWAYS TRIGGER guard_council_reply_delete""",
    """ALTER TABLE council_reply ENABLE ALWAYS TRIGGER guard_council_reply_truncate""",
    """CREATE FUNCTION guard_case_meeting() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: case_meeting' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_case_meeting_update BEFORE UPDATE ON case_meeting
FOR EACH ROW EXECUTE FUNCTION guard_case_meeting()""",
    """CREATE TRIGGER guard_case_meeting_delete BEFORE DELETE ON case_meeting
FOR EACH ROW EXECUTE FUNCTION guard_case_meeting()""",
    """CREATE TRIGGER guard_case_meeting_truncate BEFORE TRUNCATE ON case_meeting
FOR EACH STATEMENT EXECUTE FUNCTION guard_case_meeting()""",
    """ALTER TABLE case_meeting ENABLE ALWAYS TRIGGER guard_case_meeting_update""",
    """ALTER TABLE case_meeting ENABLE ALWAYS TRIGGER guard_case_meeting_delete""",
    """ALTER TABLE case_meeting ENABLE ALWAYS TRIGGER guard_case_meeting_truncate""",
    """CREATE FUNCTION guard_meeting_seat() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: meeting_seat' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_meeting_seat_update BEFORE UPDATE ON meeting_seat
FOR EACH ROW EXECUTE FUNCTION guard_meeting_seat()""",
    """CREATE TRIGGER guard_meeting_seat_delete BEFORE DELETE ON meeting_seat
FOR EACH ROW EXECUTE FUNCTION guard_meeting_seat()""",
    """CREATE TRIGGER guard_meeting_seat_truncate BEFORE TRUNCATE ON meeting_seat
FOR EACH STATEMENT EXECUTE FUNCTION guard_meeting_seat()""",
    """ALTER TABLE meeting_seat ENABLE ALWAYS TRIGGER guard_meeting_seat_update""",
    """ALTER TABLE meeting_seat ENABLE ALWAYS TRIGGER guard_meeting_seat_delete""",
    """ALTER TABLE meeting_seat ENABLE ALWAYS TRIGGER guard_meeting_seat_truncate""",
    """CREATE FUNCTION guard_meeting_signature() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.typed_name := OLD.typed_name;
    IF kept::text = OLD::text
      AND (NEW.typed_name IS NULL OR NEW.typed_name::text = OLD.typed_name::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: meeting_signature' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_meeting_signature_update BEFORE UPDATE ON meeting_signature
FOR EACH ROW EXECUTE FUNCTION guard_meeting_signature()""",
    """CREATE TRIGGER guard_meeting_signature_delete BEFORE DELETE ON meeting_signature
FOR EACH ROW EXECUTE FUNCTION guard_meeting_signature()""",
    """CREATE TRIGGER guard_meeting_signature_truncate BEFORE TRUNCATE ON meeting_signature
FOR EACH STATEMENT EXECUTE FUNCTION guard_meeting_signature()""",
    """ALTER TABLE meeting_signature ENABLE ALWAYS TRIGGER guard_meeting_signature_update""",
    """ALTER TABLE meeting_signature ENABLE ALWAYS TRIGGER guard_meeting_signature_delete""",
    """ALTER TABLE meeting_signature ENABLE ALWAYS TRIGGER guard_meeting_signature_truncate""",
    """CREATE FUNCTION guard_meeting_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.said_by := OLD.said_by;
    IF kept::text = OLD::text
      AND (NEW.said_by IS NULL OR NEW.said_by::text = OLD.said_by::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: meeting_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_meeting_event_update BEFORE UPDATE ON meeting_event
FOR EACH ROW EXECUTE FUNCTION guard_meeting_event()""",
    """CREATE TRIGGER guard_meeting_event_delete BEFORE DELETE ON meeting_event
FOR EACH ROW EXECUTE FUNCTION guard_meeting_event()""",
    """CREATE TRIGGER guard_meeting_event_truncate BEFORE TRUNCATE ON meeting_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_meeting_event()""",
    """ALTER TABLE meeting_event ENABLE ALWAYS TRIGGER guard_meeting_event_update""",
    """ALTER TABLE meeting_event ENABLE ALWAYS TRIGGER guard_meeting_event_delete""",
    """ALTER TABLE meeting_event ENABLE ALWAYS TRIGGER guard_meeting_event_truncate""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_council_request_update ON council_request""",
    """DROP TRIGGER guard_council_request_delete ON council_request""",
    """DROP TRIGGER guard_council_request_truncate ON council_request""",
    """DROP FUNCTION guard_council_request()""",
    """DROP TRIGGER guard_council_reply_update ON council_reply""",
    """DROP TRIGGER guard_council_reply_delete ON council_reply""",
    """DROP TRIGGER guard_council_reply_truncate ON council_reply""",
    """DROP FUNCTION guard_council_reply()""",
    """DROP TRIGGER guard_case_meeting_update ON case_meeting""",
    """DROP TRIGGER guard_case_meeting_delete ON case_meeting""",
    """DROP TRIGGER guard_case_meeting_truncate ON case_meeting""",
    """DROP FUNCTION guard_case_meeting()""",
    """DROP TRIGGER guard_meeting_seat_update ON meeting_seat""",
    """DROP TRIGGER guard_meeting_seat_delete ON meeting_seat""",
    """DROP TRIGGER guard_meeting_seat_truncate ON meeting_seat""",
    """DROP FUNCTION guard_meeting_seat()""",
    """DROP TRIGGER guard_meeting_signature_update ON meeting_signature""",
    """DROP TRIGGER guard_meeting_signature_delete ON meeting_signature""",
    """DROP TRIGGER guard_meeting_signature_truncate ON meeting_signature""",
    """DROP FUNCTION guard_meeting_signature()""",
    """DROP TRIGGER guard_meeting_event_update ON meeting_event""",
    """DROP TRIGGER guard_meeting_event_delete ON meeting_event""",
    """DROP TRIGGER guard_meeting_event_truncate ON meeting_event""",
    """DROP FUNCTION guard_meeting_event()""",
)


def upgrade() -> None:
    op.create_table(
        "case_meeting",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("council", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("convener", sa.String(length=100), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.String(length=8), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_case_meeting_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_case_meeting_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_case_meeting")),
        sa.UniqueConstraint("municipality_id", "request_key", name=op.f("uq_case_meeting_municipality_id_request_key")),
    )
    op.create_index("ix_case_meeting_municipality_id_held_on", "case_meeting", ["municipality_id", "held_on"])
    op.create_table(
        "council_request",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("council", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_council_request_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_council_request_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_council_request_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_council_request")),
        sa.UniqueConstraint(
            "organization_id", "request_key", name=op.f("uq_council_request_organization_id_request_key")
        ),
    )
    op.create_index("ix_council_request_municipality_id", "council_request", ["municipality_id", "made_on"])
    op.create_table(
        "council_reply",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.JSON(), nullable=True),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("edition", sa.String(length=8), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("holds_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_council_reply_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_council_reply_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_council_reply_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "request_id"],
            ["council_request.organization_id", "council_request.id"],
            name=op.f("fk_council_reply_organization_id_request_id_council_request"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_council_reply")),
        sa.UniqueConstraint(
            "organization_id", "request_id", "kind", name=op.f("uq_council_reply_organization_id_request_id_kind")
        ),
    )
    op.create_table(
        "meeting_seat",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("organization", sa.String(length=100), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("is_expected", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "meeting_id"],
            ["case_meeting.municipality_id", "case_meeting.id"],
            name=op.f("fk_meeting_seat_municipality_id_meeting_id_case_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_meeting_seat_municipality_id_municipality")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_meeting_seat")),
    )
    op.create_index("ix_meeting_seat_municipality_id_meeting_id", "meeting_seat", ["municipality_id", "meeting_id"])
    op.create_table(
        "meeting_event",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=True),
        sa.Column("said_by", sa.String(length=100), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_meeting_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "meeting_id"],
            ["case_meeting.municipality_id", "case_meeting.id"],
            name=op.f("fk_meeting_event_municipality_id_meeting_id_case_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_meeting_event_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "seat_id"],
            ["meeting_seat.municipality_id", "meeting_seat.id"],
            name=op.f("fk_meeting_event_municipality_id_seat_id_meeting_seat"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_meeting_event")),
    )
    op.create_index("ix_meeting_event_municipality_id_meeting_id", "meeting_event", ["municipality_id", "meeting_id"])
    op.create_table(
        "meeting_signature",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("typed_name", sa.String(length=100), nullable=True),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_meeting_signature_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "meeting_id"],
            ["case_meeting.municipality_id", "case_meeting.id"],
            name=op.f("fk_meeting_signature_municipality_id_meeting_id_case_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_meeting_signature_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "seat_id"],
            ["meeting_seat.municipality_id", "meeting_seat.id"],
            name=op.f("fk_meeting_signature_municipality_id_seat_id_meeting_seat"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_meeting_signature")),
        sa.UniqueConstraint(
            "municipality_id", "request_key", name=op.f("uq_meeting_signature_municipality_id_request_key")
        ),
        sa.UniqueConstraint("municipality_id", "seat_id", name=op.f("uq_meeting_signature_municipality_id_seat_id")),
    )
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    op.drop_table("meeting_signature")
    op.drop_index("ix_meeting_event_municipality_id_meeting_id", table_name="meeting_event")
    op.drop_table("meeting_event")
    op.drop_index("ix_meeting_seat_municipality_id_meeting_id", table_name="meeting_seat")
    op.drop_table("meeting_seat")
    op.drop_table("council_reply")
    op.drop_index("ix_council_request_municipality_id", table_name="council_request")
    op.drop_table("council_request")
    op.drop_index("ix_case_meeting_municipality_id_held_on", table_name="case_meeting")
    op.drop_table("case_meeting")


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
