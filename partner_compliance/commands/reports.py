"""Commands that report: `content check`, `sheets status`, `history verify`."""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.commands.errors import FAILED, Failed, JapaneseGroup, wrong_use
from partner_compliance.commands.shared import database, json_option, organization_named, print_json
from partner_compliance.config import PROJECT
from partner_compliance.database import open_session
from partner_compliance.history.verification import Verdict, verify_all, verify_log
from partner_compliance.library.check import check as check_content
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import centers_of
from partner_compliance.sheets.models import SheetState
from partner_compliance.sheets.queries import MatrixRow, closure_of, matrix

# --- content ----------------------------------------------------------------------------------------------------


@click.group(cls=JapaneseGroup, short_help="チェックシートの内容（YAML）を調べます。")
def content() -> None:
    """チェックシートの内容（YAML）を調べます。"""


@content.command("check", short_help="内容のファイルをすべて調べ、誤りをファイル名と行で示します。")
def content_check() -> None:
    """内容のファイルをすべて調べ、誤りをファイル名と行で示します。"""
    problems = check_content(Path(os.environ.get("CONTENT_DIR") or PROJECT).absolute())
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise Failed(f"{len(problems)}件の誤りがあります。")
    click.echo("内容に誤りはありません。")


# --- sheets -----------------------------------------------------------------------------------------------------


@click.group(cls=JapaneseGroup, short_help="チェックシートの状況を数えます。")
def sheets() -> None:
    """チェックシートの状況を数えます。"""


@sheets.command("status", short_help="ある団体のひと月の状況を、状態ごとに数えます。")
@click.option("--organization", "wanted", required=True, help="団体の名前または ID。")
@click.option("--month", required=True, help="対象の月（例: 2026-11）。")
@json_option
def sheets_status(wanted: str, month: str, as_json: bool) -> None:
    """ある団体のひと月の状況を、状態ごとに数えます。

    割合（on_time_share など）は、対象外を除いた人数に対する 0 から 1 の数です。対象者がいないときは null です。
    """
    if not clock.is_month(month):
        wrong_use("--month は「2026-11」の形で指定してください。")
    with database() as engine, open_session(engine) as session:
        status = status_of(session, organization_named(session, wanted), month)
    if as_json:
        print_json(status)
        return
    click.echo(f"{status['organization']}　{clock.screen_month(month)}分")
    for state in SheetState:
        click.echo(f"  {state.label}: {status[state.value]}")
    click.echo(f"  合計: {status['total']}　期限内の提出: {_percent(status['on_time_share'])}", nl=False)
    click.echo(f"　確認済み: {_percent(status['signed_off_share'])}")
    click.echo(f"  締めた拠点: {status['closed_centers']} / {status['open_centers']}")


def status_of(session: Session, organization: Organization, month: str) -> dict[str, Any]:
    """The counts of an organization's month, from the facts."""
    centers = []
    everyone: list[MatrixRow] = []
    for center in centers_of(session, organization.id):
        rows = matrix(session, center, month)
        if rows:
            everyone += rows
            is_closed = closure_of(session, center, month) is not None
            centers.append({"id": str(center.id), "name": center.name, **_counts(rows), "closed": is_closed})
    return {
        "organization_id": str(organization.id),
        "organization": organization.name,
        "month": month,
        **_counts(everyone),
        "open_centers": len(centers),
        "closed_centers": sum(bool(center["closed"]) for center in centers),
        "centers": centers,
    }


def _counts(rows: list[MatrixRow]) -> dict[str, Any]:
    states = Counter(row.state for row in rows)
    asked = len(rows) - states[SheetState.EXCUSED]
    on_time = sum(
        row.first_submitted_on is not None and row.first_submitted_on <= row.sheet.due_on
        for row in rows
        if row.state is not SheetState.EXCUSED
    )
    return {
        **{state.value: states[state] for state in SheetState},
        "total": len(rows),
        "on_time": on_time,
        "on_time_share": on_time / asked if asked else None,
        "signed_off_share": states[SheetState.SIGNED_OFF] / asked if asked else None,
    }


def _percent(share: float | None) -> str:
    return "－" if share is None else f"{int(share * 100 + 1e-9)}%"


# --- history ----------------------------------------------------------------------------------------------------


@click.group(cls=JapaneseGroup, short_help="追記専用の履歴を確かめます。")
def history() -> None:
    """追記専用の履歴を確かめます。"""


@history.command("verify", short_help="履歴をはじめから計算し直し、最初に合わない記録を示します。")
@click.option("--organization", "wanted", help="この団体（名前または ID）の履歴だけを確かめます。")
@json_option
def history_verify(wanted: str | None, as_json: bool) -> None:
    """履歴をはじめから計算し直し、表の内容とも比べて、最初に合わない記録を示します。"""
    with database() as engine:
        with open_session(engine) as session:
            names: dict[UUID | None, str] = dict(session.execute(select(Organization.id, Organization.name)).all())
            names |= dict(session.execute(select(Municipality.id, Municipality.name)).all())
            log_id = organization_named(session, wanted).id if wanted else None
        with open_session(engine) as session:
            verdicts = (
                [verify_log(session, log_id, LOGGED_CONTENTS)] if log_id else verify_all(session, LOGGED_CONTENTS)
            )
    wrong = [verdict for verdict in verdicts if not verdict.ok]
    if as_json:
        print_json({"ok": not wrong, "logs": [_as_json(verdict, names) for verdict in verdicts]})
    else:
        entries = sum(verdict.size for verdict in verdicts)
        for verdict in wrong:
            click.echo(f"NG {_name(verdict, names)}: {verdict.problems[0].message}")
            if len(verdict.problems) > 1:
                click.echo(f"   ほか{len(verdict.problems) - 1}件")
        click.echo(f"履歴 {len(verdicts)}本、記録 {entries:,}件を確かめました。", nl=False)
        click.echo("合わないものがあります。" if wrong else "合っています。")
    if wrong:
        sys.exit(FAILED)


def _name(verdict: Verdict, names: dict[UUID | None, str]) -> str:
    return names.get(verdict.log_id) or ("運営" if verdict.log_id == UUID(int=0) else str(verdict.log_id))


def _as_json(verdict: Verdict, names: dict[UUID | None, str]) -> dict[str, Any]:
    return {
        "log_id": str(verdict.log_id) if verdict.log_id else None,
        "name": _name(verdict, names),
        "ok": verdict.ok,
        "size": verdict.size,
        "erased": verdict.erased,
        "erased_contents": verdict.erased_contents,
        "unexplained": verdict.unexplained,
        "problems": [
            {"idx": problem.idx, "rule": problem.rule, "message": problem.message} for problem in verdict.problems
        ],
    }
