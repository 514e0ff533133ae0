"""What can be said when a roster is uploaded."""

from datetime import date
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, StringField
from wtforms.validators import Length, ValidationError

from partner_compliance.documents.spreadsheets import day_in
from partner_compliance.web import Form, PlainText, tidy


class UploadForm(Form):
    """A file, and what becomes of those who are not in it."""

    file = FileField("名簿のファイル", validators=[FileRequired("名簿のファイルを選んでください。")])
    marks_leavers = BooleanField("このファイルに載っていない方は、活動を終えた方として扱う")
    leave_on = StringField("その方たちが最後に活動した日", filters=[tidy], validators=[Length(max=40), PlainText()])

    def validate_leave_on(self, field: Any) -> None:
        """A last day is needed when someone is to leave by this file."""
        if not self.marks_leavers.data:
            return
        if not field.data:
            raise ValidationError("載っていない方が最後に活動した日を入力してください。")
        if self.last_day is None:
            raise ValidationError("日付を「2026/4/1」のように入力してください。")

    @property
    def last_day(self) -> date | None:
        """The last day of those who are not in the file; None when they stay."""
        return day_in(self.leave_on.data or "") if self.marks_leavers.data else None
