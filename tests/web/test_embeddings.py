import base64
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

EMBEDDINGS = "/v1/embeddings"


def test_each_text_gets_its_vector(http: TestClient) -> None:
    answer = http.post(EMBEDDINGS, json={"model": "auto", "input": ["lamp", "keeper"]}).json()
    assert answer["model"] == "trinax-embed"
    assert [row["index"] for row in answer["data"]] == [0, 1]
    norms = [np.linalg.norm(row["embedding"]) for row in answer["data"]]
    assert norms == pytest.approx([1.0, 1.0], abs=1e-5)
    assert answer["usage"]["total_tokens"] >= 2


def test_base64_holds_the_same_numbers(http: TestClient) -> None:
    body = {"model": "trinax-embed", "input": "lamp"}
    plain = http.post(EMBEDDINGS, json=body).json()["data"][0]["embedding"]
    packed = http.post(EMBEDDINGS, json=body | {"encoding_format": "base64"}).json()
    numbers = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    assert numbers.tolist() == pytest.approx(plain)


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"input": None}, 400, "input"),
        ({"input": ""}, 400, "input"),
        ({"input": []}, 400, "input"),
        ({"input": ["a", ""]}, 400, "input"),
        ({"input": [1, 2]}, 400, "input"),
        ({"input": ["a"] * 2049}, 400, "input"),
        ({"model": "none"}, 404, "model"),
        ({"dimensions": 7}, 400, "dimensions"),
        ({"encoding_format": "hex"}, 400, "encoding_format"),
    ],
)
def test_a_wrong_field_is_named(
    http: TestClient, fields: dict[str, Any], status: int, param: str
) -> None:
    answer = http.post(EMBEDDINGS, json={"input": "lamp", "model": "auto", **fields})
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
