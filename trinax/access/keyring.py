"""The API keys of one data folder, in SQLite."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from trinax.access.database import SCHEMA, connected, reason
from trinax.access.keys import Key
from trinax.errors import InvalidRequest, KeyNotFound, KeysFailed

log = logging.getLogger(__name__)

FILE = SCHEMA.file
COLUMNS = (
    "keys.id, name, prefix, digest, scopes, collections, models, plan, created_s, expires_s, "
    "revoked_s"
)
# Rows are changed and never deleted, so the highest one tells whether anything is new.
NEXT_CHANGE = "(SELECT coalesce(max(change), 0) + 1 FROM keys)"

# What another process has changed counts after so long.
FRESH_S = 0.5
# The last use is written so often at most.
NOTED_S = 60.0
# That another process is waited for: by a command, and by a request.
WAIT_S = 10.0
REQUEST_WAIT_S = 0.2


class Keyring:
    """Thread-safe; several processes may use the file at once. Opened at its first use.

    find() answers from memory: what another process changed counts after FRESH_S, a key that it
    made at once. Every method raises KeysFailed where the file cannot be used, and NewerData.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()  # over what follows
        self._reading: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._known: dict[str, Key] = {}
        self._change = -1
        self._looked_s = 0.0
        self._noted_s: dict[str, float] = {}

    def find(self, digest: str) -> Key | None:
        """The key with this digest, whether it has ended or not."""
        with self._lock:
            stale = time.monotonic() - self._looked_s > FRESH_S
            if stale or digest not in self._known:
                self._look()
            return self._known.get(digest)

    def all(self) -> list[Key]:
        """The oldest first."""
        with self._changing() as connection:
            return _keys(connection)

    def named(self, name: str) -> Key:
        """By id, prefix or name; of several with that name the one that is not revoked. Raises
        KeyNotFound."""
        with self._changing() as connection:
            return _named(connection, name)

    def add(self, key: Key) -> None:
        """Raises InvalidRequest for the name of a key that is not revoked."""
        with self._changing() as connection:
            for known in _keys(connection):
                if known.name == key.name and known.revoked_s is None:
                    message = f"A key named {key.name!r} exists; rotate or revoke it first."
                    raise InvalidRequest(message, "name")
            marks = ", ".join("?" * len(_row(key)))
            statement = f"INSERT INTO keys VALUES ({marks}, {NEXT_CHANGE})"
            connection.execute(statement, _row(key))

    def revoke(self, name: str, now_s: int) -> Key:
        """For good; see named()."""
        with self._changing() as connection:
            key = _named(connection, name)
            connection.execute(
                f"UPDATE keys SET revoked_s = coalesce(revoked_s, ?), change = {NEXT_CHANGE}"
                " WHERE id = ?",
                (now_s, key.id),
            )
            return _named(connection, key.id)

    def rotate(self, name: str, prefix: str, digest: str) -> Key:
        """The same key with another secret; the old one ends. See named(); raises InvalidRequest
        for a key that is revoked."""
        with self._changing() as connection:
            key = _named(connection, name)
            if key.revoked_s is not None:
                message = f"The key {key.name!r} is revoked for good; make another."
                raise InvalidRequest(message, "name")
            connection.execute(
                f"UPDATE keys SET prefix = ?, digest = ?, change = {NEXT_CHANGE} WHERE id = ?",
                (prefix, digest, key.id),
            )
            return _named(connection, key.id)

    def use_is_due(self, id: str) -> bool:
        """Whether the last use of a key should be written; once for each time that it should."""
        now_s = time.monotonic()
        with self._lock:
            due = now_s - self._noted_s.get(id, -NOTED_S) >= NOTED_S
            if due:
                self._noted_s[id] = now_s
        return due

    def note_use(self, id: str, now_s: int) -> None:
        """A last use is worth no failed request: where it cannot be written it is left out."""
        try:
            with closing(connected(self._path, REQUEST_WAIT_S)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("INSERT OR REPLACE INTO key_uses VALUES (?, ?)", (id, now_s))
        except (sqlite3.Error, OSError) as exc:
            log.warning("The last use of key %s was not written: %s.", id, exc)

    def close(self) -> None:
        """Safe to call twice; a later use opens it again."""
        with self._lock:
            self._leave()

    def _look(self) -> None:
        try:
            connection = self._opened()
            (change,) = connection.execute("SELECT coalesce(max(change), 0) FROM keys").fetchone()
            if change != self._change:
                self._known = {key.digest: key for key in _keys(connection)}
                self._change = change
        except (sqlite3.Error, OSError) as exc:
            self._leave()
            raise KeysFailed(reason(exc)) from exc
        self._looked_s = time.monotonic()

    def _opened(self) -> sqlite3.Connection:
        if self._reading is None or self._file != _identity(self._path):
            self._leave()
            self._reading = connected(self._path, REQUEST_WAIT_S)
            self._file = _identity(self._path)
        return self._reading

    def _leave(self) -> None:
        if self._reading is not None:
            self._reading.close()
        self._reading, self._known, self._change = None, {}, -1

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, the only one that writes meanwhile; undone where it fails."""
        try:
            with closing(connected(self._path, WAIT_S)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as exc:
            raise KeysFailed(reason(exc)) from exc


def _identity(path: Path) -> tuple[int, int]:
    """Another one where the file was replaced."""
    found = path.stat()
    return found.st_dev, found.st_ino


def _named(connection: sqlite3.Connection, name: str) -> Key:
    found = [key for key in _keys(connection) if name in (key.id, key.prefix, key.name)]
    if not found:
        raise KeyNotFound(name)
    return min(found, key=lambda key: (key.id != name, key.revoked_s is not None, -key.created_s))


def _keys(connection: sqlite3.Connection) -> list[Key]:
    rows = connection.execute(
        f"SELECT {COLUMNS}, used_s FROM keys LEFT JOIN key_uses ON keys.id = key_uses.id"
        " ORDER BY created_s, keys.id"
    )
    return list(map(_key, rows))


def _key(row: tuple[Any, ...]) -> Key:
    id, name, prefix, digest, *lists, plan, created_s, expires_s, revoked_s, used_s = row
    scopes, collections, models = map(_ids, lists)
    limits = (scopes or frozenset(), collections, models, plan)
    times = (created_s, expires_s, revoked_s, used_s)
    return Key(id, name, prefix, digest, *limits, *times)


def _row(key: Key) -> tuple[object, ...]:
    lists = (key.scopes, key.collections, key.models)
    written = (json.dumps(None if each is None else sorted(each)) for each in lists)
    names = (key.id, key.name, key.prefix, key.digest)
    return (*names, *written, key.plan, key.created_s, key.expires_s, key.revoked_s)


def _ids(text: str) -> frozenset[Any] | None:
    listed = json.loads(text)
    return None if listed is None else frozenset(listed)
