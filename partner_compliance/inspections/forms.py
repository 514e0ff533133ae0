"""What can be typed about inspections, findings, improvement requests and objections."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from partner_compliance import clock, fields
from partner_compliance.inspections.exchanges import DemandFacts, ObjectionFacts
from partner_compliance.inspections.models import LONG, SHORT
from partner_compliance.inspections.operations import MOST_DAYS, MOST_MONTHS, Facts
from partner_compliance.library.readiness import Ladder
from partner_compliance.web import Form

_NO_NAMES = "従事者・お子さん・ご家庭の名前は書かず、役職・人数・記録番号で書いてください。"
#: How far back the months go that can be picked.
_MONTHS_BACK = 60

Named = Sequence[tuple[UUID, str]]


def _one(label: str, required: str, description: str = "") -> SelectField:
    """One from a list that the page fills in; what is not on it (any more) the operation answers in its own words."""
    return SelectField(label, description=description, validate_choice=False, validators=[InputRequired(required)])


def _months(today: date) -> list[SelectChoice]:
    last = clock.month_of(today)
    found = [clock.month_after(last, -back) for back in range(_MONTHS_BACK)]
    return [SelectChoice(month, clock.screen_month(month)) for month in found]


def named(rows: Named) -> list[SelectChoice]:
    """Rows as choices, after one that says that nothing is chosen."""
    return [SelectChoice("", "（選んでください）"), *(SelectChoice(str(found), name) for found, name in rows)]


def criteria(ladder: Ladder, nothing: str) -> list[SelectChoice]:
    """The criteria of a ladder that records exist for."""
    measured = [each for level in ladder.levels for each in level.measured]
    return [SelectChoice("", nothing), *(SelectChoice(each.id, f"{each.id} {each.title}") for each in measured)]


def id_in(field: Any) -> UUID | None:
    """The id that a select holds; None for what is none."""
    try:
        return UUID(field.data or "")
    except ValueError:
        return None


class OpenForm(Form):
    """Whose records are looked at, why, those of which months, until when."""

    request_key = fields.RequestKeyField()
    organization = _one("団体", "団体を選んでください。")
    reason = fields.words(
        "調査する理由", LONG, required="調査する理由を入力してください。", lines=True,
        description=f"団体の代表者と個人情報責任者にも、このまま表示されます。{_NO_NAMES}",
    )  # fmt: skip
    from_month = _one("記録の期間（始まりの月）", "始まりの月を選んでください。")
    until_month = _one(
        "記録の期間（終わりの月）",
        "終わりの月を選んでください。",
        f"{MOST_MONTHS}か月まで。この期間の記録だけが見られます。",
    )
    open_until_on = fields.day(
        "記録を見る最後の日", required="記録を見る最後の日を入力してください。",
        description=f"{MOST_DAYS}日先まで。この日を過ぎると、記録は見られなくなります。",
    )  # fmt: skip

    def __init__(self, partners: Named, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization.choices = named(partners)
        self.from_month.choices = self.until_month.choices = _months(today)

    def facts(self) -> Facts:
        """What was typed."""
        return Facts(
            self.reason.data or "", self.from_month.data or "", self.until_month.data or "", self.open_until_on.data
        )


class _DemandForm(Form):
    request_key = fields.RequestKeyField()

    def facts(self) -> DemandFacts:
        """What was typed."""
        reason, article = self._fields.get("reason"), self._fields.get("article")
        return DemandFacts(
            self.what.data or "", (reason.data if reason else "") or "", (article.data if article else "") or "",
            self.criterion.data or "", self.due_on.data,
        )  # fmt: skip


class FindingForm(_DemandForm):
    """What was found, on what it rests, and by when it has to be answered."""

    what = fields.words(
        "指摘の内容", LONG, required="指摘の内容を入力してください。", lines=True,
        description=f"どの記録に、どんなことがあったかを書いてください。{_NO_NAMES}",
    )  # fmt: skip
    article = fields.words("もとになる条文", SHORT, description="例: 個人情報取扱規程 第12条、契約の特記事項 第5")
    criterion = SelectField(
        "準備度の基準", validate_choice=False, description="条文か基準の、どちらかは必ず入れてください。"
    )
    due_on = fields.day("回答の期限", required="回答の期限を入力してください。")

    def __init__(self, ladder: Ladder, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criterion.choices = criteria(ladder, "（なし）")


class RequestForm(_DemandForm):
    """Of which partner what is asked, why and by when."""

    organization = _one("団体", "団体を選んでください。")
    what = fields.words(
        "お願いする内容", LONG, required="お願いする内容を入力してください。", lines=True, description=_NO_NAMES
    )
    reason = fields.words("理由", LONG, required="お願いする理由を入力してください。", lines=True)
    criterion = SelectField("準備度の基準", validate_choice=False, description="関係する基準があれば選んでください。")
    due_on = fields.day("回答の期限", required="回答の期限を入力してください。")

    def __init__(self, partners: Named, ladder: Ladder, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization.choices = named(partners)
        self.criterion.choices = criteria(ladder, "（なし）")


class ClosingForm(Form):
    """What came of an inspection."""

    summary = fields.words(
        "調査のまとめ", 2 * LONG, required="調査のまとめを入力してください。", lines=True,
        description=f"調査結果の通知に載ります。{_NO_NAMES}",
    )  # fmt: skip


class AnswerForm(Form):
    """What the organization says, and which records show it."""

    seen = fields.RevisionField()
    text = fields.words(
        "回答", 2 * LONG, required="回答を入力してください。", lines=True,
        description=f"何を、いつ、どのように直したか（直すか）を書いてください。{_NO_NAMES}",
    )  # fmt: skip
    evidence = fields.words(
        "示す記録", LONG, lines=True,
        description="記録番号や画面のアドレスを、1行に1つずつ書いてください（例: TO-1A2B3C4D5E）。",
    )  # fmt: skip


class Decision(StrEnum):
    """What becomes of an answer."""

    ACCEPT = "accept"
    SEND_BACK = "send_back"

    @property
    def label(self) -> str:
        """The choice's name on screens."""
        return {Decision.ACCEPT: "完了にする", Decision.SEND_BACK: "差し戻す"}[self]


