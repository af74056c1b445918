import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import openai
import pytest
import uvicorn
from starlette.types import ASGIApp

from tests.answering.writers import Endless, Parrot, Reading, Script
from tests.gguf_files import ENDLESS, tiny_llama
from tests.web.asking import CHAT, KEEPER, READ, body
from tests.web.attaching import ENGINE, part
from tests.web.conftest import application
from trinax.app import build
from trinax.models.ports import CallPiece, Finish
from trinax.settings import Settings

pytestmark = pytest.mark.slow


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of a real server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="on", log_config=None, proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while thread.is_alive() and not server.started:
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def client(settings: Settings) -> Iterator[openai.OpenAI]:
    with (
        listening(application(settings)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="sk-anything", max_retries=0) as client,
    ):
        yield client


def test_the_sdk_lists_models(client: openai.OpenAI) -> None:
    assert next(iter(client.models.list())).id == "auto"
    assert client.models.retrieve("trinax-extract").id == "trinax-extract"


def test_the_sdk_sends_files(client: openai.OpenAI) -> None:
    content: Any = [{"type": "text", "text": ENGINE}, part("notes.pdf")]
    completion = client.chat.completions.create(
        model="auto", messages=[{"role": "user", "content": content}]
    )
    assert "made by Sabb" in (completion.choices[0].message.content or "")
    content[1]["file"] = {"file_id": "file-abc"}
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model="auto", messages=[{"role": "user", "content": content}]
        )
    assert refused.value.param == "messages[0].content[1].file.file_id"


def test_the_sdk_chats(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model="auto", messages=[{"role": "user", "content": KEEPER}]
    )
    assert "Marta Lindqvist" in (completion.choices[0].message.content or "")
    assert completion.usage is not None
    assert completion.usage.completion_tokens > 0


def test_the_sdk_streams(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="auto",
        messages=[{"role": "user", "content": KEEPER}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert "Marta Lindqvist" in text
    assert chunks[-1].usage is not None
    assert chunks[-1].model_extra is not None
    assert chunks[-1].model_extra["trinaxai_sources"][0]["file"] == "guide.md"


def test_the_sdk_sees_errors_as_its_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.models.retrieve("gpt-9")
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="auto", messages=[])


def test_the_sdk_parses_streamed_calls(settings: Settings) -> None:
    calls = (
        CallPiece(0, "", id="c0", name="read"),
        CallPiece(0, '{"file": "a.md"}'),
        CallPiece(1, '{"file": "b.md"}', id="c1", name="read"),
        Finish("tool_calls", 5, 9),
    )
    with (
        listening(application(settings, Script(*calls))) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client,
        client.chat.completions.stream(
            model="auto",
            messages=[{"role": "user", "content": KEEPER}],
            tools=[{"type": "function", "function": {"name": "read", "parameters": {}}}],
        ) as stream,
    ):
        choice = stream.get_final_completion().choices[0]
    assert choice.finish_reason == "tool_calls"
    functions = [call.function for call in choice.message.tool_calls or []]
    assert [(one.name, one.arguments) for one in functions] == [
        ("read", '{"file": "a.md"}'),
        ("read", '{"file": "b.md"}'),
    ]


@pytest.mark.parametrize("writer", [Endless, Reading])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("asked", [{}, {"n": 4, "tools": [READ]}])
def test_a_client_that_goes_away_stops_the_model(
    settings: Settings, writer: type[Parrot], stream: bool, asked: dict[str, Any]
) -> None:
    model = writer("")
    with listening(application(settings, model)) as url:
        port = int(url.rpartition(":")[2])
        data = json.dumps(body(stream=stream, **asked)).encode()
        head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}"
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + data)
            while not model.generations:
                pass
        assert model.stopped.wait(10)


@pytest.mark.parametrize("asked", [{}, {"n": 4}])
def test_a_client_that_goes_away_frees_its_place(settings: Settings, asked: dict[str, Any]) -> None:
    settings.models_dir.mkdir(parents=True)
    tiny_llama(settings.models_dir / "endless.gguf", ENDLESS, context_tokens=8192)
    with listening(application(settings)) as url, httpx.Client(base_url=url) as http:
        question = body(model="endless", stream=True, max_tokens=8000, **asked)
        with http.stream("POST", CHAT, json=question) as answer:
            lines = answer.iter_lines()  # closes the connection when it is dropped
            next(lines)
            assert running(http) == 1
        while running(http):
            pass


def running(http: httpx.Client) -> int:
    loads = http.get("/api/v1/queue-status").json()["models"]
    return sum(load["running"] for load in loads)


def test_the_server_is_ready_and_finds_what_it_indexes(settings: Settings) -> None:
    with (
        listening(build(settings)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none") as client,
    ):
        while True:
            completion = client.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": KEEPER}]
            )
            if "Marta" in (completion.choices[0].message.content or ""):
                return
