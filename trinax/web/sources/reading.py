"""The text of indexed files."""

from dataclasses import dataclass, replace

import anyio.to_thread

from trinax.documents.positions import line_starts
from trinax.documents.records import Document
from trinax.errors import SourceNotFound
from trinax.index.records import Passage
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest


@dataclass(frozen=True, slots=True)
class Reading:
    registry: Registry
    ingest: Ingest

    def within(self, collections: frozenset[str] | None) -> "Reading":
        """Of these collections only; None for all."""
        return replace(self, registry=self.registry.within(collections))

    async def document(self, collection: str, file: str) -> Document:
        """As it is now. Raises CollectionNotFound, SourceNotFound and UnreadableDocument."""
        # Only what is indexed is shown: a folder holds other files too.
        await self.passages(collection, file)
        return await self.ingest.read(collection, file)

    async def passages(self, collection: str, file: str) -> list[Passage]:
        """The chunks of a file, in its order. Raises CollectionNotFound and SourceNotFound."""
        store = await anyio.to_thread.run_sync(self.registry.get, collection)
        passages = await anyio.to_thread.run_sync(store.chunks, file)
        if not passages:
            raise SourceNotFound(collection, file)
        return passages


def lines(text: str) -> list[str]:
    """Without their ends; a file that ends with a line end has no empty last line."""
    starts = line_starts(text)
    if starts[-1] == len(text):
        starts.pop()
    ends = [*starts[1:], len(text)]
    return [text[start:end].rstrip("\r\n") for start, end in zip(starts, ends, strict=True)]
