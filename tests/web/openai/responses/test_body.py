from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import JsonFormat, Message, Turn
from trinax.web.declaring.body import parsed
from trinax.web.openai.responses.body import ResponseRequest, ResponsesBody, response_request

SCHEMA = {"type": "object"}


def read(**fields: Any) -> ResponseRequest:
    return response_request(parsed(ResponsesBody, {"input": "Who is the keeper?", **fields}))


def test_a_question_alone_is_enough() -> None:
    asked = read()
    assert asked.ask.messages == (Message("user", "Who is the keeper?"),)
    assert (asked.ask.model, asked.ask.collections, asked.sent.stream) == ("auto", None, False)
    assert asked.ignored == ()


def test_null_is_the_default() -> None:
    names = ("instructions", "model", "tools", "tool_choice", "text", "reasoning", "include")
    assert read(**dict.fromkeys(names)) == read()
    absent = ("previous_response_id", "conversation", "prompt", "background", "store", "stream")
    assert read(**dict.fromkeys(absent)) == read()


def test_instructions_come_before_everything() -> None:
    asked = read(instructions="Be brief.", input=[{"role": "user", "content": "Who?"}])
    assert asked.ask.messages == (Message("system", "Be brief."), Message("user", "Who?"))


def test_sampling_is_read() -> None:
    sampling = read(temperature=0, top_p=0.5, max_output_tokens=9, seed=4, min_p=0.1).ask.sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.0, 0.5, 9)
    assert (sampling.seed, sampling.min_p, sampling.n) == (4, 0.1, 1)


@pytest.mark.parametrize(
    ("fields", "logprobs"),
    [
        ({}, None),
        ({"include": ["message.output_text.logprobs"]}, 0),
        ({"top_logprobs": 3}, 3),
        ({"top_logprobs": 0}, None),
    ],
)
def test_log_probabilities_are_asked_for(fields: dict[str, Any], logprobs: int | None) -> None:
    assert read(**fields).ask.sampling.logprobs == logprobs


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, JsonFormat()),
        ({"type": "json_schema", "name": "a", "schema": SCHEMA}, JsonFormat(SCHEMA)),
    ],
)
def test_the_form_of_the_answer_is_read(value: Any, expected: JsonFormat | None) -> None:
    assert read(text={"format": value}).ask.format == expected


def test_who_asks_takes_turns() -> None:
    asked = parsed(ResponsesBody, {"input": "Who?", "timeout": 5})
    assert response_request(asked, "10.0.0.7").ask.turn == Turn(key="10.0.0.7", limit_s=5.0)


def test_effort_is_read() -> None:
    assert read(reasoning={"effort": "minimal"}).ask.reasoning == "low"
    assert read(reasoning={"effort": None}).ask.reasoning is None


def test_no_collections_is_not_all_collections() -> None:
    assert read(collections=[]).ask.collections == ()
    assert read(collections=["demo"]).ask.collections == ("demo",)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"input": " "}, "input"),
        ({"input": []}, "input"),
        ({"input": 5}, "input"),
        ({"input": [5]}, "input[0]"),
        ({"temperature": 3}, "temperature"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"top_logprobs": 21}, "top_logprobs"),
        ({"truncation": "middle"}, "truncation"),
        ({"text": {"format": {"type": "yaml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, "text.format.schema"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"include": "all"}, "include"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": {"id": "conv_1"}},
        {"background": True},
        {"prompt": {"id": "pmpt_1"}},
    ],
)
def test_what_needs_a_memory_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        read(**fields)
    assert refused.value.param == next(iter(fields))


def test_what_has_no_effect_is_listed() -> None:
    asked = read(
        store=True,
        truncation="auto",
        include=["reasoning.encrypted_content"],
        text={"verbosity": "low"},
        reasoning={"effort": "low", "summary": "auto"},
    )
    assert asked.ignored == (
        "store",
        "truncation",
        "include",
        "text.verbosity",
        "reasoning.summary",
    )
    assert read(store=False, include=["message.output_text.logprobs"]).ignored == ()
