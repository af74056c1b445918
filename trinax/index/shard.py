"""An index in this process: one Qdrant Edge shard."""

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import numpy as np
import qdrant_edge as qe
from numpy.typing import NDArray

from trinax.errors import StoreFailed
from trinax.index import bm25, globs, memory, summaries, warming
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
    Frequencies,
    Hit,
    Passage,
    Terms,
)
from trinax.index.remembered import Remembered

DENSE = "dense"
TERMS = "terms"
# The file beside the engine's that keeps Shard.loose().
LOOSE = "loose"

# Points a call. Every call holds the GIL, so many of width 256 for about 6 ms; smaller calls take
# longer in all.
BATCH_POINTS = 128

# Ids read a call, which holds the GIL for some 20 ms.
PAGE_IDS = 2000

# A compact shard is looked through by two bits a number; so many times what is asked for is then
# compared in full (docs/decisions/0026-compaction.md has figures for this and what follows).
BITS = qe.TurboQuantBitSize.Bits2
OVERSAMPLING = 4.0
# From so many points on it has a graph too, which takes long to build. It must be asked for far
# more than is wanted to find as much: below, looking at all is as quick.
GRAPH_POINTS = 600_000
GRAPH_LINKS, GRAPH_CANDIDATES, GRAPH_EF = 16, 128, 3200

APPROXIMATE = qe.SearchParams(
    hnsw_ef=GRAPH_EF,
    quantization=qe.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING),
)
EXACT = qe.SearchParams(exact=True)

# Some 300 bytes each.
REMEMBERED_BEST = 4096

# Rows a scroll returns at most; no collection in one process comes near it.
ALL = 2**31


