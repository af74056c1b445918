"""The retrieval half of research: a plan, its passes, and what they bring up together."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import anyio
import anyio.to_thread

from trinax.answering.research.merging import merged
from trinax.answering.research.ports import Planner
from trinax.answering.research.records import (
    SUB_QUESTIONS_LIMIT,
    Gathered,
    Inquiry,
    Pass,
    Planned,
    Retrieved,
)
from trinax.retrieval.records import Found, Query

Search = Callable[[Query], Awaitable[Found]]

# Passages of one pass: more than are kept, for merging looks at what the passes share.
CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """passages: kept at most. limit_s: for planning and searching, None for no limit; a search
    that has begun is waited for, and one always runs. confidence: of the best pass, below which
    nothing that it brought up is followed."""

    passages: int = 12
    limit_s: float | None = None
    confidence: float = 0.0


async def gathered(
    inquiry: Inquiry, planner: Planner, search: Search, limits: Limits
) -> AsyncGenerator[Planned | Retrieved | Gathered]:
    """Planned whenever sub-questions become known, Retrieved after each pass, Gathered last.

    search: Retriever.search. Raises what it and the planner raise.
    """
    ends_s = math.inf if limits.limit_s is None else anyio.current_time() + limits.limit_s
    work = _Work(inquiry, planner, search, ends_s)
    planned = questions = await work.plan()
    yield Planned(questions)
    passes: list[Pass] = []
    for each in await work.run(questions):
        yield _retrieved(passes, each)
        passes.append(each)
    known = any(each.found.confidence >= limits.confidence for each in passes)
    while known and inquiry.depth > 1 and len(questions) < SUB_QUESTIONS_LIMIT:
        following = await work.following(passes)
        if following is None:
            break
        questions = (*questions, following)
        yield Planned(questions)
        for each in await work.run((following,)):
            yield _retrieved(passes, each)
            passes.append(each)
    if known and inquiry.depth > 2:
        for each in await work.last(passes):
            yield _retrieved(passes, each)
            passes.append(each)
    gather = partial(_gathered, inquiry.query, planned, questions, tuple(passes))
    yield await anyio.to_thread.run_sync(gather, limits.passages)


@dataclass(frozen=True, slots=True)
class _Work:
    """One inquiry's planner and search, and until when they may go on."""

    inquiry: Inquiry
    planner: Planner
    search: Search
    ends_s: float

    async def plan(self) -> tuple[str, ...]:
        query = self.inquiry.query
        if self.inquiry.depth < 2:
            return (query,)
        with anyio.move_on_at(self.ends_s):
            planned = await self.planner.sub_questions(query)
            return _distinct(planned)[:SUB_QUESTIONS_LIMIT] or (query,)
        return (query,)

    async def run(self, questions: Sequence[str]) -> list[Pass]:
        """Side by side, in their order; after the end of the time only what is the first."""
        found: dict[int, Found] = {}

        async def one(number: int, question: str) -> None:
            query = Query(question, self.inquiry.collections, limit=CANDIDATES)
            found[number] = await self.search(query)

        is_late = anyio.current_time() >= self.ends_s
        try:
            async with anyio.create_task_group() as group:
                for number, question in enumerate(questions[:1] if is_late else questions):
                    group.start_soon(one, number, question)
        except ExceptionGroup as failed:
            # The first says what is wrong; the callers know no groups.
            raise _innermost(failed) from failed
        return [Pass(questions[number], found[number]) for number in sorted(found)]

    async def following(self, passes: Sequence[Pass]) -> str | None:
        """None too if it would be searched for again, or if the time is over."""
        if anyio.current_time() >= self.ends_s:
            return None
        with anyio.move_on_at(self.ends_s):
            question = await self.planner.following(self.inquiry.query, passes)
            if question is None or anyio.current_time() >= self.ends_s:
                return None
            return None if _key(question) in _searched(passes) else question
        return None

    async def last(self, passes: Sequence[Pass]) -> list[Pass]:
        """The query with what is still missing; nothing if there is nothing new to search for."""
        missing = await self.following(passes) or ""
        if anyio.current_time() >= self.ends_s:
            return []
        query = self.inquiry.query
        known = set(_key(query).split())
        new = [word for word in missing.split() if word.casefold() not in known]
        question = " ".join((query, *new))
        return [] if _key(question) in _searched(passes) else await self.run((question,))


def _gathered(
    query: str,
    planned: tuple[str, ...],
    questions: tuple[str, ...],
    passes: tuple[Pass, ...],
    limit: int,
) -> Gathered:
    ranked, left_out = merged(query, passes, limit)
    # Later passes search for words of the passages, and surely find them: the best of all passes
    # takes what a collection knows nothing of for known.
    asked = [each.found.confidence for each in passes if each.question in planned]
    return Gathered(questions, passes, ranked, max(asked, default=0.0), left_out)


def _retrieved(before: Sequence[Pass], each: Pass) -> Retrieved:
    known = {ranked.passage.chunk.id for one in before for ranked in one.found.ranked}
    new = sum(ranked.passage.chunk.id not in known for ranked in each.found.ranked)
    return Retrieved(len(before) + 1, each.question, len(each.found.ranked), new)


def _distinct(questions: Sequence[str]) -> tuple[str, ...]:
    by_key = {_key(question): question for question in reversed(questions) if question.strip()}
    return tuple(reversed(by_key.values()))


def _searched(passes: Sequence[Pass]) -> set[str]:
    return {_key(each.question) for each in passes}


def _key(question: str) -> str:
    return " ".join(question.casefold().split())


def _innermost(failed: ExceptionGroup[Exception]) -> Exception:
    first = failed.exceptions[0]
    return _innermost(first) if isinstance(first, ExceptionGroup) else first
