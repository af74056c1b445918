"""Passages that were read lately, so that the next question about the same is spared reading."""

from collections.abc import Iterable

from trinax.index.records import Passage

# Some 2 kB each.
LIMIT = 8192


class Remembered:
    """By chunk id; those that nobody asked for longest go first. For one thread at a time."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._passages: dict[str, Passage] = {}

    def known(self, chunk_ids: Iterable[str]) -> dict[str, Passage]:
        """Those of them that are remembered."""
        held = self._passages
        found = {id: held.pop(id) for id in chunk_ids if id in held}
        held.update(found)
        return found

    def keep(self, passages: Iterable[Passage]) -> None:
        held = self._passages
        held.update((passage.chunk.id, passage) for passage in passages)
        while len(held) > self._limit:
            del held[next(iter(held))]

    def forget(self, chunk_ids: Iterable[str]) -> None:
        """They were written or removed."""
        for id in chunk_ids:
            self._passages.pop(id, None)

    def clear(self) -> None:
        self._passages.clear()
