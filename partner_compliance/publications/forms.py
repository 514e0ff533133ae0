"""What can be agreed to."""

from wtforms import BooleanField
from wtforms.validators import InputRequired

from partner_compliance.web import Form


class PublishForm(Form):
    """Consent to the public page, and if wanted to the list."""

    is_agreed = BooleanField(
        "公開されるものを読み、公開に同意します",
        validators=[InputRequired("公開されるものを読んで、チェックを入れてください。")],
    )
    is_listed = BooleanField("「公開している団体の一覧」にも載せます（載せなくてもかまいません）")


class ListForm(Form):
    """Consent to be listed."""

    is_agreed = BooleanField(
        "一覧に載せることに同意します", validators=[InputRequired("載せるときは、チェックを入れてください。")]
    )
