"""Paths that changed while their collection is being indexed, and so go before its backlog."""

import threading
from collections.abc import Set

from trinax.ingest.debounce import MOST_PATHS


class Front:
    """Callable from any thread. A hint: who takes a path looks at what is there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: dict[str, frozenset[str]] = {}

    def put(self, collection: str, paths: Set[str]) -> None:
        """paths: absolute; more than MOST_PATHS are forgotten all, and left to the next run."""
        with self._lock:
            together = self._paths.get(collection, frozenset()) | paths
            self._paths[collection] = together if len(together) <= MOST_PATHS else frozenset()

    def take(self, collection: str) -> frozenset[str]:
        """What was put since the last time."""
        with self._lock:
            return self._paths.pop(collection, frozenset())
