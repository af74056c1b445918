"""Qdrant's HTTP wire before an engine."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from qdrant_client import QdrantClient, models

SELECTOR: TypeAdapter[Any] = TypeAdapter(models.PointsSelector)
Call = Callable[[QdrantClient, str, bytes], object]


def _scroll(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.ScrollRequest.model_validate_json(body)
    points, offset = engine.scroll(
        name,
        asked.filter,
        limit=asked.limit or 10,
        offset=asked.offset,
        with_payload=True if asked.with_payload is None else asked.with_payload,
        with_vectors=asked.with_vector or False,
    )
    return models.ScrollResult(points=points, next_page_offset=offset)


def _query(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.QueryRequest.model_validate_json(body)
    return engine.query_batch_points(name, [asked])[0]


def _set_payload(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.SetPayload.model_validate_json(body)
    assert asked.filter is not None
    return engine.set_payload(name, asked.payload, asked.filter)


def _retrieve(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.PointRequest.model_validate_json(body)
    payload = True if asked.with_payload is None else asked.with_payload
    return engine.retrieve(name, asked.ids, payload, asked.with_vector or False)


def _create(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.CreateCollection.model_validate_json(body)
    return engine.create_collection(
        name, asked.vectors, asked.sparse_vectors, metadata=asked.metadata
    )


def _facet(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.FacetRequest.model_validate_json(body)
    return engine.facet(name, asked.key, limit=asked.limit or 10, exact=asked.exact or False)


def _update(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.UpdateOperations.model_validate_json(body)
    return engine.batch_update_points(name, asked.operations)


def _query_batch(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.QueryRequestBatch.model_validate_json(body)
    return engine.query_batch_points(name, asked.searches)


def _alias(engine: QdrantClient, name: str, body: bytes) -> object:
    asked = models.ChangeAliasesOperation.model_validate_json(body)
    return engine.update_collection_aliases(asked.actions)


def _indexed(engine: QdrantClient, name: str, body: bytes) -> object:
    """The engine needs no index, and warns of it."""
    models.CreateFieldIndex.model_validate_json(body)
    engine.get_collection(name)
    return {"operation_id": 0, "status": "completed"}


ROUTES: Mapping[str, Call] = {
    r"GET /aliases": lambda engine, name, body: engine.get_aliases(),
    r"GET /collections": lambda engine, name, body: engine.get_collections(),
    r"POST /collections/aliases": _alias,
    r"GET /collections/(.+)/exists": lambda engine, name, body: {
        "exists": engine.collection_exists(name)
    },
    r"GET /collections/([^/]+)": lambda engine, name, body: engine.get_collection(name),
    r"PUT /collections/([^/]+)": _create,
    r"DELETE /collections/([^/]+)": lambda engine, name, body: engine.delete_collection(name),
    r"PUT /collections/(.+)/index": _indexed,
    r"POST /collections/(.+)/facet": _facet,
    r"POST /collections/(.+)/points": _retrieve,
    r"POST /collections/(.+)/points/batch": _update,
    r"POST /collections/(.+)/points/count": lambda engine, name, body: engine.count(name),
    r"POST /collections/(.+)/points/delete": lambda engine, name, body: engine.delete(
        name, SELECTOR.validate_json(body)
    ),
    r"POST /collections/(.+)/points/payload": _set_payload,
    r"POST /collections/(.+)/points/query": _query,
    r"POST /collections/(.+)/points/query/batch": _query_batch,
    r"POST /collections/(.+)/points/scroll": _scroll,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said instead of what the engine would."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Wire:
    """What reaches the server. instead: answers to the next requests. silent: it takes requests
    and says nothing until it is cleared. lose: the next requests are done, and not answered."""

    engine: QdrantClient
    api_key: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    instead: list[Answer] = field(default_factory=list)
    speaks: threading.Event = field(default_factory=threading.Event)
    lose: int = 0


class Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = False
    wire: Wire


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""

    def _answer(self) -> None:
        wire, request = self.server.wire, f"{self.command} {self.path.partition('?')[0]}"
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with wire.lock:
            wire.asked.append(request)
            wire.bodies.append(body)
            instead = wire.instead.pop(0) if wire.instead else None
        wire.speaks.wait()
        if instead is not None:
            self._say(instead.status, {"status": {"error": "for now"}}, instead.headers)
        elif wire.api_key and self.headers.get("api-key") != wire.api_key:
            self._say(401, {"status": {"error": "Must provide an API key"}})
        else:
            self._do(request, body)

    def _do(self, request: str, body: bytes) -> None:
        wire = self.server.wire
        for pattern, call in ROUTES.items():
            if (found := re.fullmatch(pattern, request)) is None:
                continue
            name = found.group(1) if found.groups() else ""
            try:
                with wire.lock:
                    result = to_jsonable_python(call(wire.engine, name, body))
                    wire.lose, lost = max(0, wire.lose - 1), wire.lose > 0
            except ValueError as exc:
                status = 404 if "not found" in str(exc) else 400
                self._say(status, {"status": {"error": str(exc)}})
                return
            if lost:
                self.close_connection = True
                return
            self._say(200, {"result": result, "status": "ok", "time": 0.0})
            return
        self._say(404, {"status": {"error": f"{request} is not played here"}})

    def _say(self, status: int, value: object, headers: Mapping[str, str] | None = None) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _answer


@contextmanager
def serving(wire: Wire, port: int = 0) -> Iterator[int]:
    """Gives the port; where one was given that of before, as after a restart."""
    wire.speaks.set()
    with Server(("127.0.0.1", port), Handler) as server:
        server.wire = wire
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            wire.speaks.set()
            server.shutdown()
            thread.join()
