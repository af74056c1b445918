"""A collection's store on a Qdrant server or cluster."""

import logging
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from trinax.errors import StoreFailed
from trinax.index import globs
from trinax.index.identity import Identity, fits, identity
from trinax.index.ids import id_bytes, ids_digest
from trinax.index.payload import INTEGERS, KEYWORDS, passage, payload, possible_ids, summary
from trinax.index.ports import View
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

log = logging.getLogger(__name__)

DENSE = "dense"
TERMS = "terms"

# Our collections among those of others on the server.
PREFIX = "trinax-"

# The engine inside qdrant-client: for tests, forgotten when the client closes.
MEMORY = ":memory:"

TIMEOUT_S = 30
# A request of 500 points is about 4 MB; a server takes 32.
BATCH_POINTS = 500
PAGE_POINTS = 1000
MOST_FILES = 1_000_000


class Cluster:
    """One connection, shared by the stores of all collections."""

    def __init__(self, url: str, api_key: str = "") -> None:
        """Connects at the first call. url: of a Qdrant server's HTTP port, or ":memory:"."""
        self.is_local = url == MEMORY
        with warnings.catch_warnings():
            # It warns of an API key sent without TLS, which a private network may want.
            warnings.simplefilter("ignore")
            self.client = (
                QdrantClient(MEMORY)
                if self.is_local
                else QdrantClient(
                    url=url,
                    api_key=api_key or None,
                    timeout=TIMEOUT_S,
                    check_compatibility=False,
                )
            )
        self.lock = threading.RLock()

    def known(self) -> list[str]:
        """Ids of the collections that exist. Raises StoreFailed."""
        with _translated("*"):
            names = [one.name for one in self.client.get_collections().collections]
        return sorted(name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))

    def close(self) -> None:
        self.client.close()


