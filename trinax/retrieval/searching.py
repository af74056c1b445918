"""One search over any number of stores."""

from collections.abc import Sequence
from dataclasses import dataclass

from trinax.embedding.ports import Embedder
from trinax.index.ports import Searchable
from trinax.index.records import Passage
from trinax.retrieval import confidence, followup, fusion
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
class Search:
    """One search before its page is cut. passages: best first, of different texts."""

    asked: Question
    pool: Pool
    ranking: list[tuple[str, float]]
    passages: list[Passage]
    duplicates: list[Duplicate]


def found(
    query: Query, stores: Sequence[Searchable], embedder: Embedder | None, settings: Retrieval
) -> Found:
    """The stores' passages that may answer the query, best first; may block. embedder: that made
    their vectors; None where only words can be asked for."""
    clock = Stopwatch()
    search = searched(query, stores, embedder, settings, clock)
    sure = confidence.probability(evidence(search.asked, search.pool, search.passages))
    clock.lap("confidence")
    page = search.passages[query.offset : query.offset + query.limit]
    if not query.explain:
        scores = dict(search.ranking)
        ranked = tuple(Ranked(passage, scores[passage.chunk.id]) for passage in page)
        return Found(ranked, sure, timing_ms=clock.laps_ms)
    explainer = Explainer(query, search.pool, search.ranking, _weights(query, settings))
    ranked = tuple(explainer.ranked(passage) for passage in page)
    dropped = explainer.dropped(search.passages, search.duplicates)
    clock.lap("explain")
    return Found(ranked, sure, dropped, clock.laps_ms)


def searched(
    query: Query,
    stores: Sequence[Searchable],
    embedder: Embedder | None,
    settings: Retrieval,
    clock: Stopwatch,
) -> Search:
    turns = followup.turns(query.text, query.history)
    asked = question(turns, embedder)
    clock.lap("question")
    pool = gather(stores, _wanted(query, asked, settings))
    clock.lap("candidates")
    ranking = _fused(query, pool, settings)
    clock.lap("fusion")
    end = query.offset + query.limit + (DROPPED_LIMIT if query.explain else 0)
    order = [chunk_id for chunk_id, _ in ranking]
    passages, duplicates = collapse(order, pool.passages, max(end, confidence.PASSAGES))
    clock.lap("passages")
    return Search(asked, pool, ranking, passages, duplicates)


def _wanted(query: Query, asked: Question, settings: Retrieval) -> Wanted:
    return Wanted(
        vector=None if query.mode == "bm25" else asked.vector,
        terms=None if query.mode == "dense" else asked.terms,
        # A page beyond the usual candidates needs more of them.
        limit=max(settings.candidates, query.offset + query.limit),
        filter=query.filter,
    )


def _fused(query: Query, pool: Pool, settings: Retrieval) -> list[tuple[str, float]]:
    if query.mode == "hybrid" and settings.fusion == "rrf":
        sides = [list(pool.bm25), list(pool.dense)[: pool.listed]]
        best = len(sides) / (fusion.RRF_K + 1)
        return [(chunk_id, score / best) for chunk_id, score in fusion.rrf(sides)]
    return fusion.weighted(pool.bm25, pool.dense, settings.dense_weight, pool.floor)


def _weights(query: Query, settings: Retrieval) -> dict[str, float]:
    if query.mode != "hybrid":
        return {query.mode: 1.0}
    return {"bm25": 1.0, "dense": 1.0 if settings.fusion == "rrf" else settings.dense_weight}
