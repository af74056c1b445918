import asyncio
from contextlib import aclosing
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.models.asking import Answer, ask, gathered, request
from tests.models.conftest import Open
from trinax.errors import TimedOut
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.ports import Generation, Lane, Piece, Turn

QUESTIONS = tuple(f"question {number}, about {'ships ' * number}" for number in range(8))


def turned(text: str, turn: Turn, **sampling: Any) -> Generation:
    plain = request(text, **sampling)
    return Generation(plain.messages, text, sampling=plain.sampling, turn=turn)


async def alone(opened: Open, model: str = "noise", **sampling: Any) -> list[str]:
    """What a fresh model answers to each question."""
    texts = []
    for question in QUESTIONS:
        generator = opened(model)
        texts.append((await ask(generator, question, max_tokens=40, **sampling)).text)
        generator.close()
    return texts


async def together(generator: LlamaGenerator, **sampling: Any) -> list[str]:
    asked = [ask(generator, question, max_tokens=40, **sampling) for question in QUESTIONS]
    return [answer.text for answer in await asyncio.gather(*asked)]


Division = dict[str, Any]
# Answers have a context each, or share one.
DIVISIONS: tuple[Division, ...] = ({}, {"cache_tokens": 8192})


@pytest.mark.parametrize("division", DIVISIONS)
async def test_a_batch_writes_what_each_alone_does(opened: Open, division: Division) -> None:
    assert await together(opened("noise", **division)) == await alone(opened)


async def test_a_seed_gives_the_same_text_in_any_batch(opened: Open) -> None:
    sampling: dict[str, Any] = {"temperature": 1.0, "seed": 3}
    assert await together(opened("noise"), **sampling) == await alone(opened, **sampling)


async def test_fewer_slots_than_requests_change_nothing(opened: Open) -> None:
    assert await together(opened("noise", slots=3)) == await alone(opened)


async def test_a_memory_too_small_for_all_changes_nothing(opened: Open) -> None:
    """Eight prompts and answers take some 900 tokens together."""
    generator = opened("noise", context_tokens=256, cache_tokens=512)
    assert await together(generator) == await alone(opened)


@pytest.mark.parametrize("division", DIVISIONS)
async def test_those_that_leave_change_nothing(opened: Open, division: Division) -> None:
    generator = opened("noise", **division)

    async def leave(question: str) -> None:
        async with aclosing(generator.generate(request(question, max_tokens=900))) as events:
            await anext(events)

    async with anyio.create_task_group() as tasks:
        for number in range(6):
            tasks.start_soon(leave, f"question {number}, about boats")
        texts = await together(generator)
    assert texts == await alone(opened)


@pytest.mark.parametrize("division", DIVISIONS)
async def test_what_is_kept_changes_nothing(opened: Open, division: Division) -> None:
    generator = opened("noise", **division)
    first, second = await together(generator), await together(generator)
    assert first == second == await alone(opened)


async def test_the_second_turn_computes_only_what_is_new(opened: Open) -> None:
    generator = opened("noise")
    first = await ask(generator, "x" * 200, max_tokens=4)
    second = await ask(generator, "x" * 200 + "y", max_tokens=4)
    assert first.finish.cached_tokens == 0
    # <s>, <|im_start|>, "·user\n" in six bytes, and the blank that begins the text are shared too.
    assert second.finish.cached_tokens >= 200


@pytest.mark.parametrize("division", DIVISIONS)
async def test_a_prompt_that_many_send_at_once_is_computed_once(
    opened: Open, division: Division
) -> None:
    generator = opened("noise", context_tokens=2048, **division)
    asked = (ask(generator, "x" * 1000 + str(number), max_tokens=2) for number in range(4))
    answers = await asyncio.gather(*asked)
    cached = sorted(answer.finish.cached_tokens for answer in answers)
    assert cached[0] == 0
    assert cached[1] >= 1000


@pytest.mark.parametrize("division", DIVISIONS)
async def test_choices_share_their_prompt(opened: Open, division: Division) -> None:
    answer = await ask(opened("noise", **division), "x" * 500, n=4, temperature=1.0, max_tokens=5)
    prompt = answer.finish.prompt_tokens
    cached = [answer.finishes[choice].cached_tokens for choice in range(4)]
    assert cached == [0, prompt - 1, prompt - 1, prompt - 1]


async def test_a_state_is_copied_for_each_choice(opened: Open) -> None:
    answer = await ask(opened("state"), "x" * 500, n=4, temperature=1.0, seed=1, max_tokens=5)
    prompt = answer.finish.prompt_tokens
    cached = [answer.finishes[choice].cached_tokens for choice in range(4)]
    assert cached == [0, prompt - 1, prompt - 1, prompt - 1]


async def test_a_model_with_a_state_writes_in_a_batch_what_it_does_alone(opened: Open) -> None:
    generator = opened("state")
    first, second = await together(generator), await together(generator)
    assert first == second == await alone(opened, "state")


async def test_a_state_that_was_broken_off_is_computed_again(opened: Open) -> None:
    generator = opened("state")
    with anyio.move_on_after(0.02):
        await ask(generator, "x" * 1900)
    assert await together(generator) == await alone(opened, "state")


