"""Who is asked for which course, and by when."""

from dataclasses import replace
from datetime import date

import pytest

from partner_compliance.access import Role
from partner_compliance.acts import SYSTEM
from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.roster.models import Post
from partner_compliance.training import operations, queries
from partner_compliance.training.words import Audience, State
from tests.factories import a_center, a_worker, an_engagement, an_organization, principal_of, someone
from tests.training.conftest import COURSE


def asked(room, worker):
    return [each.course_key for each in room.duties(worker)]


def test_each_audience_means_its_people(room):
    house, session = room.house, room.house.session
    house.volunteer.kind, house.volunteer.is_handler = WorkerKind.VOLUNTEER, False
    room.assign(Audience.EVERYONE, "messages")
    room.assign(Audience.STAFF, COURSE)
    room.assign(Audience.KIND, "volunteers", worker_kind=WorkerKind.VOLUNTEER)
    room.assign(Audience.HANDLERS, "take-out")
    room.assign(Audience.POST, "signing-off", post=Post.CENTER_HEAD)
    room.assign(Audience.JOINING, "near-misses")
    newcomer = a_worker(session, house.center, "新 人", joined_on=room.today)
    assert set(asked(room, house.worker.worker)) == {"messages", COURSE, "take-out"}
    assert set(asked(room, house.volunteer)) == {"messages", "volunteers"}
    assert set(asked(room, house.head.worker)) == {"messages", COURSE, "take-out", "signing-off"}
    assert "near-misses" in asked(room, newcomer)


def test_an_engagements_course_is_asked_of_those_who_work_on_it(room):
    from partner_compliance.engagements import operations as engagements
    from tests.factories import a_municipality

    session, house = room.house.session, room.house
    engagement = an_engagement(session, a_municipality(session), house.organization)
    other = someone(session, a_center(session, house.organization, "分室"), name="外 子")[1]
    engagements.assign(session, engagement, centers=[house.center.id], posts=[], project_id=None, by=SYSTEM,
                       now=room.time.moment)  # fmt: skip
    room.assign(Audience.ENGAGEMENT, "why-the-law", engagement_id=engagement.id)
    assert asked(room, house.worker.worker) == ["why-the-law"]
    assert asked(room, other) == []


def test_an_engagement_of_another_organization_is_refused(room):
    from tests.factories import a_municipality

    session = room.house.session
    foreign = an_engagement(session, a_municipality(session), an_organization(session, "よその団体"))
    with pytest.raises(WrongEntry):
        room.assign(Audience.ENGAGEMENT, engagement_id=foreign.id)


def test_the_days_count_from_the_assignment_or_from_joining(room):
    room.assign(days=14)
    newcomer = a_worker(room.house.session, room.house.center, "新 人", joined_on=date(2026, 12, 1))
    assert room.duties(room.house.worker.worker)[0].due_on == date(2026, 12, 11)
    assert room.duties(newcomer)[0].due_on == date(2026, 12, 15)


def test_after_the_last_day_it_is_overdue(room):
    room.assign(days=14)
    worker = room.house.worker.worker
    room.time.tokyo(2026, 12, 11, 23, 59)
    assert room.duties(worker)[0].state is State.DUE
    room.time.tokyo(2026, 12, 12, 0, 1)
    assert room.duties(worker)[0].state is State.OVERDUE


def test_the_earliest_of_two_assignments_of_a_course_counts(room):
    room.assign(Audience.EVERYONE, days=60)
    room.assign(Audience.HANDLERS, days=7)
    [duty] = room.duties(room.house.worker.worker)
    assert duty.due_on == date(2026, 12, 4)


def test_the_same_twice_is_refused_and_the_recommended_plan_fills_the_gaps(room):
    room.assign(Audience.STAFF, COURSE)
    with pytest.raises(operations.AlreadyAssigned):
        room.assign(Audience.STAFF, COURSE, days=5)
    made = operations.assign_recommended(
        room.house.session, room.library, room.house.organization, by=room.house.officer.principal, now=room.time.moment
    )
    assert len(made) == len(operations.RECOMMENDED) - 1
    assert not operations.assign_recommended(
        room.house.session, room.library, room.house.organization, by=room.house.officer.principal, now=room.time.moment
    )


def test_an_ended_assignment_is_asked_no_longer_and_takes_nothing_away(room):
    assignment = room.assign()
    result = room.take(room.house.worker)
    for _ in range(2):
        operations.end_assignment(
            room.house.session, assignment, by=room.house.officer.principal, now=room.time.moment
        )  # fmt: skip
    assert room.duties(room.house.worker.worker) == []
    assert queries.results_of(room.house.session, [room.house.worker.worker])[0][0].id == result.id


def test_only_who_keeps_training_assigns(room):
    with pytest.raises(NotAllowed):
        room.assign(by=room.house.head)
    with pytest.raises(operations.NoSuchCourse):
        room.assign(key="nowhere")
    with pytest.raises(WrongEntry):
        room.assign(days=366)
    session = room.house.session
    stranger = principal_of(
        session, someone(session, a_center(session, an_organization(session, "よそ")), Role.PROTECTION_OFFICER)[0]
    )
    with pytest.raises(NotAllowed):
        room.assign(by=replace(room.house.officer, principal=stranger))


def test_who_has_left_is_asked_for_nothing(room):
    room.assign()
    room.house.worker.worker.left_on = date(2026, 11, 26)
    assert room.duties(room.house.worker.worker) == []
