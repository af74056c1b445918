"""What the rest of trinax asks of an embedding model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage as a model reads it.

    tokens: what goes into the model, its own marks included. count: how many tokens of the
    passage that stands for. left_out: how many more the passage has, for which it has no room.
    """

    tokens: Sequence[int]
    count: int
    left_out: int = 0


class Embedder(Protocol):
    """Implemented by StaticEmbedder, LlamaEmbedder and CachedEmbedder; callable from any thread."""

    @property
    def id(self) -> str:
        """The model id that the API shows."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would get another vector: the id and two more parts
        without a hyphen, all joined by hyphens."""

    @property
    def width(self) -> int: ...

    @property
    def limit_tokens(self) -> int | None:
        """The longest text that is embedded whole; None where there is no limit."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), width) float32, rows of L2 norm 1; zeros for a text with no token."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """As passages(), for the question side; models with a query prefix add it here."""

    def read(self, passage: str | Sequence[int]) -> Reading:
        """A text, or the ids of its tokens, before it is embedded.

        Raises InvalidRequest for ids that this model does not know or cannot take.
        """

    def vectors(self, readings: Sequence[Reading]) -> Vectors:
        """As passages(), of what read() gave."""

    def close(self) -> None: ...


def model_of(fingerprint: str) -> str:
    """The id of the embedder that has this fingerprint."""
    return fingerprint.rsplit("-", 2)[0]
