"""What comparing a question with every chunk would find."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10

Item = TypeVar("Item", int, str)


class Nearest:
    """Keeps the chunks that are nearest to each question, of all that it sees."""

    def __init__(self, questions: NDArray[np.float32]) -> None:
        """questions: (n, width) float32, rows of L2 norm 1 or 0."""
        self._questions = questions
        self._seen = 0
        self._at = np.empty((len(questions), 0), np.int64)
        self._scores = np.empty((len(questions), 0), np.float32)

    def see(self, vectors: NDArray[np.float32]) -> None:
        """vectors: (n, width) float32, of the chunks that follow those seen before."""
        scores = np.hstack([self._scores, self._questions @ vectors.T])
        new = np.arange(self._seen, self._seen + len(vectors))
        at = np.hstack([self._at, np.tile(new, (len(scores), 1))])
        best = np.argsort(-scores, axis=1)[:, :NEIGHBOURS]
        self._scores = np.take_along_axis(scores, best, 1)
        self._at = np.take_along_axis(at, best, 1)
        self._seen += len(vectors)

    def positions(self) -> list[list[int]]:
        """Of those nearest to each question, nearest first."""
        return [list(map(int, row)) for row in self._at]


def recall(found: Sequence[Sequence[Item]], nearest: Sequence[Sequence[Item]]) -> float:
    """The mean share of the nearest that was found."""
    pairs = zip(map(set, found), map(set, nearest), strict=True)
    return float(np.mean([len(some & near) / len(near) for some, near in pairs]))
