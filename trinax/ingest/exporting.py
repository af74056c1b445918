"""Writing a collection as an archive, part by part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trinax.documents.opening import opened
from trinax.documents.reading import contents
from trinax.errors import SourceNotFound, UnreadableDocument
from trinax.index.ledger import Ledger, Row
from trinax.index.ports import Store
from trinax.index.records import Entry, embedded_text
from trinax.ingest import archives
from trinax.ingest.archives import DOCUMENTS, VECTORS, End, Manifest
from trinax.ingest.folders import Folders
from trinax.ingest.imported import packed
from trinax.ingest.naming import BadName, sanitised

# Vectors in one member; of width 256 about 1 MB.
PART_VECTORS = 1000


@dataclass(frozen=True, slots=True)
class Exporter:
    """store, ledger: of the collection, which may change meanwhile; each document is put in as it
    is when its turn comes, and what was embedded of it before is of no use then."""

    collection: str
    store: Store
    ledger: Ledger
    folders: Folders
    limit_bytes: int

    def parts(self, embedder: str, width: int) -> Iterator[bytes]:
        """The archive. embedder: fingerprint of the one whose vectors are in the store.

        Raises what the store raises.
        """
        manifest = Manifest(archives.FORMAT, self.collection, embedder, width)
        yield archives.written(archives.MANIFEST, manifest)
        count = _Count()
        for row in self.ledger.rows(self.collection).values():
            yield from self._document(row, count)
            while len(count.waiting) >= PART_VECTORS:
                yield count.part(width)
        if count.waiting:
            yield count.part(width)
        end = End(len(count.names), count.vectors, tuple(count.left_out))
        yield archives.written(archives.END, end) + archives.closing()

    def _document(self, row: Row, count: "_Count") -> Iterator[bytes]:
        try:
            name = sanitised(row.file)
            if name in count.names:
                raise BadName("another file has its name in another spelling")
            with opened(self.folders.located(self.collection, row.file)) as stream:
                content = contents(stream, self.limit_bytes)
        except (BadName, UnreadableDocument) as exc:
            count.left_out.append((row.file, exc.reason))
        except (OSError, SourceNotFound):
            count.left_out.append((row.file, "it could not be read"))
        else:
            count.names.add(name)
            count.add(self.store.entries(row.file) if row.chunks else ())
            yield archives.member(DOCUMENTS + name, content, row.mtime_ns // 10**9)


@dataclass(slots=True)
class _Count:
    """What has been written, and the vectors that have not. names: of the documents."""

    names: set[str] = field(default_factory=set)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    waiting: list[tuple[str, NDArray[np.float32]]] = field(default_factory=list)
    vectors: int = 0
    parts: int = 0

    def add(self, entries: Sequence[Entry]) -> None:
        self.waiting += [(embedded_text(one.passage.chunk), one.vector) for one in entries]

    def part(self, width: int) -> bytes:
        part, self.waiting = self.waiting[:PART_VECTORS], self.waiting[PART_VECTORS:]
        self.vectors += len(part)
        self.parts += 1
        content = packed([text for text, _ in part], [vector for _, vector in part], width)
        return archives.member(f"{VECTORS}{self.parts:06}", content)
