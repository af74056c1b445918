"""What is written, as lines of the native API; a whole answer is all of its lines in one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, NotRequired, cast

import anyio.to_thread
from typing_extensions import TypedDict

from trinax.answering.completing import Begun, DraftEvent
from trinax.answering.records import Done, Event, Started
from trinax.models.ports import CallPiece, Finish, FinishReason, Piece
from trinax.retrieval.stopwatch import Stopwatch
from trinax.web.openai.chat_shapes import ChatCall, ChatUsage
from trinax.web.openai.completion import token_logprobs, usage, whole_calls
from trinax.web.wire import rendering


class NativeBeside(TypedDict):
    """What may stand beside a text. reasoning: what was thought first. tool_calls: whole ones."""

    reasoning: NotRequired[str]
    tool_calls: NotRequired[list[ChatCall]]


class NativeLogprobs(TypedDict):
    logprobs: NotRequired[list[rendering.Logprob]]


class NativeDelta(NativeBeside, NativeLogprobs):
    """A line before the last. delta: the next text, empty where there is only what stands beside
    it."""

    delta: str


class NativeTold(TypedDict):
    """timing: milliseconds. What only a grounded answer has is not told of a prompt that was
    continued as it is."""

    model: str
    finish_reason: FinishReason
    usage: ChatUsage
    sources: NotRequired[list[rendering.Source]]
    route: NotRequired[rendering.Route]
    grounding: NotRequired[rendering.Grounding]
    left_out: NotRequired[rendering.LeftOut]
    timing: rendering.Timing


class NativeDone(NativeTold):
    """The last line."""

    done: Literal[True]


class NativeMessage(NativeBeside):
    """It can be sent back as it is, among the messages of the next request."""

    role: Literal["assistant"]
    content: str


class NativeChatAnswer(NativeTold, NativeLogprobs):
    message: NativeMessage


class NativeTextAnswer(NativeTold, NativeBeside, NativeLogprobs):
    text: str


Line = NativeDelta | NativeDone


@dataclass(frozen=True, slots=True)
class Written:
    """A whole answer, of its lines."""

    text: str
    beside: NativeBeside
    logprobs: NativeLogprobs
    told: NativeTold


async def grounded(
    started: Started, events: AsyncGenerator[Event], question: str
) -> AsyncGenerator[Line]:
    """events: what follows `started`."""
    calls: list[CallPiece] = []
    finish = Finish("stop", 0, 0)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                yield _delta(event)
            elif isinstance(event, CallPiece):
                calls.append(event)
            elif isinstance(event, Finish):
                finish = event
            elif isinstance(event, Done):
                if calls:
                    yield {"delta": "", "tool_calls": whole_calls(calls)}
                # Snippets take milliseconds, which other streams would wait.
                yield await anyio.to_thread.run_sync(_done, started, finish, event, question)


async def drafted(begun: Begun, events: AsyncGenerator[DraftEvent]) -> AsyncGenerator[Line]:
    """events: what follows `begun`."""
    clock = Stopwatch()
    async with aclosing(events):
        async for event in events:
            if "first_text" not in clock.laps_ms:
                clock.lap("first_text")
            if isinstance(event, Piece):
                yield _delta(event)
            elif isinstance(event, Finish):
                clock.lap("generate")
                yield {
                    "done": True,
                    "model": begun.model,
                    "finish_reason": event.reason,
                    "usage": usage([event]),
                    "timing": rendering.timing(clock.laps_ms),
                }


def chat_answer(lines: Sequence[Line]) -> NativeChatAnswer:
    """lines: all of them."""
    written = _written(lines)
    message: NativeMessage = {"role": "assistant", "content": written.text, **written.beside}
    return {"message": message, **written.logprobs, **written.told}


def text_answer(lines: Sequence[Line]) -> NativeTextAnswer:
    """lines: all of them."""
    written = _written(lines)
    return {"text": written.text, **written.beside, **written.logprobs, **written.told}


def _written(lines: Sequence[Line]) -> Written:
    deltas = [cast(NativeDelta, line) for line in lines[:-1]]
    told = {name: value for name, value in lines[-1].items() if name != "done"}
    beside: NativeBeside = {}
    logprobs: NativeLogprobs = {}
    if thought := "".join(delta.get("reasoning", "") for delta in deltas):
        beside["reasoning"] = thought
    if calls := [call for delta in deltas for call in delta.get("tool_calls", [])]:
        beside["tool_calls"] = calls
    if tokens := [token for delta in deltas for token in delta.get("logprobs", [])]:
        logprobs["logprobs"] = tokens
    text = "".join(delta["delta"] for delta in deltas)
    return Written(text, beside, logprobs, cast(NativeTold, told))


def _delta(piece: Piece) -> NativeDelta:
    if piece.channel == "reasoning":
        return {"delta": "", "reasoning": piece.text}
    if piece.logprobs:
        return {"delta": piece.text, "logprobs": token_logprobs(piece.logprobs)["content"]}
    return {"delta": piece.text}


def _done(started: Started, finish: Finish, done: Done, question: str) -> NativeDone:
    return {
        "done": True,
        "model": started.route.model,
        "finish_reason": finish.reason,
        "usage": usage([finish]),
        "sources": [rendering.source(source, question) for source in started.sources],
        "route": rendering.route(started.route),
        "grounding": rendering.grounding(done.grounding),
        "left_out": rendering.left_out(started.left_out),
        "timing": rendering.timing(done.timing_ms),
    }
