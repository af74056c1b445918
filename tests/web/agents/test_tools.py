from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent

from tests.web.agents.conftest import connected
from trinax.web.agents.words import INSTRUCTIONS

pytestmark = pytest.mark.slow

TOOLS = ["search", "read_source", "research", "list_collections"]


def text(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


async def passage(client: Client, query: str) -> Any:
    found = await client.call_tool("search", {"query": query, "limit": 1})
    return found.structured_content["passages"][0]


async def test_the_tools_are_listed(client: Client) -> None:
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == TOOLS
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    search = tools[0]
    assert search.input_schema["required"] == ["query"]
    assert search.input_schema["properties"]["limit"]["maximum"] == 50
    assert search.input_schema["properties"]["collections"]["type"] == "array"


async def test_a_session_begins_with_how_to_use_the_tools(url: str) -> None:
    async with connected(url) as client:
        assert client.instructions == INSTRUCTIONS


async def test_search_names_file_and_lines(client: Client) -> None:
    found = await client.call_tool("search", {"query": "keeper of the lighthouse", "limit": 1})
    assert text(found).startswith("[1] guide.md:1-9 (collection demo, score ")
    assert "Marta Lindqvist" in text(found)
    (only,) = found.structured_content["passages"]
    assert (only["collection"], only["file"], only["end_line"]) == ("demo", "guide.md", 9)


async def test_search_keeps_to_a_glob(client: Client) -> None:
    found = await client.call_tool("search", {"query": "lighthouse seconds", "file_glob": "*.py"})
    assert {each["file"] for each in found.structured_content["passages"]} == {"timer.py"}


async def test_a_source_is_read_with_line_numbers(client: Client) -> None:
    lines = {"collection": "demo", "file": "guide.md", "start_line": 7, "end_line": 8}
    read = await client.call_tool("read_source", lines)
    assert text(read).splitlines()[:2] == [
        "guide.md:7-8 (collection demo, 9 lines)",
        "     7\t## Keeper",
    ]
    assert read.structured_content["text"] == "## Keeper\n"
    assert read.structured_content["next_line"] == 9


async def test_a_source_is_read_by_chunk(client: Client) -> None:
    found = await passage(client, "foghorn")
    read = await client.call_tool("read_source", {"chunk_id": found["chunk_id"]})
    assert "foghorn" in read.structured_content["text"]
    assert read.structured_content["start_line"] == found["start_line"]


async def test_research_cites_and_judges_itself(client: Client) -> None:
    report = await client.call_tool("research", {"query": "Who is the keeper?", "depth": 1})
    told = report.structured_content
    assert "Marta Lindqvist" in told["answer"]
    assert told["verdict"] == "answered"
    assert f"[{told['sources'][0]['n']}] guide.md:" in text(report)


async def test_research_tells_its_steps(client: Client) -> None:
    told: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    query = "Who is the keeper and how much does the lamp burn?"
    await client.call_tool("research", {"query": query}, progress_callback=note)
    messages = [message or "" for _, message in told]
    assert messages[0].startswith("Planned: ")
    assert any(message.startswith("Search 1: ") for message in messages)
    assert messages[-1] == "trinax-extract writes the report"
    assert [progress for progress, _ in told] == sorted(progress for progress, _ in told)


async def test_collections_are_listed(client: Client) -> None:
    listed = await client.call_tool("list_collections", {})
    assert text(listed) == "demo: 2 files (idle)"
    assert listed.structured_content["collections"][0]["id"] == "demo"


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("search", {"query": "x", "collections": ["nope"]}, "list_collections"),
        ("search", {}, "'query' is missing"),
        ("search", {"query": "x", "limit": 500}, "'limit' must be at most 50"),
        ("search", {"query": "x", "mode": "magic"}, "'mode' must be one of"),
        ("read_source", {"collection": "demo", "file": "nope.md"}, "has no indexed file"),
        ("read_source", {"collection": "demo", "file": "../../etc/passwd"}, "no indexed file"),
        ("read_source", {"collection": "demo"}, "'file' must be given"),
        ("read_source", {"chunk_id": "nope"}, "search again"),
        (
            "read_source",
            {"collection": "demo", "file": "guide.md", "start_line": 99},
            "'start_line' must be at most 9",
        ),
        ("research", {"query": "x", "depth": 9}, "'depth' must be at most 3"),
    ],
)
async def test_what_a_model_can_mend_is_a_result(
    client: Client, tool: str, arguments: dict[str, Any], words: str
) -> None:
    failed = await client.call_tool(tool, arguments)
    assert failed.is_error
    assert words in text(failed)


async def test_an_unknown_tool_is_a_failure_of_the_protocol(client: Client) -> None:
    with pytest.raises(MCPError, match="No tool is named 'nope'") as failure:
        await client.call_tool("nope", {})
    assert failure.value.code == -32602
