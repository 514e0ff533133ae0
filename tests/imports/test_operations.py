"""Taking a roster in: all or nothing, the same rows as by hand, once, and only onto the roster that was looked at."""

import zipfile
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.acts import SYSTEM
from partner_compliance.database import open_session
from partner_compliance.documents import workbooks
from partner_compliance.documents.spreadsheets import TooManyRows
from partner_compliance.documents.tables import to_xlsx
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_all
from partner_compliance.imports import committing, operations, queries
from partner_compliance.imports.columns import as_table
from partner_compliance.imports.models import RosterUpload
from partner_compliance.library.shelf import Library
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Worker, WorkerKind
from partner_compliance.roster import operations as roster
from partner_compliance.roster.bulk import whole_roster, write_many
from partner_compliance.roster.models import (
    ChangeSource,
    PostHolding,
    Project,
    WorkerCenter,
    WorkerProject,
    WorkerVersion,
)
from partner_compliance.roster.operations import StaffNumberTaken, WorkerFacts, WrongFacts
from partner_compliance.scheduler import tick
from tests.conftest import NOON, SetClock
from tests.factories import a_center, a_worker, an_organization, principal_of, someone
from tests.imports.conftest import House, a_csv, row
from tests.test_query_counts import statements


def names(session: Session, house: House) -> list[str]:
    found = session.scalars(select(Worker.name).where(Worker.organization_id == house.organization.id))
    return sorted(found)


def confirm(house: House, upload: RosterUpload, *, at_once: bool = True, session: Session | None = None) -> None:
    operations.confirm(
        session or house.session, upload, based_on=upload.roster_digest, at_once=at_once,
        by=principal_of(house.session, house.officer).actor, now=NOON,
    )  # fmt: skip


# --- taking in --------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_confirmed_file_is_on_the_roster_with_versions_acts_and_an_entry(house: House, engine: Engine) -> None:
    """A01: the three encodings of one file are one file."""
    rows = [row("①㈱髙﨑～", staff_number="0012", other_centers="分室", projects="見守り"), row("西 守", kind="役員")]
    plans = [house.examine(a_csv(*rows, encoding=encoding)).rows for encoding in ("cp932", "utf-8-sig", "utf-16")]
    assert plans[0] == plans[1] == plans[2]
    upload = house.take_in(a_csv(*rows, encoding="cp932"))

    assert (upload.added, upload.changed, upload.ended, upload.unchanged) == (1, 1, 0, 0)
    assert upload.content is None
    with open_session(engine) as session:
        made = session.scalars(select(Worker).where(Worker.staff_number == "0012")).one()
        assert made.name == "①㈱髙﨑～"
        facts = roster.facts_of(session, made)
        assert facts.other_centers == {house.second.id}
        project = session.scalars(select(Project)).one()
        assert (project.name, facts.projects) == ("見守り", {project.id})
        officer = session.get_one(Worker, (house.organization.id, house.officer_worker.id))
        assert (officer.kind, officer.name_kana) == (WorkerKind.OFFICER, "ヤマダ ハナコ")
        versions = session.scalars(
            select(WorkerVersion).where(WorkerVersion.source == ChangeSource.IMPORT).order_by(WorkerVersion.number)
        ).all()
        assert [(each.number, each.recorded_by_name) for each in versions] == [(1, "西 守"), (2, "西 守")]
        acts = list(
            session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == house.organization.id).order_by(LogLeaf.idx))
        )
        assert acts[-4:] == ["project.created", "worker.added", "worker.changed", "roster.imported"]
        assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_a_file_with_one_fault_changes_nothing(house: House) -> None:
    before = names(house.session, house)
    examined = house.examine(a_csv(row("甲"), row("乙", kind="?")))
    assert [fault.row for fault in examined.plan.faults] == [3]
    house.session.commit()
    assert names(house.session, house) == before
    assert house.session.scalar(select(func.count()).select_from(RosterUpload)) == 0


def test_a_failure_in_the_middle_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = house.upload(a_csv(row("甲", projects="新しい事業")))
    house.session.commit()
    before = names(house.session, house)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(operations, "_end_posts", broken)
    with pytest.raises(ZeroDivisionError):
        confirm(house, upload)
    house.session.rollback()
    assert names(house.session, house) == before
    assert house.session.scalar(select(func.count()).select_from(Project)) == 0


def test_a_second_confirmation_takes_in_nothing_more(house: House) -> None:
    upload = house.upload(a_csv(row("甲")))
    confirm(house, upload)
    house.session.commit()
    confirm(house, upload)
    house.session.commit()
    assert names(house.session, house).count("甲") == 1


