"""The routes of collections."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.errors import (
    CollectionNotFound,
    CollectionPaused,
    FilesRefused,
    Forbidden,
    InvalidRequest,
    TrinaxError,
)
from trinax.ingest import archives
from trinax.ingest.ingest import Ingest
from trinax.ingest.manager import Manager
from trinax.ingest.records import Outcome
from trinax.ingest.uploads import Refused, failure
from trinax.settings import Settings
from trinax.web.collections import receiving, shapes
from trinax.web.collections.following import followed, wanted
from trinax.web.collections.multipart import Limits
from trinax.web.collections.shapes import (
    LISTED_FIRST,
    CollectionList,
    CollectionStatus,
    DeletedCollection,
    DeletedFile,
    FilePlaces,
    Following,
    ImportedArchive,
    Inspecting,
    Located,
    NewCollection,
    RefusedFolder,
    Renamed,
    Upload,
)
from trinax.web.declaring.operation import Operation, Streams, caller
from trinax.web.statuses import Statuses
from trinax.web.wire.archives import TAR, sent
from trinax.web.wire.errors import ErrorEnvelope
from trinax.web.wire.sse import EventStream

logger = logging.getLogger(__name__)

# What the ingest calls them → what the body does.
FIELDS = {"collection": "id", "path": "root"}
FORM = "multipart/form-data"
# Refused files that an answer names.
NAMED = 20

MISSING: tuple[type[TrinaxError], ...] = (errors.CollectionNotFound,)
HERE: tuple[type[TrinaxError], ...] = (*MISSING, errors.IndexedElsewhere)
DISK: tuple[type[TrinaxError], ...] = (errors.StorageFull, errors.FolderFailed)
STORE: tuple[type[TrinaxError], ...] = (errors.StoreFailed, errors.StoreLocked)
OWNED: tuple[type[TrinaxError], ...] = (*HERE, errors.CollectionConfigured, *DISK, *STORE)
SENT: tuple[type[TrinaxError], ...] = (*HERE, errors.TooLarge, *DISK, *STORE)
EVENTS = Streams("text/event-stream", CollectionStatus | ErrorEnvelope)
ALL_EVENTS = Streams("text/event-stream", CollectionList | ErrorEnvelope)


@dataclass(frozen=True, slots=True)
class Collections:
    """tasks: reconciles that requests have begun and not waited for."""

    ingest: Ingest
    manager: Manager
    settings: Settings
    tasks: set[asyncio.Task[Outcome]] = field(default_factory=set)

    def operations(self) -> list[Operation]:
        every, one, state = "/v1/collections", "/v1/collections/{id}", CollectionStatus
        taken: tuple[type[TrinaxError], ...] = (errors.CollectionExists, *DISK, *STORE)
        paused = (*HERE, errors.CollectionPaused)
        renamed = (*OWNED, *taken, errors.CollectionRenewed)
        return [
            Operation("GET", every, self.all, CollectionList, "browse", (), ALL_EVENTS),
            Operation("POST", every, self.add, state, "admin", (*HERE, *taken), status=201),
            Operation("GET", "/v1/whereabouts", self.whereabouts, FilePlaces, "admin"),
            Operation("GET", one, self.one, state, "browse", MISSING),
            Operation("PATCH", one, self.rename, state, "admin", renamed),
            Operation("DELETE", one, self.delete, DeletedCollection, "admin", OWNED),
            Operation("GET", f"{one}/status", self.status, state, "browse", MISSING, EVENTS),
            Operation("POST", f"{one}/reindex", self.reindex, state, "ingest", paused, status=202),
            Operation("POST", f"{one}/pause", self.pause, state, "ingest", (*HERE, *DISK)),
            Operation("POST", f"{one}/resume", self.resume, state, "ingest", (*HERE, *DISK)),
            *self._of_files(one),
        ]

    def _of_files(self, one: str) -> list[Operation]:
        outside = (*HERE, errors.SourceNotFound, errors.FileOutside, *DISK, *STORE)
        return [
            Operation(
                "POST",
                f"{one}/files",
                self.upload,
                Upload,
                "ingest",
                (*SENT, errors.FilesRefused),
                status=201,
                sends=FORM,
            ),
            Operation(
                "DELETE", f"{one}/files/{{file:path}}", self.drop, DeletedFile, "ingest", outside
            ),
            Operation("GET", f"{one}/export", self.export, TAR, "admin", (*HERE, *STORE)),
            Operation(
                "POST",
                f"{one}/import",
                self.take_in,
                ImportedArchive,
                "admin",
                (*SENT, errors.BadArchive),
                status=201,
                sends=TAR,
            ),
        ]

    async def all(self, request: Request, asked: Following) -> Response:
        """The collections, each with the state of its indexing."""
        if wanted(request, asked):
            return EventStream(followed(lambda: self._listed(request)))
        return JSONResponse(self._listed(request))

    async def add(self, request: Request, asked: NewCollection) -> Response:
        """Makes a collection with an empty folder, or adds a folder of the server to one, which is
        made if there is none, and begins to index it."""
        asking = caller(request)
        if asked.root is None:
            if not asking.sees(asked.id):
                raise Forbidden("An API key that is limited to collections makes no others.")
            await self.manager.create(asked.id)
        else:
            # Any folder of the server could be read through a collection that it was added to.
            if asking.collections is not None:
                raise Forbidden("An API key that is limited to collections cannot add folders.")
            await self._add_root(asked.id, asked.root)
        return self._begun(request, asked.id, 201)

    async def one(self, request: Request) -> Response:
        """One collection with the state of its indexing."""
        return JSONResponse(self._status(request))

    async def rename(self, request: Request, asked: Renamed) -> Response:
        """Gives a collection another id, and its own folder another name. Nothing is embedded
        again; the old id serves until the new one does."""
        collection = self._named(request)
        if not caller(request).sees(asked.id):
            raise Forbidden("An API key that is limited to collections makes no others.")
        await self.manager.rename(collection, asked.id)
        return JSONResponse(self._shown(asked.id))

    async def delete(self, request: Request) -> Response:
        """Takes a collection out of the index. Its own folder is moved aside, folders outside are
        left as they are."""
        collection = self._named(request)
        where = await self.manager.remove(collection)
        body: DeletedCollection = {"id": collection, "deleted": True, "moved_to": where or None}
        return JSONResponse(body)

    async def status(self, request: Request, asked: Inspecting) -> Response:
        """How far the indexing of a collection is, which files it could not read, and what is left
        out of it and why."""
        if wanted(request, asked):
            return EventStream(followed(lambda: self._status(request)))
        return JSONResponse(self._status(request, asked.listed))

    async def whereabouts(self, request: Request, asked: Located) -> Response:
        """Why a file or folder of the server is found or is not: in which collections it is, how
        far, and by which rule it is left out."""
        path = Path(asked.path)
        if not path.is_absolute() or "\0" in asked.path:
            raise InvalidRequest("'path' must be an absolute path on the server.", "path")
        if caller(request).collections is not None:
            raise Forbidden("An API key that is limited to collections cannot ask for any path.")
        found = await to_thread.run_sync(self.ingest.whereabouts, path)
        body: FilePlaces = {"places": [shapes.place(one) for one in found]}
        return JSONResponse(body)

    async def reindex(self, request: Request) -> Response:
        """Begins to look for changed files, in quiet hours too; the status says when it has
        ended."""
        collection = self._named(request)
        self.ingest.own("Indexing")
        if self.ingest.resting.paused(collection):
            raise CollectionPaused(collection)
        return self._begun(request, collection, 202)

    async def pause(self, request: Request) -> Response:
        """Leaves the index of a collection as it is, until it is resumed; searches go on."""
        return await self._rested(request, self.ingest.pause, "The pause")

    async def resume(self, request: Request) -> Response:
        """Goes on with a paused collection, beginning with what has changed meanwhile."""
        return await self._rested(request, self.ingest.resume, "The resumption")

    async def upload(self, request: Request) -> Response:
        """Puts files into the collection's own folder, as fields "files" of a form; a name may
        hold folders ("docs/a.md"). They are indexed in the background."""
        collection = self._named(request)
        ingest = self.settings.ingest
        limits = Limits(ingest.file_limit_bytes, ingest.upload_files)
        async with receiving.apart(self.settings.data_dir) as folder:
            found = await receiving.files(request, folder, ingest.upload_limit_bytes, limits)
            if not found.sent:
                raise _refused(found.refused)
            taken = await self.manager.put(collection, found.sent)
        if not taken.placed:
            raise _refused([*found.refused, *taken.refused])
        return JSONResponse(shapes.upload(collection, taken, found.refused), 201)

    async def drop(self, request: Request) -> Response:
        """Deletes a file of the collection's own folder, from the index too."""
        collection = self._named(request)
        file = request.path_params["file"]
        await self.manager.delete(collection, file)
        body: DeletedFile = {"id": collection, "file": file, "deleted": True}
        return JSONResponse(body)

    async def export(self, request: Request) -> Response:
        """The documents of a collection with their vectors, as a tar archive that can be
        imported."""
        collection = self._named(request)
        return await sent(self.manager.exported(collection), f"{collection}.tar")

    async def take_in(self, request: Request) -> Response:
        """Puts the documents of an exported archive into a collection, which is made if there is
        none; what the same embedder made of them is not made again."""
        collection = request.path_params["id"]
        if not caller(request).sees(collection):
            raise CollectionNotFound(collection)
        ingest = self.settings.ingest
        limits = archives.Limits(ingest.file_limit_bytes, ingest.import_files)
        async with receiving.apart(self.settings.data_dir) as folder:
            archive = folder / "archive"
            await receiving.body(request, archive, ingest.import_limit_bytes)
            try:
                unpacked = await to_thread.run_sync(archives.unpacked, archive, folder, limits)
            except OSError as exc:
                raise failure(exc, "The import") from exc
            taken = await self.manager.take_in(collection, unpacked)
        return JSONResponse(shapes.archive(collection, taken), 201)

    async def _add_root(self, collection: str, root: str) -> None:
        if not Path(root).is_absolute():
            raise InvalidRequest("'root' must be an absolute path on the server.", "root")
        try:
            await self.ingest.add_root(collection, Path(root))
        except InvalidRequest as exc:
            exc.param = FIELDS.get(exc.param or "", exc.param)
            raise

    async def _rested(
        self, request: Request, change: Callable[[str], Awaitable[None]], what: str
    ) -> Response:
        """what: for messages, as in "The pause"."""
        collection = self._named(request)
        try:
            await change(collection)
        except OSError as exc:
            raise failure(exc, what) from exc
        return JSONResponse(self._shown(collection))

    def _begun(self, request: Request, collection: str, status_code: int) -> Response:
        """Begin a reconcile; the status says when it has ended."""
        self._seen(request).of(collection)  # refuses an unknown one
        task = asyncio.create_task(self.ingest.reconcile(collection), name=collection)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return JSONResponse(self._shown(collection), status_code)

    def _named(self, request: Request) -> str:
        """The collection's id. Raises CollectionNotFound."""
        return self._seen(request).of(request.path_params["id"]).id

    def _seen(self, request: Request) -> Statuses:
        return Statuses(self.ingest, caller(request))

    def _ended(self, task: asyncio.Task[Outcome]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            logger.error("reindexing %s failed", task.get_name(), exc_info=failure)

    def _listed(self, request: Request) -> CollectionList:
        seen = self._seen(request)
        refused: list[RefusedFolder] = [
            {"folder": one.file, "reason": one.reason} for one in seen.refused()
        ]
        rows = [shapes.status(each, self._is_busy(each.id)) for each in seen.all()]
        return {"collections": rows, "refused": refused}

    def _status(self, request: Request, listed: int = LISTED_FIRST) -> CollectionStatus:
        found = self._seen(request).of(request.path_params["id"])
        return shapes.status(found, self._is_busy(found.id), listed)

    def _shown(self, collection: str) -> CollectionStatus:
        return shapes.status(self.ingest.status(collection), self._is_busy(collection))

    def _is_busy(self, collection: str) -> bool:
        begun = any(task.get_name() == collection for task in self.tasks)
        return begun or self.ingest.busy(collection)


def _refused(refused: Sequence[Refused]) -> FilesRefused:
    return FilesRefused([f"{one.file!r}: {one.reason}" for one in refused[:NAMED]])
