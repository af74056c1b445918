"""What clients ask beside chat: models, vectors, raw text, a session of MCP; and going away."""

import base64
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import ollama
import openai
import pytest

from tests.conformance.cases import COUNT, ENDLESS
from tests.conformance.clients import ROOT
from tests.web.agents.conftest import LATEST, connected
from tests.web.asking import KEEPER

pytestmark = pytest.mark.slow

TEXTS = ["The lamp burns paraffin.", "Grüße, 世界"]
WIDTH = 480
STOP_LIMIT_S = 10.0


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
def ollama_client(url: str) -> Iterator[ollama.Client]:
    with ollama.Client(url) as client:
        yield client


def running(url: str) -> int:
    loads = httpx.get(f"{url}/api/v1/queue-status").json()["models"]
    return sum(load["running"] for load in loads if load["model"] == ENDLESS)


def test_openai_embeds_in_either_encoding(client: openai.OpenAI) -> None:
    numbers = client.embeddings.create(model="auto", input=TEXTS, encoding_format="float")
    assert [each.index for each in numbers.data] == [0, 1]
    assert all(len(each.embedding) == WIDTH for each in numbers.data)
    assert numbers.usage.prompt_tokens == numbers.usage.total_tokens > 0
    unasked = client.embeddings.create(model="auto", input=TEXTS)  # base64 on the wire
    for one, other in zip(numbers.data, unasked.data, strict=True):
        np.testing.assert_allclose(one.embedding, other.embedding, atol=1e-7)


def test_base64_is_little_endian_floats(url: str) -> None:
    body = {"model": "auto", "input": TEXTS[0], "encoding_format": "base64"}
    answer = httpx.post(f"{url}/v1/embeddings", json=body).json()
    vector = np.frombuffer(base64.b64decode(answer["data"][0]["embedding"]), "<f4")
    assert vector.shape == (WIDTH,)
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-5)


def test_langchain_embeds(url: str, client: openai.OpenAI) -> None:
    # It sends ids of tokens of OpenAI's own vocabulary unless it is told not to.
    embedder = importlib.import_module("langchain_openai").OpenAIEmbeddings(
        model="auto", base_url=f"{url}/v1", api_key="none", check_embedding_ctx_length=False
    )
    expected = client.embeddings.create(model="auto", input=TEXTS, encoding_format="float")
    found = embedder.embed_documents(TEXTS)
    embedder.client._client.close()
    np.testing.assert_allclose(found, [each.embedding for each in expected.data], atol=1e-6)


def test_ollama_embeds(ollama_client: ollama.Client, client: openai.OpenAI) -> None:
    expected = client.embeddings.create(model="auto", input=TEXTS, encoding_format="float")
    found = ollama_client.embed("auto", TEXTS)
    np.testing.assert_allclose(
        found.embeddings, [each.embedding for each in expected.data], atol=1e-6
    )


def test_auto_is_the_first_model_everywhere(
    client: openai.OpenAI, ollama_client: ollama.Client
) -> None:
    # CodeCompanion takes the first.
    assert client.models.list().data[0].id == "auto"
    assert ollama_client.list().models[0].model == "auto"


def test_every_model_that_writes_can_call_tools(ollama_client: ollama.Client) -> None:
    # Roo hides those that cannot.
    for model in ("auto", "tiny", "plain"):
        assert "tools" in (ollama_client.show(model).capabilities or [])


def test_ollama_generates(ollama_client: ollama.Client) -> None:
    asked: Any = {"raw": True, "options": {"temperature": 0}}
    whole = ollama_client.generate("tiny", "Count:\n", **asked)
    parts = list(ollama_client.generate("tiny", "Count:\n", stream=True, **asked))
    assert "".join(part.response or "" for part in parts) == whole.response == f" {COUNT}"
    assert parts[-1].eval_count == whole.eval_count


@pytest.mark.parametrize(
    ("below", "models"),
    [
        ("", ["cohere/auto", "cohere/trinax-rank", "jina_ai/auto"]),
        ("/v1", ["jina_ai/auto", "hosted_vllm/auto"]),
    ],
)
def test_litellm_ranks(url: str, below: str, models: list[str]) -> None:
    module = "tests.conformance.readers.lite_llm_ranking"
    command = [sys.executable, "-W", "ignore", "-m", module, f"{url}{below}", *models]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    best = "The keeper of the lighthouse is called Marta Lindqvist."
    assert json.loads(told) == [[[2, 1], best]] * len(models)


def test_openai_writes_raw_text_on(client: openai.OpenAI) -> None:
    whole = client.completions.create(model="tiny", prompt="Count:\n", max_tokens=4)
    stream = client.completions.create(model="tiny", prompt="Count:\n", max_tokens=4, stream=True)
    told = "".join(choice.text for chunk in stream for choice in chunk.choices)
    assert whole.choices[0].text == told == " one two three four"
    assert whole.choices[0].finish_reason == "length"


def test_the_schema_that_is_asked_for_is_an_object_in_the_end(url: str) -> None:
    model = importlib.import_module("langchain_openai").ChatOpenAI(
        model="schema", base_url=f"{url}/v1", api_key="none", extra_body={"collections": []}
    )
    keeper = {"title": "keeper", "type": "object", "properties": {"name": {"type": "string"}}}
    found = model.with_structured_output(keeper, method="json_schema").invoke("Who?")
    assert found["name"] == "Marta"


def stops(url: str) -> bool:
    limit = time.monotonic() + STOP_LIMIT_S
    while running(url):
        if time.monotonic() > limit:
            return False
    return True


def openai_leaves(url: str) -> None:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client:
        message: Any = {"role": "user", "content": "Go on."}
        with client.chat.completions.create(
            model=ENDLESS, messages=[message], extra_body={"collections": []}, stream=True
        ) as stream:
            _five(stream, url)


def ollama_leaves(url: str) -> None:
    message = {"role": "user", "content": "Who is the keeper of the lighthouse?"}
    with ollama.Client(url) as client:
        stream: Any = client.chat(ENDLESS, [message], stream=True)
        _five(stream, url)
        stream.close()


def langchain_leaves(url: str) -> None:
    model = importlib.import_module("langchain_openai").ChatOpenAI(
        model=ENDLESS, base_url=f"{url}/v1", api_key="none", extra_body={"collections": []}
    )
    stream = model.stream("Go on.")
    _five(stream, url)
    stream.close()


def _five(stream: Iterator[object], url: str) -> None:
    for _ in range(5):
        next(stream)
    assert running(url) == 1


@pytest.mark.parametrize("leaves", [openai_leaves, ollama_leaves, langchain_leaves])
def test_a_client_that_leaves_stops_the_model(url: str, leaves: Callable[[str], None]) -> None:
    leaves(url)
    assert stops(url)


def test_what_the_real_model_counts_is_what_the_cases_say(client: openai.OpenAI) -> None:
    message: Any = {"role": "user", "content": "Count."}
    answer = client.chat.completions.create(
        model="tiny", messages=[message], extra_body={"collections": []}
    )
    assert answer.choices[0].message.content == COUNT


@pytest.mark.parametrize("mode", ["legacy", LATEST])
async def test_mcp_searches_in_a_session_and_without(url: str, mode: str) -> None:
    async with connected(f"{url}/mcp", mode) as client:
        assert "search" in [tool.name for tool in (await client.list_tools()).tools]
        found = await client.call_tool("search", {"query": KEEPER, "limit": 1})
    assert found.structured_content is not None
    assert found.structured_content["passages"][0]["file"] == "guide.md"
