"""The words of inspections: where one stands, what was looked at, and what becomes of what is asked or objected."""

from enum import StrEnum


class InspectionState(StrEnum):
    """Where an inspection stands; follows from its closing, its last day and the engagement."""

    OPEN = "open"
    LAPSED = "lapsed"
    CUT = "cut"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            InspectionState.OPEN: "調査中",
            InspectionState.LAPSED: "期間が過ぎました（まとめ待ち）",
            InspectionState.CUT: "連携関係が終わりました（まとめ待ち）",
            InspectionState.CLOSED: "終了",
        }[self]

    @property
    def badge(self) -> str:
        """The state as a badge."""
        return {
            InspectionState.OPEN: "submitted",
            InspectionState.LAPSED: "late",
            InspectionState.CUT: "late",
            InspectionState.CLOSED: "signed_off",
        }[self]


class RecordKind(StrEnum):
    """Which records an inspection shows: lists, and single ones."""

    ROSTER = "roster"
    SHEETS = "sheets"
    SHEET = "sheet"
    TAKE_OUTS = "take_outs"
    TAKE_OUT = "take_out"
    RECEIPTS = "receipts"
    PLEDGES = "pledges"
    COURSES = "courses"

    @property
    def label(self) -> str:
        """The records' name on screens and on paper."""
        return {
            RecordKind.ROSTER: "従事者名簿",
            RecordKind.SHEETS: "チェックシートの一覧",
            RecordKind.SHEET: "チェックシート",
            RecordKind.TAKE_OUTS: "持ち出し管理台帳",
            RecordKind.TAKE_OUT: "持ち出しの記録",
            RecordKind.RECEIPTS: "授受簿",
            RecordKind.PLEDGES: "誓約の一覧",
            RecordKind.COURSES: "講座の結果の一覧",
        }[self]

    @property
    def is_of_one_person(self) -> bool:
        """Whether it is a single record, and so somebody's."""
        return self in (RecordKind.SHEET, RecordKind.TAKE_OUT)


class DemandEventKind(StrEnum):
    """What can happen to a finding or an improvement request."""

    ANSWERED = "answered"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The event's name on screens."""
        return {
            DemandEventKind.ANSWERED: "回答",
            DemandEventKind.SENT_BACK: "差し戻し",
            DemandEventKind.ACCEPTED: "完了",
            DemandEventKind.WITHDRAWN: "取り下げ",
        }[self]


class DemandState(StrEnum):
    """Where a finding or an improvement request stands; follows from its last event."""

    OPEN = "open"
    ANSWERED = "answered"
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            DemandState.OPEN: "団体の回答待ち",
            DemandState.ANSWERED: "自治体の確認待ち",
            DemandState.SENT_BACK: "差し戻し（団体の回答待ち）",
            DemandState.ACCEPTED: "完了",
            DemandState.WITHDRAWN: "取り下げ",
        }[self]

    @property
    def badge(self) -> str:
        """The state as a badge."""
        return {
            DemandState.OPEN: "not_begun",
            DemandState.ANSWERED: "submitted",
            DemandState.SENT_BACK: "returned",
            DemandState.ACCEPTED: "signed_off",
            DemandState.WITHDRAWN: "excused",
        }[self]

    @property
    def waits_for_partner(self) -> bool:
        """Whether the organization has to answer."""
        return self in (DemandState.OPEN, DemandState.SENT_BACK)

    @property
    def is_done(self) -> bool:
        """Whether nothing more is awaited from anybody."""
        return self in (DemandState.ACCEPTED, DemandState.WITHDRAWN)


class ObjectionEventKind(StrEnum):
    """What ends an objection."""

    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """What became of the objection, on screens."""
        return {ObjectionEventKind.ANSWERED: "回答済み", ObjectionEventKind.WITHDRAWN: "取り下げ"}[self]
