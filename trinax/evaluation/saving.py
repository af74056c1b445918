"""python -m trinax.evaluation.saving [--chunks 20000]: what a backup takes, and what others wait
for it."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from anyio import to_thread

from trinax.app import Parts, in_use, open_parts
from trinax.backup.reading import Reading
from trinax.backup.restoring import Restoring
from trinax.backup.writing import backup
from trinax.evaluation.arguments import printed
from trinax.evaluation.moving import WORDS, write
from trinax.ingest.uploads import incoming
from trinax.retrieval.records import Query
from trinax.settings import Settings

REPEATED = 7
# Between two searches, and between two edits.
PAUSE_S = 0.002
EDIT_S = 0.02


async def measured(base: Path, chunks: int, alone_s: float = 10.0) -> list[str]:
    """A line for each of what is done. alone_s: that searches are measured by themselves."""
    settings = Settings(base=base)
    write(settings.collections_dir / "notes", chunks)
    lines: list[str] = []
    async with open_parts(settings) as parts:
        await parts.ingest.reconcile()
        store = parts.registry.get("notes")
        store.flush()
        lines.append(f"{store.count()} chunks")
        alone = await _searches(parts, asyncio.create_task(asyncio.sleep(alone_s)))
        lines.append(f"search alone: {_times(alone)}")
        tasks = [asyncio.create_task(_backups(parts, base / "a.tar"))]
        tasks.append(asyncio.create_task(_edits(parts, tasks[0])))
        beside = await _searches(parts, tasks[0])
        lines.append(f"search beside backups and edits: {_times(beside)}")
        took_s, waits_s = await tasks[0], await tasks[1]
        lines.append(f"backup: {median(took_s):.2f} s, {_size(base / 'a.tar')}")
        lines.append(f"an edit waits: {_times(waits_s)}")
    lines += await to_thread.run_sync(_restored, base)
    return lines


async def _searches(parts: Parts, until: asyncio.Task[object]) -> list[float]:
    found_s = []
    n = 0
    while not until.done():
        n += 1
        began_s = time.perf_counter()
        await parts.retriever.search(Query(f"{WORDS[n % len(WORDS)]} {WORDS[n * 7 % 5]} {n}"))
        found_s.append(time.perf_counter() - began_s)
        await asyncio.sleep(PAUSE_S)
    return found_s


async def _backups(parts: Parts, file: Path) -> list[float]:
    took_s = []
    for _ in range(REPEATED):
        began_s = time.perf_counter()
        await _saved(parts, file)
        took_s.append(time.perf_counter() - began_s)
    return took_s


async def _saved(parts: Parts, file: Path) -> None:
    """As the server sends it."""
    settings = parts.settings
    source = in_use(parts)
    with incoming(settings.data_dir) as apart, file.open("wb") as stream:
        made = backup(settings, source, apart)
        while (part := await to_thread.run_sync(next, made, None)) is not None:
            await to_thread.run_sync(stream.write, part)


async def _edits(parts: Parts, until: asyncio.Task[object]) -> list[float]:
    store = parts.registry.get("notes")
    waits_s: list[float] = []
    files = store.files()
    while not until.done():
        one = files[len(waits_s) % len(files)]
        began_s = time.perf_counter()
        await to_thread.run_sync(store.touch, one.file, one.size_bytes, one.mtime_s)
        waits_s.append(time.perf_counter() - began_s)
        await asyncio.sleep(EDIT_S)
    return waits_s


def _restored(base: Path) -> list[str]:
    lines: list[str] = []
    with _timed(lines, "comparing"), Reading(base / "a.tar") as reading:
        for part in reading.parts():
            for _ in part.pieces:
                pass
    there = Settings(base=base / "there")
    with _timed(lines, "restoring"), Restoring(base / "a.tar", there) as restoring:
        for _ in restoring.unpack():
            pass
        restoring.place()
    with _timed(lines, "first look at all documents after it"):
        outcome = asyncio.run(_first(there))
    lines.append(outcome)
    return lines


async def _first(settings: Settings) -> str:
    async with open_parts(settings) as parts:
        outcome = await parts.ingest.reconcile()
    return f"{outcome.unchanged} files unchanged, {outcome.chunks_embedded} chunks embedded"


@contextmanager
def _timed(lines: list[str], what: str) -> Iterator[None]:
    began_s = time.perf_counter()
    yield
    lines.append(f"{what}: {time.perf_counter() - began_s:.2f} s")


def _times(seconds: list[float]) -> str:
    ordered = sorted(1000 * one for one in seconds)
    p99 = ordered[int(0.99 * (len(ordered) - 1))]
    return (
        f"p50 {median(ordered):.1f} ms, p99 {p99:.1f} ms, longest {ordered[-1]:.1f} ms "
        f"({len(ordered)})"
    )


def _size(file: Path) -> str:
    return f"{os.stat(file).st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    printed("trinax.evaluation.saving", measured, chunks=20_000)
