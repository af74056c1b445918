"""Many events into few wake-ups."""

import asyncio
import threading
import time


class Debounce:
    """Collects keys from any thread until they have been quiet for a while.

    quiet_s: time without an event that ends a burst. limit_s: the longest that a burst lasts.
    To be made, and waited on, in one event loop.
    """

    def __init__(self, quiet_s: float, limit_s: float) -> None:
        self._quiet_s = quiet_s
        self._limit_s = limit_s
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._lock = threading.Lock()
        self._keys: set[str] = set()
        self._first_s = self._last_s = 0.0

    @property
    def pending(self) -> bool:
        with self._lock:
            return bool(self._keys)

    def wake(self, key: str) -> None:
        """Note an event; callable from any thread, even after the loop has ended."""
        with self._lock:
            self._last_s = time.monotonic()
            first = not self._keys
            self._keys.add(key)
            if first:
                self._first_s = self._last_s
        if first and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def settled(self, timeout_s: float | None) -> frozenset[str]:
        """The keys of the next burst, once it is over; empty if none began in time."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return frozenset()
        await self._quiet()
        with self._lock:
            self._woken.clear()
            keys, self._keys = frozenset(self._keys), set()
        return keys

    async def _quiet(self) -> None:
        while True:
            wait_s = self._wait_s()
            if wait_s <= 0:
                return
            await asyncio.sleep(wait_s)

    def _wait_s(self) -> float:
        with self._lock:
            end_s = min(self._last_s + self._quiet_s, self._first_s + self._limit_s)
        return end_s - time.monotonic()
