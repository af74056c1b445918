"""How much each client has under way at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from trinax.errors import TooManyAtOnce


class Occupancy:
    """Holds clients only while they have something under way. Thread-safe."""

    def __init__(self, what: str, limit: int) -> None:
        """what: is counted, in the plural. limit: for each client; 0 = none."""
        self._what = what
        self._limit = limit
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """One more, until the block is left. Raises TooManyAtOnce."""
        with self._lock:
            if 0 < self._limit <= self._under_way[client]:
                raise TooManyAtOnce(self._what, self._limit)
            self._under_way[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[client] -= 1
                if not self._under_way[client]:
                    del self._under_way[client]

    def __len__(self) -> int:
        return len(self._under_way)
