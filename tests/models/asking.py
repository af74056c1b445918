"""Requests as the tests make them, and what comes back."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from trinax.models.ports import (
    CallPiece,
    Finish,
    Generation,
    GenerationEvent,
    Generator,
    Message,
    Piece,
    Sampling,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Texts and finishes by choice."""

    texts: dict[int, str]
    finishes: dict[int, Finish]
    pieces: tuple[Piece, ...]
    calls: tuple[CallPiece, ...] = ()

    @property
    def text(self) -> str:
        return self.texts.get(0, "")

    @property
    def finish(self) -> Finish:
        return self.finishes[0]


def request(text: str = "count", **sampling: Any) -> Generation:
    """Greedy unless it says otherwise."""
    return Generation(
        (Message("user", text),), text, sampling=Sampling(**{"temperature": 0.0, **sampling})
    )


async def ask(generator: Generator, text: str = "count", **sampling: Any) -> Answer:
    return await gathered(generator.generate(request(text, **sampling)))


async def gathered(events: AsyncIterator[GenerationEvent]) -> Answer:
    texts: defaultdict[int, str] = defaultdict(str)
    finishes: dict[int, Finish] = {}
    pieces: list[Piece] = []
    calls: list[CallPiece] = []
    async for event in events:
        if isinstance(event, Finish):
            finishes[event.choice] = event
        elif isinstance(event, CallPiece):
            calls.append(event)
        else:
            texts[event.choice] += event.text
            pieces.append(event)
    return Answer(dict(texts), finishes, tuple(pieces), tuple(calls))
