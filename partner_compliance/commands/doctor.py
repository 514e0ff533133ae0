"""The command `doctor`: everything that can be wrong with an installation, looked at in one go."""

import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from partner_compliance.accounts.delivery import failing
from partner_compliance.commands.errors import FAILED, JapaneseCommand
from partner_compliance.commands.shared import json_option, print_json, version_problem
from partner_compliance.config import Settings, UnsafeSettings, from_environment, problems
from partner_compliance.database import make_engine, open_session
from partner_compliance.documents.glyphs import missing_fonts
from partner_compliance.history.guards import missing_guards
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.library.check import check as check_content
from partner_compliance.models import ALL_MODELS
from partner_compliance.receipts.models import Receipt, ReceiptLine
from partner_compliance.receipts.operations import facts_of_line as facts_of_thing
from partner_compliance.receipts.queries import events_of
from partner_compliance.sheets.models import MonthTally
from partner_compliance.sheets.queries import tally_counts
from partner_compliance.takeouts.models import LedgerLine, TakeOut
from partner_compliance.takeouts.operations import facts_of_line as facts_of_take_out
from partner_compliance.takeouts.queries import stories_of

#: With less than this free, the next backup or a busy month may fill the disk.
_LEAST_FREE = 200 * 1024 * 1024

assert ALL_MODELS  # noqa: S101 - imported so that every guarded table is known


@dataclass(frozen=True)
class Finding:
    """What one look came to: `ok`, or why not."""

    key: str
    title: str
    ok: bool
    problems: list[str]


