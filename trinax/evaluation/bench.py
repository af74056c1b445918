"""python -m trinax.evaluation.bench [--json FILE]: how fast trinax is on this machine.

The standard library of the running Python is indexed and searched by a real server with the
built-in embedder; a naive index (rank-bm25 and NumPy) does the same on the same chunks.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from trinax.documents import chunking
from trinax.documents.reading import document
from trinax.evaluation import builtin
from trinax.evaluation.first_byte import percentiles, waits
from trinax.evaluation.peers import NaiveIndex
from trinax.evaluation.report import table
from trinax.evaluation.serving import Server, served, until
from trinax.evaluation.workload import copy_stdlib, questions
from trinax.index.records import embedded_text

COLLECTION = "stdlib"
QUESTIONS = 200
WARM_UP = 20
LIMIT = 10
RUNS = 3  # of restart, edit, rebuild and the naive index's searches
NAIVE_QUESTIONS = 30
INDEX_LIMIT_S = 600.0
EDIT_LIMIT_S = 30.0

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Places:
    """data: the server's data folder. root: the indexed folder. files: its modules."""

    data: Path
    root: Path
    files: list[Path]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m trinax.evaluation.bench")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    figures = measured()
    print(shown(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0


def measured(copy: Callable[[Path], list[Path]] = copy_stdlib) -> Figures:
    """Every figure; takes about a minute.

    copy: puts Python modules into a folder and returns their paths.
    """
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        root = Path(folder) / "collections" / COLLECTION
        places = Places(Path(folder) / "data", root, copy(root))
        asked = questions(places.files, QUESTIONS + WARM_UP)
        size = sum(file.stat().st_size for file in places.files)
        return {
            "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
            "corpus": {"files": len(places.files), "bytes": size},
            "trinax": _trinax(places, asked),
            "naive": _naive(places, asked),
        }


def shown(figures: Figures) -> str:
    """The figures as a table, with how many times the naive index takes."""
    corpus, ours, naive = figures["corpus"], figures["trinax"], figures["naive"]
    files = f"{corpus['files']} files, {corpus['bytes'] / 1e6:.1f} MB, {ours['chunks']} chunks"
    rows = [
        _row("index from nothing, s", ours["index_s"], naive["index_s"]),
        _row("indexed chunks a second", ours["chunks_per_s"]),
        _row("search over HTTP p50, ms", ours["search_ms"]["p50"], naive["search_ms"]["p50"]),
        _row("search over HTTP p95, ms", ours["search_ms"]["p95"], naive["search_ms"]["p95"]),
        _row("search over HTTP p99, ms", ours["search_ms"]["p99"], naive["search_ms"]["p99"]),
        *_answer_rows(ours["answer"]),
        _row("one-file edit to visible, s", ours["edit_s"], naive["edit_s"]),
        _row("restart to ready, s", ours["restart_s"]),
    ]
    head = ["", "trinax", "naive (in process)", "ratio"]
    return f"Python's standard library: {files}\n\n{table(head, rows)}"


def _trinax(places: Places, asked: Sequence[str]) -> Figures:
    start = time.perf_counter()
    with served(places.data, places.root.parent) as server:
        until(lambda: _is_indexed(server), INDEX_LIMIT_S, "the index is whole")
        index_s = time.perf_counter() - start
        chunks = server.json("GET", f"/v1/collections/{COLLECTION}/status")["chunks"]
        search_ms = _milliseconds(asked, lambda text: _search(server, text))
        waits(server.port, COLLECTION, asked[:WARM_UP])
        answer = percentiles(waits(server.port, COLLECTION, asked[WARM_UP:]))
    restarts = []
    for _ in range(RUNS):
        with served(places.data, places.root.parent) as server:
            restarts.append(server.ready_s)
            _search(server, asked[0])
    with served(places.data, places.root.parent) as server:
        edit_s = median(_edit_s(server, places.files, run) for run in range(RUNS))
    return {
        "chunks": chunks,
        "index_s": round(index_s, 2),
        "chunks_per_s": round(chunks / index_s),
        "search_ms": search_ms,
        "answer": answer,
        "restart_s": round(median(restarts), 2),
        "edit_s": round(edit_s, 2),
    }


def _naive(places: Places, asked: Sequence[str]) -> Figures:
    embedder = builtin.parts().embedder
    start = time.perf_counter()
    texts = [
        embedded_text(chunk)
        for file in places.files
        for chunk in chunking.chunks(
            document(file.read_bytes(), file.name), COLLECTION, chunking.Limits()
        )
    ]
    vectors = list(embedder.passages(texts))
    index = NaiveIndex(texts, vectors)
    index_s = time.perf_counter() - start

    def search(text: str) -> list[int]:
        return index.search(text, embedder.queries([text])[0], LIMIT)

    rebuilds = [_seconds(lambda: NaiveIndex(texts, vectors)) for _ in range(RUNS)]
    return {
        "index_s": round(index_s, 2),
        "search_ms": _milliseconds(asked[: WARM_UP + NAIVE_QUESTIONS], search),
        "edit_s": round(median(rebuilds), 2),
    }


def _search(server: Server, text: str) -> Any:
    body = {"query": text, "collections": [COLLECTION], "limit": LIMIT}
    return server.json("POST", "/v1/search", body)


def _is_indexed(server: Server) -> bool:
    # Listed rather than asked for by id: before the first scan there is no such collection.
    found = server.json("GET", "/v1/collections")["collections"]
    return any(
        one["id"] == COLLECTION and one["state"] == "idle" and one["chunks"] for one in found
    )


def _edit_s(server: Server, files: Sequence[Path], run: int) -> float:
    """Seconds from a change of one file to the first search that finds it."""
    word = f"zyxwv{run}{time.monotonic_ns()}"
    with files[len(files) // 2].open("a", encoding="utf-8") as file:
        file.write(f"\n\ndef {word}():\n    return 0\n")
    found = partial(_finds, server, word)
    return _seconds(partial(until, found, EDIT_LIMIT_S, "the edit is found"))


def _finds(server: Server, word: str) -> bool:
    body = {"query": word, "collections": [COLLECTION], "limit": 1, "mode": "bm25"}
    return bool(server.json("POST", "/v1/search", body)["hits"])


def _milliseconds(asked: Sequence[str], search: Callable[[str], object]) -> dict[str, float]:
    for text in asked[:WARM_UP]:
        search(text)
    taken = [1000 * _seconds(partial(search, text)) for text in asked[WARM_UP:]]
    return {f"p{rank}": round(float(np.percentile(taken, rank)), 2) for rank in (50, 95, 99)}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _answer_rows(answer: Figures) -> list[list[str]]:
    names = {
        "first_byte_ms": "answer without a model: first streamed byte",
        "first_text_ms": "answer without a model: first text",
        "whole_ms": "answer without a model: whole",
    }
    return [
        _row(f"{text} {rank}, ms", answer[name][rank])
        for name, text in names.items()
        for rank in answer[name]
    ]


def _row(name: str, ours: float, naive: float | None = None) -> list[str]:
    if naive is None:
        return [name, f"{ours:g}", "", ""]
    return [name, f"{ours:g}", f"{naive:g}", f"{naive / ours:.1f} ×"]


if __name__ == "__main__":
    sys.exit(main())
