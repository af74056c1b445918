from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from trinax import errors
from trinax.errors import TrinaxError
from trinax.settings import Settings
from trinax.web.server import server
from trinax.web.wire.errors import STATUSES

MESSAGE = {"role": "user", "content": "Who is the keeper?"}


def leaves(kind: type[TrinaxError]) -> Iterator[type[TrinaxError]]:
    below = kind.__subclasses__()
    for each in below:
        yield from leaves(each)
    if not below:
        yield kind


def test_every_failure_has_a_status() -> None:
    assert set(STATUSES) == set(leaves(TrinaxError))


def test_no_two_failures_share_a_code() -> None:
    assert len({kind.code for kind in STATUSES if kind is not errors.InvalidRequest}) == (
        len(STATUSES) - 1
    )


def test_an_unknown_route_has_the_envelope(http: TestClient) -> None:
    answer = http.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "route_not_found"
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_a_wrong_method_has_the_envelope_and_says_which_are_right(http: TestClient) -> None:
    answer = http.delete("/v1/collections")
    assert answer.status_code == 405
    assert answer.json()["error"]["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b'"text"',
        b"\xff\xfe",
        b'{"query": NaN}',
        b"[" * 100_000,
        b'{"a": 1' + b"1" * 5000,
    ],
)
def test_a_body_that_is_no_json_object_is_refused(http: TestClient, body: bytes) -> None:
    answer = http.post("/v1/search", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_half_a_surrogate_pair_is_refused(http: TestClient) -> None:
    assert http.post("/v1/search", content=b'{"query": "\\ud800"}').status_code == 400
    assert http.post("/v1/search", content=b'{"query": "\\ud83d\\ude00"}').status_code == 200


def test_a_body_over_the_limit_is_refused(http: TestClient) -> None:
    answer = http.post("/v1/search", json={"query": "a" * 1_000_001})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_body_without_a_length_is_refused_once_it_passes_the_limit(http: TestClient) -> None:
    parts = (b'{"query": "' + b"a" * 600_000, b"a" * 600_000 + b'"}')
    answer = http.post("/v1/search", content=iter(parts))
    assert answer.status_code == 413


def test_an_unforeseen_failure_shows_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: Request) -> Response:
        raise RuntimeError("the secret of the tower")

    app = server(Settings(), lambda: pytest.fail("not opened"))
    app.router.routes.append(Route("/broken", broken))
    http = TestClient(app, base_url="http://localhost")
    answer = http.get("/broken", headers={"origin": "http://localhost:3000"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "tower" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "the secret of the tower" in caplog.text


def test_busy_says_when_to_come_back() -> None:
    async def busy(request: Request) -> Response:
        raise errors.Busy("The model", 7)

    app = server(Settings(), lambda: pytest.fail("not opened"))
    app.router.routes.append(Route("/busy", busy))
    answer = TestClient(app, base_url="http://localhost").get("/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


FLAT = {"error", "type", "param", "code"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/api/pull", 404), ("DELETE", "/api/chat", 405), ("POST", "/api/chat", 400)],
)
def test_ollamas_clients_read_a_text(http: TestClient, method: str, path: str, status: int) -> None:
    answer = http.request(method, path, content=b"{" if method == "POST" else None)
    assert answer.status_code == status
    assert set(answer.json()) == FLAT
    assert isinstance(answer.json()["error"], str)
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_ollamas_clients_read_what_is_refused_before_any_route(http: TestClient) -> None:
    unknown = {"authorization": "Bearer trx_unknown"}
    for headers, status in ((unknown, 401), ({"host": "example.com"}, 403)):
        answer = http.post("/api/chat", headers=headers, json={"messages": [MESSAGE]})
        assert (answer.status_code, set(answer.json())) == (status, FLAT)


@pytest.mark.parametrize("path", ["/api", "/api/v1/nothing", "/apis/chat", "/v1/api/chat"])
def test_everyone_elses_clients_read_the_envelope(http: TestClient, path: str) -> None:
    assert isinstance(http.get(path).json()["error"], dict)


def test_a_page_of_an_application_reads_errors_too(http: TestClient) -> None:
    origin = "vscode-webview://1f2e3d4c"
    answer = http.post("/api/show", headers={"origin": origin}, json={"model": "gpt-9"})
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == origin
