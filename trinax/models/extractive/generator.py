"""Answers without a language model: the best-supported excerpts, quoted and cited."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import fields

import anyio.lowlevel
import anyio.to_thread
import numpy as np

from trinax.documents import tokens
from trinax.embedding.ports import Embedder
from trinax.errors import NoGenerativeModel
from trinax.index.languages import language
from trinax.index.records import Passage
from trinax.models.extractive.limits import check
from trinax.models.extractive.phrases import phrases
from trinax.models.extractive.quoting import quote
from trinax.models.extractive.support import Floats, Supported, supported
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
QUOTES_LIMIT = 4
# An excerpt this much below the best is left out: at 2.0 two are quoted on average, and 97 of 100
# answers that four would hold are among them (SQuAD 1.1, as in support.py).
MARGIN = 2.0
CODE_LIMIT = 2
ITEMS_LIMIT = 8
THREADS = 40  # anyio's worker threads


class ExtractiveGenerator:
    """The built-in answerer. It reads a request's question and passages, not its messages."""

    def __init__(self, threshold: float = 0.0, embedder: Embedder | None = None) -> None:
        """threshold: of retrieval's confidence; below it nothing is quoted."""
        self._threshold = threshold
        self._embedder = embedder
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
        if confidence is None and not passages:
            return [said.alone]
        if confidence is not None and confidence < self._threshold:
            return [said.nothing]
        similarity = self._similarity if self._embedder else None
        quotes = _quotes(supported(generation.question, passages, similarity), passages)
        return [said.opening, *quotes] if quotes else [said.nothing]

    def _similarity(self, question: str, texts: Sequence[str]) -> Floats:
        if self._embedder is None:
            return np.zeros(len(texts))
        asked = self._embedder.queries([question])[0]
        return np.asarray(self._embedder.passages(texts) @ asked, dtype=np.float64)


def _language(question: str, passages: Sequence[Passage]) -> str:
    return language(question) or (passages[0].language if passages else "")


def _quotes(ranked: Sequence[Supported], passages: Sequence[Passage]) -> list[str]:
    """The best excerpts, neighbours joined, the best quote first."""
    chosen: list[Supported] = []
    seen: set[str] = set()
    code = 0
    for one in ranked:
        if len(chosen) == QUOTES_LIMIT or one.score < ranked[0].score - MARGIN:
            break
        code += one.excerpt.shape == "code"
        if one.excerpt.text not in seen and (one.excerpt.shape != "code" or code <= CODE_LIMIT):
            seen.add(one.excerpt.text)
            chosen.append(one)
    groups = _joined(_with_what_follows(chosen, ranked))
    return [quote(group, passages[group[0].excerpt.n - 1].kind) for group in groups]


def _with_what_follows(chosen: Sequence[Supported], ranked: Sequence[Supported]) -> list[Supported]:
    """With "Run this:" comes what is to be run: a block, or the items of a list."""
    places = {(one.excerpt.n, one.excerpt.order): one for one in ranked}
    taken = {(one.excerpt.n, one.excerpt.order) for one in chosen}
    for one in chosen:
        n, order = one.excerpt.n, one.excerpt.order + 1
        following = places.get((n, order))
        if not one.excerpt.text.endswith((":", "：")) or following is None:
            continue
        if following.excerpt.shape in ("table", "fence"):
            taken.add((n, order))
        while order <= one.excerpt.order + ITEMS_LIMIT and _is_item(places.get((n, order))):
            taken.add((n, order))
            order += 1
    return [places[place] for place in taken]


def _is_item(one: Supported | None) -> bool:
    return one is not None and one.excerpt.shape == "item"


def _joined(chosen: Sequence[Supported]) -> list[list[Supported]]:
    """Excerpts that stand side by side as one group in their own order; groups best first."""
    groups: list[list[Supported]] = []
    for one in sorted(chosen, key=lambda one: (one.excerpt.n, one.excerpt.order)):
        last = groups[-1][-1].excerpt if groups else None
        if last and (last.n, last.order + 1) == (one.excerpt.n, one.excerpt.order):
            groups[-1].append(one)
        else:
            groups.append([one])
    return sorted(groups, key=lambda group: -max(one.score for one in group))


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
