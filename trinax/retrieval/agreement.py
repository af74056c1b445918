"""Stores that are searched together, of one mind on how rare each word is."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trinax.index import bm25
from trinax.index.ports import Searchable
from trinax.index.records import Candidates, Filter, Frequencies, Passage, Terms


def agreed(stores: Sequence[Searchable], terms: Terms | None) -> Sequence[Searchable]:
    """The stores as if they were one: a term counts by how many chunks of all hold it, not by how
    many of its own store. Each is asked for that; one alone is not."""
    if len(stores) < 2 or terms is None:
        return stores
    found = [store.frequencies(terms.ids) for store in stores]
    chunks = sum(one.chunks for one in found)
    numbers = map(sum, zip(*(one.holding for one in found), strict=True))
    holding = dict(zip(terms.ids, numbers, strict=True))
    return [
        _Agreeing(store, own, chunks, holding) for store, own in zip(stores, found, strict=True)
    ]


class _Agreeing:
    """A store whose words weigh as they do in all."""

    def __init__(
        self, store: Searchable, own: Frequencies, chunks: int, holding: Mapping[int, float]
    ) -> None:
        """own: its frequencies of the terms of holding. chunks, holding: of all stores."""
        self._store = store
        self._chunks = chunks
        self._holding = holding
        # Of each term that the store has, its rarity in all by that in it.
        self._shares = {
            term: bm25.rarity(chunks, number) / bm25.rarity(own.chunks, here)
            for (term, number), here in zip(holding.items(), own.holding, strict=True)
            if here
        }

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        weighed = None if terms is None else self._weighed(terms)
        return self._store.candidates(vector, weighed, limit, filter)

    def best(self, questions: Sequence[Terms]) -> list[float]:
        return self._store.best(list(map(self._weighed, questions)))

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        return Frequencies(self._chunks, tuple([self._holding.get(term, 0.0) for term in terms]))

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return self._store.fetch(chunk_ids)

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        return self._store.scores(vector, chunk_ids)

    def _weighed(self, terms: Terms) -> Terms:
        pairs = zip(terms.ids, terms.weights, strict=True)
        return Terms(terms.ids, tuple([self._shares.get(id, 1.0) * weight for id, weight in pairs]))
