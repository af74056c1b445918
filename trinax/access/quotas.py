"""What each API key has used of its plan: SQLite, which outlives the server."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trinax.access.database import connected, reason
from trinax.access.plans import Allowance, Good
from trinax.errors import KeysFailed, QuotaExceeded

ADD = "INSERT INTO quotas VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET used = used + 1"
TAKE = "UPDATE quotas SET used = used - 1 WHERE key_id = ? AND good = ? AND period = ?"
USED = "SELECT period, used FROM quotas WHERE key_id = ? AND good = ?"
# Periods that are over.
FORGET = "DELETE FROM quotas WHERE key_id = ? AND good = ? AND period NOT IN ({})"
# How long a command that writes the same file may keep a request waiting.
WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Reservation:
    key_id: str
    good: Good
    periods: tuple[str, ...]


class Quotas:
    """Thread-safe; several processes may use the file at once. Every method raises KeysFailed where
    it cannot be used."""

    def __init__(self, path: Path, wait_s: float = WAIT_S) -> None:
        """wait_s: for another process that writes."""
        self._path = path
        self._wait_s = wait_s
        # SQLite lets writers wait too, but not in turns.
        self._lock = threading.Lock()

    def reserve(
        self, key_id: str, good: Good, allowances: Sequence[Allowance], now: datetime
    ) -> Reservation:
        """Count one against all of them. Raises QuotaExceeded, with none counted."""
        periods = tuple(each.period for each in allowances)
        with self._transaction() as connection:
            used = dict(connection.execute(USED, (key_id, good)))
            for each in allowances:
                if used.get(each.period, 0) >= each.limit:
                    wait_s = (each.ends - now).total_seconds()
                    raise QuotaExceeded(each.what, each.limit, wait_s)
            marks = ", ".join("?" * len(periods))
            connection.execute(FORGET.format(marks), (key_id, good, *periods))
            connection.executemany(ADD, [(key_id, good, period) for period in periods])
        return Reservation(key_id, good, periods)

    def refund(self, reservation: Reservation) -> None:
        """Once for each reservation."""
        key_id, good = reservation.key_id, reservation.good
        with self._transaction() as connection:
            connection.executemany(TAKE, [(key_id, good, each) for each in reservation.periods])

    def used(self, key_id: str, good: Good) -> dict[str, int]:
        """Period → how many."""
        with self._transaction() as connection:
            return dict(connection.execute(USED, (key_id, good)))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The only one that writes meanwhile; undone where it fails."""
        try:
            with (
                self._lock,
                closing(connected(self._path, self._wait_s)) as connection,
                connection,
            ):
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        except (sqlite3.Error, OSError) as exc:
            raise KeysFailed(reason(exc)) from exc
