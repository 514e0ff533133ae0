"""What can be typed about sharing: questions, decisions, requirements, exceptions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from partner_compliance import fields
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate.checking import Answer, Rules
from partner_compliance.gate.operations import Said
from partner_compliance.gate.requiring import LONGEST_CONDITION, MEASURES, MOST_CONDITIONS
from partner_compliance.gate.words import HANDS_OVER, Comparison, Outcome, Purpose
from partner_compliance.library.readiness import Ladder, Measure
from partner_compliance.receipts.words import Ending
from partner_compliance.web import Form

_CHOOSE = SelectChoice("", "（選んでください）")
#: Codes stand in front of the names, as in contracts and meetings.
_CLASSES = [SelectChoice(each.value, f"{each.value} {each.label}") for each in DataClass]
_NOT_SHARED = "none"


def _select(label: str, choices: Sequence[SelectChoice], kind: Any, required: str) -> SelectField:
    return SelectField(
        label,
        choices=[_CHOOSE, *choices],
        coerce=lambda text: kind(text) if text in {each.value for each in kind} else None,
        validators=[InputRequired(required)],
    )


class AskForm(Form):
    """What somebody would like to share; comes with the address, so that a page can be opened again."""

    class Meta(Form.Meta):
        csrf = False

    organization = SelectField("団体", validators=[InputRequired("団体を選んでください。")])
    data_class = _select("情報の種類", _CLASSES, DataClass, "情報の種類を選んでください。")
    mode = fields.one_of("渡し方", Mode, "渡し方を選んでください。")
    purpose = fields.picked("目的", Purpose, "目的を選んでください。")

    def __init__(self, partners: Sequence[tuple[UUID, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization.choices = [_CHOOSE, *(SelectChoice(str(key), name) for key, name in partners)]


class DecisionForm(Form):
    """What an officer decides."""

    request_key = fields.RequestKeyField()
    seal = HiddenField()
    outcome = fields.one_of("決めたこと", Outcome, "共有するかどうかを選んでください。")
    recipients = fields.CheckboxesField("受け取る方", coerce=str, validate_choice=False)
    items = fields.words(
        "渡すもの（必要最小限の項目）", 200, lines=True,
        description="共有するときは必ず、項目だけを書いてください（例: 訪問先の住所 3件）。家庭の名前は書きません。",
    )  # fmt: skip
    count = fields.CountField(
        "数（部・件）", validators=[Optional()], description="共有するときは、必ず入力してください。"
    )
    ending = RadioField(
        "使い終わった後", choices=[SelectChoice(each.value, each.label) for each in Ending],
        coerce=lambda text: Ending(text) if text in set(Ending) else None, validators=[Optional()],
        description="共有するときは、必ず選んでください。",
    )  # fmt: skip
    until_on = fields.day(
        "いつまで", description="共有するときの、返却・廃棄か利用の終わりの日です。口頭なら空けてください。"
    )
    basis_note = fields.words(
        "根拠の補足（書くことがあれば）", 300, description="例: 契約書第8条、本人の同意書（8月1日）。"
    )
    reason = fields.words(
        "理由", 1000, lines=True,
        description="判定と違うことを決めるときと、緊急のときは、必ず書いてください。団体も読みます。家庭の名前は書かないでください。",
    )  # fmt: skip
    agreed = BooleanField("守ってもらうことを、団体に伝えました")

    def __init__(self, answer: Answer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        urgent = answer.question.purpose.is_urgent
        offered = (Outcome.EMERGENCY, Outcome.REFUSE) if urgent else tuple(Outcome)
        self.outcome.choices = [SelectChoice(each.value, each.label) for each in offered]
        self.recipients.choices = [
            SelectChoice(str(each.worker_id), each.name) for each in answer.ground.known or () if each.is_cleared
        ]
        if answer.question.mode not in HANDS_OVER:
            del self.count
            del self.ending
        if not answer.conditions:
            del self.agreed

    def people(self) -> tuple[UUID, ...]:
        """Who was chosen; what is no id is nobody."""
        found = []
        for each in self.recipients.data or ():
            try:
                found.append(UUID(each))
            except ValueError:
                continue
        return tuple(dict.fromkeys(found))

    def said(self, answer: Answer) -> Said:
        """What was typed, for the question that the page is about."""
        asked = answer.question
        return Said(
            type(asked)(asked.data_class, asked.mode, asked.purpose, self.people() or None), self.outcome.data,
            self.basis_note.data or "", self.reason.data or "", self.items.data or "",
            self.count.data if "count" in self else None, self.ending.data if "ending" in self else None,
            self.until_on.data, bool(self.agreed.data) if "agreed" in self else False, self.seal.data or "",
        )  # fmt: skip


class WordsForm(Form):
    """Why, in words."""

    reason = fields.words("理由・確かめたこと", 1000, required="理由か、確かめたことを書いてください。", lines=True)


class KeepForm(WordsForm):
    """Why it goes on, and when that is looked at again."""

    until_on = fields.day("次に見直す日", required="次に見直す日を入力してください。")


class ReviewForm(Form):
    """A look at an emergency afterwards."""

    fit = RadioField(
        "確かめた結果",
        choices=[SelectChoice("yes", "緊急であり、渡したものも必要最小限だった"), SelectChoice("no", "改める点がある")],
        validators=[InputRequired("どちらかを選んでください。")],
    )
    text = fields.words("確かめたこと", 1000, required="確かめたことを書いてください。", lines=True)


# --- requirements -----------------------------------------------------------------------------------------------


class RequirementForm(Form):
    """What is required for a class of data."""

    request_key = fields.RequestKeyField()
    data_class = _select("情報の種類", _CLASSES, DataClass, "情報の種類を選んでください。")
    mode = SelectField(
        "渡し方",
        choices=[
            SelectChoice("", "すべての渡し方（標準案で共有しない渡し方を除く）"),
            *(SelectChoice(each.value, each.label) for each in Mode),
        ],
    )
    purpose = SelectField(
        "目的", choices=[SelectChoice("", "すべての目的"), *(SelectChoice(each.value, each.label) for each in Purpose)]
    )
    level = SelectField("必要な段階", validators=[InputRequired("必要な段階を選んでください。")])
    criteria = fields.CheckboxesField("追加の条件（段階のほかに求める基準）", coerce=str)
    conditions = fields.words(
        "守ってもらうこと（1行に1つ）", MOST_CONDITIONS * (LONGEST_CONDITION + 1), lines=True,
        description=f"{MOST_CONDITIONS}行まで、1行{LONGEST_CONDITION}文字以内です。例: 写しを取らない。",
    )  # fmt: skip
    reason = fields.words("理由", 500, required="理由を入力してください。団体が読みます。", lines=True)
    effective_on = fields.day("適用する日", required="適用する日を入力してください。")

    def __init__(self, ladder: Ladder, rules: Rules, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [SelectChoice("0", "段階0（準備度を問わない）")]
        levels += [
            SelectChoice(str(each.number), f"段階{each.number}（{each.title}）")
            for each in ladder.levels
            if each.measured
        ]
        self.level.choices = [
            _CHOOSE, *levels, SelectChoice(_NOT_SHARED, "共有しない"), SelectChoice("default", "標準案に戻す"),
        ]  # fmt: skip
        self.criteria.choices = [
            *(
                SelectChoice(key, f"{key} {each.title}（段階{each.level}の基準）")
                for key, each in ladder.criteria.items()
                if not each.planned
            ),
            *(SelectChoice(key, f"{each.title}（自治体の基準）") for key, each in rules.own.items()),
        ]

    @property
    def is_default(self) -> bool:
        """Whether it leads back to the suggestion."""
        return bool(self.level.data == "default")

    @property
    def wanted_level(self) -> int | None:
        """The level that was chosen; None where it is not shared, or leads back to the suggestion."""
        return int(self.level.data) if (self.level.data or "").isdecimal() else None

    @property
    def wanted_conditions(self) -> list[str]:
        """The lines that were typed."""
        return [line.strip() for line in (self.conditions.data or "").split("\n") if line.strip()]


class CriterionForm(Form):
    """A criterion of the municipality's own."""

    request_key = fields.RequestKeyField()
    title = fields.words("基準の名前", 60, required="基準の名前を入力してください。")
    measure = SelectField(
        "数えるもの",
        choices=[_CHOOSE, *(SelectChoice(each.value, each.label) for each in MEASURES)],
        coerce=lambda text: Measure(text) if text in {each.value for each in MEASURES} else None,
        validators=[InputRequired("数えるものを選んでください。")],
    )
    comparison = fields.one_of("比べ方", Comparison, "比べ方を選んでください。")
    threshold = fields.count("数字", required="数字を入力してください。", least=0, most=9999)
    reason = fields.words("求める理由", 300, required="求める理由を入力してください。団体が読みます。", lines=True)


class AcceptanceForm(Form):
    """An interim acceptance."""

    request_key = fields.RequestKeyField()
    data_class = _select(
        "情報の種類",
        [SelectChoice(each.value, f"{each.value} {each.label}") for each in list(DataClass)[:8]],
        DataClass,
        "情報の種類を選んでください。",
    )
    level = SelectField(
        "この間は、この段階でも認める",
        choices=[_CHOOSE, *(SelectChoice(str(each), f"段階{each}") for each in range(5))],
        coerce=lambda text: int(text) if text.isdecimal() and len(text) == 1 else None,
        validators=[InputRequired("段階を選んでください。")],
    )
    starts_on = fields.day("始まる日", required="始まる日を入力してください。")
    ends_on = fields.day("終わる日（90日以内）", required="終わる日を入力してください。")
    reason = fields.words("理由", 500, required="理由を入力してください。団体も読みます。", lines=True)
