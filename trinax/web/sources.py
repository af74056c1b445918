"""Browsing what is indexed: files, their chunks, their text, and whether a citation still holds."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.documents.positions import line_starts
from trinax.documents.records import Document
from trinax.errors import ChunkNotFound, SourceNotFound, UnreadableDocument
from trinax.index.ports import Store
from trinax.index.records import FileSummary, Passage
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.web import rendering
from trinax.web.bodies import page
from trinax.web.rendering import Json

DEFAULT_COLLECTION = "default"
PREVIEW_CHARACTERS = 200
CHUNKS_LIMIT = 50
CHUNKS_LIMIT_HIGH = 500
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Sources:
    registry: Registry
    ingest: Ingest

    async def files(self, request: Request) -> Response:
        collection = request.query_params.get("collection") or DEFAULT_COLLECTION
        offset, limit = page(request, None, NO_LIMIT)
        store = await self._store(collection)
        files = await anyio.to_thread.run_sync(store.files)
        shown = files[offset:] if limit is None else files[offset : offset + limit]
        return JSONResponse(
            {"collection": collection, "total": len(files), "sources": list(map(_file, shown))}
        )

    async def chunks(self, request: Request) -> Response:
        collection, file = request.path_params["collection"], request.path_params["file"]
        offset, limit = page(request, CHUNKS_LIMIT, CHUNKS_LIMIT_HIGH)
        query = request.query_params.get("q", "")
        wanted = query.casefold()
        found = [
            passage
            for passage in await self._passages(collection, file)
            if wanted in passage.chunk.text.casefold()
        ]
        shown = found[offset : offset + (limit or CHUNKS_LIMIT)]
        return JSONResponse(
            {
                "collection": collection,
                "file": file,
                "total": len(found),
                "query": query,
                "chunks": list(map(rendering.chunk, shown)),
            }
        )

    async def text(self, request: Request) -> Response:
        """The file's lines, of which limit and offset choose some."""
        collection, file = request.path_params["collection"], request.path_params["file"]
        offset, limit = page(request, None, NO_LIMIT)
        # Only what is indexed is shown: a folder holds other files too.
        await self._passages(collection, file)
        document = await self.ingest.read(collection, file)
        lines = _lines(document.text)
        end = len(lines) if limit is None else offset + limit
        return JSONResponse(
            {
                "collection": collection,
                "file": file,
                "kind": document.kind,
                "title": document.title,
                "total": len(lines),
                "lines": [
                    {"line": number, "text": line}
                    for number, line in enumerate(lines[offset:end], offset + 1)
                ],
            }
        )

    async def citation(self, request: Request) -> Response:
        """Whether a chunk still stands in its file where it stood."""
        passage = await anyio.to_thread.run_sync(self._cited, request.path_params["chunk_id"])
        chunk = passage.chunk
        return JSONResponse(
            {
                "chunk_id": chunk.id,
                "status": await self._freshness(passage),
                "collection_id": passage.collection,
                "file": passage.file,
                "page": chunk.page,
                "start_line": chunk.start_line,
                "end_line": chunk.end_line,
                "start_byte": chunk.start_byte,
                "end_byte": chunk.end_byte,
                "sha256": chunk.sha256,
                "text": chunk.text,
            }
        )

    async def _store(self, collection: str) -> Store:
        return await anyio.to_thread.run_sync(self.registry.get, collection)

    async def _passages(self, collection: str, file: str) -> list[Passage]:
        store = await self._store(collection)
        passages = await anyio.to_thread.run_sync(store.chunks, file)
        if not passages:
            raise SourceNotFound(collection, file)
        return passages

    def _cited(self, chunk_id: str) -> Passage:
        try:
            UUID(chunk_id)
        except ValueError:
            raise ChunkNotFound(chunk_id) from None
        for _, store in self.registry.select():
            for passage in store.fetch([chunk_id]):
                return passage
        raise ChunkNotFound(chunk_id)

    async def _freshness(self, passage: Passage) -> str:
        try:
            path = await anyio.to_thread.run_sync(
                self.ingest.path_of, passage.collection, passage.file
            )
            if not await anyio.to_thread.run_sync(Path.is_file, path):
                return "gone"
            document = await self.ingest.read(passage.collection, passage.file)
        except SourceNotFound:
            return "gone"
        except UnreadableDocument:
            return "changed"
        return "fresh" if _at(document, passage) == passage.chunk.text else "changed"


def _at(document: Document, passage: Passage) -> str:
    """What stands in the document where the passage stood."""
    encoding = document.encoding if document.exact else "utf-8"
    skipped = document.bom_bytes if document.exact else 0
    data = document.text.encode(encoding)
    start, end = passage.chunk.start_byte - skipped, passage.chunk.end_byte - skipped
    return data[max(0, start) : max(0, end)].decode(encoding, "replace")


def _lines(text: str) -> list[str]:
    starts = line_starts(text)
    if starts[-1] == len(text):  # after the end of the last line
        starts.pop()
    ends = [*starts[1:], len(text)]
    return [text[start:end].rstrip("\r\n") for start, end in zip(starts, ends, strict=True)]


def _file(summary: FileSummary) -> Json:
    return {
        "file": summary.file,
        "chunks": summary.chunks,
        "size": summary.size_bytes,
        "mtime": summary.mtime_s,
        "preview": summary.preview[:PREVIEW_CHARACTERS],
    }
