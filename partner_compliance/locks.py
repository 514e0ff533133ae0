"""Locked files: who is at work on this machine. The system lets go of a lock when its process ends, however it ends."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """A lock on a file, held by this process and those it forks until the last of them ends or `release` is called."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool = False) -> bool:
        """Take the lock if nobody is in the way; several may share it, one alone may hold it otherwise."""
        if self._descriptor is not None:
            return True
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def serving(database: Path) -> FileLock:
    """The lock that servers of an SQLite database share, and that whoever replaces the database holds alone."""
    return FileLock(database.with_name(f"{database.name}.serving"))
