"""A collection's store on a Qdrant server or cluster."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from trinax.index.identity import fits, identity, serves
from trinax.index.news import embedded, news
from trinax.index.ports import Embedders
from trinax.index.records import Entry, Files, FileSummary
from trinax.index.remote import Remote, Server
from trinax.index.serving import Serving

log = logging.getLogger(__name__)

# How long the index of before is left there after a switch: other servers see the switch within
# FRESH_S of ClusterReader, and a search that began with it may last a while.
GRACE_S = 10.0


class ClusterStore(Serving[Remote]):
    """Store on indexes of a server: an alias names the one that serves.

    Opened for another embedder or analysis it begins a second index. That one is written, while
    the first goes on serving until switch(). One process at a time may write a collection; any
    number may read it with ClusterReader.
    """

    def __init__(
        self,
        server: Server,
        collection: str,
        width: int,
        fingerprint: str,
        embedders: Embedders,
    ) -> None:
        """Open the collection, making it if it is missing or of an older format.

        width, fingerprint: of the embedder. embedders: those of other fingerprints. Raises
        StoreFailed if the server cannot be reached or a newer trinax wrote the collection.
        """
        super().__init__(embedders)
        self.collection = collection
        self._server = server
        self._wanted = identity(width, fingerprint)
        self._writing = threading.RLock()
        self._closed = threading.Event()
        self._width = width  # of the serving index's vectors
        with self._writing:
            self._open()

    def replace(self, files: Files) -> None:
        with self._writing:
            self._written.replace(files)
            if self._built is not None and (new := self._news(files)):
                self._served.replace(new)

    def delete(self, files: Sequence[str]) -> None:
        with self._writing:
            for one in self._both():
                one.delete(files)

    def touch(self, file: str, size_bytes: int, mtime_s: float) -> None:
        with self._writing:
            for one in self._both():
                one.touch(file, size_bytes, mtime_s)

    def ids(self) -> dict[str, str]:
        return self._written.ids()

    def written(self) -> list[FileSummary]:
        return self._written.files()

    def unwritten(self) -> list[str]:
        if self._built is None:
            return []
        written = {one.file for one in self._built.files()}
        return [one.file for one in self._served.files() if one.file not in written]

    def entries(self, file: str) -> list[Entry]:
        with self._writing:
            found = self._written.entries(file)
            # Another analysis alone leaves the vectors as good as they were.
            return found if found or self._former else self._served.entries(file)

    def flush(self) -> None:
        """Nothing to do: every write waits until the server has it in its log."""

    def copied(self, folder: Path) -> AbstractContextManager[bool]:
        return nullcontext(False)

    def set_aside(self) -> list[str]:
        return []

    def loose(self) -> int:
        return 0

    def compact(self, ended: threading.Event) -> bool:
        """Nothing to do: the server does so by itself."""
        return False

    def switch(self) -> None:
        with self._writing:
            if self._built is None:
                return
            self._server.serve(self.collection, self._built.name)
            former = self._serve(self._built)
            self._width = int(self._wanted["width"])
        # Who only reads has not seen it yet. What stays after a crash goes at the next opening.
        if self._server.is_local or not self._closed.wait(GRACE_S):
            self._server.remove(self.collection, former.name)

    def drop(self) -> None:
        self._closed.set()
        with self._writing:
            self._server.withdraw(self.collection)
            for one in self._both():
                one.drop()

    def close(self) -> None:
        """The connection is the server's, and stays open."""
        self._closed.set()

    def _open(self) -> None:
        name = self._server.serving(collection=self.collection).get(self.collection, "")
        kept = self._server.made_with(self.collection, name) if name else None
        whole = fits(kept, self._wanted, self.collection)
        self.fresh = False
        others = [one for one in self._server.indexes(self.collection) if one != name]
        if whole:
            self._served = self._at(name)
            self._sweep(others)
            return
        built = self._resumed(others) or self._begun()
        self._sweep(one for one in others if one != built.name)
        if isinstance(kept, dict) and serves(kept) and self._at(name).count():
            self._served, self._built = self._at(name), built
            self._width = int(kept["width"])
            made_by = str(kept["embedder"])
            self._former = made_by if made_by != self._wanted["embedder"] else ""
            log.info("Collection %s is made anew beside the index that serves.", self.collection)
            return
        self._served = built
        self._server.serve(self.collection, built.name)
        self._sweep([name] if name else [])

    def _resumed(self, names: Sequence[str]) -> Remote | None:
        """The index that an earlier opening has begun."""
        for name in names:
            if self._server.made_with(self.collection, name) == {**self._wanted}:
                return self._at(name)
        return None

    def _begun(self) -> Remote:
        self.fresh = True
        return self._at(self._server.made(self.collection, self._wanted))

    def _sweep(self, names: Iterator[str] | Sequence[str]) -> None:
        for name in names:
            log.info("Collection %s: index %s is of no use any more.", self.collection, name)
            self._server.remove(self.collection, name)

    def _at(self, name: str) -> Remote:
        return Remote(self._server, self.collection, name)

    def _news(self, files: Files) -> Files:
        """What of these files the serving index has not, as it can hold it."""
        new = news(files, self._served.stamps(list(files)))
        if not self._former:
            return new
        former = partial(self._embedders, self._former)
        return embedded(new, self._width, former, self.collection)
