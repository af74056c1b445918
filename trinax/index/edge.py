"""A collection's store in this process, on Qdrant Edge shards."""

import logging
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from trinax.errors import StoreFailed
from trinax.index import compacting, guarding, memory, places, shard, sparse
from trinax.index.identity import Identity, fits, identity, serves
from trinax.index.lock import FolderLock
from trinax.index.news import embedded, news
from trinax.index.places import Place
from trinax.index.ports import Embedders
from trinax.index.records import Entry, Files, FileSummary
from trinax.index.serving import Serving
from trinax.index.shard import Shard

log = logging.getLogger(__name__)

# Free on the disk, as a multiple of a shard's size, for the copy and what is made of it.
ROOM_TIMES = 3
# Written while writers wait, when a compact copy takes over: some 50 ms.
LAST_FILES = 8


def _none(fingerprint: str) -> None:
    """No embedder but the one in use can be had."""


class EdgeStore(Serving[Shard]):
    """Store on a shard under `folder`.

    Opened for another embedder or analysis it begins a second shard. That one is written, while
    the first goes on serving until switch().
    """

    def __init__(
        self,
        folder: Path,
        collection: str,
        width: int,
        fingerprint: str,
        embedders: Embedders = _none,
    ) -> None:
        """Open the store, making it if it is missing, corrupt or of an older format.

        width, fingerprint: of the embedder. embedders: those of other fingerprints. A corrupt
        shard is set aside. Raises StoreLocked, and StoreFailed if a newer trinax wrote the store.
        """
        super().__init__(embedders)
        self.collection = collection
        self._folder = folder
        self._writing = threading.RLock()
        self._changed: set[str] | None = None  # files written while a copy is made compact
        self._compacting = threading.Lock()
        self._closed = threading.Event()
        self._owner = FolderLock(folder)
        try:
            self._open(identity(width, fingerprint))
        except BaseException:
            self._owner.close()
            raise

    def replace(self, files: Files) -> None:
        with self._writing:
            self._note(files)
            self._written.replace(files)
            if self._built is not None:
                self._served.replace(self._news(files))

    def delete(self, files: Sequence[str]) -> None:
        with self._writing:
            self._note(files)
            for one in self._both():
                one.delete(files)

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        with self._writing:
            self._note([file])
            for one in self._both():
                one.touch(file, size_bytes, mtime_s)

    def ids(self) -> dict[str, str]:
        return self._written.ids()

    def written(self) -> list[FileSummary]:
        return self._written.files()

    def unwritten(self) -> list[str]:
        with self._writing:
            return [
                one.file for one in self._served.files() if self._written.file(one.file) is None
            ]

    def entries(self, file: str) -> list[Entry]:
        with self._writing:
            found = self._written.entries(file)
            # Another analysis alone leaves the vectors as good as they were.
            return found if found or self._former else self._served.entries(file)

    def flush(self) -> None:
        with self._writing:
            for one in self._both():
                one.flush()

    @contextmanager
    def copied(self, folder: Path) -> Iterator[bool]:
        with self._writing:
            places.copy(self._folder, folder)
            yield True

    def set_aside(self) -> list[str]:
        return places.set_aside(self._folder)

    def loose(self) -> int:
        return self._written.loose()

    def compact(self, ended: threading.Event) -> bool:
        with self._compacting:
            copied = self._copied()
            if copied is None:
                return False
            try:
                width, points = self._served.width, self._served.count()
                if not compacting.compacted(copied, width, points, (ended, self._closed)):
                    return False
                known = self._served.catalogue()
                self._adopt(shard.opened(copied, self.collection, width, known))
                memory.give_back()
                return True
            finally:
                with self._writing:
                    self._changed = None
                    if self._served.folder != copied:
                        shutil.rmtree(copied, ignore_errors=True)

    def switch(self) -> None:
        with self._writing:
            if self._built is None:
                return
            self._built.flush()
            places.switch(self._folder)
            former = self._serve(self._built)
            former.abandon()
            places.sweep(self._folder, self._served.folder)

    def drop(self) -> None:
        self._closed.set()
        with self._compacting, self._writing:
            # First, for what is half removed by a crash must not be taken for a corrupt store.
            (self._folder / places.SERVING).unlink(missing_ok=True)
            for one in self._both():
                one.drop()
            self._owner.close()
            shutil.rmtree(self._folder)

    def close(self) -> None:
        self._closed.set()
        with self._compacting, self._writing:
            for one in self._both():
                one.close()
            self._owner.close()

    def _note(self, files: Iterable[str]) -> None:
        if self._changed is not None:
            self._changed.update(files)

    def _copied(self) -> Path | None:
        """A copy of the serving shard as it is now; what changes from now on is noted."""
        with self._writing:
            if self._built is not None or self._changed is not None or self._closed.is_set():
                return None
            # Not saved first: that holds the GIL for as long as the disk takes, and the copy is
            # what a crash would leave, log and all.
            needed = ROOM_TIMES * sparse.held_bytes(self._served.folder) + guarding.ROOM_BYTES
            if shutil.disk_usage(self._folder).free < needed:
                log.warning("Collection %s: no room to make it compact.", self.collection)
                return None
            copied = places.free(self._folder)
            sparse.copy_tree(self._served.folder, copied)
            self._changed = set()
            return copied

    def _adopt(self, compact: Shard) -> None:
        """Serve it once it has what changed meanwhile."""
        while len(changed := self._changes()) > LAST_FILES:
            self._bring(changed, compact)
        with self._writing:
            self._bring(changed | self._changes(), compact)
            kept = places.serving(self._folder)
            assert kept is not None, "it is served"
            places.begin(self._folder, compact.folder, kept.made_with)
            self._built = compact
            self.switch()

    def _changes(self) -> set[str]:
        """Files that were written since it was asked last."""
        with self._writing:
            assert self._changed is not None
            changed, self._changed = self._changed, set()
            return changed

    def _bring(self, files: Iterable[str], made: Shard) -> None:
        for file in files:
            if entries := self._served.entries(file):
                made.replace({file: tuple(entries)})
            else:
                made.delete([file])

    def _open(self, wanted: Identity) -> None:
        kept = places.serving(self._folder)
        whole = kept is not None and fits(kept.made_with, wanted, self.collection)
        served = self._loaded(kept) if kept is not None and serves(kept.made_with) else None
        self.fresh = False
        if served is not None and whole:
            places.forget(self._folder)
            places.sweep(self._folder, served.folder)
            self._served = served
            return
        built = self._resumed(wanted) or self._begun(wanted, served)
        if kept is not None and served is not None and served.count():
            made_by = str(kept.made_with["embedder"])
            self._former = made_by if made_by != wanted["embedder"] else ""
            self._served, self._built = served, built
            log.info("Collection %s is made anew beside the index that serves.", self.collection)
            return
        places.switch(self._folder)
        self._served = built
        if served is not None:
            served.close()
        places.sweep(self._folder, built.folder)

    def _resumed(self, wanted: Identity) -> Shard | None:
        """The shard that an earlier opening has begun."""
        begun = places.begun(self._folder)
        if begun is None or not serves(begun.made_with):
            return None
        if not all(begun.made_with.get(key) == value for key, value in wanted.items()):
            return None
        return self._loaded(begun)

    def _begun(self, wanted: Identity, served: Shard | None) -> Shard:
        self.fresh = True
        places.forget(self._folder)
        places.sweep(self._folder, served.folder if served else None)
        made = shard.made(places.free(self._folder), self.collection, int(wanted["width"]))
        places.begin(self._folder, made.folder, wanted)
        return made

    def _loaded(self, place: Place) -> Shard | None:
        """None if there is no shard; a corrupt one is set aside."""
        if not place.shard.exists():
            return None
        try:
            return shard.opened(place.shard, self.collection, int(place.made_with["width"]))
        except StoreFailed as failure:
            aside = places.aside(place.shard)
            log.error("%s Set aside as %s; its files are read again.", failure, aside.name)
            return None

    def _news(self, files: Files) -> Files:
        """What of these files the serving shard has not, as it can hold it."""
        served = {file: self._served.file(file) for file in files}
        known = {file: (one.size_bytes, one.mtime_s) for file, one in served.items() if one}
        if not self._former:
            return news(files, known)
        former = partial(self._embedders, self._former)
        return embedded(news(files, known), self._served.width, former, self.collection)


def known(folder: Path) -> list[str]:
    """Names of the stores under a folder, each a collection's id."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if (path / places.SERVING).is_file())
