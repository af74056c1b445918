"""Every figure of a store of some size, as `trinax bench store` shows it."""

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from trinax.evaluation import builtin
from trinax.evaluation.ingestion.watching import Figures, seconds
from trinax.evaluation.processes import usage
from trinax.evaluation.report import table
from trinax.evaluation.runner import Parts
from trinax.evaluation.storing import beside, corpus, exact, material, timing
from trinax.index.ports import Store
from trinax.index.registry import Registry
from trinax.index.sparse import held_bytes
from trinax.index.upkeep import is_due
from trinax.retrieval import fusion
from trinax.retrieval.pool import Wanted, gather
from trinax.retrieval.question import question
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

QUESTIONS = 200
LIMIT = 10
SEARCH, QUERY = "search_ms", "query_ms"
SHOWN = (
    ("a whole search, ms", SEARCH),
    ("a hybrid query: both sides fused and ten passages read, ms", QUERY),
)
WRITTEN_S = 20.0
WRITTEN_PER_S = 200
# After so many chunks what was written is on disk, as when a real collection is indexed.
FLUSH_CHUNKS = 50_000

Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """A store under measurement. vectors: of the questions that are asked."""

    store: Store
    parts: Parts
    asked: Sequence[str]
    vectors: NDArray[np.float32]
    retriever: Retriever

    def search(self, text: str) -> None:
        """With the second stage, copies told, and the confidence."""
        self.retriever.found(Query(text, limit=LIMIT))

    def query(self, text: str) -> None:
        """What other stores do for a search: both sides, fused, and the best passages read."""
        asked = question([(text, 1.0)], self.parts.embedder)
        settings = self.parts.settings
        pool = gather([self.store], Wanted(asked.vector, asked.terms, settings.candidates))
        ranking = fusion.weighted(pool.bm25, pool.dense, settings.dense_weight, pool.floor)
        pool.passages([chunk_id for chunk_id, _ in ranking[:LIMIT]])

    def both(self) -> Mapping[str, timing.Search]:
        """By what their figures are called."""
        return {SEARCH: self.search, QUERY: self.query}


def measured(chunks: int, note: Note, peers: str | None = None) -> Figures:
    """As alone(), with other stores beside it where there are few enough chunks.

    peers: a Python that has them; None for this one. Raises InvalidRequest if there is none, and
    ServerFailed if a store gives up.
    """
    python = beside.python(peers)
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        kept = Path(folder) if chunks <= beside.MOST_CHUNKS else None
        figures = alone(chunks, note, kept)
        if kept:
            figures["peers"] = beside.measured(kept, python, note)
    return figures


def alone(chunks: int, note: Note, kept: Path | None = None) -> Figures:
    """chunks: how many, about. note: told what is being measured. kept: a folder that gets the
    chunks and the questions. A million take half an hour."""
    parts = builtin.parts()
    asked = corpus.questions(QUESTIONS)
    vectors = parts.embedder.queries(asked)
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        place = Path(folder)
        store = parts.open_store(corpus.COLLECTION, place / corpus.COLLECTION)
        registry = Registry(lambda _: store, [corpus.COLLECTION])
        retriever = Retriever(registry, parts.embedder, parts.settings)
        subject = Subject(store, parts, asked, vectors, retriever)
        gc.freeze()  # as a server does
        note(f"writing {chunks} chunks")
        written, seen = _written(subject, chunks, kept)
        if kept:
            material.put(kept, material.Questions(asked, vectors, seen.positions()))
        figures: Figures = {
            "chunks": store.count(),
            **written,
            "loose": _timed(subject),
            "compacting": _compaction(subject, note),
            **_compact(subject, seen.positions(), note),
        }
        registry.close()
        note("a process of its own")
        figures["disk_mb"] = round(held_bytes(place) / 1e6)
        figures["reopened"] = _reopened(place)
    return figures


def shown(figures: Figures) -> str:
    """The figures as tables."""
    reopened = figures["reopened"]
    rows = [
        ["written, chunks a second", f"{figures['written_per_s']}"],
        ["memory of the process at the end of it, MB", f"{figures.get('writing_mb', '')}"],
        ["made compact in, s", f"{figures['compacting']['seconds']:g}"],
        [f"recall@{exact.NEIGHBOURS} of vectors against exact", f"{figures['recall']:.4f}"],
        ["on disk, MB", f"{figures['disk_mb']}"],
        ["reopened in, s", f"{reopened['opened_s']:g}"],
        ["of that computing, s", f"{reopened['cpu_s']:g}"],
        ["memory of a process that has it open, MB", f"{reopened.get('process_mb', '')}"],
        ["of it for the store, MB", f"{reopened.get('memory_mb', '')}"],
        ["of that, without mapped files, MB", f"{reopened.get('own_mb', '')}"],
    ]
    tables = [
        *(_times(title, figures, key) for title, key in SHOWN),
        table([f"{figures['chunks']} chunks", ""], rows),
    ]
    if "peers" in figures:
        built_s = figures["chunks"] / figures["written_per_s"] + figures["compacting"]["seconds"]
        ours = [
            _ours(figures, built_s, name, key)
            for name, key in (("trinax, the query alone", QUERY), ("trinax", SEARCH))
        ]
        tables.append(beside.shown(ours, figures["peers"]))
    return "\n\n".join(tables)


