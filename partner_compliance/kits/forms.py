"""What can be typed about kits: publishing, taking over, own practices, mentors, a municipality's kit."""

from collections.abc import Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from partner_compliance import fields
from partner_compliance.errors import WrongEntry
from partner_compliance.kits.operations import Facts, MunicipalFacts
from partner_compliance.kits.package import LONGEST_LINE, MOST_COURSES, MOST_EXTRAS, MOST_PROMISES, MOST_TIPS, Tip
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.library.rules import Size, Wizard
from partner_compliance.organizations.models import Organization
from partner_compliance.rulebooks.forms import WizardForm, field_name
from partner_compliance.web import Form

_TIPS_HINT = (
    "1行に1つ、「番号 | 工夫」の形で書きます。例: 1-2 | 台帳を玄関に置き、出る前に必ず目に入るようにしています。"
)


def lines_of(text: str | None) -> list[str]:
    """The lines of a text, without empty ones."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def tips_of(text: str | None, field: str = "tips") -> list[Tip]:
    """Tips as they were typed; raises WrongEntry, naming the line, for one that has no item."""
    found = []
    for number, line in enumerate(lines_of(text), start=1):
        item, bar, said = line.replace("｜", "|").partition("|")
        if not bar or not item.strip() or not said.strip():
            raise WrongEntry(field, f"{number}行目を「番号 | 工夫」の形にしてください（例: 1-2 | 玄関に置く）。")
        if len(item.strip()) > 60 or len(said.strip()) > LONGEST_LINE:
            raise WrongEntry(field, f"{number}行目が長すぎます（{LONGEST_LINE}文字まで）。")
        found.append(Tip(item=item.strip(), text=said.strip()))
    if len(found) > MOST_TIPS:
        raise WrongEntry(field, f"工夫は{MOST_TIPS}個までです。")
    return found


class PublishForm(Form):
    """What is said about a kit, and what goes into it."""

    title = fields.words("キットの名前", 100, required="キットの名前を入力してください。")
    about = fields.words("どんな団体に役立つか", 1000, lines=True)
    activity = fields.picked("活動の種類", Activity, "活動の種類を選んでください。")
    headcount = fields.picked("活動する人数", Headcount, "活動する人数を選んでください。")
    parts = fields.some_of("キットに入れるもの", Part)
    courses = fields.words(
        "研修で使う題材（1行に1つ）", MOST_COURSES * (LONGEST_LINE + 1), lines=True,
        description="題名と、どこにあるかを書きます。例: 市の動画「個人情報を守る10分」（市のホームページ）",
    )  # fmt: skip
    note = fields.words("前の版から変わったところ", 500, lines=True)

    def facts(self) -> Facts:
        """What was typed."""
        return Facts(
            self.title.data or "", self.about.data or "", self.activity.data, self.headcount.data,
            self.note.data or "", lines_of(self.courses.data)[:MOST_COURSES],
        )  # fmt: skip


class WithdrawForm(Form):
    """Why a kit is taken from the shelf."""

    reason = fields.words("取りやめる理由", 500, required="取りやめる理由を入力してください。", lines=True)


class FileForm(Form):
    """A kit's file from elsewhere."""

    file = FileField("キットのファイル（zip）")


class TakeOverForm(WizardForm):
    """Which parts of a kit are taken over; the wizard's questions are added where rules are among them."""

    parts = fields.CheckboxesField("取り入れるもの")
    sign_again_by = fields.day("約束を加えたときの、署名し直す期限")


class PracticeForm(Form):
    """Own checks beside the check sheet, and tips."""

    seen = fields.RevisionField()
    extras = fields.words(
        "点検表に添える確認（1行に1つ）", MOST_EXTRAS * (LONGEST_LINE + 1), lines=True,
        description="例: 送迎の車を降りる前に、座席とドアのポケットを見ましたか。10個まで。",
    )  # fmt: skip
    tips = fields.words("工夫のメモ", MOST_TIPS * (LONGEST_LINE + 70), lines=True, description=_TIPS_HINT)


class MentorForm(Form):
    """To whom a draft is opened."""

    mentor = SelectField("見てもらう団体", validators=[InputRequired("団体を選んでください。")])

    def __init__(self, mentors: Sequence[Organization], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mentor.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(str(each.id), each.name) for each in mentors),
        ]


class MentorCommentForm(Form):
    """What a mentor says about an article."""

    article = fields.words("条", 60, required="条を選んでください。")
    text = fields.words("コメント", 1000, required="コメントを入力してください。", lines=True)


class MunicipalForm(Form):
    """A municipality's kit; a select for each of the wizard's choices is added (see `municipal_form`)."""

    title = fields.words("キットの名前", 100, required="キットの名前を入力してください。")
    about = fields.words("どんな団体に使ってほしいか", 1000, lines=True)
    activity = fields.picked("活動の種類", Activity, "活動の種類を選んでください。")
    size = RadioField(
        "もとにする見本",
        choices=[SelectChoice(each.value, each.label) for each in Size],
        coerce=Size,
        validators=[InputRequired("見本を選んでください。")],
    )
    promises = fields.words(
        "入ったときの誓約書に追加してほしい約束（1行に1つ）", MOST_PROMISES * (LONGEST_LINE + 1), lines=True
    )
    extras = fields.words("点検表に添えてほしい確認（1行に1つ）", MOST_EXTRAS * (LONGEST_LINE + 1), lines=True)
    tips = fields.words("工夫のメモ", MOST_TIPS * (LONGEST_LINE + 70), lines=True, description=_TIPS_HINT)
    note = fields.words("前の版から変わったところ", 500, lines=True)

    def facts(self, wizard: Wizard) -> MunicipalFacts:
        """What was typed; raises WrongEntry for tips without an item."""
        answers = {
            key: self[field_name(key)].data for key in wizard.questions if field_name(key) in self
            and self[field_name(key)].data
        }  # fmt: skip
        return MunicipalFacts(
            self.title.data or "", self.about.data or "", self.activity.data, self.size.data, answers,
            lines_of(self.promises.data), lines_of(self.extras.data), tips_of(self.tips.data), self.note.data or "",
        )  # fmt: skip


def municipal_form(wizard: Wizard, **given: Any) -> MunicipalForm:
    """The form with a select for each choice that a municipality can settle."""
    asked = {
        field_name(key): SelectField(
            question.label,
            choices=[
                SelectChoice("", "団体が決める"),
                *(SelectChoice(each.key, each.label) for each in question.options),
            ],
            validators=[Optional()],
        )
        for key, question in wizard.questions.items()
        if question.options and key not in ("edition", "we", "board")
    }
    form: MunicipalForm = type("AskingForm", (MunicipalForm,), asked)(**given)
    return form
