"""Browsing what is indexed: files, their chunks, their text, and whether a citation still holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import anyio.to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax import errors
from trinax.index.ledger import Ledger
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.web.declaring.body import Query, Whole
from trinax.web.declaring.operation import Operation, caller
from trinax.web.sources import reading, shapes
from trinax.web.sources.freshness import Freshness
from trinax.web.sources.reading import Reading
from trinax.web.wire import rendering

DEFAULT_COLLECTION = "default"
CHUNKS_LIMIT = 50
CHUNKS_LIMIT_HIGH = 500

Item = TypeVar("Item")


class Page(Query):
    """limit: absent for all; less than one is one."""

    offset: Annotated[Whole, Field(ge=0)] = 0
    limit: Whole | None = None

    def of(self, listed: Sequence[Item]) -> Sequence[Item]:
        end = None if self.limit is None else self.offset + max(self.limit, 1)
        return listed[self.offset : end]


class FilesQuery(Page):
    collection: str = DEFAULT_COLLECTION


class ChunksQuery(Page):
    """limit: brought into 1 to 500. q: what a chunk's text has to hold, in whatever case."""

    limit: Whole = CHUNKS_LIMIT
    q: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    registry: Registry
    ingest: Ingest
    ledger: Ledger

    def operations(self) -> list[Operation]:
        file, chunk = "/v1/sources/{collection}/{file:path}", "/v1/citations/{chunk_id}"
        no_collection = (errors.CollectionNotFound, errors.StoreFailed)
        no_file = (*no_collection, errors.SourceNotFound)
        unread = (*no_file, errors.UnreadableDocument, errors.IndexedElsewhere)
        no_chunk = (errors.ChunkNotFound, errors.StoreFailed, errors.IndexedElsewhere)
        return [
            Operation("GET", "/v1/sources", self.files, shapes.SourceList, "browse", no_collection),
            Operation("GET", f"{file}/chunks", self.chunks, shapes.SourceChunks, "browse", no_file),
            Operation("GET", file, self.text, shapes.SourceText, "browse", unread),
            Operation("GET", chunk, self.citation, shapes.Citation, "browse", no_chunk),
        ]

    async def files(self, request: Request, asked: FilesQuery) -> Response:
        """The files of a collection, those of most chunks first."""
        registry = self.registry.within(caller(request).collections)
        store = await anyio.to_thread.run_sync(registry.get, asked.collection)
        files = await anyio.to_thread.run_sync(store.files)
        body: shapes.SourceList = {
            "collection": asked.collection,
            "total": len(files),
            "sources": list(map(shapes.file, asked.of(files))),
        }
        return JSONResponse(body)

    async def chunks(self, request: Request, asked: ChunksQuery) -> Response:
        """The chunks that a file was cut into, in its order."""
        collection, file = request.path_params["collection"], request.path_params["file"]
        wanted = asked.q.casefold()
        found = [
            passage
            for passage in await self._reading(request).passages(collection, file)
            if wanted in passage.chunk.text.casefold()
        ]
        shown = asked.of(found)[:CHUNKS_LIMIT_HIGH]
        body: shapes.SourceChunks = {
            "collection": collection,
            "file": file,
            "total": len(found),
            "query": asked.q,
            "chunks": list(map(rendering.chunk, shown)),
        }
        return JSONResponse(body)

    async def text(self, request: Request, asked: Page) -> Response:
        """A file's lines as they are now."""
        collection, file = request.path_params["collection"], request.path_params["file"]
        document = await self._reading(request).document(collection, file)
        lines = reading.lines(document.text)
        body: shapes.SourceText = {
            "collection": collection,
            "file": file,
            "kind": document.kind,
            "title": document.title,
            "total": len(lines),
            "lines": [
                {"line": number, "text": line}
                for number, line in enumerate(asked.of(lines), asked.offset + 1)
            ],
        }
        return JSONResponse(body)

    async def citation(self, request: Request) -> Response:
        """Whether what a chunk said still stands in its file, and where."""
        freshness = Freshness(self.registry, self.ingest, self.ledger)
        seen = freshness.within(caller(request).collections)
        checked = await seen.check(request.path_params["chunk_id"])
        return JSONResponse(shapes.citation(checked))

    def _reading(self, request: Request) -> Reading:
        return Reading(self.registry, self.ingest).within(caller(request).collections)
