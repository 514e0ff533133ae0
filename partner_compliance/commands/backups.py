"""The commands `backup` and `restore`."""

from pathlib import Path

import click
from sqlalchemy.engine import URL, make_url

from partner_compliance import clock
from partner_compliance.backup import BackupFailed, RestoreRefused, back_up
from partner_compliance.backup import restore as put_back
from partner_compliance.commands.errors import Failed, JapaneseCommand, wrong_use
from partner_compliance.config import Settings, from_environment

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command(cls=JapaneseCommand, short_help="データベースを1つのファイルに保存します。")
@_FILE
def backup(file: Path) -> None:
    """データベース（SQLite）を、使っているあいだでも、1つのファイルに保存します。

    FILE はまだない名前にします。できたファイルは、データベースと同じように守ってください。
    """
    try:
        made = back_up(_sqlite_file("backup", file), file, now=clock.now())
    except BackupFailed as failure:
        raise Failed(str(failure)) from None
    click.echo(f"保存しました: {file}（{made.rows:,}行、データベースの版 {made.version}）")


@click.command(cls=JapaneseCommand, short_help="保存したファイルから、データベースを元に戻します。")
@_FILE
def restore(file: Path) -> None:
    """backup で保存した FILE から、データベース（SQLite）を元に戻します。サーバーは止めておきます。

    途中で切れたファイル、壊れたファイル、このプログラムより新しい版のファイルは、何も変えずに断ります。
    いまのデータベースは「….before-restore-日時」という名前で隣に残ります。全員がサインインし直すことになります。
    """
    try:
        done = put_back(file, _sqlite_file("restore", file), now=clock.now())
    except RestoreRefused as refused:
        raise Failed(str(refused)) from None
    click.echo(f"{clock.screen_moment(done.backup.made_at)}の状態に戻しました（{done.backup.rows:,}行）。")
    if done.former is not None:
        click.echo(f"元のデータベース: {done.former}")
    if done.lost_entries:
        click.echo(
            f"注意: 元のデータベースにあった履歴のうち {done.lost_entries:,}件は、このバックアップより後のものです。"
            "関係者に知らせてください。"
        )
    click.echo("「partner-compliance history verify」で、履歴の全体を確かめてください。")


def _sqlite_file(command: str, file: Path) -> Path:
    settings = from_environment()
    if settings.sqlite_file is None:
        wrong_use(_for_postgresql(command, file, settings))
    return settings.sqlite_file


def _for_postgresql(command: str, file: Path, settings: Settings) -> str:
    full = make_url(settings.database_url)
    url = URL.create(
        "postgresql", full.username, None, full.host, full.port, full.database, full.query
    ).render_as_string()
    tool = (
        f"pg_dump --format=custom --file='{file}' '{url}'"
        if command == "backup"
        else f"pg_restore --clean --if-exists --exit-on-error --single-transaction --dbname='{url}' '{file}'"
    )
    return (
        f"データベースが PostgreSQL のため、{command} は使えません。PostgreSQL の道具を使ってください:\n  {tool}\n"
        "パスワードは PGPASSWORD か ~/.pgpass で渡します。復元の後は「partner-compliance doctor」と"
        "「partner-compliance history verify」で確かめてください。"
    )
