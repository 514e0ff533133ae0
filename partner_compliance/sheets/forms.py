"""What can be typed about sheets: the answers of a sheet as sent, and the small forms around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.sheets.models import ExcuseReason, Finding
from partner_compliance.sheets.operations import NOTE_LIMIT, Filled, Given
from partner_compliance.web import Form, PlainText, control_characters, tidy

NOT_PLAIN = "使えない制御文字が含まれています。文字を入力し直してください。"


@dataclass
class SentSheet:
    """A sheet as a browser sent it: what could be read of it, and what could not be taken.

    `based_on` is the draft's revision and `seen` the number of the sheet's last event when the page was made;
    `errors` holds (id of the element on the page, what to do); `answers` and `notes` the same by item number.
    """

    filled: Filled
    based_on: int = 0
    seen: int | None = None
    signed_on_text: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    #: Items whose answers contradict the ledger, and what to do; the page asks for an explanation there.
    differing: dict[str, str] = field(default_factory=dict)

    def refuse_answer(self, number: str, message: str) -> None:
        """Say what is wrong with the choice of an item."""
        self.answers[number] = message
        self.errors.append((f"answer-{number}-ok", f"{number}　{message}"))

    def refuse_note(self, number: str, message: str) -> None:
        """Say what is wrong with the note of an item."""
        self.notes[number] = message
        self.errors.append((f"note-{number}", f"{number}　{message}"))

    def refuse(self, message: str, element: str = "sheet") -> None:
        """Say what is wrong with something else on the page."""
        self.errors.append((element, message))

    def refuse_differing(self, differing: Mapping[str, str]) -> None:
        """Say where the answers contradict the ledger of take-outs."""
        for number, message in differing.items():
            self.differing[number] = message
            self.refuse_answer(number, message)

    def refuse_missing(self, missing: Mapping[str, str]) -> None:
        """Say what keeps the sheet from being submitted, each at the choice or the note that has to be mended."""
        for number, message in missing.items():
            if number in self.answers or number in self.notes:
                continue
            given = self.filled.answers.get(number, Given())
            is_about_note = given.answer in (Answer.NOT_OK, Answer.UNSURE) and "食い違" not in message
            if is_about_note or len(given.note) > NOTE_LIMIT:
                self.refuse_note(number, message)
            else:
                self.refuse_answer(number, message)


def read_sheet(form: MultiDict[str, str] | dict[str, Any], checklist: Checklist, *, head: bool) -> SentSheet:
    """The sheet in a sent form; `head` says whether section 5 may be answered. Nothing typed is lost."""
    sent = MultiDict(form)
    asked = checklist.items_for(head)
    answers = {
        number: Given(_word(sent.get(f"answer-{number}", "")), tidy(sent.get(f"note-{number}"))) for number in asked
    }
    reason = tidy(sent.get("reason"))
    explanations = {number: text for number in asked if (text := tidy(sent.get(f"explanation-{number}")))}
    based_on = sent.get("based_on", "0")
    read = SentSheet(
        Filled(answers, sent.get("nothing_taken", "") not in ("", "no"), reason, explanations),
        _count(based_on) or 0,
        _count(sent.get("seen", "")),
        tidy(sent.get("signed_on")),
    )
    for name in sent:
        kind, _, number = name.partition("-")
        if kind in ("answer", "note") and number and number not in asked:
            if number in checklist.items:
                read.refuse(f"{number}は、センター長だけが記入する項目です。この画面からは提出できません。")
            else:
                read.refuse("この点検表にない項目が送られました。ページを開き直してください。")
    for number, given in answers.items():
        if given.answer is None and sent.get(f"answer-{number}"):
            read.refuse_answer(number, "選択肢にない答えが送られました。選び直してください。")
        if len(set(sent.getlist(f"answer-{number}"))) > 1:
            read.refuse_answer(number, "答えが2つ送られました。1つだけ選んでください。")
        if control_characters(given.note, allow_lines=True):
            read.refuse_note(number, NOT_PLAIN)
    _refuse_explanations(read)
    if control_characters(reason, allow_lines=True):
        read.refuse(NOT_PLAIN, "reason")
    if len(reason) > NOTE_LIMIT:
        read.refuse(f"訂正の理由は{NOTE_LIMIT}文字以内で書いてください。", "reason")
    return read


def _refuse_explanations(read: SentSheet) -> None:
    for number, text in read.filled.explanations.items():
        if control_characters(text, allow_lines=True):
            read.refuse(NOT_PLAIN, f"explanation-{number}")
        if len(text) > NOTE_LIMIT:
            read.refuse(f"{number}　食い違う事情は{NOTE_LIMIT}文字以内で書いてください。", f"explanation-{number}")


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _word(text: str) -> Answer | None:
    try:
        return Answer(text)
    except ValueError:
        return None


def read_date(text: str) -> date | None:
    """The date in a text `YYYY-MM-DD`; None when it is none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