def _times(title: str, figures: Figures, key: str) -> str:
    rows = [
        [name, *(f"{figures[state][key][rank]:g}" for rank in ("p50", "p95", "p99", "max"))]
        for name, state in (
            ("as written", "loose"),
            ("while it is made compact", "compacting"),
            ("compact", "compact"),
            (f"while {WRITTEN_PER_S} chunks/s are written", "beside"),
        )
    ]
    return table([title, "p50", "p95", "p99", "longest"], rows)


def _ours(figures: Figures, built_s: float, name: str, key: str) -> Figures:
    """As beside.measured() tells of others."""
    reopened = figures["reopened"]
    return {
        "name": name,
        "search_ms": figures["compact"][key],
        "built_s": round(built_s, 1),
        "recall": figures["recall"],
        "disk_mb": figures["disk_mb"],
        **{key: reopened[key] for key in ("opened_s", "memory_mb") if key in reopened},
    }


def _written(subject: Subject, chunks: int, kept: Path | None) -> tuple[Figures, exact.Nearest]:
    """How fast the store alone was, and what it should find."""
    store, seen = subject.store, exact.Nearest(subject.vectors)
    before, taken_s, written = usage(os.getpid()), 0.0, 0
    for files in corpus.batches(chunks, subject.parts.embedder):
        taken_s += seconds(partial(store.replace, files))
        entries = [*chain.from_iterable(files.values())]
        vectors = np.stack([entry.vector for entry in entries])
        seen.see(vectors)
        if kept:
            material.add(kept, [entry.passage.chunk.text for entry in entries], vectors)
        written += len(entries)
        if written // FLUSH_CHUNKS > (written - len(entries)) // FLUSH_CHUNKS:
            taken_s += seconds(store.flush)
            # As upkeep does along the way; the last time is measured beside searches.
            if written < chunks and is_due(store.loose(), store.count(), paused=False):
                store.compact(threading.Event())
    taken_s += seconds(store.flush)
    after = usage(os.getpid())
    figures: Figures = {"written_per_s": round(written / taken_s)}
    if before and after:
        figures["writing_mb"] = round((after.memory_bytes - before.memory_bytes) / 1e6)
    return figures, seen


def _timed(subject: Subject) -> Figures:
    return {name: timing.searched(search, subject.asked) for name, search in subject.both().items()}


def _compaction(subject: Subject, note: Note) -> Figures:
    note("making it compact")
    done: list[bool] = []

    def act() -> None:
        done.append(subject.store.compact(threading.Event()))

    figures = timing.searched_while(subject.both(), subject.asked, act)
    assert done == [True], "the index was not made compact"
    return figures


def _compact(subject: Subject, nearest: Sequence[Sequence[int]], note: Note) -> Figures:
    note("searches")
    compact = _timed(subject)
    limit = subject.parts.settings.candidates
    found = [subject.store.candidates(one, None, limit).dense for one in subject.vectors]
    best = [[hit.chunk_id for hit in hits[: exact.NEIGHBOURS]] for hits in found]
    recall = exact.recall(best, [list(map(corpus.chunk_id, near)) for near in nearest])
    note(f"searches beside {WRITTEN_PER_S} chunks a second")
    beside = timing.searched_while(subject.both(), subject.asked, partial(_write, subject))
    return {"compact": compact, "recall": round(recall, 4), "beside": beside}


def _write(subject: Subject) -> None:
    """Files that are not there yet, at a steady rate."""
    first = subject.store.count() // corpus.FILE_CHUNKS + 1
    began_s, written = time.monotonic(), 0
    for files in corpus.batches(int(WRITTEN_S * WRITTEN_PER_S), subject.parts.embedder, first):
        for file, entries in files.items():
            subject.store.replace({file: entries})
            written += len(entries)
            time.sleep(max(0.0, began_s + written / WRITTEN_PER_S - time.monotonic()))


def _reopened(place: Path) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "trinax.evaluation.storing.reopened", str(place)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: Figures = json.loads(done.stdout)
    return found
