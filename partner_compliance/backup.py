"""Backups of an SQLite database: one file that holds the database and says what it is, and its way back.

A backup is a zip file with `database.sqlite3` and `manifest.json` (version of the tables, moment, size, SHA-256, rows
by table), so that a damaged, truncated, foreign or newer file is recognized before anything is changed.
"""

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select, update

from partner_compliance import acts, clock, schema
from partner_compliance.accounts.models import PasswordReset, SignIn
from partner_compliance.acts import PLATFORM_LOG, Act, Actor
from partner_compliance.database import make_engine, open_session, writing
from partner_compliance.history import guards
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.history.operations import open_log, write_acts
from partner_compliance.locks import serving
from partner_compliance.models import ALL_MODELS
from partner_compliance.registrations import operations as registrations

_DATABASE, _MANIFEST = "database.sqlite3", "manifest.json"
_FORMAT = "partner-compliance backup 1"
_CHUNK = 1024 * 1024
_UNCHANGED = "何も変更していません。"
_IN_USE = f"データベースが使われています。サーバーを止めてから、もう一度実行してください。{_UNCHANGED}"

assert ALL_MODELS  # noqa: S101 - imported so that every guarded table is known


class BackupFailed(Exception):
    """The backup could not be made; the message says why, in Japanese."""


class RestoreRefused(Exception):
    """The backup was not put in place, and nothing was changed; the message says why, in Japanese."""


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself."""

    version: str
    made_at: datetime
    rows: int
    size: int


@dataclass(frozen=True)
class Restored:
    """What a restore came to: the backup, where the former database lies, and entries that it had beyond the backup."""

    backup: Backup
    former: Path | None
    lost_entries: int


# --- making one -------------------------------------------------------------------------------------------------


def back_up(database: Path, file: Path, *, now: datetime) -> Backup:
    """Copy a database, also one in use, into a new backup file; raises BackupFailed."""
    if not database.exists():
        raise BackupFailed(f"データベースのファイルがありません: {database}")
    if file.exists():
        raise BackupFailed(f"同じ名前のファイルがすでにあります。別の名前を指定してください: {file}")
    if not file.parent.is_dir():
        raise BackupFailed(f"保存先のフォルダーがありません: {file.parent}")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        copy = Path(folder) / _DATABASE
        try:
            _copy(database, copy)
            manifest = _describe(copy, now)
            packed = Path(folder) / "packed"
            _pack(packed, copy, manifest)
            # `link` rather than `rename`: a file that appeared meanwhile is not overwritten.
            os.link(packed, file)
        except (sqlite3.Error, OSError) as error:
            raise BackupFailed(f"バックアップを作成できませんでした: {error}") from None
        _flush_folder(file.parent)
    return _read_manifest(manifest)


def _copy(database: Path, copy: Path) -> None:
    with closing(_connect(database, read_only=True)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        _check_integrity(target)


def _describe(copy: Path, now: datetime) -> dict[str, Any]:
    with closing(_connect(copy, read_only=True)) as connection:
        return {
            "format": _FORMAT,
            "version": _version(connection),
            "made_at": now.isoformat(timespec="seconds"),
            "size": copy.stat().st_size,
            "sha256": _digest(copy),
            "rows": _rows(connection),
        }


def _pack(packed: Path, copy: Path, manifest: dict[str, Any]) -> None:
    with packed.open("xb") as handle:
        with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            archive.writestr(_MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
            archive.write(copy, _DATABASE)
        handle.flush()
        os.fsync(handle.fileno())
    packed.chmod(0o600)


# --- putting one back -------------------------------------------------------------------------------------------


def restore(file: Path, database: Path, *, now: datetime) -> Restored:
    """Put a backup in the place of a database that nobody uses; raises RestoreRefused, and then nothing is changed.

    Everything is checked, brought to this version and written into the history beside the database; then one rename
    makes it the database. The former one stays beside it.
    """
    if not file.is_file():
        raise RestoreRefused(f"バックアップのファイルがありません: {file}")
    try:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=database.parent) as folder:
            copy = Path(folder) / _DATABASE
            backup = _unpack(file, copy)
            _bring_up_to_date(copy, backup)
            lost = _entries_beyond(database, copy)
            _note_in_history(copy, backup, now)
            copy.chmod(0o600)
            with copy.open("rb+") as handle:
                os.fsync(handle.fileno())
            lock = serving(database)
            if not lock.acquire():
                raise RestoreRefused(_IN_USE)
            try:
                former = _put_in_place(copy, database, now)
            finally:
                lock.release()
    except OSError as error:
        raise RestoreRefused(f"復元できませんでした: {error}") from None
    return Restored(backup, former, lost)


def _unpack(file: Path, copy: Path) -> Backup:
    try:
        with zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != sorted((_DATABASE, _MANIFEST)):
                raise RestoreRefused(f"このアプリのバックアップではありません。{_UNCHANGED}")
            if archive.getinfo(_MANIFEST).file_size > _CHUNK:
                raise RestoreRefused(f"バックアップの説明が壊れています。{_UNCHANGED}")
            manifest = json.loads(archive.read(_MANIFEST))
            backup = _read_manifest(manifest)
            _refuse_newer(backup.version)
            if archive.getinfo(_DATABASE).file_size != backup.size:
                raise RestoreRefused(f"バックアップの大きさが記録と違います。{_UNCHANGED}")
            with archive.open(_DATABASE) as packed, copy.open("xb") as unpacked:
                for chunk in iter(lambda: packed.read(_CHUNK), b""):
                    unpacked.write(chunk)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError, NotImplementedError):
        raise RestoreRefused(
            f"バックアップのファイルが途中で切れているか、壊れているか、バックアップではありません。{_UNCHANGED}"
        ) from None
    if _digest(copy) != manifest["sha256"]:
        raise RestoreRefused(f"バックアップの内容が、作成時の要約値と一致しません。{_UNCHANGED}")
    try:
        with closing(_connect(copy, read_only=True)) as connection:
            _check_integrity(connection)
            if _version(connection) != backup.version or _rows(connection) != manifest["rows"]:
                raise RestoreRefused(f"バックアップの内容が、説明と一致しません。{_UNCHANGED}")
    except sqlite3.Error:
        raise RestoreRefused(f"バックアップの中のデータベースが壊れています。{_UNCHANGED}") from None
    return backup


def _read_manifest(manifest: dict[str, Any]) -> Backup:
    if manifest["format"] != _FORMAT:
        raise RestoreRefused(f"このアプリのバックアップではないか、新しい形式です。{_UNCHANGED}")
    rows: dict[str, int] = manifest["rows"]
    return Backup(
        str(manifest["version"]), datetime.fromisoformat(manifest["made_at"]), sum(rows.values()), int(manifest["size"])
    )


def _refuse_newer(version: str) -> None:
    if version not in schema.known():
        raise RestoreRefused(
            f"このバックアップは、このプログラムが知らない（おそらく新しい）版のものです（{version}）。"
            f"プログラムを新しくしてから復元してください。{_UNCHANGED}"
        )


def _bring_up_to_date(copy: Path, backup: Backup) -> None:
    """Bring an older backup to this version, and refuse one whose records could have been changed unguarded."""
    engine = make_engine(f"sqlite:///{copy}")
    try:
        if backup.version != schema.newest():
            schema.upgrade(engine)
        with engine.connect() as connection:
            missing = guards.missing_guards(connection)
        if missing:
            raise RestoreRefused(
                "バックアップの中のデータベースに、追記専用の守り（トリガー）が足りません"
                f"（{'、'.join(missing)}）。{_UNCHANGED}"
            )
        with open_session(engine) as session:
            held = dict(session.execute(select(LogLeaf.log_id, func.count()).group_by(LogLeaf.log_id)).all())
            for log_id, size in session.execute(select(LogState.log_id, LogState.size)):
                if held.get(log_id, 0) != size:
                    raise RestoreRefused(f"バックアップの中の履歴が途中で切れています（{log_id}）。{_UNCHANGED}")
    finally:
        engine.dispose()


def _entries_beyond(database: Path, copy: Path) -> int:
    """How many entries of the history the present database has that the backup lacks; 0 when it cannot be read."""

    def sizes(file: Path) -> dict[bytes, int]:
        with closing(_connect(file, read_only=True)) as connection:
            return dict(connection.execute("SELECT log_id, size FROM log_state"))

    try:
        present, in_backup = sizes(database) if database.exists() else {}, sizes(copy)
    except sqlite3.Error:
        return 0
    return sum(max(0, size - in_backup.get(log_id, 0)) for log_id, size in present.items())


def _note_in_history(copy: Path, backup: Backup, now: datetime) -> None:
    """Write into the platform's log that this is a restored database, and end what must not come back to life."""
    engine = make_engine(f"sqlite:///{copy}")
    try:
        with writing(engine, write_acts=write_acts) as session:
            if session.get(LogState, PLATFORM_LOG) is None:
                open_log(session, PLATFORM_LOG, "platform", now=now)
            session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
            session.execute(
                update(PasswordReset)
                .where(PasswordReset.used_at.is_(None), PasswordReset.revoked_at.is_(None))
                .values(revoked_at=now)
            )
            registrations.revoke_all(session, now=now)
            acts.record(
                session,
                Act(
                    PLATFORM_LOG, "database.restored", now, Actor(None, "運営（コマンド）", "operator"),
                    object_kind="database",
                    details={"backup_of": backup.made_at.isoformat(), "version": backup.version},
                ),
            )  # fmt: skip
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    finally:
        engine.dispose()
    with closing(sqlite3.connect(copy)) as alone:
        alone.execute("PRAGMA journal_mode = DELETE")


