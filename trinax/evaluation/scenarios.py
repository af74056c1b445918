"""What servers that write are measured on."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from trinax.evaluation.engines import Running
from trinax.evaluation.random_model import words
from trinax.evaluation.serving import ServerFailed
from trinax.evaluation.streaming import Reply, ask, opened

LIMIT_S = 300.0
# Reads of each stream before its gaps count, and the gaps that are taken while nothing else runs.
SETTLED, QUIET = 8, 40
SETTLE_LIMIT_S = 20.0  # a server that takes longer writes them one after the other
# Running streams are cut off when the prompt beside them was read; until then they have enough.
ENDLESS_TOKENS = 3000

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is asked; in tokens, prompts without the words of the chat template."""

    streams: int = 8
    prompt: int = 30
    answer: int = 200
    sources: int = 800
    question: int = 20
    short_answer: int = 48
    prefix: int = 1500
    long_prompt: int = 4000
    beside: int = 4  # streams that run while the long prompt is read
    choices: int = 4
    repeats: int = 5  # of requests that take only moments


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. higher: whether more is better."""

    key: str
    label: str
    higher: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """measure: server and seed → a value for each figure; another seed has other prompts.
    sequences: as many are written by llama_decode alone for comparison; 0 for none.
    batches: only for engines that batch.
    """

    figures: tuple[Figure, ...]
    measure: Callable[[Running, str], Coroutine[None, None, Values]]
    sequences: int = 0
    batches: bool = False


def scenarios(sizes: Sizes) -> list[Scenario]:
    """Every scenario, in the order of the table."""
    return [
        Scenario(
            (
                Figure(
                    "streams_tokens_per_s",
                    f"{sizes.streams} streams × {sizes.answer} tokens, tokens/s in all",
                    higher=True,
                ),
            ),
            partial(streams, sizes=sizes, count=sizes.streams),
            sequences=sizes.streams,
        ),
        Scenario(
            (Figure("stream_tokens_per_s", "one stream, tokens/s", higher=True),),
            partial(streams, sizes=sizes, count=1),
            sequences=1,
        ),
        Scenario(
            (
                Figure(
                    "sources_tokens_per_s",
                    f"{sizes.streams} clients, the same {sizes.sources} tokens of sources, "
                    f"{sizes.short_answer} tokens each, tokens/s in all",
                    higher=True,
                ),
                Figure("sources_s", "the same, seconds until all are answered"),
            ),
            partial(same_sources, sizes=sizes),
        ),
        Scenario(
            (
                Figure("first_turn_ms", f"first turn of {sizes.prefix} tokens, ms to first token"),
                Figure("second_turn_ms", "second turn, ms to first token"),
                Figure("second_to_first_turn", "second turn / first turn"),
            ),
            partial(turns, sizes=sizes),
        ),
        Scenario(
            (
                Figure(
                    "choices_cost",
                    f"n = {sizes.choices} after {sizes.prefix} tokens, time / that of n = 1",
                ),
            ),
            partial(choices, sizes=sizes),
            batches=True,
        ),
        Scenario(
            (
                Figure("gap_p50_ms", f"{sizes.beside} streams, ms between tokens p50"),
                Figure("gap_p99_ms", "the same p99"),
                Figure("busy_gap_p50_ms", f"while {sizes.long_prompt} tokens are read, p50"),
                Figure("busy_gap_p99_ms", "the same p99"),
                Figure("busy_to_quiet_gap", "p99 while they are read / p99 before"),
                Figure("long_prompt_s", f"seconds until the {sizes.long_prompt} tokens are read"),
            ),
            partial(reading_beside_streams, sizes=sizes),
            batches=True,
        ),
        Scenario(
            (
                Figure(
                    "tasks_tokens_per_s",
                    f"one stream beside {sizes.streams - 1} of less urgent tasks, tokens/s",
                    higher=True,
                ),
                Figure("tasks_to_alone", "the same by one stream alone", higher=True),
            ),
            partial(beside_tasks, sizes=sizes),
            batches=True,
        ),
        Scenario(
            (Figure("first_token_ms", f"{sizes.prompt} tokens alone, ms to first token"),),
            partial(first_token, sizes=sizes),
        ),
    ]


def body(running: Running, messages: Sequence[tuple[str, str]], tokens: int, n: int = 1) -> Any:
    """A streamed request for exactly so many tokens. messages: (role, content)."""
    asked = {
        "model": running.model,
        "messages": [{"role": role, "content": content} for role, content in messages],
        "max_tokens": tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        **running.engine.extra,
    }
    return asked if n == 1 else {**asked, "n": n}


async def streams(running: Running, seed: str, *, sizes: Sizes, count: int) -> Values:
    """Answers to short prompts of their own, all at once."""
    prompts = [words(sizes.prompt, f"{seed} {client}") for client in range(count)]
    tokens_per_s, _ = await _at_once(running, prompts, sizes.answer)
    return {"streams_tokens_per_s" if count > 1 else "stream_tokens_per_s": tokens_per_s}


async def same_sources(running: Running, seed: str, *, sizes: Sizes) -> Values:
    """Questions of several clients about sources that no request before had."""
    sources = words(sizes.sources, seed)
    prompts = [
        f"{sources}\n\n{words(sizes.question, f'{seed} {client}')}"
        for client in range(sizes.streams)
    ]
    tokens_per_s, seconds = await _at_once(running, prompts, sizes.short_answer)
    return {"sources_tokens_per_s": tokens_per_s, "sources_s": seconds}


async def turns(running: Running, seed: str, *, sizes: Sizes) -> Values:
    """A conversation of two turns, the first of them long."""
    said = [("user", words(sizes.prefix, seed))]
    first = await _answer(running, said, sizes.question)
    question = words(sizes.question, f"{seed} second")
    said += [("assistant", first.texts[0]), ("user", question)]
    second = await _answer(running, said, sizes.question)
    return {
        "first_turn_ms": 1000 * first.first_s,
        "second_turn_ms": 1000 * second.first_s,
        "second_to_first_turn": second.first_s / first.first_s,
    }


async def choices(running: Running, seed: str, *, sizes: Sizes) -> Values:
    """One token of several choices against one token of one, each after a new prompt."""
    seconds = []
    for n in (1, sizes.choices):
        said = [("user", words(sizes.prefix, f"{seed} {n}"))]
        reply = await ask(running.server.port, body(running, said, 1, n))
        if len(reply.texts) != n:
            raise ServerFailed(f"{running.engine.name} wrote {len(reply.texts)} choices of {n}")
        seconds.append(reply.ended_s - reply.asked_s)
    return {"choices_cost": seconds[1] / seconds[0]}


async def first_token(running: Running, seed: str, *, sizes: Sizes) -> Values:
    """A short prompt when nothing else is to do."""
    taken = [
        (await _answer(running, [("user", words(sizes.prompt, f"{seed} {i}"))], 2)).first_s
        for i in range(sizes.repeats)
    ]
    return {"first_token_ms": 1000 * float(np.median(taken))}


async def beside_tasks(running: Running, seed: str, *, sizes: Sizes) -> Values:
    """What tasks that run already cost one who asks."""
    alone, _ = await _at_once(running, [words(sizes.prompt, f"{seed} alone")], sizes.answer)
    async with asyncio.timeout(LIMIT_S), AsyncExitStack() as stack:
        tasks = [
            await stack.enter_async_context(
                opened(
                    running.server.port,
                    body(running, [("user", words(sizes.prompt, f"{seed} {i}"))], ENDLESS_TOKENS),
                    running.engine.tasks,
                )
            )
            for i in range(sizes.streams - 1)
        ]
        async with asyncio.timeout(SETTLE_LIMIT_S):
            await asyncio.gather(*(task.read(SETTLED) for task in tasks))
        busy, _ = await _at_once(running, [words(sizes.prompt, f"{seed} busy")], sizes.answer)
        if any(task.ended_s for task in tasks):
            raise ServerFailed(f"{running.engine.name} ended a task that was to run on")
    return {"tasks_tokens_per_s": busy, "tasks_to_alone": busy / alone}


async def reading_beside_streams(running: Running, seed: str, *, sizes: Sizes) -> Values:
    """How evenly running streams come before and while a long prompt is read."""
    async with asyncio.timeout(LIMIT_S), AsyncExitStack() as stack:
        beside = [
            await stack.enter_async_context(
                opened(
                    running.server.port,
                    body(running, [("user", words(sizes.prompt, f"{seed} {i}"))], ENDLESS_TOKENS),
                )
            )
            for i in range(sizes.beside)
        ]
        async with asyncio.timeout(SETTLE_LIMIT_S):
            await asyncio.gather(*(stream.read(SETTLED) for stream in beside))
        settled_s = time.perf_counter()
        await asyncio.gather(*(stream.read(len(stream.reads) + QUIET) for stream in beside))
        long = await _answer(running, [("user", words(sizes.long_prompt, seed))], 1)
        if any(stream.ended_s for stream in beside):
            raise ServerFailed(f"{running.engine.name} ended a stream that was to run on")
        arrivals = [stream.reply().arrivals for stream in beside]
    quiet = _gaps_ms(arrivals, settled_s, long.asked_s)
    busy = _gaps_ms(arrivals, long.asked_s, long.arrivals[0])
    (quiet_p50, quiet_p99), (busy_p50, busy_p99) = (
        np.percentile(gaps, (50, 99)) for gaps in (quiet, busy)
    )
    return {
        "gap_p50_ms": float(quiet_p50),
        "gap_p99_ms": float(quiet_p99),
        "busy_gap_p50_ms": float(busy_p50),
        "busy_gap_p99_ms": float(busy_p99),
        "busy_to_quiet_gap": float(busy_p99 / quiet_p99),
        "long_prompt_s": long.first_s,
    }


async def _at_once(running: Running, prompts: Sequence[str], tokens: int) -> tuple[float, float]:
    """Tokens a second in all, and the seconds from the first request to the last end."""
    replies = await asyncio.gather(
        *(_answer(running, [("user", prompt)], tokens) for prompt in prompts)
    )
    seconds = max(r.ended_s for r in replies) - min(r.asked_s for r in replies)
    return len(prompts) * tokens / seconds, seconds


async def _answer(running: Running, said: Sequence[tuple[str, str]], tokens: int) -> Reply:
    return await ask(running.server.port, body(running, said, tokens))


def _gaps_ms(arrivals: Sequence[Sequence[float]], start_s: float, end_s: float) -> list[float]:
    """Between a stream's tokens, for those that end in the time given."""
    gaps = [
        1000 * (after - before)
        for times in arrivals
        for before, after in pairwise(times)
        if start_s <= after <= end_s
    ]
    if not gaps:
        raise ServerFailed("no stream wrote a token in the time that is measured")
    return gaps
