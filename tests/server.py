"""The app behind a real server in processes of its own, as it runs for people."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from partner_compliance.accounts.models import User
from partner_compliance.clock import now
from partner_compliance.config import PROJECT, Settings
from tests.factories import signed_in


@dataclass
class Server:
    """A running server: its port, and its master process, which leads a group of its own."""

    port: int
    process: subprocess.Popen[bytes]

    def connect(self, timeout: float = 20) -> http.client.HTTPConnection:
        """A connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] = {}) -> tuple[
        int, str
    ]:  # fmt: skip
        """One request on a connection of its own: status and body."""
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def kill(self) -> None:
        """kill -9 of all its processes at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def pids(self) -> list[int]:
        """Its processes, the master first."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text(encoding="ascii").split())]


@contextmanager
def serving(settings: Settings, folder: Path, *, threads: int = 4) -> Iterator[Server]:
    """A server on a free port; its temporary files go into `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "partner_compliance.app:create_app()", "--bind", f"127.0.0.1:{port}",
        "--workers", "1", "--threads", str(threads), "--log-level", "critical", "--no-control-socket",
    ]  # fmt: skip
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "DATA_DIR": str(settings.data_folder),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "NO_SCHEDULER": "1",
        "TMPDIR": str(folder),
        "TZ": "UTC",
    }
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    server = Server(port, process)
    try:
        _wait_for(server)
        yield server
    finally:
        if process.poll() is None:
            server.kill()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode}")
        try:
            if server.ask("GET", "/static/favicon.svg")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server does not answer")


@dataclass(frozen=True)
class Ticket:
    """What a browser holds in which someone is signed in: the cookie, and the token of its forms."""

    cookie: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}


def ticket_of(app: Flask, user: User) -> Ticket:
    """Signs someone in, for use with a server that shares the app's database and key."""
    client = signed_in(app, user, now=now())
    client.get("/")
    cookie = client.get_cookie("session")
    assert cookie is not None
    return Ticket(f"session={cookie.value}", client.csrf_token)  # type: ignore[attr-defined]
