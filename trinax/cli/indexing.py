"""Following a collection's indexing from outside."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio

from trinax.cli import terminal
from trinax.cli.client import Client, connect
from trinax.index.registry import slug
from trinax.ingest.resting import PAUSED
from trinax.settings import Settings

POLL_S = 0.1


def index(settings: Settings, path: Path, collection: str | None) -> bool:
    """Index a folder and say what came of it; True if the collection as a whole failed."""
    root = path.resolve()
    status = anyio.run(_index, settings, root, collection)
    return bool(status["state"] == "failed")


def collections(settings: Settings) -> dict[str, Any]:
    """The answer of GET /v1/collections."""
    return anyio.run(_collections, settings)


async def settled(client: Client, collections: Sequence[str] = ()) -> None:
    """Return once these collections, or all, are up to date.

    Only a server of our own has to be waited for: one that runs keeps them so.
    """
    if not client.own:
        return
    rows = (await client.get("/v1/collections"))["collections"]
    listed = [row["id"] for row in rows if row["problem"] != PAUSED]
    ids = [id for id in listed if not collections or id in collections]
    for id in ids:
        await client.post(f"/v1/collections/{id}/reindex")
    for id in ids:
        await follow(client, id)


async def _index(settings: Settings, root: Path, named: str | None) -> dict[str, Any]:
    started = time.perf_counter()
    collection = named or slug(root.name)
    async with connect(settings) as client:
        if named is None and root.parent == settings.collections_dir.resolve():
            await client.post(f"/v1/collections/{collection}/reindex")
        else:
            await client.post("/v1/collections", {"id": collection, "root": str(root)})
        status = await follow(client, collection)
    _report(status, time.perf_counter() - started)
    return status


async def _collections(settings: Settings) -> dict[str, Any]:
    async with connect(settings) as client:
        await settled(client)
        listed: dict[str, Any] = await client.get("/v1/collections")
        return listed


async def follow(client: Client, collection: str) -> dict[str, Any]:
    """The collection's status when its indexing is over, with a bar until then."""
    with terminal.bar(collection) as bar:
        while True:
            status: dict[str, Any] = await client.get(f"/v1/collections/{collection}/status")
            if status["state"] != "indexing":
                return status
            bar.show(status)
            await anyio.sleep(POLL_S)


def _report(status: dict[str, Any], seconds: float) -> None:
    files = status["files"]
    terminal.show_failures(status)
    terminal.show_missed(status)
    terminal.say(
        f"{status['id']}: {files['indexed']} files, {status['chunks']} chunks, "
        f"{terminal.size(status['bytes'])} in {seconds:.1f} s"
        f" ({files['skipped']} skipped, {files['failed']} failed)"
    )
    for word in filter(None, (status["problem"], status["notice"])):
        terminal.note(f"{status['id']}: {word}")
