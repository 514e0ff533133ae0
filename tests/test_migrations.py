"""Versions of the tables: up on real data, down, up again, whole or not at all; and never served without guards."""

import os
import signal
import subprocess
import sys
import textwrap
import time as stopwatch
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, String, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import schema
from partner_compliance.access import Entrusted
from partner_compliance.accounts import factors
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM
from partner_compliance.app import UnguardedDatabase
from partner_compliance.clock import start_of
from partner_compliance.config import PROJECT
from partner_compliance.database import Base, make_engine, open_session
from partner_compliance.history.guards import GUARDS, missing_guards
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_all
from partner_compliance.library.checklists import Answer
from partner_compliance.library.shelf import Library
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.networks import operations as networks
from partner_compliance.organizations.models import Engagement, Organization
from partner_compliance.organizations.queries import partners_on
from partner_compliance.registrations import operations as registrations
from partner_compliance.sheets import operations
from partner_compliance.sheets.models import CheckSheet
from tests.conftest import NOON, SetClock
from tests.factories import (
    a_center,
    a_municipality,
    a_passkey,
    a_worker,
    all_fine,
    an_authenticator,
    an_engagement,
    an_officer_of,
    an_organization,
)
from tests.sheets.conftest import House
from tests.sheets.conftest import house as house_of_sheets
from tests.world import counts

pytestmark = pytest.mark.both_engines
house = house_of_sheets


@pytest.fixture
def busy(house: House, time: SetClock, library: Library) -> House:
    """The house after a lively day: something in most tables, and a history that tells of it."""
    session, now, checklist = house.session, time.moment, house.checklist
    municipality = a_municipality(session)
    an_officer_of(session, municipality)
    an_engagement(session, municipality, house.organization)
    filled = all_fine(checklist, item_1_2=(Answer.NOT_OK, "鍵のない棚"))
    sheet = house.sheet_of(house.worker.worker)
    operations.save_draft(session, sheet, filled, by=house.worker.principal, based_on=0, now=now)
    operations.submit(session, sheet, checklist, filled, by=house.worker.principal, now=now)
    operations.return_for_changes(session, sheet, version_number=1, comment="𠮷", by=house.head.principal, now=now)
    operations.submit(session, sheet, checklist, filled, by=house.worker.principal, now=now)
    operations.sign_off(session, sheet, version_number=2, by=house.head.principal, now=now)
    own = house.sheet_of(house.head.worker)
    operations.submit(session, own, checklist, all_fine(checklist, head=True), by=house.head.principal, now=now)
    operations.save_draft(session, house.sheet_of(house.officer.worker), filled, by=house.officer.principal,
                          based_on=0, now=now)  # fmt: skip
    an_authenticator(session, house.worker.user, now=now)
    a_passkey(session, house.officer.user, now=now)
    factors.make_recovery_codes(session, house.worker.user, by=SYSTEM, now=now)
    accounts.start_sign_in(session, house.worker.user, strength="password+recovery", device="iPhone の Safari", now=now)
    operations.request_binder(session, house.center, "2026-11", by=house.head.principal, now=now)
    session.commit()
    session.close()
    return house


