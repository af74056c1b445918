"""Server-sent events on the wire, and the end of a request whose client has gone."""

import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trinax.answering.records import Event
from trinax.errors import TrinaxError
from trinax.web import errors

logger = logging.getLogger(__name__)

# Proxies drop silent connections after 30 to 60 s.
SILENCE_LIMIT_S = 10.0
# VS Code and Continue take a comment that begins with "ping" for an event.
KEEP_ALIVE = ": keep-alive\n\n"
DONE = "data: [DONE]\n\n"


def frame(value: Any) -> str:
    """One event as a single data line with LF line ends."""
    return f"data: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n\n"


class EventStream(Response):
    """A response of frames; it starts with the first one.

    A failure before that is answered with its own status, a later one with a last frame that holds
    the envelope. In a silence, comments keep the connection open (the first of them starts the
    response). When the client goes away the frames' generator is closed.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        frames: AsyncGenerator[str],
        headers: Mapping[str, str] | None = None,
        silence_limit_s: float = SILENCE_LIMIT_S,
    ) -> None:
        self.frames = frames
        self.silence_limit_s = silence_limit_s
        self.status_code = 200
        self.background = None
        self.init_headers(
            {"cache-control": "no-store", "x-accel-buffering": "no", **(headers or {})}
        )
        self.lock = anyio.Lock()
        self.writes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        failure: Exception | None = None
        complete = False
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cancel_when_gone, receive, tasks.cancel_scope)
            tasks.start_soon(self._keep_alive, send)
            try:
                async with aclosing(self.frames) as frames:
                    async for text in frames:
                        await self._write(send, text)
            except TrinaxError as exc:
                failure = exc
            except Exception as exc:
                logger.exception("stream %s failed", scope["state"]["request_id"])
                failure = exc
            complete = True
            tasks.cancel_scope.cancel()
        if failure and not self.writes:
            await errors.response(failure)(scope, receive, send)
        elif complete:
            if failure:
                await self._write(send, frame(errors.envelope(failure)))
            await send({"type": "http.response.body", "body": b""})

    async def _write(self, send: Send, text: str) -> None:
        async with self.lock:
            if not self.writes:
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
            self.writes += 1
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def _keep_alive(self, send: Send) -> None:
        while True:
            writes = self.writes
            await anyio.sleep(self.silence_limit_s)
            if self.writes == writes:
                await self._write(send, KEEP_ALIVE)


async def collected(request: Request, events: AsyncGenerator[Event]) -> list[Event]:
    """All events of an answer. Raises ClientDisconnect, with the answer stopped, if the client
    goes away before the last one."""
    gathered: list[Event] = []
    failure: TrinaxError | None = None
    complete = False
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cancel_when_gone, request.receive, tasks.cancel_scope)
        try:
            async with aclosing(events) as answer:
                async for event in answer:
                    gathered.append(event)
        except TrinaxError as exc:  # a task group would wrap it
            failure = exc
        complete = True
        tasks.cancel_scope.cancel()
    if failure:
        raise failure
    if not complete:
        raise ClientDisconnect
    return gathered


async def cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancels the scope once the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
