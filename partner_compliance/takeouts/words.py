"""The words of the take-out ledger: what is taken, why, how it is kept safe, what is checked at the door."""

from dataclasses import dataclass
from enum import StrEnum

from partner_compliance.engagements.words import DataClass

#: Up to how many things one row holds.
MOST = 999
#: The most months a standing permission holds.
STANDING_MONTHS = 3

#: What can be taken out at all: criminal records never are handled here (DOMAIN §4c).
CLASSES = tuple(each for each in DataClass if not each.is_refused)
#: From here on the data are of families, entrusted by a municipality or told by the people themselves.
ENTRUSTED = frozenset({DataClass.D3, DataClass.D4, DataClass.D5, DataClass.D6, DataClass.D7, DataClass.D8})
#: What is not taken out as a rule (DOMAIN §5: registers, the live system, My Number); permitted only with a reason.
KEPT_INSIDE = frozenset({DataClass.D6, DataClass.D7, DataClass.D8})


class Medium(StrEnum):
    """What is carried out of the center."""

    PAPER = "paper"
    COMPUTER = "computer"
    PHONE = "phone"
    STICK = "stick"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind's name on screens."""
        return {
            Medium.PAPER: "紙の書類",
            Medium.COMPUTER: "パソコン",
            Medium.PHONE: "スマートフォン・タブレット",
            Medium.STICK: "USBメモリーなどの媒体",
            Medium.OTHER: "鍵・その他",
        }[self]

    @property
    def unit(self) -> str:
        """In what it is counted."""
        return {Medium.PAPER: "件", Medium.COMPUTER: "台", Medium.PHONE: "台"}.get(self, "個")

    @property
    def is_electronic(self) -> bool:
        """Whether it holds data that encryption or a lock protects (DOMAIN C31)."""
        return self in (Medium.COMPUTER, Medium.PHONE, Medium.STICK)


class Reason(StrEnum):
    """Why it has to leave the center; counted for the municipality, so that a lack of means shows."""

    NO_NETWORK = "no_network"
    NO_DEVICE = "no_device"
    VISIT = "visit"
    MEETING = "meeting"
    HAND_IN = "hand_in"
    BETWEEN_CENTERS = "between_centers"
    HOME_WORK = "home_work"
    EVENT = "event"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason's name on screens."""
        return {
            Reason.NO_NETWORK: "活動場所に通信環境がない",
            Reason.NO_DEVICE: "活動場所で使える端末・書庫がない",
            Reason.VISIT: "家庭訪問・同行で使う",
            Reason.MEETING: "会議・ケース検討に持っていく",
            Reason.HAND_IN: "自治体などに提出・返却する",
            Reason.BETWEEN_CENTERS: "拠点の間で運ぶ",
            Reason.HOME_WORK: "自宅などで記録を書く",
            Reason.EVENT: "行事・外出の活動で使う",
            Reason.OTHER: "その他",
        }[self]


class Protection(StrEnum):
    """How what is carried is kept from other eyes."""

    ENCRYPTED = "encrypted"
    SCREEN_LOCK = "screen_lock"
    LOCKED_CASE = "locked_case"
    SEALED = "sealed"

    @property
    def label(self) -> str:
        """The protection's name on screens."""
        return {
            Protection.ENCRYPTED: "データを暗号化している",
            Protection.SCREEN_LOCK: "パスワード・暗証番号でロックしている",
            Protection.LOCKED_CASE: "鍵のかかるかばん・ケースに入れる",
            Protection.SEALED: "封をした封筒に入れる",
        }[self]


class Origin(StrEnum):
    """How a row came into the ledger."""

    ASKED = "asked"
    AFTERWARDS = "afterwards"

    @property
    def label(self) -> str:
        """The origin's name on screens."""
        return {Origin.ASKED: "事前の申請", Origin.AFTERWARDS: "事後の記入"}[self]


class EventKind(StrEnum):
    """What can happen to a take-out."""

    PERMITTED = "permitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DEPARTED = "departed"
    EXTENDED = "extended"
    RETURNED = "returned"
    WITNESSED = "witnessed"
    EXPLAINED = "explained"

    @property
    def label(self) -> str:
        """The event's name on screens."""
        return {
            EventKind.PERMITTED: "許可",
            EventKind.REFUSED: "不許可",
            EventKind.WITHDRAWN: "取り下げ",
            EventKind.DEPARTED: "持ち出し",
            EventKind.EXTENDED: "返却予定の延長",
            EventKind.RETURNED: "返却",
            EventKind.WITNESSED: "立ち会い確認",
            EventKind.EXPLAINED: "説明の追記",
        }[self]


