"""An organization's own courses: begun empty or from another one, written piece by piece, published in editions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.library import courses as shapes
from partner_compliance.library.courses import Course, Question
from partner_compliance.library.shelf import Library, UnknownEdition
from partner_compliance.organizations.models import Organization
from partner_compliance.training import contents, gift, policy, queries
from partner_compliance.training.models import OwnCourse, OwnCourseEdition
from partner_compliance.training.words import SourceKind

MOST_COURSES = 40
#: A course that is begun empty has so many lessons.
LESSON_KEYS = tuple(f"lesson-{number}" for number in range(1, shapes.LESSONS[1] + 1))


class ChangedMeanwhile(RuleBroken):
    """Somebody else has changed the course since the page was opened; nothing is overwritten."""

    message = "画面を開いた後に、ほかの方がこの講座を変えました。"
    what_to_do = "別の画面でいまの内容を確かめてから、もう一度保存してください。入力した文は残っています。"


class StillOpen(RuleBroken):
    """Something is missing before a course can be published."""

    what_to_do = "下の一覧の所を直すと、公開できます。"


class NothingChanged(RuleBroken):
    """The draft says what the newest edition says."""

    message = "公開している版と同じ内容です。"
    what_to_do = "変えるところがなければ、公開し直す必要はありません。"


# --- beginning --------------------------------------------------------------------------------------------------


def empty(title: str) -> dict[str, Any]:
    """The draft of a course of which nothing is written."""
    return {
        "title": title, "summary": "", "minutes": 6, "suits": ["everyone"], "entry": False, "source": "団体の講座",
        "asked": shapes.LEAST_ASKED, "questions": [], "readings": {}, "handout": "", "discussion": "",
        "lessons": [{"key": key, "title": "", "text": ""} for key in LESSON_KEYS[:2]],
    }  # fmt: skip


def draft_of(course: Course) -> dict[str, Any]:
    """The draft with which a course is adapted: everything that it says."""
    return course.model_dump(mode="json", exclude={"key", "edition", "valid_from"})


def begin(
    session: Session,
    library: Library,
    organization: Organization,
    *,
    title: str = "",
    of: Course | None = None,
    kind: SourceKind = SourceKind.OWN,
    by: Principal,
    now: datetime,
) -> OwnCourse:
    """Begin an own course, empty or as a copy `of` another one; raises WrongEntry, NotAllowed."""
    if not policy.may_keep(by, organization):
        raise NotAllowed
    if not title and of is None:
        raise WrongEntry("title", "講座の題を入力してください。")
    if len(queries.own_courses(session, organization.id)) >= MOST_COURSES:
        raise WrongEntry("title", f"団体の講座は{MOST_COURSES}までです。")
    source: dict[str, Any] = {"kind": kind.value}
    if of is not None:
        source |= {"key": of.key, "edition": of.edition, "title": of.title}
    draft = draft_of(of) if of is not None else empty(title)
    if title:
        draft = _with_readings({**draft, "title": title})
    made = OwnCourse(
        organization_id=organization.id, id=uuid4(), key=f"{queries.OWN}{uuid4().hex[:8]}", source=source,
        title=draft["title"][:100], draft=draft, revision=1, begun_at=now, changed_at=now, changed_by_name=by.name,
        retired_on=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _note(session, made, "course.drafted", by=by, now=now)
    return made


def _note(session: Session, course: OwnCourse, name: str, *, by: Principal, now: datetime) -> None:
    acts.record(
        session,
        Act(
            course.organization_id, name, now, by.actor, object_kind="own_course", object_id=course.id,
            details={"form": course.title},
        ),
    )  # fmt: skip


# --- writing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Texts:
    """What is typed about a course as a whole; a lesson without title and text is none."""

    title: str
    summary: str
    minutes: int
    asked: int
    lessons: Sequence[tuple[str, str]]
    handout: str
    discussion: str


def _change(
    session: Session, course: OwnCourse, draft: Mapping[str, Any], seen: int, *, by: Principal, now: datetime
) -> None:
    if not policy.may_write(by, course):
        raise NotAllowed
    session.refresh(course, with_for_update=True)
    if course.revision != seen:
        raise ChangedMeanwhile
    course.draft, course.title = dict(draft), str(draft["title"])[:100]
    course.revision += 1
    course.changed_at, course.changed_by_name = now, by.name
    session.flush()
    _note(session, course, "course.changed", by=by, now=now)


def save_texts(session: Session, course: OwnCourse, texts: Texts, *, seen: int, by: Principal, now: datetime) -> None:
    """Keep the texts of a draft, complete or not; raises ChangedMeanwhile, WrongEntry without a title."""
    if not texts.title:
        raise WrongEntry("title", "講座の題を入力してください。")
    before = [each["key"] for each in course.draft["lessons"]]
    spare = [key for key in LESSON_KEYS if key not in before]
    keys = (before + spare)[: len(texts.lessons)]
    lessons = [
        {"key": key, "title": title, "text": text}
        for key, (title, text) in zip(keys, texts.lessons, strict=True)
        if title or text
    ]
    kept = {each["key"] for each in lessons}
    first = lessons[0]["key"] if lessons else ""
    questions = [each if each["lesson"] in kept else {**each, "lesson": first} for each in course.draft["questions"]]
    draft = {
        **course.draft, "title": texts.title, "summary": texts.summary, "minutes": texts.minutes,
        "asked": texts.asked, "lessons": lessons, "handout": texts.handout, "discussion": texts.discussion,
        "questions": questions,
    }  # fmt: skip
    _change(session, course, _with_readings(draft), seen, by=by, now=now)


def _with_readings(draft: dict[str, Any]) -> dict[str, Any]:
    """The draft without readings of words that no longer occur."""
    everything = json.dumps({name: said for name, said in draft.items() if name != "readings"}, ensure_ascii=False)
    return {**draft, "readings": {word: read for word, read in draft["readings"].items() if word in everything}}


def save_question(
    session: Session,
    course: OwnCourse,
    key: str,
    question: Mapping[str, Any],
    *,
    seen: int,
    by: Principal,
    now: datetime,
) -> None:
    """Keep a question, new for an empty key; raises WrongEntry when there are too many, ChangedMeanwhile."""
    questions = list(course.draft["questions"])
    if not key:
        if len(questions) >= shapes.POOL[1]:
            raise WrongEntry("situation", f"問題は{shapes.POOL[1]}までです。")
        questions.append({**question, "key": f"own-{uuid4().hex[:8]}"})
    else:
        questions = [{**question, "key": key} if each["key"] == key else each for each in questions]
    _change(session, course, _with_readings({**course.draft, "questions": questions}), seen, by=by, now=now)


def remove_question(session: Session, course: OwnCourse, key: str, *, seen: int, by: Principal, now: datetime) -> None:
    """Take a question out of a draft; raises ChangedMeanwhile."""
    questions = [each for each in course.draft["questions"] if each["key"] != key]
    _change(session, course, _with_readings({**course.draft, "questions": questions}), seen, by=by, now=now)


def import_questions(
    session: Session, course: OwnCourse, text: str, *, seen: int, by: Principal, now: datetime
) -> tuple[int, int]:
    """Take all questions of a GIFT text into the draft: how many there were, how many replaced one of the same name.

    Raises BrokenGift with every line that is wrong, WrongEntry when they would be too many; then nothing is taken.
    """
    found = gift.read(text, [each["key"] for each in course.draft["lessons"]])
    before = {each["key"]: each for each in course.draft["questions"]}
    merged = before | {each["key"]: each for each in found}
    if len(merged) > shapes.POOL[1]:
        raise WrongEntry(
            "text", f"合わせて{len(merged)}問になります。問題は{shapes.POOL[1]}までです。先に減らしてください。"
        )
    draft = {**course.draft, "questions": list(merged.values())}
    _change(session, course, _with_readings(draft), seen, by=by, now=now)
    return len(found), len(before) + len(found) - len(merged)


# --- checking and publishing ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """What keeps a draft from being published: where, and what to do. `question` is its key, empty for the texts."""

    where: str
    message: str
    question: str = ""


def problems_of(draft: Mapping[str, Any], law: Mapping[str, str]) -> list[Problem]:
    """Everything that keeps a draft from being published, in the order in which it is written."""
    found = [*_wrong_texts(draft)]
    questions = draft["questions"]
    least, most = shapes.POOL
    if not least <= len(questions) <= most:
        found.append(Problem("問題", f"問題は{least}から{most}にしてください（いま{len(questions)}）。"))
    elif not shapes.LEAST_ASKED <= draft["asked"] < len(questions):
        found.append(
            Problem(
                "一度に出す数",
                f"{shapes.LEAST_ASKED}以上で、問題の数（{len(questions)}）より少なくしてください。"
                "年ごとに、違う問題を出すためです。",
            )
        )
    for number, question in enumerate(questions, start=1):
        found += [Problem(f"問題{number}", message, question["key"]) for message in wrong_question(question)]
    if not found:
        try:
            course = as_course(draft, "own-draft", 1, date.min)
        except ValidationError as error:
            return [
                Problem("講座", str(each["ctx"]["error"]) if "ctx" in each else each["msg"]) for each in error.errors()
            ]
        unknown = sorted({name for _, name in shapes.names_in(course)} - {"organization", *law})
        if unknown:
            found.append(Problem("差し込み", f"{{{unknown[0]}}} は使えません。{{organization}} が使えます。"))
    return found


def _wrong_texts(draft: Mapping[str, Any]) -> list[Problem]:
    found = []
    if not draft["summary"]:
        found.append(Problem("何ができるようになるか", "一行で入力してください。"))
    least, most = shapes.MINUTES
    if not least <= draft["minutes"] <= most:
        found.append(Problem("時間の目安", f"{least}分から{most}分で終わるようにしてください。"))
    few, many = shapes.LESSONS
    if not few <= len(draft["lessons"]) <= many:
        found.append(Problem("読みもの", f"読みものは{few}から{many}にしてください。"))
    for number, lesson in enumerate(draft["lessons"], start=1):
        if not lesson["title"]:
            found.append(Problem(f"読みもの{number}", "見出しを入力してください。"))
        if flaw := shapes.prose_flaw(lesson["text"], shapes.LESSON_LENGTH):
            found.append(Problem(f"読みもの{number}", flaw))
    for name, called, bounds in (
        ("handout", "配る1枚", shapes.HANDOUT_LENGTH),
        ("discussion", "進める人の1枚", shapes.DISCUSSION_LENGTH),
    ):
        if flaw := shapes.prose_flaw(draft[name], bounds):
            found.append(Problem(called, flaw))
    return found


def wrong_question(question: Mapping[str, Any]) -> list[str]:
    """What keeps a question from being asked."""
    found = []
    for name, called in (("topic", "話題"), ("situation", "場面"), ("ask", "問い")):
        if not question[name]:
            found.append(f"{called}を入力してください。")
        elif len(question[name]) > shapes.LONGEST[name]:
            found.append(f"{called}は{shapes.LONGEST[name]}文字までにしてください。")
    choices = question["choices"]
    least, most = shapes.CHOICES
    if not least <= len(choices) <= most:
        found.append(f"選択肢は{least}から{most}にしてください。")
    if sum(1 for each in choices if each["right"]) != 1:
        found.append("正しい選択肢を、一つだけ選んでください。")
    if len({each["text"] for each in choices}) != len(choices):
        found.append("同じ選択肢が二つあります。")
    if any(not each["because"] for each in choices):
        found.append("どの選択肢にも、理由（なぜ正しいか、なぜ正しくないか）を入力してください。")
    if any(len(each["text"]) > shapes.LONGEST["text"] for each in choices):
        found.append(f"選択肢は{shapes.LONGEST['text']}文字までにしてください。")
    if any(len(each["because"]) > shapes.LONGEST["because"] for each in choices):
        found.append(f"理由は{shapes.LONGEST['because']}文字までにしてください。")
    return found


def as_course(draft: Mapping[str, Any], key: str, number: int, day: date) -> Course:
    """The draft as an edition; raises ValidationError while something is missing."""
    return Course.model_validate({**draft, "key": key, "edition": str(number), "valid_from": day.isoformat()})


def publish(
    session: Session, library: Library, course: OwnCourse, *, seen: int, by: Principal, now: datetime
) -> OwnCourseEdition:
    """Publish the draft as the next edition for the organization's people; who has begun finishes the old one.

    Raises StillOpen with the first thing that is missing, NothingChanged, ChangedMeanwhile, NotAllowed.
    """
    if not policy.may_write(by, course):
        raise NotAllowed
    session.refresh(course, with_for_update=True)
    if course.revision != seen:
        raise ChangedMeanwhile
    today = local_date(now)
    if found := problems_of(course.draft, queries.law_on(library, today)):
        more = f"（ほかに{len(found) - 1}か所）" if len(found) > 1 else ""
        raise StillOpen(f"{found[0].where}: {found[0].message}{more}")
    before = queries.editions_of(session, course)
    number = before[-1].number + 1 if before else 1
    edition = as_course(course.draft, course.key, number, today)
    counts_as = _counts_as(library, course, edition, today)
    if before and before[-1].digest == edition.digest and before[-1].counts_as == counts_as and not course.retired_on:
        raise NothingChanged
    made = OwnCourseEdition(
        organization_id=course.organization_id, id=uuid4(), own_course_id=course.id, key=course.key, number=number,
        content=edition.model_dump(mode="json"), digest=edition.digest, counts_as=counts_as, published_at=now,
        published_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    course.retired_on = None
    session.flush()
    acts.record(
        session,
        Act(
            course.organization_id, "course.published", now, by.actor, object_kind="own_course_edition",
            object_id=made.id, content=contents.edition_content(made),
            details={"form": edition.title, "version": number},
        ),
    )  # fmt: skip
    return made


def _counts_as(library: Library, course: OwnCourse, edition: Course, today: date) -> str | None:
    """The course of the shelf that an adapted one replaces: the one it comes from, while it keeps all questions."""
    if course.source.get("kind") != SourceKind.SHELF.value:
        return None
    try:
        model = library.course_for(str(course.source["key"]), today)
    except UnknownEdition:
        return None
    return model.key if edition.keeps_all_of(model) else None


def retire(session: Session, course: OwnCourse, *, by: Principal, now: datetime) -> None:
    """Let nobody begin an own course any more; who has begun may finish, and results stay. Twice is once."""
    if not policy.may_write(by, course):
        raise NotAllowed
    session.refresh(course, with_for_update=True)
    if course.retired_on is None:
        course.retired_on = local_date(now)
        session.flush()
        _note(session, course, "course.retired", by=by, now=now)


def as_question(question: Mapping[str, Any]) -> Question:
    """A question of a draft in the shape of all; raises ValidationError while something is missing."""
    return Question.model_validate(question)
