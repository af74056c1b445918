from pathlib import Path

import pytest

from trinax.evaluation.random_model import TINY, Shape, random_model, vocabulary, words
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights


def test_it_is_the_same_each_time(tmp_path: Path) -> None:
    one, other = (random_model(tmp_path / name, TINY) for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


def test_it_is_made_once(tmp_path: Path) -> None:
    made = random_model(tmp_path, TINY).stat().st_mtime_ns
    assert random_model(tmp_path, TINY).stat().st_mtime_ns == made
    assert len([*tmp_path.iterdir()]) == 1


def test_another_shape_is_another_file(tmp_path: Path) -> None:
    assert random_model(tmp_path, TINY) != random_model(
        tmp_path, Shape(layers=1, width=128, heads=4, feed_forward=128, tokens=2500)
    )


def test_eight_bits_take_about_half_of_sixteen(tmp_path: Path) -> None:
    sixteen, eight = (
        random_model(tmp_path, Shape(layers=1, tokens=5000), quantisation).stat().st_size
        for quantisation in ("f16", "q8_0")
    )
    # A block of 32 takes 34 bytes instead of 64; vocabulary and norms take the same.
    assert 0.53 < eight / sixteen < 0.56


def test_a_word_is_a_token(tmp_path: Path) -> None:
    weights = Weights("tiny", random_model(tmp_path, TINY), vocabulary_only=True)
    try:
        tokens = Vocabulary(weights).tokens(words(40, "any"))
    finally:
        weights.close()
    assert len(tokens) == 40


@pytest.mark.parametrize("tokens", [3000, 32_000])
def test_each_word_follows_its_beginnings(tokens: int) -> None:
    found = vocabulary(Shape(tokens=tokens))
    assert len(found) == len({*found}) == tokens
    places = {token: place for place, token in enumerate(found)}
    longer = [token for token in found if token.startswith("▁") and len(token) > 1]
    assert all(places[token[:-1]] < places[token] for token in longer)


def test_another_seed_has_other_words() -> None:
    assert words(20, "a") == words(20, "a") != words(20, "b")
