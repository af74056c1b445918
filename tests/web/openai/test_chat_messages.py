from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, ToolCall
from trinax.web.declaring.body import parsed
from trinax.web.openai.chat_body import ChatBody, chat_request

QUESTION = {"role": "user", "content": "Who is the keeper?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "read", "arguments": '{"n": 1}'}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "Marta"}


def read(messages: Any) -> tuple[Message, ...]:
    return chat_request(parsed(ChatBody, {"messages": messages})).ask.messages


def said(*listed: Any) -> tuple[Message, ...]:
    return read(list(listed))


@pytest.mark.parametrize(
    ("value", "param"),
    [(None, "messages"), ([], "messages"), ("hello", "messages"), (["hello"], "messages[0]")],
)
def test_messages_are_a_list_of_objects(value: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(value)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ({"content": "a"}, ".role"),
        ({"role": "wizard", "content": "a"}, ".role"),
        ({"role": ["user"], "content": "a"}, ".role"),
        ({"role": "user"}, ".content"),
        ({"role": "user", "content": 5}, ".content"),
        ({"role": "user", "content": [5]}, ".content[0]"),
        ({"role": "user", "content": {"text": "a"}}, ".content"),
        ({"role": "user", "content": [{"type": "text"}]}, ".content[0].text"),
        ({"role": "tool", "content": None}, ".content"),
        ({"role": "tool", "content": "a", "tool_call_id": 5}, ".tool_call_id"),
        ({"role": "function", "content": "a"}, ".name"),
        ({"role": "assistant", "tool_calls": {}}, ".tool_calls"),
        (
            {"role": "assistant", "tool_calls": [{"id": 5, "function": {"name": "a"}}]},
            ".tool_calls[0].id",
        ),
        ({"role": "assistant", "tool_calls": [{"id": "a"}]}, ".tool_calls[0].function"),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": " "}}]},
            ".tool_calls[0].function.name",
        ),
        (
            {"role": "assistant", "tool_calls": [{"function": {"name": "a", "arguments": {}}}]},
            ".tool_calls[0].function.arguments",
        ),
        ({"role": "assistant", "reasoning_content": 5}, ".reasoning_content"),
    ],
)
def test_a_wrong_message_is_named(message: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        said(message, QUESTION)
    assert refused.value.param == f"messages[0]{place}"


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ({"role": "user", "content": [{"type": "image_url"}]}, ".content[0].type"),
        (
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "input_audio"}]},
            ".content[1].type",
        ),
        ({"role": "assistant", "tool_calls": [{"type": "custom"}]}, ".tool_calls[0].type"),
    ],
)
def test_what_no_model_here_takes_is_refused(message: dict[str, Any], place: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        said(message, QUESTION)
    assert refused.value.param == f"messages[0]{place}"


@pytest.mark.parametrize(
    "listed",
    [
        [{"role": "user", "content": " \n"}],
        [QUESTION, {"role": "assistant", "content": "x"}],
        [QUESTION, {"role": "system", "content": "x"}],
        [CALLS, RESULT],
        [{"role": "system", "content": "Be brief."}],
    ],
)
def test_there_is_a_question_to_answer(listed: list[Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        said(*listed)
    assert refused.value.param == "messages"


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "Who is "}, {"type": "text", "text": "the keeper?"}]
    assert said({"role": "user", "content": parts}) == (Message("user", "Who is the keeper?"),)


def test_a_turn_of_tool_calls_has_no_content() -> None:
    assert said({"role": "assistant", "content": None}, QUESTION)[0] == Message("assistant", "")


def test_a_developer_speaks_for_the_system() -> None:
    heard = said({"role": "developer", "content": "Be brief."}, QUESTION)
    assert heard[0] == Message("system", "Be brief.")


def test_the_last_message_may_be_what_a_tool_gave_back() -> None:
    call = Message("assistant", "", tool_calls=(ToolCall("c1", "read", '{"n": 1}'),))
    result = Message("tool", "Marta", tool_call_id="c1")
    assert said(QUESTION, CALLS, RESULT)[1:] == (call, result)


def test_an_older_call_and_its_result_belong_together() -> None:
    older = {"role": "assistant", "content": None, "function_call": {"name": "read"}}
    _, call, result = said(
        QUESTION, older, {"role": "function", "name": "read", "content": "Marta"}
    )
    assert call.tool_calls[0].id == result.tool_call_id
    assert (result.role, result.name) == ("tool", "read")


def test_an_absent_older_call_is_none() -> None:
    heard = said({"role": "assistant", "content": "a", "function_call": None}, QUESTION)
    assert heard[0] == Message("assistant", "a")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_comes_back_by_either_name(name: str) -> None:
    heard = said({"role": "assistant", "content": "a", name: "hm"}, QUESTION)
    assert heard[0] == Message("assistant", "a", reasoning="hm")
