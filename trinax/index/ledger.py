"""What ingest has done to every file: SQLite, one row a file."""

import logging
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal

from trinax.errors import FolderFailed, NewerData, StorageFull
from trinax.schema import Schema

log = logging.getLogger(__name__)

# Files of the same bytes that by_digest() gives; a tree may hold thousands of one licence.
TWINS = 8

SCHEMA = Schema(
    "ledger.sqlite",
    (
        (
            """
            CREATE TABLE IF NOT EXISTS files (
                collection TEXT NOT NULL,
                file TEXT NOT NULL,
                root TEXT NOT NULL,
                size_bytes INTEGER NOT NULL,
                mtime_ns INTEGER NOT NULL,
                digest TEXT NOT NULL,
                pipeline TEXT NOT NULL,
                chunks INTEGER NOT NULL,
                outcome TEXT NOT NULL,
                reason TEXT NOT NULL,
                PRIMARY KEY (collection, file)
            ) WITHOUT ROWID
            """,
        ),
        (
            "ALTER TABLE files ADD COLUMN ids TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE files ADD COLUMN ctime_ns INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX IF NOT EXISTS files_by_digest ON files (digest)",
            """
            CREATE TABLE IF NOT EXISTS roots (
                collection TEXT NOT NULL,
                folder TEXT NOT NULL,
                PRIMARY KEY (collection, folder)
            ) WITHOUT ROWID
            """,
            """
            CREATE TABLE IF NOT EXISTS retired (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                chunk_id TEXT NOT NULL UNIQUE,
                collection TEXT NOT NULL,
                file TEXT NOT NULL,
                digest TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                characters INTEGER NOT NULL,
                start_line INTEGER NOT NULL,
                end_line INTEGER NOT NULL,
                retired_s REAL NOT NULL
            )
            """,
        ),
    ),
)
COLUMNS = (
    "file, root, size_bytes, mtime_ns, digest, pipeline, chunks, outcome, reason, ids, ctime_ns"
)
RETIRED_COLUMNS = (
    "chunk_id, collection, file, digest, sha256, characters, start_line, end_line, retired_s"
)
# Chunk ids that are remembered after their chunk is gone, the latest; some 250 bytes each.
RETIRED = 100_000

# Primary result codes that say the file is no sound database: SQLITE_CORRUPT, SQLITE_NOTADB.
UNSOUND = (11, 26)
# SQLITE_FULL; then SQLITE_READONLY, SQLITE_IOERR and SQLITE_CANTOPEN in words.
FULL = 13
UNWRITABLE = {8: "it may only be read", 10: "the disk does not answer", 14: "it cannot be opened"}


class Unsound(sqlite3.DatabaseError):
    """SQLite's own check of the file failed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One file of one collection.

    file: relative to the collection. root: the folder it was found under, "" for the collection's
    own. digest: blake2b of the bytes, "" if they were not read. pipeline: version of what made the
    chunks. chunks: how many. reason: why outcome is not "indexed"; of an indexed file, what of it
    could not be read, "" if all could.
    ids: digest of the chunks' ids, see ids_digest(); "" if unknown. ctime_ns: when the file last
    changed in any way; 0 if unknown, or if a later change could have the same time.
    """

    file: str
    root: str
    size_bytes: int
    mtime_ns: int
    digest: str
    pipeline: str
    chunks: int
    outcome: Literal["indexed", "failed", "skipped"]
    reason: str = ""
    ids: str = ""
    ctime_ns: int = 0


@dataclass(frozen=True, slots=True)
class Retired:
    """A chunk that is in the index no longer. Its text is not kept: what someone deleted is gone.

    digest: of the file that it stood in, as Row.digest. sha256, characters: of the text.
    retired_s: when, seconds since the epoch.
    """

    chunk_id: str
    collection: str
    file: str
    digest: str
    sha256: str
    characters: int
    start_line: int
    end_line: int
    retired_s: float


