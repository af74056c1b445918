"""Whether the server is well, for people, scripts and load balancers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from trinax import __version__
from trinax.web.declaring.operation import Operation

STRING = {"type": "string"}
# Ollama's own words, which some of its clients look for.
BANNER = "Ollama is running"


@dataclass(frozen=True, slots=True)
class Operations:
    """is_ready: whether the stores answer queries."""

    is_ready: Callable[[], bool]

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/", self.banner, "text/plain"),
            Operation("GET", "/health", self.health, dict[str, Any]),
            Operation("GET", "/ready", self.ready, dict[str, Any]),
            Operation("GET", "/openapi.json", self.openapi, dict[str, Any]),
        ]

    async def banner(self, request: Request) -> Response:
        return PlainTextResponse(BANNER)

    async def openapi(self, request: Request) -> Response:
        """Every path and method; bodies are described in the handbook."""
        paths: dict[str, dict[str, Any]] = {}
        for route in request.app.routes:
            methods = paths.setdefault(route.path_format, {})
            for method in route.methods - {"HEAD"}:
                methods[method.lower()] = {
                    "operationId": f"{method.lower()}_{route.name}",
                    "parameters": [
                        {"name": name, "in": "path", "required": True, "schema": STRING}
                        for name in route.param_convertors
                    ],
                    "responses": {"default": {"description": "See the handbook."}},
                }
        info = {"title": "trinax", "version": __version__}
        return JSONResponse({"openapi": "3.1.0", "info": info, "paths": paths})

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        ready = self.is_ready()
        return JSONResponse({"ready": ready}, 200 if ready else 503)
