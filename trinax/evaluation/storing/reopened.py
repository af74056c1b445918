"""python -m trinax.evaluation.storing.reopened FOLDER: a process that opens a store and asks it.

It prints, as JSON, how long that took, how long searches take, and the memory it has then.
"""

import json
import os
import sys
import time
from pathlib import Path

from trinax.evaluation import builtin
from trinax.evaluation.processes import usage
from trinax.evaluation.storing import corpus, timing
from trinax.index.registry import Registry
from trinax.retrieval.retriever import Retriever

QUESTIONS = 200


def main(folder: Path) -> None:
    parts = builtin.parts()
    asked = corpus.questions(QUESTIONS)
    before = usage(os.getpid())
    start = time.perf_counter()
    store = parts.open_store(corpus.COLLECTION, folder / corpus.COLLECTION)
    store.files()
    opened_s = time.perf_counter() - start
    registry = Registry(lambda _: store, [corpus.COLLECTION])
    retriever = Retriever(registry, parts.embedder, parts.settings)
    search_ms = timing.searched(retriever, asked)
    after = usage(os.getpid())
    registry.close()
    figures = {"opened_s": round(opened_s, 2), "search_ms": search_ms}
    if before and after:
        figures["memory_mb"] = round((after.memory_bytes - before.memory_bytes) / 1e6)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
