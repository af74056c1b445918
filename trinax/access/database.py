"""The SQLite file of API keys and of what they have used."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from trinax.schema import Schema

SCHEMA = Schema(
    "access.sqlite",
    (
        (
            """
            CREATE TABLE IF NOT EXISTS keys (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL,
                prefix TEXT NOT NULL,
                digest TEXT NOT NULL UNIQUE,
                scopes TEXT NOT NULL,
                collections TEXT NOT NULL,
                models TEXT NOT NULL,
                plan TEXT NOT NULL,
                created_s INTEGER NOT NULL,
                expires_s INTEGER,
                revoked_s INTEGER,
                change INTEGER NOT NULL
            ) WITHOUT ROWID
            """,
            "CREATE INDEX IF NOT EXISTS keys_by_change ON keys (change)",
            """
            CREATE TABLE IF NOT EXISTS key_uses (
                id TEXT PRIMARY KEY,
                used_s INTEGER NOT NULL
            ) WITHOUT ROWID
            """,
            """
            CREATE TABLE IF NOT EXISTS quotas (
                key_id TEXT NOT NULL,
                good TEXT NOT NULL,
                period TEXT NOT NULL,
                used INTEGER NOT NULL,
                PRIMARY KEY (key_id, good, period)
            ) WITHOUT ROWID
            """,
        ),
    ),
)


def connected(path: Path, wait_s: float) -> sqlite3.Connection:
    """A connection without transactions of its own, for any thread, one at a time.

    The file is made for its owner's eyes, and so is what SQLite puts beside it.
    wait_s: for others who write. Raises sqlite3.Error, OSError and NewerData.
    """
    # Only where there is none: closing a file gives up all locks that this process has on it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(
        path, timeout=wait_s, isolation_level=None, check_same_thread=False
    )
    try:
        SCHEMA.bring(connection)
        connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def check(folder: Path) -> None:
    """Raises NewerData for the file in a data folder; whatever else is wrong with it is told to who
    uses it."""
    if (path := folder / SCHEMA.file).exists():
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection,
        ):
            SCHEMA.found(connection)


def reason(exc: Exception) -> str:
    """Why it failed, without a path."""
    return str(exc) if isinstance(exc, sqlite3.Error) else type(exc).__name__