@click.command(cls=JapaneseCommand, short_help="設定とデータの状態を調べ、問題を示します。")
@json_option
def doctor(as_json: bool) -> None:
    """設定とデータの状態を調べ、問題を示します。何も変えません。

    安全でない設定、追記専用の守り、データベースの版、書体、内容、ファイルの権限、数え直しとの違い、送れないメールなど。
    """
    findings = list(examine())
    is_well = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": is_well, "checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(f"{'OK' if finding.ok else 'NG'}  {finding.title}")
            for problem in finding.problems:
                click.echo(f"      {problem}")
    if not is_well:
        sys.exit(FAILED)


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after the other."""
    try:
        settings = from_environment()
    except UnsafeSettings as unsafe:
        yield Finding("settings", "設定", False, str(unsafe).splitlines())
        return
    yield _finding("settings", "設定", lambda: problems(settings))
    yield _finding("content", "チェックシートの内容", lambda: map(str, check_content(settings.content_folder)))
    yield _finding("fonts", "帳票の書体", lambda: (f"書体のファイルがありません: {font}" for font in missing_fonts()))
    yield _finding("files", "ファイルの権限", lambda: _readable_by_others(settings))
    yield _finding("disk", "空き容量", lambda: _little_space(settings))
    yield from _of_database(settings)


def _finding(key: str, title: str, look: Callable[[], object]) -> Finding:
    try:
        found = [str(problem) for problem in look()]  # type: ignore[attr-defined]
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        found = [f"調べられませんでした（{type(error).__name__}: {str(error).splitlines()[0]}）。"]
    return Finding(key, title, not found, found)


def _of_database(settings: Settings) -> Iterator[Finding]:
    try:
        file = settings.sqlite_file
        if file is not None and not file.exists():
            missing = f"ファイルがありません: {file}（partner-compliance migrate で作れます）"
            yield Finding("database", "データベース", False, [missing])
            return
        engine = make_engine(settings.database_url)
    except (SQLAlchemyError, ValueError, ImportError):
        yield Finding("database", "データベース", False, ["DATABASE_URL を読み取れません。"])
        return
    try:
        reachable = _finding("database", "データベース", lambda: _unsound(engine, settings))
        yield reachable
        if not reachable.ok:
            return
        version = _finding("migrations", "データベースの版", lambda: filter(None, [version_problem(engine)]))
        yield version
        yield _finding("guards", "追記専用の守り", lambda: _missing_guards(engine))
        if version.ok:
            yield _finding("history", "履歴の件数", lambda: _wrong_sizes(engine))
            yield _finding("tallies", "月ごとの集計", lambda: _wrong_tallies(engine))
            yield _finding("ledgers", "台帳と授受簿の状態", lambda: _wrong_lines(engine))
            yield _finding("mails", "メールの送信", lambda: _failing_mails(engine))
    finally:
        engine.dispose()


def _unsound(engine: Engine, settings: Settings) -> Iterator[str]:
    with engine.connect() as connection:
        connection.execute(select(1))
    if settings.sqlite_file is not None:
        with closing(sqlite3.connect(f"{settings.sqlite_file.absolute().as_uri()}?mode=ro", uri=True)) as plain:
            for (found,) in plain.execute("PRAGMA quick_check(5)"):
                if found != "ok":
                    yield f"ファイルが壊れています: {found}"


def _missing_guards(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return missing_guards(connection)


def _wrong_sizes(engine: Engine) -> Iterator[str]:
    held = select(LogLeaf.log_id, func.count().label("count")).group_by(LogLeaf.log_id).subquery()
    query = (
        select(LogState.log_id, LogState.size, func.coalesce(held.c.count, 0))
        .outerjoin(held, held.c.log_id == LogState.log_id)
        .where(LogState.size != func.coalesce(held.c.count, 0))
    )
    with open_session(engine) as session:
        for log_id, size, count in session.execute(query):
            yield f"履歴 {log_id} は {size}件のはずが {count}件です（history verify で調べられます）。"


def _wrong_tallies(engine: Engine) -> Iterator[str]:
    with open_session(engine) as session:
        for tally in session.scalars(select(MonthTally)).all():
            counted = session.execute(tally_counts(tally.organization_id, tally.center_id, tally.month)).one()._asdict()
            wrong = [name for name, value in counted.items() if getattr(tally, name) != value]
            if wrong:
                place = f"団体 {tally.organization_id} 拠点 {tally.center_id} {tally.month}"
                yield f"{place} の集計が、数え直した値と違います: {'、'.join(wrong)}"


#: So many rows are compared at once.
_AT_ONCE = 500


def _wrong_lines(engine: Engine) -> Iterator[str]:
    """Lines of the ledgers that do not say what their rows and events say."""
    with open_session(engine) as session:
        for organization_id in session.scalars(select(TakeOut.organization_id).distinct()).all():
            ids = session.scalars(select(TakeOut.id).where(TakeOut.organization_id == organization_id)).all()
            for first in range(0, len(ids), _AT_ONCE):
                chunk = ids[first : first + _AT_ONCE]
                rows = session.scalars(
                    select(TakeOut).where(TakeOut.organization_id == organization_id, TakeOut.id.in_(chunk))
                ).all()
                for story in stories_of(session, rows):
                    line = session.get(LedgerLine, (organization_id, story.take_out.id))
                    facts = facts_of_take_out(story.take_out, story.standing)
                    if line is None or any(getattr(line, name) != value for name, value in facts.items()):
                        yield f"団体 {organization_id} の持ち出し {story.take_out.id} の状態が、記録と違います。"
                session.expunge_all()
        for receipt in session.scalars(select(Receipt)).all():
            events = events_of(session, receipt)
            for item in receipt.items:
                kept = session.get(ReceiptLine, (receipt.organization_id, receipt.id, item.position))
                facts = facts_of_thing(receipt, item, events)
                if kept is None or any(getattr(kept, name) != value for name, value in facts.items()):
                    yield f"団体 {receipt.organization_id} の授受 {receipt.id} の状態が、記録と違います。"


def _failing_mails(engine: Engine) -> Iterator[str]:
    if count := failing(engine):
        yield f"送れていないメールが{count}通あります。SMTP_URL とメールサーバーを確認してください。"


# --- files ------------------------------------------------------------------------------------------------------


def _readable_by_others(settings: Settings) -> Iterator[str]:
    """Files of ours that other users of the machine can read; the key must not even be readable by the group."""
    file = settings.sqlite_file
    for path, forbidden in (
        *(((file.with_name(file.name + side), 0o007) for side in ("", "-wal", "-shm")) if file else ()),
        (settings.data_folder / "secret.key", 0o077),
        (settings.data_folder / "outbox", 0o007),
    ):
        if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & forbidden:
            safe = "700" if path.is_dir() else "600"
            yield f"ほかの利用者も読める状態です（{mode:04o}）: {path}（chmod {safe} で直せます）"


def _little_space(settings: Settings) -> Iterator[str]:
    folder: Path = settings.data_folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        yield f"空きが {free // 1024**2}MB しかありません: {folder}"
