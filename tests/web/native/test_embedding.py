from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.encoder_files import WORDS

EMBED = "/api/v1/embed"
TEXT = " ".join(WORDS[:3])


def embed(http: TestClient, **fields: Any) -> Any:
    answer = http.post(EMBED, json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("model", ["nomic", "trinax-embed", "auto"])
def test_vectors_are_those_of_the_openai_wire(http: TestClient, model: str) -> None:
    found = embed(http, model=model, input=[TEXT, WORDS[4]])
    other = http.post("/v1/embeddings", json={"model": model, "input": [TEXT, WORDS[4]]}).json()
    assert found["embeddings"] == [each["embedding"] for each in other["data"]]
    assert (found["usage"], found["model"]) == (other["usage"], other["model"])
    assert {len(vector) for vector in found["embeddings"]} == {found["dimensions"]}


def test_one_text_gives_one_vector(http: TestClient) -> None:
    found = embed(http, model="nomic", input=TEXT)
    assert len(found["embeddings"]) == 1
    assert found["truncated"] == 0


def test_no_model_need_be_named(http: TestClient) -> None:
    assert embed(http, input=TEXT)["model"] == "trinax-embed"


def test_a_long_text_is_refused_unless_it_may_be_cut(http: TestClient) -> None:
    long = f"{WORDS[0]} " * 3000
    answer = http.post(EMBED, json={"model": "nomic", "input": [TEXT, long]})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "input[1]")
    assert embed(http, model="nomic", input=[TEXT, long], truncate=True)["truncated"] == 1


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({}, 400, "input"),
        ({"input": []}, 400, "input"),
        ({"input": ["a", ""]}, 400, "input[1]"),
        ({"input": 5}, 400, "input"),
        ({"input": "a", "dimensions": 3}, 400, "dimensions"),
        ({"input": "a", "model": "counting"}, 400, "model"),
        ({"input": "a", "model": "gpt-9"}, 404, "model"),
    ],
)
def test_what_cannot_be_embedded_is_refused(
    http: TestClient, fields: Any, status: int, param: str
) -> None:
    answer = http.post(EMBED, json={"model": "nomic", **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
