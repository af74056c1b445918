"""Thousands of good, wrong and broken-off requests to one server, and what they leave behind."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trinax.evaluation.mixture import SEED, Asked, Kind, fault, good_body, requests
from trinax.evaluation.processes import Usage, usage
from trinax.evaluation.random_model import TINY, random_model
from trinax.evaluation.report import table
from trinax.evaluation.serving import Launch, Server, launched, trinax
from trinax.evaluation.streaming import opened

QUEUE = "/api/v1/queue-status"
CLIENTS = 34  # at the same time: more than are answered and may wait, so some are turned away
SETTINGS = "[models]\ncontext_tokens = 2048\nqueue = 24\n"
LIMIT_S = 120.0  # of one request
IDLE_LIMIT_S = 30.0  # until nothing runs, after the last request
LOOK_S = 0.05  # between two looks at the queue
TURNED_AWAY_S = 1.0  # that a client waits when it was told to come later
MEMORY_BYTES = 32_000_000  # that a server may grow by, for what it keeps on purpose
FILES = 4  # that it may have open more than before
THREADS = 2  # that it may have more: it looks at its folders now and then
FAULTS_SHOWN = 20

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Soak:
    """warm_up: requests before the level is taken. settle_s: until threads and memory are looked
    at; idle threads that work was given to end after ten seconds."""

    requests: int = 2000
    warm_up: int = 200
    settle_s: float = 12.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """status: 0 if the client left first. fault: what should not have happened, "" for nothing."""

    kind: Kind
    status: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """A model's, as queue-status tells it."""

    running: int
    waiting: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    found: str
    passed: bool


def soaked(soak: Soak) -> Figures:
    """Outcomes by kind and the checks; some minutes. Raises GgufMissing, ServerFailed."""
    with TemporaryDirectory(prefix="trinax-soak-") as place:
        folder = Path(place)
        (folder / "collections").mkdir()
        (folder / "trinax.toml").write_text(SETTINGS, "utf-8")
        model = random_model(folder / "models", TINY)
        command = trinax("--models-dir", str(model.parent))
        with launched(Launch(command, "/ready", folder)) as server:
            return asyncio.run(_soaked(server, model.stem, soak))


def passed(figures: Figures) -> bool:
    return all(check["passed"] for check in figures["checks"])


def shown(figures: Figures) -> str:
    """What came of the requests, the checks, and what should not have happened."""
    kinds = [
        [kind, ", ".join(f"{count} × {status}" for status, count in sorted(found.items()))]
        for kind, found in figures["outcomes"].items()
    ]
    checks = [
        [check["name"], check["found"], "yes" if check["passed"] else "NO"]
        for check in figures["checks"]
    ]
    head = f"{figures['requests']} requests in {figures['seconds']:.0f} s"
    tables = (
        table(["requests", "status (0: left before it came)"], kinds),
        table(["check", "found", "passed"], checks),
    )
    return "\n\n".join([head, *tables, *figures["faults"]])


async def _soaked(server: Server, model: str, soak: Soak) -> Figures:
    await _ask_all(server.port, requests(soak.warm_up, model, SEED + 1))
    before = await _settled(server, soak.settle_s)
    start = time.perf_counter()
    over = asyncio.Event()
    watched = asyncio.create_task(_watch(server, over))
    outcomes = await _ask_all(server.port, requests(soak.requests, model))
    over.set()
    loads = await watched
    seconds = time.perf_counter() - start
    after = await _settled(server, soak.settle_s)
    last = await _one(server.port, Asked("whole", good_body(random.Random(SEED), model)))
    checks = [_no_faults(outcomes), *_queue(loads), _answers(last)]
    if before and after:
        checks += _growth(before, after)
    return {
        "requests": soak.requests,
        "seconds": seconds,
        "outcomes": _counted(outcomes),
        "faults": sorted({one.fault for one in outcomes if one.fault})[:FAULTS_SHOWN],
        "checks": [asdict(check) for check in checks],
    }


async def _settled(server: Server, settle_s: float) -> Usage | None:
    await asyncio.sleep(settle_s)
    server.connection.close()  # idle ones are dropped; the next request opens another
    # The server's pool ends threads that were idle for long when it gets the next piece of work.
    await asyncio.to_thread(server.json, "GET", QUEUE)
    await asyncio.sleep(LOOK_S)
    return usage(server.pid)


async def _ask_all(port: int, asked: Iterator[Asked]) -> list[Outcome]:
    outcomes: list[Outcome] = []

    async def client() -> None:
        for one in asked:
            outcomes.append(await _one(port, one))
            if outcomes[-1].status == 429:
                await asyncio.sleep(TURNED_AWAY_S)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return outcomes


async def _one(port: int, asked: Asked) -> Outcome:
    try:
        async with asyncio.timeout(LIMIT_S), opened(port, asked.body) as stream:
            if asked.leaves_s:
                await asyncio.sleep(asked.leaves_s)
            elif asked.reads is not None:
                await stream.read(asked.reads)
            else:
                await stream.whole()
            reply = stream.reply()
    except (TimeoutError, OSError) as exc:
        return Outcome(asked.kind, 0, f"{asked.kind}: {exc!r}")
    return Outcome(asked.kind, reply.status, fault(asked, reply))


async def _watch(server: Server, over: asyncio.Event) -> list[Load]:
    """Loads until it is over and, after that, until nothing runs or waits any more."""
    loads: list[Load] = []
    deadline = float("inf")
    while True:
        status = await asyncio.to_thread(server.json, "GET", QUEUE)
        loads += [Load(one["running"], one["waiting"], one["capacity"]) for one in status["models"]]
        if over.is_set():
            deadline = min(deadline, time.monotonic() + IDLE_LIMIT_S)
            idle = not any(one["running"] or one["waiting"] for one in status["models"])
            if idle or time.monotonic() > deadline:
                return loads
        await asyncio.sleep(LOOK_S)


def _counted(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Kind → status → how many."""
    kinds = sorted({outcome.kind for outcome in outcomes})
    return {
        kind: Counter(str(outcome.status) for outcome in outcomes if outcome.kind == kind)
        for kind in kinds
    }


def _no_faults(outcomes: Sequence[Outcome]) -> Check:
    faults = sum(1 for outcome in outcomes if outcome.fault)
    return Check("every answer is what the request may get", f"{faults} are not", not faults)


def _queue(loads: Sequence[Load]) -> list[Check]:
    wrong = [one for one in loads if not 0 <= one.running <= one.capacity or one.waiting < 0]
    most = max((one.running for one in loads), default=0)
    last = loads[-1] if loads else Load(0, 0, 0)
    return [
        Check(
            "queue-status adds up while it runs",
            f"{len(loads)} looks, up to {most} running",
            most > 0 and not wrong,
        ),
        Check(
            "nothing runs or waits at the end",
            f"{last.running} run, {last.waiting} wait",
            last.running == last.waiting == 0,
        ),
    ]


def _answers(last: Outcome) -> Check:
    return Check("it still answers", str(last.status), last.status == 200 and not last.fault)


def _growth(before: Usage, after: Usage) -> list[Check]:
    grown = after.memory_bytes - before.memory_bytes
    return [
        Check(
            "memory is back",
            f"{before.memory_bytes / 1e6:.0f} → {after.memory_bytes / 1e6:.0f} MB",
            grown <= MEMORY_BYTES,
        ),
        Check(
            "threads are back",
            f"{before.threads} → {after.threads}",
            after.threads <= before.threads + THREADS,
        ),
        Check(
            "files and connections are back",
            f"{before.files} → {after.files}",
            after.files <= before.files + FILES,
        ),
    ]
