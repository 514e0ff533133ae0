"""Indexes with which the ledger is read by permission, and by the day on which things came back."""

from alembic import op

revision = "0013"
down_revision = "0012"

_INDEXES = {
    "ix_ledger_line_organization_id_permission": ["organization_id", "permission", "began_on"],
    "ix_ledger_line_organization_id_worker_id_returned_on": ["organization_id", "worker_id", "returned_on"],
    "ix_ledger_line_organization_id_center_id_returned_on": ["organization_id", "center_id", "returned_on"],
}


def upgrade() -> None:
    for name, columns in _INDEXES.items():
        op.create_index(name, "ledger_line", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, table_name="ledger_line")
