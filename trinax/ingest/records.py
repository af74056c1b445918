"""How far a collection's indexing is, and what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

# Files that a status names with a reason; all are counted.
LISTED = 10_000

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
    failures: the failed files, at most LISTED. problem: why state is "failed", else "".
    left_out: files and folders ("build/") left out by rule, and indexed files that hold more than
    could be read, at most LISTED. missed: how many of them, the first ones, a person may look for
    in vain; the others are what one expects, as hidden and ignored ones. notice: what a person
    should know of the searches or the looks for now, else "".
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
    missed: int = 0
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


def total(outcomes: Sequence[Outcome]) -> Outcome:
    """Of reconciles that ran side by side."""
    names = [field.name for field in fields(Outcome) if field.name != "seconds"]
    sums = {name: sum(getattr(outcome, name) for outcome in outcomes) for name in names}
    return Outcome(**sums, seconds=max((outcome.seconds for outcome in outcomes), default=0.0))
