"""txtai in this process: Faiss, its own BM25 in SQLite, and the texts beside them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from txtai import Embeddings

KEPT = "index"


class Neuml:
    """It embeds by a function, which here looks up what was embedded before."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / KEPT
        self._texts: list[str] = []
        self._known: dict[str, NDArray[np.float32]] = {}

        def transform(texts: Sequence[str]) -> NDArray[np.float32]:  # it wants a plain function
            return np.stack([self._known[text] for text in texts])

        form = {"method": "external", "transform": transform, "hybrid": True, "content": True}
        self._index = Embeddings(form)
        if self._kept.exists():
            self._index.load(str(self._kept), config={"transform": transform})

    def add(self, first: int, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._texts += texts
        self._known.update(zip(texts, vectors, strict=True))

    def finish(self) -> None:
        # At once, for the form of its index follows from the number that it is first given.
        self._index.index((at, text, None) for at, text in enumerate(self._texts))
        self._texts.clear()
        self._known.clear()
        self._index.save(str(self._kept))

    def search(self, text: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        self._known[text] = vector
        return [int(row["id"]) for row in self._index.search(text, limit)]

    def near(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        ((*found,),) = self._index.ann.search(vector[np.newaxis], limit)
        return [int(at) for at, _ in found]

    def close(self) -> None:
        self._index.close()


def opened(folder: Path, width: int) -> Neuml:
    """width: it takes that of the first vector."""
    return Neuml(folder)
