"""The words of council papers: replies to a request, ways of signing, and what happens to a meeting."""

from enum import StrEnum


class ReplyKind(StrEnum):
    """What became of a request to be a member of the council."""

    CONSENTED = "consented"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {
            ReplyKind.CONSENTED: "承諾済み",
            ReplyKind.DECLINED: "辞退",
            ReplyKind.WITHDRAWN: "取り下げ",
            ReplyKind.ENDED: "終了",
        }[self]


class ConsentWay(StrEnum):
    """How a consent was given."""

    SCREEN = "screen"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens and on paper."""
        return {ConsentWay.SCREEN: "画面で（電子的な確認）", ConsentWay.PAPER: "紙に署名"}[self]


class SignatureWay(StrEnum):
    """Where somebody signed a roster."""

    OWN_PHONE = "own_phone"
    TABLET = "tablet"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens and on paper."""
        return {
            SignatureWay.OWN_PHONE: "自分の端末",
            SignatureWay.TABLET: "回した端末",
            SignatureWay.PAPER: "紙",
        }[self]


class MeetingEventKind(StrEnum):
    """What happened to a meeting, or to one of those expected."""

    READ_OUT = "read_out"
    ABSENT = "absent"
    CLOSED = "closed"
