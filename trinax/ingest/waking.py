"""What makes a server look at its folders: file events, the time since the last look, the clock."""

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from anyio import to_thread

from trinax.errors import CollectionNotFound
from trinax.ingest import rules
from trinax.ingest.debounce import Debounce
from trinax.ingest.folders import Folders
from trinax.ingest.mounts import far
from trinax.ingest.reconcile import Reconciler
from trinax.ingest.records import Outcome
from trinax.ingest.watch import LOST, Watcher, refusal
from trinax.settings import Ingest as Settings

log = logging.getLogger(__name__)

# How often the clock is looked at, for the quiet hours, and what is at rest goes to the disk.
CLOCK_S = 5.0


class Woken(Protocol):
    """What is told that it is time."""

    def refresh(self) -> frozenset[str]:
        """Look which collections there are; gives those whose folders came, went or moved."""

    def begin(self, collection: str) -> asyncio.Task[Outcome]:
        """Reconcile it."""

    def observe(self, now: datetime) -> None:
        """Take notice of the time of day."""


class Waking:
    """Looks around at once, then whenever there is a reason, until close(); for one event loop."""

    def __init__(
        self, settings: Settings, folders: Folders, reconciler: Reconciler, woken: Woken
    ) -> None:
        """To be made in the event loop."""
        self._interval_s = settings.scan_interval_s
        self._folders = folders
        self._reconciler = reconciler
        self._woken = woken
        self._debounce = Debounce(settings.debounce_s, settings.debounce_limit_s)
        self._deaf = ""  # why there are no events at all
        self._watcher = self._watching()
        self._far: Mapping[Path, str] = {}  # roots on network file systems
        self._round = asyncio.create_task(self._look({}, anew=True))
        self._main = asyncio.create_task(self._watch())
        self._clock = asyncio.create_task(self._watch_clock())

    @property
    def pending(self) -> bool:
        """True while events, or the look around after them, may still start a reconcile."""
        return not self._round.done() or self._debounce.pending

    def later(self, collection: str, again_s: float) -> None:
        """Look at a collection once more after that time."""
        asyncio.get_running_loop().call_later(again_s, self._debounce.wake, collection)

    def notice(self, collection: str) -> str:
        """Why changes of the collection are seen late, and what to do about it; "" if they are
        not."""
        if not (cause := self._deaf or self._cause(collection)):
            return ""
        when = f"every {self._interval_s:g} s" if self._interval_s else "only by a reindex"
        return f"changes are seen {when}: {cause}"

    async def follow(self) -> None:
        """Watch the folders that there are now."""
        if self._watcher is not None:
            await to_thread.run_sync(self._watcher.follow, self._folders.watched())

    async def close(self) -> None:
        """Return once nothing looks or listens any more."""
        self._main.cancel()
        self._clock.cancel()
        await asyncio.wait([self._main, self._round, self._clock])
        if self._watcher is not None:
            await to_thread.run_sync(self._watcher.close)

    def _watching(self) -> Watcher | None:
        try:
            return Watcher(self._noted)
        except OSError as exc:
            log.warning("No file events (%s): changes are seen by periodic scans only.", exc)
            self._deaf = refusal(exc)
            return None

    def _cause(self, collection: str) -> str:
        if self._watcher is None:
            return ""
        roots = self._roots(collection)
        for folder in self._folders.watched():
            problem = self._watcher.problem(folder)
            if problem and any(root.is_relative_to(folder) for root in roots):
                return problem
        kinds = [self._far[root] for root in roots if root in self._far]
        return f"what others change on a network disk ({kinds[0]}) gives no event" if kinds else ""

    def _roots(self, collection: str) -> list[Path]:
        try:
            return [root.folder for root in self._folders.roots(collection)]
        except CollectionNotFound:  # as it may be from one moment to the next
            return []

    async def _watch(self) -> None:
        due_s = time.monotonic() + self._interval_s
        while True:
            await asyncio.shield(self._round)
            left_s = max(0.0, due_s - time.monotonic()) if self._interval_s else None
            woken = await self._debounce.settled(left_s)
            # However many events there are, some may be missing.
            due = not woken or (self._interval_s and time.monotonic() >= due_s)
            if due:
                due_s = time.monotonic() + self._interval_s
                woken = {**dict.fromkeys(self._folders.ids(), frozenset[str]()), **woken}
            self._round = asyncio.create_task(self._look(woken, anew=bool(due)))

    async def _look(self, woken: Mapping[str, frozenset[str]], anew: bool) -> None:
        """Reconcile what was woken and what came or went; if that is nothing, everything.

        woken: absolute paths that changed, by collection. anew: whether to try again to watch what
        could not be.
        """
        try:
            if anew:
                await to_thread.run_sync(self._follow_anew)
            # Watched before it is looked at: what comes in between would wait for the next scan.
            await self.follow()
            changed = await to_thread.run_sync(self._woken.refresh)
            await self.follow()
            ids = set(self._folders.ids())
            for id in sorted(ids & (woken.keys() | changed) if woken else ids):
                self._reconciler.front.put(id, woken.get(id, frozenset()))
                self._woken.begin(id)
        except Exception:
            log.exception("Looking for changes failed; the next scan tries again.")

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_S)
            self._woken.observe(datetime.now())
            await to_thread.run_sync(self._reconciler.flush)

    def _follow_anew(self) -> None:
        self._far = far(root for id in self._folders.ids() for root in self._roots(id))
        if self._watcher is not None:
            self._watcher.follow_anew()

    def _noted(self, path: str) -> None:
        """Called by the watcher in a thread of its own."""
        if path == LOST:
            for id in self._folders.ids():
                self._wake(id)
            return
        for id, below in self._folders.owners(path):
            *parents, name = below.split(os.sep)
            quiet = rules.hidden(name) or rules.temporary(name)
            seen = name in rules.IGNORE_FILES or not quiet
            if seen and not any(map(rules.hidden, parents)) and not self._is_pruned(id, path):
                self._wake(id, path)

    def _wake(self, id: str, path: str = "") -> None:
        self._reconciler.lateness.changed(id)
        self._debounce.wake(id, path)

    def _is_pruned(self, collection: str, path: str) -> bool:
        pruned = self._reconciler.pruned(collection)
        return bool(pruned) and any(str(parent) in pruned for parent in Path(path).parents)