async def test_more_choices_than_slots_all_come(opened: Open) -> None:
    answer = await ask(opened("noise", slots=2), n=5, temperature=1.0, seed=1, max_tokens=9)
    every = await ask(opened("noise"), n=5, temperature=1.0, seed=1, max_tokens=9)
    assert answer.texts == every.texts


async def test_running_answers_go_on_while_a_long_prompt_is_read(opened: Open) -> None:
    generator = opened("endless", context_tokens=16_384)
    written = 0
    async with aclosing(generator.generate(request(max_tokens=15_000))) as events:
        await anext(events)
        async with anyio.create_task_group() as tasks:

            async def count() -> None:
                nonlocal written
                async for event in events:
                    written += len(event.text.split()) if isinstance(event, Piece) else 0

            tasks.start_soon(count)
            await ask(generator, "x" * 3000, max_tokens=1)
            tasks.cancel_scope.cancel()
    assert written > 3


async def order_of_ends(generator: LlamaGenerator, lanes: dict[str, Lane]) -> list[str]:
    ended: list[str] = []

    async def wait(name: str, lane: Lane) -> None:
        await gathered(generator.generate(turned(name, Turn(lane), max_tokens=200)))
        ended.append(name)

    async with anyio.create_task_group() as tasks:
        for name, lane in lanes.items():
            tasks.start_soon(wait, name, lane)
    return ended


async def test_the_urgent_do_not_wait_for_the_less_urgent(opened: Open) -> None:
    generator = opened("endless", slots=1)
    lanes: dict[str, Lane] = {"a": "background", "b": "task", "c": "interactive"}
    await ask(generator, max_tokens=1)
    assert await order_of_ends(generator, lanes) == ["c", "b", "a"]


async def test_the_less_urgent_pause_while_somebody_waits_for_words(opened: Open) -> None:
    generator, words = opened("endless"), 0
    task = turned("x", Turn("task"), max_tokens=15_000)
    async with anyio.create_task_group() as tasks:

        async def count() -> None:
            nonlocal words
            async with aclosing(generator.generate(task)) as events:
                async for event in events:
                    words += len(event.text.split()) if isinstance(event, Piece) else 0

        tasks.start_soon(count)
        while not words:
            await anyio.lowlevel.checkpoint()
        async with aclosing(generator.generate(request(max_tokens=600))) as events:
            await anext(events)
            before = words
            await gathered(events)
        assert words - before < 60  # what was under way when the other came
        paused = words
        while words < paused + 100:
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


async def test_nobody_waits_for_a_prompt_that_the_less_urgent_read(opened: Open) -> None:
    generator = opened("endless", context_tokens=16_384)
    prompt = "x" * 4_000
    await ask(generator, max_tokens=1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(gathered, generator.generate(turned(prompt, Turn("task"))))
        while not generator.load().running:
            await anyio.lowlevel.checkpoint()
        async with aclosing(generator.generate(request(max_tokens=15_000))) as events:
            await anext(events)
            answer = await ask(generator, prompt, max_tokens=2)
            assert answer.text == "one two"
            assert generator.load().running >= 2  # neither of the others has ended
        tasks.cancel_scope.cancel()


async def test_who_was_put_aside_goes_on_where_he_was(opened: Open) -> None:
    generator = opened("noise", slots=1)
    plain = await ask(opened("noise"), QUESTIONS[7], max_tokens=300)
    asked = turned(QUESTIONS[7], Turn("background"), max_tokens=300)
    async with aclosing(generator.generate(asked)) as events:
        first = await anext(events)
        assert isinstance(first, Piece)
        await ask(generator, QUESTIONS[1], max_tokens=50)
        rest: Answer = await gathered(events)
    assert first.text + rest.text == plain.text


async def test_a_limit_ends_what_is_written(opened: Open) -> None:
    generator = opened("endless")
    await ask(generator, max_tokens=1)
    with pytest.raises(TimedOut):
        await gathered(generator.generate(turned("x", Turn(limit_s=0.05), max_tokens=15_000)))
    assert (await ask(generator, max_tokens=2)).text == "one two"


async def test_a_limit_ends_waiting(opened: Open) -> None:
    generator = opened("endless", slots=1)
    async with aclosing(generator.generate(request(max_tokens=15_000))) as events:
        await anext(events)
        with pytest.raises(TimedOut):
            await gathered(generator.generate(turned("x", Turn(limit_s=0.02))))


async def test_load_counts_who_runs_and_who_waits(opened: Open) -> None:
    generator = opened("endless", slots=2)
    assert (generator.load().running, generator.load().capacity) == (0, 2)
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(gathered, generator.generate(request(max_tokens=15_000)))
        while generator.load().running < 2 or generator.load().waiting < 3:
            await anyio.lowlevel.checkpoint()
        assert generator.load().wait_s > 0
        tasks.cancel_scope.cancel()
    while generator.load().running:
        await anyio.lowlevel.checkpoint()
    assert generator.load().waiting == 0
