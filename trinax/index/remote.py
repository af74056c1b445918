"""A Qdrant server or cluster, and one index there."""

import logging
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar, cast
from uuid import uuid4

import grpc
import httpx
import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import (
    ApiException,
    ResponseHandlingException,
    UnexpectedResponse,
)

from trinax.errors import StoreFailed
from trinax.index import bm25, globs
from trinax.index.batches import batches
from trinax.index.identity import Identity
from trinax.index.ids import id_bytes, ids_digest
from trinax.index.outage import Calls, Kind, Passing
from trinax.index.payload import INTEGERS, KEYWORDS, passage, payload, possible_ids, summary
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
from trinax.settings import Index

log = logging.getLogger(__name__)

T = TypeVar("T")

DENSE = "dense"
TERMS = "terms"

# Our names among those of others on the server: "trinax-notes" is an alias of the index that
# serves, "trinax-notes.1f0c9a2b" such an index.
PREFIX = "trinax-"

# Stands for a collection where it is about all of them.
ALL = "*"

# The engine inside qdrant-client: for tests, forgotten when the client closes.
MEMORY = ":memory:"

PAGE_POINTS = 1000
MOST_FILES = 1_000_000

# What a proxy, or a node that cannot reach another one, answers for the moment.
AWAY_STATUSES = {408, 502, 503, 504}
BUSY_STATUS = 429
KINDS: Mapping[grpc.StatusCode, Kind] = {
    grpc.StatusCode.UNAVAILABLE: "away",
    grpc.StatusCode.DEADLINE_EXCEEDED: "slow",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "busy",
}
# gRPC waits up to two minutes between two attempts to connect, while every call fails at once.
RECONNECTING = {
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.min_reconnect_backoff_ms": 1000,
    "grpc.max_reconnect_backoff_ms": 2000,
}
REFUSED = "the Qdrant server refused; see the log"


