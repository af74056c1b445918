import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.answering.writers import Endless, Parrot, Reading
from tests.web.asking import body
from tests.web.conftest import application
from tests.web.native.asking import CHAT, GENERATE, QUEUE, TASK
from tests.web.native.conftest import installed
from tests.web.openai.test_sdk import listening
from trinax.settings import Settings

pytestmark = pytest.mark.slow

ASKED = {
    CHAT: body(),
    GENERATE: {"prompt": "Who keeps the lighthouse?"},
    TASK: body(),
}
LONG = {"max_tokens": 3500, "ignore_eos": True, "model": "endless"}


@pytest.mark.parametrize("writer", [Endless, Reading])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("path", "asked"), ASKED.items())
def test_a_client_that_goes_away_stops_the_model(
    settings: Settings, writer: type[Parrot], stream: bool, path: str, asked: dict[str, Any]
) -> None:
    model = writer("")
    with listening(application(settings, model)) as url:
        data = json.dumps({**asked, "stream": stream}).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + data)
            while not model.generations:
                pass
        assert model.stopped.wait(10)


@pytest.mark.parametrize(
    ("path", "asked"), [*ASKED.items(), (GENERATE, {"prompt": "one", "raw": True})]
)
def test_a_client_that_goes_away_frees_its_place(
    tmp_path: Path, path: str, asked: dict[str, Any]
) -> None:
    with listening(application(installed(tmp_path))) as url, httpx.Client(base_url=url) as http:
        with http.stream("POST", path, json={**asked, **LONG, "stream": True}) as answer:
            lines = answer.iter_lines()  # closes the connection when it is dropped
            next(lines)
            assert running(http) == 1
        while running(http):
            pass


def running(http: httpx.Client) -> int:
    return sum(load["running"] for load in http.get(QUEUE).json()["models"])
