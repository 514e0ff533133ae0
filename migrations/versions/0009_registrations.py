"""Registrations by invitation, and networks of organizations."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

SQLITE_GUARDS = (
    """CREATE TRIGGER guard_network_mandate_update BEFORE UPDATE ON network_mandate FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.membership_id IS NOT OLD.membership_id
  OR NEW.network_id IS NOT OLD.network_id
  OR NEW.enters_paper IS NOT OLD.enters_paper
  OR NEW.confirms_heads IS NOT OLD.confirms_heads
  OR NEW.from_on IS NOT OLD.from_on
  OR NEW.until_on IS NOT OLD.until_on
  OR NEW.given_at IS NOT OLD.given_at
  OR NEW.given_by_id IS NOT OLD.given_by_id
  OR NEW.given_by_name IS NOT OLD.given_by_name
BEGIN SELECT RAISE(ABORT, 'append-only: network_mandate'); END""",
    """CREATE TRIGGER guard_network_mandate_delete BEFORE DELETE ON network_mandate FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: network_mandate'); END""",
    """CREATE TRIGGER guard_network_mandate_insert BEFORE INSERT ON network_mandate FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM network_mandate AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id))
BEGIN SELECT RAISE(ABORT, 'append-only: network_mandate'); END""",
    """CREATE TRIGGER guard_network_mandate_end_update BEFORE UPDATE ON network_mandate_end FOR EACH ROW
WHEN NEW.rowid IS NOT OLD.rowid
  OR NEW.organization_id IS NOT OLD.organization_id
  OR NEW.id IS NOT OLD.id
  OR NEW.mandate_id IS NOT OLD.mandate_id
  OR NEW.ended_at IS NOT OLD.ended_at
  OR NEW.ended_by_id IS NOT OLD.ended_by_id
  OR NEW.ended_by_name IS NOT OLD.ended_by_name
BEGIN SELECT RAISE(ABORT, 'append-only: network_mandate_end'); END""",
    """CREATE TRIGGER guard_network_mandate_end_delete BEFORE DELETE ON network_mandate_end FOR EACH ROW
BEGIN SELECT RAISE(ABORT, 'append-only: network_mandate_end'); END""",
    """CREATE TRIGGER guard_network_mandate_end_insert BEFORE INSERT ON network_mandate_end FOR EACH ROW
WHEN EXISTS (SELECT 1 FROM network_mandate_end AS kept WHERE kept.rowid = NEW.rowid
  OR (kept.organization_id = NEW.organization_id AND kept.id = NEW.id)
  OR (kept.organization_id = NEW.organization_id AND kept.mandate_id = NEW.mandate_id))
BEGIN SELECT RAISE(ABORT, 'append-only: network_mandate_end'); END""",
)

SQLITE_UNGUARD = (
    "DROP TRIGGER guard_network_mandate_update",
    "DROP TRIGGER guard_network_mandate_delete",
    "DROP TRIGGER guard_network_mandate_insert",
    "DROP TRIGGER guard_network_mandate_end_update",
    "DROP TRIGGER guard_network_mandate_end_delete",
    "DROP TRIGGER guard_network_mandate_end_insert",
)

POSTGRESQL_GUARDS = (
    """CREATE FUNCTION guard_network_mandate() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: network_mandate' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_network_mandate_update BEFORE UPDATE ON network_mandate
FOR EACH ROW EXECUTE FUNCTION guard_network_mandate()""",
    """CREATE TRIGGER guard_network_mandate_delete BEFORE DELETE ON network_mandate
FOR EACH ROW EXECUTE FUNCTION guard_network_mandate()""",
    """CREATE TRIGGER guard_network_mandate_truncate BEFORE TRUNCATE ON network_mandate
FOR EACH STATEMENT EXECUTE FUNCTION guard_network_mandate()""",
    """ALTER TABLE network_mandate ENABLE ALWAYS TRIGGER guard_network_mandate_update""",
    """ALTER TABLE network_mandate ENABLE ALWAYS TRIGGER guard_network_mandate_delete""",
    """ALTER TABLE network_mandate ENABLE ALWAYS TRIGGER guard_network_mandate_truncate""",
    """CREATE FUNCTION guard_network_mandate_end() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE kept record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    kept := NEW;
    IF kept::text = OLD::text
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: network_mandate_end' USING ERRCODE = 'integrity_constraint_violation';
END
$guard$""",
    """CREATE TRIGGER guard_network_mandate_end_update BEFORE UPDATE ON network_mandate_end
FOR EACH ROW EXECUTE FUNCTION guard_network_mandate_end()""",
    """CREATE TRIGGER guard_network_mandate_end_delete BEFORE DELETE ON network_mandate_end
FOR EACH ROW EXECUTE FUNCTION guard_network_mandate_end()""",
    """CREATE TRIGGER guard_network_mandate_end_truncate BEFORE TRUNCATE ON network_mandate_end
FOR EACH STATEMENT EXECUTE FUNCTION guard_network_mandate_end()""",
    """ALTER TABLE network_mandate_end ENABLE ALWAYS TRIGGER guard_network_mandate_end_update""",
    """ALTER TABLE network_mandate_end ENABLE ALWAYS TRIGGER guard_network_mandate_end_delete""",
    """ALTER TABLE network_mandate_end ENABLE ALWAYS TRIGGER guard_network_mandate_end_truncate""",
)

