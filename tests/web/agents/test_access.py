from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web.agents.conftest import LATEST
from tests.web.conftest import LAN, serving
from trinax.settings import Access, Limits, Settings

META = {
    "io.modelcontextprotocol/protocolVersion": LATEST,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def ask(http: TestClient, method: str, name: str = "", **headers: str) -> Any:
    params: dict[str, Any] = {"_meta": META}
    if name:
        params |= {"name": name, "arguments": {"query": "lighthouse"}}
        headers |= {"mcp-name": name}
    headers |= {"accept": "application/json, text/event-stream", "mcp-method": method}
    headers |= {"mcp-protocol-version": LATEST}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return http.post("/mcp", json=message, headers=headers)


def names(http: TestClient, **headers: str) -> list[str]:
    listed = ask(http, "tools/list", **headers).json()["result"]["tools"]
    return [tool["name"] for tool in listed]


def test_a_neighbour_sees_only_what_is_open_to_it(lan: TestClient) -> None:
    assert names(lan) == ["search"]


def test_a_neighbour_with_the_token_sees_everything(lan: TestClient) -> None:
    assert len(names(lan, **{"x-admin-token": "s3cret"})) == 4


def test_a_tool_that_is_closed_says_what_it_needs(lan: TestClient) -> None:
    result = ask(lan, "tools/call", "research").json()["result"]
    assert result["isError"] is True
    assert "needs the scope 'research'" in result["content"][0]["text"]


def test_a_neighbour_searches(lan: TestClient) -> None:
    result = ask(lan, "tools/call", "search").json()["result"]
    assert result["structuredContent"]["passages"]


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_who_may_use_no_tool_is_asked_for_a_credential(settings: Settings, method: str) -> None:
    closed = replace(settings, access=Access(admin_token="s3cret", require_key=True))
    with serving(closed, client=LAN) as http:
        answer = http.request(method, "/mcp")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_research_is_counted_as_it_is_elsewhere(settings: Settings) -> None:
    limits = Limits(answers_per_minute=1)
    trusted = replace(settings, limits=limits, access=Access(lan="trusted"))
    with serving(trusted, client=LAN) as http:
        first, second = (ask(http, "tools/call", "research").json()["result"] for _ in range(2))
    assert not first.get("isError")
    assert second["isError"]
    assert "more than 1 requests a minute" in second["content"][0]["text"]
