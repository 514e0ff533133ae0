"""What can be typed about engagements, clauses and places."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import CheckboxInput, ListWidget

from partner_compliance.engagements.operations import LONGEST_REASON, LONGEST_TITLE, Terms
from partner_compliance.engagements.places import PlaceFacts
from partner_compliance.engagements.words import CouncilCategory, DataClass, Mode, NoticeReply, PlaceKind
from partner_compliance.library.clauses import NOT_AGREED, ClauseList
from partner_compliance.organizations.models import EngagementBasis
from partner_compliance.roster.models import Post
from partner_compliance.web import Form, PlainText, tidy

#: The bases that can be chosen, and a line below each.
BASES = {
    EngagementBasis.OUTSOURCING: "自治体の仕事を契約で引き受けます（個人情報保護法第66条第2項第1号）。",
    EngagementBasis.DESIGNATED_MANAGER: "公の施設を管理します（同項第2号）。",
    EngagementBasis.SUBCONTRACT: "委託を受けた団体から、さらに任されます（同項第5号）。",
    EngagementBasis.SUBSIDY: "補助金を受けて行う事業です。委託にはあたりません。",
    EngagementBasis.AGREEMENT: "協定を結んで行う活動です。委託にはあたりません。",
    EngagementBasis.COUNCIL_MEMBER: "要保護児童対策地域協議会に加わっています（児童福祉法第25条の5）。",
    EngagementBasis.STATUTORY_SECRECY: "その事業を定めた法律に守秘義務があります。",
    EngagementBasis.CONSENT_ONLY: "ほかの根拠がなく、本人の同意だけによります。",
    EngagementBasis.OTHER: "下の「根拠の説明」に書いてください。",
}
_BASIS_CHOICES = [SelectChoice(basis.value, basis.label) for basis in BASES]


class DayField(DateField):
    """A day, typed or picked; a day that never was, or one of another century, is refused."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day that was sent."""
        typed = valuelist[0].strip() if valuelist else ""
        self.raw_data = [typed] if valuelist else []
        self.data = None
        if not typed:
            return
        try:
            found = date.fromisoformat(typed) if len(typed) == 10 else None
        except ValueError:
            found = None
        if found is None or not 2000 <= found.year <= 2100:
            raise ValueError("日付を確かめてください（2000年から2100年まで）。")
        self.data = found


