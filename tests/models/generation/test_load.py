from contextlib import aclosing

import anyio
import anyio.lowlevel
import pytest

from tests.contracts.generator import GeneratorContract
from tests.models.asking import gathered
from tests.models.conftest import Open
from tests.models.generation.test_scheduler import turned
from trinax.models.generation.generator import LlamaGenerator
from trinax.models.ports import Generation, Lane, Turn


def keyed(key: str, lane: Lane = "interactive") -> Generation:
    return turned("x", Turn(lane, key), max_tokens=15_000)


class TestLlamaGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self, opened: Open) -> LlamaGenerator:
        return opened("endless", slots=1)

    @pytest.fixture
    def asked(self) -> Generation:
        return keyed("a")

    async def test_who_was_put_aside_waits_again(self, generator: LlamaGenerator) -> None:
        async with aclosing(generator.generate(keyed("a", "task"))) as task:
            await anext(task)
            async with aclosing(generator.generate(keyed("b"))) as events:
                await anext(events)
                load = generator.load()
                assert (load.running, load.waiting) == (1, 1)

    async def test_who_waits_has_a_place_in_the_order_of_service(
        self, generator: LlamaGenerator
    ) -> None:
        others: tuple[tuple[str, Lane], ...] = (
            ("d", "task"),
            ("b", "interactive"),
            ("b", "interactive"),
            ("c", "interactive"),
        )
        async with aclosing(generator.generate(keyed("a"))) as events:
            await anext(events)
            async with anyio.create_task_group() as tasks:
                for number, (key, lane) in enumerate(others, 1):
                    tasks.start_soon(gathered, generator.generate(keyed(key, lane)))
                    while generator.load().waiting < number:
                        await anyio.lowlevel.checkpoint()
                assert generator.load().places == {"b": 1, "c": 2, "d": 4}
                tasks.cancel_scope.cancel()
