"""What a server that only reads an index knows of the collections that another server indexes."""

import asyncio
import logging
import time

from anyio import to_thread

from trinax.errors import TrinaxError
from trinax.index.registry import Registry
from trinax.ingest.progress import Progress

log = logging.getLogger(__name__)

# How often it is looked which collections there are, and how many chunks they have.
LOOK_S = 5.0
# A change that leaves the number of chunks as it was is seen after this time.
ANEW_S = 60.0


class Follower:
    """Looks now and then, from start() to close(); for one event loop."""

    def __init__(self, registry: Registry, progress: dict[str, Progress]) -> None:
        """progress: of each collection, kept up here."""
        self._registry = registry
        self._progress = progress
        self._seen: dict[str, tuple[int, float]] = {}  # chunks, and when its files were listed
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once all that can be known is."""
        await to_thread.run_sync(self.look)
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def look(self) -> None:
        """Blocks while the server of the index is asked; what fails stands in the progress."""
        try:
            self._registry.refresh()
        except TrinaxError as exc:
            log.warning("Which collections there are cannot be told: %s", exc)
        ids = set(self._registry.ids())
        for gone in self._progress.keys() - ids:
            self._progress.pop(gone)
            self._seen.pop(gone, None)
        for id in sorted(ids):
            progress = self._progress.setdefault(id, Progress(id))
            try:
                self._count(id, progress)
                progress.end()
            except TrinaxError as exc:
                progress.end(str(exc))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await to_thread.run_sync(self.look)
            except Exception:
                log.exception("Looking what was indexed failed; the next look tries again.")

    def _count(self, id: str, progress: Progress) -> None:
        store = self._registry.get(id)
        chunks, now_s = store.count(), time.monotonic()
        before, listed_s = self._seen.get(id, (-1, 0.0))
        if chunks != before or now_s - listed_s > ANEW_S:
            progress.learn(store.files())
            self._seen[id] = chunks, now_s
