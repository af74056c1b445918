"""What the rest of trinax asks of one collection's store."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trinax.embedding.ports import Embedder
from trinax.index.records import (
    Candidates,
    Entry,
    Files,
    FileSummary,
    Filter,
    Frequencies,
    Passage,
    Terms,
)


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

    def best(self, questions: Sequence[Terms]) -> list[float]:
        """The BM25 score of the best chunk for each, 0 where none has one of its terms."""

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        """In how many chunks each stands, as BM25's idf counts them here."""

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        """In the order asked; ids that are gone are left out."""

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        """Cosine of these chunks with the vector; ids that are gone are left out."""


@dataclass(frozen=True, slots=True)
class Former:
    """embedder: that made the vectors; None if it cannot be had, so that only words are found."""

    embedder: Embedder | None


@dataclass(frozen=True, slots=True)
class View:
    """What one search sees of a store. former: None where the vectors are of the embedder that
    the store was opened for."""

    passages: Searchable
    former: Former | None = None


# By fingerprint; None for one that cannot be had.
Embedders = Callable[[str], Embedder | None]


class Store(Searchable, Protocol):
    """One collection. Safe to call from threads; writes are serialised inside.

    A store that was opened for another embedder or analysis may be renewed: what it held is
    served until switch(), and what is written is built beside it.

    Engine failures come out as StoreFailed, a store that another process holds as StoreLocked.
    """

    @property
    def fresh(self) -> bool:
        """True if what is written began empty at this opening: the store is new, was corrupt, or
        was made with another embedder or analysis. What a ledger remembers is then void."""

    @property
    def renewed(self) -> bool:
        """True while what is written is not what is served."""

    def view(self) -> AbstractContextManager[View]:
        """What is served at this moment; it stays so until the end of the block, and switch()
        waits for that."""

    def replace(self, files: Files) -> None:
        """Make each file's chunks exactly the given entries, in one step for readers.

        Chunks of the file that are not among them disappear in that same step. Of a renewed store
        readers see files that are new or were edited, as told by size and time.
        """

    def delete(self, files: Sequence[str]) -> None:
        """Remove every chunk of these files from both retrievers; unknown files are ignored."""

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        """Set a file's size and time on its chunks, leaving the rest as it is."""

    def files(self) -> list[FileSummary]:
        """Every indexed file with at least one chunk, most chunks first, then by name."""

    def ids(self) -> dict[str, str]:
        """ids_digest() of every written file's chunks; reads them all, 100 000 in some two
        seconds."""

    def written(self) -> list[FileSummary]:
        """As files(), of what is written."""

    def unwritten(self) -> list[str]:
        """Files that are served and not written yet: switch() would lose them."""

    def chunks(self, file: str) -> list[Passage]:
        """A file's passages in order; empty if the file is unknown."""

    def entries(self, file: str) -> list[Entry]:
        """What is written of a file in order, with vectors that the embedder in use could have
        made, for moving it without embedding it."""

    def count(self) -> int:
        """Number of chunks."""

    def flush(self) -> None:
        """Return once everything written is on disk."""

    def copied(self, folder: Path) -> AbstractContextManager[bool]:
        """All that is stored, as files in a folder that is made: what a crash at this moment would
        leave, to be opened like that. Nothing is written until the end of the block, while
        searches go on.

        Gives False, with no folder, where a server holds it. Raises OSError.
        """

    def set_aside(self) -> list[str]:
        """Names of what was found corrupt, and is kept beside what was made anew."""

    def loose(self) -> int:
        """How many chunks were written and removed since all was made compact; 0 where a server
        sees to that."""

    def compact(self, ended: threading.Event) -> bool:
        """Make searches faster and what is stored smaller, in another process and while this one
        searches and writes; whether that was done. It takes minutes where there is much.

        ended: gives up once it is set, as it does once the store is closed.
        """

    def switch(self) -> None:
        """Serve what was written, in one step that survives a crash; removes what served."""

    def drop(self) -> None:
        """Close, and remove everything that is stored."""

    def close(self) -> None: ...