class Shard:
    """A shard in `folder`. Callable from any thread.

    It is never optimised here: that call holds the GIL for seconds. One lock makes a replacement
    (upsert, then removal of what is stale) one step for readers; edge calls hold the GIL anyway,
    so readers lose no parallelism to it. Its methods are those of a Store.
    """

    def __init__(
        self,
        shard: qe.EdgeShard,
        folder: Path,
        collection: str,
        width: int,
        catalogue: Mapping[str, FileSummary] | None = None,
    ) -> None:
        """shard: closed with it. width: of its vectors. catalogue: as for opened()."""
        self.folder = folder
        self.collection = collection
        self.width = width
        self._shard = shard
        self._lock = threading.RLock()
        self._catalogue = None if catalogue is None else {**catalogue}
        self._unsaved = False
        self._loose = _read_loose(folder)
        # What best() has found since the last write: a word comes again in one question after
        # another.
        self._best: dict[Terms, float] = {}
        # And in how many chunks each term stands, and how many there are.
        self._holding: dict[int, float] = {}
        self._chunks: int | None = None
        self._passages = Remembered()
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
            self._passages.clear()
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
                qe.QueryRequest(limit=limit, query=query, filter=condition, params=APPROXIMATE)
                for query in queries.values()
            ]
            lists = self._shard.query_batch(qe.QueryBatchRequest(requests))
        found = {
            name: tuple(Hit(str(point.id), point.score) for point in points)
            for name, points in zip(queries, lists, strict=True)
        }
        return Candidates(dense=found.get(DENSE, ()), bm25=found.get(TERMS, ()))

    def best(self, questions: Sequence[Terms]) -> list[float]:
        with self._step():
            if self._dropped:
                return [0.0] * len(questions)
            known = {terms: self._best[terms] for terms in questions if terms in self._best}
            if unknown := [terms for terms in dict.fromkeys(questions) if terms not in known]:
                requests = [
                    qe.QueryRequest(limit=1, query=qe.Query.Nearest(_sparse(terms), using=TERMS))
                    for terms in unknown
                ]
                lists = self._shard.query_batch(qe.QueryBatchRequest(requests))
                found = [points[0].score if points else 0.0 for points in lists]
                if len(self._best) >= REMEMBERED_BEST:
                    self._best.clear()
                self._best.update(zip(unknown, found, strict=True))
                known.update(zip(unknown, found, strict=True))
            return [known[terms] for terms in questions]

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        with self._step():
            if self._dropped:
                return Frequencies(0, (0.0,) * len(terms))
            chunks = self.count()
            if unknown := [term for term in terms if term not in self._holding]:
                if len(self._holding) >= REMEMBERED_BEST:
                    self._holding.clear()
                    unknown = list(terms)
                requests = [
                    qe.QueryRequest(
                        limit=1,
                        query=qe.Query.Nearest(qe.SparseVector([term], [1.0]), using=TERMS),
                        with_vector=[TERMS],
                    )
                    for term in unknown
                ]
                lists = self._shard.query_batch(qe.QueryBatchRequest(requests))
                for term, points in zip(unknown, lists, strict=True):
                    self._holding[term] = bm25.holding(chunks, _rarity(term, points))
            return Frequencies(chunks, tuple([self._holding[term] for term in terms]))

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        with self._step():
            if self._dropped:
                return []
            found = self._passages.known(chunk_ids)
            missing = possible_ids(one for one in chunk_ids if one not in found)
            if missing:
                read = [*map(self._passage, self._shard.retrieve([*missing], True, False))]
                self._passages.keep(read)
                found.update((passage.chunk.id, passage) for passage in read)
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        ids = possible_ids(chunk_ids)
        if not ids:
            return {}
        request = qe.QueryRequest(
            limit=len(ids),
            query=qe.Query.Nearest(vector.tolist(), using=DENSE),
            filter=qe.Filter(must=[qe.HasIdCondition(set(ids))]),
            params=EXACT,
        )
        with self._step():
            if self._dropped:
                return {}
            return {str(point.id): point.score for point in self._shard.query(request)}

    def files(self) -> list[FileSummary]:
        with self._step():
            summaries = list(self._files().values())
        return sorted(summaries, key=lambda one: (-one.chunks, one.file))

    def catalogue(self) -> dict[str, FileSummary]:
        """Every file by name."""
        with self._step():
            return {**self._files()}

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
            if self._chunks is None:
                self._chunks = sum(one.chunks for one in self._files().values())
            return self._chunks

    def loose(self) -> int:
        """How many points were written and removed since it was made compact."""
        return self._loose

    def flush(self) -> None:
        with self._step():
            if self._unsaved:
                self._shard.flush()
                (self.folder / LOOSE).write_text(str(self._loose), "ascii")
                self._unsaved = False

    def drop(self) -> None:
        with self._step():
            self._dropped = True
            self.abandon()
        shutil.rmtree(self.folder)

    def abandon(self) -> None:
        """Close it without saving, which holds the GIL for as long as the disk takes; its folder is
        to be removed."""
        with suppress(OSError):
            memory.let_go(self.folder)
        with self._step():
            self._catalogue, self._unsaved = {} if self._dropped else None, False
            self._chunks = None
            self._passages.clear()
            self.close()

    def close(self) -> None:
        with self._step():
            # The log says why; what is lost then is read again.
            with suppress(StoreFailed, OSError):
                self.flush()
                if self._catalogue is not None and not self._dropped:
                    summaries.keep(self.folder, self._catalogue.values())
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
            self._passages.forget(entry.passage.chunk.id for entry in entries)
            for start in range(0, len(points), BATCH_POINTS):
                batch = points[start : start + BATCH_POINTS]
                self._update(qe.UpdateOperation.upsert_points(batch))
                self._loose += len(batch)
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
        self._passages.forget(map(str, ids))
        nothing = qe.SparseVector([], [])
        for start in range(0, len(ids), BATCH_POINTS):
            batch = ids[start : start + BATCH_POINTS]
            # Until the shard is opened again, a deleted point counts among those that have its
            # words: the idf of all others would be wrong.
            emptied = [qe.PointVectors(id, {TERMS: nothing}) for id in batch]
            self._update(qe.UpdateOperation.update_vectors(emptied))
            self._update(qe.UpdateOperation.delete_points(batch))
            self._loose += len(batch)

    def _update(self, operation: qe.UpdateOperation) -> None:
        """Raises StorageFull and FolderFailed too."""
        ensure_writable(self.folder, self.collection)
        if not self._unsaved:
            summaries.forget(self.folder)
        self._unsaved = True
        self._best.clear()
        self._holding.clear()
        self._chunks = None
        try:
            self._shard.update(operation)
        except BaseException:
            self._catalogue = None
            self._passages.clear()
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
        # Counting them one by one takes a tenth of a second for a million, holding the GIL.
        if sum(hit.count for hit in hits) != self._shard.count(qe.CountRequest(exact=True)):
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
    warming.read(folder)
    shard = qe.EdgeShard.load(str(folder))
    info = shard.info()
    # Of a compact segment both vectors are counted.
    if info.indexed_vectors_count <= min(info.segments_count, 2) * info.points_count:
        return shard
    # After a crash the log is played again, and what is deleted in it counts among those that have
    # its words (see _remove()). What was loaded from the files alone does not.
    shard.flush()
    shard.close()
    warming.read(folder)
    return qe.EdgeShard.load(str(folder))


