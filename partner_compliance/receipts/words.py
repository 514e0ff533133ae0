"""The words of hand-over receipts: directions, sides, what happens to them, and how what was received ends."""

from enum import StrEnum


class Direction(StrEnum):
    """Between whom something is handed over."""

    INSIDE = "inside"
    FROM_MUNICIPALITY = "from_municipality"
    TO_MUNICIPALITY = "to_municipality"

    @property
    def label(self) -> str:
        """The direction's name on screens."""
        return {
            Direction.INSIDE: "団体の中",
            Direction.FROM_MUNICIPALITY: "自治体から団体へ",
            Direction.TO_MUNICIPALITY: "団体から自治体へ",
        }[self]


class Side(StrEnum):
    """One of the two who stand by a hand-over."""

    GIVER = "giver"
    RECEIVER = "receiver"

    @property
    def label(self) -> str:
        """The side's name on screens."""
        return {Side.GIVER: "渡した側", Side.RECEIVER: "受け取った側"}[self]

    @property
    def other(self) -> "Side":
        """The one opposite."""
        return Side.RECEIVER if self is Side.GIVER else Side.GIVER


class EventKind(StrEnum):
    """What can happen to a receipt."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXTENDED = "extended"
    ENDED = "ended"
    ACKNOWLEDGED = "acknowledged"

    @property
    def label(self) -> str:
        """The event's name on screens."""
        return {
            EventKind.CONFIRMED: "確認",
            EventKind.REFUSED: "内容が違う",
            EventKind.WITHDRAWN: "取り下げ",
            EventKind.EXTENDED: "期日の延長",
            EventKind.ENDED: "返却・廃棄",
            EventKind.ACKNOWLEDGED: "返却・廃棄の確認",
        }[self]


class State(StrEnum):
    """Where a receipt, or one thing on it, stands; follows from its events."""

    WAITING = "waiting"
    HELD = "held"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            State.WAITING: "相手の確認待ち",
            State.HELD: "預かり中",
            State.REFUSED: "内容が違うため戻された",
            State.WITHDRAWN: "取り下げ",
            State.ENDED: "返却・廃棄済み",
        }[self]


class Ending(StrEnum):
    """How it is planned that a thing ends with whoever received it."""

    RETURN = "return"
    DESTROY = "destroy"

    @property
    def label(self) -> str:
        """The ending's name on screens."""
        return {Ending.RETURN: "返却する", Ending.DESTROY: "廃棄・消去する"}[self]


class Method(StrEnum):
    """How a thing was given back or destroyed (DOMAIN A17, A18)."""

    BY_HAND = "by_hand"
    REGISTERED_MAIL = "registered_mail"
    SHREDDED = "shredded"
    DISSOLVED = "dissolved"
    ERASED = "erased"
    BROKEN = "broken"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The method's name on screens."""
        return {
            Method.BY_HAND: "手渡しで返却",
            Method.REGISTERED_MAIL: "書留など、追跡できる方法で返却",
            Method.SHREDDED: "シュレッダーで裁断",
            Method.DISSOLVED: "溶解処理（業者の証明書あり）",
            Method.ERASED: "復元できない方法でデータを消去",
            Method.BROKEN: "媒体を物理的に破壊",
            Method.OTHER: "その他",
        }[self]

    @property
    def is_return(self) -> bool:
        """Whether the thing went back to whoever had given it."""
        return self in (Method.BY_HAND, Method.REGISTERED_MAIL)
