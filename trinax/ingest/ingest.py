"""Keeps every collection's index equal to its folders, in the background."""

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from anyio import CapacityLimiter, to_thread

from trinax.documents.opening import is_file
from trinax.documents.reading import read
from trinax.documents.records import Document
from trinax.embedding.ports import Embedder
from trinax.errors import CollectionNotFound, IndexedElsewhere, SourceNotFound, TrinaxError
from trinax.index.ledger import Ledger
from trinax.index.registry import Registry
from trinax.ingest.apart import Apart
from trinax.ingest.folders import Folders
from trinax.ingest.follower import Follower
from trinax.ingest.imported import Imported
from trinax.ingest.indexing import Parts, Stopped, Writer
from trinax.ingest.parsing import Reading, is_read_apart
from trinax.ingest.progress import Progress
from trinax.ingest.reconcile import Reconciler, recipe
from trinax.ingest.records import Failure, Outcome, Status, total
from trinax.ingest.resting import ELSEWHERE, Resting
from trinax.ingest.turns import Turn, Turns
from trinax.ingest.update import Run
from trinax.ingest.vectors import Attic
from trinax.ingest.waking import Waking
from trinax.ingest.whereabouts import Known, Whereabouts, below, whereabouts
from trinax.settings import Settings

log = logging.getLogger(__name__)

