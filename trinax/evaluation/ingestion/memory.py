"""What a server's memory does while a collection doubles, and doubles again. Linux tells."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trinax.evaluation.ingestion import corpora
from trinax.evaluation.ingestion.watching import Figures, Whole, folders, pause, settled
from trinax.evaluation.processes import PROC

COLLECTION = "growing"
# Parts that are added one after the other: 1 ×, 2 ×, 4 ×.
SHARES = (1, 1, 2)


@dataclass(slots=True)
class Parsers:
    """Children of a server, looked at now and then. peak_bytes: the most that they held at once."""

    pid: int
    peak_bytes: int = field(default=0)

    def look(self) -> None:
        # Each thread has the children that it started.
        named = (_read(path / "children") for path in (PROC / str(self.pid) / "task").iterdir())
        held = sum(_memory(pid).get("VmRSS", 0) for pid in " ".join(named).split())
        self.peak_bytes = max(self.peak_bytes, held)
        pause()


def measured(text_bytes: int = corpora.TEXT_BYTES) -> Figures:
    """Memory after each growth, and what a chunk takes of it; empty where the system is silent."""
    with folders() as places:
        made = places.stage / "made"
        corpora.text(made, text_bytes)
        _dealt(made, places.stage)
        steps, files = [], 0
        with places.served() as server:
            parsers = Parsers(server.pid)
            if not (start := _memory(server.pid)):
                return {}
            for number, _ in enumerate(SHARES):
                files += len(list((places.stage / str(number)).iterdir()))
                places.move_in(str(number), f"{COLLECTION}/{number}")
                found = settled(server, COLLECTION, Whole(files), parsers.look)
                steps.append(_step(found, _memory(server.pid)))
    grown = steps[-1]["chunks"] - steps[0]["chunks"]
    return {
        "start_mb": round(start["VmRSS"] / 1e6, 1),
        "steps": steps,
        "bytes_per_chunk": round(1e6 * (steps[-1]["anon_mb"] - steps[0]["anon_mb"]) / grown),
        "parsers_peak_mb": round(parsers.peak_bytes / 1e6, 1),
    }


def _dealt(made: Path, stage: Path) -> None:
    """The files of a folder into one folder for each share, in turn."""
    turns = [number for number, share in enumerate(SHARES) for _ in range(share)]
    for at, path in enumerate(sorted(made.iterdir())):
        target = stage / str(turns[at % len(turns)])
        target.mkdir(exist_ok=True)
        shutil.move(path, target / path.name)


def _step(found: Figures, memory: dict[str, int]) -> dict[str, Any]:
    """rss_mb: resident, the mapped files of the store included. anon_mb: without those.
    peak_mb: the most that was ever resident."""
    return {
        "files": found["files"]["indexed"],
        "chunks": found["chunks"],
        "rss_mb": round(memory["VmRSS"] / 1e6, 1),
        "anon_mb": round(memory["RssAnon"] / 1e6, 1),
        "peak_mb": round(memory["VmHWM"] / 1e6, 1),
    }


def _memory(pid: int | str) -> dict[str, int]:
    """Bytes by the name that the system gives them; empty if it does not tell."""
    told = _read(PROC / str(pid) / "status")
    found = re.findall(r"^(VmRSS|VmHWM|RssAnon):\s+(\d+) kB", told, re.MULTILINE)
    return {name: 1024 * int(kilobytes) for name, kilobytes in found}


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