def test_a_roster_that_has_changed_since_is_not_touched(house: House) -> None:
    upload = house.upload(a_csv(row("甲")))
    house.session.commit()
    facts = replace(roster.facts_of(house.session, house.worker), name="南 改", name_kana="ミナミ")
    roster.change_worker(house.session, house.worker, facts, by=SYSTEM, now=NOON)
    house.session.commit()
    with pytest.raises(operations.RosterChanged):
        confirm(house, upload)
    house.session.rollback()
    assert names(house.session, house) == ["南 改", "西 守"]
    upload.roster_digest = queries.state_of(house.session, house.organization.id, today=NOON.date()).digest
    confirm(house, upload)
    assert "甲" in names(house.session, house)


def test_every_thing_that_a_file_is_compared_with_is_in_the_digest(house: House) -> None:
    seen = set()

    def look() -> None:
        house.session.flush()
        seen.add(queries.state_of(house.session, house.organization.id, today=NOON.date()).digest)

    look()
    a_worker(house.session, house.center, "甲")
    look()
    house.worker.staff_number = "1"
    look()
    a_center(house.session, house.organization, "新館")
    look()
    roster.project_named(house.session, house.organization.id, "事業", by=SYSTEM, now=NOON)
    look()
    someone(house.session, house.center, Role.PROTECTION_OFFICER, name="乙")
    look()
    assert len(seen) == 6


def test_who_leaves_by_a_file_holds_no_post_after_the_last_day(house: House) -> None:
    _, head = someone(house.session, house.center, Role.CENTER_HEAD, name="東 京子")
    house.session.commit()
    upload = house.take_in(a_csv(row("西 守"), row("南 花子")), leave_on=date(2026, 11, 20))
    assert (upload.ended, upload.changed) == (1, 2)  # the two others get a reading
    house.session.refresh(head)
    assert head.left_on == date(2026, 11, 20)
    post = house.session.scalars(select(PostHolding).where(PostHolding.worker_id == head.id)).one()
    assert post.until_on == date(2026, 11, 20)


def test_an_unconfirmed_upload_makes_room_for_the_next_and_old_ones_are_forgotten(house: House, engine: Engine) -> None:
    first = house.upload(a_csv(row("甲"))).id
    second = house.upload(a_csv(row("乙"))).id
    house.session.commit()
    assert list(house.session.scalars(select(RosterUpload.id))) == [second] != [first]
    operations.forget_uploads(house.session, now=NOON + timedelta(days=6))
    assert house.session.scalar(select(func.count()).select_from(RosterUpload)) == 1
    operations.forget_uploads(house.session, now=NOON + timedelta(days=7, minutes=1))
    assert house.session.scalar(select(func.count()).select_from(RosterUpload)) == 0


def test_an_upload_that_is_confirmed_cannot_be_discarded(house: House) -> None:
    upload = house.take_in(a_csv(row("甲")))
    operations.discard(house.session, upload)
    house.session.commit()
    assert house.session.scalar(select(func.count()).select_from(RosterUpload)) == 1


# --- in bulk as one by one --------------------------------------------------------------------------------------


def left_behind(session: Session, organization_id: Any) -> dict[str, Any]:
    """What a roster consists of, without the ids and moments that differ by chance."""
    workers = {worker.id: worker for worker in session.scalars(select(Worker).where(
        Worker.organization_id == organization_id))}  # fmt: skip
    chance = {"id", "organization_id", "worker_id", "center_id", "project_id", "other_centers", "projects", "user_id"}

    def plain(model: Any, **more: Any) -> list[Any]:
        rows = session.scalars(select(model).where(model.organization_id == organization_id))
        found = []
        for each in rows:
            columns = {
                key: getattr(each, key)
                for key in (column.name for column in model.__table__.columns)
                if key not in chance
            }
            who = workers[each.worker_id].name if hasattr(each, "worker_id") else each.name
            counts = {name: len(getattr(each, name)) for name in ("other_centers", "projects") if hasattr(each, name)}
            found.append((who, sorted(columns.items()), sorted(counts.items())))
        return sorted(found, key=repr)

    leaves = session.scalars(
        select(LogLeaf).where(LogLeaf.log_id == organization_id, LogLeaf.act.like("worker.%")).order_by(LogLeaf.idx)
    ).all()
    import json

    acts = [
        (leaf.act, workers[leaf.subject_id].name, json.loads(leaf.entry)["details"], json.loads(leaf.entry)["actor"])
        for leaf in leaves
    ]
    return {
        "acts": acts,
        **{model.__tablename__: plain(model) for model in (Worker, WorkerVersion, WorkerCenter, WorkerProject)},
    }