def differences(engine: Engine) -> list[Any]:
    """How the tables differ from the models."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": Base.metadata}
        )
        return compare_metadata(context, Base.metadata)


def verdicts(engine: Engine) -> list[bool]:
    with open_session(engine) as session:
        return [verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS)]


# --- up and down ------------------------------------------------------------------------------------------------


def test_a_migrated_database_is_what_the_models_say(engine: Engine) -> None:
    assert schema.present(engine) == schema.newest() == schema.known()[-1]
    assert differences(engine) == []
    with engine.connect() as connection:
        assert missing_guards(connection) == []


def test_constraints_are_those_of_the_models_by_name(engine: Engine) -> None:
    """What the comparison leaves out: primary keys, checks, unique constraints and where foreign keys point."""
    found = inspect(engine)
    for table in Base.metadata.sorted_tables:
        wanted = [column.name for column in table.primary_key.columns]
        assert found.get_pk_constraint(table.name)["constrained_columns"] == wanted, table.name
        foreign = {
            (tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
            for key in found.get_foreign_keys(table.name)
        }
        assert foreign == {
            (
                tuple(constraint.column_keys),
                constraint.referred_table.name,
                tuple(element.column.name for element in constraint.elements),
            )
            for constraint in table.foreign_key_constraints
        }, table.name
        checks = {constraint["name"] for constraint in found.get_check_constraints(table.name)}
        named = {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
        assert checks == named, table.name


def test_versions_are_a_line_without_forks_and_files_are_named_after_them() -> None:
    known = schema.known()
    assert known == sorted(known)
    assert [path.name[:4] for path in sorted((PROJECT / "migrations/versions").glob("*.py"))] == known
    for path in (PROJECT / "migrations/versions").glob("*.py"):
        script = path.read_text(encoding="utf-8")
        assert "partner_compliance." not in script.replace("(partner_compliance/", ""), (
            "migrations never import our code"
        )


#: What an older version cannot hold and the way up cannot make again: people set it up anew.
SET_UP_ANEW = {"authenticator", "passkey", "recovery_code"}


def remade(found: dict[str, int]) -> dict[str, int]:
    return {table: count for table, count in found.items() if table not in SET_UP_ANEW}


def test_data_survives_a_way_down_and_up_again_as_far_as_the_older_version_can_hold_it(
    engine: Engine, busy: House
) -> None:
    before, history = counts(engine), verdicts(engine)
    assert history
    assert all(history)
    versions = [None, *schema.known()]
    for older in reversed(versions[:-1]):
        schema.downgrade(engine, older or "base")
        assert schema.present(engine) == older
        if older is None:
            assert counts(engine) == {}
        else:
            kept = counts(engine)
            assert kept == {table: before[table] for table in kept if table in before}
        schema.upgrade(engine)
        assert schema.present(engine) == schema.newest()
        assert differences(engine) == []
        with engine.connect() as connection:
            assert missing_guards(connection) == []
        if older is not None:
            assert remade(counts(engine)) == remade(before)
            assert verdicts(engine) == history


def test_every_version_is_reached_step_by_step_on_populated_data(engine: Engine, busy: House) -> None:
    before = counts(engine)
    known = schema.known()
    for older, newer in zip(reversed(known[:-1]), reversed(known[1:]), strict=True):
        schema.downgrade(engine, older)
        schema.upgrade(engine, newer)
        assert schema.present(engine) == newer
    schema.upgrade(engine)
    assert remade(counts(engine)) == remade(before)


def test_networks_and_invitations_go_with_their_tables_and_leave_the_rest_as_it_was(
    engine: Engine, busy: House, session: Session, time: SetClock
) -> None:
    before, now = counts(engine), time.moment
    municipality, runs = a_municipality(session, "ほか市"), an_organization(session, "連絡会 事務局")
    runs.address = "みなと市1-2-3"
    network = networks.open_network(session, runs, name="連絡会", rules="", by=SYSTEM, now=now)
    member = session.get_one(Organization, busy.organization.id)
    membership = networks.join(session, network, member, by=SYSTEM, now=now)
    for _ in range(2):
        networks.entrust(session, membership, set(Entrusted), from_on=now.date(), until_on=None, by=SYSTEM, now=now)
    invited = {"group_name": "つくし", "email": None, "link_base": "", "by": SYSTEM, "now": now}
    registrations.invite_partner(session, municipality, terms=None, **invited)
    registrations.invite_member(session, runs, **invited)
    session.commit()
    session.close()
    schema.downgrade(engine, "0008")
    kept = counts(engine)
    assert "network_mandate" not in kept
    assert kept["organization"] == before["organization"] + 1
    assert kept["sheet_event"] == before["sheet_event"]
    schema.upgrade(engine)
    assert differences(engine) == []
    with engine.connect() as connection:
        assert missing_guards(connection) == []


def test_an_emptied_database_can_be_filled_again(engine: Engine, busy: House, library: Library, time: SetClock) -> None:
    schema.downgrade(engine, "base")
    schema.upgrade(engine)
    # The platform's own log is there from the beginning.
    assert {table: count for table, count in counts(engine).items() if count} == {"log_state": 1}
    with open_session(engine, write_acts=write_acts) as session:
        organization = an_organization(session, first_month="2026-11")
        a_worker(session, a_center(session, organization))
        assert operations.open_months(session, library, now=time.moment) == 1
        session.commit()
    assert all(verdicts(engine))


def test_upgrading_what_is_newest_changes_nothing(engine: Engine, busy: House) -> None:
    before = counts(engine)
    schema.upgrade(engine)
    assert counts(engine) == before


def test_only_what_both_sides_agreed_on_holds_in_an_older_version_and_after_coming_back(
    engine: Engine, session: Session
) -> None:
    """The tables before 0004 take every engagement for agreed: a proposal must open nothing there, nor later."""
    municipality = a_municipality(session)
    agreed, proposed = an_organization(session, "承諾した団体"), an_organization(session, "返事をしていない団体")
    an_engagement(session, municipality, agreed, starts_on=NOON.date())
    an_engagement(session, municipality, proposed, starts_on=NOON.date(), accepted_at=None)
    session.commit()

    schema.downgrade(engine, "0003")
    holding = text("SELECT title FROM engagement WHERE cancelled_on IS NULL OR cancelled_on > starts_on")
    with engine.connect() as connection:
        assert len(connection.execute(holding).all()) == 1
    schema.upgrade(engine)

    session.expire_all()
    assert session.scalars(partners_on([municipality.id], NOON.date())).all() == [agreed.id]
    row = session.scalars(select(Engagement).where(Engagement.organization_id == agreed.id)).one()
    assert row.accepted_at == start_of(NOON.date())


# --- whole or not at all ----------------------------------------------------------------------------------------


def test_a_migration_that_fails_half_way_leaves_the_version_before(
    engine: Engine, busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.operations import Operations

    before, drop_table = counts(engine), Operations.drop_table
    dropped: list[str] = []

    def failing(self: Operations, name: str, *args: Any, **more: Any) -> Any:
        if len(dropped) == 3:
            raise OSError("the power is gone")
        dropped.append(name)
        return drop_table(self, name, *args, **more)

    monkeypatch.setattr(Operations, "drop_table", failing)
    with pytest.raises(OSError, match="power"):
        schema.downgrade(engine, "base")

    assert len(dropped) == 3
    assert schema.present(engine) == schema.newest()
    assert counts(engine) == before
    assert differences(engine) == []
    with engine.connect() as connection:
        assert missing_guards(connection) == []


def test_a_migration_killed_half_way_leaves_the_version_before(engine: Engine, busy: House) -> None:
    """kill -9 of the process, not a mere exception: the database rolls back by itself."""
    before = counts(engine)
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    script = textwrap.dedent(
        """
        import os, sys, time
        from alembic.operations import Operations
        from partner_compliance import schema
        from partner_compliance.database import make_engine

        drop_table, seen = Operations.drop_table, []

        def stopping(self, name, *args, **more):
            drop_table(self, name, *args, **more)
            seen.append(name)
            if len(seen) == 3:
                print("half way", flush=True)
                time.sleep(60)

        Operations.drop_table = stopping
        schema.downgrade(make_engine(os.environ["DATABASE_URL"]), "base")
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "DATABASE_URL": url}, cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert b"half way" in said.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()

    again = make_engine(url)
    try:
        assert _soon(lambda: counts(again) == before)
        assert schema.present(again) == schema.newest()
        with again.connect() as connection:
            assert missing_guards(connection) == []
        schema.downgrade(again, "base")
        schema.upgrade(again)
    finally:
        again.dispose()


