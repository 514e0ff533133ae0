"""Own courses in a kit: what travels, what an older system reads, what is refused, and nothing twice."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from partner_compliance.access import Role
from partner_compliance.database import open_session
from partner_compliance.errors import WrongEntry
from partner_compliance.history.operations import write_acts
from partner_compliance.kits import courses, operations, package, queries
from partner_compliance.kits.package import BrokenKit, NewerKit, Package, Publisher
from partner_compliance.kits.words import Part
from partner_compliance.library.courses import Course, fill
from partner_compliance.library.shelf import Library
from partner_compliance.training import own_courses
from partner_compliance.training import queries as training
from partner_compliance.training.models import OwnCourse
from partner_compliance.training.words import SourceKind
from tests.factories import a_center, an_organization, principal_of, someone
from tests.kits.conftest import NEW, Exchange
from tests.kits.test_package import a_package, members, resealed
from tests.kits.test_pages import Browse
from tests.kits.test_pages import browser as browser_of_pages
from tests.rulebooks.conftest import ANSWERS, FRIDAY
from tests.trained import COURSE

browser = browser_of_pages
HINATA = ANSWERS["organization"]
#: Of `a_package()`, before there were courses in kits.
DIGEST_OF_FORMAT_1 = "fbd02243e7be4798d4bef185f186d8f1ca5968d26eef2333b24dbdbbd7e86bf4"
Change = Callable[[dict[str, Any]], None]


def wrote(exchange: Exchange, title: str = f"{HINATA}の守秘", change: Change = lambda draft: None) -> OwnCourse:
    """The publisher's own course, adapted from the shelf, with its name in title, lesson, question and reading."""
    house, desk = exchange.desk.house, exchange.desk
    said: dict[str, Any] = {"by": house.officer.principal, "now": desk.time.moment}
    made = own_courses.begin(
        house.session, desk.library, house.organization, title=title, of=desk.library.course_for(COURSE, desk.today),
        kind=SourceKind.SHELF, **said,
    )  # fmt: skip
    draft = json.loads(json.dumps(made.draft))
    draft["lessons"][0]["text"] += f"\n\n{HINATA}では、調理場でも話しません。"
    draft["readings"] |= {"調理場": "ちょうりば", "ひなた": "ひなた"}
    change(draft)
    made.draft = draft
    house.session.flush()
    own_courses.publish(house.session, desk.library, made, seen=made.revision, **said)
    return made


def ask_with_name(draft: dict[str, Any]) -> None:
    """One question about the publisher by its name."""
    draft["questions"][0] |= {"situation": f"{HINATA}の調理場で、友人に聞かれました。"}


def theirs(exchange: Exchange) -> list[OwnCourse]:
    return training.own_courses(exchange.desk.house.session, exchange.new.id)


def shelf_course(library: Library, **changed: Any) -> Course:
    said = library.course_for(COURSE, FRIDAY).model_dump(mode="json")
    return Course.model_validate(said | {"key": "own-1", "edition": "1"} | changed)


def with_course(library: Library, **changed: Any) -> Package:
    return a_package(format=2, own_courses=(shelf_course(library, **changed),))


def test_a_course_travels_as_a_file_and_becomes_a_draft_with_the_adopters_name(
    exchange: Exchange, library: Library, second_engine: Engine
) -> None:
    wrote(exchange, change=ask_with_name)
    edition = exchange.publish()
    content = package.to_file(exchange.on_shelf(edition).package)
    made = package.from_file(content)
    assert package.to_file(made) == content
    assert json.loads(members(content)["manifest.json"])["format"] == made.format == 2
    [course] = made.own_courses
    assert "ひなた" not in course.model_dump_json()
    assert course.title == "{organization}の守秘"
    assert course.lessons[0].text.endswith("{organization}では、調理場でも話しません。")
    assert course.questions[0].situation == "{organization}の調理場で、友人に聞かれました。"
    assert course.readings["調理場"] == "ちょうりば"
    assert "講座: {organization}の守秘\n" in members(content)["README.txt"].decode()
    with open_session(second_engine, write_acts=write_acts) as session:
        group = an_organization(session, NEW["organization"])
        user, _ = someone(session, a_center(session, group), Role.PROTECTION_OFFICER)
        said: dict[str, Any] = {"by": principal_of(session, user), "now": exchange.desk.time.moment}
        row = operations.bring_in(session, library, group, content, **said)
        found = queries.on_shelf(session, group.id, row.id)
        assert found is not None
        adoption, drafts = operations.take_over(
            session, library, group, found, operations.Wanted([Part.COURSES], [], {}), **said
        )
        assert drafts == []
        [draft] = training.own_courses(session, group.id)
        assert [each.id for each in queries.courses_begun_with(session, adoption)] == [draft.id]
        assert (draft.title, draft.draft["title"]) == ("放課後の家 つくしの守秘",) * 2
        read = fill(draft.draft["lessons"][0]["text"], group.name, {})
        assert read.endswith("放課後の家 つくしでは、調理場でも話しません。")
        assert draft.source == {
            "kind": "kit", "key": course.key, "edition": "1", "title": "放課後の家 つくしの守秘",
            "kit": str(made.kit_id), "adoption": str(adoption.id), "of": HINATA,
        }  # fmt: skip
        assert training.editions_of(session, draft) == []
        own = own_courses.publish(session, library, draft, seen=draft.revision, **said)
        assert training.as_course(own).digest != course.digest  # the title names them
        session.commit()


