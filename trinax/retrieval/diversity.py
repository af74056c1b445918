"""How many passages of one file are shown."""

from collections import Counter
from collections.abc import Sequence

from trinax.index.records import Passage

Placed = tuple[Passage, float]


def spread(placed: Sequence[Placed], per_file: int) -> tuple[list[Placed], list[Placed]]:
    """The first `per_file` of each file, and the others; 0: no limit. placed: passages with their
    scores, best first."""
    if not per_file:
        return list(placed), []
    counts: Counter[tuple[str, str, str]] = Counter()
    shown: list[Placed] = []
    others: list[Placed] = []
    for one in placed:
        file = (one[0].collection, one[0].url, one[0].file)
        (shown if counts[file] < per_file else others).append(one)
        counts[file] += 1
    return shown, others