class ReturnForm(Form):
    """What has to be mended before a sheet can be signed off."""

    comment = TextAreaField(
        "差し戻しのコメント",
        filters=[tidy],
        validators=[
            InputRequired("差し戻すときは、直してほしいことを書いてください。"),
            Length(max=NOTE_LIMIT, message=f"コメントは{NOTE_LIMIT}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )


class ExcuseForm(Form):
    """Why no sheet is asked of someone this month."""

    reason = RadioField(
        "対象外にする理由",
        choices=[SelectChoice(reason.value, reason.label) for reason in ExcuseReason],
        coerce=ExcuseReason,
        validators=[InputRequired("理由を1つ選んでください。")],
    )
    text = TextAreaField(
        "くわしい理由（その他のとき）",
        filters=[tidy],
        validators=[
            Length(max=NOTE_LIMIT, message=f"理由は{NOTE_LIMIT}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )


class OutcomeForm(Form):
    """What was done about an item that needed improvement."""

    outcome = TextAreaField(
        "どのように改善しましたか",
        filters=[tidy],
        validators=[
            InputRequired("どのように改善したかを書いてください。"),
            Length(max=NOTE_LIMIT, message=f"{NOTE_LIMIT}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )


class DeadlinesForm(Form):
    """On which business day of the following month sheets and sign-offs are due."""

    submission = SelectField(
        "提出の期限",
        coerce=int,
        choices=[SelectChoice(str(day), f"翌月の第{day}営業日") for day in range(1, 6)],
        validators=[InputRequired("期限を選んでください。")],
    )
    sign_off = SelectField(
        "確認の期限",
        coerce=int,
        choices=[SelectChoice(str(day), f"翌月の第{day}営業日") for day in range(1, 11)],
        validators=[InputRequired("期限を選んでください。")],
    )


class ExplanationForm(Form):
    """Why an answer of a submitted sheet and the ledger differ."""

    text = TextAreaField(
        "食い違う事情",
        filters=[tidy],
        validators=[
            InputRequired("食い違う事情を書いてください。"),
            Length(max=NOTE_LIMIT, message=f"{NOTE_LIMIT}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )


class SpotCheckForm(Form):
    """What the head found at what the system had drawn."""

    row = RadioField(
        "台帳の記録",
        choices=[SelectChoice(each.value, each.label) for each in Finding],
        coerce=Finding,
        validators=[InputRequired("確かめた結果を選んでください。")],
    )
    place = RadioField(
        "保管場所",
        choices=[SelectChoice(each.value, each.label) for each in Finding],
        coerce=Finding,
        validators=[InputRequired("確かめた結果を選んでください。")],
    )
    note = TextAreaField(
        "気づいたこと（違うところがあったときは、必ず書いてください）",
        filters=[tidy],
        validators=[
            Optional(),
            Length(max=NOTE_LIMIT, message=f"{NOTE_LIMIT}文字以内で書いてください。"),
            PlainText(lines=True),
        ],
    )

    def __init__(self, *, with_row: bool, with_place: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not with_row:
            del self.row
        if not with_place:
            del self.place
