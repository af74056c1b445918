from time import process_time
from typing import Any

import pytest

from tests.web.ollama.asking import read_tool
from trinax.answering.records import Ask
from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import JsonFormat, Message, Sampling, Tool, ToolCall
from trinax.web.declaring.body import parsed
from trinax.web.ollama.bodies import OllamaChatBody, OllamaGenerateBody
from trinax.web.ollama.conversation import chat_ask, generate_ask

USER = {"role": "user", "content": "Hi"}


def asked(messages: Any = (USER,), **fields: Any) -> Ask:
    body = parsed(OllamaChatBody, {"messages": list(messages), **fields})
    return chat_ask(body, "auto", "")


def call(**arguments: Any) -> dict[str, Any]:
    return {"function": {"name": "read", "arguments": arguments}}


def test_a_question_is_asked_of_all_collections() -> None:
    ask = asked()
    assert ask.messages == (Message("user", "Hi"),)
    assert ask.collections is None
    assert ask.sampling == Sampling()


def test_collections_and_the_web_can_be_named() -> None:
    ask = asked(collections=["notes"], web_search=True)
    assert (ask.collections, ask.web) == (("notes",), True)


def test_options_are_sampling() -> None:
    options = {
        "num_predict": 5,
        "temperature": 0.5,
        "top_k": 3,
        "top_p": 0.9,
        "min_p": 0.1,
        "stop": ["a", ""],
        "seed": 7,
        "repeat_penalty": 1.1,
        "presence_penalty": 0.2,
        "frequency_penalty": 0.3,
    }
    assert asked(options=options).sampling == Sampling(
        max_tokens=5,
        temperature=0.5,
        top_k=3,
        top_p=0.9,
        min_p=0.1,
        stop=("a",),
        seed=7,
        repetition_penalty=1.1,
        presence_penalty=0.2,
        frequency_penalty=0.3,
    )


@pytest.mark.parametrize("options", [{"num_predict": -1}, {"num_predict": -2}, {"seed": -1}, None])
def test_what_is_negative_or_null_is_not_there(options: Any) -> None:
    assert asked(options=options).sampling == Sampling()


def test_one_stop_text_is_enough() -> None:
    assert asked(options={"stop": "\n"}).sampling.stop == ("\n",)


def test_an_answer_can_be_json() -> None:
    schema = {"type": "object"}
    assert asked(format="json").format == JsonFormat()
    assert asked(format=schema).format == JsonFormat(schema)
    assert asked(format="").format is None


@pytest.mark.parametrize(
    ("think", "reasoning"),
    [(None, None), (True, "medium"), (False, "none"), ("low", "low"), ("high", "high")],
)
def test_thinking_is_asked_for(think: Any, reasoning: str | None) -> None:
    assert asked(think=think).reasoning == reasoning


def test_tools_are_offered() -> None:
    parameters = {"type": "object", "properties": {"file": {"type": "string"}}}
    ask = asked(tools=[read_tool(description="Reads", parameters=parameters)])
    assert ask.tools.tools == (Tool("read", "Reads", parameters),)


def test_calls_without_ids_are_joined_with_their_results() -> None:
    called = {"role": "assistant", "content": "", "tool_calls": [call(file="a"), call(file="b")]}
    results = [{"role": "tool", "tool_name": "read", "content": text} for text in ("A", "B")]
    _, said, first, second = asked([USER, called, *results]).messages
    assert [one.arguments for one in said.tool_calls] == ['{"file": "a"}', '{"file": "b"}']
    assert [first.tool_call_id, second.tool_call_id] == [one.id for one in said.tool_calls]
    assert (first.content, second.content) == ("A", "B")


def test_a_result_can_name_its_call() -> None:
    calls = [{"id": "x", **call(file="a")}, {"id": "y", **call(file="b")}]
    results = [{"role": "tool", "tool_call_id": each, "content": each} for each in ("y", "x")]
    *_, first, second = asked([USER, {"role": "assistant", "tool_calls": calls}, *results]).messages
    assert (first.tool_call_id, first.name) == ("y", "read")
    assert (second.tool_call_id, second.name) == ("x", "read")


def test_arguments_may_come_as_text() -> None:
    text = {"function": {"name": "read", "arguments": '{"file": "a"}'}}
    result = {"role": "tool", "content": "A"}
    _, said, _ = asked([USER, {"role": "assistant", "tool_calls": [text]}, result]).messages
    assert said.tool_calls == (ToolCall(said.tool_calls[0].id, "read", '{"file": "a"}'),)


def test_a_system_text_stands_before_a_prompt() -> None:
    body = parsed(OllamaGenerateBody, {"prompt": "Hi", "system": "Be brief."})
    assert generate_ask(body, "auto", "").messages == (
        Message("system", "Be brief."),
        Message("user", "Hi"),
    )


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([{"role": "system", "content": "Hi"}], "messages"),
        ([USER, {"role": "assistant", "content": "Hello"}], "messages"),
        ([{"role": "user", "content": " "}], "messages"),
        ([{"role": "user", "content": ["Hi"]}], "messages[0].content"),
        ([{"role": "robot", "content": "Hi"}], "messages[0].role"),
        ([USER, {"role": "assistant", "tool_calls": [{}]}, USER], "messages[1].tool_calls[0]"),
    ],
)
def test_a_conversation_that_asks_nothing_is_refused(messages: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        asked(messages)
    assert refused.value.param is not None
    assert refused.value.param.startswith(param)


def test_images_are_refused() -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        asked([{**USER, "images": ["aGk="]}])
    assert refused.value.param == "messages[0].images"


@pytest.mark.parametrize("field", [{"context": [1]}, {"images": ["aGk="]}])
def test_what_would_change_the_answer_is_refused(field: Any) -> None:
    with pytest.raises(UnsupportedParameter):
        parsed(OllamaGenerateBody, {"prompt": "Hi", **field})


def test_what_has_no_effect_is_listed() -> None:
    body = parsed(OllamaChatBody, {"options": {"num_ctx": 4096, "mirostat": 0}, "keep_alive": "5m"})
    assert body.ignored == ("num_ctx", "keep_alive")


@pytest.mark.parametrize(
    ("keep_alive", "unloads"),
    [
        (0, True),
        ("0", True),
        ("0s", True),
        ("0m", True),
        (-1, False),
        ("5m", False),
        ("10s", False),
    ],
)
def test_nothing_is_kept_where_so_is_asked(keep_alive: Any, unloads: bool) -> None:
    assert parsed(OllamaChatBody, {"keep_alive": keep_alive}).wants_unloading is unloads


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidRequest):
        asked(tools=[read_tool(), read_tool()])


def test_many_results_are_joined_to_their_calls_at_once() -> None:
    calls = [{"id": f"c{n}", "function": {"name": f"f{n}"}} for n in range(8000)]
    turn = {"role": "assistant", "tool_calls": calls}
    results = [{"role": "tool", "content": "a", "tool_name": f"f{n}"} for n in range(7999, -1, -1)]
    strange = [{"role": "tool", "content": "a", "tool_call_id": "x"}] * 8000
    began = process_time()
    told = asked((turn, *results, *strange, USER)).messages
    assert process_time() - began < 3
    assert [message.tool_call_id for message in told[1:3]] == ["c7999", "c7998"]
    assert (told[-2].tool_call_id, told[-2].name) == ("x", "")