class DecisionForm(Form):
    """Whether an answer is enough; if not, why not, and by when it has to be given anew."""

    seen = fields.RevisionField()
    decision = fields.one_of("回答を読んで", Decision, "「完了にする」か「差し戻す」を選んでください。")
    text = fields.words(
        "伝えること", 2 * LONG, lines=True, description=f"差し戻すときは、理由を必ず書いてください。{_NO_NAMES}"
    )
    due_on = fields.day("新しい回答の期限", description="差し戻すときだけ入力してください。")


class TakingBackForm(Form):
    """Why something is taken back."""

    text = fields.words("取り下げる理由", LONG, required="取り下げる理由を入力してください。", lines=True)


class WithdrawalForm(TakingBackForm):
    """Why something is taken back, of which the page showed so many events."""

    seen = fields.RevisionField()


class ObjectionForm(Form):
    """To whom, about which criterion of which day, and what is wrong."""

    request_key = fields.RequestKeyField()
    municipality = _one("自治体", "自治体を選んでください。")
    criterion = _one("準備度の基準", "どの基準についてかを選んでください。")
    level_on = fields.day("どの日の段階か", required="どの日の段階についてかを入力してください。")
    what = fields.words(
        "何が違うか", LONG, required="何が違うかを入力してください。", lines=True, description=_NO_NAMES
    )
    record = fields.words(
        "どの記録か", SHORT, required="どの記録についてかを入力してください。",
        description="記録番号、月と書類の名前、または画面のアドレスを書いてください。",
    )  # fmt: skip

    def __init__(self, municipalities: Named, ladder: Ladder, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipality.choices = named(municipalities)
        self.criterion.choices = criteria(ladder, "（選んでください）")

    def facts(self) -> ObjectionFacts:
        """What was typed."""
        return ObjectionFacts(
            self.criterion.data or "", self.level_on.data, self.what.data or "", self.record.data or ""
        )


class ObjectionAnswerForm(Form):
    """What the municipality has found, and when."""

    decided_on = fields.day("確かめた日", required="確かめた日を入力してください。")
    text = fields.words("回答", 2 * LONG, required="回答を入力してください。", lines=True, description=_NO_NAMES)
