"""What can be typed about hand-overs: writing a receipt, the other side's word, ends, and the register's filters."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from partner_compliance import fields
from partner_compliance.engagements.words import DataClass
from partner_compliance.organizations.models import Engagement, Worker
from partner_compliance.receipts.operations import End, Item
from partner_compliance.receipts.queries import Asked
from partner_compliance.receipts.words import Direction, Ending, Method, Side, State
from partner_compliance.takeouts.words import CLASSES, MOST, Medium
from partner_compliance.web import Form

#: So many kinds of things stand on one receipt.
MOST_ITEMS = 3
#: What a reader can ask of the register beside a state.
SPECIAL = {"overdue": "返却・廃棄の期日を過ぎている"}
_NO_NAMES = "お子さんやご家庭の名前・住所は書かないでください。"


class Kind(StrEnum):
    """Which hand-over somebody of the organization writes down."""

    GIVE_INSIDE = "give_inside"
    RECEIVE_INSIDE = "receive_inside"
    FROM_MUNICIPALITY = "from_municipality"
    TO_MUNICIPALITY = "to_municipality"

    @property
    def label(self) -> str:
        """The hand-over's name on screens."""
        return {
            Kind.GIVE_INSIDE: "団体のほかの方に渡した",
            Kind.RECEIVE_INSIDE: "団体のほかの方から受け取った",
            Kind.FROM_MUNICIPALITY: "自治体から預かった",
            Kind.TO_MUNICIPALITY: "自治体に渡した",
        }[self]

    @property
    def direction(self) -> Direction:
        """Between whom it is."""
        return {
            Kind.FROM_MUNICIPALITY: Direction.FROM_MUNICIPALITY,
            Kind.TO_MUNICIPALITY: Direction.TO_MUNICIPALITY,
        }.get(self, Direction.INSIDE)

    @property
    def side(self) -> Side:
        """The writer's side."""
        return Side.GIVER if self in (Kind.GIVE_INSIDE, Kind.TO_MUNICIPALITY) else Side.RECEIVER


def _item_fields(position: int) -> dict[str, Any]:
    """The fields of one thing; those after the first can stay empty."""
    first = position == 1

    def needed(message: str) -> str:
        return message if first else ""

    def validators(message: str) -> list[Any]:
        return [InputRequired(message)] if first else [Optional()]

    return {
        f"medium_{position}": SelectField(
            "種類",
            choices=[
                SelectChoice("", "（選んでください）"),
                *(SelectChoice(each.value, each.label) for each in Medium),
            ],
            coerce=lambda text: Medium(text) if text in set(Medium) else None,
            validators=validators("種類を選んでください。"),
        ),
        f"description_{position}": fields.words(
            "内容",
            200,
            required=needed("内容を書いてください（例: 訪問記録 3件）。"),
            description=f"例: 訪問記録 3件。{_NO_NAMES}",
        ),
        f"count_{position}": fields.CountField("数", validators=validators("数を入力してください。")),
        f"data_class_{position}": SelectField(
            "情報の区分",
            choices=[
                SelectChoice("", "（選んでください）"),
                *(SelectChoice(each.value, f"{each.label}　{each.example}") for each in CLASSES),
            ],
            coerce=lambda text: DataClass(text) if text in set(CLASSES) else None,
            validators=validators("情報の区分を選んでください。"),
        ),
        f"ending_{position}": SelectField(
            "終わったら",
            choices=[
                SelectChoice("", "（選んでください）"),
                *(SelectChoice(each.value, each.label) for each in Ending),
            ],
            coerce=lambda text: Ending(text) if text in set(Ending) else None,
            validators=validators("返却するか、廃棄・消去するかを選んでください。"),
        ),
        f"end_by_on_{position}": fields.day(
            "返却・廃棄の期日", required=needed("返却・廃棄の期日を入力してください。")
        ),
        f"keep_until_on_{position}": fields.day(
            "保存の期限", description="契約などで決まっているときだけ入力してください。"
        ),
    }


class _ReceiptBase(Form):
    handed_on = fields.day("渡した日", required="渡した日を入力してください。")
    purpose = fields.words(
        "使いみち",
        300,
        required="何のために渡したかを書いてください。",
        description=f"例: 見守り訪問の準備。{_NO_NAMES}",
    )
    request_key = fields.RequestKeyField()

    def items(self) -> list[Item] | None:
        """The things that were typed; None where one of them is only half there, which is said at its fields."""
        found, is_whole = [], True
        for position in range(1, MOST_ITEMS + 1):
            typed = {name: self[f"{name}_{position}"] for name in _NAMES}
            if position > 1 and not any(typed[name].data for name in ("medium", "description", "count", "data_class")):
                continue
            for name in _NAMES:
                if name != "keep_until_on" and typed[name].data in (None, ""):
                    typed[name].errors = ["入力してください。使わないときは、このものの欄をすべて空にしてください。"]
                    is_whole = False
            if is_whole:
                found.append(Item(**{name: typed[name].data for name in _NAMES}))
        return found if is_whole else None


