"""How many requests an upstream has in hand, and how long they take."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from trinax.errors import Busy
from trinax.models.ports import Load

# Of the newest request, in the running means: the last five make up two thirds.
SHARE = 0.2


class Traffic:
    """Of one upstream with all its models. Thread-safe."""

    def __init__(self, upstream: str, limit: int) -> None:
        """limit: requests at once; 0 for no limit."""
        self._upstream = upstream
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: Counter[str] = Counter()
        self._running: Counter[str] = Counter()
        self._first_s = 0.0
        self._whole_s = 0.0

    @contextmanager
    def request(self, model: str) -> Iterator["Stay"]:
        """Counts one request as long as it lasts. Raises Busy if it would be one too many."""
        with self._lock:
            if self._full:
                raise Busy(f"Upstream {self._upstream!r}", max(1.0, self._whole_s))
            self._waiting[model] += 1
        stay = Stay(self, model)
        try:
            yield stay
        finally:
            self._left(stay)

    def begun(self, model: str, after_s: float) -> None:
        with self._lock:
            self._waiting[model] -= 1
            self._running[model] += 1
            self._first_s = _mean(self._first_s, after_s)

    def load(self, model: str) -> Load:
        """waiting: those of which nothing has come back yet. capacity: 0 for no limit."""
        with self._lock:
            wait_s = self._whole_s if self._full else self._first_s
            return Load(model, self._running[model], self._waiting[model], self._limit, wait_s)

    @property
    def _full(self) -> bool:
        return 0 < self._limit <= self._waiting.total() + self._running.total()

    def _left(self, stay: "Stay") -> None:
        with self._lock:
            counted = self._running if stay.answered else self._waiting
            counted[stay.model] -= 1
            if stay.answered:
                self._whole_s = _mean(self._whole_s, stay.age_s)


class Stay:
    """One request from its first second to its last."""

    def __init__(self, traffic: Traffic, model: str) -> None:
        self.model = model
        self.answered = False
        self._traffic = traffic
        self._since = time.monotonic()

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._since

    def answer(self) -> None:
        """Something has come back; only the first call counts."""
        if not self.answered:
            self.answered = True
            self._traffic.begun(self.model, self.age_s)


def _mean(before: float, new: float) -> float:
    return new if before == 0.0 else before + SHARE * (new - before)
