import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot, Script
from tests.web.conftest import serving
from tests.web.ollama.asking import COUNTED, KEEPER, chat, lines, read_tool, whole
from trinax.errors import ModelFailed
from trinax.models.ports import CallPiece, Finish, Piece
from trinax.settings import Settings

COUNTS = ("prompt_eval_count", "eval_count")
DURATIONS = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
EXACT = {"temperature": 0}


def counting(**fields: Any) -> dict[str, Any]:
    return chat(model="counting", options=EXACT, **fields)


def prompted(**fields: Any) -> dict[str, Any]:
    return {"model": "counting", "prompt": KEEPER, "options": EXACT, **fields}


def test_a_stream_is_what_comes_unless_it_is_declined(http: TestClient) -> None:
    *said, last = lines(http, "/api/chat", counting())
    assert "".join(line["message"]["content"] for line in said) == COUNTED
    assert all(line["done"] is False and "done_reason" not in line for line in said)
    assert {line["message"]["role"] for line in (*said, last)} == {"assistant"}
    assert (last["done"], last["done_reason"], last["message"]["content"]) == (True, "stop", "")


def test_a_whole_answer_is_all_lines_in_one(http: TestClient) -> None:
    answer = whole(http, "/api/chat", counting())
    assert answer["message"] == {"role": "assistant", "content": COUNTED}
    assert (answer["model"], answer["done"], answer["done_reason"]) == ("counting", True, "stop")
    assert answer["eval_count"] == 10
    assert answer["prompt_eval_count"] > 100
    assert all(answer[name] > 0 for name in DURATIONS)
    spent = sum(answer[name] for name in DURATIONS[1:])
    assert answer["total_duration"] >= spent


def test_the_last_line_tells_the_sources(http: TestClient) -> None:
    *_, last = lines(http, "/api/chat", chat(model="trinax-extract"))
    assert last["trinaxai"]["sources"][0]["file"] == "guide.md"
    assert last["trinaxai"]["grounding"]["verdict"] == "answered"
    assert last["trinaxai"]["route"]["model"] == "trinax-extract"
    assert all(name in last for name in (*COUNTS, *DURATIONS))


def test_no_model_need_be_named(http: TestClient) -> None:
    answer = whole(http, "/api/chat", chat())
    assert answer["trinaxai"]["route"]["forced"] is False
    assert answer["model"] == answer["trinaxai"]["route"]["model"]


def test_without_collections_nothing_is_retrieved(http: TestClient) -> None:
    answer = whole(http, "/api/chat", counting(collections=[]))
    assert answer["trinaxai"]["grounding"]["verdict"] == "ungrounded"
    assert answer["prompt_eval_count"] < 100


def test_a_prompt_is_answered_like_a_message(http: TestClient) -> None:
    *said, last = lines(http, "/api/generate", prompted())
    assert "".join(line["response"] for line in said) == COUNTED
    assert (last["response"], last["done_reason"]) == ("", "stop")
    answer = whole(http, "/api/generate", prompted())
    assert answer["response"] == COUNTED
    assert answer["trinaxai"]["sources"][0]["file"] == "guide.md"
    assert "message" not in answer


def test_an_answer_that_was_cut_off_says_so(http: TestClient) -> None:
    asked = counting()
    asked["options"] = {**EXACT, "num_predict": 3}
    answer = whole(http, "/api/chat", asked)
    assert (answer["done_reason"], answer["eval_count"]) == ("length", 3)


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_a_model_is_loaded_and_unloaded_without_a_question(own: TestClient, path: str) -> None:
    [loaded] = lines(own, path, {"model": "counting"})
    assert (loaded["done"], loaded["done_reason"]) == (True, "load")
    assert whole(own, path, {"model": "counting", "keep_alive": 0})["done_reason"] == "unload"
    assert whole(own, path, {"model": "nomic"})["done_reason"] == "load"
    assert whole(own, path, {"model": "auto"})["done_reason"] == "load"


def test_what_has_no_effect_is_listed(http: TestClient) -> None:
    asked = chat(model="trinax-extract", options={"num_ctx": 1, "num_predict": 9, "top_k": 1})
    answer = http.post("/api/chat", json={**asked, "think": True, "keep_alive": "5m"})
    assert answer.headers["x-trinax-ignored"] == "num_ctx, keep_alive, think, top_k"


def test_log_probabilities_are_told(http: TestClient) -> None:
    answer = whole(http, "/api/chat", counting(logprobs=True, top_logprobs=2))
    tokens = answer["logprobs"]
    assert "".join(token["token"] for token in tokens).strip() == COUNTED
    assert all(len(token["top_logprobs"]) == 2 and token["logprob"] <= 0 for token in tokens)


@pytest.mark.parametrize("model", ["filling", "filling:latest", "auto"])
def test_a_gap_is_filled_in(http: TestClient, model: str) -> None:
    asked = {"model": model, "prompt": "def a(", "suffix": "):", "options": EXACT}
    *said, last = lines(http, "/api/generate", asked)
    assert "".join(line["response"] for line in said).strip() == COUNTED
    assert (last["model"], last["done_reason"], last["eval_count"]) == ("filling", "stop", 10)
    assert last["prompt_eval_count"] > 8
    assert last["total_duration"] >= last["eval_duration"] > 0
    assert "trinaxai" not in last


def test_a_raw_prompt_is_continued_as_it_is(http: TestClient) -> None:
    prompt = "<|im_start|>assistant\n"
    answer = whole(http, "/api/generate", prompted(prompt=prompt, raw=True, logprobs=True))
    assert answer["response"] == f" {COUNTED}"
    assert answer["prompt_eval_count"] < 40
    assert len(answer["logprobs"]) == 10


