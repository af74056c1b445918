"""Files that were sent: kept apart until they are whole, then put into a folder in one step."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import uuid4

from trinax.documents.opening import SAFE, Place, entered
from trinax.errors import FolderFailed, StorageFull, TrinaxError
from trinax.ingest.naming import BadName

# In the data folder; whatever is in it when the server starts was left by one that died.
INCOMING = "incoming"
# Hidden, so never indexed.
PART = ".trinax-part-"
FULL = (errno.ENOSPC, errno.EDQUOT)
COPY_BYTES = 1 << 20

Change = Literal["added", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A whole file that is not yet where it belongs. file: its name there, sanitised."""

    file: str
    size_bytes: int
    content: Path


@dataclass(frozen=True, slots=True)
class Placed:
    file: str
    size_bytes: int
    outcome: Change


@dataclass(frozen=True, slots=True)
class Refused:
    """reason: one clause."""

    file: str
    reason: str


@contextmanager
def incoming(data_dir: Path) -> Iterator[Path]:
    """A folder for what one request sends, removed at the end whatever that is."""
    folder = data_dir / INCOMING / uuid4().hex
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(data_dir: Path) -> None:
    """Remove what a server that died has left."""
    shutil.rmtree(data_dir / INCOMING, ignore_errors=True)


def failure(exc: OSError, what: str) -> TrinaxError:
    """what: could not be done, as "The upload"."""
    if exc.errno in FULL:
        return StorageFull(what)
    return FolderFailed(what, (exc.strerror or "unknown cause").lower())


def placed(sent: Sent, folder: Path) -> Placed:
    """Put a file below a folder, in the place of one that has its name; its own folders are made.

    A reader sees the old file or the new one, whole. Raises BadName for a place that is taken by
    something else, and OSError.
    """
    above, _, name = sent.file.rpartition("/")
    try:
        with made(folder, above) as descriptor:
            _sweep(descriptor)
            change = _change(sent, name, descriptor)
            if change != "unchanged":
                _put(sent, name, descriptor)
    except OSError as exc:
        if exc.errno in (errno.ENOTDIR, errno.ELOOP):
            raise BadName("a file or a link has the name of its folder") from exc
        raise
    return Placed(sent.file, sent.size_bytes, change)


def all_placed(sent: Sequence[Sent], folder: Path) -> tuple[list[Placed], list[Refused]]:
    """Those that could be put there, and the others. Raises OSError."""
    done: list[Placed] = []
    refused: list[Refused] = []
    for one in sent:
        try:
            done.append(placed(one, folder))
        except BadName as exc:
            refused.append(Refused(one.file, exc.reason))
    return done, refused


def removed(place: Place) -> None:
    """Delete a file; one that is gone is no matter. Raises OSError."""
    above, _, name = place.path.rpartition("/")
    with suppress(FileNotFoundError), entered(place.folder, above) as descriptor:
        os.unlink(name, dir_fd=descriptor)


def synced(stream: BinaryIO) -> None:
    """Return once it is on disk."""
    stream.flush()
    os.fsync(stream.fileno())


@contextmanager
def made(folder: Path, path: str) -> Iterator[int]:
    """As entered(), making the folders that are not there."""
    descriptor = os.open(folder, SAFE | os.O_DIRECTORY)
    try:
        for part in filter(None, path.split("/")):
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=descriptor)
            inner = os.open(part, SAFE | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _change(sent: Sent, name: str, folder: int) -> Change:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return "added"
    if not stat.S_ISREG(found.st_mode):
        raise BadName("a folder, a link or a device has its name")
    if found.st_size == sent.size_bytes and _is_same(sent, name, folder):
        return "unchanged"
    return "replaced"


def _is_same(sent: Sent, name: str, folder: int) -> bool:
    with (
        os.fdopen(os.open(name, SAFE, dir_fd=folder), "rb") as there,
        sent.content.open("rb") as here,
    ):
        while part := here.read(COPY_BYTES):
            if there.read(COPY_BYTES) != part:
                return False
        return not there.read(1)


def _put(sent: Sent, name: str, folder: int) -> None:
    part = f"{PART}{uuid4().hex}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with (
            os.fdopen(os.open(part, flags, 0o666, dir_fd=folder), "wb") as copy,
            sent.content.open("rb") as content,
        ):
            shutil.copyfileobj(content, copy, COPY_BYTES)
            synced(copy)
        os.replace(part, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(part, dir_fd=folder)
        raise
    os.fsync(folder)


def _sweep(folder: int) -> None:
    """Remove what a server that died while it copied has left."""
    with os.scandir(folder) as entries:
        left = [entry.name for entry in entries if entry.name.startswith(PART)]
    for name in left:
        os.unlink(name, dir_fd=folder)
