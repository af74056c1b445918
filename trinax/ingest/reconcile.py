"""One collection's folders into its index: what differs is read, the rest is left alone."""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from trinax.documents.chunking import Limits as ChunkLimits
from trinax.embedding.ports import Embedder
from trinax.errors import CollectionNotFound, TrinaxError
from trinax.index import analysis
from trinax.index.ledger import Row
from trinax.ingest.debounce import MOST_PATHS
from trinax.ingest.farm import Farm
from trinax.ingest.front import Front
from trinax.ingest.indexing import Parts, Stopped, Writer
from trinax.ingest.moves import Moves
from trinax.ingest.parsing import Job, Parsed, is_read_apart, parsed
from trinax.ingest.patience import Patience
from trinax.ingest.plan import Plan, audited, plan
from trinax.ingest.progress import Progress
from trinax.ingest.records import Outcome
from trinax.ingest.renewal import complete, notice
from trinax.ingest.scan import Found, Limits
from trinax.ingest.totals import Lateness, Totals
from trinax.ingest.update import POLL_S, Run, Update, sizes
from trinax.ingest.view import View, glimpse, named, view
from trinax.settings import Settings

log = logging.getLogger(__name__)

# Raised with every change that makes other documents or chunks of the same bytes.
PIPELINE = 2

# Parser processes take half a second to start, a thread of ours parses about 2 MB/s.
FARM_BYTES = 2_000_000
MOST_PROCESSES = 8

