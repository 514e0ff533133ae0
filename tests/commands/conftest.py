"""The commands as an operator runs them: with an environment of their own, on a database of their own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from partner_compliance.commands import main


@pytest.fixture
def environment(database_url, tmp_path, monkeypatch) -> Path:
    """An installation in a folder of the test; returns its data folder."""
    folder = tmp_path / "var"
    for name in ("SECRET_KEY", "BASE_URL", "SMTP_URL", "DEBUG", "FLASK_DEBUG", "CONTENT_DIR", "TRUSTED_PROXIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", database_url)
    return folder


@pytest.fixture
def database_file(database_url) -> Path:
    """The test's SQLite file."""
    return Path(database_url.removeprefix("sqlite:///"))


@pytest.fixture
def run(environment) -> Callable[..., Result]:
    """Runs a command, and checks that it speaks without a traceback."""

    def run(*arguments: str, expect: int = 0, typed: str | None = None) -> Result:
        result = CliRunner().invoke(main, list(arguments), input=typed)
        assert result.exit_code == expect, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def run_json(run) -> Callable[..., dict]:
    """Runs a command with `--json` and reads what it prints."""

    def run_json(*arguments: str, expect: int = 0) -> dict:
        return json.loads(run(*arguments, "--json", expect=expect).stdout)

    return run_json
