"""The index that a store reads from, and the one that is built to take its place."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from trinax.index.ports import Embedders, Former, Searchable, View
from trinax.index.records import Candidates, FileSummary, Filter, Frequencies, Passage, Terms


class Readable(Searchable, Protocol):
    """As the methods of a Store."""

    def files(self) -> list[FileSummary]: ...

    def chunks(self, file: str) -> list[Passage]: ...

    def count(self) -> int: ...


Index = TypeVar("Index", bound=Readable)


class Serving(Generic[Index]):
    """The reading half of a Store. Its readers are counted, so that nobody loses the index that he
    reads: the switch to another waits for them. Callable from any thread."""

    def __init__(self, embedders: Embedders) -> None:
        """embedders: those of other fingerprints than that of the one in use."""
        self._embedders = embedders
        self._switched = threading.Condition()  # over the fields that follow
        self._views: Counter[Index] = Counter()
        self._served: Index
        self._built: Index | None = None
        self._former = ""  # fingerprint of the serving index's embedder, if it is another one

    @property
    def renewed(self) -> bool:
        return self._built is not None

    @contextmanager
    def view(self) -> Iterator[View]:
        with self._reading() as (served, fingerprint):
            yield View(served, Former(self._embedders(fingerprint)) if fingerprint else None)

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        with self._reading() as (served, _):
            return served.candidates(vector, terms, limit, filter)

    def best(self, questions: Sequence[Terms]) -> list[float]:
        with self._reading() as (served, _):
            return served.best(questions)

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        with self._reading() as (served, _):
            return served.frequencies(terms)

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        with self._reading() as (served, _):
            return served.fetch(chunk_ids)

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        with self._reading() as (served, _):
            return served.scores(vector, chunk_ids)

    def files(self) -> list[FileSummary]:
        with self._reading() as (served, _):
            return served.files()

    def chunks(self, file: str) -> list[Passage]:
        with self._reading() as (served, _):
            return served.chunks(file)

    def count(self) -> int:
        with self._reading() as (served, _):
            return served.count()

    @property
    def _written(self) -> Index:
        return self._built or self._served

    def _both(self) -> list[Index]:
        return [self._served, self._built] if self._built else [self._served]

    def _serve(self, built: Index) -> Index:
        """Serve what was built. Returns the index before once nobody reads it."""
        with self._switched:
            before, self._served, self._built, self._former = self._served, built, None, ""
            self._switched.wait_for(lambda: not self._views[before])
            del self._views[before]
        return before

    @contextmanager
    def _reading(self) -> Iterator[tuple[Index, str]]:
        """The index that serves, there until the end of the block, and the fingerprint of its
        embedder, "" if that is the one in use."""
        with self._switched:
            served, fingerprint = self._served, self._former
            self._views[served] += 1
        try:
            yield served, fingerprint
        finally:
            with self._switched:
                self._views[served] -= 1
                self._switched.notify_all()
