import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from tests.answering.writers import Endless, Parrot
from tests.web.agents.conftest import LATEST, Wire, connected, request
from tests.web.conftest import application
from tests.web.openai.test_sdk import listening
from trinax.settings import Settings

pytestmark = pytest.mark.slow

QUESTION = {"query": "Who is the keeper?", "depth": 1}


def begun(writer: Parrot) -> None:
    while not writer.generations:
        pass


@pytest.fixture
def writer() -> Parrot:
    return Endless("on and ")


@pytest.fixture
def endless(settings: Settings, writer: Parrot) -> Iterator[str]:
    """A server whose research never ends."""
    with listening(application(settings, writer)) as url:
        yield f"{url}/mcp"


@pytest.mark.parametrize("mode", ["legacy", LATEST])
async def test_a_cancelled_call_stops_the_model(endless: str, writer: Parrot, mode: str) -> None:
    async with connected(endless, mode) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, "research", QUESTION)
        await anyio.to_thread.run_sync(begun, writer)
        tasks.cancel_scope.cancel()
    assert await anyio.to_thread.run_sync(writer.stopped.wait, 10)


@pytest.mark.parametrize("mode", ["legacy", LATEST])
async def test_a_long_silence_has_signs_of_life(endless: str, mode: str) -> None:
    told: list[str | None] = []
    async with connected(endless, mode) as client, anyio.create_task_group() as tasks:

        async def note(progress: float, total: float | None, message: str | None) -> None:
            told.append(message)
            if told[-2:] == ["parrot writes the report"] * 2:
                tasks.cancel_scope.cancel()

        await client.call_tool("research", QUESTION, progress_callback=note)


@pytest.mark.parametrize("mode", ["legacy", LATEST])
async def test_others_are_served_meanwhile(endless: str, writer: Parrot, mode: str) -> None:
    async with connected(endless, mode) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(client.call_tool, "research", QUESTION)
        await anyio.to_thread.run_sync(begun, writer)
        assert not (await client.call_tool("search", {"query": "lighthouse"})).is_error
        tasks.cancel_scope.cancel()


def test_a_session_whose_client_is_gone_stops_the_model(endless: str, writer: Parrot) -> None:
    _, session = Wire(endless).opened("2025-06-18")
    called = request("tools/call", name="research", arguments=QUESTION)
    address = urlsplit(endless)
    body = json.dumps(called).encode()
    head = [
        "POST /mcp HTTP/1.1",
        f"host: {address.netloc}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in session.headers.items()),
    ]
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        begun(writer)
    assert writer.stopped.wait(10)
    assert httpx.delete(endless, headers=session.headers, trust_env=False).is_success


def test_leaving_a_session_stops_its_calls(endless: str, writer: Parrot) -> None:
    _, session = Wire(endless).opened("2025-06-18")
    called = request("tools/call", name="research", arguments=QUESTION)
    sent = {"content-type": "application/json", **session.headers}
    http = httpx.Client(trust_env=False)
    with http, http.stream("POST", endless, json=called, headers=sent) as answer:
        begun(writer)
        httpx.delete(endless, headers=session.headers, trust_env=False)
        assert writer.stopped.wait(10)
        answer.read()
