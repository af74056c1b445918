from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

import pytest
from starlette.testclient import TestClient

from tests.web.access.conftest import NO_LIMITS, first_refused, key
from tests.web.asking import body
from tests.web.conftest import serving
from tests.web.native.conftest import installed
from trinax.settings import Kind, Router, Settings

PROMPT = {"prompt": "one two", "max_tokens": 1}
TEXT = {"input": "lamp"}
RANKING = {"query": "lamp", "documents": ["lamp"]}
CHATS = ("/v1/chat/completions", "/task/v1/chat/completions", "/api/v1/chat", "/api/chat")
LISTS = ("/v1/models", "/api/v1/models", "/task/v1/models", "/api/tags")
# Path and body of what can be asked of the models "endless" (those that write), "nomic" (embed).
NAMING = [
    *((path, body(model="endless", max_tokens=1, stream=False)) for path in CHATS),
    ("/v1/responses", {"input": "Hi", "model": "endless", "max_output_tokens": 16}),
    ("/v1/research", {"query": "Hi", "model": "endless"}),
    ("/v1/completions", PROMPT | {"model": "endless"}),
    ("/api/v1/generate", PROMPT | {"model": "endless"}),
    ("/api/v1/generate", PROMPT | {"model": "endless", "raw": True}),
    ("/api/generate", PROMPT | {"model": "endless", "stream": False}),
    ("/api/generate", {"model": "endless"}),
    ("/api/generate", {"model": "endless", "keep_alive": 0}),
    ("/api/show", {"model": "endless"}),
    ("/v1/embeddings", TEXT | {"model": "nomic"}),
    ("/api/v1/embed", TEXT | {"model": "nomic"}),
    ("/api/embed", TEXT | {"model": "nomic:latest"}),
    ("/v1/embeddings", TEXT | {"model": "trinax-embed"}),
    ("/v1/rerank", RANKING | {"model": "trinax-rank"}),
    ("/v1/chat/completions", body(model="trinax-extract")),
]


@dataclass(frozen=True, slots=True)
class Models:
    http: TestClient
    settings: Settings

    def limited(self, *models: str) -> dict[str, str]:
        return key(self.settings, models=frozenset(models))

    def post(self, path: str, sent: Any, *models: str) -> Any:
        return self.http.post(path, json=sent, headers=self.limited(*models))

    def listed(self, path: str, *models: str) -> list[str]:
        listed = self.http.get(path, headers=self.limited(*models)).json()
        rows = listed.get("models", listed.get("data"))
        return [row.get("id", row.get("name", row.get("model"))) for row in rows]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    settings = replace(installed(tmp_path_factory.mktemp("base")), limits=NO_LIMITS)
    with serving(settings) as http:
        first_refused(http)
        for model in ("counting", "endless"):  # their threads start at the first request
            http.post(CHATS[0], json=body(model=model, max_tokens=1))
        yield Models(http, settings)


@pytest.mark.parametrize(("path", "sent"), NAMING)
@pytest.mark.parametrize("allowed", [("counting",), ("auto",), ("auto", "counting")])
def test_a_model_that_is_not_allowed_is_as_if_it_did_not_exist(
    models: Models, path: str, sent: dict[str, Any], allowed: tuple[str, ...]
) -> None:
    refused = models.post(path, sent, *allowed)
    missing = models.post(path, sent | {"model": "nowhere"}, *allowed)
    assert refused.status_code == missing.status_code == 404
    bare = sent["model"].removesuffix(":latest")
    assert refused.text.replace(bare, "nowhere").replace(":latest", "") == missing.text


@pytest.mark.parametrize(("path", "sent"), NAMING[:6])
def test_an_allowed_model_is_used(models: Models, path: str, sent: dict[str, Any]) -> None:
    named = sent | {"model": "counting"}
    assert models.post(path, named, "counting").status_code == 200


def chosen(models: Models, *allowed: str) -> Any:
    sent = body(max_tokens=1, collections=[])
    return models.post(CHATS[0], sent, *allowed).json()


def test_auto_chooses_among_the_allowed(models: Models) -> None:
    assert chosen(models, "endless")["model"] == "endless"
    assert chosen(models, "counting")["model"] == "counting"


def test_auto_among_the_allowed_chooses_among_all(models: Models) -> None:
    unlimited = models.http.post(CHATS[0], json=body(max_tokens=1, collections=[])).json()
    assert chosen(models, "auto")["model"] == unlimited["model"]
    assert chosen(models, "auto", "filling")["model"] == unlimited["model"]


def test_auto_gives_nothing_where_nothing_suits(models: Models) -> None:
    assert chosen(models, "nomic")["error"]["code"] == "model_not_found"
    refused = models.post("/v1/embeddings", TEXT, "counting")
    assert refused.json()["error"]["code"] == "model_not_found"
    assert models.post("/v1/rerank", RANKING, "counting").status_code == 404
    assert models.post("/v1/completions", PROMPT, "nomic").status_code == 400


@pytest.mark.parametrize("path", LISTS)
def test_lists_show_the_allowed_only(models: Models, path: str) -> None:
    assert models.listed(path, "counting", "gone") == ["auto", "counting"]
    assert models.listed(path, "auto") == ["auto"]


def test_queues_and_memory_show_the_allowed_only(models: Models) -> None:
    assert models.listed("/api/v1/queue-status", "counting") == ["counting"]
    assert models.listed("/api/ps", "counting") == ["counting"]
    assert models.listed("/api/ps", "nomic") == []


def test_one_model_is_shown_to_who_may_use_it(models: Models) -> None:
    headers = models.limited("counting")
    assert models.http.get("/v1/models/counting", headers=headers).status_code == 200
    assert models.http.get("/v1/models/endless", headers=headers).status_code == 404


def test_a_task_with_no_model_for_it_is_refused(models: Models) -> None:
    assert models.listed("/task/v1/models", "nomic") == []
    refused = models.post(CHATS[1], body(), "nomic")
    assert refused.json()["error"]["code"] == "no_generative_model"


def test_nothing_is_told_of_models_that_are_configured(settings: Settings) -> None:
    kinds: tuple[Kind, ...] = get_args(Kind)
    routing = replace(settings, router=Router(models=dict.fromkeys(kinds, "hidden")))
    with serving(routing) as http:
        limited = key(settings, models=frozenset({"trinax-extract"}))
        assert "hidden" in http.post(CHATS[0], json=body()).text
        assert "hidden" not in http.post(CHATS[0], json=body(), headers=limited).text