def opened(
    folder: Path, collection: str, width: int, catalogue: Mapping[str, FileSummary] | None = None
) -> Shard:
    """One that was made. catalogue: of its files, where that is known.

    Raises StoreFailed if it is corrupt, as far as that can be seen.
    """
    with translated(collection):
        loaded = _loaded(folder)
        if catalogue is None and (files := summaries.kept(folder)) is not None:
            held = sum(one.chunks for one in files.values())
            catalogue = files if held == loaded.info().points_count else None
        shard = Shard(loaded, folder, collection, width, catalogue)
    try:
        shard.check()
    except StoreFailed:
        with suppress(StoreFailed):
            shard.close()
        raise
    with suppress(OSError):
        warming.ahead(folder)
    return shard


def made(folder: Path, collection: str, width: int) -> Shard:
    """A new one, empty. Raises StoreFailed."""
    with translated(collection):
        return Shard(_made(folder, width), folder, collection, width)


def compact(folder: Path, width: int, points: int) -> None:
    """Make the shard in a folder compact, and its deleted points vanish; takes long and holds the
    GIL, so in another process. Killed at any time it leaves a folder to be thrown away.

    points: how many it holds, about.
    """
    shard = qe.EdgeShard.load(str(folder), _compacting(width, has_graph=points >= GRAPH_POINTS))
    shard.optimize()
    shard.flush()
    shard.close()
    (folder / LOOSE).unlink(missing_ok=True)


def _compacting(width: int, has_graph: bool) -> qe.EdgeConfig:
    return _config(
        width,
        quantization_config=qe.TurboQuantQuantizationConfig(bits=BITS, memory=qe.Memory.Cached),
        hnsw_config=qe.HnswIndexConfig(
            m=GRAPH_LINKS if has_graph else 0,
            ef_construct=GRAPH_CANDIDATES,
            full_scan_threshold=0 if has_graph else ALL,
            max_indexing_threads=1,
        ),
        optimizers=qe.EdgeOptimizersConfig(
            default_segment_number=1,
            indexing_threshold=1,
            max_segment_size=ALL,
            deleted_threshold=0.01,
            vacuum_min_vector_number=1,
        ),
    )


def _made(folder: Path, width: int) -> qe.EdgeShard:
    folder.mkdir(parents=True)
    shard = qe.EdgeShard.create(str(folder), _config(width))
    # In memory they would make opening a compact shard take three times as long.
    cold = qe.Memory.Cold
    for key in KEYWORDS:
        params = qe.KeywordIndexParams(memory=cold, enable_hnsw=False)
        shard.update(qe.UpdateOperation.create_field_index(key, params))
    for key in INTEGERS:
        number = qe.IntegerIndexParams(lookup=True, range=False, memory=cold, enable_hnsw=False)
        shard.update(qe.UpdateOperation.create_field_index(key, number))
    shard.flush()
    return shard


def _config(width: int, **more: Any) -> qe.EdgeConfig:
    # Turbo16: twice as fast as Float32 by brute force, cosines right to 1e-5
    # (docs/decisions/0001-store.md).
    vectors = qe.EdgeVectorParams(
        size=width, distance=qe.Distance.Dot, datatype=qe.VectorStorageDatatype.Turbo16
    )
    terms = qe.EdgeSparseVectorParams(modifier=qe.Modifier.Idf)
    return qe.EdgeConfig(
        vectors={DENSE: vectors},
        sparse_vectors={TERMS: terms},
        id_tracker_memory=qe.Memory.Cold,
        **more,
    )


def _read_loose(folder: Path) -> int:
    try:
        return int((folder / LOOSE).read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _point(entry: Entry) -> qe.Point:
    return qe.Point(
        entry.passage.chunk.id,
        {DENSE: entry.vector.tolist(), TERMS: _sparse(entry.terms)},
        payload(entry.passage),
    )


def _rarity(term: int, points: Sequence[qe.ScoredPoint]) -> float:
    """Its idf, from the chunk where it counts most; 0 if there is none."""
    for point in points:
        vector = cast(Mapping[str, qe.SparseVector], point.vector)[TERMS]
        return bm25.seen(term, point.score, vector.indices, vector.values)
    return 0.0


def _sparse(terms: Terms) -> qe.SparseVector:
    return qe.SparseVector(list(terms.ids), list(terms.weights))


def _terms(vector: qe.SparseVector) -> Terms:
    return Terms(tuple(vector.indices), tuple(vector.values))


def _of_files(files: list[str]) -> qe.Filter:
    return qe.Filter(must=[qe.FieldCondition("file", match=qe.MatchAny(files))])
