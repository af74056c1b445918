"""One collection's folders into its index: what differs is read, the rest is left alone."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from trinax.documents.chunking import Limits as ChunkLimits
from trinax.index import analysis
from trinax.index.ledger import Row
from trinax.ingest.farm import Farm
from trinax.ingest.indexing import Parts, Stopped, Writer
from trinax.ingest.parsing import Job, Parsed, is_read_apart, parsed
from trinax.ingest.plan import Plan, audited, plan
from trinax.ingest.progress import Progress
from trinax.ingest.records import Failure, Outcome
from trinax.ingest.scan import Found, Limits, Root, Scan, scan

log = logging.getLogger(__name__)

# Raised with every change that makes other documents or chunks of the same bytes.
PIPELINE = 1

# Parser processes take half a second to start, a thread of ours parses about 2 MB/s.
FARM_BYTES = 2_000_000
MOST_PROCESSES = 8

# A batch becomes visible, and is on record, about once a second with any embedder. The store
# takes 500 chunks in some 15 ms, which is as long as a query may have to wait.
BATCH_S = 1.0
LEAST_BATCH_CHUNKS = 64
MOST_BATCH_CHUNKS = 500


@dataclass(frozen=True, slots=True)
class Recipe:
    """How files become chunks, and which files."""

    chunks: ChunkLimits
    scan: Limits


@dataclass(frozen=True, slots=True)
class _View:
    """What the roots hold. missing: key of each root that could not be listed, and why."""

    files: dict[str, Found] = field(default_factory=dict)
    roots: dict[str, str] = field(default_factory=dict)
    scans: list[Scan] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


class Reconciler:
    """Brings collections up to date; each by one thread at a time, several at once."""

    def __init__(self, parts: Parts, recipe: Recipe) -> None:
        self._parts = parts
        self._recipe = recipe
        self._pipeline = (
            f"{PIPELINE}/{analysis.VERSION}/{recipe.chunks.limit_tokens}"
            f"/{recipe.chunks.overlap_tokens}/{parts.embedder.fingerprint}"
        )
        self._audited: set[str] = set()
        self._farming = threading.Lock()
        self._pruned: dict[str, frozenset[str]] = {}

    def run(self, collection: str, roots: Sequence[Root], progress: Progress) -> Outcome:
        """Make the index hold what the roots hold.

        Files under a root that is gone stay as they are; the progress then ends with a problem.
        Raises what store and ledger raise, and Stopped.
        """
        began_s = time.monotonic()
        writer = Writer(collection, self._parts, self._pipeline)
        rows = self._rows(collection, writer)
        progress.load(rows)
        view = _view(roots, self._recipe.scan)
        self._pruned[collection] = frozenset().union(*(one.pruned for one in view.scans))
        progress.scanned(view.scans)
        work = _work(rows, view, self._pipeline)
        progress.queue(work.read, rows)
        counts: Counter[str] = Counter(unchanged=work.kept)
        update = _Update(collection, view, rows, work, counts)
        moving = _moving(work, rows)
        kept = {row.file for row in moving}
        _delete([row for row in work.gone if row.file not in kept], writer, progress)
        self._read(update, writer, progress)
        _delete(moving, writer, progress)
        if work.read or work.gone:
            writer.flush()
        self._audited.add(collection)
        progress.end("; ".join(view.missing.values()))
        counts["deleted"] = max(0, len(work.gone) - counts["moved"])
        counts["skipped"] = sum(one.skipped for one in view.scans)
        counts["failed"] += sum(len(one.failed) for one in view.scans)
        return Outcome(**counts, seconds=time.monotonic() - began_s)

    def pruned(self, collection: str) -> frozenset[str]:
        """Absolute folders that the last scan did not enter."""
        return self._pruned.get(collection, frozenset())

    def _rows(self, collection: str, writer: Writer) -> dict[str, Row]:
        rows = self._parts.ledger.rows(collection)
        if collection not in self._audited:
            rows = audited(rows, writer.stored())
        return rows

    def _read(self, update: "_Update", writer: Writer, progress: Progress) -> None:
        jobs = update.jobs(self._recipe, self._pipeline)
        # Closed at once whatever happens: it may hold parser processes.
        with closing(self._parsed(jobs)) as results:
            _index(results, update, writer, progress)

    def _parsed(self, jobs: Sequence[Job]) -> Generator[Parsed, None, None]:
        stopping = self._parts.stopping
        if not _wants_farm(jobs):
            for job in jobs:
                if stopping.is_set():
                    raise Stopped
                yield parsed(job)
            return
        while not self._farming.acquire(timeout=0.2):
            if stopping.is_set():
                raise Stopped
        try:
            with Farm(min(len(jobs), _cores(), MOST_PROCESSES), stopping) as farm:
                yield from farm.parsed(jobs)
        finally:
            self._farming.release()
        if stopping.is_set():
            raise Stopped


@dataclass(frozen=True, slots=True)
class _Update:
    """One run of one collection."""

    collection: str
    view: _View
    rows: dict[str, Row]
    work: Plan
    counts: Counter[str]

    def jobs(self, recipe: Recipe, pipeline: str) -> list[Job]:
        limit_bytes = recipe.scan.file_limit_bytes
        known = {file: row.digest for file, row in self.rows.items() if row.pipeline == pipeline}
        return [
            Job(self.collection, found, known.get(found.file, ""), recipe.chunks, limit_bytes)
            for found in self.work.read
        ]

    def write(self, batch: Sequence[Parsed], writer: Writer, progress: Progress) -> float:
        """Seconds that it took."""
        began_s = time.monotonic()
        rows = self.rows
        written = writer.write(
            [(one, rows.get(one.found.file), self.view.roots[one.found.file]) for one in batch]
        )
        progress.put((rows.get(row.file), row) for row in written.rows)
        self.counts["chunks_embedded"] += written.chunks_embedded
        moved = {row.digest for row in self.work.gone}
        self.counts.update(_change(one, rows.get(one.found.file), moved) for one in batch)
        return time.monotonic() - began_s


def _index(results: Iterable[Parsed], update: _Update, writer: Writer, progress: Progress) -> None:
    limit_chunks = MOST_BATCH_CHUNKS
    batch: list[Parsed] = []
    chunks = 0
    since_s = time.monotonic()
    for one in results:
        if one.outcome == "unread":
            progress.unread(one.found.file, one.reason)
            update.counts["failed"] += 1
            continue
        batch.append(one)
        chunks += len(one.chunks)
        if chunks >= limit_chunks or time.monotonic() - since_s > BATCH_S:
            seconds = update.write(batch, writer, progress)
            limit_chunks = int(chunks * BATCH_S / seconds) if seconds else MOST_BATCH_CHUNKS
            limit_chunks = min(max(limit_chunks, LEAST_BATCH_CHUNKS), MOST_BATCH_CHUNKS)
            batch, chunks, since_s = [], 0, time.monotonic()
    if batch:
        update.write(batch, writer, progress)


def _moving(work: Plan, rows: dict[str, Row]) -> list[Row]:
    """Files that are gone and may be new ones by now: deleted last, for their vectors' sake."""
    sizes = {found.size_bytes for found in work.read if found.file not in rows}
    return [row for row in work.gone if row.size_bytes in sizes]


