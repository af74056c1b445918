import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.web.collections.asking import found


def frames(text: str) -> Iterator[Any]:
    assert "\r" not in text
    for block in text.removesuffix("\n\n").split("\n\n"):
        if not block.startswith(":"):
            yield json.loads(block.removeprefix("data: "))


def test_a_status_is_told_again_until_the_collection_is_gone(
    fresh: TestClient, tmp_path: Path
) -> None:
    told: list[str] = []

    def follow() -> None:
        headers = {"accept": "text/event-stream"}
        told.append(fresh.get("/v1/collections/demo/status", headers=headers).text)

    following = threading.Thread(target=follow)
    following.start()
    (tmp_path / "collections/demo/new.md").write_text("A walrus.")
    fresh.post("/v1/collections/demo/reindex")
    while not found(fresh, "walrus"):
        pass
    fresh.delete("/v1/collections/demo")
    following.join()
    *statuses, last = frames(told[0])
    assert all(status["id"] == "demo" for status in statuses)
    assert last["error"]["code"] == "collection_not_found"


def test_an_unknown_collection_is_not_followed(fresh: TestClient) -> None:
    answer = fresh.get("/v1/collections/nowhere/status?stream=true")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "collection_not_found")
