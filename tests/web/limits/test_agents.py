from typing import Any

from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.agents.test_access import META
from tests.web.conftest import LAN, serving
from tests.web.limits.conftest import PLANS, Cloud, key
from trinax.access.scopes import ALL
from trinax.settings import Settings

LATEST = META["io.modelcontextprotocol/protocolVersion"]


def called(http: TestClient, tool: str, query: str) -> Any:
    params = {"_meta": META, "name": tool, "arguments": {"query": query}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"accept": "application/json, text/event-stream", "mcp-method": "tools/call"}
    headers |= {"mcp-name": tool, "mcp-protocol-version": str(LATEST)}
    return http.post("/mcp", json=message, headers=headers).json()["result"]


def test_research_of_an_agent_costs_nothing(plans: Settings) -> None:
    cloud, headers = Cloud(), key(plans, plan="pro", scopes=ALL)
    with serving(plans, cloud, Parrot("Marta keeps it."), client=LAN) as http:
        http.headers.update(headers)
        result = called(http, "research", "Who is the keeper of the lighthouse?")
    assert not result.get("isError")
    assert cloud.generations == []


def test_a_plan_takes_so_much_text_of_an_agent(plans: Settings) -> None:
    headers = key(plans, plan="pro", scopes=ALL)
    with serving(plans, client=LAN) as http:
        http.headers.update(headers)
        result = called(http, "search", "x" * (PLANS["pro"].input_characters + 1))
    assert result["isError"]
    assert "send less" in result["content"][0]["text"]
