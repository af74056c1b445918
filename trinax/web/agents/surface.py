"""The Model Context Protocol at /mcp."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from trinax import errors
from trinax.access.policy import check
from trinax.web.agents.called import called
from trinax.web.agents.exchange import Exchange, Listening
from trinax.web.agents.tool import Tool
from trinax.web.auditing import ASKED
from trinax.web.background import Background
from trinax.web.declaring.body import content
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.middleware import PERMISSION

PATH = "/mcp"

Sessions = AbstractAsyncContextManager[ASGIApp]


class Agents:
    """One address for everything: what is asked is in the body, JSON-RPC 2.0 as the protocol has
    it, and so is what is answered, failures of its own included."""

    def __init__(
        self, tools: Sequence[Tool], background: Background, body_limit_bytes: int
    ) -> None:
        self._tools = tools
        self._background = background
        self._body_limit_bytes = body_limit_bytes
        self._opening = anyio.Lock()
        self._app: ASGIApp | None = None

    def operations(self) -> list[Operation]:
        message = dict[str, Any]
        streams, refused = Streams("text/event-stream", message), (400, 404, 406)
        return [
            Operation(
                "POST",
                PATH,
                self.send,
                message,
                None,
                (errors.TooLarge,),
                streams,
                other_statuses=(202, *refused, 503),
                reads=message,
                limit="reads",
            ),
            Operation(
                "GET",
                PATH,
                self.listen,
                message,
                streams=streams,
                other_statuses=(*refused, 409),
                limit="reads",
            ),
            Operation("DELETE", PATH, self.leave, message, other_statuses=refused, limit="reads"),
        ]

    async def send(self, request: Request) -> Response:
        """A message to the server; an initialize request opens a session."""
        app = await self._open(request)
        # The library's own refusal of it is no JSON.
        if not request.headers.get("content-type", "").lower().startswith("application/json"):
            reason = "The body must be JSON, and its content-type application/json."
            raise errors.InvalidRequest(reason, "content-type")
        body = await content(request, self._body_limit_bytes)
        self._note(request, body)
        return Exchange(app, body)

    async def listen(self, request: Request) -> Response:
        """Messages of the server that answer nothing, for as long as the session lasts."""
        return Listening(await self._open(request))

    async def leave(self, request: Request) -> Response:
        """The end of a session."""
        return Exchange(await self._open(request))

    def _note(self, request: Request, body: bytes) -> None:
        call = called(body)
        for tool in self._tools:
            if call and tool.name == call.tool:
                request.scope.update({ASKED: call, PERMISSION: tool.scope})

    async def _open(self, request: Request) -> ASGIApp:
        if not any(tool.scope in caller(request).scopes for tool in self._tools):
            check(caller(request), self._tools[0].scope)
        async with self._opening:
            if self._app is None:
                serving = await anyio.to_thread.run_sync(_library)
                opened: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()
                sessions = serving(self._tools, self._body_limit_bytes)
                self._background.begin(_keep(sessions, opened), "sessions of agents")
                self._app = await opened
        return self._app


def _library() -> Callable[[Sequence[Tool], int], Sessions]:
    # mcp takes half a second to import, which a server without agents need not wait for.
    from trinax.web.agents.protocol import serving

    return serving


async def _keep(sessions: Sessions, opened: "asyncio.Future[ASGIApp]") -> None:
    async with sessions as app:
        opened.set_result(app)
        await anyio.sleep_forever()
