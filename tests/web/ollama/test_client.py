"""The ollama package over a real socket."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import ollama
import pytest

from tests.answering.writers import Parrot, Script
from tests.encoder_files import WORDS
from tests.web.conftest import application
from tests.web.ollama.asking import COUNTED, KEEPER
from tests.web.ollama.conftest import installed
from tests.web.openai.test_sdk import listening
from trinax.errors import ModelFailed
from trinax.models.ports import CallPiece, Finish
from trinax.settings import Settings

pytestmark = pytest.mark.slow

ASKED = [{"role": "user", "content": KEEPER}]
EXACT = {"temperature": 0}


@contextmanager
def connected(url: str) -> Iterator[ollama.Client]:
    client = ollama.Client(host=url)
    try:
        yield client
    finally:
        client._client.close()


@asynccontextmanager
async def waiting(url: str) -> AsyncIterator[ollama.AsyncClient]:
    client = ollama.AsyncClient(host=url)
    try:
        yield client
    finally:
        await client._client.aclose()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with listening(application(installed(tmp_path_factory.mktemp("base")))) as url:
        with connected(url) as client:  # the model's thread starts at the first request
            client.generate("counting")
        yield url


@pytest.fixture
def client(url: str) -> Iterator[ollama.Client]:
    with connected(url) as client:
        yield client


def test_every_listed_model_can_be_shown(client: ollama.Client) -> None:
    names = [model.model or "" for model in client.list().models]
    assert names[0] == "auto"
    for name in names:
        shown = client.show(name)
        assert shown.capabilities
        assert shown.modelinfo
        assert shown.details is not None
        assert shown.details.family


def test_the_client_chats(client: ollama.Client) -> None:
    answer = client.chat("counting", ASKED, options=EXACT)
    assert answer.message.content == COUNTED
    assert (answer.done, answer.done_reason, answer.eval_count) == (True, "stop", 10)
    assert (answer.total_duration or 0) > (answer.eval_duration or 0) > 0
    assert answer.created_at is not None


def test_the_client_chats_in_parts(client: ollama.Client) -> None:
    parts = list(client.chat("counting:latest", ASKED, stream=True, options=EXACT))
    assert "".join(part.message.content or "" for part in parts) == COUNTED
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]


def test_the_client_reads_what_trinax_says(client: ollama.Client) -> None:
    answer = client.chat("trinax-extract", ASKED)
    assert "Marta Lindqvist" in (answer.message.content or "")


def test_the_client_has_a_prompt_answered(client: ollama.Client) -> None:
    assert client.generate("counting", KEEPER, options=EXACT).response == COUNTED
    parts = client.generate("counting", KEEPER, stream=True, options=EXACT)
    assert "".join(part.response or "" for part in parts) == COUNTED


def test_the_client_loads_a_model_and_sees_it_run(client: ollama.Client) -> None:
    assert client.generate("counting").done_reason == "load"
    [model] = [one for one in client.ps().models if one.model == "counting"]
    assert (model.context_length, model.name) == (4096, "counting")
    assert model.expires_at is not None


def test_the_client_embeds(client: ollama.Client) -> None:
    found = client.embed("nomic", [WORDS[0], WORDS[1]])
    assert len(found.embeddings) == 2
    assert list(client.embeddings("nomic", WORDS[0]).embedding) == list(found.embeddings[0])


@pytest.mark.parametrize(
    ("model", "fields", "status", "words"),
    [
        ("gpt-9", {}, 404, "No model named 'gpt-9'"),
        ("counting", {"options": {"temperature": 9}}, 400, "'options.temperature' must be"),
        ("trinax-extract", {"format": "json"}, 400, "'format' cannot be honoured"),
    ],
)
def test_the_client_sees_errors_as_its_own(
    client: ollama.Client, model: str, fields: dict[str, Any], status: int, words: str
) -> None:
    for stream in (True, False):
        with pytest.raises(ollama.ResponseError) as refused:
            list(client.chat(model, ASKED, stream=stream, **fields))
        assert refused.value.status_code == status
        assert refused.value.error.startswith(words)


async def test_the_asynchronous_client_does_the_same(url: str) -> None:
    async with waiting(url) as client:
        assert (await client.list()).models[0].model == "auto"
        answer = await client.chat("counting", ASKED, options=EXACT)
        assert answer.message.content == COUNTED
        stream = await client.chat("counting", ASKED, stream=True, options=EXACT)
        parts = [part.message.content or "" async for part in stream]
        assert "".join(parts) == COUNTED
        assert len((await client.embed("nomic", WORDS[0])).embeddings) == 1
        with pytest.raises(ollama.ResponseError):
            await client.show("gpt-9")


def read(file: str) -> str:
    """Read a file.

    Args:
      file: its name
    """
    return f"{file} says Marta"


def test_the_client_calls_tools_and_sends_results(settings: Settings) -> None:
    calls = (CallPiece(0, '{"file": "a.md"}', id="c0", name="read"), Finish("tool_calls", 5, 9))
    model = Script(*calls)
    with listening(application(settings, model)) as url, connected(url) as client:
        first = client.chat("parrot", ASKED, tools=[read])
        [call] = first.message.tool_calls or []
        assert (call.function.name, call.function.arguments) == ("read", {"file": "a.md"})
        result = {"role": "tool", "tool_name": "read", "content": read("a.md")}
        client.chat("parrot", [*ASKED, first.message, result], tools=[read])
    offered, told = model.generations[0].tools.tools, model.generations[1].messages
    assert offered[0].parameters["properties"]["file"]["description"] == "its name"
    assert told[-1].content == "a.md says Marta"
    assert told[-1].tool_call_id == told[-2].tool_calls[0].id


def test_the_client_sees_a_failure_amid_a_stream(settings: Settings) -> None:
    failing = Parrot("on and on", failure=ModelFailed("parrot", "it broke"), fails_after=2)
    with listening(application(settings, failing)) as url, connected(url) as client:
        parts = iter(client.chat("parrot", ASKED, stream=True))
        assert [next(parts).message.content, next(parts).message.content] == ["on", " and"]
        with pytest.raises(ollama.ResponseError) as failed:
            next(parts)
    assert failed.value.error == "Model 'parrot' failed: it broke."


def test_a_schema_is_kept_to(tmp_path: Path) -> None:
    settings = installed(tmp_path)
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    with listening(application(settings)) as url, connected(url) as client:
        answer = client.chat("counting", ASKED, format=schema, options={"num_predict": 40})
    assert (answer.message.content or "").lstrip().startswith("{")
