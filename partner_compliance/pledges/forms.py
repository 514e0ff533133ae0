"""What can be typed about pledges: signing, paper, briefings, own paragraphs, the year."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from partner_compliance import fields
from partner_compliance.library.pledges import Occasion
from partner_compliance.organizations.models import Center, Engagement, Worker
from partner_compliance.pledges.operations import LONGEST_PARAGRAPH, MOST_PARAGRAPHS, Additions
from partner_compliance.pledges.queries import Asked, ToldOf
from partner_compliance.pledges.words import Told
from partner_compliance.web import Form

#: What a worker signs; the others are signed by organizations and at meetings.
OF_WORKERS = (Occasion.JOINING, Occasion.ANNUAL, Occasion.ENGAGEMENT, Occasion.LEAVING)


class SignForm(Form):
    """The own name, and that the text was read."""

    digest = HiddenField()
    request_key = fields.RequestKeyField()
    typed_name = fields.words("氏名（姓と名）", 100, required="氏名を入力してください。")
    is_read = BooleanField(
        "文面をすべて読み、内容を守ります", validators=[InputRequired("文面を読んで、チェックを入れてください。")]
    )


def asked_choices(engagements: Sequence[Engagement], occasions: Sequence[Occasion] = OF_WORKERS) -> list[SelectChoice]:
    """Which pledge is meant; one choice for each engagement."""
    found = [SelectChoice("", "（選んでください）")]
    for occasion in occasions:
        if occasion is Occasion.ENGAGEMENT:
            found += [SelectChoice(f"engagement:{each.id}", f"事業ごと: {each.title}") for each in engagements]
        else:
            found.append(SelectChoice(occasion.value, occasion.label))
    return found


def asked_from(choice: str, engagements: Sequence[Engagement]) -> Asked | None:
    """The pledge behind a choice; None where it is none."""
    if choice.startswith("engagement:"):
        found = next((each for each in engagements if str(each.id) == choice.partition(":")[2]), None)
        return Asked(Occasion.ENGAGEMENT, found) if found is not None else None
    return Asked(Occasion(choice)) if choice in [each.value for each in OF_WORKERS] else None


class _ToldForm(Form):
    """Who told, when and how; all or nothing where a pledge was signed on paper."""

    told_by = fields.words("説明した方の氏名", 100)
    told_how = SelectField(
        "説明のしかた",
        choices=[SelectChoice("", "（選んでください）"), *(SelectChoice(each.value, each.label) for each in Told)],
        coerce=lambda text: Told(text) if text in set(Told) else None,
        validators=[Optional()],
    )


class PaperForm(_ToldForm):
    """A pledge that somebody signed on paper."""

    request_key = fields.RequestKeyField()
    asked = SelectField("どの誓約か", validators=[InputRequired("どの誓約かを選んでください。")])
    signed_on = fields.day("署名した日", required="紙に書かれた、署名した日を入力してください。")
    told_on = fields.day("説明した日")
    scan = FileField("署名した紙の画像（なくてもよい）")

    def __init__(self, engagements: Sequence[Engagement], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked.choices = asked_choices(engagements)

    def told(self) -> ToldOf | None:
        """Who told the signer; None when nothing is said. Notes what is missing where only a part is."""
        said = (self.told_on.data, self.told_how.data, self.told_by.data)
        if not any(said):
            return None
        if not all(said):
            for field, value, message in zip(
                (self.told_on, self.told_how, self.told_by),
                said,
                (
                    "説明した日も入力してください。",
                    "説明のしかたも選んでください。",
                    "説明した方の氏名も入力してください。",
                ),
                strict=True,
            ):
                if not value:
                    field.errors = [message]
            return None
        return ToldOf(self.told_on.data, self.told_how.data, self.told_by.data or "")


class BriefingForm(_ToldForm):
    """That people were told what a pledge means."""

    request_key = fields.RequestKeyField()
    asked = SelectField("何の説明か", validators=[InputRequired("何の説明かを選んでください。")])
    held_on = fields.day("説明した日", required="説明した日を入力してください。")
    people = fields.CheckboxesField("説明を受けた方")

    def __init__(
        self, engagements: Sequence[Engagement], workers: Sequence[tuple[Worker, Center]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked.choices = asked_choices(engagements)
        self.told_by.validators = [InputRequired("説明した方の氏名を入力してください。"), *self.told_by.validators[1:]]
        self.told_how.validators = [InputRequired("説明のしかたを選んでください。")]
        for field in (self.told_by, self.told_how, self.people):
            field.flags.required = True
        self.people.choices = [
            SelectChoice(str(worker.id), f"{worker.name}（{center.name}）") for worker, center in workers
        ]


class WordingForm(Form):
    """What an organization adds to a pledge."""

    seen = HiddenField()
    paragraphs = fields.words("追加の約束（1行に1つ）", MOST_PARAGRAPHS * (LONGEST_PARAGRAPH + 1), lines=True)
    from_on = fields.day("使い始める日", required="使い始める日を入力してください。")
    kind = SelectField(
        "変更の大きさ",
        choices=[
            SelectChoice("", "（選んでください）"),
            SelectChoice("material", "大きな変更（全員がもう一度署名する）"),
            SelectChoice("minor", "小さな変更（署名し直しはいらない）"),
        ],
        validators=[InputRequired("変更の大きさを選んでください。")],
    )
    sign_again_by = fields.day("署名し直す期限")
    reason = fields.words("変える理由", 500, required="なぜ変えるのかを入力してください。", lines=True)

    def additions(self) -> Additions:
        """The additions as typed; empty lines fall away."""
        lines = [line.strip() for line in (self.paragraphs.data or "").splitlines()]
        return Additions(
            [line for line in lines if line],
            self.from_on.data,
            self.kind.data == "material",
            self.reason.data or "",
            self.sign_again_by.data,
        )


class YearForm(Form):
    """In which month the year of pledges begins."""

    month = SelectField(
        "誓約の年の始まり",
        choices=[SelectChoice(str(month), f"{month}月") for month in range(1, 13)],
        coerce=lambda text: int(text) if str(text).isdecimal() else 0,
    )


class CancelForm(Form):
    """Why a record is taken back."""

    reason = fields.words("取り消す理由", 500, required="取り消す理由を入力してください。", lines=True)
