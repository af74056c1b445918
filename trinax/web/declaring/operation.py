"""One route: its handler, and all that the document says of it."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trinax.access.policy import Caller, Scope
from trinax.errors import TrinaxError
from trinax.web.declaring.body import Body, read
from trinax.web.middleware import CALLER, Requires

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
# async def endpoint(self, request: Request[, asked: SomeBody]) -> Response
Endpoint = Callable[..., Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Streams:
    """The other form of an answer. item: the type of each frame or line. end: the text of a last
    frame, which is no JSON."""

    media_type: Literal["text/event-stream", "application/x-ndjson"]
    item: Any
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """endpoint: what it takes is the type of its second parameter, a Body for JSON or a Query.
    gives: the type of its JSON (a TypedDict; the handler builds just that), or a media type of
    text. raises: beside what any route can: a malformed request, a credential, a scope.
    other_statuses: those that come with the same JSON. headers: that the answer may have beside
    those of any route. reads: the type of a JSON body that the endpoint reads by itself.
    """

    method: Method
    path: str
    endpoint: Endpoint
    gives: Any
    scope: Scope | None = None
    raises: tuple[type[TrinaxError], ...] = ()
    streams: Streams | None = None
    status: int = 200
    other_statuses: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    reads: Any = None

    @property
    def takes(self) -> type[Body] | None:
        names = list(inspect.signature(self.endpoint).parameters)
        if len(names) < 2:
            return None
        taken: type[Body] = get_type_hints(self.endpoint)[names[1]]
        return taken

    def route(self, body_limit_bytes: int) -> Route:
        takes, endpoint = self.takes, self.endpoint

        async def answer(request: Request) -> Response:
            if takes is None:
                return await endpoint(request)
            return await endpoint(request, await read(request, takes, body_limit_bytes))

        guard = [Middleware(Requires, permission=self.scope)] if self.scope else []
        name = getattr(endpoint, "__name__", "")
        return Route(self.path, answer, methods=[self.method], name=name, middleware=guard)


def caller(request: Request) -> Caller:
    """Who asks."""
    found: Caller = request.scope[CALLER]
    return found
