"""A course on a phone, with a certificate that anyone checks; a group on paper; a new year with other questions."""

import re
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from partner_compliance.library.courses import Course
from partner_compliance.library.shelf import Library
from partner_compliance.training.models import CourseAttempt, CourseResult
from tests.browser.conftest import Desk, Town
from tests.conftest import SetClock

pytestmark = pytest.mark.browser

COURSE = "secrecy-basics"


def read_lessons(page: Page, course: Course) -> None:
    """Read every lesson to its end."""
    for lesson in course.lessons:
        expect(page.get_by_role("heading", level=1)).to_contain_text(lesson.title)
        page.get_by_role("button", name="読みました。次へ").click()


def answer(page: Page, course: Course, *, wrongly: bool = False) -> str:
    """Answer the question that is asked; its key."""
    key = page.locator("input[name=question]").get_attribute("value")
    assert key is not None
    question = course.by_key[key]
    choice = (question.right + 1) % len(question.choices) if wrongly else question.right
    page.locator("label.tile").filter(has_text=question.choices[choice].text).click()
    page.get_by_role("button", name="答える").click()
    expect(page.get_by_text(question.choices[choice].because)).to_be_visible()
    return key


def go_on(page: Page) -> None:
    page.get_by_role("link", name=re.compile("次の問題へ|結果を見る")).click()


def is_asked(page: Page) -> bool:
    """Whether a question stands on the page, once the page is there."""
    heading = re.compile(r"問題 \d|修了しました|もう一度受けてみましょう")
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    return page.locator("input[name=question]").count() > 0


def attempt_id(page: Page) -> UUID:
    return UUID(page.url.split("/course-attempts/")[1].split("/")[0].split("?")[0])


def test_a_worker_learns_on_a_phone_resumes_fails_and_passes(desk: Desk, town: Town, library: Library) -> None:
    course = library.course_for(COURSE, date(2026, 11, 27))
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/training")
    officer.get_by_role("button", name="おすすめの講座を割り当てる").click()
    expect(officer.get_by_role("cell", name="役職: センター長")).to_be_visible()

    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto("/my/courses")
    card = phone.locator(".task").filter(has_text=course.title)
    card.get_by_role("link", name=re.compile("受ける")).tap()
    phone.get_by_role("button", name="始める").tap()
    read_lessons(phone, course)
    missed = answer(phone, course, wrongly=True)
    expect(phone.get_by_role("heading", level=1)).to_have_text(re.compile("もう一度考えてみましょう"))
    phone.get_by_text(re.compile("をもう一度読む")).click()

    # Another day, the same course goes on where it was left.
    phone.goto("/my/courses")
    phone.locator(".task").filter(has_text=course.title).get_by_role("link", name="続きから受ける").tap()
    phone.get_by_role("button", name="続きから始める").tap()
    seen = []
    while is_asked(phone):
        seen.append(answer(phone, course, wrongly=len(seen) < 2))
        go_on(phone)
    # What went wrong came again, after everything else; three wrong of six is not enough.
    assert seen.index(missed) >= course.asked - 1
    expect(phone.get_by_role("heading", name="もう一度受けてみましょう")).to_be_visible()
    first = attempt_id(phone)
    phone.get_by_role("button", name="もう一度受ける").tap()
    read_lessons(phone, course)
    while is_asked(phone):
        answer(phone, course)
        go_on(phone)
    expect(phone.get_by_role("heading", name="修了しました")).to_be_visible()
    town.session.rollback()
    asked = {each.id: set(each.asked) for each in town.session.scalars(select(CourseAttempt))}
    assert asked.pop(first) != asked[attempt_id(phone)]

    address = phone.get_by_role("link", name="修了証を開く（PDF）").get_attribute("href")
    assert address is not None
    paper = PdfReader(BytesIO(phone.request.get(address).body()))
    text = "".join(paper.pages[0].extract_text().split())
    number = re.search(r"KZ(-[0-9A-Z]{4}){3}", text)
    assert number is not None
    assert "守秘義務の基本" in text

    stranger = desk.device()
    stranger.goto("/certificates")
    stranger.get_by_label("記録番号").fill(number[0].lower())
    stranger.get_by_role("button", name="確かめる").click()
    expect(stranger.get_by_text("この修了証は本物です")).to_be_visible()
    expect(stranger.get_by_text(town.organization.name)).to_be_visible()
    expect(stranger.get_by_text(town.worker.user.name)).to_have_count(0)


def test_a_head_holds_a_group_and_enters_the_papers(desk: Desk, town: Town, library: Library) -> None:
    head = desk.signed_in(town.head.user)
    head.goto(f"/organizations/{town.organization.id}/training")
    head.get_by_role("link", name="集まりと紙で行う").click()
    head.get_by_label(re.compile("^講座")).select_option(COURSE)
    head.get_by_role("button", name="問題を用意する").click()
    expect(head.get_by_text("問題を用意しました")).to_be_visible()
    quiz = head.get_by_role("link", name="確かめの問題（PDF）").get_attribute("href")
    assert quiz is not None
    pages = PdfReader(BytesIO(head.request.get(quiz).body())).pages
    text = "".join("".join(each.extract_text() for each in pages).split())
    for number in range(1, 7):
        assert f"問{number}" in text
    name = town.worker.worker.name
    group = head.get_by_role("group", name=re.compile(re.escape(name)))
    group.get_by_text("参加した").click()
    group.get_by_text("紙を出した").click()
    group.get_by_text("間違えた問題").click()
    group.get_by_text("問2").click()
    head.get_by_label(re.compile("^時間")).fill("40")
    head.get_by_role("button", name="記録する").click()
    row = head.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("6問中5問正解")
    expect(row).to_contain_text("修了")
    worker = desk.signed_in(town.worker.user)
    worker.goto("/my/courses")
    expect(worker.get_by_role("cell", name=re.compile("代理入力"))).to_be_visible()


def test_in_april_the_course_is_asked_again_with_other_questions(
    desk: Desk, town: Town, library: Library, time: SetClock
) -> None:
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/training")
    officer.get_by_role("button", name="おすすめの講座を割り当てる").click()

    def take_it() -> UUID:
        page = desk.signed_in(town.worker.user)
        page.goto("/my/courses")
        course = next(each for each in library.courses if each.key == COURSE)
        page.locator(".task").filter(has_text=course.title).get_by_role("link", name=re.compile("受ける")).click()
        page.get_by_role("button", name="始める").click()
        read_lessons(page, course)
        while is_asked(page):
            answer(page, course)
            go_on(page)
        expect(page.get_by_role("heading", name="修了しました")).to_be_visible()
        return attempt_id(page)

    before = take_it()
    time.tokyo(2027, 4, 16, 9)
    page = desk.signed_in(town.worker.user)
    page.goto("/my/courses")
    expect(page.locator(".task-urgent").filter(has_text="守秘義務の基本")).to_be_visible()
    after = take_it()
    town.session.rollback()
    asked = {each.id: set(each.asked) for each in town.session.scalars(select(CourseAttempt))}
    assert asked[before] != asked[after]
    results = list(town.session.scalars(select(CourseResult).order_by(CourseResult.done_on)))
    assert [each.ends_on.isoformat() for each in results if each.ends_on] == ["2027-04-14", "2028-04-14"]
