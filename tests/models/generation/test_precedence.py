from contextlib import aclosing

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from tests.models.asking import ask, gathered, request
from tests.models.conftest import Open
from tests.models.generation.test_scheduler import turned
from trinax.errors import ModelFailed
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.generation.precedence import Precedence
from trinax.models.ports import Piece, Turn


def test_the_less_urgent_rest_until_the_others_have_left() -> None:
    precedence = Precedence()
    assert precedence.goes("small", 1)
    assert precedence.goes("large", 0)
    assert not precedence.goes("small", 1)
    precedence.leave("large")
    assert precedence.goes("small", 1)


def test_the_equally_urgent_go_together() -> None:
    precedence = Precedence()
    assert precedence.goes("small", 0)
    assert precedence.goes("large", 0)
    assert precedence.goes("small", 0)


async def test_a_task_rests_while_another_model_answers_a_person(opened: Open) -> None:
    small, large, words = opened("endless"), opened("noise"), 0
    task = turned("x", Turn("task"), max_tokens=15_000)
    await ask(large, max_tokens=1)
    async with anyio.create_task_group() as tasks:

        async def count() -> None:
            nonlocal words
            async with aclosing(small.generate(task)) as events:
                async for event in events:
                    words += len(event.text.split()) if isinstance(event, Piece) else 0

        tasks.start_soon(count)
        while not words:
            await anyio.lowlevel.checkpoint()
        async with aclosing(large.generate(request(max_tokens=600, ignore_eos=True))) as events:
            await anext(events)
            await anyio.lowlevel.checkpoint()
            before = words
            await gathered(events)
        # Only what was under way when the other came; as an equal it would have written 600 too.
        assert words - before < 300
        paused = words
        while words < paused + 100:
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()


async def test_who_leaves_a_resting_model_frees_it(opened: Open) -> None:
    small, large = opened("endless"), opened("endless")
    async with aclosing(large.generate(request(max_tokens=15_000))) as events:
        await anext(events)
        task = small.generate(turned("x", Turn("task"), max_tokens=15_000))
        with anyio.move_on_after(0.1):
            await gathered(task)
        while small.load().running or small.load().waiting:
            await anyio.lowlevel.checkpoint()
        assert large.load().running == 1


async def test_a_person_is_answered_by_a_model_that_rests_with_a_task(opened: Open) -> None:
    small, large = opened("endless"), opened("endless")
    async with aclosing(large.generate(request(max_tokens=15_000))) as events:
        await anext(events)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(gathered, small.generate(turned("x", Turn("task"))))
            while not small.load().waiting and not small.load().running:
                await anyio.lowlevel.checkpoint()
            assert (await ask(small, max_tokens=2)).text == "one two"
            tasks.cancel_scope.cancel()


async def test_closing_ends_what_rests(opened: Open) -> None:
    small, large = opened("endless"), opened("endless")
    async with aclosing(large.generate(request(max_tokens=15_000))) as events:
        await anext(events)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ends, small)
            while not small.load().waiting and not small.load().running:
                await anyio.lowlevel.checkpoint()
            await anyio.to_thread.run_sync(small.close)
        assert large.load().running == 1


async def ends(generator: LlamaGenerator) -> None:
    with pytest.raises(ModelFailed, match="stopped"):
        await gathered(generator.generate(turned("x", Turn("task"))))
