"""Answers without a language model: the best-supported excerpts, quoted and cited."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import fields

import anyio.lowlevel
import anyio.to_thread

from trinax.documents import tokens
from trinax.embedding.ports import Embedder
from trinax.errors import NoGenerativeModel
from trinax.index.languages import language
from trinax.index.records import Passage
from trinax.models.extractive.answer import Sheet, paragraphs
from trinax.models.extractive.features import material
from trinax.models.extractive.limits import check
from trinax.models.extractive.phrases import phrases
from trinax.models.ports import (
    NO_TOOLS,
    Finish,
    FinishReason,
    Generation,
    Load,
    Message,
    ModelInfo,
    Piece,
    Sampling,
    Tools,
)

INFO = ModelInfo("trinax-extract", "extract")
HONOURED = ("max_tokens", "stop", "n")
FITTED_EMBEDDER = "trinax-embed"
THREADS = 40  # anyio's worker threads


class ExtractiveGenerator:
    """The built-in answerer. It reads a request's question and passages, not its messages."""

    def __init__(self, embedder: Embedder | None = None) -> None:
        """embedder: has a say only if it is the built-in one, which the weights were fitted
        with."""
        self._embedder = embedder if embedder and embedder.id == FITTED_EMBEDDER else None
        self._running = 0

    @property
    def info(self) -> ModelInfo:
        return INFO

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        return sum(tokens.count(message.content) for message in messages)

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        unset = Sampling()
        ignored = [
            field.name
            for field in fields(Sampling)
            if field.name not in HONOURED
            and getattr(generation.sampling, field.name) != getattr(unset, field.name)
        ]
        others = {
            "tools": generation.tools.tools and generation.tools.choice == "auto",
            "reasoning_effort": generation.reasoning is not None,
            "timeout": generation.turn.limit_s is not None,
        }
        return (*(name for name, given in others.items() if given), *ignored)

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece | Finish]:
        check(generation.sampling, generation.tools, generation.format)
        if generation.infilling is not None:
            raise NoGenerativeModel
        self._running += 1
        try:
            paragraphs = await anyio.to_thread.run_sync(self._paragraphs, generation)
            async with aclosing(self._written("\n\n".join(paragraphs), generation)) as events:
                async for event in events:
                    yield event
        finally:
            self._running -= 1

    def load(self) -> Load:
        """An answer takes milliseconds, so nobody is said to wait."""
        return Load(INFO.id, self._running, waiting=0, capacity=THREADS, wait_s=0.0)

    def close(self) -> None:
        """Nothing to free; the embedder belongs to who gave it."""

    async def _written(self, text: str, generation: Generation) -> AsyncGenerator[Piece | Finish]:
        text, reason = _ended(text, generation.sampling)
        read, written = self.prompt_tokens(generation.messages), tokens.count(text)
        for choice in range(generation.sampling.n):
            for part in re.findall(r".+?(?:\n\n|\Z)", text, re.DOTALL):
                yield Piece(part, choice)
                await anyio.lowlevel.checkpoint()
            yield Finish(reason, read, written, choice)

    def _paragraphs(self, generation: Generation) -> list[str]:
        confidence, passages = generation.confidence, generation.passages
        said = phrases(_language(generation.question, passages))
        if any(passage.url for passage in passages):
            said = said.with_web
        if not passages:
            return [said.alone if confidence is None else said.nothing]
        given = material(passages, generation.scores, self._embedder)
        return paragraphs(Sheet(passages, given, said, self._embedder), generation)


def _language(question: str, passages: Sequence[Passage]) -> str:
    return language(question) or (passages[0].language if passages else "")


def _ended(text: str, sampling: Sampling) -> tuple[str, FinishReason]:
    """The text up to a stop string or max_tokens."""
    stops = [at for stop in sampling.stop if stop and (at := text.find(stop)) >= 0]
    text = text[: min(stops)] if stops else text
    limit = sampling.max_tokens
    if limit is None or tokens.count(text) <= limit:
        return text, "stop"
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens.count(text[:middle]) <= limit else (low, middle - 1)
    return text[:low], "length"
