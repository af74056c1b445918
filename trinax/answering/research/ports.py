"""What research asks of who plans it."""

from collections.abc import Sequence
from typing import Protocol

from trinax.answering.research.records import Pass


class Planner(Protocol):
    """Implemented by RulePlanner and ModelPlanner."""

    async def sub_questions(self, query: str) -> tuple[str, ...]:
        """One to four questions that together answer the query; (query,) if it has no parts."""

    async def following(self, query: str, passes: Sequence[Pass]) -> str | None:
        """What to search for next, from what the passes so far brought up (a bridge entity, a
        term of the query that no passage has); None if nothing is missing."""
