from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot, Script
from tests.web.asking import KEEPER
from tests.web.conftest import LAN, serving
from tests.web.openai.responses.asking import READ, RESPONSES, body, events
from trinax.errors import Busy, ModelFailed
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
NOWHERE = "What did the parliament of Iceland decide on whaling?"


def whole(settings: Settings, *said: Any, **fields: Any) -> Any:
    with serving(settings, Script(*said)) as http:
        return http.post(RESPONSES, json=body(**fields)).json()


def told(settings: Settings, *said: Any, **fields: Any) -> list[Any]:
    with serving(settings, Script(*said)) as http:
        return events(http.post(RESPONSES, json=body(stream=True, **fields)).text)


def kinds(told: list[Any]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in told]


def test_an_answer_is_a_response_with_its_citation(http: TestClient) -> None:
    said = http.post(RESPONSES, json=body(metadata={"a": "b"}, temperature=0.5)).json()
    assert (said["object"], said["status"], said["error"]) == ("response", "completed", None)
    assert (said["metadata"], said["temperature"], said["store"]) == ({"a": "b"}, 0.5, False)
    (message,) = said["output"]
    (part,) = message["content"]
    assert (message["role"], part["type"]) == ("assistant", "output_text")
    assert "Marta Lindqvist" in part["text"]
    (annotation,) = part["annotations"]
    assert annotation["type"] == "file_citation"
    assert (annotation["file_id"], annotation["filename"]) == ("demo/guide.md", "guide.md")
    assert part["text"][annotation["index"] :].startswith("[1]")


def test_what_trinax_knows_of_an_answer_comes_with_it(http: TestClient) -> None:
    said = http.post(RESPONSES, json=body()).json()["trinaxai"]
    assert set(said) == {
        "model", "project", "route", "sources", "grounding", "left_out", "timing"
    }  # fmt: skip
    assert said["sources"][0]["file"] == "guide.md"
    assert said["grounding"]["verdict"] == "answered"


def test_usage_tells_what_was_cached_and_what_was_thought(settings: Settings) -> None:
    said = whole(settings, Finish("stop", 20, 4, cached_tokens=8, reasoning_tokens=3))
    assert said["usage"] == {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
        "output_tokens": 4,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 24,
    }


def test_text_is_told_in_openais_order(settings: Settings) -> None:
    said = told(settings, Piece("The keeper is"), Piece(" Marta [1]."), Finish("stop", 5, 3))
    assert kinds(said) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    deltas = [event["delta"] for event in said if "delta" in event]
    assert "".join(deltas) == said[7]["text"] == said[8]["part"]["text"]
    assert said[6]["annotation"] == said[8]["part"]["annotations"][0]
    assert said[9]["item"] == said[10]["response"]["output"][0]
    item = said[2]["item"]
    assert (item["status"], item["content"]) == ("in_progress", [])
    assert {event["item_id"] for event in said if "item_id" in event} == {item["id"]}


def test_a_stream_ends_with_what_a_whole_answer_says(http: TestClient) -> None:
    streamed = events(http.post(RESPONSES, json=body(stream=True)).text)[-1]["response"]
    said = http.post(RESPONSES, json=body()).json()
    assert set(streamed) == set(said)
    assert streamed["output"][0]["content"] == said["output"][0]["content"]
    for key in ("status", "usage", "model", "tools", "text"):
        assert streamed[key] == said[key]
    assert streamed["trinaxai"]["sources"] == said["trinaxai"]["sources"]


def test_a_response_begins_empty(http: TestClient) -> None:
    created, running, *_ = events(http.post(RESPONSES, json=body(stream=True)).text)
    assert created["response"] == running["response"]
    begun = created["response"]
    assert (begun["status"], begun["output"], begun["usage"]) == ("in_progress", [], None)
    assert begun["completed_at"] is None


def test_calls_are_items(settings: Settings) -> None:
    said = whole(settings, *CALLS, tools=[READ])
    message, first, second = said["output"]
    assert message["content"][0]["text"] == "Let me see."
    assert (first["type"], first["call_id"], first["name"]) == ("function_call", "c0", "read")
    assert (first["arguments"], second["arguments"]) == ('{"file": "a.md"}', "{}")
    assert said["status"] == "completed"
    assert said["tools"] == [{**READ, "description": None, "strict": False}]


