"""How long a model takes to write, told to whoever measures."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from trinax.errors import TrinaxError
from trinax.models.ports import (
    NO_TOOLS,
    Finish,
    Generation,
    GenerationEvent,
    Generator,
    Load,
    Message,
    ModelInfo,
    Tools,
)


@dataclass(frozen=True, slots=True)
class Generated:
    """One use of a model, at its end.

    outcome: "finished", "abandoned" where nobody wanted the rest, or the code of an error.
    waited_s: until it began with it. first_s: from then, or from the request where that is not
    known, to its first text. token_s: for each token after that. None: not known, or never came.
    The counts are 0 unless it finished; prompt_tokens: once for all choices.
    """

    model: str
    outcome: str
    waited_s: float | None = None
    first_s: float | None = None
    token_s: float | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


Told = Callable[[Generated], None]


class Measured:
    """A generator that tells of each of its uses."""

    def __init__(self, generator: Generator, told: Told) -> None:
        self._generator = generator
        self._told = told

    @property
    def info(self) -> ModelInfo:
        return self._generator.info

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        return self._generator.prompt_tokens(messages, tools)

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        return self._generator.ignored(generation)

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        clock = _Clock(self._generator.info.id, generation.sampling.n)
        # Every adapter writes an async generator; the port asks only for what is read here.
        written: Any = self._generator.generate(generation)
        try:
            async with aclosing(written) as events:
                async for event in events:
                    if isinstance(event, Finish):
                        clock.finished(event)
                    elif not clock.first_at:
                        clock.first_at = time.monotonic()
                    yield event
        except TrinaxError as exc:
            clock.outcome = exc.code
            raise
        finally:
            self._told(clock.told())

    def load(self) -> Load:
        return self._generator.load()

    def close(self) -> None:
        self._generator.close()


class _Clock:
    """Of one use. first_at: when its first text came, 0 before that."""

    def __init__(self, model: str, choices: int) -> None:
        self.outcome = "abandoned"
        self.first_at = 0.0
        self._model = model
        self._choices = choices
        self._began = time.monotonic()
        self._finishes: list[Finish] = []

    def finished(self, finish: Finish) -> None:
        self._finishes.append(finish)
        if len(self._finishes) == self._choices:
            self.outcome = "finished"

    def told(self) -> Generated:
        if self.outcome != "finished":
            return Generated(self._model, self.outcome, first_s=self._first_s(None))
        waited_s = self._finishes[0].waited_s
        written = sum(finish.completion_tokens for finish in self._finishes)
        return Generated(
            self._model,
            self.outcome,
            waited_s,
            self._first_s(waited_s),
            self._token_s(written),
            self._finishes[0].prompt_tokens,
            min(finish.cached_tokens for finish in self._finishes),
            written,
        )

    def _first_s(self, waited_s: float | None) -> float | None:
        return self.first_at - self._began - (waited_s or 0.0) if self.first_at else None

    def _token_s(self, written: int) -> float | None:
        after = written - self._choices
        if not self.first_at or after <= 0:
            return None
        return (time.monotonic() - self.first_at) / after * self._choices