class CheckboxesField(SelectMultipleField):
    """Several of some choices, as tiles."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _day(label: str, message: str) -> DayField:
    return DayField(label, validators=[InputRequired(message)])


def _text(label: str, *validators: Any, description: str = "") -> StringField:
    return StringField(label, filters=[tidy], validators=[*validators, PlainText()], description=description)


def _reason(label: str, message: str, description: str = "") -> TextAreaField:
    return TextAreaField(
        label,
        filters=[tidy],
        description=description,
        validators=[
            InputRequired(message),
            Length(max=LONGEST_REASON, message=f"{LONGEST_REASON}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )


# --- engagements ------------------------------------------------------------------------------------------------


class TermsForm(Form):
    """On what terms a municipality works with an organization."""

    basis_lines = {basis.value: line for basis, line in BASES.items()}  # noqa: RUF012 - WTForms knows its fields by type

    title = _text(
        "事業の名前",
        InputRequired("事業の名前を入力してください。"),
        Length(max=LONGEST_TITLE, message=f"事業の名前は{LONGEST_TITLE}文字以内にしてください。"),
    )
    basis = RadioField(
        "いちばんの根拠",
        choices=_BASIS_CHOICES,
        validators=[InputRequired("根拠を1つ選んでください。")],
    )
    further_bases = CheckboxesField("そのほかの根拠", choices=_BASIS_CHOICES, validators=[MayBeEmpty()])
    council_category = RadioField(
        "要対協の構成員の区分",
        choices=[
            SelectChoice("", "構成員ではない"),
            *(SelectChoice(each.value, each.label) for each in CouncilCategory),
        ],
        default="",
        validators=[MayBeEmpty()],
    )
    basis_note = _text("根拠の説明", MayBeEmpty())
    re_entrusted_by = _text("再委託元の団体", MayBeEmpty())
    starts_on = _day("始まりの日", "始まりの日を入力してください。")
    ends_on = _day("終わりの日", "終わりの日を入力してください。")
    protected_reason = TextAreaField(
        "D8を共有する理由", filters=[tidy], validators=[MayBeEmpty(), PlainText(lines=True)]
    )

    def terms(self) -> Terms:
        """What was typed, once it is valid as a form."""
        category = self.council_category.data
        return Terms(
            title=self.title.data or "",
            basis=EngagementBasis(self.basis.data),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            further_bases=frozenset(map(EngagementBasis, self.further_bases.data or ()))
            - {EngagementBasis(self.basis.data)},
            council_category=CouncilCategory(category) if category else None,
            basis_note=self.basis_note.data or "",
            re_entrusted_by=self.re_entrusted_by.data or "",
            shares={each: frozenset(map(Mode, self.share(each).data or ())) for each in DataClass},
            protected_reason=self.protected_reason.data or "",
        )

    def share(self, each: DataClass) -> Any:
        """The field of a data class."""
        return self[f"share_{each.value}"]


for _class in DataClass:
    setattr(
        TermsForm,
        f"share_{_class.value}",
        CheckboxesField(
            f"{_class.value} {_class.label}",
            choices=[SelectChoice(mode.value, mode.label) for mode in Mode],
            validators=[MayBeEmpty()],
        ),
    )


def as_fields(terms: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a version as the data of the form's fields."""
    category = terms["council_category"]
    shares = {f"share_{each.value}": terms["shares"].get(each.value, []) for each in DataClass}
    plain = ("title", "further_bases", "basis_note", "re_entrusted_by", "starts_on", "ends_on", "protected_reason")
    return {
        **{name: terms[name] for name in plain},
        **shares,
        "basis": terms["basis"].value,
        "council_category": category.value if category else "",
    }


class ProposalForm(TermsForm):
    """A new engagement: with whom, and on what terms."""

    partner = SelectField("団体", validators=[MayBeEmpty()])
    code = _text("連携コード", MayBeEmpty())

    def offer(self, partners: Sequence[tuple[UUID, str]]) -> None:
        """Say which organizations can be chosen by name."""
        self.partner.choices = [
            SelectChoice("", "選ばずに、連携コードを入力する"),
            *(SelectChoice(str(each), name) for each, name in partners),
        ]


class ChangeForm(TermsForm):
    """Other terms for an engagement in force, and why."""

    reason = _reason("変更の理由", "変更の理由を書いてください。", "団体の方が読みます。例：契約を1年延ばすため。")


class DeclineForm(Form):
    """Why a proposal is declined."""

    reason = _reason("辞退の理由", "辞退するときは、理由を書いてください。", "自治体の担当者が読みます。")


class EndForm(Form):
    """From which day an engagement no longer holds, and why."""

    cancelled_on = _day("有効でなくなる日", "有効でなくなる日を入力してください。")
    reason = _reason("途中で終える理由", "途中で終える理由を書いてください。", "相手の方も読みます。")


class AssignmentForm(Form):
    """Which centers, posts and project of the organization are concerned."""

    centers = CheckboxesField("担当する拠点", validators=[MayBeEmpty()])
    posts = CheckboxesField(
        "関わる役職", choices=[SelectChoice(post.value, post.label) for post in Post], validators=[MayBeEmpty()]
    )
    project = SelectField("団体の事業", validators=[MayBeEmpty()])

    def offer(self, centers: Mapping[str, str], projects: Sequence[tuple[UUID, str]]) -> None:
        """Say which centers and projects there are."""
        self.centers.choices = [SelectChoice(key, name) for key, name in centers.items()]
        self.project.choices = [
            SelectChoice("", "選ばない"),
            *(SelectChoice(str(each), name) for each, name in projects),
        ]


