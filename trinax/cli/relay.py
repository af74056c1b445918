"""`trinax mcp`: the server's tools for a program that speaks over stdin and stdout."""

import math
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
import mcp_types as wire
from anyio.streams.memory import MemoryObjectReceiveStream
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from trinax import __version__
from trinax.access.admin_token import admin_token
from trinax.cli import logs
from trinax.cli.client import answering
from trinax.cli.running import Refused, announced
from trinax.cli.trust import trusted
from trinax.errors import StoreLocked, TrinaxError
from trinax.settings import Settings
from trinax.web.agents.words import INSTRUCTIONS, NAME, TITLE

# The form of the protocol that has no sessions: a server may be restarted between two calls.
VERSION = "2026-07-28"
PATH = "/mcp"
# Two editors may start at once: one hosts the server, the other waits until it answers.
HOST_LIMIT_S = 20.0
LOOK_AGAIN_S = 0.2
# A model may write for minutes; only connecting has a limit.
TIMEOUT = httpx2.Timeout(None, connect=5)

Context = ServerRequestContext[Any, Any]
# Progress, total and message.
Progress = tuple[float, float | None, str | None]


def relay(settings: Settings) -> None:
    """Relay until stdin is closed. Raises what keeps a server from starting, and Refused."""
    logs.begin(settings)
    # A thread that waits for standard input cannot be stopped, and nothing needs to be.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    anyio.run(_relay, settings)


async def _relay(settings: Settings) -> None:
    token = admin_token(settings)
    headers = {"X-Admin-Token": token} if token else {}
    # A proxy of the environment is for the world outside.
    http = httpx2.AsyncClient(
        headers=headers, timeout=TIMEOUT, trust_env=False, verify=trusted(settings)
    )
    async with http, AsyncExitStack() as stack:
        reach = Reach(settings, http, stack)
        await reach.url()
        relay = Relay(http, reach)
        await relay.check()
        server = offering(relay)
        async with stdio_server() as (asked, answered):
            await server.run(asked, answered, server.create_initialization_options())


def offering(relay: "Relay") -> Server[Any]:
    """A server of the relay's tools, for any transport."""
    return Server(
        NAME,
        version=__version__,
        title=TITLE,
        instructions=INSTRUCTIONS,
        on_list_tools=relay.listed,
        on_call_tool=relay.called,
    )


class Reach:
    """Where the server on a data folder is; without one, hosts one that other programs find."""

    def __init__(self, settings: Settings, http: httpx2.AsyncClient, stack: AsyncExitStack) -> None:
        """stack: ends what was hosted."""
        self._settings = settings
        self._http = http
        self._stack = stack
        self._finding = anyio.Lock()
        self._url = ""

    async def url(self) -> str:
        """Raises StoreLocked where another process holds the folder and does not answer, and what
        keeps a server from starting."""
        async with self._finding:
            if not await self._answers():
                self._url = await self._found()
            return self._url

    async def _answers(self) -> bool:
        try:
            return (await self._http.get(f"{self._url}/health")).is_success
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return False

    async def _found(self) -> str:
        ends_s = anyio.current_time() + HOST_LIMIT_S
        while True:
            running = await answering(self._settings)
            if running is not None:
                return running.url
            try:
                return await self._hosted()
            except StoreLocked:
                if anyio.current_time() > ends_s:
                    raise
            await anyio.sleep(LOOK_AGAIN_S)

    async def _hosted(self) -> str:
        from trinax.cli.serving import hosted  # the whole server, which a running one spares

        url = await self._stack.enter_async_context(hosted(self._settings))
        self._stack.enter_context(announced(self._settings.data_dir, url))
        return url


@dataclass(frozen=True, slots=True)
class Relay:
    """Passes on what is asked; the tools are the server's."""

    http: httpx2.AsyncClient
    reach: Reach

    async def check(self) -> None:
        """Raises Refused where the server lets nobody in."""
        try:
            async with self._client() as client:
                await client.list_tools()
        except MCPError as exc:
            reason = "it may ask for an admin token: set access.admin_token or TRINAX_ADMIN_TOKEN"
            raise Refused(f"The server lists no tools ({exc}); {reason}.") from exc

    async def listed(
        self, context: Context, asked: wire.PaginatedRequestParams | None
    ) -> wire.ListToolsResult:
        async with self._client() as client:
            return await client.list_tools()

    async def called(
        self, context: Context, asked: wire.CallToolRequestParams
    ) -> wire.CallToolResult:
        told, untold = anyio.create_memory_object_stream[Progress](math.inf)

        async def note(progress: float, total: float | None, message: str | None) -> None:
            told.send_nowait((progress, total, message))

        async with self._client() as client, anyio.create_task_group() as tasks:
            tasks.start_soon(_pass_on, untold, context)
            # Closed before the answer is given: progress after it would be dropped.
            with told:
                answer = await client.call_tool(asked.name, asked.arguments, progress_callback=note)
        return answer

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        """Raises MCPError for whatever goes wrong."""
        try:
            url = await self.reach.url() + PATH
            transport = streamable_http_client(url, http_client=self.http)
            async with Client(transport, mode=VERSION) as client:
                yield client
        except TrinaxError as exc:
            raise MCPError(wire.INTERNAL_ERROR, str(exc)) from exc
        except ExceptionGroup as group:
            raise _failure(group) from group


async def _pass_on(untold: MemoryObjectReceiveStream[Progress], context: Context) -> None:
    with untold:
        async for progress in untold:
            await context.session.report_progress(*progress)


def _failure(exc: Exception) -> MCPError:
    while isinstance(exc, ExceptionGroup):
        exc = exc.exceptions[0]
    if isinstance(exc, MCPError):
        return exc
    return MCPError(wire.CONNECTION_CLOSED, f"The server stopped answering ({exc}); call again.")
