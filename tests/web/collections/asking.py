"""What the tests of collections ask again and again."""

from collections.abc import Sequence
from typing import Any

from starlette.testclient import TestClient

Sent = Sequence[tuple[str, bytes]]


def settled(http: TestClient, collection: str) -> Any:
    """The status once nothing is indexed any more."""
    while True:
        status = http.get(f"/v1/collections/{collection}/status").json()
        if status["state"] != "indexing":
            return status


def upload(http: TestClient, collection: str, files: Sent) -> Any:
    form = [("files", (name, content)) for name, content in files]
    return http.post(f"/v1/collections/{collection}/files", files=form)


def found(http: TestClient, query: str, collection: str = "") -> list[str]:
    """The files that a search finds by its words."""
    body = {"query": query, "mode": "bm25"} | ({"collections": [collection]} if collection else {})
    answer = http.post("/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    return [hit["file"] for hit in answer.json()["hits"]]
