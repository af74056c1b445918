"""Making, renaming and removing collections, and putting files into them."""

import asyncio
import errno
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from anyio import to_thread

from trinax.errors import (
    BadArchive,
    CollectionConfigured,
    CollectionExists,
    CollectionNotFound,
    FileOutside,
)
from trinax.index.ledger import Ledger
from trinax.index.registry import Registry, check
from trinax.ingest.archives import Unpacked
from trinax.ingest.exporting import Exporter
from trinax.ingest.imported import known
from trinax.ingest.ingest import Ingest
from trinax.ingest.renaming import Renamer
from trinax.ingest.uploads import (
    PART,
    Placed,
    Refused,
    Sent,
    all_placed,
    failure,
    removed,
    sweep,
)
from trinax.settings import Settings


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of files that were sent. vectors: of an archive, that need not be made."""

    placed: Sequence[Placed]
    refused: Sequence[Refused] = ()
    vectors: int = 0


class Manager:
    """Changes one collection at a time in one way at a time; for one event loop.

    Raises IndexedElsewhere for all of it where another server indexes.
    """

    def __init__(
        self, settings: Settings, ingest: Ingest, registry: Registry, ledger: Ledger
    ) -> None:
        """To be made before the ingest starts: it ends what a crash broke off."""
        self._data_dir = settings.data_dir
        self._limit_bytes = settings.ingest.file_limit_bytes
        self._ingest = ingest
        self._folders = ingest.folders
        self._registry = registry
        self._ledger = ledger
        self._renamer = Renamer(settings.data_dir, registry, ledger, ingest.folders, ingest.resting)
        self._locks: dict[str, asyncio.Lock] = {}
        sweep(settings.data_dir)
        if settings.ingest.enabled:
            self._folders.sweep(PART)
            self._renamer.recover()

    async def create(self, collection: str) -> None:
        """An empty folder of that name in the collections folder.

        Raises CollectionExists, InvalidRequest, and StorageFull or FolderFailed.
        """
        check(collection)
        async with self._changing(collection):
            if self._exists(collection):
                raise CollectionExists(collection)
            with _translated("The creation"):
                await self._made(collection)

    async def rename(self, old: str, new: str) -> None:
        """With its own folder; nothing is embedded, and the old id serves until the new one does.

        Raises CollectionNotFound, CollectionExists, CollectionConfigured, InvalidRequest, and
        StorageFull or FolderFailed; then all is as before.
        """
        check(new)
        async with self._changing(old, new):
            self._check_there(old, "renamed")
            if self._exists(new):
                raise CollectionExists(new)
            async with self._ingest.alone(old), self._ingest.alone(new):
                with _translated("The renaming"):
                    await to_thread.run_sync(self._rename, old, new)
            await self._ingest.look_again(new)
        self._ingest.begin(new)

    async def remove(self, collection: str) -> str:
        """All that is known of it, without the files: gives where below the collections folder its
        own folder is now, "" if it had none.

        Raises CollectionNotFound, CollectionConfigured, and StorageFull or FolderFailed.
        """
        async with self._changing(collection):
            self._check_there(collection, "deleted")
            async with self._ingest.alone(collection):
                with _translated("The deletion"):
                    return await to_thread.run_sync(self._remove, collection)

    async def put(self, collection: str, sent: Sequence[Sent]) -> Taken:
        """Files into the collection's own folder; they are indexed in the background.

        Raises CollectionNotFound, and StorageFull or FolderFailed.
        """
        async with self._changing(collection):
            self._ingest.status(collection)
            with _translated("The upload"):
                folder = await self._made(collection)
                placed, refused = await to_thread.run_sync(all_placed, sent, folder)
        self._ingest.begin(collection)
        return Taken(placed, refused)

    async def delete(self, collection: str, file: str) -> None:
        """A file of the collection's own folder, which leaves the index at once.

        Raises CollectionNotFound, SourceNotFound, FileOutside, and StorageFull or FolderFailed.
        """
        async with self._changing(collection):
            self._ingest.status(collection)
            async with self._ingest.alone(collection):
                with _translated("The deletion"):
                    await to_thread.run_sync(self._delete, collection, file)
        self._ingest.begin(collection)

    async def exported(self, collection: str) -> AsyncGenerator[bytes]:
        """The collection as an archive, part by part. Raises CollectionNotFound, and
        IndexedElsewhere."""
        self._ingest.own("Exporting")
        store = await to_thread.run_sync(self._registry.get, collection)
        embedder = self._ingest.embedder
        exporter = Exporter(collection, store, self._ledger, self._folders, self._limit_bytes)
        parts = exporter.parts(embedder.fingerprint, embedder.width)
        while (part := await to_thread.run_sync(next, parts, None)) is not None:
            yield part

    async def take_in(self, collection: str, archive: Unpacked) -> Taken:
        """The documents of an archive, into a collection that is made if there is none; those that
        it has are replaced. What the same embedder made is not embedded again.

        Raises InvalidRequest, BadArchive, and StorageFull or FolderFailed.
        """
        check(collection)
        embedder = self._ingest.embedder
        vectors = 0
        async with self._changing(collection):
            made_here = (archive.manifest.embedder, archive.manifest.width)
            if made_here == (embedder.fingerprint, embedder.width):
                found = await to_thread.run_sync(known, archive.vectors, embedder.width)
                vectors = len(found.rows)
                self._ingest.imported.learn(collection, found)
            try:
                with _translated("The import"):
                    taken = await self._placed(collection, archive.documents)
            except BaseException:
                self._ingest.imported.forget(collection)
                raise
        task = self._ingest.begin(collection, asked=True)
        task.add_done_callback(lambda _: self._ingest.imported.forget(collection))
        return Taken(taken.placed, taken.refused, vectors)

    async def _placed(self, collection: str, documents: Sequence[Sent]) -> Taken:
        if self._exists(collection):
            folder = await self._made(collection)
            return Taken(*await to_thread.run_sync(all_placed, documents, folder))
        placed = await to_thread.run_sync(self._placed_at_once, collection, documents)
        await self._ingest.look_again(collection)
        return Taken(placed)

    def _placed_at_once(self, collection: str, documents: Sequence[Sent]) -> Sequence[Placed]:
        """A new folder with all of it, or none."""
        apart = self._folders.apart(f"{PART}{uuid4().hex}")
        try:
            placed, refused = all_placed(documents, apart)
            if refused:  # where the file system takes two names for one
                raise BadArchive(f"{refused[0].file!r}: {refused[0].reason}")
            self._folders.rename(apart.name, collection)
        except BaseException:
            shutil.rmtree(apart, ignore_errors=True)
            raise
        return placed

    async def _made(self, collection: str) -> Path:
        """Its own folder. Raises OSError, for one that is gone with files in it too."""
        if await to_thread.run_sync(self._folders.is_missing, collection):
            raise FileNotFoundError(errno.ENOENT, "it is gone; is its disk there?")
        folder = await to_thread.run_sync(self._folders.make, collection)
        await self._ingest.look_again(collection)
        return folder

    def _rename(self, old: str, new: str) -> None:
        self._renamer.rename(old, new, self._ingest.looking)
        self._ingest.forget(old)

    def _remove(self, collection: str) -> str:
        with self._ingest.looking:
            name = f"{collection}-{datetime.now():%Y%m%d-%H%M%S-%f}"
            where = self._folders.remove(collection, name)
            self._ledger.clear(collection)
            self._ledger.remove_roots(collection)
            if collection in self._registry.ids():
                self._registry.drop(collection)
            self._ingest.forget(collection)
            self._ingest.resting.resume(collection)
        return where

    def _delete(self, collection: str, file: str) -> None:
        place = self._folders.located(collection, file)
        if place.folder != self._folders.own(collection):
            raise FileOutside(collection, file)
        removed(place)
        self._ingest.drop(collection, file)

    def _exists(self, collection: str) -> bool:
        try:
            self._ingest.status(collection)
        except CollectionNotFound:
            return self._folders.own(collection) is not None
        return True

    def _check_there(self, collection: str, verb: str) -> None:
        self._ingest.status(collection)
        if self._folders.is_configured(collection):
            raise CollectionConfigured(collection, verb)

    @asynccontextmanager
    async def _changing(self, *collections: str) -> AsyncIterator[None]:
        self._ingest.own("Changing a collection")
        async with AsyncExitStack() as held:
            # In one order, so that no two wait for each other.
            for id in sorted(set(collections)):
                await held.enter_async_context(self._locks.setdefault(id, asyncio.Lock()))
            yield


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise failure(exc, what) from exc
