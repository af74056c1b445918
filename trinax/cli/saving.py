"""Backups: written by a server or from a data folder at rest, compared, and restored."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import anyio

from trinax.backup.contents import DOCUMENTS
from trinax.backup.reading import Reading
from trinax.backup.records import End, Head
from trinax.backup.restoring import Restoring
from trinax.backup.sources import AtRest
from trinax.backup.writing import backup as written
from trinax.cli import terminal
from trinax.cli.client import answering, connect
from trinax.cli.running import Refused
from trinax.index.lock import FolderLock
from trinax.index.places import sync
from trinax.ingest.uploads import incoming, synced
from trinax.models.catalogue.catalogue import Catalogue
from trinax.settings import Settings

# Kept documents that are named.
NAMED = 10
BLOCK_BYTES = 512


def backup(settings: Settings, file: Path, documents: bool) -> dict[str, Any]:
    """What the file holds. It is there whole and compared, or not at all.

    Raises Refused, StoreLocked, BadBackup, StorageFull, FolderFailed, StoreFailed.
    """
    if not settings.data_dir.is_dir():
        raise Refused(f"{settings.data_dir} is not there: nothing is to be saved.")
    part = file.with_name(f".{file.name}.{uuid4().hex}")
    try:
        with _made(part) as stream:
            anyio.run(_write, settings, stream, documents)
        held = verify(part)
        os.replace(part, file)
        sync(file.absolute().parent)
    except OSError as exc:
        raise Refused(f"{file} cannot be written ({exc.strerror}).") from exc
    finally:
        part.unlink(missing_ok=True)
    return held | {"file": str(file)}


def verify(file: Path) -> dict[str, Any]:
    """What the file holds, all of it compared. Raises Refused and BadBackup."""
    try:
        with Reading(file) as reading, terminal.transfer(file.name, file.stat().st_size) as held:
            for found in reading.parts():
                for _ in found.pieces:
                    pass
                held(found.ends_at)
            return _told(file, reading.head, reading.end)
    except OSError as exc:
        raise Refused(f"{file} cannot be read ({exc.strerror}).") from exc


def restore(settings: Settings, file: Path, force: bool, documents: bool) -> dict[str, Any]:
    """What was restored. Raises what Restoring raises."""
    size_bytes = file.stat().st_size
    with Restoring(file, settings, force, documents) as restoring:
        with terminal.transfer(file.name, size_bytes) as held:
            for done in restoring.unpack():
                held(done)
        restored = restoring.place()
    installed = {info.id for info in Catalogue(settings.models_dir).scan()}
    return _told(file, restored.head, restored.end) | {
        "documents": {
            "added": restored.added,
            "unchanged": restored.unchanged,
            "kept": list(restored.kept),
        },
        "aside": str(settings.data_dir / restored.aside) if restored.aside else None,
        "missing_models": sorted(restored.head.models.keys() - installed),
    }


def show_held(held: terminal.Row) -> None:
    names = ", ".join(one["id"] for one in held["collections"]) or "no collection"
    terminal.say(
        f"{held['file']}: {terminal.size(held['bytes'])}, whole; {names}, and "
        f"{held['documents']} documents, as of {held['created']}."
    )
    _show_left_out(held)


def show_restored(restored: terminal.Row) -> None:
    names = ", ".join(one["id"] for one in restored["collections"]) or "no collection"
    documents = restored["documents"]
    terminal.say(
        f"Restored as of {restored['created']}: {names}; {documents['added']} documents were "
        f"missing and are there again, {documents['unchanged']} were there."
    )
    for name in documents["kept"][:NAMED]:
        terminal.say(f"kept as it is here: {name}", "yellow")
    if len(documents["kept"]) > NAMED:
        terminal.say(f"kept as they are here: {len(documents['kept']) - NAMED} more", "yellow")
    _show_left_out(restored)
    for model in restored["missing_models"]:
        terminal.say(f"not installed here: model {model}", "yellow")
    if restored["aside"]:
        terminal.say(f"What was in the data folder is in {restored['aside']} now.")


def _show_left_out(told: terminal.Row) -> None:
    for one in told["left_out"]:
        terminal.say(f"left out: {one['name']}: {one['reason']}", "yellow")


async def _write(settings: Settings, stream: BinaryIO, documents: bool) -> None:
    with terminal.transfer("backup", _about_bytes(settings, documents)) as held:
        if await answering(settings) is None:
            _write_at_rest(settings, stream, documents, held)
        else:
            await _write_from_server(settings, stream, documents, held)
    synced(stream)


async def _write_from_server(
    settings: Settings, stream: BinaryIO, documents: bool, held: Callable[[int], None]
) -> None:
    async with connect(settings) as client:
        parts: AsyncIterator[bytes] = client.bytes(f"/v1/backup?documents={documents}".lower())
        async for part in parts:
            stream.write(part)
            held(stream.tell())


def _write_at_rest(
    settings: Settings, stream: BinaryIO, documents: bool, held: Callable[[int], None]
) -> None:
    lock = FolderLock(settings.data_dir)
    try:
        with incoming(settings.data_dir) as apart:
            for part in written(settings, AtRest(settings.data_dir), apart, documents):
                stream.write(part)
                held(stream.tell())
    finally:
        lock.close()


@contextmanager
def _made(file: Path) -> Iterator[BinaryIO]:
    """For its owner's eyes: it holds the documents, and what passwords are compared with."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        yield stream


def _about_bytes(settings: Settings, documents: bool) -> int:
    """For a progress bar."""
    folders = [settings.data_dir / "index"] + [settings.collections_dir] * documents
    return sum(
        (Path(above, name).lstat().st_blocks * BLOCK_BYTES)
        for folder in folders
        for above, _, names in os.walk(folder)
        for name in names
    )


def _told(file: Path, head: Head, end: End) -> dict[str, Any]:
    return {
        "file": str(file),
        "bytes": file.stat().st_size,
        "created": head.created,
        "trinax": head.trinax,
        "collections": [{"id": one.collection, "embedder": one.embedder} for one in end.indexes],
        "documents": sum(part.name.startswith(f"{DOCUMENTS}/") for part in end.parts),
        "left_out": [{"name": one.name, "reason": one.reason} for one in end.left_out],
    }
