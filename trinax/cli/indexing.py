"""Following a collection's indexing from outside."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio

from trinax.cli import terminal
from trinax.cli.client import Client, connect
from trinax.cli.running import Refused
from trinax.cli.tables import FIRST_COLLECTION, show_failures, show_missed
from trinax.cli.terminal import Row
from trinax.index.registry import slug
from trinax.ingest.resting import ELSEWHERE, PAUSED
from trinax.settings import Settings

POLL_S = 0.1
NOTHING_INDEXED = "Nothing is indexed yet; `trinax collections list` shows how far it is."


def index(settings: Settings, path: Path, collection: str | None) -> dict[str, Any]:
    """Index a folder. The collection's status then, and took_s."""
    started = time.perf_counter()
    status = anyio.run(_index, settings, path.resolve(), collection)
    return status | {"took_s": round(time.perf_counter() - started, 3)}


def show_indexed(indexed: Row) -> None:
    """indexed: as index() gives it."""
    files = indexed["files"]
    show_failures(indexed)
    show_missed(indexed)
    terminal.say(
        f"{indexed['id']}: {files['indexed']} files, {indexed['chunks']} chunks, "
        f"{terminal.size(indexed['bytes'])} in {indexed['took_s']:.1f} s"
        f" ({files['skipped']} skipped, {files['failed']} failed)"
    )
    for word in filter(None, (indexed["problem"], indexed["notice"])):
        terminal.note(f"{indexed['id']}: {word}")


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
    listed = [row["id"] for row in rows if row["problem"] not in (PAUSED, ELSEWHERE)]
    ids = [id for id in listed if not collections or id in collections]
    for id in ids:
        await client.post(f"/v1/collections/{id}/reindex")
    for id in ids:
        await follow(client, id)


async def note_if_empty(client: Client) -> None:
    """Say what to do where nothing was found because there is nothing."""
    with suppress(Refused):
        rows = (await client.get("/v1/collections"))["collections"]
        if not any(row["chunks"] for row in rows):
            terminal.note(FIRST_COLLECTION if not rows else NOTHING_INDEXED)


async def _index(settings: Settings, root: Path, named: str | None) -> dict[str, Any]:
    collection = named or slug(root.name)
    async with connect(settings) as client:
        if named is None and root.parent == settings.collections_dir.resolve():
            await client.post(f"/v1/collections/{collection}/reindex")
        else:
            await client.post("/v1/collections", {"id": collection, "root": str(root)})
        return await follow(client, collection)


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
