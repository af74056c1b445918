"""A collection's store on a Qdrant server that another process writes."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trinax.errors import CollectionNotFound, IndexedElsewhere, StoreFailed
from trinax.index.identity import fits, identity, serves
from trinax.index.ports import Embedders, Former, View
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
from trinax.index.remote import Remote, Server

# How old what is known of the alias may be.
FRESH_S = 2.0


class ClusterReader:
    """Store that another process writes with ClusterStore; it follows where the alias leads.

    After a switch it asks the old index for FRESH_S more.
    """

    fresh = False
    renewed = False

    def __init__(
        self,
        server: Server,
        collection: str,
        width: int,
        fingerprint: str,
        embedders: Embedders,
    ) -> None:
        """As for ClusterStore; nothing is made. Raises CollectionNotFound, and StoreFailed if the
        server cannot be reached or what is there cannot be read."""
        self.collection = collection
        self._server = server
        self._embedders = embedders
        self._wanted = identity(width, fingerprint)
        self._found: tuple[Remote, str] | None = None
        self._serving()

    @contextmanager
    def view(self) -> Iterator[View]:
        served, fingerprint = self._serving()
        yield View(served, Former(self._embedders(fingerprint)) if fingerprint else None)

    def replace(self, files: Files) -> None:
        raise IndexedElsewhere("Writing")

    def delete(self, files: Sequence[str]) -> None:
        raise IndexedElsewhere("Writing")

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        raise IndexedElsewhere("Writing")

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        return self._served.candidates(vector, terms, limit, filter)

    def best(self, questions: Sequence[Terms]) -> list[float]:
        return self._served.best(questions)

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        return self._served.frequencies(terms)

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return self._served.fetch(chunk_ids)

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        return self._served.scores(vector, chunk_ids)

    def files(self) -> list[FileSummary]:
        return self._served.files()

    def ids(self) -> dict[str, str]:
        return self._served.ids()

    def written(self) -> list[FileSummary]:
        return self.files()

    def unwritten(self) -> list[str]:
        return []

    def chunks(self, file: str) -> list[Passage]:
        return self._served.chunks(file)

    def entries(self, file: str) -> list[Entry]:
        return self._served.entries(file)

    def count(self) -> int:
        return self._served.count()

    def flush(self) -> None:
        """Nothing is written."""

    def copied(self, folder: Path) -> AbstractContextManager[bool]:
        return nullcontext(False)

    def set_aside(self) -> list[str]:
        return []

    def loose(self) -> int:
        return 0

    def compact(self, ended: threading.Event) -> bool:
        return False

    def switch(self) -> None:
        """Nothing to do: it is followed."""

    def drop(self) -> None:
        raise IndexedElsewhere("Deleting")

    def close(self) -> None:
        """Nothing to do: the connection is the server's."""

    @property
    def _served(self) -> Remote:
        return self._serving()[0]

    def _serving(self) -> tuple[Remote, str]:
        """The index that serves, and the fingerprint of its embedder, "" if that is the one in
        use."""
        name = self._server.serving(FRESH_S, self.collection).get(self.collection)
        if name is None:
            raise CollectionNotFound(self.collection)
        found = self._found
        if found is None or found[0].name != name:
            kept = self._server.made_with(self.collection, name)
            fits(kept, self._wanted, self.collection)
            if not isinstance(kept, dict) or not serves(kept):
                reason = "an older trinax wrote it; the server that indexes makes it anew"
                raise StoreFailed(self.collection, reason)
            served = Remote(self._server, self.collection, name)
            made_by = str(kept["embedder"])
            former = made_by if made_by != self._wanted["embedder"] else ""
            found = self._found = served, former
        return found
