"""What can be typed about rules: the wizard, articles, comments, decisions, answers to sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from partner_compliance import fields
from partner_compliance.library.rules import Question, Wizard
from partner_compliance.organizations.models import LegalForm, Organization
from partner_compliance.rulebooks.operations import LONGEST_ANSWER, Typed
from partner_compliance.rulebooks.texts import LONGEST_TEXT
from partner_compliance.rulebooks.words import DecidedBy
from partner_compliance.web import Form


def field_name(key: str) -> str:
    """The name of a question's field."""
    return "answer_" + key.replace("-", "_")


class WizardForm(Form):
    """The wizard's questions; the fields come from the shelf (see `wizard_form`)."""

    rules = fields.CheckboxesField("作る規程")

    def answers(self, wizard: Wizard) -> dict[str, str]:
        """What was answered, by the key of the question; a question that is not asked has no answer."""
        return {key: self[field_name(key)].data or "" for key in wizard.questions if field_name(key) in self}

    def put_error(self, key: str, message: str) -> None:
        """Show an error at a question, or at the choice of rules."""
        name = field_name(key) if field_name(key) in self else "rules"
        self[name].errors = [message]


def _field_of(question: Question) -> Any:
    if question.kind == "choice":
        return RadioField(
            question.label,
            description=question.hint,
            choices=[SelectChoice(each.key, each.label) for each in question.options],
            validators=[InputRequired("答えを一つ選んでください。")],
        )
    required = "入力してください。" if question.required else ""
    return fields.words(question.label, LONGEST_ANSWER, required=required, description=question.hint)


def wizard_fields(wizard: Wizard, *, names_only: bool = False) -> dict[str, Any]:
    """The fields of a wizard's questions; with `names_only` those that fill placeholders, not those that choose."""
    return {
        field_name(key): _field_of(question)
        for key, question in wizard.questions.items()
        if not names_only or question.kind == "text" or key in ("we", "board")
    }


def wizard_form(wizard: Wizard, rules: Sequence[tuple[str, str]], **given: Any) -> WizardForm:
    """A form with the questions of the day; `rules` are the (key, title) that can be written."""
    form: WizardForm = type("AskingForm", (WizardForm,), wizard_fields(wizard))(**given)
    form.rules.choices = [SelectChoice(key, title) for key, title in rules]
    form.rules.flags.required = True
    return form


def first_answers(organization: Organization, before: Mapping[str, str]) -> dict[str, Any]:
    """What stands in the wizard before anything is typed: what was answered last, or what is known."""
    is_group = organization.legal_form is LegalForm.UNINCORPORATED_GROUP
    found = {"organization": organization.name, "we": "group" if is_group else "corporation", **before}
    return {field_name(key): said for key, said in found.items()}


class ArticleForm(Form):
    """An article's heading, text, and the line that the summary shows."""

    seen = fields.RevisionField()
    title = fields.words("見出し", 100, required="条の見出しを入力してください。")
    text = fields.words("本文", LONGEST_TEXT, required="本文を入力してください。", lines=True)
    staff = fields.words("要約の1行", 300, description="全員に配る1枚の要約に載ります。なくてもかまいません。")

    def typed(self) -> Typed:
        """What was typed."""
        return Typed(self.title.data or "", self.text.data or "", self.staff.data or "")


class AddArticleForm(ArticleForm):
    """An article of one's own."""

    number = fields.words("番号", 10, required="番号を入力してください。", description="例: 12-3（第12条の3）、別表2")
    chapter = SelectField("章", validators=[InputRequired("章を選んでください。")])

    def __init__(self, chapters: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chapter.choices = [SelectChoice(each, each) for each in chapters]


class ReasonForm(Form):
    """Why an article is left out."""

    seen = fields.RevisionField()
    reason = fields.words("除く理由", 300, required="除く理由を入力してください。")


class CommentForm(Form):
    """What somebody says about an article."""

    text = fields.words("コメント", 1000, required="コメントを入力してください。", lines=True)


class ReviewForm(Form):
    """That a draft was read as a whole."""

    seen = fields.RevisionField()


class AdoptForm(Form):
    """Who decided, when, from when it holds, and what it means for those who knew the rule before."""

    decided_by = fields.picked("どこで決めましたか", DecidedBy, "どこで決めたかを選んでください。")
    decided_on = fields.day("決めた日", required="決めた日を入力してください。")
    in_force_from = fields.day("効力が生じる日", required="効力が生じる日を入力してください。")
    kind = SelectField(
        "変更の大きさ",
        default="",
        choices=[
            SelectChoice("", "（選んでください）"),
            SelectChoice("material", "大きな変更（全員がもう一度確認する）"),
            SelectChoice("minor", "小さな変更（確認し直さなくてよい）"),
        ],
    )
    acknowledge_by = fields.day("確認の期限")
    change = fields.words("変えた内容と理由", 500, lines=True)


class NoChangeForm(Form):
    """That a rule was reviewed and stays as it is."""

    decided_by = fields.picked("どこで見直しましたか", DecidedBy, "どこで見直したかを選んでください。")
    on = fields.day("見直した日", required="見直した日を入力してください。")
    note = fields.words("見直した結果", 500, required="見直した結果を入力してください。", lines=True)


class ReplyForm(Form):
    """What is done with a change at the source."""

    text = fields.words("取り入れる文", LONGEST_TEXT, lines=True)
    reason = fields.words("見送る理由", 500)


class PaperForm(Form):
    """That somebody has read a rule on paper."""

    on = fields.day("紙に書かれた日", required="紙に書かれた日を入力してください。")
