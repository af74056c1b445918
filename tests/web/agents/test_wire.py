import json
from typing import Any

import httpx
import pytest

from tests.web.agents.conftest import LATEST, Wire, request, said

pytestmark = pytest.mark.slow

META = {
    "io.modelcontextprotocol/protocolVersion": LATEST,
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_a_session_speaks_the_version_that_is_asked_for(wire: Wire, version: str) -> None:
    told, session = wire.opened(version)
    assert told["protocolVersion"] == version
    listed = said(session.send(request("tools/list")))["result"]["tools"]
    assert listed[0]["name"] == "search"
    called = request("tools/call", name="search", arguments={"query": "lighthouse"})
    assert said(session.send(called))["result"]["isError"] is False


def test_an_unknown_version_is_answered_with_a_known_one(wire: Wire) -> None:
    told, _ = wire.opened("2025-11-25")
    offered, _ = wire.opened("2019-01-01")
    assert offered["protocolVersion"] == told["protocolVersion"]


def test_a_client_without_a_session_calls_at_once(wire: Wire) -> None:
    called = request("tools/call", name="list_collections", arguments={}, _meta=META)
    headers = {"mcp-method": "tools/call", "mcp-name": "list_collections"}
    answer = wire.send(called, **headers, **{"mcp-protocol-version": LATEST})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["result"]["structuredContent"]["collections"][0]["id"] == "demo"
    assert "mcp-session-id" not in answer.headers


def test_a_notification_is_accepted_without_an_answer(wire: Wire) -> None:
    _, session = wire.opened("2025-06-18")
    answer = session.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (answer.status_code, answer.content) == (202, b"")


def test_a_session_ends_when_the_client_leaves(wire: Wire) -> None:
    _, session = wire.opened("2025-06-18")
    assert httpx.delete(session.url, headers=session.headers, trust_env=False).is_success
    assert session.send(request("tools/list")).status_code == 404


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"no json", 400, -32700),
        (b"", 400, -32700),
        (b"[" * 50_000, 400, -32700),
        (b'"\\ud800"', 400, -32700),
        (b"[]", 400, -32602),
        (json.dumps([request("tools/list")]).encode(), 400, -32602),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}', 400, -32600),
    ],
)
def test_what_is_no_message_is_refused(wire: Wire, sent: bytes, status: int, code: int) -> None:
    answer = wire.send(sent)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_an_unknown_session_is_not_found(wire: Wire) -> None:
    answer = wire.send(request("tools/list"), **{"mcp-session-id": "nope"})
    assert answer.status_code == 404


def test_an_unknown_method_is_told(wire: Wire) -> None:
    _, session = wire.opened("2025-06-18")
    assert said(session.send(request("tools/dance")))["error"]["code"] == -32601


def test_half_a_character_is_an_argument_to_mend(wire: Wire) -> None:
    arguments = {"collection": "demo", "file": "\ud800"}
    called = request("tools/call", name="read_source", arguments=arguments, _meta=META)
    headers = {"mcp-method": "tools/call", "mcp-name": "read_source"}
    answer = wire.send(called, **headers, **{"mcp-protocol-version": LATEST})
    assert answer.json()["result"]["isError"] is True


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nothing_but_a_message_opens_a_session(wire: Wire, method: str) -> None:
    answer = httpx.request(method, wire.url, headers=wire.headers, trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Bad Request: Missing session ID"


def test_a_body_over_the_limit_is_refused_as_everywhere(wire: Wire) -> None:
    answer = wire.send(b"x" * 1_100_000)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-admin-token": "wrong"}, 401),
        ({"authorization": "Bearer trx_wrong"}, 401),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"host": "elsewhere.example"}, 403),
    ],
)
def test_who_may_not_come_in_meets_the_envelope(
    wire: Wire, headers: dict[str, str], status: int
) -> None:
    answer = wire.send(request("tools/list"), **headers)
    assert answer.status_code == status
    assert answer.json()["error"]["type"] in ("authentication_error", "permission_error")


def test_a_page_of_this_machine_may_read_the_session(wire: Wire) -> None:
    answer: Any = wire.send(request("tools/list"), origin="http://localhost:6274")
    assert answer.headers["access-control-allow-origin"] == "http://localhost:6274"
    assert "mcp-session-id" in answer.headers["access-control-expose-headers"]


def test_the_document_lists_the_path(url: str) -> None:
    document = httpx.get(url.replace("/mcp", "/openapi.json"), trust_env=False).json()
    assert {*document["paths"]["/mcp"]} >= {"post", "get", "delete"}