def _soon(is_so: Callable[[], bool]) -> bool:
    for _ in range(100):
        try:
            if is_so():
                return True
        except DBAPIError:
            pass  # the server is still cleaning up after the connection that was lost
        stopwatch.sleep(0.1)
    return is_so()


# --- guards (D13) -----------------------------------------------------------------------------------------------


@contextmanager
def as_owner(engine: Engine) -> Any:
    """Someone who owns the database and takes the guards away first."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection


@pytest.mark.parametrize("event", ["update", "delete"])
@pytest.mark.parametrize("table", [guard.table for guard in GUARDS])
def test_the_app_does_not_start_when_a_trigger_was_dropped(
    engine: Engine, make_app: Callable[..., Flask], table: str, event: str
) -> None:
    with engine.connect() as connection:
        assert missing_guards(connection) == []
    on_table = "" if engine.dialect.name == "sqlite" else f" ON {table}"
    with as_owner(engine) as connection:
        connection.execute(text(f"DROP TRIGGER guard_{table}_{event}{on_table}"))
    with pytest.raises(UnguardedDatabase, match=f"guard_{table}_{event} is missing"):
        make_app()


def test_the_app_does_not_start_when_a_trigger_was_made_toothless(
    engine: Engine, make_app: Callable[..., Flask]
) -> None:
    with as_owner(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER guard_sheet_event_update"))
            connection.execute(
                text("CREATE TRIGGER guard_sheet_event_update BEFORE UPDATE ON sheet_event BEGIN SELECT 1; END")
            )
            what = "altered"
        else:
            connection.execute(text("ALTER TABLE sheet_event DISABLE TRIGGER guard_sheet_event_update"))
            what = "disabled"
    with pytest.raises(UnguardedDatabase, match=f"guard_sheet_event_update is {what}"):
        make_app()


def test_the_app_does_not_start_on_an_empty_or_older_database(engine: Engine, make_app: Callable[..., Flask]) -> None:
    schema.downgrade(engine, "base")
    with pytest.raises(UnguardedDatabase):
        make_app()


def test_facts_can_be_neither_replaced_nor_removed(engine: Engine, busy: House) -> None:
    before = counts(engine)
    replace = (
        "INSERT OR REPLACE INTO {0} SELECT * FROM {0} LIMIT 1"
        if engine.dialect.name == "sqlite"
        else "INSERT INTO {0} SELECT * FROM {0} LIMIT 1 ON CONFLICT ({1}) DO UPDATE SET {1} = excluded.{1}, {2}"
    )
    for guard in GUARDS:
        if not before[guard.table]:
            continue
        table = Base.metadata.tables[guard.table]
        fixed = [
            column.name
            for column in table.columns
            if isinstance(column.type, String) and column.name not in (*guard.erasable, *guard.moving)
        ]
        changed = f"{fixed[-1]} = 'x'"
        key = ", ".join(column.name for column in Base.metadata.tables[guard.table].primary_key.columns)
        statement = replace.format(guard.table, key, changed)
        statement = statement.replace(f"SET {key} = excluded.{key}, ", "SET ")
        for attempt in (statement, f"DELETE FROM {guard.table}", f"UPDATE {guard.table} SET {changed}"):
            with pytest.raises(DBAPIError, match="append-only"), as_owner(engine) as connection:
                connection.execute(text(attempt))
    assert counts(engine) == before
    assert all(verdicts(engine))


def test_rows_of_two_tenants_cannot_be_mixed(busy: House, session: Session) -> None:
    """A sheet of one organization cannot name a worker or center of another: the composite foreign keys say so."""
    other = an_organization(session, "別の団体")
    center, worker = a_center(session, other), busy.worker.worker
    foreign = a_worker(session, center)
    session.commit()
    for organization_id, center_id, worker_id in (
        (other.id, center.id, worker.id),
        (other.id, worker.center_id, foreign.id),
        (worker.organization_id, worker.center_id, foreign.id),
        (worker.organization_id, center.id, worker.id),
    ):
        session.add(
            CheckSheet(
                organization_id=organization_id, center_id=center_id, worker_id=worker_id, month="2027-01",
                checklist_key="take-out", edition="2026", opened_at=NOON, due_on=NOON.date(),
                sign_off_due_on=NOON.date(),
            )
        )  # fmt: skip
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
