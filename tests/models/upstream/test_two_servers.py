"""A trinax as the upstream of another."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Endless
from tests.models.upstream.player import listening
from tests.web.conftest import application, folders, serving
from trinax.settings import Settings, Upstream

pytestmark = pytest.mark.slow

CHAT = "/v1/chat/completions"
# Without passages of its own the near server sends the question as it is.
ALONE: dict[str, list[str]] = {"collections": []}
KEEPER = [{"role": "user", "content": "Who is the keeper of the lighthouse?"}]


def near(base: Path, url: str, model: str) -> Settings:
    """A trinax that knows model of the one at url as "far", for everything."""
    far = Upstream(url=f"{url}/v1", models={"far": model}, roles={"far": ("general",)})
    return replace(folders(base), upstreams={"box": far})


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The near server, whose only model writes is the far one's extractive model."""
    base = tmp_path_factory.mktemp("two")
    with (
        listening(application(folders(base / "far"))) as url,
        serving(near(base / "near", url, "trinax-extract")) as http,
    ):
        yield http


def test_an_answer_comes_from_the_other_server(http: TestClient) -> None:
    answer = http.post(CHAT, json={"messages": KEEPER, **ALONE}).json()
    assert "Marta Lindqvist" in answer["choices"][0]["message"]["content"]
    assert answer["model"] == "far"
    assert answer["usage"]["completion_tokens"] > 0


def test_it_streams_through(http: TestClient) -> None:
    counted = {"stream": True, "stream_options": {"include_usage": True}}
    asked = {"messages": KEEPER, **ALONE, **counted}
    lines = http.post(CHAT, json=asked).text.splitlines()
    *frames, done = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert done == "[DONE]"
    deltas = [choice["delta"] for frame in map(json.loads, frames) for choice in frame["choices"]]
    assert "Marta Lindqvist" in "".join(delta.get("content") or "" for delta in deltas)
    assert json.loads(frames[-1])["usage"]["prompt_tokens"] > 0


def test_the_models_of_an_upstream_are_listed(http: TestClient) -> None:
    listed = [model["id"] for model in http.get("/v1/models").json()["data"]]
    assert "far" in listed


def test_a_failing_upstream_is_a_failure_with_its_status(tmp_path: Path) -> None:
    with serving(near(tmp_path, "http://127.0.0.1:9", "x")) as http:
        answer = http.post(CHAT, json={"messages": KEEPER, "model": "far"})
    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "upstream_failed"


def test_a_client_that_goes_away_stops_the_model_of_the_other_server(tmp_path: Path) -> None:
    endless = Endless("", id="endless")
    with (
        listening(application(folders(tmp_path / "far"), endless)) as far,
        listening(application(near(tmp_path / "near", far, "endless"))) as url,
    ):
        asked = {"messages": KEEPER, "model": "far", "stream": True}
        with httpx.stream("POST", f"{url}{CHAT}", json=asked) as answer:
            next(answer.iter_bytes())
        assert endless.stopped.wait(10)