def test_calls_are_streamed_as_they_are_written(settings: Settings) -> None:
    said = told(settings, *CALLS, tools=[READ])
    assert kinds(said)[2:] == [
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    added = [event for event in said if event["type"] == "response.output_item.added"]
    assert [event["output_index"] for event in added] == [0, 1, 2]
    assert (added[1]["item"]["name"], added[1]["item"]["arguments"]) == ("read", "")
    done = [event for event in said if event["type"].endswith("arguments.done")]
    assert [event["arguments"] for event in done] == ['{"file": "a.md"}', "{}"]


def test_calls_that_are_written_at_once_are_kept_apart(settings: Settings) -> None:
    said = (
        CallPiece(0, '{"a"', id="c0", name="read"),
        CallPiece(1, '{"b"', id="c1", name="read"),
        CallPiece(0, ": 1}"),
        CallPiece(1, ": 2}"),
        Finish("tool_calls", 5, 4),
    )
    output = whole(settings, *said, tools=[READ])["output"]
    assert [item["arguments"] for item in output] == ['{"a": 1}', '{"b": 2}']


def test_reasoning_is_an_item_of_its_own(settings: Settings) -> None:
    pieces = (Piece("Who? [9]", channel="reasoning"), Piece("Marta."), Finish("stop", 5, 3))
    said = told(settings, *pieces)
    thought, message = said[-1]["response"]["output"]
    assert thought["content"] == [{"type": "reasoning_text", "text": "Who? [9]"}]
    assert (thought["type"], thought["summary"]) == ("reasoning", [])
    assert message["content"][0]["text"] == "Marta."
    assert kinds(said)[2:7] == [
        "output_item.added",
        "content_part.added",
        "reasoning_text.delta",
        "reasoning_text.done",
        "content_part.done",
    ]


def test_an_answer_that_was_cut_is_incomplete(settings: Settings) -> None:
    said = told(settings, Piece("one two"), Finish("length", 5, 2), max_output_tokens=2)
    assert said[-1]["type"] == "response.incomplete"
    response = said[-1]["response"]
    assert (response["status"], response["completed_at"]) == ("incomplete", None)
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete"
    assert response["max_output_tokens"] == 2


def test_an_answer_without_a_word_is_an_empty_message(settings: Settings) -> None:
    (message,) = whole(settings, Finish("stop", 5, 0))["output"]
    assert message["content"][0]["text"] == ""


def test_log_probabilities_come_with_the_text(settings: Settings) -> None:
    logprob = TokenLogprob("é", "é".encode(), -0.25, (TokenLogprob("a", b"a", -2.0),))
    said = told(settings, Piece("é", logprobs=(logprob,)), Finish("stop", 5, 1), top_logprobs=1)
    expected = {
        "token": "é",
        "logprob": -0.25,
        "bytes": [195, 169],
        "top_logprobs": [{"token": "a", "logprob": -2.0, "bytes": [97]}],
    }
    delta, done = said[4], said[5]
    assert delta["logprobs"] == done["logprobs"] == [expected]
    assert said[-1]["response"]["output"][0]["content"][0]["logprobs"] == [expected]


def test_brackets_in_what_a_program_reads_are_no_citations(settings: Settings) -> None:
    form = {"format": {"type": "json_object"}}
    said = whole(settings, Piece('{"n": [1]}'), Finish("stop", 5, 1), text=form)
    assert said["output"][0]["content"][0]["annotations"] == []
    assert said["trinaxai"]["sources"] != []


def test_each_number_of_a_citation_is_told(settings: Settings) -> None:
    said = whole(settings, Piece("The keeper is Marta Lindqvist [1, 1]."), Finish("stop", 5, 1))
    part = said["output"][0]["content"][0]
    assert [each["index"] for each in part["annotations"]] == [part["text"].index("[")]


def test_nothing_in_the_collections_is_said_so(http: TestClient) -> None:
    said = http.post(RESPONSES, json=body(NOWHERE)).json()
    assert said["trinaxai"]["grounding"]["verdict"] == "insufficient"
    assert said["output"][0]["content"][0]["annotations"] == []


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"collections": ["nowhere"]}, 404, "collection_not_found", "collections"),
        ({"input": []}, 400, "invalid_request", "input"),
        ({"previous_response_id": "a"}, 400, "unsupported_parameter", "previous_response_id"),
        (
            {"text": {"format": {"type": "json_object"}}},
            400,
            "unsupported_parameter",
            "text.format",
        ),
        ({"top_logprobs": 1}, 400, "unsupported_parameter", "top_logprobs"),
        (
            {"include": ["message.output_text.logprobs"]},
            400,
            "unsupported_parameter",
            "include",
        ),
        ({"tools": [{"type": "web_search"}]}, 400, "web_search_off", "tools"),
        ({"web_search": True}, 400, "web_search_off", "web_search"),
    ],
)
def test_early_failures_keep_their_status(
    http: TestClient, stream: bool, fields: dict[str, Any], status: int, code: str, param: str
) -> None:
    answer = http.post(RESPONSES, json=body() | {"stream": stream} | fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


@pytest.mark.parametrize("stream", [False, True])
def test_an_overlong_question_is_named(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("yes", context_tokens=400)) as http:
        asked = body(KEEPER + " lamp" * 500, stream=stream, model="parrot")
        error = http.post(RESPONSES, json=asked).json()["error"]
    assert (error["code"], error["param"]) == ("context_length_exceeded", "input")


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_the_first_word_keeps_its_status(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("one", failure=Busy("The model", 3))) as http:
        answer = http.post(RESPONSES, json=body(stream=stream))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")


def test_a_later_failure_is_the_last_event(settings: Settings) -> None:
    broken = Parrot("one two three", failure=ModelFailed("parrot", "it broke"), fails_after=2)
    with serving(settings, broken) as http:
        said = events(http.post(RESPONSES, json=body(stream=True)).text)
    assert said[-1]["type"] == "response.failed"
    response = said[-1]["response"]
    assert (response["status"], response["error"]["code"]) == ("failed", "model_failed")
    assert "it broke" in response["error"]["message"]
    (message,) = response["output"]
    assert (message["status"], message["content"][0]["text"]) == ("incomplete", "one two")


@pytest.mark.parametrize("stream", [False, True])
def test_what_had_no_effect_is_listed(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("yes")) as http:
        answer = http.post(RESPONSES, json=body(stream=stream, store=True, seed=1))
    assert answer.headers["x-trinax-ignored"] == "store, seed"


def test_effort_without_effect_is_listed_by_its_own_name(http: TestClient) -> None:
    answer = http.post(RESPONSES, json=body(reasoning={"effort": "low"}))
    assert answer.headers["x-trinax-ignored"] == "reasoning.effort"


def test_who_asks_is_known_by_address(settings: Settings) -> None:
    parrot = Parrot("yes")
    with serving(settings, parrot, client=LAN) as http:
        http.post(RESPONSES, json=body(timeout=5))
    assert parrot.generations[0].turn == Turn(key=LAN, limit_s=5.0)
