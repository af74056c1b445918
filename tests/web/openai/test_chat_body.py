from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, Turn
from trinax.web.declaring.body import parsed
from trinax.web.openai.chat_body import ChatBody, ChatRequest, chat_request

QUESTION = {"role": "user", "content": "Who is the keeper?"}


def read(**fields: Any) -> ChatRequest:
    return chat_request(parsed(ChatBody, {"messages": [QUESTION], **fields}))


def test_a_question_alone_is_enough() -> None:
    asked = read()
    assert asked.ask.messages == (Message("user", "Who is the keeper?"),)
    assert (asked.ask.model, asked.ask.collections, asked.stream) == ("auto", None, False)


def test_null_is_the_default() -> None:
    names = ("model", "stream", "n", "stop", "collections", "temperature", "logit_bias", "tools")
    assert read(**dict.fromkeys(names)) == read()


def test_unknown_fields_are_accepted() -> None:
    assert read(anything={"deep": [1]}) == read()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": 5}, "model"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
        ({"collections": "demo"}, "collections"),
        ({"collections": [1]}, "collections[0]"),
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
        ({"stop": [""]}, "stop[0]"),
        ({"stop": ""}, "stop"),
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
        ({"web_search": "yes"}, "web_search"),
        ({"web_search_options": True}, "web_search_options"),
        ({"max_tokens": -2}, "max_tokens"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "alloy"}}, "audio"),
    ],
)
def test_what_cannot_be_honoured_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        read(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"response_format": {"type": "text"}},
        {"logprobs": False, "top_logprobs": 0},
        {"web_search": False},
        {"tool_choice": "auto", "tools": []},
        {"modalities": ["text"], "audio": None},
        {"max_tokens": -1},
        {"model": ""},
        {"stop": []},
        {"n": 1.0},
        {"functions": [], "function_call": "auto"},
        {"metadata": {}, "store": False},
    ],
)
def test_what_asks_for_nothing_special_is_taken(fields: dict[str, Any]) -> None:
    assert read(**fields) == read()


def test_what_editors_send_without_need_is_ignored_visibly() -> None:
    asked = read(verbosity="low", store=True, metadata={"a": "b"}, user="me")
    assert asked.ignored == ("verbosity", "store", "metadata", "user")


def test_sampling_is_read() -> None:
    sampling = read(
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
    assert read(logprobs=True).ask.sampling.logprobs == 0
    assert read(logprobs=True, top_logprobs=20).ask.sampling.logprobs == 20
    assert read(logprobs=False).ask.sampling.logprobs is None


@pytest.mark.parametrize(
    ("effort", "reasoning"),
    [("none", "none"), ("minimal", "low"), ("medium", "medium"), ("xhigh", "high"), (None, None)],
)
def test_reasoning_effort_is_read(effort: str | None, reasoning: str | None) -> None:
    assert read(reasoning_effort=effort).ask.reasoning == reasoning


def test_who_asks_takes_turns_for_as_long_as_it_says() -> None:
    body = parsed(ChatBody, {"messages": [QUESTION], "timeout": 30})
    assert chat_request(body, "10.0.0.7").ask.turn == Turn(key="10.0.0.7", limit_s=30.0)
    assert read().ask.turn == Turn()


def test_the_newer_name_of_the_limit_wins() -> None:
    assert read(max_tokens=9, max_completion_tokens=5).ask.sampling.max_tokens == 5


def test_no_collections_is_not_all_collections() -> None:
    assert read(collections=[]).ask.collections == ()
    assert read(collections=["demo"]).ask.collections == ("demo",)


@pytest.mark.parametrize("fields", [{"web_search": True}, {"web_search_options": {}}])
def test_the_web_is_searched_on_request(fields: dict[str, Any]) -> None:
    assert read(**fields).ask.web
    assert not read(web_search=False, web_search_options=None).ask.web


def test_where_the_web_is_searched_cannot_be_said() -> None:
    options = {"search_context_size": "low", "user_location": {"type": "approximate"}}
    assert read(web_search_options=options).ignored == (
        "web_search_options.search_context_size",
        "web_search_options.user_location",
    )


def test_options_of_a_stream_that_have_no_effect_are_told() -> None:
    asked = read(stream=True, stream_options={"include_usage": True, "include_obfuscation": True})
    assert asked.ignored == ("stream_options.include_obfuscation",)


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({"functions": [{"name": "f"}], "tool_choice": "auto"}, ()),
        ({"functions": [{"name": "f"}], "tool_choice": "required"}, ("tool_choice",)),
        ({"function_call": {"name": "f"}}, ("function_call",)),
        ({"function_call": "none", "functions": []}, ()),
        (
            {
                "tools": [{"type": "function", "function": {"name": "f"}}],
                "functions": [{"name": "g"}],
            },
            ("functions",),
        ),
    ],
)
def test_tools_in_a_form_that_is_not_read_are_told(fields: Any, ignored: tuple[str, ...]) -> None:
    assert read(**fields).ignored == ignored