@pytest.mark.both_engines
def test_many_at_once_leave_what_one_by_one_leaves(session: Session) -> None:
    found = []
    for bulk in (False, True):
        organization = an_organization(session, f"団体{bulk}")
        center, second = a_center(session, organization, "本部"), a_center(session, organization, "分室")
        session.commit()
        projects = [
            roster.project_named(session, organization.id, name, by=SYSTEM, now=NOON).id for name in ("見守り", "学習")
        ]
        facts = [
            WorkerFacts(
                name=f"従事 者{number}", name_kana="ジュウジシャ", kind=WorkerKind.VOLUNTEER, center_id=center.id,
                joined_on=date(2026, 4, 1), staff_number=str(number) if number % 2 else None, is_handler=number != 3,
                other_centers=frozenset([second.id] if number > 2 else []), projects=frozenset(projects[:number]),
            )
            for number in range(4)
        ]  # fmt: skip
        before = Worker(
            organization_id=organization.id, center_id=center.id, name="版のない方", name_kana="ハン",
            kind=WorkerKind.REGULAR, is_handler=True, files_sheets=True, joined_on=date(2025, 4, 1), registered_at=NOON,
        )  # fmt: skip
        session.add(before)
        session.flush()
        old = roster.facts_of(session, before)
        later = {
            "従事 者0": lambda each: replace(each, name_kana="カイ", other_centers=frozenset([second.id])),  # noqa: B023
            "従事 者1": lambda each: replace(each, staff_number="99", left_on=date(2026, 11, 30)),
            "従事 者2": lambda each: replace(each, projects=frozenset(projects[1:]), center_id=second.id),  # noqa: B023
            "従事 者3": lambda each: each,
        }
        options: dict[str, Any] = {"source": ChangeSource.IMPORT, "by": SYSTEM}
        tomorrow = NOON + timedelta(days=1)
        if bulk:
            write_many(session, organization.id, new=facts, now=NOON, **options)
            session.commit()
            rows = {each.facts.name: each for each in whole_roster(session, organization.id, lock=True)}
            assert [rows[each.name].facts for each in facts] == [each.settled() for each in facts]
            changed = [(rows[name], change(rows[name].facts)) for name, change in later.items()]
            changed.append((rows["版のない方"], replace(old, kind=WorkerKind.OFFICER)))
            write_many(session, organization.id, changed=changed, now=tomorrow, **options)
        else:
            made = [roster.add_worker(session, organization.id, each, now=NOON, **options) for each in facts]
            session.commit()
            for worker in made:
                new = later[worker.name](roster.facts_of(session, worker))
                roster.change_worker(session, worker, new, now=tomorrow, **options)
            roster.change_worker(session, before, replace(old, kind=WorkerKind.OFFICER), now=tomorrow, **options)
        session.commit()
        found.append(left_behind(session, organization.id))
    assert found[0] == found[1]
    assert len(found[0]["worker_version"]) == 9


@pytest.mark.both_engines
def test_many_at_once_are_refused_as_one_by_one(house: House) -> None:
    session = house.session
    good = WorkerFacts(
        name="甲", name_kana="コウ", kind=WorkerKind.REGULAR, center_id=house.center.id, joined_on=date(2026, 4, 1),
        staff_number="1",
    )  # fmt: skip
    options: dict[str, Any] = {"source": ChangeSource.IMPORT, "by": SYSTEM, "now": NOON}
    for bad, error in (
        ([good, replace(good, name="乙")], StaffNumberTaken),
        ([replace(good, name="")], WrongFacts),
        ([replace(good, name_kana="")], WrongFacts),
        ([replace(good, center_id=house.organization.id)], WrongFacts),
        ([replace(good, projects=frozenset([house.center.id]))], WrongFacts),
    ):
        with pytest.raises(error):
            write_many(session, house.organization.id, new=bad, **options)
    write_many(session, house.organization.id, new=[good, replace(good, name="乙", staff_number="2")], **options)
    rows = {each.facts.staff_number: each for each in whole_roster(session, house.organization.id, lock=True)}
    changed = [(rows["1"], replace(rows["1"].facts, staff_number="2"))]
    with pytest.raises(StaffNumberTaken):
        write_many(session, house.organization.id, changed=changed, **options)
    swapped = [(rows[old], replace(rows[old].facts, staff_number=new)) for old, new in (("1", "2"), ("2", "1"))]
    write_many(session, house.organization.id, changed=swapped, **options)
    session.commit()
    assert session.scalars(select(Worker.name).where(Worker.staff_number == "1")).one() == "乙"


# --- large ones -------------------------------------------------------------------------------------------------


