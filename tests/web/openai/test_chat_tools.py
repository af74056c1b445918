from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import JsonFormat, Tool, Tools
from trinax.web.declaring.body import parsed
from trinax.web.openai.chat_body import ChatBody, ChatRequest, chat_request

QUESTION = {"role": "user", "content": "Who?"}
SCHEMA = {"type": "object", "properties": {"file": {"type": "string"}}}
FUNCTION = {"name": "read", "description": "Reads.", "parameters": SCHEMA, "strict": True}
READ = {"type": "function", "function": FUNCTION}
READ_TOOL = Tool("read", "Reads.", SCHEMA, strict=True)


def read(**fields: Any) -> ChatRequest:
    return chat_request(parsed(ChatBody, {"messages": [QUESTION], **fields}))


def given(**fields: Any) -> Tools:
    return read(**fields).ask.tools


def test_no_tools_are_no_tools() -> None:
    assert given() == given(tools=[], tool_choice="auto", parallel_tool_calls=True) == Tools()
    assert given(tools=None, tool_choice="none") == Tools()


def test_a_tool_is_read() -> None:
    assert given(tools=[READ], parallel_tool_calls=False) == Tools((READ_TOOL,), parallel=False)


def test_a_name_is_enough() -> None:
    assert given(tools=[{"function": {"name": "now"}}]).tools == (Tool("now"),)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", ("auto", "")),
        ("none", ("none", "")),
        ("required", ("required", "")),
        ({"type": "function", "function": {"name": "read"}}, ("named", "read")),
    ],
)
def test_a_choice_is_read(choice: Any, expected: tuple[str, str]) -> None:
    tools = given(tools=[READ], tool_choice=choice)
    assert (tools.choice, tools.name) == expected


def allowed(mode: str, *names: str) -> dict[str, Any]:
    tools = [{"type": "function", "function": {"name": name}} for name in names]
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}


def test_some_tools_can_be_allowed() -> None:
    now = {"type": "function", "function": {"name": "now"}}
    tools = given(tools=[READ, now], tool_choice=allowed("required", "now"))
    assert tools == Tools((Tool("now"),), "required")
    with pytest.raises(InvalidRequest) as refused:
        given(tools=[READ], tool_choice=allowed("auto", "now"))
    assert refused.value.param == "tool_choice"


def test_the_older_form_is_read() -> None:
    tools = given(functions=[FUNCTION], function_call={"name": "read"}, parallel_tool_calls=True)
    assert tools == Tools((READ_TOOL,), "named", "read", parallel=False)
    assert read(functions=[FUNCTION]).older_calls
    assert not read(functions=[FUNCTION], tools=[READ]).older_calls


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": {}}, "tools"),
        ({"tools": [5]}, "tools[0]"),
        ({"tools": [READ, READ]}, "tools"),
        ({"tools": [READ] * 300}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"function": {"name": "a b"}}]}, "tools[0].function.name"),
        ({"tools": [{"function": {"name": "x" * 129}}]}, "tools[0].function.name"),
        (
            {"tools": [{"function": {"name": "a", "parameters": []}}]},
            "tools[0].function.parameters",
        ),
        ({"tools": [READ], "tool_choice": "always"}, "tool_choice"),
        ({"tools": [READ], "tool_choice": {"type": "allowed_tools"}}, "tool_choice.type"),
        ({"tools": [READ], "tool_choice": {"type": "function"}}, "tool_choice.function"),
        ({"tools": [READ], "tool_choice": {"function": {"name": "write"}}}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"function": {"name": "read"}}}, "tool_choice"),
        ({"functions": [FUNCTION], "function_call": {"name": "write"}}, "function_call"),
        ({"tools": [READ], "parallel_tool_calls": 1}, "parallel_tool_calls"),
    ],
)
def test_a_wrong_tool_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        given(**fields)
    assert refused.value.param == param


def test_only_functions_can_be_called() -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        given(tools=[{"type": "custom", "custom": {"name": "a"}}])
    assert refused.value.param == "tools[0].type"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, JsonFormat()),
        ({"type": "json_object", "schema": SCHEMA}, JsonFormat(SCHEMA)),
        (
            {"type": "json_schema", "json_schema": {"name": "a", "strict": True, "schema": SCHEMA}},
            JsonFormat(SCHEMA),
        ),
    ],
)
def test_the_form_of_the_answer_is_read(value: Any, expected: JsonFormat | None) -> None:
    assert read(response_format=value).ask.format == expected


@pytest.mark.parametrize(
    ("value", "param"),
    [
        ("json", "response_format"),
        ({"type": "yaml"}, "response_format.type"),
        ({"type": "json_schema"}, "response_format.json_schema"),
        ({"type": "json_schema", "json_schema": {}}, "response_format.json_schema.schema"),
        ({"type": "json_schema", "json_schema": []}, "response_format.json_schema"),
        (
            {"type": "json_schema", "json_schema": {"schema": "x"}},
            "response_format.json_schema.schema",
        ),
        ({"type": "json_object", "schema": "x"}, "response_format.schema"),
    ],
)
def test_a_wrong_form_is_named(value: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(response_format=value)
    assert refused.value.param == param
