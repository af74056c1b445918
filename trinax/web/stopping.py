"""A server that stops in order: what it does may come to its end, and nothing new begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from trinax.errors import ServerStopping

# scope key → the Stay of a request.
STAY = "trinax.stay"
# What tells how the server is, to the end.
ANSWERED = frozenset({"/health", "/ready", "/metrics"})


class Stay:
    """One request. end: has it end soon. waits: for what may never come, so nobody waits for it."""

    __slots__ = ("end", "waits")

    def __init__(self, end: Callable[[], object]) -> None:
        self.end = end
        self.waits = False


class Stopping:
    """The requests that are under way, and whether the server takes others. For one event loop,
    but begin(), which a signal handler may call at any moment."""

    def __init__(self) -> None:
        self._stays: set[Stay] = set()
        self._begun = False

    @property
    def begun(self) -> bool:
        return self._begun

    @property
    def under_way(self) -> int:
        """Requests that come to an end by themselves."""
        return sum(not stay.waits for stay in self._stays)

    def __len__(self) -> int:
        """Requests under way, those that only wait included."""
        return len(self._stays)

    def begin(self) -> None:
        """Take nothing new from now on."""
        self._begun = True

    def dismiss(self) -> None:
        """End the requests that only wait."""
        for stay in self._stays:
            if stay.waits:
                stay.end()

    def end(self) -> None:
        """End every request; each still says so to its client."""
        for stay in self._stays:
            stay.end()

    @contextmanager
    def stay(self) -> Iterator[Stay]:
        """One request that is under way meanwhile. Raises ServerStopping if it was ended."""
        with anyio.CancelScope() as scope:
            stay = Stay(scope.cancel)
            self._stays.add(stay)
            try:
                yield stay
            finally:
                self._stays.discard(stay)
        if scope.cancelled_caught:
            raise ServerStopping


class Stoppable:
    """Lets requests in until the server begins to stop."""

    def __init__(self, app: ASGIApp, stopping: Stopping) -> None:
        self.app = app
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ANSWERED:
            return await self.app(scope, receive, send)
        if self.stopping.begun:
            raise ServerStopping
        with self.stopping.stay() as stay:
            scope[STAY] = stay
            await self.app(scope, receive, send)
        return None


@contextmanager
def stopped_alone(request: Scope, waits: bool = False) -> Iterator[None]:
    """Where the server ends the request, only what is inside the block ends, as ServerStopping, and
    the rest of the request can still say so. waits: as in Stay."""
    with anyio.CancelScope() as scope, ended_by(request, scope.cancel, waits):
        yield
    if scope.cancelled_caught:
        raise ServerStopping


@contextmanager
def ended_by(request: Scope, end: Callable[[], object], waits: bool = False) -> Iterator[None]:
    """How the server ends the request meanwhile. waits: as in Stay."""
    stay: Stay = request.get(STAY) or Stay(end)
    before = stay.end, stay.waits
    stay.end, stay.waits = end, waits
    try:
        yield
    finally:
        stay.end, stay.waits = before
