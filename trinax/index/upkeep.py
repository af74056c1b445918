"""Indexes made compact by themselves, once so much was written that it pays."""

import logging
import threading
import time
from collections import Counter

from trinax.errors import TrinaxError
from trinax.index.ports import Store
from trinax.index.registry import Registry

log = logging.getLogger(__name__)

# Fewer chunks are searched as fast as they are.
LEAST_LOOSE = 20_000
# Of all chunks: to make the whole compact takes in proportion to it.
LEAST_SHARE = 0.2
# It waits for a pause in writing, so that little is made twice, until so much is loose: a chunk
# that is takes 2 kB of memory, and searches compare it in full.
BUSY_LOOSE, BUSY_SHARE = 50_000, 0.5
POLL_S = 10.0


class Upkeep:
    """One thread that looks after all stores, one at a time.

    outcomes: how often an index was made compact ("done") and was not ("failed"). seconds: that it
    took in all where it was done."""

    def __init__(self, registry: Registry, poll_s: float = POLL_S) -> None:
        """poll_s: how often it looks; nothing written between two looks is a pause."""
        self._registry = registry
        self._poll_s = poll_s
        self._ended = threading.Event()
        self._seen: dict[str, int] = {}
        self._tried: dict[str, int] = {}
        # Not to be done, as long as no more is written: counting all chunks takes a while.
        self._settled: dict[str, int] = {}
        self.outcomes: Counter[str] = Counter()
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Whatever is being made compact is given up."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._poll_s):
            try:
                for id, store in self._registry.select():
                    self._look(id, store)
            except TrinaxError as exc:
                self.outcomes["failed"] += 1
                log.warning("Making an index compact failed: %s", exc)

    def _look(self, id: str, store: Store) -> None:
        loose = store.loose()
        paused = self._seen.get(id) == loose
        self._seen[id] = loose
        if loose < LEAST_LOOSE or self._settled.get(id) == loose:
            return
        # What failed is tried again once there is as much to do as before.
        if not is_due(loose - self._tried.get(id, 0), store.count(), paused):
            if paused:
                self._settled[id] = loose
            return
        self._tried[id] = loose
        began_s = time.monotonic()
        if store.compact(self._ended):
            del self._tried[id]
            seconds = time.monotonic() - began_s
            self.outcomes["done"] += 1
            self.seconds += seconds
            log.info("Collection %s: the index was made compact in %.0f s.", id, seconds)


def is_due(loose: int, chunks: int, paused: bool) -> bool:
    """loose: chunks that were written and removed since it was made compact, of so many that there
    are. paused: whether writing is."""
    least, share = (LEAST_LOOSE, LEAST_SHARE) if paused else (BUSY_LOOSE, BUSY_SHARE)
    return loose >= max(least, share * chunks)
