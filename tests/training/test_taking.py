"""Taking a course: lessons, answers, passing, coming back, editions, midnight."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.people.queries import clearance, uncleared_handlers
from partner_compliance.training import operations, queries
from partner_compliance.training.models import CourseAnswer, CourseAttempt, CourseResult
from partner_compliance.training.words import Audience, Renewal, State, Way
from tests.training.conftest import COURSE


def answer(room, attempt, key, number, choice, person=None):
    return operations.answer(
        room.house.session, room.library, attempt, key, number, choice,
        by=(person or room.house.worker).principal, now=room.time.moment,
    )  # fmt: skip


def at_the_questions(room, person=None):
    person = person or room.house.worker
    attempt = room.begin(person)
    for number in range(len(room.course().lessons)):
        operations.read_lesson(room.house.session, room.library, attempt, number, by=person.principal)
    return attempt, queries.progress_of(room.house.session, room.library, attempt)


def test_a_course_taken_without_a_mistake_is_passed_and_counts_until_april(room):
    result = room.take(room.house.worker)
    assert (result.is_passed, result.right_at_first, result.asked) == (True, 6, 6)
    assert (result.done_on, result.ends_on) == (date(2026, 11, 27), date(2027, 4, 14))
    assert result.way is Way.SCREEN
    assert result.number.startswith("KZ-")


def test_the_score_is_what_was_right_at_first_and_eighty_percent_pass(room):
    one_wrong = room.take(room.house.worker, wrong=1)
    assert (one_wrong.right_at_first, one_wrong.is_passed) == (5, True)
    two_wrong = room.take(room.house.head, wrong=2)
    assert (two_wrong.right_at_first, two_wrong.is_passed, two_wrong.ends_on) == (4, False, None)


def test_who_does_not_pass_meets_other_questions_and_both_attempts_are_kept(room):
    first = room.take(room.house.worker, wrong=3)
    second = room.take(room.house.worker)
    session = room.house.session
    asked = [session.get_one(CourseAttempt, (first.organization_id, each.attempt_id)).asked for each in (first, second)]
    assert set(room.course().by_key) - set(asked[0]) <= set(asked[1])
    assert session.scalar(select(func.count()).select_from(CourseResult)) == 2


def test_a_course_goes_on_where_it_was_left(room):
    attempt, progress = at_the_questions(room)
    answer(room, attempt, progress.question.key, 1, progress.question.right)
    again = room.begin(room.house.worker)
    assert again.id == attempt.id
    assert len(queries.progress_of(room.house.session, room.library, again).right) == 1


def test_a_wrong_answer_is_asked_again_at_the_end(room):
    attempt, progress = at_the_questions(room)
    first = progress.question
    progress = answer(room, attempt, first.key, 1, (first.right + 1) % len(first.choices))
    seen = []
    while progress.question.key != first.key:
        seen.append(progress.question.key)
        progress = answer(room, attempt, progress.question.key, 1, progress.question.right)
    assert len(seen) == room.course().asked - 1
    assert progress.try_number == 2


def test_an_answer_sent_twice_counts_once(room):
    attempt, progress = at_the_questions(room)
    key, wrong = progress.question.key, (progress.question.right + 1) % len(progress.question.choices)
    for choice in (wrong, progress.question.right):
        answer(room, attempt, key, 1, choice)
    answers = queries.answers_of(room.house.session, attempt)
    assert [(each.question_key, each.try_number, each.is_right) for each in answers] == [(key, 1, False)]


def test_an_answer_to_a_question_that_is_not_asked_is_refused(room):
    attempt, progress = at_the_questions(room)
    unasked = next(key for key in room.course().by_key if key not in attempt.asked)
    for key, number in ((unasked, 1), (attempt.asked[1], 1), (attempt.asked[0], 2), ("nowhere", 1)):
        with pytest.raises(operations.NotAsked):
            answer(room, attempt, key, number, 0)
    with pytest.raises(WrongEntry):
        answer(room, attempt, progress.question.key, 1, None)
    with pytest.raises(WrongEntry):
        answer(room, attempt, progress.question.key, 1, 9)
    assert room.house.session.scalar(select(func.count()).select_from(CourseAnswer)) == 0


def test_questions_wait_for_the_lessons(room):
    attempt = room.begin(room.house.worker)
    question = queries.progress_of(room.house.session, room.library, attempt).question
    with pytest.raises(operations.LessonsFirst):
        answer(room, attempt, question.key, 1, question.right)


def test_a_lesson_sent_twice_or_out_of_turn_is_read_once(room):
    attempt = room.begin(room.house.worker)
    for number in (0, 0, 2, 7):
        operations.read_lesson(
            room.house.session, room.library, attempt, number, by=room.house.worker.principal
        )  # fmt: skip
    assert attempt.lessons_read == 1


def test_nobody_answers_for_somebody_else(room):
    attempt, progress = at_the_questions(room)
    with pytest.raises(NotAllowed):
        answer(room, attempt, progress.question.key, 1, 0, room.house.head)
    with pytest.raises(NotAllowed):
        operations.begin(
            room.house.session, room.library, room.house.worker.worker, COURSE, by=room.house.head.principal,
            now=room.time.moment,
        )  # fmt: skip


def test_an_answer_after_the_end_is_refused(room):
    result = room.take(room.house.worker)
    attempt = room.house.session.get_one(CourseAttempt, (result.organization_id, result.attempt_id))
    with pytest.raises(operations.AlreadyFinished):
        answer(room, attempt, attempt.asked[0], 9, 0)


def test_who_has_begun_finishes_the_old_edition_and_then_takes_the_new_one(room):
    attempt, _ = at_the_questions(room)
    newer = room.course().model_copy(update={"edition": "2026a", "valid_from": date(2026, 11, 28)}).as_published()
    room.library = replace(room.library, courses=(*room.library.courses, newer))
    room.time.tokyo(2026, 11, 29, 9)
    room.go_on(room.begin(room.house.worker), room.house.worker)
    assert queries.result_of(room.house.session, attempt).edition == "2026"
    assert room.take(room.house.worker).edition == "2026a"


@pytest.mark.both_engines
def test_what_is_finished_after_midnight_of_march_counts_for_the_new_year(room):
    room.time.tokyo(2027, 3, 31, 23, 59)
    attempt, progress = at_the_questions(room)
    answer(room, attempt, progress.question.key, 1, progress.question.right)
    room.time.tokyo(2027, 4, 1, 0, 1)
    room.go_on(attempt, room.house.worker)
    result = queries.result_of(room.house.session, attempt)
    assert (result.done_on, result.ends_on) == (date(2027, 4, 1), date(2028, 4, 14))


def test_a_year_or_twelve_months_as_the_organization_chose(room):
    room.assign(renewal=Renewal.TWELVE_MONTHS)
    assert room.take(room.house.worker).ends_on == date(2027, 11, 27)


def test_a_handler_without_a_valid_course_is_not_cleared_and_a_pass_clears_until_it_ends(room):
    session, worker = room.house.session, room.house.worker.worker

    def lacks_course(day):
        return "加入時の研修" in [step.label for step in clearance(session, worker, on=day).missing]

    assert worker.id in uncleared_handlers(session, worker.organization_id, on=room.today)
    assert lacks_course(room.today)
    result = room.take(room.house.worker)
    assert not lacks_course(room.today)
    assert not lacks_course(result.ends_on)
    assert lacks_course(date(2027, 4, 15))


def test_the_volunteers_course_is_the_one_on_joining_for_volunteers_only(room):
    assert not room.take(room.house.worker, "volunteers").is_entry
    room.house.worker.worker.kind = WorkerKind.VOLUNTEER
    room.house.session.flush()
    assert room.take(room.house.worker, "volunteers").is_entry


def test_a_cancelled_result_counts_no_more_and_stays(room):
    room.assign()
    result = room.take(room.house.worker)
    by = {"by": room.house.officer.principal, "now": room.time.moment}
    with pytest.raises(WrongEntry):
        operations.cancel(room.house.session, result, reason="", **by)
    operations.cancel(room.house.session, result, reason="別の方でした", **by)
    with pytest.raises(operations.AlreadyCancelled):
        operations.cancel(room.house.session, result, reason="別の方でした", **by)
    [duty] = room.duties(room.house.worker.worker)
    assert duty.state is State.DUE
    [(kept, cancelled)] = queries.results_of(room.house.session, [room.house.worker.worker])
    assert kept.id == result.id
    assert cancelled is not None
    checked = queries.certificate_under(room.house.session, result.number)
    assert checked.is_cancelled


def test_nobody_cancels_the_own_result(room):
    result = room.take(room.house.officer)
    with pytest.raises(NotAllowed):
        operations.cancel(
            room.house.session, result, reason="x", by=room.house.officer.principal, now=room.time.moment
        )  # fmt: skip


def test_renewal_is_asked_from_march_with_other_questions_and_deletes_nothing(room):
    room.assign(Audience.HANDLERS)
    first = room.take(room.house.worker)
    worker, session = room.house.worker.worker, room.house.session
    room.time.tokyo(2027, 2, 28, 9)
    assert room.duties(worker)[0].state is State.VALID
    room.time.tokyo(2027, 3, 1, 9)
    assert (room.duties(worker)[0].state, room.duties(worker)[0].due_on) == (State.RENEWAL, date(2027, 4, 14))
    room.time.tokyo(2027, 4, 15, 9)
    assert room.duties(worker)[0].state is State.OVERDUE
    second = room.take(room.house.worker)
    attempts = [session.get_one(CourseAttempt, (worker.organization_id, each.attempt_id)) for each in (first, second)]
    assert set(attempts[0].asked) != set(attempts[1].asked)
    assert room.duties(worker)[0].state is State.VALID
    assert len(queries.results_of(session, [worker])) == 2


def test_nothing_depends_on_a_job_that_ran(room):
    # E06: what is due follows from dates; two days without the app change nothing.
    room.assign(days=3)
    worker = room.house.worker.worker
    room.time.tokyo(2026, 12, 2, 9)
    first = room.duties(worker)
    assert [each.state for each in first] == [State.OVERDUE]
    assert room.duties(worker) == first
