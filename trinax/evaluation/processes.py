"""What a process takes, as Linux tells it."""

import re
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """memory_bytes: resident. mapped_bytes: of these, mapped files, which the system takes back
    when it needs room. files: open ones, sockets included."""

    memory_bytes: int
    mapped_bytes: int
    threads: int
    files: int


def usage(pid: int) -> Usage | None:
    """Of a running process; None where the system does not tell."""
    try:
        status = (PROC / str(pid) / "status").read_text("ascii", "replace")
        files = sum(1 for _ in (PROC / str(pid) / "fd").iterdir())
    except OSError:
        return None
    found = dict(re.findall(r"^(VmRSS|RssFile|Threads):\s+(\d+)", status, re.MULTILINE))
    memory_bytes, mapped_bytes = (1024 * int(found[key]) for key in ("VmRSS", "RssFile"))
    return Usage(memory_bytes, mapped_bytes, int(found["Threads"]), files)
