import json
from typing import Any

import pytest

from trinax.models.ports import (
    Generation,
    Infilling,
    JsonFormat,
    Message,
    Sampling,
    Tool,
    ToolCall,
    Tools,
)
from trinax.models.upstream import request

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = Tool("weather", "of a city", CITY)


def body(extra: bool = False, **generation: Any) -> dict[str, Any]:
    asked = {"messages": (Message("user", "Hi"),), "question": "Hi", **generation}
    return request.body(Generation(**asked), "there", extra, "max_tokens")


def test_what_is_not_asked_for_is_left_to_the_model() -> None:
    assert body() == {
        "model": "there",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_standard_parameters_keep_their_names() -> None:
    given: dict[str, Any] = {
        "max_tokens": 0,
        "temperature": 0.0,
        "top_p": 0.5,
        "presence_penalty": -1.0,
        "frequency_penalty": 1.0,
        "seed": 0,
        "n": 2,
    }
    sent = body(sampling=Sampling(stop=("\n",), logit_bias={7: -100.0}, logprobs=0, **given))
    assert {name: sent[name] for name in given} == given
    assert sent["stop"] == ["\n"]
    assert sent["logit_bias"] == {"7": -100.0}
    assert (sent["logprobs"], sent["top_logprobs"]) == (True, 0)


OWN = Sampling(top_k=5, min_p=0.1, repetition_penalty=1.2, ignore_eos=True)
OWN_NAMES = ("top_k", "min_p", "repetition_penalty", "ignore_eos")


def test_what_openai_does_not_have_is_sent_only_if_the_settings_say_so() -> None:
    assert not {*OWN_NAMES} & {*body(sampling=OWN)}
    sent = body(extra=True, sampling=OWN)
    assert [sent[name] for name in OWN_NAMES] == [5, 0.1, 1.2, True]
    assert sent["repeat_penalty"] == 1.2


def test_what_is_not_sent_is_told() -> None:
    asked = Generation((), "", sampling=OWN)
    assert request.ignored(asked, extra=False) == OWN_NAMES
    assert request.ignored(asked, extra=True) == ()
    assert request.ignored(Generation((), ""), extra=False) == ()


def test_a_conversation_with_tools_is_sent_whole() -> None:
    call = ToolCall("call_1", "weather", '{"city":')
    sent = body(
        messages=(
            Message("system", "Be brief."),
            Message("assistant", "", "Let me look.", (call,)),
            Message("tool", "12 °C", tool_call_id="call_1", name="weather"),
        )
    )
    function = {"name": "weather", "arguments": '{"city":'}
    assert sent["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        },
        {"role": "tool", "content": "12 °C", "tool_call_id": "call_1", "name": "weather"},
    ]


def test_earlier_thoughts_are_for_servers_with_more_than_openai_has() -> None:
    thought = (Message("assistant", "Yes.", "Is it?"),)
    assert "reasoning_content" not in body(messages=thought)["messages"][0]
    assert body(extra=True, messages=thought)["messages"][0]["reasoning_content"] == "Is it?"


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ("named", {"type": "function", "function": {"name": "weather"}}),
    ],
)
def test_tools_are_offered_with_the_choice(choice: Any, sent: Any) -> None:
    offered = body(tools=Tools((WEATHER,), choice, "weather"))
    function = {"name": "weather", "description": "of a city", "parameters": CITY}
    assert offered["tools"] == [{"type": "function", "function": function}]
    assert offered["tool_choice"] == sent
    assert "parallel_tool_calls" not in offered


def test_one_call_at_a_time_and_strict_arguments_are_asked_for() -> None:
    offered = body(tools=Tools((Tool("clock", strict=True),), parallel=False))
    assert offered["parallel_tool_calls"] is False
    assert offered["tools"][0]["function"]["strict"] is True


def test_a_schema_is_asked_for_strictly_and_any_object_as_json() -> None:
    assert body(format=JsonFormat())["response_format"] == {"type": "json_object"}
    wanted = body(format=JsonFormat(CITY))["response_format"]
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["schema"] == CITY
    assert wanted["json_schema"]["strict"] is True


def test_the_wanted_amount_of_reasoning_is_sent() -> None:
    assert body(reasoning="low")["reasoning_effort"] == "low"


def test_a_gap_has_a_prompt_and_a_suffix() -> None:
    gap = Generation((), "", infilling=Infilling("a", "b"), sampling=Sampling(logprobs=2))
    assert request.path(gap) == "/completions"
    sent = request.body(gap, "there", False, "max_tokens")
    assert {"prompt": "a", "suffix": "b", "logprobs": 2}.items() <= sent.items()
    assert "messages" not in sent


def test_tokens_stay_tokens() -> None:
    sent = body(infilling=Infilling((1, 2)))
    assert sent["prompt"] == [1, 2]
    assert "suffix" not in sent


def test_what_completions_do_not_have_is_told() -> None:
    gap = Generation(
        (), "", tools=Tools((WEATHER,)), format=JsonFormat(), infilling=Infilling(""), reasoning=""
    )
    assert request.ignored(gap, False) == ("tools", "response_format", "reasoning_effort")


def test_every_text_of_a_prompt_is_counted() -> None:
    call = ToolCall("call_1", "clock", "{}")
    messages = [Message("user", "Hi"), Message("assistant", "", tool_calls=(call,))]
    *said, tool = request.texts(messages, Tools((WEATHER,)))
    assert said == ["Hi", "", "clock", "{}"]
    assert json.loads(tool)["parameters"] == CITY
