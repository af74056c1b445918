"""What clients of the native API send in the tests, and the lines that come back."""

import json
from typing import Any

from starlette.testclient import TestClient

CHAT = "/api/v1/chat"
GENERATE = "/api/v1/generate"
TASK = "/task/v1/chat/completions"
QUEUE = "/api/v1/queue-status"


def whole(http: TestClient, path: str, body: Any) -> Any:
    answer = http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def lines(http: TestClient, path: str, body: Any) -> list[Any]:
    answer = http.post(path, json={**body, "stream": True})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    assert "\n\n" not in answer.text
    return [json.loads(line) for line in answer.text.splitlines()]
