"""The HTTP server: in the foreground, or in this process for the length of one command."""

import asyncio
import logging
import signal
import socket
import sys
import time
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
from types import FrameType

import anyio
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trinax.app import build
from trinax.cli.address import listen, url_of
from trinax.settings import Settings
from trinax.web.connection import Configuration
from trinax.web.control import Control
from trinax.web.stopping import Stopping

log = logging.getLogger(__name__)
# What uvicorn has to say about requests; its words about a failed start are left to the command.
logger = logging.getLogger("uvicorn.error")

During = Callable[[], AbstractContextManager[None]]
Reread = Callable[[], Settings]


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


class Foreground(uvicorn.Server):
    """A server that stops in order at SIGINT and SIGTERM, by the rules of Stopping.

    At the first it answers on, and nothing new, until all is done or so much time has passed. At
    another one it ends at once what is under way, and at one more it just ends.
    """

    def __init__(self, config: uvicorn.Config, stopping: Stopping, grace_s: float) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._grace_s = grace_s
        self._signals = 0
        self._deadline_s = 0.0
        self._told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._signals += 1
        if self._signals == 1:
            self._captured_signals.append(sig)  # uvicorn passes it on at the end
            self._deadline_s = time.monotonic() + self._grace_s
            self._stopping.begin()
        elif self._signals == 2:
            self._deadline_s = 0.0
        else:
            self.should_exit = self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; True to end."""
        if await super().on_tick(counter):
            return True
        if not self._stopping.begun:
            return False
        self._stopping.dismiss()
        left = self._stopping.under_way
        if left and time.monotonic() < self._deadline_s:
            self._tell_once(left)
            return False
        self._stopping.end()
        self.should_exit = True
        return True

    def _tell_once(self, left: int) -> None:
        if not self._told:
            self._told = True
            said = "Stopping: what is under way (%d) may take %g s; another signal ends it at once."
            log.info(said, left, self._grace_s)


class _Background(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: Ctrl-C ends the command, which then ends this server."""
        yield


def serve(
    settings: Settings, listener: socket.socket, during: During, reread: Reread | None = None
) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM.

    during: entered in the event loop once everything is open, left when it is closed again.
    reread: the settings as they are now, for SIGHUP. Raises what opening the parts raises.
    """
    app = build(settings)
    control: Control = app.state.control

    @contextmanager
    def serving() -> Iterator[None]:
        with _hung_up(control, reread), during():
            yield

    watched = Watched(app, serving)
    configuration = Configuration(watched, settings, control.refused)
    server = Foreground(configuration, control.stopping, settings.server.grace_s)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:  # uvicorn has stopped in order and passes the signal on
        pass
    except SystemExit:
        if watched.failure is None:
            raise
    if watched.failure is not None:
        raise watched.failure


@contextmanager
def _hung_up(control: Control, reread: Reread | None) -> Iterator[None]:
    """Meanwhile SIGHUP, where there is such a signal, has the server read its files again; where it
    says that the terminal is gone, it stops the server."""
    if reread is None or not hasattr(signal, "SIGHUP"):
        yield
        return
    had_terminal = _has_terminal()

    def told() -> None:
        if had_terminal and not _has_terminal():
            signal.raise_signal(signal.SIGTERM)
        else:
            control.reload(reread)

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, told)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def _has_terminal() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


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
