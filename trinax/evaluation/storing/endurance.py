"""A store that is searched by many and rewritten at once, for minutes: errors, waits, memory."""

import asyncio
import gc
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from trinax.errors import TrinaxError
from trinax.evaluation import builtin
from trinax.evaluation.ingestion.watching import Figures, percentiles
from trinax.evaluation.processes import usage
from trinax.evaluation.report import table
from trinax.evaluation.storing import corpus
from trinax.index.ports import Store
from trinax.index.registry import Registry
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

LIMIT = 10
QUESTIONS = 200
# A longer wait is felt.
STALL_MS = 100.0
# Allocators keep some of what they once had, and what searches remember has a limit of its own.
GROWTH = 0.1
LONGEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """searchers: each asks, reads for about pause_s, and asks again. written_per_s: chunks, in
    files that are rewritten. A third of the time passes before the index is made compact, and it is
    made so again at the end. eager_s: after that all ask without a pause. warm_up_s: before all."""

    chunks: int = 100_000
    searchers: int = 32
    seconds: float = 300.0
    pause_s: float = 1.0
    written_per_s: float = 200.0
    eager_s: float = 20.0
    warm_up_s: float = 10.0


@dataclass(slots=True)
class Watch:
    """What happened when; times by the same clock. waits: begin and end of each search. stalls:
    how long nobody who waited got an answer. spans: what else ran, and from when to when."""

    waits: list[tuple[float, float]] = field(default_factory=list)
    stalls: list[tuple[float, float]] = field(default_factory=list)
    spans: list[tuple[str, float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    last_s: float = 0.0

    @contextmanager
    def searching(self) -> Iterator[None]:
        begun_s = time.perf_counter()
        self.waiting.append(begun_s)
        try:
            yield
        finally:
            now_s = time.perf_counter()
            since_s = max(self.last_s, min(self.waiting))
            self.stalls.append((since_s, now_s))
            self.waiting.remove(begun_s)
            self.waits.append((begun_s, now_s))
            self.last_s = now_s

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        begun_s = time.perf_counter()
        try:
            yield
        finally:
            self.spans.append((name, begun_s, time.perf_counter()))


@dataclass(frozen=True, slots=True)
class _Scene:
    store: Store
    retriever: Retriever
    rewrite: Callable[[int, int], None]
    asked: Sequence[str]
    plan: Plan


def measured(plan: Plan, note: Callable[[str], None]) -> Figures:
    """note: told what is being done. Linux tells of memory."""
    parts = builtin.parts()
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        store = parts.open_store(corpus.COLLECTION, Path(folder) / corpus.COLLECTION)
        registry = Registry(lambda _: store, [corpus.COLLECTION])
        retriever = Retriever(registry, parts.embedder, parts.settings)

        def rewrite(number: int, revision: int) -> None:
            store.replace(corpus.rewritten(number, revision, parts.embedder))

        scene = _Scene(store, retriever, rewrite, corpus.questions(QUESTIONS), plan)
        note(f"writing {plan.chunks} chunks")
        for files in corpus.batches(plan.chunks, parts.embedder):
            store.replace(files)
        store.compact(threading.Event())
        asyncio.run(_ask(scene, Watch(), plan.warm_up_s, plan.pause_s))
        gc.freeze()  # as a server does
        note(f"{plan.searchers} searchers and a writer for {plan.seconds:g} s")
        figures = _endured(scene)
        note(f"{plan.searchers} searchers who do not pause")
        eager = Watch()
        asyncio.run(_ask(scene, eager, plan.eager_s, 0.0))
        figures["eager"] = {**_told(eager), "per_s": round(len(eager.waits) / plan.eager_s, 1)}
        registry.close()
    return figures


def passed(figures: Figures) -> bool:
    """No error, no wait that is felt, and no memory that is kept."""
    memory = figures.get("memory")
    is_steady = memory is None or memory["after_mb"] <= (1 + GROWTH) * memory["before_mb"]
    return not figures["errors"] and figures["stall_ms"]["max"] <= STALL_MS and is_steady


def shown(figures: Figures) -> str:
    eager = figures["eager"]
    head = ["", "searches", "p50", "p99", "longest wait", "longest stall", "errors"]
    rows = [
        [
            name,
            f"{one['wait_ms']['searches']}",
            *(f"{one['wait_ms'][rank]:g}" for rank in ("p50", "p99", "max")),
            f"{one['stall_ms']['max']:g}",
            f"{len(one['errors'])}",
        ]
        for name, one in (
            (f"{figures['searchers']} who pause, and a writer, ms", figures),
            (f"without a pause, {eager['per_s']:g}/s, ms", eager),
        )
    ]
    tables = [table(head, rows)]
    if "memory" in figures:
        names = (("before", "before_mb"), ("most", "most_mb"), ("after", "after_mb"))
        memory = [[name, f"{figures['memory'][key]:g}"] for name, key in names]
        tables.append(table(["own memory, MB", ""], memory))
    longest = [[f"{one['ms']:g}", ", ".join(one["beside"])] for one in figures["longest"]]
    tables.append(table(["longest stalls, ms", "what ran"], longest))
    return "\n\n".join([*tables, *figures["errors"], *eager["errors"]])


def _endured(scene: _Scene) -> Figures:
    watch, over = Watch(), threading.Event()
    memory: list[float] = []
    settled: list[float | None] = [_own_mb()]
    workers = [
        threading.Thread(target=_rewrite, args=(scene, watch, over)),
        threading.Thread(target=_compact, args=(scene, watch, over, settled)),
        threading.Thread(target=_look, args=(memory, over)),
    ]
    for worker in workers:
        worker.start()
    asyncio.run(_ask(scene, watch, scene.plan.seconds, scene.plan.pause_s))
    over.set()
    for worker in workers:
        worker.join()
    with watch.during("compaction"):
        scene.store.compact(threading.Event())
    figures: Figures = {
        "chunks": scene.store.count(),
        "searchers": scene.plan.searchers,
        "rewritten": corpus.FILE_CHUNKS * sum(1 for name, *_ in watch.spans if name == "writing"),
        **_told(watch),
        "longest": _longest(watch),
    }
    if (before_mb := settled[-1]) is not None and (after_mb := _own_mb()) is not None:
        most_mb = max(memory, default=after_mb)
        figures["memory"] = {"before_mb": before_mb, "most_mb": most_mb, "after_mb": after_mb}
    return figures


async def _ask(scene: _Scene, watch: Watch, seconds: float, pause_s: float) -> None:
    deadline_s = time.monotonic() + seconds
    watch.last_s = time.perf_counter()

    async def one(number: int) -> None:
        chance = random.Random(number)
        while time.monotonic() < deadline_s:
            await asyncio.sleep(pause_s * chance.uniform(0.5, 1.5))
            query = Query(chance.choice(scene.asked), limit=LIMIT)
            with watch.searching():
                try:
                    found = await scene.retriever.search(query)
                except TrinaxError as exc:
                    watch.errors.append(f"{type(exc).__name__}: {exc}")
                else:
                    if not found.ranked:
                        watch.errors.append(f"nothing was found for {query.text!r}")

    await asyncio.gather(*map(one, range(scene.plan.searchers)))


def _rewrite(scene: _Scene, watch: Watch, over: threading.Event) -> None:
    chance = random.Random(corpus.SEED)
    began_s, written = time.monotonic(), 0
    while not over.wait(max(0.0, began_s + written / scene.plan.written_per_s - time.monotonic())):
        number = chance.randrange(scene.plan.chunks // corpus.FILE_CHUNKS)
        written += corpus.FILE_CHUNKS
        try:
            with watch.during("writing"):
                scene.rewrite(number, written)
                if written % scene.plan.written_per_s < corpus.FILE_CHUNKS:
                    scene.store.flush()  # once a second or so, as a server at the end of a run
        except TrinaxError as exc:
            watch.errors.append(f"{type(exc).__name__}: {exc}")


def _compact(
    scene: _Scene, watch: Watch, over: threading.Event, settled: list[float | None]
) -> None:
    """settled: gets the memory after it; what searches remember has come together by then."""
    if not over.wait(scene.plan.seconds / 3):
        with watch.during("compaction"):
            scene.store.compact(over)
        settled.append(_own_mb())


def _look(memory: list[float], over: threading.Event) -> None:
    while not over.wait(0.5):
        if (own_mb := _own_mb()) is not None:
            memory.append(own_mb)


def _own_mb() -> float | None:
    """Without mapped files; None where nobody tells."""
    if (used := usage(os.getpid())) is None:
        return None
    return round((used.memory_bytes - used.mapped_bytes) / 1e6, 1)


def _told(watch: Watch) -> Figures:
    waits_s, stalls_s = (
        [end - begin for begin, end in some] for some in (watch.waits, watch.stalls)
    )
    return {
        "wait_ms": {**percentiles(waits_s), "searches": len(waits_s)},
        "stall_ms": percentiles(stalls_s),
        "errors": sorted({*watch.errors}),
    }


def _longest(watch: Watch) -> list[Figures]:
    """The longest stalls, and what ran beside each. The last second of a compaction is when the
    compact copy takes over."""
    spans = [*watch.spans]
    spans += [("taking over", end - 1.0, end) for name, _, end in spans if name == "compaction"]
    stalls = sorted(watch.stalls, key=lambda one: one[0] - one[1])[:LONGEST_SHOWN]
    return [
        {
            "ms": round(1000 * (end - begin), 1),
            "beside": sorted({name for name, start, stop in spans if start < end and stop > begin}),
        }
        for begin, end in stalls
    ]
