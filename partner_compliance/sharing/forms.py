"""What can be typed in the municipality's room."""

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from partner_compliance import fields
from partner_compliance.web import Form

SHARED, OWN = "shared", "own"


class SavedViewForm(Form):
    """A name for the present filter, and who has it."""

    request_key = fields.RequestKeyField()
    #: The filter as the list's address says it; it stands in the form, so that it is kept with what was typed.
    wanted = HiddenField()
    name = fields.words(
        "名前", 40, required="名前を入力してください。", description="一覧で見分けられる名前（例: 今月期限が来る団体）"
    )
    who = RadioField(
        "だれが使うか",
        choices=[SelectChoice(OWN, "自分だけ"), SelectChoice(SHARED, "この自治体の担当者みんなで使う")],
        validators=[InputRequired("だれが使うかを選んでください。")],
    )
