"""One run of one collection: its files into the index, what is gone out of it, step by step."""

import threading
import time
from collections import Counter
from collections.abc import Container, Generator, Iterable, Sequence
from dataclasses import dataclass, field

from trinax.index.ledger import Row
from trinax.ingest.indexing import Stopped, Writer
from trinax.ingest.moves import Moves
from trinax.ingest.parsing import Parsed
from trinax.ingest.plan import Plan
from trinax.ingest.progress import Progress
from trinax.ingest.scan import Found, Root
from trinax.ingest.view import View

# A batch becomes visible, and is on record, about once a second with any embedder. The store
# takes 500 chunks in some 15 ms, which is as long as a query may have to wait.
BATCH_S = 1.0
LEAST_BATCH_CHUNKS = 64
MOST_BATCH_CHUNKS = 500

# The longest that a file which is gone is kept for another collection that has a new one of its
# size; most of these are the same file.
MOVE_S = 30.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Run:
    """roots: the collection's. stopping: once set, the run ends by Stopped.

    quiet_s: large files that changed within this time are left for the next run, and files that
    are gone are looked for once more; 0: all is taken as it is.
    """

    collection: str
    roots: Sequence[Root]
    stopping: threading.Event
    quiet_s: float = 0.0


@dataclass(slots=True)
class _Batch:
    """Parsed files on their way."""

    files: list[Parsed] = field(default_factory=list)
    chunks: int = 0
    since_s: float = field(default_factory=time.monotonic)

    def add(self, one: Parsed) -> None:
        self.files.append(one)
        self.chunks += len(one.chunks)

    def is_full(self, limit_chunks: int) -> bool:
        """limit_chunks: how many chunks take about BATCH_S."""
        late = time.monotonic() - self.since_s > BATCH_S
        return bool(self.files) and (late or self.chunks >= limit_chunks)


class Update:
    """Knows what the index holds while it changes; used by one thread.

    A file that is gone leaves the index at once, but for one whose size a new file has, here or in
    another collection: it may be that file, and stays until the new one is in.
    """

    def __init__(
        self, run: Run, rows: dict[str, Row], writer: Writer, progress: Progress, moves: Moves
    ) -> None:
        """rows: the collection's, by file; kept up with what is written."""
        self.counts: Counter[str] = Counter()
        self.unread: set[str] = set()
        self.rows = rows
        self._run = run
        self._writer = writer
        self._progress = progress
        self._moves = moves
        self._coming: dict[str, int] = {}
        self._leaving: dict[str, Row] = {}
        self._gone_digests: set[str] = set()
        self._overtaken: set[str] = set()
        self._limit_chunks = MOST_BATCH_CHUNKS
        self._until_s = time.monotonic() + MOVE_S

    def first(self, results: Iterable[Parsed], view: View) -> None:
        """Write what was saved just now, before a look at everything, which is to find it done.

        What could not be read is left to that look.
        """
        batch = _Batch()
        for one in results:
            if one.outcome != "unread":
                batch.add(one)
        if batch.files:
            self._write(batch, view)
        # The look counts them among what it found unchanged.
        self.counts["unchanged"] -= len(batch.files)

    def begin(self, work: Plan) -> None:
        """Take on what a look has found, and remove what is gone for good."""
        self._coming = sizes(work.read, self.rows)
        self._lose(work.gone)

    def read(self, results: Iterable[Parsed | None], view: View) -> Generator[None, None, None]:
        """Write what was parsed, batch by batch; yields whenever something else may be done.

        results: None where there is none yet.
        """
        batch = _Batch()
        for one in results:
            yield
            if one is not None and one.found.file in self._overtaken:
                self._arrived([one])
            elif one is not None and one.outcome == "unread":
                self._unread(one)
            elif one is not None:
                batch.add(one)
            if batch.is_full(self._limit_chunks):
                self._write(batch, view)
                batch = _Batch()
        if batch.files:
            self._write(batch, view)

    def overtake(self, work: Plan, results: Iterable[Parsed], view: View) -> None:
        """Bring some files up to date now, whatever else is under way for them."""
        files = {found.file for found in work.read}
        self._overtaken |= files
        for file in files:
            self._leaving.pop(file, None)
        batch = _Batch()
        for one in results:
            if one.outcome == "unread":
                self._unread(one)
            else:
                batch.add(one)
        if batch.files:
            self._write(batch, view)
        self._overtaken |= {row.file for row in work.gone}
        self._lose(work.gone)

    def leave(self) -> None:
        """Wait for those that another collection may be about to get, then remove the last."""
        while self._leaving and time.monotonic() < self._until_s:
            if self._run.stopping.is_set():
                raise Stopped
            self._release()
            if self._leaving:
                self._moves.wait(POLL_S)
        self._delete(list(self._leaving.values()))

    def _lose(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._leaving[row.file] = row
            self._gone_digests.add(row.digest)
        self._release()

    def _release(self) -> None:
        """Remove what no new file is waiting to take over from."""
        if not self._leaving:
            return
        awaited = set(self._coming.values())
        if time.monotonic() < self._until_s:
            awaited |= self._moves.coming(self._run.collection)
        rows = self._leaving.values()
        self._delete([row for row in rows if not row.chunks or row.size_bytes not in awaited])

    def _delete(self, rows: list[Row]) -> None:
        if not rows:
            return
        self._writer.delete(rows)
        self._progress.remove(rows)
        self.counts["deleted"] += len(rows)
        for row in rows:
            self._leaving.pop(row.file, None)
            self.rows.pop(row.file, None)

    def _write(self, batch: _Batch, view: View) -> None:
        began_s = time.monotonic()
        written = self._writer.write(
            [
                (one, self.rows.get(one.found.file), view.roots[one.found.file])
                for one in batch.files
            ],
            self._run.stopping,
        )
        self._progress.put((self.rows.get(row.file), row) for row in written.rows)
        self.counts["chunks_embedded"] += written.chunks_embedded
        self.counts.update(self._change(one) for one in batch.files)
        self.rows.update((row.file, row) for row in written.rows)
        self._arrived(batch.files)
        seconds = time.monotonic() - began_s
        limit = int(batch.chunks * BATCH_S / seconds) if seconds else MOST_BATCH_CHUNKS
        self._limit_chunks = min(max(limit, LEAST_BATCH_CHUNKS), MOST_BATCH_CHUNKS)

    def _unread(self, one: Parsed) -> None:
        self._progress.unread(one.found.file, one.reason)
        self.counts["failed"] += 1
        self.unread.add(one.found.file)
        self._arrived([one])

    def _arrived(self, batch: Iterable[Parsed]) -> None:
        files = [one.found.file for one in batch if one.found.file in self._coming]
        self._moves.came(self._run.collection, [self._coming.pop(file) for file in files])
        self._release()

    def _change(self, one: Parsed) -> str:
        if one.outcome == "same":
            return "unchanged"
        if one.outcome in ("unreadable", "unwanted"):
            return "failed" if one.outcome == "unreadable" else "skipped"
        if one.found.file in self.rows:
            return "changed"
        return "moved" if one.digest in self._gone_digests else "added"


def sizes(found: Iterable[Found], rows: Container[str]) -> dict[str, int]:
    """Of the new files among those found, by name; empty ones are like any other."""
    return {one.file: one.size_bytes for one in found if one.file not in rows and one.size_bytes}
