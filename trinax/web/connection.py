"""Connections: how uvicorn serves an application, and when it gives up on a client."""

import asyncio
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import Literal
from uuid import uuid4

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trinax.access.trust import is_one_of, place_of_address
from trinax.errors import (
    HeadTooLarge,
    InvalidRequest,
    TooManyAtOnce,
    TooManyConnections,
    TrinaxError,
)
from trinax.settings import Server, Settings
from trinax.web.middleware import RequestId
from trinax.web.tls import context
from trinax.web.wire import errors

# Clients may take what was sent for so long after the server has ended their requests, or was told
# to stop where it ends none.
GRACE_S = 2
# So much of a body counts as a sign of life; a byte at a time does not.
SIGN_OF_LIFE_BYTES = 1024
# Connections beyond the limit that are told why; what comes after them is dropped.
TOLD = 64


class _Connection(HttpToolsProtocol):
    """Cut off once its client has left it waiting for too long: for the head of a request, for the
    rest of it, or for room to answer, after the end of an answer too: closing it would wait for
    what is never read."""

    _unsent: asyncio.TimerHandle | None = None
    _untaken: asyncio.TimerHandle | None = None
    # What it waits for; "rest": nothing.
    _part: Literal["head", "body", "rest"] = "head"
    _arrived_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Paused as soon as the system's own buffers are full: what waits here waits for the client.
        # Not 0: over TLS that counts an empty buffer as full.
        transport.set_write_buffer_limits(high=1, low=0)
        self._expect("head")
        if len(self.connections) > self._limits.connections + TOLD:
            self._note(TooManyConnections(self._limits.connections))
            transport.abort()
        elif len(self.connections) > self._limits.connections:
            self._turn_away(TooManyConnections(self._limits.connections))
        elif self._is_of_too_many():
            limit = self._limits.connections_per_address
            self._turn_away(TooManyAtOnce("connections", limit))

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._unsent)
        _cancel(self._untaken)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._part == "rest":
            self._expect("head")
        self._arrived_bytes += len(data)
        if self._part == "body" and self._arrived_bytes >= SIGN_OF_LIFE_BYTES:
            self._expect("body")
        super().data_received(data)
        if self._part == "head" and self._arrived_bytes > self._limits.header_limit_bytes:
            self._refuse(HeadTooLarge(self._limits.header_limit_bytes))

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self._limits.header_limit_bytes:
            self._turn_away(HeadTooLarge(self._limits.header_limit_bytes))
        self._expect("body")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        _cancel(self._unsent)
        self._part = "rest"
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(InvalidRequest("This is not a request in HTTP/1.1."))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._untaken = self._later(self._limits.client_limit_s, self.transport.abort)

    def resume_writing(self) -> None:
        _cancel(self._untaken)
        super().resume_writing()

    def _is_of_too_many(self) -> bool:
        """Whether its client leaves too few connections to all others."""
        assert isinstance(self.config, Configuration)
        limit, address = self._limits.connections_per_address, _address(self)
        if not limit or len(self.connections) <= limit or self.config.is_of_many(address):
            return False
        return sum(_address(each) == address for each in self.connections) > limit

    @property
    def _limits(self) -> Server:
        assert isinstance(self.config, Configuration)
        return self.config.limits

    def _expect(self, part: Literal["head", "body"]) -> None:
        _cancel(self._unsent)
        self._part, self._arrived_bytes = part, 0
        longest_s = self._limits.client_limit_s
        if part == "head":
            longest_s = min(longest_s, self._limits.header_limit_s)
        self._unsent = self._later(longest_s, self._overdue)

    def _overdue(self) -> None:
        if self.flow.read_paused:  # the server's own doing
            self._unsent = self._later(self._limits.client_limit_s, self._overdue)
        else:
            self.transport.abort()

    def _note(self, failure: TrinaxError) -> None:
        assert isinstance(self.config, Configuration)
        self.config.refused[failure.code] += 1

    def _turn_away(self, failure: TrinaxError) -> None:
        """Whatever is asked."""
        self._note(failure)
        self.app = _refusing(failure)

    def _refuse(self, failure: TrinaxError) -> None:
        """There is no request yet that an application could answer."""
        self._note(failure)
        answer = errors.response(failure)
        said = f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}\r\n"
        fields = [*answer.headers.items(), ("x-request-id", uuid4().hex), ("connection", "close")]
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        self.transport.write(f"{said}{lines}\r\n".encode() + bytes(answer.body))
        self.transport.close()

    def _later(self, wait_s: float, cut: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(wait_s, cut)


def _address(connection: object) -> str | None:
    client: tuple[str, int] | None = getattr(connection, "client", None)
    return client[0] if client else None


def _refusing(failure: TrinaxError) -> ASGIApp:
    """Answers every request with a failure, and closes its connection."""

    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        answer = errors.response(failure)
        answer.headers["connection"] = "close"
        await answer(scope, receive, send)

    return RequestId(refused)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer:
        timer.cancel()


class Configuration(uvicorn.Config):
    """How an application is served. Raises BadSetting for TLS that cannot work."""

    def __init__(
        self, app: ASGIApp, settings: Settings, refused: Counter[str] | None = None
    ) -> None:
        """refused: counts what the application never sees, by code."""
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
            timeout_keep_alive=settings.server.keep_alive_s,
        )
        self.limits = settings.server
        self.refused = Counter() if refused is None else refused
        self._proxies = settings.access.trusted_proxies
        if tls := context(settings):
            self.ssl_context_factory = lambda *_: tls

    def is_of_many(self, address: str | None) -> bool:
        """Whether several people may ask from this address: programs on this machine, a proxy."""
        return place_of_address(address) == "loopback" or is_one_of(address, self._proxies)
