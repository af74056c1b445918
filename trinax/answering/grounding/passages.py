"""A source taken apart: the sentences that could carry something, with their words and vectors."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trinax.answering.grounding.figures import held
from trinax.answering.records import Source
from trinax.documents.languages import READ_AS_MARKDOWN
from trinax.documents.prose import LINE, borders
from trinax.embedding.ports import Embedder
from trinax.index import analysis

# Kinds whose lines wrap: a line end alone parts nothing there.
PROSE_KINDS = READ_AS_MARKDOWN | {"markdown", "text", "pdf", "rst", ""}
# More is not looked at: a chunk has a few dozen sentences.
UNITS = 400

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or a line of code. start, end: characters of the chunk's text, blanks aside."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """terms: of each sentence; above: of the headings and the file's name. figures: all forms.
    vectors: of each sentence, of each with the next, and of all together; none without an
    embedder."""

    source: Source
    units: tuple[Unit, ...]
    terms: tuple[frozenset[int], ...]
    above: frozenset[int]
    figures: frozenset[str]
    vectors: Vectors

    @property
    def text(self) -> str:
        return self.source.passage.chunk.text

    @property
    def language(self) -> str:
        return self.source.passage.language


def prepared(source: Source, embedder: Embedder | None) -> Prepared:
    passage, chunk = source.passage, source.passage.chunk
    units = _units(chunk.text, passage.kind)
    texts = [chunk.text[unit.start : unit.end] for unit in units]
    terms = tuple(_terms(text, passage.language) for text in texts)
    above = _terms(f"{chunk.context}\n{passage.file}", passage.language)
    figures = held(f"{chunk.text}\n{chunk.context}\n{passage.file}")
    return Prepared(source, units, terms, above, figures, _vectors(texts, embedder))


def _terms(text: str, language: str) -> frozenset[int]:
    return frozenset(analysis.document_terms(text, language=language).ids)


def _units(text: str, kind: str) -> tuple[Unit, ...]:
    wraps = kind in PROSE_KINDS
    cuts = sorted(at for at, price in borders(text).items() if price < LINE or not wraps)
    found: list[Unit] = []
    for start, end in pairwise(sorted({0, *cuts[:UNITS], len(text)})):
        part = text[start:end]
        body = part.strip()
        if body:
            first = start + part.index(body[0])
            found.append(Unit(first, first + len(body)))
    return tuple(found)


def _vectors(texts: list[str], embedder: Embedder | None) -> Vectors:
    if embedder is None or not texts:
        return np.zeros((0, 0), np.float32)
    single = embedder.passages(texts)
    together = [single[:-1] + single[1:], single.sum(axis=0, keepdims=True)]
    wider = np.concatenate(together)
    norms = np.linalg.norm(wider, axis=1, keepdims=True)
    return np.concatenate([single, wider / np.maximum(norms, 1e-9)])
