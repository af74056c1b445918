"""rank-bm25's BM25Okapi: what people rank by first, and what trinax's BM25 is compared with."""

import math
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from trinax.index.analysis import K1, B


class Okapi:
    """Texts that are ranked by the words they are made of, with trinax's k1 and b."""

    def __init__(self, texts: Sequence[Sequence[Hashable]]) -> None:
        # It divides by zero where there is no word at all.
        self._ranks = BM25Okapi(texts, k1=K1, b=B) if any(texts) else None
        self._texts = len(texts)

    def scores(self, words: Iterable[Hashable]) -> NDArray[np.float64]:
        """Of each text, in their order. A word that comes twice counts twice."""
        if self._ranks is None:
            return np.zeros(self._texts)
        return np.asarray(self._ranks.get_scores(list(words)), np.float64)

    def weigh_as_lucene(self) -> None:
        """Take Lucene's idf, ln(1 + (N - n + 1/2) / (n + 1/2)). Its own, without the 1, is negative
        for words of more than half of the texts, which get a quarter of the mean idf instead."""
        if self._ranks is None:
            return
        held: dict[Hashable, int] = {}
        for counts in self._ranks.doc_freqs:
            for word in counts:
                held[word] = held.get(word, 0) + 1
        self._ranks.idf = {
            word: math.log(1 + (self._texts - n + 0.5) / (n + 0.5)) for word, n in held.items()
        }

    def measure_against(self, average: float) -> None:
        """Take this for the average length of a text."""
        if self._ranks is not None:
            self._ranks.avgdl = average
