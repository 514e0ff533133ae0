"""The words of an engagement: data classes, modes, council categories, kinds of places, states."""

from datetime import date
from enum import StrEnum

from partner_compliance.organizations.models import Engagement


class DataClass(StrEnum):
    """What kind of information a municipality may hand over (DOMAIN §5), from public to forbidden."""

    D0 = "D0"
    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"
    D7 = "D7"
    D8 = "D8"
    D9 = "D9"

    @property
    def label(self) -> str:
        """The class's name on screens."""
        return _CLASSES[self][0]

    @property
    def example(self) -> str:
        """What belongs to the class, in plain words."""
        return _CLASSES[self][1]

    @property
    def is_protected(self) -> bool:
        """Whether it is not shared unless a reason says why it has to be (番号法19条・20条; DOMAIN §5)."""
        return self is DataClass.D8

    @property
    def is_refused(self) -> bool:
        """Whether it is never handled here (こども性暴力防止法の犯罪事実確認記録; DOMAIN §4c)."""
        return self is DataClass.D9


_CLASSES = {
    DataClass.D0: ("公開されている情報・制度の案内", "例：制度のちらし、子育て応援マップ"),
    DataClass.D1: ("連絡・運営の情報", "例：会議の日程、担当者の連絡先（子どもの名前は含まない）"),
    DataClass.D2: ("対応に必要な情報（家庭の情報を伏せたもの）", "例：訪問のときに気をつけること"),
    DataClass.D3: ("見守り対象の氏名・住所・連絡先・家族構成", "例：見守り訪問や弁当配布の名簿"),
    DataClass.D4: ("相談・支援の記録、サポートプラン", "例：ケース記録、訪問の報告"),
    DataClass.D5: ("個別ケース検討会議の資料・議事録", "例：会議の資料、出席者名簿"),
    DataClass.D6: ("進行管理台帳", "例：多くのケースを一覧にした台帳"),
    DataClass.D7: ("児童相談システムの画面", "例：自治体のシステムを直接見る、入力する"),
    DataClass.D8: ("マイナンバー・住民基本台帳の原本・DV等支援措置の情報", "原則として共有できません。"),
    DataClass.D9: ("犯罪事実確認記録", "このシステムでは、どの場合も扱いません。"),
}


class Mode(StrEnum):
    """In which form information is handed over, from the lightest to the heaviest."""

    ORAL = "oral"
    PAPER_COLLECTED = "paper_collected"
    PAPER_KEPT = "paper_kept"
    FILE = "file"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The mode's name on screens."""
        return {
            Mode.ORAL: "口頭",
            Mode.PAPER_COLLECTED: "紙・回収",
            Mode.PAPER_KEPT: "紙・保管",
            Mode.FILE: "ファイル",
            Mode.SYSTEM: "システム",
        }[self]


class CouncilCategory(StrEnum):
    """As what a member of the council (要対協) stands under the duty of secrecy (児童福祉法第25条の5)."""

    ORGAN = "organ"
    CORPORATION = "corporation"
    PERSON = "person"

    @property
    def label(self) -> str:
        """The category's name on screens, and who is bound."""
        return {
            CouncilCategory.ORGAN: "一号（国・地方公共団体の機関。職員が義務を負います）",
            CouncilCategory.CORPORATION: "二号（法人。役員と職員が義務を負います）",
            CouncilCategory.PERSON: "三号（一号・二号のほか。構成員になった本人が義務を負います）",
        }[self]


class PlaceKind(StrEnum):
    """What a place is for."""

    WORK = "work"
    STORAGE = "storage"
    BOTH = "both"

    @property
    def label(self) -> str:
        """The kind's name on screens."""
        return {
            PlaceKind.WORK: "作業場所",
            PlaceKind.STORAGE: "保管場所",
            PlaceKind.BOTH: "作業場所・保管場所",
        }[self]

    @property
    def is_storage(self) -> bool:
        """Whether something is kept there."""
        return self is not PlaceKind.WORK


class NoticeKind(StrEnum):
    """What a notice on a place tells the municipality."""

    ADDED = "added"
    CHANGED = "changed"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The notice's name on paper."""
        return {NoticeKind.ADDED: "届", NoticeKind.CHANGED: "変更届", NoticeKind.CLOSED: "廃止届"}[self]


class NoticeReply(StrEnum):
    """What the municipality said to a notice."""

    RECEIVED = "received"
    APPROVED = "approved"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The reply's name on screens."""
        return {
            NoticeReply.RECEIVED: "受け取り済み",
            NoticeReply.APPROVED: "承認",
            NoticeReply.REFUSED: "承認しない",
        }[self]


class Reply(StrEnum):
    """What became of a proposed version."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The reply's name on screens."""
        return {Reply.ACCEPTED: "承諾", Reply.DECLINED: "辞退", Reply.WITHDRAWN: "取り下げ"}[self]


class EngagementState(StrEnum):
    """Where an engagement stands on a day."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    COMING = "coming"
    CURRENT = "current"
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            EngagementState.PROPOSED: "承諾待ち",
            EngagementState.DECLINED: "辞退",
            EngagementState.WITHDRAWN: "取り下げ",
            EngagementState.COMING: "開始前",
            EngagementState.CURRENT: "有効",
            EngagementState.ENDED: "終了",
            EngagementState.CANCELLED: "途中終了",
        }[self]

    @property
    def badge(self) -> str:
        """The drawing that goes with it (one of those of `state_badge`)."""
        return {
            EngagementState.PROPOSED: "submitted",
            EngagementState.DECLINED: "returned",
            EngagementState.WITHDRAWN: "excused",
            EngagementState.COMING: "not_begun",
            EngagementState.CURRENT: "signed_off",
            EngagementState.ENDED: "excused",
            EngagementState.CANCELLED: "excused",
        }[self]

    @property
    def is_agreed(self) -> bool:
        """Whether both sides agreed and it is not over."""
        return self in (EngagementState.COMING, EngagementState.CURRENT)

    @property
    def is_open(self) -> bool:
        """Whether something can still come of it."""
        return self is EngagementState.PROPOSED or self.is_agreed


def state_on(engagement: Engagement, day: date) -> EngagementState:
    """Where an engagement stands on a day in Japan; CURRENT means the same as `is_valid_on`."""
    if engagement.accepted_at is None:
        if engagement.declined_at is not None:
            return EngagementState.DECLINED
        return EngagementState.PROPOSED if engagement.withdrawn_at is None else EngagementState.WITHDRAWN
    if engagement.cancelled_on is not None and engagement.cancelled_on <= day:
        return EngagementState.CANCELLED
    if engagement.ends_on < day:
        return EngagementState.ENDED
    return EngagementState.COMING if engagement.starts_on > day else EngagementState.CURRENT
