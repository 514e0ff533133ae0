"""What can be typed about people: steps of joining, things, posts, moving, leaving and coming back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from partner_compliance.fields import CheckboxesField, day, one_of, words
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.people.models import (
    Fate,
    JoiningStep,
    LeavingCheck,
    LeavingReason,
    LentItem,
    Manner,
    Outcome,
    ThingKind,
)
from partner_compliance.people.queries import Thing
from partner_compliance.roster.models import Post
from partner_compliance.web import Form

NOTE_LIMIT = 500


# --- joining ----------------------------------------------------------------------------------------------------

#: What the two texts of a step are called, and what to write there.
_WORDS_OF_STEP = {
    JoiningStep.BRIEFING: (
        ("説明した内容", "例: 個人情報保護規程、持ち出しのきまり"),
        ("説明した方", "氏名を入力してください。"),
    ),
    JoiningStep.PLEDGE: (
        ("誓約書の名前", "例: 個人情報の保護に関する誓約書"),
        ("誓約書に書かれた説明者", "誓約書に説明者の欄があるときに入力してください。"),
    ),
    JoiningStep.COURSE: (
        ("研修の名前", "例: 個人情報の取り扱い 入門研修"),
        ("講師・実施した方", ""),
    ),
}


class StepForm(Form):
    """A step of someone's joining, done on a day; a reason where it corrects an earlier record."""

    done_on = day("行った日", required="行った日を入力してください。")
    manner = one_of("行い方", Manner, "行い方を1つ選んでください。")
    subject = words("内容", 200)
    by_whom = words("行った方", 100)
    reason = words("訂正の理由", NOTE_LIMIT, lines=True)

    def __init__(self, step: JoiningStep, *, corrects: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step = step
        (self.subject.label.text, self.subject.description), (self.by_whom.label.text, self.by_whom.description) = (
            _WORDS_OF_STEP[step]
        )
        if step is JoiningStep.PLEDGE:
            self.done_on.label.text = "署名した日"
        needed = {
            JoiningStep.BRIEFING: (self.by_whom, "説明した方の氏名を入力してください。"),
            JoiningStep.COURSE: (self.subject, "研修の名前を入力してください。"),
        }.get(step)
        if needed:
            _require(*needed)
        if corrects:
            _require(self.reason, "訂正の理由を入力してください。")
        else:
            del self.reason


def _require(field: Any, message: str) -> None:
    field.validators = [InputRequired(message), *(each for each in field.validators if not isinstance(each, Optional))]
    field.flags.required = True
    field.flags.optional = False


class GroupForm(Form):
    """A step that many have done together."""

    step = one_of("行ったこと", JoiningStep, "行ったことを1つ選んでください。")
    done_on = day("行った日", required="行った日を入力してください。")
    manner = one_of("行い方", Manner, "行い方を1つ選んでください。")
    subject = words("内容・研修の名前", 200, description="例: 個人情報の取り扱い 入門研修")
    by_whom = words("説明した方・講師", 100)
    workers = CheckboxesField("参加した方", coerce=UUID)

    def __init__(self, people: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.workers.choices = [SelectChoice(str(worker_id), name) for worker_id, name in people]


class ReasonForm(Form):
    """Why a record is taken back."""

    reason = words("取り消す理由", NOTE_LIMIT, required="取り消す理由を入力してください。", lines=True)


# --- things -----------------------------------------------------------------------------------------------------


class ThingForm(Form):
    """A thing handed to someone."""

    kind = SelectField(
        "種類",
        choices=[SelectChoice("", "（選んでください）")] + [SelectChoice(kind.value, kind.label) for kind in ThingKind],
        coerce=lambda text: ThingKind(text) if text in set(ThingKind) else None,
        validators=[InputRequired("種類を選んでください。")],
    )
    label = words(
        "名前・番号",
        100,
        required="名前や番号を入力してください。",
        description="例: 事務所の鍵 No.3、ノートパソコン PC-07。子どもや家庭の名前は書かないでください。",
    )
    count = IntegerField(
        "数", validators=[InputRequired("数を、1以上の数字で入力してください。")], default=1
    )  # fmt: skip
    handed_on = day("渡した日", required="渡した日を入力してください。")
    due_on = day("返却の予定日", description="活動している間ずっと貸すものは、空欄にしてください。")


class SettleForm(Form):
    """What became of a thing."""

    fate = one_of("どうなりましたか", Fate, "どうなったかを1つ選んでください。")
    happened_on = day(
        "日付", required="日付を入力してください。", description="返却・消去した日、またはなくしたことに気づいた日。"
    )
    note = words(
        "メモ",
        NOTE_LIMIT,
        lines=True,
        description="紛失・こわれ・登録の誤りのときは、状況を書いてください。子どもや家庭の名前は書かないでください。",
    )

    def __init__(self, fates: Sequence[Fate], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fate.choices = [SelectChoice(each.value, each.label) for each in fates]


# --- posts and moving -------------------------------------------------------------------------------------------


def _centers(centers: Sequence[tuple[str, str]], nothing: str) -> list[SelectChoice]:
    return [SelectChoice("", nothing)] + [SelectChoice(key, name) for key, name in centers]


class PostForm(Form):
    """A post to give someone, and the center for a head."""

    post = SelectField(
        "役職",
        choices=[SelectChoice("", "（選んでください）")] + [SelectChoice(post.value, post.label) for post in Post],
        coerce=lambda text: Post(text) if text in set(Post) else None,
        validators=[InputRequired("役職を選んでください。")],
    )
    center = SelectField("担当する拠点", coerce=str, description="センター長のときだけ選んでください。")
    from_on = day("就任した日", required="就任した日を入力してください。")

    def __init__(self, centers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.center.choices = _centers(centers, "（選ばない）")


class DismissForm(Form):
    """The last day of a post."""

    until_on = day(
        "退任した日",
        required="退任した日を入力してください。",
        description="この日まで、役職についていたことになります。",
    )


class MoveForm(Form):
    """Another center, from a day on."""

    center = SelectField("異動先の拠点", coerce=str, validators=[InputRequired("異動先の拠点を選んでください。")])
    moved_on = day(
        "異動した日", required="異動した日を入力してください。", description="この日から、新しい拠点の所属になります。"
    )
    keeps_posts = RadioField(
        "いまの拠点のセンター長の役職",
        choices=[
            SelectChoice("end", "異動の前の日で終わりにする"),
            SelectChoice("keep", "異動のあとも兼ねる"),
        ],
        validators=[InputRequired("役職をどうするかを選んでください。")],
    )

    def __init__(self, centers: Sequence[tuple[str, str]], *, is_head: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.center.choices = _centers(centers, "（選んでください）")
        if not is_head:
            del self.keeps_posts


# --- leaving and coming back ------------------------------------------------------------------------------------


class _LeavingBase(Form):
    last_on = day(
        "最終日", required="最終日を入力してください。", description="この日までは活動できます。1年先まで登録できます。"
    )
    reason = one_of("理由", LeavingReason, "理由を1つ選んでください。")
    note = words("メモ（その他のときは、理由）", NOTE_LIMIT, lines=True)


class _LeavingChecks(Form):
    checked_on = day("返却・削除などを確認した日", required="確認した日を入力してください。")
    open_note = words(
        "「まだ」のものは、いつ、どのように済ませますか",
        NOTE_LIMIT,
        lines=True,
        description="「まだ」が1つもないときは、空欄のままでかまいません。",
    )
    closes_now = BooleanField("最終日を待たずに、いますぐサインインを止める")


_FATES = (Fate.RETURNED, Fate.DAMAGED, Fate.ERASED, Fate.LOST)
_STILL_OUT = "out"
_PLEDGES = (Outcome.DONE, Outcome.POSTED, Outcome.UNREACHABLE, Outcome.DIED, Outcome.OPEN)
_PLEDGE_WORDS = {Outcome.DONE: "署名を受け取った", Outcome.OPEN: "まだ受け取っていない"}


def leaving_form(
    things: Sequence[Thing], checks: Sequence[LeavingCheck], typed: MultiDict[str, str] | None, **data: Any
) -> Any:
    """The form of a leaving: a question for each thing in hand and each check that is not settled yet.

    `typed` is what was typed when a sign-in ran out.
    """
    fields: dict[str, Any] = {}
    for thing in things:
        if thing.item is not None:
            fields[name_of_thing(thing.item.id)] = _thing_field(thing, thing.item)
    for check in checks:
        if check is not LeavingCheck.PLEDGE:
            fields[name_of_check(check)] = one_of(
                check.label,
                Outcome,
                "どれかを1つ選んでください。",
                values=(Outcome.DONE, Outcome.NONE, Outcome.OPEN),
            )
    if LeavingCheck.PLEDGE in checks:
        fields["pledge"] = RadioField(
            "退職時の誓約",
            choices=[SelectChoice(each.value, _PLEDGE_WORDS.get(each, each.label)) for each in _PLEDGES],
            coerce=Outcome,
            validators=[InputRequired("どれかを1つ選んでください。")],
        )
        fields["pledged_on"] = day(
            "署名した日（郵送したときは、送った日）",
            description="「署名を受け取った」か「郵送した」のときに入力してください。",
        )
    made = type("LeavingFormOfOne", (_LeavingBase, _LeavingChecks), fields)
    return made(formdata=typed, **data) if typed is not None else made(**data)


def _thing_field(thing: Thing, item: LentItem) -> RadioField:
    count = f"　{thing.count}点" if thing.count > 1 else ""
    fates = [each for each in _FATES if each is not Fate.ERASED or item.kind.may_hold_data]
    return RadioField(
        f"{thing.kind_label}　{thing.label}{count}",
        choices=[
            *(SelectChoice(each.value, each.label) for each in fates),
            SelectChoice(_STILL_OUT, "まだ返ってきていない"),
        ],
        validators=[InputRequired("どうなったかを1つ選んでください。")],
    )


def name_of_thing(item_id: UUID) -> str:
    """The name of the field about a thing."""
    return f"thing-{item_id}"


def name_of_check(check: LeavingCheck) -> str:
    """The name of the field about a check."""
    return f"check-{check.value}"


def things_said(form: Any, things: Sequence[Thing]) -> Mapping[UUID, Fate]:
    """What a sent form says became of each thing; what is still out is left out."""
    said = {thing.item.id: form[name_of_thing(thing.item.id)].data for thing in things if thing.item is not None}
    return {item_id: Fate(word) for item_id, word in said.items() if word != _STILL_OUT}


def checks_said(form: Any, checks: Sequence[LeavingCheck]) -> Mapping[LeavingCheck, Outcome]:
    """What a sent form says of each check."""
    return {
        check: form["pledge" if check is LeavingCheck.PLEDGE else name_of_check(check)].data for check in checks
    }  # fmt: skip


class RejoinForm(Form):
    """Someone who had left begins again."""

    joined_on = day("新しく活動を始める日", required="活動を始める日を入力してください。")
    name_kana = words("フリガナ", 100, required="フリガナを入力してください。")
    kind = SelectField(
        "区分",
        choices=[SelectChoice(kind.value, kind.label) for kind in WorkerKind],
        coerce=lambda text: WorkerKind(text) if text in set(WorkerKind) else None,
        validators=[InputRequired("区分を選んでください。")],
    )
    center = SelectField("拠点", coerce=str, validators=[InputRequired("拠点を選んでください。")])
    is_handler = BooleanField("個人情報を取り扱う")

    def __init__(self, centers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.center.choices = _centers(centers, "（選んでください）")
