"""Engagements in full: bases, clauses, places of work and storage."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
