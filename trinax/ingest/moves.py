"""Files on their way from one collection to another, known by their sizes."""

import threading
import time
from collections import Counter
from collections.abc import Iterable


class Moves:
    """What comes to and goes from each collection that is being brought up to date.

    A collection that loses files waits for one that gets files of these sizes: while the old one
    is in its index, the new one needs no embedding, and is found all the time. Callable from any
    thread; nothing waits without a limit.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._announced_s: dict[str, float] = {}
        self._coming: dict[str, Counter[int]] = {}
        self._leaving: dict[str, frozenset[int]] = {}

    def announce(self, collection: str) -> None:
        """A run of the collection is about to look at its folders."""
        with self._changed:
            if collection not in self._coming:
                self._announced_s[collection] = time.monotonic()

    def looked(self, collection: str, coming: Iterable[int], leaving: Iterable[int]) -> None:
        """coming: sizes of the new files. leaving: of those that are gone."""
        with self._changed:
            self._announced_s.pop(collection, None)
            self._coming[collection] = Counter(coming)
            self._leaving[collection] = frozenset(leaving)
            self._changed.notify_all()

    def came(self, collection: str, sizes: Iterable[int]) -> None:
        """New files of these sizes are in the index, or will not be."""
        with self._changed:
            if collection in self._coming:
                self._coming[collection] -= Counter(sizes)
                self._changed.notify_all()

    def end(self, collection: str) -> None:
        with self._changed:
            for state in (self._announced_s, self._coming, self._leaving):
                state.pop(collection, None)
            self._changed.notify_all()

    def coming(self, collection: str) -> frozenset[int]:
        """Sizes of the files that other collections are about to get."""
        with self._changed:
            return frozenset().union(*(c for id, c in self._coming.items() if id != collection))

    def leaving(self, collection: str) -> frozenset[int]:
        """Sizes of the files that other collections are about to lose."""
        with self._changed:
            return frozenset().union(*(s for id, s in self._leaving.items() if id != collection))

    def wait_until_looked(self, collection: str, limit_s: float) -> None:
        """Return once every run of another collection that was announced has looked; one that
        was announced longer than limit_s ago is not waited for."""

        def waiting() -> list[float]:
            oldest_s = time.monotonic() - limit_s
            return [
                since_s
                for id, since_s in self._announced_s.items()
                if id != collection and since_s > oldest_s
            ]

        with self._changed:
            while since := waiting():
                self._changed.wait(min(since) + limit_s - time.monotonic())

    def wait(self, limit_s: float) -> None:
        """Return once something has changed, or the time is over."""
        with self._changed:
            self._changed.wait(limit_s)
