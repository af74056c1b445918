"""Collections: which there are, how far their indexing is, and adding folders to them."""

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.errors import InvalidRequest
from trinax.ingest.ingest import Ingest
from trinax.ingest.records import Outcome, Status
from trinax.web.declaring.operation import Operation
from trinax.web.wire.bodies import json_object
from trinax.web.wire.rendering import Json

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Collections:
    """tasks: reconciles that requests have begun and not waited for."""

    ingest: Ingest
    body_limit_bytes: int
    tasks: set[asyncio.Task[Outcome]] = field(default_factory=set)

    def operations(self) -> list[Operation]:
        one, shape = "/v1/collections/{id}", dict[str, Any]
        return [
            Operation("GET", "/v1/collections", self.all, shape, "browse"),
            Operation("POST", "/v1/collections", self.add, shape, "admin", status=201),
            Operation("GET", one, self.status, shape, "browse"),
            Operation("GET", f"{one}/status", self.status, shape, "browse"),
            Operation("POST", f"{one}/reindex", self.reindex, shape, "ingest", status=202),
        ]

    async def all(self, request: Request) -> Response:
        refused = [{"folder": one.file, "reason": one.reason} for one in self.ingest.refused]
        rows = [self._shown(status) for status in self.ingest.statuses()]
        return JSONResponse({"collections": rows, "refused": refused})

    async def add(self, request: Request) -> Response:
        body = await json_object(request, self.body_limit_bytes)
        collection, root = body.text("id"), Path(body.text("root"))
        if not root.is_absolute():
            raise InvalidRequest("'root' must be an absolute path on the server.", "root")
        await self.ingest.add_root(collection, root)
        return self._begun(collection, 201)

    async def status(self, request: Request) -> Response:
        return JSONResponse(self._shown(self.ingest.status(request.path_params["id"])))

    async def reindex(self, request: Request) -> Response:
        return self._begun(request.path_params["id"], 202)

    def _begun(self, collection: str, status_code: int) -> Response:
        """Begin a reconcile; the status says when it has ended."""
        self.ingest.status(collection)  # refuses an unknown one
        task = asyncio.create_task(self.ingest.reconcile(collection), name=collection)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return JSONResponse(self._shown(self.ingest.status(collection)), status_code)

    def _ended(self, task: asyncio.Task[Outcome]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            logger.error("reindexing %s failed", task.get_name(), exc_info=failure)

    def _shown(self, status: Status) -> Json:
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
            "failures": [{"file": one.file, "reason": one.reason} for one in status.failures],
            "left_out": [{"file": one.file, "reason": one.reason} for one in status.left_out],
            "problem": status.problem,
        }
