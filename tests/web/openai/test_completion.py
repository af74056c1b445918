import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot, Script
from tests.web.asking import CHAT, KEEPER, READ, body, frames
from tests.web.conftest import LAN, serving
from trinax.models.ports import CallPiece, Finish, Piece, TokenLogprob, Turn
from trinax.settings import Settings

CALLS = (
    Piece("Let me see."),
    CallPiece(0, "", id="c0", name="read"),
    CallPiece(0, '{"file":'),
    CallPiece(0, ' "a.md"}'),
    CallPiece(1, "{}", id="c1", name="read"),
    Finish("tool_calls", 20, 9, cached_tokens=12),
)
WHOLE_CALLS = [
    {"id": "c0", "type": "function", "function": {"name": "read", "arguments": '{"file": "a.md"}'}},
    {"id": "c1", "type": "function", "function": {"name": "read", "arguments": "{}"}},
]
TOP = (TokenLogprob("é", "é".encode(), -0.25), TokenLogprob("a", b"a", -2.0))
LOGPROB = TokenLogprob("é", "é".encode(), -0.25, TOP)
SHOWN_LOGPROB = {
    "token": "é",
    "logprob": -0.25,
    "bytes": [195, 169],
    "top_logprobs": [
        {"token": "é", "logprob": -0.25, "bytes": [195, 169]},
        {"token": "a", "logprob": -2.0, "bytes": [97]},
    ],
}


def whole(settings: Settings, *events: Any, **fields: Any) -> Any:
    with serving(settings, Script(*events)) as http:
        return http.post(CHAT, json=body(**fields)).json()


def deltas(settings: Settings, *events: Any, **fields: Any) -> list[Any]:
    """What each frame says of its choice, the roles at the beginning left out."""
    with serving(settings, Script(*events)) as http:
        *said, _, done = frames(http.post(CHAT, json=body(stream=True, **fields)).text)
    assert done == "[DONE]"
    return [frame["choices"][0] for frame in said if "role" not in frame["choices"][0]["delta"]]


def test_calls_are_told_whole(settings: Settings) -> None:
    choice = whole(settings, *CALLS, tools=[READ])["choices"][0]
    assert choice["message"]["tool_calls"] == WHOLE_CALLS
    assert choice["message"]["content"] == "Let me see."
    assert choice["finish_reason"] == "tool_calls"


def test_a_call_without_text_has_no_content(settings: Settings) -> None:
    message = whole(settings, *CALLS[1:], tools=[READ])["choices"][0]["message"]
    assert message["content"] is None
    assert "reasoning_content" not in message


def test_calls_are_streamed_as_they_are_written(settings: Settings) -> None:
    text, *calls, finish = deltas(settings, *CALLS, tools=[READ])
    assert text["delta"] == {"content": "Let me see."}
    assert [call["delta"]["tool_calls"][0] for call in calls] == [
        {
            "index": 0,
            "id": "c0",
            "type": "function",
            "function": {"name": "read", "arguments": ""},
        },
        {"index": 0, "function": {"arguments": '{"file":'}},
        {"index": 0, "function": {"arguments": ' "a.md"}'}},
        {
            "index": 1,
            "id": "c1",
            "type": "function",
            "function": {"name": "read", "arguments": "{}"},
        },
    ]
    assert (finish["delta"], finish["finish_reason"]) == ({}, "tool_calls")


def test_who_asks_in_the_older_form_is_answered_in_it(settings: Settings) -> None:
    older = {"functions": [READ["function"]]}
    choice = whole(settings, *CALLS[1:], **older)["choices"][0]
    assert choice["message"]["function_call"] == WHOLE_CALLS[0]["function"]
    assert "tool_calls" not in choice["message"]
    assert choice["finish_reason"] == "function_call"
    *parts, finish = deltas(settings, *CALLS[1:], **older)
    assert [part["delta"]["function_call"] for part in parts] == [
        {"name": "read", "arguments": ""},
        {"arguments": '{"file":'},
        {"arguments": ' "a.md"}'},
    ]
    assert finish["finish_reason"] == "function_call"


def test_reasoning_has_its_own_place(settings: Settings) -> None:
    said = (Piece("Who? [9]", channel="reasoning"), Piece("Marta."), Finish("stop", 5, 3))
    message = whole(settings, *said)["choices"][0]["message"]
    assert (message["reasoning_content"], message["content"]) == ("Who? [9]", "Marta.")
    thought, text, _ = deltas(settings, *said)
    assert thought["delta"] == {"reasoning_content": "Who? [9]"}
    assert text["delta"] == {"content": "Marta."}


