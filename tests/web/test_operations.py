from starlette.testclient import TestClient

from trinax.app import build
from trinax.settings import Settings


def test_health_reveals_no_names(http: TestClient) -> None:
    assert http.get("/health").json() == {"status": "ok"}


def test_the_root_says_what_runs(http: TestClient) -> None:
    assert http.get("/").text == "Ollama is running"


def test_the_server_is_ready_once_it_has_started(settings: Settings) -> None:
    with TestClient(build(settings), base_url="http://localhost", client=("::1", 1)) as http:
        answer = http.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_head_is_answered_like_get(http: TestClient) -> None:
    assert http.head("/health").status_code == 200


def test_every_route_is_listed(http: TestClient) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    assert set(paths["/v1/collections"]) == {"get", "post"}
    assert "/v1/sources/{collection}/{file}/chunks" in paths