def _delete(rows: Sequence[Row], writer: Writer, progress: Progress) -> None:
    if rows:
        writer.delete(rows)
        progress.remove(rows)


def _change(one: Parsed, row: Row | None, gone_digests: set[str]) -> str:
    if one.outcome == "same":
        return "unchanged"
    if one.outcome == "unreadable":
        return "failed"
    if row is not None:
        return "changed"
    return "moved" if one.digest in gone_digests else "added"


def _view(roots: Sequence[Root], limits: Limits) -> _View:
    view = _View()
    for root in roots:
        try:
            seen = scan(root, limits)
        except OSError as exc:
            view.missing[root.key] = (
                f"the folder {root.folder.name!r} cannot be read ({exc.strerror}); what was indexed"
                " of it is still served, and it is looked at again when it is back"
            )
            continue
        hidden = [
            Failure(file, "another folder of the collection has a file of this name")
            for file in seen.files
            if file in view.files
        ]
        view.scans.append(replace(seen, failed=seen.failed + tuple(hidden)) if hidden else seen)
        for file, found in seen.files.items():
            if file not in view.files:
                view.files[file], view.roots[file] = found, root.key
    return view


def _work(rows: dict[str, Row], view: _View, pipeline: str) -> Plan:
    unseen = {failure.file for one in view.scans for failure in one.failed} - view.files.keys()
    seen = {file: row for file, row in rows.items() if row.root not in view.missing}
    return plan(seen, view.files, pipeline, unseen)


def _wants_farm(jobs: Iterable[Job]) -> bool:
    jobs = list(jobs)
    return sum(job.found.size_bytes for job in jobs) > FARM_BYTES or any(
        is_read_apart(job.found.file) for job in jobs
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
