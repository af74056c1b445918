"""Texts that are in no collection: ranked in memory, and kept nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from time import time

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from trinax.documents.chunking import Limits, chunks
from trinax.documents.records import Cut, Document
from trinax.embedding.ports import Embedder
from trinax.index import analysis, bm25
from trinax.index.globs import matching
from trinax.index.languages import language
from trinax.index.records import Candidates, Filter, Frequencies, Hit, Passage, Terms, embedded_text

# What stands where a passage of a file has the id of its collection.
COLLECTION = "web"
ATTACHED = "attachment"


@dataclass(frozen=True, slots=True)
class Page:
    """url: where it was read. read_s: when, seconds since the epoch."""

    document: Document
    url: str
    read_s: float


def passages(page: Page, limits: Limits) -> list[Passage]:
    """The page's chunks in order; what they span is its text in UTF-8."""
    cut = Cut(page.document, tuple(chunks(page.document, COLLECTION, limits)))
    return _passages(COLLECTION, cut, page.read_s, page.url)


def attached(cut: Cut) -> list[Passage]:
    """The chunks of a file that came with a request, in order."""
    return _passages(ATTACHED, cut, time())


def _passages(collection: str, cut: Cut, read_s: float, url: str = "") -> list[Passage]:
    document = cut.document
    size_bytes = len(document.text.encode())
    spoken = language(document.text)
    return [
        Passage(
            collection,
            document.file,
            ordinal,
            chunk,
            document.kind,
            spoken,
            size_bytes,
            read_s,
            url,
        )
        for ordinal, chunk in enumerate(cut.chunks)
    ]


class Shelf:
    """Passages that are searched as those of a collection are, with the same scores; immutable."""

    def __init__(self, passages: Sequence[Passage], embedder: Embedder) -> None:
        self._passages = {passage.chunk.id: passage for passage in passages}
        held = list(self._passages.values())
        self._ids = list(self._passages)
        self._vectors = embedder.passages([embedded_text(one.chunk) for one in held])
        # rank-bm25 divides by zero on an empty corpus.
        self._bm25 = _Bm25(held) if held else None

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        allowed = _allowed(self._passages, filter)
        near = () if vector is None else self._best(self._vectors @ vector, allowed, limit)
        if terms is None or self._bm25 is None:
            return Candidates(near, ())
        words = [hit for hit in self._best(self._bm25.scores(terms), allowed) if hit.score > 0]
        return Candidates(near, tuple(words[:limit]))

    def best(self, questions: Sequence[Terms]) -> list[float]:
        if self._bm25 is None:
            return [0.0] * len(questions)
        return [float(max(0.0, *self._bm25.scores(terms))) for terms in questions]

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        texts = [] if self._bm25 is None else self._bm25.doc_freqs
        holding = tuple([float(sum(term in text for text in texts)) for term in terms])
        return Frequencies(len(self._ids), holding)

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        return [self._passages[one] for one in chunk_ids if one in self._passages]

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        wanted = {*chunk_ids}
        cosines = self._vectors @ vector
        return {id: float(cosines[row]) for row, id in enumerate(self._ids) if id in wanted}

    def _best(
        self, scores: NDArray[np.floating], allowed: set[str], limit: int | None = None
    ) -> tuple[Hit, ...]:
        hits = [Hit(id, float(score)) for id, score in zip(self._ids, scores, strict=True)]
        hits.sort(key=lambda hit: (-hit.score, hit.chunk_id))
        return tuple([hit for hit in hits if hit.chunk_id in allowed][:limit])


class _Bm25(BM25Okapi):  # type: ignore[misc]
    """The stores' BM25: their terms, their idf, their average length."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        texts = [analysis.occurrences(one.chunk.text, one.language) for one in passages]
        around = list(map(_around, passages))
        corpus = [text + more for text, more in zip(texts, around, strict=True)]
        super().__init__(corpus, k1=analysis.K1, b=analysis.B)
        # Headings and names count as words, but do not make a text longer.
        self.doc_len = list(map(len, texts))
        self.avgdl = analysis.AVERAGE_TERMS

    def _calc_idf(self, nd: Mapping[int, int]) -> None:
        # Okapi's own is negative for what most texts hold, as pages do that a search brought up.
        for term, held in nd.items():
            self.idf[term] = bm25.rarity(self.corpus_size, held)

    def scores(self, terms: Terms) -> NDArray[np.float64]:
        found = np.zeros(self.corpus_size)
        pairs = sorted(zip(terms.weights, terms.ids, strict=True))
        for weight, group in groupby(pairs, key=lambda pair: pair[0]):
            found += weight * self.get_scores([id for _, id in group])
        return found


def _around(passage: Passage) -> list[int]:
    context = analysis.occurrences(passage.chunk.context, passage.language)
    file = analysis.occurrences(passage.file, passage.language)
    return context * int(analysis.CONTEXT_WEIGHT) + file * int(analysis.FILE_WEIGHT)


def _allowed(passages: Mapping[str, Passage], filter: Filter | None) -> set[str]:
    if filter is None:
        return {*passages}
    held = [one for one in passages.values() if filter.language in (None, one.kind, one.language)]
    files = {one.file for one in held}
    if filter.file_glob is not None:
        files = {*matching(filter.file_glob, files)}
    return {one.chunk.id for one in held if one.file in files}
