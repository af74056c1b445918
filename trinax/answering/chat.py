"""A question answered from collections, attachments and the web: one stream of events, however it
is shown."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import anyio.to_thread

from trinax.answering.grounding.support import Grounder
from trinax.answering.prompting.history import Conversation, recent, whole
from trinax.answering.prompting.prompt import Prompt
from trinax.answering.reach import Reach
from trinax.answering.records import Ask, Done, Event, Route
from trinax.answering.routing.route import routed
from trinax.answering.seating import Seats
from trinax.answering.writing import Commission, planned, written
from trinax.errors import WebSearchOff
from trinax.models.pool import Pool
from trinax.retrieval.merging import merged
from trinax.retrieval.records import Query
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Settings
from trinax.websearch.web import Web

Unfinished = Callable[[Sequence[str] | None], int | None]
Told = Callable[[Route, Done], None]


class Chat:
    """Callable from any task; holds no state between requests."""

    def __init__(
        self,
        reach: Reach,
        pool: Pool,
        settings: Settings,
        unfinished: Unfinished,
        told: Told | None = None,
    ) -> None:
        """unfinished: files of these collections that are still to be indexed; see LeftOut.
        told: of every answer that came to its end."""
        self._reach = reach
        self._pool = pool
        self._settings = settings
        self._unfinished = unfinished
        self._told = told

    def within(self, collections: frozenset[str] | None, models: frozenset[str] | None) -> "Chat":
        """One that answers from these collections with these models only; None for all."""
        reach, pool = self._reach.within(collections), self._pool.within(models)
        unfinished = unfinished_within(self._unfinished, collections)
        return Chat(reach, pool, self._settings, unfinished, self._told)

    async def answer(self, ask: Ask) -> AsyncGenerator[Event]:
        """Started, what the model writes, then Done. Closing the iterator stops the model.

        Raises ModelNotFound, CollectionNotFound, WebSearchOff, ContextLengthExceeded,
        UnsupportedParameter, what Attaching.taken() raises and what the engines raise; the first
        four, and every failure to find passages, before Started.
        """
        web = self._reach.web
        if ask.web and web is None:
            raise WebSearchOff
        clock = Stopwatch()
        # Before the search: what is indexed meanwhile may not have been found.
        unfinished = None if ask.collections == () else self._unfinished(ask.collections)
        if ask.web or ask.attachments:
            commission = await anyio.to_thread.run_sync(self._commission, ask, unfinished, clock)
            if web and ask.web:
                commission = await self._with_web(commission, web, clock)
            if ask.attachments:
                commission = await self._with_attachments(commission, clock)
            plan = await anyio.to_thread.run_sync(planned, commission, self._settings, clock)
        else:
            begun = await anyio.to_thread.run_sync(self._begun, ask, unfinished, clock)
            commission, plan = begun
        async with aclosing(written(commission, plan, clock)) as events:
            async for event in events:
                if self._told and isinstance(event, Done):
                    self._told(commission.route, event)
                yield event

    def _begun(
        self, ask: Ask, unfinished: int | None, clock: Stopwatch
    ) -> tuple[Commission, Prompt | None]:
        """All that can block at once: a thread for each costs more than some of it takes."""
        commission = self._commission(ask, unfinished, clock)
        return commission, planned(commission, self._settings, clock)

    def _commission(self, ask: Ask, unfinished: int | None, clock: Stopwatch) -> Commission:
        """With what the collections give."""
        chosen = routed(ask, self._pool, self._settings.router)
        generator = self._pool.get(chosen.model)
        clock.lap("route")
        talk = conversation(ask)
        retriever = self._reach.retriever
        found = None if ask.collections == () else retriever.found(self._query(ask, talk))
        clock.lap("retrieve")
        return Commission(
            ask=ask,
            talk=talk,
            route=chosen,
            generator=generator,
            found=found,
            threshold=self._settings.retrieval.confidence_threshold,
            unfinished=unfinished,
            grounder=Grounder(self._pool.light_embedder),
        )

    async def _with_web(self, own: Commission, web: Web, clock: Stopwatch) -> Commission:
        consulted = await web.consulted(self._query(own.ask, own.talk))
        clock.lap("web")
        retrieval = self._settings.retrieval
        searches = [consulted.found] if own.found is None else [own.found, consulted.found]
        found = merged(searches, retrieval.passages, retrieval.confidence_threshold)
        return replace(own, found=found, unread=consulted.unread)

    async def _with_attachments(self, own: Commission, clock: Stopwatch) -> Commission:
        attaching = self._reach.attaching
        attached = await attaching.taken(own.ask.attachments, own.ask.allowance)
        clock.lap("attachments")
        limit = self._settings.retrieval.passages
        seats = Seats(limit, own.threshold, self._settings.attachments.whole_tokens)
        seats = seats.within(own.generator.info.context_tokens)
        query, seated = self._query(own.ask, own.talk), attaching.seated
        found = await anyio.to_thread.run_sync(seated, query, attached, own.found, seats)
        clock.lap("retrieve_attachments")
        return replace(own, found=found, missing=attached.missing)

    def _query(self, ask: Ask, talk: Conversation) -> Query:
        limit = self._settings.retrieval.passages
        return Query(talk.question, ask.collections, talk.earlier_questions, limit=limit)


def unfinished_within(unfinished: Unfinished, collections: frozenset[str] | None) -> Unfinished:
    """Counts nothing of other collections where all are asked about; None for no limit."""
    if collections is None:
        return unfinished
    own = sorted(collections)
    return lambda asked: unfinished(own if asked is None else asked)


def conversation(ask: Ask) -> Conversation:
    """What the model is to see of it: all, unless what is found is to have the say."""
    if ask.for_program or not ask.retrieves:
        return whole(ask.messages)
    return recent(ask.messages)
