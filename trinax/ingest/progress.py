"""How far one collection is: counted by its reconcile, read by anyone."""

import threading
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from trinax.index.ledger import Row
from trinax.index.records import FileSummary
from trinax.ingest.records import LISTED, Failure, State, Status
from trinax.ingest.scan import Found, Scan

# A rate over less time says little.
LEAST_RATE_S = 0.5
# What a small file costs beside its bytes, so that an ETA over many of them is right.
FILE_COST_BYTES = 2000


@dataclass(frozen=True, slots=True)
class _Lists:
    failures: tuple[Failure, ...]
    left_out: tuple[Failure, ...]
    missed: int


class Progress:
    """Safe to call from any thread."""

    def __init__(self, collection: str) -> None:
        self._id = collection
        self._lock = threading.Lock()
        self._state: State = "idle"
        self._problem = ""
        self._notice = ""
        self._indexed = self._chunks = self._bytes = 0
        self._failed: dict[str, str] = {}
        self._partial: dict[str, str] = {}  # indexed, but for what the reason says
        self._unread: dict[str, str] = {}
        self._unwanted: dict[str, str] = {}  # read, and left out for what stands in it
        self._skipped = 0
        self._missed: tuple[Failure, ...] = ()
        self._others: tuple[Failure, ...] = ()
        self._lists: _Lists | None = None  # made when asked for, after each change
        self._queue: dict[str, int] = {}
        self._new: set[str] = set()
        self._done_bytes = 0
        self._began_s = 0.0

    @property
    def queued(self) -> int:
        """Files that the running reconcile has still to do."""
        with self._lock:
            return len(self._queue)

    def load(self, rows: Mapping[str, Row]) -> None:
        """Begin from what the ledger holds."""
        with self._lock:
            self._indexed = self._chunks = self._bytes = 0
            self._failed = {}
            self._partial = {}
            self._unwanted = {}
            self._lists = None
            for row in rows.values():
                self._count(row)

    def learn(self, files: Iterable[FileSummary]) -> None:
        """What an index holds that others write; why they left files out is not known."""
        listed = list(files)
        with self._lock:
            self._indexed = len(listed)
            self._chunks = sum(one.chunks for one in listed)
            self._bytes = sum(one.size_bytes for one in listed)

    def scanned(self, scans: Iterable[Scan]) -> None:
        with self._lock:
            self._skipped = 0
            self._missed = self._others = ()
            self._unread = {}
            self._lists = None
            for scan in scans:
                self._skipped += scan.skipped
                self._missed += scan.left_out[: scan.missed]
                self._others += scan.left_out[scan.missed :]
                self._unread |= {failure.file: failure.reason for failure in scan.failed}

    def queue(self, files: Sequence[Found], known: Container[str]) -> None:
        """The files that are read now; known: files that were counted by load()."""
        with self._lock:
            self._new = {found.file for found in files if found.file not in known}
            self._queue = {found.file: found.size_bytes + FILE_COST_BYTES for found in files}
            self._done_bytes = 0
            self._began_s = time.monotonic()
            if files:
                self._state = "indexing"

    def put(self, rows: Iterable[tuple[Row | None, Row]]) -> None:
        """These files are done: what each was, None if it is new, and what it has become."""
        with self._lock:
            for old, new in rows:
                if old is not None:
                    self._uncount(old)
                self._count(new)
                self._dequeue(new.file)

    def unread(self, file: str, reason: str) -> None:
        """A file could not be read this time; what was known of it stays."""
        with self._lock:
            self._unread[file] = reason
            self._lists = None
            self._dequeue(file)

    def remove(self, rows: Iterable[Row]) -> None:
        with self._lock:
            for row in rows:
                self._uncount(row)

    def notice(self, notice: str) -> None:
        """What a person should know of the searches for now; "" for nothing."""
        with self._lock:
            self._notice = notice

    def end(self, problem: str = "") -> None:
        with self._lock:
            self._state = "failed" if problem else "idle"
            self._problem = problem
            self._queue = {}

    def status(self) -> Status:
        with self._lock:
            lists = self._lists = self._lists or self._listed()
            failed = len(self._failed.keys() | self._unread.keys())
            skipped = self._skipped + len(self._unwanted)
            waiting = len(self._queue.keys() & self._new)
            return Status(
                id=self._id,
                state=self._state,
                indexed=self._indexed,
                skipped=skipped,
                failed=failed,
                total=self._indexed + failed + skipped + waiting,
                chunks=self._chunks,
                bytes=self._bytes,
                queued=len(self._queue),
                eta_s=self._eta_s(),
                failures=lists.failures,
                problem=self._problem,
                notice=self._notice,
                left_out=lists.left_out,
                missed=lists.missed,
            )

    def _listed(self) -> _Lists:
        failures = self._failed | self._unread
        reasons = self._partial | self._unwanted
        missed = _named(reasons) + self._missed
        left_out = (missed + self._others)[:LISTED]
        return _Lists(_named(failures), left_out, min(len(missed), LISTED))

    def _count(self, row: Row) -> None:
        self._lists = None
        if row.outcome == "indexed":
            self._indexed += 1
            self._chunks += row.chunks
            self._bytes += row.size_bytes
            if row.reason:
                self._partial[row.file] = row.reason
        elif row.outcome == "skipped":
            self._unwanted[row.file] = row.reason
        else:
            self._failed[row.file] = row.reason

    def _uncount(self, row: Row) -> None:
        self._lists = None
        if row.outcome == "indexed":
            self._indexed -= 1
            self._chunks -= row.chunks
            self._bytes -= row.size_bytes
            self._partial.pop(row.file, None)
        else:
            self._failed.pop(row.file, None)
            self._unwanted.pop(row.file, None)

    def _dequeue(self, file: str) -> None:
        self._done_bytes += self._queue.pop(file, 0)

    def _eta_s(self) -> float | None:
        seconds = time.monotonic() - self._began_s
        if not self._queue or not self._done_bytes or seconds < LEAST_RATE_S:
            return None
        return sum(self._queue.values()) * seconds / self._done_bytes


def _named(reasons: Mapping[str, str]) -> tuple[Failure, ...]:
    return tuple(Failure(file, reasons[file]) for file in islice(sorted(reasons), LISTED))
