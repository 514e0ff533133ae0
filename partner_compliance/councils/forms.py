"""What can be typed about council papers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from partner_compliance import fields
from partner_compliance.councils.operations import Person
from partner_compliance.engagements.words import CouncilCategory
from partner_compliance.web import Form

_COUNCIL = "協議会の名前"


class AskForm(Form):
    """Which organization is asked to be a member, and in which category."""

    request_key = fields.RequestKeyField()
    organization = SelectField("団体", validators=[InputRequired("団体を選んでください。")])
    council = fields.words(_COUNCIL, 100, required="協議会の名前を入力してください。")
    category = fields.one_of("構成員としての区分", CouncilCategory, "区分を選んでください。")

    def __init__(self, partners: Sequence[tuple[UUID, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(str(found), name) for found, name in partners),
        ]


class ConsentForm(Form):
    """A consent: by the representative on screen, or entered from paper."""

    digest = HiddenField()
    name = fields.words("代表者の氏名", 100, required="代表者の氏名を入力してください。")
    post = fields.words("代表者の役職", 100, required="代表者の役職を入力してください。")
    address = fields.words("団体の所在地", 200, required="団体の所在地を入力してください。")
    contact = fields.words("連絡先（電話など）", 100, required="連絡先を入力してください。")
    signed_on = fields.day("紙に署名した日", required="紙に書かれた、署名した日を入力してください。")
    is_read = BooleanField(
        "文面をすべて読みました", validators=[InputRequired("文面を読んで、チェックを入れてください。")]
    )


class ReasonForm(Form):
    """Why not."""

    reason = fields.words("理由", 500, required="理由を入力してください。", lines=True)


class EndForm(Form):
    """When a membership ended, and why."""

    ends_on = fields.day("終了した日", required="終了した日を入力してください。")
    reason = fields.words("終了した理由", 500, required="理由を入力してください。", lines=True)


class MeetingForm(Form):
    """A case meeting."""

    request_key = fields.RequestKeyField()
    council = fields.words(_COUNCIL, 100, required="協議会の名前を入力してください。")
    number = fields.words("個別ケース検討会議の番号", 60, required="番号を入力してください。")
    held_on = fields.day("会議の日", required="会議の日を入力してください。")
    place = fields.words("会場", 100, required="会場を入力してください。")
    convener = fields.words("会議を開く人（所属と氏名）", 100, required="会議を開く人を入力してください。")


class _PersonForm(Form):
    organization = fields.words("団体・機関の名前", 100, required="団体・機関の名前を入力してください。")
    post = fields.words("役職・職種", 100)
    name = fields.words("氏名（姓と名）", 100, required="氏名を入力してください。")
    membership = RadioField(
        "協議会の構成員ですか",
        choices=[SelectChoice("member", "構成員の団体・機関から"), SelectChoice("other", "構成員ではない")],
        validators=[InputRequired("どちらかを選んでください。")],
    )

    def person(self) -> Person:
        """Who was typed."""
        return Person(
            self.organization.data or "", self.post.data or "", self.name.data or "", self.membership.data == "member"
        )


class SeatForm(_PersonForm):
    """Somebody who will come."""


class RosterForm(_PersonForm):
    """The own line in a roster."""

    request_key = fields.RequestKeyField()
    digest = HiddenField()
    is_agreed = BooleanField(
        "文面をすべて読み、秘密を守ることに同意します",
        validators=[InputRequired("文面を読んで、チェックを入れてください。")],
    )


class ReadOutForm(Form):
    """Who read the text out."""

    said_by = fields.words("読み上げた方の氏名", 100, required="読み上げた方の氏名を入力してください。")
