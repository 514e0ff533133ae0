"""The operator's commands: what they do, what they refuse, and how they say so."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from partner_compliance import schema
from partner_compliance.accounts.models import OperatorRole, User
from partner_compliance.accounts.operations import write_mail
from partner_compliance.accounts.passwords import is_right
from partner_compliance.accounts.queries import has_factor
from partner_compliance.commands import _COMMANDS
from partner_compliance.history.models import LogLeaf
from partner_compliance.takeouts import operations as take_outs
from tests import factories as make
from tests.conftest import NOON
from tests.taken_out import some_facts

PASSWORD = "a long enough password for an operator"


# --- how they speak ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        [],
        *([name] for name in _COMMANDS),
        ["content", "check"],
        ["sheets", "status"],
        ["readiness", "show"],
        ["readiness", "all"],
        ["readiness", "explain"],
        ["gate", "check"],
        ["credential", "verify"],
        ["credential", "new-key"],
        ["history", "verify"],
        ["second-factor", "reset"],
    ],
    ids=" ".join,
)
def test_every_command_explains_itself_in_japanese(run, command):
    said = run(*command, "--help").output

    assert said.startswith("使い方: ")
    assert "終了コード" in said
    for english in ("Show this message", "Options:", "Commands:", "Usage:"):
        assert english not in said


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["nothing"], "そのようなコマンドはありません"),
        (["demo", "--size", "huge"], "small, medium, large のどれか"),
        (["demo", "--nothing"], "というオプションはありません"),
        (["sheets", "status", "--month", "2026-10"], "--organization"),
        (["sheets", "status", "--organization", "x", "--month", "2026-13"], "2026-11"),
        (["backup"], "FILE"),
        (["credential", "verify", "nowhere.json"], "--keys"),
    ],
)
def test_wrong_use_ends_with_two(run, command, said):
    assert said in run(*command, expect=2).stderr


def test_unsafe_settings_are_refused_with_every_reason(run, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DEBUG", "1")
    monkeypatch.setenv("BASE_URL", "http://kids.example.jp")

    said = run("serve", expect=1).stderr

    for reason in ("SECRET_KEY", "DEBUG", "http://"):
        assert reason in said


def test_serve_refuses_to_listen_beyond_this_machine_without_tls(run):
    assert "--host 0.0.0.0" in run("serve", "--host", "0.0.0.0", expect=1).stderr


def test_a_database_of_another_version_is_not_touched(run, engine):
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for command in (["tick"], ["migrate"], ["history", "verify"]):
        assert "新しい版" in run(*command, expect=1).stderr
    run("serve", "--migrate", "--port", "1025", expect=1)


# --- init, migrate, demo ----------------------------------------------------------------------------------------


def test_init_makes_the_first_operator_once(run, session):
    arguments = ("init", "--name", "運営 花子", "--login-name", "hanako", "--email", "hanako@example.jp")

    said = run(*arguments, typed=f"{PASSWORD}\n").output
    assert "運営 花子" in said
    assert "2段階目の確認" in said
    assert "すでに登録" in run(*arguments, typed=f"{PASSWORD}\n", expect=1).stderr

    user = session.scalars(select(User)).one()
    assert is_right(user.password_hash, PASSWORD)
    assert session.scalars(select(OperatorRole.user_id)).one() == user.id
    assert session.scalars(select(LogLeaf.act)).all() == ["operator.created"]


def test_init_refuses_a_weak_password_and_leaves_nothing(run, session):
    said = run("init", "--name", "運営 花子", "--login-name", "hanako", typed="short\n", expect=1).stderr

    assert "15文字以上" in said
    assert session.scalars(select(User)).all() == []


def test_init_makes_the_database_too(run, environment, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'fresh.sqlite3'}")

    run("init", "--name", "運営 花子", "--login-name", "hanako", typed=f"{PASSWORD}\n")

    run("doctor")
    assert (tmp_path / "new" / "fresh.sqlite3").stat().st_mode & 0o077 == 0


def test_an_operator_without_mail_gets_a_link_that_works_once(run, app, session):
    run("init", "--name", "運営 花子", "--login-name", "unei", typed="とても長いパスワードを決めました\n")

    link = run("password-link", "unei").output.splitlines()[-1]

    page = app.test_client().get(link.removeprefix("http://127.0.0.1:8000"))
    assert (page.status_code, "unei" in page.text) == (200, True)
    assert "account.reset_issued" in session.scalars(select(LogLeaf.act)).all()
    assert "ありません" in run("password-link", "nobody", expect=1).stderr


def test_an_operator_who_lost_the_phone_gets_in_again(run, session):
    user = make.an_operator(session)
    user.login_name, user.login_key = "unei", "unei"
    make.an_authenticator(session, user)
    session.commit()

    assert "リセットしました" in run("second-factor", "reset", "UNEI").output

    session.rollback()
    assert not has_factor(session, user.id)
    assert "account.factors_reset" in session.scalars(select(LogLeaf.act)).all()
    assert "登録していません" in run("second-factor", "reset", "unei", expect=1).stderr
    assert "ありません" in run("second-factor", "reset", "nobody", expect=1).stderr
    user.password_needs_factor = True
    make.a_passkey(session, user)
    session.commit()
    assert "password-link unei" in run("second-factor", "reset", "unei").output


def test_migrate_says_what_it_did(run, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'fresh.sqlite3'}")

    assert schema.newest() in run("migrate").output
    assert "最新" in run("migrate").output


def test_demo_goes_into_an_empty_database_once(run, run_json):
    assert "shiomi" in run("demo", "--size", "small").output
    assert "空のデータベース" in run("demo", "--size", "small", expect=1).stderr

    assert run_json("history", "verify")["ok"]
    status = run_json("sheets", "status", "--organization", "NPO法人 しおみ子どもネット", "--month", "2026-08")
    assert status["total"] == sum(
        status[state] for state in ("not_begun", "draft", "submitted", "returned", "signed_off", "excused")
    )
    assert len(status["centers"]) == 3
    assert run_json("doctor")["ok"]


def test_demo_is_for_this_machine_only(run, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a key that only this test has, long enough")
    monkeypatch.setenv("BASE_URL", "https://kids.example.jp")
    monkeypatch.setenv("TRUSTED_PROXIES", "1")

    assert "この機器だけ" in run("demo", expect=1).stderr


# --- reports ----------------------------------------------------------------------------------------------------


def test_content_check(run, tmp_path, monkeypatch):
    run("content", "check")

    monkeypatch.setenv("CONTENT_DIR", str(tmp_path))
    assert "checklists:1:" in run("content", "check", expect=1).output


@pytest.fixture
def october(session, library):
    """An organization of two, one of whom has submitted in time."""
    from partner_compliance.sheets import operations
    from partner_compliance.sheets.models import CheckSheet

    center = make.a_center(session, make.an_organization(session, first_month="2026-10"))
    user, worker = make.someone(session, center)
    make.a_worker(session, center, "佐藤 太郎")
    session.commit()
    opened = NOON.replace(month=10, day=26)
    operations.open_months(session, library, now=opened)
    sheet = session.scalars(select(CheckSheet).where(CheckSheet.worker_id == worker.id)).one()
    checklist = library.edition_for("take-out", "2026-10")
    by = make.principal_of(session, user)
    operations.submit(session, sheet, checklist, make.all_fine(checklist), by=by, now=opened)
    session.commit()
    return center


@pytest.mark.both_engines
def test_sheets_status_counts_from_the_facts(run_json, october):
    status = run_json("sheets", "status", "--organization", str(october.organization_id), "--month", "2026-10")

    states = ("not_begun", "draft", "submitted", "returned", "signed_off", "excused")
    assert [status[state] for state in states] == [1, 0, 1, 0, 0, 0]
    assert (status["total"], status["on_time"], status["on_time_share"], status["signed_off_share"]) == (2, 1, 0.5, 0.0)
    assert (status["open_centers"], status["closed_centers"]) == (1, 0)


def test_sheets_status_of_a_month_without_sheets_divides_by_nothing(run_json, run, october):
    status = run_json("sheets", "status", "--organization", "NPO法人 はまかぜ", "--month", "2026-11")

    assert (status["total"], status["on_time_share"]) == (0, None)
    run("sheets", "status", "--organization", "NPO法人 はまかぜ", "--month", "2026-11")
    assert (
        "登録されていません"
        in run("sheets", "status", "--organization", "だれか", "--month", "2026-11", expect=1).stderr
    )


@pytest.mark.both_engines
def test_history_verify_names_the_first_wrong_entry(run, run_json, engine, october):
    assert "合っています" in run("history", "verify").output

    trigger = "guard_sheet_version_update"
    with engine.begin() as connection:
        on = " ON sheet_version" if engine.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER {trigger}{on}"))
        connection.execute(text("UPDATE sheet_version SET no_take_out = NOT no_take_out"))

    verdict = run_json("history", "verify", "--organization", str(october.organization_id), expect=1)
    assert verdict["logs"][0]["problems"][0]["rule"] == "content"
    assert "NG NPO法人 はまかぜ" in run("history", "verify", expect=1).output


def test_tick_twice_has_one_effect(run, run_json, session, time):
    make.a_worker(session, make.a_center(session, make.an_organization(session, first_month="2026-10")))
    session.commit()

    assert run_json("tick") == {
        "opened": 1,
        "mails_sent": 0,
        "mails_failed": 0,
        "binders": 0,
        "imports": 0,
        "closed": 0,
        "standings": 0,
        "days": 0,
        "skipped": False,
    }
    assert run_json("tick")["opened"] == 0
    assert "0枚" in run("tick").output


# --- doctor -----------------------------------------------------------------------------------------------------


def wrong(run_json) -> dict[str, list[str]]:
    found = run_json("doctor", expect=1)
    return {check["key"]: check["problems"] for check in found["checks"] if not check["ok"]}


def test_a_sound_installation_has_no_findings(run, run_json, october):
    assert run_json("doctor")["ok"]
    assert "NG" not in run("doctor").output


def test_doctor_finds_a_dropped_guard(run_json, engine):
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER guard_sheet_event_delete"))

    assert wrong(run_json) == {"guards": ["guard_sheet_event_delete is missing"]}


def test_doctor_finds_files_that_others_can_read(run_json, database_file, environment):
    run_json("doctor")
    database_file.chmod(0o644)
    (environment / "secret.key").chmod(0o640)

    found = wrong(run_json)
    assert set(found) == {"settings", "files"}
    assert len(found["files"]) == 2


def test_doctor_finds_pending_migrations(run_json, engine):
    schema.downgrade(engine, "base")

    assert "migrations" in wrong(run_json)


def test_doctor_finds_wrong_tallies_and_failing_mails(run_json, engine, session, october):
    write_mail(session, to="a@example.jp", subject="お知らせ", body="本文", now=NOON)
    session.commit()
    with engine.begin() as connection:
        connection.execute(text("UPDATE month_tally SET on_time = 7"))
        connection.execute(text("UPDATE outgoing_mail SET failure = 'refused'"))

    found = wrong(run_json)
    assert set(found) == {"tallies", "mails"}
    assert "on_time" in found["tallies"][0]


def test_doctor_finds_lines_that_do_not_say_what_their_rows_say(run_json, engine, session, october):
    user, worker = make.someone(session, make.a_center(session, make.an_organization(session)))
    by = make.principal_of(session, user)
    row = take_outs.ask(session, worker, some_facts(NOON + timedelta(hours=1)), by=by, now=NOON, request_key=uuid4())
    session.commit()
    assert run_json("doctor")["ok"]
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_line SET state = 'returned'"))

    assert wrong(run_json) == {
        "ledgers": [f"団体 {row.organization_id} の持ち出し {row.id} の状態が、記録と違います。"]
    }


def test_doctor_finds_a_damaged_file(run_json, engine, database_file, october):
    engine.dispose()
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(database_file.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"x" * 4096 * 3
    database_file.write_bytes(content)

    assert "database" in wrong(run_json)


def test_doctor_speaks_also_when_nothing_is_there(run, run_json, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.sqlite3'}")
    assert set(wrong(run_json)) == {"database"}

    monkeypatch.setenv("DATABASE_URL", "nonsense")
    assert {"settings", "database"} <= set(wrong(run_json))
    assert "DATABASE_URL" in run("tick", expect=1).stderr


# --- levels -----------------------------------------------------------------------------------------------------


def test_levels_are_shown_of_one_organization_and_of_all_alike(run, run_json):
    run("migrate")
    run("demo")

    one = run_json("readiness", "show", "NPO法人 しおみ子どもネット")
    every = json.loads(run("readiness", "all", "--format", "json").stdout)
    [same] = [each for each in every if each["organization"] == one["organization"]]
    forecast = one.pop("forecast")

    assert one == same
    assert one["level"] == 1
    assert forecast["level"] == 0
    assert {each["id"] for each in one["criteria"]} >= {"1a", "2b", "5g"}
    table = list(csv.reader(io.StringIO(run("readiness", "all").stdout.removeprefix("\ufeff"))))
    assert [row[1] for row in table[1:]] == [each["organization"] for each in every]
    assert [row[3] for row in table[1:]] == [str(each["level"]) for each in every]
    said = run("readiness", "show", "NPO法人 しおみ子どもネット").output
    assert "段階1 体制登録" in said
    assert "このままだと、" in said
    assert "有効な誓約がない従事者が" in said
    before = run_json("readiness", "show", "NPO法人 しおみ子どもネット", "--as-of", "2020-01-01")
    assert (before["level"], before["forecast"]) == (0, None)


def test_the_gate_is_asked_on_the_command_line(run, run_json):
    run("migrate")
    run("demo")
    asked = ("gate", "check", "--municipality", "992011", "--organization", "NPO法人 しおみ子どもネット")
    with_all = (*asked, "--class", "D4", "--mode", "paper", "--purpose", "PU1")

    found = run_json(*with_all)

    assert (found["verdict"], found["mode"], found["level"]) == ("closed", "paper_kept", 1)
    assert found["required"]["level"] == 3
    assert {each["subject"] for each in found["reasons"] if each["blocks"]} >= {"level", "criterion"}
    said = run(*with_all).output
    assert "共有できない" in said
    assert "こうすると変わります" in said
    assert run_json(*asked, "--class", "D0", "--mode", "oral", "--purpose", "PU1")["verdict"] == "open"
    assert run_json(*asked, "--class", "D4", "--mode", "file", "--purpose", "PU6")["verdict"] == "emergency"
    assert "D0 から D9" in run(*asked, "--class", "D10", "--mode", "oral", "--purpose", "PU1", expect=2).stderr
    assert "渡し方「fax」" in run(*asked, "--class", "D3", "--mode", "fax", "--purpose", "PU1", expect=2).stderr
    assert "目的「PU0」" in run(*asked, "--class", "D3", "--mode", "oral", "--purpose", "PU0", expect=2).stderr
    other = ("gate", "check", "--municipality", "000000", *with_all[4:])
    assert "登録されていません" in run(*other, expect=1).stderr


def test_a_criterion_is_explained_and_nonsense_is_refused(run, run_json):
    run("migrate")

    assert "95パーセント以上" in run("readiness", "explain", "2d").output
    assert "まだ記録のしくみがない" in run("readiness", "explain", "5b").output
    assert run_json("readiness", "explain", "2b")["tests"][0]["measure"] == "workers_pledged"
    assert "あるのは: 1a" in run("readiness", "explain", "9z", expect=1).stderr
    assert "登録されていません" in run("readiness", "show", "どこにもない団体", expect=1).stderr
    assert "2026-04-01" in run("readiness", "show", "x", "--as-of", "昨日", expect=2).stderr
    assert "先の日付" in run("readiness", "all", "--as-of", "2999-01-01", expect=2).stderr
