from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from trinax.embedding import table
from trinax.embedding.static import StaticEmbedder
from trinax.embedding.training import contrast
from trinax.embedding.training.examples import examples
from trinax.embedding.training.pairs import Pair


def same_words() -> Iterator[Pair]:
    # A query shares no word with its passage: only training can bring them together.
    sides = [("red apple", "fruit tree"), ("fast car", "motor road"), ("cold snow", "winter ice")]
    for _ in range(400):
        for query, passage in sides:
            yield Pair(query, passage, "qa", "en", "test")


def test_loss_of_a_batch_by_hand() -> None:
    # Two queries and two passages on two axes, each with its own: cosines 1 and 0.
    units = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], np.float32)
    loss, _ = contrast.contrast(units)
    assert loss == pytest.approx(np.log(1 + np.exp(-contrast.SCALE)), abs=1e-6)


def test_gradient_is_the_slope_of_the_loss() -> None:
    draw = np.random.default_rng(0)
    vectors = draw.standard_normal((6, 4), np.float32)
    tokens, lengths = np.array([0, 1, 2, 3, 1, 5], np.uint16), np.array([2, 1, 1, 2])
    _, used, gradient = contrast.bag_gradient(vectors, tokens, lengths)
    assert used.tolist() == [0, 1, 2, 3, 5]
    step = 1e-2
    for row, token in enumerate(used):
        moved = vectors.copy()
        moved[token, 2] += step
        above = contrast.bag_gradient(moved, tokens, lengths)[0]
        moved[token, 2] -= 2 * step
        below = contrast.bag_gradient(moved, tokens, lengths)[0]
        assert gradient[row, 2] == pytest.approx((above - below) / (2 * step), rel=0.05, abs=0.01)


def test_training_brings_a_query_to_its_passage(tmp_path: Path) -> None:
    plan = contrast.Plan(epochs=3, batch=128)
    *_, last = contrast.learn(examples(same_words()), plan)
    table.write(last.vectors, tmp_path / "model.npz")
    embedder = StaticEmbedder(tmp_path / "model.npz")
    passages = embedder.passages(["fruit tree", "motor road", "winter ice"])
    questions = embedder.queries(["red apple", "fast car", "cold snow"])
    assert np.argmax(questions @ passages.T, axis=1).tolist() == [0, 1, 2]


def test_the_same_seed_gives_the_same_vectors() -> None:
    plan = contrast.Plan(epochs=1, batch=128)
    first, again = (next(contrast.learn(examples(same_words()), plan)).vectors for _ in range(2))
    np.testing.assert_array_equal(first, again)
