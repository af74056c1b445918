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
        self._waiting: list[Stay] = []  # in the order they were sent
        self._running: Counter[str] = Counter()
        self._first_s = 0.0
        self._whole_s = 0.0

    @contextmanager
    def request(self, model: str, key: str = "") -> Iterator["Stay"]:
        """Counts one request as long as it lasts; key: whose it is. Raises Busy if it would be one
        too many."""
        stay = Stay(self, model, key)
        with self._lock:
            if self._full:
                raise Busy(f"Upstream {self._upstream!r}", max(1.0, self._whole_s))
            self._waiting.append(stay)
        try:
            yield stay
        finally:
            self._left(stay)

    def begun(self, stay: "Stay") -> None:
        with self._lock:
            self._waiting.remove(stay)
            self._running[stay.model] += 1
            self._first_s = _mean(self._first_s, stay.age_s)

    def load(self, model: str) -> Load:
        """waiting: those of which nothing has come back yet. capacity: 0 for no limit. places: in
        the order that they were sent, for the other server tells none."""
        with self._lock:
            waiting = [stay for stay in self._waiting if stay.model == model]
            places: dict[str, int] = {}
            for place, stay in enumerate(waiting, 1):
                places.setdefault(stay.key, place)
            wait_s = self._whole_s if self._full else self._first_s
            running = self._running[model]
            return Load(model, running, len(waiting), self._limit, wait_s, places)

    @property
    def _full(self) -> bool:
        return 0 < self._limit <= len(self._waiting) + self._running.total()

    def _left(self, stay: "Stay") -> None:
        with self._lock:
            if not stay.answered:
                self._waiting.remove(stay)
                return
            self._running[stay.model] -= 1
            self._whole_s = _mean(self._whole_s, stay.age_s)


class Stay:
    """One request from its first second to its last."""

    def __init__(self, traffic: Traffic, model: str, key: str) -> None:
        self.model = model
        self.key = key
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
            self._traffic.begun(self)


def _mean(before: float, new: float) -> float:
    return new if before == 0.0 else before + SHARE * (new - before)
