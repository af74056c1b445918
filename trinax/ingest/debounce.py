"""Many events into few wake-ups."""

import asyncio
import threading
import time
from collections.abc import Mapping

# Paths kept of one key and burst: what more of them tell, a scan tells better.
MOST_PATHS = 64
# An editor that saves a file touches no more than these (the file, a copy, a backup) within a few
# milliseconds. Someone waits for it, so it need not be quiet for longer.
SAVED_PATHS = 4
SAVED_S = 0.05


class Debounce:
    """Collects keys from any thread until they have been quiet for a while, and what else was said
    of each.

    quiet_s: time without an event that ends a burst, unless it tells of a few paths only (see
    SAVED_S). limit_s: the longest that a burst lasts.
    To be made, and waited on, in one event loop.
    """

    def __init__(self, quiet_s: float, limit_s: float) -> None:
        self._quiet_s = quiet_s
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._lock = threading.Lock()
        self._keys: dict[str, set[str]] = {}
        self._first_s = self._last_s = 0.0

    @property
    def pending(self) -> bool:
        with self._lock:
            return bool(self._keys)

    def wake(self, key: str, path: str = "") -> None:
        """Note an event; callable from any thread, even after the loop has ended.

        path: what it was about; empty: about anything.
        """
        with self._lock:
            self._last_s = time.monotonic()
            first = not self._keys
            paths = self._keys.setdefault(key, set())
            if len(paths) <= MOST_PATHS:
                paths.add(path)
            if first:
                self._first_s = self._last_s
        if first and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def settled(self, timeout_s: float | None) -> Mapping[str, frozenset[str]]:
        """The keys of the next burst with their paths, once it is over; empty if none began in
        time. A key has no paths where it was about anything, or about more than MOST_PATHS."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return {}
        await self._quiet()
        with self._lock:
            self._woken.clear()
            keys, self._keys = self._keys, {}
        return {key: _named(paths) for key, paths in keys.items()}

    async def _quiet(self) -> None:
        while True:
            wait_s = self._wait_s()
            if wait_s <= 0:
                return
            await asyncio.sleep(wait_s)

    def _wait_s(self) -> float:
        with self._lock:
            paths = [path for some in self._keys.values() for path in some]
            is_save = len(paths) <= SAVED_PATHS and all(paths)
            quiet_s = min(self._quiet_s, SAVED_S) if is_save else self._quiet_s
            end_s = min(self._last_s + quiet_s, self._first_s + self._limit_s)
        return end_s - time.monotonic()


def _named(paths: set[str]) -> frozenset[str]:
    return frozenset() if "" in paths or len(paths) > MOST_PATHS else frozenset(paths)
