"""Courses on paper: what is handed out fits on its page, whatever was drawn."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from partner_compliance.library.courses import Course, Question
from partner_compliance.library.shelf import Library
from partner_compliance.training import paper

FRIDAY = date(2026, 11, 27)
NAME = "社会福祉法人 みなと子ども家庭支援センター"


def length(question: Question) -> int:
    return len(question.situation) + len(question.ask) + sum(len(each.text) for each in question.choices)


def quiz(course: Course, asked: list[str], *, with_answers: bool) -> list[str]:
    """The text of each page."""
    content = paper.quiz_pdf(
        course, asked, NAME, "SE-1234ABCD", lambda text: text.replace("{organization}", NAME),
        with_answers=with_answers, made_at=datetime(2026, 11, 27, tzinfo=UTC),
    )  # fmt: skip
    return ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages]


@pytest.mark.parametrize("with_answers", [False, True])
def test_the_longest_questions_of_every_course_fit_on_their_pages(library: Library, with_answers: bool) -> None:
    """The quiz is one page, so that nobody turns it over; what the leader reads is two at most."""
    for course in library.courses_for(FRIDAY):
        longest = sorted(course.questions, key=length, reverse=True)[: course.asked]
        pages = quiz(course, [each.key for each in longest], with_answers=with_answers)
        assert len(pages) <= (2 if with_answers else 1), course.key


def test_no_question_is_torn_apart_between_two_pages(library: Library) -> None:
    course = library.course_for("messages", FRIDAY)
    pages = quiz(course, [each.key for each in course.questions], with_answers=True)
    assert len(pages) > 1
    for number in range(1, len(course.questions) + 1):
        question = course.questions[number - 1]
        [place] = [at for at, text in enumerate(pages) if f"問{number}" + question.situation[:6] in text]
        assert "".join(question.choices[-1].because.split())[-8:] in pages[place]