def test_an_adapted_course_counts_as_its_source_here_and_for_itself_there(exchange: Exchange) -> None:
    session, desk = exchange.desk.house.session, exchange.desk
    source = wrote(exchange)
    assert training.editions_of(session, source)[0].counts_as == COURSE
    edition = exchange.publish()
    assert edition.package is not None
    assert "counts_as" not in json.dumps(edition.package)
    exchange.take(edition, parts=[Part.COURSES], answers={})
    [draft] = theirs(exchange)
    made = own_courses.publish(
        session, desk.library, draft, seen=1, by=exchange.new_officer.principal, now=desk.time.moment
    )
    assert made.counts_as is None


def test_the_newest_edition_goes_and_what_is_ended_or_never_published_stays(exchange: Exchange) -> None:
    session, desk = exchange.desk.house.session, exchange.desk
    by: dict[str, Any] = {"by": desk.house.officer.principal, "now": desk.time.moment}
    course, ended = wrote(exchange), wrote(exchange, "終わった講座")
    own_courses.retire(session, ended, **by)
    own_courses.begin(session, desk.library, desk.house.organization, title="書きかけの講座", **by)
    course.draft = course.draft | {"summary": "調理場での守秘がわかる。"}
    session.flush()
    own_courses.publish(session, desk.library, course, seen=course.revision, **by)
    edition = exchange.publish()
    [sent] = exchange.on_shelf(edition).package.own_courses
    assert (sent.key, sent.edition, sent.summary) == (course.key, "2", "調理場での守秘がわかる。")
    without = exchange.publish(edition.kit_id, parts=[Part.RULES])
    assert exchange.on_shelf(without).package.own_courses == ()
    assert exchange.on_shelf(without).package.format == 1


def test_the_same_course_is_not_taken_twice_and_a_later_edition_is_another_draft(exchange: Exchange) -> None:
    session, desk = exchange.desk.house.session, exchange.desk
    course = wrote(exchange)
    edition = exchange.publish()
    first, _ = exchange.take(edition, parts=[Part.COURSES], answers={})
    again, _ = exchange.take(edition, parts=[Part.COURSES], answers={})
    assert len(queries.courses_begun_with(session, first)) == 1
    assert queries.courses_begun_with(session, again) == []
    exchange.take(exchange.publish(edition.kit_id), parts=[Part.COURSES], answers={})  # the same course in a later kit
    assert len(theirs(exchange)) == 1
    course.draft = course.draft | {"summary": "調理場での守秘がわかる。"}
    session.flush()
    own_courses.publish(
        session, desk.library, course, seen=course.revision, by=desk.house.officer.principal, now=desk.time.moment
    )
    later = exchange.publish(edition.kit_id)
    exchange.take(later, parts=[Part.COURSES], answers={})
    assert sorted(each.source["edition"] for each in theirs(exchange)) == ["1", "2"]
    exchange.take(later, of=desk.house.organization, by=desk.house.officer, parts=[Part.COURSES], answers={})
    assert [each.key for each in training.own_courses(session, desk.house.organization.id)] == [course.key]


