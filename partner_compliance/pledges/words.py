"""The words of the pledges: how somebody signed, how they were told, where a person stands."""

from enum import StrEnum


class Way(StrEnum):
    """In which way somebody signed."""

    OWN_DEVICE = "own_device"
    KIOSK = "kiosk"
    PAPER = "paper"

    @property
    def label(self) -> str:
        """The way's name on screens."""
        return {
            Way.OWN_DEVICE: "電子的な確認（本人の端末）",
            Way.KIOSK: "電子的な確認（共用端末）",
            Way.PAPER: "紙に署名（センター長などが入力）",
        }[self]


class Told(StrEnum):
    """Whether somebody was told alone or together with others (DOMAIN E06)."""

    ALONE = "alone"
    GROUP = "group"

    @property
    def label(self) -> str:
        """The way's name on screens."""
        return {Told.ALONE: "個別に", Told.GROUP: "集合（説明会など）で"}[self]


class Standing(StrEnum):
    """Where a person stands with a pledge that is asked of them."""

    SIGNED = "signed"
    LAST_YEARS = "last_years"
    OUTDATED = "outdated"
    MISSING = "missing"

    @property
    def label(self) -> str:
        """The standing's name on screens."""
        return {
            Standing.SIGNED: "署名済み",
            Standing.LAST_YEARS: "前の年度の分が有効",
            Standing.OUTDATED: "新しい文面に未署名",
            Standing.MISSING: "未署名",
        }[self]


#: What an electronic confirmation is and is not (DOMAIN §4d).
CONFIRMATION = (
    "これは「電子的な確認」です。文面、お名前、日時、使った端末を記録し、後から変えられないように保存します。"
    "手書きの署名や、電子署名法の電子署名に代わるものではありません。"
)
