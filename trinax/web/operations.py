"""Whether the server is well, and what it can be asked."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax.web.declaring.document import document
from trinax.web.declaring.operation import Operation
from trinax.web.routes import Surface, operations


class Health(TypedDict):
    status: Literal["ok"]


class Readiness(TypedDict):
    """ready: whether questions can be answered, with 503 where they cannot."""

    ready: bool


@dataclass(frozen=True, slots=True)
class Operations:
    """is_ready: whether the stores answer queries."""

    is_ready: Callable[[], bool]

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/health", self.health, Health),
            Operation("GET", "/ready", self.ready, Readiness, other_statuses=(503,)),
        ]

    async def health(self, request: Request) -> Response:
        """Whether the process answers."""
        body: Health = {"status": "ok"}
        return JSONResponse(body)

    async def ready(self, request: Request) -> Response:
        """Whether questions can be answered, while folders are still indexed or not. No longer once
        the server was told to stop."""
        stopping: bool = request.app.state.control.stopping.begun
        body: Readiness = {"ready": self.is_ready() and not stopping}
        return JSONResponse(body, 200 if body["ready"] else 503)


class Described:
    """The OpenAPI document of other surfaces and of its own route."""

    def __init__(self, surfaces: Sequence[Surface]) -> None:
        self._surfaces = surfaces

    def operations(self) -> list[Operation]:
        return [Operation("GET", "/openapi.json", self.openapi, dict[str, Any])]

    async def openapi(self, request: Request) -> Response:
        """This document."""
        content = await anyio.to_thread.run_sync(lambda: self._content)
        return Response(content, media_type="application/json")

    # Made at the first request: it takes 0.3 s, which a start need not wait for.
    @cached_property
    def _content(self) -> bytes:
        described = document(operations([*self._surfaces, self]))
        return json.dumps(described, separators=(",", ":")).encode()
