"""How long searches take, alone and beside other work."""

import threading
import time
from collections.abc import Callable, Sequence

from trinax.evaluation.ingestion.watching import Figures, percentiles, seconds
from trinax.retrieval.records import Query
from trinax.retrieval.retriever import Retriever

LIMIT = 10


def searched(retriever: Retriever, asked: Sequence[str]) -> Figures:
    """Milliseconds of a whole hybrid search in this process, one after the other."""
    return figures([_search_s(retriever, text) for text in asked])


def searched_while(retriever: Retriever, asked: Sequence[str], act: Callable[[], None]) -> Figures:
    """The same for as long as something else is done, questions over and over again; seconds are
    what that took."""
    taken_s: list[float] = []
    worker = threading.Thread(target=act)
    began_s = time.perf_counter()
    worker.start()
    number = 0
    while worker.is_alive():
        taken_s.append(_search_s(retriever, asked[number % len(asked)]))
        number += 1
        time.sleep(0.005)  # people read in between, and one core is enough for one of them
    worker.join()
    return {**figures(taken_s), "seconds": round(time.perf_counter() - began_s, 2)}


def figures(taken_s: Sequence[float]) -> Figures:
    """Of so many searches, in milliseconds."""
    return {**percentiles(taken_s), "searches": len(taken_s)}


def _search_s(retriever: Retriever, text: str) -> float:
    return seconds(lambda: retriever.found(Query(text, limit=LIMIT)))
