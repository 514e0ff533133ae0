"""Commands about credentials: `credential verify` for whoever was given one, `credential new-key` for the operator."""

from pathlib import Path
from typing import Any

import click

from partner_compliance import clock
from partner_compliance.acts import Actor
from partner_compliance.commands.errors import Failed, JapaneseGroup
from partner_compliance.commands.shared import database, json_option, print_json
from partner_compliance.config import from_environment, refuse_unsafe
from partner_compliance.database import writing
from partner_compliance.history.operations import write_acts
from partner_compliance.publications import keys as signing_keys
from partner_compliance.publications.signing import Unreadable, read_json
from partner_compliance.publications.verification import Status, Verdict, verify

#: Larger than any credential, list or set of keys of ours; the list has a line for each credential taken back.
_LARGEST = 4 * 1024 * 1024
_file = click.Path(path_type=Path)


@click.group(cls=JapaneseGroup, short_help="証明ファイルを確かめます。")
def credential() -> None:
    """段階の証明ファイル（Open Badges 3.0）を確かめます。署名する鍵を新しくすることもできます。"""


@credential.command("verify", short_help="証明ファイルが、書き換えられていないかを確かめます。")
@click.argument("file", metavar="FILE", type=_file)
@click.option("--keys", "keys_file", metavar="FILE", type=_file, required=True,
              help="公開鍵のファイル（公開アドレスの /published/keys.json を保存したもの）。")  # fmt: skip
@click.option("--revocations", "list_file", metavar="FILE", type=_file,
              help="取り消しの一覧のファイル。あれば、取り消されていないかも確かめます。")  # fmt: skip
@json_option
def verify_file(file: Path, keys_file: Path, list_file: Path | None, as_json: bool) -> None:
    """証明ファイルが、書き換えられていないかを確かめます。

    インターネットにもデータベースにもつながずに確かめます。公開鍵のファイルは、発行した情報管理パートナーの
    公開アドレスから、あらかじめ保存しておいてください。取り消されたかどうかは、取り消しの一覧がないと分かりません。

    終了コード: 0 書き換えられていない、1 書き換えられている・取り消されている・確かめられない。
    """
    found = verify(
        _read(file), _read(keys_file), now=clock.now(), revocations=_read(list_file) if list_file else None
    )  # fmt: skip
    if as_json:
        print_json(
            {
                "verdict": found.verdict.value,
                "status": found.status.value,
                "name": found.name,
                "organization": found.organization,
                "status_address": found.status_address,
                "listed_at": found.listed_at,
            }
        )
    else:
        click.echo(found.verdict.label)
        if found.verdict in (Verdict.VALID, Verdict.NOT_YET_VALID):
            click.echo(f"  団体: {found.organization}")
            click.echo(f"  内容: {found.name}")
            click.echo(f"{found.status.label}{f'（一覧の日時 {found.listed_at}）' if found.listed_at else ''}")
            if found.status is Status.UNKNOWN and found.status_address:
                click.echo(f"  取り消しの一覧: {found.status_address}")
    if found.verdict is not Verdict.VALID or found.status is Status.REVOKED:
        raise SystemExit(1)


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _LARGEST:
            raise Failed(f"ファイルが大きすぎます: {file}")
        return read_json(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise Failed(f"ファイルがないか、読めません。場所と名前を確かめてください: {file}") from None
    except (Unreadable, UnicodeDecodeError):
        raise Failed(f"JSON のファイルとして読み取れません。壊れているか、別のファイルです: {file}") from None


@credential.command("new-key", short_help="証明ファイルに署名する鍵を、新しくします。")
@click.option(
    "--withdraw-earlier",
    is_flag=True,
    help="これまでの鍵を取り下げます（ほかの人に知られたおそれがあるとき）。"
    "これまでの証明ファイルは、確かめられなくなります。",
)
def new_key(withdraw_earlier: bool) -> None:
    """証明ファイルに署名する鍵を、新しくします。

    これまでの証明ファイルは、そのまま確かめられます（--withdraw-earlier を付けたときを除く）。
    公開鍵を保存している相手には、新しい /published/keys.json を保存し直すよう伝えてください。
    """
    settings = from_environment()
    refuse_unsafe(settings)
    by = Actor(None, "運営（コマンド）", "operator")
    with database(settings) as engine, writing(engine, write_acts=write_acts) as session:
        key = signing_keys.make_key(
            session, signing_keys.vault_of(settings.secret_key), withdraw_earlier=withdraw_earlier, by=by,
            now=clock.now(),
        )  # fmt: skip
        public = key.public_key
    click.echo(f"新しい鍵を作りました: {public}")
    if withdraw_earlier:
        click.echo("これまでの鍵を取り下げました。団体には、証明ファイルを作り直すよう伝えてください。")