def test_log_probabilities_have_openais_shape(settings: Settings) -> None:
    said = (Piece("é", logprobs=(LOGPROB,)), Piece("!"), Finish("stop", 5, 2))
    wanted = {"logprobs": True, "top_logprobs": 2}
    choice = whole(settings, *said, **wanted)["choices"][0]
    assert choice["logprobs"] == {"content": [SHOWN_LOGPROB], "refusal": None}
    first, second, _ = deltas(settings, *said, **wanted)
    assert first["logprobs"] == {"content": [SHOWN_LOGPROB], "refusal": None}
    assert second["logprobs"] is None


def test_an_answer_that_no_model_wrote_has_no_log_probabilities(settings: Settings) -> None:
    asked = body("What did the parliament of Iceland decide on whaling?", logprobs=True)
    with serving(settings, Parrot("never")) as http:
        choice = http.post(CHAT, json=asked).json()["choices"][0]
    assert choice["logprobs"] == {"content": [], "refusal": None}


def test_usage_tells_what_was_cached_and_what_was_thought(settings: Settings) -> None:
    finishes = (
        Finish("stop", 20, 4, 0, cached_tokens=8, reasoning_tokens=3),
        Finish("length", 20, 6, 1, cached_tokens=20, reasoning_tokens=2),
    )
    assert whole(settings, *finishes, n=2)["usage"] == {
        "prompt_tokens": 20,
        "completion_tokens": 10,
        "total_tokens": 30,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }


def test_a_choice_ends_when_it_ends(settings: Settings) -> None:
    said = (Piece("a", 1), Finish("length", 5, 1, 1), Piece("b", 0), Finish("stop", 5, 1, 0))
    told = deltas(settings, *said, n=2)
    assert [(one["index"], one["finish_reason"]) for one in told] == [
        (1, None),
        (1, "length"),
        (0, None),
        (0, "stop"),
    ]


def test_choices_stand_in_order(settings: Settings) -> None:
    said = (Piece("b", 1), Finish("stop", 5, 1, 1), Piece("a", 0), Finish("stop", 5, 1, 0))
    choices = whole(settings, *said, n=2)["choices"]
    assert [(one["index"], one["message"]["content"]) for one in choices] == [(0, "a"), (1, "b")]


def test_json_is_not_altered(settings: Settings) -> None:
    said = (Piece('{"n": [7]}'), Finish("stop", 5, 1))
    answer = whole(settings, *said, response_format={"type": "json_object"})
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"n": [7]}
    grounding = answer["trinaxai"]["grounding"]
    assert (grounding["verdict"], grounding["support"]) == ("answered", [])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("question", [KEEPER, "What did the parliament of Iceland decide?"])
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tools": [READ], "tool_choice": "required"}, "tool_choice"),
        ({"logprobs": True}, "logprobs"),
    ],
)
def test_what_a_quote_cannot_be_is_refused(
    http: TestClient, stream: bool, question: str, fields: dict[str, Any], param: str
) -> None:
    answer = http.post(CHAT, json=body(question, stream=stream, **fields))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "unsupported_parameter")
    assert error["param"] == param


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({"tools": [READ], "seed": 1}, "tools, seed"),
        ({"functions": [READ["function"]]}, "functions"),
        ({"tools": [READ], "tool_choice": "none"}, None),
        ({"reasoning_effort": "low", "timeout": 5}, "reasoning_effort, timeout"),
        ({"verbosity": "low", "ignore_eos": True}, "verbosity, ignore_eos"),
    ],
)
def test_what_a_quote_can_do_without_is_listed(
    http: TestClient, fields: dict[str, Any], ignored: str | None
) -> None:
    answer = http.post(CHAT, json=body(**fields))
    assert answer.status_code == 200
    assert answer.headers.get("x-trinax-ignored") == ignored


def test_who_asks_is_known_by_address(settings: Settings) -> None:
    parrot = Parrot("yes")
    with serving(settings, parrot, client=LAN) as http:
        http.post(CHAT, json=body(timeout=5))
    assert parrot.generations[0].turn == Turn(key=LAN, limit_s=5.0)
