"""Shared tablets and PINs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

#: SQLite's guard names each column; PostgreSQL's compares whole rows, and guards a new column by itself.
SQLITE_GUARD = """CREATE TRIGGER guard_sheet_version_update BEFORE UPDATE ON sheet_version FOR EACH ROW
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
  OR NEW.kiosk_id IS NOT OLD.kiosk_id
  OR (NEW.answers IS NOT NULL AND NEW.answers IS NOT OLD.answers)
BEGIN SELECT RAISE(ABORT, 'append-only\\: sheet_version'); END"""
SQLITE_GUARD_BEFORE = SQLITE_GUARD.replace("\n  OR NEW.kiosk_id IS NOT OLD.kiosk_id", "")
SQLITE_UNGUARD = "DROP TRIGGER guard_sheet_version_update"


def upgrade() -> None:
    op.create_table(
        "kiosk",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("center_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.Column("opened_by_name", sa.String(length=100), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_from", sa.String(length=45), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Uuid(), nullable=True),
        sa.Column("closed_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user_account.id"], name="fk_kiosk_closed_by_id_user_account"),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user_account.id"], name="fk_kiosk_opened_by_id_user_account"),
        sa.ForeignKeyConstraint(
            ["organization_id", "center_id"],
            ["center.organization_id", "center.id"],
            name="fk_kiosk_organization_id_center_id_center",
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name="fk_kiosk_organization_id_organization"),
        sa.PrimaryKeyConstraint("organization_id", "id", name="pk_kiosk"),
    )
    op.create_index("ix_kiosk_organization_id_center_id", "kiosk", ["organization_id", "center_id"])
    op.create_index("ix_kiosk_token_digest", "kiosk", ["token_digest"], unique=True)
    op.create_table(
        "worker_pin",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slip_hash", sa.String(length=200), nullable=False),
        sa.Column("slip_issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slip_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slip_issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"],
            ["worker.organization_id", "worker.id"],
            name="fk_worker_pin_organization_id_worker_id_worker",
        ),
        sa.ForeignKeyConstraint(
            ["slip_issued_by_id"], ["user_account.id"], name="fk_worker_pin_slip_issued_by_id_user_account"
        ),
        sa.PrimaryKeyConstraint("organization_id", "worker_id", name="pk_worker_pin"),
    )
    op.add_column("sign_in", sa.Column("kiosk_id", sa.Uuid(), nullable=True))
    op.add_column("sign_in", sa.Column("confined_to_id", sa.Uuid(), nullable=True))
    op.add_column("user_account", sa.Column("kiosk_only_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sheet_version", sa.Column("kiosk_id", sa.Uuid(), nullable=True))
    _guard_anew(SQLITE_GUARD)


def downgrade() -> None:
    # The older version knows no shared tablets: there, such a sign-in would open everything its person may see.
    op.execute(sa.text("UPDATE sign_in SET ended_at = seen_at WHERE kiosk_id IS NOT NULL AND ended_at IS NULL"))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text(SQLITE_UNGUARD))
    op.drop_column("sheet_version", "kiosk_id")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text(SQLITE_GUARD_BEFORE))
    op.drop_column("user_account", "kiosk_only_since")
    op.drop_column("sign_in", "confined_to_id")
    op.drop_column("sign_in", "kiosk_id")
    op.drop_table("worker_pin")
    op.drop_index("ix_kiosk_token_digest", table_name="kiosk")
    op.drop_index("ix_kiosk_organization_id_center_id", table_name="kiosk")
    op.drop_table("kiosk")


def _guard_anew(statement: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text(SQLITE_UNGUARD))
        op.execute(sa.text(statement))
