"""A question answered from the collections: one stream of events, however it is shown."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import anyio.to_thread

from trinax.answering.grounding.support import Grounder
from trinax.answering.prompting.history import Conversation, recent, whole
from trinax.answering.records import Ask, Event, Route
from trinax.answering.routing.route import route
from trinax.answering.writing import Commission, written
from trinax.models.pool import Pool
from trinax.models.ports import Generator
from trinax.retrieval.records import Found, Query
from trinax.retrieval.retriever import Retriever
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Settings

Unfinished = Callable[[Sequence[str] | None], int | None]


class Chat:
    """Callable from any task; holds no state between requests."""

    def __init__(
        self, retriever: Retriever, pool: Pool, settings: Settings, unfinished: Unfinished
    ) -> None:
        """unfinished: files of these collections that are still to be indexed; see LeftOut."""
        self._retriever = retriever
        self._pool = pool
        self._settings = settings
        self._unfinished = unfinished

    async def answer(self, ask: Ask) -> AsyncGenerator[Event]:
        """Started, what the model writes, then Done. Closing the iterator stops the model.

        Raises ModelNotFound, CollectionNotFound, ContextLengthExceeded, UnsupportedParameter and
        what the engines raise; the first three, and every failure to find passages, before
        Started.
        """
        clock = Stopwatch()
        talk = conversation(ask)
        chosen, generator = await anyio.to_thread.run_sync(self._routed, ask)
        clock.lap("route")
        # Before the search: what is indexed meanwhile may not have been found.
        unfinished = None if ask.collections == () else self._unfinished(ask.collections)
        found = await self._found(ask, talk)
        clock.lap("retrieve")
        grounder = Grounder(self._pool.light_embedder)
        threshold = self._settings.retrieval.confidence_threshold
        commission = Commission(
            ask, talk, chosen, generator, found, threshold, unfinished, grounder
        )
        async with aclosing(written(commission, self._settings, clock)) as events:
            async for event in events:
                yield event

    def _routed(self, ask: Ask) -> tuple[Route, Generator]:
        chosen = route(ask, self._pool.infos(), self._settings.router)
        return chosen, self._pool.get(chosen.model)

    async def _found(self, ask: Ask, talk: Conversation) -> Found | None:
        if ask.collections == ():
            return None
        limit = self._settings.retrieval.passages
        return await self._retriever.search(
            Query(talk.question, ask.collections, talk.earlier_questions, limit=limit)
        )


def conversation(ask: Ask) -> Conversation:
    """What the model is to see of it: all, unless the documents are to have the say."""
    if ask.for_program or ask.collections == ():
        return whole(ask.messages)
    return recent(ask.messages)