def test_too_many_courses_are_refused_on_both_sides(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        wrote(exchange, f"講座{number}")
    edition = exchange.publish()
    monkeypatch.setattr(courses, "MOST_OWN_COURSES", 1)
    with pytest.raises(WrongEntry, match="講座は1までです（いま2）") as refused:
        exchange.publish(edition.kit_id)
    assert refused.value.field == "parts"
    monkeypatch.setattr(own_courses, "MOST_COURSES", 1)
    with pytest.raises(WrongEntry, match="1までです") as refused:
        exchange.take(edition, parts=[Part.COURSES], answers={})
    assert refused.value.field == "parts"
    exchange.desk.house.session.rollback()


def test_a_course_that_is_too_long_without_the_name_is_named_when_it_is_published(exchange: Exchange) -> None:
    exchange.desk.house.organization.name = "つくし"

    def full(draft: dict[str, Any]) -> None:
        draft["questions"][0]["ask"] = "つくしでは、" + "あ" * 54

    wrote(exchange, "長い講座", full)
    with pytest.raises(WrongEntry, match=r"講座「長い講座」.*60文字まで") as refused:
        exchange.publish()
    assert refused.value.field == "parts"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("つくし", "つくしとつくしんぼ", "{organization}と{organization}んぼ"),
        ("会", "会の会議", "会の会議"),
        ("organization", "{organization}とorganization", "{organization}と{organization}"),
        ("law:act", "{law:act}", "{law:act}"),
        ("つくし（東）", "つくし（東）とつくし", "{organization}とつくし"),
    ],
)
def test_names_give_way_outside_of_braces(library: Library, name: str, text: str, said: str) -> None:
    made = courses.general(shelf_course(library, summary=text), {name, ""})
    assert made.summary == said
    assert courses.general(made, {name}) == made


# --- the formats


def test_a_kit_without_courses_is_byte_for_byte_what_it_was() -> None:
    made = a_package()
    said = made.model_dump(mode="json")
    assert "own_courses" not in said
    assert package.digest_of(made) == DIGEST_OF_FORMAT_1
    content = package.to_file(made)
    assert json.loads(members(content)["manifest.json"])["format"] == 1
    assert package.from_file(content) == made
    assert "講座" not in members(content)["README.txt"].decode()


def test_an_older_system_refuses_a_kit_with_courses_as_a_newer_one(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_one, without = package.to_file(with_course(library)), package.to_file(a_package())
    hidden = resealed(with_course(library).model_dump(mode="json"), {"format": 1})
    monkeypatch.setattr(package, "FORMAT", 1)
    for content in (with_one, hidden):
        with pytest.raises(NewerKit):
            package.from_file(content)
    assert package.from_file(without) == a_package()


def test_the_format_says_whether_there_are_courses(library: Library) -> None:
    said = with_course(library).model_dump(mode="json")
    wrong: list[dict[str, Any]] = [{"format": 1}, {"own_courses": []}, {"format": 1, "own_courses": []}]
    for changed in wrong:
        with pytest.raises(BrokenKit, match="団体の講座"):
            package.from_file(resealed(said | changed))
    with pytest.raises(BrokenKit, match="own_courses"):
        package.from_file(resealed(said | {"own_courses": said["own_courses"] * 11}))


# --- what is refused


def first_lesson(text: str) -> Change:
    return lambda course: course["lessons"][0].update(text=text)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (first_lesson("# 見出し\n\n" + "あ" * 200), "'#' は使えません"),
        (first_lesson("<h1>見出し</h1>" + "あ" * 200), "'<' は使えません"),
        (first_lesson("あ" * 4001), "4000文字"),
        (lambda course: course["questions"][0]["choices"][0].update(right="yes"), "questions・0・choices・0・right"),
        (lambda course: course["questions"].pop(), "問題の数"),
        (lambda course: course.update(asked=99), "問題の数"),
        (lambda course: course.update(code="print()"), "code"),
        (lambda course: course.pop("handout"), "handout"),
        (lambda course: course.update(summary="あ\u202eい"), "目に見えない文字"),
        (lambda course: course.update(handout="あ\u202eい" * 50), "目に見えない文字"),
        (lambda course: course.update(readings={f"あ{number}": "あ" for number in range(601)}), "大きすぎます"),
        (lambda course: course.update(extra=["あ"] * 20_000), "大きすぎます"),
    ],
    ids=[
        "heading",
        "html",
        "long",
        "type",
        "few",
        "asked",
        "unknown",
        "missing",
        "hidden",
        "turned",
        "readings",
        "large",
    ],
)
def test_a_broken_course_is_refused_by_its_title(library: Library, change: Change, why: str) -> None:
    said = with_course(library).model_dump(mode="json")
    course = said["own_courses"][0]
    if why == "問題の数":
        course["asked"] = len(course["questions"]) - 1
    change(course)
    with pytest.raises(BrokenKit, match=rf"^講座「{course['title']}」: .*{why}"):
        package.from_file(resealed(said))


@pytest.mark.parametrize("course", [None, 1, [], {}, {"title": 5}, {"title": "あ\u202e"}, {"title": "\ud800"}, "x" * 9])
def test_what_is_no_course_at_all_is_refused_by_its_place(library: Library, course: object) -> None:
    said = with_course(library).model_dump(mode="json")
    body = json.dumps(said | {"own_courses": [*said["own_courses"], course]}).encode()
    with pytest.raises(BrokenKit, match=r"^2番目の講座: "):
        package.from_file(resealed(body))


