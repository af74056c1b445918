"""Every route, and the permission that each needs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from trinax.access.policy import Scope
from trinax.web.collections import Collections
from trinax.web.embeddings import Embeddings
from trinax.web.middleware import Requires
from trinax.web.native import Native
from trinax.web.openai import OpenAI
from trinax.web.operations import Operations
from trinax.web.research import Reports
from trinax.web.search import Search
from trinax.web.sources import Sources

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Surfaces:
    openai: OpenAI
    search: Search
    sources: Sources
    collections: Collections
    operations: Operations
    embeddings: Embeddings
    native: Native
    reports: Reports


def routes(surfaces: Surfaces) -> list[Route]:
    """The first that matches is taken."""
    openai, search, sources = surfaces.openai, surfaces.search, surfaces.sources
    collections, operations = surfaces.collections, surfaces.operations
    return [
        _route("GET", "/", operations.banner),
        _route("GET", "/health", operations.health),
        _route("GET", "/ready", operations.ready),
        _route("GET", "/openapi.json", operations.openapi),
        _route("POST", "/v1/chat/completions", openai.chat_completions, "chat"),
        _route("GET", "/v1/models", openai.models, "chat"),
        _route("GET", "/v1/models/{id:path}", openai.model, "chat"),
        _route("POST", "/v1/embeddings", surfaces.embeddings.create, "chat"),
        _route("GET", "/api/v1/queue-status", surfaces.native.queue_status, "chat"),
        _route("POST", "/v1/search", search.search, "search"),
        _route("POST", "/v1/research", surfaces.reports.report, "research"),
        _route("GET", "/v1/sources", sources.files, "browse"),
        _route("GET", "/v1/sources/{collection}/{file:path}/chunks", sources.chunks, "browse"),
        _route("GET", "/v1/sources/{collection}/{file:path}", sources.text, "browse"),
        _route("GET", "/v1/citations/{chunk_id}", sources.citation, "browse"),
        _route("GET", "/v1/collections", collections.all, "browse"),
        _route("POST", "/v1/collections", collections.add, "admin"),
        _route("GET", "/v1/collections/{id}", collections.status, "browse"),
        _route("GET", "/v1/collections/{id}/status", collections.status, "browse"),
        _route("POST", "/v1/collections/{id}/reindex", collections.reindex, "ingest"),
    ]


def _route(method: str, path: str, endpoint: Endpoint, needs: Scope | None = None) -> Route:
    guard = [Middleware(Requires, permission=needs)] if needs else []
    return Route(path, endpoint, methods=[method], middleware=guard)
