"""What is kept about joining and leaving: steps on joining, things lent, and how each leaving was closed."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from partner_compliance.database import Base, words


class JoiningStep(StrEnum):
    """What is done with everyone before they touch personal data (DOMAIN E03, E05, E06, E08, E27)."""

    BRIEFING = "briefing"
    PLEDGE = "pledge"
    COURSE = "course"

    @property
    def label(self) -> str:
        """The step's name on screens."""
        return {
            JoiningStep.BRIEFING: "きまりの説明",
            JoiningStep.PLEDGE: "誓約",
            JoiningStep.COURSE: "加入時の研修",
        }[self]

    @property
    def explanation(self) -> str:
        """What the step consists of, in a sentence."""
        return {
            JoiningStep.BRIEFING: "個人情報の取り扱いのきまりを、責任者かセンター長が説明します。",
            JoiningStep.PLEDGE: "説明を受けたうえで、本人が秘密を守ることを誓約し、署名します。",
            JoiningStep.COURSE: "個人情報の取り扱いについての研修を受けます。",
        }[self]


class Manner(StrEnum):
    """In which way a step was done."""

    ALONE = "alone"
    GROUP = "group"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens."""
        return {
            Manner.ALONE: "対面・個別に",
            Manner.GROUP: "集合（説明会・研修会など）で",
            Manner.PAPER: "書面・郵送で",
        }[self]


class JoiningRecord(Base):
    """A step of someone's joining, done on a day. Append-only: a correction names the record it replaces and says why;
    a withdrawn one says that the record before it was a mistake. Words can be erased."""

    __tablename__ = "joining_record"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(
            ["organization_id", "replaces_id"], ["joining_record.organization_id", "joining_record.id"]
        ),
        UniqueConstraint("organization_id", "replaces_id"),
        Index("ix_joining_record_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    step: Mapped[JoiningStep] = mapped_column(words(JoiningStep))
    done_on: Mapped[date]
    manner: Mapped[Manner] = mapped_column(words(Manner))
    #: What was explained, pledged or taught; empty when nothing was said, NULL once erased.
    subject: Mapped[str | None] = mapped_column(String(200))
    #: Who explained or taught; NULL once erased.
    by_whom: Mapped[str | None] = mapped_column(String(100))
    replaces_id: Mapped[UUID | None]
    is_withdrawal: Mapped[bool] = mapped_column(default=False)
    #: Why the record before was corrected or withdrawn; NULL once erased.
    reason: Mapped[str | None] = mapped_column(String(500))
    recorded_at: Mapped[datetime]
    #: The day in Japan.
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


# --- things in hands --------------------------------------------------------------------------------------------


class ThingKind(StrEnum):
    """What someone can have in hand of what belongs to the organization (DOMAIN G02; ladder 3f)."""

    KEY = "key"
    BADGE = "badge"
    COMPUTER = "computer"
    PHONE = "phone"
    MEDIUM = "medium"
    DOCUMENT = "document"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind's name on screens."""
        return {
            ThingKind.KEY: "鍵",
            ThingKind.BADGE: "入館証・名札",
            ThingKind.COMPUTER: "パソコン",
            ThingKind.PHONE: "スマートフォン・タブレット",
            ThingKind.MEDIUM: "USBメモリーなどの媒体",
            ThingKind.DOCUMENT: "書類（持ち出し中）",
            ThingKind.OTHER: "その他",
        }[self]

    @property
    def may_hold_data(self) -> bool:
        """Whether it can hold personal data, so that wiping or shredding it is an end too."""
        return self in (ThingKind.COMPUTER, ThingKind.PHONE, ThingKind.MEDIUM, ThingKind.DOCUMENT)


