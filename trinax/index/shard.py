"""An index in this process: one Qdrant Edge shard."""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import UUID

import numpy as np
import qdrant_edge as qe
from numpy.typing import NDArray

from trinax.errors import StoreFailed
from trinax.index import globs
from trinax.index.guarding import ensure_writable, translated
from trinax.index.ids import ids_digest
from trinax.index.payload import (
    INTEGERS,
    KEYWORDS,
    SUMMARISED,
    passage,
    payload,
    possible_ids,
    summarised,
    summary,
)
from trinax.index.records import (
    Candidates,
    Entry,
    Files,
    FileSummary,
    Filter,
    Hit,
    Passage,
    Terms,
)

DENSE = "dense"
TERMS = "terms"

# Points a call. Every call holds the GIL, so many of width 256 for about 6 ms; smaller calls take
# longer in all.
BATCH_POINTS = 128

# Ids read a call, which holds the GIL for some 20 ms.
PAGE_IDS = 2000

# Rows a scroll returns at most; no collection in one process comes near it.
ALL = 2**31


class Shard:
    """A shard in `folder`, searched by brute force. Callable from any thread.

    It is never optimised: that call holds the GIL for seconds. One lock makes a replacement
    (upsert, then removal of what is stale) one step for readers; edge calls hold the GIL anyway,
    so readers lose no parallelism to it. Its methods are those of a Store.
    """

    def __init__(self, shard: qe.EdgeShard, folder: Path, collection: str, width: int) -> None:
        """shard: closed with it. width: of its vectors."""
        self.folder = folder
        self.collection = collection
        self.width = width
        self._shard = shard
        self._lock = threading.RLock()
        self._catalogue: dict[str, FileSummary] | None = None
        self._unsaved = False
        # Who searches while it is dropped finds nothing.
        self._dropped = False

    def replace(self, files: Files) -> None:
        batch: dict[str, tuple[Entry, ...]] = {}
        points = 0
        for file, entries in files.items():
            batch[file] = entries
            points += len(entries)
            if points >= BATCH_POINTS:
                self._replace(batch)
                batch, points = {}, 0
        self._replace(batch)

    def delete(self, files: Sequence[str]) -> None:
        if not files:
            return
        with self._step():
            self._remove(_of_files(list(files)))
            for file in files:
                self._files().pop(file, None)

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        with self._step():
            if (old := self._files().get(file)) is None:
                return
            self._update(
                qe.UpdateOperation.set_payload_by_filter(
                    _of_files([file]), {"size": size_bytes, "mtime": mtime_s}
                )
            )
            self._files()[file] = replace(old, size_bytes=size_bytes, mtime_s=mtime_s)

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        queries: dict[str, qe.Query] = {}
        # A vector of zeros has no direction, so no neighbours.
        if vector is not None and vector.any():
            queries[DENSE] = qe.Query.Nearest(vector.tolist(), using=DENSE)
        if terms is not None and terms.ids:
            queries[TERMS] = qe.Query.Nearest(_sparse(terms), using=TERMS)
        with self._step():
            if not queries or limit < 1 or self._dropped:
                return Candidates((), ())
            condition = self._condition(filter)
            requests = [
                qe.QueryRequest(limit=limit, query=query, filter=condition)
                for query in queries.values()
            ]
            lists = self._shard.query_batch(qe.QueryBatchRequest(requests))
        found = {
            name: tuple(Hit(str(point.id), point.score) for point in points)
            for name, points in zip(queries, lists, strict=True)
        }
        return Candidates(dense=found.get(DENSE, ()), bm25=found.get(TERMS, ()))

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        with self._step():
            if self._dropped:
                return []
            records = self._shard.retrieve([*possible_ids(chunk_ids)], True, False)
        found = {str(record.id): self._passage(record) for record in records}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        ids = possible_ids(chunk_ids)
        if not ids:
            return {}
        request = qe.QueryRequest(
            limit=len(ids),
            query=qe.Query.Nearest(vector.tolist(), using=DENSE),
            filter=qe.Filter(must=[qe.HasIdCondition(set(ids))]),
        )
        with self._step():
            if self._dropped:
                return {}
            return {str(point.id): point.score for point in self._shard.query(request)}

    def files(self) -> list[FileSummary]:
        with self._step():
            summaries = list(self._files().values())
        return sorted(summaries, key=lambda one: (-one.chunks, one.file))

    def file(self, file: str) -> FileSummary | None:
        with self._step():
            return self._files().get(file)

    def ids(self) -> dict[str, str]:
        found: dict[str, list[bytes]] = {}
        offset: qe.PointId | None = None
        while True:
            request = qe.ScrollRequest(
                offset=offset, limit=PAGE_IDS, with_payload=["file"], with_vector=False
            )
            with self._step():
                records, offset = self._shard.scroll(request)
            for record in records:
                file = str((record.payload or {})["file"])
                found.setdefault(file, []).append(cast(UUID, record.id).bytes)
            if offset is None:
                return {file: ids_digest(ids) for file, ids in found.items()}

    def chunks(self, file: str) -> list[Passage]:
        return [self._passage(record) for record in self._records(file, with_vector=False)]

    def entries(self, file: str) -> list[Entry]:
        return [self._entry(record) for record in self._records(file, with_vector=True)]

    def count(self) -> int:
        with self._step():
            return 0 if self._dropped else self._shard.count(qe.CountRequest(exact=True))

    def flush(self) -> None:
        with self._step():
            if self._unsaved:
                self._shard.flush()
                self._unsaved = False

    def drop(self) -> None:
        with self._step():
            self._dropped, self._catalogue, self._unsaved = True, {}, False
            self.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        with self._step():
            with suppress(StoreFailed):  # the log says why; what is lost then is read again
                self.flush()
            self._unsaved = False
            self._shard.close()

    def check(self) -> None:
        """Ask a bit of everything: much damage shows only when it is read. Raises StoreFailed."""
        vector, terms = np.ones(self.width, np.float32), Terms((0,), (1.0,))
        with self._step():
            found = self.candidates(vector, terms, 1)
            if self._files() and not found.dense:
                raise StoreFailed(self.collection, "its vectors are gone")
            self._shard.retrieve([hit.chunk_id for hit in found.dense], True, True)

    def _replace(self, files: Files) -> None:
        entries = [entry for one in files.values() for entry in one]
        points = [_point(entry) for entry in entries]
        kept: list[qe.PointId] = [entry.passage.chunk.id for entry in entries]
        stale = qe.Filter(
            must=[qe.FieldCondition("file", match=qe.MatchAny(list(files)))],
            must_not=[qe.HasIdCondition(set(kept))],
        )
        with self._step():
            known = self._files()
            for start in range(0, len(points), BATCH_POINTS):
                batch = points[start : start + BATCH_POINTS]
                self._update(qe.UpdateOperation.upsert_points(batch))
            if any(file in known for file in files):
                self._remove(stale)
            for file, parts in files.items():
                known.pop(file, None)
                if parts:
                    known[file] = summary(parts[0].passage, len(parts))

    def _remove(self, doomed: qe.Filter) -> None:
        request = qe.ScrollRequest(limit=ALL, filter=doomed, with_payload=False, with_vector=False)
        records, _ = self._shard.scroll(request)
        ids = [record.id for record in records]
        nothing = qe.SparseVector([], [])
        for start in range(0, len(ids), BATCH_POINTS):
            batch = ids[start : start + BATCH_POINTS]
            # Until the shard is opened again, a deleted point counts among those that have its
            # words: the idf of all others would be wrong.
            emptied = [qe.PointVectors(id, {TERMS: nothing}) for id in batch]
            self._update(qe.UpdateOperation.update_vectors(emptied))
            self._update(qe.UpdateOperation.delete_points(batch))

    def _update(self, operation: qe.UpdateOperation) -> None:
        """Raises StorageFull and FolderFailed too."""
        ensure_writable(self.folder, self.collection)
        self._unsaved = True
        try:
            self._shard.update(operation)
        except BaseException:
            self._catalogue = None
            raise

    def _files(self) -> dict[str, FileSummary]:
        """Every file by name; read from the shard once, then kept up with the writes."""
        if self._catalogue is None:
            condition = qe.Filter(must=[qe.FieldCondition("ordinal", match=qe.MatchValue(0))])
            request = qe.ScrollRequest(
                limit=ALL, filter=condition, with_payload=[*SUMMARISED], with_vector=False
            )
            found = [record.payload or {} for record in self._shard.scroll(request)[0]]
            firsts = {str(first["file"]): first for first in found}
            counts = self._counts()
            for file in counts.keys() - firsts.keys():
                firsts[file] = payload(self.chunks(file)[0])
            self._catalogue = {file: summarised(firsts[file], counts[file]) for file in counts}
        return self._catalogue

    def _counts(self) -> dict[str, int]:
        """The number of chunks of every file; point by point, which is slow, only in doubt."""
        hits = self._shard.facet(qe.FacetRequest("file", limit=ALL, exact=False)).hits
        if sum(hit.count for hit in hits) != self.count():
            hits = self._shard.facet(qe.FacetRequest("file", limit=ALL, exact=True)).hits
        # After a crash a facet knows files that were deleted, with no chunks.
        return {str(hit.value): hit.count for hit in hits if hit.count}

    def _condition(self, filter: Filter | None) -> qe.Filter | None:
        must: list[qe.ConditionType] = []
        if filter is not None and filter.file_glob is not None:
            files = self._files()
            wanted = globs.matching(filter.file_glob, files)
            # A long list costs each point a look: name the shorter one.
            if len(wanted) <= len(files) / 2:
                must.append(_of_files(wanted))
            elif rest := files.keys() - set(wanted):
                must.append(qe.Filter(must_not=[_of_files(sorted(rest))]))
        if filter is not None and filter.language is not None:
            value = qe.MatchValue(filter.language)
            either = [qe.FieldCondition(key, match=value) for key in ("kind", "language")]
            must.append(qe.Filter(should=[*either]))
        return qe.Filter(must=must) if must else None

    def _records(self, file: str, with_vector: bool) -> list[qe.Record]:
        request = qe.ScrollRequest(
            limit=ALL, filter=_of_files([file]), with_payload=True, with_vector=with_vector
        )
        with self._step():
            if self._dropped:
                return []
            records, _ = self._shard.scroll(request)
        return sorted(records, key=lambda record: int((record.payload or {})["ordinal"]))

    def _passage(self, record: qe.Record) -> Passage:
        return passage(self.collection, str(record.id), record.payload or {})

    def _entry(self, record: qe.Record) -> Entry:
        vectors = cast(Mapping[str, object], record.vector)
        terms = vectors.get(TERMS)
        return Entry(
            passage=self._passage(record),
            vector=np.array(vectors[DENSE], dtype=np.float32),
            terms=_terms(terms) if isinstance(terms, qe.SparseVector) else Terms((), ()),
        )

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self._lock, translated(self.collection):
            yield


