"""Where the indexes of a backup come from: a data folder that a server works on, or one at rest."""

from collections.abc import Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Protocol

from trinax.backup.records import LeftOut
from trinax.errors import CollectionNotFound, StoreFailed, StoreLocked
from trinax.index import edge
from trinax.index.ledger import SCHEMA, Ledger
from trinax.index.registry import Registry
from trinax.schema import copied


@dataclass(frozen=True, slots=True)
class Copy:
    """folder: with the files of a collection's index, which nobody writes; None where they are on
    another server."""

    collection: str
    folder: Path | None


class Source(Protocol):
    def copies(self, apart: Path) -> Generator[Copy | LeftOut, None, frozenset[str]]:
        """Each collection's index, in files that are gone when the next is taken.

        apart: a folder, in which the ledger is left that belongs to them. Returns which of them
        are collections still. Raises OSError and sqlite3.Error.
        """


@dataclass(frozen=True, slots=True)
class AtRest:
    """A data folder whose lock the caller holds."""

    data_dir: Path

    def copies(self, apart: Path) -> Generator[Copy | LeftOut, None, frozenset[str]]:
        ids = edge.known(self.data_dir / "index")
        for id in ids:
            yield Copy(id, self.data_dir / "index" / id)
        if (ledger := self.data_dir / SCHEMA.file).exists():
            copied(ledger, apart / SCHEMA.file)
        return frozenset(ids)


@dataclass(frozen=True, slots=True)
class InUse:
    """A data folder that this process works on. looking: held by whoever changes which collections
    there are."""

    data_dir: Path
    registry: Registry
    ledger: Ledger
    looking: AbstractContextManager[object]

    def copies(self, apart: Path) -> Generator[Copy | LeftOut, None, frozenset[str]]:
        """A collection's rows are read while nothing is written to its store, and a file's chunks
        are written before its row and removed after it. So no row claims a chunk that the copy
        has not; of one batch at most there are chunks without a row, which are read again.
        """
        rows = Ledger(apart / "rows.sqlite")
        try:
            seen: set[str] = set()
            while new := self._new(seen, apart):
                for id in new:
                    yield self._copy(id, apart / id, rows)
                    rmtree(apart / id, ignore_errors=True)
                seen |= {*new}
            ids = frozenset(self.registry.ids())
            self._correct(apart, rows, seen & ids)
            return ids
        finally:
            rows.close()

    def _new(self, seen: set[str], apart: Path) -> list[str]:
        """Collections that were not seen yet; if there are none the ledger is copied."""
        with self.looking:
            if new := [id for id in self.registry.ids() if id not in seen]:
                return new
            copied(self.data_dir / SCHEMA.file, apart / SCHEMA.file)
        return []

    def _copy(self, id: str, folder: Path, rows: Ledger) -> Copy | LeftOut:
        try:
            store = self.registry.get(id)
            with store.copied(folder) as is_here:
                rows.put(id, self.ledger.rows(id).values())
        except CollectionNotFound:
            return LeftOut(id, "it was removed meanwhile")
        except (StoreFailed, StoreLocked) as exc:
            return LeftOut(id, str(exc))
        return Copy(id, folder if is_here else None)

    def _correct(self, apart: Path, rows: Ledger, ids: set[str]) -> None:
        """Have the copied ledger say what its collections were when each was copied."""
        ledger = Ledger(apart / SCHEMA.file)
        try:
            for id in ids:
                ledger.clear(id)
                ledger.put(id, rows.rows(id).values())
        finally:
            ledger.close()
