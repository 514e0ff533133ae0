"""What can be typed about accounts."""

from typing import Any

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from partner_compliance.access import Role
from partner_compliance.accounts.passwords import LONGEST
from partner_compliance.web import Form, PlainText, tidy

_GRANTABLE = (Role.CENTER_HEAD, Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.WORKER)


class SignInForm(Form):
    """Login name or e-mail, and password."""

    name = StringField(
        "ログイン名またはメールアドレス",
        filters=[tidy],
        validators=[InputRequired("ログイン名またはメールアドレスを入力してください。"), Length(max=254), PlainText()],
    )
    password = PasswordField(
        "パスワード", validators=[InputRequired("パスワードを入力してください。"), Length(max=1024)]
    )


class CodeForm(Form):
    """A code of the authenticator app."""

    code = StringField(
        "確認コード（6桁の数字）",
        filters=[tidy],
        validators=[InputRequired("確認コードを入力してください。"), Length(max=40), PlainText()],
    )


class RecoveryForm(Form):
    """A recovery code, in place of the second factor."""

    recovery = StringField(
        "回復コード（12文字）",
        filters=[tidy],
        validators=[InputRequired("回復コードを入力してください。"), Length(max=100), PlainText()],
    )


class ProofForm(Form):
    """A proof that the reader is still the one who signed in: one of the two is enough."""

    proof_password = PasswordField("パスワード", validators=[Optional(strip_whitespace=False), Length(max=1024)])
    proof_code = StringField(
        "認証アプリの確認コード（6桁の数字）", filters=[tidy], validators=[Optional(), Length(max=40), PlainText()]
    )


class PasskeyForm(Form):
    """A passkey to register: its name, and what the browser answered."""

    name = StringField(
        "この端末の呼び名",
        filters=[tidy],
        validators=[
            InputRequired("この端末の呼び名を入力してください。"),
            Length(max=60, message="呼び名は60文字以内にしてください。"),
            PlainText(),
        ],
    )
    passkey = HiddenField(validators=[InputRequired("「パスキーを登録する」を押して、端末の案内に従ってください。")])


class ResetRequestForm(Form):
    """For whom a one-time link is asked."""

    name = StringField(
        "ログイン名またはメールアドレス",
        filters=[tidy],
        validators=[InputRequired("ログイン名またはメールアドレスを入力してください。"), Length(max=254), PlainText()],
    )


class NewPasswordForm(Form):
    """A new password, typed twice; what makes it too weak, the operation says."""

    new = PasswordField(
        "新しいパスワード",
        validators=[
            InputRequired("新しいパスワードを入力してください。"),
            Length(max=LONGEST, message=f"パスワードは{LONGEST}文字以内にしてください。"),
        ],
    )
    again = PasswordField(
        "新しいパスワード（もう一度）",
        validators=[
            InputRequired("確認のため、新しいパスワードをもう一度入力してください。"),
            EqualTo("new", "2つの入力が一致していません。同じパスワードを入力してください。"),
        ],
    )


class PasswordChangeForm(NewPasswordForm):
    """The present password and the new one."""

    current = PasswordField(
        "いまのパスワード", validators=[InputRequired("いまのパスワードを入力してください。"), Length(max=1024)]
    )


class RoleForm(Form):
    """A role to give, and the center for a head."""

    role = SelectField(
        "役割",
        choices=[SelectChoice(role.value, role.label) for role in _GRANTABLE],
        coerce=Role,
        validators=[InputRequired("役割を選んでください。")],
    )
    center = SelectField("担当する拠点（センター長のとき）", coerce=str)

    def __init__(self, centers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.center.choices = [SelectChoice("", "（選ばない）")] + [SelectChoice(key, name) for key, name in centers]
