"""Publication: addresses, what happened to them, credentials, their revocations, and the keys that sign."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_publication_update BEFORE UPDATE ON publication FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.made_at IS NOT OLD.made_at
BEGIN SELECT RAISE(ABORT, 'append-only: publication'); END""",
    """CREATE TRIGGER guard_publication_delete BEFORE DELETE ON publication FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: publication'); END""",
    """CREATE TRIGGER guard_publication_insert BEFORE INSERT ON publication FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM publication AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id)
  OR (kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: publication'); END""",
    """CREATE TRIGGER guard_publication_event_update BEFORE UPDATE ON publication_event FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.publication_id IS NOT OLD.publication_id
  OR NEW.number IS NOT OLD.number
  OR NEW.kind IS NOT OLD.kind
  OR NEW.agreed IS NOT OLD.agreed
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: publication_event'); END""",
    """CREATE TRIGGER guard_publication_event_delete BEFORE DELETE ON publication_event FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: publication_event'); END""",
    """CREATE TRIGGER guard_publication_event_insert BEFORE INSERT ON publication_event FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM publication_event AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.publication_id = NEW.publication_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: publication_event'); END""",
    """CREATE TRIGGER guard_level_credential_update BEFORE UPDATE ON level_credential FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.publication_id IS NOT OLD.publication_id
  OR NEW.level IS NOT OLD.level
  OR NEW.title IS NOT OLD.title
  OR NEW.as_of IS NOT OLD.as_of
  OR NEW.issued_at IS NOT OLD.issued_at
  OR NEW.key_id IS NOT OLD.key_id
  OR NEW.document IS NOT OLD.document
  OR NEW.digest IS NOT OLD.digest
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: level_credential'); END""",
    """CREATE TRIGGER guard_level_credential_delete BEFORE DELETE ON level_credential FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: level_credential'); END""",
    """CREATE TRIGGER guard_level_credential_insert BEFORE INSERT ON level_credential FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM level_credential AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: level_credential'); END""",
    """CREATE TRIGGER guard_credential_revocation_update BEFORE UPDATE ON credential_revocation FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.credential_id IS NOT OLD.credential_id
  OR NEW.kind IS NOT OLD.kind
  OR NEW.at IS NOT OLD.at
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
BEGIN SELECT RAISE(ABORT, 'append-only: credential_revocation'); END""",
    """CREATE TRIGGER guard_credential_revocation_delete BEFORE DELETE ON credential_revocation FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: credential_revocation'); END""",
    """CREATE TRIGGER guard_credential_revocation_insert BEFORE INSERT ON credential_revocation FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM credential_revocation AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.credential_id = NEW.credential_id))
BEGIN SELECT RAISE(ABORT, 'append-only: credential_revocation'); END""",
    """CREATE TRIGGER guard_signing_key_update BEFORE UPDATE ON signing_key FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.id IS NOT OLD.id
  OR NEW.number IS NOT OLD.number
  OR NEW.public_key IS NOT OLD.public_key
  OR NEW.sealed IS NOT OLD.sealed
  OR NEW.withdraws_earlier IS NOT OLD.withdraws_earlier
  OR NEW.made_at IS NOT OLD.made_at
BEGIN SELECT RAISE(ABORT, 'append-only: signing_key'); END""",
    """CREATE TRIGGER guard_signing_key_delete BEFORE DELETE ON signing_key FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: signing_key'); END""",
    """CREATE TRIGGER guard_signing_key_insert BEFORE INSERT ON signing_key FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM signing_key AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.id = NEW.id)
  OR (kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: signing_key'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_publication() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: publication' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_publication_update BEFORE UPDATE ON publication
FOR EACH ROW EXECUTE FUNCTION guard_publication()""",
    """CREATE TRIGGER guard_publication_delete BEFORE DELETE ON publication
FOR EACH ROW EXECUTE FUNCTION guard_publication()""",
    """CREATE TRIGGER guard_publication_truncate BEFORE TRUNCATE ON publication
FOR EACH STATEMENT EXECUTE FUNCTION guard_publication()""",
    """ALTER TABLE publication ENABLE ALWAYS TRIGGER guard_publication_update""",
    """ALTER TABLE publication ENABLE ALWAYS TRIGGER guard_publication_delete""",
    """ALTER TABLE publication ENABLE ALWAYS TRIGGER guard_publication_truncate""",
    """CREATE FUNCTION guard_publication_event() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: publication_event' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_publication_event_update BEFORE UPDATE ON publication_event
FOR EACH ROW EXECUTE FUNCTION guard_publication_event()""",
    """CREATE TRIGGER guard_publication_event_delete BEFORE DELETE ON publication_event
FOR EACH ROW EXECUTE FUNCTION guard_publication_event()""",
    """CREATE TRIGGER guard_publication_event_truncate BEFORE TRUNCATE ON publication_event
FOR EACH STATEMENT EXECUTE FUNCTION guard_publication_event()""",
    """ALTER TABLE publication_event ENABLE ALWAYS TRIGGER guard_publication_event_update""",
    """ALTER TABLE publication_event ENABLE ALWAYS TRIGGER guard_publication_event_delete""",
    """ALTER TABLE publication_event ENABLE ALWAYS TRIGGER guard_publication_event_truncate""",
    """CREATE FUNCTION guard_level_credential() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: level_credential' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_level_credential_update BEFORE UPDATE ON level_credential
FOR EACH ROW EXECUTE FUNCTION guard_level_credential()""",
    """CREATE TRIGGER guard_level_credential_delete BEFORE DELETE ON level_credential
FOR EACH ROW EXECUTE FUNCTION guard_level_credential()""",
    """CREATE TRIGGER guard_level_credential_truncate BEFORE TRUNCATE ON level_credential
FOR EACH STATEMENT EXECUTE FUNCTION guard_level_credential()""",
    """ALTER TABLE level_credential ENABLE ALWAYS TRIGGER guard_level_credential_update""",
    """ALTER TABLE level_credential ENABLE ALWAYS TRIGGER guard_level_credential_delete""",
    """ALTER TABLE level_credential ENABLE ALWAYS TRIGGER guard_level_credential_truncate""",
    """CREATE FUNCTION guard_credential_revocation() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: credential_revocation' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_credential_revocation_update BEFORE UPDATE ON credential_revocation
FOR EACH ROW EXECUTE FUNCTION guard_credential_revocation()""",
    """CREATE TRIGGER guard_credential_revocation_delete BEFORE DELETE ON credential_revocation
FOR EACH ROW EXECUTE FUNCTION guard_credential_revocation()""",
    """CREATE TRIGGER guard_credential_revocation_truncate BEFORE TRUNCATE ON credential_revocation
FOR EACH STATEMENT EXECUTE FUNCTION guard_credential_revocation()""",
    """ALTER TABLE credential_revocation ENABLE ALWAYS TRIGGER guard_credential_revocation_update""",
    """ALTER TABLE credential_revocation ENABLE ALWAYS TRIGGER guard_credential_revocation_delete""",
    """ALTER TABLE credential_revocation ENABLE ALWAYS TRIGGER guard_credential_revocation_truncate""",
    """CREATE FUNCTION guard_signing_key() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: signing_key' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_signing_key_update BEFORE UPDATE ON signing_key
FOR EACH ROW EXECUTE FUNCTION guard_signing_key()""",
    """CREATE TRIGGER guard_signing_key_delete BEFORE DELETE ON signing_key
FOR EACH ROW EXECUTE FUNCTION guard_signing_key()""",
    """CREATE TRIGGER guard_signing_key_truncate BEFORE TRUNCATE ON signing_key
FOR EACH STATEMENT EXECUTE FUNCTION guard_signing_key()""",
    """ALTER TABLE signing_key ENABLE ALWAYS TRIGGER guard_signing_key_update""",
    """ALTER TABLE signing_key ENABLE ALWAYS TRIGGER guard_signing_key_delete""",
    """ALTER TABLE signing_key ENABLE ALWAYS TRIGGER guard_signing_key_truncate""",
)
SQLITE_UNGUARDS = (
    """DROP TRIGGER guard_publication_update""",
    """DROP TRIGGER guard_publication_delete""",
    """DROP TRIGGER guard_publication_insert""",
    """DROP TRIGGER guard_publication_event_update""",
    """DROP TRIGGER guard_publication_event_delete""",
    """DROP TRIGGER guard_publication_event_insert""",
    """DROP TRIGGER guard_level_credential_update""",
    """DROP TRIGGER guard_level_credential_delete""",
    """DROP TRIGGER guard_level_credential_insert""",
    """DROP TRIGGER guard_credential_revocation_update""",
    """DROP TRIGGER guard_credential_revocation_delete""",
    """DROP TRIGGER guard_credential_revocation_insert""",
    """DROP TRIGGER guard_signing_key_update""",
    """DROP TRIGGER guard_signing_key_delete""",
    """DROP TRIGGER guard_signing_key_insert""",
)
POSTGRESQL_UNGUARDS = (
    """DROP TRIGGER guard_publication_update ON publication""",
    """DROP TRIGGER guard_publication_delete ON publication""",
    """DROP TRIGGER guard_publication_truncate ON publication""",
    """DROP FUNCTION guard_publication()""",
    """DROP TRIGGER guard_publication_event_update ON publication_event""",
    """DROP TRIGGER guard_publication_event_delete ON publication_event""",
    """DROP TRIGGER guard_publication_event_truncate ON publication_event""",
    """DROP FUNCTION guard_publication_event()""",
    """DROP TRIGGER guard_level_credential_update ON level_credential""",
    """DROP TRIGGER guard_level_credential_delete ON level_credential""",
    """DROP TRIGGER guard_level_credential_truncate ON level_credential""",
    """DROP FUNCTION guard_level_credential()""",
    """DROP TRIGGER guard_credential_revocation_update ON credential_revocation""",
    """DROP TRIGGER guard_credential_revocation_delete ON credential_revocation""",
    """DROP TRIGGER guard_credential_revocation_truncate ON credential_revocation""",
    """DROP FUNCTION guard_credential_revocation()""",
    """DROP TRIGGER guard_signing_key_update ON signing_key""",
    """DROP TRIGGER guard_signing_key_delete ON signing_key""",
    """DROP TRIGGER guard_signing_key_truncate ON signing_key""",
    """DROP FUNCTION guard_signing_key()""",
)


