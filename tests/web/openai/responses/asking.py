"""Events of the Responses API as they come over the wire."""

import json
from typing import Any

from tests.web.asking import KEEPER

RESPONSES = "/v1/responses"
READ: dict[str, Any] = {"type": "function", "name": "read", "parameters": {"type": "object"}}


def body(question: Any = KEEPER, **fields: Any) -> dict[str, Any]:
    return {"input": question, **fields}


def events(text: str) -> list[Any]:
    """Every event's JSON; its name stands on a line of its own too."""
    assert text.endswith("\n\n")
    assert "\r" not in text
    told = []
    for each in text.removesuffix("\n\n").split("\n\n"):
        name, data = each.split("\n")
        told.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {told[-1]['type']}"
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    return told
