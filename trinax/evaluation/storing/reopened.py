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
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

QUESTIONS = 200
LIMIT = 10


def main(folder: Path) -> None:
    parts = builtin.parts()
    asked = corpus.questions(QUESTIONS)
    before = usage(os.getpid())
    start, worked = time.perf_counter(), time.process_time()
    store = parts.open_store(corpus.COLLECTION, folder / corpus.COLLECTION)
    store.files()
    opened_s, cpu_s = time.perf_counter() - start, time.process_time() - worked
    registry = Registry(lambda _: store, [corpus.COLLECTION])
    retriever = Retriever(registry, parts.embedder, parts.settings)
    search_ms = timing.searched(lambda text: retriever.found(Query(text, limit=LIMIT)), asked)
    after = usage(os.getpid())
    registry.close()
    figures = {"opened_s": round(opened_s, 2), "cpu_s": round(cpu_s, 2), "search_ms": search_ms}
    if before and after:
        figures["process_mb"] = round(after.memory_bytes / 1e6)
        figures["memory_mb"] = round((after.memory_bytes - before.memory_bytes) / 1e6)
        own_bytes = after.memory_bytes - after.mapped_bytes
        own_before_bytes = before.memory_bytes - before.mapped_bytes
        figures["own_mb"] = round((own_bytes - own_before_bytes) / 1e6)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
