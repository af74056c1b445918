"""Servers that write, measured side by side: the same model, machine, client and run."""

import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from trinax.evaluation.engines import (
    LLAMA_SERVER,
    RAW,
    TRINAX,
    UNIFIED,
    Peers,
    Running,
    engines,
    started,
    usable_cpus,
)
from trinax.evaluation.processes import usage
from trinax.evaluation.random_model import Quantisation, Shape, random_model, words
from trinax.evaluation.report import table
from trinax.evaluation.scenarios import Figure, Scenario, Sizes, body, scenarios
from trinax.evaluation.serving import ServerFailed
from trinax.evaluation.streaming import ask

RAW_LIMIT_S = 300.0
START = Figure("start_s", "start of the process to its first token, s")
MEMORY = Figure("memory_mb", "memory at the end, MB")

Figures = dict[str, Any]
Note = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Bench:
    """folder: where models are kept. repetitions: of each scenario; the engines take turns.
    threads: of each engine; 0 for as many as there are processors."""

    folder: Path
    peers: Peers = field(default_factory=Peers)
    quantisation: Quantisation = "f16"
    repetitions: int = 3
    threads: int = 0
    shape: Shape = field(default_factory=Shape)
    sizes: Sizes = field(default_factory=Sizes)


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one figure."""

    key: str
    engine: str
    value: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an engine has no value where it should have one."""

    engine: str
    label: str
    reason: str


def measured(bench: Bench, note: Note) -> Figures:
    """Every figure of every engine; about ten minutes with all peers.

    note: is told what is being done. Raises GgufMissing; ServerFailed and TimeoutError for an
    engine that does not start.
    """
    model = random_model(bench.folder, bench.shape, bench.quantisation)
    threads = bench.threads or usable_cpus()
    every = engines(model, bench.peers, threads)
    todo = scenarios(bench.sizes)
    with (
        TemporaryDirectory(prefix="trinax-bench-") as folder,
        started(every, model, Path(folder)) as running,
    ):
        taken: list[Sample | Failure] = [asyncio.run(_start(one)) for one in running]
        for repetition in range(bench.repetitions):
            first = repetition % len(running)
            for scenario in todo:
                note(f"{repetition + 1} of {bench.repetitions}: {scenario.figures[0].label}")
                taken += _raw(scenario, model, threads, bench.sizes)
                for one in (*running[first:], *running[:first]):
                    taken += _taken(scenario, one, repetition)
        taken += [sample for one in running for sample in _memory(one)]
    samples = [each for each in taken if isinstance(each, Sample)]
    failures = [each for each in taken if isinstance(each, Failure)]
    figures = [*(figure for scenario in todo for figure in scenario.figures), START, MEMORY]
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "model": {"file": model.name, "size_bytes": model.stat().st_size},
        "threads": threads,
        "repetitions": bench.repetitions,
        "rows": [_row(figure, samples) for figure in figures],
        "failures": [asdict(failure) for failure in failures],
    }


def shown(figures: Figures) -> str:
    """The medians as a table; behind a peer's how many times better trinax is.

    Of llama-server's two ways of running each row shows the better one.
    """
    rows = [_with_best(row) for row in figures["rows"]]
    named = {name for row in rows for name in row["engines"]}
    peers = sorted(named - {TRINAX}, key=[LLAMA_SERVER, RAW].count, reverse=True)
    lines = [
        [row["label"], *(_cell(row, name) for name in (TRINAX, *peers))]
        for row in rows
        if row["engines"]
    ]
    model = f"{figures['model']['file']}, {figures['model']['size_bytes'] / 1e6:.0f} MB"
    head = f"{model}, {figures['threads']} threads, medians of {figures['repetitions']}"
    failures = dict.fromkeys(
        f"Not measured: {one['engine']}, {one['label']}: {one['reason']}"
        for one in figures["failures"]
    )
    return "\n".join([head, "", table(["", TRINAX, *peers], lines), *failures])


def _taken(scenario: Scenario, running: Running, repetition: int) -> list[Sample | Failure]:
    if scenario.batches and not running.engine.batches:
        return []
    name = running.engine.name
    # No two scenarios share a seed: servers keep the prompts that they have read.
    seed = f"{scenario.figures[0].key} {repetition}"
    try:
        values = asyncio.run(scenario.measure(running, seed))
    except (ServerFailed, TimeoutError, OSError) as exc:
        return [Failure(name, scenario.figures[0].label, str(exc) or "it took too long")]
    return [Sample(key, name, value) for key, value in values.items()]


async def _start(running: Running) -> Sample:
    said = [("user", words(20, "first"))]
    reply = await ask(running.server.port, body(running, said, 2))
    return Sample(START.key, running.engine.name, running.server.ready_s + reply.first_s)


def _memory(running: Running) -> Iterator[Sample]:
    if used := usage(running.server.pid):
        yield Sample(MEMORY.key, running.engine.name, used.memory_bytes / 1e6)


def _raw(scenario: Scenario, model: Path, threads: int, sizes: Sizes) -> Iterator[Sample | Failure]:
    if not scenario.sequences:
        return
    figure = scenario.figures[0]
    options = {
        "sequences": scenario.sequences,
        "prompt": sizes.prompt,
        "tokens": sizes.answer,
        "threads": threads,
    }
    command = [sys.executable, "-m", "trinax.evaluation.raw_decode", str(model)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=RAW_LIMIT_S)
    except subprocess.SubprocessError as exc:
        yield Failure(RAW, figure.label, str(exc))
        return
    yield Sample(figure.key, RAW, json.loads(done.stdout)["tokens_per_s"])


def _row(figure: Figure, samples: Sequence[Sample]) -> Figures:
    found: dict[str, list[float]] = {}
    for sample in samples:
        if sample.key == figure.key:
            found.setdefault(sample.engine, []).append(sample.value)
    return {
        "key": figure.key,
        "label": figure.label,
        "higher_is_better": figure.higher,
        "engines": {
            name: {"median": median(values), "min": min(values), "max": max(values)}
            for name, values in found.items()
        },
    }


def _with_best(row: Figures) -> Figures:
    """The row with one llama-server: the better of the two."""
    every = dict(row["engines"])
    two = [every.pop(name) for name in (LLAMA_SERVER, UNIFIED) if name in every]
    if two:
        best = max if row["higher_is_better"] else min
        every[LLAMA_SERVER] = best(two, key=lambda one: one["median"])
    return {**row, "engines": every}


def _cell(row: Figures, name: str) -> str:
    medians = {engine: found["median"] for engine, found in row["engines"].items()}
    if name not in medians:
        return ""
    value, ours = medians[name], medians.get(TRINAX)
    if name == TRINAX or ours is None:
        return _number(value)
    times = ours / value if row["higher_is_better"] else value / ours
    return f"{_number(value)} ({times:.2f} ×)"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
