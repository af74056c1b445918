"""Connections: how uvicorn serves an application, and when it gives up on a client."""

import asyncio
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trinax.settings import Settings

# Open streams are cut this long after the server was told to stop.
GRACE_S = 5


class _Connection(HttpToolsProtocol):
    """Cut off once its client has left it waiting for the configured time, for the rest of a
    request or for room to answer, after the end of an answer too: closing it would wait for what
    is never read."""

    _unsent: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Paused as soon as the system's own buffers are full: what waits here waits for the client.
        transport.set_write_buffer_limits(0)
        self._unsent = self._later(self._overdue)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._unsent)
        _cancel(self._untaken)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        _cancel(self._unsent)
        self._unsent = self._later(self._overdue)
        super().data_received(data)

    def on_message_complete(self) -> None:
        _cancel(self._unsent)
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._untaken = self._later(self.transport.abort)

    def resume_writing(self) -> None:
        _cancel(self._untaken)
        super().resume_writing()

    def _overdue(self) -> None:
        if self.flow.read_paused:  # the server's own doing
            self._unsent = self._later(self._overdue)
        else:
            self.transport.abort()

    def _later(self, cut: Callable[[], None]) -> asyncio.TimerHandle:
        assert isinstance(self.config, Configuration)
        return self.loop.call_later(self.config.client_limit_s, cut)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer:
        timer.cancel()


class Configuration(uvicorn.Config):
    """How an application is served."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(
            app,
            http=_Connection,
            lifespan="on",
            ws="none",
            # Whom to believe about forwarded addresses is for trinax.access to say.
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE_S,
        )
        self.client_limit_s = settings.server.client_limit_s
