"""How long searches take, alone and beside other work."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

LIMIT = 10
PERCENTILES = (50, 95, 99)

Figures = dict[str, Any]


def searched(retriever: Retriever, asked: Sequence[str]) -> Figures:
    """Milliseconds of a whole hybrid search in this process, one after the other."""
    return percentiles([_search_ms(retriever, text) for text in asked])


def searched_while(retriever: Retriever, asked: Sequence[str], act: Callable[[], None]) -> Figures:
    """The same for as long as something else is done, questions over and over again; seconds are
    what that took."""
    taken_ms: list[float] = []
    worker = threading.Thread(target=act)
    began_s = time.perf_counter()
    worker.start()
    number = 0
    while worker.is_alive():
        taken_ms.append(_search_ms(retriever, asked[number % len(asked)]))
        number += 1
        time.sleep(0.005)  # people read in between, and one core is enough for one of them
    worker.join()
    return {**percentiles(taken_ms), "seconds": round(time.perf_counter() - began_s, 2)}


def percentiles(taken_ms: Sequence[float]) -> Figures:
    found = np.percentile(taken_ms, PERCENTILES)
    return {
        **{f"p{rank}": round(float(ms), 2) for rank, ms in zip(PERCENTILES, found, strict=True)},
        "max": round(max(taken_ms), 1),
        "searches": len(taken_ms),
    }


def _search_ms(retriever: Retriever, text: str) -> float:
    start = time.perf_counter()
    retriever.found(Query(text, limit=LIMIT))
    return 1000 * (time.perf_counter() - start)
