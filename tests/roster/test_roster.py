"""The roster read, confirmed and handed in, on both engines."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from partner_compliance.acts import SYSTEM
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import WorkerKind
from partner_compliance.roster import operations, queries
from partner_compliance.roster.models import Post, PostHolding, RosterSubmission, SubmissionScope, WorkerVersion
from partner_compliance.roster.queries import Asked, Counts, Presence
from tests.factories import a_center, a_worker, an_organization
from tests.roster.conftest import Place

TODAY = date(2026, 11, 27)
EVERYONE = SubmissionScope.EVERYONE


def names(place: Place, asked: Asked) -> list[str]:
    found = queries.rows(place.session, place.id, asked, today=TODAY)
    assert len(found) == queries.how_many(place.session, place.id, asked, today=TODAY)
    return [row.worker.name for row in found]


# --- the list ---------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_the_roster_is_found_by_what_is_asked(place: Place) -> None:
    place.add("山田 花子", name_kana="ヤマダ ハナコ", staff_number="007", kind=WorkerKind.VOLUNTEER, is_handler=False)
    place.add("葛\U000e0100城 100%", name_kana="かつらぎ", center_id=place.second.id, projects=frozenset())
    place.add("ガルシア", name_kana="ガルシア", other_centers=frozenset({place.second.id}))
    gone = place.add("去年 いた", name_kana="キョネン")
    place.leave(gone, date(2026, 3, 31))
    place.add("来月 来る", name_kana="ライゲツ", joined_on=date(2026, 12, 1))
    leaving = place.add("今日 まで", name_kana="キョウ")
    place.leave(leaving, TODAY)

    everyone = [
        "葛\U000e0100城 100%", "ガルシア", "北 代表", "今日 まで", "西 守", "東 京子", "南 花子", "山田 花子",
        "来月 来る",
    ]  # fmt: skip
    assert names(place, Asked()) == everyone
    assert names(place, Asked(text="やまだ")) == ["山田 花子"]
    assert names(place, Asked(text="カツラギ")) == ["葛\U000e0100城 100%"]
    assert names(place, Asked(text="ﾔﾏﾀﾞ　ﾊﾅｺ")) == ["山田 花子"]
    assert names(place, Asked(text="山田花子")) == ["山田 花子"]
    assert names(place, Asked(text="007")) == ["山田 花子"]
    assert names(place, Asked(text="0%")) == ["葛\U000e0100城 100%"]
    assert names(place, Asked(text="_")) == []
    assert names(place, Asked(kind=WorkerKind.VOLUNTEER)) == ["山田 花子"]
    assert names(place, Asked(is_handler=False)) == ["山田 花子"]
    assert names(place, Asked(center_id=place.second.id)) == ["葛\U000e0100城 100%", "ガルシア"]
    assert names(place, Asked(center_id=uuid4())) == []
    assert "葛\U000e0100城 100%" not in names(place, Asked(project_id=place.project.id))
    assert names(place, Asked(presence=Presence.LEAVING)) == ["今日 まで"]
    assert names(place, Asked(presence=Presence.LEFT)) == ["去年 いた"]
    assert len(names(place, Asked(presence=Presence.ANY))) == 10
    assert names(place, Asked(lacks=True)) == ["葛\U000e0100城 100%"]
    assert names(place, Asked(within=frozenset({place.second.id}))) == ["葛\U000e0100城 100%", "ガルシア"]


def test_a_line_tells_of_centers_projects_and_posts(place: Place) -> None:
    worker = place.add(other_centers=frozenset({place.second.id}))
    operations.open_post(
        place.session, worker, Post.SECURITY_MANAGER, from_on=TODAY, by=place.officer.principal.actor, now=place.now
    )
    row = queries.rows(place.session, place.id, Asked(text="タカサキ"), today=TODAY)[0]
    assert (row.centers, row.projects, row.post_texts, row.lacks) == (
        ["本部", "分室"], ["見守り訪問事業"], ["情報セキュリティ管理者"], [],
    )  # fmt: skip
    assert [since for _, _, since in row.posts] == [TODAY]
    head = queries.rows(place.session, place.id, Asked(text="東"), today=TODAY)[0]
    assert head.post_texts == ["センター長（本部）"]


@pytest.mark.both_engines
def test_what_a_row_lacks_is_told(place: Place) -> None:
    ended = operations.project_named(place.session, place.id, "終わった事業", by=SYSTEM, now=place.now)
    ended.closed_on = TODAY - timedelta(days=1)
    without = {
        "フリガナ": a_worker(place.session, place.center, "仮名 なし"),
        "事業": place.add("事業 なし", projects=frozenset({ended.id})),
        "拠点": place.add("拠点 なし", center_id=place.second.id),
        "シート": place.add("シート なし", files_sheets=False),
        "": place.add("何も 欠けない", is_handler=False),
    }
    place.second.closed_on = TODAY - timedelta(days=1)
    place.session.commit()
    lacks = {row.worker.name: row.lacks for row in queries.rows(place.session, place.id, Asked(), today=TODAY)}
    for what, worker in without.items():
        told = "".join(lacks[worker.name])
        assert (what in told) if what else told == ""
    assert queries.counts_of(place.session, [place.id], today=TODAY) == {place.id: Counts(9, 8, 4)}
    assert queries.counts_of(place.session, None, today=TODAY)[place.id].incomplete == 4


def test_people_of_the_same_name_are_found_whatever_the_spaces(place: Place) -> None:
    here = place.add("山田 花子")
    other = an_organization(place.session, "別の団体")
    a_worker(place.session, a_center(place.session, other), "山田 花子")
    for typed in ("山田花子", "山田　花子", "山田 花子"):
        assert queries.same_name(place.session, place.id, typed) == [here]
    assert queries.same_name(place.session, place.id, "山田 花子", but=here.id) == []
    assert queries.same_name(place.session, place.id, "田 花子") == []


# --- changes ----------------------------------------------------------------------------------------------------


def test_changes_are_told_in_words_newest_first(place: Place) -> None:
    worker = place.add()
    place.change(worker, kind=WorkerKind.VOLUNTEER, other_centers=frozenset({place.second.id}), is_handler=False)
    place.change(worker, name="髙﨑 葛\U000e0100", projects=frozenset())
    first, second, third = reversed(queries.changes_of(place.session, worker, limit=50))
    assert first.is_first
    assert ("氏名", "", "髙﨑 𠮷") in first.differences
    assert ("活動を始めた日", "", "令和7年4月1日") in first.differences
    assert list(second.differences) == [
        ("区分", "常勤職員", "ボランティア"),
        ("そのほかの拠点", "", "分室"),
        ("個人情報の取扱い", "取扱者", "取り扱わない"),
    ]
    assert list(third.differences) == [("氏名", "髙﨑 𠮷", "髙﨑 葛\U000e0100"), ("事業", "見守り訪問事業", "")]
    page = queries.changes_of(place.session, worker, limit=1, offset=1)
    assert [each.differences for each in page] == [second.differences]
    assert not page[0].is_first


def test_an_erased_version_says_so_and_nothing_of_what_it_said(place: Place) -> None:
    worker = place.add(staff_number="A-1")
    place.change(worker, kind=WorkerKind.VOLUNTEER)
    place.session.execute(
        WorkerVersion.__table__.update().where(WorkerVersion.worker_id == worker.id, WorkerVersion.number == 1).values(
            name=None, name_kana=None, staff_number=None
        )
    )  # fmt: skip
    second, first = queries.changes_of(place.session, worker, limit=50)
    assert first.is_erased
    assert not second.is_erased
    assert ("氏名", "", "（消去済み）") in first.differences
    assert ("氏名", "（消去済み）", "髙﨑 𠮷") in second.differences


# --- confirming -------------------------------------------------------------------------------------------------


def confirm(place: Place, on: date = TODAY) -> None:
    now = place.now + (on - TODAY)
    operations.confirm_roster(
        place.session, place.organization, seen=queries.state_of(place.session, place.id),
        by=place.officer.principal, now=now,
    )  # fmt: skip
    place.session.commit()


@pytest.mark.both_engines
def test_a_confirmation_holds_for_ninety_days_and_is_asked_for_a_week_before(place: Place) -> None:
    def due(today: date) -> list[date]:
        return [each.due_on for each in queries.confirmations_due(place.session, [place.id], today=today)]

    assert due(TODAY) == [date(2027, 2, 14)]  # ninety days after the organization was registered
    confirm(place, TODAY - timedelta(days=3))
    confirm(place)
    found = queries.last_confirmations(place.session)[place.id]
    assert found == queries.last_confirmations(place.session, [place.id])[place.id]
    assert (found.on, found.by_name, found.workers, found.handlers, found.incomplete) == (TODAY, "西 守", 4, 4, 0)
    lapses = TODAY + timedelta(days=90)
    assert found.holds_on(lapses)
    assert not found.holds_on(lapses + timedelta(days=1))
    assert due(lapses - timedelta(days=8)) == []
    assert due(lapses - timedelta(days=7)) == [lapses]
    assert due(lapses + timedelta(days=30)) == [lapses]
    assert queries.confirmations_of(place.session, place.id, limit=1)[0].confirmed_on == TODAY


def test_what_was_not_seen_cannot_be_confirmed(place: Place) -> None:
    seen = queries.state_of(place.session, place.id)
    worker = place.add()
    with pytest.raises(operations.RosterChangedMeanwhile):
        operations.confirm_roster(
            place.session, place.organization, seen=seen, by=place.officer.principal, now=place.now
        )
    seen = queries.state_of(place.session, place.id)
    place.change(worker, kind=WorkerKind.TRAINEE)
    assert queries.state_of(place.session, place.id) != seen
    seen = queries.state_of(place.session, place.id)
    confirm(place)
    with pytest.raises(operations.RosterChangedMeanwhile):  # a second press
        operations.confirm_roster(
            place.session, place.organization, seen=seen, by=place.officer.principal, now=place.now
        )


@pytest.mark.both_engines
def test_posts_count_when_the_deputy_is_another_person(place: Place) -> None:
    def held() -> queries.PostsHeld:
        return queries.posts_held(place.session, today=TODAY)[place.id]

    def appoint(worker: object, post: Post) -> None:
        operations.open_post(place.session, worker, post, from_on=TODAY, by=SYSTEM, now=place.now)  # type: ignore[arg-type]
        place.session.commit()

    assert not held().has_with_deputy(Post.PRIVACY_OFFICER)
    appoint(place.worker.worker, Post.PRIVACY_OFFICER_DEPUTY)
    assert held().has_with_deputy(Post.PRIVACY_OFFICER)
    assert not held().is_complete
    # The same person in both posts, as older rows may have it, is no deputy.
    for post in (Post.SECURITY_MANAGER, Post.SECURITY_MANAGER_DEPUTY):
        place.session.add(
            PostHolding(
                organization_id=place.id, id=uuid4(), worker_id=place.worker.worker.id, post=post, center_id=None,
                from_on=TODAY, until_on=None, recorded_at=place.now, recorded_by_id=None,
            )
        )  # fmt: skip
    place.session.commit()
    assert not held().is_complete
    appoint(place.head.worker, Post.SECURITY_MANAGER_DEPUTY)
    assert held().is_complete
    place.leave(place.head.worker, TODAY - timedelta(days=1))
    assert not held().is_complete
    assert queries.posts_held(place.session, [uuid4()], today=TODAY) == {}


# --- handing it in ----------------------------------------------------------------------------------------------


def draft(place: Place, scope: SubmissionScope = EVERYONE, project: object = None) -> operations.Draft:
    return operations.draft_submission(
        place.session, place.organization, place.engagement.id, scope, project, today=TODAY  # type: ignore[arg-type]
    )  # fmt: skip


def submit(place: Place, scope: SubmissionScope = EVERYONE) -> RosterSubmission:
    made = operations.submit_roster(
        place.session, place.organization, place.engagement.id, scope, seen=draft(place, scope).seal,
        by=place.officer.principal, now=place.now,
    )  # fmt: skip
    place.session.commit()
    return made


def test_who_stands_on_a_submission(place: Place) -> None:
    place.add("山田 花子", is_handler=False)
    place.add("別 事業", is_handler=True, projects=frozenset())
    place.add("来月 来る", joined_on=date(2026, 12, 1))  # workers are reported beforehand (DOMAIN B04, B06)
    place.leave(place.add("去年 いた"), date(2026, 3, 31))
    place.change(place.head.worker, is_handler=False)  # holds a post

    def on(scope: SubmissionScope, project: object = None) -> set[str]:
        return {line["氏名"] for line in draft(place, scope, project).lines.values()}

    posts = {"西 守", "東 京子", "北 代表", "南 花子"}
    assert on(SubmissionScope.HANDLERS) == posts | {"別 事業", "来月 来る"}
    assert on(EVERYONE) == posts | {"山田 花子", "別 事業", "来月 来る"}
    assert on(SubmissionScope.PROJECT, place.project.id) == posts | {"山田 花子", "来月 来る"}
    for project in (None, uuid4()):
        with pytest.raises(operations.WrongFacts) as wrong:
            draft(place, SubmissionScope.PROJECT, project)
        assert wrong.value.faults.keys() == {"project"}


@pytest.mark.both_engines
def test_a_submission_is_kept_as_it_was_and_compared_with_the_last(place: Place) -> None:
    first = submit(place)
    worker = place.add()
    place.change(place.worker.worker, kind=WorkerKind.VOLUNTEER)
    second = submit(place)
    place.organization.name = "新しい名前"
    place.change(worker, name="改名 後")
    place.session.expire_all()

    assert (first.number, second.number) == (1, 2)
    assert second.heading is not None
    assert second.heading["organization"] == "NPO法人 はまかぜ"
    assert second.heading["posts"][1] == {
        "post": "privacy_officer", "label": "個人情報責任者", "name": "西 守", "center": "",
        "since": "令和8年11月16日から",
    }  # fmt: skip
    assert second.rows is not None
    assert second.rows[str(worker.id)]["氏名"] == "髙﨑 𠮷"
    assert next(iter(second.rows)) == str(place.representative.worker.id)  # in the order of readings
    before = queries.submission_before(place.session, second)
    assert before is first
    assert operations.queries.submission_before(place.session, first) is None
    assert queries.last_submissions(place.session, place.id) == {place.engagement.id: second}
    listed = queries.submissions_of(place.session, place.id, limit=50)
    assert [(each.number, title, town) for each, title, town in listed] == [
        (2, "見守り強化事業", "みなと市"), (1, "見守り強化事業", "みなと市"),
    ]  # fmt: skip
    confirm(place)
    assert all(verdict.ok for verdict in verify_all(place.session, LOGGED_CONTENTS))


def test_what_was_not_seen_cannot_be_submitted(place: Place) -> None:
    seen = draft(place).seal
    assert seen == draft(place).seal
    place.add()
    with pytest.raises(operations.RosterChangedMeanwhile):
        operations.submit_roster(
            place.session, place.organization, place.engagement.id, EVERYONE, seen=seen, by=place.officer.principal,
            now=place.now,
        )  # fmt: skip
    assert place.session.scalar(select(RosterSubmission.id)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"starts_on": TODAY + timedelta(days=1)},
        {"ends_on": TODAY - timedelta(days=1)},
        {"cancelled_on": TODAY},
    ],
)
def test_nothing_is_submitted_under_an_engagement_that_does_not_hold(place: Place, changed: dict) -> None:
    for name, value in changed.items():
        setattr(place.engagement, name, value)
    place.session.flush()
    assert queries.engagements_today(place.session, place.id, today=TODAY) == []
    with pytest.raises(operations.WrongFacts):
        draft(place)


def test_an_empty_roster_is_not_submitted(place: Place) -> None:
    other = operations.project_named(place.session, place.id, "だれもいない事業", by=SYSTEM, now=place.now)
    with pytest.raises(operations.EmptyRoster):
        operations.submit_roster(
            place.session, place.organization, place.engagement.id, SubmissionScope.PROJECT, other.id,
            seen=draft(place, SubmissionScope.PROJECT, other.id).seal, by=place.officer.principal, now=place.now,
        )  # fmt: skip


@pytest.mark.both_engines
@pytest.mark.parametrize("column", ["rows", "heading"])
def test_what_was_handed_in_can_be_erased_and_never_altered(place: Place, column: str) -> None:
    made = submit(place)
    setattr(made, column, {"other": "words"})
    with pytest.raises(DBAPIError, match="append-only"):
        place.session.commit()
    place.session.rollback()
    made.rows = made.heading = None
    place.session.commit()
    place.session.expire_all()
    assert (made.rows, made.heading, made.number) == (None, None, 1)
    assert all(verdict.ok for verdict in verify_all(place.session, LOGGED_CONTENTS))
