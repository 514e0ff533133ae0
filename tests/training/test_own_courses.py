"""Own courses: adapting, checking, publishing, counting as the course they come from."""

import pytest

from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.training import gift, own_courses, queries
from tests.training.conftest import COURSE


def change(room, course, **changed):
    draft = course.draft
    facts = {name: draft[name] for name in ("title", "summary", "minutes", "asked", "handout", "discussion")}
    facts["lessons"] = [(each["title"], each["text"]) for each in draft["lessons"]]
    seen = changed.pop("seen", course.revision)
    own_courses.save_texts(
        room.house.session, course, own_courses.Texts(**facts | changed), seen=seen,
        by=room.house.officer.principal, now=room.time.moment,
    )  # fmt: skip


def remove(room, course, key):
    own_courses.remove_question(
        room.house.session, course, key, seen=course.revision, by=room.house.officer.principal, now=room.time.moment
    )  # fmt: skip


def test_an_adapted_course_that_keeps_all_questions_counts_as_its_source(room):
    course = room.adapt()
    change(
        room,
        course,
        lessons=[("はじめに", "ここでは、休けい室で話しません。" * 12), ("つぎに", "台帳に書きます。" * 20)],
    )
    edition = room.publish(course)
    assert edition.counts_as is None  # the questions name lessons that are no longer there
    again = room.adapt()
    change(room, again, title="はまかぜの守秘", handout="みんなで守ります。" * 15)
    assert room.publish(again).counts_as == COURSE
    room.assign()
    result = room.take(room.house.worker, again.key)
    assert (result.counts_as, result.is_entry) == (COURSE, True)
    assert room.duties(room.house.worker.worker)[0].held.id == result.id


def test_without_one_of_its_questions_it_counts_for_itself_only(room):
    course = room.adapt()
    remove(room, course, course.draft["questions"][0]["key"])
    assert room.publish(course).counts_as is None
    room.assign()
    result = room.take(room.house.worker, course.key)
    assert (result.counts_as, result.is_entry) == (None, False)
    assert room.duties(room.house.worker.worker)[0].held is None


def test_who_has_begun_finishes_the_edition_they_began(room):
    course = room.adapt()
    room.publish(course)
    attempt = room.begin(room.house.worker, course.key)
    change(room, course, title="もっとよい講座")
    room.publish(course)
    room.go_on(attempt, room.house.worker)
    assert queries.result_of(room.house.session, attempt).edition == "1"
    assert room.take(room.house.worker, course.key).edition == "2"


def test_a_pool_no_larger_than_the_quiz_is_said_and_not_published(room):
    course = room.adapt()
    change(room, course, asked=10)
    with pytest.raises(own_courses.StillOpen) as refused:
        room.publish(course)
    assert "問題の数（10）より少なく" in refused.value.message


def test_an_empty_course_says_everything_that_is_missing(room):
    course = own_courses.begin(
        room.house.session, room.library, room.house.organization, title="訪問の講座",
        by=room.house.officer.principal, now=room.time.moment,
    )  # fmt: skip
    where = {each.where for each in own_courses.problems_of(course.draft, {})}
    assert {"読みもの1", "読みもの2", "配る1枚", "進める人の1枚", "問題"} <= where


@pytest.mark.parametrize("text", ["<script>alert(1)</script>" * 10, "# 見出し\n" * 30, "[x](javascript:alert(1))" * 10])
def test_html_headings_and_links_are_not_published(room, text):
    course = room.adapt()
    change(room, course, handout=text)
    with pytest.raises(own_courses.StillOpen):
        room.publish(course)


def test_twice_the_same_is_not_published_twice_and_a_retired_course_can_come_back(room):
    course = room.adapt()
    room.publish(course)
    with pytest.raises(own_courses.NothingChanged):
        room.publish(course)
    own_courses.retire(room.house.session, course, by=room.house.officer.principal, now=room.time.moment)
    offered = queries.offered(room.house.session, room.library, room.house.organization.id, on=room.today)
    assert course.key not in offered
    assert room.publish(course).number == 2


def test_two_editors_do_not_overwrite_each_other(room):
    course = room.adapt()
    change(room, course, title="甲")
    with pytest.raises(own_courses.ChangedMeanwhile):
        change(room, course, title="乙", seen=1)
    assert course.title == "甲"


def test_questions_come_in_from_gift_all_or_none(room):
    course = room.adapt()
    text = gift.write(room.course("messages").questions[:2])
    by = {"by": room.house.officer.principal, "now": room.time.moment}
    assert own_courses.import_questions(room.house.session, course, text, seen=1, **by) == (2, 0)
    assert len(course.draft["questions"]) == 12
    before = course.draft
    with pytest.raises(gift.BrokenGift) as refused:
        own_courses.import_questions(room.house.session, course, text + "\n::x::文{=a\n\n::y::文{=b ~c}", seen=2, **by)
    assert [each.line for each in refused.value.problems]
    more = gift.write(room.course("devices").questions[:1])
    with pytest.raises(WrongEntry):
        own_courses.import_questions(room.house.session, course, more, seen=2, **by)
    assert course.draft == before


def test_a_second_file_of_unnamed_questions_replaces_none_of_the_first(room):
    course = own_courses.begin(
        room.house.session, room.library, room.house.organization, title="講座", by=room.house.officer.principal,
        now=room.time.moment,
    )  # fmt: skip
    by = {"by": room.house.officer.principal, "now": room.time.moment}
    one, other = "::問1::甲さんのこと{=話さない ~話す}", "::問1::乙さんのこと{=話さない ~話す}"
    assert own_courses.import_questions(room.house.session, course, one, seen=1, **by) == (1, 0)
    assert own_courses.import_questions(room.house.session, course, other, seen=2, **by) == (1, 0)
    assert own_courses.import_questions(room.house.session, course, one, seen=3, **by) == (1, 1)
    assert [each["situation"] for each in course.draft["questions"]] == ["甲さんのこと", "乙さんのこと"]


def test_a_head_does_not_write_courses(room):
    with pytest.raises(NotAllowed):
        own_courses.begin(
            room.house.session, room.library, room.house.organization, title="講座", by=room.house.head.principal,
            now=room.time.moment,
        )  # fmt: skip
