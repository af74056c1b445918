"""Parsed files into a store and the ledger, each batch visible at once."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from trinax.embedding.ports import Embedder
from trinax.errors import CollectionNotFound
from trinax.index.ids import id_bytes, ids_digest
from trinax.index.ledger import Ledger, Retired, Row
from trinax.index.ports import Store
from trinax.index.records import Entry, Files, Passage, embedded_text
from trinax.index.registry import Registry
from trinax.ingest.imported import Imported
from trinax.ingest.parsing import Parsed
from trinax.ingest.plan import Stored
from trinax.ingest.vectors import (
    REMEMBERED_CHUNKS,
    SLICE,
    Attic,
    Vector,
    adopted,
    vectors_of,
)

# What a row says of a file that was parsed.
OUTCOMES: Mapping[str, Literal["indexed", "failed", "skipped"]] = {
    "text": "indexed",
    "same": "indexed",
    "unwanted": "skipped",
    "unreadable": "failed",
}


class Stopped(Exception):
    """The server is closing; what is not done is done after the next start."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What every collection's indexing shares."""

    registry: Registry
    ledger: Ledger
    embedder: Embedder
    attic: Attic
    imported: Imported


@dataclass(frozen=True, slots=True)
class Written:
    rows: tuple[Row, ...]
    chunks_embedded: int


