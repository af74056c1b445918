from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests.gguf_files import ENDLESS, tiny_llama
from tests.models.upstream.player import listening
from tests.web.conftest import application, folders
from tests.web.openai.completions.asking import COMPLETIONS, COUNT, COUNTED, body

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = folders(tmp_path_factory.mktemp("base"))
    models: Path = settings.models_dir
    models.mkdir(parents=True)
    tiny_llama(models / "filling.gguf", context_tokens=512, fills_in=True)
    tiny_llama(models / "endless.gguf", ENDLESS, context_tokens=8192)
    with listening(application(settings)) as url:
        for model in ("filling", "endless"):  # their threads start at the first request
            httpx.post(url + COMPLETIONS, json=body(model=model, max_tokens=1))
        yield url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-anything", max_retries=0) as client:
        yield client


def test_the_sdk_reads_choices_and_their_tokens(client: openai.OpenAI) -> None:
    answer = client.completions.create(
        model="filling", prompt=[COUNT, "Again:\n"], n=2, logprobs=1, max_tokens=3
    )
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert {choice.text for choice in answer.choices} == {" one two three"}
    (told,) = {tuple(choice.logprobs.tokens or ()) for choice in answer.choices if choice.logprobs}
    assert told == (" one", " two", " three")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 12


def test_the_sdk_reads_a_stream(client: openai.OpenAI) -> None:
    stream = client.completions.create(
        model="filling", prompt=COUNT, stream=True, stream_options={"include_usage": True}
    )
    *told, last = list(stream)
    assert "".join(choice.text for chunk in told for choice in chunk.choices) == COUNTED
    assert told[-1].choices[0].finish_reason == "stop"
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == 10


def test_the_sdk_fills_in(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="filling", prompt="def f(", suffix="):", max_tokens=1)
    assert answer.choices[0].text == " one"


def test_the_sdk_sees_errors_as_its_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.completions.create(model="gpt-9", prompt=COUNT)
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(model="filling", prompt=COUNT, echo=True, logprobs=1)
    assert refused.value.param == "echo"


def test_a_client_that_goes_away_frees_every_prompt_of_its(url: str) -> None:
    asked = body([COUNT] * 3, model="endless", stream=True, max_tokens=8000)
    with httpx.Client(base_url=url) as http:
        with http.stream("POST", COMPLETIONS, json=asked) as answer:
            lines, begun = answer.iter_lines(), set[int]()
            while len(begun) < 3:
                line = next(lines)
                begun |= {number for number in range(3) if f'"index":{number}' in line}
            assert running(http) == 3
        while running(http):
            pass


def running(http: httpx.Client) -> int:
    loads = http.get("/api/v1/queue-status").json()["models"]
    return sum(load["running"] for load in loads if load["model"] == "endless")
