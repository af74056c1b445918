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
    problem: why state is "failed", else "".
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reconcile did, in files."""

    added: int
    changed: int
    moved: int
    deleted: int
    unchanged: int
    skipped: int
    failed: int
    chunks_embedded: int
    seconds: float
