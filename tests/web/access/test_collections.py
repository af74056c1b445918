"""A key that is limited to the collection "demo" is to know nothing of "vault"."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.web.access.conftest import House, key, opened
from tests.web.agents.conftest import LATEST
from tests.web.agents.test_access import META

ASKED = "Who lights the lamp?"
MESSAGES = [{"role": "user", "content": ASKED}]
# Of the text, the file and the collection.
SECRETS = ("zanzibar", "burrow", "vault")


@dataclass(frozen=True, slots=True)
class Call:
    """route: as it is in the table of routes. path: what is sent, where that is another. named:
    where the body names collections; "" where the path does."""

    route: str
    body: dict[str, Any] | None = None
    path: str = ""
    named: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    def naming(self, collection: str) -> "Call":
        path = (self.path or self.route.partition(" ")[2]).replace("vault", collection)
        body = dict(self.body or {})
        if self.named == "tools":
            store = {"type": "file_search", "vector_store_ids": [collection]}
            body |= {"tools": [store]}
        elif self.named == "arguments":
            arguments = body["params"]["arguments"] | {"collections": [collection]}
            body |= {"params": body["params"] | {"arguments": arguments}}
        elif self.named == "read":
            arguments = {"collection": collection, "file": "burrow.md"}
            body |= {"params": body["params"] | {"arguments": arguments}}
        elif self.named:
            body |= {self.named: [collection]}
        return Call(self.route, body or None, path, self.named, self.headers)


def tool(name: str, named: str = "", **arguments: Any) -> Call:
    params = {"name": name, "arguments": arguments, "_meta": META}
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-method": "tools/call",
        "mcp-name": name,
        "mcp-protocol-version": LATEST,
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return Call("POST /mcp", body, named=named, headers=headers)


ALL_ASKED = [
    Call("POST /v1/chat/completions", {"messages": MESSAGES}, named="collections"),
    Call("POST /v1/chat/completions", {"messages": MESSAGES, "stream": True}, named="collections"),
    Call("POST /v1/responses", {"input": ASKED}, named="collections"),
    Call("POST /v1/responses", {"input": ASKED, "stream": True}, named="tools"),
    Call("POST /v1/research", {"query": ASKED, "depth": 3}, named="collections"),
    Call("POST /v1/research", {"query": ASKED, "stream": True}, named="collections"),
    Call("POST /v1/search", {"query": ASKED, "explain": True}, named="collections"),
    Call("POST /v1/search", {"query": ASKED, "mode": "bm25"}, named="collections"),
    Call("POST /v1/search", {"query": ASKED, "mode": "dense"}, named="collections"),
    Call("POST /api/chat", {"model": "auto", "messages": MESSAGES}, named="collections"),
    Call("POST /api/generate", {"model": "auto", "prompt": ASKED}, named="collections"),
    Call("POST /api/v1/chat", {"messages": MESSAGES}, named="collections"),
    Call("POST /api/v1/generate", {"prompt": ASKED, "stream": True}, named="collections"),
    Call("GET /v1/collections"),
    Call("GET /v1/vector_stores"),
    tool("search", "arguments", query=ASKED),
    tool("research", "arguments", query=ASKED),
    tool("list_collections"),
]
NAMED = [
    Call("POST /task/v1/chat/completions", {"messages": MESSAGES}, named="collections"),
    Call("POST /v1/vector_stores/{id}/search", {"query": ASKED}, "/v1/vector_stores/vault/search"),
    Call("GET /v1/vector_stores/{id}", path="/v1/vector_stores/vault"),
    Call("GET /v1/collections/{id}", path="/v1/collections/vault"),
    Call("GET /v1/collections/{id}/status", path="/v1/collections/vault/status"),
    Call("POST /v1/collections/{id}/reindex", path="/v1/collections/vault/reindex"),
    Call("POST /v1/collections/{id}/pause", path="/v1/collections/vault/pause"),
    Call("POST /v1/collections/{id}/resume", path="/v1/collections/vault/resume"),
    Call("GET /v1/collections/{id}/export", path="/v1/collections/vault/export"),
    Call("GET /v1/sources", path="/v1/sources?collection=vault"),
    Call("GET /v1/sources/{collection}/{file:path}", path="/v1/sources/vault/burrow.md"),
    Call(
        "GET /v1/sources/{collection}/{file:path}/chunks", path="/v1/sources/vault/burrow.md/chunks"
    ),
    tool("read_source", "read"),
]
# These have tests of their own below.
ALONE = {
    "GET /v1/citations/{chunk_id}",
    "GET /v1/whereabouts",
    "GET /v1/backup",
    "GET /metrics",
    "POST /v1/collections",
    "PATCH /v1/collections/{id}",
    "DELETE /v1/collections/{id}",
    "POST /v1/collections/{id}/files",
    "DELETE /v1/collections/{id}/files/{file:path}",
    "POST /v1/collections/{id}/import",
}
# What they answer with does not come from collections.
ELSEWHERE = {
    "GET /",
    "GET /health",
    "GET /ready",
    "GET /openapi.json",
    "GET /api/version",
    "GET /mcp",
    "DELETE /mcp",
    "POST /v1/completions",
    "POST /v1/embeddings",
    "POST /api/embed",
    "POST /api/embeddings",
    "POST /api/v1/embed",
    "POST /api/v1/web-search",
    "POST /v1/rerank",
    "POST /v1/reranking",
    "POST /rerank",
    "POST /v2/rerank",
    "GET /v1/models",
    "GET /v1/models/{id:path}",
    "GET /task/v1/models",
    "GET /api/v1/models",
    "GET /api/v1/queue-status",
    "GET /api/tags",
    "GET /api/ps",
    "POST /api/show",
}


def answer(house: House, call: Call, headers: dict[str, str]) -> Any:
    path = call.path or call.route.partition(" ")[2]
    return house.http.request(call.method, path, json=call.body, headers=call.headers | headers)


def told(answered: Any) -> str:
    return f"{answered.text} {dict(answered.headers)}".lower()


def name(call: Call) -> str:
    tool = (call.body or {}).get("params", {}).get("name", "")
    return f"{call.route} {tool}".strip()


def test_every_route_is_one_of_these(house: House) -> None:
    assert isinstance(house.http.app, Starlette)
    routes = [route for route in house.http.app.routes if isinstance(route, Route)]
    table = {f"{m} {route.path}" for route in routes for m in route.methods or () if m != "HEAD"}
    assert table == {call.route for call in (*ALL_ASKED, *NAMED)} | ALONE | ELSEWHERE


@pytest.mark.parametrize("call", ALL_ASKED, ids=name)
def test_a_limited_key_finds_nothing_of_another_collection(house: House, call: Call) -> None:
    answered = answer(house, call, house.limited)
    assert answered.status_code == 200
    assert not [secret for secret in SECRETS if secret in told(answered)]
    assert "guide.md" in answered.text or '"demo"' in answered.text


@pytest.mark.parametrize("call", ALL_ASKED, ids=name)
def test_a_key_without_limits_finds_it(house: House, call: Call) -> None:
    assert "vault" in told(answer(house, call, key(house.settings)))


@pytest.mark.parametrize("call", [*NAMED, *filter(lambda each: each.named, ALL_ASKED)], ids=name)
def test_another_collection_is_as_if_it_did_not_exist(house: House, call: Call) -> None:
    there = answer(house, call.naming("vault"), house.limited)
    nowhere = answer(house, call.naming("nowhere"), house.limited)
    assert there.status_code == nowhere.status_code == (200 if call.route == "POST /mcp" else 404)
    assert there.text.replace("vault", "nowhere") == nowhere.text
    assert "No collection named" in there.text


@pytest.mark.parametrize("call", NAMED, ids=name)
def test_a_key_without_limits_reaches_it(house: House, call: Call) -> None:
    answered = answer(house, call.naming("vault"), key(house.settings))
    assert answered.status_code < 300
    assert "No collection named" not in answered.text


def test_a_chunk_of_another_collection_is_unknown(house: House) -> None:
    hits = house.http.post("/v1/search", json={"query": ASKED}).json()["hits"]
    ids = {hit["collection_id"]: hit["chunk_id"] for hit in hits}
    statuses = {
        collection: house.http.get(f"/v1/citations/{id}", headers=house.limited).status_code
        for collection, id in ids.items()
    }
    assert statuses == {"demo": 200, "vault": 404}


def test_a_limited_key_cannot_ask_for_a_path(house: House) -> None:
    place = f"/v1/whereabouts?path={house.settings.collections_dir}/vault/burrow.md"
    refused = house.http.get(place, headers=house.limited)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert "vault" in house.http.get(place, headers=key(house.settings)).text


def test_a_limited_key_makes_no_backup(house: House) -> None:
    refused = house.http.get("/v1/backup", headers=house.limited)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert b"vault" in house.http.get("/v1/backup", headers=key(house.settings)).content


def test_a_limited_key_reads_no_metrics(house: House) -> None:
    refused = house.http.get("/metrics", headers=house.limited)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert "vault" in house.http.get("/metrics", headers=key(house.settings)).text


def test_a_limited_key_adds_no_folder(house: House, tmp_path: Path) -> None:
    body = {"id": "demo", "root": str(house.settings.collections_dir / "vault")}
    answered = house.http.post("/v1/collections", json=body, headers=house.limited)
    assert (answered.status_code, answered.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "call",
    [
        Call("PATCH /v1/collections/vault", {"id": "demo"}),
        Call("DELETE /v1/collections/vault"),
        Call("POST /v1/collections/vault/files"),
        Call("DELETE /v1/collections/vault/files/burrow.md"),
        Call("POST /v1/collections/vault/import"),
    ],
    ids=name,
)
def test_a_limited_key_changes_no_other_collection(house: House, call: Call) -> None:
    there = answer(house, call, house.limited)
    nowhere = answer(house, call.naming("nowhere"), house.limited)
    assert there.status_code == nowhere.status_code == 404
    assert there.text.replace("vault", "nowhere") == nowhere.text
    assert (house.settings.collections_dir / "vault" / "burrow.md").is_file()


@pytest.mark.parametrize(
    "call",
    [
        Call("POST /v1/collections", {"id": "vault"}),
        Call("POST /v1/collections", {"id": "third"}),
        Call("PATCH /v1/collections/demo", {"id": "vault"}),
        Call("PATCH /v1/collections/demo", {"id": "third"}),
    ],
)
def test_a_limited_key_makes_no_collection_that_it_may_not_see(house: House, call: Call) -> None:
    answered = answer(house, call, house.limited)
    assert (answered.status_code, answered.json()["error"]["code"]) == (403, "forbidden")


def test_a_key_of_a_collection_that_is_not_there_finds_nothing(house: House) -> None:
    headers = key(house.settings, collections=frozenset({"later"}))
    found = house.http.post("/v1/search", json={"query": ASKED}, headers=headers)
    assert found.json()["hits"] == []
    asked = house.http.post("/v1/chat/completions", json={"messages": MESSAGES}, headers=headers)
    assert asked.json()["trinaxai"]["grounding"]["verdict"] == "insufficient"


def test_a_chunk_that_another_collection_had_is_unknown(tmp_path: Path) -> None:
    with opened(tmp_path) as house:
        search = {"query": ASKED, "collections": ["vault"]}
        hit = house.http.post("/v1/search", json=search).json()["hits"][0]
        (house.settings.collections_dir / "vault" / "burrow.md").unlink()
        house.http.post("/v1/collections/vault/reindex")
        place = f"/v1/citations/{hit['chunk_id']}"
        deadline = time.monotonic() + 20
        # The text of a chunk that has left the index is not kept.
        while house.http.get(place).json()["text"] is not None:
            assert time.monotonic() < deadline
        assert house.http.get(place, headers=house.limited).status_code == 404
