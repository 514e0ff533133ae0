"""Who there is: municipalities, partner organizations, their centers and workers, and who is engaged with whom."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words


class LegalForm(StrEnum):
    """The legal form (法人格) of a partner organization."""

    NPO = "npo"
    SOCIAL_WELFARE_CORPORATION = "social_welfare_corporation"
    SOCIAL_WELFARE_COUNCIL = "social_welfare_council"
    GENERAL_ASSOCIATION = "general_association"
    GENERAL_FOUNDATION = "general_foundation"
    PUBLIC_INTEREST_CORPORATION = "public_interest_corporation"
    SCHOOL_CORPORATION = "school_corporation"
    COMPANY = "company"
    UNINCORPORATED_GROUP = "unincorporated_group"

    @property
    def label(self) -> str:
        """The legal form's name on screens."""
        return {
            LegalForm.NPO: "NPO法人",
            LegalForm.SOCIAL_WELFARE_CORPORATION: "社会福祉法人",
            LegalForm.SOCIAL_WELFARE_COUNCIL: "社会福祉協議会",
            LegalForm.GENERAL_ASSOCIATION: "一般社団法人",
            LegalForm.GENERAL_FOUNDATION: "一般財団法人",
            LegalForm.PUBLIC_INTEREST_CORPORATION: "公益法人",
            LegalForm.SCHOOL_CORPORATION: "学校法人",
            LegalForm.COMPANY: "株式会社等",
            LegalForm.UNINCORPORATED_GROUP: "任意団体",
        }[self]


class WorkerKind(StrEnum):
    """How a worker is engaged; employment is not required (DOMAIN E07: anyone under the organization's command)."""

    OFFICER = "officer"
    REGULAR = "regular"
    PART_TIME = "part_time"
    DISPATCHED = "dispatched"
    VOLUNTEER = "volunteer"
    TRAINEE = "trainee"
    SUBCONTRACTOR = "subcontractor"

    @property
    def label(self) -> str:
        """The kind's name on screens."""
        return {
            WorkerKind.OFFICER: "役員",
            WorkerKind.REGULAR: "常勤職員",
            WorkerKind.PART_TIME: "非常勤職員",
            WorkerKind.DISPATCHED: "派遣職員",
            WorkerKind.VOLUNTEER: "ボランティア",
            WorkerKind.TRAINEE: "実習生",
            WorkerKind.SUBCONTRACTOR: "再委託先の従事者",
        }[self]


class EngagementBasis(StrEnum):
    """On what basis a municipality works with an organization."""

    OUTSOURCING = "outsourcing"
    DESIGNATED_MANAGER = "designated_manager"
    SUBCONTRACT = "subcontract"
    SUBSIDY = "subsidy"
    AGREEMENT = "agreement"
    COUNCIL_MEMBER = "council_member"
    STATUTORY_SECRECY = "statutory_secrecy"
    CONSENT_ONLY = "consent_only"
    OTHER = "other"
    #: Nobody has said it yet; offered nowhere, asked for wherever it stands.
    UNRECORDED = "unrecorded"

    @property
    def label(self) -> str:
        """The basis's name on screens."""
        return {
            EngagementBasis.OUTSOURCING: "委託",
            EngagementBasis.DESIGNATED_MANAGER: "指定管理",
            EngagementBasis.SUBCONTRACT: "再委託",
            EngagementBasis.SUBSIDY: "補助",
            EngagementBasis.AGREEMENT: "協定",
            EngagementBasis.COUNCIL_MEMBER: "要対協構成員",
            EngagementBasis.STATUTORY_SECRECY: "個別の法律による守秘義務",
            EngagementBasis.CONSENT_ONLY: "本人同意のみ",
            EngagementBasis.OTHER: "その他",
            EngagementBasis.UNRECORDED: "未記録",
        }[self]


class Municipality(Base):
    """A municipality (市町村); `code` is its 全国地方公共団体コード, six digits with the check digit."""

    __tablename__ = "municipality"
    tenant_column = "id"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]


