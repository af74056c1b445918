from collections.abc import Iterator

import httpx
import pytest
from starlette.testclient import TestClient

from tests.gguf_files import tiny_llama
from tests.models.upstream.player import listening
from tests.models.upstream.test_two_servers import near
from tests.web.conftest import application, folders, serving
from tests.web.openai.completions.asking import (
    COMPLETIONS,
    COUNT,
    COUNTED,
    body,
    completed,
    joined,
    streamed,
    texts,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server whose only model that writes, "far", is the "filling" of another one."""
    base = tmp_path_factory.mktemp("two")
    settings = folders(base / "far")
    settings.models_dir.mkdir(parents=True)
    tiny_llama(settings.models_dir / "filling.gguf", context_tokens=512, fills_in=True)
    with (
        listening(application(settings)) as url,
        serving(near(base / "near", url, "filling")) as http,
    ):
        httpx.post(url + COMPLETIONS, json=body(model="filling"))  # its thread starts here
        yield http


def test_a_text_is_continued_elsewhere(http: TestClient) -> None:
    answer = completed(http, [COUNT, COUNT], model="auto", n=2)
    assert (texts(answer), answer["model"]) == ([COUNTED] * 4, "far")
    assert answer["usage"]["completion_tokens"] == 40


def test_a_gap_is_filled_in_elsewhere(http: TestClient) -> None:
    answer = completed(http, "def f(", suffix="):", model="far", max_tokens=2)
    assert texts(answer) == [" one two"]


def test_log_probabilities_come_from_there(http: TestClient) -> None:
    told = completed(http, model="far", logprobs=2, max_tokens=3)["choices"][0]["logprobs"]
    assert told["tokens"] == [" one", " two", " three"]
    assert told["text_offset"] == [0, 4, 8]
    assert all(
        top[token] < 0 for token, top in zip(told["tokens"], told["top_logprobs"], strict=True)
    )


def test_it_streams_through(http: TestClient) -> None:
    told = streamed(http, [COUNT, COUNT], model="far", stream_options={"include_usage": True})
    assert joined(told) == {0: COUNTED, 1: COUNTED}
    assert told[-2]["usage"]["completion_tokens"] == 20
