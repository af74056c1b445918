"""One search over any number of stores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trinax.embedding.ports import Embedder
from trinax.index.ports import Searchable
from trinax.index.records import Passage
from trinax.retrieval import confidence, diversity, followup, fusion, neighbours, reranking
from trinax.retrieval.agreement import agreed
from trinax.retrieval.evidence import evidence, weighed
from trinax.retrieval.explain import Explainer
from trinax.retrieval.pool import Duplicate, Pool, Wanted, collapse, gather
from trinax.retrieval.question import Question, question
from trinax.retrieval.records import Found, Query, Ranked
from trinax.retrieval.reranking import Scored, Second
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
    words = weighed(search.asked, search.pool, search.passages)
    # Of the fused order: what it was calibrated on.
    sure = confidence.probability(evidence(search.asked, words, search.pool, search.passages))
    clock.lap("confidence")
    second = reranking.NOTHING
    if _reranks(query, settings):
        scored = _scored(search, settings)
        features = reranking.features(scored, words, search.pool, embedder)
        second = reranking.second(scored, features | reranking.quoted(scored, query.text))
    passages, crowded = diversity.spread(_placed(search, second), _per_file(query, settings))
    clock.lap("rerank")
    page = passages[query.offset : query.offset + query.limit]
    merge = settings.merge if query.merge is None else query.merge
    if not query.explain:
        ranked = tuple(Ranked(passage, score) for passage, score in page)
        ranked = neighbours.joined(ranked) if merge else ranked
        return Found(ranked, sure, timing_ms=clock.laps_ms)
    weights = _weights(query, settings)
    explainer = Explainer(query, search.pool, search.ranking, weights, second)
    copies = explainer.copies(search.duplicates)
    ranked = tuple(explainer.ranked(*placed, copies=copies) for placed in page)
    ranked = neighbours.joined(ranked) if merge else ranked
    told = passages[: query.offset + query.limit + DROPPED_LIMIT]
    dropped = explainer.dropped(told, search.duplicates, crowded[:DROPPED_LIMIT])
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
    sides = _wanted(query, asked, settings)
    pool = gather(agreed(stores, sides.terms), sides)
    clock.lap("candidates")
    ranking = _fused(query, pool, settings)
    clock.lap("fusion")
    end = query.offset + query.limit + (DROPPED_LIMIT if query.explain else 0)
    order = [chunk_id for chunk_id, _ in ranking]
    wanted = max(end, confidence.PASSAGES, reranking.RERANKED if _reranks(query, settings) else 0)
    if _per_file(query, settings):
        wanted = len(order)
    held = frozenset(asked.terms.ids) if asked.terms else frozenset[int]()
    passages, duplicates = collapse(order, pool.passages, wanted, held)
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


def _reranks(query: Query, settings: Retrieval) -> bool:
    return settings.rerank and query.mode == "hybrid" and settings.fusion == "weighted"


def _scored(search: Search, settings: Retrieval) -> Scored:
    passages = search.passages[: reranking.RERANKED]
    fused = dict(search.ranking)
    scores = np.array([fused[passage.chunk.id] for passage in passages])
    largest = fusion.largest(search.pool.bm25, search.pool.dense, settings.dense_weight)
    return Scored(passages, scores * largest)


def _placed(search: Search, second: Second) -> list[tuple[Passage, float]]:
    """The passages with their scores, best first: what was reranked shares out its fused scores
    in the new order, so that they stay what they were for those that compare them."""
    fused = dict(search.ranking)
    first = [second.passages[place] for place in second.order]
    passages = [*first, *search.passages[len(first) :]]
    scores = [fused[passage.chunk.id] for passage in search.passages]
    return list(zip(passages, scores, strict=True))


def _per_file(query: Query, settings: Retrieval) -> int:
    return settings.per_file if query.per_file is None else query.per_file


def _weights(query: Query, settings: Retrieval) -> dict[str, float]:
    if query.mode != "hybrid":
        return {query.mode: 1.0}
    return {"bm25": 1.0, "dense": 1.0 if settings.fusion == "rrf" else settings.dense_weight}