class Organization(Base):
    """A partner organization (民間団体), and by when its sheets are due."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("submission_business_day BETWEEN 1 AND 5", name="submission_day"),
        CheckConstraint("sign_off_business_day BETWEEN submission_business_day AND 10", name="sign_off_day"),
    )
    tenant_column = "id"
    seen_by_partners = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(200))
    legal_form: Mapped[LegalForm] = mapped_column(words(LegalForm))
    #: 法人番号, 13 digits, check digit verified; an unincorporated group has none.
    corporate_number: Mapped[str | None] = mapped_column(String(13))
    representative_name: Mapped[str] = mapped_column(String(100), default="")
    representative_kana: Mapped[str | None] = mapped_column(String(100))
    #: Of the office; optional.
    address: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))
    #: Sheets for month M are due on this business day of M+1; never later than the 5th.
    submission_business_day: Mapped[int] = mapped_column(default=5)
    #: Sign-off is due on this business day of M+1; never later than the 10th.
    sign_off_business_day: Mapped[int] = mapped_column(default=10)
    #: The first month for which sheets are asked.
    first_month: Mapped[str] = mapped_column(String(7))
    created_at: Mapped[datetime]


class Center(Base):
    """A place of work (拠点) with a head of its own."""

    __tablename__ = "center"
    tenant_column = "organization_id"
    seen_by_partners = True
    reached_by_networks = True

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(100))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class Worker(Base):
    """A row of the roster (従事者名簿); names are kept exactly as typed, `search_key` serves finding and sorting."""

    __tablename__ = "worker"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="left_after_joined"),
        Index("ix_worker_organization_id_center_id", "organization_id", "center_id"),
        Index("ix_worker_organization_id_joined_on", "organization_id", "joined_on", "left_on", "files_sheets"),
        Index("uq_worker_organization_id_user_id", "organization_id", "user_id", unique=True),
        Index("uq_worker_organization_id_staff_number", "organization_id", "staff_number", unique=True),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    center_id: Mapped[UUID]
    #: The account, for those who have one. Volunteers without e-mail have none.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    name_kana: Mapped[str] = mapped_column(String(100), default="")
    search_key: Mapped[str] = mapped_column(String(400), default="")
    #: 職員番号, where the organization has them; text, since it may begin with 0.
    staff_number: Mapped[str | None] = mapped_column(String(30))
    kind: Mapped[WorkerKind] = mapped_column(words(WorkerKind))
    #: 個人情報取扱者: may touch personal data.
    is_handler: Mapped[bool] = mapped_column(default=True)
    #: Obliged to file the monthly sheet; by default the handlers are (DOMAIN §2, oddity 13).
    files_sheets: Mapped[bool] = mapped_column(default=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    registered_at: Mapped[datetime]


class Engagement(Base):
    """A municipality works with an organization from one day to another; both days count.

    The row holds what is in force. Who proposed it in which words, and every later change, are versions in the
    engagements room. It opens nothing before the organization has accepted it.
    """

    __tablename__ = "engagement"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        Index("ix_engagement_municipality_id", "municipality_id", "starts_on", "ends_on"),
    )
    tenant_column = "organization_id"
    counterpart_column = "municipality_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey("municipality.id"))
    basis: Mapped[EngagementBasis] = mapped_column(words(EngagementBasis))
    title: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    #: The first day on which the engagement no longer holds, when it was ended early.
    cancelled_on: Mapped[date | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_name: Mapped[str | None] = mapped_column(String(100))
    cancel_reason: Mapped[str | None] = mapped_column(String(1000))
    #: When and by whom the municipality's proposal was written; None for one that was registered as agreed.
    proposed_at: Mapped[datetime | None]
    proposed_by_name: Mapped[str | None] = mapped_column(String(100))
    #: When the organization accepted; nothing holds and nobody sees anything before.
    accepted_at: Mapped[datetime | None]
    accepted_by_name: Mapped[str | None] = mapped_column(String(100))
    #: When the proposal came to nothing: declined by the organization, or withdrawn by the municipality.
    declined_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    #: The number of the version in force; None for one registered as agreed and never changed.
    terms_number: Mapped[int | None]
