import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.web.conftest import application, folders
from tests.web.openai.test_sdk import listening

LATEST = "2026-07-28"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server, for tests that change nothing."""
    with listening(application(folders(tmp_path_factory.mktemp("base")))) as url:
        yield f"{url}/mcp"


@asynccontextmanager
async def connected(url: str, mode: str = "legacy", **headers: str) -> AsyncIterator[Client]:
    """mode: "legacy" for a session, a version for a client without one."""
    http = httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30)
    transport = streamable_http_client(url, http_client=http)
    async with http, Client(transport, mode=mode) as client:
        yield client


@pytest.fixture(params=["legacy", LATEST])
async def client(url: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with connected(url, request.param) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Wire:
    """The protocol without its SDK."""

    url: str
    headers: Mapping[str, str] = field(
        default_factory=lambda: {"accept": "application/json, text/event-stream"}
    )

    def send(self, message: Any, **headers: str) -> httpx.Response:
        sent = {"content-type": "application/json", **self.headers, **headers}
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        return httpx.post(self.url, content=content, headers=sent, trust_env=False)

    def opened(self, version: str) -> tuple[dict[str, Any], "Wire"]:
        """What the server says of itself, and the session."""
        params = {
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": "tests", "version": "1"},
        }
        answer = self.send(request("initialize", **params))
        session = {"mcp-session-id": answer.headers["mcp-session-id"]}
        wire = Wire(self.url, {**self.headers, **session, "mcp-protocol-version": version})
        wire.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return said(answer)["result"], wire


@pytest.fixture
def wire(url: str) -> Wire:
    return Wire(url)


def request(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def said(answer: httpx.Response) -> Any:
    """The last message of an answer, streamed or not."""
    if answer.headers["content-type"].startswith("text/event-stream"):
        lines = [line for line in answer.text.splitlines() if line.startswith("data: ")]
        return json.loads(lines[-1].removeprefix("data: "))
    return answer.json()
