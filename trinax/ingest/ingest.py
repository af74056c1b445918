"""Keeps every collection's index equal to its folders, in the background."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import fields
from pathlib import Path

from anyio import CapacityLimiter, to_thread

from trinax.documents.chunking import Limits as ChunkLimits
from trinax.documents.opening import is_file
from trinax.documents.reading import read
from trinax.documents.records import Document
from trinax.embedding.ports import Embedder
from trinax.errors import CollectionNotFound, SourceNotFound, TrinaxError
from trinax.index.ledger import Ledger
from trinax.index.registry import Registry
from trinax.ingest import rules
from trinax.ingest.apart import Apart
from trinax.ingest.debounce import Debounce
from trinax.ingest.folders import Folders
from trinax.ingest.indexing import Parts, Stopped
from trinax.ingest.parsing import Reading, is_read_apart
from trinax.ingest.progress import Progress
from trinax.ingest.reconcile import Recipe, Reconciler
from trinax.ingest.records import Failure, Outcome, Status
from trinax.ingest.scan import Limits
from trinax.ingest.vectors import Attic
from trinax.ingest.watch import Watcher
from trinax.settings import Settings

log = logging.getLogger(__name__)

# Reconciles that run at once; those with much to read take turns (see Reconciler).
MOST_RECONCILES = 16
# How often follow() and wait_idle() look.
LOOK_S = 0.05


class Ingest:
    """Folder ↔ index for all collections; methods that wait are for one event loop.

    start() begins to watch and brings everything up to date in the background; reconcile() works
    without it. Registry, ledger and embedder are the caller's to close, after close().
    """

    def __init__(
        self, settings: Settings, registry: Registry, ledger: Ledger, embedder: Embedder
    ) -> None:
        self._settings = settings.ingest
        self._registry = registry
        self._ledger = ledger
        self._stopping = threading.Event()
        parts = Parts(registry, ledger, embedder, Attic(), self._stopping)
        self._reconciler = Reconciler(parts, _recipe(settings, embedder))
        self._folders = Folders(_absolute(settings.collections_dir), _configured(settings), ledger)
        self._apart = Apart()
        self._turns = CapacityLimiter(1)
        self._progress: dict[str, Progress] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: dict[str, asyncio.Task[Outcome]] = {}
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._limiter = CapacityLimiter(MOST_RECONCILES)
        self._debounce: Debounce | None = None
        self._watcher: Watcher | None = None
        self._main: asyncio.Task[None] | None = None
        self._round: asyncio.Task[None] | None = None
        self._ready = False
        self._looked: set[str] = set()  # collections whose first reconcile has ended

    @property
    def ready(self) -> bool:
        """True once every store that can be opened is: queries are answered, indexing or not."""
        return self._ready

    @property
    def refused(self) -> tuple[Failure, ...]:
        """Folders in the collections folder that cannot be collections, and why."""
        return self._folders.refused

    async def start(self) -> None:
        """Open the stores, then begin to watch and to reconcile in the background."""
        self._debounce = Debounce(self._settings.debounce_s, self._settings.debounce_limit_s)
        await to_thread.run_sync(self._open)
        self._ready = True
        self._round = asyncio.create_task(self._look(frozenset()))
        self._main = asyncio.create_task(self._watch(self._debounce))

    async def reconcile(self, collection: str | None = None) -> Outcome:
        """Bring one collection, or all, up to date, and say what was done.

        A collection that could not be brought up to date says why in its status.
        Raises CollectionNotFound.
        """
        await to_thread.run_sync(self._refresh)
        if collection is not None:
            self._folders.roots(collection)
        ids = self._folders.ids() if collection is None else [collection]
        outcomes = await asyncio.gather(*(asyncio.shield(self._spawn(id)) for id in ids))
        return _total(outcomes)

    async def add_root(self, collection: str, folder: Path) -> None:
        """Make an outside folder part of a collection, which is made if there is none.

        It is remembered, and watched from now on; reconcile() indexes it. Raises InvalidRequest.
        """
        await to_thread.run_sync(self._folders.add, collection, folder)
        await to_thread.run_sync(self._refresh)
        await to_thread.run_sync(self._registry.ensure, collection)
        await self._follow_folders()

    def status(self, collection: str) -> Status:
        """Raises CollectionNotFound."""
        if collection not in self._progress:
            raise CollectionNotFound(collection)
        return self._progress[collection].status()

    def statuses(self) -> list[Status]:
        """Of all collections, by id."""
        return [self._progress[id].status() for id in sorted(self._progress)]

    def busy(self, collection: str) -> bool:
        """Whether a reconcile of it runs, waits, or may be about to begin."""
        return self._is_waking or any(task.get_name() == collection for task in self._tasks)

    def unfinished(self, collections: Sequence[str] | None = None) -> int | None:
        """Files of these collections (None: of all) that are waiting to be indexed; 0 while that
        is not yet known, None when there are none.

        A search may miss what stands in them.
        """
        # A copy, for looking at the folders adds and removes some in another thread.
        known = list(self._progress.items())
        asked = [each for each in known if collections is None or each[0] in collections]
        queued = sum(progress.status().queued for _, progress in asked)
        begins = any(id not in self._looked and self.busy(id) for id, _ in asked)
        return queued if queued or begins else None

    async def follow(self, collection: str) -> AsyncIterator[Status]:
        """The status now and whenever it changes, until nothing is left to do.

        Raises CollectionNotFound.
        """
        last = None
        while True:
            busy = self.busy(collection)
            status = self.status(collection)
            if status != last:
                last = status
                yield status
            if not busy:
                return
            await asyncio.sleep(LOOK_S)

    async def wait_idle(self) -> None:
        """Return once no reconcile runs and no event that has arrived waits for one."""
        while self._tasks or self._is_waking:
            if self._tasks:
                await asyncio.wait(self._tasks)
            else:
                await asyncio.sleep(LOOK_S)

    def is_there(self, collection: str, file: str) -> bool:
        """Whether an indexed file is still where it was."""
        try:
            return is_file(self._folders.located(collection, file))
        except (SourceNotFound, CollectionNotFound):
            return False

    async def read(self, collection: str, file: str) -> Document:
        """An indexed file's text as it is now.

        Raises CollectionNotFound, SourceNotFound and UnreadableDocument.
        """
        place = await to_thread.run_sync(self._folders.located, collection, file)
        limit_bytes = self._settings.file_limit_bytes
        if is_read_apart(file):
            reading = Reading(place, file, limit_bytes)
            # Who waits for a turn holds no thread.
            return await to_thread.run_sync(self._apart.read, reading, limiter=self._turns)
        return await to_thread.run_sync(read, place, file, limit_bytes)

    async def close(self) -> None:
        """Stop watching and indexing; what was begun and not finished is done after a restart."""
        self._stopping.set()
        if self._main is not None and self._round is not None:
            self._main.cancel()
            await asyncio.wait([self._main, self._round])
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._watcher is not None:
            await to_thread.run_sync(self._watcher.close)
        await to_thread.run_sync(self._apart.close)

    @property
    def _is_waking(self) -> bool:
        """True while events, or the look around after them, may still start a reconcile."""
        looking = self._round is not None and not self._round.done()
        return looking or (self._debounce is not None and self._debounce.pending)

    def _open(self) -> None:
        try:
            self._watcher = Watcher(self._noted)
        except OSError as exc:
            log.warning("No file events (%s): changes are seen by periodic scans only.", exc)
        self._refresh()
        for id in self._folders.ids():
            try:
                self._progress[id].load(self._ledger.rows(id))
                self._registry.ensure(id)
            except Exception as exc:
                log.exception("Collection %s cannot be opened.", id)
                self._progress[id].end(_problem(exc))

    def _refresh(self) -> frozenset[str]:
        changed = self._folders.refresh(self._registry.ids())
        for id in self._folders.ids():
            if self._folders.is_gone(id) and self._is_empty(id):
                self._registry.drop(id)
                self._progress.pop(id, None)
                self._folders.forget(id)
            else:
                self._progress.setdefault(id, Progress(id))
        return changed

    def _is_empty(self, collection: str) -> bool:
        """True if a collection whose folder is gone leaves nothing that could be missed."""
        if self._ledger.rows(collection) or collection not in self._registry.ids():
            return False
        return self._registry.get(collection).count() == 0

    async def _watch(self, debounce: Debounce) -> None:
        while self._round is not None:
            await asyncio.shield(self._round)
            keys = await debounce.settled(self._settings.scan_interval_s or None)
            self._round = asyncio.create_task(self._look(keys))

    async def _look(self, keys: frozenset[str]) -> None:
        """Reconcile what the keys name and what came or went; without keys, everything."""
        try:
            changed = await to_thread.run_sync(self._refresh)
            await self._follow_folders()
            ids = set(self._folders.ids())
            for id in sorted(ids & (keys | changed) if keys else ids):
                self._spawn(id)
        except Exception:
            log.exception("Looking for changes failed; the next scan tries again.")

    async def _follow_folders(self) -> None:
        if self._watcher is not None:
            await to_thread.run_sync(self._watcher.follow, self._folders.watched())

    def _noted(self, path: str) -> None:
        """Called by the watcher in a thread of its own."""
        if self._debounce is None:
            return
        for id, below in self._folders.owners(path):
            *parents, name = below.split(os.sep)
            seen = name in rules.IGNORE_FILES or not rules.hidden(name)
            if seen and not any(map(rules.hidden, parents)) and not self._is_pruned(id, path):
                self._debounce.wake(id)

    def _is_pruned(self, collection: str, path: str) -> bool:
        pruned = self._reconciler.pruned(collection)
        return bool(pruned) and any(str(parent) in pruned for parent in Path(path).parents)

    def _spawn(self, collection: str) -> asyncio.Task[Outcome]:
        """A reconcile that begins after this moment: one that waits already, else a new one."""
        task = self._waiting.get(collection)
        if task is None:
            task = asyncio.create_task(self._reconciled(collection), name=collection)
            self._waiting[collection] = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task

    async def _reconciled(self, collection: str) -> Outcome:
        async with self._locks.setdefault(collection, asyncio.Lock()):
            del self._waiting[collection]
            return await to_thread.run_sync(self._run, collection, limiter=self._limiter)

    def _run(self, collection: str) -> Outcome:
        progress = self._progress[collection]
        try:
            if not self._stopping.is_set():
                return self._reconciler.run(collection, self._folders.roots(collection), progress)
        except Stopped:
            progress.end()
        except Exception as exc:
            log.exception("Collection %s cannot be brought up to date.", collection)
            progress.end(_problem(exc))
        finally:
            self._looked.add(collection)
        return Outcome()


def _problem(exc: Exception) -> str:
    """What a status says of it; the log says more."""
    if isinstance(exc, TrinaxError):
        return str(exc)
    what = exc.strerror if isinstance(exc, OSError) else f"{type(exc).__name__}, see the log"
    return f"{what}; the next scan tries again"


def _recipe(settings: Settings, embedder: Embedder) -> Recipe:
    chunking = settings.chunking
    limit_tokens = min(chunking.limit_tokens, embedder.limit_tokens or chunking.limit_tokens)
    return Recipe(
        ChunkLimits(limit_tokens, chunking.overlap_tokens),
        Limits(settings.ingest.file_limit_bytes, frozenset({str(_absolute(settings.data_dir))})),
    )


def _configured(settings: Settings) -> dict[str, tuple[Path, ...]]:
    return {
        id: tuple(_absolute(settings.base / folder) for folder in folders)
        for id, folders in settings.roots.items()
    }


def _absolute(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _total(outcomes: Sequence[Outcome]) -> Outcome:
    names = [field.name for field in fields(Outcome) if field.name != "seconds"]
    sums = {name: sum(getattr(outcome, name) for outcome in outcomes) for name in names}
    return Outcome(**sums, seconds=max((outcome.seconds for outcome in outcomes), default=0.0))
