"""What the rest of trinax asks of one collection's store."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trinax.index.records import Candidates, Entry, Files, FileSummary, Filter, Passage, Terms


class Searchable(Protocol):
    """Passages that can be searched: a collection's, or some that are in no collection."""

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        """The best `limit` of each side that was asked for (None: not asked for)."""

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """In the order asked; ids that are gone are left out."""

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        """Cosine of these chunks with the vector; ids that are gone are left out."""


class Store(Searchable, Protocol):
    """One collection. Safe to call from threads; writes are serialised inside.

    Engine failures come out as StoreFailed, a store that another process holds as StoreLocked.
    """

    @property
    def fresh(self) -> bool:
        """True if opening made it empty: it is new, was corrupt, or was made with another
        embedder or analysis. What a ledger remembers of the collection is then void."""

    def replace(self, files: Files) -> None:
        """Make each file's chunks exactly the given entries, in one step for readers.

        Chunks of the file that are not among them disappear in that same step.
        """

    def delete(self, files: Sequence[str]) -> None:
        """Remove every chunk of these files from both retrievers; unknown files are ignored."""

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        """Set a file's size and time on its chunks, leaving the rest as it is."""

    def files(self) -> list[FileSummary]:
        """Every indexed file with at least one chunk, most chunks first, then by name."""

    def chunks(self, file: str) -> list[Passage]:
        """A file's passages in order; empty if the file is unknown."""

    def entries(self, file: str) -> list[Entry]:
        """As chunks(), with vectors and terms, for moving a file without embedding it."""

    def count(self) -> int:
        """Number of chunks."""

    def flush(self) -> None:
        """Return once everything written is on disk."""

    def drop(self) -> None:
        """Close, and remove everything that is stored."""

    def close(self) -> None: ...
