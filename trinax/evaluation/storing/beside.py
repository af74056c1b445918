"""Other stores beside trinax's, with the same chunks and questions."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trinax.errors import InvalidRequest
from trinax.evaluation.ingestion.watching import Figures
from trinax.evaluation.report import table
from trinax.evaluation.serving import LOG_TAIL, ServerFailed
from trinax.evaluation.storing import peer
from trinax.index.sparse import held_bytes

# Beyond so many chunks none is measured: they take too long.
MOST_CHUNKS = 100_000
# The child takes trinax from where the parent does, and all else from its own Python.
PROGRAM = (
    "import sys; sys.path.append({root!r}); from trinax.evaluation.storing.peer import main; "
    "main({module!r}, {chunks!r}, {place!r}, {again!r})"
)
ROOT = Path(__file__).parents[3]
# They would ask the network for news and models.
ENVIRONMENT = {"ANONYMIZED_TELEMETRY": "False", "HF_HUB_OFFLINE": "1"}


@dataclass(frozen=True, slots=True)
class Known:
    """module: of the adapter. kept: a folder of it can be opened again. own: it is part of
    trinax's own Python."""

    name: str
    module: str
    kept: bool = True
    own: bool = False


NAIVE = Known("rank-bm25 + qdrant-client", "naive", kept=False, own=True)
KNOWN = (
    NAIVE,
    Known("chromadb (vectors only)", "chroma"),
    Known("lancedb", "lance"),
    Known("txtai", "neuml"),
)


def measured(chunks: Path, python: str, note: Callable[[str], None]) -> list[Figures]:
    """Each, in turn. chunks: the folder of the material. python: that has them.
    Raises ServerFailed if one of them gives up."""
    return [_measured(known, chunks, python, note) for known in KNOWN]


def python(name: str | None) -> str:
    """The Python of a path or a name on PATH; this one for None. Raises InvalidRequest."""
    found = shutil.which(name) if name else sys.executable
    if found is None:
        raise InvalidRequest(f"{name} is no program that can be run.", "--peers")
    # Absolute, but not resolved: a virtual environment's Python is a link.
    return str(Path(found).absolute())


def shown(ours: Sequence[Figures], found: Sequence[Figures]) -> str:
    """The others as a table below ours, the first of which they are compared with."""
    p50_ms = ours[0]["search_ms"]["p50"]
    rows = [_row(one, p50_ms) for one in (*ours, *found) if peer.MISSING not in one]
    absent = [
        f"{one['name']}: {one[peer.MISSING]} is not installed."
        for one in found
        if peer.MISSING in one
    ]
    head = ["searches, ms", "p50", "× as long", "p95", "p99", "CPU", "built in, s", "recall@10"]
    shown = table([*head, "disk, MB", "reopened in, s", "memory, MB"], rows)
    return "\n\n".join([shown, *absent])


def _row(one: Figures, ours_ms: float) -> list[str]:
    search_ms = one["search_ms"]
    times = f"{search_ms['p50'] / ours_ms:.1f}"
    rest = (one.get(key, "") for key in ("recall", "disk_mb", "opened_s", "memory_mb"))
    return [
        one["name"],
        f"{search_ms['p50']:g}",
        times,
        *(f"{search_ms[key]:g}" for key in ("p95", "p99", "cpu_ms")),
        f"{one['built_s']:g}",
        *map(str, rest),
    ]


def _measured(known: Known, chunks: Path, python: str, note: Callable[[str], None]) -> Figures:
    note(known.name)
    with TemporaryDirectory(prefix="trinax-bench-") as folder:
        place = Path(folder)
        figures = run(known, python, chunks, place, again=False)
        if known.kept and peer.MISSING not in figures:
            figures["disk_mb"] = round(held_bytes(place) / 1e6)
            figures |= run(known, python, chunks, place, again=True)
    return {"name": known.name, **figures}


def run(known: Known, python: str, chunks: Path, place: Path, *, again: bool) -> Figures:
    """What peer.main() tells of it. Raises ServerFailed."""
    program = PROGRAM.format(
        root=str(ROOT), module=known.module, chunks=str(chunks), place=str(place), again=again
    )
    done = subprocess.run(
        [sys.executable if known.own else python, "-P", "-B", "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "HOME": str(place)},
    )
    if done.returncode:
        raise ServerFailed(f"{known.name} failed: {done.stderr[-LOG_TAIL:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures
