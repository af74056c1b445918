"""A question answered from the collections: one stream of events, however it is shown."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import anyio.to_thread

from trinax.answering.grounding import grounding
from trinax.answering.history import Conversation, recent, whole
from trinax.answering.prompt import Budget, Prompt, layout, prompt
from trinax.answering.records import Ask, Done, Event, Grounding, Route, Started
from trinax.answering.routing import route
from trinax.answering.shown import Shown
from trinax.answering.sources import sources
from trinax.index.languages import language
from trinax.models.extractive.phrases import phrases
from trinax.models.pool import Pool
from trinax.models.ports import Finish, Generation, GenerationEvent, Generator, Piece
from trinax.retrieval.records import Found, Query
from trinax.retrieval.retriever import Retriever
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Settings

Written = AsyncGenerator[GenerationEvent]


class Chat:
    """Callable from any task; holds no state between requests."""

    def __init__(self, retriever: Retriever, pool: Pool, settings: Settings) -> None:
        self._retriever = retriever
        self._pool = pool
        self._settings = settings

    async def answer(self, ask: Ask) -> AsyncGenerator[Event]:
        """Started, what the model writes, then Done. Closing the iterator stops the model.

        Raises ModelNotFound, CollectionNotFound, ContextLengthExceeded, UnsupportedParameter and
        what the engines raise; the first three, and every failure to find passages, before
        Started.
        """
        clock = Stopwatch()
        talk = conversation(ask)
        infos = await anyio.to_thread.run_sync(self._pool.infos)
        chosen = route(ask, talk.question, infos)
        generator = await anyio.to_thread.run_sync(self._pool.get, chosen.model)
        clock.lap("route")
        found = await self._found(ask, talk)
        known = found is not None and self._knows(found)
        clock.lap("retrieve")
        if found is not None and not known and not ask.for_program:
            for event in _not_found(ask, talk, chosen, clock):
                yield event
            return
        passages = found if known else None
        planned = await anyio.to_thread.run_sync(self._planned, ask, talk, passages, generator)
        clock.lap("prompt")
        generation = _generation(ask, talk, planned, found)
        yield Started(chosen, planned.sources, generator.ignored(generation))
        # Every adapter writes an async generator; the port asks only for what is read here.
        written = cast(Written, generator.generate(generation))
        async with aclosing(_told(written, ask, planned, clock)) as events:
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
        wanted = ask.sampling.max_tokens
        budget = Budget(
            model=generator.info.id,
            context_tokens=generator.info.context_tokens,
            answer_tokens=self._settings.models.max_tokens if wanted is None else wanted,
            count=lambda messages: generator.prompt_tokens(messages, ask.tools),
        )
        return prompt(layout(ask), talk, sources(found.ranked) if found else (), budget)


def conversation(ask: Ask) -> Conversation:
    """What the model is to see of it: all, unless the documents are to have the say."""
    if ask.for_program or ask.collections == ():
        return whole(ask.messages)
    return recent(ask.messages)


def _generation(ask: Ask, talk: Conversation, planned: Prompt, found: Found | None) -> Generation:
    return Generation(
        messages=planned.messages,
        question=talk.question,
        passages=tuple(source.passage for source in planned.sources),
        confidence=found.confidence if found else None,
        sampling=ask.sampling,
        tools=ask.tools,
        format=ask.format,
        reasoning=ask.reasoning,
        turn=ask.turn,
    )


async def _told(
    written: Written, ask: Ask, planned: Prompt, clock: Stopwatch
) -> AsyncGenerator[Event]:
    """What the model writes as it is shown, then Done."""
    # Brackets are citations where there is something to cite; a program gets what was written.
    cites = planned.sources and not ask.for_program
    known = {source.n for source in planned.sources} if cites else None
    choices: defaultdict[int, Shown] = defaultdict(lambda: Shown(known))
    first = True
    async with aclosing(written) as events:
        async for event in events:
            for shown in choices[event.choice].events(event):
                if first:
                    clock.lap("first_text")
                    first = False
                yield shown
    clock.lap("generate")
    judged = await anyio.to_thread.run_sync(_judged, ask, choices[0], planned)
    clock.lap("ground")
    yield Done(judged, clock.laps_ms)


def _judged(ask: Ask, shown: Shown, planned: Prompt) -> Grounding:
    """Prose is judged by its sentences. JSON and calls have none: their verdict only says whether
    the collections knew something."""
    if ask.collections == ():
        return Grounding("ungrounded")
    if ask.format is not None or shown.called:
        return Grounding("answered" if planned.sources else "insufficient")
    return grounding(shown.text, planned.sources)


def _not_found(ask: Ask, talk: Conversation, chosen: Route, clock: Stopwatch) -> Iterator[Event]:
    """An answer that no model needs to write."""
    yield Started(chosen, ())
    text = phrases(language(talk.question)).nothing
    for choice in range(ask.sampling.n):
        yield Piece(text, choice)
        yield Finish("stop", 0, 0, choice)
    yield Done(Grounding("insufficient"), clock.laps_ms)
