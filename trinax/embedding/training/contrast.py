"""Learning token vectors by telling a query's passage from the batch's others."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from trinax.documents.tokens import encoding
from trinax.embedding.ports import Vectors
from trinax.embedding.training.examples import Examples, batches

WIDTH = 480
# Of the cosines in the softmax; 20 is SentenceTransformers' default, 12 and 35 were no better.
SCALE = 20.0
WARM_UP_STEPS = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """rate: Adam's, before its linear decay to 0."""

    epochs: int = 5
    batch: int = 2048
    rate: float = 0.01
    seed: int = 20261123


@dataclass(frozen=True, slots=True)
class Progress:
    """After an epoch: its mean loss and the vectors so far, which go on changing."""

    epoch: int
    loss: float
    vectors: Vectors


def learn(examples: Examples, plan: Plan) -> Iterator[Progress]:
    """Train for the plan's epochs, stopping at the end of each."""
    draw = np.random.default_rng(plan.seed)
    vectors = initial_vectors(examples, draw)
    adam = RowAdam(vectors)
    total_steps = plan.epochs * int(examples.copies.sum()) / plan.batch
    step = 0
    for epoch in range(1, plan.epochs + 1):
        losses = []
        for rows in batches(examples.epoch(draw), plan.batch):
            tokens, lengths = examples.bags(rows, draw)
            loss, used, gradient = bag_gradient(vectors, tokens, lengths)
            warmth = min(1.0, (step + 1) / WARM_UP_STEPS)
            adam.update(used, gradient, plan.rate * warmth * max(0.0, 1 - step / total_steps))
            losses.append(loss)
            step += 1
        yield Progress(epoch, float(np.mean(losses)), vectors)


def initial_vectors(examples: Examples, draw: np.random.Generator) -> Vectors:
    """Random directions, as long as the token is rare: the logarithm of its inverse frequency.

    Without any training they already rank like a noisy TF-IDF.
    """
    tokens = np.concatenate([examples.queries.tokens, examples.passages.tokens])
    counts = np.bincount(tokens, minlength=encoding().n_vocab)
    rarity = np.log(len(tokens) / (counts + 10.0))
    vectors: Vectors = draw.standard_normal((len(counts), WIDTH), np.float32)
    vectors *= (rarity / rarity.max() / np.sqrt(WIDTH))[:, None]
    return vectors


def bags(tokens: NDArray[np.integer], lengths: NDArray[np.int64], width: int) -> csr_matrix:
    """How often each token stands in each bag, (len(lengths), width) float32.

    lengths: of the bags, which lie end to end in tokens.
    """
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ones = np.ones(len(tokens), np.float32)
    return csr_matrix((ones, tokens, starts), shape=(len(lengths), width))


def bag_gradient(
    vectors: Vectors, tokens: NDArray[np.uint16], lengths: NDArray[np.int64]
) -> tuple[float, NDArray[np.int64], Vectors]:
    """Contrastive loss of bags of tokens, queries first, then their passages.

    lengths: of the bags, which lie end to end in tokens.
    Returns the loss, the tokens in use, and the loss's gradient by their vectors.
    """
    used, places = _numbered(tokens, len(vectors))
    counts = bags(places, lengths, len(used))
    sums = counts @ vectors[used]
    norms = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    units = sums / norms
    loss, gradient = contrast(units)
    gradient -= units * np.einsum("ij,ij->i", gradient, units)[:, None]
    gradient /= norms
    by_vectors: Vectors = counts.T @ gradient
    return loss, used, by_vectors


def contrast(units: Vectors) -> tuple[float, Vectors]:
    """Symmetric InfoNCE: each query's own passage against the batch's, and the reverse.

    units: rows of norm 1, queries in the first half and their passages in the second.
    Returns the loss and its gradient by the rows.
    Source: van den Oord, Li and Vinyals 2018; symmetric as in CLIP, Radford et al. 2021.
    """
    half = len(units) // 2
    queries, passages = units[:half], units[half:]
    shares = queries @ passages.T
    shares -= 1  # no cosine is over 1, so the exponential cannot overflow
    shares *= SCALE
    own = shares.diagonal().copy()
    np.exp(shares, out=shares)
    of_passages, of_queries = shares.sum(axis=1), shares.sum(axis=0)
    loss = (np.log(of_passages) + np.log(of_queries)).mean() / 2 - own.mean()
    shares *= (0.5 / of_passages)[:, None] + 0.5 / of_queries
    shares[np.arange(half), np.arange(half)] -= 1
    shares *= SCALE / half
    return float(loss), np.concatenate([shares @ passages, shares.T @ queries])


class RowAdam:
    """Adam that touches only the rows in use, with one second moment a row.

    Source: Kingma and Ba, ICLR 2015; one moment a row as in DLRM's row-wise Adagrad, which halves
    the time of an update.
    """

    FIRST, SECOND = 0.9, 0.999

    def __init__(self, vectors: Vectors) -> None:
        """vectors: changed in place by update()."""
        self._vectors = vectors
        self._mean = np.zeros_like(vectors)
        self._square = np.zeros(len(vectors), np.float32)
        self._step = 0

    def update(self, rows: NDArray[np.int64], gradient: Vectors, rate: float) -> None:
        self._step += 1
        mean = self._mean[rows] * np.float32(self.FIRST)
        mean += gradient * np.float32(1 - self.FIRST)
        self._mean[rows] = mean
        squares = np.einsum("ij,ij->i", gradient, gradient) / np.float32(gradient.shape[1])
        square = self._square[rows] * np.float32(self.SECOND) + squares * np.float32(
            1 - self.SECOND
        )
        self._square[rows] = square
        deviation = np.sqrt(square / (1 - self.SECOND**self._step)) + 1e-10
        factors = rate / (1 - self.FIRST**self._step) / deviation
        self._vectors[rows] -= mean * factors.astype(np.float32)[:, None]


def _numbered(
    tokens: NDArray[np.uint16], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # As np.unique(tokens, return_inverse=True), which sorts and takes ten times as long.
    present = np.zeros(count, bool)
    present[tokens] = True
    used = np.flatnonzero(present)
    number = np.zeros(count, np.int64)
    number[used] = np.arange(len(used))
    return used, number[tokens]
