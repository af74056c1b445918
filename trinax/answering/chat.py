"""A question answered from the collections: one stream of events, however it is shown."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import anyio.to_thread

from trinax.answering import prompt
from trinax.answering.citations import CitationFilter
from trinax.answering.grounding import grounding
from trinax.answering.history import Conversation, conversation
from trinax.answering.prompt import Prompt
from trinax.answering.records import Ask, Delta, Done, Event, Grounding, Route, Started
from trinax.answering.routing import route
from trinax.answering.sources import sources
from trinax.index.languages import language
from trinax.models.phrases import phrases
from trinax.models.pool import Pool
from trinax.models.ports import Finish, Generation, Generator, Piece
from trinax.retrieval.records import Found, Query
from trinax.retrieval.retriever import Retriever
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Settings

Written = AsyncGenerator[Piece | Finish]


class Chat:
    """Callable from any task; holds no state between requests."""

    def __init__(self, retriever: Retriever, pool: Pool, settings: Settings) -> None:
        self._retriever = retriever
        self._pool = pool
        self._settings = settings

    async def answer(self, ask: Ask) -> AsyncGenerator[Event]:
        """Started, Deltas, then Done. Closing the iterator stops the model.

        Raises ModelNotFound, CollectionNotFound, ContextLengthExceeded and what the engines raise;
        the first three, and every failure to find passages, before Started.
        """
        clock = Stopwatch()
        talk = conversation(ask.messages)
        infos = await anyio.to_thread.run_sync(self._pool.infos)
        chosen = route(talk.question, ask.model, infos)
        generator = await anyio.to_thread.run_sync(self._pool.get, chosen.model)
        clock.lap("route")
        found = await self._found(ask, talk)
        clock.lap("retrieve")
        if found is not None and not self._knows(found):
            for event in _not_found(ask, talk, chosen, clock):
                yield event
            return
        planned = await anyio.to_thread.run_sync(self._planned, ask, talk, found, generator)
        clock.lap("prompt")
        yield Started(chosen, planned.sources, generator.ignored(ask.sampling))
        generation = Generation(
            messages=planned.messages,
            question=talk.question,
            passages=tuple(source.passage for source in planned.sources),
            confidence=found.confidence if found else None,
            sampling=ask.sampling,
        )
        # Every adapter writes an async generator; the port asks only for what is read here.
        written = cast(Written, generator.generate(generation))
        async with aclosing(_told(written, planned, found is not None, clock)) as events:
            async for event in events:
                yield event

    async def _found(self, ask: Ask, talk: Conversation) -> Found | None:
        if ask.collections == ():
            return None
        limit = self._settings.retrieval.passages
        return await self._retriever.search(
            Query(talk.question, ask.collections, talk.earlier_questions, limit=limit)
        )

    def _knows(self, found: Found) -> bool:
        threshold = self._settings.retrieval.confidence_threshold
        return bool(found.ranked) and found.confidence >= threshold

    def _planned(
        self, ask: Ask, talk: Conversation, found: Found | None, generator: Generator
    ) -> Prompt:
        return prompt.prompt(
            talk,
            sources(found.ranked) if found else (),
            generator,
            prompt.answer_tokens(ask.sampling, self._settings.models),
        )


async def _told(
    written: Written, planned: Prompt, asked: bool, clock: Stopwatch
) -> AsyncGenerator[Event]:
    """What the model writes, its citations filtered, then Done.

    asked: whether retrieval was asked for; without it brackets are just brackets.
    """
    known = {source.n for source in planned.sources}
    filters: defaultdict[int, CitationFilter] = defaultdict(lambda: CitationFilter(known))
    finishes: list[Finish] = []
    text = ""
    first = True
    async with aclosing(written) as pieces:
        async for piece in pieces:
            if isinstance(piece, Piece):
                shown = filters[piece.choice].feed(piece.text) if asked else piece.text
            else:
                shown = filters[piece.choice].flush()
                finishes.append(piece)
            if not shown:
                continue
            if first:
                clock.lap("first_text")
                first = False
            text += shown if piece.choice == 0 else ""
            yield Delta(shown, piece.choice)
    clock.lap("generate")
    judged = grounding(text, planned.sources) if asked else Grounding("ungrounded")
    clock.lap("ground")
    yield Done(tuple(finishes), judged, clock.laps_ms)


def _not_found(ask: Ask, talk: Conversation, chosen: Route, clock: Stopwatch) -> Iterator[Event]:
    """An answer that no model needs to write."""
    yield Started(chosen, ())
    text = phrases(language(talk.question)).nothing
    for choice in range(ask.sampling.n):
        yield Delta(text, choice)
    finishes = tuple(Finish("stop", 0, 0, choice) for choice in range(ask.sampling.n))
    yield Done(finishes, Grounding("insufficient"), clock.laps_ms)
