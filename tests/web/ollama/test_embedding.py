from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.encoder_files import WORDS

TEXT = " ".join(WORDS[:3])


def embed(http: TestClient, **fields: Any) -> Any:
    answer = http.post("/api/embed", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("model", ["nomic", "nomic:latest", "trinax-embed", "auto"])
def test_vectors_are_those_of_the_openai_wire(http: TestClient, model: str) -> None:
    found = embed(http, model=model, input=[TEXT, WORDS[4]])
    other = http.post(
        "/v1/embeddings",
        json={"model": model.removesuffix(":latest"), "input": [TEXT, WORDS[4]]},
    ).json()
    assert found["embeddings"] == [each["embedding"] for each in other["data"]]
    assert found["prompt_eval_count"] == other["usage"]["prompt_tokens"]
    assert found["model"] == other["model"]
    assert found["total_duration"] >= found["load_duration"] > 0


def test_one_text_gives_one_vector(http: TestClient) -> None:
    [vector] = embed(http, model="nomic", input=TEXT)["embeddings"]
    older = http.post("/api/embeddings", json={"model": "nomic", "prompt": TEXT}).json()
    assert older == {"embedding": vector}


def test_nothing_gives_nothing(http: TestClient) -> None:
    assert embed(http, model="nomic")["embeddings"] == []
    assert embed(http, model="nomic", input=[])["embeddings"] == []
    assert http.post("/api/embeddings", json={"model": "nomic"}).json() == {"embedding": []}


def test_a_long_text_is_cut_unless_that_is_declined(http: TestClient) -> None:
    long = f"{WORDS[0]} " * 3000
    assert len(embed(http, model="nomic", input=long)["embeddings"]) == 1
    answer = http.post("/api/embed", json={"model": "nomic", "input": long, "truncate": False})
    assert (answer.status_code, answer.json()["param"]) == (400, "input")


def test_many_texts_are_embedded_in_parts(http: TestClient) -> None:
    texts = [TEXT] * 600
    vectors = embed(http, model="nomic", input=texts)["embeddings"]
    assert len(vectors) == 600
    assert vectors[0] == pytest.approx(vectors[-1], abs=1e-5)


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
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
    answer = http.post("/api/embed", json={"model": "nomic", **fields})
    assert (answer.status_code, answer.json()["param"]) == (status, param)


def test_what_has_no_effect_is_listed(http: TestClient) -> None:
    asked = {"model": "nomic", "input": TEXT, "options": {"num_ctx": 1}, "keep_alive": "1m"}
    answer = http.post("/api/embed", json=asked)
    assert answer.headers["x-trinax-ignored"] == "options, keep_alive"
