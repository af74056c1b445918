"""One route: its handler, and all that the document says of it."""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path

from trinax.access.gate import Family
from trinax.access.policy import Caller, Scope
from trinax.errors import TrinaxError
from trinax.web.admission import Admits, visit
from trinax.web.auditing import ASKED
from trinax.web.declaring.body import Body, Query, Room, read
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
    text, or several of which it is one. raises: beside what any route can: a malformed request, a
    credential, a scope.
    other_statuses: those that come with the same JSON. headers: that the answer may have beside
    those of any route. reads: the type of a JSON body that the endpoint reads by itself.
    limit: which one counts its requests, where scope and path do not say.
    sends: media type of a body that is no JSON, which the endpoint reads by itself.
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
    limit: Family | None = None
    sends: str = ""

    @property
    def path_format(self) -> str:
        """As the document has it: without the kinds of its parameters."""
        return compile_path(self.path)[1]

    @property
    def id(self) -> str:
        words = re.findall(r"\w+", self.path_format) or ["root"]
        return "_".join([self.method.lower(), *words])

    @property
    def takes(self) -> type[Body] | None:
        names = list(inspect.signature(self.endpoint).parameters)
        if len(names) < 2:
            return None
        taken: type[Body] = get_type_hints(self.endpoint)[names[1]]
        return taken

    @property
    def family(self) -> Family | None:
        """Which of the limits counts its requests; None for what is open to everybody."""
        if self.limit:
            return self.limit
        if self.scope in ("chat", "research") and self.streams:
            return "answers"
        if self.scope == "chat" or (self.scope and self.path.startswith("/api/v1/")):
            return "calls"
        return "reads" if self.scope else None

    def route(self, room: Room) -> Route:
        takes, endpoint, family = self.takes, self.endpoint, self.family

        async def answer(request: Request) -> Response:
            if takes is None:
                return await endpoint(request)
            asked = request.scope[ASKED] = await read(request, takes, room)
            if family and not issubclass(takes, Query):
                visit(request).check(asked)
            return await endpoint(request, asked)

        guard = [Middleware(Requires, permission=self.scope)] if self.scope else []
        if family:
            streams = self.streams is not None
            guard.append(Middleware(Admits, family=family, streams=streams))
        return Route(self.path, answer, methods=[self.method], name=self.id, middleware=guard)


def caller(request: Request) -> Caller:
    """Who asks."""
    found: Caller = request.scope[CALLER]
    return found
