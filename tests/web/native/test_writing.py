import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot, Script
from tests.web.asking import KEEPER, READ, body
from tests.web.conftest import serving
from tests.web.native.asking import CHAT, GENERATE, lines, whole
from tests.web.openai.test_generating import COUNTED
from trinax.errors import ModelFailed
from trinax.models.ports import CallPiece, Finish, Piece
from trinax.settings import Settings

TOLD = ("sources", "route", "grounding", "left_out", "timing", "usage", "finish_reason", "model")
CALLING = (
    Piece("I look.", channel="reasoning"),
    Piece("Let me see."),
    CallPiece(0, "", id="c0", name="read"),
    CallPiece(0, '{"file": '),
    CallPiece(0, '"a.md"}'),
    CallPiece(1, "{}", id="c1", name="read"),
    Finish("tool_calls", 5, 9),
)


def counting(**fields: Any) -> dict[str, Any]:
    return body(model="counting", temperature=0, **fields)


def prompted(**fields: Any) -> dict[str, Any]:
    return {"model": "counting", "prompt": KEEPER, "temperature": 0, **fields}


def test_a_stream_is_lines_of_text_and_a_last_one_that_is_done(http: TestClient) -> None:
    *said, last = lines(http, CHAT, counting())
    assert "".join(line["delta"] for line in said) == COUNTED
    assert all("done" not in line for line in said)
    assert (last["done"], last["finish_reason"], last["model"]) == (True, "stop", "counting")
    assert last["usage"]["completion_tokens"] == 10
    assert all(name in last for name in TOLD)


def test_a_whole_answer_is_all_lines_in_one(http: TestClient) -> None:
    answer = whole(http, CHAT, counting())
    *_, last = lines(http, CHAT, counting())
    assert answer["message"] == {"role": "assistant", "content": COUNTED}
    assert {*answer} == {*last} - {"done"} | {"message"}
    assert answer["sources"][0]["file"] == "guide.md"


def test_an_answer_from_the_collections_is_cited(http: TestClient) -> None:
    answer = whole(http, CHAT, body(model="trinax-extract"))
    assert "Marta Lindqvist" in answer["message"]["content"]
    assert answer["grounding"]["verdict"] == "answered"
    assert answer["route"]["forced"]


def test_no_model_need_be_named(http: TestClient) -> None:
    answer = whole(http, CHAT, body())
    assert not answer["route"]["forced"]
    assert answer["model"] == answer["route"]["model"]


def test_a_message_can_be_sent_back_as_it_is(settings: Settings) -> None:
    parrot = Script(*CALLING)
    with serving(settings, parrot) as http:
        said = whole(http, CHAT, body(tools=[READ]))["message"]
        results = [
            {"role": "tool", "tool_call_id": call["id"], "content": "x"}
            for call in said["tool_calls"]
        ]
        whole(http, CHAT, {"messages": [*body()["messages"], said, *results], "tools": [READ]})
    sent = next(each for each in parrot.generations[-1].messages if each.role == "assistant")
    assert (sent.content, sent.reasoning) == ("Let me see.", "I look.")
    assert [call.id for call in sent.tool_calls] == ["c0", "c1"]


def test_thoughts_and_calls_have_their_place_in_lines(settings: Settings) -> None:
    with serving(settings, Script(*CALLING)) as http:
        thought, said, called, last = lines(http, CHAT, body(tools=[READ]))
    assert thought == {"delta": "", "reasoning": "I look."}
    assert said == {"delta": "Let me see."}
    assert called["delta"] == ""
    arguments = [call["function"]["arguments"] for call in called["tool_calls"]]
    assert arguments == ['{"file": "a.md"}', "{}"]
    assert last["finish_reason"] == "tool_calls"


def test_log_probabilities_stand_beside_their_text(http: TestClient) -> None:
    asked = counting(logprobs=True, top_logprobs=2)
    *said, _ = lines(http, CHAT, asked)
    streamed = [token for line in said for token in line.get("logprobs", [])]
    assert "".join(token["token"] for token in streamed).strip() == COUNTED
    assert [token["token"] for token in whole(http, CHAT, asked)["logprobs"]] == [
        token["token"] for token in streamed
    ]


def test_a_prompt_is_answered_like_a_message(http: TestClient) -> None:
    *said, last = lines(http, GENERATE, prompted())
    assert "".join(line["delta"] for line in said) == COUNTED
    assert last["sources"][0]["file"] == "guide.md"
    answer = whole(http, GENERATE, prompted())
    assert answer["text"] == COUNTED
    assert "message" not in answer