def test_a_raw_prompt_has_no_place_for_more(http: TestClient) -> None:
    asked = prompted(raw=True, system="Be brief.", collections=["demo"], template="x")
    answer = http.post("/api/generate", json=asked)
    assert answer.headers["x-trinax-ignored"] == "template, system, collections"


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"suffix": "b"}, "suffix", "'filling' can"),
        ({"model": "trinax-extract", "raw": True}, "model", "continues no text"),
        ({"prompt": "one two " * 9000, "raw": True}, "prompt", "tokens and 'counting' takes 4095"),
        ({"prompt": "one two " * 9000, "collections": []}, "prompt", "and 'counting' takes"),
        ({"format": {"type": 5}, "raw": True}, "format", "type must be a string"),
    ],
)
def test_what_cannot_be_continued_is_refused(
    http: TestClient, body: Any, param: str, words: str
) -> None:
    answer = http.post("/api/generate", json=prompted(**body))
    assert (answer.status_code, answer.json()["param"]) == (400, param)
    assert words in answer.json()["error"]


def test_nothing_continues_a_prompt_without_a_model(settings: Settings) -> None:
    with serving(settings) as http:
        for body in ({"raw": True}, {"suffix": "b"}):
            answer = http.post("/api/generate", json={"prompt": "a", **body})
            assert (answer.status_code, answer.json()["code"]) == (400, "no_generative_model")


def scripted(settings: Settings, *events: Piece | CallPiece | Finish, **fields: Any) -> Any:
    with serving(settings, Script(*events)) as http:
        return (
            lines(http, "/api/chat", chat(**fields)),
            whole(http, "/api/chat", chat(**fields)),
        )


def test_calls_come_whole_and_with_objects(settings: Settings) -> None:
    calls = (
        CallPiece(0, "", id="c0", name="read"),
        CallPiece(0, '{"file": '),
        CallPiece(1, "", id="c1", name="now"),
        CallPiece(0, '"a.md"}'),
        Finish("tool_calls", 5, 9),
    )
    streamed, answer = scripted(settings, *calls, tools=[read_tool()])
    read = {"index": 0, "name": "read", "arguments": {"file": "a.md"}}
    now = {"index": 1, "name": "now", "arguments": {}}
    expected = [{"id": "c0", "function": read}, {"id": "c1", "function": now}]
    assert answer["message"]["tool_calls"] == expected
    assert answer["done_reason"] == "stop"
    assert [line["message"].get("tool_calls") for line in streamed] == [expected, None]


def test_a_call_that_was_cut_off_is_not_made(settings: Settings) -> None:
    cut = (CallPiece(0, '{"file": "a', id="c0", name="read"), Finish("length", 5, 9))
    _, answer = scripted(settings, *cut, tools=[read_tool()])
    assert "tool_calls" not in answer["message"]
    assert answer["message"]["content"] == 'read {"file": "a'
    assert answer["done_reason"] == "length"


def test_thoughts_are_apart_from_the_answer(settings: Settings) -> None:
    thought = (Piece("Hm. ", channel="reasoning"), Piece("Marta."), Finish("stop", 5, 9))
    streamed, answer = scripted(settings, *thought)
    assert (answer["message"]["thinking"], answer["message"]["content"]) == ("Hm. ", "Marta.")
    assert streamed[0]["message"] == {"role": "assistant", "content": "", "thinking": "Hm. "}


def test_a_prompt_is_thought_about_too(settings: Settings) -> None:
    thought = Script(Piece("Hm. ", channel="reasoning"), Piece("Marta."), Finish("stop", 5, 9))
    with serving(settings, thought) as http:
        answer = whole(http, "/api/generate", {"prompt": KEEPER})
    assert (answer["thinking"], answer["response"]) == ("Hm. ", "Marta.")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"format": "xml"}, "format"),
        ({"format": "json", "model": "trinax-extract"}, "format"),
        ({"format": {"type": 5}, "stream": True}, "format"),
        ({"options": {"temperature": 3}}, "options.temperature"),
        ({"options": {"stop": ["a"] * 65}}, "options.stop"),
        ({"think": "deeply"}, "think"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"messages": [{"role": "user", "content": "Hi", "images": ["aGk="]}]}, None),
    ],
)
def test_what_cannot_be_honoured_is_refused(http: TestClient, body: Any, param: str | None) -> None:
    answer = http.post("/api/chat", json={**chat(model="counting"), **body})
    assert answer.status_code == 400
    assert answer.json()["param"] == (param or "messages[0].images")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found"),
        ({"model": "nomic"}, 400, "invalid_request"),
        ({"collections": ["nothing"]}, 404, "collection_not_found"),
        (
            {"messages": [{"role": "user", "content": "one two " * 9000}], "collections": []},
            400,
            "context_length_exceeded",
        ),
    ],
)
def test_a_failure_before_the_first_line_has_its_status(
    http: TestClient, body: Any, status: int, code: str
) -> None:
    asked = {**chat(model="counting"), **body}
    for stream in (True, False):
        answer = http.post("/api/chat", json={**asked, "stream": stream})
        assert answer.status_code == status
        assert answer.json()["code"] == code
        assert isinstance(answer.json()["error"], str)


def test_a_later_failure_is_the_last_line(settings: Settings) -> None:
    failing = Parrot("on and on", failure=ModelFailed("parrot", "it broke"), fails_after=2)
    with serving(settings, failing) as http:
        *said, last = http.post("/api/chat", json=chat()).text.splitlines()
    assert len(said) == 2
    assert json.loads(last)["error"] == "Model 'parrot' failed: it broke."
    assert "done" not in json.loads(last)
