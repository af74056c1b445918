"""Raw texts as the tests have them continued."""

from typing import Any

from starlette.testclient import TestClient

from tests.web.asking import frames

COMPLETIONS = "/v1/completions"
# What the tiny models count on from.
COUNT = "Count:\n"
COUNTED = " one two three four five six seven eight nine ten"


def body(prompt: Any = COUNT, **fields: Any) -> dict[str, Any]:
    return {"model": "counting", "prompt": prompt, **fields}


def completed(http: TestClient, prompt: Any = COUNT, **fields: Any) -> Any:
    answer = http.post(COMPLETIONS, json=body(prompt, **fields))
    assert answer.status_code == 200, answer.text
    return answer.json()


def texts(answer: Any) -> list[str]:
    """By index."""
    assert [choice["index"] for choice in answer["choices"]] == list(range(len(answer["choices"])))
    return [choice["text"] for choice in answer["choices"]]


def streamed(http: TestClient, prompt: Any = COUNT, **fields: Any) -> list[Any]:
    answer = http.post(COMPLETIONS, json=body(prompt, stream=True, **fields))
    assert answer.status_code == 200, answer.text
    return frames(answer.text)


def joined(told: list[Any]) -> dict[int, str]:
    """The texts of a stream by index."""
    whole: dict[int, str] = {}
    for each in told[:-1]:
        for choice in each["choices"]:
            whole[choice["index"]] = whole.get(choice["index"], "") + choice["text"]
    return whole
