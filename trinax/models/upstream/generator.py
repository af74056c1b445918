"""A model of another server as a generator."""

import logging
import math
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import anyio
import anyio.to_thread

from trinax.documents import tokens
from trinax.errors import TimedOut, TrinaxError, UpstreamFailed
from trinax.models.ports import (
    NO_TOOLS,
    Generation,
    GenerationEvent,
    Load,
    Message,
    ModelInfo,
    Tools,
)
from trinax.models.upstream import request
from trinax.models.upstream.connection import Connection
from trinax.models.upstream.failures import Asked, Passing, Refusal, Refused, failure
from trinax.models.upstream.reply import Reply
from trinax.models.upstream.traffic import Traffic
from trinax.settings import Upstream

logger = logging.getLogger(__name__)

# Pauses before the second, third, … attempt; each is made shorter by up to half, at random, so
# that clients which failed together do not come back together.
PAUSE_S = 0.25
PAUSE_LIMIT_S = 4.0
# A Retry-After beyond it is handed on to the client instead of being waited for.
RETRY_AFTER_LIMIT_S = 10.0


class UpstreamGenerator:
    """Sends each request on. Prompt tokens are estimated, for their tokeniser is elsewhere."""

    def __init__(
        self, info: ModelInfo, settings: Upstream, connection: Connection, traffic: Traffic
    ) -> None:
        """info.source: the upstream's name. connection, traffic: shared by its models."""
        self._info = info
        self._settings = settings
        self._connection = connection
        self._traffic = traffic
        self._asked = Asked(
            info.source, info.id, settings.models[info.id], info.context_tokens or 0
        )
        self._limit_key = "max_tokens"

    @property
    def info(self) -> ModelInfo:
        return self._info

    def prompt_tokens(self, messages: Sequence[Message], tools: Tools = NO_TOOLS) -> int:
        """An estimate: by trinax's own tokeniser, without what a chat template adds."""
        return sum(map(tokens.count, request.texts(messages, tools)))

    def ignored(self, generation: Generation) -> tuple[str, ...]:
        return request.ignored(generation, self._settings.extra)

    async def generate(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        limit_s = generation.turn.limit_s
        deadline = math.inf if limit_s is None else anyio.current_time() + limit_s
        with self._traffic.request(self._info.id, generation.turn.key) as stay:
            async with aclosing(self._attempts(generation)) as events:
                while True:
                    # The scope must not span a yield, after which another task may run.
                    with anyio.CancelScope(deadline=deadline) as scope:
                        event = await anext(events, None)
                    if scope.cancelled_caught:
                        raise TimedOut(self._info.id, limit_s or 0.0)
                    if event is None:
                        return
                    stay.answer()
                    yield event

    def load(self) -> Load:
        return self._traffic.load(self._info.id)

    def close(self) -> None:
        """End what is being written by any model of the upstream; safe to call twice."""
        self._connection.close()

    async def _attempts(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        """Until one succeeds or has begun to answer."""
        begun = False
        for attempt in range(self._settings.retries + 1):
            try:
                async with aclosing(self._attempt(generation)) as events:
                    async for event in events:
                        begun = True
                        yield event
                return
            except Passing as exc:
                pause_s = _pause_s(attempt, exc.retry_after_s)
                if begun or attempt == self._settings.retries or pause_s > RETRY_AFTER_LIMIT_S:
                    raise exc.failure from exc
                logger.info("retrying in %.1f s: %s", pause_s, exc)
            await anyio.sleep(pause_s)

    async def _attempt(self, generation: Generation) -> AsyncGenerator[GenerationEvent]:
        reply = Reply(self._info.source, generation.sampling.n)
        try:
            async with aclosing(self._sent(generation)) as frames:
                async for data in frames:
                    for event in reply.feed(data):
                        yield event
        except Refused as exc:
            raise await self._failure(exc.refusal, generation) from exc
        except (Passing, UpstreamFailed):
            # What happens to a connection after the last word takes nothing from the answer.
            if not reply.complete:
                raise
        read = 0 if reply.counted else await self._estimate(generation)
        for finish in reply.finishes(read):
            yield finish

    async def _sent(self, generation: Generation) -> AsyncGenerator[str]:
        path = request.path(generation)
        body = request.body(generation, self._asked.remote, self._settings.extra, self._limit_key)
        try:
            async with aclosing(self._connection.events(path, body)) as frames:
                async for data in frames:
                    yield data
        except Refused as exc:
            if not self._renamed(exc.refusal):
                raise
            async with aclosing(self._sent(generation)) as frames:
                async for data in frames:
                    yield data

    def _renamed(self, refusal: Refusal) -> bool:
        """Whether the limit of tokens has another name from now on: OpenAI's reasoning models
        refuse the one that everybody else knows."""
        renames = (refusal.code, refusal.param) == ("unsupported_parameter", self._limit_key)
        if renames and self._limit_key == "max_tokens":
            self._limit_key = "max_completion_tokens"
            return True
        return False

    async def _failure(self, refusal: Refusal, generation: Generation) -> TrinaxError | Passing:
        estimate = await self._estimate(generation) if refusal.too_long else 0
        return failure(refusal, self._asked, estimate)

    async def _estimate(self, generation: Generation) -> int:
        messages = generation.messages
        if generation.infilling:
            prompt = generation.infilling.prompt
            if not isinstance(prompt, str):
                return len(prompt)
            messages = (Message("user", prompt + (generation.infilling.suffix or "")),)
        return await anyio.to_thread.run_sync(self.prompt_tokens, messages, generation.tools)


def _pause_s(attempt: int, retry_after_s: float | None) -> float:
    """attempt: counts from 0, the one that failed."""
    if retry_after_s is not None:
        return retry_after_s
    longest_s: float = min(PAUSE_S * 2**attempt, PAUSE_LIMIT_S)
    return longest_s * random.uniform(0.5, 1.0)
