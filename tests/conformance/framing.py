"""Streamed bodies as events or lines; every rule of the framing is an assertion."""

import json
from typing import Any


def events(data: bytes) -> list[str]:
    """Of a whole text/event-stream; comments are among them."""
    text = data.decode()
    assert "\r" not in text, "a line end that is not LF"
    assert text.endswith("\n\n"), "the last event is not ended"
    found = text.removesuffix("\n\n").split("\n\n")
    assert all(found), "an empty event"
    comments = [event[1:].strip() for event in found if event.startswith(":")]
    # VS Code and Continue take such a comment for an event.
    assert not any(comment.startswith("ping") for comment in comments), comments
    return found


def data_of(line: str) -> str:
    # Splits at every line end that Python knows, as some clients do.
    assert len(line.splitlines()) == 1, "an event of more than one line"
    assert line.startswith("data: "), f"neither data nor a comment: {line[:60]}"
    return line.removeprefix("data: ")


def lines(data: bytes) -> list[dict[str, Any]]:
    """Of a whole application/x-ndjson."""
    text = data.decode()
    assert "\r" not in text, "a line end that is not LF"
    assert text.endswith("\n"), "the last line is not ended"
    found = text.removesuffix("\n").split("\n")
    assert found == text.splitlines(), "a line end within a line"
    return [json.loads(line) for line in found]
