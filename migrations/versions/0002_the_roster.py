"""The roster: posts, projects, every version of every row, confirmations and submissions."""

from datetime import UTC
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TOKYO = ZoneInfo("Asia/Tokyo")

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_worker_version_update BEFORE UPDATE ON worker_version FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.worker_id IS NOT OLD.worker_id
  OR NEW.number IS NOT OLD.number
  OR NEW.recorded_at IS NOT OLD.recorded_at
  OR NEW.recorded_by_id IS NOT OLD.recorded_by_id
  OR NEW.recorded_by_name IS NOT OLD.recorded_by_name
  OR NEW.source IS NOT OLD.source
  OR NEW.kind IS NOT OLD.kind
  OR NEW.center_id IS NOT OLD.center_id
  OR NEW.is_handler IS NOT OLD.is_handler
  OR NEW.files_sheets IS NOT OLD.files_sheets
  OR NEW.joined_on IS NOT OLD.joined_on
  OR NEW.left_on IS NOT OLD.left_on
  OR NEW.other_centers IS NOT OLD.other_centers
  OR NEW.projects IS NOT OLD.projects
  OR (NEW.name IS NOT NULL AND NEW.name IS NOT OLD.name)
  OR (NEW.name_kana IS NOT NULL AND NEW.name_kana IS NOT OLD.name_kana)
  OR (NEW.staff_number IS NOT NULL AND NEW.staff_number IS NOT OLD.staff_number)
BEGIN SELECT RAISE(ABORT, 'append-only: worker_version'); END""",
    """CREATE TRIGGER guard_worker_version_delete BEFORE DELETE ON worker_version FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: worker_version'); END""",
    """CREATE TRIGGER guard_worker_version_insert BEFORE INSERT ON worker_version FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM worker_version AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.worker_id = NEW.worker_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: worker_version'); END""",
    """CREATE TRIGGER guard_roster_confirmation_update BEFORE UPDATE ON roster_confirmation FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.at IS NOT OLD.at
  OR NEW.confirmed_on IS NOT OLD.confirmed_on
  OR NEW.by_id IS NOT OLD.by_id
  OR NEW.by_name IS NOT OLD.by_name
  OR NEW.workers IS NOT OLD.workers
  OR NEW.handlers IS NOT OLD.handlers
  OR NEW.incomplete IS NOT OLD.incomplete
BEGIN SELECT RAISE(ABORT, 'append-only: roster_confirmation'); END""",
    """CREATE TRIGGER guard_roster_confirmation_delete BEFORE DELETE ON roster_confirmation FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: roster_confirmation'); END""",
    """CREATE TRIGGER guard_roster_confirmation_insert BEFORE INSERT ON roster_confirmation FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM roster_confirmation AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: roster_confirmation'); END""",
    """CREATE TRIGGER guard_roster_submission_update BEFORE UPDATE ON roster_submission FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.engagement_id IS NOT OLD.engagement_id
  OR NEW.number IS NOT OLD.number
  OR NEW.made_at IS NOT OLD.made_at
  OR NEW.made_by_id IS NOT OLD.made_by_id
  OR NEW.made_by_name IS NOT OLD.made_by_name
  OR (NEW.rows IS NOT NULL AND NEW.rows IS NOT OLD.rows)
  OR (NEW.heading IS NOT NULL AND NEW.heading IS NOT OLD.heading)
BEGIN SELECT RAISE(ABORT, 'append-only: roster_submission'); END""",
    """CREATE TRIGGER guard_roster_submission_delete BEFORE DELETE ON roster_submission FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: roster_submission'); END""",
    """CREATE TRIGGER guard_roster_submission_insert BEFORE INSERT ON roster_submission FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM roster_submission AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.engagement_id = NEW.engagement_id AND kept.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'append-only: roster_submission'); END""",
)

POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_worker_version() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.name := OLD.name;
    kept.name_kana := OLD.name_kana;
    kept.staff_number := OLD.staff_number;
    IF kept::text = OLD::text
      AND (NEW.name IS NULL OR NEW.name::text = OLD.name::text)
      AND (NEW.name_kana IS NULL OR NEW.name_kana::text = OLD.name_kana::text)
      AND (NEW.staff_number IS NULL OR NEW.staff_number::text = OLD.staff_number::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: worker_version' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_worker_version_update BEFORE UPDATE ON worker_version
FOR EACH ROW EXECUTE FUNCTION guard_worker_version()""",
    """CREATE TRIGGER guard_worker_version_delete BEFORE DELETE ON worker_version
FOR EACH ROW EXECUTE FUNCTION guard_worker_version()""",
    """CREATE TRIGGER guard_worker_version_truncate BEFORE TRUNCATE ON worker_version
FOR EACH STATEMENT EXECUTE FUNCTION guard_worker_version()""",
    """ALTER TABLE worker_version ENABLE ALWAYS TRIGGER guard_worker_version_update""",
    """ALTER TABLE worker_version ENABLE ALWAYS TRIGGER guard_worker_version_delete""",
    """ALTER TABLE worker_version ENABLE ALWAYS TRIGGER guard_worker_version_truncate""",
    """CREATE FUNCTION guard_roster_confirmation() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: roster_confirmation' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_roster_confirmation_update BEFORE UPDATE ON roster_confirmation
FOR EACH ROW EXECUTE FUNCTION guard_roster_confirmation()""",
    """CREATE TRIGGER guard_roster_confirmation_delete BEFORE DELETE ON roster_confirmation
FOR EACH ROW EXECUTE FUNCTION guard_roster_confirmation()""",
    """CREATE TRIGGER guard_roster_confirmation_truncate BEFORE TRUNCATE ON roster_confirmation
FOR EACH STATEMENT EXECUTE FUNCTION guard_roster_confirmation()""",
    """ALTER TABLE roster_confirmation ENABLE ALWAYS TRIGGER guard_roster_confirmation_update""",
    """ALTER TABLE roster_confirmation ENABLE ALWAYS TRIGGER guard_roster_confirmation_delete""",
    """ALTER TABLE roster_confirmation ENABLE ALWAYS TRIGGER guard_roster_confirmation_truncate""",
    """CREATE FUNCTION guard_roster_submission() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    kept.rows := OLD.rows;
    kept.heading := OLD.heading;
    IF kept::text = OLD::text
      AND (NEW.rows IS NULL OR NEW.rows::text = OLD.rows::text)
      AND (NEW.heading IS NULL OR NEW.heading::text = OLD.heading::text)
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: roster_submission' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_roster_submission_update BEFORE UPDATE ON roster_submission
FOR EACH ROW EXECUTE FUNCTION guard_roster_submission()""",
    """CREATE TRIGGER guard_roster_submission_delete BEFORE DELETE ON roster_submission
FOR EACH ROW EXECUTE FUNCTION guard_roster_submission()""",
    """CREATE TRIGGER guard_roster_submission_truncate BEFORE TRUNCATE ON roster_submission
FOR EACH STATEMENT EXECUTE FUNCTION guard_roster_submission()""",
    """ALTER TABLE roster_submission ENABLE ALWAYS TRIGGER guard_roster_submission_update""",
    """ALTER TABLE roster_submission ENABLE ALWAYS TRIGGER guard_roster_submission_delete""",
    """ALTER TABLE roster_submission ENABLE ALWAYS TRIGGER guard_roster_submission_truncate""",
)

SQLITE_UNGUARD = (
    "DROP TRIGGER guard_worker_version_update",
    "DROP TRIGGER guard_worker_version_delete",
    "DROP TRIGGER guard_worker_version_insert",
    "DROP TRIGGER guard_roster_confirmation_update",
    "DROP TRIGGER guard_roster_confirmation_delete",
    "DROP TRIGGER guard_roster_confirmation_insert",
    "DROP TRIGGER guard_roster_submission_update",
    "DROP TRIGGER guard_roster_submission_delete",
    "DROP TRIGGER guard_roster_submission_insert",
)

POSTGRESQL_UNGUARD = (
    "DROP TRIGGER guard_worker_version_update ON worker_version",
    "DROP TRIGGER guard_worker_version_delete ON worker_version",
    "DROP TRIGGER guard_worker_version_truncate ON worker_version",
    "DROP FUNCTION guard_worker_version()",
    "DROP TRIGGER guard_roster_confirmation_update ON roster_confirmation",
    "DROP TRIGGER guard_roster_confirmation_delete ON roster_confirmation",
    "DROP TRIGGER guard_roster_confirmation_truncate ON roster_confirmation",
    "DROP FUNCTION guard_roster_confirmation()",
    "DROP TRIGGER guard_roster_submission_update ON roster_submission",
    "DROP TRIGGER guard_roster_submission_delete ON roster_submission",
    "DROP TRIGGER guard_roster_submission_truncate ON roster_submission",
    "DROP FUNCTION guard_roster_submission()",
)


def upgrade() -> None:
    op.create_table(
        "project",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_project_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_project")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_project_organization_id_name")),
    )
    op.create_table(
        "roster_confirmation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("workers", sa.Integer(), nullable=False),
        sa.Column("handlers", sa.Integer(), nullable=False),
        sa.Column("incomplete", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_roster_confirmation_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_roster_confirmation")),
    )
    op.create_index(
        "ix_roster_confirmation_organization_id_at", "roster_confirmation", ["organization_id", "at"], unique=False
    )
    op.create_table(
        "roster_submission",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.Column("rows", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("heading", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "engagement_id"],
            ["engagement.organization_id", "engagement.id"],
            name=op.f("fk_roster_submission_organization_id_engagement_id_engagement"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_roster_submission_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_roster_submission")),
        sa.UniqueConstraint(
            "organization_id",
            "engagement_id",
            "number",
            name=op.f("uq_roster_submission_organization_id_engagement_id_number"),
        ),
    )
    op.create_table(
        "post_holding",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.String(length=32), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_post_holding_until_after_from")),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_post_holding_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_post_holding_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_post_holding_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_post_holding_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_post_holding")),
    )
    op.create_index("ix_post_holding_organization_id_post", "post_holding", ["organization_id", "post"], unique=False)
    op.create_index(
        "ix_post_holding_organization_id_worker_id", "post_holding", ["organization_id", "worker_id"], unique=False
    )
    op.create_table(
        "worker_center",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_worker_center_until_after_from")),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name=op.f("fk_worker_center_organization_id_center_id_center"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_worker_center_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_worker_center_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_worker_center")),
    )
    op.create_index(
        "ix_worker_center_organization_id_center_id", "worker_center", ["organization_id", "center_id"], unique=False
    )
    op.create_index(
        "ix_worker_center_organization_id_worker_id", "worker_center", ["organization_id", "worker_id"], unique=False
    )
    op.create_table(
        "worker_project",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_worker_project_until_after_from")),
        sa.ForeignKeyConstraint(
            ["organization_id", "project_id"],
            ["project.organization_id", "project.id"],
            name=op.f("fk_worker_project_organization_id_project_id_project"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_worker_project_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_worker_project_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_worker_project")),
    )
    op.create_index(
        "ix_worker_project_organization_id_project_id",
        "worker_project",
        ["organization_id", "project_id"],
        unique=False,
    )
    op.create_index(
        "ix_worker_project_organization_id_worker_id", "worker_project", ["organization_id", "worker_id"], unique=False
    )
    op.create_table(
        "worker_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("name_kana", sa.String(length=100), nullable=True),
        sa.Column("staff_number", sa.String(length=30), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("is_handler", sa.Boolean(), nullable=False),
        sa.Column("files_sheets", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("other_centers", sa.JSON(), nullable=False),
        sa.Column("projects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name=op.f("fk_worker_version_organization_id_worker_id_worker"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_worker_version")),
        sa.UniqueConstraint(
            "organization_id", "worker_id", "number", name=op.f("uq_worker_version_organization_id_worker_id_number")
        ),
    )
    op.create_index(
        "ix_worker_version_organization_id_recorded_at",
        "worker_version",
        ["organization_id", "recorded_at"],
        unique=False,
    )
    op.add_column("worker", sa.Column("staff_number", sa.String(length=30), nullable=True))
    op.create_index(
        "uq_worker_organization_id_staff_number", "worker", ["organization_id", "staff_number"], unique=True
    )
    _keep_first_versions()
    _open_posts_of_roles()
    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(sa.text(statement.replace(":", "\\:")))


def _keep_first_versions() -> None:
    """Every row that is on a roster already becomes its own first version, as of the day it was registered."""
    worker, version = (
        sa.table("worker", *_columns(*_COPIED, "registered_at")),
        sa.table(
            "worker_version",
            *_columns(
                *(name for name in _COPIED if name != "id"),
                "id",
                "worker_id",
                "recorded_at",
                "recorded_by_name",
                "source",
                "number",
                "other_centers",
                "projects",
            ),
        ),
    )
    rows = op.get_bind().execute(sa.select(worker)).mappings().all()
    if rows:
        op.get_bind().execute(
            version.insert(),
            [
                {
                    **{name: row[name] for name in _COPIED if name != "id"},
                    "id": uuid4(),
                    "worker_id": row["id"],
                    "recorded_at": row["registered_at"],
                    "number": 1,
                    "recorded_by_name": "システム",
                    "source": "setup",
                    "other_centers": [],
                    "projects": [],
                }
                for row in rows
            ],
        )


_COPIED = (
    "organization_id",
    "id",
    "name",
    "name_kana",
    "kind",
    "center_id",
    "is_handler",
    "files_sheets",
    "joined_on",
    "left_on",
)
_TYPES = {
    "is_handler": sa.Boolean(),
    "files_sheets": sa.Boolean(),
    "joined_on": sa.Date(),
    "left_on": sa.Date(),
    "registered_at": sa.DateTime(timezone=True),
    "recorded_at": sa.DateTime(timezone=True),
    "granted_at": sa.DateTime(timezone=True),
    "ended_at": sa.DateTime(timezone=True),
    "from_on": sa.Date(),
    "number": sa.Integer(),
    "other_centers": sa.JSON(),
    "projects": sa.JSON(),
}


def _columns(*names: str) -> list[sa.ColumnClause]:
    return [
        sa.column(name, _TYPES.get(name, sa.Uuid() if name == "id" or name.endswith("_id") else sa.String()))
        for name in names
    ]


def _open_posts_of_roles() -> None:
    """Whoever holds a role that goes with a post holds that post since the role began; later officers are deputies."""
    role = sa.table(
        "organization_role",
        *_columns("organization_id", "id", "worker_id", "role", "center_id", "granted_at", "ended_at"),
    )
    worker = sa.table("worker", *_columns("organization_id", "id", "joined_on"))
    holding = sa.table(
        "post_holding",
        *_columns("organization_id", "id", "worker_id", "post", "center_id", "from_on", "recorded_at"),
    )
    held = (
        op.get_bind()
        .execute(
            sa.select(role, worker.c.joined_on)
            .join(worker, (worker.c.organization_id == role.c.organization_id) & (worker.c.id == role.c.worker_id))
            .where(role.c.ended_at.is_(None), role.c.role.in_(("representative", "protection_officer", "center_head")))
            .order_by(role.c.granted_at, role.c.id)
        )
        .mappings()
        .all()
    )
    with_officer, rows = set(), []
    for each in held:
        post = each["role"]
        if post == "protection_officer":
            post = "privacy_officer_deputy" if each["organization_id"] in with_officer else "privacy_officer"
            with_officer.add(each["organization_id"])
        since = each["granted_at"]
        if since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        rows.append(
            {
                "organization_id": each["organization_id"],
                "id": uuid4(),
                "worker_id": each["worker_id"],
                "post": post,
                "center_id": each["center_id"],
                "recorded_at": since,
                "from_on": max(each["joined_on"], since.astimezone(TOKYO).date()),
            }
        )
    if rows:
        op.get_bind().execute(holding.insert(), rows)


def downgrade() -> None:
    for statement in SQLITE_UNGUARD if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_UNGUARD:
        op.execute(sa.text(statement.replace(":", "\\:")))
    op.drop_index("uq_worker_organization_id_staff_number", table_name="worker")
    op.drop_column("worker", "staff_number")
    op.drop_index("ix_worker_version_organization_id_recorded_at", table_name="worker_version")
    op.drop_table("worker_version")
    op.drop_index("ix_worker_project_organization_id_worker_id", table_name="worker_project")
    op.drop_index("ix_worker_project_organization_id_project_id", table_name="worker_project")
    op.drop_table("worker_project")
    op.drop_index("ix_worker_center_organization_id_worker_id", table_name="worker_center")
    op.drop_index("ix_worker_center_organization_id_center_id", table_name="worker_center")
    op.drop_table("worker_center")
    op.drop_index("ix_post_holding_organization_id_worker_id", table_name="post_holding")
    op.drop_index("ix_post_holding_organization_id_post", table_name="post_holding")
    op.drop_table("post_holding")
    op.drop_table("roster_submission")
    op.drop_index("ix_roster_confirmation_organization_id_at", table_name="roster_confirmation")
    op.drop_table("roster_confirmation")
    op.drop_table("project")
