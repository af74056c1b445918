"""How long searches take, alone and beside other work."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import cycle

from trinax.evaluation.ingestion.watching import Figures, percentiles, seconds

Search = Callable[[str], object]
# A slow store is asked no more after that.
LIMIT_S = 60.0


def searched(search: Search, asked: Sequence[str]) -> Figures:
    """Milliseconds of each, one after the other, and of all processors together; the last ones are
    left out if it takes too long."""
    taken_s: list[float] = []
    worked_s, deadline_s = time.process_time(), time.monotonic() + LIMIT_S
    for text in asked:
        taken_s.append(seconds(partial(search, text)))
        if time.monotonic() > deadline_s:
            break
    cpu_ms = 1000 * (time.process_time() - worked_s) / len(taken_s)
    return {**figures(taken_s), "cpu_ms": round(cpu_ms, 2)}


def searched_while(
    searches: Mapping[str, Search], asked: Sequence[str], act: Callable[[], None]
) -> Figures:
    """The same of each, in turn, for as long as something else is done, questions over and over
    again. searches: by what their figures are called. seconds: what that took."""
    taken_s: dict[str, list[float]] = {name: [] for name in searches}
    worker = threading.Thread(target=act)
    began_s = time.perf_counter()
    worker.start()
    turns = ((text, *search) for text in cycle(asked) for search in searches.items())
    while worker.is_alive():
        text, name, search = next(turns)
        taken_s[name].append(seconds(partial(search, text)))
        time.sleep(0.005)  # people read in between, and one core is enough for one of them
    worker.join()
    found: Figures = {name: figures(each) for name, each in taken_s.items()}
    return {**found, "seconds": round(time.perf_counter() - began_s, 2)}


def figures(taken_s: Sequence[float]) -> Figures:
    """Of so many searches, in milliseconds."""
    return {**percentiles(taken_s), "searches": len(taken_s)}