def test_what_a_course_may_not_say_here_is_refused_with_its_title(library: Library) -> None:
    known = operations.known(library, FRIDAY)
    package.require_package(with_course(library, summary="{organization}のための講座。"), known)
    first = library.course_for(COURSE, FRIDAY).model_dump(mode="json")
    question = first["questions"][0]
    for changed, why in (
        ({"summary": "{rule}を読む。"}, "知らない穴うめがあります（rule）"),
        ({"summary": "{law:nowhere}を読む。"}, "law:nowhere"),
        ({"title": "題" * 101, "readings": {}}, "題は100文字"),
        ({"summary": "あ" * 301}, "300文字"),
        ({"edition": "1" * 13}, "長すぎます"),
        ({"questions": [question | {"key": "q" * 61}, *first["questions"][1:]]}, "識別名"),
    ):
        with pytest.raises(BrokenKit, match=rf"^講座「.*」: .*{why}"):
            package.require_package(with_course(library, **changed), known)
    twice = with_course(library).model_copy(update={"own_courses": (shelf_course(library),) * 2})
    with pytest.raises(BrokenKit, match="二度"):
        package.require_package(twice, known)
    city = Publisher(id=a_package().publisher.id, name="はまかぜ市", kind="municipality")
    with pytest.raises(BrokenKit, match="自治体のキット"):
        package.require_package(with_course(library).model_copy(update={"publisher": city}), known)


def test_slow_texts_and_bombs_with_courses_are_refused_at_once(library: Library) -> None:
    said = with_course(library).model_dump(mode="json")
    slow = json.loads(json.dumps(said))
    for lesson in slow["own_courses"][0]["lessons"]:
        lesson["text"] = "**あ_" * 999_000
    many = json.loads(json.dumps(said))
    many["own_courses"] *= 300
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in {**members(package.to_file(with_course(library))), "kit.json": b" " * 100_000_000}.items():
            archive.writestr(name, held)
    started = time.perf_counter()
    for content in (resealed(slow), resealed(many), out.getvalue()):
        with pytest.raises(BrokenKit):
            package.from_file(content)
    assert time.perf_counter() - started < 5


def test_a_kit_with_ten_full_courses_fits_into_its_file(library: Library) -> None:
    full = shelf_course(library).model_dump(mode="json")
    for lesson in full["lessons"]:
        lesson["text"] = "あ" * 700
    full |= {"handout": "い" * 900, "discussion": "う" * 1200, "readings": {}}
    made = a_package(
        format=2, own_courses=tuple(Course.model_validate(full | {"key": f"own-{number}"}) for number in range(10))
    )
    package.require_package(made, operations.known(library, FRIDAY))
    assert package.from_file(package.to_file(made)) == made


# --- the pages


def test_the_preview_shows_the_courses_and_taking_over_says_what_became_of_them(
    exchange: Exchange, browser: Browse
) -> None:
    wrote(exchange)
    house = exchange.desk.house
    address = f"/organizations/{house.organization.id}/kits/publish"
    typed = {"title": "食堂のキット", "about": "", "activity": "cafeteria", "headcount": "few", "parts": ["courses"]}
    page = browser(house.officer).post(address, data=typed | {"preview": "y"})
    assert page.status_code == 200
    assert "{organization}の守秘（10問）" in page.text
    assert "{organization}では、調理場でも話しません。" in page.text
    assert browser(house.officer).post(address, data=typed).status_code == 303
    house.session.rollback()
    [edition] = queries.own_editions(house.session, house.organization.id)
    client = browser(exchange.new_officer)
    base = f"/organizations/{exchange.new.id}/kits/{edition.id}"
    page = client.get(base)
    assert "{organization}の守秘（10問）" in page.text
    assert "{law:" not in page.text
    done = client.post(base, data={"parts": ["courses"]}, follow_redirects=True)
    assert "団体の講座の下書きが1つできました" in done.text
    assert "放課後の家 つくしの守秘" in done.text  # in the list of own courses
    house.session.rollback()
    [draft] = theirs(exchange)
    assert "放課後の家 つくしでは、調理場でも話しません。" in client.get(f"/own-courses/{draft.id}/preview").text
    again = client.post(base, data={"parts": ["courses"]}, follow_redirects=True)
    assert "もう一度は作りませんでした" in again.text
    assert "下書きが1つできました" not in again.text
    house.session.rollback()
    assert len(theirs(exchange)) == 1
