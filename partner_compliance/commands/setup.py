"""Commands that set the product up: `init`, `migrate`, `demo`."""

import sys

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partner_compliance import clock, schema
from partner_compliance.accounts import factors
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import OperatorRole, User
from partner_compliance.accounts.operations import WeakPassword
from partner_compliance.accounts.queries import demo_users, user_by_name
from partner_compliance.acts import PLATFORM_LOG, Actor
from partner_compliance.commands.errors import Failed, JapaneseCommand, JapaneseGroup
from partner_compliance.commands.shared import database
from partner_compliance.config import Settings, from_environment, refuse_unsafe
from partner_compliance.database import open_session, writing
from partner_compliance.demo import DatabaseNotEmpty, Size, is_empty, load_demo
from partner_compliance.demo.cast import PASSWORD
from partner_compliance.history.models import LogState
from partner_compliance.history.operations import open_log, write_acts
from partner_compliance.library.shelf import read_library

_BY_COMMAND = Actor(None, "運営（コマンド）", "operator")


@click.command(cls=JapaneseCommand, short_help="最初の運営者を登録します。")
@click.option("--name", prompt="運営者の氏名", help="運営者の氏名。")
@click.option("--login-name", prompt="ログイン名", help="サインインに使う名前。")
@click.option("--email", help="メールアドレス（パスワードの再設定に使います）。")
def init(name: str, login_name: str, email: str | None) -> None:
    """最初の運営者を登録します。

    データベースがなければ作ります。パスワード（15文字以上）は画面から2回、または標準入力の1行目から受け取ります。
    運営者がすでにいるときは、何も変えません。
    """
    settings = from_environment()
    refuse_unsafe(settings)
    with database(settings, of_this_version=False) as engine:
        schema.upgrade(engine)
        with open_session(engine) as session:
            _refuse_second(session.scalar(select(OperatorRole.id).limit(1)))
        password = _password()
        now = clock.now()
        with writing(engine, write_acts=write_acts) as session:
            _refuse_second(session.scalar(select(OperatorRole.id).limit(1)))
            for key in filter(None, (login_name, email)):
                if user_by_name(session, accounts.fold(key)) is not None:
                    raise Failed(f"「{key}」は、すでに使われています。")
            if session.get(LogState, PLATFORM_LOG) is None:
                open_log(session, PLATFORM_LOG, "platform", now=now)
            try:
                user = accounts.create_user(
                    session, name=name, login_name=login_name, email=email, password=password, now=now
                )
            except WeakPassword as weak:
                raise Failed("\n".join(["このパスワードは使えません。", *weak.reasons])) from None
            accounts.grant_operator_role(session, user, by=_BY_COMMAND, now=now)
    click.echo(f"運営者「{name}」を登録しました。ログイン名は {login_name} です。")
    click.echo("はじめてサインインすると、2段階目の確認（認証アプリかパスキー）を登録する画面になります。")


@click.command(
    "password-link", cls=JapaneseCommand, short_help="パスワードを決め直すための、1回だけ使えるリンクを作ります。"
)
@click.argument("login_name", metavar="ログイン名またはメールアドレス")
def password_link(login_name: str) -> None:
    """パスワードを決め直すための、1回だけ使えるリンクを作ります。

    メールアドレスのない運営者や自治体担当者が、パスワードを忘れたときのためのものです。リンクは24時間使えます。
    前に作ったリンクは使えなくなります。作ったことは履歴に残ります。
    """
    settings = from_environment()
    refuse_unsafe(settings)
    with database(settings) as engine, writing(engine, write_acts=write_acts) as session:
        user = _account(session, login_name)
        secret = accounts.issue_reset(session, user, actor=_BY_COMMAND, now=clock.now())
        name = user.name
    click.echo(f"{name}さんに、次のリンクを直接渡してください（24時間、1回だけ使えます）。")
    click.echo(f"{settings.base_url}/password-reset/{secret}")


@click.group("second-factor", cls=JapaneseGroup, short_help="サインインの2段階目の確認を扱います。")
def second_factor() -> None:
    """サインインの2段階目の確認（認証アプリ・パスキー・回復コード）を扱います。"""


