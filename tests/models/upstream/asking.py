"""What the tests ask of an upstream's model, and what comes back."""

from typing import Any

import pytest

from trinax.errors import TrinaxError
from trinax.models.ports import Generation, GenerationEvent, Message, Piece, Sampling, Turn
from trinax.models.upstream.generator import UpstreamGenerator

TEXT = "How many lamps burn?"
TURN = Turn()


def asking(text: str = TEXT, turn: Turn = TURN, **sampling: Any) -> Generation:
    return Generation((Message("user", text),), text, sampling=Sampling(**sampling), turn=turn)


async def asked(
    generator: UpstreamGenerator, generation: Generation | None = None
) -> list[GenerationEvent]:
    return [event async for event in generator.generate(generation or asking())]


def text(events: list[GenerationEvent], channel: str = "answer", choice: int = 0) -> str:
    return "".join(
        event.text
        for event in events
        if isinstance(event, Piece) and (event.channel, event.choice) == (channel, choice)
    )


async def failure(generator: UpstreamGenerator, kind: type[TrinaxError]) -> str:
    with pytest.raises(kind) as caught:
        await asked(generator)
    return str(caught.value)
