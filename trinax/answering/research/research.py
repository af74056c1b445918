"""A research question: planned, searched for in passes, and answered in one report."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import anyio
import anyio.to_thread

from trinax.answering.attaching import Attached, Search
from trinax.answering.chat import Unfinished, unfinished_within
from trinax.answering.grounding.support import Grounder
from trinax.answering.prompting.budget import Budget
from trinax.answering.prompting.history import whole
from trinax.answering.reach import Reach
from trinax.answering.records import Ask, Route
from trinax.answering.research.gathering import Limits, gathered
from trinax.answering.research.planning import RULES, ModelPlanner
from trinax.answering.research.records import (
    Gathered,
    Inquiry,
    Planned,
    ResearchEvent,
    Writing,
)
from trinax.answering.research.rules import RulePlanner
from trinax.answering.routing.route import routed
from trinax.answering.seating import Seats
from trinax.answering.writing import Commission, planned, written
from trinax.index.registry import Registry
from trinax.models.pool import Pool
from trinax.models.ports import Generator, Message, Sampling
from trinax.retrieval.records import Found, Query
from trinax.retrieval.stopwatch import Stopwatch
from trinax.settings import Research as ResearchSettings
from trinax.settings import Settings


class Research:
    """Callable from any task; holds no state between inquiries."""

    def __init__(
        self,
        reach: Reach,
        registry: Registry,
        pool: Pool,
        settings: Settings,
        unfinished: Unfinished,
    ) -> None:
        """reach: its web is left alone. unfinished: as in Chat."""
        self._reach = reach
        self._registry = registry
        self._pool = pool
        self._settings = settings
        self._unfinished = unfinished

    def within(
        self, collections: frozenset[str] | None, models: frozenset[str] | None
    ) -> "Research":
        """One that searches these collections and writes with these models only; None for all."""
        return Research(
            self._reach.within(collections),
            self._registry.within(collections),
            self._pool.within(models),
            self._settings,
            unfinished_within(self._unfinished, collections),
        )

    async def report(self, inquiry: Inquiry) -> AsyncGenerator[ResearchEvent]:
        """Planned and Retrieved as they happen, Writing, then the events of the answer. Closing
        the iterator stops the search and the model.

        Raises ModelNotFound, CollectionNotFound, UnsupportedParameter and what Attaching.taken()
        raises before the first event, and ContextLengthExceeded where the query alone is too long;
        later what the engines raise.
        """
        clock = Stopwatch()
        ask = _ask(inquiry, self._settings)
        chosen, generator = await anyio.to_thread.run_sync(self._routed, ask)
        await anyio.to_thread.run_sync(self._registry.select, inquiry.collections)
        clock.lap("route")
        unfinished = self._unfinished(inquiry.collections)
        attached = await self._attached(inquiry, clock)
        planning = _Planning(inquiry, generator, self._settings.research)
        search = self._search(attached)
        found, parts = None, tuple[str, ...]()
        async with aclosing(gathered(inquiry, planning.planner, search, planning.limits)) as steps:
            async for step in steps:
                if isinstance(step, Gathered):
                    found = step
                elif isinstance(step, Planned):
                    parts = parts or step.sub_questions
                    yield replace(step, planned_by=planning.by)
                else:
                    yield step
        assert found is not None
        clock.lap("gather")
        yield Writing(chosen.model, found, planning.by)
        # What is searched for later are words of the passages, and no part of the question.
        aspects = tuple(part for part in parts if part != inquiry.query)
        ask = replace(ask, aspects=aspects if len(aspects) > 1 else ())
        commission = Commission(
            ask=ask,
            talk=whole(ask.messages),
            route=chosen,
            generator=generator,
            found=await self._brought(inquiry, attached, found, generator),
            threshold=self._settings.research.confidence_threshold,
            unfinished=unfinished,
            grounder=Grounder(self._pool.light_embedder),
            missing=attached.missing if attached else (),
        )
        plan = await anyio.to_thread.run_sync(planned, commission, self._settings, clock)
        async with aclosing(written(commission, plan, clock)) as events:
            async for event in events:
                yield event

    def writer(self, inquiry: Inquiry) -> str:
        """The model that a report would be written by. May block; raises what report() raises
        before its first event, but for CollectionNotFound."""
        return self._routed(_ask(inquiry, self._settings))[0].model

    async def _attached(self, inquiry: Inquiry, clock: Stopwatch) -> Attached | None:
        if not inquiry.attachments:
            return None
        attached = await self._reach.attaching.taken(inquiry.attachments, inquiry.allowance)
        clock.lap("attachments")
        return attached

    def _search(self, attached: Attached | None) -> Search:
        search = self._reach.retriever.search
        return partial(self._reach.attaching.search, attached, search) if attached else search

    async def _brought(
        self, inquiry: Inquiry, attached: Attached | None, found: Gathered, generator: Generator
    ) -> Found:
        """What the report is written from."""
        brought = Found(found.ranked, found.confidence)
        if attached is None:
            return brought
        research, attachments = self._settings.research, self._settings.attachments
        limit, threshold = research.passages, research.confidence_threshold
        seats = Seats(limit, threshold, attachments.whole_tokens)
        seats = seats.within(generator.info.context_tokens)
        reseated, query = self._reach.attaching.reseated, Query(inquiry.query)
        return await anyio.to_thread.run_sync(reseated, query, attached, brought, seats)

    def _routed(self, ask: Ask) -> tuple[Route, Generator]:
        chosen = routed(ask, self._pool, self._settings.router)
        generator = self._pool.get(chosen.model)
        tokens = self._settings.research.max_tokens
        context = generator.info.context_tokens
        # Now, and not after a minute of searching.
        Budget(chosen.model, context, tokens, generator.prompt_tokens).checked(ask.messages)
        return chosen, generator


class _Planning:
    """Who plans one inquiry, and until when."""

    def __init__(self, inquiry: Inquiry, generator: Generator, settings: ResearchSettings) -> None:
        limit_s = settings.limit_s
        self.limits = Limits(settings.passages, limit_s, settings.confidence_threshold)
        self._depth = inquiry.depth
        rules = RulePlanner()
        writes = generator.info.kind == "generate"
        ends_s = anyio.current_time() + limit_s
        self.planner = ModelPlanner(generator, rules, inquiry.turn, ends_s) if writes else rules

    @property
    def by(self) -> tuple[str, ...]:
        """Who has planned so far; one pass needs no plan."""
        if isinstance(self.planner, ModelPlanner):
            return self.planner.planned_by
        return (RULES,) if self._depth > 1 else ()


def _ask(inquiry: Inquiry, settings: Settings) -> Ask:
    return Ask(
        messages=(Message("user", inquiry.query),),
        model=inquiry.model,
        collections=inquiry.collections,
        sampling=Sampling(max_tokens=settings.research.max_tokens),
        turn=inquiry.turn,
        purpose="report",
        attachments=inquiry.attachments,
    )
