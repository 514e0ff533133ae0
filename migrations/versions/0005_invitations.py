"""Invitations, mailed and printed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _shared() -> list[sa.Column]:
    return [
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("mail_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _of_accounts(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], ["user_account.id"], name=op.f(f"fk_{table}_{column}_user_account"))
        for column in ("made_by_id", "accepted_by_id")
    ]


def upgrade() -> None:
    op.create_table(
        "municipality_invitation",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        *_shared(),
        *_of_accounts("municipality_invitation"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"],
            name=op.f("fk_municipality_invitation_municipality_id_municipality"),
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_municipality_invitation")),
    )  # fmt: skip
    op.create_table(
        "worker_invitation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("as_officer", sa.Boolean(), nullable=False),
        sa.Column("as_representative", sa.Boolean(), nullable=False),
        sa.Column("head_of_id", sa.Uuid(), nullable=True),
        sa.Column("with_posts", sa.Boolean(), nullable=False),
        *_shared(),
        *_of_accounts("worker_invitation"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_worker_invitation_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "worker_id"], ["worker.organization_id", "worker.id"],
            name=op.f("fk_worker_invitation_organization_id_worker_id_worker"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "head_of_id"], ["center.organization_id", "center.id"],
            name=op.f("fk_worker_invitation_organization_id_head_of_id_center"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_worker_invitation")),
    )  # fmt: skip
    op.create_index(
        "ix_worker_invitation_organization_id_worker_id", "worker_invitation", ["organization_id", "worker_id"]
    )
    for table in ("municipality_invitation", "worker_invitation"):
        for column in ("code_digest", "secret_digest"):
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=True)


def downgrade() -> None:
    op.drop_table("worker_invitation")
    op.drop_table("municipality_invitation")
