"""How far a collection's indexing is, and what was left out."""

from dataclasses import dataclass
from typing import Literal

State = Literal["idle", "indexing", "paused", "failed"]


@dataclass(frozen=True, slots=True)
class Failure:
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """A collection's numbers, as GET /v1/collections/{id}/status gives them.

    skipped: files left out by rule (ignored, binary, too large). failed: files that should have
    been read and could not. queued: files that the running reconcile has still to do.
    eta_s: seconds to the end of the running reconcile, None when idle or not yet known.
    failures: the first of the failed files. problem: why state is "failed", else "".
    left_out: the first of the files and folders ("build/") left out that a person may miss, and of
    the indexed files that hold more than could be read. notice: what a person should know of the
    searches for now, else "".
    """

    id: str
    state: State
    indexed: int
    skipped: int
    failed: int
    total: int
    chunks: int
    bytes: int
    queued: int
    eta_s: float | None
    failures: tuple[Failure, ...]
    problem: str = ""
    left_out: tuple[Failure, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reconcile did, in files."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    deleted: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    chunks_embedded: int = 0
    seconds: float = 0.0
