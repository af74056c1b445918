"""The records that go into a store and come out of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trinax.documents.records import Chunk


@dataclass(frozen=True, slots=True)
class Terms:
    """A sparse vector: term ids (uint32, distinct, ascending) and their weights.

    Document side: BM25's saturated term frequency, without idf. Query side: the term's count in
    the query. The store multiplies by idf.
    """

    ids: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk and the file it stands in.

    ordinal: position of the chunk in its file, from 0.
    kind: Document.kind. language: of the text's words, ISO 639-1, "" if unknown.
    mtime_s: seconds since the epoch, the file's own.
    url: of a page of the web, which is in no collection's store; "" for a file.
    """

    collection: str
    file: str
    ordinal: int
    chunk: Chunk
    kind: str
    language: str
    size_bytes: int
    mtime_s: float
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage with what makes it findable.

    vector: of embedded_text(), (width,) float32 of L2 norm 1 or 0.
    """

    passage: Passage
    vector: NDArray[np.float32]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Hit:
    """Score: cosine for dense, BM25 for sparse."""

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many chunks terms stand. chunks: how many there are. holding: of them with each term,
    in the order asked; as many as the store's idf says, so not always a whole number."""

    chunks: int
    holding: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Each list best first; a side that was not asked for is empty."""

    dense: tuple[Hit, ...]
    bm25: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """file_glob: fnmatch pattern on the relative path ("**" spans folders). language: kind or
    natural language, compared with Passage.kind and Passage.language. None does not filter."""

    file_glob: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FileSummary:
    file: str
    chunks: int
    size_bytes: int
    mtime_s: float
    preview: str


def embedded_text(chunk: Chunk) -> str:
    """What is embedded of a chunk."""
    return f"{chunk.context}\n{chunk.text}"


Files = Mapping[str, tuple[Entry, ...]]