class Server:
    """One connection, shared by the stores of all collections. Callable from any thread."""

    def __init__(self, settings: Index) -> None:
        """Connects at the first call. url: of a Qdrant server's HTTP port, or MEMORY."""
        self.is_local = settings.url == MEMORY
        self._settings = settings
        with warnings.catch_warnings():
            # It warns of an API key sent without TLS, which a private network may want.
            warnings.simplefilter("ignore")
            self.client = QdrantClient(MEMORY) if self.is_local else _client(settings)
        self._calls = Calls(settings.retries)
        # The engine in memory knows no threads.
        self._engine: AbstractContextManager[object] = (
            threading.RLock() if self.is_local else nullcontext()
        )
        self._looked_s: float | None = None
        self._serving: Mapping[str, str] = {}

    def ask(self, collection: str, call: Callable[[], T]) -> T:
        """What someone waits for; see Calls. Raises StoreFailed."""
        with self._engine:
            return self._calls.ask(collection, partial(_translated, collection, call))

    def tell(self, collection: str, call: Callable[[], T]) -> T:
        """What has time, and may be done twice; see Calls. Raises StoreFailed."""
        with self._engine:
            return self._calls.tell(partial(_translated, collection, call))

    def serving(self, fresh_s: float = 0.0, collection: str = ALL) -> Mapping[str, str]:
        """Collection → the index that serves it, as the server said fresh_s ago at most.

        collection: that it is asked for, to be named by StoreFailed.
        """
        if self._looked_s is None or time.monotonic() - self._looked_s >= fresh_s:
            self._look(self.ask(collection, self.client.get_aliases))
        return self._serving

    def known(self) -> list[str]:
        """Ids of the collections that are served. Raises StoreFailed."""
        self._look(self.tell(ALL, self.client.get_aliases))
        return sorted(self._serving)

    def indexes(self, collection: str) -> list[str]:
        """Names of those that were made for the collection, serving or not."""
        found = self.tell(collection, self.client.get_collections).collections
        own = PREFIX + collection
        return sorted(one.name for one in found if one.name == own or _is_of(one.name, own))

    def made(self, collection: str, made_with: Identity) -> str:
        """The name of a new, empty index."""
        name = f"{PREFIX}{collection}.{uuid4().hex[:8]}"
        # One that is half made has no index for its files and is swept at the next opening.
        create = partial(
            self.client.create_collection,
            name,
            vectors_config={
                DENSE: models.VectorParams(
                    size=int(made_with["width"]), distance=models.Distance.DOT
                )
            },
            sparse_vectors_config={TERMS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            shard_number=self._settings.shards or None,
            replication_factor=self._settings.replicas,
            metadata=dict(made_with),
        )
        self.tell(collection, lambda: self.client.collection_exists(name) or create())
        # The engine in memory has none, and warns.
        if not self.is_local:
            for keys, schema in (
                (KEYWORDS, models.PayloadSchemaType.KEYWORD),
                (INTEGERS, models.PayloadSchemaType.INTEGER),
            ):
                for key in keys:
                    index = partial(self.client.create_payload_index, name, key, schema, wait=True)
                    self.tell(collection, index)
        return name

    def made_with(self, collection: str, name: str) -> object:
        """What an index was made with: whatever stands there."""
        found = self.ask(collection, partial(self.client.get_collection, name))
        return found.config.metadata

    def serve(self, collection: str, name: str) -> None:
        """From now on this index serves the collection, in one step."""
        alias = models.CreateAlias(collection_name=name, alias_name=PREFIX + collection)
        self._alias(collection, models.CreateAliasOperation(create_alias=alias))

    def withdraw(self, collection: str) -> None:
        """From now on none does."""
        alias = models.DeleteAlias(alias_name=PREFIX + collection)
        self._alias(collection, models.DeleteAliasOperation(delete_alias=alias))

    def remove(self, collection: str, name: str) -> None:
        self.tell(collection, partial(self.client.delete_collection, name))

    def close(self) -> None:
        self.client.close()

    def _alias(self, collection: str, operation: models.AliasOperations) -> None:
        self.tell(collection, partial(self.client.update_collection_aliases, [operation]))
        self._looked_s = None

    def _look(self, found: models.CollectionsAliasesResponse) -> None:
        self._serving = {
            one.alias_name.removeprefix(PREFIX): one.collection_name
            for one in found.aliases
            if one.alias_name.startswith(PREFIX)
        }
        self._looked_s = time.monotonic()


class Remote:
    """An index on a server; BM25's idf is computed there. Its methods are those of a Store.

    A replacement goes out as one request, which a server applies in order: a reader between its
    two parts may see old and new chunks of a file together.
    """

    def __init__(self, server: Server, collection: str, name: str) -> None:
        self.collection = collection
        self.name = name
        self._server = server
        self._client = server.client
        # Who searches while it is dropped finds nothing.
        self._dropped = False

    def replace(self, files: Files) -> None:
        entries = [entry for one in files.values() for entry in one]
        stale = models.Filter(
            must=[_is_any("file", list(files))],
            must_not=[models.HasIdCondition(has_id=[one.passage.chunk.id for one in entries])],
        )
        operations: list[models.UpdateOperation] = [
            models.UpsertOperation(upsert=models.PointsList(points=list(map(_point, batch))))
            for batch in batches(entries)
        ]
        operations.append(models.DeleteOperation(delete=models.FilterSelector(filter=stale)))
        for some in (*([one] for one in operations[:-2]), operations[-2:]):
            self._tell(self._client.batch_update_points, self.name, some, wait=True)

    def delete(self, files: Sequence[str]) -> None:
        if files:
            chosen = models.FilterSelector(filter=models.Filter(must=[_is_any("file", [*files])]))
            self._tell(self._client.delete, self.name, chosen, wait=True)

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        condition = models.Filter(must=[_is_any("file", [file])])
        changed = {"size": size_bytes, "mtime": mtime_s}
        self._tell(self._client.set_payload, self.name, changed, condition, wait=True)

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
        answers = self._ask(self._client.query_batch_points, self.name, requests)
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
        answers = self._ask(self._client.query_batch_points, self.name, requests)
        return [answer.points[0].score if answer.points else 0.0 for answer in answers]

    def frequencies(self, terms: Sequence[int]) -> Frequencies:
        if not terms or self._dropped:
            return Frequencies(0, (0.0,) * len(terms))
        requests = [
            models.QueryRequest(
                query=_sparse(Terms((term,), (1.0,))), using=TERMS, limit=1, with_vector=[TERMS]
            )
            for term in terms
        ]
        answers = self._ask(self._client.query_batch_points, self.name, requests)
        # To the last one they need not be counted, which takes a server long.
        chunks = self._ask(self._client.count, self.name, exact=False).count
        rarities = (
            _rarity(term, answer.points) for term, answer in zip(terms, answers, strict=True)
        )
        return Frequencies(chunks, tuple([bm25.holding(chunks, rarity) for rarity in rarities]))

    def fetch(self, chunk_ids: Sequence[str]) -> list[Passage]:
        ids = possible_ids(chunk_ids)
        if not ids or self._dropped:
            return []
        records = self._ask(self._client.retrieve, self.name, ids, with_payload=True)
        found = {str(record.id): self._passage(record) for record in records}
        return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]

    def scores(self, vector: NDArray[np.float32], chunk_ids: Sequence[str]) -> dict[str, float]:
        ids = possible_ids(chunk_ids)
        if not ids or self._dropped:
            return {}
        answer = self._ask(
            self._client.query_points,
            self.name,
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
        summaries = [summary(one, counts[one.file]) for one in self._firsts() if one.file in counts]
        return sorted(summaries, key=lambda one: (-one.chunks, one.file))

    def stamps(self, files: Sequence[str]) -> dict[str, tuple[int, float]]:
        """Size and time of those of the files that it has."""
        return {one.file: (one.size_bytes, one.mtime_s) for one in self._firsts(files)}

    def ids(self) -> dict[str, str]:
        found: dict[str, list[bytes]] = {}
        for record in self._scrolled(None, with_payload=["file"]):
            file = str((record.payload or {})["file"])
            found.setdefault(file, []).append(id_bytes(str(record.id)))
        return {file: ids_digest(ids) for file, ids in found.items()}

    def chunks(self, file: str) -> list[Passage]:
        return [self._passage(record) for record in self._records(file, with_vectors=False)]

    def entries(self, file: str) -> list[Entry]:
        return [self._entry(record) for record in self._records(file, with_vectors=True)]

    def count(self) -> int:
        if self._dropped:
            return 0
        return self._ask(self._client.count, self.name, exact=True).count

    def drop(self) -> None:
        self._dropped = True
        self._server.remove(self.collection, self.name)

    def _ask(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self._server.ask(self.collection, partial(call, *args, **kwargs))

    def _tell(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return self._server.tell(self.collection, partial(call, *args, **kwargs))

    def _counts(self) -> dict[str, int]:
        if self._dropped:
            return {}
        facet = self._ask(self._client.facet, self.name, "file", limit=MOST_FILES, exact=True)
        return {str(hit.value): hit.count for hit in facet.hits if hit.count}

    def _firsts(self, files: Sequence[str] | None = None) -> list[Passage]:
        must: list[models.Condition] = [
            models.FieldCondition(key="ordinal", match=models.MatchValue(value=0))
        ]
        if files is not None:
            must.append(_is_any("file", [*files]))
        return [self._passage(record) for record in self._scrolled(models.Filter(must=must))]

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
            records, offset = self._ask(
                self._client.scroll,
                self.name,
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


def _client(settings: Index) -> QdrantClient:
    return QdrantClient(
        url=settings.url,
        api_key=settings.api_key or None,
        timeout=settings.timeout_s,
        prefer_grpc=settings.grpc,
        grpc_port=settings.grpc_port,
        # A copy, for it writes its name into it.
        grpc_options={**RECONNECTING},
        check_compatibility=False,
    )


def _is_of(name: str, alias: str) -> bool:
    # No id of a collection has a dot in it.
    return name.startswith(f"{alias}.")


def _point(entry: Entry) -> models.PointStruct:
    return models.PointStruct(
        id=entry.passage.chunk.id,
        vector={DENSE: entry.vector.tolist(), TERMS: _sparse(entry.terms)},
        payload=payload(entry.passage),
    )


def _rarity(term: int, points: Sequence[models.ScoredPoint]) -> float:
    """Its idf, from the chunk where it counts most; 0 if there is none."""
    for point in points:
        vector = cast(Mapping[str, models.SparseVector], point.vector)[TERMS]
        return bm25.seen(term, point.score, vector.indices, vector.values)
    return 0.0


def _sparse(terms: Terms) -> models.SparseVector:
    return models.SparseVector(indices=list(terms.ids), values=list(terms.weights))


def _terms(vector: models.SparseVector) -> Terms:
    pairs = sorted(zip(vector.indices, vector.values, strict=True))
    return Terms(tuple(id for id, _ in pairs), tuple(weight for _, weight in pairs))


def _is_any(key: str, values: list[str]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=values))


def _translated(collection: str, call: Callable[[], T]) -> T:
    try:
        return call()
    except ResourceExhaustedResponse as exc:
        raise Passing(collection, "busy", exc.retry_after_s) from exc
    except UnexpectedResponse as exc:
        raise _of_status(collection, exc) from exc
    except ResponseHandlingException as exc:
        raise _of_transport(collection, exc.source) from exc.source
    except grpc.RpcError as exc:
        raise _of_call(collection, exc) from exc
    except (ApiException, QdrantException, OSError, ValueError) as exc:
        raise _refused(collection, exc) from exc


def _of_status(collection: str, exc: UnexpectedResponse) -> Exception:
    after = exc.headers.get("retry-after", "")
    wait_s = float(after) if after.isdecimal() else 0.0
    if exc.status_code == BUSY_STATUS:
        return Passing(collection, "busy", wait_s)
    if exc.status_code in AWAY_STATUSES:
        return Passing(collection, "away", wait_s)
    return _refused(collection, exc)


def _of_transport(collection: str, exc: Exception) -> Exception:
    if isinstance(exc, httpx.TransportError):
        slow = isinstance(exc, httpx.TimeoutException) and not isinstance(exc, httpx.ConnectTimeout)
        return Passing(collection, "slow" if slow else "away")
    return _refused(collection, exc)


def _of_call(collection: str, exc: grpc.RpcError) -> Exception:
    # A call that failed is both: an RpcError, and a Call that has the code.
    kind = KINDS.get(exc.code()) if isinstance(exc, grpc.Call) else None
    return Passing(collection, kind) if kind else _refused(collection, exc)


def _refused(collection: str, exc: Exception) -> StoreFailed:
    log.error("Qdrant, collection %s: %s", collection, exc)
    return StoreFailed(collection, REFUSED)
