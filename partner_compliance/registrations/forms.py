"""What can be typed about registrations: the invitation, and the three pages of the group that registers."""

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from partner_compliance.accounts.operations import is_address
from partner_compliance.accounts.passwords import LONGEST
from partner_compliance.organizations.forms import OrganizationForm
from partner_compliance.organizations.models import EngagementBasis
from partner_compliance.registrations.operations import Capacity, Named, Registration, Terms
from partner_compliance.web import Form, PlainText, tidy


def _name(label: str, *, needed: str = "") -> StringField:
    first = InputRequired(needed) if needed else Optional()
    return StringField(
        label,
        filters=[tidy],
        validators=[first, Length(max=100, message="100文字以内で入力してください。"), PlainText()],
    )


class CodeForm(Form):
    """The code of an invitation, as it stands on paper."""

    code = StringField(
        "招待の番号",
        filters=[tidy],
        validators=[InputRequired("招待の番号を入力してください。"), Length(max=100), PlainText()],
    )


class MemberInvitationForm(Form):
    """Whom a network invites."""

    group_name = StringField(
        "招待する団体の名前",
        filters=[tidy],
        validators=[
            InputRequired("団体の名前を入力してください。"),
            Length(max=200, message="200文字以内で入力してください。"),
            PlainText(),
        ],
    )
    way = RadioField(
        "渡し方",
        choices=[SelectChoice("mail", "メールで送る"), SelectChoice("paper", "紙に印刷して渡す")],
        validators=[InputRequired("渡し方を選んでください。")],
    )
    email = EmailField(
        "団体のメールアドレス（メールで送るとき）",
        filters=[tidy],
        validators=[Length(max=254, message="254文字以内で入力してください。"), PlainText()],
    )

    @property
    def address(self) -> str | None:
        """Where the invitation is mailed to; None for one on paper."""
        return (self.email.data or "") if self.way.data == "mail" else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form can be taken: an address is needed for a mail only."""
        is_valid: bool = super().validate(extra_validators)
        if self.way.data != "mail" or self.email.errors:
            return is_valid
        if not self.email.data:
            self.email.errors = ["メールアドレスを入力してください。"]
        elif not is_address(self.email.data):
            self.email.errors = ["メールアドレスは、半角の「名前@example.jp」の形で1つだけ入力してください。"]
        return is_valid and not self.email.errors


class PartnerInvitationForm(MemberInvitationForm):
    """Whom a municipality invites, and the engagement that begins with the registration, if there is one."""

    basis = SelectField(
        "連携の根拠",
        choices=[SelectChoice("", "まだ決めない（登録だけをお願いする）")]
        + [
            SelectChoice(basis.value, basis.label)
            for basis in EngagementBasis
            if basis is not EngagementBasis.UNRECORDED
        ],
    )
    title = StringField(
        "事業の名前",
        filters=[tidy],
        validators=[Length(max=200, message="200文字以内で入力してください。"), PlainText()],
    )
    starts_on = DateField("始まりの日", validators=[Optional()])
    ends_on = DateField("終わりの日", validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the form can be taken: of an engagement all is needed."""
        is_valid = super().validate(extra_validators)
        if not self.basis.data:
            return is_valid
        for field, message in (
            (self.title, "事業の名前を入力してください。"),
            (self.starts_on, "始まりの日を入力してください。"),
            (self.ends_on, "終わりの日を入力してください。"),
        ):
            if not field.data and not field.errors:
                field.errors = [message]
                is_valid = False
        if self.starts_on.data and self.ends_on.data and self.ends_on.data < self.starts_on.data:
            self.ends_on.errors = ["終わりの日は、始まりの日以降にしてください。"]
            is_valid = False
        return is_valid

    @property
    def terms(self) -> Terms | None:
        """The engagement, of a form that was found valid."""
        if not self.basis.data or self.starts_on.data is None or self.ends_on.data is None:
            return None
        return Terms(EngagementBasis(self.basis.data), self.title.data or "", self.starts_on.data, self.ends_on.data)