_NAMES = ("medium", "data_class", "count", "description", "ending", "end_by_on", "keep_until_on")


#: The same with the fields of each thing; WTForms takes them from a class.
_ReceiptItems: Any = type(
    "_ReceiptItems",
    (_ReceiptBase,),
    {name: made for position in range(1, MOST_ITEMS + 1) for name, made in _item_fields(position).items()},
)


class ReceiptForm(_ReceiptItems):
    """A receipt as somebody of the organization writes it down."""

    kind = fields.one_of("どの授受ですか", Kind, "どの授受かを1つ選んでください。")
    person = SelectField("団体の相手の方", coerce=str, validators=[Optional()])
    engagement = SelectField("自治体と連携関係", coerce=str, validators=[Optional()])

    def __init__(self, workers: Sequence[Worker], engagements: Sequence[tuple[Engagement, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(str(each.id), each.name) for each in workers),
        ]
        self.engagement.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(str(each.id), f"{name}　{each.title}") for each, name in engagements),
        ]


class MunicipalReceiptForm(_ReceiptItems):
    """A receipt as an officer of a municipality writes it down."""

    direction = fields.one_of(
        "どの授受ですか",
        Direction,
        "どの授受かを1つ選んでください。",
        values=(Direction.FROM_MUNICIPALITY, Direction.TO_MUNICIPALITY),
    )
    engagement = SelectField(
        "団体と連携関係", coerce=str, validators=[InputRequired("団体と連携関係を選んでください。")]
    )

    def __init__(self, engagements: Sequence[tuple[Engagement, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.direction.choices = [
            SelectChoice(Direction.FROM_MUNICIPALITY.value, "団体に渡した"),
            SelectChoice(Direction.TO_MUNICIPALITY.value, "団体から受け取った"),
        ]
        self.engagement.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(str(each.id), f"{name}　{each.title}") for each, name in engagements),
        ]


class RefuseForm(Form):
    """What of a receipt is wrong."""

    reason = fields.words("違うところ", 1000, lines=True, description=_NO_NAMES)


class PaperForm(Form):
    """What the other side confirmed on paper."""

    note = fields.words("紙の預かり証の日付と保管場所", 1000, lines=True)


class ExtendForm(Form):
    """A later day for a thing's end."""

    until_on = fields.day("新しい期日", required="新しい期日を入力してください。")
    reason = fields.words("延長する理由", 1000, required="延長する理由を書いてください。", lines=True)


class EndForm(Form):
    """How a thing was returned or destroyed."""

    method = fields.one_of("方法", Method, "方法を1つ選んでください。")
    count = fields.count("返却・廃棄した数", required="数を入力してください。", most=MOST)
    done_on = fields.day("返却・廃棄した日", required="返却・廃棄した日を入力してください。")
    witness = fields.words(
        "立ち会った方・受け取った方", 100, required="立ち会った方か、受け取った方の氏名を書いてください。"
    )
    backups_gone = BooleanField("写しとバックアップも残っていないことを確かめた")
    note = fields.words(
        "メモ", 1000, lines=True, description=f"写しが残っているときは、どうするかを書いてください。{_NO_NAMES}"
    )

    def facts(self) -> End:
        """What was typed, as the operation takes it."""
        return End(
            self.count.data, self.method.data, self.done_on.data, self.witness.data or "", self.backups_gone.data,
            self.note.data or "",
        )  # fmt: skip


def read_asked(
    args: Mapping[str, str],
    *,
    organization_id: UUID | None = None,
    municipality_id: UUID | None = None,
    centers: frozenset[UUID] | None = None,
) -> Asked:
    """Which lines an address asks for; what makes no sense asks for nothing."""

    def day_in(name: str) -> date | None:
        try:
            return date.fromisoformat(args[name]) if len(args.get(name, "")) == 10 else None
        except ValueError:
            return None

    state, direction, data_class = args.get("state", ""), args.get("direction", ""), args.get("class", "")
    return Asked(
        organization_id=organization_id,
        municipality_id=municipality_id,
        centers=centers,
        direction=Direction(direction) if direction in set(Direction) else None,
        data_class=DataClass(data_class) if data_class in set(DataClass) else None,
        state=state if state in SPECIAL or state in set(State) else "",
        from_on=day_in("from"),
        until_on=day_in("until"),
    )


def as_query(asked: Asked) -> dict[str, str]:
    """The same as an address says it."""
    said = {
        "direction": asked.direction.value if asked.direction else "",
        "class": asked.data_class.value if asked.data_class else "",
        "state": asked.state,
        "from": asked.from_on.isoformat() if asked.from_on else "",
        "until": asked.until_on.isoformat() if asked.until_on else "",
    }
    return {name: value for name, value in said.items() if value}
