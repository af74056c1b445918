import numpy as np
import pytest

pytest.importorskip("scipy")

from trinax.documents.tokens import encoding
from trinax.embedding.ports import Vectors
from trinax.embedding.training.examples import Examples, examples
from trinax.embedding.training.pairs import Pair
from trinax.embedding.training.spread import POWER, spread

COLOURS = ("red", "green", "blue", "white")


@pytest.fixture(scope="module")
def given() -> Examples:
    return examples(Pair("q", colour, "qa", "en", "test") for colour in COLOURS)


@pytest.fixture
def vectors() -> Vectors:
    # All four point along the first axis, and apart along the second and third.
    rows = np.zeros((encoding().n_vocab, 3), np.float32)
    apart = [(0.6, 0), (-0.6, 0), (0, 0.6), (0, -0.6)]
    for colour, (second, third) in zip(COLOURS, apart, strict=True):
        (token,) = encoding().encode_ordinary(f" {colour}")
        rows[token] = (0.8, second, third)
    return rows


def test_variances_are_evened_by_the_power(given: Examples, vectors: Vectors) -> None:
    tokens = [encoding().encode_ordinary(f" {colour}")[0] for colour in COLOURS]
    moved = spread(vectors, given, 0)
    before, after = (np.linalg.svd(rows[tokens])[1] for rows in (vectors, moved))
    # Of singular values, which are as the roots of variances.
    assert after[0] / after[1] == pytest.approx((before[0] / before[1]) ** (1 - POWER), rel=0.05)


def test_what_is_shared_counts_less(given: Examples, vectors: Vectors) -> None:
    red, green = (encoding().encode_ordinary(f" {colour}")[0] for colour in COLOURS[:2])
    moved = spread(vectors, given, 0)
    cosine = moved[red] @ moved[green] / np.linalg.norm(moved[red]) / np.linalg.norm(moved[green])
    assert cosine < vectors[red] @ vectors[green]
