"""What one search sees of the stores, and by which embedder it asks them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trinax.embedding.ports import Embedder
from trinax.errors import StoreFailed
from trinax.index.ports import Searchable, Store
from trinax.index.records import Candidates, Filter, Frequencies, Passage, Terms
from trinax.retrieval import followup
from trinax.retrieval.question import blended
from trinax.retrieval.records import Query


@dataclass(frozen=True, slots=True)
class Sight:
    """embedder: to ask by; None where only words can be asked for."""

    stores: Sequence[Searchable]
    embedder: Embedder | None


@dataclass(frozen=True, slots=True)
class ByOwn:
    """Passages asked by the vector that their own embedder gives the question, whichever vector
    others are asked by; without one, for words only."""

    passages: Searchable
    vector: NDArray[np.float32] | None

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        own = None if vector is None else self.vector
        return self.passages.candidates(own, terms, limit, filter)

    def best(self, questions: Sequence[Terms]) -> list[float]:
        return self.passages.best(questions)

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        return self.passages.frequencies(terms)

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return self.passages.fetch(chunk_ids)

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        return {} if self.vector is None else self.passages.scores(self.vector, chunk_ids)


@contextmanager
def seen(query: Query, stores: Sequence[tuple[str, Store]], embedder: Embedder) -> Iterator[Sight]:
    """The stores, by collection, as they are at this moment and until the end of the block.

    embedder: the one in use. Raises StoreFailed for a search by vectors alone in a store whose
    vectors nobody can ask for any more.
    """
    with ExitStack() as stack:
        views = [stack.enter_context(store.view()) for _, store in stores]
        askers = [one.former.embedder if one.former else embedder for one in views]
        for (collection, _), asker in zip(stores, askers, strict=True):
            if asker is None and query.mode == "dense":
                raise StoreFailed(
                    collection,
                    "it is being embedded anew and has no vectors to search until that is done",
                )
        passages = [one.passages for one in views]
        if all(asker is askers[0] for asker in askers):
            yield Sight(passages, askers[0] if askers else embedder)
        else:
            yield _mixed(query, passages, askers)


def _mixed(
    query: Query, passages: Sequence[Searchable], askers: Sequence[Embedder | None]
) -> Sight:
    """Cosines of different models stand side by side as they are: until all collections are
    embedded anew there is nothing better to compare them by."""
    turns = followup.turns(query.text, query.history)
    by_fingerprint = {asker.fingerprint: asker for asker in askers if asker is not None}
    vectors = {name: blended(turns, asker) for name, asker in by_fingerprint.items()}
    stores = [
        ByOwn(one, vectors[asker.fingerprint] if asker else None)
        for one, asker in zip(passages, askers, strict=True)
    ]
    # One that knows a word of the question, so that it has a vector to ask with at all.
    known = [asker for name, asker in by_fingerprint.items() if vectors[name] is not None]
    return Sight(stores, next(iter([*known, *by_fingerprint.values()]), None))