class LentItem(Base):
    """A thing was lent to, or taken out by, someone. Append-only; what becomes of it are its events."""

    __tablename__ = "lent_item"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        CheckConstraint("count >= 1", name="count"),
        Index("ix_lent_item_organization_id_worker_id", "organization_id", "worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    kind: Mapped[ThingKind] = mapped_column(words(ThingKind))
    #: Name or number, never what the document says of anybody; NULL once erased.
    label: Mapped[str | None] = mapped_column(String(100))
    count: Mapped[int]
    handed_on: Mapped[date]
    #: By when it is to be back; None for what is kept as long as the person works there.
    due_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


class Fate(StrEnum):
    """What became of a thing that someone had in hand."""

    RETURNED = "returned"
    DAMAGED = "damaged"
    ERASED = "erased"
    LOST = "lost"
    MISTAKE = "mistake"

    @property
    def label(self) -> str:
        """The fate's name on screens."""
        return {
            Fate.RETURNED: "返却された（異常なし）",
            Fate.DAMAGED: "返却された（こわれ・不足あり）",
            Fate.ERASED: "消去・廃棄を確認した",
            Fate.LOST: "紛失した",
            Fate.MISTAKE: "登録の誤り（貸していない）",
        }[self]


class LentEvent(Base):
    """Something became of a lent thing; the last event counts. Append-only, the note can be erased."""

    __tablename__ = "lent_event"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "item_id"], ["lent_item.organization_id", "lent_item.id"]),
        UniqueConstraint("organization_id", "item_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    item_id: Mapped[UUID]
    #: Counts the events of one thing, from 1.
    number: Mapped[int]
    fate: Mapped[Fate] = mapped_column(words(Fate))
    #: The day on which it came back, was wiped, or was missed first.
    happened_on: Mapped[date]
    #: NULL once erased.
    note: Mapped[str | None] = mapped_column(String(500))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


# --- leaving ----------------------------------------------------------------------------------------------------


class LeavingReason(StrEnum):
    """Why someone leaves."""

    RESIGNED = "resigned"
    ENDED = "ended"
    TERM_OVER = "term_over"
    ELSEWHERE = "elsewhere"
    DIED = "died"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason's name on screens."""
        return {
            LeavingReason.RESIGNED: "退職",
            LeavingReason.ENDED: "ボランティアなどの活動の終了",
            LeavingReason.TERM_OVER: "任期・契約の満了",
            LeavingReason.ELSEWHERE: "ほかの団体への移動",
            LeavingReason.DIED: "死亡",
            LeavingReason.OTHER: "その他",
        }[self]


class Leaving(Base):
    """Someone leaves after a last day. Append-only: the row with the highest number counts; one that is cancelled says
    that the person stays. Words can be erased."""

    __tablename__ = "leaving"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        UniqueConstraint("organization_id", "worker_id", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    #: Counts the rows of one person, from 1.
    number: Mapped[int]
    #: The number of the first row of this leaving: later rows change its last day, and its checks go on.
    begun: Mapped[int]
    is_cancelled: Mapped[bool] = mapped_column(default=False)
    last_on: Mapped[date]
    #: One business day after the last day: by then access, keys and devices are closed (ladder 3f).
    close_by_on: Mapped[date]
    reason: Mapped[LeavingReason] = mapped_column(words(LeavingReason))
    #: NULL once erased.
    note: Mapped[str | None] = mapped_column(String(500))
    recorded_at: Mapped[datetime]
    #: The day in Japan.
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


class LeavingCheck(StrEnum):
    """What is looked after when someone leaves (DOMAIN E09, G02; ladder 3f)."""

    KEYS = "keys"
    BADGES = "badges"
    COMPUTERS = "computers"
    PHONES = "phones"
    MEDIA = "media"
    DOCUMENTS = "documents"
    OWN_DEVICES = "own_devices"
    SHARED_ACCOUNTS = "shared_accounts"
    PLEDGE = "pledge"

    @property
    def label(self) -> str:
        """The check's name on screens."""
        return {
            LeavingCheck.KEYS: "鍵の返却",
            LeavingCheck.BADGES: "入館証・名札の返却",
            LeavingCheck.COMPUTERS: "パソコンの返却",
            LeavingCheck.PHONES: "スマートフォン・タブレットの返却",
            LeavingCheck.MEDIA: "USBメモリーなどの媒体の返却",
            LeavingCheck.DOCUMENTS: "書類の返却",
            LeavingCheck.OWN_DEVICES: "私物のスマホ・パソコンからの業務データの削除",
            LeavingCheck.SHARED_ACCOUNTS: "共有フォルダー・チャット・メールなどの利用停止",
            LeavingCheck.PLEDGE: "退職時の誓約",
        }[self]


class Outcome(StrEnum):
    """How a check on leaving stands; the last three say why there is no pledge."""

    DONE = "done"
    NONE = "none"
    OPEN = "open"
    POSTED = "posted"
    UNREACHABLE = "unreachable"
    DIED = "died"

    @property
    def label(self) -> str:
        """The outcome's name on screens."""
        return {
            Outcome.DONE: "済み",
            Outcome.NONE: "なし",
            Outcome.OPEN: "まだ",
            Outcome.POSTED: "用紙を郵送したが、返送がない",
            Outcome.UNREACHABLE: "連絡がつかない",
            Outcome.DIED: "亡くなられた",
        }[self]


class LeavingEntry(Base):
    """How a check of someone's leaving stood on a day; the entry with the highest number counts. Append-only."""

    __tablename__ = "leaving_entry"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        UniqueConstraint("organization_id", "worker_id", "begun", "item", "number"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    #: Which of the person's leavings this belongs to (`Leaving.begun`).
    begun: Mapped[int]
    item: Mapped[LeavingCheck] = mapped_column(words(LeavingCheck))
    #: Counts the entries of one check, from 1.
    number: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    #: The day on which it was done, or on which it was seen not to be.
    checked_on: Mapped[date]
    #: NULL once erased.
    note: Mapped[str | None] = mapped_column(String(500))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))


class Rejoining(Base):
    """Someone who had left is on the roster again, under a new row; the old row keeps its records. Append-only."""

    __tablename__ = "rejoining"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "worker_id"], ["worker.organization_id", "worker.id"]),
        ForeignKeyConstraint(["organization_id", "previous_worker_id"], ["worker.organization_id", "worker.id"]),
        UniqueConstraint("organization_id", "worker_id"),
        UniqueConstraint("organization_id", "previous_worker_id"),
    )
    tenant_column = "organization_id"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    worker_id: Mapped[UUID]
    previous_worker_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100))
