from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import JsonFormat, Tool, Tools
from trinax.web.openai.chat_tools import is_older, json_format, tools
from trinax.web.wire.bodies import Fields

SCHEMA = {"type": "object", "properties": {"file": {"type": "string"}}}
FUNCTION = {"name": "read", "description": "Reads.", "parameters": SCHEMA, "strict": True}
READ = {"type": "function", "function": FUNCTION}
READ_TOOL = Tool("read", "Reads.", SCHEMA, strict=True)


def given(**fields: Any) -> Tools:
    return tools(Fields(fields))


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
    read = given(tools=[READ], tool_choice=choice)
    assert (read.choice, read.name) == expected


def test_the_older_form_is_read() -> None:
    read = given(functions=[FUNCTION], function_call={"name": "read"}, parallel_tool_calls=True)
    assert read == Tools((READ_TOOL,), "named", "read", parallel=False)
    assert is_older(Fields({"functions": [FUNCTION]}))
    assert not is_older(Fields({"functions": [FUNCTION], "tools": [READ]}))


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": {}}, "tools"),
        ({"tools": [5]}, "tools"),
        ({"tools": [READ, READ]}, "tools"),
        ({"tools": [READ] * 300}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools[0].function.name"),
        ({"tools": [{"function": {"name": "a b"}}]}, "tools[0].function.name"),
        ({"tools": [{"function": {"name": "x" * 129}}]}, "tools[0].function.name"),
        (
            {"tools": [{"function": {"name": "a", "parameters": []}}]},
            "tools[0].function.parameters",
        ),
        ({"tools": [READ], "tool_choice": "always"}, "tool_choice"),
        ({"tools": [READ], "tool_choice": {"type": "allowed_tools"}}, "tool_choice"),
        ({"tools": [READ], "tool_choice": {"type": "function"}}, "tool_choice.function.name"),
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
    assert json_format(Fields({"response_format": value})) == expected


@pytest.mark.parametrize(
    ("value", "param"),
    [
        ("json", "response_format"),
        ({"type": "yaml"}, "response_format.type"),
        ({"type": "json_schema"}, "response_format.json_schema.schema"),
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
        json_format(Fields({"response_format": value}))
    assert refused.value.param == param