# In the data folder: ids of the collections that are paused.
PAUSED = "paused.json"
# A server gives large files and moments without a file this time to come to rest.
QUIET_S = 2.0
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
        self.embedder = embedder
        self.imported = Imported()
        self.resting = Resting(settings.data_dir / PAUSED, settings.ingest.quiet_hours)
        self.folders = Folders(_absolute(settings.collections_dir), _configured(settings), ledger)
        self.looking = threading.RLock()  # held by whoever changes which collections there are
        self.turns = Turns(self._run)
        self._quiet_until = self.resting.quiet(datetime.now())
        self._parts = Parts(registry, ledger, embedder, Attic(), self.imported)
        self._recipe = recipe(settings, embedder, _absolute(settings.data_dir))
        self.reconciler = Reconciler(self._parts, self._recipe)
        self._apart = Apart()
        self._readers = CapacityLimiter(1)
        self._progress: dict[str, Progress] = {}
        self._waking: Waking | None = None
        self._follower = None if self._settings.enabled else Follower(registry, self._progress)
        self._ready = False
        self._looked: set[str] = set()  # collections whose first reconcile has ended

    @property
    def ready(self) -> bool:
        """True once every store that can be opened is: queries are answered, indexing or not."""
        return self._ready

    @property
    def refused(self) -> tuple[Failure, ...]:
        """Folders in the collections folder that cannot be collections, and why."""
        return self.folders.refused

    async def start(self) -> None:
        """Open the stores, then begin to watch and to reconcile in the background; where another
        server indexes, to look what it has written."""
        if self._follower is not None:
            await self._follower.start()
            self._ready = True
            return
        await to_thread.run_sync(self._open)
        self._ready = True
        self._waking = Waking(self._settings, self.folders, self.reconciler, self)

    async def reconcile(self, collection: str | None = None) -> Outcome:
        """Bring one collection, or all, up to date, and say what was done.

        Paused ones are left alone; quiet hours do not count for what is asked for. A collection
        that could not be brought up to date says why in its status. Raises CollectionNotFound,
        and IndexedElsewhere.
        """
        self.own("Indexing")
        await to_thread.run_sync(self.refresh)
        if collection is not None:
            self.folders.roots(collection)
        ids = self.folders.ids() if collection is None else [collection]
        begun = [self.begin(id, asked=True) for id in ids]
        return total(await asyncio.gather(*map(asyncio.shield, begun)))

    def own(self, what: str) -> None:
        """Raises IndexedElsewhere where another server indexes. what: is to be done, as
        "Indexing"."""
        if self._follower is not None:
            raise IndexedElsewhere(what)

    def begin(self, collection: str, asked: bool = False) -> asyncio.Task[Outcome]:
        """A reconcile that begins after this moment: one that waits already, else a new one.

        asked: someone wants it, whatever the hour.
        """
        waits = self.turns.is_waiting(collection)
        task = self.turns.begin(collection, asked)
        if not waits:
            self.reconciler.moves.announce(collection)
            task.add_done_callback(self._look_later)
        return task

    def alone(self, collection: str) -> AbstractAsyncContextManager[None]:
        """Its index is the caller's meanwhile; a reconcile that runs is stopped first."""
        return self.turns.alone(collection)

    async def pause(self, collection: str) -> None:
        """Leave a collection as it is from now on, after a restart too. Raises CollectionNotFound,
        IndexedElsewhere, and OSError if it cannot be remembered."""
        self.own("Pausing")
        self.status(collection)
        await to_thread.run_sync(self.resting.pause, collection)
        self.turns.halt(collection)

    async def resume(self, collection: str) -> None:
        """Begin with what has changed since the pause. Raises as pause()."""
        self.own("Resuming")
        self.status(collection)
        await to_thread.run_sync(self.resting.resume, collection)
        self.begin(collection)

    def observe(self, now: datetime) -> None:
        """Rest where the quiet hours begin, and go on where they end. now: local time."""
        before, self._quiet_until = self._quiet_until, self.resting.quiet(now)
        if self._quiet_until:
            self.turns.halt_unasked()
        elif before:
            for id in self.folders.ids():
                self.begin(id)

    async def add_root(self, collection: str, folder: Path) -> None:
        """Make an outside folder part of a collection, which is made if there is none.

        It is remembered, and watched from now on; reconcile() indexes it. Raises InvalidRequest,
        and IndexedElsewhere.
        """
        self.own("Adding a folder")
        await to_thread.run_sync(self.folders.add, collection, folder)
        await self.look_again(collection)

    async def look_again(self, collection: str) -> None:
        """After a collection was made or got other folders: it can be searched, and is watched.

        Raises InvalidRequest if the id is no slug.
        """
        await to_thread.run_sync(self.refresh)
        await to_thread.run_sync(self._registry.ensure, collection)
        if self._waking is not None:
            await self._waking.follow()

    def status(self, collection: str) -> Status:
        """Raises CollectionNotFound."""
        progress = self._progress.get(collection)
        if progress is None:
            raise CollectionNotFound(collection)
        return self._told(progress.status())

    def statuses(self) -> list[Status]:
        """Of all collections, by id."""
        # A copy, for looking at the folders adds and removes some in another thread.
        return [self._told(each.status()) for _, each in sorted(self._progress.copy().items())]

    def busy(self, collection: str) -> bool:
        """Whether a reconcile of it runs, waits, or may be about to begin."""
        return self._is_waking or self.turns.is_busy(collection)

    def unfinished(self, collections: Sequence[str] | None = None) -> int | None:
        """Files of these collections (None: of all) that are waiting to be indexed; 0 while that
        is not yet known, None when there are none.

        A search may miss what stands in them.
        """
        # A copy, for looking at the folders adds and removes some in another thread.
        known = list(self._progress.items())
        asked = [each for each in known if collections is None or each[0] in collections]
        queued = sum(progress.queued for _, progress in asked)
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
        while self.turns.tasks or self._is_waking:
            if self.turns.tasks:
                await asyncio.wait(self.turns.tasks)
            else:
                await asyncio.sleep(LOOK_S)

    def drop(self, collection: str, file: str) -> None:
        """Take a file that was deleted out of the index; for who is alone with the collection.

        Raises what the store raises.
        """
        row = self._ledger.row(collection, file)
        if row is not None:
            Writer(collection, self._parts, row.pipeline).delete([row])
            self._progress[collection].remove([row])

    def whereabouts(self, path: Path) -> list[Whereabouts]:
        """Of an absolute path in every collection that it is part of; one with the state "outside"
        if there is none. Blocks while folders are walked."""
        # Folders on the way may be links that the roots have not; the file itself stays one.
        path = Path(os.path.normpath(path))
        paths = dict.fromkeys((path, Path(os.path.realpath(path.parent), path.name)))
        found = [
            whereabouts(root, inner, self._recipe.scan, self._known(id))
            for path in paths
            for id in self.folders.ids()
            for root in self.folders.roots(id)
            if (inner := below(root, path)) is not None
        ]
        return found or [Whereabouts("", "", "outside", self.folders.outside(path))]

    def _known(self, collection: str) -> Known:
        failures = {one.file: one.reason for one in self.status(collection).failures}
        return Known(collection, self._ledger.rows(collection), failures)

    def is_there(self, collection: str, file: str) -> bool:
        """Whether an indexed file is still where it was."""
        try:
            return is_file(self.folders.located(collection, file))
        except (SourceNotFound, CollectionNotFound):
            return False

    async def read(self, collection: str, file: str) -> Document:
        """An indexed file's text as it is now.

        Raises CollectionNotFound, SourceNotFound, UnreadableDocument and IndexedElsewhere.
        """
        self.own("Reading a file")
        place = await to_thread.run_sync(self.folders.located, collection, file)
        limit_bytes = self._settings.file_limit_bytes
        if is_read_apart(file):
            reading = Reading(place, file, limit_bytes)
            # Who waits for a turn holds no thread.
            return await to_thread.run_sync(self._apart.read, reading, limiter=self._readers)
        return await to_thread.run_sync(read, place, file, limit_bytes)

    async def close(self) -> None:
        """Stop watching and indexing; what was begun and not finished is done after a restart."""
        if self._follower is not None:
            await self._follower.close()
        if self._waking is not None:
            await self._waking.close()
        await self.turns.close()
        await to_thread.run_sync(self._apart.close)

    @property
    def _is_waking(self) -> bool:
        return self._waking is not None and self._waking.pending

    def _open(self) -> None:
        self.refresh()
        for id in self.folders.ids():
            try:
                self._registry.ensure(id)
            except Exception as exc:
                log.exception("Collection %s cannot be opened.", id)
                self._progress[id].end(_problem(exc))

    def refresh(self) -> frozenset[str]:
        """Look which collections there are; gives those whose folders came, went or moved."""
        with self.looking:
            changed = self.folders.refresh(self._registry.ids())
            for id in self.folders.ids():
                if self.folders.is_gone(id) and self._is_empty(id):
                    self._registry.drop(id)
                    self.forget(id)
                elif id not in self._progress:
                    progress = Progress(id)
                    progress.load(self._ledger.rows(id))
                    self._progress[id] = progress
            return changed

    def forget(self, collection: str) -> None:
        """Leave a collection out until a refresh finds it again."""
        with self.looking:
            self._progress.pop(collection, None)
            self.folders.forget(collection)
            self._looked.discard(collection)

    def _is_empty(self, collection: str) -> bool:
        """True if a collection whose folder is gone leaves nothing that could be missed."""
        if self._ledger.rows(collection) or collection not in self._registry.ids():
            return False
        return self._registry.get(collection).count() == 0

    def _reason(self, collection: str) -> str:
        """Why a collection is not indexed now; "" if it is."""
        if self._follower is not None:
            return ELSEWHERE
        quiet_until = "" if self.turns.is_asked(collection) else self._quiet_until
        return self.resting.reason(collection, quiet_until)

    def _told(self, status: Status) -> Status:
        """With what only this class knows of it."""
        if self._waking is not None and (notice := self._waking.notice(status.id)):
            status = replace(status, notice="; ".join(filter(None, (status.notice, notice))))
        reason = self._reason(status.id)
        if not reason or status.state != "idle":
            return status
        return replace(status, state="paused", problem=reason)

    def _look_later(self, task: asyncio.Task[Outcome]) -> None:
        """After a turn: what was not at rest is for another one."""
        again_s = self.reconciler.again_s(task.get_name())
        if self._waking is not None and again_s is not None:
            self._waking.later(task.get_name(), again_s)

    def _run(self, turn: Turn) -> Outcome:
        progress = self._progress.get(turn.collection)
        if progress is None:
            self.reconciler.moves.end(turn.collection)
            return Outcome()
        try:
            if self._reason(turn.collection):
                self.reconciler.moves.end(turn.collection)
                self._registry.ensure(turn.collection)  # to be searched as it is
                progress.load(self._ledger.rows(turn.collection))
                return Outcome()
            roots = self.folders.roots(turn.collection)
            quiet_s = 0.0 if self._waking is None else QUIET_S
            run = Run(turn.collection, roots, turn.halt, quiet_s)
            return self.reconciler.run(run, progress)
        except Stopped:
            progress.end()
        except (TrinaxError, OSError) as exc:
            log.error("Collection %s cannot be brought up to date: %s", turn.collection, exc)
            progress.end(_problem(exc))
        except Exception as exc:
            log.exception("Collection %s cannot be brought up to date.", turn.collection)
            progress.end(_problem(exc))
        finally:
            self._looked.add(turn.collection)
        return Outcome()


def _problem(exc: Exception) -> str:
    """What a status says of it; the log says more."""
    if isinstance(exc, TrinaxError):
        return str(exc)
    what = exc.strerror if isinstance(exc, OSError) else f"{type(exc).__name__}, see the log"
    return f"{what}; the next scan tries again"


def _configured(settings: Settings) -> dict[str, tuple[Path, ...]]:
    return {
        id: tuple(_absolute(settings.base / folder) for folder in folders)
        for id, folders in settings.roots.items()
    }


def _absolute(path: Path) -> Path:
    return Path(os.path.realpath(path))
