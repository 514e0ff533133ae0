"""What can be typed about the roster: the facts of a row, the filters of the list, what to submit."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from partner_compliance.clock import parse_era_date
from partner_compliance.organizations.models import Center, Worker, WorkerKind
from partner_compliance.roster.models import Project, SubmissionScope
from partner_compliance.roster.operations import WorkerFacts, faults_in
from partner_compliance.roster.queries import Asked, Presence
from partner_compliance.web import Form, control_characters, tidy

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
#: How a form says whether the monthly sheet is asked of someone.
SHEETS = {"default": None, "yes": True, "no": False}


def read_day(text: str) -> date | None:
    """The date in a text as browsers send it or people write it (2026-04-01, 2026/4/1, 令和8年4月1日); else None."""
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        if found := _DATE.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        return parse_era_date(text)
    except ValueError:
        return None


class DayField(Field):
    """A date; what cannot be read as one is kept in the field and refused."""

    widget = TextInput()
    data: date | None

    def _value(self) -> str:
        if self.data is not None:
            return self.data.isoformat()
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the date; a text that is none leaves no date and an error."""
        text = tidy(valuelist[0]) if valuelist else ""
        self.data = read_day(text) if text else None
        if text and self.data is None:
            raise ValueError("この日付はありません。「2026-04-01」のように入力してください。")


def _uuid(text: Any) -> UUID | None:
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _boxes(label: str) -> Any:
    """A field of check boxes."""
    return SelectMultipleField(label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())


class WorkerForm(Form):
    """What the roster says of someone."""

    name = StringField("氏名", filters=[tidy], validators=[InputRequired("氏名を入力してください。")])
    name_kana = StringField("フリガナ", filters=[tidy], validators=[InputRequired("フリガナを入力してください。")])
    staff_number = StringField("職員番号", filters=[tidy])
    kind = SelectField("区分", validators=[InputRequired("区分を選んでください。")])
    center_id = SelectField("主な拠点", validators=[InputRequired("拠点を選んでください。")])
    other_centers = _boxes("そのほかの拠点")
    projects = _boxes("事業")
    new_project = StringField("一覧にない事業の名前", filters=[tidy])
    is_handler = RadioField(
        "個人情報の取扱い",
        choices=[SelectChoice("yes", "個人情報を取り扱う（取扱者）"), SelectChoice("no", "個人情報を取り扱わない")],
        validators=[InputRequired("個人情報を取り扱うかどうかを選んでください。")],
    )
    files_sheets = RadioField(
        "毎月のチェックシート",
        choices=[
            SelectChoice("default", "取扱者だけに提出してもらう（ふつうはこちら）"),
            SelectChoice("yes", "取り扱いの有無にかかわらず、提出してもらう"),
            SelectChoice("no", "提出の対象にしない"),
        ],
        default="default",
        validators=[InputRequired("毎月のチェックシートについて選んでください。")],
    )
    joined_on = DayField("活動を始めた日", validators=[InputRequired("活動を始めた日を入力してください。")])
    is_other_person = BooleanField("同じ氏名の、別の方です")
    based_on = HiddenField()

    def offer(self, centers: Iterable[Center], projects: Iterable[Project], today: date) -> None:
        """Fill the lists to choose from."""
        named = [(str(each.id), _with_end(each.name, each.closed_on, today, "閉所")) for each in centers]
        self.kind.choices = [
            SelectChoice("", "選んでください"),
            *(SelectChoice(kind.value, kind.label) for kind in WorkerKind),
        ]
        self.center_id.choices = [
            SelectChoice("", "選んでください"),
            *(SelectChoice(value, label) for value, label in named),
        ]
        self.other_centers.choices = [SelectChoice(value, label) for value, label in named]
        self.projects.choices = [
            SelectChoice(str(each.id), _with_end(each.name, each.closed_on, today, "終了")) for each in projects
        ]

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Whether all can be taken; says everything that is wrong at once."""
        is_fine = bool(super().validate(extra_validators))
        texts = WorkerFacts(
            name=self.name.data or "",
            name_kana=self.name_kana.data or "",
            staff_number=self.staff_number.data or None,
            kind=WorkerKind.REGULAR,
            center_id=UUID(int=0),
            joined_on=self.joined_on.data or date(2000, 1, 1),
        )
        new = {name: said for name, said in faults_in(texts).items() if not self._fields[name].errors}
        self.refuse(new)
        return is_fine and not new

    def facts(self, *, left_on: date | None, projects: Iterable[UUID] = ()) -> WorkerFacts:
        """The facts that were typed, of a form that is valid; `projects` are added to those that were chosen."""
        return WorkerFacts(
            name=self.name.data or "",
            name_kana=self.name_kana.data or "",
            staff_number=unicodedata.normalize("NFKC", self.staff_number.data or "").strip() or None,
            kind=WorkerKind(self.kind.data),
            center_id=UUID(self.center_id.data),
            joined_on=self.joined_on.data or date.min,
            left_on=left_on,
            is_handler=self.is_handler.data == "yes",
            files_sheets=SHEETS[self.files_sheets.data],
            other_centers=frozenset(UUID(each) for each in self.other_centers.data or ()),
            projects=frozenset(UUID(each) for each in self.projects.data or ()) | frozenset(projects),
        )

    def refuse(self, faults: Mapping[str, str]) -> None:
        """Say at each field what is wrong with it; who has left is refused at the day of joining, the only one here."""
        for name, message in faults.items():
            if name == "left_on":
                self.joined_on.errors = ["活動を始めた日は、活動を終えた日以前にしてください。"]
                continue
            field = self._fields.get(name, self.name)
            field.errors = [*field.errors, message]


def _with_end(name: str, ended_on: date | None, today: date, word: str) -> str:
    return f"{name}（{word}）" if ended_on is not None and ended_on < today else name


def typed(facts: WorkerFacts, number: int) -> dict[str, Any]:
    """What a form shows of facts at first; `number` is that of the version they come from."""
    return {
        "name": facts.name,
        "name_kana": facts.name_kana,
        "staff_number": facts.staff_number or "",
        "kind": facts.kind.value,
        "center_id": str(facts.center_id),
        "other_centers": [str(each) for each in facts.other_centers],
        "projects": [str(each) for each in facts.projects],
        "is_handler": "yes" if facts.is_handler else "no",
        "files_sheets": "default" if facts.asks_for_sheets == facts.is_handler else _word(facts.asks_for_sheets),
        "joined_on": facts.joined_on,
        "based_on": str(number),
    }


def _word(value: bool) -> str:
    return "yes" if value else "no"


def read_count(text: str | None) -> int:
    """The number in a hidden field; 0 when there is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


