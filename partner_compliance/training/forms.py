"""What can be typed about courses: assignments, sessions, cancellations, own courses."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from partner_compliance import fields
from partner_compliance.library import courses as shapes
from partner_compliance.library.courses import Course
from partner_compliance.organizations.models import Center, Engagement, WorkerKind
from partner_compliance.roster.models import Post
from partner_compliance.training.gift import MOST_CHARACTERS
from partner_compliance.training.operations import Wanted
from partner_compliance.training.own_courses import LESSON_KEYS, Texts
from partner_compliance.training.words import Audience, Renewal
from partner_compliance.web import Form

#: Audiences that need no further word.
_PLAIN = (Audience.EVERYONE, Audience.STAFF, Audience.HANDLERS, Audience.JOINING)


class AssignForm(Form):
    """Which course is asked of whom, by when, and for how long it counts."""

    course = SelectField("講座", validators=[InputRequired("講座を選んでください。")])
    audience = SelectField("だれに", validators=[InputRequired("だれに割り当てるかを選んでください。")])
    due_days = fields.count(
        "期限（日数）", required="期限を入力してください。", least=0, most=365,
        description="割り当てた日、またはその人が加わった日から数えます。",
    )  # fmt: skip
    renewal = fields.one_of("更新", Renewal, "更新の時期を選んでください。")

    def offer(self, courses: Sequence[Course], engagements: Sequence[Engagement]) -> None:
        """Put the courses and the audiences of the organization into the lists."""
        nothing = SelectChoice("", "（選んでください）")
        self.course.choices = [nothing, *(SelectChoice(each.key, each.title) for each in courses)]
        self.audience.choices = [
            nothing,
            *(SelectChoice(each.value, each.label) for each in _PLAIN),
            *(SelectChoice(f"kind:{each.value}", f"区分: {each.label}") for each in WorkerKind),
            *(SelectChoice(f"post:{each.value}", f"役職: {each.label}") for each in Post),
            *(SelectChoice(f"engagement:{each.id}", f"連携: {each.title}") for each in engagements),
        ]

    def wanted(self) -> Wanted:
        """What was chosen."""
        kind, _, whom = (self.audience.data or "").partition(":")
        return Wanted(
            self.course.data or "", Audience(kind), self.due_days.data or 0, self.renewal.data,
            worker_kind=WorkerKind(whom) if kind == Audience.KIND.value else None,
            post=Post(whom) if kind == Audience.POST.value else None,
            engagement_id=UUID(whom) if kind == Audience.ENGAGEMENT.value else None,
        )  # fmt: skip


class PrepareForm(Form):
    """Which course a group takes."""

    course = SelectField("講座", validators=[InputRequired("講座を選んでください。")])
    center = SelectField("参加する人", validators=[InputRequired("参加する人の範囲を選んでください。")])

    def offer(self, courses: Sequence[Course], centers: Sequence[Center], *, everyone: bool) -> None:
        """Put the courses and the centers into the lists; `everyone` allows all centers together."""
        self.course.choices = [
            SelectChoice("", "（選んでください）"),
            *(SelectChoice(each.key, each.title) for each in courses),
        ]
        self.center.choices = [
            *([SelectChoice("all", "団体の全員から")] if everyone else []),
            *(SelectChoice(str(each.id), each.name) for each in centers),
        ]


class RecordForm(Form):
    """That a group met; who was there and what was wrong stand in the list below."""

    held_on = fields.day("集まった日", required="集まった日を入力してください。")
    minutes = fields.count("時間（分）", required="時間を入力してください。", most=600)
    led_by = fields.words("進めた人", 100, required="進めた人の名前を入力してください。")


class CancelForm(Form):
    """Why a result was a mistake."""

    reason = fields.words("取り消す理由", 500, required="取り消す理由を入力してください。", lines=True)


class NewCourseForm(Form):
    """A course of one's own: empty, or from another one."""

    title = fields.words("題", 100, description="もとの講座を選んだときは、空のままでもかまいません。")
    source = SelectField("もとにする講座", validators=[])

    def offer(self, courses: Sequence[Course]) -> None:
        """Put the courses that can be adapted into the list."""
        self.source.choices = [
            SelectChoice("", "もとにしない（最初から書く）"),
            *(SelectChoice(each.key, each.title) for each in courses),
        ]


