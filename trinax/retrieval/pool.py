"""The candidates of several collections as if they stood in one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trinax.index.ports import Searchable
from trinax.index.records import Candidates, Filter, Hit, Passage, Terms
from trinax.retrieval.copies import Originals

# Of several stores each is first asked for so many times its share of the candidates, and more.
FAIR_SHARES = 2
LEAST_ASKED = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. vector, terms: None leaves that side out. limit: of each side."""

    vector: NDArray[np.float32] | None
    terms: Terms | None
    limit: int
    filter: Filter | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates by chunk id with raw scores, each side best first and limited over all
    collections together.

    dense: cosines; after the listed hits come those that only BM25 found, at their true cosine.
    listed: how many of dense were found by the dense side.
    floor: no chunk outside of bm25 scores more there.
    home: chunk id → the store it lives in.
    """

    bm25: Mapping[str, float]
    dense: Mapping[str, float]
    listed: int
    floor: float
    home: Mapping[str, Searchable]

    def passages(self, chunk_ids: Sequence[str]) -> dict[str, Passage]:
        """By chunk id, in the order asked; chunks that are gone are left out."""
        fetched = {
            passage.chunk.id: passage
            for store, ids in self._by_store(chunk_ids)
            for passage in store.fetch(ids)
        }
        return {chunk_id: fetched[chunk_id] for chunk_id in chunk_ids if chunk_id in fetched}

    def cosines(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for store, ids in self._by_store(chunk_ids):
            found.update(store.scores(vector, ids))
        return found

    def _by_store(self, chunk_ids: Sequence[str]) -> Iterable[tuple[Searchable, list[str]]]:
        groups: dict[int, tuple[Searchable, list[str]]] = {}
        for chunk_id in chunk_ids:
            store = self.home[chunk_id]
            groups.setdefault(id(store), (store, []))[1].append(chunk_id)
        return groups.values()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A passage that says nothing beside a better one, `of`."""

    passage: Passage
    of: Passage


def gather(stores: Sequence[Searchable], wanted: Wanted) -> Pool:
    """The best candidates of all stores, raw scores merged before anything is normalised."""
    home: dict[str, Searchable] = {}
    bm25: list[Hit] = []
    dense: list[Hit] = []
    for store, found in zip(stores, _asked(stores, wanted), strict=True):
        bm25.extend(found.bm25)
        dense.extend(found.dense)
        home.update((hit.chunk_id, store) for hit in (*found.bm25, *found.dense))
    lexical, near = _best(bm25, wanted.limit), _best(dense, wanted.limit)
    # A list that is not full holds every chunk with a word of the question.
    floor = min(lexical.values()) if len(lexical) == wanted.limit else 0.0
    pool = Pool(lexical, near, len(near), floor, home)
    if wanted.vector is None:
        return pool
    missing = [chunk_id for chunk_id in pool.bm25 if chunk_id not in pool.dense]
    cosines = pool.cosines(wanted.vector, missing)
    return replace(pool, dense={**pool.dense, **cosines})


def _asked(stores: Sequence[Searchable], wanted: Wanted) -> list[Candidates]:
    """What each store has among the best of all. Each is asked for some first, and for all only
    where those do not settle it."""
    some = min(wanted.limit, LEAST_ASKED + FAIR_SHARES * wanted.limit // max(1, len(stores)))
    if len(stores) < 2:
        some = wanted.limit
    found = [_candidates(store, wanted, some) for store in stores]
    if some == wanted.limit:
        return found
    near = _unsettled([one.dense for one in found], some, wanted.limit)
    words = _unsettled([one.bm25 for one in found], some, wanted.limit)
    for place in near | words:
        vector = wanted.vector if place in near else None
        terms = wanted.terms if place in words else None
        more = _candidates(stores[place], replace(wanted, vector=vector, terms=terms), wanted.limit)
        had = found[place]
        found[place] = Candidates(more.dense or had.dense, more.bm25 or had.bm25)
    return found


def _candidates(store: Searchable, wanted: Wanted, limit: int) -> Candidates:
    return store.candidates(wanted.vector, wanted.terms, limit, wanted.filter)


def _unsettled(lists: Sequence[Sequence[Hit]], asked: int, limit: int) -> set[int]:
    """Places of the lists, cut off at `asked`, that may go on with some of the best `limit`."""
    scores = sorted((hit.score for hits in lists for hit in hits), reverse=True)
    least = scores[limit - 1] if len(scores) >= limit else float("-inf")
    return {
        place for place, hits in enumerate(lists) if len(hits) == asked and hits[-1].score >= least
    }


def collapse(
    ranking: Sequence[str],
    fetch: Callable[[Sequence[str]], Mapping[str, Passage]],
    wanted: int,
    asked: AbstractSet[int] = frozenset(),
) -> tuple[list[Passage], list[Duplicate]]:
    """The first `wanted` passages of a ranking without copies, and what was passed over.

    asked: term ids of the question, see Originals. Chunks that are gone are skipped.
    """
    originals = Originals(asked)
    kept: list[Passage] = []
    duplicates: list[Duplicate] = []
    start = 0
    while len(kept) < wanted and start < len(ranking):
        block = ranking[start : start + wanted - len(kept)]
        start += len(block)
        passages = [*fetch(block).values()]
        for passage, original in zip(passages, originals.originals(passages), strict=True):
            if original:
                duplicates.append(Duplicate(passage, original))
            else:
                kept.append(passage)
    return kept, duplicates


def _best(hits: Sequence[Hit], limit: int) -> dict[str, float]:
    best = sorted([(-hit.score, hit.chunk_id) for hit in hits])[:limit]
    return {chunk_id: -score for score, chunk_id in best}
