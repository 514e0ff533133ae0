"""Backup and restore: there and back again, and nothing changed when the file is not what it should be."""

import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from sqlalchemy import select

from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import SignIn, User
from partner_compliance.commands import backups
from partner_compliance.config import Settings
from partner_compliance.database import make_engine, open_session
from partner_compliance.history.models import LogLeaf
from tests import factories as make
from tests.conftest import NOON


@pytest.fixture
def people(engine, session):
    """Someone on a roster; all connections are let go."""
    center = make.a_center(session, make.an_organization(session))
    make.an_operator(session)
    user, _ = make.someone(session, center, name="髙橋 花子")
    session.commit()
    accounts.start_sign_in(session, user, strength="password", now=NOON)
    session.commit()
    session.close()
    engine.dispose()


@pytest.fixture
def made(run, people, tmp_path):
    """A backup of the test's database."""
    file = tmp_path / "made.backup"
    run("backup", str(file))
    return file


def names(database_file) -> list[str]:
    with closing(sqlite3.connect(database_file)) as connection:
        return sorted(name for (name,) in connection.execute("SELECT name FROM user_account"))


def change(database_file) -> None:
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("UPDATE user_account SET name = '別人'")
        connection.commit()


def test_there_and_back_again(run, made, database_file):
    before = names(database_file)
    change(database_file)

    said = run("restore", str(made)).output

    assert names(database_file) == before
    (former,) = database_file.parent.glob("*.before-restore-*")
    assert str(former) in said
    assert set(names(former)) == {"別人"}
    run("history", "verify")
    run("doctor")
    assert {oct(file.stat().st_mode & 0o777) for file in (made, database_file, former)} == {"0o600"}


def test_a_restore_is_told_in_the_history_and_ends_every_sign_in(run, made, database_file):
    run("restore", str(made))

    engine = make_engine(f"sqlite:///{database_file}")
    with open_session(engine) as session:
        assert session.scalars(select(LogLeaf.act).order_by(LogLeaf.at.desc())).first() == "database.restored"
        assert session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all() == []
        assert session.scalars(select(User.name).where(User.name == "髙橋 花子")).one()
    engine.dispose()


def test_a_restore_where_there_was_nothing(run, made, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere' / 'new.sqlite3'}")

    run("restore", str(made))

    assert "髙橋 花子" in names(tmp_path / "elsewhere" / "new.sqlite3")


def test_a_restore_says_how_much_history_is_lost(run, made, database_file):
    engine = make_engine(f"sqlite:///{database_file}")
    from partner_compliance.history.operations import write_acts

    with open_session(engine, write_acts=write_acts) as session:
        user = session.scalars(select(User).where(User.name == "髙橋 花子")).one()
        accounts.start_sign_in(session, user, strength="password", now=NOON)
        session.commit()
    engine.dispose()

    assert "1件は、このバックアップより後" in run("restore", str(made)).output


def test_a_broken_database_can_be_replaced(run, made, database_file):
    database_file.write_bytes(b"broken" * 1000)

    run("restore", str(made))

    assert "髙橋 花子" in names(database_file)


def truncated(file):
    file.write_bytes(file.read_bytes()[:-100])


def cut_in_half(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file):
    file.write_bytes(b"")


def foreign(file):
    file.write_text("not a backup")


def damaged(file):
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 2, len(content) // 2 + 50):
        content[place] ^= 0xFF
    file.write_bytes(content)


def another_zip(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../x", "x")


def repacked(file, **changed):
    """The same backup with other facts in its manifest."""
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json")) | changed
        database = archive.read("database.sqlite3")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("database.sqlite3", database)


def newer(file):
    repacked(file, version="9999")


def of_another_format(file):
    repacked(file, format="something else")


def with_another_digest(file):
    repacked(file, sha256="0" * 64)


def with_other_counts(file):
    repacked(file, rows={"user_account": 99})


def with_a_huge_size(file):
    repacked(file, size=2**40)


@pytest.mark.parametrize(
    "spoil",
    [
        truncated, cut_in_half, empty, foreign, damaged, another_zip, newer, of_another_format, with_another_digest,
        with_other_counts, with_a_huge_size,
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_sound_backup_changes_nothing(run, made, database_file, spoil):
    spoil(made)
    before = database_file.read_bytes()

    said = run("restore", str(made), expect=1).stderr

    assert "何も変更していません" in said
    assert database_file.read_bytes() == before
    assert not list(database_file.parent.glob("*before-restore*"))
    assert not list(database_file.parent.glob(".restore-*"))


def test_a_backup_without_guards_is_refused(run, people, database_file, tmp_path):
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("DROP TRIGGER guard_log_leaf_update")
    run("backup", str(tmp_path / "unguarded.backup"))

    assert "guard_log_leaf_update" in run("restore", str(tmp_path / "unguarded.backup"), expect=1).stderr


def test_a_database_in_use_is_not_replaced(run, made, database_file, engine):
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM user_account")
        said = run("restore", str(made), expect=1).stderr

    assert "サーバーを止めて" in said
    assert not list(database_file.parent.glob("*before-restore*"))


def test_a_database_being_served_is_not_replaced(run, made, database_file):
    from partner_compliance.locks import serving

    lock = serving(database_file)
    assert lock.acquire(shared=True)
    try:
        assert "サーバーを止めて" in run("restore", str(made), expect=1).stderr
    finally:
        lock.release()


def test_a_backup_never_overwrites(run, made, people):
    before = made.read_bytes()

    assert "すでにあります" in run("backup", str(made), expect=1).stderr
    assert made.read_bytes() == before


def test_a_backup_while_others_write(run, engine, people, tmp_path):
    with engine.connect().execution_options(writes=True) as connection:
        connection.exec_driver_sql("UPDATE user_account SET name = '途中'")
        run("backup", str(tmp_path / "busy.backup"))
        connection.rollback()

    with zipfile.ZipFile(tmp_path / "busy.backup") as archive:
        (tmp_path / "unpacked.sqlite3").write_bytes(archive.read("database.sqlite3"))
    assert "途中" not in names(tmp_path / "unpacked.sqlite3")


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump "), ("restore", "pg_restore ")])
def test_postgresql_has_its_own_tools(run, monkeypatch, command, tool):
    settings = Settings(database_url="postgresql+psycopg://app:secret@db.example/kids", secret_key="x")
    monkeypatch.setattr(backups, "from_environment", lambda: settings)

    said = run(command, "some.file", expect=2).stderr

    assert tool in said
    assert "postgresql://app@db.example/kids" in said
    assert "secret@" not in said
