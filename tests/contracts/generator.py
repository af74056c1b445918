"""What every generator says of how busy it is."""

from contextlib import aclosing
from typing import Any

import anyio.lowlevel

from trinax.models.ports import Generation, Generator, Load


class GeneratorContract:
    """A subclass supplies `generator`, which is idle, and `asked`, whose first event comes at once
    and the last one later."""

    async def test_nobody_waits_for_an_idle_model(self, generator: Generator) -> None:
        load = generator.load()
        assert (load.model, load.running, load.waiting) == (generator.info.id, 0, 0)
        assert load.capacity >= 0
        assert load.places == {}

    async def test_who_is_answered_has_no_place_in_the_queue(
        self, generator: Generator, asked: Generation
    ) -> None:
        async with aclosing(begun(generator, asked)) as events:
            await anext(events)
            load = generator.load()
            assert (load.running, load.waiting, load.places) == (1, 0, {})

    async def test_nothing_is_left_of_who_has_gone(
        self, generator: Generator, asked: Generation
    ) -> None:
        async with aclosing(begun(generator, asked)) as events:
            await anext(events)
        while is_busy(load := generator.load()):
            await anyio.lowlevel.checkpoint()
        assert load.places == {}


def begun(generator: Generator, asked: Generation) -> Any:
    return generator.generate(asked)


def is_busy(load: Load) -> bool:
    return bool(load.running or load.waiting)
