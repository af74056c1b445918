import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.answering.writers import Parrot
from tests.models.asking import ask, request
from tests.models.conftest import Open
from trinax.errors import ModelFailed
from trinax.models.measuring import Generated, Measured
from trinax.models.ports import Finish, Generation, GenerationEvent, Piece


class Slow(Parrot):
    """Waits for its turn, reads, and writes five tokens."""

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        await asyncio.sleep(0.06)
        yield Piece("one ")
        await asyncio.sleep(0.08)
        yield Finish("stop", 100, 5, cached_tokens=40, waited_s=0.02)


class Failing(Parrot):
    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        yield Piece("one ")
        raise ModelFailed("parrot", "it fell off its perch")


@pytest.fixture
def told() -> list[Generated]:
    return []


async def test_waiting_reading_and_writing_are_told_apart(told: list[Generated]) -> None:
    await ask(Measured(Slow(""), told.append))
    (one,) = told
    assert one.outcome == "finished"
    assert one.waited_s == 0.02
    assert one.first_s == pytest.approx(0.04, abs=0.03)
    assert one.token_s == pytest.approx(0.02, abs=0.01)  # 80 ms for the four after the first
    assert (one.prompt_tokens, one.cached_tokens, one.completion_tokens) == (100, 40, 5)


async def test_a_failure_is_told_by_its_code(told: list[Generated]) -> None:
    with pytest.raises(ModelFailed):
        await ask(Measured(Failing(""), told.append))
    assert [one.outcome for one in told] == ["model_failed"]


async def test_what_nobody_reads_to_its_end_is_abandoned(told: list[Generated]) -> None:
    events = Measured(Slow(""), told.append).generate(request())
    await anext(events)
    await events.aclose()
    assert [(one.outcome, one.completion_tokens) for one in told] == [("abandoned", 0)]


async def test_a_model_says_how_long_a_request_waited(opened: Open, told: list[Generated]) -> None:
    model = Measured(opened("counting", slots=1), told.append)
    await ask(model)
    await asyncio.gather(ask(model), ask(model))
    waits = sorted(one.waited_s or 0.0 for one in told)
    assert [one.waited_s is None for one in told] == [False] * 3
    assert waits[0] < waits[-1]
    assert told[-1].cached_tokens > 0


async def test_choices_share_one_prompt(opened: Open, told: list[Generated]) -> None:
    answer = await ask(Measured(opened("counting"), told.append), n=3)
    (one,) = told
    assert one.prompt_tokens == answer.finish.prompt_tokens
    assert one.completion_tokens == sum(f.completion_tokens for f in answer.finishes.values())