class ClusterStore:
    """Store on a server's collection; BM25's idf is computed there.

    A replacement goes out as one request, which a server applies in order: a reader between its
    two parts may see old and new chunks of a file together. It is never renewed: for another
    embedder it is made anew at once.
    """

    renewed = False

    def __init__(self, cluster: Cluster, collection: str, width: int, fingerprint: str) -> None:
        """Open the collection, making it anew if it is missing or of another embedder.

        Raises StoreFailed if the server cannot be reached or a newer trinax wrote the collection.
        """
        self.collection = collection
        self._name = PREFIX + collection
        self._client = cluster.client
        self._lock = cluster.lock
        # The engine in memory knows no threads.
        self._reading: AbstractContextManager[object] = (
            cluster.lock if cluster.is_local else nullcontext()
        )
        self._is_local = cluster.is_local
        # Who searches while it is dropped finds nothing.
        self._dropped = False
        with self._writing():
            self.fresh = self._made(width, identity(width, fingerprint))

    @contextmanager
    def view(self) -> Iterator[View]:
        yield View(self)

    def replace(self, files: Files) -> None:
        entries = [entry for one in files.values() for entry in one]
        points = [_point(entry) for entry in entries]
        stale = models.Filter(
            must=[_is_any("file", list(files))],
            must_not=[models.HasIdCondition(has_id=[point.id for point in points])],
        )
        operations: list[models.UpdateOperation] = [
            models.UpsertOperation(
                upsert=models.PointsList(points=points[start : start + BATCH_POINTS])
            )
            for start in range(0, len(points), BATCH_POINTS)
        ]
        operations.append(models.DeleteOperation(delete=models.FilterSelector(filter=stale)))
        with self._writing():
            for one in operations[:-2]:
                self._client.batch_update_points(self._name, [one], wait=True)
            self._client.batch_update_points(self._name, operations[-2:], wait=True)

    def delete(self, files: Sequence[str]) -> None:
        if not files:
            return
        condition = models.Filter(must=[_is_any("file", list(files))])
        with self._writing():
            self._client.delete(self._name, models.FilterSelector(filter=condition), wait=True)

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        condition = models.Filter(must=[_is_any("file", [file])])
        changed = {"size": size_bytes, "mtime": mtime_s}
        with self._writing():
            self._client.set_payload(self._name, changed, condition, wait=True)

    def candidates(
        self,
        vector: NDArray[np.float32] | None,
        terms: Terms | None,
        limit: int,
        filter: Filter | None = None,
    ) -> Candidates:
        queries: dict[str, list[float] | models.SparseVector] = {}
        # A vector of zeros has no direction, so no neighbours.
        if vector is not None and vector.any():
            queries[DENSE] = vector.tolist()
        if terms is not None and terms.ids:
            queries[TERMS] = _sparse(terms)
        if not queries or limit < 1 or self._dropped:
            return Candidates((), ())
        condition = self._condition(filter)
        requests = [
            models.QueryRequest(query=query, using=using, filter=condition, limit=limit)
            for using, query in queries.items()
        ]
        with self._step():
            answers = self._client.query_batch_points(self._name, requests)
        found = {
            using: tuple(Hit(str(point.id), point.score) for point in answer.points)
            for using, answer in zip(queries, answers, strict=True)
        }
        return Candidates(dense=found.get(DENSE, ()), bm25=found.get(TERMS, ()))

    def best(self, questions: Sequence[Terms]) -> list[float]:
        if not questions or self._dropped:
            return [0.0] * len(questions)
        requests = [
            models.QueryRequest(query=_sparse(terms), using=TERMS, limit=1) for terms in questions
        ]
        with self._step():
            answers = self._client.query_batch_points(self._name, requests)
        return [answer.points[0].score if answer.points else 0.0 for answer in answers]

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        ids = possible_ids(chunk_ids)
        if not ids or self._dropped:
            return []
        with self._step():
            records = self._client.retrieve(self._name, ids, with_payload=True)
        found = {str(record.id): self._passage(record) for record in records}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        ids = possible_ids(chunk_ids)
        if not ids or self._dropped:
            return {}
        with self._step():
            answer = self._client.query_points(
                self._name,
                query=vector.tolist(),
                using=DENSE,
                query_filter=models.Filter(must=[models.HasIdCondition(has_id=[*ids])]),
                limit=len(ids),
                with_payload=False,
            )
        return {str(point.id): point.score for point in answer.points}

    def files(self) -> list[FileSummary]:
        """Asked of the server each time: another machine may be the one that ingests."""
        counts = self._counts()
        first = models.Filter(
            must=[models.FieldCondition(key="ordinal", match=models.MatchValue(value=0))]
        )
        firsts = [self._passage(record) for record in self._scrolled(first)]
        summaries = [summary(one, counts[one.file]) for one in firsts if one.file in counts]
        return sorted(summaries, key=lambda one: (-one.chunks, one.file))

    def ids(self) -> dict[str, str]:
        found: dict[str, list[bytes]] = {}
        for record in self._scrolled(None, with_payload=["file"]):
            file = str((record.payload or {})["file"])
            found.setdefault(file, []).append(id_bytes(str(record.id)))
        return {file: ids_digest(ids) for file, ids in found.items()}

    def written(self) -> list[FileSummary]:
        return self.files()

    def unwritten(self) -> list[str]:
        return []

    def chunks(self, file: str) -> list[Passage]:
        return [self._passage(record) for record in self._records(file, with_vectors=False)]

    def entries(self, file: str) -> list[Entry]:
        return [self._entry(record) for record in self._records(file, with_vectors=True)]

    def count(self) -> int:
        with self._step():
            return self._client.count(self._name, exact=True).count

    def flush(self) -> None:
        """Nothing to do: every write waits until the server has it in its log."""

    def copied(self, folder: Path) -> AbstractContextManager[bool]:
        return nullcontext(False)

    def set_aside(self) -> list[str]:
        return []

    def loose(self) -> int:
        return 0

    def compact(self, ended: threading.Event) -> bool:
        """Nothing to do: the server does so by itself."""
        return False

    def switch(self) -> None:
        """Nothing to do: what is written is what is served."""

    def drop(self) -> None:
        self._dropped = True
        with self._writing():
            self._client.delete_collection(self._name)

    def close(self) -> None:
        """Nothing to do: the connection is the cluster's."""

    def _made(self, width: int, wanted: Identity) -> bool:
        if self._client.collection_exists(self._name):
            kept = self._client.get_collection(self._name).config.metadata
            if fits(kept, wanted, self.collection):
                return False
            log.warning("Collection %s was made with another embedder: anew.", self.collection)
            self._client.delete_collection(self._name)
        self._client.create_collection(
            self._name,
            vectors_config={
                DENSE: models.VectorParams(size=width, distance=models.Distance.DOT),
            },
            sparse_vectors_config={TERMS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            metadata=dict(wanted),
        )
        # The engine in memory has none, and warns.
        if not self._is_local:
            self._make_indexes()
        return True

    def _make_indexes(self) -> None:
        for keys, schema in (
            (KEYWORDS, models.PayloadSchemaType.KEYWORD),
            (INTEGERS, models.PayloadSchemaType.INTEGER),
        ):
            for key in keys:
                self._client.create_payload_index(self._name, key, schema, wait=True)

    def _counts(self) -> dict[str, int]:
        if self._dropped:
            return {}
        with self._step():
            facet = self._client.facet(self._name, "file", limit=MOST_FILES, exact=True)
        return {str(hit.value): hit.count for hit in facet.hits if hit.count}

    def _condition(self, filter: Filter | None) -> models.Filter | None:
        must: list[models.Condition] = []
        if filter is not None and filter.file_glob is not None:
            must.append(_is_any("file", globs.matching(filter.file_glob, self._counts())))
        if filter is not None and filter.language is not None:
            either = [_is_any(key, [filter.language]) for key in ("kind", "language")]
            must.append(models.Filter(should=[*either]))
        return models.Filter(must=must) if must else None

    def _records(self, file: str, with_vectors: bool) -> list[models.Record]:
        condition = models.Filter(must=[_is_any("file", [file])])
        records = self._scrolled(condition, with_vectors)
        return sorted(records, key=lambda record: int((record.payload or {})["ordinal"]))

    def _scrolled(
        self,
        condition: models.Filter | None,
        with_vectors: bool = False,
        with_payload: bool | list[str] = True,
    ) -> list[models.Record]:
        found: list[models.Record] = []
        offset: Any = None
        while not self._dropped:
            with self._step():
                records, offset = self._client.scroll(
                    self._name,
                    condition,
                    limit=PAGE_POINTS,
                    offset=offset,
                    with_payload=with_payload,
                    with_vectors=with_vectors,
                )
            found.extend(records)
            if offset is None:
                break
        return found

    def _passage(self, record: models.Record) -> Passage:
        return passage(self.collection, str(record.id), record.payload or {})

    def _entry(self, record: models.Record) -> Entry:
        vectors = cast(Mapping[str, object], record.vector)
        terms = vectors.get(TERMS)
        return Entry(
            passage=self._passage(record),
            vector=np.array(vectors[DENSE], dtype=np.float32),
            terms=_terms(terms) if isinstance(terms, models.SparseVector) else Terms((), ()),
        )

    @contextmanager
    def _step(self) -> Iterator[None]:
        with self._reading, _translated(self.collection):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, _translated(self.collection):
            yield


def _point(entry: Entry) -> models.PointStruct:
    return models.PointStruct(
        id=entry.passage.chunk.id,
        vector={DENSE: entry.vector.tolist(), TERMS: _sparse(entry.terms)},
        payload=payload(entry.passage),
    )


def _sparse(terms: Terms) -> models.SparseVector:
    return models.SparseVector(indices=list(terms.ids), values=list(terms.weights))


def _terms(vector: models.SparseVector) -> Terms:
    pairs = sorted(zip(vector.indices, vector.values, strict=True))
    return Terms(tuple(id for id, _ in pairs), tuple(weight for _, weight in pairs))


def _is_any(key: str, values: list[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=values))


@contextmanager
def _translated(collection: str) -> Iterator[None]:
    try:
        yield
    except (ApiException, QdrantException, OSError, ValueError) as exc:
        log.error("Qdrant, collection %s: %s", collection, exc)
        reason = "the Qdrant server refused or cannot be reached; see index.url, and the log"
        raise StoreFailed(collection, reason) from exc
