"""The HTTP server: in the foreground, or in this process for the length of one command."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import replace

import anyio
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.app import build
from trinax.cli.address import listen, url_of
from trinax.settings import Settings
from trinax.web.connection import Configuration

# What uvicorn has to say about requests; its words about a failed start are left to the command.
logger = logging.getLogger("uvicorn.error")

During = Callable[[], AbstractContextManager[None]]


class Watched:
    """An application that is inside `during()` while it serves, and keeps why it could not start.

    uvicorn prints the traceback of a failed start and exits; a command wants the error itself.
    """

    def __init__(self, app: ASGIApp, during: During) -> None:
        self._app = app
        self._during = during
        self.settled = asyncio.Event()  # it serves, or it failed
        self.failure: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return await self._app(scope, receive, send)
        logger.setLevel(logging.CRITICAL)
        with ExitStack() as stack:

            async def noted(message: Message) -> None:
                stack.close()
                if message["type"] == "lifespan.startup.complete":
                    logger.setLevel(logging.WARNING)
                    stack.enter_context(self._during())
                await send({**message, "message": ""})
                self.settled.set()

            try:
                await self._app(scope, receive, noted)
            except BaseException as exc:
                self.failure = exc
                raise
            finally:
                self.settled.set()


class _Background(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: Ctrl-C ends the command, which then ends this server."""
        yield


def serve(settings: Settings, listener: socket.socket, during: During) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM.

    during: entered in the event loop once everything is open, left when it is closed again.
    Raises what opening the parts raises.
    """
    watched = Watched(build(settings), during)
    try:
        uvicorn.Server(Configuration(watched, settings)).run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn has stopped in order and passes the signal on
        pass
    except SystemExit:
        if watched.failure is None:
            raise
    if watched.failure is not None:
        raise watched.failure


@asynccontextmanager
async def hosted(settings: Settings) -> AsyncIterator[str]:
    """A server of this process on a free loopback port; gives its address.

    Raises what opening the parts raises.
    """
    with listen("127.0.0.1", 0) as listener:
        # What a server loads ahead of requests would only keep one command waiting.
        models = replace(settings.models, preload=())
        # Its address is this command's alone.
        plain = replace(settings.server, tls_certificate="", tls_key="")
        settings = replace(settings, models=models, server=plain)
        watched = Watched(build(settings), nullcontext)
        server = _Background(Configuration(watched, settings))
        # Not a task group: it would wrap what goes wrong inside the command.
        running = asyncio.create_task(_run(server, listener))
        try:
            await watched.settled.wait()
            if watched.failure is None:
                yield url_of("127.0.0.1", listener.getsockname()[1])
        finally:
            server.should_exit = True
            with anyio.CancelScope(shield=True):
                await running
        if watched.failure is not None:
            raise watched.failure


async def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    with suppress(SystemExit):  # Watched has the reason
        await server.serve(sockets=[listener])
