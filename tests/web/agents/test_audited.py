import json
from pathlib import Path

from tests.web.agents.conftest import connected
from tests.web.conftest import application, folders
from tests.web.openai.test_sdk import listening
from trinax.web.agents.called import Called, called


async def test_a_tool_that_reads_documents_is_on_record(tmp_path: Path) -> None:
    settings = folders(tmp_path)
    with listening(application(settings)) as url:
        async with connected(f"{url}/mcp") as client:
            await client.call_tool("read_source", {"collection": "demo", "file": "guide.md"})
            await client.call_tool("search", {"query": "lamp"})
    lines = (settings.data_dir / "audit.jsonl").read_text().splitlines()
    (line,) = map(json.loads, lines)
    assert (line["operation"], line["collections"]) == ("post_mcp:read_source", ["demo"])
    assert line["status"] == 200


def test_a_call_is_known_by_its_tool() -> None:
    arguments = {"query": "x", "collections": ["a", 1]}
    body = {"method": "tools/call", "params": {"name": "search", "arguments": arguments}}
    assert called(json.dumps(body).encode()) == Called("search", ("a",))


def test_anything_else_is_no_call() -> None:
    bodies = [b"", b"[]", b"{", b"1", b'{"method": "tools/list"}', b'{"method": "tools/call"}']
    bodies += [b'{"method": "tools/call", "params": {"name": 1}}', b"[" * 100_000]
    assert [called(body) for body in bodies] == [None] * len(bodies)
