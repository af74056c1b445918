"""LanceDB in this process, with its index of words and HNSW in its partitions of vectors."""

from collections.abc import Sequence
from pathlib import Path

import lancedb
import numpy as np
import pyarrow
from lancedb.index import FTS, IvfHnswSq
from numpy.typing import NDArray

TABLE = "chunks"
DISTANCE = "cosine"


class Lance:
    def __init__(self, folder: Path, width: int) -> None:
        self._width = width
        schema = pyarrow.schema(
            [
                ("at", pyarrow.int64()),
                ("text", pyarrow.string()),
                ("vector", pyarrow.list_(pyarrow.float32(), width)),
            ]
        )
        self._rows = lancedb.connect(str(folder)).create_table(TABLE, schema=schema, exist_ok=True)

    def add(self, first: int, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        numbers = pyarrow.array(vectors.ravel(), pyarrow.float32())
        columns = {
            "at": pyarrow.array(range(first, first + len(texts)), pyarrow.int64()),
            "text": list(texts),
            "vector": pyarrow.FixedSizeListArray.from_arrays(numbers, self._width),
        }
        self._rows.add(pyarrow.table(columns))

    def finish(self) -> None:
        self._rows.create_index("vector", config=IvfHnswSq(distance_type=DISTANCE))
        self._rows.create_index("text", config=FTS())
        self._rows.optimize()

    def search(self, text: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        query = self._rows.search(query_type="hybrid", vector_column_name="vector")
        found = query.vector(vector).text(text).distance_type(DISTANCE).limit(limit)
        return list(map(int, found.to_arrow()["at"].to_pylist()))

    def near(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        found = self._rows.search(vector).distance_type(DISTANCE).limit(limit)
        return list(map(int, found.to_arrow()["at"].to_pylist()))

    def close(self) -> None:
        """What was added is on disk."""


def opened(folder: Path, width: int) -> Lance:
    return Lance(folder, width)
