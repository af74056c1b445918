"""Who may use which route, written down a second time: the tests compare it with the server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trinax.access.scopes import Scope

# "tools": of an agent, who needs one of the scopes that its tools have.
Decision = Scope | Literal["public", "tools"]
TOOLS: frozenset[Scope] = frozenset({"search", "browse", "research"})

DECISIONS: Mapping[tuple[str, str], Decision] = {
    ("GET", "/"): "public",
    ("GET", "/health"): "public",
    ("GET", "/ready"): "public",
    ("GET", "/openapi.json"): "public",
    ("GET", "/api/version"): "public",
    ("POST", "/v1/chat/completions"): "chat",
    ("POST", "/v1/responses"): "chat",
    ("POST", "/v1/completions"): "chat",
    ("GET", "/v1/models"): "chat",
    ("GET", "/v1/models/{id:path}"): "chat",
    ("POST", "/v1/embeddings"): "chat",
    ("POST", "/v1/rerank"): "chat",
    ("POST", "/v1/reranking"): "chat",
    ("POST", "/rerank"): "chat",
    ("POST", "/v2/rerank"): "chat",
    ("GET", "/api/tags"): "chat",
    ("GET", "/api/ps"): "chat",
    ("POST", "/api/show"): "chat",
    ("POST", "/api/chat"): "chat",
    ("POST", "/api/generate"): "chat",
    ("POST", "/api/embed"): "chat",
    ("POST", "/api/embeddings"): "chat",
    ("GET", "/api/v1/models"): "chat",
    ("GET", "/api/v1/queue-status"): "chat",
    ("POST", "/api/v1/chat"): "chat",
    ("POST", "/api/v1/generate"): "chat",
    ("POST", "/api/v1/embed"): "chat",
    ("POST", "/task/v1/chat/completions"): "chat",
    ("GET", "/task/v1/models"): "chat",
    ("POST", "/api/v1/web-search"): "search",
    ("POST", "/v1/search"): "search",
    ("POST", "/v1/vector_stores/{id}/search"): "search",
    ("GET", "/v1/vector_stores"): "browse",
    ("GET", "/v1/vector_stores/{id}"): "browse",
    ("GET", "/v1/sources"): "browse",
    ("GET", "/v1/sources/{collection}/{file:path}/chunks"): "browse",
    ("GET", "/v1/sources/{collection}/{file:path}"): "browse",
    ("GET", "/v1/citations/{chunk_id}"): "browse",
    ("GET", "/v1/collections"): "browse",
    ("GET", "/v1/collections/{id}"): "browse",
    ("GET", "/v1/collections/{id}/status"): "browse",
    ("POST", "/v1/research"): "research",
    ("POST", "/v1/collections/{id}/reindex"): "ingest",
    ("POST", "/v1/collections/{id}/pause"): "ingest",
    ("POST", "/v1/collections/{id}/resume"): "ingest",
    ("POST", "/v1/collections/{id}/files"): "ingest",
    ("DELETE", "/v1/collections/{id}/files/{file:path}"): "ingest",
    ("GET", "/v1/whereabouts"): "admin",
    ("GET", "/v1/backup"): "admin",
    ("GET", "/metrics"): "metrics",
    ("POST", "/v1/collections"): "admin",
    ("PATCH", "/v1/collections/{id}"): "admin",
    ("DELETE", "/v1/collections/{id}"): "admin",
    ("GET", "/v1/collections/{id}/export"): "admin",
    ("POST", "/v1/collections/{id}/import"): "admin",
    ("POST", "/mcp"): "tools",
    ("GET", "/mcp"): "tools",
    ("DELETE", "/mcp"): "tools",
}
OPEN_TO_LAN: frozenset[Scope] = frozenset({"chat", "search"})
EVERYTHING: frozenset[Scope] = frozenset(
    {"chat", "search", "browse", "ingest", "research", "metrics", "admin"}
)
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Credential:
    """wrong: refused wherever it is sent. scopes: that it gives, None where it is no credential."""

    name: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    wrong: bool = False
    scopes: frozenset[Scope] | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """place: of its address. page: of the page that a browser sends the request for."""

    address: str | None
    place: Literal["loopback", "lan", "elsewhere"]
    origin: str = ""
    page: Literal["", "loopback", "lan", "elsewhere"] = ""


@dataclass(frozen=True, slots=True)
class House:
    """The settings that matter."""

    require_key: bool = False
    lan_is_trusted: bool = False


def verdict(
    method: str, decision: Decision, credential: Credential, client: Client, house: House
) -> int | None:
    """The status of the refusal, None where there is none."""
    if client.page == "elsewhere" and method not in READING:
        return 403
    if credential.wrong:
        return 401
    if decision == "public":
        return None
    held = credential.scopes
    if held is not None:
        return None if _holds(held, decision) else 403
    return None if _holds(_of_place(client, house), decision) else 401


def _holds(held: frozenset[Scope], decision: Decision) -> bool:
    if decision == "tools":
        return bool(held & TOOLS)
    return decision in held


def _of_place(client: Client, house: House) -> frozenset[Scope]:
    """Without a credential. A page lends a request no more trust than it has itself."""
    if house.require_key or client.place == "elsewhere":
        return frozenset()
    local = client.place == "loopback" and client.page in ("", "loopback")
    return EVERYTHING if local or house.lan_is_trusted else OPEN_TO_LAN
