import hashlib
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.asking import CHAT, KEEPER, READ, body, frames
from tests.web.conftest import serving
from trinax.errors import Busy, ModelFailed
from trinax.settings import Settings


def test_an_answer_cites_the_file_and_the_lines(http: TestClient) -> None:
    said = http.post(CHAT, json=body()).json()
    assert said["object"] == "chat.completion"
    assert "Marta Lindqvist" in said["choices"][0]["message"]["content"]
    assert "[1]" in said["choices"][0]["message"]["content"]
    source = said["trinaxai"]["sources"][0]
    assert (source["n"], source["file"], source["collection_id"]) == (1, "guide.md", "demo")
    assert source["start_line"] <= 9 <= source["end_line"]
    assert said["trinaxai"]["grounding"]["verdict"] == "answered"


def test_an_answer_has_exactly_the_promised_keys(http: TestClient) -> None:
    said = http.post(CHAT, json=body()).json()
    assert set(said) == {"id", "object", "created", "model", "choices", "usage", "trinaxai"}
    assert said["id"].startswith("chatcmpl-")
    assert set(said["choices"][0]) == {"index", "message", "logprobs", "finish_reason"}
    assert set(said["trinaxai"]) == {
        "model", "project", "route", "sources", "grounding", "left_out", "timing"
    }  # fmt: skip
    assert set(said["trinaxai"]["sources"][0]) == {
        "n", "chunk_id", "file", "collection_id", "collection", "project", "page", "start_line",
        "end_line", "start_byte", "end_byte", "sha256", "snippet", "score", "url",
    }  # fmt: skip
    assert set(said["trinaxai"]["route"]) == {"kind", "model", "reasons", "forced"}
    usage = said["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_nothing_in_the_collections_is_said_so(http: TestClient) -> None:
    said = http.post(
        CHAT, json=body("What did the parliament of Iceland decide on whaling?")
    ).json()
    assert said["trinaxai"]["grounding"]["verdict"] == "insufficient"
    assert said["trinaxai"]["sources"] == []
    assert said["choices"][0]["message"]["content"] == "Nothing in your collections answers this."


def test_a_question_about_a_function_cites_its_lines(http: TestClient, settings: Settings) -> None:
    said = http.post(CHAT, json=body("How are the seconds of a duration text parsed?")).json()
    cited = said["trinaxai"]["grounding"]["support"][0]["sources"]
    source = next(one for one in said["trinaxai"]["sources"] if one["n"] == cited[0])
    assert source["file"] == "timer.py"
    content = (settings.collections_dir / "demo" / "timer.py").read_bytes()
    quoted = content[source["start_byte"] : source["end_byte"]]
    assert b"def parse_duration" in quoted
    assert source["start_line"] <= 4 <= source["end_line"]
    assert hashlib.sha256(quoted).hexdigest() == source["sha256"]


def test_the_language_of_the_question_is_kept(http: TestClient) -> None:
    said = http.post(CHAT, json=body("¿Qué decidió el parlamento de Islandia sobre las ballenas?"))
    content = said.json()["choices"][0]["message"]["content"]
    assert content == "Nada en tus colecciones responde a esto."


def test_without_collections_nothing_is_retrieved(settings: Settings) -> None:
    with serving(settings, Parrot("A list is [1, 2]")) as http:
        said = http.post(CHAT, json=body(collections=[])).json()
    assert said["choices"][0]["message"]["content"] == "A list is [1, 2]"
    grounding = said["trinaxai"]["grounding"]
    assert grounding == {"verdict": "ungrounded", "support": [], "confidence": None}


def test_a_stream_begins_with_the_role_and_ends_with_what_was_found(settings: Settings) -> None:
    with serving(settings, Parrot("The keeper is Marta Lindqvist [1].")) as http:
        answer = http.post(CHAT, json=body(stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    first, *middle, finish, last, done = frames(answer.text)
    assert first["choices"] == [
        {
            "index": 0,
            "delta": {"role": "assistant", "content": ""},
            "logprobs": None,
            "finish_reason": None,
        }
    ]
    texts = [frame["choices"][0]["delta"]["content"] for frame in middle]
    assert "".join(texts) == "The keeper is Marta Lindqvist [1]."
    assert len(texts) > 3
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert finish["choices"][0]["delta"] == {}
    assert last["choices"] == []
    assert last["trinaxai_sources"][0]["file"] == "guide.md"
    assert set(last["trinaxai"]) == {"route", "grounding", "left_out", "timing"}
    assert "usage" not in last
    assert done == "[DONE]"


def test_every_frame_is_whole(settings: Settings) -> None:
    with serving(settings, Parrot("Yes [1].")) as http:
        *whole, _ = frames(http.post(CHAT, json=body(stream=True)).text)
    for frame in whole:
        assert {"id", "object", "created", "model", "choices"} <= set(frame)
        assert frame["object"] == "chat.completion.chunk"
    assert len({(frame["id"], frame["created"], frame["model"]) for frame in whole}) == 1
    assert [frame["choices"] == [] for frame in whole].count(True) == 1


def test_usage_comes_last_when_it_is_asked_for(settings: Settings) -> None:
    with serving(settings, Parrot("one two three")) as http:
        asked = body(stream=True, stream_options={"include_usage": True})
        *earlier, last, _ = frames(http.post(CHAT, json=asked).text)
    assert last["usage"]["completion_tokens"] == 3
    assert all(frame["usage"] is None for frame in earlier)


def test_each_choice_has_its_role_and_its_end(settings: Settings) -> None:
    with serving(settings, Parrot("one two")) as http:
        *whole, _ = frames(http.post(CHAT, json=body(stream=True, n=2)).text)
    choices = [choice for frame in whole for choice in frame["choices"]]
    for index in (0, 1):
        mine = [choice for choice in choices if choice["index"] == index]
        assert mine[0]["delta"]["role"] == "assistant"
        assert "".join(choice["delta"].get("content", "") for choice in mine) == "one two"
        assert [choice["finish_reason"] for choice in mine].count("stop") == 1


def test_a_stream_says_the_same_as_a_whole_answer(http: TestClient) -> None:
    whole = http.post(CHAT, json=body()).json()
    *streamed, last, _ = frames(http.post(CHAT, json=body(stream=True)).text)
    texts = [choice["delta"].get("content", "") for f in streamed for choice in f["choices"]]
    assert "".join(texts) == whole["choices"][0]["message"]["content"]
    assert last["trinaxai_sources"] == whole["trinaxai"]["sources"]
    assert last["trinaxai"]["grounding"] == whole["trinaxai"]["grounding"]


def test_invented_citations_are_taken_out(settings: Settings) -> None:
    with serving(settings, Parrot("Marta [1], they say [77].")) as http:
        said = http.post(CHAT, json=body()).json()
    assert said["choices"][0]["message"]["content"] == "Marta [1], they say."


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fields", "status", "code", "param"),
    [
        ({"model": "gpt-9"}, 404, "model_not_found", "model"),
        ({"collections": ["nowhere"]}, 404, "collection_not_found", "collections"),
        ({"messages": []}, 400, "invalid_request", "messages"),
        ({"temperature": 9}, 400, "invalid_request", "temperature"),
        ({"web_search": True}, 400, "web_search_off", "web_search"),
        ({"model": "trinax-embed"}, 400, "invalid_request", "model"),
    ],
)
def test_early_failures_keep_their_status(
    http: TestClient, stream: bool, fields: dict[str, Any], status: int, code: str, param: str
) -> None:
    answer = http.post(CHAT, json=body() | {"stream": stream} | fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_the_first_word_keeps_its_status(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("one", failure=Busy("The model", 3))) as http:
        answer = http.post(CHAT, json=body(stream=stream))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy")
    assert answer.headers["retry-after"] == "3"


def test_a_later_failure_is_the_last_frame(settings: Settings) -> None:
    broken = Parrot("one two three", failure=ModelFailed("parrot", "it broke"), fails_after=2)
    with serving(settings, broken) as http:
        answer = http.post(CHAT, json=body(stream=True))
    assert answer.status_code == 200
    *_, last = frames(answer.text)
    assert last["error"]["code"] == "model_failed"
    assert set(last) == {"error"}


@pytest.mark.parametrize("stream", [False, True])
def test_an_overlong_question_is_refused(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("yes", context_tokens=400)) as http:
        asked = body(KEEPER + " lamp" * 500, stream=stream, model="parrot")
        answer = http.post(CHAT, json=asked)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "context_length_exceeded")


@pytest.mark.parametrize("stream", [False, True])
def test_what_had_no_effect_is_listed(settings: Settings, stream: bool) -> None:
    with serving(settings, Parrot("yes")) as http:
        answer = http.post(CHAT, json=body(stream=stream, tools=[READ], store=True, seed=1))
    assert answer.headers["x-trinax-ignored"] == "store, seed"


def test_a_forced_model_is_never_overridden(settings: Settings) -> None:
    with serving(settings, Parrot("yes"), Parrot("no", id="crow")) as http:
        said = http.post(CHAT, json=body(model="crow")).json()
    assert (said["model"], said["trinaxai"]["route"]["forced"]) == ("crow", True)
    assert said["choices"][0]["message"]["content"] == "no"
