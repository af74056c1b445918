"""What an index that is to be replaced must still hold."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from trinax.embedding.ports import Embedder
from trinax.errors import TrinaxError
from trinax.index.records import Entry, Files, embedded_text

log = logging.getLogger(__name__)

# Size and time of a file.
Stamp = tuple[int, float]


def news(files: Files, known: Mapping[str, Stamp]) -> Files:
    """Of these files those that the index has not: new and edited ones are to be found at once,
    and what was deleted from one must not be. known: of the files that it has."""
    return {
        file: entries
        for file, entries in files.items()
        if not entries or known.get(file) != _stamp(entries[0])
    }


def embedded(
    files: Files, width: int, embedder: Callable[[], Embedder | None], collection: str
) -> Files:
    """With vectors of another embedder; where it cannot be had, words must do: zeros."""
    return {
        file: _embedded(entries, width, embedder, collection) for file, entries in files.items()
    }


def _embedded(
    entries: Sequence[Entry], width: int, embedder: Callable[[], Embedder | None], collection: str
) -> tuple[Entry, ...]:
    vectors = np.zeros((len(entries), width), np.float32)
    try:
        if entries and (maker := embedder()):
            vectors = maker.passages([embedded_text(one.passage.chunk) for one in entries])
    except TrinaxError as exc:
        log.warning("Collection %s, which is made anew: %s", collection, exc)
    return tuple(
        replace(entry, vector=vector) for entry, vector in zip(entries, vectors, strict=True)
    )


def _stamp(entry: Entry) -> Stamp:
    return entry.passage.size_bytes, entry.passage.mtime_s