POSTGRESQL_UNGUARD = (
    "DROP TRIGGER guard_network_mandate_update ON network_mandate",
    "DROP TRIGGER guard_network_mandate_delete ON network_mandate",
    "DROP TRIGGER guard_network_mandate_truncate ON network_mandate",
    "DROP FUNCTION guard_network_mandate()",
    "DROP TRIGGER guard_network_mandate_end_update ON network_mandate_end",
    "DROP TRIGGER guard_network_mandate_end_delete ON network_mandate_end",
    "DROP TRIGGER guard_network_mandate_end_truncate ON network_mandate_end",
    "DROP FUNCTION guard_network_mandate_end()",
)


def upgrade() -> None:
    op.create_table(
        "network",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["user_account.id"], name=op.f("fk_network_opened_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_network_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_network")),
    )
    op.create_table(
        "partner_invitation",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("group_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_name", sa.String(length=100), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("registered_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["user_account.id"], name=op.f("fk_partner_invitation_issued_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_partner_invitation_municipality_id_municipality")
        ),
        sa.ForeignKeyConstraint(
            ["registered_id"], ["organization.id"], name=op.f("fk_partner_invitation_registered_id_organization")
        ),
        sa.PrimaryKeyConstraint("municipality_id", "id", name=op.f("pk_partner_invitation")),
    )
    op.create_index(
        "ix_partner_invitation_municipality_id_issued_at",
        "partner_invitation",
        ["municipality_id", "issued_at"],
        unique=False,
    )
    op.create_index("ix_partner_invitation_token_digest", "partner_invitation", ["token_digest"], unique=True)
    op.create_table(
        "member_invitation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("group_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by_name", sa.String(length=100), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("registered_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["user_account.id"], name=op.f("fk_member_invitation_issued_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["network.organization_id"], name=op.f("fk_member_invitation_organization_id_network")
        ),
        sa.ForeignKeyConstraint(
            ["registered_id"], ["organization.id"], name=op.f("fk_member_invitation_registered_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_member_invitation")),
    )
    op.create_index(
        "ix_member_invitation_organization_id_issued_at",
        "member_invitation",
        ["organization_id", "issued_at"],
        unique=False,
    )
    op.create_index("ix_member_invitation_token_digest", "member_invitation", ["token_digest"], unique=True)
    op.create_table(
        "network_membership",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["user_account.id"], name=op.f("fk_network_membership_ended_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["joined_by_id"], ["user_account.id"], name=op.f("fk_network_membership_joined_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.organization_id"], name=op.f("fk_network_membership_network_id_network")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_network_membership_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_network_membership")),
    )
    op.create_index("ix_network_membership_network_id", "network_membership", ["network_id"], unique=False)
    op.create_table(
        "network_mandate",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("enters_paper", sa.Boolean(), nullable=False),
        sa.Column("confirms_heads", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by_id", sa.Uuid(), nullable=True),
        sa.Column("given_by_name", sa.String(length=100), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_network_mandate_until_after_from")),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.organization_id"], name=op.f("fk_network_mandate_network_id_network")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "membership_id"],
            ["network_membership.organization_id", "network_membership.id"],
            name=op.f("fk_network_mandate_organization_id_membership_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_network_mandate_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_network_mandate")),
    )
    op.create_index("ix_network_mandate_network_id", "network_mandate", ["network_id"], unique=False)
    op.create_index(
        "ix_network_mandate_organization_id_membership_id",
        "network_mandate",
        ["organization_id", "membership_id"],
        unique=False,
    )
    op.create_table(
        "network_mandate_end",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "mandate_id"],
            ["network_mandate.organization_id", "network_mandate.id"],
            name=op.f("fk_network_mandate_end_organization_id_mandate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_network_mandate_end_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_network_mandate_end")),
        sa.UniqueConstraint(
            "organization_id", "mandate_id", name=op.f("uq_network_mandate_end_organization_id_mandate_id")
        ),
    )
    op.add_column("organization", sa.Column("representative_kana", sa.String(length=100), nullable=True))
    op.add_column("organization", sa.Column("address", sa.String(length=200), nullable=True))
    op.add_column("organization", sa.Column("phone", sa.String(length=20), nullable=True))
    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    for statement in SQLITE_UNGUARD if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_UNGUARD:
        op.execute(sa.text(statement.replace(":", "\\:")))
    op.drop_column("organization", "phone")
    op.drop_column("organization", "address")
    op.drop_column("organization", "representative_kana")
    op.drop_table("network_mandate_end")
    op.drop_index("ix_network_mandate_organization_id_membership_id", table_name="network_mandate")
    op.drop_index("ix_network_mandate_network_id", table_name="network_mandate")
    op.drop_table("network_mandate")
    op.drop_index("ix_network_membership_network_id", table_name="network_membership")
    op.drop_table("network_membership")
    op.drop_index("ix_member_invitation_token_digest", table_name="member_invitation")
    op.drop_index("ix_member_invitation_organization_id_issued_at", table_name="member_invitation")
    op.drop_table("member_invitation")
    op.drop_index("ix_partner_invitation_token_digest", table_name="partner_invitation")
    op.drop_index("ix_partner_invitation_municipality_id_issued_at", table_name="partner_invitation")
    op.drop_table("partner_invitation")
    op.drop_table("network")
