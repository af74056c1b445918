"""A request as the scheduler sees it: tokens, rules, and where the answer goes."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trinax.errors import TrinaxError
from trinax.models.ports import Sampling, TokenLogprob, Turn

if TYPE_CHECKING:
    from trinax.llama.context import Tokens
    from trinax.models.generation.constraint import Constraint


@dataclass(frozen=True, slots=True)
class Wrote:
    """The next text of a choice, and how many tokens it took. Never a broken character.
    first: nothing came before."""

    choice: int
    text: str
    tokens: int
    logprobs: tuple[TokenLogprob, ...] = ()
    first: bool = False

    def and_then(self, after: Sequence["Wrote"]) -> "Wrote":
        """This and what follows it, in one."""
        parts = (self, *after)
        return Wrote(
            self.choice,
            "".join(part.text for part in parts),
            sum(part.tokens for part in parts),
            tuple(logprob for part in parts for logprob in part.logprobs),
            self.first,
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of a choice. stopped: by the model or a stop string, not by a limit.
    waited_s: from the request to its turn."""

    choice: int
    stopped: bool
    tokens: int
    cached_tokens: int
    waited_s: float | None = field(default=None, compare=False)


Event = Wrote | Ended | TrinaxError


@dataclass(eq=False, slots=True)
class Mailbox:
    """Where the events of one request are read, on its event loop."""

    loop: asyncio.AbstractEventLoop
    _events: deque[Event] = field(default_factory=deque)
    _waiter: asyncio.Future[None] | None = None

    async def next(self) -> Event:
        """Texts of one choice that have come together are one event."""
        while not self._events:
            self._waiter = self.loop.create_future()
            await self._waiter
        event = self._events.popleft()
        if not isinstance(event, Wrote):
            return event
        after = list(self._following(event))
        return event.and_then(after) if after else event

    def _following(self, event: Wrote) -> Iterator[Wrote]:
        while self._events:
            after = self._events[0]
            if not isinstance(after, Wrote) or after.choice != event.choice:
                return
            self._events.popleft()
            yield after

    def put(self, events: Iterable[Event]) -> None:
        self._events.extend(events)
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


@dataclass(eq=False, slots=True)
class Job:
    """One request, tokenised.

    stop: ends a choice: the request's own and the template's.
    lead: dropped where a choice begins with it.
    limit_tokens: written at most, so that prompt and answer fit the context.
    spelled: control tokens whose mark is part of the text.
    cancelled: nobody reads the events. asked_s, begun_s: on the monotonic clock.
    """

    prompt: "Tokens"
    sampling: Sampling
    stop: tuple[str, ...]
    lead: str
    limit_tokens: int
    mailbox: Mailbox
    turn: Turn = Turn()
    spelled: frozenset[int] = frozenset()
    constraint: "Constraint | None" = None
    cancelled: bool = field(default=False, init=False)
    asked_s: float = field(default_factory=time.monotonic, init=False)
    begun_s: float | None = field(default=None, init=False)

    @property
    def waited_s(self) -> float | None:
        """None before its turn."""
        return None if self.begun_s is None else self.begun_s - self.asked_s
