"""Small generators with a known text, for tests of what is around a model."""

import threading
from collections.abc import AsyncGenerator, Sequence

import anyio
import anyio.lowlevel

from trinax.errors import TrinaxError
from trinax.models.ports import Finish, Generation, Message, ModelInfo, Piece, Sampling


class Parrot:
    """Writes the same text for every request, a word at a time; one token is one word."""

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

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) for message in messages)

    def ignored(self, sampling: Sampling) -> tuple[str, ...]:
        return ("seed",) if sampling.seed is not None else ()

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece | Finish]:
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

    def close(self) -> None:
        """Nothing is held."""


class Endless(Parrot):
    """Never stops by itself."""

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece | Finish]:
        self.generations.append(generation)
        try:
            while True:
                yield Piece("on and ")
                await anyio.sleep(0.001)
        finally:
            self.stopped.set()
