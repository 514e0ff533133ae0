"""What is kept about the roster: posts, projects, every version of every row, confirmations and submissions."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.access import Role
from partner_compliance.database import Base, words
from partner_compliance.organizations.models import WorkerKind


class Post(StrEnum):
    """A post (役職) that someone on the roster holds; rules name each with a deputy (DOMAIN B03; §3)."""

    REPRESENTATIVE = "representative"
    PRIVACY_OFFICER = "privacy_officer"
    PRIVACY_OFFICER_DEPUTY = "privacy_officer_deputy"
    SECURITY_MANAGER = "security_manager"
    SECURITY_MANAGER_DEPUTY = "security_manager_deputy"
    CENTER_HEAD = "center_head"
    VOLUNTEER_COORDINATOR = "volunteer_coordinator"

    @property
    def label(self) -> str:
        """The post's name on screens."""
        return {
            Post.REPRESENTATIVE: "代表者",
            Post.PRIVACY_OFFICER: "個人情報責任者",
            Post.PRIVACY_OFFICER_DEPUTY: "個人情報責任者の代理",
            Post.SECURITY_MANAGER: "情報セキュリティ管理者",
            Post.SECURITY_MANAGER_DEPUTY: "情報セキュリティ管理者の代理",
            Post.CENTER_HEAD: "センター長",
            Post.VOLUNTEER_COORDINATOR: "ボランティアコーディネーター",
        }[self]

    @property
    def role(self) -> Role | None:
        """The role that comes with the post for someone who has an account; None where the post opens no page."""
        return {
            Post.REPRESENTATIVE: Role.REPRESENTATIVE,
            Post.PRIVACY_OFFICER: Role.PROTECTION_OFFICER,
            Post.PRIVACY_OFFICER_DEPUTY: Role.PROTECTION_OFFICER,
            Post.CENTER_HEAD: Role.CENTER_HEAD,
        }.get(self)

    @property
    def principal(self) -> "Post | None":
        """The post for which this one is the deputy's."""
        return {
            Post.PRIVACY_OFFICER_DEPUTY: Post.PRIVACY_OFFICER,
            Post.SECURITY_MANAGER_DEPUTY: Post.SECURITY_MANAGER,
        }.get(self)


