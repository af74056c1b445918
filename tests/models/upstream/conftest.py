from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio.to_thread
import pytest

from tests.models.upstream.player import Player, playing
from trinax.models.upstream.configuration import generators
from trinax.models.upstream.generator import UpstreamGenerator
from trinax.settings import Settings, Upstream

Open = Callable[..., UpstreamGenerator]


@pytest.fixture(scope="module")
def player() -> Iterator[Player]:
    with playing() as player:
        yield player


@pytest.fixture
async def opened(player: Player) -> AsyncIterator[Open]:
    """The player's model "there" as "here", closed at the end; settings as keywords."""
    opened: list[UpstreamGenerator] = []

    def open_(**settings: Any) -> UpstreamGenerator:
        given = {"url": player.url, "models": {"here": "there"}, **settings}
        opened.extend(generators(Settings(upstreams={"box": Upstream(**given)})))
        return opened[-1]

    yield open_
    for generator in opened:
        await anyio.to_thread.run_sync(generator.close)
