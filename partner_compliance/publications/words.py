"""The words of publication: what happens to a page, why a file is taken back, and what everyone reads about levels."""

from collections.abc import Sequence
from enum import StrEnum


class EventKind(StrEnum):
    """What happened to an organization's public page."""

    SWITCHED_ON = "switched_on"
    LISTED = "listed"
    UNLISTED = "unlisted"
    SWITCHED_OFF = "switched_off"

    @property
    def label(self) -> str:
        """What happened, on screens."""
        return {
            EventKind.SWITCHED_ON: "公開を始めました",
            EventKind.LISTED: "一覧に載せました",
            EventKind.UNLISTED: "一覧から外しました",
            EventKind.SWITCHED_OFF: "公開をやめました",
        }[self]


class RevocationKind(StrEnum):
    """Why a credential is not valid any more."""

    TAKEN_BACK = "taken_back"
    SWITCHED_OFF = "switched_off"

    @property
    def label(self) -> str:
        """The reason, on screens."""
        return {
            RevocationKind.TAKEN_BACK: "取り消し",
            RevocationKind.SWITCHED_OFF: "公開をやめたため取り消し",
        }[self]


#: What everyone who reads a published level is told, in this order.
ABOUT_LEVELS: Sequence[str] = (
    "段階は、子どもの情報を守る準備がどこまで進んでいるかを、団体の毎日の記録から計算したものです。だれかが審査して決めたものではありません。",
    "段階は、情報を渡してよいという許可ではありません。情報を共有するかどうかは、自治体がそのつど判断します。",
    "段階は記録によって毎日変わります。下がることもあります。",
)
#: The same in one sentence, for files that travel.
ABOUT_A_LEVEL = (
    "団体の記録から計算した、情報管理の準備の段階です。判断の材料であり、許可や保証ではありません。"
    "情報を共有するかどうかは、自治体が判断します。"
)


def level_words(level: int, title: str) -> str:
    """A level as it stands on pages and paper."""
    return f"段階{level} {title}"


def consent_to_publish(organization: str) -> str:
    """What whoever publishes has read: everything that becomes public, and nothing else."""
    return (
        f"公開されるのは、団体の名前「{organization}」、その日の段階の番号と名前、その日付だけです。"
        "人の名前、人数、件数、どの基準を満たしているかは、公開されません。"
        "段階は毎日計算し直します。下がったときは、下がった段階がそのまま表示されます。"
        "アドレスを知っている人は、だれでも見られます。いつでもやめられ、すぐに見られなくなります。"
    )


def consent_to_be_listed(organization: str) -> str:
    """What whoever agrees to be listed has read."""
    return (
        f"「公開している団体の一覧」に、団体の名前「{organization}」と公開ページへのリンクを載せます。"
        "一覧はだれでも見られ、検索サービスにも載ることがあります。段階は一覧には出ません。いつでも外せます。"
    )
