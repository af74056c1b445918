"""Every rule that a stream of text_completion keeps, checked on its bytes."""

import json
from collections.abc import Sequence
from typing import Any

from openai.types import Completion

from tests.conformance.framing import data_of, events

DONE = "[DONE]"


def texts_of(data: bytes, choices: int, usage: bool) -> list[str]:
    """The text of each choice. Raises AssertionError for the first rule that is broken."""
    *values, last = [data_of(event) for event in events(data) if not event.startswith(":")]
    assert last == DONE
    frames = [json.loads(value) for value in values]
    for frame in frames:
        Completion.model_validate(frame | {"choices": [_ended(c) for c in frame["choices"]]})
        assert frame["object"] == "text_completion"
    for name in ("id", "created", "model"):
        assert len({frame[name] for frame in frames}) == 1, f"{name} changes"
    _check_usage(frames, usage)
    return [_text(frames, choice) for choice in range(choices)]


def _ended(choice: dict[str, Any]) -> dict[str, Any]:
    """OpenAI's own frames have no reason before the last, which its type does not know."""
    return {**choice, "finish_reason": choice["finish_reason"] or "stop"}


def _text(frames: Sequence[dict[str, Any]], index: int) -> str:
    mine = [c for frame in frames for c in frame["choices"] if c["index"] == index]
    ended = [choice["finish_reason"] for choice in mine if choice["finish_reason"]]
    assert len(ended) == 1, f"choice {index} ends {len(ended)} times"
    assert mine[-1]["finish_reason"], f"choice {index} goes on after its end"
    return "".join(choice["text"] for choice in mine)


def _check_usage(frames: Sequence[dict[str, Any]], usage: bool) -> None:
    if not usage:
        assert all(frame["choices"] for frame in frames), "a frame without choices"
        assert not any("usage" in frame for frame in frames), "usage that was not asked for"
        return
    *before, last = frames
    assert all(frame["choices"] and frame["usage"] is None for frame in before)
    assert last["choices"] == []
    counts = last["usage"]
    assert counts["total_tokens"] == counts["prompt_tokens"] + counts["completion_tokens"]
