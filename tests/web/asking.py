"""Chat requests as the tests make them, and what comes back."""

import json
from typing import Any

CHAT = "/v1/chat/completions"
KEEPER = "Who is the keeper of the lighthouse?"
READ = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}


def body(question: str = KEEPER, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}], **fields}


def frames(text: str) -> list[Any]:
    """Every frame's JSON; the last one's [DONE] as text."""
    assert text.endswith("\n\n")
    assert "\r" not in text
    events = text.removesuffix("\n\n").split("\n\n")
    assert all(event.startswith("data: ") and "\n" not in event for event in events)
    values = [event.removeprefix("data: ") for event in events]
    return [value if value == "[DONE]" else json.loads(value) for value in values]
