"""What Ollama's clients send in the tests, and the lines that come back."""

import json
from typing import Any

from starlette.testclient import TestClient

from tests.web.asking import KEEPER
from tests.web.openai.test_generating import COUNTED

__all__ = ["COUNTED", "KEEPER", "chat", "lines", "read_tool", "whole"]


def chat(question: str = KEEPER, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}], **fields}


def whole(http: TestClient, path: str, body: Any) -> Any:
    answer = http.post(path, json={**body, "stream": False})
    assert answer.status_code == 200, answer.text
    return answer.json()


def lines(http: TestClient, path: str, body: Any) -> list[Any]:
    """Of a stream, which is what comes unless a client asks for something else."""
    answer = http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    assert "\n\n" not in answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def read_tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "read", **function}}
