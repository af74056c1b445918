"""Vectors that need no embedding, because a chunk with the same words has one already."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from trinax.documents.records import Chunk
from trinax.index.records import Entry, embedded_text

Vector = NDArray[np.float32]

# Texts embedded at once: few enough that a slow model is heard of every few seconds.
SLICE = 64
# Chunks of deleted files that are remembered, for a file that moves to another collection
# usually goes from the one before it comes to the other. With their texts about 10 MB.
REMEMBERED_CHUNKS = 4096


def vectors_of(entries: Iterable[Entry]) -> dict[str, Vector]:
    """Vectors by the text that they were made of."""
    return {embedded_text(entry.passage.chunk): entry.vector for entry in entries}


def adopted(chunks: Sequence[Chunk], entries: Sequence[Entry]) -> dict[str, Vector]:
    """As vectors_of(), for chunks of another file that has the same bytes.

    Its chunks stand in another context, for a file's name is part of it: a vector that was made
    with the old name is kept, so that moving a large folder costs nothing.
    """
    if [chunk.text for chunk in chunks] != [entry.passage.chunk.text for entry in entries]:
        return {}
    return {
        embedded_text(chunk): entry.vector for chunk, entry in zip(chunks, entries, strict=True)
    }


class Attic:
    """The chunks of files deleted lately, by digest. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: OrderedDict[str, Sequence[Entry]] = OrderedDict()
        self._chunks = 0

    def put(self, digest: str, entries: Sequence[Entry]) -> None:
        """Remember a file, forgetting the oldest that there is no room for."""
        with self._lock:
            self._chunks += len(entries) - len(self._files.pop(digest, ()))
            self._files[digest] = entries
            while self._chunks > REMEMBERED_CHUNKS:
                _, oldest = self._files.popitem(last=False)
                self._chunks -= len(oldest)

    def get(self, digest: str) -> Sequence[Entry]:
        """A file's entries in order; empty if it is not remembered."""
        with self._lock:
            return self._files.get(digest, ())
