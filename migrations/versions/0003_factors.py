"""Second factors, passkeys, and when a sign-in was proved last."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
