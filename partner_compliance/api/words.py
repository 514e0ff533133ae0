"""The words of the API: what a token opens."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing that a token lets a system do; there is none that writes a decision."""

    READINESS_READ = "readiness:read"
    GATE_CHECK = "gate:check"
    REQUIREMENTS_READ = "requirements:read"
    DECISIONS_READ = "decisions:read"
    CHANGES_READ = "changes:read"

    @property
    def label(self) -> str:
        """What it opens, on screens."""
        return {
            Scope.READINESS_READ: "準備度を読む",
            Scope.GATE_CHECK: "共有してよいかを確かめる",
            Scope.REQUIREMENTS_READ: "自治体の要件を読む",
            Scope.DECISIONS_READ: "共有の決定を読む",
            Scope.CHANGES_READ: "連携関係などの変化を読む",
        }[self]

    @property
    def about(self) -> str:
        """The same in a sentence, for choosing."""
        return {
            Scope.READINESS_READ: "連携している団体の段階と、基準ごとの件数です。人の名前は含みません。",
            Scope.GATE_CHECK: "送る前に、その団体・情報・方法で共有できるかを尋ねます。決めるのは担当者です。",
            Scope.REQUIREMENTS_READ: "情報の種類ごとに、どの段階を求めているかです。",
            Scope.DECISIONS_READ: "これまでに担当者が決めた、共有の記録です。",
            Scope.CHANGES_READ: "連携関係の始まりと終わり、場所の届などの出来事です。人の名前は含みません。",
        }[self]
