"""SQLite files in the data folder."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path


def connected(path: Path, wait_s: float, tables: str) -> sqlite3.Connection:
    """A connection without transactions of its own, for any thread, one at a time.

    The file is made for its owner's eyes, and so is what SQLite puts beside it.
    wait_s: for others who write. tables: are made if they are missing. Raises sqlite3.Error and
    OSError.
    """
    # Only where there is none: closing a file gives up all locks that this process has on it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(
        path, timeout=wait_s, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(tables)
    except BaseException:
        connection.close()
        raise
    return connection


def reason(exc: Exception) -> str:
    """Why it failed, without a path."""
    return str(exc) if isinstance(exc, sqlite3.Error) else type(exc).__name__
