"""Vectors remembered by model and text, so that unchanged text is not embedded again."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import numpy as np

from trinax.embedding.ports import Embedder, Reading, Vectors
from trinax.embedding.table import unit_rows
from trinax.errors import NewerData
from trinax.schema import Schema

logger = logging.getLogger(__name__)

LIMIT_BYTES = 256_000_000
# What goes at a time when the limit is passed, so that it does not happen at every write.
EVICTED_SHARE = 0.2
# SQLite takes 32 766 parameters in one statement since 3.32.
LOOKUP_KEYS = 8_192
# Another process may be writing.
WAIT_S = 1.0
# Primary result codes that say the file is no sound database: SQLITE_CORRUPT, SQLITE_NOTADB.
UNSOUND = (11, 26)
# As stored; rounding moves a cosine by less than 1e-3.
FLOAT = np.dtype("<f2")

SCHEMA = Schema(
    "vectors.sqlite",
    (
        (
            """
            CREATE TABLE IF NOT EXISTS vectors (
                written INTEGER PRIMARY KEY,
                key BLOB NOT NULL UNIQUE,
                vector BLOB NOT NULL
            )
            """,
        ),
    ),
)
_EVICT = """
DELETE FROM vectors WHERE written <= (
    SELECT written FROM vectors ORDER BY written
    LIMIT 1 OFFSET (SELECT CAST(count(*) * ? AS INTEGER) FROM vectors)
)
"""

Result = TypeVar("Result")


class VectorCache:
    """A bounded store of vectors in one SQLite file; those written longest ago go first.

    It never fails its caller: a corrupt file is made anew, and one that cannot be used (locked,
    read-only, of a newer trinax, a full disk) is done without until the next start, with a
    warning in the log. Callable from any thread.
    """

    def __init__(self, file: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._file = file
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._usable = True

    def find(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """The vectors stored under some of the keys."""

        def looked_up(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            found: dict[bytes, bytes] = {}
            for start in range(0, len(keys), LOOKUP_KEYS):
                part = keys[start : start + LOOKUP_KEYS]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"
                found.update(connection.execute(query, part).fetchall())
            return found

        return self._tried(looked_up, {})

    def store(self, vectors: Mapping[bytes, bytes]) -> None:
        """Remember vectors by their keys."""

        def written(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", vectors.items()
                )
                if _used_bytes(connection) > self._limit_bytes:
                    connection.execute(_EVICT, (EVICTED_SHARE,))

        self._tried(written, None)

    def close(self) -> None:
        with self._lock:
            self._usable = False
            self._disconnect()

    def _tried(self, action: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        with self._lock:
            if not self._usable:
                return otherwise
            try:
                try:
                    return action(self._connected())
                except sqlite3.DatabaseError as exc:
                    if _primary_code(exc) not in UNSOUND:
                        raise
                    logger.warning("The vector cache %s is corrupt and made anew", self._file.name)
                    self._remove()
                    return action(self._connected())
            except (sqlite3.Error, OSError, NewerData) as exc:
                logger.warning("The vector cache %s is not used: %s", self._file.name, exc)
                self._usable = False
                self._disconnect()
                return otherwise

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._file, timeout=WAIT_S, isolation_level=None, check_same_thread=False
            )
            SCHEMA.bring(self._connection)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _remove(self) -> None:
        self._disconnect()
        for suffix in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)


class CachedEmbedder:
    """An embedder that remembers its passages; questions are embedded as they come.

    Passages come back rounded to half precision, remembered or not. Closing it closes both parts.
    """

    def __init__(self, embedder: Embedder, cache: VectorCache) -> None:
        self._embedder = embedder
        self._cache = cache
        self._counting = threading.Lock()
        self._looked_up = self._embedded = 0
        self._salt = blake2b(embedder.fingerprint.encode()).digest()

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def width(self) -> int:
        return self._embedder.width

    @property
    def limit_tokens(self) -> int | None:
        return self._embedder.limit_tokens

    def passages(self, texts: Sequence[str]) -> Vectors:
        keys = [self._key(text) for text in texts]
        size_bytes = self.width * FLOAT.itemsize
        known = {
            key: vector
            for key, vector in self._cache.find(list(dict.fromkeys(keys))).items()
            if len(vector) == size_bytes
        }
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        with self._counting:
            self._looked_up += len(keys)
            self._embedded += len(new)
        if new:
            vectors = self._embedder.passages(list(new.values())).astype(FLOAT)
            made = {key: row.tobytes() for key, row in zip(new, vectors, strict=True)}
            self._cache.store(made)
            known |= made
        return self._unit(b"".join(known[key] for key in keys))

    @property
    def hits(self) -> int:
        """Passages that were not embedded because they were known, or stood there twice."""
        with self._counting:
            return self._looked_up - self._embedded

    @property
    def misses(self) -> int:
        with self._counting:
            return self._embedded

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.queries(texts)

    def read(self, passage: str | Sequence[int]) -> Reading:
        return self._embedder.read(passage)

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        """Neither looked up nor remembered: what clients send hardly comes again."""
        return self._embedder.vectors(readings)

    def close(self) -> None:
        self._embedder.close()
        self._cache.close()

    def _key(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogatepass")
        return blake2b(data, digest_size=16, key=self._salt).digest()

    def _unit(self, stored: bytes) -> Vectors:
        vectors = np.frombuffer(stored, FLOAT).reshape(-1, self.width).astype(np.float32)
        return unit_rows(vectors)


def _used_bytes(connection: sqlite3.Connection) -> int:
    used = "SELECT (page_count - freelist_count) * page_size FROM "
    used += "pragma_page_count, pragma_freelist_count, pragma_page_size"
    (size_bytes,) = connection.execute(used).fetchone()
    return int(size_bytes)


def _primary_code(error: sqlite3.DatabaseError) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