class OrganizationStep(OrganizationForm):
    """The first page: the organization and its centers."""

    representative_kana = _name("代表者のフリガナ", needed="代表者のフリガナを入力してください。")
    centers = TextAreaField(
        "拠点の名前",
        filters=[tidy],
        validators=[
            InputRequired("拠点の名前を、1つ以上書いてください。"),
            Length(max=1200, message="長すぎます。1行に1か所ずつ、短く書いてください。"),
            PlainText(lines=True),
        ],
    )

    def names_of_centers(self) -> list[str]:
        """The centers' names, one a line."""
        return [name for line in (self.centers.data or "").split("\n") if (name := line.strip())]


class PeopleStep(Form):
    """The second page: who registers, and who holds which post."""

    capacity = RadioField(
        "あなたの立場",
        choices=[SelectChoice(each.value, each.label) for each in Capacity],
        validators=[InputRequired("立場を選んでください。")],
    )
    own_name = _name("あなたのお名前", needed="お名前を入力してください。")
    own_kana = _name("あなたのフリガナ", needed="フリガナを入力してください。")
    is_head = BooleanField("最初の拠点のセンター長も、自分が務める")
    officer_name = _name("個人情報責任者のお名前")
    officer_kana = _name("個人情報責任者のフリガナ")
    officer_deputy_name = _name("個人情報責任者の代理のお名前")
    officer_deputy_kana = _name("個人情報責任者の代理のフリガナ")
    security_name = _name("情報セキュリティ管理者のお名前")
    security_kana = _name("情報セキュリティ管理者のフリガナ")
    security_deputy_name = _name("情報セキュリティ管理者の代理のお名前")
    security_deputy_kana = _name("情報セキュリティ管理者の代理のフリガナ")

    def _named(self, prefix: str) -> Named:
        return Named(self[f"{prefix}_name"].data or "", self[f"{prefix}_kana"].data or "")

    def registration(self, organization: OrganizationStep) -> Registration:
        """What both pages say together, of forms that were found valid."""
        return Registration(
            organization.facts(),
            organization.names_of_centers(),
            Capacity(self.capacity.data),
            self._named("own"),
            bool(self.is_head.data),
            self._named("officer"),
            self._named("officer_deputy"),
            self._named("security"),
            self._named("security_deputy"),
        )


class AgreementStep(Form):
    """The last page of someone who has an account: only the promises."""

    agrees = BooleanField(
        "上の約束を読みました。団体として守ります",
        validators=[InputRequired("約束を読んで、印を付けてください。")],
    )


class AccountStep(AgreementStep):
    """The last page of someone who has none: the account too; what makes a password too weak, the operation says."""

    login_name = StringField(
        "ログイン名",
        filters=[tidy],
        validators=[
            InputRequired("ログイン名を決めて、入力してください。"),
            Length(min=3, max=100, message="3文字以上100文字以内で入力してください。"),
            PlainText(),
        ],
    )
    email = EmailField(
        "メールアドレス",
        filters=[tidy],
        validators=[Length(max=254, message="254文字以内で入力してください。"), PlainText()],
    )
    new = PasswordField(
        "パスワード",
        validators=[
            InputRequired("パスワードを決めて、入力してください。"),
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


class JoinForm(Form):
    """For which of the reader's organizations an invitation is accepted."""

    organization = SelectField("参加する団体", coerce=str, validators=[InputRequired("団体を選んでください。")])

    def offer(self, organizations: list[tuple[str, str]]) -> None:
        """Offer these organizations, as (id, name)."""
        self.organization.choices = [SelectChoice(key, name) for key, name in organizations]


class ByHandForm(OrganizationForm):
    """What the operator types to register an organization."""

    center_name = StringField(
        "最初の拠点の名前",
        filters=[tidy],
        validators=[
            InputRequired("拠点の名前を入力してください。"),
            Length(max=100, message="100文字以内で入力してください。"),
            PlainText(),
        ],
    )
    officer_name = _name("個人情報責任者のお名前", needed="個人情報責任者のお名前を入力してください。")
    officer_kana = _name("個人情報責任者のフリガナ", needed="個人情報責任者のフリガナを入力してください。")
