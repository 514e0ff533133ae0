"""What can be typed about networks."""

from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from partner_compliance.access import Entrusted
from partner_compliance.networks.operations import LONGEST_RULES
from partner_compliance.organizations.models import Worker
from partner_compliance.web import Form, PlainText, tidy


class NetworkForm(Form):
    """A network's name and rules."""

    name = StringField(
        "協議会・ネットワークの名前",
        filters=[tidy],
        validators=[
            InputRequired("名前を入力してください。"),
            Length(max=200, message="200文字以内で入力してください。"),
            PlainText(),
        ],
    )
    rules = TextAreaField(
        "参加する団体との取り決め",
        filters=[tidy],
        validators=[
            Length(max=LONGEST_RULES, message=f"{LONGEST_RULES}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )


class OfficeForm(Form):
    """Who is to work in the network's office."""

    worker = SelectField("事務局の担当者にする方", coerce=str, validators=[InputRequired("方を選んでください。")])

    def offer(self, workers: list[Worker]) -> None:
        """Offer these people."""
        self.worker.choices = [SelectChoice("", "（選んでください）")] + [
            SelectChoice(str(worker.id), worker.name) for worker in workers
        ]


class MandateForm(Form):
    """What the network's office may do, from when to when."""

    tasks = SelectMultipleField(
        "事務局に任せること",
        choices=[SelectChoice(task.value, task.label) for task in Entrusted],
        coerce=Entrusted,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired("任せることを、1つ以上選んでください。")],
    )
    from_on = DateField("始まりの日", validators=[InputRequired("始まりの日を入力してください。")])
    until_on = DateField("終わりの日", validators=[Optional()])