class PostHolding(Base):
    """Someone holds a post from one day to another; both days count. A head's names the center."""

    __tablename__ = "post_holding"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_after_from"),
        Index("ix_post_holding_organization_id_post", "organization_id", "post"),
        Index("ix_post_holding_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    post: Mapped[Post] = mapped_column(words(Post))
    center_id: Mapped[UUID | None]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    #: When the last day was written down; None while there is none, and for what is older than this column.
    ended_at: Mapped[datetime | None]


class Project(Base):
    """A project (事業) of an organization, to which workers are assigned."""

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    #: The last day on which the project ran; None while it runs.
    closed_on: Mapped[date | None]


class WorkerProject(Base):
    """Someone works on a project from one day to another; both days count."""

    __tablename__ = "worker_project"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "project_id"], ["project.organization_id", "project.id"]),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_after_from"),
        Index("ix_worker_project_organization_id_worker_id", "organization_id", "worker_id"),
        Index("ix_worker_project_organization_id_project_id", "organization_id", "project_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    project_id: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class WorkerCenter(Base):
    """A further center at which someone works, beside the one on the roster's row; both days count."""

    __tablename__ = "worker_center"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="until_after_from"),
        Index("ix_worker_center_organization_id_worker_id", "organization_id", "worker_id"),
        Index("ix_worker_center_organization_id_center_id", "organization_id", "center_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    center_id: Mapped[UUID]
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class ChangeSource(StrEnum):
    """By which way a change came onto the roster."""

    FORM = "form"
    IMPORT = "import"
    JOINING = "joining"
    LEAVING = "leaving"
    MOVE = "move"
    SETUP = "setup"

    @property
    def label(self) -> str:
        """The way's name on screens."""
        return {
            ChangeSource.FORM: "画面での登録・変更",
            ChangeSource.IMPORT: "ファイルの取り込み",
            ChangeSource.JOINING: "加入の手続き",
            ChangeSource.LEAVING: "退職・活動終了の手続き",
            ChangeSource.MOVE: "異動の手続き",
            ChangeSource.SETUP: "利用開始時の登録",
        }[self]


#: What the parts of a row are called on screens.
FIELD_LABELS = {
    "name": "氏名",
    "name_kana": "フリガナ",
    "staff_number": "職員番号",
    "kind": "区分",
    "center_id": "主な拠点",
    "other_centers": "そのほかの拠点",
    "projects": "事業",
    "is_handler": "個人情報の取扱い",
    "files_sheets": "毎月のシート",
    "joined_on": "活動を始めた日",
    "left_on": "活動を終えた日",
}


class WorkerVersion(Base):
    """A row of the roster as it stood from `recorded_at` until the next version. Append-only; names can be erased."""

    __tablename__ = "worker_version"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        UniqueConstraint("organization_id", "worker_id", "number"),
        Index("ix_worker_version_organization_id_recorded_at", "organization_id", "recorded_at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    number: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]
    recorded_by_name: Mapped[str] = mapped_column(String(100))
    source: Mapped[ChangeSource] = mapped_column(words(ChangeSource))
    name: Mapped[str | None] = mapped_column(String(100))
    name_kana: Mapped[str | None] = mapped_column(String(100))
    staff_number: Mapped[str | None] = mapped_column(String(30))
    kind: Mapped[WorkerKind] = mapped_column(words(WorkerKind))
    center_id: Mapped[UUID]
    is_handler: Mapped[bool]
    files_sheets: Mapped[bool]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    #: Ids (as text, sorted) of further centers and of projects.
    other_centers: Mapped[list[str]] = mapped_column(JSON)
    projects: Mapped[list[str]] = mapped_column(JSON)


class RosterConfirmation(Base):
    """The protection officer has looked through the roster and found it right. Append-only; asked for every 90 days."""

    __tablename__ = "roster_confirmation"
    __table_args__ = (Index("ix_roster_confirmation_organization_id_at", "organization_id", "at"),)
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    #: The day in Japan.
    confirmed_on: Mapped[date]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(100))
    #: How many active workers and handlers stood on the roster that was confirmed, and how many rows were incomplete.
    workers: Mapped[int]
    handlers: Mapped[int]
    incomplete: Mapped[int]


class SubmissionScope(StrEnum):
    """Who stands on a roster that is handed to a municipality."""

    HANDLERS = "handlers"
    EVERYONE = "everyone"
    PROJECT = "project"

    @property
    def label(self) -> str:
        """The choice's name on screens and on paper."""
        return {
            SubmissionScope.HANDLERS: "個人情報取扱者と役職についている方",
            SubmissionScope.EVERYONE: "名簿の全員",
            SubmissionScope.PROJECT: "1つの事業に携わる方",
        }[self]


class RosterSubmission(Base):
    """The roster as it was handed to a municipality. Append-only; its rows and its heading can be erased."""

    __tablename__ = "roster_submission"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "engagement_id"], ["engagement.organization_id", "engagement.id"]),
        UniqueConstraint("organization_id", "engagement_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    engagement_id: Mapped[UUID]
    #: Counts the submissions under one engagement, from 1.
    number: Mapped[int]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None]
    made_by_name: Mapped[str] = mapped_column(String(100))
    #: What each line said: {worker id: {label: text}}, in the order of the roster.
    rows: Mapped[dict[str, Any] | None]
    #: What stood above the lines: municipality, engagement, organization, representative, whom the list is about
    #: (`scope`, `scope_label`, `project`), and `posts` as [{post, label, name, center, since}].
    heading: Mapped[dict[str, Any] | None]
