import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.gguf_files import TOKENS
from tests.models.asking import ask
from tests.models.conftest import Open
from trinax.llama.vocabulary import Vocabulary
from trinax.llama.weights import Weights
from trinax.models.generation.logprobs import Likelihoods
from trinax.models.ports import TokenLogprob

ONE, TWO, THREE = (TOKENS.index(f"▁{word}") for word in ("one", "two", "three"))


@pytest.fixture
def vocabulary(models: Path) -> Iterator[Vocabulary]:
    weights = Weights("counting", models / "counting.gguf", vocabulary_only=True)
    yield Vocabulary(weights)
    weights.close()


def three_logits() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Probabilities 1/2, 1/4, 1/4 of one, two, three."""
    logits = np.full(len(TOKENS), -np.inf, np.float32)
    logits[[ONE, TWO, THREE]] = math.log(2), 0, 0
    return logits


def test_probabilities_are_those_of_the_logits(vocabulary: Vocabulary) -> None:
    found = Likelihoods(three_logits(), 0).of(TWO, vocabulary)
    assert found == TokenLogprob(" two", b" two", found.logprob)
    assert found.logprob == pytest.approx(math.log(1 / 4))


def test_alternatives_come_best_first_and_ties_by_id(vocabulary: Vocabulary) -> None:
    found = Likelihoods(three_logits(), 3).of(THREE, vocabulary)
    assert [other.token for other in found.top] == [" one", " two", " three"]
    assert [other.logprob for other in found.top] == pytest.approx(
        [math.log(1 / 2), math.log(1 / 4), math.log(1 / 4)]
    )


def test_more_alternatives_than_tokens_are_all(vocabulary: Vocabulary) -> None:
    found = Likelihoods(three_logits(), 10_000).of(ONE, vocabulary)
    assert len(found.top) == len(TOKENS)


async def test_every_token_of_an_answer_has_its_own(opened: Open) -> None:
    answer = await ask(opened("counting"), logprobs=2)
    told = [one for piece in answer.pieces for one in piece.logprobs]
    # The blank that begins the text is the token's, though not the answer's.
    assert "".join(one.token for one in told) == " " + answer.text
    assert all(one.top[0].token == one.token for one in told)  # greedy
    assert all(one.logprob <= 0 and len(one.top) == 2 for one in told)


async def test_without_asking_there_are_none(opened: Open) -> None:
    answer = await ask(opened("counting"))
    assert not any(piece.logprobs for piece in answer.pieces)


async def test_temperature_and_bias_do_not_change_them(opened: Open) -> None:
    generator = opened("counting")
    plain = await ask(generator, logprobs=1, max_tokens=1)
    changed = await ask(
        generator, logprobs=1, max_tokens=1, temperature=2.0, seed=1, logit_bias={TWO: 50.0}
    )
    assert changed.text == "two"
    assert changed.pieces[0].logprobs[0].top == plain.pieces[0].logprobs[0].top
