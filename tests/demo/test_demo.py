"""The demo: the same story every time, real in every row, and something to do for everyone on every day."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import select

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts.models import User
from partner_compliance.accounts.passwords import weaknesses
from partner_compliance.accounts.queries import demo_users, principal_of
from partner_compliance.acts import PLATFORM_LOG
from partner_compliance.database import make_engine, open_session, writing
from partner_compliance.demo import DatabaseNotEmpty, Size, load_demo, telling
from partner_compliance.demo.cast import PASSWORD, cast
from partner_compliance.demo.plot import Kind, steps_of, year_of
from partner_compliance.demo.words import GIVEN, SURNAMES
from partner_compliance.history.entries import parse
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.sheets.models import (
    CheckSheet,
    CorrectiveAction,
    MonthTally,
    SheetDraft,
    SheetEvent,
    SheetState,
    SheetVersion,
)
from partner_compliance.sheets.queries import sheets_of_officers, sheets_of_workers, tally_counts
from tests import factories as make
from tests.conftest import NOON


@pytest.fixture(scope="session")
def small_demo(empty_sqlite, library, tmp_path_factory) -> Path:
    """A small demo to copy from."""
    file = tmp_path_factory.mktemp("demo") / "small.sqlite3"
    copyfile(empty_sqlite, file)
    engine = make_engine(f"sqlite:///{file}")
    load_demo(engine, library, size=Size.SMALL, now=NOON)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture
def demo(small_demo, tmp_path):
    file = tmp_path / "demo.sqlite3"
    copyfile(small_demo, file)
    engine = make_engine(f"sqlite:///{file}")
    with open_session(engine, write_acts=write_acts) as session:
        yield session
    engine.dispose()


def story(session) -> list[tuple]:
    """Everything that a demo says, without ids and nonces."""
    names = dict(session.execute(select(Worker.id, Worker.name)).all())
    sheets = {sheet.id: (names[sheet.worker_id], sheet.month) for sheet in session.scalars(select(CheckSheet))}
    told: list[tuple] = [
        ("sheet", *key, sheet.due_on)
        for sheet, key in ((sheet, sheets[sheet.id]) for sheet in session.scalars(select(CheckSheet)))
    ]
    for draft in session.scalars(select(SheetDraft)):
        told.append(("draft", *sheets[draft.sheet_id], str(draft.answers), draft.revision, draft.saved_at))
    for version in session.scalars(select(SheetVersion)):
        told.append((
            "version", *sheets[version.sheet_id], version.number, str(version.answers), version.no_take_out,
            version.with_head_section, version.submitted_at, version.submitted_by_name, version.paper_signed_on,
            version.reason,
        ))  # fmt: skip
    for event in session.scalars(select(SheetEvent)):
        told.append((
            "event", *sheets[event.sheet_id], event.number, event.kind, event.at, event.happened_on, event.by_name,
            event.by_role, event.comment, event.excuse, event.version_id is None,
        ))  # fmt: skip
    for action in session.scalars(select(CorrectiveAction)):
        told.append(
            ("action", *sheets[action.sheet_id], action.item, action.opened_at, action.closed_at, action.outcome)
        )
    for tally in session.scalars(select(MonthTally)):
        told.append(("tally", tally.month, tally.sheets, tally.signed_off, tally.on_time, tally.is_closed))
    for leaf in session.scalars(select(LogLeaf)):
        entry = parse(leaf.entry)
        details = {name: value for name, value in entry.details.items() if name != "paper"}  # made of an id
        told.append((
            "entry", entry.act, entry.at, entry.actor_name, entry.strength, names.get(entry.subject_id),
            entry.object_kind, entry.before, str(details), entry.content is None,
        ))  # fmt: skip
    return sorted(told, key=str)


def digest(session) -> str:
    return hashlib.sha256(str(story(session)).encode()).hexdigest()


def a_database(empty_sqlite, tmp_path, name):
    copyfile(empty_sqlite, tmp_path / name)
    return make_engine(f"sqlite:///{tmp_path / name}")


def test_the_same_seed_and_moment_tell_the_same_story(demo, empty_sqlite, tmp_path, library):
    engine = a_database(empty_sqlite, tmp_path, "again.sqlite3")
    load_demo(engine, library, size=Size.SMALL, now=NOON)
    with open_session(engine) as again:
        assert digest(again) == digest(demo)
    engine.dispose()


def test_bulk_and_the_operations_leave_the_same_rows(empty_sqlite, tmp_path, library):
    told = []
    for name in ("step_by_step", "in_bulk"):
        engine = a_database(empty_sqlite, tmp_path, f"{name}.sqlite3")
        teller = telling.Teller(engine, library, Size.SMALL, NOON, 1)
        teller.partners = [partner for partner in teller.partners if len(partner.people) < 10]
        if name == "in_bulk":
            teller.tell_in_bulk(lambda _done, _total: None)
        else:
            teller.tell_step_by_step()
        with open_session(engine) as session:
            told.append(story(session))
        engine.dispose()

    assert told[0] == told[1]


def test_the_history_verifies_and_no_clock_ran_backwards(demo):
    entries = demo.scalars(select(LogLeaf.entry)).all()
    demo.rollback()

    assert all(verdict.ok for verdict in verify_all(demo, LOGGED_CONTENTS))
    assert not any("clock_stepped_back" in entry for entry in entries)
    assert demo.get(LogLeaf, (PLATFORM_LOG, 0)) is not None


def test_the_tallies_are_those_of_the_facts(demo):
    for tally in demo.scalars(select(MonthTally)).all():
        counted = demo.execute(tally_counts(tally.organization_id, tally.center_id, tally.month)).one()._asdict()
        assert {name: getattr(tally, name) for name in counted} == counted


def test_a_year_has_its_gaps_and_exceptions(demo):
    tallies = demo.scalars(select(MonthTally)).all()
    acts = Counter(demo.scalars(select(LogLeaf.act)))

    assert len({tally.month for tally in tallies}) == 12
    assert sum(tally.sheets for tally in tallies) > 1000
    assert (
        0.85
        < sum(tally.on_time for tally in tallies if tally.month < "2026-10")
        / sum(tally.sheets - tally.excused for tally in tallies if tally.month < "2026-10")
        < 0.98
    )
    assert any(not tally.is_closed for tally in tallies if tally.month < "2026-10")
    assert not any(tally.is_closed for tally in tallies if tally.month == "2026-10")
    for act in ("sheet.returned", "sheet.resubmitted", "sheet.corrected", "sheet.excused", "sheet.entered_from_paper",
                "sheet.viewed", "action.closed", "month.closed"):  # fmt: skip
        assert acts[act] >= 10, act


def test_partners_are_engaged_as_a_demo_needs_them(demo):
    today = clock.local_date(NOON)
    valid = {
        city: {
            name
            for (name,) in demo.execute(
                select(Organization.name)
                .join(Engagement, Engagement.organization_id == Organization.id)
                .join(Municipality, Municipality.id == Engagement.municipality_id)
                .where(Municipality.name == city, is_valid_on(today))
            )
        }
        for city in ("汐見市", "緑が原町")
    }
    pacts = demo.scalars(select(Engagement)).all()

    assert [len(names) for names in valid.values()] == [3, 3]
    assert len(valid["汐見市"] & valid["緑が原町"]) == 1
    assert any(pact.ends_on == today - timedelta(days=1) for pact in pacts)
    assert any(pact.starts_on == clock.first_day(clock.month_after(clock.month_of(today))) for pact in pacts)
    assert len({form for (form,) in demo.execute(select(Organization.legal_form))}) == 6


def test_the_password_is_strong_enough_and_opens_every_demo_account(demo):
    from partner_compliance.accounts.operations import Attempt, sign_in

    assert weaknesses(PASSWORD, own_names=(), has_second_factor=False) == []
    for user in demo_users(demo):
        sign_in(demo, Attempt(user.login_name, PASSWORD, "127.0.0.1"), now=NOON)


@pytest.mark.parametrize(
    "moment",
    ["2026-11-16T03:00", "2026-11-24T15:00", "2026-11-24T14:59:59", "2026-11-24T15:00:30", "2026-12-31T15:30",
     "2026-03-31T14:59", "2026-05-10T03:00", "2027-01-24T14:00", "2028-02-29T03:00"],
)  # fmt: skip
def test_on_any_day_there_is_something_to_do_for_everybody(empty_sqlite, tmp_path, library, moment):
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    engine = a_database(empty_sqlite, tmp_path, "demo.sqlite3")
    teller = telling.Teller(engine, library, Size.SMALL, now, 1)
    teller.partners = teller.partners[:1]
    teller.tell_in_bulk(lambda _done, _total: None)

    with open_session(engine) as session:
        newest = year_of(now)[-1]
        today = clock.local_date(now)
        people = {user.login_name: user for user in session.scalars(select(User).where(User.demo_label.is_not(None)))}

        def own_state(login):
            principal = principal_of(session, people[login], strength="demo", today=today)
            return {
                row.sheet.month: row.state
                for row in sheets_of_workers(session, principal.organization_ids, principal.worker_ids)
            }[newest]

        assert own_state("worker") is SheetState.NOT_BEGUN
        assert own_state("volunteer") is SheetState.RETURNED
        assert own_state("head") is SheetState.NOT_BEGUN
        head = principal_of(session, people["head"], strength="demo", today=today)
        waiting = [session.get_one(MonthTally, (*center, newest)).awaiting for center in head.headed_centers]
        assert sum(waiting) >= 2
        organization_ids = head.organization_ids
        for role in (Role.CENTER_HEAD, Role.PROTECTION_OFFICER):
            assert sheets_of_officers(session, organization_ids, role=role), role
        latest = max(parse(entry).at for entry in session.scalars(select(LogLeaf.entry)))
        assert latest <= now
    engine.dispose()


def test_it_goes_into_an_empty_database_only(engine, library):
    with writing(engine, write_acts=write_acts) as session:
        make.a_municipality(session)

    with pytest.raises(DatabaseNotEmpty):
        load_demo(engine, library, size=Size.SMALL, now=NOON)


@pytest.mark.both_engines
def test_it_is_real_on_both_engines(engine, library):
    loaded = load_demo(engine, library, size=Size.SMALL, now=NOON)

    assert (loaded.municipalities, loaded.partners) == (2, 6)
    with open_session(engine) as session:
        assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_every_name_has_its_reading():
    for written, reading in (*SURNAMES, *GIVEN):
        assert written
        assert reading
        assert all("ぁ" <= char <= "ゖ" for char in reading), (written, reading)
    assert {"髙橋", "𠮷田", "渡邉"} <= {written for written, _ in SURNAMES}


def test_every_step_of_a_large_demo_is_in_order_and_in_the_past(library):
    months = year_of(NOON)
    for partner in list(cast(partners=60, size=30, months=months, today=clock.local_date(NOON), seed=7))[6:]:
        told = [step for month in months for step in steps_of(partner, month, library.edition_for("take-out", month),
                                                              now=NOON, seed=7)]  # fmt: skip
        assert told == sorted(told, key=lambda step: step.at)
        assert told[-1].at <= NOON
        assert Kind.CLOSE in {step.kind for step in told}
