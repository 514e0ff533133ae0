"""Words of the rules room that the database keeps."""

from enum import StrEnum


class DecidedBy(StrEnum):
    """Who decides on a rule; the statute of the organization says which."""

    BOARD = "board"
    GENERAL_MEETING = "general_meeting"
    COMMITTEE = "committee"
    REPRESENTATIVE = "representative"

    @property
    def label(self) -> str:
        """How it is called on screens and papers."""
        return {
            DecidedBy.BOARD: "理事会",
            DecidedBy.GENERAL_MEETING: "総会",
            DecidedBy.COMMITTEE: "運営委員会",
            DecidedBy.REPRESENTATIVE: "代表者",
        }[self]


class EventKind(StrEnum):
    """What happens to an adopted version after its adoption."""

    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    REVIEWED = "reviewed"

    @property
    def label(self) -> str:
        """The event's name on screens."""
        return {
            EventKind.PUBLISHED: "公開",
            EventKind.UNPUBLISHED: "公開の取りやめ",
            EventKind.REVIEWED: "見直し（変更なし）",
        }[self]


class Answer(StrEnum):
    """What an organization does with a change at the source of one of its articles."""

    TAKEN = "taken"
    ADAPTED = "adapted"
    DECLINED = "declined"

    @property
    def label(self) -> str:
        """The answer's name on screens."""
        return {Answer.TAKEN: "取り入れた", Answer.ADAPTED: "直して取り入れた", Answer.DECLINED: "見送った"}[self]


class Way(StrEnum):
    """How somebody acknowledged a rule."""

    SCREEN = "screen"
    KIOSK = "kiosk"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens."""
        return {Way.SCREEN: "画面で確認", Way.KIOSK: "共用端末で確認", Way.PAPER: "紙で確認（代理入力）"}[self]


class SourceKind(StrEnum):
    """Where an article comes from."""

    MODEL = "model"
    KIT = "kit"
    OWN = "own"
