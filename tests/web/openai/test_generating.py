from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.gguf_files import ENDLESS, tiny_llama
from tests.web.asking import CHAT, READ, body, frames
from tests.web.conftest import folders, serving

COUNTED = "one two three four five six seven eight nine ten"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With a model that counts to ten and one that never stops."""
    settings = folders(tmp_path_factory.mktemp("base"))
    models: Path = settings.models_dir
    models.mkdir(parents=True)
    tiny_llama(models / "counting.gguf", context_tokens=4096)
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=4096)
    with serving(settings) as http:
        for model in ("counting", "endless"):  # their threads start at the first request
            http.post(CHAT, json=body(model=model, max_tokens=1))
        yield http


def counted(http: TestClient, **fields: Any) -> Any:
    return http.post(CHAT, json=body(model="counting", temperature=0, **fields)).json()


def test_every_choice_is_written(http: TestClient) -> None:
    choices = counted(http, n=3)["choices"]
    assert [choice["message"]["content"] for choice in choices] == [COUNTED] * 3
    assert {choice["finish_reason"] for choice in choices} == {"stop"}


def test_a_second_question_finds_its_passages_read(http: TestClient) -> None:
    counted(http)
    usage = counted(http, messages=[{"role": "user", "content": "Who keeps the lighthouse?"}])[
        "usage"
    ]
    assert usage["prompt_tokens_details"]["cached_tokens"] > 0.9 * usage["prompt_tokens"]


def test_the_next_step_of_a_tool_loop_reads_only_what_is_new(http: TestClient) -> None:
    question = body()["messages"][0]
    call = {"id": "a", "type": "function", "function": {"name": "read", "arguments": "{}"}}
    called = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "a", "content": "Marta"}
    first = counted(http, tools=[READ])["usage"]
    second = counted(http, tools=[READ], messages=[question, called, result])["usage"]
    assert second["prompt_tokens_details"]["cached_tokens"] >= first["prompt_tokens"] - 1


def test_log_probabilities_are_those_of_the_text(http: TestClient) -> None:
    tokens = counted(http, logprobs=True, top_logprobs=2)["choices"][0]["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens).strip() == COUNTED
    assert all(len(token["top_logprobs"]) == 2 for token in tokens)
    assert all(token["logprob"] <= 0 for token in tokens)


def test_log_probabilities_are_streamed_with_their_text(http: TestClient) -> None:
    asked = body(model="counting", temperature=0, logprobs=True, stream=True)
    *said, _, _ = frames(http.post(CHAT, json=asked).text)
    choices = [frame["choices"][0] for frame in said]
    texts = [choice["delta"]["content"] for choice in choices if choice["logprobs"]]
    assert "".join(texts) == COUNTED


def test_an_answer_that_takes_too_long_is_ended(http: TestClient) -> None:
    asked = body(model="endless", timeout=0.001, max_tokens=3000)
    answer = http.post(CHAT, json=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timed_out")


def test_nothing_is_left_running(http: TestClient) -> None:
    counted(http)
    loads = http.get("/api/v1/queue-status").json()["models"]
    (load,) = (load for load in loads if load["model"] == "counting")
    assert (load["running"], load["waiting"]) == (0, 0)
    assert load["capacity"] > 1
