"""What the web adds to an answer: to its first byte, and to each of its tokens."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from trinax.evaluation.metronome import BARE, MODEL
from trinax.evaluation.report import table
from trinax.evaluation.serving import HOST, ServerFailed
from trinax.evaluation.streaming import CHAT, opened

STREAMS = 8
TOKENS = 2000
REQUESTS = 300
WARM_UP = 30
RUNS = 3
LIMIT_S = 60.0
BARE_PATH = f"{BARE}?tokens={TOKENS}"
STAT = "/proc/{}/stat"
RANKS = (50, 95, 99)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Metronome:
    """A server whose model takes no time. alone_us: of computing for each token without the web."""

    port: int
    pid: int
    alone_us: float


def measured() -> Figures:
    """Medians of some runs; half a minute. Linux tells what a process has computed; elsewhere that
    row is missing. Raises ServerFailed."""
    with TemporaryDirectory(prefix="trinax-overhead-") as folder, _running(Path(folder)) as server:
        _first_bytes(server.port, CHAT, WARM_UP)
        first_ms = _first_bytes(server.port, CHAT, REQUESTS)
        bare_ms = _first_bytes(server.port, f"{BARE}?tokens=1", REQUESTS)
        # By turns, so that a busy moment of the machine meets both.
        runs = [(_token_us(server, CHAT), _token_us(server, BARE_PATH)) for _ in range(RUNS)]
        token_us, bare_us = map(median, zip(*runs, strict=True))
        return {
            "streams": STREAMS,
            "first_byte_ms": {f"p{rank}": _percentile(first_ms, rank) for rank in RANKS},
            "bare_first_byte_ms": {f"p{rank}": _percentile(bare_ms, rank) for rank in RANKS},
            "token_us": round(token_us - server.alone_us, 1) if token_us else None,
            "bare_us": round(bare_us, 1) if bare_us else None,
            "alone_us": round(server.alone_us, 1),
        }


def shown(figures: Figures) -> str:
    """The figures as a table; a bare StreamingResponse of ready frames beside them."""
    first, bare_first = figures["first_byte_ms"], figures["bare_first_byte_ms"]
    rows = [
        *(
            _row(f"request to first byte {rank}, ms", first[rank], bare_first[rank])
            for rank in first
        ),
        _row(
            f"computing for a token, {figures['streams']} streams, µs",
            figures["token_us"],
            figures["bare_us"],
        ),
        _row("of a model that nobody is shown, µs", figures["alone_us"], None),
    ]
    return table(["a model that takes no time", "trinax", "bare Starlette", "ratio"], rows)


def _row(name: str, ours: float | None, bare: float | None) -> list[str]:
    """Empty where nothing is known."""
    if ours is None or bare is None:
        return [name, "" if ours is None else f"{ours:g}", "", ""]
    return [name, f"{ours:g}", f"{bare:g}", f"{bare / ours:.2f} ×"]


def _body(tokens: int) -> Figures:
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Tick."}],
        "collections": [],
        "max_tokens": tokens,
        "stream": True,
    }


def _first_bytes(port: int, path: str, count: int) -> list[float]:
    """Milliseconds from a request to the first byte of its stream, one after the other over one
    connection."""
    content = json.dumps(_body(1)).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection((HOST, port), LIMIT_S) as connection:
        return [_first_byte_ms(connection, head.encode() + content) for _ in range(count)]


def _first_byte_ms(connection: socket.socket, request: bytes) -> float:
    start = time.perf_counter()
    connection.sendall(request)
    heard, took_s = b"", 0.0
    while not heard.endswith(b"\r\n0\r\n\r\n"):
        part = connection.recv(1 << 16)
        if not part:
            raise ServerFailed(f"the stream ended early: {heard[:200].decode(errors='replace')}")
        heard += part
        if not took_s and b"data: {" in heard:
            took_s = time.perf_counter() - start
    return 1000 * took_s


def _token_us(server: Metronome, path: str) -> float:
    """Microseconds that the server computes for each token of all streams; 0 if unknown."""

    async def read() -> None:
        async with asyncio.timeout(LIMIT_S), opened(server.port, _body(TOKENS), path) as stream:
            reply = await stream.whole()
        if len(reply.arrivals) != TOKENS:
            raise ServerFailed(f"{path} sent {len(reply.arrivals)} frames of {TOKENS}")

    async def all_streams() -> None:
        await asyncio.gather(*(read() for _ in range(STREAMS)))

    before = _computed_s(server.pid)
    asyncio.run(all_streams())
    return 1e6 * (_computed_s(server.pid) - before) / (STREAMS * TOKENS)


def _computed_s(pid: int) -> float:
    try:
        fields = Path(STAT.format(pid)).read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _percentile(values: list[float], rank: int) -> float:
    return round(float(np.percentile(values, rank)), 3)


@contextmanager
def _running(folder: Path) -> Iterator[Metronome]:
    command = [sys.executable, "-m", "trinax.evaluation.metronome", str(folder)]
    process = subprocess.Popen(
        [*command, str(STREAMS), str(TOKENS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        if not told:
            raise ServerFailed(f"{command[2]} did not start")
        yield Metronome(pid=process.pid, **json.loads(told))
    finally:
        process.communicate(timeout=LIMIT_S)