class Ledger:
    """Callable from any thread; each call is one transaction.

    It repeats what files and stores know, so a corrupt one is set aside and begun anew: the next
    scan fills it.
    """

    def __init__(self, path: Path) -> None:
        """Raises NewerData if a newer trinax wrote it."""
        self._path = path
        self._lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _connected(path)
        try:
            _prepare(self._connection)
        except sqlite3.DatabaseError as exc:
            self._begin_anew(exc)
        except NewerData:
            self._connection.close()
            raise

    def rows(self, collection: str) -> dict[str, Row]:
        """Every row of the collection, by file."""
        statement = f"SELECT {COLUMNS} FROM files WHERE collection = ?"
        return {row[0]: Row(*row) for row in self._read(statement, (collection,))}

    def row(self, collection: str, file: str) -> Row | None:
        statement = f"SELECT {COLUMNS} FROM files WHERE collection = ? AND file = ?"
        found = self._read(statement, (collection, file))
        return Row(*found[0]) if found else None

    def put(self, collection: str, rows: Iterable[Row]) -> None:
        """Add rows, replacing those of the same files."""
        self._write(
            f"INSERT OR REPLACE INTO files (collection, {COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(collection, *astuple(row)) for row in rows],
        )

    def delete(self, collection: str, files: Iterable[str]) -> None:
        """Forget files; unknown ones are ignored."""
        self._write(
            "DELETE FROM files WHERE collection = ? AND file = ?",
            [(collection, file) for file in files],
        )

    def clear(self, collection: str) -> None:
        """Forget every file of the collection; its outside folders stay."""
        self._write("DELETE FROM files WHERE collection = ?", [(collection,)])

    def by_digest(self, digest: str) -> list[tuple[str, str]]:
        """(collection, file) of indexed files with these bytes, at most TWINS."""
        statement = (
            "SELECT collection, file FROM files WHERE digest = ? AND outcome = 'indexed'"
            f" ORDER BY collection, file LIMIT {TWINS}"
        )
        return [(row[0], row[1]) for row in self._read(statement, (digest,))]

    def retire(self, chunks: Iterable[Retired]) -> None:
        """Remember chunks that leave the index, as citations of them may be asked about; beyond
        RETIRED the oldest are forgotten."""
        rows = [astuple(chunk) for chunk in chunks]
        if not rows:
            return
        self._write(
            f"INSERT OR REPLACE INTO retired ({RETIRED_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows[-RETIRED:],
        )
        self._write(
            "DELETE FROM retired WHERE number <= (SELECT MAX(number) FROM retired) - ?",
            [(RETIRED,)],
        )

    def retired(self, chunk_id: str) -> Retired | None:
        statement = f"SELECT {RETIRED_COLUMNS} FROM retired WHERE chunk_id = ?"
        found = self._read(statement, (chunk_id,))
        return Retired(*found[0]) if found else None

    def roots(self, collection: str) -> list[str]:
        """Outside folders that were added to the collection, sorted."""
        statement = "SELECT folder FROM roots WHERE collection = ? ORDER BY folder"
        return [row[0] for row in self._read(statement, (collection,))]

    def add_root(self, collection: str, folder: str) -> None:
        self._write("INSERT OR IGNORE INTO roots VALUES (?, ?)", [(collection, folder)])

    def remove_roots(self, collection: str) -> None:
        self._write("DELETE FROM roots WHERE collection = ?", [(collection,)])

    def collections(self) -> list[str]:
        """Collections with a row or an outside folder, sorted."""
        statement = "SELECT collection FROM files UNION SELECT collection FROM roots ORDER BY 1"
        return [row[0] for row in self._read(statement, ())]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _read(self, statement: str, values: Sequence[str]) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.DatabaseError as exc:
                self._begin_anew(exc)
                return []

    def _write(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        with self._lock:
            try:
                _written(self._connection, statement, rows)
            except sqlite3.DatabaseError as exc:
                self._begin_anew(exc)
                _written(self._connection, statement, rows)

    def _begin_anew(self, problem: sqlite3.DatabaseError) -> None:
        """Set the file aside and make an empty one; any other problem is raised again."""
        if not _is_unsound(problem):
            raise _told(problem) from problem
        self._connection.close()
        aside = _aside(self._path)
        log.error("The ledger is corrupt (%s): set aside as %s, begun anew.", problem, aside)
        self._connection = _connected(self._path)
        _prepare(self._connection)


def added_roots(file: Path) -> dict[str, list[Path]]:
    """Outside folders by collection, read beside whoever writes the ledger; none if that fails."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as reader:
            rows = reader.execute("SELECT collection, folder FROM roots").fetchall()
    except sqlite3.Error:
        return {}
    found: dict[str, list[Path]] = {}
    for collection, folder in rows:
        found.setdefault(collection, []).append(Path(folder))
    return found


def _connected(path: Path) -> sqlite3.Connection:
    """Autocommit: _written() says where a transaction begins and ends."""
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None)


def _prepare(connection: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError if the file is unsound, NewerData if a newer trinax wrote it."""
    SCHEMA.found(connection)  # what a newer trinax wrote is not looked at any further
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise Unsound(verdict)
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL a crash of the process loses nothing, one of the machine the last batches, which
    # the next scan does again.
    connection.execute("PRAGMA synchronous = NORMAL")
    SCHEMA.bring(connection)


def _written(
    connection: sqlite3.Connection, statement: str, rows: Sequence[Sequence[object]]
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(statement, rows)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_unsound(problem: sqlite3.DatabaseError) -> bool:
    # Extended codes keep the primary one in their low byte.
    return isinstance(problem, Unsound) or (
        getattr(problem, "sqlite_errorcode", 0) & 0xFF in UNSOUND
    )


def _told(problem: sqlite3.DatabaseError) -> Exception:
    """What a client may be told of it, where that says something."""
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code == FULL:
        return StorageFull("Writing the ledger")
    return FolderFailed("Writing the ledger", UNWRITABLE[code]) if code in UNWRITABLE else problem


def _aside(path: Path) -> str:
    n = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{n}")).exists():
        n += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside.name
