"""Every rule that a stream of chat.completion.chunk keeps, checked on its bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openai.types.chat import ChatCompletionChunk

from tests.conformance.framing import data_of, events

CHUNK = {"id", "object", "created", "model", "choices"}
SAID = {"route", "grounding", "timing"}
DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Stream:
    """frames: the JSON of each, in order. comments: what stands after the colon. failure: of the
    last frame, where the answer failed."""

    frames: Sequence[dict[str, Any]]
    comments: Sequence[str]
    failure: dict[str, Any] | None

    @property
    def last(self) -> dict[str, Any]:
        return self.frames[-1]


def stream_of(data: bytes, choices: int, usage: bool) -> Stream:
    """data: a whole body; choices, usage: how many and whether they were asked for.

    Raises AssertionError for the first rule that is broken.
    """
    found = events(data)
    comments = [event[1:].strip() for event in found if event.startswith(":")]
    values = [data_of(event) for event in found if not event.startswith(":")]
    if values[-1] != DONE:
        *before, last = map(json.loads, values)
        _check_failure(last)
        _check_chunks(before)
        return Stream(before, comments, last["error"])
    frames = [json.loads(value) for value in values[:-1]]
    _check_chunks(frames)
    _check_choices(frames, choices)
    _check_last(frames, usage)
    return Stream(frames, comments, None)


def _check_chunks(frames: Sequence[dict[str, Any]]) -> None:
    assert all(frame.keys() >= CHUNK for frame in frames), "a frame is not whole"
    assert {frame["object"] for frame in frames} <= {"chat.completion.chunk"}
    for frame in frames:
        ChatCompletionChunk.model_validate(frame)
    for name in ("id", "created", "model"):
        assert len({frame[name] for frame in frames}) <= 1, f"{name} changes"
    spoken: set[int] = set()
    for frame in frames:
        assert isinstance(frame["choices"], list)
        for choice in frame["choices"]:
            assert choice.keys() == {"index", "delta", "logprobs", "finish_reason"}
            if choice["index"] not in spoken:
                assert choice["delta"].get("role") == "assistant", "no role at the start"
            else:
                assert "role" not in choice["delta"], "a second role"
            spoken.add(choice["index"])


def _check_choices(frames: Sequence[dict[str, Any]], choices: int) -> None:
    deltas = [choice for frame in frames for choice in frame["choices"]]
    for index in range(choices):
        mine = [choice for choice in deltas if choice["index"] == index]
        ended = [choice["finish_reason"] for choice in mine if choice["finish_reason"]]
        assert len(ended) == 1, f"choice {index} ends {len(ended)} times"
        assert mine[-1]["finish_reason"], f"choice {index} goes on after its end"
    assert {choice["index"] for choice in deltas} == set(range(choices))


def _check_last(frames: Sequence[dict[str, Any]], usage: bool) -> None:
    places = [place for place, frame in enumerate(frames) if not frame["choices"]]
    assert places == [len(frames) - 1], "the frame without choices is not the last, or not one"
    last = frames[-1]
    assert isinstance(last.get("trinaxai_sources"), list)
    assert last.get("trinaxai", {}).keys() >= SAID
    assert not any({"trinaxai", "trinaxai_sources"} & frame.keys() for frame in frames[:-1])
    if not usage:
        assert not any("usage" in frame for frame in frames), "usage that was not asked for"
        return
    assert all(frame["usage"] is None for frame in frames[:-1]), "usage before the end"
    counts = last["usage"]
    assert counts["total_tokens"] == counts["prompt_tokens"] + counts["completion_tokens"]


def _check_failure(last: dict[str, Any]) -> None:
    assert last.keys() == {"error"}, "the stream ends neither with [DONE] nor with an error"
    assert last["error"].keys() == {"message", "type", "param", "code"}
