"""Second factors, passkeys, and when a sign-in was proved last."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "authenticator",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(length=255), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("pending_secret", sa.String(length=255), nullable=True),
        sa.Column("pending_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_authenticator_user_id_user_account"),
        sa.PrimaryKeyConstraint("user_id", name="pk_authenticator"),
    )
    op.create_table(
        "halfway_sign_in",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_halfway_sign_in_user_id_user_account"),
        sa.PrimaryKeyConstraint("token_digest", name="pk_halfway_sign_in"),
    )
    op.create_index("ix_halfway_sign_in_user_id", "halfway_sign_in", ["user_id"])
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_passkey_user_id_user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])
    op.create_table(
        "passkey_challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("ceremony", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_passkey_challenge_user_id_user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey_challenge"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_recovery_code_user_id_user_account"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
        sa.UniqueConstraint("user_id", "code_digest", name="uq_recovery_code_user_id_code_digest"),
    )
    op.add_column("sign_in", sa.Column("device", sa.String(length=60), nullable=True))
    op.add_column("sign_in", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    _widen_strength(16, 32)
    op.add_column("user_account", sa.Column("password_needs_factor", sa.Boolean(), nullable=True))


def downgrade() -> None:
    # The older version would take a short password alone: it is set anew by a one-time link instead.
    op.execute("UPDATE user_account SET password_hash = '' WHERE password_needs_factor")
    op.drop_column("user_account", "password_needs_factor")
    # The older version knows shorter words only, and no second factors.
    op.execute("UPDATE sign_in SET strength = 'password' WHERE length(strength) > 16")
    _widen_strength(32, 16)
    op.drop_column("sign_in", "proved_at")
    op.drop_column("sign_in", "device")
    op.drop_table("recovery_code")
    op.drop_table("passkey_challenge")
    op.drop_index("ix_passkey_user_id", table_name="passkey")
    op.drop_table("passkey")
    op.drop_index("ix_halfway_sign_in_user_id", table_name="halfway_sign_in")
    op.drop_table("halfway_sign_in")
    op.drop_table("authenticator")


def _widen_strength(before: int, after: int) -> None:
    with op.batch_alter_table("sign_in") as table:
        table.alter_column(
            "strength", existing_type=sa.String(length=before), type_=sa.String(length=after), existing_nullable=False
        )
