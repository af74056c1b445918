"""httpx-sse, which knows nothing of OpenAI and reads by the rules of the living standard."""

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import httpx
from httpx_sse import connect_sse

from tests.conformance.readers.openai_shape import STREAMED, Saying, whole
from tests.conformance.readers.replaying import Heard, replay

LIMIT_S = 60.0
CHAT = "/v1/chat/completions"


class Attributes(SimpleNamespace):
    """JSON read as attributes; what is not there is None."""

    def __getattr__(self, name: str) -> None:
        return None


def read(url: str, case: Mapping[str, Any], streamed: bool) -> Heard:
    body = {
        "model": case["model"],
        "messages": [{"role": "user", "content": case["question"]}],
        **case["fields"],
    }
    headers = {"authorization": f"Bearer {case['key']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=LIMIT_S) as http:
        if streamed:
            return streaming(http, body | STREAMED)
        answer = http.post(CHAT, json=body)
        return whole(attributes(answer.text)) if answer.is_success else refused(answer)


def streaming(http: httpx.Client, body: Mapping[str, Any]) -> Heard:
    said = Saying()
    with connect_sse(http, "POST", CHAT, json=body) as source:
        if not source.response.is_success:
            source.response.read()
            return refused(source.response)
        for event in source.iter_sse():
            assert (event.event, event.id, event.retry) == ("message", "", None)
            if event.data == "[DONE]":
                return said.heard()
            value = attributes(event.data)
            if value.error:
                return said.heard() | {"failure": failure(value.error, 0, "")}
            said.add(value)
    raise AssertionError("the stream ended without [DONE]")


def attributes(text: str) -> Any:
    return json.loads(text, object_hook=lambda value: Attributes(**value))


def refused(answer: httpx.Response) -> Heard:
    error = attributes(answer.text).error
    return {
        "texts": [],
        "failure": failure(error, answer.status_code, answer.headers.get("retry-after", "")),
    }


def failure(error: Any, status: int, retry_after: str) -> dict[str, Any]:
    return {
        "class": error.type,
        "status": status,
        "message": error.message,
        "code": error.code,
        "param": error.param or "",
        "retry_after": retry_after,
    }


if __name__ == "__main__":
    replay(read)