def many(count: int) -> list[dict[str, str]]:
    return [
        row(f"従事 者{number}", staff_number=f"{number:05d}", projects="見守り、学習支援", other_centers="分室")
        for number in range(count)
    ]


def test_five_thousand_rows_are_taken_in_and_one_more_is_refused(house: House) -> None:
    """A04; how long it takes, `make bench` measures."""
    rows = many(5_000)
    with pytest.raises(TooManyRows, match="5,000行"):
        house.examine(a_csv(*rows, row("もう 一人")))
    content = to_xlsx(as_table("名簿", rows))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert sum(info.file_size for info in archive.infolist()) < workbooks.MOST_UNPACKED / 2
    upload = house.take_in(content)
    assert upload.added == 5_000


def test_writing_takes_as_many_statements_for_ten_as_for_a_hundred(house: House, engine: Engine) -> None:
    counts = []
    for count in (10, 100):
        upload = house.upload(
            a_csv(*(each | {"name": f"{each['name']}の{count}", "staff_number": ""} for each in many(count)))
        )
        house.session.commit()
        with statements(engine) as seen:
            confirm(house, upload)
            house.session.commit()
        counts.append(len(seen))
    assert counts[1] <= counts[0]  # the projects exist by then
    assert counts[0] < 40


@pytest.mark.both_engines
def test_a_large_file_waits_for_the_scheduler_and_shows_how_far_it_is(
    house: House, engine: Engine, time: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = house.upload(a_csv(*many(400)))
    confirm(house, upload, at_once=False)
    house.session.commit()
    assert (upload.finished_at, upload.done) == (None, 0)
    assert committing.is_any_waiting(engine, now=NOON)
    confirm(house, upload, at_once=False)  # a double click
    house.session.commit()

    steps: list[Any] = []
    move = committing._move
    monkeypatch.setattr(committing, "_STEP", 0)
    monkeypatch.setattr(
        committing, "_move", lambda engine, job, **values: (steps.append(values), move(engine, job, **values))
    )
    assert committing.work_off(engine) == 1
    assert [step["done"] for step in steps] == [100, 200, 300, 400, 400]
    assert committing.work_off(engine) == 0
    house.session.refresh(upload)
    assert (upload.added, upload.done, upload.content) == (400, 400, None)
    with open_session(engine) as session:
        actor = session.scalars(select(LogLeaf).where(LogLeaf.act == "roster.imported")).one()
        assert actor.actor_id == house.officer.id
        assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_a_large_file_can_be_taken_in_without_a_scheduler(house: House, engine: Engine) -> None:
    upload = house.upload(a_csv(*many(301)))
    confirm(house, upload, at_once=False)
    house.session.commit()
    confirm(house, upload, at_once=True)
    house.session.commit()
    assert upload.added == 301
    assert committing.work_off(engine) == 0


def test_work_that_cannot_be_done_is_given_back_with_the_reason(
    house: House, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = house.upload(a_csv(*many(301)))
    confirm(house, upload, at_once=False)
    house.session.commit()
    a_worker(house.session, house.center, "あとから")
    house.session.commit()
    committing.work_off(engine)
    house.session.refresh(upload)
    assert (upload.confirmed_at, upload.taken_at, upload.finished_at) == (None, None, None)
    assert "名簿が変更されました" in (upload.failure or "")
    upload.roster_digest = queries.state_of(house.session, house.organization.id, today=NOON.date()).digest
    confirm(house, upload, at_once=False)
    house.session.commit()

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(operations, "write_many", broken)
        committing.work_off(engine)
    house.session.refresh(upload)
    assert "何も取り込んでいません" in (upload.failure or "")
    assert len(names(house.session, house)) == 3


def test_a_confirmation_of_a_large_file_hears_at_once_that_the_roster_has_changed(house: House) -> None:
    upload = house.upload(a_csv(*many(301)))
    a_worker(house.session, house.center, "あとから")
    house.session.commit()
    with pytest.raises(operations.RosterChanged):
        confirm(house, upload, at_once=False)


def test_a_tick_takes_in_what_waits_and_forgets_what_is_old(
    house: House, engine: Engine, library: Library, settings: Any, time: SetClock
) -> None:
    upload = house.upload(a_csv(*many(301)))
    confirm(house, upload, at_once=False)
    house.session.commit()
    assert tick(engine, library, settings, NOON, make_binders=lambda: 0).imports == 1
    with open_session(engine, write_acts=write_acts) as session:
        assert session.scalar(select(func.count()).select_from(RosterUpload)) == 1
    tick(engine, library, settings, NOON + timedelta(days=8), make_binders=lambda: 0)
    with open_session(engine) as session:
        assert session.scalar(select(func.count()).select_from(RosterUpload)) == 0
