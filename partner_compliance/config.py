"""Settings from the environment: typed, with defaults for one machine, and refused when unsafe."""

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PROJECT = Path(__file__).resolve().parent.parent

#: Bytes of one request: the largest form of this product is a sheet of some 40 kB.
MAX_REQUEST_BYTES = 1024 * 1024

_KNOWN_SECRETS = {"secret", "changeme", "dev", "development", "test", "please-change-me"}


class UnsafeSettings(Exception):
    """The settings would put the data at risk; the message lists every reason, in Japanese."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides. Addresses are URLs, folders absolute paths."""

    database_url: str
    secret_key: str = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    data_folder: Path = PROJECT / "var"
    content_folder: Path = PROJECT
    trusted_proxies: int = 0
    mail_from: str = "no-reply@localhost"
    smtp_url: str = field(default="", repr=False)
    debug: bool = False
    scheduler: bool = True

    @property
    def is_secure(self) -> bool:
        """Whether readers come over TLS."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def is_local(self) -> bool:
        """Whether the service is meant for this machine alone."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def path_prefix(self) -> str:
        """The sub-path under which a proxy serves the product, without a slash at its end."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def sqlite_file(self) -> Path | None:
        """The database file, when the database is one."""
        url = make_url(self.database_url)
        if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
            return None
        return Path(url.database)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from environment variables; on a local installation a missing secret key is made once and kept.

    Raises UnsafeSettings when a value cannot be understood.
    """
    env = os.environ if environment is None else environment
    folder = Path(env.get("DATA_DIR") or PROJECT / "var").absolute()
    base_url = (env.get("BASE_URL") or "http://127.0.0.1:8000").rstrip("/")
    try:
        proxies = int(env.get("TRUSTED_PROXIES") or 0)
    except ValueError:
        raise UnsafeSettings(
            "TRUSTED_PROXIES には、信頼するプロキシの段数を 0 以上の整数で指定してください。"
        ) from None
    secret = env.get("SECRET_KEY", "")
    if not secret and is_loopback(urlsplit(base_url).hostname or ""):
        secret = _kept_secret(folder)
    return Settings(
        database_url=env.get("DATABASE_URL") or f"sqlite:///{folder / 'partner_compliance.sqlite3'}",
        secret_key=secret,
        base_url=base_url,
        data_folder=folder,
        content_folder=Path(env.get("CONTENT_DIR") or PROJECT).absolute(),
        trusted_proxies=proxies,
        mail_from=env.get("MAIL_FROM") or "no-reply@localhost",
        smtp_url=env.get("SMTP_URL", ""),
        debug=_is_on(env.get("DEBUG", "")) or _is_on(env.get("FLASK_DEBUG", "")),
        scheduler=not _is_on(env.get("NO_SCHEDULER", "")),
    )


def problems(settings: Settings) -> list[str]:
    """Every reason (in Japanese) why these settings are unsafe; empty when they are fine."""
    found = []
    secret = settings.secret_key
    if len(secret.encode()) < 32 or len(set(secret)) < 8 or secret.strip().lower() in _KNOWN_SECRETS:
        found.append(
            "SECRET_KEY が設定されていないか、短すぎます。32文字以上の乱数を設定してください"
            '（例: python3 -c "import secrets; print(secrets.token_urlsafe(48))" の出力）。'
        )
    if settings.debug:
        found.append("DEBUG（または FLASK_DEBUG）が有効です。公開環境で内部情報が漏れるため、無効にしてください。")
    parts = urlsplit(settings.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        found.append("BASE_URL には https:// で始まる公開アドレスを指定してください。")
    elif parts.scheme == "http" and not settings.is_local:
        found.append(
            "BASE_URL が http:// です。この機器の外に公開するときは、TLS に対応したプロキシの後ろで動かし、"
            "BASE_URL を https:// に、TRUSTED_PROXIES をプロキシの段数にしてください。"
        )
    elif parts.scheme == "https" and settings.trusted_proxies < 1:
        found.append("BASE_URL が https:// のときは、TRUSTED_PROXIES にプロキシの段数（1 以上）を指定してください。")
    try:
        backend = make_url(settings.database_url).get_backend_name()
    except ArgumentError:
        found.append("DATABASE_URL を読み取れません。sqlite:///… または postgresql://… の形で指定してください。")
    else:
        if backend not in ("sqlite", "postgresql"):
            found.append("DATABASE_URL は SQLite か PostgreSQL を指定してください。")
        elif settings.sqlite_file is None and backend == "sqlite":
            found.append("DATABASE_URL には、データベースのファイル名を指定してください。")
        elif (file := settings.sqlite_file) is not None and file.exists():
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & 0o007:
                found.append(
                    f"データベースのファイルを、この機器のほかの利用者も読める状態です（{mode:04o}）。"
                    f"「chmod 600 {file.name}」で、ほかの利用者の権限を外してください。"
                )
    return found


def refuse_unsafe(settings: Settings) -> None:
    """Raise UnsafeSettings when there is any problem."""
    if found := problems(settings):
        raise UnsafeSettings("\n".join(f"・{problem}" for problem in found))


def _is_on(value: str) -> bool:
    return value.strip().lower() not in ("", "0", "false", "no", "off")


def _kept_secret(folder: Path) -> str:
    file = folder / "secret.key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii").strip()
