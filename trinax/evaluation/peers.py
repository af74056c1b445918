"""What people write first: rank-bm25, beside it NumPy or qdrant-client without a server."""

import re
import warnings
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from rank_bm25 import BM25Okapi

from trinax.index.records import Entry

WORD = re.compile(r"\w+")
COLLECTION = "naive"
# Points that are written at a time.
BATCH = 1000
CANDIDATES = 100


class NaiveIndex:
    """Chunks in memory, all made anew after a change; ranks by BM25 over its best score plus half
    the cosine, as trinax does."""

    def __init__(self, texts: Sequence[str], vectors: Sequence[NDArray[np.float32]]) -> None:
        """vectors: (width,) float32 of L2 norm 1 or 0, one for each text."""
        self._bm25 = BM25Okapi([_words(text) for text in texts])
        self._vectors = np.stack(vectors)

    def search(self, question: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        """Positions of the best chunks, best first."""
        lexical = np.asarray(self._bm25.get_scores(_words(question)))
        best = lexical.max() or 1.0
        scores = lexical / best + 0.5 * (self._vectors @ vector)
        top = np.argpartition(-scores, min(limit, len(scores) - 1))[:limit]
        return [int(position) for position in top[np.argsort(-scores[top])]]


class NaivePair:
    """Chunks in memory, the best hundred of each side fused as trinax does."""

    def __init__(self, entries: Iterable[Entry], width: int) -> None:
        self._client = QdrantClient(":memory:")
        vectors = models.VectorParams(size=width, distance=models.Distance.COSINE)
        self._client.create_collection(COLLECTION, vectors_config=vectors)
        words: list[list[str]] = []
        batch: list[models.PointStruct] = []
        for entry in entries:
            text = entry.passage.chunk.text
            batch.append(
                models.PointStruct(
                    id=len(words), vector=entry.vector.tolist(), payload={"text": text}
                )
            )
            words.append(_words(text))
            if len(batch) == BATCH:
                self._put(batch)
                batch = []
        self._put(batch)
        self._bm25 = BM25Okapi(words)

    def search(self, question: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        """Positions of the best chunks, best first."""
        lexical = np.asarray(self._bm25.get_scores(_words(question)))
        listed = np.argpartition(-lexical, CANDIDATES)[:CANDIDATES]
        best = lexical.max() or 1.0
        scores = {int(at): float(lexical[at]) / best for at in listed}
        near = self._client.query_points(COLLECTION, query=vector.tolist(), limit=CANDIDATES)
        for point in near.points:
            at = int(point.id)
            scores[at] = scores.get(at, float(lexical[at]) / best) + 0.5 * point.score
        return sorted(scores, key=lambda at: (-scores[at], at))[:limit]

    def _put(self, batch: Sequence[models.PointStruct]) -> None:
        if batch:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of collections that it finds large
                self._client.upsert(COLLECTION, list(batch))


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())