def _put_in_place(copy: Path, database: Path, now: datetime) -> Path | None:
    former = None
    if database.exists():
        _settle(database)
        stamp = clock.local(now).strftime("%Y%m%d-%H%M%S")
        former = database.with_name(f"{database.name}.before-restore-{stamp}")
        os.link(database, former)
        for side in ("-wal", "-shm"):
            # Left over only by a database too broken to be opened; beside the new one it would do harm.
            left = database.with_name(database.name + side)
            if left.exists():
                left.replace(former.with_name(former.name + side))
    copy.replace(database)
    _flush_folder(database.parent)
    return former


def _settle(database: Path) -> None:
    """Bring all of a database into its one file; SQLite refuses that while anyone else has it open."""
    try:
        with closing(_connect(database, read_only=False)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            if mode != "delete":
                raise RestoreRefused(_IN_USE)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise RestoreRefused(_IN_USE) from None
    except sqlite3.DatabaseError:
        pass  # broken: that is why someone restores


# --- shared -----------------------------------------------------------------------------------------------------


def _connect(file: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rw"
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=5)


def _check_integrity(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise sqlite3.DatabaseError("データベースの整合性が保たれていません")


def _version(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _rows(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - the database's own names
        for (name,) in sorted(names.fetchall())
    }


def _digest(file: Path) -> str:
    with file.open("rb") as handle:
        return _digest_of(handle)


def _digest_of(handle: BinaryIO) -> str:
    digest = hashlib.sha256()
    for chunk in iter(lambda: handle.read(_CHUNK), b""):
        digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _opened_folder(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    """Make sure that a new name survives a power cut."""
    with _opened_folder(folder) as descriptor:
        os.fsync(descriptor)
