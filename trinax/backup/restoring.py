"""A backup into a data folder: all of it is unpacked and compared first, then it counts at once."""

import errno
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import uuid4

from trinax.access import modes
from trinax.backup.contents import DATABASES, DOCUMENTS, INDEX
from trinax.backup.reading import Found, Reading
from trinax.backup.records import End, Head
from trinax.backup.switching import ARRIVED, RESTORING, occupants, settle
from trinax.documents.opening import SAFE
from trinax.errors import BadBackup, DataThere
from trinax.index.lock import FolderLock
from trinax.ingest.uploads import COPY_BYTES, PART, failure, made
from trinax.settings import Settings

Fate = Literal["added", "unchanged", "kept"]


@dataclass(frozen=True, slots=True)
class Restored:
    """added, unchanged: documents that were not there, and that were, with the same bytes. kept:
    those that are there with others, and stay so, sorted. aside: name that the data folder's
    former content has in it now, "" where there was none."""

    head: Head
    end: End
    added: int
    unchanged: int
    kept: tuple[str, ...]
    aside: str


class Restoring:
    """A restore under way; a context manager, which holds the data folder's lock.

    What is there is left as it was before place() is called, and whatever fails leaves it so.
    """

    def __init__(
        self, file: Path, settings: Settings, force: bool = False, documents: bool = True
    ) -> None:
        """force: have what is in the data folder moved aside. documents: whether those that were
        in the collections' own folders are put there again.

        Raises BadBackup, NewerData, StoreLocked where a server runs, DataThere, FolderFailed.
        """
        self._data_dir = settings.data_dir
        self._models_dir = settings.models_dir
        self._collections_dir = Path(os.path.realpath(settings.collections_dir))
        self._staged = self._data_dir / RESTORING
        self._documents = self._collections_dir / f"{PART}{uuid4().hex}" if documents else None
        self._marks: dict[str, tuple[int, int]] = {}  # time and mode of each document
        self._stack = ExitStack()
        try:
            self._reading = self._stack.enter_context(Reading(file))
            self._stack.callback(os.umask, os.umask(modes.MASK))
            self._stack.callback(FolderLock(self._data_dir).close)
            with _translated():
                settle(self._data_dir, self._models_dir)
            there = occupants(self._data_dir, self._models_dir)
            if there and not force:
                raise DataThere(there[0].name)
            self._stack.callback(self._sweep)
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def unpack(self) -> Iterator[int]:
        """Read and compare all of it, beside what is there; gives how many bytes of it are done.

        Raises BadBackup, NewerData, StorageFull, FolderFailed.
        """
        with _translated():
            for found in self._reading.parts():
                self._unpack(found)
                yield found.ends_at
            self._leave_out()
            _bring(self._staged)
            _sync_all()

    def place(self) -> Restored:
        """Have it count, after unpack(): from now on it is the data folder, whatever happens.

        Documents come first; one that is there already is never written over. Raises StorageFull
        and FolderFailed.
        """
        with _translated():
            fates = dict(self._placed())
            _sync_all()
            self._staged.rename(self._data_dir / ARRIVED)
            aside = settle(self._data_dir, self._models_dir)
        fate = list(fates.values())
        return Restored(
            self._reading.head,
            self._reading.end,
            fate.count("added"),
            fate.count("unchanged"),
            tuple(sorted(name for name, one in fates.items() if one == "kept")),
            aside,
        )

    def _unpack(self, found: Found) -> None:
        is_document = found.name.startswith(f"{DOCUMENTS}/")
        folder = self._documents if is_document else self._staged
        if folder is None:
            for _ in found.pieces:
                pass
            return
        path = folder / found.name
        if found.is_folder:
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            for offset, piece in found.pieces:
                file.seek(offset)
                file.write(piece)
            file.truncate(found.size_bytes)
        if is_document:
            self._marks[found.name] = found.mtime_ns, found.mode

    def _leave_out(self) -> None:
        """What is there of collections that were removed while the backup was written."""
        ids = {one.collection for one in self._reading.end.indexes}
        self._staged.mkdir(exist_ok=True)
        for path in (self._staged / INDEX).glob("*"):
            if path.name not in ids:
                shutil.rmtree(path)

    def _placed(self) -> Iterator[tuple[str, Fate]]:
        if self._documents is None:
            return
        for name in self._reading.end.folders:
            with suppress(FileExistsError):
                (self._collections_dir / name).mkdir(0o777, parents=True)
        for name, (mtime_ns, mode) in self._marks.items():
            staged = self._documents / name
            staged.chmod(mode)
            os.utime(staged, ns=(mtime_ns, mtime_ns))
            place = name.removeprefix(f"{DOCUMENTS}/")
            yield place, _put(staged, self._collections_dir, place)

    def _sweep(self) -> None:
        """Remove what is half done, here or by one that was killed."""
        shutil.rmtree(self._staged, ignore_errors=True)
        if self._documents is not None:
            shutil.rmtree(self._documents, ignore_errors=True)


def _put(staged: Path, folder: Path, name: str) -> Fate:
    """Raises OSError."""
    above, _, last = name.rpartition("/")
    try:
        with made(folder, above) as descriptor:
            try:
                found = os.stat(last, dir_fd=descriptor, follow_symlinks=False)
            except FileNotFoundError:
                os.rename(staged, last, dst_dir_fd=descriptor)
                return "added"
            same = stat.S_ISREG(found.st_mode) and found.st_size == staged.stat().st_size
            return "unchanged" if same and _is_same(staged, last, descriptor) else "kept"
    except OSError as exc:
        if exc.errno in (errno.ENOTDIR, errno.ELOOP):  # something else has the name of its folder
            return "kept"
        raise


def _is_same(staged: Path, name: str, folder: int) -> bool:
    with (
        os.fdopen(os.open(name, SAFE, dir_fd=folder), "rb") as there,
        staged.open("rb") as here,
    ):
        while part := here.read(COPY_BYTES):
            if there.read(COPY_BYTES) != part:
                return False
    return True


def _bring(staged: Path) -> None:
    """Databases of an older trinax become those of this one. Raises BadBackup, NewerData."""
    for schema in DATABASES:
        if not (file := staged / schema.file).exists():
            continue
        try:
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    raise BadBackup(f"{schema.file} is corrupt ({verdict})")
                schema.bring(connection)
        except sqlite3.Error as exc:
            raise BadBackup(f"{schema.file} is corrupt ({exc})") from exc


def _sync_all() -> None:
    """All at once: one by one, thousands of documents would take minutes."""
    if hasattr(os, "sync"):
        os.sync()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise failure(exc, "The restore") from exc
