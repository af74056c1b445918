"""rank-bm25 and qdrant-client without a server."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models

from trinax.evaluation.okapi import Okapi
from trinax.evaluation.peers import words

COLLECTION = "naive"
CANDIDATES = 100


class NaivePair:
    """Chunks in memory, made anew at every start; the best hundred of each side fused as trinax
    does."""

    def __init__(self, _: Path, width: int) -> None:
        self._client = QdrantClient(":memory:")
        vectors = models.VectorParams(size=width, distance=models.Distance.COSINE)
        self._client.create_collection(COLLECTION, vectors_config=vectors)
        self._words: list[list[str]] = []
        self._bm25 = Okapi([])

    def add(self, first: int, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._words += map(words, texts)
        points = [
            models.PointStruct(id=first + at, vector=vector.tolist(), payload={"text": text})
            for at, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of collections that it finds large
            self._client.upsert(COLLECTION, points)

    def finish(self) -> None:
        self._bm25 = Okapi(self._words)

    def search(self, text: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        lexical = self._bm25.scores(words(text))
        listed = np.argsort(-lexical)[:CANDIDATES]
        best = lexical.max() or 1.0
        scores = {int(at): float(lexical[at]) / best for at in listed}
        for at, cosine in self._near(vector, CANDIDATES):
            scores[at] = scores.get(at, float(lexical[at]) / best) + 0.5 * cosine
        return sorted(scores, key=lambda at: (-scores[at], at))[:limit]

    def near(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        return [at for at, _ in self._near(vector, limit)]

    def close(self) -> None:
        self._client.close()

    def _near(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        found = self._client.query_points(COLLECTION, query=vector.tolist(), limit=limit)
        return [(int(point.id), point.score) for point in found.points]


def opened(folder: Path, width: int) -> NaivePair:
    return NaivePair(folder, width)
