"""A question answered from collections and web: one stream of events, however it is shown."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import anyio.to_thread

from trinax.answering.grounding.support import Grounder
from trinax.answering.prompting.history import Conversation, recent, whole
from trinax.answering.records import Ask, Event, Route
from trinax.answering.routing.route import route
from trinax.answering.writing import Commission, written
from trinax.errors import WebSearchOff
from trinax.models.pool import Pool
from trinax.models.ports import Generator
from trinax.retrieval.merging import merged
from trinax.retrieval.records import Found, Query
from trinax.retrieval.retriever import Retriever
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Settings
from trinax.websearch.web import Web

Unfinished = Callable[[Sequence[str] | None], int | None]


class Chat:
    """Callable from any task; holds no state between requests."""

    def __init__(
        self,
        retriever: Retriever,
        pool: Pool,
        settings: Settings,
        unfinished: Unfinished,
        web: Web | None = None,
    ) -> None:
        """unfinished: files of these collections that are still to be indexed; see LeftOut.
        web: None where it is not searched."""
        self._retriever = retriever
        self._pool = pool
        self._settings = settings
        self._unfinished = unfinished
        self._web = web

    async def answer(self, ask: Ask) -> AsyncGenerator[Event]:
        """Started, what the model writes, then Done. Closing the iterator stops the model.

        Raises ModelNotFound, CollectionNotFound, WebSearchOff, ContextLengthExceeded,
        UnsupportedParameter and what the engines raise; the first four, and every failure to find
        passages, before Started.
        """
        clock = Stopwatch()
        talk = conversation(ask)
        chosen, generator = await anyio.to_thread.run_sync(self._routed, ask)
        clock.lap("route")
        # Before the search: what is indexed meanwhile may not have been found.
        unfinished = None if ask.collections == () else self._unfinished(ask.collections)
        found, unread = await self._searched(ask, talk, clock)
        grounder = Grounder(self._pool.light_embedder)
        threshold = self._settings.retrieval.confidence_threshold
        commission = Commission(
            ask, talk, chosen, generator, found, threshold, unfinished, grounder, unread
        )
        async with aclosing(written(commission, self._settings, clock)) as events:
            async for event in events:
                yield event

    def _routed(self, ask: Ask) -> tuple[Route, Generator]:
        chosen = route(ask, self._pool.infos(), self._settings.router)
        return chosen, self._pool.get(chosen.model)

    async def _searched(
        self, ask: Ask, talk: Conversation, clock: Stopwatch
    ) -> tuple[Found | None, int]:
        """What was found, None if nothing was to be searched, and how many pages of the web could
        not be read."""
        if ask.web and self._web is None:
            raise WebSearchOff
        own = self._settings.retrieval
        query = Query(talk.question, ask.collections, talk.earlier_questions, limit=own.passages)
        found = None if ask.collections == () else await self._retriever.search(query)
        clock.lap("retrieve")
        if not ask.web or self._web is None:
            return found, 0
        consulted = await self._web.consulted(query)
        clock.lap("web")
        searches = [consulted.found] if found is None else [found, consulted.found]
        return merged(searches, own.passages, own.confidence_threshold), consulted.unread


def conversation(ask: Ask) -> Conversation:
    """What the model is to see of it: all, unless what is found is to have the say."""
    if ask.for_program or not ask.retrieves:
        return whole(ask.messages)
    return recent(ask.messages)
