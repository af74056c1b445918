"""Another store, measured in a process of its own, with what a Python has installed.

main() prints JSON: figures, or the name of the package that is missing. Nothing but NumPy and the
store itself is needed beside this package, so that the Python need not have trinax installed.
"""

import importlib
import json
import os
import time
from functools import partial
from pathlib import Path
from typing import cast

from trinax.evaluation.ingestion.watching import Figures, seconds
from trinax.evaluation.processes import usage
from trinax.evaluation.storing import exact, material, timing
from trinax.evaluation.storing.peers.ports import Opened, Peer

# Chunks that are added at a time; Chroma takes no more than 5461.
BATCH = 5000
LIMIT = 10
PACKAGE = "trinax.evaluation.storing.peers"
MISSING = "missing"


def main(module: str, chunks: str, place: str, again: bool) -> None:
    """module: of the store. chunks: the folder of the material. place: where the store is kept.
    again: it was built there by another process."""
    try:
        opened = cast(Opened, importlib.import_module(f"{PACKAGE}.{module}").opened)
    except ModuleNotFoundError as exc:
        print(json.dumps({MISSING: exc.name}))
        return
    measure = _reopened if again else _built
    print(json.dumps(measure(opened, Path(chunks), Path(place))))


def _built(opened: Opened, chunks: Path, place: Path) -> Figures:
    asked = material.questions(chunks)
    before = usage(os.getpid())
    peer = opened(place, asked.vectors.shape[1])
    built_s = 0.0
    for batch in material.batches(chunks, BATCH):
        built_s += seconds(partial(peer.add, batch.first, batch.texts, batch.vectors))
    built_s += seconds(peer.finish)
    near = [peer.near(vector, exact.NEIGHBOURS) for vector in asked.vectors]
    figures = {
        "built_s": round(built_s, 1),
        "search_ms": _searched(peer, asked),
        "recall": round(exact.recall(near, asked.nearest), 4),
    }
    after = usage(os.getpid())
    if before and after:
        figures["memory_mb"] = round((after.memory_bytes - before.memory_bytes) / 1e6)
    peer.close()
    return figures


def _reopened(opened: Opened, chunks: Path, place: Path) -> Figures:
    asked = material.questions(chunks)
    before = usage(os.getpid())
    start_s = time.perf_counter()
    peer = opened(place, asked.vectors.shape[1])
    peer.search(asked.texts[0], asked.vectors[0], LIMIT)
    figures = {"opened_s": round(time.perf_counter() - start_s, 2)}
    _searched(peer, asked)
    after = usage(os.getpid())
    if before and after:
        figures["memory_mb"] = round((after.memory_bytes - before.memory_bytes) / 1e6)
    peer.close()
    return figures


def _searched(peer: Peer, asked: material.Questions) -> Figures:
    vectors = dict(zip(asked.texts, asked.vectors, strict=True))
    return timing.searched(lambda text: peer.search(text, vectors[text], LIMIT), asked.texts)