def _loaded(folder: Path) -> qe.EdgeShard:
    shard = qe.EdgeShard.load(str(folder))
    info = shard.info()
    if info.indexed_vectors_count <= info.points_count:
        return shard
    # After a crash the log is played again, and what is deleted in it counts among those that have
    # its words (see _remove()). What was loaded from the files alone does not.
    shard.flush()
    shard.close()
    return qe.EdgeShard.load(str(folder))


def opened(folder: Path, collection: str, width: int) -> Shard:
    """One that was made. Raises StoreFailed if it is corrupt, as far as that can be seen."""
    with translated(collection):
        shard = Shard(_loaded(folder), folder, collection, width)
    try:
        shard.check()
    except StoreFailed:
        with suppress(StoreFailed):
            shard.close()
        raise
    return shard


def made(folder: Path, collection: str, width: int) -> Shard:
    """A new one, empty. Raises StoreFailed."""
    with translated(collection):
        return Shard(_made(folder, width), folder, collection, width)


def _made(folder: Path, width: int) -> qe.EdgeShard:
    folder.mkdir(parents=True)
    config = qe.EdgeConfig(
        vectors={
            # Turbo16: twice as fast as Float32 by brute force, cosines right to 1e-5
            # (docs/decisions/0001-store.md).
            DENSE: qe.EdgeVectorParams(
                size=width,
                distance=qe.Distance.Dot,
                datatype=qe.VectorStorageDatatype.Turbo16,
            )
        },
        sparse_vectors={TERMS: qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)},
    )
    shard = qe.EdgeShard.create(str(folder), config)
    for keys, schema in (
        (KEYWORDS, qe.PayloadSchemaType.Keyword),
        (INTEGERS, qe.PayloadSchemaType.Integer),
    ):
        for key in keys:
            shard.update(qe.UpdateOperation.create_field_index(key, schema))
    shard.flush()
    return shard


def _point(entry: Entry) -> qe.Point:
    return qe.Point(
        entry.passage.chunk.id,
        {DENSE: entry.vector.tolist(), TERMS: _sparse(entry.terms)},
        payload(entry.passage),
    )


def _sparse(terms: Terms) -> qe.SparseVector:
    return qe.SparseVector(list(terms.ids), list(terms.weights))


def _terms(vector: qe.SparseVector) -> Terms:
    return Terms(tuple(vector.indices), tuple(vector.values))


def _of_files(files: list[str]) -> qe.Filter:
    return qe.Filter(must=[qe.FieldCondition("file", match=qe.MatchAny(files))])
