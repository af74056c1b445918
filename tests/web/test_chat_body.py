from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message
from trinax.web.bodies import Fields
from trinax.web.chat_body import ChatRequest, chat_request

QUESTION = {"role": "user", "content": "Who is the keeper?"}


def parsed(**fields: Any) -> ChatRequest:
    return chat_request(Fields({"messages": [QUESTION], **fields}))


def test_a_question_alone_is_enough() -> None:
    asked = parsed()
    assert asked.ask.messages == (Message("user", "Who is the keeper?"),)
    assert (asked.ask.model, asked.ask.collections, asked.stream) == ("auto", None, False)


def test_null_is_the_default() -> None:
    names = ("model", "stream", "n", "stop", "collections", "temperature", "logit_bias", "tools")
    assert parsed(**dict.fromkeys(names)) == parsed()


def test_unknown_fields_are_accepted() -> None:
    assert parsed(anything={"deep": [1]}) == parsed()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages"),
        ({"messages": [{"content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "wizard", "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": ["user"], "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [5]}]}, "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages[0].content[0].text",
        ),
        ({"messages": [{"role": "user", "content": " \n"}]}, "messages"),
        ({"messages": [QUESTION, {"role": "assistant", "content": "x"}]}, "messages"),
        ({"model": 5}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
        ({"collections": "demo"}, "collections"),
        ({"collections": [1]}, "collections"),
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"top_k": -1}, "top_k"),
        ({"min_p": 2}, "min_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"n": 0}, "n"),
        ({"n": 9}, "n"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"stop": [""]}, "stop"),
        ({"stop": 5}, "stop"),
        ({"stop": {"a": 1}}, "stop"),
        ({"presence_penalty": 3}, "presence_penalty"),
        ({"frequency_penalty": -3}, "frequency_penalty"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"logit_bias": [1]}, "logit_bias"),
        ({"logit_bias": {"the": 1}}, "logit_bias.the"),
        ({"logit_bias": {"5": 101}}, "logit_bias.5"),
        ({"seed": "x"}, "seed"),
        ({"response_format": "json"}, "response_format"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parsed(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": {"type": "json_schema"}}, "response_format"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"web_search": True}, "web_search"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content[0].type",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        parsed(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"response_format": {"type": "text"}},
        {"logprobs": False, "top_logprobs": 0},
        {"web_search": False},
        {"tool_choice": "auto", "tools": []},
        {"user": "me"},
    ],
)
def test_what_asks_for_nothing_special_is_taken(fields: dict[str, Any]) -> None:
    assert parsed(**fields) == parsed()


def test_what_editors_send_without_need_is_ignored_visibly() -> None:
    asked = parsed(tools=[{"type": "function"}], reasoning_effort="low", parallel_tool_calls=True)
    assert asked.ignored == ("tools", "parallel_tool_calls", "reasoning_effort")


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "Who is "}, {"type": "text", "text": "the keeper?"}]
    asked = parsed(messages=[{"role": "user", "content": parts}])
    assert asked.ask.messages == (Message("user", "Who is the keeper?"),)


def test_a_turn_of_tool_calls_has_no_content() -> None:
    asked = parsed(messages=[{"role": "assistant", "content": None}, QUESTION])
    assert asked.ask.messages[0] == Message("assistant", "")


def test_a_developer_speaks_for_the_system() -> None:
    asked = parsed(messages=[{"role": "developer", "content": "Be brief."}, QUESTION])
    assert asked.ask.messages[0] == Message("system", "Be brief.")


def test_sampling_is_read() -> None:
    sampling = parsed(
        temperature=0, top_p=0.9, stop="END", n=2, logit_bias={"7": -100}, seed=-1, max_tokens=9
    ).ask.sampling
    assert (sampling.temperature, sampling.top_p, sampling.stop) == (0.0, 0.9, ("END",))
    assert (sampling.n, sampling.logit_bias, sampling.seed) == (2, {7: -100.0}, -1)
    assert sampling.max_tokens == 9


def test_the_newer_name_of_the_limit_wins() -> None:
    assert parsed(max_tokens=9, max_completion_tokens=5).ask.sampling.max_tokens == 5


def test_no_collections_is_not_all_collections() -> None:
    assert parsed(collections=[]).ask.collections == ()
    assert parsed(collections=["demo"]).ask.collections == ("demo",)
