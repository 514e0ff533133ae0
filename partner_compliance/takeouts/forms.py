"""What can be typed about take-outs: asking, leaving, coming back, deciding, and what heads keep in order."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from partner_compliance import fields
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.roster.models import Project
from partner_compliance.takeouts.keeping import StandingFacts
from partner_compliance.takeouts.operations import Facts
from partner_compliance.takeouts.queries import Asked
from partner_compliance.takeouts.words import (
    CLASSES,
    MOST,
    Answer,
    Check,
    LossEntryKind,
    Medium,
    Protection,
    Reason,
    Shift,
    State,
)
from partner_compliance.web import Form, tidy

#: What a reader can ask of the ledger beside a state.
SPECIAL = {
    "overdue": "返却の期限を過ぎている",
    "not_permitted": "出発前の許可がない",
    "differs": "返却の数が合わない",
}
_NO_NAMES = "お子さんやご家庭の名前・住所は書かないでください。"


def class_choices(classes: Sequence[DataClass] = CLASSES) -> list[SelectChoice]:
    """The data classes in plain words, with what belongs to each."""
    return [
        SelectChoice("", "（選んでください）"),
        *(SelectChoice(each.value, f"{each.label}　{each.example}") for each in classes),
    ]


def _data_class(label: str) -> SelectField:
    return SelectField(
        label,
        choices=class_choices(),
        coerce=lambda text: DataClass(text) if text in set(CLASSES) else None,
        validators=[InputRequired("情報の区分を選んでください。")],
    )


class _WhatAndWhere(Form):
    """What a row says of the things, wherever it is written."""

    medium = fields.one_of("持ち出すもの", Medium, "持ち出すものを1つ選んでください。")
    description = fields.words(
        "内容",
        200,
        required="何を持ち出すかを書いてください（例: 訪問記録 3件）。",
        description=f"例: 訪問記録 3件、見守り名簿 1枚、記録用ノートパソコン。{_NO_NAMES}",
    )
    count = fields.count("数", required="数を入力してください。", most=MOST, description="件・台・個の数です。")
    data_class = _data_class("情報の区分")
    reason = fields.picked("持ち出す理由", Reason, "持ち出す理由を選んでください。")
    purpose = fields.words(
        "使いみち",
        300,
        required="何のために使うかを書いてください。",
        description=f"例: 家庭訪問のときに前回の約束を確かめる。{_NO_NAMES}",
    )
    destination = fields.words(
        "持っていく先",
        200,
        required="持っていく先を書いてください。",
        description="例: 市役所 子ども課、東地区の訪問先。ご家庭の名前や番地は書かないでください。",
    )
    route = fields.words("道順・立ち寄り先", 300, description="例: 車で直行直帰。途中で立ち寄りません。")
    protections = fields.some_of(
        "守り方", Protection, description="パソコン・スマートフォン・USBメモリーなどは、1つ以上選んでください。"
    )
    companions = fields.words(
        "いっしょに行く方", 200, description="団体の方の氏名です。1人のときは空欄にしてください。"
    )
    alone_reason = fields.words(
        "1人で運ぶ理由",
        300,
        description="預かった個人情報が入った機器・媒体を、1人で運ぶときだけ書いてください。",
    )

    def _common(self) -> dict[str, Any]:
        return {
            "medium": self.medium.data,
            "count": self.count.data,
            "data_class": self.data_class.data,
            "description": self.description.data or "",
            "reason": self.reason.data,
            "purpose": self.purpose.data or "",
            "destination": self.destination.data or "",
            "route": self.route.data or "",
            "companions": self.companions.data or "",
            "alone_reason": self.alone_reason.data or "",
            "protections": frozenset(self.protections.data or ()),
        }


class AskForm(_WhatAndWhere):
    """Asking for permission before leaving."""

    leaves = fields.moment("出発の予定", required="出発の予定を入力してください。")
    returns = fields.moment("戻る予定", required="戻る予定を入力してください。")
    request_key = fields.RequestKeyField()
    label = HiddenField()

    def facts(self) -> Facts:
        """What was typed, as the operation takes it."""
        return Facts(leaves_at=self.leaves.data, returns_at=self.returns.data, **self._common())


class AfterwardsForm(_WhatAndWhere):
    """Writing down what has left already."""

    leaves = fields.moment("持ち出した日時", required="持ち出した日時を入力してください。")
    returned = fields.moment("戻った日時", description="まだ外にあるときは、空欄にしてください。")
    returned_count = fields.CountField(
        "戻った数", description="数がそろっているときは、空欄でかまいません。", validators=[Optional()]
    )
    returns = fields.moment("戻る予定", description="まだ外にあるときだけ入力してください。")
    explanation = fields.words(
        "前もって申請できなかった事情", 1000, required="前もって申請できなかった事情を書いてください。", lines=True
    )
    request_key = fields.RequestKeyField()

    def facts(self) -> Facts:
        """What was typed, as the operation takes it; what is back had its return planned for when it came back."""
        return Facts(leaves_at=self.leaves.data, returns_at=self.returned.data or self.returns.data, **self._common())

    def is_complete(self) -> bool:
        """Whether it says when the things came back or are to come back; says so at the field otherwise."""
        if self.returned.data is None and self.returns.data is None:
            self.returned.errors = ["戻った日時か、まだ外にあるときは戻る予定を入力してください。"]
            return False
        return True


class _Checks(Form):
    def __init__(self, checks: Sequence[Check], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checks.choices = [SelectChoice(each.key, each.text) for each in checks]


class DepartForm(_Checks):
    """Leaving: the checks of the medium, and the number."""

    checks = fields.CheckboxesField("確かめること", validators=[Optional()])
    count = fields.count("持ち出す数", required="持ち出す数を入力してください。", most=MOST)
    comment = fields.words("許可を待てない事情", 1000, lines=True)


class StandingTripForm(DepartForm):
    """Leaving with a standing permission."""

    purpose = fields.words("今回の使いみち", 300, description=f"書かなくてもかまいません。{_NO_NAMES}")
    request_key = fields.RequestKeyField()
    label = HiddenField()


class ReturnForm(_Checks):
    """Coming back: whether all is there, the checks, and what to say."""

    answer = fields.one_of("数を数えてください", Answer, "数がそろっているかどうかを選んでください。")
    count = fields.CountField("戻った数", description="数が合わないときだけ入力してください。", validators=[Optional()])
    checks = fields.CheckboxesField("確かめること", validators=[Optional()])
    comment = fields.words(
        "伝えておきたいこと",
        1000,
        lines=True,
        description=f"数が合わないときは、気づいたときの様子を書いてください。{_NO_NAMES}",
    )
    returned = fields.moment(
        "実際に戻った日時", description="いま戻ったところなら、空欄にしてください。記録の日時は、いまの時刻になります。"
    )

    def counted(self, expected: int) -> int | None:
        """How many came back; None where the number that differs was not said."""
        if self.answer.data is Answer.ALL:
            return expected
        if self.count.data is None or self.count.data == expected:
            self.count.errors = [f"戻った数を入力してください（持ち出したのは{expected}です）。"]
            return None
        return int(self.count.data)


class DecideForm(Form):
    """Permitting or refusing."""

    comment = fields.words("ひとこと・理由", 1000, lines=True, description="許可しないときは、理由を書いてください。")


class CommentForm(Form):
    """A few words on a row."""

    comment = fields.words("内容", 1000, required="内容を書いてください。", lines=True, description=_NO_NAMES)


class ExtendForm(Form):
    """A later planned return."""

    until = fields.moment("新しい返却予定", required="新しい返却予定を入力してください。")
    comment = fields.words("延長する理由", 1000, required="延長する理由を書いてください。", lines=True)


class LossForm(Form):
    """What was done about things that did not come back."""

    kind = fields.one_of("記録すること", LossEntryKind, "記録することを1つ選んでください。")
    text = fields.words(
        "内容", 1000, required="したことや、わかったことを書いてください。", lines=True, description=_NO_NAMES
    )


class StandingForm(Form):
    """A standing permission."""

    people = fields.CheckboxesField("この許可を使う方", coerce=UUID, validators=[Optional()])
    medium = fields.one_of("持ち出すもの", Medium, "持ち出すものを1つ選んでください。")
    description = fields.words(
        "内容", 200, required="何を持ち出すかを書いてください。", description=f"例: 訪問予定表 1枚。{_NO_NAMES}"
    )
    most = fields.count("1回に持ち出せる数", required="数を入力してください。", most=MOST)
    data_class = _data_class("情報の区分")
    reason = fields.picked("持ち出す理由", Reason, "持ち出す理由を選んでください。")
    project = SelectField("事業", coerce=str, validators=[Optional()])
    destination = fields.words("持っていく先", 200, required="持っていく先を書いてください。")
    protections = fields.some_of("守り方", Protection)
    companions = fields.words("いっしょに行く方", 200)
    alone_reason = fields.words("1人で運ぶ理由", 300)
    weekdays = fields.some_of("使える曜日", Shift)
    back_after_days = fields.count(
        "戻すまでの日数", required="日数を入力してください。", least=0, most=7, description="その日のうちなら0です。"
    )
    from_on = fields.day("始まりの日", required="始まりの日を入力してください。")
    until_on = fields.day("終わりの日", required="終わりの日を入力してください。", description="3か月以内です。")
    request_key = fields.RequestKeyField()

    def __init__(self, workers: Sequence[Worker], projects: Sequence[Project], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.people.choices = [SelectChoice(str(each.id), each.name) for each in workers]
        self.project.choices = [
            SelectChoice("", "（決めない）"),
            *(SelectChoice(str(each.id), each.name) for each in projects),
        ]

    def facts(self) -> StandingFacts:
        """What was typed, as the operation takes it."""
        return StandingFacts(
            self.medium.data, self.data_class.data, self.most.data, self.reason.data, self.description.data or "",
            self.destination.data or "", frozenset(self.weekdays.data or ()), self.from_on.data, self.until_on.data,
            frozenset(self.people.data or ()), self.back_after_days.data,
            UUID(self.project.data) if self.project.data else None, self.companions.data or "",
            self.alone_reason.data or "", frozenset(self.protections.data or ()),
        )  # fmt: skip


class ReasonForm(Form):
    """Why something is taken back."""

    reason = fields.words("取り消す理由", 300, required="取り消す理由を書いてください。", lines=True)


class LabelForm(Form):
    """A new label."""

    name = fields.words(
        "付けるもの",
        60,
        required="ラベルを付けるものの名前を入力してください。",
        description="例: 青いかばん 1、訪問ファイル A",
    )
    medium = fields.one_of("種類", Medium, "種類を1つ選んでください。")


class SubstituteForm(Form):
    """Who permits while the head is away."""

    worker = SelectField("代わりに許可する方", coerce=str, validators=[InputRequired("代わりの方を選んでください。")])
    from_on = fields.day("始まりの日", required="始まりの日を入力してください。")
    until_on = fields.day("終わりの日", required="終わりの日を入力してください。")

    def __init__(self, workers: Sequence[Worker], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.worker.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(str(each.id), each.name) for each in workers),
        ]


class SettingsForm(Form):
    """What the organization has settled about take-outs."""

    is_forbidden = BooleanField("持ち出しを禁止する")
    needs_witness = BooleanField("返却のときに、別の方の立ち会いを求める")


# --- the filters of the ledger ----------------------------------------------------------------------------------


def _word(kind: Any, text: str) -> Any:
    return kind(text) if text in set(kind) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def read_asked(args: Mapping[str, str], centers: Sequence[Center], *, all_centers: bool) -> Asked:
    """Which rows an address asks for; what makes no sense asks for nothing. Centers out of reach are left out."""
    wanted = args.get("state", "")
    center_id = _id(args.get("center", ""))
    return Asked(
        centers=None if all_centers else frozenset(each.id for each in centers),
        center_id=center_id if any(each.id == center_id for each in centers) else None,
        worker_id=_id(args.get("worker", "")),
        text=tidy(args.get("q"))[:100],
        medium=_word(Medium, args.get("medium", "")),
        reason=_word(Reason, args.get("reason", "")),
        data_class=_word(DataClass, args.get("class", "")),
        state=wanted if wanted in SPECIAL or wanted in set(State) else "",
        from_on=_day(args.get("from", "")),
        until_on=_day(args.get("until", "")),
    )


def as_query(asked: Asked) -> dict[str, str]:
    """The same as an address says it."""
    said = {
        "q": asked.text,
        "center": str(asked.center_id or ""),
        "worker": str(asked.worker_id or ""),
        "medium": asked.medium.value if asked.medium else "",
        "reason": asked.reason.value if asked.reason else "",
        "class": asked.data_class.value if asked.data_class else "",
        "state": asked.state,
        "from": asked.from_on.isoformat() if asked.from_on else "",
        "until": asked.until_on.isoformat() if asked.until_on else "",
    }
    return {name: value for name, value in said.items() if value}
