"""One search over any number of collections."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from copy import copy

from anyio import CapacityLimiter, to_thread

from trinax.embedding.ports import Embedder
from trinax.index.registry import Registry
from trinax.retrieval import searching
from trinax.retrieval.confidence import Evidence
from trinax.retrieval.evidence import evidence, weighed
from trinax.retrieval.records import Found, Query
from trinax.retrieval.stopwatch import Stopwatch
from trinax.retrieval.views import Sight, seen
from trinax.settings import Retrieval

# Searches at once. Stores in this process share its GIL: more take longer each and get no more
# done, but one may wait for the disk. For a server they mostly wait.
AT_ONCE, AT_ONCE_REMOTE = 3, 40

Told = Callable[[Mapping[str, float]], None]


class Retriever:
    """Callable from any task; what it finds depends on no search before."""

    def __init__(
        self,
        registry: Registry,
        embedder: Embedder,
        settings: Retrieval,
        told: Told | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        """told: how long each stage of a search took, in ms. at_once: searches by search()."""
        self._registry = registry
        self._embedder = embedder
        self._settings = settings
        self._told = told
        self._room = CapacityLimiter(at_once)

    def within(self, collections: frozenset[str] | None) -> "Retriever":
        """One that finds nothing outside of these collections; None for all."""
        narrowed = copy(self)
        narrowed._registry = self._registry.within(collections)
        return narrowed

    async def search(self, query: Query) -> Found:
        """Passages that may answer the query, best first; see Query and Found.

        Raises CollectionNotFound, and StoreFailed or ModelFailed if an engine gives up.
        """
        return await to_thread.run_sync(self.found, query, limiter=self._room)

    def found(self, query: Query) -> Found:
        """search(), for callers that may block."""
        with self._seen(query) as sight:
            found = searching.found(query, sight.stores, sight.embedder, self._settings)
        if self._told:
            self._told(found.timing_ms)
        return found

    def evidence(self, query: Query) -> Evidence:
        """What the confidence of found() is computed from, for calibrating it."""
        with self._seen(query) as sight:
            search = searching.searched(
                query, sight.stores, sight.embedder, self._settings, Stopwatch()
            )
            words = weighed(search.asked, search.pool, search.passages)
            return evidence(search.asked, words, search.pool, search.passages)

    def _seen(self, query: Query) -> AbstractContextManager[Sight]:
        return seen(query, self._registry.select(query.collections), self._embedder)
