"""One search over any number of collections."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import anyio.to_thread

from trinax.embedding.ports import Embedder
from trinax.index.registry import Registry
from trinax.retrieval import searching
from trinax.retrieval.confidence import Evidence
from trinax.retrieval.evidence import evidence, weighed
from trinax.retrieval.records import Found, Query
from trinax.retrieval.stopwatch import Stopwatch
from trinax.retrieval.views import Sight, seen
from trinax.settings import Retrieval

Told = Callable[[Mapping[str, float]], None]


class Retriever:
    """Callable from any task; holds no state between searches."""

    def __init__(
        self,
        registry: Registry,
        embedder: Embedder,
        settings: Retrieval,
        told: Told | None = None,
    ) -> None:
        """told: how long each stage of a search took, in ms."""
        self._registry = registry
        self._embedder = embedder
        self._settings = settings
        self._told = told

    def within(self, collections: frozenset[str] | None) -> "Retriever":
        """One that finds nothing outside of these collections; None for all."""
        registry = self._registry.within(collections)
        return Retriever(registry, self._embedder, self._settings, self._told)

    async def search(self, query: Query) -> Found:
        """Passages that may answer the query, best first; see Query and Found.

        Raises CollectionNotFound, and StoreFailed or ModelFailed if an engine gives up.
        """
        return await anyio.to_thread.run_sync(self.found, query)

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
