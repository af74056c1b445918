"""An embedder or cross-encoder that many threads share."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from trinax.errors import ModelFailed
from trinax.llama.context import Size
from trinax.llama.cores import physical_cores
from trinax.llama.pooled import Pooled, Pooling, Rows
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights

# A chunk has some 256 tokens; memory and attention grow with the longest text allowed.
LONGEST_TOKENS = 2048
UNKNOWN_TOKENS = 512  # where a file does not say what it was trained for
# Texts share a batch up to this size; attention is computed over the whole of it. 512 are as
# fast, but let a question wait twice as long.
BATCH_TOKENS = 256
BATCH_TEXTS = 64


class Encoder:
    """Weights, their vocabulary and a pooled context, used by one thread at a time.

    limit_tokens: the longest sequence, the model's own marks included.
    """

    def __init__(self, weights: Weights, pooling: Pooling, threads: int = 0) -> None:
        """weights: closed with it, but not if it fails. threads: 0 = one for each physical core.
        Raises ModelFailed."""
        self.limit_tokens = min(weights.trained_tokens or UNKNOWN_TOKENS, LONGEST_TOKENS)
        self._vocabulary = Vocabulary(weights)
        # One text at a time where the state after it is all that a model remembers: llama.cpp
        # cuts a batch of such sequences in pieces of one length, and pools each by itself.
        self._texts = 1 if weights.recurrent else BATCH_TEXTS
        size = Size(max(self.limit_tokens, BATCH_TOKENS), self._texts, threads or physical_cores())
        self._pooled = Pooled(weights, pooling, size)
        self._weights = weights
        self._reading = threading.Lock()
        self._turnstile, self._computing = threading.Lock(), threading.Lock()
        self._closed = False

    @property
    def width(self) -> int:
        return self._pooled.width

    @contextmanager
    def reading(self) -> Iterator[Vocabulary]:
        """The vocabulary, which stays as long as it is read. Raises ModelFailed."""
        with self._reading:
            self._check()
            yield self._vocabulary

    def vectors(self, rows: Sequence[Sequence[int]]) -> Rows:
        """(len(rows), width) float32, not normalised; zeros for an empty row.

        rows: none longer than limit_tokens. Others may have their turn between two batches.
        Raises ModelFailed.
        """
        vectors = np.zeros((len(rows), self.width), np.float32)
        for batch in _batches(rows, self._texts):
            with self._turn():
                self._check()
                vectors[batch] = self._pooled.evaluate([rows[place] for place in batch])
        if not np.isfinite(vectors).all():
            raise ModelFailed(self._weights.model_id, "it gave a vector that is no number")
        return vectors

    def close(self) -> None:
        """Waits for what is being computed; safe to call twice."""
        with self._turn(), self._reading:
            self._closed = True
            self._pooled.close()
            self._weights.close()

    def _check(self) -> None:
        if self._closed:
            raise ModelFailed(self._weights.model_id, "it was closed")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # A plain lock would go back to whoever let go of it last; waiting for it at the turnstile
        # lets a question in between two batches of passages.
        with self._turnstile:
            self._computing.acquire()
        try:
            yield
        finally:
            self._computing.release()


def _batches(rows: Sequence[Sequence[int]], texts: int) -> Iterator[list[int]]:
    """Places of the rows that are evaluated together, short ones first; an empty row is in none."""
    batch: list[int] = []
    tokens = 0
    for place in sorted(range(len(rows)), key=lambda place: len(rows[place])):
        length = len(rows[place])
        if batch and (tokens + length > BATCH_TOKENS or len(batch) == texts):
            yield batch
            batch, tokens = [], 0
        if length:
            batch.append(place)
            tokens += length
    if batch:
        yield batch
