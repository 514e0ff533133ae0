"""A course in a group: who was there, what was wrong on paper, marked as such."""

from datetime import date

import pytest

from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.training import groups, queries, understanding
from partner_compliance.training.words import Way


def test_a_group_passes_on_paper_and_is_marked_as_such(room):
    house = room.house
    prepared = room.prepare()
    people = [house.worker.worker, house.volunteer]
    room.record(prepared, people, {house.worker.worker.id: prepared.asked[:1], house.volunteer.id: prepared.asked[:2]})
    found = {worker.id: result for worker, result in queries.people_at(house.session, prepared)}
    passed, failed = found[house.worker.worker.id], found[house.volunteer.id]
    assert (passed.is_passed, passed.right_at_first, passed.way) == (True, 5, Way.GROUP)
    assert (failed.is_passed, failed.right_at_first) == (False, 4)
    assert passed.recorded_by_name == house.head.principal.name
    record = queries.record_of(house.session, prepared)
    assert (record.held_on, record.minutes, record.led_by) == (room.today, 30, "東 京子")


def test_being_there_without_a_paper_is_kept_and_passes_nobody(room):
    prepared = room.prepare()
    room.record(prepared, [room.house.worker.worker], {})
    [(worker, result)] = queries.people_at(room.house.session, prepared)
    assert (worker.id, result) == (room.house.worker.worker.id, None)


def test_one_person_alone_is_a_paper_not_a_group(room):
    prepared = room.prepare()
    room.record(prepared, [room.house.volunteer], {room.house.volunteer.id: []})
    [(_, result)] = queries.people_at(room.house.session, prepared)
    assert result.way is Way.PAPER


def test_who_came_later_is_added_and_nobody_is_entered_twice(room):
    house = room.house
    prepared = room.prepare()
    room.record(prepared, [house.worker.worker], {house.worker.worker.id: []})
    room.record(prepared, [house.volunteer], {house.volunteer.id: []})
    assert len(queries.people_at(house.session, prepared)) == 2
    with pytest.raises(groups.AlreadyEntered):
        room.record(prepared, [house.volunteer], {house.volunteer.id: []})


def test_nobody_enters_an_own_paper(room):
    prepared = room.prepare()
    with pytest.raises(WrongEntry):
        room.record(prepared, [room.house.head.worker], {room.house.head.worker.id: []})


def test_a_head_records_for_the_own_center_only(room):
    house = room.house
    with pytest.raises(NotAllowed):
        groups.prepare(
            house.session, room.library, house.organization, "messages", None, by=house.head.principal,
            now=room.time.moment,
        )  # fmt: skip
    from tests.factories import a_center, a_worker

    elsewhere = a_worker(house.session, a_center(house.session, house.organization, "分室"), "外 子")
    with pytest.raises(NotAllowed):
        room.record(room.prepare(), [elsewhere], {})


@pytest.mark.parametrize(
    "changed",
    [
        {"held_on": date(2026, 11, 28)},
        {"held_on": date(2026, 9, 1)},
        {"minutes": 0},
        {"minutes": 601},
        {"led_by": ""},
        {"people": []},
    ],
)
def test_a_meeting_that_cannot_be_is_refused(room, changed):
    people = changed.pop("people", [room.house.worker.worker])
    prepared = room.prepare()
    with pytest.raises(WrongEntry):
        room.record(prepared, people, {}, **changed)
    assert queries.record_of(room.house.session, prepared) is None


def test_a_question_that_is_not_on_the_paper_is_refused(room):
    prepared = room.prepare()
    unasked = next(key for key in room.course().by_key if key not in prepared.asked)
    with pytest.raises(WrongEntry):
        room.record(prepared, [room.house.volunteer], {room.house.volunteer.id: [unasked]})


def test_paper_and_screen_are_counted_in_one_rate(room):
    prepared = room.prepare()
    room.record(prepared, [room.house.volunteer], {room.house.volunteer.id: list(prepared.asked)})
    since, until = understanding.quarter_of(room.today)
    found = understanding.rates(room.house.session, room.library, room.house.organization.id, since, until)
    assert {each.question.key: (each.right, each.answered) for each in found} == dict.fromkeys(prepared.asked, (0, 1))
    worst = understanding.worst(found)
    assert worst is not None
    assert worst.often_instead == ""


def test_a_topic_is_rather_one_that_several_have_met(room):
    course = room.course()
    alone, several = (understanding.Rate(course, each) for each in course.questions[:2])
    alone.answered, alone.right = 1, 0
    several.answered, several.right = 3, 2
    assert understanding.worst([alone, several]) is several
    assert understanding.worst([alone]) is alone
    several.right = 3
    assert understanding.worst([alone, several]) is alone
    assert understanding.worst([several]) is None
