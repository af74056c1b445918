from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import openai
import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.web.asking import KEEPER, READ, body, frames
from tests.web.conftest import application, serving
from tests.web.native.asking import CHAT, QUEUE, TASK, whole
from tests.web.native.conftest import installed
from tests.web.openai.test_generating import COUNTED
from tests.web.openai.test_sdk import listening
from trinax.settings import Settings

COMMIT = "Write a commit message for this diff:\n```diff\n-def f(x): return x\n+def f(): pass\n```"


def test_the_smallest_model_does_it_whatever_it_is_about(http: TestClient) -> None:
    for text in ("A title for: Tides.", COMMIT, "Compare both offers and weigh their risks."):
        answer = whole(http, TASK, body(text, temperature=0))
        assert answer["model"] == "counting"
        assert answer["choices"][0]["message"]["content"] == COUNTED
        assert answer["trinaxai"]["route"]["reasons"][0] == "short work for a tool"


def test_a_model_can_be_named(http: TestClient) -> None:
    assert whole(http, TASK, body(model="endless", max_tokens=3))["model"] == "endless"


def test_nothing_is_looked_up_unless_that_is_asked_for(http: TestClient) -> None:
    told = whole(http, TASK, body(KEEPER))["trinaxai"]
    assert (told["sources"], told["grounding"]["verdict"]) == ([], "ungrounded")
    told = whole(http, TASK, body(KEEPER, collections=["demo"]))["trinaxai"]
    assert told["sources"][0]["file"] == "guide.md"


def test_it_streams_as_chat_does(http: TestClient) -> None:
    *said, last, done = frames(http.post(TASK, json=body(stream=True, temperature=0)).text)
    assert "".join(frame["choices"][0]["delta"].get("content", "") for frame in said) == COUNTED
    assert (last["choices"], done) == ([], "[DONE]")


def test_it_goes_to_the_lane_of_tasks(settings: Settings) -> None:
    parrot = Parrot("A title")
    with serving(settings, parrot) as http:
        whole(http, TASK, body(timeout=9))
        whole(http, CHAT, body())
    turns = [(each.turn.lane, each.turn.limit_s) for each in parrot.generations]
    assert turns == [("task", 9), ("interactive", None)]


def test_without_a_model_that_writes_nothing_is_written(quoting: TestClient) -> None:
    for stream in (True, False):
        answer = quoting.post(TASK, json=body("A title for: Tides.", stream=stream))
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "no_generative_model")


def test_what_quotes_may_be_asked_for_quotes(quoting: TestClient) -> None:
    answer = whole(quoting, TASK, body(KEEPER, collections=["demo"]))
    assert "Marta Lindqvist" in answer["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"model": "trinax-extract"}, 400, "model"),
        ({"model": "nomic"}, 400, "model"),
        ({"model": "gpt-9"}, 404, "model"),
        ({"collections": ["none"]}, 404, "collections"),
        ({"messages": []}, 400, "messages"),
        ({"tools": [READ, READ]}, 400, "tools"),
    ],
)
def test_what_cannot_be_done_is_refused(
    http: TestClient, fields: Any, status: int, param: str
) -> None:
    answer = http.post(TASK, json={**body(), **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)


def test_models_are_listed_with_the_smallest_first(http: TestClient) -> None:
    auto, *models = http.get("/task/v1/models").json()["data"]
    assert [each["id"] for each in models] == ["counting", "endless", "filling", "trinax-extract"]
    assert (auto["id"], auto["kind"], auto["roles"]) == ("auto", "generate", ["fast"])


def test_without_a_model_that_writes_auto_quotes(quoting: TestClient) -> None:
    models = quoting.get("/task/v1/models").json()["data"]
    assert [(each["id"], each["kind"]) for each in models] == [
        ("auto", "extract"),
        ("trinax-extract", "extract"),
    ]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Of a server whose models answer one request at a time."""
    with listening(application(installed(tmp_path))) as url:
        yield url


@pytest.mark.slow
def test_the_sdk_works_with_it(url: str) -> None:
    with openai.OpenAI(base_url=f"{url}/task/v1", api_key="none", max_retries=0) as client:
        assert [model.id for model in client.models.list()][:2] == ["auto", "counting"]
        completion = client.chat.completions.create(
            model="auto", messages=[{"role": "user", "content": COMMIT}], temperature=0
        )
    assert completion.choices[0].message.content == COUNTED


@pytest.mark.slow
async def test_a_person_is_answered_before_every_task(url: str) -> None:
    tasks = 20
    asked = body(model="endless", max_tokens=3000, ignore_eos=True)
    async with (
        httpx.AsyncClient(base_url=url, timeout=60) as http,
        anyio.create_task_group() as waiting,
    ):
        for _ in range(tasks):
            waiting.start_soon(lambda: http.post(TASK, json=asked))
        while await busy(http) < tasks:
            pass
        answer = await http.post(CHAT, json=body(model="endless", max_tokens=50))
        assert answer.json()["usage"]["completion_tokens"] == 50
        assert await busy(http) == tasks
        waiting.cancel_scope.cancel()


async def busy(http: httpx.AsyncClient) -> int:
    models = (await http.get(QUEUE)).json()["models"]
    return sum(each["running"] + each["waiting"] for each in models)
