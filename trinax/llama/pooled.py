"""A model at work that makes one vector of a whole sequence: embedders and cross-encoders."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from trinax.errors import ModelFailed
from trinax.llama.context import Size
from trinax.llama.library import native
from trinax.llama.weights import Weights

# With fewer tokens llama.cpp computes attention in another way, which moves a score by 1e-3.
STEADY_TOKENS = 64

Rows = NDArray[np.float32]


class Pooling(IntEnum):
    """How the vectors of a sequence's tokens become one; RANK is what a classifier makes of it."""

    NONE = native.LLAMA_POOLING_TYPE_NONE
    MEAN = native.LLAMA_POOLING_TYPE_MEAN
    CLS = native.LLAMA_POOLING_TYPE_CLS
    LAST = native.LLAMA_POOLING_TYPE_LAST
    RANK = native.LLAMA_POOLING_TYPE_RANK


def stored_pooling(weights: Weights) -> Pooling:
    """As the file names it, NONE where it does not. Raises ModelFailed."""
    stored = weights.value(weights.value("general.architecture") + ".pooling_type")
    try:
        return Pooling(int(stored or Pooling.NONE))
    except ValueError:
        raise ModelFailed(weights.model_id, f"its pooling {stored!r} is unknown") from None


class Pooled:
    """One thread at a time uses it. Nothing is kept from one evaluation to the next."""

    def __init__(self, weights: Weights, pooling: Pooling, size: Size) -> None:
        """size: the most that one evaluation takes. Raises ModelFailed."""
        self._weights = weights
        parameters = native.llama_context_default_params()
        # An encoder attends both ways, so a text cannot be split over two micro-batches.
        parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = size.tokens
        parameters.n_seq_max = size.sequences
        parameters.kv_unified = True  # else each text gets its share of the context only
        parameters.embeddings = True
        parameters.pooling_type = int(pooling)
        parameters.n_threads = parameters.n_threads_batch = size.threads
        parameters.no_perf = True
        self._pointer = native.llama_init_from_model(weights.pointer, parameters)
        if not self._pointer:
            raise ModelFailed(
                weights.model_id, "there is not enough memory for it, or it cannot embed"
            )
        self._memory = native.llama_get_memory(self._pointer)
        # Embedding a question of 10 tokens would take four times as long, for a cosine to which
        # it does not matter.
        ranks = pooling is Pooling.RANK and size.sequences >= STEADY_TOKENS
        self._steady = STEADY_TOKENS if ranks else 0
        self._batch = native.llama_batch_init(size.tokens, 0, 1)
        self.width: int = (
            native.llama_model_n_cls_out(weights.pointer)
            if pooling is Pooling.RANK
            else native.llama_model_n_embd_out(weights.pointer)
        )

    def evaluate(self, rows: Sequence[Sequence[int]]) -> Rows:
        """(len(rows), width) float32, as the model gives them: not normalised.

        rows: tokens of each sequence, none empty, together within the size.
        Raises ModelFailed.
        """
        missing = max(0, self._steady - sum(map(len, rows)))
        self._fill([*rows, *[rows[0][:1]] * missing])  # sequences of one token, read by nobody
        if self._memory:
            native.llama_memory_clear(self._memory, False)
            outcome = native.llama_decode(self._pointer, self._batch)
        else:
            outcome = native.llama_encode(self._pointer, self._batch)
        if outcome != 0:
            raise ModelFailed(self._weights.model_id, f"llama.cpp stopped with code {outcome}")
        vectors = np.empty((len(rows), self.width), np.float32)
        for sequence, vector in enumerate(vectors):
            pooled = native.llama_get_embeddings_seq(self._pointer, sequence)
            vector[:] = np.ctypeslib.as_array(pooled, (self.width,))
        return vectors

    def close(self) -> None:
        if self._pointer:
            native.llama_batch_free(self._batch)
            native.llama_free(self._pointer)
            self._pointer = None

    def _fill(self, rows: Sequence[Sequence[int]]) -> None:
        batch, place = self._batch, 0
        for sequence, tokens in enumerate(rows):
            for position, token in enumerate(tokens):
                batch.token[place] = token
                batch.pos[place] = position
                batch.n_seq_id[place] = 1
                batch.seq_id[place][0] = sequence
                batch.logits[place] = True  # pooling takes in every token
                place += 1
        batch.n_tokens = place
