"""A copy of a shard made compact, in a process that need not answer anybody meanwhile."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path

# The child imports from where the parent does: "-m" would put the working folder first.
PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from trinax.index.compacting import main; "
    "main({folder!r}, {width!r}, {points!r})"
)
NICENESS = 10
POLL_S = 0.1
_PR_SET_PDEATHSIG = 1  # prctl(2), Linux


def compacted(folder: Path, width: int, points: int, ended: Collection[threading.Event]) -> bool:
    """Make the shard in a folder compact; whether that was done.

    width, points: as for shard.compact(). ended: gives up once one of them is set.
    """
    program = PROGRAM.format(path=sys.path, folder=str(folder), width=width, points=points)
    child = subprocess.Popen(
        [sys.executable, "-P", "-B", "-c", program], stdin=subprocess.DEVNULL, env={}
    )
    while child.poll() is None:
        if any(one.is_set() for one in ended):
            child.kill()
        time.sleep(POLL_S)
    return child.returncode == 0 and not any(one.is_set() for one in ended)


def main(folder: str, width: int, points: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    from trinax.index import shard

    shard.compact(Path(folder), width, points)


def _die_with_parent() -> None:
    # A thread that watches the parent would not get to run while the engine holds the GIL.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
