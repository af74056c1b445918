import anyio
import anyio.lowlevel
import pytest

from tests.contracts.generator import GeneratorContract
from tests.models.upstream.asking import asked as answered
from tests.models.upstream.asking import asking
from tests.models.upstream.conftest import Open
from tests.models.upstream.player import Answer, Player
from tests.models.upstream.recorded import BEGINNING
from trinax.models.ports import Generation, Turn
from trinax.models.upstream.generator import UpstreamGenerator

pytestmark = pytest.mark.slow


class TestUpstreamGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self, player: Player, opened: Open) -> UpstreamGenerator:
        player.play(Answer(BEGINNING, end="hang"))
        return opened()

    @pytest.fixture
    def asked(self) -> Generation:
        return asking(turn=Turn(key="a"))

    async def test_who_waits_has_a_place_in_the_order_of_sending(
        self, player: Player, generator: UpstreamGenerator
    ) -> None:
        player.play(Answer(b"", end="hang"))
        async with anyio.create_task_group() as tasks:
            for number, key in enumerate("abac", 1):
                tasks.start_soon(answered, generator, asking(turn=Turn(key=key)))
                while generator.load().waiting < number:
                    await anyio.lowlevel.checkpoint()
            assert generator.load().places == {"a": 1, "b": 2, "c": 4}
            tasks.cancel_scope.cancel()
        assert generator.load().places == {}
