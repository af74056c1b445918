"""Chroma in this process. Without a server it ranks by vectors only (`search()`, which knows
words, is not implemented there)."""

from collections.abc import Sequence
from pathlib import Path

import chromadb
import numpy as np
from numpy.typing import NDArray

COLLECTION = "chunks"


class Chroma:
    def __init__(self, folder: Path) -> None:
        settings = chromadb.Settings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(str(folder), settings)
        self._chunks = self._client.get_or_create_collection(
            COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def add(self, first: int, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        ids = [str(first + at) for at in range(len(texts))]
        self._chunks.add(ids=ids, embeddings=vectors, documents=list(texts))

    def finish(self) -> None:
        """It builds its graph as chunks are added."""

    def search(self, text: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        return self.near(vector, limit)

    def near(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        found = self._chunks.query(
            query_embeddings=vector[np.newaxis], n_results=limit, include=["documents"]
        )
        return list(map(int, found["ids"][0]))

    def close(self) -> None:
        self._client.close()


def opened(folder: Path, width: int) -> Chroma:
    """width: it takes that of the first vector."""
    return Chroma(folder)
