"""The real requests of editors and plugins, answered by the whole application with a real model."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from tests.editors.exchanges import CLIENTS, CODER, Exchange
from tests.gguf_files import tiny_llama
from tests.web.asking import frames
from tests.web.conftest import folders, serving

MISSING = object()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = folders(tmp_path_factory.mktemp("base"))
    settings.models_dir.mkdir(parents=True)
    tiny_llama(settings.models_dir / f"{CODER}.gguf", context_tokens=8192, fills_in=True)
    with serving(settings) as http:
        http.post("/api/chat", json={"model": CODER})  # its thread starts at the first request
        yield http


@pytest.mark.parametrize(
    "exchange",
    [
        pytest.param(exchange, id=f"{client}-{number}-{exchange.path}")
        for client, exchanges in CLIENTS.items()
        for number, exchange in enumerate(exchanges)
    ],
)
def test_a_client_finds_what_it_needs(server: TestClient, exchange: Exchange) -> None:
    response = server.request(
        exchange.method, exchange.path, json=exchange.body, headers=dict(exchange.headers)
    )
    assert response.status_code == exchange.status, response.text
    parts = parts_of(response.text, exchange)
    for part in parts:
        check(exchange.shape, part)
    if exchange.last:
        check(exchange.last, parts[-1])
    assert {path: seen(parts, path, due) for path, due in exchange.shows.items()} == exchange.shows


def parts_of(answer: str, exchange: Exchange) -> list[Any]:
    """The frames of a stream; a whole answer as its only one."""
    if exchange.form == "lines":
        return [json.loads(line) for line in answer.splitlines()]
    if exchange.form == "sse":
        *told, done = frames(answer)
        assert done == "[DONE]"
        return told
    return [json.loads(answer)]


def check(shape: Any, value: Any) -> None:
    TypeAdapter(shape).validate_json(json.dumps(value), strict=True)


def seen(parts: list[Any], path: str, due: Any) -> Any:
    values = [value for part in parts if (value := at(part, path)) is not MISSING]
    texts = [value for value in values if isinstance(value, str)]
    if isinstance(due, set):
        return due & set(values[-1])
    if isinstance(due, str):
        return "".join(texts)
    return values[-1] if values else None


def at(value: Any, path: str) -> Any:
    """Of the keys of an object that hold dots the longest counts, as in "general.basename"."""
    if not path:
        return value
    if isinstance(value, list):
        first, _, rest = path.partition(".")
        return at(value[int(first)], rest) if int(first) < len(value) else MISSING
    if not isinstance(value, dict):
        return MISSING
    keys = sorted((key for key in value if f"{path}.".startswith(f"{key}.")), key=len)
    return at(value[keys[-1]], path.removeprefix(keys[-1])[1:]) if keys else MISSING


def test_a_dotted_path_leads_through_lists_and_keys_with_dots() -> None:
    shown = {"model_info": {"general.basename": "a"}, "choices": [{"text": "b"}]}
    assert at(shown, "model_info.general.basename") == "a"
    assert at(shown, "choices.0.text") == "b"
    assert at(shown, "choices.1.text") is MISSING
