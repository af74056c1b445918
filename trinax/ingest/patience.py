"""What is not at rest yet: files that are still being written, and when to look again."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from trinax.ingest.scan import Found

# Files from this size on are written in more than one piece, and cost something to index.
LARGE_BYTES = 1_000_000
# A file that never rests is indexed as it is after this time.
HELD_S = 60.0
# Until the next look after one that could not read everything; doubled each time.
RETRY_S = 1.0
RETRIES = 5


@dataclass(slots=True)
class _Waiting:
    since_s: dict[str, float] = field(default_factory=dict)
    tries: int = 0
    again_s: float | None = None


class Patience:
    """By collection; each is used by one thread at a time."""

    def __init__(self, held_s: float = HELD_S) -> None:
        self._held_s = held_s
        self._waiting: dict[str, _Waiting] = {}

    def rested(self, collection: str, found: Sequence[Found], quiet_s: float) -> tuple[Found, ...]:
        """Those that are not large and changed within the last quiet_s."""
        waiting = self._waiting.setdefault(collection, _Waiting())
        now_s = time.monotonic()
        moving = {one.file for one in found if _moves(one, quiet_s)}
        since_s = waiting.since_s
        waiting.since_s = {file: since_s.get(file, now_s) for file in moving}
        held = {file for file in moving if now_s - waiting.since_s[file] < self._held_s}
        waiting.again_s = quiet_s if held else None
        return tuple(one for one in found if one.file not in held)

    def ended(self, collection: str, missed: bool) -> None:
        """missed: whether files changed under the run, or could not be read."""
        waiting = self._waiting.setdefault(collection, _Waiting())
        waiting.tries = waiting.tries + 1 if missed else 0
        if missed and waiting.tries <= RETRIES:
            retry_s = RETRY_S * 2 ** (waiting.tries - 1)
            waiting.again_s = min(retry_s, waiting.again_s or retry_s)

    def again_s(self, collection: str) -> float | None:
        """In how many seconds to look again; None: at the next event or scan."""
        waiting = self._waiting.get(collection)
        return waiting.again_s if waiting else None


def _moves(found: Found, quiet_s: float) -> bool:
    if found.size_bytes < LARGE_BYTES:
        return False
    # A program may set the one, and a clock that jumps make nonsense of the other.
    return abs(time.time() - max(found.mtime_ns, found.ctime_ns) / 1e9) < quiet_s
