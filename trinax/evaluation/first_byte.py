"""How long a reader waits for the answer that needs no language model."""

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
from http.client import HTTPConnection, HTTPResponse

import numpy as np

from trinax.evaluation.serving import HOST, ServerFailed

CHAT = "/v1/chat/completions"
MODEL = "trinax-extract"
LIMIT_S = 60.0
RANKS = (50, 99)
NAMES = ("first_byte_ms", "first_text_ms", "whole_ms")


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds from the sending of a request: to the first byte of the stream's body, to the
    first text, to the end."""

    first_byte_ms: float
    first_text_ms: float
    whole_ms: float


def waits(port: int, collection: str, questions: Iterable[str]) -> list[Waits]:
    """One client after the other, each with a connection of its own. Raises ServerFailed."""
    return [_waited(port, collection, question) for question in questions]


def percentiles(found: Sequence[Waits]) -> dict[str, dict[str, float]]:
    """p50 and p99 of each wait."""
    columns = zip(NAMES, zip(*map(astuple, found), strict=True), strict=True)
    return {
        name: {f"p{rank}": round(float(np.percentile(column, rank)), 2) for rank in RANKS}
        for name, column in columns
    }


def _waited(port: int, collection: str, question: str) -> Waits:
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": question}],
        "collections": [collection],
        "stream": True,
    }
    content = json.dumps(body).encode()
    with closing(HTTPConnection(HOST, port, timeout=LIMIT_S)) as connection:
        connection.connect()
        start = time.perf_counter()
        connection.request("POST", CHAT, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != 200:
            raise ServerFailed(f"{CHAT}: {response.status} {response.read().decode()}")
        response.peek(1)
        first_byte_s = time.perf_counter() - start
        _read_text(response)
        first_text_s = time.perf_counter() - start
        response.read()
        whole_s = time.perf_counter() - start
    return Waits(1000 * first_byte_s, 1000 * first_text_s, 1000 * whole_s)


def _read_text(response: HTTPResponse) -> None:
    """Read up to and with the first frame that has text."""
    for line in iter(response.readline, b""):
        if line.startswith(b"data: {"):
            frame = json.loads(line.removeprefix(b"data: "))
            if any(choice["delta"].get("content") for choice in frame.get("choices", ())):
                return
    raise ServerFailed(f"{CHAT}: the stream ended without text")
