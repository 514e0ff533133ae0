"""The server itself, as a process: it starts, answers, stops, and comes back after being killed."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import pytest


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path, port) -> Iterator:
    """Starts a server in a folder of the test and waits until it answers."""
    running: list[subprocess.Popen[str]] = []
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("BASE_URL", "DATABASE_URL", "SECRET_KEY", "SMTP_URL")
    } | {"DATA_DIR": str(tmp_path / "var"), "PYTHONUNBUFFERED": "1"}

    def start(*options: str, wait: bool = True) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "partner_compliance", "serve", "--port", str(port), *options]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
        )
        running.append(process)
        until = time.monotonic() + 60
        while wait and answer(port) != 200:
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        return process

    yield start
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        process.stdout.close()


def answer(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_one_command_serves_a_demo_and_a_signal_ends_it(start, port, tmp_path):
    process = start("--migrate", "--demo-if-empty")
    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 0
    said = process.stdout.read()
    assert f"http://127.0.0.1:{port}/" in said
    assert "shiomi" in said
    assert "センター長（" in said
    readable = [path for path in (tmp_path / "var").rglob("*") if path.stat().st_mode & 0o077]
    assert readable == []


def test_it_comes_back_after_being_killed(start, port):
    first = start("--migrate")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait(10)

    second = start()
    assert answer(port) == 200
    second.send_signal(signal.SIGINT)
    assert second.wait(20) == 0


def test_a_taken_port_is_told_in_a_sentence(start, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = start("--migrate", wait=False)
        assert process.wait(30) == 1
    assert f"ポート {port} を使えません" in process.stdout.read()


def test_without_a_database_it_says_what_to_do(start):
    process = start(wait=False)

    assert process.wait(30) == 1
    assert "serve --migrate" in process.stdout.read()


def test_several_processes_serve_together_and_end_together(start, port):
    process = start("--migrate", "--workers", "2")

    for _ in range(20):
        assert answer(port) == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
