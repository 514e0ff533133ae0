"""What can be typed about invitations."""

from typing import Any

from wtforms import BooleanField, Field, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from partner_compliance.accounts.operations import is_address
from partner_compliance.accounts.passwords import LONGEST
from partner_compliance.invitations import codes
from partner_compliance.invitations.models import Way
from partner_compliance.web import Form, PlainText, tidy

_WAYS = [
    SelectChoice(Way.PAPER.value, "紙に印刷して、手渡す"),
    SelectChoice(Way.MAIL.value, "メールで送る"),
]


class _WayForm(Form):
    """How an invitation reaches the person, and the address of a mail."""

    way = RadioField(
        "招待のしかた", choices=_WAYS, coerce=Way, validators=[InputRequired("招待のしかたを選んでください。")]
    )
    email = StringField("メールアドレス（メールで送るとき）", filters=[tidy], validators=[Length(max=254), PlainText()])

    def validate_email(self, field: Field) -> None:
        """Ask for one plain address when a mail is wanted."""
        if self.way.data is Way.MAIL and not is_address(field.data or ""):
            raise ValidationError("メールアドレスを、半角の「名前@example.jp」の形で1つだけ入力してください。")


class WorkerInvitationForm(_WayForm):
    """An invitation of someone on the roster; who may give no roles is not asked for any."""

    officer = BooleanField("個人情報責任者")
    representative = BooleanField("代表者")
    head_of = SelectField("センター長として担当する拠点", coerce=str, default="")

    def __init__(self, centers: list[tuple[str, str]] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if centers is None:
            del self.officer, self.representative, self.head_of
        else:
            choices = [SelectChoice("", "（センター長ではない）")]
            self.head_of.choices = choices + [SelectChoice(key, name) for key, name in centers]


class OfficerInvitationForm(_WayForm):
    """An invitation of a municipal officer."""

    name = StringField(
        "氏名",
        filters=[tidy],
        validators=[
            InputRequired("氏名を入力してください。"),
            Length(max=100, message="氏名は100文字以内にしてください。"),
            PlainText(),
        ],
    )


class FirstOfficerForm(_WayForm):
    """Whom of those who hold the post the operator invites."""

    person = RadioField("招待する方", validators=[InputRequired("招待する方を選んでください。")])

    def __init__(self, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person.choices = [SelectChoice(key, name) for key, name in people]


class CodeForm(Form):
    """The short code from paper."""

    code = StringField(
        "紙に書かれた番号",
        filters=[tidy],
        validators=[InputRequired("番号を入力してください。"), Length(max=100), PlainText()],
    )

    def validate_code(self, field: Field) -> None:
        """Say what no code looks like; whether one is right, the operation says."""
        if fault := codes.fault_in(codes.read(field.data or "")):
            raise ValidationError(fault)


class AcceptForm(Form):
    """The account with which someone joins: login name and password, and that it is really they."""

    is_me = BooleanField("はい、本人です", validators=[InputRequired("ご本人であることを確かめ、印を付けてください。")])
    login_name = StringField(
        "ログイン名",
        filters=[tidy],
        validators=[
            InputRequired("ログイン名を入力してください。"),
            Length(max=100, message="ログイン名は100文字以内にしてください。"),
            PlainText(),
        ],
    )
    new = PasswordField(
        "パスワード",
        validators=[
            InputRequired("パスワードを入力してください。"),
            Length(max=LONGEST, message=f"パスワードは{LONGEST}文字以内にしてください。"),
        ],
    )
    again = PasswordField(
        "パスワード（もう一度）",
        validators=[
            InputRequired("確認のため、パスワードをもう一度入力してください。"),
            EqualTo("new", "2つの入力が一致していません。同じパスワードを入力してください。"),
        ],
    )

    def do_without_password(self) -> None:
        """The person registers a passkey instead, right afterwards."""
        self.new.validators = self.again.validators = ()


class MunicipalityForm(Form):
    """A municipality to register."""

    code = StringField(
        "全国地方公共団体コード（6桁）",
        filters=[tidy],
        validators=[
            InputRequired("全国地方公共団体コードを入力してください。"),
            Length(max=20, message="6桁の数字を入力してください。"),
            PlainText(),
        ],
    )
    name = StringField(
        "自治体の名前",
        filters=[tidy],
        validators=[
            InputRequired("自治体の名前を入力してください。"),
            Length(max=100, message="自治体の名前は100文字以内にしてください。"),
            PlainText(),
        ],
    )
