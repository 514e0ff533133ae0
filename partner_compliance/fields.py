"""Fields that several rooms ask for: days, moments, counts, texts and choices, each with words that say what to do."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

from wtforms import (
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from partner_compliance import clock
from partner_compliance.web import PlainText, tidy


class DayField(DateField):
    """A day; what is none is refused in words that say what to do."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read `YYYY-MM-DD`; raises ValueError with what to do otherwise."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("日付を確かめてください（例: 2026-11-27）。") from None
        if self.data is not None and not 1926 <= self.data.year <= 2100:
            self.data = None
            raise ValueError("日付を確かめてください（1926年から2100年まで）。")


class MomentField(DateTimeLocalField):
    """A moment as a clock in Japan shows it; `data` is UTC. The time zone of the browser plays no part."""

    data: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return clock.local(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read `YYYY-MM-DDTHH:MM`; raises ValueError with what to do otherwise."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("日付と時刻を確かめてください（例: 2026-11-27 13:30）。") from None
        if not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError("日付を確かめてください（2000年から2100年まで）。")
        self.data = self.data.replace(tzinfo=clock.TOKYO).astimezone(UTC)


class CountField(IntegerField):
    """A number of things; full-width digits are digits too."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits; raises ValueError with what to do otherwise."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not text.isdecimal() or len(text) > 6:
            raise ValueError("数字だけで入力してください（例: 3）。")
        self.data = int(text)


class CheckboxesField(SelectMultipleField):
    """Any number of choices, as tiles to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def words(label: str, limit: int, *, required: str = "", description: str = "", lines: bool = False) -> Any:
    """A text of up to `limit` characters, of several lines where `lines` says so; `required` asks for it."""
    kind = TextAreaField if lines else StringField
    return kind(
        label,
        description=description,
        filters=[tidy],
        validators=[
            *([InputRequired(required)] if required else [Optional()]),
            Length(max=limit, message=f"{limit}文字以内で書いてください。"),
            PlainText(lines=lines),
        ],
    )


def day(label: str, *, required: str = "", description: str = "") -> DayField:
    """A day; `required` asks for it."""
    validators = [InputRequired(required)] if required else [Optional()]
    return DayField(label, description=description, validators=validators)


def moment(label: str, *, required: str = "", description: str = "") -> MomentField:
    """A day and a time; `required` asks for them."""
    validators = [InputRequired(required)] if required else [Optional()]
    return MomentField(label, description=description, validators=validators)


def count(label: str, *, required: str, least: int = 1, most: int = 999, description: str = "") -> CountField:
    """A number between two others."""
    return CountField(
        label,
        description=description,
        validators=[
            InputRequired(required),
            NumberRange(least, most, message=f"{least}から{most}までの数字で入力してください。"),
        ],
    )


def one_of(label: str, kind: Any, required: str, *, values: Sequence[Any] = (), description: str = "") -> RadioField:
    """One word of an enumeration, as tiles; nothing is chosen beforehand."""
    return RadioField(
        label,
        description=description,
        choices=[SelectChoice(each.value, each.label) for each in values or kind],
        coerce=kind,
        validators=[InputRequired(required)],
    )


def picked(label: str, kind: Any, required: str, *, values: Sequence[Any] = (), description: str = "") -> SelectField:
    """One word of a longer enumeration, from a list that begins with nothing chosen."""
    return SelectField(
        label,
        description=description,
        choices=[
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(each.value, each.label) for each in values or kind),
        ],
        coerce=lambda text: kind(text) if text in set(kind) else None,
        validators=[InputRequired(required)],
    )


def some_of(label: str, kind: Any, *, values: Sequence[Any] = (), description: str = "") -> CheckboxesField:
    """Any words of an enumeration, as tiles to tick."""
    return CheckboxesField(
        label,
        description=description,
        choices=[SelectChoice(each.value, each.label) for each in values or kind],
        coerce=kind,
        validators=[Optional()],
    )


class RequestKeyField(HiddenField):
    """The number of one form: the same form, sent again, makes no second row."""

    data: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("", *args, default=uuid4, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number; a form that lost it counts as a new one."""
        try:
            self.data = UUID(valuelist[0]) if valuelist else uuid4()
        except ValueError:
            self.data = uuid4()


class RevisionField(IntegerField):
    """Which revision of a text a page showed; `show` puts another one into the page that goes back."""

    widget = HiddenInput()

    def show(self, revision: int) -> None:
        """Let the page say this revision, whatever was sent."""
        self.data, self.raw_data = revision, None
