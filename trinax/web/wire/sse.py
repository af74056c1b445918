"""Server-sent events on the wire, and the end of a request whose client has gone."""

import json
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from trinax.errors import TrinaxError
from trinax.web.stopping import stopped_alone
from trinax.web.wire import errors

logger = logging.getLogger(__name__)

# Proxies drop silent connections after 30 to 60 s.
KEEP_ALIVE_S = 10.0
KEEP_ALIVE = "keep-alive"
NEVER_S = 10.0**9
DONE = "data: [DONE]\n\n"
# Where Python's clients end a line too, among them ollama's, though JSON lets a text hold them.
LINE_ENDS = (("\x85", "\\u0085"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))

Part = TypeVar("Part")


def frame(value: Any) -> str:
    """One event as a single data line with LF line ends."""
    return f"data: {_one_line(value)}\n\n"


def line(value: Any) -> str:
    """One object of NDJSON."""
    return _one_line(value) + "\n"


def _one_line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in LINE_ENDS:
        text = text.replace(character, escaped)
    return text


class EventStream(EventSourceResponse):
    """A response of frames; it starts with the first one.

    A failure before that is answered with its own status, a later one with a last frame that holds
    the envelope. Comments at a steady interval keep the connection open (in a long silence the
    first of them starts the response). When the client goes away the frames' generator is closed.
    """

    def __init__(
        self,
        frames: AsyncGenerator[str],
        headers: Mapping[str, str] | None = None,
        interval_s: float = KEEP_ALIVE_S,
    ) -> None:
        super().__init__(
            _encoded(frames),
            headers=headers,
            ping=interval_s,
            ping_message_factory=_keep_alive,
            sep="\n",
        )
        # The server's own to say: it would stand there twice, in contradiction.
        del self.headers["connection"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = _LateStart(send)
        try:
            with stopped_alone(scope):
                await super().__call__(scope, receive, wire.send)
        except TrinaxError as exc:
            await self._failed(exc, wire, scope, receive)
        except Exception as exc:
            logger.exception("stream %s failed", scope["state"]["request_id"])
            await self._failed(exc, wire, scope, receive)

    async def _send_with_timeout(self, send: Send, message: Message) -> None:
        # Who takes nothing is cut off by the server, for answers of every kind; a limit here takes
        # twice as long as the sending itself.
        await send(message)

    def last_words(self, failure: Exception) -> str:
        """What ends a stream that has failed."""
        return frame(errors.envelope(failure))

    async def _failed(
        self, failure: Exception, wire: "_LateStart", scope: Scope, receive: Receive
    ) -> None:
        if not wire.started:
            await errors.response(failure)(scope, receive, wire.socket)
            return
        scope[errors.FAILED] = errors.code(failure)
        last = self.last_words(failure).encode()
        await wire.send({"type": "http.response.body", "body": last, "more_body": False})


class LineStream(EventStream):
    """The same of lines, each a JSON object (NDJSON), which has no comments to stay open with."""

    def __init__(
        self, lines: AsyncGenerator[str], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(lines, headers, NEVER_S)
        self.headers["content-type"] = "application/x-ndjson"

    def last_words(self, failure: Exception) -> str:
        return line(errors.envelope(failure))


class _LateStart:
    """Keeps a response's head back until there is a body, so that a failure can still change it."""

    def __init__(self, socket: Send) -> None:
        self.socket = socket
        self.started = False
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if self._head is not None:
            head, self._head = self._head, None
            self.started = True
            await self.socket(head)
        await self.socket(message)


def _keep_alive() -> ServerSentEvent:
    # VS Code and Continue take a comment that begins with "ping" for an event.
    return ServerSentEvent(comment=KEEP_ALIVE, sep="\n")


async def _encoded(frames: AsyncGenerator[str]) -> AsyncGenerator[bytes]:
    async with aclosing(frames):
        async for text in frames:
            yield text.encode()


async def collected(request: Request, events: AsyncGenerator[Part]) -> list[Part]:
    """All events of an answer. Raises ClientDisconnect, with the answer stopped, if the client
    goes away before the last one."""
    gathered: list[Part] = []
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
