"""Small generators with a known text, for tests of what is around a model."""

import threading
from collections.abc import AsyncGenerator, Sequence

import anyio
import anyio.lowlevel

from trinax.errors import TrinaxError
from trinax.models.ports import (
    NO_TOOLS,
    Finish,
    Generation,
    GenerationEvent,
    Load,
    Message,
    ModelInfo,
    Piece,
    Tools,
)


class Parrot:
    """Writes the same text for every request, a word at a time; one token is one word, and so is a
    tool."""

    def __init__(
        self,
        text: str,
        id: str = "parrot",
        context_tokens: int | None = None,
        failure: TrinaxError | None = None,
        fails_after: int = 0,
    ) -> None:
        """failure: raised instead of the piece with that number."""
        self.info = ModelInfo(id, "generate", context_tokens=context_tokens, roles=("general",))
        self.generations: list[Generation] = []
        self.stopped = threading.Event()
        self._words = text.split(" ")
        self._failure = failure
        self._fails_after = fails_after

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        return sum(len(message.content.split()) for message in messages) + len(tools.tools)

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        return ("seed",) if generation.sampling.seed is not None else ()

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self.generations.append(generation)
        read = self.prompt_tokens(generation.messages)
        try:
            for number, word in enumerate(self._words):
                if self._failure and number == self._fails_after:
                    raise self._failure
                for choice in range(generation.sampling.n):
                    yield Piece(word if number == 0 else f" {word}", choice)
                await anyio.lowlevel.checkpoint()
            for choice in range(generation.sampling.n):
                yield Finish("stop", read, len(self._words), choice)
        finally:
            self.stopped.set()

    def load(self) -> Load:
        return Load(self.info.id, running=0, waiting=0, capacity=1, wait_s=0.0)

    def close(self) -> None:
        """Nothing is held."""


class Script(Parrot):
    """Says these events, whatever it is asked."""

    def __init__(self, *events: GenerationEvent) -> None:
        super().__init__("")
        self._events = events

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self.generations.append(generation)
        for event in self._events:
            yield event
            await anyio.lowlevel.checkpoint()


class Endless(Parrot):
    """Never stops by itself."""

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self.generations.append(generation)
        try:
            while True:
                for choice in range(generation.sampling.n):
                    yield Piece("on and ", choice)
                await anyio.sleep(0.001)
        finally:
            self.stopped.set()


class Reading(Parrot):
    """Reads the prompt and never gets to the first word."""

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        self.generations.append(generation)
        try:
            await anyio.sleep_forever()
            yield Piece("")
        finally:
            self.stopped.set()