# --- the list ---------------------------------------------------------------------------------------------------


def read_asked(sent: MultiDict[str, str], within: frozenset[UUID] | None) -> Asked:
    """The filters in an address; what makes no sense is left out."""
    text = tidy(sent.get("q"))[:100]
    unusable = control_characters(text, allow_lines=False)
    kind, presence, handler = sent.get("kind", ""), sent.get("presence", ""), sent.get("handler", "")
    return Asked(
        text="".join(char for char in text if char not in unusable),
        center_id=_uuid(sent.get("center", "")),
        kind=WorkerKind(kind) if kind in set(WorkerKind) else None,
        project_id=_uuid(sent.get("project", "")),
        is_handler={"yes": True, "no": False}.get(handler),
        presence=Presence(presence) if presence in set(Presence) else Presence.PRESENT,
        lacks=sent.get("lacks", "") == "1",
        within=within,
    )


def as_query(asked: Asked) -> dict[str, str]:
    """The filters as they stand in an address, for the links to other pages of the list."""
    found = {
        "q": asked.text,
        "center": str(asked.center_id or ""),
        "kind": asked.kind.value if asked.kind else "",
        "project": str(asked.project_id or ""),
        "handler": "" if asked.is_handler is None else _word(asked.is_handler),
        "presence": "" if asked.presence is Presence.PRESENT else asked.presence.value,
        "lacks": "1" if asked.lacks else "",
    }
    return {name: value for name, value in found.items() if value}


def read_choice(sent: MultiDict[str, str]) -> tuple[UUID | None, SubmissionScope, UUID | None]:
    """What shall be submitted: under which engagement, whom, and of which project."""
    scope = sent.get("scope", "")
    return (
        _uuid(sent.get("engagement", "")),
        SubmissionScope(scope) if scope in set(SubmissionScope) else SubmissionScope.HANDLERS,
        _uuid(sent.get("project", "")),
    )


def as_held(held: Mapping[str, list[str]]) -> MultiDict[str, str]:
    """What was typed when the sign-in ran out, as a form reads it."""
    return MultiDict([(name, value) for name, values in held.items() for value in values])


def worker_name(worker: Worker) -> str:
    """Someone's name with the reading, to tell people of the same name apart."""
    return f"{worker.name}（{worker.name_kana}）" if worker.name_kana else worker.name
