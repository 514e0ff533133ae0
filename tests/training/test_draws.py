"""Which questions are drawn: properties that hold for every course and every seed."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from partner_compliance.config import PROJECT
from partner_compliance.library.courses import is_passed
from partner_compliance.library.shelf import read_library
from partner_compliance.training import draws

COURSES = read_library(PROJECT).courses
courses, seeds = st.sampled_from(COURSES), st.uuids()


@given(courses, seeds)
def test_a_draw_asks_as_many_different_questions_as_the_course_says(course, seed):
    drawn = draws.draw(course, seed)
    assert len(drawn) == len(set(drawn)) == course.asked
    assert set(drawn) <= set(course.by_key)
    assert draws.draw(course, seed) == drawn


@given(courses, seeds, seeds)
def test_whoever_comes_back_meets_every_question_that_was_not_asked_before(course, first, second):
    before = draws.draw(course, first)
    again = draws.draw(course, second, before)
    assert set(again) != set(before)
    fresh = set(course.by_key) - set(before)
    assert fresh <= set(again) or set(again) <= fresh


@given(courses, seeds, st.integers(1, 5))
def test_every_choice_stands_once_at_every_try(course, seed, number):
    for question in course.questions:
        order = draws.order_of_choices(question, seed, number)
        assert sorted(order) == list(range(len(question.choices)))


def test_the_right_choice_does_not_always_stand_at_the_same_place():
    question = COURSES[0].questions[0]
    places = {draws.order_of_choices(question, UUID(int=seed), 1).index(question.right) for seed in range(50)}
    assert len(places) == len(question.choices)


@given(courses, seeds, st.data())
def test_every_question_is_asked_until_it_was_right_and_none_twice_before_all_were_asked_once(course, seed, data):
    asked = draws.draw(course, seed)
    tries, right, order = {}, set(), []
    while (key := draws.next_question(asked, tries, right)) is not None:
        order.append(key)
        tries[key] = tries.get(key, 0) + 1
        if tries[key] > 3 or data.draw(st.booleans()):
            right.add(key)
    assert order[: len(asked)] == asked
    assert right == set(asked)


@given(st.integers(1, 12), st.integers(0, 12))
def test_eighty_of_a_hundred_pass(asked, right):
    assert is_passed(min(right, asked), asked) == (min(right, asked) / asked >= 0.8)
