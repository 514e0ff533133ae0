"""What is kept about rules: drafts that change, versions that do not, who knows which, and answers to sources."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words
from partner_compliance.rulebooks.words import Answer, DecidedBy, EventKind, Way


def _of_organization() -> Mapped[UUID]:
    return mapped_column(ForeignKey("organization.id"), primary_key=True)


def _of_rulebook() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "rulebook_id"], ["rulebook.organization_id", "rulebook.id"])


def _of_version() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organization_id", "version_id"], ["rule_version.organization_id", "rule_version.id"])


class Rulebook(Base):
    """One rule of an organization, whatever its versions say; `code` is its permanent address when it is public."""

    __tablename__ = "rulebook"
    __table_args__ = (UniqueConstraint("organization_id", "key"), Index("ix_rulebook_code", "code", unique=True))
    tenant_column = "organization_id"
    seen_by_partners = True

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    #: As on the shelf: privacy-rule, security-rule, incident-procedure.
    key: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(32))
    begun_at: Mapped[datetime]


class RuleDraft(Base):
    """A text that is being worked on; it ends with its adoption, or is thrown away. One is open at a time."""

    __tablename__ = "rule_draft"
    __table_args__ = (
        _of_rulebook(),
        Index("ix_rule_draft_organization_id_rulebook_id", "organization_id", "rulebook_id", "ended_at"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rulebook_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(String(100))
    #: What the wizard was told: {question: answer}.
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    begun_at: Mapped[datetime]
    begun_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    begun_by_name: Mapped[str] = mapped_column(String(100))
    #: Counts every change of the text; a review holds for one of them.
    revision: Mapped[int] = mapped_column(default=1)
    reviewed_revision: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_name: Mapped[str] = mapped_column(String(100), default="")
    ended_at: Mapped[datetime | None]


class DraftArticle(Base):
    """An article of a draft, as it reads now; `revision` says how often it was changed, for two editors at once."""

    __tablename__ = "draft_article"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "draft_id"], ["rule_draft.organization_id", "rule_draft.id"]),
        UniqueConstraint("organization_id", "draft_id", "key"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draft_id: Mapped[UUID]
    #: Where it stands: its number as one to sort by.
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(10))
    chapter: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    #: What it means for everyone, in a line for the one-page summary; may be empty.
    staff: Mapped[str] = mapped_column(String(300))
    why: Mapped[str] = mapped_column(String(300))
    who: Mapped[str] = mapped_column(String(300))
    is_mandatory: Mapped[bool]
    serves: Mapped[list[str]] = mapped_column(JSON)
    laws: Mapped[list[str]] = mapped_column(JSON)
    #: `lineage.Source` as JSON: where the article comes from, and the source's text of then.
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_left_out: Mapped[bool] = mapped_column(default=False)
    left_out_reason: Mapped[str] = mapped_column(String(300), default="")
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    changed_by_name: Mapped[str] = mapped_column(String(100))


class ArticleComment(Base):
    """What somebody says about an article of a draft; a mentor's organization is named. Append-only, erasable."""

    __tablename__ = "article_comment"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "draft_id"], ["rule_draft.organization_id", "rule_draft.id"]),
        Index("ix_article_comment_organization_id_draft_id", "organization_id", "draft_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draft_id: Mapped[UUID]
    article_key: Mapped[str] = mapped_column(String(60))
    text: Mapped[str | None] = mapped_column(String(1000))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
    #: The mentor's organization; empty for somebody of the own house.
    of_organization: Mapped[str] = mapped_column(String(200))


class RuleVersion(Base):
    """A rule as it was decided, word for word. Append-only; a later version in force supersedes it."""

    __tablename__ = "rule_version"
    __table_args__ = (
        _of_rulebook(),
        UniqueConstraint("organization_id", "rulebook_id", "number"),
        CheckConstraint("in_force_from >= decided_on", name="in_force_after_decision"),
        CheckConstraint("is_material OR acknowledge_by IS NULL", name="grace_of_material"),
        # Holds all that counting asks, so that a country is counted without reading the texts.
        Index(
            "ix_rule_version_in_force",
            "organization_id",
            "key",
            "in_force_from",
            "recorded_on",
            "number",
            "is_material",
            "acknowledge_by",
            "is_complete",
            "review_due_on",
            "id",
        ),
    )
    tenant_column = "organization_id"
    seen_by_partners = True

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rulebook_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(100))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The articles, each as `texts.Article` in JSON.
    articles: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    #: SHA-256 of title and articles: two versions with the same digest say the same.
    digest: Mapped[str] = mapped_column(String(64))
    #: Whether every article stood in it that no rule may lack.
    is_complete: Mapped[bool]
    decided_by: Mapped[DecidedBy] = mapped_column(words(DecidedBy))
    decided_on: Mapped[date]
    in_force_from: Mapped[date]
    #: A year after the decision: by then the rule is reviewed.
    review_due_on: Mapped[date]
    #: Whether those who knew the version before have to acknowledge this one; the first always asks.
    is_material: Mapped[bool]
    #: Until then, having acknowledged the version before is enough; only for material changes.
    acknowledge_by: Mapped[date | None]
    change: Mapped[str] = mapped_column(String(500))
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


class RuleEvent(Base):
    """A version was published, taken from the public, or reviewed and found in order. Append-only."""

    __tablename__ = "rule_event"
    __table_args__ = (
        _of_rulebook(),
        _of_version(),
        Index("ix_rule_event_organization_id_rulebook_id", "organization_id", "rulebook_id"),
    )
    tenant_column = "organization_id"
    seen_by_partners = True

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rulebook_id: Mapped[UUID]
    version_id: Mapped[UUID]
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    #: The day of the decision, or of the publication (Japan).
    happened_on: Mapped[date]
    #: A year after a review; None for what is no review.
    review_due_on: Mapped[date | None]
    decided_by: Mapped[DecidedBy | None] = mapped_column(words(DecidedBy))
    note: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    recorded_on: Mapped[date]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))


class Acknowledgement(Base):
    """Somebody has read a version and answered its questions. Append-only, the name can be erased."""

    __tablename__ = "acknowledgement"
    __table_args__ = (
        _of_rulebook(),
        _of_version(),
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "center_id"], ["center.organization_id", "center.id"]),
        UniqueConstraint("organization_id", "version_id", "worker_id"),
        Index(
            "ix_acknowledgement_coverage",
            "organization_id",
            "worker_id",
            "key",
            "version_number",
            "acknowledged_on",
            "recorded_on",
        ),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rulebook_id: Mapped[UUID]
    version_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(60))
    version_number: Mapped[int]
    worker_id: Mapped[UUID]
    #: The center at which the person worked then.
    center_id: Mapped[UUID]
    acknowledged_on: Mapped[date]
    way: Mapped[Way] = mapped_column(words(Way))
    #: As on the roster on that day; NULL once erased.
    name: Mapped[str | None] = mapped_column(String(100))
    #: How many questions were asked, and how many were right at the first try.
    asked: Mapped[int]
    right_at_first: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))
    kiosk_id: Mapped[UUID | None]


class ProposalReply(Base):
    """What was done with a change at the source of an article. Append-only."""

    __tablename__ = "proposal_reply"
    __table_args__ = (
        _of_rulebook(),
        UniqueConstraint("organization_id", "rulebook_id", "article_key", "digest"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = _of_organization()
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    rulebook_id: Mapped[UUID]
    article_key: Mapped[str] = mapped_column(String(60))
    #: SHA-256 of what the source says now.
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(300))
    answer: Mapped[Answer] = mapped_column(words(Answer))
    reason: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(String(100))
