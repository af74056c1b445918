import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.hardening.proxies import NAME, Proxy, program, running
from tests.web.conftest import application, folders
from tests.web.openai.test_sdk import listening
from trinax.settings import Access, Audit, Server, Settings

pytestmark = pytest.mark.slow

CLIENT = "127.0.0.5"
FORGED = {
    "x-forwarded-for": "10.9.9.9",
    "forwarded": "for=10.9.9.9",
    "x-real-ip": "10.9.9.9",
    "x-forwarded-host": "evil.example",
}


@dataclass(frozen=True, slots=True)
class Fronted:
    """trinax behind a proxy. direct: where trinax itself listens."""

    proxy: Proxy
    direct: str
    settings: Settings

    @property
    def client(self) -> httpx.Client:
        return self.proxy.client(CLIENT)

    def audited(self, request: str) -> dict[str, Any]:
        file = self.settings.data_dir / "audit.jsonl"
        for _ in range(200):
            lines = file.read_text().splitlines() if file.exists() else []
            found = [line for line in map(json.loads, lines) if line["request"] == request]
            if found:
                return dict(found[0])
            threading.Event().wait(0.05)
        raise AssertionError("the request is not in the audit log")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def name(request: pytest.FixtureRequest) -> str:
    if program(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.fixture(scope="module")
def fronted(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fronted]:
    settings = replace(
        folders(tmp_path_factory.mktemp("base")),
        server=Server(hosts=(NAME,)),
        access=Access(trusted_proxies=("127.0.0.1",)),
        audit=Audit(requests="all"),
    )
    folder = tmp_path_factory.mktemp(name)
    with listening(application(settings)) as url, running(name, folder, url) as proxy:
        yield Fronted(proxy, url, settings)


def test_a_request_passes(fronted: Fronted) -> None:
    with fronted.client as http:
        assert http.get("/health").json() == {"status": "ok"}


def test_the_address_of_the_client_arrives(fronted: Fronted) -> None:
    with fronted.client as http:
        http.get("/v1/models", headers={"x-request-id": "plain"})
    assert fronted.audited("plain")["address"] == CLIENT


def test_what_a_client_says_of_its_address_does_not(fronted: Fronted) -> None:
    with fronted.client as http:
        http.get("/v1/models", headers={"x-request-id": "forged", **FORGED})
    assert fronted.audited("forged")["address"] == CLIENT


def test_forwarded_headers_count_from_the_proxy_only(fronted: Fronted) -> None:
    transport = httpx.HTTPTransport(local_address=CLIENT, trust_env=False)
    with httpx.Client(transport=transport) as http:
        url = f"{fronted.direct}/v1/sources?collection=demo"
        assert http.get(url, headers={"x-forwarded-for": "127.0.0.1"}).status_code == 401
        assert http.get(url).status_code == 200


def test_a_stream_ends_as_it_should(fronted: Fronted) -> None:
    body = {"messages": [{"role": "user", "content": "Who keeps the lighthouse?"}], "stream": True}
    with fronted.client as http:
        answer = http.post("/v1/chat/completions", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("data: [DONE]\n\n")


def test_a_body_that_is_too_large_is_refused_by_trinax(fronted: Fronted) -> None:
    with fronted.client as http:
        assert http.post("/v1/search", json={"query": "x" * 900_000}).status_code != 413
        answer = http.post("/v1/search", json={"query": "x" * 5_000_000})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_another_name_is_refused(fronted: Fronted) -> None:
    with fronted.client as http:
        assert not http.get("/v1/models", headers={"host": "evil.example"}).content.startswith(
            b'{"object"'
        )


class Halting:
    """Sends a frame, and the next one only when the first has arrived."""

    def __init__(self) -> None:
        self.arrived = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        await anyio.to_thread.run_sync(self.arrived.wait, 30)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


def test_a_frame_is_not_held_back(name: str, tmp_path: Path) -> None:
    app = Halting()
    with (
        listening(app) as url,
        running(name, tmp_path, url) as proxy,
        proxy.client(CLIENT) as http,
        http.stream("GET", "/") as answer,
    ):
        frames = answer.iter_raw()
        assert next(frames) == b"data: 1\n\n"
        assert not app.arrived.is_set()
        app.arrived.set()
        assert b"".join(frames) == b"data: [DONE]\n\n"
