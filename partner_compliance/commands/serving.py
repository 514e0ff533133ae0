"""Commands that keep the product running: `serve`, `tick`, and the hidden `binders`."""

import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from partner_compliance import clock
from partner_compliance.accounts.passkeys import address_by_name
from partner_compliance.accounts.queries import demo_users
from partner_compliance.app import UnguardedDatabase, create_app
from partner_compliance.commands.errors import FAILED, Failed, JapaneseCommand
from partner_compliance.config import Settings, from_environment, is_loopback, refuse_unsafe
from partner_compliance.database import open_session
from partner_compliance.demo.cast import PASSWORD
from partner_compliance.library.shelf import read_library
from partner_compliance.locks import FileLock, serving
from partner_compliance.scheduler import Scheduler, start_scheduler, tick
from partner_compliance.sheets.binding import make_binders

#: Seconds that requests get to finish when the server is told to stop.
_GRACE = 8
#: Seconds to wait for a port that a server just killed has not let go of yet.
_PORT_WAIT = 3.0


@click.command(cls=JapaneseCommand, short_help="サーバーを動かします。")
@click.option("--host", default="127.0.0.1", show_default="127.0.0.1", help="待ち受けるアドレス。")
@click.option("--port", type=click.IntRange(1, 65535), help="待ち受けるポート。既定は 8000 です。")
@click.option("--migrate", is_flag=True, help="はじめに、データベースをこのプログラムの版に合わせます。")
@click.option("--demo-if-empty", is_flag=True, help="データベースが空なら、見本のデータを入れます。")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default="1",
    help="プロセスの数。SQLite では 1 で足ります。",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), default=8, show_default="8", help="プロセスごとのスレッドの数。"
)
def serve(host: str, port: int | None, migrate: bool, demo_if_empty: bool, workers: int, threads: int) -> None:
    """サーバーを動かします。Ctrl+C か SIGTERM で、数秒のうちに止まります。

    月初めの受付やメールの送信など、決まった仕事も一緒に行います（止めるには NO_SCHEDULER=1）。
    設定が安全でないときは、理由を示して動きません。
    """
    if port is not None and not os.environ.get("BASE_URL"):
        os.environ["BASE_URL"] = f"http://127.0.0.1:{port}"
    settings = from_environment()
    refuse_unsafe(settings)
    _refuse_open_door(host, settings)
    port = port or 8000
    _refuse_taken_port(host, port)
    lock = _say_that_we_serve(settings)
    if migrate or demo_if_empty:
        _in_a_child(lambda: _prepare(settings, migrate=migrate, demo_if_empty=demo_if_empty))
    app = _composed(settings)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        _Server(app, settings, f"{_bracketed(host)}:{port}", workers, threads).run()
    finally:
        if lock is not None:
            lock.release()


def _refuse_open_door(host: str, settings: Settings) -> None:
    if not is_loopback(host) and settings.is_local:
        raise Failed(
            f"--host {host} は、この機器の外からの接続も受け付けます。TLS に対応したプロキシの後ろで動かし、"
            "BASE_URL を https:// の公開アドレスに、TRUSTED_PROXIES をプロキシの段数にしてください。"
        )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refuse_taken_port(host: str, port: int) -> None:
    """Fail with a clear sentence when someone else listens there; a server just killed gets a moment to let go."""
    until = time.monotonic() + _PORT_WAIT
    while True:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                return
        except PermissionError:
            raise Failed(
                f"ポート {port} を使う権限がありません。1024 以上のポートを --port で指定してください。"
            ) from None
        except OSError as error:
            if time.monotonic() >= until or isinstance(error, socket.gaierror):
                raise Failed(
                    f"{host} のポート {port} を使えません（ほかのプログラムが使っている可能性があります）。"
                    f"別のポートを指定してください（例: --port {port + 1}、make run PORT={port + 1}）。"
                ) from None
        time.sleep(0.2)


def _say_that_we_serve(settings: Settings) -> FileLock | None:
    if settings.sqlite_file is None:
        return None
    lock = serving(settings.sqlite_file)
    if not lock.acquire(shared=True):
        raise Failed("データベースの復元が行われています。終わってから、もう一度実行してください。")
    return lock


