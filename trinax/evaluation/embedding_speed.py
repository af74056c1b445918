"""How fast an embedder takes in chunks, and questions."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trinax.documents import chunking
from trinax.documents.reading import document
from trinax.embedding.ports import Embedder
from trinax.evaluation.outcomes import percentiles
from trinax.evaluation.report import table
from trinax.evaluation.workload import Copy, copy_stdlib, questions
from trinax.index.records import embedded_text
from trinax.ingest.vectors import SLICE

QUESTIONS = 1000
RUNS = 3


@dataclass(frozen=True, slots=True)
class Speed:
    """The best of RUNS, in one thread. chunks_per_s: by the clock. chunks_per_cpu_s: by the time
    of the processor, which other programs do not lengthen. query_ms: of one question alone."""

    chunks: int
    chunks_per_s: float
    chunks_per_cpu_s: float
    query_p50_ms: float
    query_p95_ms: float


def measured(open_embedder: Callable[[], Embedder], copy: Copy = copy_stdlib) -> Speed:
    """Of new embedders, that know no word yet. copy: as in bench.measured()."""
    with TemporaryDirectory(prefix="trinax-speed-") as folder:
        files = copy(Path(folder))
        asked = questions(files, QUESTIONS)
        texts = [text for file in files for text in _chunks(file)]
    taken = [_taken(open_embedder(), texts) for _ in range(RUNS)]
    embedder = open_embedder()
    embedder.passages(texts)
    answered = percentiles([_query_ms(embedder, text) for text in asked])
    return Speed(
        len(texts),
        len(texts) / min(wall_s for wall_s, _ in taken),
        len(texts) / min(cpu_s for _, cpu_s in taken),
        answered[50],
        answered[95],
    )


def shown(speed: Speed) -> str:
    rows = [
        ["chunks of the standard library", f"{speed.chunks}"],
        ["chunks a second", f"{speed.chunks_per_s:.0f}"],
        ["chunks a second of the processor", f"{speed.chunks_per_cpu_s:.0f}"],
        ["one question p50, ms", f"{speed.query_p50_ms:.3f}"],
        ["one question p95, ms", f"{speed.query_p95_ms:.3f}"],
    ]
    return table(["embedding, one thread", ""], rows)


def _chunks(file: Path) -> list[str]:
    found = document(file.read_bytes(), file.name)
    return [embedded_text(one) for one in chunking.chunks(found, "stdlib", chunking.Limits())]


def _taken(embedder: Embedder, texts: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor, in slices as files are indexed."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for start in range(0, len(texts), SLICE):
        embedder.passages(texts[start : start + SLICE])
    return time.perf_counter() - wall_s, time.process_time() - cpu_s


def _query_ms(embedder: Embedder, text: str) -> float:
    start = time.perf_counter()
    embedder.queries([text])
    return 1000 * (time.perf_counter() - start)
