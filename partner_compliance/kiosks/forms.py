"""What can be typed about shared tablets, and at them."""

import unicodedata
from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from partner_compliance.kiosks.pins import CODE_LENGTH, LENGTH
from partner_compliance.web import Form, PlainText, tidy


def figures(text: str | None) -> str:
    """A number as typed or pasted: of any width, with spaces or dashes between its figures or without."""
    plain = unicodedata.normalize("NFKC", text or "")
    return "".join(char for char in plain if not char.isspace() and char not in "-‐‑–—−ー")[:32]


class DeviceForm(Form):
    """The name of a device that becomes a shared tablet."""

    name = StringField(
        "端末の名前",
        filters=[tidy],
        validators=[
            InputRequired("端末の名前を入力してください。"),
            Length(max=50, message="端末の名前は50文字以内にしてください。"),
            PlainText(),
        ],
    )


class PinForm(Form):
    """A PIN to enter."""

    pin = StringField(
        "暗証番号（6けた）",
        filters=[figures],
        validators=[
            InputRequired("暗証番号を入力してください。"),
            Regexp(rf"[0-9]{{{LENGTH}}}$", message="暗証番号は、6けたの数字です。"),
        ],
    )


class CodeForm(Form):
    """The code on a slip."""

    code = StringField(
        "紙に書かれた番号（8けた）",
        filters=[figures],
        validators=[
            InputRequired("紙に書かれた番号を入力してください。"),
            Regexp(rf"[0-9]{{{CODE_LENGTH}}}$", message="紙に書かれた番号は、8けたの数字です。"),
        ],
    )


class ChoosePinForm(Form):
    """A PIN of one's own, typed twice; what makes it too simple, the operation says."""

    pin = StringField(
        "自分で決める暗証番号（数字6けた）",
        filters=[figures],
        validators=[
            InputRequired("暗証番号を入力してください。"),
            Regexp(rf"[0-9]{{{LENGTH}}}$", message="暗証番号は、6けたの数字にしてください。"),
        ],
    )
    again = StringField(
        "もう一度、同じ番号",
        filters=[figures],
        validators=[
            InputRequired("確認のため、同じ番号をもう一度入力してください。"),
            EqualTo("pin", "2つの番号が違います。同じ番号を入力してください。"),
        ],
    )


class _AnyOfMany(SelectMultipleField):
    """Checkboxes drawn by the page; what is chosen has to be one of the choices."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError when something is chosen that was not offered."""
        offered = {value for value, *_ in self.iter_choices()}
        if set(self.data or ()) - offered:
            raise ValidationError("一覧にない方が選ばれています。画面を開き直して、選び直してください。")


class SlipsForm(Form):
    """For whom slips are printed."""

    worker = _AnyOfMany("紙を作る方", validators=[InputRequired("紙を作る方を、1人以上選んでください。")])

    def __init__(self, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.worker.choices = [SelectChoice(key, name) for key, name in people]
