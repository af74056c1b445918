"""What the rest of trinax asks of an embedding model."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Implemented by StaticEmbedder, LlamaEmbedder and CachedEmbedder; callable from any thread."""

    @property
    def id(self) -> str:
        """The model id that the API shows."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would get another vector."""

    @property
    def width(self) -> int: ...

    @property
    def limit_tokens(self) -> int | None:
        """The longest text that is embedded whole; None where there is no limit."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), width) float32, rows of L2 norm 1; zeros for a text with no token."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """As passages(), for the question side; models with a query prefix add it here."""

    def close(self) -> None: ...
