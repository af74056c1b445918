"""Every figure of a store of some size, as `trinax bench store` shows it."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from trinax.evaluation import builtin
from trinax.evaluation.ingestion.watching import Figures, seconds
from trinax.evaluation.peers import NaivePair
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts
from trinax.evaluation.storing import corpus, timing
from trinax.index.ports import Store
from trinax.index.records import Files
from trinax.index.registry import Registry
from trinax.index.sparse import held_bytes
from trinax.retrieval.retriever import Retriever

QUESTIONS = 200
NEIGHBOURS = 10
# The naive pair is asked fewer, and not at all beyond so many chunks: it takes too long.
NAIVE_QUESTIONS = 20
NAIVE_CHUNKS = 100_000
WRITTEN_S = 20.0
WRITTEN_PER_S = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """A store under measurement. exact: ids of the chunks that are nearest to each question."""

    store: Store
    retriever: Retriever
    parts: Parts
    asked: Sequence[str]
    exact: list[set[str]]


def measured(chunks: int, note: Callable[[str], None]) -> Figures:
    """chunks: how many, about. note: told what is being measured. A million take half an hour."""
    parts = builtin.parts()
    asked = corpus.questions(QUESTIONS)
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        place = Path(folder)
        store = parts.open_store(corpus.COLLECTION, place / corpus.COLLECTION)
        registry = Registry(lambda _: store, [corpus.COLLECTION])
        note(f"writing {chunks} chunks")
        nearest = _Nearest(parts.embedder.queries(asked))
        written_s = _write(store, nearest.watched(corpus.batches(chunks, parts.embedder)))
        retriever = Retriever(registry, parts.embedder, parts.settings)
        subject = Subject(store, retriever, parts, asked, nearest.ids())
        figures: Figures = {
            "chunks": store.count(),
            "written_per_s": round(store.count() / written_s),
            "loose_ms": timing.searched(retriever, asked),
            **_compaction(subject, note),
            **_compact(subject, note),
        }
        registry.close()
        note("a process of its own")
        figures["disk_mb"] = round(held_bytes(place) / 1e6)
        figures["reopened"] = _reopened(place)
    if chunks <= NAIVE_CHUNKS:
        note("rank-bm25 and qdrant-client")
        figures["naive"] = _naive(chunks, parts, asked)
    return figures


def shown(figures: Figures) -> str:
    """The figures as tables."""
    naive, ours = figures.get("naive"), figures["compact_ms"]
    rows = [
        ["written, chunks a second", f"{figures['written_per_s']}"],
        ["made compact in, s", f"{figures['compacting_ms']['seconds']:g}"],
        [f"recall@{NEIGHBOURS} of vectors against exact", f"{figures['recall']:.4f}"],
        ["on disk, MB", f"{figures['disk_mb']}"],
        ["reopened in, s", f"{figures['reopened']['opened_s']:g}"],
        ["memory of a process that has it open, MB", f"{figures['reopened'].get('memory_mb', '')}"],
    ]
    if naive:
        ratio = naive["search_ms"]["p50"] / ours["p50"]
        rows.append(["naive pair, p50 of a search, ms", f"{naive['search_ms']['p50']:g}"])
        rows.append(["times as long", f"{ratio:.0f} ×"])
        rows.append(["naive pair, built in, s", f"{naive['built_s']:g}"])
    searches = [
        [name, *(f"{figures[key][rank]:g}" for rank in ("p50", "p95", "p99", "max"))]
        for name, key in (
            ("as written", "loose_ms"),
            ("while it is made compact", "compacting_ms"),
            ("compact", "compact_ms"),
            (f"while {WRITTEN_PER_S} chunks/s are written", "beside_ms"),
        )
    ]
    head = [f"{figures['chunks']} chunks", ""]
    times = table(["hybrid search, ms", "p50", "p95", "p99", "max"], searches)
    return f"{times}\n\n{table(head, rows)}"


def _write(store: Store, batches: Iterator[Files]) -> float:
    """Seconds that the store alone took."""
    taken_s = 0.0
    for files in batches:
        taken_s += seconds(partial(store.replace, files))
    store.flush()
    return taken_s


def _compaction(subject: Subject, note: Callable[[str], None]) -> Figures:
    note("making it compact")
    done: list[bool] = []

    def act() -> None:
        done.append(subject.store.compact(threading.Event()))

    figures = timing.searched_while(subject.retriever, subject.asked, act)
    assert done == [True], "the index was not made compact"
    return {"compacting_ms": figures}


def _compact(subject: Subject, note: Callable[[str], None]) -> Figures:
    note("searches")
    compact_ms = timing.searched(subject.retriever, subject.asked)
    vectors = subject.parts.embedder.queries(subject.asked)
    shares = [
        len(near & {hit.chunk_id for hit in subject.store.candidates(one, None, 100).dense[:10]})
        / NEIGHBOURS
        for one, near in zip(vectors, subject.exact, strict=True)
    ]
    note(f"searches beside {WRITTEN_PER_S} chunks a second")

    def write() -> None:
        first = subject.store.count() // corpus.FILE_CHUNKS + 1
        number = int(WRITTEN_S * WRITTEN_PER_S)
        began_s, written = time.monotonic(), 0
        for files in corpus.batches(number, subject.parts.embedder, first):
            for file, entries in files.items():
                subject.store.replace({file: entries})
                written += len(entries)
                time.sleep(max(0.0, began_s + written / WRITTEN_PER_S - time.monotonic()))

    beside_ms = timing.searched_while(subject.retriever, subject.asked, write)
    return {"compact_ms": compact_ms, "recall": float(np.mean(shares)), "beside_ms": beside_ms}


def _reopened(place: Path) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "trinax.evaluation.storing.reopened", str(place)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: Figures = json.loads(done.stdout)
    return found


def _naive(chunks: int, parts: Parts, asked: Sequence[str]) -> Figures:
    batches = corpus.batches(chunks, parts.embedder)
    entries = chain.from_iterable(some for files in batches for some in files.values())
    start = time.perf_counter()
    pair = NaivePair(entries, parts.embedder.width)
    built_s = time.perf_counter() - start

    def search(text: str) -> None:
        pair.search(text, parts.embedder.queries([text])[0], timing.LIMIT)

    taken_s = [seconds(partial(search, text)) for text in asked[:NAIVE_QUESTIONS]]
    return {"built_s": round(built_s, 1), "search_ms": timing.figures(taken_s)}


class _Nearest:
    """Keeps the chunks that are nearest to each question, of all that it sees."""

    def __init__(self, questions: np.ndarray) -> None:
        self._questions = questions
        self._ids = np.empty((len(questions), 0), object)
        self._scores = np.empty((len(questions), 0), np.float32)

    def watched(self, batches: Iterator[Files]) -> Iterator[Files]:
        for files in batches:
            entries = list(chain.from_iterable(files.values()))
            ids = np.array([one.passage.chunk.id for one in entries], object)
            scores = self._questions @ np.stack([one.vector for one in entries]).T
            self._scores = np.hstack([self._scores, scores])
            self._ids = np.hstack([self._ids, np.tile(ids, (len(scores), 1))])
            best = np.argsort(-self._scores, axis=1)[:, :NEIGHBOURS]
            self._scores = np.take_along_axis(self._scores, best, 1)
            self._ids = np.take_along_axis(self._ids, best, 1)
            yield files

    def ids(self) -> list[set[str]]:
        return [{*row} for row in self._ids]
