"""Bodies of many bytes: onto the disk of the data folder while they arrive."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import anyio
from anyio import to_thread
from starlette.requests import Request

from trinax.errors import TooLarge
from trinax.ingest.uploads import failure, incoming, synced
from trinax.web.collections.multipart import Files, Limits


@asynccontextmanager
async def apart(data_dir: Path) -> AsyncIterator[Path]:
    """A folder for what a request sends, removed whatever comes of it. Raises StorageFull and
    FolderFailed."""
    held = incoming(data_dir)
    try:
        folder = await to_thread.run_sync(held.__enter__)
    except OSError as exc:
        raise failure(exc, "The upload") from exc
    try:
        yield folder
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(held.__exit__, None, None, None)


async def files(request: Request, folder: Path, limit_bytes: int, limits: Limits) -> Files:
    """The files of a form. Raises TooLarge as soon as it is, InvalidRequest, StorageFull and
    FolderFailed, and ClientDisconnect."""
    with closing(Files(request.headers.get("content-type", ""), folder, limits)) as found:
        await _each(request, limit_bytes, found.feed)
        found.end()
    return found


async def body(request: Request, file: Path, limit_bytes: int) -> None:
    """All of it, into a file. Raises as files()."""
    with file.open("wb") as stream:
        await _each(request, limit_bytes, stream.write)
        await to_thread.run_sync(synced, stream)


async def _each(request: Request, limit_bytes: int, take: Callable[[bytes], int | None]) -> None:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > limit_bytes:
        raise TooLarge(limit_bytes)
    read_bytes = 0
    async for part in request.stream():
        read_bytes += len(part)
        if read_bytes > limit_bytes:
            raise TooLarge(limit_bytes)
        try:
            await to_thread.run_sync(take, part)
        except OSError as exc:
            raise failure(exc, "The upload") from exc
