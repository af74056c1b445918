"""Browsing what is indexed: files, their chunks, their text, and whether a citation still holds."""

from dataclasses import asdict, dataclass
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from trinax.documents.positions import line_starts
from trinax.errors import SourceNotFound
from trinax.index.ledger import Ledger, Retired
from trinax.index.ports import Store
from trinax.index.records import FileSummary, Passage
from trinax.index.registry import Registry
from trinax.ingest.ingest import Ingest
from trinax.web.declaring.operation import Operation
from trinax.web.sources.freshness import Checked, Freshness, Place
from trinax.web.wire import rendering
from trinax.web.wire.bodies import page
from trinax.web.wire.rendering import Json

DEFAULT_COLLECTION = "default"
PREVIEW_CHARACTERS = 200
CHUNKS_LIMIT = 50
CHUNKS_LIMIT_HIGH = 500
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Sources:
    registry: Registry
    ingest: Ingest
    ledger: Ledger

    def operations(self) -> list[Operation]:
        file = "/v1/sources/{collection}/{file:path}"
        return [
            Operation("GET", "/v1/sources", self.files, dict[str, Any], "browse"),
            Operation("GET", f"{file}/chunks", self.chunks, dict[str, Any], "browse"),
            Operation("GET", file, self.text, dict[str, Any], "browse"),
            Operation("GET", "/v1/citations/{chunk_id}", self.citation, dict[str, Any], "browse"),
        ]

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
        """Whether what a chunk said still stands in its file, and where."""
        checked = await self._freshness.check(request.path_params["chunk_id"])
        return JSONResponse(_citation(checked))

    @property
    def _freshness(self) -> Freshness:
        return Freshness(self.registry, self.ingest, self.ledger)

    async def _store(self, collection: str) -> Store:
        return await anyio.to_thread.run_sync(self.registry.get, collection)

    async def _passages(self, collection: str, file: str) -> list[Passage]:
        store = await self._store(collection)
        passages = await anyio.to_thread.run_sync(store.chunks, file)
        if not passages:
            raise SourceNotFound(collection, file)
        return passages


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


def _citation(checked: Checked) -> Json:
    """Text, page and bytes of a chunk that has left the index are null: they are not kept."""
    cited = checked.cited
    kept = None if isinstance(cited, Retired) else cited.chunk
    at = cited if isinstance(cited, Retired) else cited.chunk
    return {
        "chunk_id": cited.chunk_id if isinstance(cited, Retired) else cited.chunk.id,
        "status": checked.status,
        "collection_id": cited.collection,
        "file": cited.file,
        "page": kept.page if kept else None,
        "start_line": at.start_line,
        "end_line": at.end_line,
        "start_byte": kept.start_byte if kept else None,
        "end_byte": kept.end_byte if kept else None,
        "sha256": at.sha256,
        "text": kept.text if kept else None,
        "now": None if checked.now is None else _place(checked.now),
    }


def _place(place: Place) -> Json:
    found = asdict(place)
    return {"collection_id": found.pop("collection"), **found}
