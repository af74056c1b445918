from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, Turn
from trinax.web.openai.chat_body import ChatRequest, chat_request
from trinax.web.wire.bodies import Fields

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
        ({"response_format": {"type": "yaml"}}, "response_format.type"),
        ({"logprobs": 1}, "logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"reasoning_effort": "huge"}, "reasoning_effort"),
        ({"reasoning_effort": ""}, "reasoning_effort"),
        ({"ignore_eos": "yes"}, "ignore_eos"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parsed(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"web_search": True}, "web_search"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"modalities": ["text", "audio"]}, "modalities"),
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
    asked = parsed(verbosity="low", store=True, metadata={"a": "b"})
    assert asked.ignored == ("verbosity", "store", "metadata")


def test_sampling_is_read() -> None:
    sampling = parsed(
        temperature=0,
        top_p=0.9,
        stop="END",
        n=2,
        logit_bias={"7": -100},
        seed=-1,
        max_tokens=9,
        ignore_eos=True,
    ).ask.sampling
    assert (sampling.temperature, sampling.top_p, sampling.stop) == (0.0, 0.9, ("END",))
    assert (sampling.n, sampling.logit_bias, sampling.seed) == (2, {7: -100.0}, -1)
    assert (sampling.max_tokens, sampling.ignore_eos) == (9, True)


def test_logprobs_may_have_alternatives() -> None:
    assert parsed(logprobs=True).ask.sampling.logprobs == 0
    assert parsed(logprobs=True, top_logprobs=20).ask.sampling.logprobs == 20
    assert parsed(logprobs=False).ask.sampling.logprobs is None


@pytest.mark.parametrize(
    ("effort", "reasoning"),
    [("none", "none"), ("minimal", "low"), ("medium", "medium"), ("xhigh", "high"), (None, None)],
)
def test_reasoning_effort_is_read(effort: str | None, reasoning: str | None) -> None:
    assert parsed(reasoning_effort=effort).ask.reasoning == reasoning


def test_who_asks_takes_turns_for_as_long_as_it_says() -> None:
    body = Fields({"messages": [QUESTION], "timeout": 30})
    assert chat_request(body, "10.0.0.7").ask.turn == Turn(key="10.0.0.7", limit_s=30.0)
    assert parsed().ask.turn == Turn()


def test_the_newer_name_of_the_limit_wins() -> None:
    assert parsed(max_tokens=9, max_completion_tokens=5).ask.sampling.max_tokens == 5


def test_no_collections_is_not_all_collections() -> None:
    assert parsed(collections=[]).ask.collections == ()
    assert parsed(collections=["demo"]).ask.collections == ("demo",)
