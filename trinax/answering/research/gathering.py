"""The retrieval half of research: a plan, its passes, and what they bring up together."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio
import anyio.to_thread

from trinax.answering.research.ports import Planner
from trinax.answering.research.records import (
    DEPTHS,
    SUB_QUESTIONS_LIMIT,
    Gathered,
    Inquiry,
    Pass,
    Planned,
    Retrieved,
)
from trinax.retrieval.records import Found, Query

Search = Callable[[Query], Awaitable[Found]]

# Passages that a pass brings up; more than are kept, for merging sees what several passes share.
CANDIDATES = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """passages: kept at most. limit_s: for planning and searching; the first search always runs."""

    passages: int = 12
    limit_s: float | None = None


async def gathered(
    inquiry: Inquiry, planner: Planner, search: Search, limits: Limits
) -> AsyncGenerator[Planned | Retrieved | Gathered]:
    """Planned whenever sub-questions become known, Retrieved after each pass, Gathered last.

    search: Retriever.search. Raises what it and the planner raise.
    """
    yield Planned((inquiry.query,))
    found = await search(Query(inquiry.query, inquiry.collections, limit=CANDIDATES))
    passes = (Pass(inquiry.query, found),)
    yield Retrieved(1, inquiry.query, len(found.ranked), len(found.ranked))
    kept = found.ranked[: limits.passages]
    left = len(found.ranked) - len(kept)
    yield Gathered((inquiry.query,), passes, kept, found.confidence, left)
