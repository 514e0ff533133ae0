"""Words of the training room that the database keeps."""

from enum import StrEnum


class Audience(StrEnum):
    """Whom a course is asked of."""

    EVERYONE = "everyone"
    STAFF = "staff"
    HANDLERS = "handlers"
    JOINING = "joining"
    KIND = "kind"
    POST = "post"
    ENGAGEMENT = "engagement"

    @property
    def label(self) -> str:
        """The audience's name on screens, where it needs no further word."""
        return {
            Audience.EVERYONE: "全員",
            Audience.STAFF: "職員・役員など（ボランティア以外の全員）",
            Audience.HANDLERS: "個人情報取扱者",
            Audience.JOINING: "これから加わる人",
            Audience.KIND: "従事者の区分",
            Audience.POST: "役職",
            Audience.ENGAGEMENT: "連携の事業に関わる人",
        }[self]


class Renewal(StrEnum):
    """How long having passed counts."""

    FISCAL_YEAR = "fiscal_year"
    TWELVE_MONTHS = "twelve_months"

    @property
    def label(self) -> str:
        """The choice as it is offered."""
        return {
            Renewal.FISCAL_YEAR: "毎年度（次の年度の4月第10営業日まで有効）",
            Renewal.TWELVE_MONTHS: "修了してから12か月",
        }[self]


class Way(StrEnum):
    """How somebody took a course."""

    SCREEN = "screen"
    KIOSK = "kiosk"
    GROUP = "group"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens and papers."""
        return {
            Way.SCREEN: "画面で受講",
            Way.KIOSK: "共用端末で受講",
            Way.GROUP: "集まりで受講（代理入力）",
            Way.PAPER: "紙で受講（代理入力）",
        }[self]


class State(StrEnum):
    """Where somebody stands with a course that is asked of them."""

    VALID = "valid"
    RENEWAL = "renewal"
    DUE = "due"
    OVERDUE = "overdue"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            State.VALID: "有効",
            State.RENEWAL: "更新の時期",
            State.DUE: "これから",
            State.OVERDUE: "期限切れ",
        }[self]


class SourceKind(StrEnum):
    """Where an own course comes from."""

    SHELF = "shelf"
    KIT = "kit"
    GIFT = "gift"
    OWN = "own"
