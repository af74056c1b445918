"""python -m trinax.evaluation.monitoring [COLLECTIONS]: what it costs to count and to be read.

All of it is time of this process, which other work on the machine does not lengthen much.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from trinax.answering.records import Done, Grounding
from trinax.answering.records import Route as Chosen
from trinax.app import observed, open_parts
from trinax.evaluation.metronome import MODEL, Metronome
from trinax.evaluation.report import table
from trinax.models.measuring import Generated, Measured
from trinax.models.ports import Generation, Sampling
from trinax.settings import Ingest, Settings
from trinax.web.admission import Admission
from trinax.web.control import Control
from trinax.web.metrics import catalogue
from trinax.web.metrics.exposition import Exposition
from trinax.web.metrics.readings import Readings
from trinax.web.metrics.recording import Recorder
from trinax.web.metrics.requests import Measures
from trinax.web.middleware import RequestId
from trinax.web.stopping import Stoppable, Stopping

ROUNDS = 31
REQUESTS = 300  # of a round
ANSWERS = 300
TOKENS = 5000
SCRAPES = 15
COLLECTIONS = 10
STAGES = dict.fromkeys(
    ("question", "candidates", "fusion", "passages", "confidence", "rerank"), 1.5
)
LAPS = dict.fromkeys(("route", "retrieve", "prompt", "first_text", "generate", "ground"), 3.0)
CHOSEN = Chosen("general", MODEL, (), False)
DONE = Done(Grounding("answered"), LAPS)
TEXT = Generated(MODEL, "finished", 0.001, 0.01, 0.002, 900, 300, 120)
SCOPE = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


@dataclass(frozen=True, slots=True)
class Read:
    """One answer of /metrics without what requests add: about two series for each route."""

    took_ms: float
    size_bytes: int
    collections: int


def main(collections: int = COLLECTIONS) -> None:
    bare, counted, stoppable = _requests_us()
    one = _answer_us()
    alone, measured = _token_us()
    rows = [
        ["a request, µs", f"{bare:.1f}", f"{counted - bare:+.1f}"],
        ["the same, that it can be ended, µs", f"{bare:.1f}", f"{stoppable - bare:+.1f}"],
        ["an answer with its search, µs", "", f"{one:+.1f}"],
        ["a token, µs", f"{alone:.2f}", f"{measured - alone:+.2f}"],
    ]
    print(table(["", "without", "what counting adds"], rows))
    read = asyncio.run(_read(collections))
    print(
        f"\nGET /metrics with {read.collections} collections: {read.took_ms:.1f} ms, "
        f"{read.size_bytes / 1000:.0f} kB"
    )


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def _requests_us() -> tuple[float, float, float]:
    """Of what does nothing: bare, counted, and bare but for what lets it be ended."""
    apps = [
        RequestId(_hello),
        RequestId(Measures(_hello, Exposition(catalogue.OF_REQUESTS), logged=False)),
        RequestId(Stoppable(_hello, Stopping())),
    ]
    bare, counted, stoppable = _interleaved([partial(_asked, app) for app in apps], REQUESTS)
    return bare, counted, stoppable


def _asked(app: RequestId, count: int) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        pass

    async def ask() -> None:
        for _ in range(count):
            await app({**SCOPE}, receive, send)

    asyncio.run(ask())


def _answer_us() -> float:
    recorder = Recorder()

    def answered(count: int) -> None:
        for _ in range(count):
            recorder.searched(STAGES)
            recorder.generated(TEXT)
            recorder.answered(CHOSEN, DONE)

    (found,) = _interleaved([answered], ANSWERS)
    return found


def _token_us() -> tuple[float, float]:
    def written(model: Metronome | Measured, count: int) -> None:
        async def write() -> None:
            asked = Generation((), "", sampling=Sampling(max_tokens=count))
            async with aclosing(model.generate(asked)) as events:
                async for _ in events:
                    pass

        asyncio.run(write())

    model = Metronome()
    measured = Measured(model, Recorder().generated)
    alone, with_it = _interleaved([partial(written, model), partial(written, measured)], TOKENS)
    return alone, with_it


def _interleaved(works: list[Callable[[int], None]], count: int) -> list[float]:
    """Microseconds for one of each, medians of rounds in which they take turns."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, took, strict=True):
            began = time.process_time()
            work(count)
            times.append(1e6 * (time.process_time() - began) / count)
    return list(map(median, took))


async def _read(collections: int) -> Read:
    with TemporaryDirectory(prefix="trinax-monitoring-") as folder:
        _fill(Path(folder), collections)
        settings = Settings(base=Path(folder), ingest=Ingest(scan_interval_s=0))
        control = Control(settings, Admission(settings))
        async with open_parts(settings) as parts:
            await parts.ingest.reconcile()
            readings = Readings(observed(parts))

            def text() -> bytes:
                now = Exposition(read=lambda: readings.all(control), process=True)
                return parts.recorder.text() + now.text()

            size_bytes = len(text())
            times = []
            for _ in range(SCRAPES):
                began = time.process_time()
                text()
                times.append(1000 * (time.process_time() - began))
        return Read(median(times), size_bytes, collections)


def _fill(base: Path, collections: int) -> None:
    for number in range(collections):
        folder = base / "collections" / f"shelf-{number}"
        folder.mkdir(parents=True)
        (folder / "note.md").write_text(f"What lies on shelf {number}.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
