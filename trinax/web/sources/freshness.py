"""Whether a citation still holds: what its file says now."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal
from uuid import UUID

import anyio.to_thread

from trinax.documents.positions import byte_offsets, line_starts, number
from trinax.documents.prose import sentence_starts
from trinax.documents.records import Document
from trinax.errors import ChunkNotFound, CollectionNotFound, SourceNotFound, UnreadableDocument
from trinax.index.ledger import Ledger, Retired
from trinax.index.records import Passage
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest

Status = Literal["fresh", "changed", "gone"]

# What is hashed at most to find a text of which only the digest is known.
HASHED_CHARACTERS = 20_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands now."""

    collection: str
    file: str
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int


@dataclass(frozen=True, slots=True)
class Checked:
    """cited: the chunk as it was cited. now: where its text stands; None where it does not."""

    status: Status
    cited: Passage | Retired
    now: Place | None


@dataclass(frozen=True, slots=True)
class Freshness:
    registry: Registry
    ingest: Ingest
    ledger: Ledger

    def within(self, collections: frozenset[str] | None) -> "Freshness":
        """Of chunks of these collections only; None for all."""
        return replace(self, registry=self.registry.within(collections))

    async def check(self, chunk_id: str) -> Checked:
        """Reads the file. "fresh" if the text stands in it, moved or not, "changed" if it does
        not, "gone" if there is no such file in the index.

        Raises ChunkNotFound for an id that never was, or was forgotten.
        """
        cited = await anyio.to_thread.run_sync(self._cited, chunk_id)
        try:
            document = await self.ingest.read(cited.collection, cited.file)
        except (SourceNotFound, CollectionNotFound):
            return Checked("gone", cited, await anyio.to_thread.run_sync(self._twin, cited))
        except UnreadableDocument:
            where = (cited.collection, cited.file)
            there = await anyio.to_thread.run_sync(self.ingest.is_there, *where)
            return Checked("changed" if there else "gone", cited, None)
        now = await anyio.to_thread.run_sync(_place, document, cited)
        return Checked("changed" if now is None else "fresh", cited, now)

    def _cited(self, chunk_id: str) -> Passage | Retired:
        try:
            UUID(chunk_id)
        except ValueError:
            raise ChunkNotFound(chunk_id) from None
        for _, store in self.registry.select():
            for passage in store.fetch([chunk_id]):
                return passage
        retired = self.ledger.retired(chunk_id)
        if retired is None or not self.registry.sees(retired.collection):
            raise ChunkNotFound(chunk_id)
        return retired

    def _twin(self, cited: Passage | Retired) -> Place | None:
        """The same text in a file with the same bytes: the file was renamed, or has a copy."""
        digest = cited.digest if isinstance(cited, Retired) else self._digest(cited)
        wanted = _sha256(cited)
        for collection, file in self.ledger.by_digest(digest) if digest else ():
            for passage in self._passages(collection, file):
                chunk = passage.chunk
                if chunk.sha256 == wanted and file != cited.file:
                    lines = (chunk.start_line, chunk.end_line)
                    return Place(collection, file, *lines, chunk.start_byte, chunk.end_byte)
        return None

    def _digest(self, cited: Passage) -> str:
        row = self.ledger.row(cited.collection, cited.file)
        return row.digest if row else ""

    def _passages(self, collection: str, file: str) -> list[Passage]:
        try:
            return self.registry.get(collection).chunks(file)
        except CollectionNotFound:
            return []


def _place(document: Document, cited: Passage | Retired) -> Place | None:
    start = _retired_at(document, cited) if isinstance(cited, Retired) else _at(document, cited)
    if start is None:
        return None
    length = cited.characters if isinstance(cited, Retired) else len(cited.chunk.text)
    end = start + length
    offsets = byte_offsets(document.text, document.encoding, (start, end))
    starts = line_starts(document.text)
    return Place(
        collection=cited.collection,
        file=cited.file,
        start_line=number(starts, start),
        end_line=number(starts, end - 1),
        start_byte=document.bom_bytes + offsets[start],
        end_byte=document.bom_bytes + offsets[end],
    )


def _at(document: Document, cited: Passage) -> int | None:
    """Where the text stands that is nearest to where it stood."""
    text = cited.chunk.text
    starts = line_starts(document.text)
    line = min(cited.chunk.start_line, len(starts)) - 1
    found = document.text.find(text, starts[line])
    before = document.text.rfind(text, 0, starts[line] + len(text))
    places = [place for place in (found, before) if place >= 0]
    return min(places, key=lambda place: abs(place - starts[line]), default=None)


def _retired_at(document: Document, cited: Retired) -> int | None:
    room = HASHED_CHARACTERS
    for start in _beginnings(document.text):
        part = document.text[start : start + cited.characters]
        room -= len(part)
        if len(part) < cited.characters or room < 0:
            return None
        if sha256(part.encode()).hexdigest() == cited.sha256:
            return start
    return None


def _beginnings(text: str) -> Iterator[int]:
    """Where a chunk may begin: at a line, its indentation included or not, or at a sentence."""
    starts = line_starts(text)
    indented = {start + len(line) - len(line.lstrip()) for start, line in _lines(text, starts)}
    sentences = {start + (text[start : start + 1] == " ") for start in sentence_starts(text)}
    yield from sorted({*starts, *indented, *sentences, *sentence_starts(text)})


def _lines(text: str, starts: list[int]) -> Iterator[tuple[int, str]]:
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield start, text[start:end]


def _sha256(cited: Passage | Retired) -> str:
    return cited.sha256 if isinstance(cited, Retired) else cited.chunk.sha256
