import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import openai
import pytest
import uvicorn
from starlette.types import ASGIApp

from tests.answering.writers import Endless
from tests.web.conftest import application
from trinax.app import build
from trinax.settings import Settings

pytestmark = pytest.mark.slow

CHAT = "/v1/chat/completions"
KEEPER = "Who is the keeper of the lighthouse?"


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """The address of a real server on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, lifespan="on", log_config=None, proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
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


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_goes_away_stops_the_model(settings: Settings, stream: bool) -> None:
    endless = Endless("")
    with listening(application(settings, endless)) as url:
        port = int(url.rpartition(":")[2])
        body = '{"messages": [{"role": "user", "content": "%s"}], "stream": %s}'
        data = (body % (KEEPER, "true" if stream else "false")).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}"
        )
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + data)
            while not endless.generations:
                pass
        assert endless.stopped.wait(10)


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
