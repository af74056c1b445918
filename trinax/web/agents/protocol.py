"""The Model Context Protocol by its SDK: the tools as a server, and its sessions over HTTP."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import mcp_types as wire
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request
from starlette.types import ASGIApp

from trinax import __version__
from trinax.access.policy import Caller, check
from trinax.errors import CollectionNotFound, InvalidRequest, SourceNotFound, TrinaxError
from trinax.web.admission import admit, visit
from trinax.web.agents.exchange import OVER
from trinax.web.agents.schemas import given, taken
from trinax.web.agents.tool import Answer, Step, Tool
from trinax.web.agents.words import INSTRUCTIONS, NAME, TITLE
from trinax.web.declaring.body import parsed
from trinax.web.middleware import CALLER

logger = logging.getLogger(__name__)

# Some clients give up on a call that shows no sign of life for a minute.
SIGN_OF_LIFE_S = 5.0
# A client that forgets its session leaves it here: 40 KB, as measured over a thousand.
SESSIONS_LIMIT = 1000
SESSION_IDLE_LIMIT_S = 30 * 60.0
# What a model can do about it, which the message says in the words of HTTP.
HINTS: Mapping[type[TrinaxError], str] = {
    CollectionNotFound: "The tool list_collections lists them.",
    SourceNotFound: "The tool search gives collection and file of what is there.",
}

Context = ServerRequestContext[Any, Request]


@asynccontextmanager
async def serving(tools: Sequence[Tool], body_limit_bytes: int) -> AsyncIterator[ASGIApp]:
    """What answers the protocol's requests meanwhile; their scopes have CALLER and OVER."""
    desk = Desk({tool.name: tool for tool in tools}, list(map(_declared, tools)))
    server: Server[Any] = Server(
        NAME,
        version=__version__,
        title=TITLE,
        instructions=INSTRUCTIONS,
        on_list_tools=desk.listed,
        on_call_tool=desk.called,
    )
    sessions = StreamableHTTPSessionManager(
        server,
        max_request_body_size=body_limit_bytes,
        max_sessions=SESSIONS_LIMIT,
        session_idle_timeout=SESSION_IDLE_LIMIT_S,
    )
    async with sessions.run():
        yield sessions.asgi_app


@dataclass(frozen=True, slots=True)
class Desk:
    """Where calls of tools come in. tools: by name. declared: as a client sees them."""

    tools: Mapping[str, Tool]
    declared: Sequence[wire.Tool]

    async def listed(
        self, context: Context, asked: wire.PaginatedRequestParams | None
    ) -> wire.ListToolsResult:
        """What the caller may use."""
        scopes = _caller(context).scopes
        allowed = [each for each in self.declared if self.tools[each.name].scope in scopes]
        return wire.ListToolsResult(tools=allowed, cache_scope="private")

    async def called(
        self, context: Context, asked: wire.CallToolRequestParams
    ) -> wire.CallToolResult:
        """What a model can mend is a result; raises MCPError for the rest."""
        tool = self.tools.get(asked.name)
        if tool is None:
            message = f"No tool is named {asked.name!r}; tools/list lists them."
            raise MCPError(wire.INVALID_PARAMS, message)
        try:
            caller = _caller(context)
            check(caller, tool.scope)
            if tool.scope == "research":
                admit(_request(context).scope, "answers")
            arguments = parsed(tool.takes, _text_only(asked.arguments or {}))
            visit(_request(context)).check(arguments)
            return await _answered(context, tool.call(caller, arguments))
        except TrinaxError as exc:
            hint = HINTS.get(type(exc), "")
            return wire.CallToolResult(content=[_text(f"{exc} {hint}".rstrip())], is_error=True)
        except MCPError:
            raise
        except Exception:
            logger.exception("a call of the tool %s failed", tool.name)
            message = "The server failed on this call; its log says more."
            raise MCPError(wire.INTERNAL_ERROR, message) from None


async def _answered(context: Context, events: AsyncGenerator[Step | Answer]) -> wire.CallToolResult:
    """The end of a call. Its steps are told meanwhile to a client that asked for it, and it is
    stopped when the client has gone."""
    answer: Answer | None = None
    failure: TrinaxError | None = None
    progress = _Progress(context)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_when_over, context, tasks.cancel_scope)
        tasks.start_soon(progress.keep_alive)
        try:
            async with aclosing(events) as told:
                async for event in told:
                    if isinstance(event, Answer):
                        answer = event
                    else:
                        await progress.tell(event.message)
        except TrinaxError as exc:  # a task group would wrap it
            failure = exc
        tasks.cancel_scope.cancel()
    if failure:
        raise failure
    if answer is None:
        reason = "The call was broken off: its client has gone, or the server is stopping."
        raise MCPError(wire.CONNECTION_CLOSED, reason)
    text = _text(answer.text)
    return wire.CallToolResult(content=[text], structured_content=dict(answer.structured))


class _Progress:
    """Progress is the time that passes: how much there is to do nobody knows."""

    def __init__(self, context: Context) -> None:
        self._session = context.session
        self._began_s = time.monotonic()
        self._message = "Working"

    async def tell(self, message: str) -> None:
        self._message = message
        elapsed_s = round(time.monotonic() - self._began_s, 3)
        await self._session.report_progress(elapsed_s, None, message)

    async def keep_alive(self) -> None:
        while True:
            await anyio.sleep(SIGN_OF_LIFE_S)
            await self.tell(self._message)


async def _cancel_when_over(context: Context, scope: anyio.CancelScope) -> None:
    over: asyncio.Event = _request(context).scope[OVER]
    await over.wait()
    scope.cancel()


def _text_only(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises InvalidRequest for half of a surrogate pair, which the SDK lets through."""
    try:
        json.dumps(arguments, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise InvalidRequest(f"The arguments are no text in UTF-8: {exc.reason}.") from None
    return arguments


def _caller(context: Context) -> Caller:
    caller: Caller = _request(context).scope[CALLER]
    return caller


def _request(context: Context) -> Request:
    assert context.request is not None
    return context.request


def _declared(tool: Tool) -> wire.Tool:
    return wire.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=taken(tool.takes),
        output_schema=given(tool.gives),
        annotations=wire.ToolAnnotations(
            title=tool.title, read_only_hint=True, idempotent_hint=True, open_world_hint=False
        ),
    )


def _text(text: str) -> wire.TextContent:
    return wire.TextContent(type="text", text=text)