def upgrade() -> None:
    # ### commands auto generated by Alembic - please adjust! ###
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.String(length=300), nullable=False),
        sa.Column("withdraws_earlier", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("number", name=op.f("uq_signing_key_number")),
    )
    op.create_table(
        "publication",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_publication_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_publication")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_publication_organization_id")),
    )
    op.create_index("ix_publication_id", "publication", ["id"], unique=True)
    op.create_table(
        "level_credential",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_level_credential_by_id_user_account")),
        sa.ForeignKeyConstraint(["key_id"], ["signing_key.id"], name=op.f("fk_level_credential_key_id_signing_key")),
        sa.ForeignKeyConstraint(
            ["organization_id", "publication_id"],
            ["publication.organization_id", "publication.id"],
            name=op.f("fk_level_credential_organization_id_publication_id_publication"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_level_credential_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_level_credential")),
    )
    op.create_index(
        "ix_level_credential_organization_id_publication_id",
        "level_credential",
        ["organization_id", "publication_id", "issued_at"],
        unique=False,
    )
    op.create_table(
        "publication_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("agreed", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_publication_event_by_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id", "publication_id"],
            ["publication.organization_id", "publication.id"],
            name=op.f("fk_publication_event_organization_id_publication_id_publication"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_publication_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_publication_event")),
        sa.UniqueConstraint(
            "organization_id",
            "publication_id",
            "number",
            name=op.f("uq_publication_event_organization_id_publication_id_number"),
        ),
    )
    op.create_table(
        "credential_revocation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_credential_revocation_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "credential_id"],
            ["level_credential.organization_id", "level_credential.id"],
            name=op.f("fk_credential_revocation_organization_id_credential_id_level_credential"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_credential_revocation_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_credential_revocation")),
        sa.UniqueConstraint(
            "organization_id", "credential_id", name=op.f("uq_credential_revocation_organization_id_credential_id")
        ),
    )
    # ### end Alembic commands ###
    _run(SQLITE_GUARDS, POSTGRESQL_GUARDS)


def downgrade() -> None:
    _run(SQLITE_UNGUARDS, POSTGRESQL_UNGUARDS)
    for table in ("credential_revocation", "level_credential", "publication_event", "publication", "signing_key"):
        op.drop_table(table)


def _run(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for statement in sqlite if op.get_bind().dialect.name == "sqlite" else postgresql:
        op.execute(sa.text(statement.replace(":", "\\:")))