def _in_a_child(work: Callable[[], None]) -> None:
    """Do something in a process of its own, so that this one does not keep the memory it takes."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = FAILED
        try:
            work()
            status = 0
        except click.ClickException as failure:
            click.echo(f"エラー: {failure.format_message()}", err=True)
        except Exception as failure:
            logging.getLogger(__name__).debug("preparing failed", exc_info=True)
            click.echo(f"エラー: 準備ができませんでした（{type(failure).__name__}: {failure}）。", err=True)
        finally:
            sys.stdout.flush()
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    if status := os.waitstatus_to_exitcode(ended):
        sys.exit(status if status > 0 else FAILED)


def _prepare(settings: Settings, *, migrate: bool, demo_if_empty: bool) -> None:
    from partner_compliance.commands import setup, shared  # noqa: PLC0415 - only the child needs them
    from partner_compliance.demo import Size, is_empty  # noqa: PLC0415

    with shared.database(settings, of_this_version=not migrate) as engine:
        if migrate:
            click.echo(setup.bring_up_to_date(engine))
        if demo_if_empty and settings.is_local:
            with open_session(engine) as session:
                empty = is_empty(session)
            if empty:
                setup.fill(engine, settings, Size.SMALL)


def _composed(settings: Settings) -> Flask:
    file = settings.sqlite_file
    if file is not None and not file.exists():
        raise Failed(
            f"データベースのファイルがありません: {file}\n「partner-compliance serve --migrate」で作ってください。"
        )
    try:
        app = create_app(settings)
    except UnguardedDatabase as unguarded:
        raise Failed(
            f"{unguarded}\n版が合っていないだけのときは「partner-compliance serve --migrate」で直ります。"
        ) from None
    # Connections must not be shared with the processes that are forked next.
    app.extensions["engine"].dispose()
    return app


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn around the composed app: the app is loaded before the fork, so a failure is told at once."""

    def __init__(self, app: Flask, settings: Settings, bind: str, workers: int, threads: int) -> None:
        self._app, self._settings = app, settings
        self._scheduler: Scheduler | None = None
        self._options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            "umask": 0o077,
            "timeout": 60,
            "graceful_timeout": _GRACE,
            "keepalive": 5,
            "loglevel": "warning",
            "control_socket_disable": True,
            # Who may tell us about clients is decided in one place, TRUSTED_PROXIES.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _begin(self, worker: Any) -> None:
        if self._settings.scheduler:
            self._scheduler = start_scheduler(
                self._app.extensions["engine"], self._app.extensions["library"], self._settings
            )
        if worker.age == 1:
            _greet(self._app, self._settings)

    def _end(self, _server: Any, _worker: Any) -> None:
        if self._scheduler is not None:
            self._scheduler.stop()
        self._app.extensions["engine"].dispose()


def _greet(app: Flask, settings: Settings) -> None:
    lines = ["", f"動いています: {settings.base_url}/", "止めるには Ctrl+C を押してください。"]
    if (by_name := address_by_name(settings.base_url)) not in (None, settings.base_url):
        lines.insert(2, f"パスキーを使うときのアドレス: {by_name}/")
    if app.extensions.get("is_demo"):
        with open_session(app.extensions["engine"]) as session:
            people = demo_users(session)
        lines += ["", "見本の利用者（サインインの画面で、名前を1回押すだけで入れます）"]
        lines += [f"  {user.login_name:<16} {user.demo_label}" for user in people]
        lines.append(f"名前とパスワードで入るときのパスワードは、全員 {PASSWORD} です。")
    click.echo("\n".join(lines))
    sys.stdout.flush()


@click.command("tick", cls=JapaneseCommand, short_help="いま行うべき決まった仕事を、1回行います。")
@click.option("--json", "as_json", is_flag=True, help="結果を JSON だけで出力します。")
def tick_once(as_json: bool) -> None:
    """いま行うべき決まった仕事を、1回行います。

    月の受付を始め、メールを送り、古いものを捨て、綴りを作ります。何度実行しても、同じことが二度行われることはありません。
    サーバーの中でも同じ仕事が行われるため、ふだんは要りません。サーバーを NO_SCHEDULER=1 で動かすときは、
    timer や cron から毎分実行します。
    """
    from partner_compliance.commands.shared import database, print_json  # noqa: PLC0415 - a server needs neither

    settings = from_environment()
    refuse_unsafe(settings)
    library = read_library(settings.content_folder)
    with database(settings) as engine:
        done = tick(engine, library, settings, clock.now())
    if as_json:
        print_json(done.as_json())
    elif done.skipped:
        click.echo("別の tick が動いているため、何もしませんでした。")
    else:
        click.echo(
            f"受付を始めたシート {done.opened}枚、送ったメール {done.mails_sent}通、"
            f"送れなかったメール {done.mails_failed}通、作った綴り {done.binders}件、"
            f"保存した準備度の控え {done.days}日分。"
        )
    if done.mails_failed:
        sys.exit(FAILED)


@click.command(cls=JapaneseCommand, hidden=True, short_help="待っている綴りを作ります。")
def binders() -> None:
    """待っている綴り（ひと月分の PDF）を作ります。サーバーが必要なときに実行します。"""
    from partner_compliance.commands.shared import database  # noqa: PLC0415 - a server does not need it

    settings = from_environment()
    with database(settings) as engine:
        make_binders(engine, read_library(settings.content_folder))