class Writer:
    """Writes one collection; used by one thread at a time."""

    def __init__(self, collection: str, parts: Parts, pipeline: str) -> None:
        """Raises what opening the store raises."""
        self._collection = collection
        self._parts = parts
        self._pipeline = pipeline
        self._store: Store = parts.registry.ensure(collection)

    def write(
        self, batch: Sequence[tuple[Parsed, Row | None, str]], stopping: threading.Event
    ) -> Written:
        """Make the index hold these files, and the ledger say so.

        batch: what was parsed, the file's row so far, and the root it was found under.
        A process that dies in between has chunks without a row: the file is read again.
        Raises Stopped, with nothing written, once stopping is set.
        """
        vectors, embedded = self._vectors([(one, row) for one, row, _ in batch], stopping)
        entries = {
            one.found.file: self._entries(one, vectors)
            for one, row, _ in batch
            if one.outcome == "text"
            or (one.outcome in ("unreadable", "unwanted") and row and row.chunks)
        }
        if entries:
            self._retire(
                [row for one, row, _ in batch if row and one.found.file in entries], entries
            )
            self._store.replace(entries)
        for one, row, _ in batch:
            if one.outcome == "same" and row and row.mtime_ns != one.found.mtime_ns:
                mtime_s = one.found.mtime_ns / 1e9
                self._store.touch(one.found.file, one.found.size_bytes, mtime_s)
        rows = tuple(self._row(one, row, root) for one, row, root in batch)
        self._parts.ledger.put(self._collection, rows)
        return Written(rows, embedded)

    def delete(self, rows: Sequence[Row]) -> None:
        """Remove files from the ledger, then from the index; the attic keeps their chunks.

        A process that dies in between has chunks without a row: they are looked at again.
        """
        room = REMEMBERED_CHUNKS
        for row in rows:
            room -= row.chunks
            if row.digest and room >= 0:
                self._parts.attic.put(row.digest, self._store.entries(row.file))
        files = [row.file for row in rows]
        self._retire(rows, {})
        self._parts.ledger.delete(self._collection, files)
        self._store.delete(files)

    def _retire(self, rows: Sequence[Row], entries: Files) -> None:
        """Remember the chunks of these files that are not among the entries.

        Before they leave the store: a process that dies in between has both, and the store is
        asked first.
        """
        now_s = time.time()
        stay = {entry.passage.chunk.id for some in entries.values() for entry in some}
        self._parts.ledger.retire(
            retired(passage, row, now_s)
            for row in rows
            if row.chunks
            for passage in self._store.chunks(row.file)
            if passage.chunk.id not in stay
        )

    def stored(self) -> dict[str, Stored]:
        """What the store holds, by file."""
        ids = self._store.ids()
        return {
            one.file: Stored(one.chunks, ids.get(one.file, ""), one.size_bytes, one.mtime_s)
            for one in self._store.written()
        }

    def _vectors(
        self, batch: Sequence[tuple[Parsed, Row | None]], stopping: threading.Event
    ) -> tuple[dict[str, Vector], int]:
        known: dict[str, Vector] = {}
        missing: dict[str, None] = {}
        for one, row in batch:
            if one.chunks:
                known |= self._known(one, row)
            for chunk in one.chunks:
                missing[embedded_text(chunk)] = None
        known |= self._parts.imported.find([text for text in missing if text not in known])
        texts = [text for text in missing if text not in known]
        return known | embed(self._parts.embedder, texts, stopping), len(texts)

    def _known(self, one: Parsed, row: Row | None) -> dict[str, Vector]:
        """Vectors of the file as it was, and of another with the same bytes."""
        known = vectors_of(self._store.entries(row.file)) if row is not None and row.chunks else {}
        if all(embedded_text(chunk) in known for chunk in one.chunks):
            return known
        for collection, file in self._parts.ledger.by_digest(one.digest):
            if twin := adopted(one.chunks, self._elsewhere(collection, file)):
                return twin
        return known | adopted(one.chunks, self._parts.attic.get(one.digest))

    def _elsewhere(self, collection: str, file: str) -> Sequence[Entry]:
        try:
            return self._parts.registry.get(collection).entries(file)
        except CollectionNotFound:
            return ()

    def _entries(self, one: Parsed, vectors: dict[str, Vector]) -> tuple[Entry, ...]:
        found = one.found
        return tuple(
            Entry(
                passage=Passage(
                    collection=self._collection,
                    file=found.file,
                    ordinal=ordinal,
                    chunk=chunk,
                    kind=one.kind,
                    language=one.language,
                    size_bytes=found.size_bytes,
                    mtime_s=found.mtime_ns / 1e9,
                ),
                vector=vectors[embedded_text(chunk)],
                terms=terms,
            )
            for ordinal, (chunk, terms) in enumerate(zip(one.chunks, one.terms, strict=True))
        )

    def _row(self, one: Parsed, row: Row | None, root: str) -> Row:
        found = one.found
        if one.outcome == "same" and row is not None:
            return replace(
                row,
                size_bytes=found.size_bytes,
                mtime_ns=found.mtime_ns,
                ctime_ns=found.ctime_ns,
            )
        return Row(
            file=found.file,
            root=root,
            size_bytes=found.size_bytes,
            mtime_ns=found.mtime_ns,
            digest=one.digest,
            pipeline=self._pipeline,
            chunks=len(one.chunks),
            outcome=OUTCOMES[one.outcome],
            reason=one.reason,
            ids=ids_digest(id_bytes(chunk.id) for chunk in one.chunks),
            ctime_ns=found.ctime_ns,
        )


def embed(embedder: Embedder, texts: Sequence[str], stopping: threading.Event) -> dict[str, Vector]:
    """The vector of each text. Raises Stopped."""
    made: dict[str, Vector] = {}
    for start in range(0, len(texts), SLICE):
        if stopping.is_set():
            raise Stopped
        part = texts[start : start + SLICE]
        made |= zip(part, embedder.passages(part), strict=True)
    return made


def retired(passage: Passage, row: Row, now_s: float) -> Retired:
    """What is remembered of a chunk whose id means nothing any more. row: its file's."""
    chunk = passage.chunk
    return Retired(
        chunk_id=chunk.id,
        collection=passage.collection,
        file=passage.file,
        digest=row.digest,
        sha256=chunk.sha256,
        characters=len(chunk.text),
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        retired_s=now_s,
    )
