import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Endless, Parrot
from tests.web.asking import CHAT, body
from tests.web.conftest import LAN, application, serving
from tests.web.limits.conftest import key
from tests.web.openai.test_sdk import listening
from trinax.errors import ModelFailed
from trinax.settings import Limits, Settings

STREAM = body(model="parrot", stream=True)
ONE = Limits(0, 0, 0, queue_per_client=0, streams_per_client=1, loopback=True)
ONE_IN_QUEUE = replace(ONE, queue_per_client=1, streams_per_client=0)


@contextmanager
def reading(http: httpx.Client, **headers: str) -> Iterator[None]:
    """A stream goes on meanwhile, and is left without a word."""
    with http.stream("POST", CHAT, json=STREAM, headers=headers) as answer:
        lines = answer.iter_lines()  # closes the connection when it is dropped
        next(lines)
        yield


def status(http: httpx.Client, path: str = CHAT, sent: Any = STREAM, **headers: str) -> int:
    with http.stream("POST", path, json=sent, headers=headers) as answer:
        return answer.status_code


@pytest.mark.slow
@pytest.mark.parametrize("limits", [ONE, ONE_IN_QUEUE])
def test_who_vanishes_gives_the_place_back(settings: Settings, limits: Limits) -> None:
    app = application(replace(settings, limits=limits), Endless(""))
    with listening(app) as url, httpx.Client(base_url=url) as http:
        with reading(http):
            assert status(http) == 429
        while status(http) != 200:
            pass


@pytest.mark.slow
def test_who_waits_for_a_whole_answer_and_vanishes_does_too(settings: Settings) -> None:
    model = Endless("")
    app = application(replace(settings, limits=ONE), model)
    data = json.dumps(body(model="parrot")).encode()
    head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
    with listening(app) as url, httpx.Client(base_url=url) as http:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + data)
            while not model.generations:
                pass
            assert status(http) == 429
        assert model.stopped.wait(10)
        while status(http) != 200:
            pass


@pytest.mark.slow
def test_each_client_has_its_own(settings: Settings) -> None:
    settings = replace(settings, limits=ONE)
    own = key(settings, plan="")
    app = application(settings, Endless(""))
    with listening(app) as url, httpx.Client(base_url=url) as http, reading(http):
        assert status(http) == 429
        assert status(http, **own) == 200


@pytest.mark.slow
def test_another_model_has_another_queue(settings: Settings) -> None:
    app = application(replace(settings, limits=ONE_IN_QUEUE), Endless(""), Parrot("Hi.", "other"))
    with listening(app) as url, httpx.Client(base_url=url) as http, reading(http):
        assert status(http) == 429
        assert status(http, sent=body(model="other")) == 200
        assert status(http, "/v1/search", {"query": "lamp"}) == 200


@pytest.fixture
def one(settings: Settings) -> Iterator[TestClient]:
    failing = Parrot("It is", "parrot", failure=ModelFailed("parrot", "it is down"), fails_after=1)
    limits = replace(ONE, queue_per_client=1)
    with serving(replace(settings, limits=limits), failing, client=LAN) as http:
        yield http


@pytest.mark.parametrize("sent", [STREAM, body(model="parrot"), {}, {"messages": 1}, body()])
def test_every_end_gives_the_place_back(one: TestClient, sent: Any) -> None:
    for path in (CHAT, CHAT, "/v1/responses", "/api/chat", "/v1/completions", CHAT):
        assert one.post(path, json=sent).status_code != 429
