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
    holding = [sum(each) for each in zip(*(one.holding for one in found), strict=True)]
    rarities = [bm25.rarity(chunks, number) for number in holding]
    return [
        _Agreeing(store, _shares(one, terms.ids, rarities))
        for store, one in zip(stores, found, strict=True)
    ]


def _shares(own: Frequencies, terms: Sequence[int], rarities: Sequence[float]) -> dict[int, float]:
    """Of each term that the store has, its rarity in all by that in it."""
    return {
        term: rarity / bm25.rarity(own.chunks, number)
        for term, rarity, number in zip(terms, rarities, own.holding, strict=True)
        if number
    }


class _Agreeing:
    """A store whose words weigh as they do in all. Terms of no share weigh as they did."""

    def __init__(self, store: Searchable, shares: Mapping[int, float]) -> None:
        self._store = store
        self._shares = shares

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
        return self._store.frequencies(terms)

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return self._store.fetch(chunk_ids)

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        return self._store.scores(vector, chunk_ids)

    def _weighed(self, terms: Terms) -> Terms:
        pairs = zip(terms.ids, terms.weights, strict=True)
        return Terms(terms.ids, tuple([self._shares.get(id, 1.0) * weight for id, weight in pairs]))
