import asyncio
import random
import threading
import time
from contextlib import aclosing

import anyio.to_thread
import pytest

from tests.models.upstream.asking import asked, asking, failure, text
from tests.models.upstream.conftest import Open
from tests.models.upstream.player import Answer, Player
from tests.models.upstream.recorded import (
    BEGINNING,
    OPENAI,
    VLLM,
)
from trinax.errors import (
    UpstreamFailed,
)
from trinax.models.ports import (
    Load,
    Piece,
)
from trinax.models.upstream.configuration import generators
from trinax.settings import Settings, Upstream

pytestmark = pytest.mark.slow

# Each way that an answer can end, or not.
ENDS = (
    OPENAI,
    Answer(BEGINNING, end="cut"),
    Answer(BEGINNING, end="hang"),
    Answer(late=True),
    VLLM,
)


async def test_closing_the_iterator_closes_the_stream_at_once(player: Player, opened: Open) -> None:
    player.play(Answer(BEGINNING, end="hang"))
    generator = opened()
    async with aclosing(generator.generate(asking())) as events:
        assert await anext(events) == Piece("Hello")
        assert generator.load() == Load("here", 1, 0, 0, generator.load().wait_s)
    since = time.monotonic()
    assert await anyio.to_thread.run_sync(player.gone.wait, 5)
    assert time.monotonic() - since < 1
    assert generator.load().running == 0


async def test_a_cancelled_task_closes_the_stream(player: Player, opened: Open) -> None:
    player.play(Answer(late=True))
    generator = opened()
    task = asyncio.create_task(asked(generator))
    assert await anyio.to_thread.run_sync(player.reached.wait, 5)
    assert (generator.load().waiting, generator.load().running) == (1, 0)
    task.cancel()
    assert await anyio.to_thread.run_sync(player.gone.wait, 5)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert generator.load().waiting == 0


async def test_closing_the_generator_ends_what_is_being_read(player: Player, opened: Open) -> None:
    player.play(Answer(BEGINNING, end="hang"))
    generator = opened()
    events = generator.generate(asking())
    await anext(events)
    await anyio.to_thread.run_sync(generator.close)
    with pytest.raises(UpstreamFailed):
        await anext(events)
    assert "stopping" in await failure(generator, UpstreamFailed)


async def test_connections_are_used_again(player: Player, opened: Open) -> None:
    player.play(OPENAI)
    generator = opened()
    for _ in range(3):
        await asked(generator)
    assert len(player.clients) == 1


def test_each_event_loop_has_its_own_connections(player: Player) -> None:
    player.play(OPENAI)
    box = Upstream(url=player.url, models={"here": "there"})
    [generator] = generators(Settings(upstreams={"box": box}))
    loops = [asyncio.new_event_loop() for _ in range(2)]
    threads = [threading.Thread(target=loop.run_forever) for loop in loops]
    for thread in threads:
        thread.start()
    answers = [asyncio.run_coroutine_threadsafe(asked(generator), loop) for loop in loops * 2]
    assert [text(answer.result(5)) for answer in answers] == ["Hello there"] * 4
    generator.close()
    for loop, thread in zip(loops, threads, strict=True):
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def test_random_ends_leave_nothing_behind(player: Player, opened: Open) -> None:
    player.play(*ENDS * 20)
    generator = opened(timeout_s=0.1, retries=0)
    chance = random.Random(3)
    outcomes: set[str] = set()

    async def ask() -> None:
        with anyio.move_on_after(chance.choice([0.01, 0.05, 5])):
            try:
                async with aclosing(generator.generate(asking())) as events:
                    async for _ in events:
                        if chance.random() < 0.1:
                            return
                outcomes.add("answered")
            except UpstreamFailed:
                outcomes.add("failed")

    for _ in range(10):
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(ask)
    assert outcomes == {"answered", "failed"}
    assert (generator.load().waiting, generator.load().running) == (0, 0)
