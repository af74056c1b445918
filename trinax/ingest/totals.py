"""What all reconciles since the start have done, and how far behind they are."""

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass

from trinax.ingest.records import Outcome


@dataclass(frozen=True, slots=True)
class Sums:
    """runs: how they ended ("done", "stopped", "failed") → how many. files: what was done to them,
    and chunks_embedded, by the names of Outcome. seconds: of those that were done."""

    runs: Counter[str]
    files: Counter[str]
    seconds: float


class Totals:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: Counter[str] = Counter()
        self._files: Counter[str] = Counter()
        self._seconds = 0.0

    def done(self, outcome: Outcome) -> None:
        counts = asdict(outcome)
        with self._lock:
            self._runs["done"] += 1
            self._seconds += counts.pop("seconds")
            self._files.update(counts)

    def ended(self, how: str) -> None:
        with self._lock:
            self._runs[how] += 1

    def sums(self) -> Sums:
        with self._lock:
            return Sums(self._runs.copy(), self._files.copy(), self._seconds)


class Lateness:
    """How long changes wait to be indexed, by collection. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noticed_s: dict[str, float] = {}  # the oldest that no run has begun to look at
        self._looked_at_s: dict[str, float] = {}  # the oldest of those that a run looks at

    def changed(self, collection: str) -> None:
        """Something was noticed now."""
        with self._lock:
            self._noticed_s.setdefault(collection, time.monotonic())

    def begun(self, collection: str) -> None:
        """A run that sees all that came until now."""
        with self._lock:
            noticed_s = self._noticed_s.pop(collection, None)
            if noticed_s is not None:
                self._looked_at_s.setdefault(collection, noticed_s)

    def done(self, collection: str) -> None:
        """All of that is in the index."""
        with self._lock:
            self._looked_at_s.pop(collection, None)

    def age_s(self, collection: str) -> float:
        """Of the oldest change that is not; 0 if there is none."""
        with self._lock:
            waiting = (self._looked_at_s.get(collection), self._noticed_s.get(collection))
            oldest_s = min((each for each in waiting if each is not None), default=None)
        return 0.0 if oldest_s is None else time.monotonic() - oldest_s
