"""What people write first: rank-bm25, and NumPy beside it."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trinax.evaluation.okapi import Okapi

WORD = re.compile(r"\w+")


class NaiveIndex:
    """Chunks in memory, all made anew after a change; ranks by BM25 over its best score plus half
    the cosine, as trinax does."""

    def __init__(self, texts: Sequence[str], vectors: Sequence[NDArray[np.float32]]) -> None:
        """vectors: (width,) float32 of L2 norm 1 or 0, one for each text."""
        self._bm25 = Okapi([words(text) for text in texts])
        self._vectors = np.stack(vectors)

    def search(self, question: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        """Positions of the best chunks, best first."""
        lexical = self._bm25.scores(words(question))
        best = lexical.max() or 1.0
        scores = lexical / best + 0.5 * (self._vectors @ vector)
        top = np.argpartition(-scores, min(limit, len(scores) - 1))[:limit]
        return [int(position) for position in top[np.argsort(-scores[top])]]


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())
