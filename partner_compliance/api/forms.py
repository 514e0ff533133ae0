"""What can be typed about a token."""

from wtforms.validators import InputRequired

from partner_compliance import fields
from partner_compliance.api.words import Scope
from partner_compliance.web import Form


class TokenForm(Form):
    """A new token: for which system, what it opens, and until when."""

    request_key = fields.RequestKeyField()
    name = fields.words("システムの名前", 60, required="システムの名前を入力してください。")
    scopes = fields.some_of("できること", Scope)
    expires_on = fields.day("使える最後の日", required="使える最後の日を入力してください。")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.scopes.validators = [InputRequired("できることを、1つ以上選んでください。")]
        self.scopes.flags.required = True
