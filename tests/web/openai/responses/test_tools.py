from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Tool, Tools
from trinax.web.declaring.body import parsed
from trinax.web.openai.responses.body import ResponseRequest, ResponsesBody, response_request

SCHEMA = {"type": "object"}
READ = {
    "type": "function",
    "name": "read",
    "description": "Reads.",
    "parameters": SCHEMA,
    "strict": True,
}
READ_TOOL = Tool("read", "Reads.", SCHEMA, strict=True)
NOW = {"type": "function", "name": "now"}
FILES = {"type": "file_search", "vector_store_ids": ["demo"]}


def read(**fields: Any) -> ResponseRequest:
    return response_request(parsed(ResponsesBody, {"input": "Who is the keeper?", **fields}))


def given(**fields: Any) -> Tools:
    return read(**fields).ask.tools


def test_no_tools_are_no_tools() -> None:
    assert given() == given(tools=[], tool_choice="auto") == Tools()


def test_a_function_is_read() -> None:
    assert given(tools=[READ], parallel_tool_calls=False) == Tools((READ_TOOL,), parallel=False)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("none", ("none", "")),
        ("required", ("required", "")),
        ({"type": "function", "name": "read"}, ("named", "read")),
        ({"type": "web_search_preview"}, ("auto", "")),
    ],
)
def test_a_choice_is_read(choice: Any, expected: tuple[str, str]) -> None:
    tools = given(tools=[READ], tool_choice=choice)
    assert (tools.choice, tools.name) == expected


def test_some_tools_can_be_allowed() -> None:
    choice = {"type": "allowed_tools", "mode": "required", "tools": [NOW]}
    assert given(tools=[READ, NOW], tool_choice=choice) == Tools((Tool("now"),), "required")


@pytest.mark.parametrize("kind", ["web_search", "web_search_preview", "web_search_2025_08_26"])
def test_the_web_is_searched_where_the_tool_is_offered(kind: str) -> None:
    asked = read(tools=[{"type": kind, "search_context_size": "low"}], tool_choice="required")
    assert (asked.ask.web, asked.ask.tools) == (True, Tools())
    assert asked.ignored == ("tools[0].search_context_size",)


def test_who_wants_no_live_web_gets_none() -> None:
    asked = read(tools=[READ, {"type": "web_search", "external_web_access": False}])
    assert not asked.ask.web
    assert asked.ignored == ("tools[1].external_web_access",)


def test_a_vector_store_is_a_collection() -> None:
    assert read(tools=[FILES, FILES]).ask.collections == ("demo",)
    assert read(tools=[FILES], collections=[]).ask.collections == ()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [5]}, "tools[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [{"type": "function", "name": "a b"}]}, "tools[0].name"),
        ({"tools": [READ, READ]}, "tools"),
        ({"tools": [{**READ, "parameters": []}]}, "tools[0].parameters"),
        ({"tools": [{"type": "file_search"}]}, "tools[0].vector_store_ids"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [READ], "tool_choice": {"type": "function", "name": "write"}}, "tool_choice"),
        (
            {"tools": [READ], "tool_choice": {"type": "allowed_tools", "tools": [NOW]}},
            "tool_choice",
        ),
    ],
)
def test_a_wrong_tool_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [{"type": "code_interpreter"}]}, "tools[0].type"),
        ({"tools": [READ, {"type": "custom", "name": "patch"}]}, "tools[1].type"),
        ({"tools": [{**FILES, "filters": {"type": "eq"}}]}, "tools[0].filters"),
        ({"tools": [READ], "tool_choice": {"type": "mcp"}}, "tool_choice.type"),
    ],
)
def test_what_is_not_done_here_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        read(**fields)
    assert refused.value.param == param
