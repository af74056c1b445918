"""What the commands for collections ask of a server."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

import anyio

from trinax.cli import terminal
from trinax.cli.client import Client, connect
from trinax.cli.indexing import follow, settled
from trinax.cli.running import Refused
from trinax.settings import Settings

PART_BYTES = 1 << 18
# Files of one request; the server has limits for both.
MOST_FILES = 200
MOST_BYTES = 50_000_000
TAR = "application/x-tar"


def show(settings: Settings, collection: str) -> dict[str, Any]:
    """The collection's status."""

    async def ask() -> Any:
        async with connect(settings) as client:
            await settled(client, [collection])
            return await client.get(f"{_place(collection)}/status")

    found: dict[str, Any] = anyio.run(ask)
    return found


def create(settings: Settings, collection: str, root: Path | None) -> dict[str, Any]:
    body = {"id": collection} | ({"root": str(root.resolve())} if root else {})

    async def ask() -> Any:
        async with connect(settings) as client:
            await client.post("/v1/collections", body)
            return await follow(client, collection)

    made: dict[str, Any] = anyio.run(ask)
    return made


def rename(settings: Settings, old: str, new: str) -> dict[str, Any]:
    async def ask() -> Any:
        async with connect(settings) as client:
            return await client.patch(_place(old), {"id": new})

    renamed: dict[str, Any] = anyio.run(ask)
    return renamed


def delete(settings: Settings, collection: str) -> dict[str, Any]:
    async def ask() -> Any:
        async with connect(settings) as client:
            return await client.delete(_place(collection))

    deleted: dict[str, Any] = anyio.run(ask)
    return deleted


def change(settings: Settings, collection: str, what: Literal["pause", "resume"]) -> dict[str, Any]:
    async def ask() -> Any:
        async with connect(settings) as client:
            status = await client.post(f"{_place(collection)}/{what}")
            return await follow(client, collection) if what == "resume" else status

    changed: dict[str, Any] = anyio.run(ask)
    return changed


def export(settings: Settings, collection: str, file: Path) -> int:
    """How many bytes the file has. It is there whole or not at all.

    Raises Refused.
    """

    async def ask() -> int:
        part = file.with_name(f".{file.name}.{uuid4().hex}")
        try:
            async with connect(settings) as client:
                await settled(client, [collection])
                size_bytes = await _written(client, collection, part)
            os.replace(part, file)
        except OSError as exc:
            raise Refused(f"{file} cannot be written ({exc.strerror}).") from exc
        finally:
            part.unlink(missing_ok=True)
        return size_bytes

    return anyio.run(ask)


def take_in(settings: Settings, collection: str, file: Path) -> dict[str, Any]:
    """The answer of POST …/import, once its documents are indexed."""
    size_bytes = file.stat().st_size

    async def ask() -> Any:
        async with connect(settings) as client:
            with terminal.transfer(file.name, size_bytes) as held:
                parts = _parts(_read(file), held)
                taken = await client.send(f"{_place(collection)}/import", parts, TAR)
            await follow(client, collection)
            return taken

    taken: dict[str, Any] = anyio.run(ask)
    return taken


def upload(settings: Settings, collection: str, paths: Sequence[Path]) -> dict[str, Any]:
    """The answers of POST …/files together, once the files are indexed. A folder's files keep
    their paths below it."""

    async def ask() -> Any:
        taken: dict[str, Any] = {"id": collection, "files": [], "refused": []}
        async with connect(settings) as client:
            for batch in _batches([*_named(paths)]):
                answer = await _sent(client, collection, batch)
                taken["files"] += answer["files"]
                taken["refused"] += answer["refused"]
            await follow(client, collection)
        return taken

    taken: dict[str, Any] = anyio.run(ask)
    return taken


def _place(collection: str) -> str:
    return f"/v1/collections/{quote(collection, safe='')}"


async def _written(client: Client, collection: str, file: Path) -> int:
    with terminal.transfer(collection, 0) as held, file.open("wb") as stream:
        async for part in client.bytes(f"{_place(collection)}/export"):
            stream.write(part)
            held(stream.tell())
        return stream.tell()


def _named(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Each file with its name in the collection."""
    for path in paths:
        if path.is_file():
            yield path.name, path
            continue
        for below in sorted(path.rglob("*")):
            if below.is_file() and not any(
                part.startswith(".") for part in below.relative_to(path).parts
            ):
                yield below.relative_to(path).as_posix(), below


def _batches(files: Sequence[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    batch: list[tuple[str, Path]] = []
    size_bytes = 0
    for name, path in files:
        length = path.stat().st_size
        if batch and (len(batch) >= MOST_FILES or size_bytes + length > MOST_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append((name, path))
        size_bytes += length
    if batch:
        yield batch


async def _sent(client: Client, collection: str, files: Sequence[tuple[str, Path]]) -> Any:
    boundary = uuid4().hex
    media_type = f"multipart/form-data; boundary={boundary}"
    total_bytes = sum(path.stat().st_size for _, path in files)
    name = files[0][0] if len(files) == 1 else f"{len(files)} files"
    with terminal.transfer(name, total_bytes) as held:
        parts = _parts(_form(files, boundary), held)
        return await client.send(f"{_place(collection)}/files", parts, media_type)


def _form(files: Sequence[tuple[str, Path]], boundary: str) -> Iterator[bytes]:
    for name, path in files:
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="files"; filename="{quoted}"'
        yield f"{head}\r\n\r\n".encode()
        yield from _read(path)
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(PART_BYTES):
            yield part


async def _parts(content: Iterator[bytes], held: Callable[[int], None]) -> AsyncIterator[bytes]:
    """held: is told how many bytes were read."""
    sent_bytes = 0
    for part in content:
        yield part
        sent_bytes += len(part)
        held(sent_bytes)
