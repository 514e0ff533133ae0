"""What is kept about registrations: who was invited by whom, and what an invited group has typed so far."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.organizations.models import EngagementBasis


class Invited:
    """What both kinds of invitations hold: for whom, until when, and what became of it.

    The link and the short code are the same secret, of which only the digest is kept.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_digest: Mapped[str] = mapped_column(String(64))
    #: The group's name as the inviting side knows it; it registers under the name it gives itself.
    group_name: Mapped[str] = mapped_column(String(200))
    #: Where the invitation was mailed to; None for one on paper.
    email: Mapped[str | None] = mapped_column(String(254))
    issued_at: Mapped[datetime]
    issued_by_name: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime]
    #: When the invited group kept its first page.
    begun_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    #: What was typed so far, without passwords; gone once it is used, revoked or too old.
    draft: Mapped[dict[str, Any] | None]
    issued_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: The organization that came of it.
    registered_id: Mapped[UUID | None] = mapped_column(ForeignKey("organization.id"))


class PartnerInvitation(Invited, Base):
    """A municipality invites a group to register; the invitation may carry the engagement that begins with it."""

    __tablename__ = "partner_invitation"
    __table_args__ = (
        Index("ix_partner_invitation_token_digest", "token_digest", unique=True),
        Index("ix_partner_invitation_municipality_id_issued_at", "municipality_id", "issued_at"),
    )
    tenant_column = "municipality_id"

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
    #: The engagement, when there is one; all four or none.
    basis: Mapped[EngagementBasis | None] = mapped_column(words(EngagementBasis))
    title: Mapped[str | None] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]


class MemberInvitation(Invited, Base):
    """A network invites a group to register as its member."""

    __tablename__ = "member_invitation"
    __table_args__ = (
        Index("ix_member_invitation_token_digest", "token_digest", unique=True),
        Index("ix_member_invitation_organization_id_issued_at", "organization_id", "issued_at"),
    )
    tenant_column = "organization_id"

    #: The network.
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("network.organization_id"), primary_key=True)


Invitation = PartnerInvitation | MemberInvitation