class State(StrEnum):
    """Where a take-out stands; follows from its events."""

    ASKED = "asked"
    PERMITTED = "permitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OUT = "out"
    RETURNED = "returned"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            State.ASKED: "許可待ち",
            State.PERMITTED: "許可済み（出発前）",
            State.REFUSED: "不許可",
            State.WITHDRAWN: "取り下げ",
            State.OUT: "持ち出し中",
            State.RETURNED: "返却済み",
        }[self]


class Permission(StrEnum):
    """What permission a departure rests on (DOMAIN E17: first the ledger and the permission, then the way out)."""

    BEFORE = "before"
    STANDING = "standing"
    AFTER = "after"
    NONE = "none"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        """The permission's name on screens."""
        return {
            Permission.BEFORE: "出発前の許可",
            Permission.STANDING: "継続許可",
            Permission.AFTER: "出発後の許可",
            Permission.NONE: "許可なし",
            Permission.REFUSED: "不許可",
        }[self]

    @property
    def is_in_order(self) -> bool:
        """Whether the permission was there when the things left."""
        return self in (Permission.BEFORE, Permission.STANDING)


class Shift(StrEnum):
    """On which days of the week a standing permission holds."""

    MON = "0"
    TUE = "1"
    WED = "2"
    THU = "3"
    FRI = "4"
    SAT = "5"
    SUN = "6"

    @property
    def label(self) -> str:
        """The day's name on screens."""
        return "月火水木金土日"[int(self.value)] + "曜日"


@dataclass(frozen=True)
class Check:
    """Something to make sure of at the door; `key` is what is kept, `text` what is read."""

    key: str
    text: str


_CARRY = Check("carried", "ほかの荷物と分けてかばんに入れ、口を閉めて、身につけて運びます")
_COUNT_OUT = Check("counted", "持ち出す数を、いま数えて確かめました")
_LOCKED = Check("locked", "ロックか暗号化がかかっていることと、持ち出す数を、いま確かめました")
_IN_HAND = Check("carried", "なくさないように身につけて持ち歩きます")

#: What is made sure of before leaving (DOMAIN E14, form 1-(4)…(6); C31): two taps, the button is the third.
ON_LEAVING: dict[Medium, tuple[Check, ...]] = {
    Medium.PAPER: (_CARRY, _COUNT_OUT),
    Medium.COMPUTER: (_CARRY, _LOCKED),
    Medium.PHONE: (_IN_HAND, _LOCKED),
    Medium.STICK: (_CARRY, _LOCKED),
    Medium.OTHER: (_IN_HAND, _COUNT_OUT),
}

_NOTHING_LOST = Check("nothing_lost", "かばん・車・立ち寄った場所に、忘れ物や落とし物はありません")
_ERASED = Check("erased", "使い終わったデータを媒体から消し、なくしたものもありません")
_NO_COPY = Check("no_copy", "外で保存した不要なデータは消し、なくしたものもありません")

#: What is made sure of on return (DOMAIN E18; form 1-(3)).
ON_RETURN: dict[Medium, tuple[Check, ...]] = {
    Medium.PAPER: (_NOTHING_LOST,),
    Medium.COMPUTER: (_NO_COPY,),
    Medium.PHONE: (_NO_COPY,),
    Medium.STICK: (_ERASED,),
    Medium.OTHER: (_NOTHING_LOST,),
}


class Answer(StrEnum):
    """What is said of the count on return; nothing is ticked beforehand."""

    ALL = "all"
    DIFFERS = "differs"

    @property
    def label(self) -> str:
        """The answer's words on screens."""
        return {
            Answer.ALL: "持ち出した数が、すべてそろっている",
            Answer.DIFFERS: "数が合わない・見つからないものがある",
        }[self]


class LossEntryKind(StrEnum):
    """What is written about things that did not come back."""

    STEP = "step"
    FOUND = "found"
    REPORTED = "reported"

    @property
    def label(self) -> str:
        """The entry's name on screens."""
        return {
            LossEntryKind.STEP: "したこと・わかったこと",
            LossEntryKind.FOUND: "見つかった（数え直して合った）",
            LossEntryKind.REPORTED: "団体と自治体への報告を済ませた",
        }[self]

    @property
    def is_end(self) -> bool:
        """Whether the draft is settled with it."""
        return self is not LossEntryKind.STEP
