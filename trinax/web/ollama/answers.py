"""What is written, as Ollama's lines; a whole answer is all of its lines in one."""

import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import Any, Literal, NotRequired, cast

import anyio.to_thread
from typing_extensions import TypedDict

from trinax.answering.completing import DraftEvent
from trinax.answering.records import Done, Event, Started
from trinax.models.ports import CallPiece, Finish, Piece, TokenLogprob
from trinax.web.ollama.models import time_text
from trinax.web.wire import rendering

NANOSECONDS = 1_000_000  # of a millisecond


class OllamaFunctionCalled(TypedDict):
    index: int
    name: str
    arguments: dict[str, Any]


class OllamaToolCalled(TypedDict):
    id: str
    function: OllamaFunctionCalled


class OllamaSaid(TypedDict):
    """A message of the assistant, or the next part of it."""

    role: Literal["assistant"]
    content: str
    thinking: NotRequired[str]
    tool_calls: NotRequired[list[OllamaToolCalled]]


class OllamaGrounds(TypedDict):
    """What trinax says about an answer."""

    model: str
    sources: list[rendering.Source]
    route: rendering.Route
    grounding: rendering.Grounding
    left_out: rendering.LeftOut
    timing: rendering.Timing


class OllamaLine(TypedDict):
    """Durations are in nanoseconds and, as the counts, on the last line only."""

    model: str
    created_at: str
    done: bool
    done_reason: NotRequired[Literal["stop", "length", "load", "unload"]]
    logprobs: NotRequired[list[rendering.Logprob]]
    total_duration: NotRequired[int]
    load_duration: NotRequired[int]
    prompt_eval_count: NotRequired[int]
    prompt_eval_duration: NotRequired[int]
    eval_count: NotRequired[int]
    eval_duration: NotRequired[int]
    trinaxai: NotRequired[OllamaGrounds]


class OllamaChatAnswer(OllamaLine):
    message: OllamaSaid


class OllamaGenerateAnswer(OllamaLine):
    response: str
    thinking: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says. told: what the last line says about the whole."""

    text: str = ""
    thinking: str = ""
    calls: tuple[OllamaToolCalled, ...] = ()
    logprobs: tuple[TokenLogprob, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)


Shape = Callable[[str, Said], OllamaChatAnswer | OllamaGenerateAnswer]


def chat_line(model: str, said: Said) -> OllamaChatAnswer:
    message: OllamaSaid = {"role": "assistant", "content": said.text}
    if said.thinking:
        message["thinking"] = said.thinking
    if said.calls:
        message["tool_calls"] = list(said.calls)
    return {**_line(model, said), "message": message}


def generate_line(model: str, said: Said) -> OllamaGenerateAnswer:
    shown = cast(OllamaGenerateAnswer, {**_line(model, said), "response": said.text})
    if said.thinking:
        shown["thinking"] = said.thinking
    return shown


def _line(model: str, said: Said) -> OllamaLine:
    now = time_text(datetime.now(UTC))
    shown: OllamaLine = {"model": model, "created_at": now, "done": bool(said.told)}
    if said.logprobs:
        shown["logprobs"] = list(map(rendering.logprob, said.logprobs))
    shown.update(said.told)  # type: ignore[typeddict-item]
    return shown


def merged(parts: Sequence[Said]) -> Said:
    return Said(
        text="".join(part.text for part in parts),
        thinking="".join(part.thinking for part in parts),
        calls=tuple(call for part in parts for call in part.calls),
        logprobs=tuple(each for part in parts for each in part.logprobs),
        told=parts[-1].told,
    )


async def grounded(
    started: Started, events: AsyncGenerator[Event], question: str
) -> AsyncGenerator[Said]:
    """events: what follows `started`."""
    calls: defaultdict[int, list[CallPiece]] = defaultdict(list)
    finish = Finish("stop", 0, 0)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Piece):
                yield piece(event)
            elif isinstance(event, CallPiece):
                calls[event.index].append(event)
            elif isinstance(event, Finish):
                finish = event
            elif isinstance(event, Done):
                if calls:
                    yield _called(calls)
                # Snippets take milliseconds, which other streams would wait.
                told = await anyio.to_thread.run_sync(_told, started, finish, event, question)
                yield Said(told=told)


async def drafted(events: AsyncGenerator[DraftEvent], began_ns: int) -> AsyncGenerator[Said]:
    """events: what follows the first. began_ns: when the request came, by perf_counter_ns."""
    first_ns = 0
    async with aclosing(events):
        async for event in events:
            first_ns = first_ns or perf_counter_ns()
            if isinstance(event, Piece):
                yield piece(event)
            elif isinstance(event, Finish):
                ended_ns = perf_counter_ns()
                read, written = first_ns - began_ns, ended_ns - first_ns
                yield Said(
                    told={**counts(event), **durations(0, read, written, ended_ns - began_ns)}
                )


async def only_told(told: Mapping[str, Any]) -> AsyncGenerator[Said]:
    """The one line of what wrote nothing."""
    yield Said(told={"done": True, **told})


def piece(event: Piece) -> Said:
    if event.channel == "reasoning":
        return Said(thinking=event.text)
    return Said(event.text, logprobs=event.logprobs)


def counts(finish: Finish) -> dict[str, Any]:
    return {
        "done": True,
        "done_reason": "length" if finish.reason == "length" else "stop",
        "prompt_eval_count": finish.prompt_tokens,
        "eval_count": finish.completion_tokens,
    }


def durations(load_ns: int, read_ns: int, written_ns: int, total_ns: int) -> dict[str, int]:
    """Never 0, which clients divide by."""
    return {
        "total_duration": max(1, total_ns),
        "load_duration": max(1, load_ns),
        "prompt_eval_duration": max(1, read_ns),
        "eval_duration": max(1, written_ns),
    }


def _told(started: Started, finish: Finish, done: Done, question: str) -> dict[str, Any]:
    laps, route = done.timing_ms, rendering.route(started.route)
    grounds: OllamaGrounds = {
        "model": started.route.model,
        "sources": [rendering.source(source, question) for source in started.sources],
        "route": route,
        "grounding": rendering.grounding(done.grounding),
        "left_out": rendering.left_out(started.left_out),
        "timing": rendering.timing(laps),
    }
    of_model = [laps.get(lap, 0) for lap in ("route", "first_text", "generate")]
    spent = durations(*map(_nanoseconds, (*of_model, sum(laps.values()))))
    return {**counts(finish), **spent, "trinaxai": grounds}


def _called(calls: Mapping[int, Sequence[CallPiece]]) -> Said:
    """Whole calls, for Ollama's are objects. What is none (a model was cut off, or wrote no JSON)
    is told as text: a tool must not run with a part of its arguments."""
    whole: list[OllamaToolCalled] = []
    broken: list[str] = []
    for index, (first, *rest) in sorted(calls.items()):
        text = "".join(part.arguments for part in (first, *rest))
        arguments = _object(text)
        if arguments is None:
            broken.append(f"{first.name} {text}")
        else:
            function: OllamaFunctionCalled = {
                "index": index,
                "name": first.name,
                "arguments": arguments,
            }
            whole.append({"id": first.id, "function": function})
    return Said("\n".join(broken), calls=tuple(whole))


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _nanoseconds(milliseconds: float) -> int:
    return round(milliseconds * NANOSECONDS)