class ClausesForm(Form):
    """Which clauses the contract holds in which variant; the clauses come from the list, see `clauses_form`."""

    note = TextAreaField(
        "メモ",
        filters=[tidy],
        validators=[
            MayBeEmpty(),
            Length(max=LONGEST_REASON, message=f"{LONGEST_REASON}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
        description="契約書の名前や、記録を直した理由など。団体の方も読みます。",
    )

    def variants(self, clauses: ClauseList) -> dict[str, str]:
        """{key of a clause: what was chosen}."""
        return {key: self[f"clause-{key}"].data or "" for key in clauses.clauses}


def clauses_form(clauses: ClauseList) -> type[ClausesForm]:
    """The form for a list of clauses."""
    fields = {
        f"clause-{clause.key}": SelectField(
            clause.title,
            choices=[
                SelectChoice("", "（まだ選んでいません）"),
                *(SelectChoice(variant.key, variant.label) for variant in clause.variants),
                SelectChoice(NOT_AGREED, "この契約では定めていない"),
            ],
            validators=[MayBeEmpty()],
        )
        for clause in clauses.clauses.values()
    }
    return type("ClausesOfEdition", (ClausesForm,), fields)


# --- places -----------------------------------------------------------------------------------------------------


class PlaceFields(Form):
    """What is said of a place of work or storage."""

    kind = RadioField(
        "区分",
        choices=[SelectChoice(kind.value, kind.label) for kind in PlaceKind],
        validators=[InputRequired("区分を1つ選んでください。")],
    )
    name = _text("場所の名前", InputRequired("場所の名前を入力してください。"))
    address = _text("所在地", InputRequired("所在地を入力してください。"))
    center = SelectField("拠点", validators=[MayBeEmpty()])
    is_lockable = RadioField(
        "鍵をかけられますか",
        choices=[SelectChoice("yes", "かけられる"), SelectChoice("no", "かけられない")],
        validators=[InputRequired("どちらかを選んでください。")],
    )
    lock_method = _text("施錠の方法", MayBeEmpty())
    key_holder = _text("鍵を管理する役職", MayBeEmpty())
    engagements = CheckboxesField("この場所を使う連携関係", validators=[MayBeEmpty()])

    def offer(self, centers: Sequence[tuple[UUID, str]], engagements: Sequence[tuple[UUID, str]]) -> None:
        """Say which centers and engagements there are."""
        self.center.choices = [
            SelectChoice("", "拠点の外"),
            *(SelectChoice(str(each), name) for each, name in centers),
        ]
        self.engagements.choices = [SelectChoice(str(each), name) for each, name in engagements]

    def facts(self, from_on: date) -> PlaceFacts:
        """What was typed, once it is valid as a form."""
        return PlaceFacts(
            kind=PlaceKind(self.kind.data),
            name=self.name.data or "",
            address=self.address.data or "",
            is_lockable=self.is_lockable.data == "yes",
            from_on=from_on,
            lock_method=self.lock_method.data or "",
            key_holder=self.key_holder.data or "",
            center_id=UUID(self.center.data) if self.center.data else None,
            engagements=frozenset(map(UUID, self.engagements.data or ())),
        )


class PlaceForm(PlaceFields):
    """A new place, and from which day it is used."""

    from_on = _day("使い始める日", "使い始める日を入力してください。")


class PlaceChangeForm(PlaceFields):
    """A change of a place, from a day on, and why."""

    effective_on = _day("変更の日", "変更の日を入力してください。")
    reason = _reason("変更の理由", "変更の理由を書いてください。", "届に載ります。例：事務所の引っ越しのため。")


class PlaceClosingForm(Form):
    """The last day on which a place is used, and why."""

    until_on = _day("最後に使う日", "最後に使う日を入力してください。")
    reason = _reason("使わなくなる理由", "使わなくなる理由を書いてください。", "届に載ります。")


class NoticeAnswerForm(Form):
    """What the municipality says to a notice."""

    kind = RadioField(
        "返事",
        choices=[SelectChoice(each.value, each.label) for each in NoticeReply],
        validators=[InputRequired("返事を選んでください。")],
    )
    reason = TextAreaField(
        "理由",
        filters=[tidy],
        validators=[
            MayBeEmpty(),
            Length(max=LONGEST_REASON, message=f"{LONGEST_REASON}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
        description="承認しないときは、必ず書いてください。団体の方が読みます。",
    )
