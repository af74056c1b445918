"""What the bench asks of another store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Peer(Protocol):
    """Chunks, known by their positions, in the order in which they were added."""

    def add(self, first: int, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """first: position of the first of these. vectors: (n, width), rows of L2 norm 1 or 0."""

    def finish(self) -> None:
        """All were added: make ready to search."""

    def search(self, text: str, vector: NDArray[np.float32], limit: int) -> list[int]:
        """The best by words and by vector, best first; by vector where it knows no other way."""

    def near(self, vector: NDArray[np.float32], limit: int) -> list[int]:
        """The nearest by vector, nearest first."""

    def close(self) -> None:
        """Have on disk what belongs there."""


class Opened(Protocol):
    def __call__(self, folder: Path, width: int) -> Peer:
        """The store in a folder, with what it held; an empty one where there is none."""
