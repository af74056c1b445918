"""Collections: which there are, how far their indexing is, and adding folders to them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from trinax import errors
from trinax.errors import Forbidden, InvalidRequest
from trinax.ingest.ingest import Ingest
from trinax.ingest.records import Failure, Outcome, State, Status
from trinax.web.declaring.body import COLLECTION_ID, Body, Words
from trinax.web.declaring.operation import Operation, caller
from trinax.web.statuses import Statuses

logger = logging.getLogger(__name__)

# What the ingest calls them → what the body does.
FIELDS = {"collection": "id", "path": "root"}


class NewCollection(Body):
    """id: of a collection that may exist already. root: the absolute path, on the server, of a
    folder that becomes part of it."""

    id: Annotated[str, Field(pattern=COLLECTION_ID)]
    root: Words


class CollectionFiles(TypedDict):
    """skipped: left out by rule. failed: could not be read."""

    indexed: int
    skipped: int
    failed: int
    total: int


class CollectionQueue(TypedDict):
    files: int


class FileReason(TypedDict):
    file: str
    reason: str


class CollectionStatus(TypedDict):
    """eta_s: seconds to the end of the indexing; null when idle or not yet known. failures,
    left_out: the first of them. problem: why the state is "failed", else empty."""

    id: str
    state: State
    files: CollectionFiles
    chunks: int
    bytes: int
    queue: CollectionQueue
    eta_s: float | None
    failures: list[FileReason]
    left_out: list[FileReason]
    problem: str


class RefusedFolder(TypedDict):
    folder: str
    reason: str


class CollectionList(TypedDict):
    """refused: folders that are no collection, and why."""

    collections: list[CollectionStatus]
    refused: list[RefusedFolder]


@dataclass(frozen=True, slots=True)
class Collections:
    """tasks: reconciles that requests have begun and not waited for."""

    ingest: Ingest
    tasks: set[asyncio.Task[Outcome]] = field(default_factory=set)

    def operations(self) -> list[Operation]:
        every, one = "/v1/collections", "/v1/collections/{id}"
        status, missing = CollectionStatus, (errors.CollectionNotFound,)
        return [
            Operation("GET", every, self.all, CollectionList, "browse"),
            Operation("POST", every, self.add, status, "admin", missing, status=201),
            Operation("GET", one, self.one, status, "browse", missing),
            Operation("GET", f"{one}/status", self.status, status, "browse", missing),
            Operation(
                "POST", f"{one}/reindex", self.reindex, status, "ingest", missing, status=202
            ),
        ]

    async def all(self, request: Request) -> Response:
        """The collections, each with the state of its indexing."""
        refused: list[RefusedFolder] = [
            {"folder": one.file, "reason": one.reason} for one in self._seen(request).refused()
        ]
        rows = [self._shown(status) for status in self._seen(request).all()]
        body: CollectionList = {"collections": rows, "refused": refused}
        return JSONResponse(body)

    async def add(self, request: Request, asked: NewCollection) -> Response:
        """Adds a folder of the server to a collection, which is made if there is none, and begins
        to index it."""
        # Any folder of the server could be read through a collection that it was added to.
        if caller(request).collections is not None:
            raise Forbidden("An API key that is limited to collections cannot add folders.")
        root = Path(asked.root)
        if not root.is_absolute():
            raise InvalidRequest("'root' must be an absolute path on the server.", "root")
        try:
            await self.ingest.add_root(asked.id, root)
        except InvalidRequest as exc:
            exc.param = FIELDS.get(exc.param or "", exc.param)
            raise
        return self._begun(request, asked.id, 201)

    async def one(self, request: Request) -> Response:
        """One collection with the state of its indexing."""
        return await self.status(request)

    async def status(self, request: Request) -> Response:
        """How far the indexing of a collection is, and which files it could not read."""
        return JSONResponse(self._shown(self._seen(request).of(request.path_params["id"])))

    async def reindex(self, request: Request) -> Response:
        """Begins to look for changed files; the status says when it has ended."""
        return self._begun(request, request.path_params["id"], 202)

    def _begun(self, request: Request, collection: str, status_code: int) -> Response:
        """Begin a reconcile; the status says when it has ended."""
        self._seen(request).of(collection)  # refuses an unknown one
        task = asyncio.create_task(self.ingest.reconcile(collection), name=collection)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return JSONResponse(self._shown(self.ingest.status(collection)), status_code)

    def _seen(self, request: Request) -> Statuses:
        return Statuses(self.ingest, caller(request))

    def _ended(self, task: asyncio.Task[Outcome]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            logger.error("reindexing %s failed", task.get_name(), exc_info=failure)

    def _shown(self, status: Status) -> CollectionStatus:
        begun = any(task.get_name() == status.id for task in self.tasks)
        busy = begun or self.ingest.busy(status.id)
        return {
            "id": status.id,
            "state": "indexing" if busy and status.state == "idle" else status.state,
            "files": {
                "indexed": status.indexed,
                "skipped": status.skipped,
                "failed": status.failed,
                "total": status.total,
            },
            "chunks": status.chunks,
            "bytes": status.bytes,
            "queue": {"files": status.queued},
            "eta_s": status.eta_s,
            "failures": _reasons(status.failures),
            "left_out": _reasons(status.left_out),
            "problem": status.problem,
        }


def _reasons(failures: Sequence[Failure]) -> list[FileReason]:
    return [{"file": one.file, "reason": one.reason} for one in failures]
