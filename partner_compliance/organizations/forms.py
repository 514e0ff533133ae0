"""What can be typed about organizations and centers."""

from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from partner_compliance.organizations.models import LegalForm
from partner_compliance.organizations.operations import OrganizationFacts
from partner_compliance.web import Form, PlainText, tidy


class OrganizationForm(Form):
    """What is registered about an organization; whether the number is right, the operation says."""

    legal_form = SelectField(
        "法人格",
        choices=[SelectChoice("", "（選んでください）")] + [SelectChoice(form.value, form.label) for form in LegalForm],
        validators=[InputRequired("法人格を選んでください。")],
    )
    name = StringField(
        "団体の名前",
        filters=[tidy],
        validators=[
            InputRequired("団体の名前を入力してください。"),
            Length(max=200, message="200文字以内で入力してください。"),
            PlainText(),
        ],
    )
    corporate_number = StringField("法人番号", filters=[tidy], validators=[Length(max=40), PlainText()])
    representative_name = StringField(
        "代表者のお名前",
        filters=[tidy],
        validators=[
            InputRequired("代表者のお名前を入力してください。"),
            Length(max=100, message="100文字以内で入力してください。"),
            PlainText(),
        ],
    )
    representative_kana = StringField(
        "代表者のフリガナ",
        filters=[tidy],
        validators=[Length(max=100, message="100文字以内で入力してください。"), PlainText()],
    )
    address = StringField(
        "所在地", filters=[tidy], validators=[Length(max=200, message="200文字以内で入力してください。"), PlainText()]
    )
    phone = StringField(
        "電話番号", filters=[tidy], validators=[Length(max=20, message="20文字以内で入力してください。"), PlainText()]
    )

    def facts(self) -> OrganizationFacts:
        """What was typed, of a form that was found valid."""
        return OrganizationFacts(
            name=self.name.data or "",
            legal_form=LegalForm(self.legal_form.data),
            corporate_number=self.corporate_number.data or "",
            representative_name=self.representative_name.data or "",
            representative_kana=self.representative_kana.data or "",
            address=self.address.data or "",
            phone=self.phone.data or "",
        )

    def refuse(self, faults: dict[str, str]) -> None:
        """Say at each field what is wrong with it, unless something is said there already."""
        for name, message in faults.items():
            field: Any = self[name]
            field.errors = field.errors or [message]


class CenterForm(Form):
    """A center's name."""

    name = StringField(
        "拠点の名前",
        filters=[tidy],
        validators=[
            InputRequired("拠点の名前を入力してください。"),
            Length(max=100, message="100文字以内で入力してください。"),
            PlainText(),
        ],
    )
