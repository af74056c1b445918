"""One search over any number of collections."""

from dataclasses import dataclass

import anyio.to_thread

from trinax.embedding.ports import Embedder
from trinax.index.records import Passage
from trinax.index.registry import Registry
from trinax.retrieval import confidence, followup, fusion
from trinax.retrieval.confidence import Evidence
from trinax.retrieval.evidence import evidence
from trinax.retrieval.explain import Explainer
from trinax.retrieval.pool import Duplicate, Pool, Wanted, collapse, gather
from trinax.retrieval.question import Question, question
from trinax.retrieval.records import Found, Query, Ranked
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Retrieval

# Candidates that fell out and are told about when explain was asked for.
DROPPED_LIMIT = 50


@dataclass(frozen=True, slots=True)
class _Search:
    """One search before its page is cut. passages: best first, of different texts."""

    asked: Question
    pool: Pool
    ranking: list[tuple[str, float]]
    passages: list[Passage]
    duplicates: list[Duplicate]


class Retriever:
    """Callable from any task; holds no state between searches."""

    def __init__(self, registry: Registry, embedder: Embedder, settings: Retrieval) -> None:
        self._registry = registry
        self._embedder = embedder
        self._settings = settings

    async def search(self, query: Query) -> Found:
        """Passages that may answer the query, best first; see Query and Found.

        Raises CollectionNotFound, and StoreFailed or ModelFailed if an engine gives up.
        """
        return await anyio.to_thread.run_sync(self.found, query)

    def found(self, query: Query) -> Found:
        """search(), for callers that may block."""
        clock = Stopwatch()
        search = self._search(query, clock)
        sure = confidence.probability(evidence(search.asked, search.pool, search.passages))
        clock.lap("confidence")
        page = search.passages[query.offset : query.offset + query.limit]
        if not query.explain:
            scores = dict(search.ranking)
            ranked = tuple(Ranked(passage, scores[passage.chunk.id]) for passage in page)
            return Found(ranked, sure, timing_ms=clock.laps_ms)
        explainer = Explainer(query, search.pool, search.ranking, self._weights(query))
        ranked = tuple(explainer.ranked(passage) for passage in page)
        dropped = explainer.dropped(search.passages, search.duplicates)
        clock.lap("explain")
        return Found(ranked, sure, dropped, clock.laps_ms)

    def evidence(self, query: Query) -> Evidence:
        """What the confidence of found() is computed from, for calibrating it."""
        search = self._search(query, Stopwatch())
        return evidence(search.asked, search.pool, search.passages)

    def _search(self, query: Query, clock: Stopwatch) -> _Search:
        stores = [store for _, store in self._registry.select(query.collections)]
        turns = followup.turns(query.text, query.history)
        asked = question(turns, self._embedder)
        clock.lap("question")
        pool = gather(stores, self._wanted(query, asked))
        clock.lap("candidates")
        ranking = self._fused(query, pool)
        clock.lap("fusion")
        end = query.offset + query.limit + (DROPPED_LIMIT if query.explain else 0)
        order = [chunk_id for chunk_id, _ in ranking]
        passages, duplicates = collapse(order, pool.passages, max(end, confidence.PASSAGES))
        clock.lap("passages")
        return _Search(asked, pool, ranking, passages, duplicates)

    def _wanted(self, query: Query, asked: Question) -> Wanted:
        return Wanted(
            vector=None if query.mode == "bm25" else asked.vector,
            terms=None if query.mode == "dense" else asked.terms,
            # A page beyond the usual candidates needs more of them.
            limit=max(self._settings.candidates, query.offset + query.limit),
            filter=query.filter,
        )

    def _fused(self, query: Query, pool: Pool) -> list[tuple[str, float]]:
        if query.mode == "hybrid" and self._settings.fusion == "rrf":
            sides = [list(pool.bm25), list(pool.dense)[: pool.listed]]
            best = len(sides) / (fusion.RRF_K + 1)
            return [(chunk_id, score / best) for chunk_id, score in fusion.rrf(sides)]
        weight = self._settings.dense_weight
        return fusion.weighted(pool.bm25, pool.dense, weight, pool.floor)

    def _weights(self, query: Query) -> dict[str, float]:
        if query.mode != "hybrid":
            return {query.mode: 1.0}
        rrf = self._settings.fusion == "rrf"
        return {"bm25": 1.0, "dense": 1.0 if rrf else self._settings.dense_weight}
