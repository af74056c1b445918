"""Whether those who ask notice a crowd that keeps connections open and does little with them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import numpy as np

from trinax.evaluation.report import table
from trinax.evaluation.serving import HOST, Server, ServerFailed, served, until

COLLECTION = "notes"
NOTES = 200
NOTE = "# Note {0}\n\nThe lamp of lighthouse {0} is lit at dusk by keeper {0}.\n"
DRIP_S = 0.5  # between two bytes of a request that never ends
INDEX_LIMIT_S = 60.0
RANKS = (50, 99)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Crowd:
    """asking: clients that ask and are measured. idle: connections that send nothing. slow: those
    that send a byte now and then. Each of those who ask asks once in a period, for so many rounds,
    of which the first is not counted."""

    asking: int = 100
    idle: int = 200
    slow: int = 200
    period_s: float = 1.0
    rounds: int = 12
    runs: int = 3


def measured(crowd: Crowd = Crowd()) -> Figures:
    """Latencies without and with the crowd, by turns; two minutes. Raises ServerFailed."""
    with TemporaryDirectory(prefix="trinax-crowd-") as place:
        notes = Path(place) / "collections" / COLLECTION
        notes.mkdir(parents=True)
        for number in range(NOTES):
            (notes / f"{number}.md").write_text(NOTE.format(number), "utf-8")
        with served(Path(place) / "data", notes.parent) as server:
            until(lambda: _is_indexed(server), INDEX_LIMIT_S, "the notes are indexed")
            runs = [asyncio.run(_run(server.port, crowd)) for _ in range(crowd.runs)]
    alone, beside = zip(*runs, strict=True)
    return {
        "asking": crowd.asking,
        "crowd": crowd.idle + crowd.slow,
        "alone_ms": _percentiles(alone),
        "beside_ms": _percentiles(beside),
    }


def shown(figures: Figures) -> str:
    alone, beside = figures["alone_ms"], figures["beside_ms"]
    rows = [
        [
            f"search {rank}, ms",
            f"{alone[rank]:g}",
            f"{beside[rank]:g}",
            f"{beside[rank] / alone[rank]:.2f} ×",
        ]
        for rank in alone
    ]
    head = [f"{figures['asking']} clients", "alone", f"beside {figures['crowd']}", "ratio"]
    return table(head, rows)


async def _run(port: int, crowd: Crowd) -> tuple[list[float], list[float]]:
    alone = await _asked(port, crowd)
    async with _standing_by(port, crowd):
        beside = await _asked(port, crowd)
    return alone, beside


async def _asked(port: int, crowd: Crowd) -> list[float]:
    """Milliseconds of each search but the first of each client."""
    clients = (_client(port, number, crowd) for number in range(crowd.asking))
    taken = await asyncio.gather(*clients)
    return [each for one in taken for each in one]


async def _client(port: int, number: int, crowd: Crowd) -> list[float]:
    """They begin one after the other within a period, so that no two ask at the same moment."""
    await asyncio.sleep(crowd.period_s * number / crowd.asking)
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        taken = []
        for _ in range(crowd.rounds):
            begun_s = time.perf_counter()
            writer.write(_search(port, number))
            await _answer(reader)
            taken.append(1000 * (time.perf_counter() - begun_s))
            await asyncio.sleep(max(0.0, crowd.period_s - (time.perf_counter() - begun_s)))
        return taken[1:]
    finally:
        writer.close()


def _search(port: int, number: int) -> bytes:
    content = json.dumps({"query": f"keeper of lighthouse {number}"}).encode()
    head = f"POST /v1/search HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").lower().split("\r\n")
    if " 200 " not in first:
        raise ServerFailed(f"a search was answered with {first}")
    (length,) = (line.split(":")[1] for line in lines if line.startswith("content-length"))
    await reader.readexactly(int(length))


@asynccontextmanager
async def _standing_by(port: int, crowd: Crowd) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for _ in range(crowd.idle):
            await stack.enter_async_context(_connected(port))
        slow = [await stack.enter_async_context(_connected(port)) for _ in range(crowd.slow)]
        async with anyio.create_task_group() as tasks:
            for writer in slow:
                tasks.start_soon(_drip, writer)
            yield
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[asyncio.StreamWriter]:
    _, writer = await asyncio.open_connection(HOST, port)
    try:
        yield writer
    finally:
        writer.close()


async def _drip(writer: asyncio.StreamWriter) -> None:
    """The beginning of a request, byte by byte, for as long as the server bears it."""
    for byte in _search(0, 0):
        if writer.is_closing():
            return
        writer.write(bytes([byte]))
        await asyncio.sleep(DRIP_S)


def _percentiles(runs: Sequence[Sequence[float]]) -> dict[str, float]:
    """Medians of the runs."""
    return {
        f"p{rank}": round(median(float(np.percentile(run, rank)) for run in runs), 2)
        for rank in RANKS
    }


def _is_indexed(server: Server) -> bool:
    found = server.json("GET", "/v1/collections")["collections"]
    return any(one["chunks"] == NOTES and one["state"] == "idle" for one in found)
