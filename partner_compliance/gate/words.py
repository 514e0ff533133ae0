"""The words of the gate: purposes, verdicts, what an officer decides, and what becomes of a decision."""

from datetime import timedelta
from enum import StrEnum

from partner_compliance.engagements.words import DataClass, Mode


class Purpose(StrEnum):
    """For what data are asked for; one for each decision (DOMAIN §5)."""

    PU1 = "PU1"
    PU2 = "PU2"
    PU3 = "PU3"
    PU4 = "PU4"
    PU5 = "PU5"
    PU6 = "PU6"
    PU7 = "PU7"
    PU8 = "PU8"
    PU9 = "PU9"

    @property
    def label(self) -> str:
        """The purpose's name on screens."""
        return {
            Purpose.PU1: "見守り・安否の確認",
            Purpose.PU2: "相談・アセスメント",
            Purpose.PU3: "個別の支援の役割分担（個別ケース検討）",
            Purpose.PU4: "進行管理",
            Purpose.PU5: "予防・早期発見（団体から自治体への情報提供）",
            Purpose.PU6: "通告・緊急の対応",
            Purpose.PU7: "研修・事例検討（個人が分からない形にしたもの）",
            Purpose.PU8: "統計・評価（個人が分からない形にしたもの）",
            Purpose.PU9: "監査・事故への対応",
        }[self]

    @property
    def is_inbound(self) -> bool:
        """Whether the partner tells the municipality: that is never gated (児福法21条の10の5、DOMAIN §4c)."""
        return self is Purpose.PU5

    @property
    def is_urgent(self) -> bool:
        """Whether it passes the gate and is looked at afterwards (DOMAIN §5, PU6)."""
        return self is Purpose.PU6


class Verdict(StrEnum):
    """What the gate says; the officer decides."""

    OPEN = "open"
    CONDITIONAL = "conditional"
    CLOSED = "closed"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        """The verdict's name on screens."""
        return {
            Verdict.OPEN: "共有できる",
            Verdict.CONDITIONAL: "条件付きで共有できる",
            Verdict.CLOSED: "共有できない",
            Verdict.EMERGENCY: "緊急（先に共有し、後で確かめる）",
        }[self]

    @property
    def badge(self) -> str:
        """The colour of its badge."""
        return {
            Verdict.OPEN: "signed_off",
            Verdict.CONDITIONAL: "submitted",
            Verdict.CLOSED: "returned",
            Verdict.EMERGENCY: "late",
        }[self]


class Subject(StrEnum):
    """What a reason of the gate is about."""

    CLASS = "class"
    ENGAGEMENT = "engagement"
    FORESEEN = "foreseen"
    HOLD = "hold"
    LEVEL = "level"
    CRITERION = "criterion"
    INTERIM = "interim"
    ROSTER = "roster"
    RECIPIENT = "recipient"
    CONDITION = "condition"
    PURPOSE = "purpose"


class Outcome(StrEnum):
    """What the officer decided."""

    SHARE = "share"
    REFUSE = "refuse"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        """The outcome's name on screens."""
        return {
            Outcome.SHARE: "共有する",
            Outcome.REFUSE: "共有しない",
            Outcome.EMERGENCY: "緊急のため、先に共有する",
        }[self]

    @property
    def gives(self) -> bool:
        """Whether data go to the partner."""
        return self is not Outcome.REFUSE


class EventKind(StrEnum):
    """What can happen to a decision afterwards."""

    SEEN = "seen"
    REVIEWED_FIT = "reviewed_fit"
    REVIEWED_UNFIT = "reviewed_unfit"
    KEPT = "kept"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The event's name on screens."""
        return {
            EventKind.SEEN: "団体が確認",
            EventKind.REVIEWED_FIT: "事後の確認（適切だった）",
            EventKind.REVIEWED_UNFIT: "事後の確認（改める点がある）",
            EventKind.KEPT: "共有を続けると判断",
            EventKind.PAUSED: "共有を止めた",
            EventKind.RESUMED: "共有を再開した",
            EventKind.ENDED: "返却・廃棄・終了を確認",
        }[self]

    @property
    def is_review(self) -> bool:
        """Whether it is the look at an emergency afterwards."""
        return self in (EventKind.REVIEWED_FIT, EventKind.REVIEWED_UNFIT)


class State(StrEnum):
    """Where a decision stands; follows from its events."""

    REFUSED = "refused"
    CURRENT = "current"
    PAUSED = "paused"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            State.REFUSED: "共有しない",
            State.CURRENT: "共有中",
            State.PAUSED: "共有を止めている",
            State.ENDED: "終了",
        }[self]

    @property
    def badge(self) -> str:
        """The colour of its badge."""
        return {State.CURRENT: "signed_off", State.PAUSED: "returned"}.get(self, "excused")

    @property
    def is_open(self) -> bool:
        """Whether the partner still has what was shared, or may still look."""
        return self in (State.CURRENT, State.PAUSED)


class Holding(StrEnum):
    """A municipality stops all sharing with a partner, or lifts that."""

    PLACED = "placed"
    LIFTED = "lifted"


class Comparison(StrEnum):
    """How a criterion of a municipality's own compares what is counted."""

    PERCENT = "percent"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"

    @property
    def label(self) -> str:
        """The comparison's name on screens."""
        return {
            Comparison.PERCENT: "割合（パーセント）以上",
            Comparison.AT_LEAST: "数が、これ以上",
            Comparison.AT_MOST: "数が、これ以下",
        }[self]


#: Within this time somebody else looks at what was shared in an emergency (DESIGN §1, move 4).
REVIEW_WITHIN = timedelta(hours=72)
#: A dated interim acceptance lasts no longer (DOMAIN §6).
LONGEST_ACCEPTANCE = timedelta(days=90)
#: How far ahead the day of return or destruction can lie.
LATEST_END = timedelta(days=366 * 10)
#: For these classes whoever receives data is named, and cleared (DOMAIN §5: named handlers only).
NAMED = frozenset(each for each in DataClass if each not in (DataClass.D0, DataClass.D1))
#: What leaves nothing in the partner's hands, and what opens a line in its register of hand-overs.
HANDS_OVER = frozenset({Mode.PAPER_COLLECTED, Mode.PAPER_KEPT, Mode.FILE})
