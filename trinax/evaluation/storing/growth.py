"""How the cost of a store grows with it.

As a program, with the number of chunks: the figures of one size, as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence

from trinax.evaluation.ingestion.watching import Figures
from trinax.evaluation.report import table
from trinax.evaluation.storing import bench
from trinax.evaluation.storing.drawing import Line, Panel, short, svg

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)

# What a row shows, and where it stands in the figures.
ROWS = (
    ("a whole search p50, ms", ("compact", "search_ms", "p50")),
    ("a whole search p99, ms", ("compact", "search_ms", "p99")),
    ("all processors, a search, ms", ("compact", "search_ms", "cpu_ms")),
    ("a hybrid query p50, ms", ("compact", "query_ms", "p50")),
    ("a hybrid query p99, ms", ("compact", "query_ms", "p99")),
    ("while 200 chunks/s are written p50, ms", ("beside", "query_ms", "p50")),
    ("while 200 chunks/s are written p99, ms", ("beside", "query_ms", "p99")),
    ("while it is made compact p50, ms", ("compacting", "query_ms", "p50")),
    ("while it is made compact p99, ms", ("compacting", "query_ms", "p99")),
    ("as written p50, ms", ("loose", "query_ms", "p50")),
    ("recall@10 of vectors", ("recall",)),
    ("written, chunks a second", ("written_per_s",)),
    ("made compact in, s", ("compacting", "seconds")),
    ("on disk, MB", ("disk_mb",)),
    ("reopened in, s", ("reopened", "opened_s")),
    ("memory of a process that has it open, MB", ("reopened", "process_mb")),
    ("of that, the store without mapped files, MB", ("reopened", "own_mb")),
)


def measured(note: Callable[[str], None], sizes: Sequence[int] = SIZES) -> Figures:
    """The figures of each size; an hour for all. In processes of their own, so that none finds the
    memory that another has left."""
    return {"sizes": [_alone(size, note) for size in sizes]}


def shown(figures: Figures) -> str:
    """A column for each size."""
    sizes = figures["sizes"]
    head = ["chunks", *(short(size["chunks"]) for size in sizes)]
    return table(head, [[name, *(_cell(size, path) for size in sizes)] for name, path in ROWS])


def drawn(figures: Figures) -> str:
    """Time of a search, and memory and disk, as an SVG."""
    sizes = figures["sizes"]

    def line(name: str, *path: str) -> Line:
        return Line(name, [float(_found(size, path) or 0) for size in sizes])

    times = [
        line("a whole search p99", "compact", "search_ms", "p99"),
        line("a whole search p50", "compact", "search_ms", "p50"),
        line("a hybrid query p50", "compact", "query_ms", "p50"),
    ]
    room = [line("disk", "disk_mb"), line("memory", "reopened", "process_mb")]
    panels = [
        Panel("a search, ms, by the number of chunks", times),
        Panel("MB, by the number of chunks", room),
    ]
    return svg([size["chunks"] for size in sizes], panels)


def _alone(size: int, note: Callable[[str], None]) -> Figures:
    note(f"{size} chunks")
    done = subprocess.run(
        [sys.executable, "-m", "trinax.evaluation.storing.growth", str(size)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: Figures = json.loads(done.stdout)
    return found


def _cell(figures: Figures, path: Sequence[str]) -> str:
    value = _found(figures, path)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else f"{value}"


def _found(figures: Figures, path: Sequence[str]) -> float | None:
    for key in path[:-1]:
        figures = figures[key]
    found: float | None = figures.get(path[-1])
    return found


def _told(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(bench.alone(int(sys.argv[1]), _told)))