def test_a_system_text_goes_before_a_prompt(settings: Settings) -> None:
    parrot = Parrot("Yes.")
    with serving(settings, parrot) as http:
        whole(http, GENERATE, {"prompt": "Hi", "system": "Be brief.", "collections": []})
    roles = [(each.role, each.content) for each in parrot.generations[0].messages]
    assert roles == [("system", "Be brief."), ("user", "Hi")]


def test_a_raw_prompt_is_continued_as_it_is(http: TestClient) -> None:
    asked = prompted(prompt="<|im_start|>assistant\n", raw=True)
    *said, last = lines(http, GENERATE, asked)
    assert "".join(line["delta"] for line in said).strip() == COUNTED
    assert last["usage"]["prompt_tokens"] < 40
    assert "sources" not in last
    assert last["timing"]["total"] > 0
    assert whole(http, GENERATE, asked)["text"].strip() == COUNTED


def test_a_gap_is_filled_in(http: TestClient) -> None:
    answer = whole(http, GENERATE, prompted(model="auto", prompt="def a(", suffix="):"))
    assert (answer["text"].strip(), answer["model"]) == (COUNTED, "filling")


def test_a_raw_prompt_has_no_place_for_more(http: TestClient) -> None:
    asked = prompted(raw=True, system="Be brief.", collections=["demo"], tools=[READ], store=True)
    answer = http.post(GENERATE, json=asked)
    assert answer.headers["x-trinax-ignored"] == "store, system, collections, tools"


def test_what_has_no_effect_is_listed(http: TestClient) -> None:
    for stream in (True, False):
        asked = body(model="trinax-extract", seed=1, metadata={"a": "b"}, stream=stream)
        answer = http.post(CHAT, json=asked)
        assert answer.headers["x-trinax-ignored"] == "metadata, seed"


def test_an_answer_that_was_cut_off_says_so(http: TestClient) -> None:
    answer = whole(http, CHAT, counting(max_tokens=3))
    assert (answer["finish_reason"], answer["usage"]["completion_tokens"]) == ("length", 3)


@pytest.mark.parametrize(
    ("path", "fields", "status", "code", "param"),
    [
        (CHAT, {"model": "gpt-9"}, 404, "model_not_found", "model"),
        (CHAT, {"model": "nomic"}, 400, "invalid_request", "model"),
        (CHAT, {"collections": ["none"]}, 404, "collection_not_found", "collections"),
        (CHAT, {"n": 2}, 400, "unsupported_parameter", "n"),
        (CHAT, {"temperature": 9}, 400, "invalid_request", "temperature"),
        (CHAT, {"messages": []}, 400, "invalid_request", "messages"),
        (CHAT, {"messages": [{"role": "user", "content": 5}]}, 400, "invalid_request", None),
        (GENERATE, {"prompt": " "}, 400, "invalid_request", "prompt"),
        (GENERATE, {"prompt": "", "raw": True}, 400, "invalid_request", "prompt"),
        (GENERATE, {"prompt": "one " * 9000, "raw": True}, 400, "context_length_exceeded", None),
        (
            GENERATE,
            {"prompt": "one " * 9000, "collections": []},
            400,
            "context_length_exceeded",
            "prompt",
        ),
        (GENERATE, {"model": "trinax-extract", "raw": True}, 400, "invalid_request", "model"),
        (GENERATE, {"n": 2}, 400, "unsupported_parameter", "n"),
        (GENERATE, {"suffix": "b"}, 400, "unsupported_parameter", "suffix"),
    ],
)
def test_a_failure_before_the_first_line_has_its_status(
    http: TestClient, path: str, fields: Any, status: int, code: str, param: str | None
) -> None:
    asked = prompted() if path == GENERATE else counting()
    for stream in (True, False):
        answer = http.post(path, json={**asked, **fields, "stream": stream})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert param in (None, answer.json()["error"]["param"])


def test_a_later_failure_is_the_last_line(settings: Settings) -> None:
    failing = Parrot("on and on", failure=ModelFailed("parrot", "it broke"), fails_after=2)
    with serving(settings, failing) as http:
        *said, last = http.post(CHAT, json=body(stream=True)).text.splitlines()
    assert len(said) == 2
    assert json.loads(last)["error"]["code"] == "model_failed"


@pytest.mark.parametrize("path", [CHAT, GENERATE])
def test_nothing_but_json_is_taken(http: TestClient, path: str) -> None:
    for content in (b"[]", b"{", b"\xff", b'{"prompt": "\\ud800"}'):
        assert http.post(path, content=content).status_code == 400
