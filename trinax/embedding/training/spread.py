"""Vectors spread more evenly over the directions of their space."""

import numpy as np

from trinax.embedding.ports import Vectors
from trinax.embedding.table import unit_rows
from trinax.embedding.training.contrast import bags
from trinax.embedding.training.examples import WINDOW_TOKENS, Examples

# 0 leaves the vectors as they are, 1 makes the passages vary alike in every direction.
POWER = 0.5
SAMPLE = 20_000
# Directions in which no passage goes are not blown up.
LEAST = 1e-6


def spread(vectors: Vectors, examples: Examples, seed: int) -> Vectors:
    """Token vectors in new coordinates, in which directions that many passages share count less.

    Training leaves most of the passages' variance in a few directions, which say little about
    any one of them.
    Source: whitening as in Su et al. 2021, arXiv:2103.15316, there in full and about the mean.
    """
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, len(examples.group), SAMPLE)
    tokens, lengths = examples.passages.windows(rows, WINDOW_TOKENS, draw)
    sums = bags(tokens, lengths, len(vectors)) @ vectors
    units = unit_rows(sums).astype(np.float64)
    variances, axes = np.linalg.eigh(units.T @ units / len(units))
    scaled = axes * np.maximum(variances, LEAST) ** (-POWER / 2)
    moved: Vectors = vectors @ scaled.astype(np.float32)
    return moved
