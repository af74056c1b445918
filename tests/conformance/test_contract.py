"""What the clients' readings do not show: parameters that have no effect, sources, envelopes."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from openai.types import completion_create_params as text_params
from openai.types.chat import ChatCompletion
from openai.types.chat import completion_create_params as chat_params
from openai.types.responses import response_create_params

from tests.conformance.cases import UNKNOWN_KEY
from tests.conformance.strict import stream_of
from tests.web.asking import CHAT, KEEPER, body

pytestmark = pytest.mark.slow

COMPLETIONS, RESPONSES = "/v1/completions", "/v1/responses"
ASKED: Mapping[str, Mapping[str, Any]] = {
    CHAT: {"model": "plain", "collections": [], "messages": [{"role": "user", "content": "Who?"}]},
    COMPLETIONS: {"model": "plain", "prompt": "one"},
    RESPONSES: {"model": "plain", "collections": [], "input": "Who?"},
}
KNOWN = {
    CHAT: chat_params.CompletionCreateParamsBase,
    COMPLETIONS: text_params.CompletionCreateParamsBase,
    RESPONSES: response_create_params.ResponseCreateParamsBase,
}
# They do what OpenAI's reference says; tests/web/openai tells how.
SAMPLING = {"temperature", "top_p", "logit_bias", "presence_penalty", "frequency_penalty", "seed"}
CALLING = {"tools", "tool_choice", "parallel_tool_calls"}
HONOURED = {
    CHAT: SAMPLING
    | CALLING
    | {"model", "messages", "n", "stop", "max_tokens", "max_completion_tokens", "stream_options"}
    | {"functions", "function_call", "response_format", "logprobs", "top_logprobs", "modalities"}
    | {"reasoning_effort", "web_search_options"},
    COMPLETIONS: SAMPLING
    | {"model", "prompt", "n", "best_of", "echo", "logprobs", "max_tokens", "stop", "suffix"}
    | {"stream_options"},
    RESPONSES: SAMPLING
    | CALLING
    | {"model", "input", "instructions", "max_output_tokens", "top_logprobs", "text", "metadata"}
    | {"include", "reasoning"},
}
OTHERS = [
    (path, name)
    for path, known in KNOWN.items()
    for name in known.__annotations__
    if name not in HONOURED[path]
]
FAILING = [
    ("GET", "/nowhere", {}, 404),
    ("GET", CHAT, {}, 405),
    ("POST", CHAT, {"json": {}}, 400),
    ("POST", CHAT, {"content": "{"}, 400),
    ("POST", "/v1/embeddings", {"json": {"input": "a", "model": "none"}}, 404),
    ("GET", "/v1/models/none", {}, 404),
    ("GET", "/v1/collections", {"headers": {"x-api-key": UNKNOWN_KEY}}, 401),
    ("POST", CHAT, {"json": body(collections=["none"])}, 404),
]


@pytest.mark.parametrize(("path", "name"), OTHERS)
def test_a_parameter_without_effect_is_refused_or_told(url: str, path: str, name: str) -> None:
    answer = httpx.post(url + path, json={**ASKED[path], name: {"a": "b"}})
    told = answer.headers.get("x-trinax-ignored", "").split(", ")
    refused = answer.status_code == 400 and answer.json()["error"]["param"] == name
    assert name in told or refused


@pytest.mark.parametrize(("method", "path", "asked", "status"), FAILING)
def test_every_route_fails_with_the_envelope(
    url: str, method: str, path: str, asked: Any, status: int
) -> None:
    answer = httpx.request(method, url + path, **asked)
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert answer.headers["x-request-id"]


def test_a_request_id_that_is_not_sane_is_replaced(url: str) -> None:
    answer = httpx.get(f"{url}/v1/models", headers={"x-request-id": "a b" * 100})
    assert answer.headers["x-request-id"].isalnum()


def test_a_whole_answer_is_openais_and_one_key_more(url: str) -> None:
    answer = httpx.post(url + CHAT, json=body(model="cited")).json()
    ChatCompletion.model_validate(answer)
    assert answer.keys() == {
        *("id", "object", "created", "model", "choices", "usage", "trinaxai"),
    }
    assert answer["trinaxai"].keys() >= {
        *("model", "project", "route", "sources", "grounding", "timing"),
    }


def test_a_grounded_stream_tells_its_sources(url: str) -> None:
    asked = body(model="cited", stream=True)
    stream = stream_of(httpx.post(url + CHAT, json=asked).content, 1, usage=False)
    sources = stream.last["trinaxai_sources"]
    assert [source["n"] for source in sources] == list(range(1, len(sources) + 1))
    first = sources[0]
    assert (first["collection_id"], first["file"]) == ("demo", "guide.md")
    assert KEEPER.split()[3] in first["snippet"]
    assert len(first["snippet"]) <= 280
    assert 0 <= first["score"] <= 1
    assert stream.last["trinaxai"]["grounding"]["verdict"] == "answered"