# How long a file that is gone may be away, as it is for a moment when an editor saves it.
AWAY_S = 0.25
# The longest wait for the looks of other collections' runs that began at the same time.
LOOKS_S = 2.0
# What is parsed between two files of a backlog, which waits meanwhile; more is left in it.
FRONT_BYTES = 2_000_000
# What is parsed before the walk; larger files may still be growing.
SAVED_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How files become chunks, and which files."""

    chunks: ChunkLimits
    scan: Limits


def recipe(settings: Settings, embedder: Embedder, data_dir: Path) -> Recipe:
    """data_dir: absolute; what stands in it is never indexed."""
    chunking = settings.chunking
    limit_tokens = min(chunking.limit_tokens, embedder.limit_tokens or chunking.limit_tokens)
    return Recipe(
        ChunkLimits(limit_tokens, chunking.overlap_tokens),
        Limits(settings.ingest.file_limit_bytes, frozenset({str(data_dir)})),
    )


class Reconciler:
    """Brings collections up to date; each by one thread at a time, several at once.

    front: paths that changed while a run of their collection is under way. moves: to be told of
    every run that is about to begin. lateness: to be told of every change.
    """

    def __init__(self, parts: Parts, recipe: Recipe) -> None:
        self.front = Front()
        self.moves = Moves()
        self.lateness = Lateness()
        self.totals = Totals()
        self._parts = parts
        self._recipe = recipe
        self._pipeline = (
            f"{PIPELINE}/{analysis.VERSION}/{recipe.chunks.limit_tokens}"
            f"/{recipe.chunks.overlap_tokens}/{parts.embedder.fingerprint}"
        )
        self._audited: set[str] = set()
        self._unsaved: set[str] = set()
        self._farming = threading.Lock()
        self._pruned: dict[str, frozenset[str]] = {}
        self._patience = Patience()

    def run(self, run: Run, progress: Progress) -> Outcome:
        """Make the index hold what the roots hold.

        Files under a root that is gone stay as they are; the progress then ends with a problem.
        Raises what store and ledger raise, and Stopped.
        """
        began_s = time.monotonic()
        collection = run.collection
        self.moves.announce(collection)
        # What came until now is there to be seen.
        self.lateness.begun(collection)
        saved = self.front.take(collection)
        self._unsaved.discard(collection)
        try:
            counts = self._run(run, saved, progress)
        except BaseException as exc:
            # Store and ledger may have parted.
            self._audited.discard(collection)
            self.totals.ended("stopped" if isinstance(exc, Stopped) else "failed")
            raise
        finally:
            self._unsaved.add(collection)
            self.moves.end(collection)
        outcome = Outcome(**counts, seconds=time.monotonic() - began_s)
        if self.again_s(collection) is None:
            self.lateness.done(collection)
        self.totals.done(outcome)
        return outcome

    def flush(self) -> None:
        """Have on disk what was written to collections that no run writes to now.

        Not at the end of each run: all questions wait for it, and until it is done a crash of the
        machine, not of the process, costs what the next start reads again.
        """
        for collection in self._unsaved.copy():
            self._unsaved.discard(collection)
            try:
                self._parts.registry.get(collection).flush()
            except CollectionNotFound:
                continue
            except TrinaxError as exc:
                log.error("Collection %s is not on disk yet: %s", collection, exc)

    def pruned(self, collection: str) -> frozenset[str]:
        """Absolute folders that the last scan did not enter."""
        return self._pruned.get(collection, frozenset())

    def again_s(self, collection: str) -> float | None:
        """In how many seconds another run may find at rest what the last one did not; None: it
        left nothing."""
        return self._patience.again_s(collection)

    def _run(self, run: Run, saved: frozenset[str], progress: Progress) -> Counter[str]:
        collection = run.collection
        writer = Writer(collection, self._parts, self._pipeline)
        store = self._parts.registry.get(collection)
        progress.notice(notice(store, self._parts.embedder))
        rows = self._rows(collection, writer)
        progress.load(rows)
        update = Update(run, rows, writer, progress, self.moves)
        self._save(run, saved, update)
        whole = view(run.roots, self._recipe.scan)
        self._pruned[collection] = frozenset().union(*(one.pruned for one in whole.scans))
        progress.scanned(whole.scans)
        work = self._work(run, rows, whole)
        self.moves.looked(
            collection, sizes(work.read, rows).values(), (row.size_bytes for row in work.gone)
        )
        if work.gone or len(work.read) > MOST_PATHS:
            self.moves.wait_until_looked(collection, LOOKS_S)
        work = self._ordered(collection, work)
        progress.queue(work.read, rows)
        confirmed = self._confirmed(run, whole, work)
        update.begin(confirmed)
        self._read(run, whole, confirmed, update)
        update.leave()
        if store.renewed:
            known = self._parts.ledger.rows(collection)
            complete(store, self._parts.embedder, known, run.stopping)
        progress.notice(notice(store, self._parts.embedder))
        self._audited.add(collection)
        self._patience.ended(collection, bool(update.unread) or confirmed.gone != work.gone)
        progress.end("; ".join(whole.missing.values()))
        return _counts(update, work, whole)

    def _rows(self, collection: str, writer: Writer) -> dict[str, Row]:
        rows = self._parts.ledger.rows(collection)
        if collection in self._audited:
            return rows
        # The others are read anyway, and while a store is renewed it does not hold them yet.
        ours = {file: row for file, row in rows.items() if row.pipeline == self._pipeline}
        sound = audited(ours, writer.stored()) | {
            file: row for file, row in rows.items() if file not in ours
        }
        learned = [row for file, row in sound.items() if row.digest and row != rows.get(file)]
        self._parts.ledger.put(collection, learned)
        return sound

    def _save(self, run: Run, saved: frozenset[str], update: Update) -> None:
        """Bring what was saved just now up to date, if it is little and nothing is gone.

        Someone may wait for it, and a walk of 10 000 files takes a fifth of a second.
        """
        if not saved or run.collection not in self._audited:
            return
        before = View(roots={file: row.root for file, row in update.rows.items()})
        part, names = glimpse(run.roots, self._recipe.scan, saved, before)
        work = plan(named(update.rows, names), part.files, self._pipeline, part.unseen)
        if work.gone or sum(one.size_bytes for one in work.read) > SAVED_BYTES:
            return
        if not any(is_read_apart(one.file) for one in work.read):
            jobs = self._jobs(run.collection, work.read, update.rows)
            update.first(map(parsed, jobs), part)

    def _work(self, run: Run, rows: dict[str, Row], whole: View) -> Plan:
        seen = {file: row for file, row in rows.items() if row.root not in whole.missing}
        work = plan(seen, whole.files, self._pipeline, whole.unseen)
        rested = self._patience.rested(run.collection, work.read, run.quiet_s)
        return replace(work, read=rested)

    def _ordered(self, collection: str, work: Plan) -> Plan:
        """First what may be a file that is gone somewhere, then the newest."""
        gone = self.moves.leaving(collection) | {row.size_bytes for row in work.gone}
        read = sorted(work.read, key=lambda one: (one.size_bytes not in gone, -one.mtime_ns))
        return replace(work, read=tuple(read))

    def _confirmed(self, run: Run, whole: View, work: Plan) -> Plan:
        """The plan without files that are back."""
        if not work.gone:
            return work
        if run.quiet_s and run.stopping.wait(AWAY_S):
            raise Stopped
        folders = {root.key: root for root in run.roots}
        paths = {
            os.path.join(folders[row.root].folder, row.file.removeprefix(folders[row.root].prefix))
            for row in work.gone
            if row.root in folders
        }
        back, _ = glimpse(run.roots, self._recipe.scan, paths, whole)
        return replace(work, gone=tuple(row for row in work.gone if row.file not in back.files))

    def _read(self, run: Run, whole: View, work: Plan, update: Update) -> None:
        jobs = self._jobs(run.collection, work.read, update.rows)
        # Closed at once whatever happens: it may hold parser processes.
        with closing(self._parsed(jobs, run.stopping)) as results:
            for _ in update.read(results, whole):
                if paths := self.front.take(run.collection):
                    self._overtake(run, whole, paths, update)

    def _overtake(self, run: Run, whole: View, paths: frozenset[str], update: Update) -> None:
        """Bring what was saved just now up to date, before the rest of the backlog."""
        part, names = glimpse(run.roots, self._recipe.scan, paths, whole)
        work = plan(named(update.rows, names), part.files, self._pipeline, part.unseen)
        if sum(one.size_bytes for one in work.read) > FRONT_BYTES:
            return
        work = self._confirmed(run, whole, work)
        jobs = self._jobs(run.collection, work.read, update.rows)
        here = [job for job in jobs if not is_read_apart(job.found.file)]
        apart = [job for job in jobs if is_read_apart(job.found.file)]
        update.overtake(work, chain(map(parsed, here), _parsed_apart(apart, run.stopping)), part)

    def _jobs(self, collection: str, files: Iterable[Found], rows: dict[str, Row]) -> list[Job]:
        known = {file: row.digest for file, row in rows.items() if row.pipeline == self._pipeline}
        recipe = self._recipe
        limit_bytes = recipe.scan.file_limit_bytes
        return [
            Job(collection, found, known.get(found.file, ""), recipe.chunks, limit_bytes)
            for found in files
        ]

    def _parsed(
        self, jobs: Sequence[Job], stopping: threading.Event
    ) -> Generator[Parsed | None, None, None]:
        """Every job's result, and None now and then where there is none yet."""
        if not _wants_farm(jobs):
            for job in jobs:
                if stopping.is_set():
                    raise Stopped
                yield parsed(job)
            return
        while not self._farming.acquire(timeout=POLL_S):
            if stopping.is_set():
                raise Stopped
            yield None
        try:
            with Farm(min(len(jobs), _cores(), MOST_PROCESSES), stopping) as farm:
                yield from farm.parsed(jobs)
        finally:
            self._farming.release()
        if stopping.is_set():
            raise Stopped


def _parsed_apart(jobs: Sequence[Job], stopping: threading.Event) -> Iterator[Parsed]:
    if jobs:
        with Farm(1, stopping) as farm:
            yield from filter(None, farm.parsed(jobs))


def _counts(update: Update, work: Plan, whole: View) -> Counter[str]:
    counts = update.counts
    counts["unchanged"] += work.kept
    counts["deleted"] = max(0, counts["deleted"] - counts["moved"])
    counts["skipped"] += sum(one.skipped for one in whole.scans)
    counts["failed"] += sum(len(one.failed) for one in whole.scans)
    return counts


def _wants_farm(jobs: Sequence[Job]) -> bool:
    return sum(job.found.size_bytes for job in jobs) > FARM_BYTES or any(
        is_read_apart(job.found.file) for job in jobs
    )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
