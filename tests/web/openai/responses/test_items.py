from time import process_time
from typing import Any

import pytest

from trinax.errors import InvalidRequest, UnsupportedParameter
from trinax.models.ports import Message, ToolCall
from trinax.web.declaring.body import parsed
from trinax.web.openai.responses.body import ResponsesBody, response_request

QUESTION = {"type": "message", "role": "user", "content": "Who is the keeper?"}
ASKED = Message("user", "Who is the keeper?")
CALL = {"type": "function_call", "call_id": "c1", "name": "read", "arguments": '{"n": 1}'}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "Marta"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]}


def said(*items: Any) -> tuple[Message, ...]:
    asked = parsed(ResponsesBody, {"input": list(items)})
    return response_request(asked).ask.messages


def test_a_message_needs_no_type() -> None:
    assert said({"role": "user", "content": "Who is the keeper?"}) == (ASKED,)


def test_text_parts_are_joined() -> None:
    parts = [{"type": "input_text", "text": "Who is "}, {"type": "text", "text": "the keeper?"}]
    assert said({**QUESTION, "content": parts}) == (ASKED,)


def test_an_answer_comes_back_as_it_was_given() -> None:
    part = {"type": "output_text", "text": "Marta", "annotations": [], "logprobs": []}
    given = {"type": "message", "id": "m", "status": "completed", "role": "assistant"}
    answer = Message("assistant", "Marta")
    assert said(QUESTION, {**given, "content": [part]}, QUESTION) == (ASKED, answer, ASKED)


def test_a_developer_speaks_for_the_system() -> None:
    developer = {"type": "message", "role": "developer", "content": "Be brief."}
    assert said(developer, QUESTION)[0] == Message("system", "Be brief.")


def test_calls_and_their_outputs_make_a_conversation() -> None:
    second = {**CALL, "call_id": "c2", "arguments": "{}"}
    turn, *results = said(
        QUESTION, THOUGHT, CALL, second, OUTPUT, {**OUTPUT, "call_id": "c2", "output": []}
    )[1:]
    calls = (ToolCall("c1", "read", '{"n": 1}'), ToolCall("c2", "read", "{}"))
    assert turn == Message("assistant", "", "hm", calls)
    assert results == [
        Message("tool", "Marta", tool_call_id="c1", name="read"),
        Message("tool", "", tool_call_id="c2", name="read"),
    ]


def test_text_before_a_call_is_of_the_same_turn() -> None:
    before = {"role": "assistant", "content": "Let me see."}
    turn = said(QUESTION, before, CALL, OUTPUT)[1]
    assert (turn.content, [call.id for call in turn.tool_calls]) == ("Let me see.", ["c1"])


@pytest.mark.parametrize(
    ("item", "thought"),
    [
        (THOUGHT, "hm"),
        ({**THOUGHT, "content": [{"type": "reasoning_text", "text": "raw"}]}, "raw"),
        ({"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}, ""),
    ],
)
def test_reasoning_belongs_to_what_follows(item: dict[str, Any], thought: str) -> None:
    turn = said(QUESTION, item, {"role": "assistant", "content": "Marta"}, QUESTION)[1]
    assert turn == Message("assistant", "Marta", thought)


def test_searches_that_were_made_are_passed_over() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    assert said(search, QUESTION) == (ASKED,)


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"content": "a"}, ".role"),
        ({"role": "tool", "content": "a"}, ".role"),
        ({"role": "user"}, ".content"),
        ({"role": "user", "content": [{"type": "input_text"}]}, ".content[0].text"),
        ({**CALL, "call_id": None}, ".call_id"),
        ({**CALL, "name": " "}, ".name"),
        ({**CALL, "arguments": {}}, ".arguments"),
        ({**OUTPUT, "call_id": ""}, ".call_id"),
        ({**OUTPUT, "output": None}, ".output"),
    ],
)
def test_a_wrong_item_is_named(item: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        said(item, QUESTION)
    assert refused.value.param == f"input[0]{place}"


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"type": "item_reference", "id": "msg_1"}, ".type"),
        ({"type": "computer_call_output", "call_id": "a"}, ".type"),
        ({"role": "user", "content": [{"type": "input_image"}]}, ".content[0].type"),
        ({**OUTPUT, "output": [{"type": "input_file"}]}, ".output[0].type"),
    ],
)
def test_what_no_model_here_takes_is_refused(item: dict[str, Any], place: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        said(item, QUESTION)
    assert refused.value.param == f"input[0]{place}"


@pytest.mark.parametrize("items", [[CALL, OUTPUT], [QUESTION, CALL], [{**QUESTION, "content": ""}]])
def test_there_is_a_question_to_answer(items: list[Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        said(*items)
    assert refused.value.param == "input"


def test_text_and_thought_before_calls_are_kept() -> None:
    before = {"role": "assistant", "content": "Let me see."}
    turn = said(QUESTION, before, THOUGHT, CALL, OUTPUT)[1]
    assert (turn.content, turn.reasoning) == ("Let me see.", "hm")


def test_a_conversation_of_many_calls_is_read_at_once() -> None:
    began = process_time()
    read = said(QUESTION, *[CALL] * 8000, *[OUTPUT] * 8000)
    assert process_time() - began < 3
    assert (len(read[1].tool_calls), read[-1].name) == (8000, "read")
