import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import httpx
import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from tests.answering.writers import Endless
from tests.cli.test_serve import Served, mortal, places, served
from tests.web.agents.conftest import LATEST, Wire
from tests.web.agents.test_stopping import QUESTION, begun
from tests.web.conftest import application, settings
from tests.web.openai.test_sdk import listening
from trinax.cli.relay import Reach, Relay, offering
from trinax.cli.running import announced, read
from trinax.settings import Settings

pytestmark = pytest.mark.slow
__all__ = ["mortal", "served", "settings"]

COMMAND = ["-m", "trinax", "mcp"]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-03-26",
        "capabilities": {},
        "clientInfo": {"name": "tests", "version": "1"},
    },
}
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("TRINAX_")}


@asynccontextmanager
async def relayed(folder: Path, mode: str = "legacy", *options: str) -> AsyncIterator[Client]:
    """A client of the command, over its stdin and stdout."""
    command = StdioServerParameters(
        command=sys.executable, args=[*COMMAND, *options, *places(folder)], env=CLEAN
    )
    async with Client(command, mode=mode) as client:
        yield client


def run(folder: Path, stdin: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *COMMAND, *options, *places(folder)]
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, env=CLEAN, timeout=60, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    notes = tmp_path / "collections" / "notes"
    notes.mkdir(parents=True)
    (notes / "kettle.md").write_text("# Kettle\n\nThe kettle in the lab boils at 94 degrees.\n")
    return tmp_path


async def found(client: Client, query: str = "kettle") -> str:
    (block,) = (await client.call_tool("search", {"query": query})).content
    assert isinstance(block, TextContent)
    return block.text


@pytest.mark.parametrize("mode", ["legacy", LATEST])
async def test_the_tools_are_those_of_the_running_server(served: Served, mode: str) -> None:
    async with relayed(served.folder, mode) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert names == ["search", "read_source", "research", "list_collections"]
        assert "94 degrees" in await found(client)
        failed = await client.call_tool("search", {"query": "x", "collections": ["nope"]})
        assert failed.is_error
    running = read(served.data_dir)
    assert running is not None
    assert running.url == served.url


async def test_progress_and_failures_come_through(served: Served) -> None:
    told: list[str | None] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append(message)

    async with relayed(served.folder) as client:
        await client.call_tool("research", {"query": "kettle"}, progress_callback=note)
        with pytest.raises(Exception, match="No tool is named 'nope'"):
            await client.call_tool("nope", {})
    assert told[-1] == "trinax-extract writes the report"


async def test_a_cancelled_call_stops_the_model(settings: Settings) -> None:
    writer = Endless("on and ")
    with (
        listening(application(settings, writer)) as url,
        announced(settings.data_dir, url),
    ):
        async with httpx2.AsyncClient(trust_env=False) as http, AsyncExitStack() as stack:
            relay = Relay(http, Reach(settings, http, stack))
            async with Client(offering(relay)) as client, anyio.create_task_group() as tasks:
                tasks.start_soon(client.call_tool, "research", QUESTION)
                await anyio.to_thread.run_sync(begun, writer)
                tasks.cancel_scope.cancel()
            assert await anyio.to_thread.run_sync(writer.stopped.wait, 10)


async def test_without_a_server_it_hosts_one_that_others_use(folder: Path) -> None:
    async with relayed(folder) as first:
        host = read(folder / "var")
        assert host is not None
        while "94 degrees" not in await found(first):
            pass
        async with relayed(folder) as second:
            assert "94 degrees" in await found(second)
            assert read(folder / "var") == host
    assert read(folder / "var") is None


async def test_two_that_start_at_once_share_one_server(folder: Path) -> None:
    one, two = anyio.Event(), anyio.Event()

    async def list_tools(own: anyio.Event, other: anyio.Event) -> None:
        async with relayed(folder) as client:
            assert len((await client.list_tools()).tools) == 4
            own.set()
            await other.wait()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(list_tools, one, two)
        tasks.start_soon(list_tools, two, one)


async def test_when_the_server_ends_it_hosts_one_itself(mortal: Served) -> None:
    async with relayed(mortal.folder) as client:
        assert "94 degrees" in await found(client)
        mortal.process.send_signal(signal.SIGINT)
        await anyio.to_thread.run_sync(mortal.process.wait, 20)
        assert "94 degrees" in await found(client)
        heir = read(mortal.data_dir)
        assert heir is not None
        assert heir.url != mortal.url


def test_it_ends_when_stdin_does(served: Served) -> None:
    ended = run(served.folder, "")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_nothing_but_messages_is_on_stdout(folder: Path) -> None:
    told = run(folder, f"no json\n{json.dumps(INITIALIZE)}\n")
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 0
    assert all(line["jsonrpc"] == "2.0" for line in lines)
    assert lines[-1]["result"]["protocolVersion"] == "2025-03-26"


def test_a_server_that_wants_a_token_is_named_as_the_reason(folder: Path) -> None:
    config = folder / "closed.toml"
    config.write_text("[access]\nrequire_key = true\n")
    ended = run(folder, json.dumps(INITIALIZE), "--config", str(config))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "set access.admin_token" in ended.stderr


async def test_the_token_of_the_settings_opens_a_closed_server(folder: Path) -> None:
    config = folder / "closed.toml"
    config.write_text('[access]\nrequire_key = true\nadmin_token = "s3cret"\n')
    async with relayed(folder, "legacy", "--config", str(config)) as client:
        assert len((await client.list_tools()).tools) == 4


def test_a_server_stops_at_once_though_a_session_listens(mortal: Served) -> None:
    _, session = Wire(f"{mortal.url}/mcp").opened("2025-06-18")
    listens = {**session.headers, "accept": "text/event-stream"}
    http = httpx.Client(trust_env=False)
    with http, http.stream("GET", session.url, headers=listens) as answer:
        assert answer.is_success
        mortal.process.send_signal(signal.SIGINT)
        answer.read()  # ends as a whole answer does
    assert mortal.process.wait(20) == 0