@second_factor.command("reset", short_help="スマートフォンなどをなくした方の、2段階目の確認をリセットします。")
@click.argument("login_name", metavar="ログイン名またはメールアドレス")
def reset_second_factor(login_name: str) -> None:
    """スマートフォンなどをなくした方の、2段階目の確認をリセットします。

    ご本人から直接頼まれたことを確かめてから、実行してください。認証アプリ・パスキー・回復コードの登録がすべて外れ、
    サインイン中の端末はすべて終了します。リセットしたことは履歴に残り、ご本人にメールで知らせます。
    """
    settings = from_environment()
    refuse_unsafe(settings)
    with database(settings) as engine, writing(engine, write_acts=write_acts) as session:
        user = _account(session, login_name)
        needs_password = factors.reset_factors(session, user, within=None, actor=_BY_COMMAND, now=clock.now())
        name = user.name
    click.echo(f"{name}さんの2段階目の確認をリセットしました。次のサインインのあとに、登録し直せます。")
    if needs_password:
        click.echo(
            f"パスワードも決め直しが必要です。「partner-compliance password-link {login_name}」でリンクを作れます。"
        )


def _account(session: Session, login_name: str) -> User:
    user = user_by_name(session, accounts.fold(login_name))
    if user is None:
        raise Failed(f"「{login_name}」というアカウントはありません。")
    return user


def _refuse_second(operator: object) -> None:
    if operator is not None:
        raise Failed("運営者はすでに登録されています。")


def _password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("パスワード（15文字以上）", hide_input=True, confirmation_prompt="もう一度")
        return password
    return sys.stdin.readline().rstrip("\r\n")


@click.command(cls=JapaneseCommand, short_help="データベースを、このプログラムの版に合わせます。")
def migrate() -> None:
    """データベースを、このプログラムの版に合わせます。なければ作ります。

    途中で止まったときは何も変わりません。合っているときは何もしません。
    """
    settings = from_environment()
    with database(settings, of_this_version=False) as engine:
        click.echo(bring_up_to_date(engine))


def bring_up_to_date(engine: Engine) -> str:
    """Migrate, and say what was done; fails for a database newer than this program."""
    before = schema.present(engine)
    if before == schema.newest():
        return f"データベースは最新です（{before}）。"
    if before is not None and before not in schema.known():
        raise Failed(
            f"データベースが、このプログラムより新しい版のものです（{before}）。プログラムを新しくしてください。"
        )
    schema.upgrade(engine)
    return f"データベースを {before or '空'} から {schema.newest()} にしました。"


@click.command(cls=JapaneseCommand, short_help="空のデータベースに、見本のデータを入れます。")
@click.option(
    "--size",
    type=click.Choice([size.value for size in Size]),
    default=Size.SMALL.value,
    show_default="small",
    help="small: 6団体、medium: 30団体、large: 300団体×30人×12か月。",
)
@click.option("--seed", type=int, default=1, show_default="1", help="同じ数なら、同じ見本になります。")
def demo(size: str, seed: int) -> None:
    """空のデータベースに、見本のデータ（架空の自治体・団体の1年分）を入れます。

    だれかが使っているデータベースには入れません。見本の利用者は全員が同じ公開のパスワードを持つため、
    この機器だけで使うもの（BASE_URL が 127.0.0.1）です。
    """
    settings = from_environment()
    refuse_unsafe(settings)
    if not settings.is_local:
        raise Failed("見本のデータは、この機器だけで使うデータベース（BASE_URL が 127.0.0.1）にしか入れられません。")
    with database(settings, of_this_version=False) as engine:
        bring_up_to_date(engine)
        fill(engine, settings, Size(size), seed=seed)
        with open_session(engine) as session:
            click.echo(f"ログイン名は次のとおりです。パスワードは全員 {PASSWORD} です。")
            for user in demo_users(session):
                click.echo(f"  {user.login_name:<16} {user.demo_label}")


def fill(engine: Engine, settings: Settings, size: Size, *, seed: int = 1) -> None:
    """Load demo data, with a progress bar where it takes long; fails unless the database is empty."""
    with open_session(engine) as session:
        if not is_empty(session):
            raise Failed("データベースに、すでにデータがあります。見本のデータは、空のデータベースにだけ入れられます。")
    library = read_library(settings.content_folder)
    columns = (TextColumn("見本のデータ"), BarColumn(), MofNCompleteColumn(), TextColumn("団体"), TimeRemainingColumn())
    with Progress(*columns, disable=size is Size.SMALL or not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=size.partners)
        try:
            loaded = load_demo(
                engine, library, size=size, seed=seed, now=clock.now(),
                progress=lambda done, _total: bar.update(task, completed=done),
            )  # fmt: skip
        except DatabaseNotEmpty:
            raise Failed("データベースに、すでにデータがあります。") from None
    click.echo(
        f"見本のデータを入れました: 自治体 {loaded.municipalities}、団体 {loaded.partners}、"
        f"従事者 {loaded.workers}人、チェックシート {loaded.sheets:,}枚、履歴 {loaded.entries:,}件。"
    )
