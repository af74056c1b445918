"""A collection under another id: its chunks are copied with new ids, nothing is embedded.

A mark in the data folder says how far a renaming is. Before it is done the new id is undone after a
crash, afterwards the rest is.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from trinax.documents.chunking import ids
from trinax.errors import CollectionNotFound, CollectionRenewed
from trinax.index.ledger import Ledger, Retired, Row
from trinax.index.ports import Store
from trinax.index.records import Entry
from trinax.index.registry import Registry
from trinax.ingest.folders import Folders
from trinax.ingest.indexing import retired
from trinax.ingest.resting import Resting

MARK = "renaming.json"
# What readers wait for at most while some of it is written.
BATCH_CHUNKS = 500


@dataclass(frozen=True, slots=True)
class Renaming:
    """own: name of the own folder, "" if there is none. copied: whether everything is there under
    the new id."""

    old: str
    new: str
    own: str
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Renamer:
    """Used by one thread at a time."""

    data_dir: Path
    registry: Registry
    ledger: Ledger
    folders: Folders
    resting: Resting

    def rename(self, old: str, new: str, looking: AbstractContextManager[object]) -> None:
        """Nobody else may write the two collections meanwhile.

        looking: is entered while the old id becomes the new one; nobody may look at the folders.
        Raises OSError if the own folder cannot be renamed; then all is as before. Raises
        CollectionNotFound, CollectionRenewed, and what the stores raise.
        """
        if self.registry.get(old).renewed:
            raise CollectionRenewed(old)
        own = self.folders.own(old)
        renaming = Renaming(old, new, own.name if own else "")
        self._mark(renaming)
        try:
            store = self._copied(renaming)
        except BaseException:
            self._unmark()
            raise
        with looking:
            self._commit(renaming, store)
            self.registry.switch(old, new, store)
            self._finish(renaming, store)

    def recover(self) -> None:
        """Bring a renaming that a crash broke off to an end, before the collections are looked at.

        Raises what the stores raise.
        """
        renaming = self._marked()
        if renaming is None:
            return
        moved = renaming.own and not self.folders.has(renaming.own)
        done = renaming.copied or moved
        with suppress(CollectionNotFound):
            self.registry.drop(renaming.old if done else renaming.new)
        if done:
            self._finish(renaming, self.registry.ensure(renaming.new))
        else:
            self._unmark()

    def _copied(self, renaming: Renaming) -> Store:
        """The store under the new id, which nobody finds yet."""
        before, new = self.registry.get(renaming.old), renaming.new
        store = self.registry.apart(new)
        try:
            if not store.fresh:
                store.delete([one.file for one in store.files()])
            rows = self.ledger.rows(renaming.old)
            for batch in _batches(rows, before):
                store.replace({file: _renamed(file, each, new) for file, each in batch.items()})
                self.ledger.retire(_retired(rows, batch, new))
            store.flush()
        except BaseException:
            store.drop()
            raise
        return store

    def _commit(self, renaming: Renaming, store: Store) -> None:
        moved = False
        try:
            if renaming.own:
                self.folders.rename(renaming.own, renaming.new)
                moved = True
            self._mark(replace(renaming, copied=True))
        except BaseException:
            if moved:
                self.folders.rename(renaming.new, renaming.own)
            store.drop()
            self._unmark()
            raise

    def _finish(self, renaming: Renaming, store: Store) -> None:
        """Safe to repeat."""
        old, new = renaming.old, renaming.new
        digests = store.ids()
        rows = self.ledger.rows(old).values()
        self.ledger.put(new, [replace(row, ids=digests.get(row.file, "")) for row in rows])
        for folder in self.ledger.roots(old):
            self.ledger.add_root(new, folder)
        self.ledger.clear(old)
        self.ledger.remove_roots(old)
        self.resting.rename(old, new)
        self._unmark()

    def _mark(self, renaming: Renaming) -> None:
        new = self.data_dir / f"{MARK}.new"
        with new.open("w", encoding="utf-8") as file:
            json.dump(asdict(renaming), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.data_dir / MARK)

    def _unmark(self) -> None:
        (self.data_dir / MARK).unlink(missing_ok=True)

    def _marked(self) -> Renaming | None:
        try:
            return Renaming(**json.loads((self.data_dir / MARK).read_text("utf-8")))
        except FileNotFoundError:
            return None


def _batches(rows: dict[str, Row], store: Store) -> Iterator[dict[str, Sequence[Entry]]]:
    batch: dict[str, Sequence[Entry]] = {}
    chunks = 0
    for file in (row.file for row in rows.values() if row.chunks):
        batch[file] = store.entries(file)
        chunks += len(batch[file])
        if chunks >= BATCH_CHUNKS:
            yield batch
            batch, chunks = {}, 0
    yield batch


def _renamed(file: str, entries: Sequence[Entry], new: str) -> tuple[Entry, ...]:
    texts = [entry.passage.chunk.text for entry in entries]
    return tuple(
        replace(
            entry,
            passage=replace(
                entry.passage, collection=new, chunk=replace(entry.passage.chunk, id=id)
            ),
        )
        for entry, id in zip(entries, ids(new, file, texts), strict=True)
    )


def _retired(
    rows: dict[str, Row], batch: dict[str, Sequence[Entry]], new: str
) -> Iterator[Retired]:
    """The old ids, so that citations find what they meant."""
    now_s = time.time()
    for file, entries in batch.items():
        for entry in entries:
            yield retired(replace(entry.passage, collection=new), rows[file], now_s)