class TextsForm(Form):
    """The texts of an own course; the lessons' fields are made by `texts_form`."""

    seen = fields.RevisionField()
    title = fields.words("題", 100, required="講座の題を入力してください。")
    summary = fields.words("何ができるようになるか", 150, description="一行で書きます。")
    minutes = fields.count("時間の目安（分）", required="時間の目安を入力してください。", most=60)
    asked = fields.count("一度に出す問題の数", required="数を入力してください。", most=shapes.POOL[1])
    handout = fields.words("配る1枚", 4000, lines=True)
    discussion = fields.words("進める人の1枚", 4000, lines=True)

    def texts(self) -> Texts:
        """What was typed."""
        lessons = [(self[f"{key}-title"].data or "", self[f"{key}-text"].data or "") for key in LESSON_KEYS]
        return Texts(
            self.title.data or "", self.summary.data or "", self.minutes.data or 0, self.asked.data or 0, lessons,
            self.handout.data or "", self.discussion.data or "",
        )  # fmt: skip


def texts_form(**given: Any) -> TextsForm:
    """A form with a heading and a text for each lesson that a course may have."""
    made: dict[str, Any] = {}
    for number, key in enumerate(LESSON_KEYS, start=1):
        made[f"{key}-title"] = fields.words(f"読みもの{number}の見出し", 100)
        made[f"{key}-text"] = fields.words(f"読みもの{number}", 4000, lines=True)
    form: TextsForm = type("TextsOfCourseForm", (TextsForm,), made)(**given)
    return form


class QuestionForm(Form):
    """A situation with up to four answers; the answers' fields are made by `question_form`."""

    seen = fields.RevisionField()
    lesson = SelectField("答えが書いてある読みもの", validators=[InputRequired("読みものを選んでください。")])
    topic = fields.words("話題（短い言い方）", shapes.LONGEST["topic"], required="話題を入力してください。")
    situation = fields.words(
        "場面", shapes.LONGEST["situation"], required="場面を入力してください。", lines=True,
        description="実際の子どもや家族のことは書かないでください。",
    )  # fmt: skip
    ask = fields.words("問い", shapes.LONGEST["ask"], required="問いを入力してください。")
    right = SelectField(
        "正しい選択肢",
        choices=[SelectChoice(str(at), "アイウエ"[at]) for at in range(shapes.CHOICES[1])],
        validators=[InputRequired("正しい選択肢を選んでください。")],
    )

    def question(self) -> dict[str, Any]:
        """What was typed, as a question of a draft; answers without text are none."""
        choices = []
        for at in range(shapes.CHOICES[1]):
            if text := _one_line(self[f"text-{at}"].data):
                is_right = self.right.data == str(at)
                choices.append({"text": text, "right": is_right, "because": _one_line(self[f"because-{at}"].data)})
        return {
            "lesson": self.lesson.data, "topic": _one_line(self.topic.data),
            "situation": _one_line(self.situation.data), "ask": _one_line(self.ask.data), "choices": choices,
        }  # fmt: skip


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def question_form(lessons: Sequence[dict[str, Any]], **given: Any) -> QuestionForm:
    """A form with as many answers as a question may have; `lessons` are those of the draft."""
    made: dict[str, Any] = {}
    for at in range(shapes.CHOICES[1]):
        mark = "アイウエ"[at]
        made[f"text-{at}"] = fields.words(f"選択肢{mark}", shapes.LONGEST["text"])
        made[f"because-{at}"] = fields.words(f"{mark}の理由", shapes.LONGEST["because"])
    form: QuestionForm = type("QuestionOfCourseForm", (QuestionForm,), made)(**given)
    form.lesson.choices = [SelectChoice(each["key"], each["title"] or each["key"]) for each in lessons]
    return form


class GiftForm(Form):
    """Questions as GIFT text."""

    seen = fields.RevisionField()
    text = fields.words("GIFT の文", MOST_CHARACTERS, required="GIFT の文を貼り付けてください。", lines=True)


class SeenForm(Form):
    """Which revision of a draft was read."""

    seen = fields.RevisionField()
